/* SPDX-License-Identifier: Apache-2.0
 * The packed integer intrinsics on two 16-bit or four 8-bit lanes. CUDA 9.0 and 9.1
 * called them in the library; later headers use the vector video instructions. */
#include "libdevice.h"

INLINE i32
lane_s(int v, int i, int bits)
{
   return (i32)((u32)v << (32 - bits - i * bits)) >> (32 - bits);
}

INLINE i32
lane_u(int v, int i, int bits)
{
   return (i32)((u32)v << (32 - bits - i * bits) >> (32 - bits));
}

INLINE i32
clamp_i(i32 x, i32 lo, i32 hi)
{
   return x < lo ? lo : x > hi ? hi : x;
}

/* One function for each width: x and y are a lane of a and b, SMAX and UMAX its limits.
 */
#define LANES(name, bits, params, b, get, expr)                                          \
   NV int __nv_##name params                                                             \
   {                                                                                     \
      const i32 SMAX = (1 << (bits - 1)) - 1, UMAX = 2 * SMAX + 1;                       \
      u32 r = 0;                                                                         \
      UNROLL                                                                             \
      for (int i = 0; i < 32 / bits; i++) {                                              \
         i32 x = get(a, i, bits), y = get(b, i, bits);                                   \
         (void)y;                                                                        \
         r |= ((u32)(expr) & (u32)UMAX) << (i * bits);                                   \
      }                                                                                  \
      return (int)r;                                                                     \
   }
#define UNARY(name, get, expr)                                                           \
   LANES(name##2, 16, (int a), 0, get, expr) LANES(name##4, 8, (int a), 0, get, expr)
#define BINARY(name, get, expr)                                                          \
   LANES(name##2, 16, (int a, int b), b, get, expr)                                      \
   LANES(name##4, 8, (int a, int b), b, get, expr)

UNARY(vabs, lane_s, x < 0 ? -x : x)
UNARY(vabsss, lane_s, clamp_i(x < 0 ? -x : x, 0, SMAX))
UNARY(vneg, lane_s, -x)
UNARY(vnegss, lane_s, clamp_i(-x, -SMAX - 1, SMAX))
BINARY(vabsdiffs, lane_s, x > y ? x - y : y - x)
BINARY(vabsdiffu, lane_u, x > y ? x - y : y - x)
BINARY(vadd, lane_u, x + y)
BINARY(vaddss, lane_s, clamp_i(x + y, -SMAX - 1, SMAX))
BINARY(vaddus, lane_u, clamp_i(x + y, 0, UMAX))
BINARY(vsub, lane_u, x - y)
BINARY(vsubss, lane_s, clamp_i(x - y, -SMAX - 1, SMAX))
BINARY(vsubus, lane_u, clamp_i(x - y, 0, UMAX))
BINARY(vavgu, lane_u, (x + y + 1) >> 1)
BINARY(vhaddu, lane_u, (x + y) >> 1)
BINARY(vmaxs, lane_s, x > y ? x : y)
BINARY(vmaxu, lane_u, x > y ? x : y)
BINARY(vmins, lane_s, x < y ? x : y)
BINARY(vminu, lane_u, x < y ? x : y)

#define COMPARE(name, get, op)                                                           \
   BINARY(vcmp##name, get, x op y ? UMAX : 0)                                            \
   BINARY(vset##name, get, x op y)
COMPARE(eq, lane_u, ==)
COMPARE(ne, lane_u, !=)
COMPARE(ges, lane_s, >=)
COMPARE(geu, lane_u, >=)
COMPARE(gts, lane_s, >)
COMPARE(gtu, lane_u, >)
COMPARE(les, lane_s, <=)
COMPARE(leu, lane_u, <=)
COMPARE(lts, lane_s, <)
COMPARE(ltu, lane_u, <)

/* Sums of absolute differences over all lanes. */
#define SAD(name, bits, get)                                                             \
   NV int __nv_##name(int a, int b)                                                      \
   {                                                                                     \
      i32 r = 0;                                                                         \
      UNROLL                                                                             \
      for (int i = 0; i < 32 / bits; i++) {                                              \
         i32 x = get(a, i, bits), y = get(b, i, bits);                                   \
         r += x > y ? x - y : y - x;                                                     \
      }                                                                                  \
      return r;                                                                          \
   }
SAD(vsads2, 16, lane_s)
SAD(vsads4, 8, lane_s)
SAD(vsadu2, 16, lane_u)
SAD(vsadu4, 8, lane_u)
