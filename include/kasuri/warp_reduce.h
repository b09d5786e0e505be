/* SPDX-License-Identifier: Apache-2.0
 * __reduce_*_sync: one value from all lanes of a mask. */
#ifndef KASURI_WARP_REDUCE_H
#define KASURI_WARP_REDUCE_H

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
#define KASURI_REDUCE(name, type, ptx)                                                   \
   static __inline__ __device__ type __reduce_##name##_sync(unsigned mask, type value)   \
   {                                                                                     \
      type r;                                                                            \
      __asm__ volatile("redux.sync." #name "." ptx " %0, %1, %2;"                        \
                       : "=r"(r)                                                         \
                       : "r"(value), "r"(mask)                                           \
                       : "memory");                                                      \
      return r;                                                                          \
   }
KASURI_REDUCE(add, unsigned, "u32")
KASURI_REDUCE(add, int, "s32")
KASURI_REDUCE(min, unsigned, "u32")
KASURI_REDUCE(min, int, "s32")
KASURI_REDUCE(max, unsigned, "u32")
KASURI_REDUCE(max, int, "s32")
KASURI_REDUCE(and, unsigned, "b32")
KASURI_REDUCE(or, unsigned, "b32")
KASURI_REDUCE(xor, unsigned, "b32")
#undef KASURI_REDUCE
#endif

#endif
