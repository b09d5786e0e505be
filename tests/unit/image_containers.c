/* SPDX-License-Identifier: Apache-2.0
 * Containers: what image_pack writes is read back, bytes laid out by hand are read, and
 * damaged ones are refused. */
#include "image/image.h"

#include "check.h"
#include <elf.h>
#include <stdlib.h>

static const char ptx80[] = ".version 7.0\n.target sm_80\n.address_size 64\n";
static const char ptx90[] = ".version 7.8\n.target sm_90\n.address_size 64\n// longer\n";

static void
text(void)
{
   struct image im;
   struct str why = {0};
   CHECK(image_open(&im, ptx80, IMAGE_UNSIZED, &why) == IMAGE_OK);
   CHECK_EQ_U64(im.parts.len, 1);
   CHECK_EQ_U64(im.units, 1);
   CHECK_STR(image_choose(&im, 0, 90)->ptx, ptx80);
   CHECK(!image_choose(&im, 1, 90));
   image_finish(&im);
   CHECK(image_open(&im, ptx80, 12, &why) == IMAGE_OK);
   CHECK_STR(image_choose(&im, 0, 90)->ptx, ".version 7.0");
   image_finish(&im);
   CHECK(image_open(&im, "\x01\x02\x03\x04\x05", 5, &why) == IMAGE_INVALID);
   CHECK_STR(str_get(&why), "neither PTX text, nor a fatbin, nor an ELF file");
   image_finish(&im);
   CHECK(image_open(&im, "", 0, &why) == IMAGE_INVALID);
   image_finish(&im);
   CHECK(image_open(&im, NULL, IMAGE_UNSIZED, &why) == IMAGE_INVALID);
   image_finish(&im);
   str_finish(&why);
}

static void
round_trip(enum image_compression how)
{
   struct image_source src[] = {
      {.ptx = ptx80, .size = sizeof ptx80 - 1, .sm = 80},
      {.ptx = ptx90, .size = sizeof ptx90 - 1, .sm = 90, .suffix = 'a', .name = "x.ptx"},
      {.ptx = ptx90, .size = sizeof ptx90 - 1, .sm = 100},
   };
   struct str out = {0}, why = {0};
   CHECK(image_pack(&out, src, 3, how));
   struct image im;
   CHECK(image_open(&im, out.data, out.len, &why) == IMAGE_OK);
   CHECK_EQ_U64(im.parts.len, 3);
   CHECK_STR(im.parts.data[0].ptx, ptx80);
   CHECK_STR(im.parts.data[1].name, "x.ptx");
   CHECK_EQ_U64(im.parts.data[1].suffix, 'a');
   CHECK_EQ_U64(image_choose(&im, 0, 90)->sm, 90);
   CHECK_EQ_U64(image_choose(&im, 0, 89)->sm, 80);
   CHECK_EQ_U64(image_choose(&im, 0, 75)->sm, 80);
   CHECK_EQ_U64(image_choose(&im, 0, 120)->sm, 100);
   image_finish(&im);
   /* Every shorter length, and every byte spoiled: an error or a result, never a crash.
    */
   for (size_t n = 0; n < out.len; n++) {
      char *copy = malloc(n ? n : 1);
      memcpy(copy, out.data, n);
      (void)!image_open(&im, copy, n, &why);
      image_finish(&im);
      free(copy);
   }
   for (size_t i = 0; i < out.len; i++)
      for (unsigned bit = 0; bit < 8; bit++) {
         char *copy = malloc(out.len);
         memcpy(copy, out.data, out.len);
         copy[i] ^= (char)(1u << bit);
         (void)!image_open(&im, copy, out.len, &why);
         image_finish(&im);
         free(copy);
      }
   CHECK(image_open(&im, out.data, 40, &why) == IMAGE_INVALID);
   image_finish(&im);
   str_finish(&out);
   str_finish(&why);
}

/* A container laid out by hand from the documented offsets: SASS alone. */
static void
sass_only(void)
{
   unsigned char b[16 + 64 + 8] = {0x50, 0xED, 0x55, 0xBA, 1, 0, 16, 0, 72};
   b[16] = 2;      /* SASS */
   b[16 + 4] = 64; /* header */
   b[16 + 8] = 8;  /* payload */
   b[16 + 28] = 90;
   struct image im;
   struct str why = {0};
   CHECK(image_open(&im, b, sizeof b, &why) == IMAGE_NO_PTX);
   CHECK(strstr(str_get(&why), "SASS sm_90") != NULL);
   image_finish(&im);
   b[16 + 8] = 9;
   CHECK(image_open(&im, b, sizeof b, &why) == IMAGE_INVALID);
   image_finish(&im);
   str_finish(&why);
}

