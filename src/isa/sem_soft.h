/* SPDX-License-Identifier: Apache-2.0
 * f64 in integers, for the directed rounding modes alone: one lane at a time, exact, and
 * slower than hardware by an order of magnitude, which interval arithmetic can bear.
 * Every function takes and gives bit patterns. */
#ifndef KASURI_ISA_SEM_SOFT_H
#define KASURI_ISA_SEM_SOFT_H

#include "isa/lanes_float.h"

#define SOFT_INF 0x7ff0000000000000u
#define SOFT_SIGN 0x8000000000000000u
#define SOFT static inline __attribute__((unused))

SOFT int
soft_is_nan(uint64_t x)
{
   return (x & ~SOFT_SIGN) > SOFT_INF;
}

SOFT int
soft_away(uint64_t sign, unsigned rnd)
{
   return rnd == (sign ? ISA_RM : ISA_RP);
}

/* Number of the highest one bit; m is not 0. */
SOFT int
soft_top(unsigned __int128 m)
{
   uint64_t hi = (uint64_t)(m >> 64);
   return hi ? 127 - __builtin_clzll(hi) : 63 - __builtin_clzll((uint64_t)m);
}

/* Value m * 2^exp (m not 0), plus something less than one unit of m if sticky. */
SOFT uint64_t
soft_round(uint64_t sign, unsigned __int128 m, int exp, int sticky, unsigned rnd)
{
   int top = soft_top(m);
   int unit = exp + top - 52; /* exponent of the result's last bit */
   if (unit < -1074)
      unit = -1074;
   int drop = unit - exp;
   uint64_t frac;
   if (drop <= 0) {
      frac = (uint64_t)m << -drop; /* exact: m is short */
   } else if (drop > 127) {
      frac = 0;
      sticky = 1;
   } else {
      frac = (uint64_t)(m >> drop);
      sticky |= (m & (((unsigned __int128)1 << drop) - 1)) != 0;
   }
   if (sticky && soft_away(sign, rnd))
      frac++;
   if (frac >> 53) {
      frac >>= 1;
      unit++;
   }
   if (unit > 971)
      return sign | (soft_away(sign, rnd) ? SOFT_INF : SOFT_INF - 1);
   /* The hidden bit adds one to the exponent field. */
   uint64_t biased = frac >> 52 ? (uint64_t)(unit + 1074) << 52 : 0;
   return sign | (biased + frac);
}

/* A finite number's significand and exponent: m * 2^exp. */
SOFT uint64_t
soft_unpack(uint64_t x, int *exp)
{
   int e = (int)(x >> 52 & 0x7ff);
   uint64_t m = x & 0xfffffffffffffu;
   *exp = (e ? e : 1) - 1075;
   return e ? m | 0x10000000000000u : m;
}

/* The sum of two nonzero values of up to 106 bits, the smaller exponent's part moved to
 * the other's scale, with what falls off kept as sticky. */
SOFT uint64_t
soft_sum(uint64_t sx, unsigned __int128 mx, int ex, uint64_t sy, unsigned __int128 my,
         int ey, unsigned rnd)
{
   /* Both with their top bit at 125, so that a carry fits and 19 bits are spare. */
   int ux = 125 - soft_top(mx), uy = 125 - soft_top(my);
   mx <<= ux;
   ex -= ux;
   my <<= uy;
   ey -= uy;
   if (ex < ey || (ex == ey && mx < my)) {
      unsigned __int128 m = mx;
      mx = my;
      my = m;
      int t = ex;
      ex = ey;
      ey = t;
      uint64_t s = sx;
      sx = sy;
      sy = s;
   }
   int shift = ex - ey, sticky = 0;
   if (shift > 126) {
      my = 0;
      sticky = 1;
   } else {
      sticky = (my & (((unsigned __int128)1 << shift) - 1)) != 0;
      my >>= shift;
   }
   /* A difference whose smaller part lost bits is a little less than it seems. */
   unsigned __int128 m = sx == sy ? mx + my : mx - my - (unsigned)sticky;
   if (!m)
      return rnd == ISA_RM ? SOFT_SIGN : 0;
   return soft_round(sx, m, ex, sticky, rnd);
}

SOFT uint64_t
soft_fma(uint64_t x, uint64_t y, uint64_t z, unsigned rnd)
{
   uint64_t sp = (x ^ y) & SOFT_SIGN, sz = z & SOFT_SIGN;
   uint64_t mx = x & ~SOFT_SIGN, my = y & ~SOFT_SIGN, mz = z & ~SOFT_SIGN;
   if (soft_is_nan(x) || soft_is_nan(y) || soft_is_nan(z))
      return NAN_F64;
   if (mx == SOFT_INF || my == SOFT_INF) {
      if (!mx || !my || (mz == SOFT_INF && sz != sp))
         return NAN_F64;
      return sp | SOFT_INF;
   }
   if (mz == SOFT_INF)
      return z;
   if (!mx || !my) {
      if (mz)
         return z;
      return sp == sz ? z : rnd == ISA_RM ? SOFT_SIGN : 0;
   }
   int ex, ey, ez;
   unsigned __int128 p = (unsigned __int128)soft_unpack(mx, &ex) * soft_unpack(my, &ey);
   if (!mz)
      return soft_round(sp, p, ex + ey, 0, rnd);
   uint64_t m = soft_unpack(mz, &ez);
   return soft_sum(sp, p, ex + ey, sz, m, ez, rnd);
}

SOFT uint64_t
soft_div(uint64_t x, uint64_t y, unsigned rnd)
{
   uint64_t sign = (x ^ y) & SOFT_SIGN, mx = x & ~SOFT_SIGN, my = y & ~SOFT_SIGN;
   if (soft_is_nan(x) || soft_is_nan(y))
      return NAN_F64;
   if (mx == SOFT_INF)
      return my == SOFT_INF ? NAN_F64 : sign | SOFT_INF;
   if (!my)
      return mx ? sign | SOFT_INF : NAN_F64;
   if (!mx || my == SOFT_INF)
      return sign;
   int ex, ey;
   uint64_t n = soft_unpack(mx, &ex), den = soft_unpack(my, &ey), q = 0;
   int up = __builtin_clzll(n) - 11, down = __builtin_clzll(den) - 11;
   n <<= up;
   den <<= down;
   /* One quotient bit a step, 56 of them; the last has weight 2^-55. */
   for (int i = 0; i < 56; i++) {
      q <<= 1;
      if (n >= den) {
         n -= den;
         q |= 1;
      }
      n <<= 1;
   }
   return soft_round(sign, q, ex - up - (ey - down) - 55, n != 0, rnd);
}

SOFT uint64_t
soft_sqrt(uint64_t x, unsigned rnd)
{
   if (soft_is_nan(x) || (x & SOFT_SIGN && x != SOFT_SIGN))
      return NAN_F64;
   if (x == SOFT_SIGN || x == 0 || x == SOFT_INF)
      return x;
   int exp;
   unsigned __int128 m = soft_unpack(x, &exp);
   int up = __builtin_clzll((uint64_t)m) - 11;
   m <<= up;
   exp -= up;
   if (exp & 1) {
      m <<= 1;
      exp--;
   }
   /* m * 2^58 keeps the exponent even and gives a root of 56 bits. */
   m <<= 58;
   uint64_t root = 0;
   for (uint64_t bit = 1ull << 56; bit; bit >>= 1) {
      uint64_t t = root | bit;
      if ((unsigned __int128)t * t <= m)
         root = t;
   }
   return soft_round(0, root, (exp - 58) / 2, (unsigned __int128)root * root != m, rnd);
}

#endif
