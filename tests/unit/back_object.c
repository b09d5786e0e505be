/* SPDX-License-Identifier: Apache-2.0
 * The loader of machine code and its cache, under files that are damaged, hostile, absent
 * or written by two processes at once. Only whole objects are ever run. */
#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "back/object.h"
#include "check.h"

static uint64_t seed = 1;

static uint32_t
rnd(uint32_t n)
{
   seed = seed * 6364136223846793005ull + 1442695040888963407ull;
   return (uint32_t)(seed >> 33) % n;
}

/* -- A small object: a function that stores a constant of its own .rodata to its
 * argument, by a reference between sections (x86-64), or just returns (elsewhere). */
enum { S_NULL, S_TEXT, S_RODATA, S_SYM, S_STR, S_RELA, S_COUNT };

#define ANSWER 0x1122334455667788ull

struct file {
   Elf64_Ehdr head;
   uint8_t text[16];
   uint64_t rodata;
   Elf64_Sym sym[4];
   char str[40];
   Elf64_Rela rela[2];
   Elf64_Shdr sh[S_COUNT];
};

static void
set_section(struct file *f, unsigned k, uint32_t type, uint64_t flags, const void *at,
            uint64_t size)
{
   f->sh[k] = (Elf64_Shdr){.sh_type = type,
                           .sh_flags = flags,
                           .sh_offset = at ? (uint64_t)((const char *)at - (char *)f) : 0,
                           .sh_size = size,
                           .sh_addralign = 16};
}

static void
make_file(struct file *f)
{
   memset(f, 0, sizeof *f);
   memcpy(f->head.e_ident, ELFMAG, SELFMAG);
   f->head.e_type = ET_REL;
   f->head.e_shoff = offsetof(struct file, sh);
   f->head.e_shentsize = sizeof(Elf64_Shdr);
   f->head.e_shnum = S_COUNT;
   f->rodata = ANSWER;
   memcpy(f->str, "\0kasuri_kernel\0answer\0memcpy\0", 30);
   f->sym[1] = (Elf64_Sym){
      .st_name = 1, .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), .st_shndx = S_TEXT};
   f->sym[2] = (Elf64_Sym){.st_name = 15, .st_shndx = S_RODATA};
   f->sym[3] = (Elf64_Sym){.st_name = 22, .st_shndx = SHN_UNDEF};
   uint64_t relas = 0;
#if defined(__x86_64__)
   f->head.e_machine = EM_X86_64;
   /* mov answer(%rip), %rax; mov %rax, (%rdi); ret */
   memcpy(f->text, "\x48\x8b\x05\0\0\0\0\x48\x89\x07\xc3", 11);
   f->rela[0] = (Elf64_Rela){3, ELF64_R_INFO(2, R_X86_64_PC32), -4};
   f->rela[1] = (Elf64_Rela){12, ELF64_R_INFO(3, R_X86_64_PLT32), -4};
   relas = 2;
#else
   f->head.e_machine = EM_AARCH64;
   memcpy(f->text, "\xc0\x03\x5f\xd6", 4); /* ret */
#endif
   set_section(f, S_TEXT, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, f->text, 16);
   set_section(f, S_RODATA, SHT_PROGBITS, SHF_ALLOC, &f->rodata, 8);
   set_section(f, S_SYM, SHT_SYMTAB, 0, f->sym, sizeof f->sym);
   set_section(f, S_STR, SHT_STRTAB, 0, f->str, sizeof f->str);
   set_section(f, S_RELA, SHT_RELA, 0, f->rela, relas * sizeof f->rela[0]);
   f->sh[S_SYM].sh_link = S_STR;
   f->sh[S_RELA].sh_link = S_SYM;
   f->sh[S_RELA].sh_info = S_TEXT;
}

/* Loaded from memory of exactly its size, so that a sanitizer sees every byte too far. */
static bool
loads(const void *elf, size_t n, bool run)
{
   struct diag d;
   diag_init(&d);
   uint8_t *copy = base_alloc(n ? n : 1);
   memcpy(copy, elf, n);
   struct loaded_code *c = code_load(copy, n, &d);
   CHECK((c != NULL) == (d.errors == 0));
   if (c && run) {
      uint64_t got[64] = {0};
      code_entry(c)((struct exec_ctx *)got);
#if defined(__x86_64__)
      CHECK_EQ_U64(got[0], ANSWER);
#endif
   }
   code_unload(c);
   base_free(copy);
   diag_finish(&d);
   return c != NULL;
}

