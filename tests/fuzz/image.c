/* SPDX-License-Identifier: Apache-2.0
 * Any bytes are a container, or are refused with a reason; texts found are terminated and
 * can be packed again. */
#include <stdlib.h>
#include <string.h>

#include "image/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
expect(bool ok)
{
   if (!ok)
      abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   struct image im;
   struct str why = {0}, packed = {0};
   enum image_status st = image_open(&im, data, n, &why);
   expect((st == IMAGE_OK) == (why.len == 0));
   for (uint32_t u = 0; u < im.units; u++) {
      const struct image_part *p = image_choose(&im, u, 90);
      if (!p)
         continue;
      expect(p->ptx && strlen(p->ptx) == p->size);
      struct image_source src = {.ptx = p->ptx, .size = p->size, .sm = p->sm};
      packed.len = 0;
      expect(image_pack(&packed, &src, 1, n % 2 ? IMAGE_LZ4 : IMAGE_ZSTD));
      struct image again;
      expect(image_open(&again, packed.data, packed.len, &why) == IMAGE_OK);
      expect(!strcmp(image_choose(&again, 0, 90)->ptx, p->ptx));
      image_finish(&again);
   }
   str_finish(&packed);
   str_finish(&why);
   image_finish(&im);
   return 0;
}
