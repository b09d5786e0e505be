/* SPDX-License-Identifier: Apache-2.0
 * Rounding, flushing and NaN for floats, in lanes. Directed rounding never touches the
 * processor's rounding mode: a result is first had exactly, or rounded to odd in a format
 * with enough spare bits (Boldo and Melquiond: two more than the target), and then
 * stepped. */
#ifndef KASURI_ISA_LANES_FLOAT_H
#define KASURI_ISA_LANES_FLOAT_H

#include "isa/isa.h"
#include "isa/lanes.h"
#include "isa/sem.h"

/* Canonical NaNs: docs/numerics.md. */
#define NAN_F32 0x7fffffffu
#define NAN_F64 0xfff8000000000000u
#define NAN_16 0x7fffu /* f16 and bf16 */

LANE v_m
is_nan_f32(v_f32 x)
{
   return M(x != x);
}

LANE v_m
is_nan_f64(v_f64 x)
{
   return M(x != x);
}

LANE int
is_directed(unsigned rnd)
{
   return rnd == ISA_RM || rnd == ISA_RP || rnd == ISA_RZ;
}

/* Subnormals become zeros of the same sign. */
LANE v_f32
flush_f32(v_f32 x)
{
   v_u32 u = u32_of_f32(x);
   return f32_of_u32(SEL(M((u & 0x7f800000u) == 0), u & 0x80000000u, u));
}

LANE v_f32
in_f32(v_f32 x, uint64_t w)
{
   return W_FLAG(w, ISA_FTZ) ? flush_f32(x) : x;
}

LANE v_f32
canon_f32(v_f32 x, uint64_t w)
{
   return W_CANON(w) ? f32_of_u32(SEL(is_nan_f32(x), K(u32, NAN_F32), u32_of_f32(x))) : x;
}

LANE v_f64
canon_f64(v_f64 x, uint64_t w)
{
   return W_CANON(w) ? f64_of_u64(SEL(is_nan_f64(x), K(u64, NAN_F64), u64_of_f64(x))) : x;
}

/* .sat: to [+0, 1], NaN to +0. */
LANE v_f32
saturate_f32(v_f32 x)
{
   x = SEL(M(x > 0), x, K(f32, 0));
   return SEL(M(x > 1), K(f32, 1), x);
}

LANE v_f64
saturate_f64(v_f64 x)
{
   x = SEL(M(x > 0), x, K(f64, 0));
   return SEL(M(x > 1), K(f64, 1), x);
}

/* What every f32 result goes through last. */
LANE v_f32
out_f32(v_f32 x, uint64_t w)
{
   x = in_f32(x, w);
   return W_FLAG(w, ISA_SAT) ? saturate_f32(x) : canon_f32(x, w);
}

LANE v_f64
out_f64(v_f64 x, uint64_t w)
{
   return W_FLAG(w, ISA_SAT) ? saturate_f64(x) : canon_f64(x, w);
}

/* The sum and what rounding it lost, exact while nothing overflows (Knuth's two-sum). */
#define TWO_SUM(T)                                                                       \
   LANE v_##T two_sum_##T(v_##T x, v_##T y, v_##T *err)                                  \
   {                                                                                     \
      v_##T s = x + y;                                                                   \
      v_##T yy = s - x;                                                                  \
      v_##T xx = s - yy;                                                                 \
      *err = (x - xx) + (y - yy);                                                        \
      return s;                                                                          \
   }
TWO_SUM(f32)
TWO_SUM(f64)

/* s + err rounded to odd, where s is the sum rounded to nearest. NaN in err (from an
 * infinity) counts as no error. */
#define ROUND_ODD(F, U)                                                                  \
   LANE v_##F round_odd_##F(v_##F s, v_##F err)                                          \
   {                                                                                     \
      v_##U u = U##_of_##F(s);                                                           \
      v_m inexact = M(err < 0) | M(err > 0);                                             \
      v_m grow = NOT_M(M(err > 0) ^ M(s > 0));                                           \
      v_##U odd = SEL(grow, u + 1, u - 1);                                               \
      return F##_of_##U(SEL(inexact & M((u & 1) == 0), odd, u));                         \
   }
ROUND_ODD(f32, u32)
ROUND_ODD(f64, u64)

/* Bits u of a nearest value, stepped once so as to be rounded in direction rnd; above:
 * the value is greater than the exact one, below: less. For any format whose bits are
 * sign and magnitude; infinity steps down to the greatest number. */
#define STEP(U)                                                                          \
   LANE v_##U step_##U(v_##U u, v_m negative, v_m above, v_m below, unsigned rnd)        \
   {                                                                                     \
      v_m more = NOT_M(above | NOT_M(above)), less = more;                               \
      if (rnd == ISA_RM || rnd == ISA_RZ)                                                \
         less |= above & NOT_M(negative);                                                \
      if (rnd == ISA_RP || rnd == ISA_RZ)                                                \
         less |= below & negative;                                                       \
      if (rnd == ISA_RM)                                                                 \
         more |= above & negative;                                                       \
      if (rnd == ISA_RP)                                                                 \
         more |= below & NOT_M(negative);                                                \
      u = SEL(more, u + 1, u);                                                           \
      return SEL(less, u - 1, u);                                                        \
   }
STEP(u32)
STEP(u64)

/* A double, exact or rounded to odd, to f32. */
LANE v_f32
f32_from_f64(v_f64 s, unsigned rnd)
{
   v_f32 r = CV(f32, s);
   if (rnd != ISA_RM && rnd != ISA_RP && rnd != ISA_RZ)
      return r;
   v_f64 back = CV(f64, r);
   v_u32 u = u32_of_f32(r);
   return f32_of_u32(
      step_u32(u, M((u & 0x80000000u) != 0), M(back > s), M(back < s), rnd));
}

/* The same, rounded to odd: enough for a second rounding to 22 bits or less. */
LANE v_f32
f32_odd_from_f64(v_f64 s)
{
   v_f32 r = f32_from_f64(s, ISA_RZ);
   v_f64 back = CV(f64, r);
   v_u32 u = u32_of_f32(r);
   return f32_of_u32(SEL(M(back < s) | M(back > s), u | 1u, u));
}

/* An exactly zero sum of parts with signs in sx and sy: -0 under .rm unless both are +.
 */
LANE v_f32
zero_sum_f32(v_f32 r, v_m exact_zero, v_u32 sx, v_u32 sy, unsigned rnd)
{
   if (rnd != ISA_RM)
      return r;
   return f32_of_u32(SEL(exact_zero, (sx | sy) & 0x80000000u, u32_of_f32(r)));
}

/* x y + z, rounded once as rnd says. */
LANE v_f32
fma_wide(v_f32 x, v_f32 y, v_f32 z, unsigned rnd)
{
   v_f64 err, p = CV(f64, x) * CV(f64, y), wide_z = CV(f64, z);
   v_f64 s = two_sum_f64(p, wide_z, &err);
   v_f32 r = f32_from_f64(round_odd_f64(s, err), rnd);
   v_u32 sign = u32_of_f32(x) ^ u32_of_f32(y);
   return zero_sum_f32(r, M(s == 0), sign, u32_of_f32(z), rnd);
}

#endif
