/* SPDX-License-Identifier: Apache-2.0
 * What lets one C source mean one lane (native, for the interpreter) and many
 * (bitcode, for the JIT): types v_T, and macros that read the same in both builds.
 *
 * Two rules keep the builds equal. Arithmetic on 8 and 16 bit types is promoted to int in
 * the scalar build only, so a narrow result is stored in a v_T variable before it is
 * compared, shifted right or widened. A comparison becomes a mask (v_m) only through M().
 */
#ifndef KASURI_ISA_LANES_H
#define KASURI_ISA_LANES_H

#include <stdint.h>

#ifndef ISA_LANES
#define ISA_LANES 1
#endif
#ifndef ISA_PREFIX
#define ISA_PREFIX isa_
#endif

typedef uint8_t e_u8;
typedef int8_t e_s8;
typedef uint16_t e_u16;
typedef int16_t e_s16;
typedef uint32_t e_u32;
typedef int32_t e_s32;
typedef uint64_t e_u64;
typedef int64_t e_s64;
typedef float e_f32;
typedef double e_f64;

#define LANES_EACH_TYPE(X)                                                               \
   X(u8) X(s8) X(u16) X(s16) X(u32) X(s32) X(u64) X(s64) X(f32) X(f64)

#define LANE static inline __attribute__((always_inline, unused))

#if ISA_LANES == 1

#define LANES_TYPE(T) typedef e_##T v_##T;
typedef int v_m; /* 0 or 1 */
#define M(x) (x)
#define NOT_M(m) (!(m))
#define SEL(m, a, b) ((m) ? (a) : (b))
#define CV(T, x) ((v_##T)(x))
#define K(T, c) ((v_##T)(c))
#define F32_F64(f32name, f64name, x, ...)                                                \
   __builtin_choose_expr(sizeof(x) == 4, f32name((x), ##__VA_ARGS__),                    \
                         f64name((x), ##__VA_ARGS__))
#define SQRT(x) F32_F64(__builtin_sqrtf, __builtin_sqrt, x)
#define RINT(x) F32_F64(__builtin_rintf, __builtin_rint, x)
#define FLOOR(x) F32_F64(__builtin_floorf, __builtin_floor, x)
#define CEIL(x) F32_F64(__builtin_ceilf, __builtin_ceil, x)
#define TRUNC(x) F32_F64(__builtin_truncf, __builtin_trunc, x)
#define FABS(x) F32_F64(__builtin_fabsf, __builtin_fabs, x)
#define FMA(x, y, z) F32_F64(__builtin_fmaf, __builtin_fma, x, y, z)

#else

#define LANES_TYPE(T) typedef e_##T v_##T __attribute__((ext_vector_type(ISA_LANES)));
typedef _Bool v_m __attribute__((ext_vector_type(ISA_LANES)));
#define M(x) __builtin_convertvector((x), v_m)
#define NOT_M(m) (~(m))
/* The ternary operator picks by sign bit, hence the minus. */
#define SEL(m, a, b) (-__builtin_convertvector((m), __typeof__((a) == (a))) ? (a) : (b))
#define CV(T, x) __builtin_convertvector((x), v_##T)
#define K(T, c) ((v_##T)(e_##T)(c))
#define SQRT(x) __builtin_elementwise_sqrt(x)
#define RINT(x) __builtin_elementwise_rint(x)
#define FLOOR(x) __builtin_elementwise_floor(x)
#define CEIL(x) __builtin_elementwise_ceil(x)
#define TRUNC(x) __builtin_elementwise_trunc(x)
#define FABS(x) __builtin_elementwise_abs(x)
#define FMA(x, y, z) __builtin_elementwise_fma((x), (y), (z))

#endif
LANES_EACH_TYPE(LANES_TYPE)

/* Operands in memory: aligned to their element only. A predicate is a byte, 0 or 1. */
#define LANES_MEMORY(T)                                                                  \
   LANE v_##T ld_##T(const void *p)                                                      \
   {                                                                                     \
      v_##T v;                                                                           \
      __builtin_memcpy(&v, p, sizeof v);                                                 \
      return v;                                                                          \
   }                                                                                     \
   LANE void st_##T(void *p, v_##T v)                                                    \
   {                                                                                     \
      __builtin_memcpy(p, &v, sizeof v);                                                 \
   }
LANES_EACH_TYPE(LANES_MEMORY)
#define LD(T, p) ld_##T(p)
#define ST(T, p, v) st_##T((p), (v))

LANE v_m
ld_m(const void *p)
{
   return M(ld_u8(p) != 0);
}

LANE void
st_m(void *p, v_m m)
{
#if ISA_LANES == 1
   st_u8(p, (uint8_t)(m != 0));
#else
   st_u8(p, __builtin_convertvector(m, v_u8));
#endif
}

/* All ones where m, else zero. */
#define MASK_OF(T, m) SEL((m), K(T, -1), K(T, 0))

/* The same bits as another type of the same size. */
#define LANES_CAST(A, B)                                                                 \
   LANE v_##A A##_of_##B(v_##B x)                                                        \
   {                                                                                     \
      v_##A r;                                                                           \
      __builtin_memcpy(&r, &x, sizeof r);                                                \
      return r;                                                                          \
   }
LANES_CAST(u32, f32)
LANES_CAST(f32, u32)
LANES_CAST(u64, f64)
LANES_CAST(f64, u64)
LANES_CAST(s8, u8)
LANES_CAST(u8, s8)
LANES_CAST(s16, u16)
LANES_CAST(u16, s16)
LANES_CAST(s32, u32)
LANES_CAST(u32, s32)
LANES_CAST(s64, u64)
LANES_CAST(u64, s64)

/* One meaning: void isa_NAME(d, d1, a, b, c, e, w), see isa_eval_fn. */
#define ISA_JOIN2(a, b) a##b
#define ISA_JOIN(a, b) ISA_JOIN2(a, b)
#define FN(name)                                                                         \
   void ISA_JOIN(ISA_PREFIX, name)(void *d, void *d1, const void *a, const void *b,      \
                                   const void *c, const void *e, uint64_t w);            \
   void ISA_JOIN(ISA_PREFIX, name)(void *d, void *d1, const void *a, const void *b,      \
                                   const void *c, const void *e, uint64_t w)
/* Those that read operands x y z of one type and give one result. */
#define FN1(name, TD, TA, expr)                                                          \
   FN(name)                                                                              \
   {                                                                                     \
      v_##TA x = LD(TA, a);                                                              \
      ST(TD, d, expr);                                                                   \
   }
#define FN2(name, TD, TA, TB, expr)                                                      \
   FN(name)                                                                              \
   {                                                                                     \
      v_##TA x = LD(TA, a);                                                              \
      v_##TB y = LD(TB, b);                                                              \
      ST(TD, d, expr);                                                                   \
   }
#define FN3(name, TD, TA, TB, TC, expr)                                                  \
   FN(name)                                                                              \
   {                                                                                     \
      v_##TA x = LD(TA, a);                                                              \
      v_##TB y = LD(TB, b);                                                              \
      v_##TC z = LD(TC, c);                                                              \
      ST(TD, d, expr);                                                                   \
   }

#endif
