/* SPDX-License-Identifier: Apache-2.0
 * Warp matching for every type that fits 32 or 64 bits, on top of what clang's
 * __clang_cuda_intrinsics.h defines just before it includes this. */
#ifndef __SM_70_RT_HPP__
#define __SM_70_RT_HPP__

#define KASURI_MATCH(type, bits, as)                                                     \
   static __inline__ __device__ unsigned int __match_any_sync(unsigned mask, type value) \
   {                                                                                     \
      return __match##bits##_any_sync(mask, as(value));                                  \
   }                                                                                     \
   static __inline__ __device__ unsigned int __match_all_sync(unsigned mask, type value, \
                                                              int *pred)                 \
   {                                                                                     \
      return __match##bits##_all_sync(mask, as(value), pred);                            \
   }
KASURI_MATCH(unsigned, 32, (unsigned))
KASURI_MATCH(int, 32, (unsigned))
KASURI_MATCH(unsigned long, 64, (unsigned long long))
KASURI_MATCH(long, 64, (unsigned long long))
KASURI_MATCH(unsigned long long, 64, (unsigned long long))
KASURI_MATCH(long long, 64, (unsigned long long))
KASURI_MATCH(float, 32, __float_as_uint)
KASURI_MATCH(double, 64, (unsigned long long)__double_as_longlong)
#undef KASURI_MATCH

#endif
