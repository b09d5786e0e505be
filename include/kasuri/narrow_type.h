/* SPDX-License-Identifier: Apache-2.0
 * A 16-bit float and its pair as CUDA's headers declare them, once for __half and once for
 * __nv_bfloat16: classes, conversions by operator, and the ways between class and bits.
 * The includer defines KASURI_T, KASURI_T2, KASURI_RAW, KASURI_RAW2, kasuri_make,
 * kasuri_from, and on bits kasuri_round (of a float), kasuri_round_double and kasuri_widen.
 */
#define KASURI_FROM_TYPE(type)                                                           \
   __host__ __device__                                                                   \
   KASURI_T(const type v)                                                                \
       : __x(kasuri_round_double((double)v))                                             \
   {                                                                                     \
   }
#define KASURI_TO_TYPE(type)                                                             \
   __host__ __device__                                                                   \
   operator type() const                                                                 \
   {                                                                                     \
      return (type)kasuri_widen(__x);                                                    \
   }
#define KASURI_ASSIGN(type)                                                              \
   __host__ __device__ KASURI_T &operator=(const type v)                                 \
   {                                                                                     \
      return *this = KASURI_T(v);                                                        \
   }

struct __align__(2) KASURI_T {
   unsigned short __x;

   KASURI_T() = default;
   __host__ __device__ constexpr KASURI_T(const KASURI_RAW &r) : __x(r.x)
   {
   }
   __host__ __device__
   KASURI_T(const float f)
       : __x(kasuri_round(f))
   {
   }
   KASURI_FROM_TYPE(double)
   KASURI_FROM_TYPE(short)
   KASURI_FROM_TYPE(unsigned short)
   KASURI_FROM_TYPE(int)
   KASURI_FROM_TYPE(unsigned int)
   KASURI_FROM_TYPE(long)
   KASURI_FROM_TYPE(unsigned long)
   KASURI_FROM_TYPE(long long)
   KASURI_FROM_TYPE(unsigned long long)
   __host__ __device__
   operator KASURI_RAW() const
   {
      KASURI_RAW r;
      r.x = __x;
      return r;
   }
   __host__ __device__ KASURI_T &
   operator=(const KASURI_RAW &r)
   {
      __x = r.x;
      return *this;
   }
   __host__ __device__
   operator bool() const
   {
      return (__x & 0x7FFF) != 0;
   }
   KASURI_TO_TYPE(float)
   KASURI_TO_TYPE(char)
   KASURI_TO_TYPE(signed char)
   KASURI_TO_TYPE(unsigned char)
   KASURI_TO_TYPE(short)
   KASURI_TO_TYPE(unsigned short)
   KASURI_TO_TYPE(int)
   KASURI_TO_TYPE(unsigned int)
   KASURI_TO_TYPE(long)
   KASURI_TO_TYPE(unsigned long)
   KASURI_TO_TYPE(long long)
   KASURI_TO_TYPE(unsigned long long)
   KASURI_ASSIGN(float)
   KASURI_ASSIGN(double)
   KASURI_ASSIGN(short)
   KASURI_ASSIGN(unsigned short)
   KASURI_ASSIGN(int)
   KASURI_ASSIGN(unsigned int)
   KASURI_ASSIGN(long long)
   KASURI_ASSIGN(unsigned long long)
};
#undef KASURI_FROM_TYPE
#undef KASURI_TO_TYPE
#undef KASURI_ASSIGN

struct __align__(4) KASURI_T2 {
   KASURI_T x, y;

   KASURI_T2() = default;
   __host__ __device__
   KASURI_T2(const KASURI_T &a, const KASURI_T &b)
       : x(a), y(b)
   {
   }
   __host__ __device__
   KASURI_T2(const KASURI_RAW2 &r)
   {
      x.__x = r.x;
      y.__x = r.y;
   }
   __host__ __device__ KASURI_T2 &
   operator=(const KASURI_RAW2 &r)
   {
      x.__x = r.x;
      y.__x = r.y;
      return *this;
   }
   __host__ __device__
   operator KASURI_RAW2() const
   {
      KASURI_RAW2 r;
      r.x = x.__x;
      r.y = y.__x;
      return r;
   }
};

KASURI_HD unsigned short
kasuri_bits(const KASURI_T a)
{
   return a.__x;
}
KASURI_HD float
kasuri_to(const KASURI_T a)
{
   return kasuri_widen(a.__x);
}
KASURI_HD KASURI_T
kasuri_make(unsigned short bits)
{
   KASURI_T h;
   h.__x = bits;
   return h;
}
KASURI_HD KASURI_T
kasuri_from(float f)
{
   return kasuri_make(kasuri_round(f));
}
