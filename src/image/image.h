/* SPDX-License-Identifier: Apache-2.0
 * Containers of device code: whatever form a program hands over (PTX text, a fatbin, its
 * wrapper, an ELF file that holds fatbins), PTX comes out; and the writer of fatbins. */
#ifndef KASURI_IMAGE_H
#define KASURI_IMAGE_H

#include "base/base.h"

enum image_kind { IMAGE_PTX = 1, IMAGE_SASS = 2, IMAGE_LTO_IR = 8 };

enum image_status {
   IMAGE_OK,
   IMAGE_INVALID, /* not a container this room knows, or a damaged one */
   IMAGE_NO_PTX,  /* well-formed, but holds only code for another machine */
};

/* One piece of code found. */
struct image_part {
   enum image_kind kind;
   uint32_t sm;   /* 90 for sm_90a; 0 unknown (bare PTX text) */
   char suffix;   /* 'a', 'f' or 0 */
   uint32_t unit; /* parts of one unit are alternatives; PTX of several units is linked */
   const char *ptx;  /* IMAGE_PTX: NUL-terminated text of `size` bytes; else NULL */
   size_t size;      /* without the NUL; for other kinds the bytes in the container */
   const char *name; /* as the container names it, or NULL */
   bool compressed;
   /* As it lies in the container; borrowed. NULL for bare text. */
   const void *stored;
   uint64_t stored_size, unpacked_size, flags;
};

struct image {
   struct arena *arena; /* owns texts and names */
   VEC(struct image_part) parts;
   uint32_t units;
};

/* Opens data of `size` bytes, or of a length told by its own headers (text: by its NUL)
 * where size is IMAGE_UNSIZED. A wrapper holds pointers, so it is accepted unsized only.
 * On failure *why says what is wrong and im is empty. im is initialised here; the caller
 * image_finish()es it in every case. */
#define IMAGE_UNSIZED SIZE_MAX
enum image_status image_open(struct image *im, const void *data, size_t size,
                             struct str *why) KASURI_MUST_USE;
void image_finish(struct image *im);

/* The same, for those who only look: images without PTX are fine, and all parts stay. */
enum image_status image_scan(struct image *im, const void *data, size_t size,
                             struct str *why) KASURI_MUST_USE;
/* Appends what a part is, unpacked. False when it is damaged, or bare text. */
bool image_extract(const struct image_part *p, struct str *out, struct str *why);

/* The best PTX of one unit for a device of capability sm (90): the highest target not
 * above it, else the lowest above (such PTX runs as long as its instructions are known).
 * NULL where the unit has none. */
const struct image_part *image_choose(const struct image *im, uint32_t unit, uint32_t sm);

/* Whether PTX for p's target is meant to run on a device of capability sm. */
bool image_fits(const struct image_part *p, uint32_t sm);

enum image_compression { IMAGE_STORE, IMAGE_LZ4, IMAGE_ZSTD };
struct image_source {
   const char *ptx; /* or machine code, where kind says so; only PTX is compressed */
   size_t size;
   enum image_kind kind; /* 0: IMAGE_PTX */
   uint32_t sm;
   char suffix;
   const char *name; /* NULL for none */
};
/* A fatbin container of n PTX texts; appended to out. False when compression fails. */
bool image_pack(struct str *out, const struct image_source *src, size_t n,
                enum image_compression how) KASURI_MUST_USE;

/* An ELF file that holds a container for each text, all to be linked when it is loaded:
 * what a linker of PTX hands on. */
bool image_pack_linked(struct str *out, const struct image_source *src,
                       size_t n) KASURI_MUST_USE;

/* -- Files of the host's linker: archives, and what objects ask of a device link. */
/* Calls each member of an archive, or what is no archive as one member, until one of the
 * calls returns false. False with the reason where the archive is damaged or thin. */
typedef bool image_member_fn(void *user, const char *name, const void *data, size_t size);
bool image_each_member(const void *data, size_t size, const char *name,
                       image_member_fn *each, void *user, struct str *why);
enum image_symbol { IMAGE_UNDEFINED, IMAGE_UNDEFINED_WEAK, IMAGE_DEFINED };
/* Global symbols of an object file; nothing for other files. */
typedef void image_symbol_fn(void *user, const char *name, enum image_symbol kind);
void image_each_symbol(const void *data, size_t size, image_symbol_fn *each, void *user);
/* All symbols of a program or library, hidden ones too; none where it was stripped. */
void image_each_own_symbol(const void *data, size_t size, image_symbol_fn *each,
                           void *user);
/* Writes `by` wherever an object's string tables hold `name`, of the same length. */
void image_rename_symbols(void *data, size_t size, const char *name, const char *by);

/* Kasuri's tools call this through libcuda.so.1 or the static library: one PTX text into
 * a fatbin, uncompressed. Caller frees *fatbin with free(). Nonzero on failure. */
int kasuri_image_pack_fatbin(const char *ptx, size_t size, unsigned sm, char suffix,
                             void **fatbin, size_t *fatbin_size);

#endif
