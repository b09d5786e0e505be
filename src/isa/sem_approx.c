/* SPDX-License-Identifier: Apache-2.0
 * The .approx instructions, PTX manual 9.7.3.8 and 9.7.3.13 to 9.7.3.22 (and 9.7.4 for
 * halves): without branches, the same bits in every back end, and within the manual's
 * error bounds, which docs/numerics.md sets beside what was measured. Division and roots
 * are the processor's exact ones, which are as fast here. Polynomials were fitted by
 * least squares reweighted towards the minimax error (tests/gen/approx_fit.py). */
#include "isa/lanes_half.h"

/* Adding this leaves an integer of up to 22 bits in the low bits of the sum. */
#define MAGIC 0x1.8p23f

LANE v_f32
horner(v_f32 x, const float *c, int n)
{
   v_f32 r = K(f32, c[n - 1]);
#ifdef __clang__ /* what becomes bitcode */
#pragma clang loop unroll(full)
#endif
   for (int i = n - 2; i >= 0; i--)
      r = FMA(r, x, K(f32, c[i]));
   return r;
}
#define POLY(x, ...)                                                                     \
   horner((x), (const float[]){__VA_ARGS__},                                             \
          (int)(sizeof(float[]){__VA_ARGS__} / sizeof(float)))

/* x 2^k, rounded once, for integers k of -155 to 129 and x of 1/2 to 2: in two steps, as
 * 2^k may be subnormal. A function, as the JIT has another body for it on processors that
 * have an instruction (back/simd/native.c). */
void ISA_JOIN(ISA_PREFIX, scale_f32)(void *d, const void *x, const void *k);
__attribute__((noinline)) void
ISA_JOIN(ISA_PREFIX, scale_f32)(void *d, const void *x, const void *k)
{
   v_f32 n = LD(f32, k);
   /* The last factor's bits; those of n and of twice the bias, less them, are the
    * first's. */
   v_m down = M(s32_of_u32(u32_of_f32(n)) < 0);                    /* n's sign */
   v_u32 last = SEL(down, K(u32, 0x2f800000), K(u32, 0x4f800000)); /* 2^-32, 2^32 */
   v_u32 first = (u32_of_f32(n + K(f32, MAGIC + 254)) << 23) - last;
   ST(f32, d, LD(f32, x) * f32_of_u32(first) * f32_of_u32(last));
}

/* 2^x = 2^k 2^f with f in [-1/2, 1/2]. NaN leaves nonsense in k's bits, but stays NaN. */
LANE v_f32
ex2_value(v_f32 x)
{
   x = SEL(M(x > 129), K(f32, 129), x);
   x = SEL(M(x < -155), K(f32, -155), x);
   v_f32 k = x + K(f32, MAGIC) - K(f32, MAGIC), f = x - k;
   v_f32 p = POLY(f, 0x1.62e430p-1f, 0x1.ebfbdcp-3f, 0x1.c6aee8p-5f, 0x1.3b2d4ap-7f,
                  0x1.5f3e30p-10f, 0x1.41fcfcp-13f);
   p = FMA(p, f, K(f32, 1));
   ISA_JOIN(ISA_PREFIX, scale_f32)(&p, &p, &k);
   return p;
}

/* log2(x) = e + log2(1 + t) with 1 + t in [2/3, 4/3). */
LANE v_f32
lg2_value(v_f32 x)
{
   v_m tiny = M(x < K(f32, 0x1p-126f));
   v_u32 u = u32_of_f32(SEL(tiny, x * K(f32, 0x1p23f), x));
   v_s32 e = s32_of_u32(u - 0x3f2aaaabu) >> 23;
   v_f32 t = f32_of_u32(u - (u32_of_s32(e) << 23)) - K(f32, 1);
   e = SEL(tiny, e - 23, e);
   v_f32 q = POLY(t, 0x1.715476p+0f, -0x1.715456p-1f, 0x1.ec6f80p-2f, -0x1.7172d2p-2f,
                  0x1.27ba02p-2f, -0x1.e4f040p-3f, 0x1.9acd5cp-3f, -0x1.c71c4cp-3f,
                  0x1.aa7a6ap-3f);
   v_f32 r = FMA(q, t, CV(f32, e));
   r = SEL(M(x == 0), K(f32, -__builtin_inff()), r);
   r = SEL(M(x == K(f32, __builtin_inff())), x, r);
   /* Below zero, and NaN itself. */
   return SEL(M(x >= 0), r, K(f32, __builtin_nanf("")));
}

/* Quarter turns: x * 2/pi = k + r, in two floats, with r in [-1/2, 1/2]; then the
 * quadrant is k mod 4. Beyond 2^23 quarter turns the low part of the product counts whole
 * turns too, and what is left of r is no longer exact, but stays in range. */
