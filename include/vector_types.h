/* SPDX-License-Identifier: Apache-2.0
 * CUDA's short vectors and dim3. The alignment decides which of them a kernel loads in
 * one instruction and where they sit in a parameter list, so it is part of the interface.
 */
#ifndef __VECTOR_TYPES_H__
#define __VECTOR_TYPES_H__

#include "crt/host_defines.h"

#define KASURI_VEC_1(name, type)                                                         \
   struct name {                                                                         \
      type x;                                                                            \
   };                                                                                    \
   typedef struct name name
#define KASURI_VEC_2(name, type, align)                                                  \
   struct __align__(align) name {                                                        \
      type x, y;                                                                         \
   };                                                                                    \
   typedef struct name name
#define KASURI_VEC_3(name, type)                                                         \
   struct name {                                                                         \
      type x, y, z;                                                                      \
   };                                                                                    \
   typedef struct name name
#define KASURI_VEC_4(name, type, align)                                                  \
   struct __align__(align) name {                                                        \
      type x, y, z, w;                                                                   \
   };                                                                                    \
   typedef struct name name

#define KASURI_VECS(name, type, align2, align4)                                          \
   KASURI_VEC_1(name##1, type);                                                          \
   KASURI_VEC_2(name##2, type, align2);                                                  \
   KASURI_VEC_3(name##3, type);                                                          \
   KASURI_VEC_4(name##4, type, align4)
/* Vectors of four 8-byte elements exist with two alignments since CUDA 13; the plain name
 * keeps the old one, 16. */
#define KASURI_WIDE_VECS(name, type)                                                     \
   KASURI_VECS(name, type, 16, 16);                                                      \
   KASURI_VEC_4(name##4_16a, type, 16);                                                  \
   KASURI_VEC_4(name##4_32a, type, 32)

KASURI_VECS(char, signed char, 2, 4);
KASURI_VECS(uchar, unsigned char, 2, 4);
KASURI_VECS(short, short, 4, 8);
KASURI_VECS(ushort, unsigned short, 4, 8);
KASURI_VECS(int, int, 8, 16);
KASURI_VECS(uint, unsigned int, 8, 16);
KASURI_VECS(float, float, 8, 16);
KASURI_WIDE_VECS(long, long);
KASURI_WIDE_VECS(ulong, unsigned long);
KASURI_WIDE_VECS(longlong, long long);
KASURI_WIDE_VECS(ulonglong, unsigned long long);
KASURI_WIDE_VECS(double, double);

#undef KASURI_VEC_1
#undef KASURI_VEC_2
#undef KASURI_VEC_3
#undef KASURI_VEC_4
#undef KASURI_VECS
#undef KASURI_WIDE_VECS

struct dim3 {
   unsigned int x, y, z;
#if defined(__cplusplus)
#if __cplusplus >= 201103L
   __host__ __device__ constexpr dim3(unsigned int vx = 1, unsigned int vy = 1,
                                      unsigned int vz = 1)
       : x(vx), y(vy), z(vz)
   {
   }
   __host__ __device__ constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z)
   {
   }
   __host__ __device__ constexpr
   operator uint3() const
   {
      return uint3{x, y, z};
   }
#else
   __host__ __device__
   dim3(unsigned int vx = 1, unsigned int vy = 1, unsigned int vz = 1)
       : x(vx), y(vy), z(vz)
   {
   }
   __host__ __device__
   dim3(uint3 v)
       : x(v.x), y(v.y), z(v.z)
   {
   }
   __host__ __device__
   operator uint3() const
   {
      uint3 v;
      v.x = x, v.y = y, v.z = z;
      return v;
   }
#endif
#endif
};
typedef struct dim3 dim3;

#endif
