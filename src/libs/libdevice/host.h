/* SPDX-License-Identifier: Apache-2.0
 * The NVVM builtins that the library uses, in C: for the host build that the tests run.
 */
#ifndef KASURI_LIBDEVICE_HOST_H
#define KASURI_LIBDEVICE_HOST_H

#include <fenv.h>
#include <math.h>
#include <stdint.h>

#define HOST static inline __attribute__((unused))

/* One operation in another rounding mode; volatile keeps it between the mode switches. */
#define HOST_OP(type, name, params, mode, set, expr)                                     \
   HOST type name params                                                                 \
   {                                                                                     \
      int old = fegetround();                                                            \
      fesetround(mode);                                                                  \
      set;                                                                               \
      volatile type r = (expr);                                                          \
      fesetround(old);                                                                   \
      return r;                                                                          \
   }
#define HOST_MODES(X, ...)                                                               \
   X(rn, FE_TONEAREST, __VA_ARGS__)                                                      \
   X(rz, FE_TOWARDZERO, __VA_ARGS__)                                                     \
   X(rp, FE_UPWARD, __VA_ARGS__)                                                         \
   X(rm, FE_DOWNWARD, __VA_ARGS__)
#define HOST_BIN(m, mode, op, sign, sfx, type)                                           \
   HOST_OP(type, __nvvm_##op##_##m##_##sfx, (type a, type b), mode,                      \
           volatile type va = a;                                                         \
           volatile type vb = b, va sign vb)
#define HOST_FMA(m, mode, sfx, type)                                                     \
   HOST_OP(type, __nvvm_fma_##m##_##sfx, (type a, type b, type c), mode,                 \
           volatile type va = a;                                                         \
           volatile type vb = b;                                                         \
           volatile type vc = c,                                                         \
           sizeof(type) == 4 ? (type)fmaf(va, vb, vc) : (type)fma(va, vb, vc))
#define HOST_RCP(m, mode, sfx, type)                                                     \
   HOST_OP(type, __nvvm_rcp_##m##_##sfx, (type a), mode, volatile type va = a,           \
           (type)1 / va)
#define HOST_SQRT(m, mode, sfx, type)                                                    \
   HOST_OP(type, __nvvm_sqrt_##m##_##sfx, (type a), mode, volatile type va = a,          \
           sizeof(type) == 4 ? (type)sqrtf(va) : (type)sqrt(va))
/* Integers are converted by sums, which may make 0 a -0 when rounding down. */
#define HOST_CVT(m, mode, name, to, from)                                                \
   HOST_OP(to, __nvvm_##name##_##m, (from a), mode, volatile from va = a,                \
           (from)0.5 == 0 && va == 0 ? (to)0 : (to)va)

HOST_MODES(HOST_BIN, add, +, f, float)
HOST_MODES(HOST_BIN, add, +, d, double)
HOST_MODES(HOST_BIN, mul, *, f, float)
HOST_MODES(HOST_BIN, mul, *, d, double)
HOST_MODES(HOST_BIN, div, /, f, float)
HOST_MODES(HOST_BIN, div, /, d, double)
HOST_MODES(HOST_FMA, f, float)
HOST_MODES(HOST_FMA, d, double)
HOST_MODES(HOST_RCP, f, float)
HOST_MODES(HOST_RCP, d, double)
HOST_MODES(HOST_SQRT, f, float)
HOST_MODES(HOST_SQRT, d, double)
HOST_MODES(HOST_CVT, d2f, float, double)
HOST_MODES(HOST_CVT, i2f, float, int)
HOST_MODES(HOST_CVT, ui2f, float, unsigned)
HOST_MODES(HOST_CVT, ll2f, float, long long)
HOST_MODES(HOST_CVT, ull2f, float, unsigned long long)
HOST_MODES(HOST_CVT, ll2d, double, long long)
HOST_MODES(HOST_CVT, ull2d, double, unsigned long long)

/* Float to integer, saturating; NaN gives 0 from f32 to 32 bits, else
 * the top bit alone. */
#define HOST_INT(m, fn, name, from, to, lo, hi, nan)                                     \
   HOST to __nvvm_##name##_##m(from a)                                                   \
   {                                                                                     \
      double r = fn((double)a);                                                          \
      return a != a              ? (to)(nan)                                             \
             : r <= (double)(lo) ? (lo)                                                  \
             : r >= (double)(hi) ? (hi)                                                  \
                                 : (to)r;                                                \
   }