LANE v_f32
sine_value(v_f32 x, unsigned quadrant)
{
   v_m finite = M(FABS(x) < K(f32, __builtin_inff()));
   v_f32 y = SEL(finite, x, K(f32, 0));
   v_f32 t = y * K(f32, 0x1.45f306p-1f);
   v_f32 low = FMA(y, K(f32, 0x1.45f306p-1f), -t);
   low = FMA(y, K(f32, 0x1.b9391p-26f), low);
   v_f32 k = RINT(t), r = (t - k) + low, k2 = RINT(r);
   r = r - k2;
   k = k - K(f32, 4) * FLOOR(k * K(f32, 0.25f));
   k2 = k2 - K(f32, 4) * FLOOR(k2 * K(f32, 0.25f));
   v_u32 q = u32_of_f32(k + k2 + K(f32, MAGIC)) + quadrant;
   v_f32 z = r * r;
   v_f32 s =
      r * POLY(z, 0x1.921fb4p+0f, -0x1.4abba8p-1f, 0x1.465a6ep-4f, -0x1.2cfc32p-8f);
   v_f32 c =
      FMA(POLY(z, -0x1.3bd3ccp+0f, 0x1.03c1dep-2f, -0x1.55c676p-6f, 0x1.d9fc1cp-11f), z,
          K(f32, 1));
   v_u32 u = u32_of_f32(SEL(M((q & 1u) != 0), c, s)) ^ ((q & 2u) << 30);
   return SEL(finite, f32_of_u32(u), K(f32, __builtin_nanf("")));
}

LANE v_f32
sin_value(v_f32 x)
{
   return SEL(M(x == 0), x, sine_value(x, 0));
}

LANE v_f32
cos_value(v_f32 x)
{
   return sine_value(x, 1);
}

/* x P(x^2) / Q(x^2), and 1 where it rounds to 1 in any case. */
LANE v_f32
tanh_value(v_f32 x)
{
   v_f32 one = f32_of_u32((u32_of_f32(x) & 0x80000000u) | 0x3f800000u);
   v_m far = M(FABS(x) > K(f32, 8.3f));
   v_f32 y = SEL(far, K(f32, 0), x), z = y * y;
   v_f32 p = POLY(z, 1.0f, 0x1.f24ceap-4f, 0x1.1a5ac8p-9f, 0x1.c3af2ep-19f);
   v_f32 q = POLY(z, 1.0f, 0x1.d1e46ep-2f, 0x1.4fde8ep-6f, 0x1.0ec9dcp-13f);
   v_f32 r = y * (p / q);
   return SEL(far | M(FABS(r) > 1), one, r);
}

#define APPROX(name) FN1(name##_f32, f32, f32, out_f32(name##_value(in_f32(x, w)), w))
APPROX(ex2)
APPROX(lg2)
APPROX(sin)
APPROX(cos)
APPROX(tanh)

FN1(rcpapprox_f32, f32, f32, out_f32(K(f32, 1) / in_f32(x, w), w))
FN1(sqrtapprox_f32, f32, f32, out_f32(SQRT(in_f32(x, w)), w))
FN1(rsqrtapprox_f32, f32, f32, out_f32(K(f32, 1) / SQRT(in_f32(x, w)), w))
FN2(divfull_f32, f32, f32, f32, out_f32(in_f32(x, w) / in_f32(y, w), w))

/* Divisors beyond 2^126 have a reciprocal that counts as zero. */
FN(divapprox_f32)
{
   v_f32 x = in_f32(LD(f32, a), w), y = in_f32(LD(f32, b), w), m = FABS(y);
   v_m huge = M(m > K(f32, 0x1p126f)) & M(m < K(f32, __builtin_inff()));
   v_u32 sign = u32_of_f32(y) & 0x80000000u;
   v_f32 zero = f32_of_u32(sign);
   ST(f32, d, out_f32(SEL(huge, x * zero, x / y), w));
}

/* f64: only the upper words of operand and result count where .ftz is written. */
LANE v_f64
upper_word(v_f64 x, uint64_t w)
{
   v_u64 u = u64_of_f64(x) & 0xffffffff00000000u;
   v_m tiny = M((u & 0x7ff0000000000000u) == 0);
   u = SEL(tiny, u & 0x8000000000000000u, u);
   return W_FLAG(w, ISA_FTZ) ? f64_of_u64(u) : x;
}

LANE v_f64
upper_result(v_f64 x, uint64_t w)
{
   if (!W_FLAG(w, ISA_FTZ))
      return out_f64(x, w);
   v_f64 rounded = f64_of_u64(u64_of_f64(x) + 0x80000000u);
   return out_f64(upper_word(SEL(M(x == x), rounded, x), w), w);
}

FN1(rcpapprox_f64, f64, f64, upper_result(K(f64, 1) / upper_word(x, w), w))
FN1(rsqrtapprox_f64, f64, f64, upper_result(K(f64, 1) / SQRT(upper_word(x, w)), w))

/* Halves: by way of f32, whose error is far below half a unit of theirs. */
#define APPROX_HALF(name, T)                                                             \
   LANE v_u16 name##_lanes_##T(v_u16 x, uint64_t w)                                      \
   {                                                                                     \
      return out_##T(name##_value(f32_of_##T(in_##T(x, w))), w);                         \
   }                                                                                     \
   FN1(name##_##T, u16, u16, name##_lanes_##T(x, w))                                     \
   FN1(name##_##T##x2, u32, u32,                                                         \
       pair_16(name##_lanes_##T(LO16(x), w), name##_lanes_##T(HI16(x), w)))
APPROX_HALF(ex2, f16)
APPROX_HALF(ex2, bf16)
APPROX_HALF(tanh, f16)
APPROX_HALF(tanh, bf16)
