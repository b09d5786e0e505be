/* SPDX-License-Identifier: Apache-2.0
 * SIMD video instructions with the default selectors and mask, PTX manual 9.7.18.2: lanes
 * of b against those of a, then c added to their sum where .add is written. */
#include "isa/isa.h"
#include "isa/lanes.h"
#include "isa/sem.h"

#define PART_u32(x, i, bits) (((x) >> ((bits) * (i))) & ((1u << (bits)) - 1))
#define PART_s32(x, i, bits)                                                             \
   u32_of_s32(s32_of_u32((x) << (32 - (bits) - (bits) * (i))) >> (32 - (bits)))

LANE v_u32
distance(v_u32 x, v_u32 y)
{
   v_s32 n = s32_of_u32(x - y), m = s32_of_u32(y - x);
   return u32_of_s32(SEL(M(n < 0), m, n));
}

#define ABSDIFF(name, T, bits)                                                           \
   FN(name##_##T)                                                                        \
   {                                                                                     \
      v_u32 x = LD(u32, a), y = LD(u32, b), sum = LD(u32, c), parts = K(u32, 0);         \
      for (int i = 0; i < 32 / (bits); i++) {                                            \
         v_u32 n = distance(PART_##T(x, i, bits), PART_##T(y, i, bits));                 \
         sum += n;                                                                       \
         parts |= (n & ((1u << (bits)) - 1)) << ((bits) * i);                            \
      }                                                                                  \
      ST(u32, d, W_ATOM(w) == ISA_ATOM_ADD ? sum : parts);                               \
   }
ABSDIFF(vabsdiff4, u32, 8)
ABSDIFF(vabsdiff4, s32, 8)
ABSDIFF(vabsdiff2, u32, 16)
ABSDIFF(vabsdiff2, s32, 16)
