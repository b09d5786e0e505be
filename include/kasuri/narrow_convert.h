/* SPDX-License-Identifier: Apache-2.0
 * Conversions by name of a 16-bit float and its pair, once for __half and once for
 * __nv_bfloat16. The includer defines what narrow_type.h needs, kasuri_round_by (a float
 * to bits by mode), KASURI_NAME(before, after), which puts "half" or "bfloat16" between,
 * and KASURI_NAME_TWICE(before, between, after). */
KASURI_HD KASURI_T
KASURI_NAME(__float2, )(const float f)
{
   return kasuri_from(f);
}
KASURI_HD KASURI_T
KASURI_NAME(__float2, _rn)(const float f)
{
   return kasuri_from(f);
}
KASURI_HD KASURI_T
KASURI_NAME(__float2, _rz)(const float f)
{
   return kasuri_make(kasuri_round_by(f, 'z'));
}
KASURI_HD KASURI_T
KASURI_NAME(__float2, _rd)(const float f)
{
   return kasuri_make(kasuri_round_by(f, 'd'));
}
KASURI_HD KASURI_T
KASURI_NAME(__float2, _ru)(const float f)
{
   return kasuri_make(kasuri_round_by(f, 'u'));
}
KASURI_HD KASURI_T
KASURI_NAME(__double2, )(const double d)
{
   return kasuri_make(kasuri_round_double(d));
}
KASURI_HD float
KASURI_NAME(__, 2float)(const KASURI_T h)
{
   return kasuri_to(h);
}
KASURI_HD KASURI_T2
KASURI_NAME(__float2, 2_rn)(const float f)
{
   return KASURI_T2(kasuri_from(f), kasuri_from(f));
}
KASURI_HD KASURI_T2
KASURI_NAME(__floats2, 2_rn)(const float a, const float b)
{
   return KASURI_T2(kasuri_from(a), kasuri_from(b));
}
KASURI_HD KASURI_T2
KASURI_NAME(__float22, 2_rn)(const float2 f)
{
   return KASURI_T2(kasuri_from(f.x), kasuri_from(f.y));
}
KASURI_HD float2
KASURI_NAME(__, 22float2)(const KASURI_T2 h)
{
   float2 f;
   f.x = kasuri_to(h.x);
   f.y = kasuri_to(h.y);
   return f;
}
KASURI_HD float
__low2float(const KASURI_T2 h)
{
   return kasuri_to(h.x);
}
KASURI_HD float
__high2float(const KASURI_T2 h)
{
   return kasuri_to(h.y);
}
KASURI_HD KASURI_T
KASURI_NAME(__low2, )(const KASURI_T2 h)
{
   return h.x;
}
KASURI_HD KASURI_T
KASURI_NAME(__high2, )(const KASURI_T2 h)
{
   return h.y;
}
KASURI_HD KASURI_T2
KASURI_NAME(__low2, 2)(const KASURI_T2 h)
{
   return KASURI_T2(h.x, h.x);
}
KASURI_HD KASURI_T2
KASURI_NAME(__high2, 2)(const KASURI_T2 h)
{
   return KASURI_T2(h.y, h.y);
}
KASURI_HD KASURI_T2
KASURI_NAME(__lows2, 2)(const KASURI_T2 a, const KASURI_T2 b)
{
   return KASURI_T2(a.x, b.x);
}
KASURI_HD KASURI_T2
KASURI_NAME(__highs2, 2)(const KASURI_T2 a, const KASURI_T2 b)
{
   return KASURI_T2(a.y, b.y);
}
KASURI_HD KASURI_T2
__lowhigh2highlow(const KASURI_T2 h)
{
   return KASURI_T2(h.y, h.x);
}
KASURI_HD KASURI_T2
KASURI_NAME_TWICE(__, 2, 2)(const KASURI_T h)
{
   return KASURI_T2(h, h);
}
KASURI_HD KASURI_T2
KASURI_NAME(__halves2, 2)(const KASURI_T a, const KASURI_T b)
{
   return KASURI_T2(a, b);
}
KASURI_HD KASURI_T2
KASURI_NAME(make_, 2)(const KASURI_T a, const KASURI_T b)
{
   return KASURI_T2(a, b);
}
KASURI_HD short
KASURI_NAME(__, _as_short)(const KASURI_T h)
{
   return (short)kasuri_bits(h);
}
KASURI_HD unsigned short
KASURI_NAME(__, _as_ushort)(const KASURI_T h)
{
   return kasuri_bits(h);
}
KASURI_HD KASURI_T
KASURI_NAME(__short_as_, )(const short s)
{
   return kasuri_make((unsigned short)s);
}
KASURI_HD KASURI_T
KASURI_NAME(__ushort_as_, )(const unsigned short s)
{
   return kasuri_make(s);
}
/* To integers: out of range gives the nearest integer there is, a NaN 0. */
#define KASURI_TO_INTEGER(name, type, low, high)                                         \
   KASURI_HD type KASURI_NAME(__, 2##name##_rz)(const KASURI_T h)                        \
   {                                                                                     \
      float f = kasuri_to(h);                                                            \
      return f != f               ? (type)0                                              \
             : f <= (float)(low)  ? (low)                                                \
             : f >= (float)(high) ? (high)                                               \
                                  : (type)f;                                             \
   }                                                                                     \
   KASURI_TO_INTEGER_BY(name, type, low, high, rn, __builtin_rintf)                      \
   KASURI_TO_INTEGER_BY(name, type, low, high, rd, __builtin_floorf)                     \
   KASURI_TO_INTEGER_BY(name, type, low, high, ru, __builtin_ceilf)
#define KASURI_TO_INTEGER_BY(name, type, low, high, mode, round)                         \
   KASURI_HD type KASURI_NAME(__, 2##name##_##mode)(const KASURI_T h)                    \
   {                                                                                     \
      float f = round(kasuri_to(h));                                                     \
      return f != f               ? (type)0                                              \
             : f <= (float)(low)  ? (low)                                                \
             : f >= (float)(high) ? (high)                                               \
                                  : (type)f;                                             \
   }
KASURI_TO_INTEGER(char, signed char, -128, 127)
KASURI_TO_INTEGER(uchar, unsigned char, 0, 255)
KASURI_TO_INTEGER(short, short, -32768, 32767)
KASURI_TO_INTEGER(ushort, unsigned short, 0, 65535)
KASURI_TO_INTEGER(int, int, -2147483647 - 1, 2147483647)
KASURI_TO_INTEGER(uint, unsigned int, 0u, 4294967295u)
KASURI_TO_INTEGER(ll, long long, -9223372036854775807ll - 1, 9223372036854775807ll)
KASURI_TO_INTEGER(ull, unsigned long long, 0ull, 18446744073709551615ull)
#undef KASURI_TO_INTEGER
#undef KASURI_TO_INTEGER_BY
/* From integers: a double holds 32 bits exactly, and of 64 bits more than is kept. */
#define KASURI_FROM_INTEGER(name, type)                                                  \
   KASURI_HD KASURI_T KASURI_NAME(__##name##2, _rn)(const type v)                        \
   {                                                                                     \
      return kasuri_make(kasuri_round_double((double)v));                                \
   }                                                                                     \
   KASURI_FROM_INTEGER_BY(name, type, z)                                                 \
   KASURI_FROM_INTEGER_BY(name, type, d)                                                 \
   KASURI_FROM_INTEGER_BY(name, type, u)
#define KASURI_FROM_INTEGER_BY(name, type, mode)                                         \
   KASURI_HD KASURI_T KASURI_NAME(__##name##2, _r##mode)(const type v)                   \
   {                                                                                     \
      /* The float toward zero, and whether anything was cut off. */                     \
      double d = (double)v;                                                              \
      float f = (float)d;                                                                \
      if ((double)f != d && ((double)f > d) == (d > 0))                                  \
         f = kasuri_bits_float(kasuri_float_bits(f) - 1);                                \
      return kasuri_make(kasuri_round_by(f, #mode[0], (double)f != d));                  \
   }
KASURI_FROM_INTEGER(short, short)
KASURI_FROM_INTEGER(ushort, unsigned short)
KASURI_FROM_INTEGER(int, int)
KASURI_FROM_INTEGER(uint, unsigned int)
KASURI_FROM_INTEGER(ll, long long)
KASURI_FROM_INTEGER(ull, unsigned long long)
#undef KASURI_FROM_INTEGER
#undef KASURI_FROM_INTEGER_BY
