/* SPDX-License-Identifier: Apache-2.0
 * Layouts shared by the reader and the writer, and the reader's own steps. */
#ifndef KASURI_IMAGE_PRIV_H
#define KASURI_IMAGE_PRIV_H

#include <elf.h>

#include "image/image.h"

#define WRAPPER_MAGIC 0x466243B1u
#define FATBIN_MAGIC 0xBA55ED50u
#define FATBIN_HEADER_SIZE 16
#define ENTRY_HEADER_MIN 64

#define FLAG_64BIT_LINUX 0x11u
#define FLAG_LZ4 0x2000u
#define FLAG_ZSTD 0x8000u
#define FLAG_SUFFIX_A 0x100000u
#define FLAG_SUFFIX_F 0x200000u

/* Decompressed PTX above this is refused: a damaged size field must not take the
 * machine's memory. The largest PTX seen in the corpus is below 100 MB. */
#define PTX_SIZE_LIMIT ((uint64_t)1 << 30)

/* Reads one container at p, of at most `left` bytes; *used is its length. */
enum image_status image_read_fatbin(struct image *im, const uint8_t *p, size_t left,
                                    uint32_t unit, size_t *used, struct str *why);
enum image_status image_read_elf(struct image *im, const uint8_t *p, size_t size,
                                 struct str *why);
void image_add_text(struct image *im, const char *text, size_t n, struct image_part part);

/* -- elf.c: sections, every bound checked. size is SIZE_MAX when the caller did not tell.
 */
struct elf_view {
   const uint8_t *p;
   size_t size;
   Elf64_Ehdr eh;
   Elf64_Shdr names;
};
enum image_status image_elf_open(struct elf_view *v, const uint8_t *p, size_t size,
                                 struct str *why);
bool image_elf_section(const struct elf_view *v, unsigned i, Elf64_Shdr *sh);
bool image_elf_section_is(const struct elf_view *v, const Elf64_Shdr *sh,
                          const char *want);

static inline uint64_t
read_le(const uint8_t *p, unsigned bytes)
{
   uint64_t v = 0;
   for (unsigned i = 0; i < bytes; i++)
      v |= (uint64_t)p[i] << (8 * i);
   return v;
}
static inline uint16_t
le16(const uint8_t *p)
{
   return (uint16_t)read_le(p, 2);
}
static inline uint32_t
le32(const uint8_t *p)
{
   return (uint32_t)read_le(p, 4);
}
static inline uint64_t
le64(const uint8_t *p)
{
   return read_le(p, 8);
}

#endif