static void
test_loader(void)
{
   struct file f;
   make_file(&f);
   CHECK(loads(&f, sizeof f, true));
   for (size_t n = 0; n < sizeof f; n++)
      CHECK(!loads(&f, n, false));
}

/* Two objects, of which the first goes on in a function of the second. */
static void
test_two_objects(void)
{
   struct file f[2];
   make_file(&f[0]);
   make_file(&f[1]);
   memcpy(f[0].str + 22, "others", 6);
   memcpy(f[1].str + 1, "others", 7);
#if defined(__x86_64__)
   memcpy(f[0].text, "\xe9\0\0\0\0", 5); /* jmp others */
   f[0].rela[0] = (Elf64_Rela){1, ELF64_R_INFO(3, R_X86_64_PLT32), -4};
#endif
   CHECK(loads(f, sizeof f, true));
   CHECK(!loads(&f[1], sizeof f[1], false)); /* no entry */
#if defined(__x86_64__)
   CHECK(!loads(&f[0], sizeof f[0], false));
   f[1].sym[1].st_info = ELF64_ST_INFO(STB_LOCAL, STT_FUNC);
   CHECK(!loads(f, sizeof f, false));
#endif
}

#define REJECTS(change)                                                                  \
   do {                                                                                  \
      make_file(&f);                                                                     \
      change;                                                                            \
      CHECK(!loads(&f, sizeof f, false));                                                \
   } while (0)

static void
test_hostile(void)
{
   struct file f;
   REJECTS(f.head.e_ident[0] = 0);
   REJECTS(f.head.e_type = ET_EXEC);
   REJECTS(f.head.e_machine = EM_SPARC);
   REJECTS(f.head.e_shoff = ~0ull);
   REJECTS(f.head.e_shoff += 4);
   REJECTS(f.head.e_shnum = 0xffff);
   REJECTS(f.head.e_shnum = 0);
   REJECTS(f.sh[S_TEXT].sh_offset = ~0ull - 8);
   REJECTS(f.sh[S_TEXT].sh_size = ~0ull);
   REJECTS(f.sh[S_TEXT].sh_flags = 0);
   REJECTS(f.sh[S_TEXT].sh_flags = SHF_ALLOC);
   REJECTS(f.sh[S_SYM].sh_type = SHT_PROGBITS);
   REJECTS(f.sh[S_SYM].sh_link = 77);
   REJECTS(f.sh[S_SYM].sh_offset += 4);
   REJECTS(f.sh[S_STR].sh_size = 0);
   REJECTS(f.sh[S_STR].sh_size = 5);
   /* A section without bytes in the file may lie anywhere: names must not be read. */
   REJECTS(f.sh[S_STR].sh_type = SHT_NOBITS; f.sh[S_STR].sh_offset = 1ull << 40);
   REJECTS(f.sym[1].st_name = 1u << 30);
   REJECTS(f.sym[1].st_value = 1u << 20);
   REJECTS(f.sym[1].st_value = 16);
   REJECTS(f.sym[1].st_shndx = S_STR);
   REJECTS(f.sym[1].st_shndx = SHN_ABS);
#if defined(__x86_64__)
   REJECTS(f.sh[S_RELA].sh_link = S_STR);
   REJECTS(f.sh[S_RELA].sh_offset += 4);
   REJECTS(f.rela[0].r_offset = 13);
   REJECTS(f.rela[0].r_offset = ~0ull);
   REJECTS(f.rela[0].r_info = ELF64_R_INFO(2, 99));
   REJECTS(f.rela[0].r_info = ELF64_R_INFO(99, R_X86_64_PC32));
   REJECTS(f.rela[0].r_info = ELF64_R_INFO(0, R_X86_64_PC32));
   REJECTS(f.rela[0].r_addend = INT64_MAX);
   REJECTS(f.rela[0].r_addend = INT64_MIN);
   REJECTS(memcpy(f.str + 22, "system", 6));
   /* Eight bytes do not fit where four do. */
   REJECTS(f.rela[0].r_offset = 12; f.rela[0].r_info = ELF64_R_INFO(2, R_X86_64_64));
#endif
}

