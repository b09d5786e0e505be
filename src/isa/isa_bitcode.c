/* SPDX-License-Identifier: Apache-2.0
 * Finds a family's bitcode by name and lanes; the families are those of sem_list.inc. */
#include "isa/isa_bitcode.h"

#include <string.h>

#define EACH_FAMILY(X)                                                                   \
   X(approx) X(bits) X(cvt) X(float) X(half) X(int) X(set) X(small) X(video)
#define DECLARE(family) extern const struct isa_bitcode isa_bitcode_##family[];
#define ADDRESS(family) isa_bitcode_##family,
EACH_FAMILY(DECLARE)

const struct isa_bitcode *
isa_bitcode_find(const char *family, unsigned lanes)
{
   static const struct isa_bitcode *const all[] = {EACH_FAMILY(ADDRESS)};
   for (size_t i = 0; i < sizeof all / sizeof *all; i++)
      for (size_t k = 0; k < ISA_BITCODE_WIDTHS && !strcmp(all[i]->family, family); k++)
         if (all[i][k].lanes == lanes)
            return &all[i][k];
   return NULL;
}
