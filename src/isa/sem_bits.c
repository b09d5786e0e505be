/* SPDX-License-Identifier: Apache-2.0
 * Bits: logic, shifts, fields, counts, permutation. PTX manual 9.7.1 and 9.7.8. Amounts
 * beyond the width are legal in PTX, so every shift below is made safe first. */
#include "isa/isa.h"
#include "isa/lanes.h"
#include "isa/sem.h"

#define LOGIC(T)                                                                         \
   FN2(and_##T, T, T, T, x &y)                                                           \
   FN2(or_##T, T, T, T, x | y)                                                           \
   FN2(xor_##T, T, T, T, x ^ y)                                                          \
   FN1(not_##T, T, T, CV(T, ~x))                                                         \
   FN1(cnot_##T, T, T, SEL(M(x == 0), K(T, 1), K(T, 0)))
LOGIC(u16)
LOGIC(u32)
LOGIC(u64)

FN(and_pred)
{
   st_m(d, ld_m(a) & ld_m(b));
}

FN(or_pred)
{
   st_m(d, ld_m(a) | ld_m(b));
}

FN(xor_pred)
{
   st_m(d, ld_m(a) ^ ld_m(b));
}

FN(not_pred)
{
   st_m(d, NOT_M(ld_m(a)));
}

/* -- Shifts: the amount is 32 bits, clamped to the width. */
#define SHIFT(U, S, bits)                                                                \
   FN(shl_##U)                                                                           \
   {                                                                                     \
      v_##U x = LD(U, a);                                                                \
      v_u32 n = LD(u32, b);                                                              \
      v_##U r = x << CV(U, n & ((bits) - 1));                                            \
      ST(U, d, SEL(M(n >= (bits)), K(U, 0), r));                                         \
   }                                                                                     \
   FN(shr_##U)                                                                           \
   {                                                                                     \
      v_##U x = LD(U, a);                                                                \
      v_u32 n = LD(u32, b);                                                              \
      v_##U r = x >> CV(U, n & ((bits) - 1));                                            \
      ST(U, d, SEL(M(n >= (bits)), K(U, 0), r));                                         \
   }                                                                                     \
   FN(shr_##S)                                                                           \
   {                                                                                     \
      v_u32 n = LD(u32, b);                                                              \
      n = SEL(M(n >= (bits)), K(u32, (bits) - 1), n);                                    \
      ST(S, d, LD(S, a) >> CV(S, n));                                                    \
   }
SHIFT(u16, s16, 16)
SHIFT(u32, s32, 32)
SHIFT(u64, s64, 64)

/* Funnel: {b, a} shifted; b is the upper word. The amount wraps or clamps at 32. */
LANE v_u32
shf_amount(v_u32 n, uint64_t w)
{
   return W_MODE(w) == ISA_MODE_WRAP ? n & 31u : SEL(M(n > 32), K(u32, 32), n);
}

FN(shf_l)
{
   v_u64 both = CV(u64, LD(u32, b)) << 32 | CV(u64, LD(u32, a));
   v_u32 n = shf_amount(LD(u32, c), w);
   ST(u32, d, CV(u32, (both << CV(u64, n)) >> 32));
}

FN(shf_r)
{
   v_u64 both = CV(u64, LD(u32, b)) << 32 | CV(u64, LD(u32, a));
   v_u32 n = shf_amount(LD(u32, c), w);
   ST(u32, d, CV(u32, both >> CV(u64, n)));
}

/* Any function of three bits: e holds the truth table, the same in every lane. */
FN(lop3_u32)
{
   v_u32 x = LD(u32, a), y = LD(u32, b), z = LD(u32, c), lut = LD(u32, e), r = K(u32, 0);
   for (unsigned i = 0; i < 8; i++) {
      v_u32 term = (i & 4 ? x : ~x) & (i & 2 ? y : ~y) & (i & 1 ? z : ~z);
      r |= term & (K(u32, 0) - ((lut >> i) & 1u));
   }
   ST(u32, d, r);
}

/* -- Counts. The shape of popc is the one that LLVM knows as a population count. */
LANE v_u32
popc_u32_lanes(v_u32 x)
{
   x = x - ((x >> 1) & 0x55555555u);
   x = (x & 0x33333333u) + ((x >> 2) & 0x33333333u);
   x = (x + (x >> 4)) & 0x0f0f0f0fu;
   return (x * 0x01010101u) >> 24;
}

LANE v_u64
popc_u64_lanes(v_u64 x)
{
   x = x - ((x >> 1) & 0x5555555555555555u);
   x = (x & 0x3333333333333333u) + ((x >> 2) & 0x3333333333333333u);
   x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0fu;
   return (x * 0x0101010101010101u) >> 56;
}

/* Leading zeros: zeros left once every bit below the highest one is set. */
LANE v_u32
clz_u32_lanes(v_u32 x)
{
   for (int i = 1; i < 32; i *= 2)
      x |= x >> i;
   return popc_u32_lanes(~x);
}

LANE v_u32
clz_u64_lanes(v_u64 x)
{
   for (int i = 1; i < 64; i *= 2)
      x |= x >> i;
   return CV(u32, popc_u64_lanes(~x));
}

FN1(popc_u32, u32, u32, popc_u32_lanes(x))
FN1(popc_u64, u32, u64, CV(u32, popc_u64_lanes(x)))
FN1(clz_u32, u32, u32, clz_u32_lanes(x))
FN1(clz_u64, u32, u64, clz_u64_lanes(x))

/* The highest bit that is not a sign bit; all ones when there is none. .shiftamt gives
 * the left shift that brings it to the top. */
#define BFIND(U, S, bits)                                                                \
   LANE v_u32 bfind_lanes_##U(v_##U x, uint64_t w)                                       \
   {                                                                                     \
      v_u32 n = clz_##U##_lanes(x);                                                      \
      v_u32 r = W_FLAG(w, ISA_SHIFTAMT) ? n : (bits) - 1 - n;                            \
      return SEL(M(n == (bits)), K(u32, -1), r);                                         \
   }                                                                                     \
   FN1(bfind_##U, u32, U, bfind_lanes_##U(x, w))                                         \
   FN1(bfind_##S, u32, S, bfind_lanes_##U(U##_of_##S(x ^ (x >> ((bits) - 1))), w))
BFIND(u32, s32, 32)
BFIND(u64, s64, 64)

#define SWAP_BITS(x, n, mask) ((((x) >> (n)) & (mask)) | (((x) & (mask)) << (n)))

LANE v_u32
brev_u32_lanes(v_u32 x)
{
   x = SWAP_BITS(x, 1, 0x55555555u);
   x = SWAP_BITS(x, 2, 0x33333333u);
   x = SWAP_BITS(x, 4, 0x0f0f0f0fu);
   x = SWAP_BITS(x, 8, 0x00ff00ffu);
   return x >> 16 | x << 16;
}

FN1(brev_u32, u32, u32, brev_u32_lanes(x))
FN(brev_u64)
{
   v_u64 x = LD(u64, a);
   v_u32 lo = brev_u32_lanes(CV(u32, x)), hi = brev_u32_lanes(CV(u32, x >> 32));
   ST(u64, d, CV(u64, lo) << 32 | CV(u64, hi));
}

/* The n-th set bit from base on, upwards (n > 0) or downwards (n < 0); n = 0: base itself
 * if set. One pass over the bits that lie in the direction asked for. */
FN(fns_u32)
{
   v_u32 mask = LD(u32, a), base = LD(u32, b) & 31u, r = K(u32, -1);
   v_s32 n = LD(s32, c);
   v_u32 up = MASK_OF(u32, M(n >= 0));
   v_u32 want = SEL(M(n < 0), K(u32, 0) - u32_of_s32(n), u32_of_s32(n));
   want = SEL(M(want == 0), K(u32, 1), want);
   v_u32 seen = K(u32, 0);
   for (unsigned i = 0; i < 32; i++) {
      v_u32 at = SEL(M(up != 0), base + i, base - i);
      v_m here = M(at < 32) & M(((mask >> (at & 31u)) & 1u) != 0);
      seen += SEL(here, K(u32, 1), K(u32, 0));
      v_m single = M(n != 0) | M(K(u32, i) == 0);
      r = SEL(here & single & M(seen == want), at, r);
   }
   ST(u32, d, r);
}

/* -- Fields. Position and length are taken modulo 256. */
#define FIELD(U, S, bits)                                                                \
   LANE v_##U low_bits_##U(v_u32 n)                                                      \
   {                                                                                     \
      v_##U m = (K(U, 1) << CV(U, n & ((bits) - 1))) - 1;                                \
      return SEL(M(n >= (bits)), K(U, -1), m);                                           \
   }                                                                                     \
   LANE v_##U shr_lanes_##U(v_##U x, v_u32 n)                                            \
   {                                                                                     \
      v_##U r = x >> CV(U, n & ((bits) - 1));                                            \
      return SEL(M(n >= (bits)), K(U, 0), r);                                            \
   }                                                                                     \
   LANE v_##U shl_lanes_##U(v_##U x, v_u32 n)                                            \
   {                                                                                     \
      v_##U r = x << CV(U, n & ((bits) - 1));                                            \
      return SEL(M(n >= (bits)), K(U, 0), r);                                            \
   }                                                                                     \
   FN(bfe_##U)                                                                           \
   {                                                                                     \
      v_u32 pos = LD(u32, b) & 0xffu, len = LD(u32, c) & 0xffu;                          \
      ST(U, d, shr_lanes_##U(LD(U, a), pos) & low_bits_##U(len));                        \
   }                                                                                     \
   /* The sign is the field's top bit, the word's where the field reaches beyond it. */  \
   FN(bfe_##S)                                                                           \
   {                                                                                     \
      v_##U x = LD(U, a);                                                                \
      v_u32 pos = LD(u32, b) & 0xffu, len = LD(u32, c) & 0xffu;                          \
      v_u32 top = pos + len - 1u;                                                        \
      top = SEL(M(top > (bits) - 1), K(u32, (bits) - 1), top);                           \
      v_##U sign = K(U, 0) - (shr_lanes_##U(x, top) & 1u);                               \
      sign = SEL(M(len == 0), K(U, 0), sign);                                            \
      v_##U field = low_bits_##U(len);                                                   \
      v_u32 there = SEL(M(pos < (bits)), (bits) - pos, K(u32, 0));                       \
      v_##U have = field & low_bits_##U(there);                                          \
      ST(U, d, (shr_lanes_##U(x, pos) & have) | (sign & ~have));                         \
   }                                                                                     \
   FN(bfi_##U)                                                                           \
   {                                                                                     \
      v_##U x = LD(U, a), y = LD(U, b);                                                  \
      v_u32 pos = LD(u32, c) & 0xffu, len = LD(u32, e) & 0xffu;                          \
      v_##U m = shl_lanes_##U(low_bits_##U(len), pos);                                   \
      ST(U, d, (shl_lanes_##U(x, pos) & m) | (y & ~m));                                  \
   }
FIELD(u32, s32, 32)
FIELD(u64, s64, 64)

/* A mask of b ones from bit a. Wrap: both modulo 32; clamp: capped at 32. */
FN(bmsk_u32)
{
   v_u32 pos = LD(u32, a), len = LD(u32, b);
   if (W_MODE(w) == ISA_MODE_WRAP) {
      pos &= 31u;
      len &= 31u;
   }
   ST(u32, d, shl_lanes_u32(low_bits_u32(len), pos));
}

/* The low n bits, extended. Wrap: n modulo 32; clamp: 32 and more keep the value. */
LANE v_u32
szext_bits(v_u32 n, uint64_t w)
{
   return W_MODE(w) == ISA_MODE_WRAP ? n & 31u : n;
}

FN2(szext_u32, u32, u32, u32, x &low_bits_u32(szext_bits(y, w)))
FN(szext_s32)
{
   v_u32 x = LD(u32, a), n = szext_bits(LD(u32, b), w), m = low_bits_u32(n);
   v_u32 sign = K(u32, 0) - (shr_lanes_u32(x, n - 1u) & 1u);
   ST(u32, d, (x & m) | (sign & ~m));
}

/* -- prmt: four bytes out of the eight of {b, a}; e is not used, c selects. */
LANE v_u32
prmt_byte(v_u64 both, v_u32 sel)
{
   v_u32 byte = CV(u32, both >> CV(u64, (sel & 7u) * 8u)) & 0xffu;
   v_u32 sign = (K(u32, 0) - (byte >> 7)) & 0xffu;
   return SEL(M((sel & 8u) != 0), sign, byte);
}

/* Which byte the special modes pick for position i, from the two low bits of c. */
LANE v_u32
prmt_mode_index(unsigned mode, v_u32 s, unsigned i)
{
   switch (mode) {
   case ISA_MODE_F4E:
      return s + i;
   case ISA_MODE_B4E:
      return (s - i) & 7u;
   case ISA_MODE_RC8:
      return s;
   case ISA_MODE_ECL:
      return SEL(M(s > i), s, K(u32, i));
   case ISA_MODE_ECR:
      return SEL(M(s < i), s, K(u32, i));
   default: /* rc16 */
      return ((s & 1u) << 1) + (i & 1u);
   }
}

FN(prmt_u32)
{
   v_u64 both = CV(u64, LD(u32, b)) << 32 | CV(u64, LD(u32, a));
   v_u32 sel = LD(u32, c), r = K(u32, 0);
   for (unsigned i = 0; i < 4; i++) {
      v_u32 s = W_MODE(w) == ISA_MODE_NONE ? (sel >> (4 * i)) & 15u
                                           : prmt_mode_index(W_MODE(w), sel & 3u, i);
      r |= prmt_byte(both, s) << (8 * i);
   }
   ST(u32, d, r);
}

/* -- Selection. */
#define SELECT(T)                                                                        \
   FN(selp_##T)                                                                          \
   {                                                                                     \
      ST(T, d, SEL(ld_m(c), LD(T, a), LD(T, b)));                                        \
   }                                                                                     \
   FN(slct_##T##_s32)                                                                    \
   {                                                                                     \
      ST(T, d, SEL(M(LD(s32, c) >= 0), LD(T, a), LD(T, b)));                             \
   }                                                                                     \
   /* -0 selects a, and with .ftz so does a negative subnormal; NaN selects b. */        \
   FN(slct_##T##_f32)                                                                    \
   {                                                                                     \
      v_f32 z = LD(f32, c);                                                              \
      if (W_FLAG(w, ISA_FTZ))                                                            \
         z = SEL(M(FABS(z) < K(f32, 0x1p-126f)), K(f32, 0), z);                          \
      ST(T, d, SEL(M(z >= 0), LD(T, a), LD(T, b)));                                      \
   }
SELECT(u16)
SELECT(u32)
SELECT(u64)
FN(selp_pred)
{
   v_m p = ld_m(c);
   st_m(d, (p & ld_m(a)) | (NOT_M(p) & ld_m(b)));
}