/* Whatever the bytes are, loading ends in code or in an error. */
static void
test_mutations(void)
{
   for (unsigned round = 0; round < 20000; round++) {
      struct file f;
      make_file(&f);
      uint8_t *p = (uint8_t *)&f;
      for (unsigned k = rnd(6); k + 1 > 0; k--) {
         /* Headers and tables are where it matters. */
         size_t at = rnd(2) ? offsetof(struct file, sym) +
                                 rnd(sizeof f - offsetof(struct file, sym))
                            : rnd(sizeof f);
         switch (rnd(3)) {
         case 0:
            p[at] = (uint8_t)rnd(256);
            break;
         case 1:
            p[at] ^= (uint8_t)(1u << rnd(8));
            break;
         default:
            p[at] = rnd(2) ? 0xff : 0;
            break;
         }
         if (!k)
            break;
      }
      loads(&f, sizeof f, false);
   }
}

/* -- The cache. */
static char folder[64];

static struct back_object
make_object(struct file *f)
{
   static char one[] = "table", two[] = "";
   static char *syms[] = {one, two};
   make_file(f);
   return (struct back_object){.mode = EXEC_WARP_FIBER,
                               .local_bytes = 48,
                               .stack_bytes = 65536,
                               .num_regs = 7,
                               .nsyms = 2,
                               .syms = syms,
                               .elf = (uint8_t *)f,
                               .elf_size = sizeof *f};
}

static bool
reads_back(uint64_t hi, uint64_t lo)
{
   struct file f;
   struct back_object want = make_object(&f), got;
   if (!cache_read(hi, lo, &got))
      return false;
   CHECK_EQ_U64(got.mode, want.mode);
   CHECK_EQ_U64(got.local_bytes, want.local_bytes);
   CHECK_EQ_U64(got.stack_bytes, want.stack_bytes);
   CHECK_EQ_U64(got.num_regs, want.num_regs);
   CHECK_EQ_U64(got.nsyms, want.nsyms);
   for (uint32_t k = 0; k < got.nsyms && k < want.nsyms; k++)
      CHECK_STR(got.syms[k], want.syms[k]);
   CHECK(got.elf_size == want.elf_size && !memcmp(got.elf, want.elf, want.elf_size));
   back_object_finish(&got);
   return true;
}

static void
path_of(uint64_t hi, uint64_t lo, char *out, size_t n)
{
   snprintf(out, n, "%s/code/%016llx%016llx.ko", folder, (unsigned long long)hi,
            (unsigned long long)lo);
}

static size_t
read_bytes(const char *path, uint8_t *out, size_t n)
{
   FILE *f = fopen(path, "rb");
   size_t got = f ? fread(out, 1, n, f) : 0;
   if (f)
      fclose(f);
   return got;
}

static void
write_bytes(const char *path, const uint8_t *p, size_t n)
{
   FILE *f = fopen(path, "wb");
   if (CHECK(f != NULL)) {
      CHECK(fwrite(p, 1, n, f) == n);
      fclose(f);
   }
}

static void
test_round_trip(void)
{
   struct file f;
   struct back_object o = make_object(&f);
   CHECK(!reads_back(1, 2));
   cache_write(1, 2, &o);
   CHECK(reads_back(1, 2));
   CHECK(!reads_back(1, 3));
   CHECK(!reads_back(2, 2));
   o.elf_size = 0; /* nothing in it is not nothing there */
   o.nsyms = 0;
   cache_write(4, 4, &o);
   struct back_object got;
   if (CHECK(cache_read(4, 4, &got))) {
      CHECK_EQ_U64(got.elf_size, 0);
      back_object_finish(&got);
   }
}

