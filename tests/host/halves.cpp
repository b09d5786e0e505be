/* SPDX-License-Identifier: Apache-2.0
 * cuda_fp16.h and cuda_bf16.h on the host, against the compiler's own _Float16 and
 * against exact arithmetic in double. */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_fp8.h>

static int passed, failed;

static void
check(const char *what, bool ok, double at)
{
   if (ok)
      passed++;
   else if (failed++ < 20)
      printf("FAILED %s at %a\n", what, at);
}

static uint16_t
bits(_Float16 h)
{
   uint16_t b;
   memcpy(&b, &h, 2);
   return b;
}

static uint64_t state = 1;
static uint32_t
next_random()
{
   state = state * 6364136223846793005ull + 1442695040888963407ull;
   return (uint32_t)(state >> 32);
}

/* The neighbours of d among the values of a narrow type, by trying all of them. */
template <class T>
static void
check_directed(float f, T down, T up, T zero)
{
   double d = f, lo = (double)(float)down, hi = (double)(float)up,
          z = (double)(float)zero;
   check("rounding down", lo <= d, d);
   check("rounding up", hi >= d, d);
   check("rounding to zero", std::fabs(z) <= std::fabs(d), d);
   check("zero is one of the two", z == lo || z == hi, d);
}

/* Every finite value of an 8-bit float, and what lies halfway between neighbours. */
static void
check_fp8(__nv_fp8_interpretation_t kind, int largest, double top)
{
   auto value = [kind](int x) {
      return (double)(float)__half(__nv_cvt_fp8_to_halfraw((__nv_fp8_storage_t)x, kind));
   };
   auto narrow = [kind](double d, __nv_saturation_t s) {
      return (int)__nv_cvt_double_to_fp8(d, s, kind);
   };
   check("largest fp8", value(largest) == top, top);
   for (int i = 0; i < largest; i++) {
      double a = value(i), b = value(i + 1), middle = (a + b) / 2;
      check("fp8 there and back", narrow(a, __NV_SATFINITE) == i, a);
      check("negative fp8", narrow(-b, __NV_SATFINITE) == (0x80 | (i + 1)), a);
      check("tie to even", narrow(middle, __NV_SATFINITE) == i + (i & 1), middle);
      check("below the tie", narrow(middle * 0.999999, __NV_SATFINITE) == i, middle);
      check("above the tie", narrow(middle * 1.000001, __NV_SATFINITE) == i + 1, middle);
   }
   check("fp8 saturates", narrow(1e300, __NV_SATFINITE) == largest, 0);
   check("fp8 overflows", narrow(-1e300, __NV_NOSAT) == 0x80 + largest + 1, 0);
}

int
main()
{
   check_fp8(__NV_E4M3, 0x7E, 448);
   check_fp8(__NV_E5M2, 0x7B, 57344);
   for (uint32_t i = 0; i < 65536; i++) {
      __half h = __ushort_as_half((unsigned short)i);
      _Float16 r;
      uint16_t b = (uint16_t)i;
      memcpy(&r, &b, 2);
      float ours = __half2float(h), theirs = (float)r;
      bool nan = theirs != theirs;
      check("half to float",
            nan ? ours != ours
                : ours == theirs && std::signbit(ours) == std::signbit(theirs),
            ours);
      if (!nan) {
         check("and back", __half_as_ushort(__float2half(ours)) == i, ours);
         check("double and back", __half_as_ushort(__double2half((double)ours)) == i,
               ours);
         check("hneg", (float)-h == -ours, ours);
      }
      __nv_bfloat16 bf = __ushort_as_bfloat16((unsigned short)i);
      float wide = __bfloat162float(bf);
      if (wide == wide)
         check("bfloat16 there and back",
               __bfloat16_as_ushort(__float2bfloat16(wide)) == i, wide);
   }
   for (int i = 0; i < 400000; i++) {
      uint32_t u = next_random();
      /* Half of them near half's range, where rounding has something to do. */
      if (i & 1)
         u = (u & 0x807FFFFF) | (100 + next_random() % 45) << 23;
      if (i % 16 == 0)
         u &= 0xFFFFF000; /* ties */
      float f;
      memcpy(&f, &u, 4);
      if (f != f)
         continue;
      check("float to half", __half_as_ushort(__float2half_rn(f)) == bits((_Float16)f),
            f);
      double d = (double)f * (1 + 0x1p-30);
      check("double to half", __half_as_ushort(__double2half(d)) == bits((_Float16)d), d);
      if (std::fabs(f) < 65504)
         check_directed(f, __float2half_rd(f), __float2half_ru(f), __float2half_rz(f));
      if (std::fabs(f) < 1e38)
         check_directed(f, __float2bfloat16_rd(f), __float2bfloat16_ru(f),
                        __float2bfloat16_rz(f));
      __half a = __float2half(f),
             b = __ushort_as_half((unsigned short)(next_random() & 0xBBFF));
      _Float16 x = (_Float16)f, y = (_Float16)(float)b;
      auto same = [](__half p, _Float16 q) {
         return q != q ? __hisnan(p) : __half_as_ushort(p) == bits(q);
      };
      check("add", same(a + b, (_Float16)((double)x + (double)y)), f);
      check("sub", same(__hsub(a, b), (_Float16)((double)x - (double)y)), f);
      check("mul", same(a * b, (_Float16)((double)x * (double)y)), f);
      check("div", same(__hdiv(a, b), (_Float16)((double)x / (double)y)), f);
      check("fma", same(__hfma(a, b, b), (_Float16)((double)x * (double)y + (double)y)),
            f);
      check("less", (a < b) == ((double)x < (double)y), f);
      check("max", (float)__hmax(a, b) == (x > y ? (float)x : (float)y), f);
   }
   check("int to half",
         (float)__int2half_rn(2049) == 2048 && (float)__int2half_rn(2051) == 2052, 0);
   check("int to half, up",
         (float)__int2half_ru(2049) == 2050 && (float)__int2half_rd(-2049) == -2050, 0);
   check("half to int",
         __half2int_rn(__half(2.5f)) == 2 && __half2int_ru(__half(2.5f)) == 3 &&
            __half2int_rz(__half(-2.5f)) == -2 && __half2int_rd(__half(-2.5f)) == -3,
         0);
   check("half to int, clamped",
         __half2short_rz(__half(40000.0f)) == 32767 &&
            __half2uchar_rz(__half(-1.0f)) == 0 && __half2int_rz(CUDART_NAN_FP16) == 0,
         0);
   half2 p = __floats2half2_rn(1, 2);
   check("pairs",
         __low2float(__hadd2(p, p)) == 2 && __high2float(__hmul2(p, p)) == 4 &&
            __hbeq2(p, p) && (float)__high2half(__lowhigh2highlow(p)) == 1,
         0);
   check("NaN",
         __hisnan(__hmax_nan(CUDART_NAN_FP16, __half(1.0f))) &&
            (float)__hmax(CUDART_NAN_FP16, __half(1.0f)) == 1 &&
            !(CUDART_NAN_FP16 == CUDART_NAN_FP16) &&
            !__hne(CUDART_NAN_FP16, __half(1.0f)) &&
            __hneu(CUDART_NAN_FP16, __half(1.0f)),
         0);
   check("saturated",
         (float)__hadd_sat(__half(0.75f), __half(0.5f)) == 1 &&
            (float)__hsub_sat(__half(0.5f), __half(0.75f)) == 0,
         0);
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
