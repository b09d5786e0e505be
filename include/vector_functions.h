/* SPDX-License-Identifier: Apache-2.0
 * make_float4 and its kin: constructors of the short vectors, for host and device. */
#ifndef __VECTOR_FUNCTIONS_H__
#define __VECTOR_FUNCTIONS_H__

#include "crt/host_defines.h"
#include "vector_types.h"

#define KASURI_MAKE static __inline__ __host__ __device__
#define KASURI_MAKE_VECS(name, type)                                                     \
   KASURI_MAKE name##1 make_##name##1(type x)                                            \
   {                                                                                     \
      name##1 v;                                                                         \
      v.x = x;                                                                           \
      return v;                                                                          \
   }                                                                                     \
   KASURI_MAKE name##2 make_##name##2(type x, type y)                                    \
   {                                                                                     \
      name##2 v;                                                                         \
      v.x = x, v.y = y;                                                                  \
      return v;                                                                          \
   }                                                                                     \
   KASURI_MAKE name##3 make_##name##3(type x, type y, type z)                            \
   {                                                                                     \
      name##3 v;                                                                         \
      v.x = x, v.y = y, v.z = z;                                                         \
      return v;                                                                          \
   }                                                                                     \
   KASURI_MAKE_VEC4(name##4, type)
#define KASURI_MAKE_VEC4(name, type)                                                     \
   KASURI_MAKE name make_##name(type x, type y, type z, type w)                          \
   {                                                                                     \
      name v;                                                                            \
      v.x = x, v.y = y, v.z = z, v.w = w;                                                \
      return v;                                                                          \
   }
#define KASURI_MAKE_WIDE(name, type)                                                     \
   KASURI_MAKE_VECS(name, type)                                                          \
   KASURI_MAKE_VEC4(name##4_16a, type)                                                   \
   KASURI_MAKE_VEC4(name##4_32a, type)

KASURI_MAKE_VECS(char, signed char)
KASURI_MAKE_VECS(uchar, unsigned char)
KASURI_MAKE_VECS(short, short)
KASURI_MAKE_VECS(ushort, unsigned short)
KASURI_MAKE_VECS(int, int)
KASURI_MAKE_VECS(uint, unsigned int)
KASURI_MAKE_WIDE(long, long)
KASURI_MAKE_WIDE(ulong, unsigned long)
KASURI_MAKE_VECS(float, float)
KASURI_MAKE_WIDE(longlong, long long)
KASURI_MAKE_WIDE(ulonglong, unsigned long long)
KASURI_MAKE_WIDE(double, double)

#undef KASURI_MAKE
#undef KASURI_MAKE_VECS
#undef KASURI_MAKE_VEC4
#undef KASURI_MAKE_WIDE

#endif
