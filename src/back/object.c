/* SPDX-License-Identifier: Apache-2.0
 * Loads position-independent ELF objects, one or several that follow each other: sections
 * are laid out in one mapping, references between them resolved, and the few C functions
 * that code generators call by name reached through stubs. Objects may come from a cache
 * file, so every field is checked. */
#include <elf.h>
#include <math.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "back/object.h"

#if defined(__x86_64__)
#define HOST_MACHINE EM_X86_64
#else
#define HOST_MACHINE EM_AARCH64
#endif

struct loaded_code {
   uint8_t *base;
   size_t size;
   exec_entry_fn *entry;
   exec_takes_fn *takes;
};

/* One object of several. */
struct part {
   const uint8_t *elf;
   size_t n;
   const Elf64_Ehdr *eh;
   const Elf64_Shdr *sh;
   uint64_t *place; /* by section: offset in the mapping, UINT64_MAX when not loaded */
};

struct loader {
   VEC(struct part) parts;
   uint8_t *base;
   size_t size, stub_at, stub_end;
   struct diag *d;
};

static bool
fail(struct loader *l, const char *what)
{
   struct src_loc none = {0};
   diag_error(l->d, none, "object-load", "machine code cannot be loaded: %s", what);
   return false;
}

static const void *
bytes_at(const struct part *o, uint64_t off, uint64_t size)
{
   return off <= o->n && size <= o->n - off ? o->elf + off : NULL;
}

/* The object that begins at elf, of at most n bytes; o->n becomes what it takes. */
static bool
read_part(struct loader *l, struct part *o, const uint8_t *elf, size_t n)
{
   *o = (struct part){.elf = elf, .n = n};
   o->eh = bytes_at(o, 0, sizeof *o->eh);
   if (!o->eh || memcmp(o->eh->e_ident, ELFMAG, SELFMAG) || o->eh->e_type != ET_REL ||
       o->eh->e_machine != HOST_MACHINE || o->eh->e_shentsize != sizeof *o->sh ||
       o->eh->e_shoff % 8)
      return fail(l, "not an ELF object of this machine");
   uint64_t table = (uint64_t)o->eh->e_shnum * sizeof *o->sh;
   uint64_t end = o->eh->e_shoff + table;
   o->sh = bytes_at(o, o->eh->e_shoff, table);
   if (!o->sh)
      return fail(l, "section headers lie outside the file");
   for (unsigned i = 0; i < o->eh->e_shnum; i++) {
      const Elf64_Shdr *s = &o->sh[i];
      if (s->sh_type == SHT_NOBITS)
         continue;
      if (!bytes_at(o, s->sh_offset, s->sh_size))
         return fail(l, "a section lies outside the file");
      end = MAX2(end, s->sh_offset + s->sh_size);
   }
   o->n = end;
   return true;
}

static bool
read_parts(struct loader *l, const uint8_t *elf, size_t n)
{
   for (size_t at = 0; at < n || !at;) {
      struct part o;
      if (!read_part(l, &o, elf + at, n - at))
         return false;
      at = ALIGN_UP(at + o.n, (size_t)8);
      o.place = base_calloc(o.eh->e_shnum, sizeof *o.place);
      vec_push(&l->parts, o);
   }
   return true;
}

#define STUB_BYTES 16

/* Gives the sections their places from offset `at` on, and says where they end. */
static uint64_t
place_sections(struct part *o, uint64_t at, size_t *relocs)
{
   for (unsigned i = 0; i < o->eh->e_shnum; i++) {
      const Elf64_Shdr *s = &o->sh[i];
      o->place[i] = UINT64_MAX;
      if (s->sh_type == SHT_RELA)
         *relocs += s->sh_size / sizeof(Elf64_Rela);
      if (!(s->sh_flags & SHF_ALLOC) || s->sh_size > ((uint64_t)1 << 30))
         continue;
      uint64_t align = MIN2(MAX2(s->sh_addralign, (uint64_t)64), (uint64_t)4096);
      at = ALIGN_UP(at, align);
      o->place[i] = at;
      at += s->sh_size;
   }
   return at;
}

static void
copy_sections(struct loader *l, const struct part *o)
{
   for (unsigned i = 0; i < o->eh->e_shnum; i++)
      if (o->place[i] != UINT64_MAX && o->sh[i].sh_type != SHT_NOBITS)
         memcpy(l->base + o->place[i], o->elf + o->sh[i].sh_offset, o->sh[i].sh_size);
}

