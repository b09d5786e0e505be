/* SPDX-License-Identifier: Apache-2.0
 * Which container a program handed over, and which of the PTX found in it suits a device.
 */
#include "image_priv.h"

#include <string.h>

void
image_finish(struct image *im)
{
   arena_destroy(im->arena);
   im->arena = NULL;
   vec_finish(&im->parts);
   im->units = 0;
}

/* The text ends at its first NUL: fatbins pad PTX with them. */
void
image_add_text(struct image *im, const char *text, size_t n, struct image_part part)
{
   part.size = strnlen(text, n);
   part.ptx = arena_strndup(im->arena, text, part.size);
   vec_push(&im->parts, part);
}

/* What a wrapper points at was put there by a compiler, in this process. */
struct wrapper {
   uint32_t magic, version;
   const uint8_t *data;
   const uint8_t *const *list;
};

static enum image_status
read_wrapper(struct image *im, const void *p, struct str *why)
{
   struct wrapper w;
   memcpy(&w, p, sizeof w);
   if (w.version != 1 && w.version != 2) {
      str_printf(why, "fatbin wrapper of unknown version %u", w.version);
      return IMAGE_INVALID;
   }
   size_t used;
   if (w.version == 1) {
      if (!w.data) {
         str_append(why, "fatbin wrapper without a fatbin");
         return IMAGE_INVALID;
      }
      return image_read_fatbin(im, w.data, SIZE_MAX, im->units++, &used, why);
   }
   if (!w.list || !w.list[0]) {
      str_append(why, "fatbin wrapper of a -rdc program without a list of fatbins");
      return IMAGE_INVALID;
   }
   for (size_t i = 0; w.list[i]; i++) {
      enum image_status st =
         image_read_fatbin(im, w.list[i], SIZE_MAX, im->units++, &used, why);
      if (st != IMAGE_OK)
         return st;
   }
   return IMAGE_OK;
}

/* PTX has only white space and printable characters up to its first directive. */
static bool
looks_like_text(const uint8_t *p, size_t n)
{
   for (size_t i = 0; i < n && i < 16; i++) {
      if (!p[i])
         return i > 0;
      bool space = p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r');
      if (!space && (p[i] < 0x20 || p[i] == 0x7f))
         return false;
   }
   return n > 0;
}

static enum image_status
read_any(struct image *im, const uint8_t *p, size_t size, struct str *why)
{
   if (!looks_like_text(p, size)) {
      uint32_t magic = size >= 4 ? le32(p) : 0;
      size_t used;
      if (magic == WRAPPER_MAGIC && size == IMAGE_UNSIZED)
         return read_wrapper(im, p, why);
      if (magic == FATBIN_MAGIC)
         return image_read_fatbin(im, p, size, im->units++, &used, why);
      if (magic == 0x464c457f)
         return image_read_elf(im, p, size, why);
      str_append(why, "neither PTX text, nor a fatbin, nor an ELF file");
      return IMAGE_INVALID;
   }
   size_t n = size == IMAGE_UNSIZED ? strlen((const char *)p) : size;
   image_add_text(im, (const char *)p, n, (struct image_part){.kind = IMAGE_PTX});
   im->units = 1;
   return IMAGE_OK;
}

enum image_status
image_scan(struct image *im, const void *data, size_t size, struct str *why)
{
   *im = (struct image){.arena = arena_create()};
   if (data && size)
      return read_any(im, data, size, why);
   str_append(why, "empty image");
   return IMAGE_INVALID;
}

enum image_status
image_open(struct image *im, const void *data, size_t size, struct str *why)
{
   enum image_status st = image_scan(im, data, size, why);
   if (st == IMAGE_OK) {
      for (size_t i = 0; i < im->parts.len; i++)
         if (im->parts.data[i].kind == IMAGE_PTX)
            return IMAGE_OK;
      str_append(why, "no PTX in the image");
      if (im->parts.len)
         str_append(why, ", only code for NVIDIA's GPUs:");
      for (size_t i = 0; i < im->parts.len; i++)
         str_printf(why, " %s sm_%u",
                    im->parts.data[i].kind == IMAGE_SASS ? "SASS" : "LTO-IR",
                    im->parts.data[i].sm);
      str_append(why, "; build with -gencode arch=compute_XX,code=compute_XX, or without "
                      "-arch/-code options, so that PTX is kept");
      st = IMAGE_NO_PTX;
   }
   vec_clear(&im->parts);
   return st;
}

/* An 'a' target is made for one capability alone, an 'f' target for its family. */
bool
image_fits(const struct image_part *p, uint32_t sm)
{
   return p->sm <= sm && (p->suffix != 'a' || p->sm == sm) &&
          (p->suffix != 'f' || p->sm / 10 == sm / 10);
}

const struct image_part *
image_choose(const struct image *im, uint32_t unit, uint32_t sm)
{
   const struct image_part *below = NULL, *above = NULL;
   for (size_t i = 0; i < im->parts.len; i++) {
      const struct image_part *p = &im->parts.data[i];
      if (p->kind != IMAGE_PTX || p->unit != unit)
         continue;
      /* An 'a' target is made for one capability alone: others are safer at equal sm
       * unless it is this device's own. */
      bool fits = p->sm < sm ? p->suffix != 'a' : p->sm == sm;
      if (fits) {
         if (!below || p->sm > below->sm || (p->sm == below->sm && p->suffix == 'a'))
            below = p;
      } else if (!above || p->sm < above->sm) {
         above = p;
      }
   }
   return below ? below : above;
}
