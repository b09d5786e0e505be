/* SPDX-License-Identifier: Apache-2.0
 * The fatbin container, read with every length checked, and written. Field offsets are
 * those of nvcc 13's output. */
#include "image_priv.h"

#include <lz4.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

struct entry {
   uint16_t kind;
   uint32_t header, packed, sm, name_at, name_len;
   uint64_t payload, flags, unpacked;
};

static struct entry
decode(const uint8_t *p)
{
   return (struct entry){
      .kind = le16(p),
      .header = le32(p + 4),
      .payload = le64(p + 8),
      .packed = le32(p + 16),
      .sm = le32(p + 28),
      .name_at = le32(p + 32),
      .name_len = le32(p + 36),
      .flags = le64(p + 40),
      .unpacked = le64(p + 56),
   };
}

static char
suffix_of(uint64_t flags)
{
   return flags & FLAG_SUFFIX_A ? 'a' : flags & FLAG_SUFFIX_F ? 'f' : 0;
}

bool
image_extract(const struct image_part *p, struct str *out, struct str *why)
{
   if (!p->stored) {
      str_append(why, "not in a container");
      return false;
   }
   if (!p->compressed) {
      str_append_n(out, p->stored, p->stored_size);
      return true;
   }
   if (!p->unpacked_size || p->unpacked_size > PTX_SIZE_LIMIT) {
      str_append(why, "damaged fatbin: sizes of compressed code do not fit");
      return false;
   }
   char *text = malloc(p->unpacked_size);
   if (!text) {
      str_append(why, "not enough memory to decompress code");
      return false;
   }
   bool ok;
   if (p->flags & FLAG_ZSTD) {
      size_t n = ZSTD_decompress(text, p->unpacked_size, p->stored, p->stored_size);
      ok = !ZSTD_isError(n) && n == p->unpacked_size;
   } else {
      ok = p->stored_size <= INT32_MAX &&
           LZ4_decompress_safe(p->stored, text, (int)p->stored_size,
                               (int)p->unpacked_size) == (int64_t)p->unpacked_size;
   }
   if (ok)
      str_append_n(out, text, p->unpacked_size);
   else
      str_append(why, "damaged fatbin: code does not decompress");
   free(text);
   return ok;
}

static bool
read_ptx(struct image *im, struct image_part part, struct str *why)
{
   if (!part.compressed) {
      image_add_text(im, part.stored, part.stored_size, part);
      return true;
   }
   struct str text = {0};
   bool ok = image_extract(&part, &text, why);
   if (ok)
      image_add_text(im, text.data, text.len, part);
   str_finish(&text);
   return ok;
}

static bool
read_entry(struct image *im, const uint8_t *p, const struct entry *e, uint32_t unit,
           struct str *why)
{
   struct image_part part = {.sm = e->sm, .suffix = suffix_of(e->flags), .unit = unit};
   if (e->name_len && (uint64_t)e->name_at + e->name_len <= e->header)
      part.name = arena_strndup(im->arena, (const char *)p + e->name_at, e->name_len);
   part.flags = e->flags;
   part.compressed = e->flags & (FLAG_LZ4 | FLAG_ZSTD);
   part.stored = p + e->header;
   part.stored_size = part.compressed && e->packed ? e->packed : e->payload;
   part.unpacked_size = e->unpacked;
   if (part.stored_size > e->payload) {
      str_append(why, "damaged fatbin: sizes of compressed code do not fit");
      return false;
   }
   switch (e->kind) {
   case IMAGE_PTX:
      part.kind = IMAGE_PTX;
      return read_ptx(im, part, why);
   case IMAGE_SASS:
   case IMAGE_LTO_IR:
      part.kind = (enum image_kind)e->kind;
      part.size = e->payload;
      vec_push(&im->parts, part);
      return true;
   }
   return true; /* kinds that newer tools add are none of ours */
}

enum image_status
image_read_fatbin(struct image *im, const uint8_t *p, size_t left, uint32_t unit,
                  size_t *used, struct str *why)
{
   if (left < FATBIN_HEADER_SIZE || le32(p) != FATBIN_MAGIC) {
      str_append(why, "not a fatbin");
      return IMAGE_INVALID;
   }
   uint32_t header = le16(p + 6);
   uint64_t body = le64(p + 8);
   if (header < FATBIN_HEADER_SIZE || header > left || body > left - header) {
      str_append(why, "damaged fatbin: longer than the data given");
      return IMAGE_INVALID;
   }
   *used = header + (size_t)body;
   const uint8_t *at = p + header;
   while (body) {
      if (body < ENTRY_HEADER_MIN)
         break; /* padding */
      struct entry e = decode(at);
      if (e.header < ENTRY_HEADER_MIN || e.header > body || e.payload > body - e.header) {
         str_append(why, "damaged fatbin: an entry is longer than its container");
         return IMAGE_INVALID;
      }
      if (!read_entry(im, at, &e, unit, why))
         return IMAGE_INVALID;
      at += e.header + e.payload;
      body -= e.header + e.payload;
   }
   return IMAGE_OK;
}

