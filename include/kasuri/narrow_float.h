/* SPDX-License-Identifier: Apache-2.0
 * Arithmetic, comparison, math, warp and memory functions that __half and __nv_bfloat16
 * have in common. Included once for each type, by cuda_fp16.h and cuda_bf16.h, which
 * include narrow_type.h before and define
 *    kasuri_add/sub/mul/div/fma(T...)     each rounded once
 *    kasuri_add2 … on pairs               the same, two at a time
 *    KASURI_ONE, KASURI_NAN               their bits
 *    KASURI_INF, KASURI_SIGN              the same
 * There is deliberately no include guard. */

#define KASURI_NARROW static __inline__ __host__ __device__ __attribute__((always_inline))
#define KASURI_NARROW_D static __inline__ __device__ __attribute__((always_inline))

/* -- Classes and signs. */
KASURI_NARROW bool
__hisnan(const KASURI_T a)
{
   return (kasuri_bits(a) & 0x7FFF) > KASURI_INF;
}
KASURI_NARROW int
__hisinf(const KASURI_T a)
{
   return (kasuri_bits(a) & 0x7FFF) != KASURI_INF ? 0 : kasuri_bits(a) & 0x8000 ? -1 : 1;
}
KASURI_NARROW KASURI_T
__hneg(const KASURI_T a)
{
   return kasuri_make((unsigned short)(kasuri_bits(a) ^ 0x8000));
}
KASURI_NARROW KASURI_T
__habs(const KASURI_T a)
{
   return kasuri_make((unsigned short)(kasuri_bits(a) & 0x7FFF));
}
KASURI_NARROW KASURI_T2
__hneg2(const KASURI_T2 a)
{
   return KASURI_T2(__hneg(a.x), __hneg(a.y));
}
KASURI_NARROW KASURI_T2
__habs2(const KASURI_T2 a)
{
   return KASURI_T2(__habs(a.x), __habs(a.y));
}
KASURI_NARROW KASURI_T
kasuri_saturate(const KASURI_T a)
{
   float f = kasuri_to(a);
   return f > 0.0f ? (f < 1.0f ? a : kasuri_make(KASURI_ONE))
                   : kasuri_make((unsigned short)0);
}
KASURI_NARROW KASURI_T
kasuri_relu(const KASURI_T a)
{
   if (__hisnan(a))
      return kasuri_make(KASURI_NAN);
   return kasuri_to(a) > 0.0f ? a : kasuri_make((unsigned short)0);
}