static bool
lay_out(struct loader *l)
{
   uint64_t at = 0;
   size_t relocs = 0;
   for (size_t k = 0; k < l->parts.len; k++)
      at = place_sections(&l->parts.data[k], at, &relocs);
   l->stub_at = ALIGN_UP(at, (uint64_t)64);
   l->stub_end = l->stub_at + relocs * STUB_BYTES;
   l->size = ALIGN_UP(l->stub_end + 1, (size_t)sysconf(_SC_PAGESIZE));
   l->base =
      mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   if (l->base == MAP_FAILED) {
      l->base = NULL;
      return fail(l, "no memory for it");
   }
   for (size_t k = 0; k < l->parts.len; k++)
      copy_sections(l, &l->parts.data[k]);
   return true;
}

/* Conversions of halves where the processor that code is for has none. */
#if defined(__x86_64__) && defined(__FLT16_MAX__)
__extension__ typedef _Float16 half;

static float
half_to_float(half x)
{
   return (float)x;
}

static half
float_to_half(float x)
{
   return (half)x;
}

static half
double_to_half(double x)
{
   return (half)x;
}
#define HALVES                                                                           \
   {"__extendhfsf2", (void (*)(void))half_to_float},                                     \
      {"__truncsfhf2", (void (*)(void))float_to_half},                                   \
      {"__truncdfhf2", (void (*)(void))double_to_half},
#else
#define HALVES
#endif

/* What LLVM may call although nobody wrote it. */
static uint64_t
library_function(const char *name)
{
   static const struct {
      const char *name;
      void (*fn)(void);
   } known[] = {
      HALVES
#define KNOWN(f) {#f, (void (*)(void))f}
         KNOWN(memcpy),
      KNOWN(memset),
      KNOWN(memmove),
      KNOWN(fma),
      KNOWN(fmaf),
      KNOWN(floorf),
      KNOWN(floor),
      KNOWN(ceilf),
      KNOWN(ceil),
      KNOWN(truncf),
      KNOWN(trunc),
      KNOWN(rintf),
      KNOWN(rint),
      KNOWN(sqrtf),
      KNOWN(sqrt),
      KNOWN(fmodf),
      KNOWN(fmod),
      KNOWN(roundeven),
      KNOWN(roundevenf),
#undef KNOWN
   };
   for (size_t i = 0; i < ARRAY_LEN(known); i++)
      if (!strcmp(known[i].name, name))
         return (uint64_t)(uintptr_t)known[i].fn;
   return 0;
}

static uint64_t
make_stub(struct loader *l, uint64_t target)
{
   if (l->stub_at + STUB_BYTES > l->stub_end)
      return 0;
   uint8_t *p = l->base + l->stub_at;
   l->stub_at += STUB_BYTES;
#if defined(__x86_64__)
   static const uint8_t jump[] = {0xff, 0x25, 0, 0, 0, 0}; /* jmp *0(%rip) */
   memcpy(p, jump, sizeof jump);
   memcpy(p + 6, &target, 8);
#else
   static const uint32_t jump[] = {0x58000050, 0xd61f0200}; /* ldr x16, +8; br x16 */
   memcpy(p, jump, sizeof jump);
   memcpy(p + 8, &target, 8);
#endif
   return (uint64_t)(uintptr_t)p;
}

struct symbols {
   const Elf64_Sym *sym;
   uint64_t count;
   const char *names;
   uint64_t names_size;
};

static bool
symbols_of(struct loader *l, const struct part *o, unsigned section, struct symbols *out)
{
   if (section >= o->eh->e_shnum || o->sh[section].sh_type != SHT_SYMTAB ||
       o->sh[section].sh_offset % 8)
      return fail(l, "no symbol table");
   const Elf64_Shdr *s = &o->sh[section];
   if (s->sh_link >= o->eh->e_shnum || o->sh[s->sh_link].sh_type != SHT_STRTAB)
      return fail(l, "no symbol names");
   const Elf64_Shdr *str = &o->sh[s->sh_link];
   out->sym = (const Elf64_Sym *)(o->elf + s->sh_offset);
   out->count = s->sh_size / sizeof *out->sym;
   out->names = (const char *)o->elf + str->sh_offset;
   out->names_size = str->sh_size;
   if (!str->sh_size || out->names[str->sh_size - 1])
      return fail(l, "symbol names are not terminated");
   return true;
}

/* Where a symbol that o defines lies; 0: in no section that is loaded. */
static uint64_t
place_of(const struct loader *l, const struct part *o, const Elf64_Sym *s)
{
   if (s->st_shndx >= o->eh->e_shnum || o->place[s->st_shndx] == UINT64_MAX ||
       s->st_value > o->sh[s->st_shndx].sh_size)
      return 0;
   return (uint64_t)(uintptr_t)(l->base + o->place[s->st_shndx] + s->st_value);
}

