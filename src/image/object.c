/* SPDX-License-Identifier: Apache-2.0
 * Archives and object files as the host's linker knows them: members, and the names of
 * global symbols, by which a device link finds what was compiled apart. */
#include "image_priv.h"

#include <stdlib.h>
#include <string.h>

#define AR_MAGIC "!<arch>\n"
#define AR_THIN "!<thin>\n"
#define AR_HEADER 60

/* A member's name: its own, or `/N` into the table of long names. */
static void
member_name(const char *field, const char *table, size_t table_size, char name[256])
{
   size_t n = 16;
   const char *text = field;
   if (field[0] == '/' && field[1] >= '0' && field[1] <= '9') {
      size_t at = strtoul(field + 1, NULL, 10);
      n = at < table_size ? table_size - at : 0;
      text = table + MIN2(at, table_size);
   }
   size_t len = 0;
   while (len < n && len < 255 && text[len] != '/' && text[len] != '\n' && text[len])
      len++;
   while (len && text[len - 1] == ' ')
      len--;
   memcpy(name, text, len);
   name[len] = 0;
}

static bool
damaged(struct str *why)
{
   str_append(why, "damaged archive");
   return false;
}

bool
image_each_member(const void *data, size_t size, const char *name, image_member_fn *each,
                  void *user, struct str *why)
{
   const char *p = data, *end = p + size, *table = p;
   size_t table_size = 0;
   if (size >= 8 && !memcmp(p, AR_THIN, 8)) {
      str_append(why, "a thin archive holds no code of its own");
      return false;
   }
   if (size < 8 || memcmp(p, AR_MAGIC, 8)) {
      each(user, name, data, size);
      return true;
   }
   for (p += 8; p < end;) {
      char digits[11] = {0}, member[256], header[17] = {0};
      if ((size_t)(end - p) < AR_HEADER || memcmp(p + 58, "`\n", 2))
         return damaged(why);
      memcpy(header, p, 16);
      memcpy(digits, p + 48, 10);
      size_t n = strtoul(digits, NULL, 10);
      p += AR_HEADER;
      if (n > (size_t)(end - p))
         return damaged(why);
      if (!memcmp(header, "//", 2)) {
         table = p;
         table_size = n;
      } else if (memcmp(header, "/ ", 2) && memcmp(header, "/SYM64/", 7)) {
         member_name(header, table, table_size, member);
         if (!each(user, member, p, n))
            return true;
      }
      p += MIN2(n + (n & 1), (size_t)(end - p));
   }
   return true;
}

static bool
open_object(struct elf_view *v, const void *data, size_t size)
{
   struct str why = {0};
   bool ok = size >= 4 && le32(data) == 0x464c457f &&
             image_elf_open(v, data, size, &why) == IMAGE_OK;
   str_finish(&why);
   return ok;
}

static void
read_symbols(const struct elf_view *v, const Elf64_Shdr *table, bool locals,
             image_symbol_fn *each, void *user)
{
   Elf64_Shdr text;
   if (!image_elf_section(v, table->sh_link, &text) || text.sh_type != SHT_STRTAB ||
       !text.sh_size || v->p[text.sh_offset + text.sh_size - 1])
      return;
   for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= table->sh_size;
        at += sizeof(Elf64_Sym)) {
      Elf64_Sym s;
      memcpy(&s, v->p + table->sh_offset + at, sizeof s);
      unsigned bind = ELF64_ST_BIND(s.st_info);
      if ((bind == STB_LOCAL && !locals) || !s.st_name || s.st_name >= text.sh_size)
         continue;
      each(user, (const char *)v->p + text.sh_offset + s.st_name,
           s.st_shndx != SHN_UNDEF ? IMAGE_DEFINED
           : bind == STB_WEAK      ? IMAGE_UNDEFINED_WEAK
                                   : IMAGE_UNDEFINED);
   }
}

void
image_each_symbol(const void *data, size_t size, image_symbol_fn *each, void *user)
{
   struct elf_view v;
   Elf64_Shdr sh;
   if (!open_object(&v, data, size) || v.eh.e_type != ET_REL)
      return;
   for (unsigned i = 1; i < v.eh.e_shnum; i++)
      if (image_elf_section(&v, i, &sh) && sh.sh_type == SHT_SYMTAB)
         read_symbols(&v, &sh, false, each, user);
}

void
image_each_own_symbol(const void *data, size_t size, image_symbol_fn *each, void *user)
{
   struct elf_view v;
   Elf64_Shdr sh;
   if (!open_object(&v, data, size))
      return;
   for (unsigned i = 1; i < v.eh.e_shnum; i++)
      if (image_elf_section(&v, i, &sh) && sh.sh_type == SHT_SYMTAB)
         read_symbols(&v, &sh, true, each, user);
}

void
image_rename_symbols(void *data, size_t size, const char *name, const char *by)
{
   struct elf_view v;
   Elf64_Shdr sh;
   size_t n = strlen(name);
   if (strlen(by) != n || !open_object(&v, data, size))
      return;
   for (unsigned i = 1; i < v.eh.e_shnum; i++) {
      if (!image_elf_section(&v, i, &sh) || sh.sh_type != SHT_STRTAB)
         continue;
      uint8_t *p = (uint8_t *)data + sh.sh_offset, *end = p + sh.sh_size;
      while ((p = memmem(p, (size_t)(end - p), name, n)))
         memcpy(p, by, n);
   }
}