struct wrapper {
   unsigned magic, version;
   const void *data;
   void *p;
};

static void
wrappers(void)
{
   struct image_source s[2] = {{.ptx = ptx80, .size = sizeof ptx80 - 1, .sm = 80},
                               {.ptx = ptx90, .size = sizeof ptx90 - 1, .sm = 90}};
   struct str a = {0}, b = {0}, why = {0};
   CHECK(image_pack(&a, &s[0], 1, IMAGE_STORE));
   CHECK(image_pack(&b, &s[1], 1, IMAGE_ZSTD));
   struct wrapper w1 = {0x466243B1, 1, a.data, NULL};
   struct image im;
   CHECK(image_open(&im, &w1, IMAGE_UNSIZED, &why) == IMAGE_OK);
   CHECK_EQ_U64(im.units, 1);
   image_finish(&im);
   const void *list[] = {a.data, b.data, NULL};
   struct wrapper w2 = {0x466243B1, 2, NULL, list};
   CHECK(image_open(&im, &w2, IMAGE_UNSIZED, &why) == IMAGE_OK);
   CHECK_EQ_U64(im.units, 2);
   CHECK_STR(image_choose(&im, 0, 90)->ptx, ptx80);
   CHECK_STR(image_choose(&im, 1, 90)->ptx, ptx90);
   image_finish(&im);
   CHECK(image_open(&im, &w1, sizeof w1, &why) == IMAGE_INVALID);
   image_finish(&im);
   struct wrapper w3 = {0x466243B1, 3, a.data, NULL};
   CHECK(image_open(&im, &w3, IMAGE_UNSIZED, &why) == IMAGE_INVALID);
   image_finish(&im);

   /* The same two containers in an ELF section. */
   struct {
      Elf64_Ehdr eh;
      Elf64_Shdr sh[3];
      char names[32];
   } e = {.names = "\0.nv_fatbin\0.shstrtab"};
   memcpy(e.eh.e_ident, "\177ELF\2\1\1", 7);
   e.eh.e_shoff = sizeof e.eh;
   e.eh.e_shentsize = sizeof e.sh[0];
   e.eh.e_shnum = 3;
   e.eh.e_shstrndx = 2;
   e.sh[1] = (Elf64_Shdr){.sh_name = 1,
                          .sh_type = SHT_PROGBITS,
                          .sh_offset = sizeof e,
                          .sh_size = a.len + b.len};
   e.sh[2] = (Elf64_Shdr){.sh_name = 12,
                          .sh_type = SHT_STRTAB,
                          .sh_offset = offsetof(__typeof__(e), names),
                          .sh_size = 32};
   struct str elf = {0};
   str_append_n(&elf, (char *)&e, sizeof e);
   str_append_n(&elf, a.data, a.len);
   str_append_n(&elf, b.data, b.len);
   CHECK(image_open(&im, elf.data, elf.len, &why) == IMAGE_OK);
   CHECK_EQ_U64(im.units, 2);
   CHECK_EQ_U64(im.parts.len, 2);
   image_finish(&im);
   for (size_t i = 0; i < elf.len; i++) {
      elf.data[i] ^= 0x5a;
      (void)!image_open(&im, elf.data, elf.len, &why);
      image_finish(&im);
      elf.data[i] ^= 0x5a;
   }
   /* Section names that take no room in the file. */
   Elf64_Shdr *names = (Elf64_Shdr *)(elf.data + sizeof e.eh) + 2;
   names->sh_type = SHT_NOBITS;
   names->sh_offset = (Elf64_Off)1 << 40;
   CHECK(image_open(&im, elf.data, elf.len, &why) == IMAGE_INVALID);
   image_finish(&im);
   str_finish(&elf);
   str_finish(&a);
   str_finish(&b);
   str_finish(&why);
}

int
main(void)
{
   text();
   round_trip(IMAGE_STORE);
   round_trip(IMAGE_LZ4);
   round_trip(IMAGE_ZSTD);
   sass_only();
   wrappers();
   return check_done();
}