/* A function of any of the objects, by its name; 0: there is none. */
static uint64_t
find_function(struct loader *l, const char *name)
{
   for (size_t p = 0; p < l->parts.len; p++) {
      const struct part *o = &l->parts.data[p];
      for (unsigned i = 0; i < o->eh->e_shnum; i++) {
         struct symbols t;
         if (o->sh[i].sh_type != SHT_SYMTAB || !symbols_of(l, o, i, &t))
            continue;
         for (uint64_t k = 0; k < t.count; k++) {
            const Elf64_Sym *s = &t.sym[k];
            if (s->st_shndx != SHN_UNDEF && s->st_shndx < o->eh->e_shnum &&
                ELF64_ST_BIND(s->st_info) != STB_LOCAL && s->st_name < t.names_size &&
                !strcmp(t.names + s->st_name, name) &&
                (o->sh[s->st_shndx].sh_flags & SHF_EXECINSTR) &&
                s->st_value < o->sh[s->st_shndx].sh_size)
               return place_of(l, o, s);
         }
      }
   }
   return 0;
}

static bool
symbol_address(struct loader *l, const struct part *o, const struct symbols *t,
               uint64_t k, uint64_t *out)
{
   if (k >= t->count || t->sym[k].st_name >= t->names_size)
      return fail(l, "a reference to no symbol");
   const Elf64_Sym *s = &t->sym[k];
   const char *name = t->names + s->st_name;
   if (s->st_shndx != SHN_UNDEF) {
      *out = place_of(l, o, s);
      return *out || fail(l, "a symbol in no section");
   }
   *out = find_function(l, name);
   if (*out)
      return true;
   uint64_t fn = library_function(name);
   *out = fn ? make_stub(l, fn) : 0;
   return *out || fail(l, *name ? name : "a reference to nothing");
}

static bool
put32(struct loader *l, uint8_t *p, int64_t v)
{
   int32_t x = (int32_t)v;
   if (x != v)
      return fail(l, "a reference is out of range");
   memcpy(p, &x, 4);
   return true;
}

#if defined(__aarch64__)
static void
put_bits(uint8_t *p, uint32_t mask, uint32_t bits)
{
   uint32_t w;
   memcpy(&w, p, 4);
   w = (w & ~mask) | (bits & mask);
   memcpy(p, &w, 4);
}
#endif

/* An addend may be anything: no overflow of signed numbers. */
static int64_t
distance(int64_t to, int64_t from)
{
   return (int64_t)((uint64_t)to - (uint64_t)from);
}

static bool
relocate(struct loader *l, unsigned type, uint8_t *p, uint64_t s, int64_t a)
{
   int64_t at = (int64_t)(uintptr_t)p, v = (int64_t)(s + (uint64_t)a);
   switch (type) {
#if defined(__x86_64__)
   case R_X86_64_64:
      memcpy(p, &v, 8);
      return true;
   case R_X86_64_PC32:
   case R_X86_64_PLT32:
      return put32(l, p, distance(v, at));
   case R_X86_64_PC64:
      v = distance(v, at);
      memcpy(p, &v, 8);
      return true;
#elif defined(__aarch64__)
   case R_AARCH64_ABS64:
      memcpy(p, &v, 8);
      return true;
   case R_AARCH64_PREL32:
      return put32(l, p, distance(v, at));
   case R_AARCH64_CALL26:
   case R_AARCH64_JUMP26:
      put_bits(p, 0x03ffffff, (uint32_t)(distance(v, at) >> 2));
      return true;
   case R_AARCH64_ADR_PREL_PG_HI21: {
      uint32_t page = (uint32_t)(((v & ~4095ll) - (at & ~4095ll)) >> 12);
      put_bits(p, 0x60ffffe0, (page & 3) << 29 | (page >> 2 & 0x7ffff) << 5);
      return true;
   }
   case R_AARCH64_ADD_ABS_LO12_NC:
   case R_AARCH64_LDST8_ABS_LO12_NC:
      put_bits(p, 0x3ffc00, (uint32_t)(v & 0xfff) << 10);
      return true;
   case R_AARCH64_LDST16_ABS_LO12_NC:
      put_bits(p, 0x3ffc00, (uint32_t)(v & 0xfff) >> 1 << 10);
      return true;
   case R_AARCH64_LDST32_ABS_LO12_NC:
      put_bits(p, 0x3ffc00, (uint32_t)(v & 0xfff) >> 2 << 10);
      return true;
   case R_AARCH64_LDST64_ABS_LO12_NC:
      put_bits(p, 0x3ffc00, (uint32_t)(v & 0xfff) >> 3 << 10);
      return true;
   case R_AARCH64_LDST128_ABS_LO12_NC:
      put_bits(p, 0x3ffc00, (uint32_t)(v & 0xfff) >> 4 << 10);
      return true;
#endif
   default:
      return fail(l, "an unknown kind of reference");
   }
}