/* -- Arithmetic. */
#define KASURI_BINARY(name, op)                                                          \
   KASURI_NARROW KASURI_T __h##name(const KASURI_T a, const KASURI_T b)                  \
   {                                                                                     \
      return kasuri_##op(a, b);                                                          \
   }                                                                                     \
   KASURI_NARROW KASURI_T __h##name##_rn(const KASURI_T a, const KASURI_T b)             \
   {                                                                                     \
      return kasuri_##op(a, b);                                                          \
   }                                                                                     \
   KASURI_NARROW KASURI_T __h##name##_sat(const KASURI_T a, const KASURI_T b)            \
   {                                                                                     \
      return kasuri_saturate(kasuri_##op(a, b));                                         \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 __h##name##2(const KASURI_T2 a, const KASURI_T2 b)            \
   {                                                                                     \
      return kasuri_##op##2(a, b);                                                       \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 __h##name##2_rn(const KASURI_T2 a, const KASURI_T2 b)         \
   {                                                                                     \
      return kasuri_##op##2(a, b);                                                       \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 __h##name##2_sat(const KASURI_T2 a, const KASURI_T2 b)        \
   {                                                                                     \
      KASURI_T2 r = kasuri_##op##2(a, b);                                                \
      return KASURI_T2(kasuri_saturate(r.x), kasuri_saturate(r.y));                      \
   }
KASURI_BINARY(add, add)
KASURI_BINARY(sub, sub)
KASURI_BINARY(mul, mul)
#undef KASURI_BINARY
KASURI_NARROW KASURI_T
__hdiv(const KASURI_T a, const KASURI_T b)
{
   return kasuri_div(a, b);
}
KASURI_NARROW KASURI_T2
__h2div(const KASURI_T2 a, const KASURI_T2 b)
{
   return KASURI_T2(kasuri_div(a.x, b.x), kasuri_div(a.y, b.y));
}
KASURI_NARROW KASURI_T
__hfma(const KASURI_T a, const KASURI_T b, const KASURI_T c)
{
   return kasuri_fma(a, b, c);
}
KASURI_NARROW KASURI_T
__hfma_sat(const KASURI_T a, const KASURI_T b, const KASURI_T c)
{
   return kasuri_saturate(kasuri_fma(a, b, c));
}
KASURI_NARROW KASURI_T
__hfma_relu(const KASURI_T a, const KASURI_T b, const KASURI_T c)
{
   return kasuri_relu(kasuri_fma(a, b, c));
}
KASURI_NARROW KASURI_T2
__hfma2(const KASURI_T2 a, const KASURI_T2 b, const KASURI_T2 c)
{
   return kasuri_fma2(a, b, c);
}
KASURI_NARROW KASURI_T2
__hfma2_sat(const KASURI_T2 a, const KASURI_T2 b, const KASURI_T2 c)
{
   KASURI_T2 r = kasuri_fma2(a, b, c);
   return KASURI_T2(kasuri_saturate(r.x), kasuri_saturate(r.y));
}
KASURI_NARROW KASURI_T2
__hfma2_relu(const KASURI_T2 a, const KASURI_T2 b, const KASURI_T2 c)
{
   KASURI_T2 r = kasuri_fma2(a, b, c);
   return KASURI_T2(kasuri_relu(r.x), kasuri_relu(r.y));
}
/* Complex a*b+c, real part in x. */
KASURI_NARROW KASURI_T2
__hcmadd(const KASURI_T2 a, const KASURI_T2 b, const KASURI_T2 c)
{
   KASURI_T re = kasuri_fma(a.x, b.x, c.x), im = kasuri_fma(a.x, b.y, c.y);
   return KASURI_T2(kasuri_fma(__hneg(a.y), b.y, re), kasuri_fma(a.y, b.x, im));
}

/* -- Comparison. A NaN makes the ordered forms false and the u forms true. */
#define KASURI_COMPARE(name, op)                                                         \
   KASURI_NARROW bool __h##name(const KASURI_T a, const KASURI_T b)                      \
   {                                                                                     \
      return kasuri_to(a) op kasuri_to(b);                                               \
   }                                                                                     \
   KASURI_NARROW bool __h##name##u(const KASURI_T a, const KASURI_T b)                   \
   {                                                                                     \
      return __hisnan(a) || __hisnan(b) || kasuri_to(a) op kasuri_to(b);                 \
   }                                                                                     \
   KASURI_COMPARE2(name)                                                                 \
   KASURI_COMPARE2(name##u)
#define KASURI_COMPARE2(name)                                                            \
   KASURI_NARROW KASURI_T2 __h##name##2(const KASURI_T2 a, const KASURI_T2 b)            \
   {                                                                                     \
      const unsigned short one = KASURI_ONE;                                             \
      return KASURI_T2(kasuri_make(__h##name(a.x, b.x) ? one : (unsigned short)0),       \
                       kasuri_make(__h##name(a.y, b.y) ? one : (unsigned short)0));      \
   }                                                                                     \
   KASURI_NARROW bool __hb##name##2(const KASURI_T2 a, const KASURI_T2 b)                \
   {                                                                                     \
      return __h##name(a.x, b.x) && __h##name(a.y, b.y);                                 \
   }                                                                                     \
   KASURI_NARROW unsigned __h##name##2_mask(const KASURI_T2 a, const KASURI_T2 b)        \
   {                                                                                     \
      return (__h##name(a.x, b.x) ? 0xFFFFu : 0u) |                                      \
             (__h##name(a.y, b.y) ? 0xFFFF0000u : 0u);                                   \
   }
KASURI_COMPARE(eq, ==)
KASURI_COMPARE(lt, <)
KASURI_COMPARE(le, <=)
KASURI_COMPARE(gt, >)
KASURI_COMPARE(ge, >=)
/* Not equal, ordered: false where either is a NaN. */
KASURI_NARROW bool
__hne(const KASURI_T a, const KASURI_T b)
{
   return !__hisnan(a) && !__hisnan(b) && kasuri_to(a) != kasuri_to(b);
}
KASURI_NARROW bool
__hneu(const KASURI_T a, const KASURI_T b)
{
   return kasuri_to(a) != kasuri_to(b);
}
KASURI_COMPARE2(ne)
KASURI_COMPARE2(neu)
#undef KASURI_COMPARE
#undef KASURI_COMPARE2
KASURI_NARROW KASURI_T2
__hisnan2(const KASURI_T2 a)
{
   const unsigned short one = KASURI_ONE;
   return KASURI_T2(kasuri_make(__hisnan(a.x) ? one : (unsigned short)0),
                    kasuri_make(__hisnan(a.y) ? one : (unsigned short)0));
}

/* Minimum and maximum: -0 is less than +0; a NaN loses, or wins in the _nan forms. */
#define KASURI_MINMAX(name, op, zero)                                                    \
   KASURI_NARROW KASURI_T __h##name##_nan(const KASURI_T a, const KASURI_T b)            \
   {                                                                                     \
      if (__hisnan(a) || __hisnan(b))                                                    \
         return kasuri_make(KASURI_NAN);                                                 \
      if (((kasuri_bits(a) | kasuri_bits(b)) & 0x7FFF) == 0)                             \
         return kasuri_make((unsigned short)(kasuri_bits(a) zero kasuri_bits(b)));       \
      return kasuri_to(a) op kasuri_to(b) ? a : b;                                       \
   }                                                                                     \
   KASURI_NARROW KASURI_T __h##name(const KASURI_T a, const KASURI_T b)                  \
   {                                                                                     \
      return __hisnan(a) && __hisnan(b) ? kasuri_make(KASURI_NAN)                        \
             : __hisnan(a)              ? b                                              \
             : __hisnan(b)              ? a                                              \
                                        : __h##name##_nan(a, b);                                      \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 __h##name##2(const KASURI_T2 a, const KASURI_T2 b)            \
   {                                                                                     \
      return KASURI_T2(__h##name(a.x, b.x), __h##name(a.y, b.y));                        \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 __h##name##2_nan(const KASURI_T2 a, const KASURI_T2 b)        \
   {                                                                                     \
      return KASURI_T2(__h##name##_nan(a.x, b.x), __h##name##_nan(a.y, b.y));            \
   }
KASURI_MINMAX(max, >, &)
KASURI_MINMAX(min, <, |)
#undef KASURI_MINMAX

/* -- Operators. */
#define KASURI_OPERATOR(op, f)                                                           \
   KASURI_NARROW KASURI_T operator op(const KASURI_T &a, const KASURI_T &b)              \
   {                                                                                     \
      return kasuri_##f(a, b);                                                           \
   }                                                                                     \
   KASURI_NARROW KASURI_T &operator op##=(KASURI_T & a, const KASURI_T & b)              \
   {                                                                                     \
      return a = kasuri_##f(a, b);                                                       \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 operator op(const KASURI_T2 &a, const KASURI_T2 &b)           \
   {                                                                                     \
      return KASURI_T2(kasuri_##f(a.x, b.x), kasuri_##f(a.y, b.y));                      \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 &operator op##=(KASURI_T2 & a, const KASURI_T2 & b)           \
   {                                                                                     \
      return a = a op b;                                                                 \
   }
KASURI_OPERATOR(+, add)
KASURI_OPERATOR(-, sub)
KASURI_OPERATOR(*, mul)
KASURI_OPERATOR(/, div)
#undef KASURI_OPERATOR
#define KASURI_STEP(op, f)                                                               \
   KASURI_NARROW KASURI_T &operator op(KASURI_T & a)                                     \
   {                                                                                     \
      return a = kasuri_##f(a, kasuri_make(KASURI_ONE));                                 \
   }                                                                                     \
   KASURI_NARROW KASURI_T operator op(KASURI_T &a, int)                                  \
   {                                                                                     \
      KASURI_T old = a;                                                                  \
      op a;                                                                              \
      return old;                                                                        \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 &operator op(KASURI_T2 & a)                                   \
   {                                                                                     \
      op a.x;                                                                            \
      op a.y;                                                                            \
      return a;                                                                          \
   }                                                                                     \
   KASURI_NARROW KASURI_T2 operator op(KASURI_T2 &a, int)                                \
   {                                                                                     \
      KASURI_T2 old = a;                                                                 \
      op a;                                                                              \
      return old;                                                                        \
   }
KASURI_STEP(++, add)
KASURI_STEP(--, sub)
#undef KASURI_STEP
KASURI_NARROW KASURI_T
operator+(const KASURI_T &a)
{
   return a;
}
KASURI_NARROW KASURI_T
operator-(const KASURI_T &a)
{
   return __hneg(a);
}
KASURI_NARROW KASURI_T2
operator+(const KASURI_T2 &a)
{
   return a;
}
KASURI_NARROW KASURI_T2
operator-(const KASURI_T2 &a)
{
   return __hneg2(a);
}
#define KASURI_RELATION(op, f)                                                           \
   KASURI_NARROW bool operator op(const KASURI_T &a, const KASURI_T &b)                  \
   {                                                                                     \
      return __h##f(a, b);                                                               \
   }                                                                                     \
   KASURI_NARROW bool operator op(const KASURI_T2 &a, const KASURI_T2 &b)                \
   {                                                                                     \
      return __hb##f##2(a, b);                                                           \
   }
KASURI_RELATION(==, eq)
KASURI_RELATION(!=, neu)
KASURI_RELATION(<, lt)
KASURI_RELATION(<=, le)
KASURI_RELATION(>, gt)
KASURI_RELATION(>=, ge)
#undef KASURI_RELATION

/* -- Math, through float: its 24 bits round once more to the narrow type. */
#if defined(__CUDACC__)
#define KASURI_MATH(name, expression)                                                    \
   KASURI_NARROW_D KASURI_T h##name(const KASURI_T a)                                    \
   {                                                                                     \
      float x = kasuri_to(a);                                                            \
      return kasuri_from(expression);                                                    \
   }                                                                                     \
   KASURI_NARROW_D KASURI_T2 h2##name(const KASURI_T2 a)                                 \
   {                                                                                     \
      return KASURI_T2(h##name(a.x), h##name(a.y));                                      \
   }
KASURI_MATH(sqrt, sqrtf(x))
KASURI_MATH(rsqrt, rsqrtf(x))
KASURI_MATH(rcp, 1.0f / x)
KASURI_MATH(log, logf(x))
KASURI_MATH(log2, log2f(x))
KASURI_MATH(log10, log10f(x))
KASURI_MATH(exp, expf(x))
KASURI_MATH(exp2, exp2f(x))
KASURI_MATH(exp10, exp10f(x))
KASURI_MATH(sin, sinf(x))
KASURI_MATH(cos, cosf(x))
KASURI_MATH(tanh, tanhf(x))
KASURI_MATH(tanh_approx, tanhf(x))
KASURI_MATH(ceil, ceilf(x))
KASURI_MATH(floor, floorf(x))
KASURI_MATH(trunc, truncf(x))
KASURI_MATH(rint, rintf(x))
#undef KASURI_MATH

/* -- Warp and memory: by the representation. */
#define KASURI_SHUFFLE(name, type)                                                       \
   KASURI_NARROW_D KASURI_T name(unsigned mask, const KASURI_T v, type lane,             \
                                 int width = 32)                                         \
   {                                                                                     \
      return kasuri_make(                                                                \
         (unsigned short)name(mask, (unsigned)kasuri_bits(v), lane, width));             \
   }                                                                                     \
   KASURI_NARROW_D KASURI_T2 name(unsigned mask, const KASURI_T2 v, type lane,           \
                                  int width = 32)                                        \
   {                                                                                     \
      unsigned bits =                                                                    \
         name(mask, (unsigned)kasuri_bits(v.x) | (unsigned)kasuri_bits(v.y) << 16, lane, \
              width);                                                                    \
      return KASURI_T2(kasuri_make((unsigned short)bits),                                \
                       kasuri_make((unsigned short)(bits >> 16)));                       \
   }
KASURI_SHUFFLE(__shfl_sync, int)
KASURI_SHUFFLE(__shfl_up_sync, unsigned)
KASURI_SHUFFLE(__shfl_down_sync, unsigned)
KASURI_SHUFFLE(__shfl_xor_sync, int)
#undef KASURI_SHUFFLE
#define KASURI_LOAD(name)                                                                \
   KASURI_NARROW_D KASURI_T name(const KASURI_T *p)                                      \
   {                                                                                     \
      return kasuri_make(name((const unsigned short *)p));                               \
   }                                                                                     \
   KASURI_NARROW_D KASURI_T2 name(const KASURI_T2 *p)                                    \
   {                                                                                     \
      unsigned bits = name((const unsigned *)p);                                         \
      return KASURI_T2(kasuri_make((unsigned short)bits),                                \
                       kasuri_make((unsigned short)(bits >> 16)));                       \
   }
KASURI_LOAD(__ldg)
KASURI_LOAD(__ldcg)
KASURI_LOAD(__ldca)
KASURI_LOAD(__ldcs)
KASURI_LOAD(__ldlu)
KASURI_LOAD(__ldcv)
#undef KASURI_LOAD
#define KASURI_STORE(name)                                                               \
   KASURI_NARROW_D void name(KASURI_T *p, const KASURI_T v)                              \
   {                                                                                     \
      name((unsigned short *)p, kasuri_bits(v));                                         \
   }                                                                                     \
   KASURI_NARROW_D void name(KASURI_T2 *p, const KASURI_T2 v)                            \
   {                                                                                     \
      name((unsigned *)p, (unsigned)kasuri_bits(v.x) | (unsigned)kasuri_bits(v.y)        \
                                                          << 16);                        \
   }
KASURI_STORE(__stwb)
KASURI_STORE(__stcg)
KASURI_STORE(__stcs)
KASURI_STORE(__stwt)
#undef KASURI_STORE

/* Pairs are added one half after the other, which is all that CUDA promises. */
KASURI_NARROW_D KASURI_T2
atomicAdd(KASURI_T2 *p, const KASURI_T2 v)
{
   unsigned *word = (unsigned *)p, old = *(volatile unsigned *)word, seen;
   do {
      seen = old;
      KASURI_T2 sum = kasuri_add2(KASURI_T2(kasuri_make((unsigned short)seen),
                                            kasuri_make((unsigned short)(seen >> 16))),
                                  v);
      old = atomicCAS(word, seen,
                      (unsigned)kasuri_bits(sum.x) | (unsigned)kasuri_bits(sum.y) << 16);
   } while (old != seen);
   return KASURI_T2(kasuri_make((unsigned short)old),
                    kasuri_make((unsigned short)(old >> 16)));
}
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 700
KASURI_NARROW_D KASURI_T
atomicAdd(KASURI_T *p, const KASURI_T v)
{
   unsigned short *word = (unsigned short *)p, old = *(volatile unsigned short *)word,
                  seen;
   do {
      seen = old;
      old = atomicCAS(word, seen, kasuri_bits(kasuri_add(kasuri_make(seen), v)));
   } while (old != seen);
   return kasuri_make(old);
}
#endif
#endif

#undef KASURI_NARROW
#undef KASURI_NARROW_D