/* Every byte of the file matters, and every shorter file is refused. */
static void
test_damage(void)
{
   uint8_t whole[8192], bad[8192];
   char path[200], other[200];
   path_of(1, 2, path, sizeof path);
   size_t n = read_bytes(path, whole, sizeof whole);
   CHECK(n > sizeof(struct file));
   for (size_t k = 0; k < n; k++) {
      memcpy(bad, whole, n);
      bad[k] ^= (uint8_t)(1u << (k % 8));
      write_bytes(path, bad, n);
      if (!CHECK(!reads_back(1, 2)))
         fprintf(stderr, "   byte %zu does not matter\n", k);
   }
   for (size_t k = 0; k < n; k += k < 100 ? 1 : 37) {
      write_bytes(path, whole, k);
      CHECK(!reads_back(1, 2));
   }
   memcpy(bad, whole, n);
   bad[n] = 0;
   write_bytes(path, bad, n + 1);
   CHECK(!reads_back(1, 2));
   /* A good file under another key's name is not that key's. */
   path_of(9, 9, other, sizeof other);
   write_bytes(other, whole, n);
   CHECK(!reads_back(9, 9));
   write_bytes(path, whole, n);
   CHECK(reads_back(1, 2));
}

static void
test_places(void)
{
   struct file f;
   struct back_object o = make_object(&f);
   char deep[120], path[200];
   snprintf(deep, sizeof deep, "%s/a/b/c", folder);
   setenv("KASURI_CACHE_DIR", deep, 1); /* not there: made */
   CHECK(!reads_back(5, 5));
   cache_write(5, 5, &o);
   CHECK(reads_back(5, 5));
   setenv("KASURI_CACHE", "0", 1); /* off */
   CHECK(!reads_back(5, 5));
   cache_write(6, 6, &o);
   unsetenv("KASURI_CACHE");
   CHECK(!reads_back(6, 6));
   setenv("KASURI_CACHE_DIR", "/proc/kasuri", 1); /* cannot be made, even by root */
   cache_write(5, 5, &o);
   CHECK(!reads_back(5, 5));
   snprintf(path, sizeof path, "%s/code", deep); /* read, but not written */
   chmod(path, 0500);
   setenv("KASURI_CACHE_DIR", deep, 1);
   CHECK(reads_back(5, 5));
   cache_write(7, 7, &o);
   CHECK(reads_back(7, 7) == (geteuid() == 0));
   chmod(path, 0700);
   snprintf(path, sizeof path, "%s/file", folder); /* no folder at all */
   write_bytes(path, (const uint8_t *)"x", 1);
   setenv("KASURI_CACHE_DIR", path, 1);
   cache_write(5, 5, &o);
   CHECK(!reads_back(5, 5));
   char *longest = base_alloc(5000);
   memset(longest, 'x', 4999);
   longest[0] = '/';
   longest[4999] = 0;
   setenv("KASURI_CACHE_DIR", longest, 1);
   cache_write(5, 5, &o);
   CHECK(!reads_back(5, 5));
   base_free(longest);
   setenv("KASURI_CACHE_DIR", folder, 1);
}

/* Two processes write one key over and over while a third reads: never half a file. */
static void
test_two_writers(void)
{
   struct file f;
   struct back_object o = make_object(&f);
   pid_t child[2];
   cache_write(8, 8, &o);
   for (unsigned k = 0; k < 2; k++) {
      child[k] = fork();
      if (child[k] == 0) {
         for (unsigned n = 0; n < 200; n++)
            cache_write(8, 8, &o);
         _exit(0);
      }
   }
   for (unsigned n = 0; n < 400; n++)
      CHECK(reads_back(8, 8));
   for (unsigned k = 0; k < 2; k++) {
      int status = 1;
      CHECK(waitpid(child[k], &status, 0) == child[k] && status == 0);
   }
   CHECK(reads_back(8, 8));
}

int
main(void)
{
   snprintf(folder, sizeof folder, "/tmp/kasuri-cache-XXXXXX");
   if (!CHECK(mkdtemp(folder) != NULL))
      return check_done();
   setenv("KASURI_CACHE_DIR", folder, 1);
   unsetenv("KASURI_CACHE");
   test_loader();
   test_two_objects();
   test_hostile();
   test_mutations();
   test_round_trip();
   test_damage();
   test_places();
   test_two_writers();
   char command[100];
   snprintf(command, sizeof command, "rm -rf %s", folder);
   CHECK(system(command) == 0);
   return check_done();
}