/* What relocate() writes. */
static unsigned
reference_bytes(unsigned type)
{
#if defined(__x86_64__)
   return type == R_X86_64_64 || type == R_X86_64_PC64 ? 8 : 4;
#else
   return type == R_AARCH64_ABS64 ? 8 : 4;
#endif
}

static bool
relocate_section(struct loader *l, const struct part *o, const Elf64_Shdr *r)
{
   if (r->sh_info >= o->eh->e_shnum || o->place[r->sh_info] == UINT64_MAX)
      return true; /* debug information and the like */
   if (r->sh_offset % 8)
      return fail(l, "references lie askew");
   struct symbols t;
   if (!symbols_of(l, o, r->sh_link, &t))
      return false;
   const Elf64_Rela *rela = (const Elf64_Rela *)(o->elf + r->sh_offset);
   const Elf64_Shdr *to = &o->sh[r->sh_info];
   for (uint64_t k = 0; k < r->sh_size / sizeof *rela; k++) {
      uint64_t s;
      uint64_t bytes = reference_bytes(ELF64_R_TYPE(rela[k].r_info));
      if (rela[k].r_offset > to->sh_size || to->sh_size - rela[k].r_offset < bytes)
         return fail(l, "a reference outside its section");
      if (!symbol_address(l, o, &t, ELF64_R_SYM(rela[k].r_info), &s) ||
          !relocate(l, ELF64_R_TYPE(rela[k].r_info),
                    l->base + o->place[r->sh_info] + rela[k].r_offset, s,
                    rela[k].r_addend))
         return false;
   }
   return true;
}

static bool
relocate_all(struct loader *l)
{
   for (size_t p = 0; p < l->parts.len; p++) {
      const struct part *o = &l->parts.data[p];
      for (unsigned i = 0; i < o->eh->e_shnum; i++)
         if (o->sh[i].sh_type == SHT_RELA && !relocate_section(l, o, &o->sh[i]))
            return false;
   }
   return true;
}

static bool
load(struct loader *l, const uint8_t *elf, size_t n, uint64_t *entry, uint64_t *takes)
{
   size_t errors = l->d->errors;
   if (!read_parts(l, elf, n) || !lay_out(l) || !relocate_all(l))
      return false;
   *takes = find_function(l, "kasuri_takes");
   *entry = find_function(l, "kasuri_kernel");
   if (l->d->errors != errors)
      return false;
   if (!*entry)
      return fail(l, "it has no entry");
   if (mprotect(l->base, l->size, PROT_READ | PROT_EXEC))
      return fail(l, "memory cannot be made executable");
   return true;
}

struct loaded_code *
code_load(const uint8_t *elf, size_t n, struct diag *d)
{
   struct loader l = {.d = d};
   uint64_t entry = 0, takes = 0;
   bool ok = load(&l, elf, n, &entry, &takes);
   for (size_t p = 0; p < l.parts.len; p++)
      base_free(l.parts.data[p].place);
   vec_finish(&l.parts);
   if (!ok) {
      if (l.base)
         munmap(l.base, l.size);
      return NULL;
   }
   __builtin___clear_cache((char *)l.base, (char *)l.base + l.size);
   struct loaded_code *c = base_alloc(sizeof *c);
   *c = (struct loaded_code){l.base, l.size, (exec_entry_fn *)(uintptr_t)entry,
                             (exec_takes_fn *)(uintptr_t)takes};
   return c;
}

exec_entry_fn *
code_entry(const struct loaded_code *c)
{
   return c->entry;
}

exec_takes_fn *
code_takes(const struct loaded_code *c)
{
   return c->takes;
}

void
code_unload(struct loaded_code *c)
{
   if (!c)
      return;
   munmap(c->base, c->size);
   base_free(c);
}

void
back_object_finish(struct back_object *o)
{
   for (uint32_t i = 0; i < o->nsyms; i++)
      base_free(o->syms[i]);
   base_free(o->syms);
   base_free(o->elf);
   memset(o, 0, sizeof *o);
}
