/* SPDX-License-Identifier: Apache-2.0
 * Conversions in every rounding mode and reinterpretations of bits. */
#include "libdevice.h"

/* f32 sources and results obey flush-to-zero; the instruction does the saturation. */
#define TO_F32(to, from, ffrom)                                                          \
   NV float __nv_##from##2float_rn(ffrom a)                                              \
   {                                                                                     \
      return __nvvm_##to##_rn(a);                                                        \
   }                                                                                     \
   NV float __nv_##from##2float_rz(ffrom a)                                              \
   {                                                                                     \
      return __nvvm_##to##_rz(a);                                                        \
   }                                                                                     \
   NV float __nv_##from##2float_ru(ffrom a)                                              \
   {                                                                                     \
      return __nvvm_##to##_rp(a);                                                        \
   }                                                                                     \
   NV float __nv_##from##2float_rd(ffrom a)                                              \
   {                                                                                     \
      return __nvvm_##to##_rm(a);                                                        \
   }
TO_F32(i2f, int, int)
TO_F32(ui2f, uint, unsigned)
TO_F32(ll2f, ll, long long)
TO_F32(ull2f, ull, unsigned long long)

#define TO_F64(to, from, ffrom)                                                          \
   NV double __nv_##from##2double_rn(ffrom a)                                            \
   {                                                                                     \
      return __nvvm_##to##_rn(a);                                                        \
   }                                                                                     \
   NV double __nv_##from##2double_rz(ffrom a)                                            \
   {                                                                                     \
      return __nvvm_##to##_rz(a);                                                        \
   }                                                                                     \
   NV double __nv_##from##2double_ru(ffrom a)                                            \
   {                                                                                     \
      return __nvvm_##to##_rp(a);                                                        \
   }                                                                                     \
   NV double __nv_##from##2double_rd(ffrom a)                                            \
   {                                                                                     \
      return __nvvm_##to##_rm(a);                                                        \
   }
TO_F64(ll2d, ll, long long)
TO_F64(ull2d, ull, unsigned long long)

#define FROM_F64(op, to, type)                                                           \
   NV type __nv_double2##to##_rn(double a)                                               \
   {                                                                                     \
      return __nvvm_##op##_rn(a);                                                        \
   }                                                                                     \
   NV type __nv_double2##to##_rz(double a)                                               \
   {                                                                                     \
      return __nvvm_##op##_rz(a);                                                        \
   }                                                                                     \
   NV type __nv_double2##to##_ru(double a)                                               \
   {                                                                                     \
      return __nvvm_##op##_rp(a);                                                        \
   }                                                                                     \
   NV type __nv_double2##to##_rd(double a)                                               \
   {                                                                                     \
      return __nvvm_##op##_rm(a);                                                        \
   }
FROM_F64(d2i, int, int)
FROM_F64(d2ui, uint, unsigned)
FROM_F64(d2ll, ll, long long)
FROM_F64(d2ull, ull, unsigned long long)

#define WITH_FTZ(op, a) FTZ ? __nvvm_##op##_ftz(a) : __nvvm_##op(a)
#define FTZ_FORM(name, op, type, from)                                                   \
   NV type __nv_##name##_rn(from a)                                                      \
   {                                                                                     \
      return WITH_FTZ(op##_rn, a);                                                       \
   }                                                                                     \
   NV type __nv_##name##_rz(from a)                                                      \
   {                                                                                     \
      return WITH_FTZ(op##_rz, a);                                                       \
   }                                                                                     \
   NV type __nv_##name##_ru(from a)                                                      \
   {                                                                                     \
      return WITH_FTZ(op##_rp, a);                                                       \
   }                                                                                     \
   NV type __nv_##name##_rd(from a)                                                      \
   {                                                                                     \
      return WITH_FTZ(op##_rm, a);                                                       \
   }
FTZ_FORM(float2int, f2i, int, float)
FTZ_FORM(float2uint, f2ui, unsigned, float)
FTZ_FORM(float2ll, f2ll, long long, float)
FTZ_FORM(float2ull, f2ull, unsigned long long, float)
FTZ_FORM(double2float, d2f, float, double)

NV double
__nv_int2double_rn(int a)
{
   return a;
}

NV double
__nv_uint2double_rn(unsigned a)
{
   return a;
}

NV float
__nv_half2float(unsigned short h)
{
   union {
      unsigned short u;
      _Float16 h;
   } b = {.u = h};
   return (float)b.h;
}

NV unsigned short
__nv_float2half_rn(float a)
{
   union {
      _Float16 h;
      unsigned short u;
   } b = {.h = (_Float16)a};
   return b.u;
}

NV int
__nv_float_as_int(float a)
{
   return (int)f_bits(a);
}

NV unsigned
__nv_float_as_uint(float a)
{
   return f_bits(a);
}

NV float
__nv_int_as_float(int a)
{
   return f_from((u32)a);
}

NV float
__nv_uint_as_float(unsigned a)
{
   return f_from(a);
}

NV unsigned long long
__nv_double_as_longlong(double a)
{
   return d_bits(a);
}

NV double
__nv_longlong_as_double(long long a)
{
   return d_from((u64)a);
}

NV int
__nv_double2hiint(double a)
{
   return (int)(d_bits(a) >> 32);
}

NV int
__nv_double2loint(double a)
{
   return (int)d_bits(a);
}

NV double
__nv_hiloint2double(int hi, int lo)
{
   return d_from((u64)(u32)hi << 32 | (u32)lo);
}
