/* SPDX-License-Identifier: Apache-2.0
 * Conversions in every rounding mode and reinterpretations of bits. */
#include "libdevice.h"

/* As assembly on the device: LLVM takes the intrinsics that round towards zero for casts,
 * which it rounds to nearest (from integers) or calls undefined (values out of range). */
#ifdef __NVPTX__
#define CVT(op, insn, to, to_c, from_c, a)                                               \
   __extension__({                                                                       \
      to r;                                                                              \
      __asm__("cvt." insn " %0, %1;" : "=" to_c(r) : from_c(a));                         \
      r;                                                                                 \
   })
#else
#define CVT(op, insn, to, to_c, from_c, a) __nvvm_##op(a)
#endif

/* From an integer, or f64 to f32: the modifier is rn, rz, rp or rm. */
#define TO_FLOAT(name, op, to, to_c, from, from_c, types)                                \
   NV to __nv_##name##_rn(from a)                                                        \
   {                                                                                     \
      return CVT(op##_rn, "rn." types, to, to_c, from_c, a);                             \
   }                                                                                     \
   NV to __nv_##name##_rz(from a)                                                        \
   {                                                                                     \
      return CVT(op##_rz, "rz." types, to, to_c, from_c, a);                             \
   }                                                                                     \
   NV to __nv_##name##_ru(from a)                                                        \
   {                                                                                     \
      return CVT(op##_rp, "rp." types, to, to_c, from_c, a);                             \
   }                                                                                     \
   NV to __nv_##name##_rd(from a)                                                        \
   {                                                                                     \
      return CVT(op##_rm, "rm." types, to, to_c, from_c, a);                             \
   }
TO_FLOAT(int2float, i2f, float, "f", int, "r", "f32.s32")
TO_FLOAT(uint2float, ui2f, float, "f", unsigned, "r", "f32.u32")
TO_FLOAT(ll2float, ll2f, float, "f", long long, "l", "f32.s64")
TO_FLOAT(ull2float, ull2f, float, "f", unsigned long long, "l", "f32.u64")
TO_FLOAT(ll2double, ll2d, double, "d", long long, "l", "f64.s64")
TO_FLOAT(ull2double, ull2d, double, "d", unsigned long long, "l", "f64.u64")

/* To an integer: the instruction saturates and gives NaN its value. */
#define FROM_F64(name, op, to, to_c, types)                                              \
   NV to __nv_##name##_rn(double a)                                                      \
   {                                                                                     \
      return CVT(op##_rn, "rni." types, to, to_c, "d", a);                               \
   }                                                                                     \
   NV to __nv_##name##_rz(double a)                                                      \
   {                                                                                     \
      return CVT(op##_rz, "rzi." types, to, to_c, "d", a);                               \
   }                                                                                     \
   NV to __nv_##name##_ru(double a)                                                      \
   {                                                                                     \
      return CVT(op##_rp, "rpi." types, to, to_c, "d", a);                               \
   }                                                                                     \
   NV to __nv_##name##_rd(double a)                                                      \
   {                                                                                     \
      return CVT(op##_rm, "rmi." types, to, to_c, "d", a);                               \
   }
FROM_F64(double2int, d2i, int, "r", "s32.f64")
FROM_F64(double2uint, d2ui, unsigned, "r", "u32.f64")
FROM_F64(double2ll, d2ll, long long, "l", "s64.f64")
FROM_F64(double2ull, d2ull, unsigned long long, "l", "u64.f64")

/* f32 obeys flush-to-zero. */
#define WITH_FTZ(op, round, to, to_c, from_c, types, a)                                  \
   (FTZ ? CVT(op, round ".ftz." types, to, to_c, from_c, a)                              \
        : CVT(op, round "." types, to, to_c, from_c, a))
#define FROM_F32(name, op, to, to_c, types)                                              \
   NV to __nv_##name##_rn(float a)                                                       \
   {                                                                                     \
      return WITH_FTZ(op##_rn, "rni", to, to_c, "f", types, a);                          \
   }                                                                                     \
   NV to __nv_##name##_rz(float a)                                                       \
   {                                                                                     \
      return WITH_FTZ(op##_rz, "rzi", to, to_c, "f", types, a);                          \
   }                                                                                     \
   NV to __nv_##name##_ru(float a)                                                       \
   {                                                                                     \
      return WITH_FTZ(op##_rp, "rpi", to, to_c, "f", types, a);                          \
   }                                                                                     \
   NV to __nv_##name##_rd(float a)                                                       \
   {                                                                                     \
      return WITH_FTZ(op##_rm, "rmi", to, to_c, "f", types, a);                          \
   }
FROM_F32(float2int, f2i, int, "r", "s32.f32")
FROM_F32(float2uint, f2ui, unsigned, "r", "u32.f32")
FROM_F32(float2ll, f2ll, long long, "l", "s64.f32")
FROM_F32(float2ull, f2ull, unsigned long long, "l", "u64.f32")

NV float
__nv_double2float_rn(double a)
{
   return WITH_FTZ(d2f_rn, "rn", float, "f", "d", "f32.f64", a);
}

NV float
__nv_double2float_rz(double a)
{
   return WITH_FTZ(d2f_rz, "rz", float, "f", "d", "f32.f64", a);
}

NV float
__nv_double2float_ru(double a)
{
   return WITH_FTZ(d2f_rp, "rp", float, "f", "d", "f32.f64", a);
}

NV float
__nv_double2float_rd(double a)
{
   return WITH_FTZ(d2f_rm, "rm", float, "f", "d", "f32.f64", a);
}

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
