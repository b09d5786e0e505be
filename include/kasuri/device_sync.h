/* SPDX-License-Identifier: Apache-2.0
 * Waiting and address-space questions that clang's headers leave out. */
#ifndef KASURI_DEVICE_SYNC_H
#define KASURI_DEVICE_SYNC_H

#define KASURI_DEVICE static __inline__ __device__ __attribute__((always_inline))

KASURI_DEVICE void __nanosleep(unsigned ns)
{
   __asm__ volatile("nanosleep.u32 %0;" ::"r"(ns));
}
KASURI_DEVICE unsigned __isGlobal(const void *p)
{
   return __nvvm_isspacep_global(p);
}
KASURI_DEVICE unsigned __isShared(const void *p)
{
   return __nvvm_isspacep_shared(p);
}
KASURI_DEVICE unsigned __isConstant(const void *p)
{
   return __nvvm_isspacep_const(p);
}
KASURI_DEVICE unsigned __isLocal(const void *p)
{
   return __nvvm_isspacep_local(p);
}
/* 32-bit addresses inside a block's shared memory, as inline PTX takes them. */
KASURI_DEVICE size_t __cvta_generic_to_shared(const void *p)
{
   return (size_t)(__attribute__((address_space(3))) const void *)p;
}
KASURI_DEVICE size_t __cvta_generic_to_global(const void *p)
{
   return (size_t)(__attribute__((address_space(1))) const void *)p;
}
KASURI_DEVICE size_t __cvta_generic_to_constant(const void *p)
{
   return (size_t)(__attribute__((address_space(4))) const void *)p;
}
KASURI_DEVICE size_t __cvta_generic_to_local(const void *p)
{
   return (size_t)(__attribute__((address_space(5))) const void *)p;
}
KASURI_DEVICE void *__cvta_shared_to_generic(size_t p)
{
   return (void *)(__attribute__((address_space(3))) void *)p;
}
KASURI_DEVICE void *__cvta_global_to_generic(size_t p)
{
   return (void *)(__attribute__((address_space(1))) void *)p;
}
KASURI_DEVICE void *__cvta_constant_to_generic(size_t p)
{
   return (void *)(__attribute__((address_space(4))) void *)p;
}
KASURI_DEVICE void *__cvta_local_to_generic(size_t p)
{
   return (void *)(__attribute__((address_space(5))) void *)p;
}
KASURI_DEVICE unsigned __smid(void)
{
   unsigned r;
   __asm__ volatile("mov.u32 %0, %%smid;" : "=r"(r));
   return r;
}
KASURI_DEVICE unsigned long long __globaltimer(void)
{
   unsigned long long r;
   __asm__ volatile("mov.u64 %0, %%globaltimer;" : "=l"(r));
   return r;
}
KASURI_DEVICE int __dp4a(int a, int b, int c)
{
   int r;
   __asm__("dp4a.s32.s32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
   return r;
}
KASURI_DEVICE unsigned __dp4a(unsigned a, unsigned b, unsigned c)
{
   unsigned r;
   __asm__("dp4a.u32.u32 %0, %1, %2, %3;" : "=r"(r) : "r"(a), "r"(b), "r"(c));
   return r;
}
KASURI_DEVICE int __dp4a(char4 a, char4 b, int c)
{
   return __dp4a(*(int *)&a, *(int *)&b, c);
}
KASURI_DEVICE unsigned __dp4a(uchar4 a, uchar4 b, unsigned c)
{
   return __dp4a(*(unsigned *)&a, *(unsigned *)&b, c);
}
#define KASURI_DP2A(name, half)                                                          \
   KASURI_DEVICE int name(int a, int b, int c)                                           \
   {                                                                                     \
      int r;                                                                             \
      __asm__("dp2a." half ".s32.s32 %0, %1, %2, %3;"                                    \
              : "=r"(r)                                                                  \
              : "r"(a), "r"(b), "r"(c));                                                 \
      return r;                                                                          \
   }                                                                                     \
   KASURI_DEVICE unsigned name(unsigned a, unsigned b, unsigned c)                       \
   {                                                                                     \
      unsigned r;                                                                        \
      __asm__("dp2a." half ".u32.u32 %0, %1, %2, %3;"                                    \
              : "=r"(r)                                                                  \
              : "r"(a), "r"(b), "r"(c));                                                 \
      return r;                                                                          \
   }                                                                                     \
   KASURI_DEVICE int name(short2 a, char4 b, int c)                                      \
   {                                                                                     \
      return name(*(int *)&a, *(int *)&b, c);                                            \
   }                                                                                     \
   KASURI_DEVICE unsigned name(ushort2 a, uchar4 b, unsigned c)                          \
   {                                                                                     \
      return name(*(unsigned *)&a, *(unsigned *)&b, c);                                  \
   }
KASURI_DP2A(__dp2a_lo, "lo")
KASURI_DP2A(__dp2a_hi, "hi")
#undef KASURI_DP2A

/* Fused min, max and ReLU of 32-bit integers (and pairs of 16-bit ones). */
#define KASURI_DPX3(name, first, second, type)                                           \
   KASURI_DEVICE type __vi##name(type a, type b, type c)                                 \
   {                                                                                     \
      return first(second(a, b), c);                                                     \
   }
KASURI_DPX3(max3_s32, max, max, int)
KASURI_DPX3(min3_s32, min, min, int)
KASURI_DPX3(max3_u32, max, max, unsigned)
KASURI_DPX3(min3_u32, min, min, unsigned)
#undef KASURI_DPX3
KASURI_DEVICE int __vimax_s32_relu(int a, int b)
{
   return max(max(a, b), 0);
}
KASURI_DEVICE int __vimin_s32_relu(int a, int b)
{
   return max(min(a, b), 0);
}
KASURI_DEVICE int __viaddmax_s32(int a, int b, int c)
{
   return max((int)((unsigned)a + (unsigned)b), c);
}
KASURI_DEVICE int __viaddmin_s32(int a, int b, int c)
{
   return min((int)((unsigned)a + (unsigned)b), c);
}
KASURI_DEVICE unsigned __viaddmax_u32(unsigned a, unsigned b, unsigned c)
{
   return max(a + b, c);
}
KASURI_DEVICE unsigned __viaddmin_u32(unsigned a, unsigned b, unsigned c)
{
   return min(a + b, c);
}

#undef KASURI_DEVICE
#endif
