/* SPDX-License-Identifier: Apache-2.0
 * Loads position-independent ELF objects: sections are laid out in one mapping,
 * references between them resolved, and the few C functions that code generators call by
 * name reached through stubs. Objects may come from a cache file, so every field is
 * checked. */
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

struct loader {
   const uint8_t *elf;
   size_t n;
   const Elf64_Ehdr *eh;
   const Elf64_Shdr *sh;
   uint64_t *place; /* by section: offset in the mapping, UINT64_MAX when not loaded */
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
bytes_at(const struct loader *l, uint64_t off, uint64_t size)
{
   return off <= l->n && size <= l->n - off ? l->elf + off : NULL;
}

static bool
read_headers(struct loader *l)
{
   l->eh = bytes_at(l, 0, sizeof *l->eh);
   if (!l->eh || memcmp(l->eh->e_ident, ELFMAG, SELFMAG) || l->eh->e_type != ET_REL ||
       l->eh->e_machine != HOST_MACHINE || l->eh->e_shentsize != sizeof *l->sh ||
       l->eh->e_shoff % 8)
      return fail(l, "not an ELF object of this machine");
   l->sh = bytes_at(l, l->eh->e_shoff, (uint64_t)l->eh->e_shnum * sizeof *l->sh);
   if (!l->sh)
      return fail(l, "section headers lie outside the file");
   for (unsigned i = 0; i < l->eh->e_shnum; i++)
      if (l->sh[i].sh_type != SHT_NOBITS &&
          !bytes_at(l, l->sh[i].sh_offset, l->sh[i].sh_size))
         return fail(l, "a section lies outside the file");
   return true;
}

#define STUB_BYTES 16

static bool
lay_out(struct loader *l)
{
   uint64_t at = 0;
   size_t relocs = 0;
   for (unsigned i = 0; i < l->eh->e_shnum; i++) {
      const Elf64_Shdr *s = &l->sh[i];
      l->place[i] = UINT64_MAX;
      if (s->sh_type == SHT_RELA)
         relocs += s->sh_size / sizeof(Elf64_Rela);
      if (!(s->sh_flags & SHF_ALLOC) || s->sh_size > ((uint64_t)1 << 30))
         continue;
      uint64_t align = MIN2(MAX2(s->sh_addralign, (uint64_t)64), (uint64_t)4096);
      at = ALIGN_UP(at, align);
      l->place[i] = at;
      at += s->sh_size;
   }
   l->stub_at = ALIGN_UP(at, (uint64_t)64);
   l->stub_end = l->stub_at + relocs * STUB_BYTES;
   l->size = ALIGN_UP(l->stub_end + 1, (size_t)sysconf(_SC_PAGESIZE));
   l->base =
      mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   if (l->base == MAP_FAILED) {
      l->base = NULL;
      return fail(l, "no memory for it");
   }
   for (unsigned i = 0; i < l->eh->e_shnum; i++)
      if (l->place[i] != UINT64_MAX && l->sh[i].sh_type != SHT_NOBITS)
         memcpy(l->base + l->place[i], l->elf + l->sh[i].sh_offset, l->sh[i].sh_size);
   return true;
}

/* What LLVM may call although nobody wrote it. */
static uint64_t
library_function(const char *name)
{
   static const struct {
      const char *name;
      void (*fn)(void);
   } known[] = {
#define KNOWN(f) {#f, (void (*)(void))f}
      KNOWN(memcpy), KNOWN(memset), KNOWN(memmove),   KNOWN(fma),        KNOWN(fmaf),
      KNOWN(floorf), KNOWN(floor),  KNOWN(ceilf),     KNOWN(ceil),       KNOWN(truncf),
      KNOWN(trunc),  KNOWN(rintf),  KNOWN(rint),      KNOWN(sqrtf),      KNOWN(sqrt),
      KNOWN(fmodf),  KNOWN(fmod),   KNOWN(roundeven), KNOWN(roundevenf),
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
symbols_of(struct loader *l, unsigned section, struct symbols *out)
{
   if (section >= l->eh->e_shnum || l->sh[section].sh_type != SHT_SYMTAB ||
       l->sh[section].sh_offset % 8)
      return fail(l, "no symbol table");
   const Elf64_Shdr *s = &l->sh[section];
   if (s->sh_link >= l->eh->e_shnum || l->sh[s->sh_link].sh_type != SHT_STRTAB)
      return fail(l, "no symbol names");
   const Elf64_Shdr *str = &l->sh[s->sh_link];
   out->sym = (const Elf64_Sym *)(l->elf + s->sh_offset);
   out->count = s->sh_size / sizeof *out->sym;
   out->names = (const char *)l->elf + str->sh_offset;
   out->names_size = str->sh_size;
   if (!str->sh_size || out->names[str->sh_size - 1])
      return fail(l, "symbol names are not terminated");
   return true;
}

static bool
symbol_address(struct loader *l, const struct symbols *t, uint64_t k, uint64_t *out)
{
   if (k >= t->count || t->sym[k].st_name >= t->names_size)
      return fail(l, "a reference to no symbol");
   const Elf64_Sym *s = &t->sym[k];
   if (s->st_shndx == SHN_UNDEF) {
      uint64_t fn = library_function(t->names + s->st_name);
      *out = fn ? make_stub(l, fn) : 0;
      return *out || fail(l, t->names[s->st_name] ? t->names + s->st_name
                                                  : "a reference to nothing");
   }
   if (s->st_shndx >= l->eh->e_shnum || l->place[s->st_shndx] == UINT64_MAX ||
       s->st_value > l->sh[s->st_shndx].sh_size)
      return fail(l, "a symbol in no section");
   *out = (uint64_t)(uintptr_t)(l->base + l->place[s->st_shndx] + s->st_value);
   return true;
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
relocate_section(struct loader *l, const Elf64_Shdr *r)
{
   if (r->sh_info >= l->eh->e_shnum || l->place[r->sh_info] == UINT64_MAX)
      return true; /* debug information and the like */
   if (r->sh_offset % 8)
      return fail(l, "references lie askew");
   struct symbols t;
   if (!symbols_of(l, r->sh_link, &t))
      return false;
   const Elf64_Rela *rela = (const Elf64_Rela *)(l->elf + r->sh_offset);
   const Elf64_Shdr *to = &l->sh[r->sh_info];
   for (uint64_t k = 0; k < r->sh_size / sizeof *rela; k++) {
      uint64_t s;
      uint64_t bytes = reference_bytes(ELF64_R_TYPE(rela[k].r_info));
      if (rela[k].r_offset > to->sh_size || to->sh_size - rela[k].r_offset < bytes)
         return fail(l, "a reference outside its section");
      if (!symbol_address(l, &t, ELF64_R_SYM(rela[k].r_info), &s) ||
          !relocate(l, ELF64_R_TYPE(rela[k].r_info),
                    l->base + l->place[r->sh_info] + rela[k].r_offset, s,
                    rela[k].r_addend))
         return false;
   }
   return true;
}

static bool
is_function(const struct loader *l, const struct symbols *t, const Elf64_Sym *s,
            const char *name)
{
   if (s->st_name >= t->names_size || strcmp(t->names + s->st_name, name) ||
       s->st_shndx == SHN_UNDEF || s->st_shndx >= l->eh->e_shnum)
      return false;
   const Elf64_Shdr *sh = &l->sh[s->st_shndx];
   return (sh->sh_flags & SHF_EXECINSTR) && s->st_value < sh->sh_size;
}

/* The address of a function; 0 when there is none. */
static uint64_t
find_function(struct loader *l, const char *name)
{
   for (unsigned i = 0; i < l->eh->e_shnum; i++) {
      struct symbols t;
      if (l->sh[i].sh_type != SHT_SYMTAB)
         continue;
      if (!symbols_of(l, i, &t))
         return 0;
      for (uint64_t k = 0; k < t.count; k++) {
         uint64_t at;
         if (is_function(l, &t, &t.sym[k], name))
            return symbol_address(l, &t, k, &at) ? at : 0;
      }
   }
   return 0;
}

struct loaded_code *
code_load(const uint8_t *elf, size_t n, struct diag *d)
{
   struct loader l = {.elf = elf, .n = n, .d = d};
   uint64_t entry = 0, takes = 0;
   if (read_headers(&l)) {
      l.place = base_calloc(l.eh->e_shnum, sizeof *l.place);
      bool ok = lay_out(&l);
      for (unsigned i = 0; ok && i < l.eh->e_shnum; i++)
         if (l.sh[i].sh_type == SHT_RELA)
            ok = relocate_section(&l, &l.sh[i]);
      size_t errors = d->errors;
      takes = ok ? find_function(&l, "kasuri_takes") : 0;
      entry = ok && d->errors == errors ? find_function(&l, "kasuri_kernel") : 0;
      if (ok && !entry && d->errors == errors)
         fail(&l, "it has no entry");
   }
   base_free(l.place);
   if (entry && mprotect(l.base, l.size, PROT_READ | PROT_EXEC)) {
      fail(&l, "memory cannot be made executable");
      entry = 0;
   }
   if (!entry) {
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
