/* SPDX-License-Identifier: Apache-2.0
 * Reading the section headers and symbol tables of an ELF file; of its code, nothing is
 * looked at. */
#include "redirect.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
inside(const struct elf *e, uint64_t at, uint64_t size)
{
   return at <= e->size && size <= e->size - at;
}

/* A section's bytes; NULL where it has none in the file. */
static const void *
contents(const struct elf *e, const Elf64_Shdr *s)
{
   return s->sh_type != SHT_NOBITS && s->sh_size && inside(e, s->sh_offset, s->sh_size) &&
                s->sh_offset % 8 == 0
             ? e->data + s->sh_offset
             : NULL;
}

/* String tables have no alignment, but end in NUL. */
static const char *
strings(const struct elf *e, unsigned index, size_t *size)
{
   if (index >= e->count)
      return NULL;
   const Elf64_Shdr *s = &e->sections[index];
   if (s->sh_type != SHT_STRTAB || !s->sh_size || !inside(e, s->sh_offset, s->sh_size) ||
       e->data[s->sh_offset + s->sh_size - 1])
      return NULL;
   *size = s->sh_size;
   return (const char *)e->data + s->sh_offset;
}

static bool
read_header(struct elf *e)
{
   const Elf64_Ehdr *h = (const Elf64_Ehdr *)e->data;
   if (e->size < sizeof *h || memcmp(h->e_ident, ELFMAG, SELFMAG) ||
       h->e_ident[EI_CLASS] != ELFCLASS64 || h->e_machine != REDIRECT_MACHINE)
      return false;
   e->head = h;
   if (!h->e_shnum || h->e_shentsize != sizeof(Elf64_Shdr) || h->e_shoff % 8 ||
       !inside(e, h->e_shoff, (uint64_t)h->e_shnum * sizeof(Elf64_Shdr)))
      return false;
   e->sections = (const Elf64_Shdr *)(e->data + h->e_shoff);
   e->count = h->e_shnum;
   e->names = strings(e, h->e_shstrndx, &e->names_size);
   return e->names != NULL;
}

bool
elf_open(struct elf *e, const char *path)
{
   *e = (struct elf){0};
   int fd = open(path, O_RDONLY | O_CLOEXEC);
   if (fd < 0)
      return false;
   struct stat st;
   void *p = MAP_FAILED;
   if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
      p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
   close(fd);
   if (p == MAP_FAILED)
      return false;
   e->data = p;
   e->size = (size_t)st.st_size;
   if (read_header(e))
      return true;
   elf_close(e);
   return false;
}

void
elf_close(struct elf *e)
{
   if (e->data)
      munmap((void *)(uintptr_t)e->data, e->size);
   *e = (struct elf){0};
}

const Elf64_Shdr *
elf_section(const struct elf *e, const char *name)
{
   for (unsigned i = 0; i < e->count; i++) {
      uint32_t at = e->sections[i].sh_name;
      if (at < e->names_size && !strcmp(e->names + at, name))
         return &e->sections[i];
   }
   return NULL;
}

struct elf_symbols
elf_symbols(const struct elf *e, unsigned kind)
{
   for (unsigned i = 0; i < e->count; i++) {
      const Elf64_Shdr *s = &e->sections[i];
      struct elf_symbols t = {0};
      if (s->sh_type != kind || s->sh_entsize != sizeof(Elf64_Sym))
         continue;
      t.syms = contents(e, s);
      t.names = strings(e, s->sh_link, &t.names_size);
      t.count = s->sh_size / sizeof(Elf64_Sym);
      if (t.syms && t.names)
         return t;
   }
   return (struct elf_symbols){0};
}

const char *
elf_name(const struct elf_symbols *t, size_t i)
{
   uint32_t at = t->syms[i].st_name;
   return at < t->names_size ? t->names + at : "";
}

bool
elf_is_code(const struct elf *e, uint64_t at, uint64_t size)
{
   const Elf64_Ehdr *h = e->head;
   if (h->e_phentsize != sizeof(Elf64_Phdr) || h->e_phoff % 8 ||
       !inside(e, h->e_phoff, (uint64_t)h->e_phnum * sizeof(Elf64_Phdr)))
      return false;
   const Elf64_Phdr *p = (const Elf64_Phdr *)(e->data + h->e_phoff);
   for (unsigned i = 0; i < h->e_phnum; i++)
      if (p[i].p_type == PT_LOAD && (p[i].p_flags & PF_X) && at >= p[i].p_vaddr &&
          size <= p[i].p_filesz && at - p[i].p_vaddr <= p[i].p_filesz - size)
         return true;
   return false;
}