static void
put_le(uint8_t *p, uint64_t v, unsigned bytes)
{
   for (unsigned i = 0; i < bytes; i++)
      p[i] = (uint8_t)(v >> (8 * i));
}

/* Compresses `size` bytes into a new buffer; 0 on failure. */
static size_t
pack_bytes(const char *text, size_t size, enum image_compression how, char **packed)
{
   size_t bound = how == IMAGE_ZSTD
                     ? ZSTD_compressBound(size)
                     : (size_t)LZ4_compressBound((int)MIN2(size, INT32_MAX));
   *packed = base_alloc(bound);
   size_t n;
   if (how == IMAGE_ZSTD) {
      n = ZSTD_compress(*packed, bound, text, size, 3);
      n = ZSTD_isError(n) ? 0 : n;
   } else {
      int r = size > LZ4_MAX_INPUT_SIZE
                 ? 0
                 : LZ4_compress_default(text, *packed, (int)size, (int)bound);
      n = r > 0 ? (size_t)r : 0;
   }
   return n <= UINT32_MAX ? n : 0;
}

static bool
pack_one(struct str *out, const struct image_source *s, enum image_compression how)
{
   bool ptx = !s->kind || s->kind == IMAGE_PTX;
   size_t size = s->size + ptx; /* with the NUL that readers of text expect */
   char *text = base_calloc(1, size + 1);
   memcpy(text, s->ptx, s->size);
   how = ptx ? how : IMAGE_STORE;
   char *packed = NULL;
   size_t n = size;
   bool ok = true;
   if (how != IMAGE_STORE) {
      n = pack_bytes(text, size, how, &packed);
      ok = n > 0;
   }
   size_t name_len = s->name ? strlen(s->name) : 0;
   uint32_t header = (uint32_t)ALIGN_UP(ENTRY_HEADER_MIN + name_len, 8);
   size_t payload = ALIGN_UP(n, 8);
   uint8_t *h = base_calloc(1, header);
   put_le(h, s->kind ? s->kind : IMAGE_PTX, 2);
   put_le(h + 2, 0x101, 2);
   put_le(h + 4, header, 4);
   put_le(h + 8, payload, 8);
   put_le(h + 16, how == IMAGE_STORE ? 0 : n, 4);
   put_le(h + 28, s->sm, 4);
   put_le(h + 32, name_len ? ENTRY_HEADER_MIN : 0, 4);
   put_le(h + 36, name_len, 4);
   uint64_t flags = FLAG_64BIT_LINUX;
   flags |= how == IMAGE_ZSTD ? FLAG_ZSTD : how == IMAGE_LZ4 ? FLAG_LZ4 : 0;
   flags |= s->suffix == 'a' ? FLAG_SUFFIX_A : s->suffix == 'f' ? FLAG_SUFFIX_F : 0;
   put_le(h + 40, flags, 8);
   put_le(h + 56, how == IMAGE_STORE ? 0 : size, 8);
   if (name_len)
      memcpy(h + ENTRY_HEADER_MIN, s->name, name_len);
   if (ok) {
      static const char zeros[8];
      str_append_n(out, (const char *)h, header);
      str_append_n(out, packed ? packed : text, n);
      str_append_n(out, zeros, payload - n);
   }
   base_free(h);
   base_free(text);
   base_free(packed);
   return ok;
}

bool
image_pack(struct str *out, const struct image_source *src, size_t n,
           enum image_compression how)
{
   uint8_t h[FATBIN_HEADER_SIZE] = {0};
   size_t at = out->len;
   put_le(h, FATBIN_MAGIC, 4);
   put_le(h + 4, 1, 2);
   put_le(h + 6, FATBIN_HEADER_SIZE, 2);
   str_append_n(out, (const char *)h, sizeof h);
   for (size_t i = 0; i < n; i++)
      if (!pack_one(out, &src[i], how))
         return false;
   put_le((uint8_t *)out->data + at + 8, out->len - at - FATBIN_HEADER_SIZE, 8);
   return true;
}

KASURI_EXPORT int
kasuri_image_pack_fatbin(const char *ptx, size_t size, unsigned sm, char suffix,
                         void **fatbin, size_t *fatbin_size)
{
   if (!ptx || !fatbin || !fatbin_size)
      return 1;
   struct image_source src = {.ptx = ptx, .size = size, .sm = sm, .suffix = suffix};
   struct str out = {0};
   if (!image_pack(&out, &src, 1, IMAGE_STORE)) {
      str_finish(&out);
      return 1;
   }
   *fatbin = malloc(out.len);
   if (*fatbin)
      memcpy(*fatbin, out.data, out.len);
   *fatbin_size = out.len;
   str_finish(&out);
   return !*fatbin;
}