#define HOST_INTS(m, fn)                                                                 \
   HOST_INT(m, fn, f2i, float, int, INT32_MIN, INT32_MAX, 0)                             \
   HOST_INT(m, fn, d2i, double, int, INT32_MIN, INT32_MAX, INT32_MIN)                    \
   HOST_INT(m, fn, f2ui, float, unsigned, 0u, UINT32_MAX, 0)                             \
   HOST_INT(m, fn, d2ui, double, unsigned, 0u, UINT32_MAX, 1u << 31)                     \
   HOST_INT(m, fn, f2ll, float, long long, INT64_MIN, INT64_MAX, INT64_MIN)              \
   HOST_INT(m, fn, d2ll, double, long long, INT64_MIN, INT64_MAX, INT64_MIN)             \
   HOST_INT(m, fn, f2ull, float, unsigned long long, 0ull, UINT64_MAX, 1ull << 63)       \
   HOST_INT(m, fn, d2ull, double, unsigned long long, 0ull, UINT64_MAX, 1ull << 63)
HOST_INTS(rn, rint)
HOST_INTS(rz, trunc)
HOST_INTS(rp, ceil)
HOST_INTS(rm, floor)

/* No flushing here: the ftz forms are never selected on the host, but must exist. */
#define __nvvm_add_rn_ftz_f __nvvm_add_rn_f
#define __nvvm_add_rz_ftz_f __nvvm_add_rz_f
#define __nvvm_add_rp_ftz_f __nvvm_add_rp_f
#define __nvvm_add_rm_ftz_f __nvvm_add_rm_f
#define __nvvm_mul_rn_ftz_f __nvvm_mul_rn_f
#define __nvvm_mul_rz_ftz_f __nvvm_mul_rz_f
#define __nvvm_mul_rp_ftz_f __nvvm_mul_rp_f
#define __nvvm_mul_rm_ftz_f __nvvm_mul_rm_f
#define __nvvm_div_rn_ftz_f __nvvm_div_rn_f
#define __nvvm_div_rz_ftz_f __nvvm_div_rz_f
#define __nvvm_div_rp_ftz_f __nvvm_div_rp_f
#define __nvvm_div_rm_ftz_f __nvvm_div_rm_f
#define __nvvm_fma_rn_ftz_f __nvvm_fma_rn_f
#define __nvvm_fma_rz_ftz_f __nvvm_fma_rz_f
#define __nvvm_fma_rp_ftz_f __nvvm_fma_rp_f
#define __nvvm_fma_rm_ftz_f __nvvm_fma_rm_f
#define __nvvm_rcp_rn_ftz_f __nvvm_rcp_rn_f
#define __nvvm_rcp_rz_ftz_f __nvvm_rcp_rz_f
#define __nvvm_rcp_rp_ftz_f __nvvm_rcp_rp_f
#define __nvvm_rcp_rm_ftz_f __nvvm_rcp_rm_f
#define __nvvm_sqrt_rn_ftz_f __nvvm_sqrt_rn_f
#define __nvvm_sqrt_rz_ftz_f __nvvm_sqrt_rz_f
#define __nvvm_sqrt_rp_ftz_f __nvvm_sqrt_rp_f
#define __nvvm_sqrt_rm_ftz_f __nvvm_sqrt_rm_f

#define __nvvm_sin_approx_f sinf
#define __nvvm_cos_approx_f cosf
#define __nvvm_ex2_approx_f exp2f
#define __nvvm_lg2_approx_f log2f
#define __nvvm_sin_approx_ftz_f sinf
#define __nvvm_cos_approx_ftz_f cosf
#define __nvvm_ex2_approx_ftz_f exp2f
#define __nvvm_lg2_approx_ftz_f log2f

HOST float
__nvvm_div_approx_f(float a, float b)
{
   return a / b;
}
#define __nvvm_div_approx_ftz_f __nvvm_div_approx_f

HOST float
__nvvm_rsqrt_approx_f(float x)
{
   return (float)(1 / sqrt((double)x));
}
#define __nvvm_rsqrt_approx_ftz_f __nvvm_rsqrt_approx_f

HOST double
__nvvm_rcp_approx_ftz_d(double x)
{
   union {
      double d;
      uint64_t u;
   } r = {1 / x};
   r.u &= 0xffffffff00000000ull;
   return r.d;
}

HOST unsigned
__nvvm_prmt(unsigned a, unsigned b, unsigned sel)
{
   uint64_t ab = (uint64_t)b << 32 | a;
   unsigned r = 0;
   for (int i = 0; i < 4; i++) {
      unsigned s = sel >> (4 * i);
      unsigned byte = (unsigned)(ab >> (8 * (s & 7))) & 0xff;
      if (s & 8)
         byte = byte & 0x80 ? 0xff : 0;
      r |= byte << (8 * i);
   }
   return r;
}

HOST unsigned
host_brev(unsigned x)
{
   unsigned r = 0;
   for (int i = 0; i < 32; i++)
      r |= (x >> i & 1) << (31 - i);
   return r;
}
#define __builtin_bitreverse32 host_brev
#define __builtin_bitreverse64(x)                                                        \
   ((uint64_t)host_brev((unsigned)(x)) << 32 | host_brev((unsigned)((x) >> 32)))

#endif
