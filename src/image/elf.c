/* SPDX-License-Identifier: Apache-2.0
 * ELF files: an object or program that carries fatbins in a section, or one that holds
 * PTX text itself. Machine code in them is not ours to read. */
#include "image_priv.h"

#include <string.h>

#define EM_CUDA_NUMBER 190

static bool
in_file(const struct elf_view *v, uint64_t at, uint64_t n)
{
   return at <= v->size && n <= v->size - at;
}

bool
image_elf_section(const struct elf_view *v, unsigned i, Elf64_Shdr *sh)
{
   uint64_t at = v->eh.e_shoff + (uint64_t)i * sizeof *sh;
   if (v->eh.e_shoff > UINT64_MAX - 65536 * sizeof *sh || !in_file(v, at, sizeof *sh))
      return false;
   memcpy(sh, v->p + at, sizeof *sh);
   return sh->sh_type == SHT_NOBITS || in_file(v, sh->sh_offset, sh->sh_size);
}

/* The section holds containers one after another, with zeros between them. */
static enum image_status
read_fatbins(struct image *im, const uint8_t *p, size_t n, struct str *why)
{
   while (n >= FATBIN_HEADER_SIZE) {
      if (le32(p) != FATBIN_MAGIC) {
         p += 8;
         n -= 8;
         continue;
      }
      size_t used;
      enum image_status st = image_read_fatbin(im, p, n, im->units++, &used, why);
      if (st != IMAGE_OK)
         return st;
      p += used;
      n -= used;
   }
   return IMAGE_OK;
}

bool
image_elf_section_is(const struct elf_view *v, const Elf64_Shdr *sh, const char *want)
{
   size_t n = strlen(want) + 1;
   return sh->sh_name < v->names.sh_size && n <= v->names.sh_size - sh->sh_name &&
          !memcmp(v->p + v->names.sh_offset + sh->sh_name, want, n);
}

enum image_status
image_elf_open(struct elf_view *v, const uint8_t *p, size_t size, struct str *why)
{
   *v = (struct elf_view){.p = p, .size = size};
   if (!in_file(v, 0, sizeof v->eh)) {
      str_append(why, "damaged ELF file: no header");
      return IMAGE_INVALID;
   }
   memcpy(&v->eh, p, sizeof v->eh);
   if (v->eh.e_ident[EI_CLASS] != ELFCLASS64 || v->eh.e_ident[EI_DATA] != ELFDATA2LSB ||
       (v->eh.e_shnum && v->eh.e_shentsize != sizeof(Elf64_Shdr))) {
      str_append(why, "an ELF file that is not 64-bit little-endian");
      return IMAGE_INVALID;
   }
   if (v->eh.e_shnum && (!image_elf_section(v, v->eh.e_shstrndx, &v->names) ||
                         v->names.sh_type == SHT_NOBITS)) {
      str_append(why, "damaged ELF file: section names");
      return IMAGE_INVALID;
   }
   return IMAGE_OK;
}

enum image_status
image_read_elf(struct image *im, const uint8_t *p, size_t size, struct str *why)
{
   struct elf_view v;
   Elf64_Shdr sh;
   if (image_elf_open(&v, p, size, why) != IMAGE_OK)
      return IMAGE_INVALID;
   for (unsigned i = 1; i < v.eh.e_shnum; i++) {
      if (!image_elf_section(&v, i, &sh)) {
         str_append(why, "damaged ELF file: section table");
         return IMAGE_INVALID;
      }
      if (sh.sh_type == SHT_NOBITS)
         continue;
      enum image_status st = IMAGE_OK;
      if (image_elf_section_is(&v, &sh, ".nv_fatbin") ||
          image_elf_section_is(&v, &sh, "__nv_relfatbin"))
         st = read_fatbins(im, p + sh.sh_offset, sh.sh_size, why);
      else if (image_elf_section_is(&v, &sh, ".ptx"))
         image_add_text(im, (const char *)p + sh.sh_offset, sh.sh_size,
                        (struct image_part){.kind = IMAGE_PTX, .unit = im->units++});
      if (st != IMAGE_OK)
         return st;
   }
   if (v.eh.e_machine == EM_CUDA_NUMBER && !im->parts.len)
      vec_push(&im->parts, (struct image_part){.kind = IMAGE_SASS, .size = 0});
   return IMAGE_OK;
}

bool
image_pack_linked(struct str *out, const struct image_source *src, size_t n)
{
   static const char names[32] = "\0.nv_fatbin\0.shstrtab";
   struct str body = {0};
   for (size_t i = 0; i < n; i++)
      if (!image_pack(&body, &src[i], 1, IMAGE_STORE)) {
         str_finish(&body);
         return false;
      }
   Elf64_Ehdr eh = {.e_type = ET_EXEC,
                    .e_machine = EM_CUDA_NUMBER,
                    .e_version = EV_CURRENT,
                    .e_shoff = sizeof eh,
                    .e_ehsize = sizeof eh,
                    .e_shentsize = sizeof(Elf64_Shdr),
                    .e_shnum = 3,
                    .e_shstrndx = 2};
   memcpy(eh.e_ident, ELFMAG, SELFMAG);
   eh.e_ident[EI_CLASS] = ELFCLASS64;
   eh.e_ident[EI_DATA] = ELFDATA2LSB;
   eh.e_ident[EI_VERSION] = EV_CURRENT;
   uint64_t at = sizeof eh + 3 * sizeof(Elf64_Shdr);
   Elf64_Shdr sh[3] = {
      [1] = {.sh_name = 1,
             .sh_type = SHT_PROGBITS,
             .sh_offset = at + sizeof names,
             .sh_size = body.len,
             .sh_addralign = 8},
      [2] = {.sh_name = 12,
             .sh_type = SHT_STRTAB,
             .sh_offset = at,
             .sh_size = sizeof names},
   };
   str_append_n(out, (const char *)&eh, sizeof eh);
   str_append_n(out, (const char *)sh, sizeof sh);
   str_append_n(out, names, sizeof names);
   str_append_n(out, body.data, body.len);
   str_finish(&body);
   return true;
}
