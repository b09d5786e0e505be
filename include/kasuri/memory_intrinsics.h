/* SPDX-License-Identifier: Apache-2.0
 * Loads and stores with a cache operator: __ldcg, __ldcs, __ldca, __ldlu, __ldcv and
 * __stwb, __stcg, __stcs, __stwt, for all scalar types and short vectors. (__ldg is
 * clang's.) */
#ifndef KASURI_MEMORY_INTRINSICS_H
#define KASURI_MEMORY_INTRINSICS_H

#define KASURI_DEVICE static __inline__ __device__ __attribute__((always_inline))

/* type, register constraint, PTX type, type that the register holds */
#define KASURI_LD1(name, op, type, c, ptx, reg, mem)                                     \
   KASURI_DEVICE type name(const type *p)                                                \
   {                                                                                     \
      reg r;                                                                             \
      __asm__ volatile("ld.global" op "." ptx " %0, [%1];"                               \
                       : "=" c(r)                                                        \
                       : "l"(__cvta_generic_to_global(p))                                \
                       : mem);                                                           \
      return (type)r;                                                                    \
   }
#define KASURI_LD2(name, op, type, c, ptx, reg, mem)                                     \
   KASURI_DEVICE type name(const type *p)                                                \
   {                                                                                     \
      reg x, y;                                                                          \
      __asm__ volatile("ld.global" op ".v2." ptx " {%0,%1}, [%2];"                       \
                       : "=" c(x), "=" c(y)                                              \
                       : "l"(__cvta_generic_to_global(p))                                \
                       : mem);                                                           \
      type v;                                                                            \
      v.x = x, v.y = y;                                                                  \
      return v;                                                                          \
   }
#define KASURI_LD4(name, op, type, c, ptx, reg, mem)                                     \
   KASURI_DEVICE type name(const type *p)                                                \
   {                                                                                     \
      reg x, y, z, w;                                                                    \
      __asm__ volatile("ld.global" op ".v4." ptx " {%0,%1,%2,%3}, [%4];"                 \
                       : "=" c(x), "=" c(y), "=" c(z), "=" c(w)                          \
                       : "l"(__cvta_generic_to_global(p))                                \
                       : mem);                                                           \
      type v;                                                                            \
      v.x = x, v.y = y, v.z = z, v.w = w;                                                \
      return v;                                                                          \
   }
#define KASURI_LOADS(name, op, mem)                                                      \
   KASURI_LD1(name, op, char, "r", "s8", int, mem)                                       \
   KASURI_LD1(name, op, signed char, "r", "s8", int, mem)                                \
   KASURI_LD1(name, op, unsigned char, "r", "u8", unsigned, mem)                         \
   KASURI_LD1(name, op, short, "h", "s16", short, mem)                                   \
   KASURI_LD1(name, op, unsigned short, "h", "u16", unsigned short, mem)                 \
   KASURI_LD1(name, op, int, "r", "s32", int, mem)                                       \
   KASURI_LD1(name, op, unsigned, "r", "u32", unsigned, mem)                             \
   KASURI_LD1(name, op, long, "l", "s64", long, mem)                                     \
   KASURI_LD1(name, op, unsigned long, "l", "u64", unsigned long, mem)                   \
   KASURI_LD1(name, op, long long, "l", "s64", long long, mem)                           \
   KASURI_LD1(name, op, unsigned long long, "l", "u64", unsigned long long, mem)         \
   KASURI_LD1(name, op, float, "f", "f32", float, mem)                                   \
   KASURI_LD1(name, op, double, "d", "f64", double, mem)                                 \
   KASURI_LD2(name, op, char2, "r", "s8", int, mem)                                      \
   KASURI_LD2(name, op, uchar2, "r", "u8", unsigned, mem)                                \
   KASURI_LD2(name, op, short2, "h", "s16", short, mem)                                  \
   KASURI_LD2(name, op, ushort2, "h", "u16", unsigned short, mem)                        \
   KASURI_LD2(name, op, int2, "r", "s32", int, mem)                                      \
   KASURI_LD2(name, op, uint2, "r", "u32", unsigned, mem)                                \
   KASURI_LD2(name, op, longlong2, "l", "s64", long long, mem)                           \
   KASURI_LD2(name, op, ulonglong2, "l", "u64", unsigned long long, mem)                 \
   KASURI_LD2(name, op, float2, "f", "f32", float, mem)                                  \
   KASURI_LD2(name, op, double2, "d", "f64", double, mem)                                \
   KASURI_LD4(name, op, char4, "r", "s8", int, mem)                                      \
   KASURI_LD4(name, op, uchar4, "r", "u8", unsigned, mem)                                \
   KASURI_LD4(name, op, short4, "h", "s16", short, mem)                                  \
   KASURI_LD4(name, op, ushort4, "h", "u16", unsigned short, mem)                        \
   KASURI_LD4(name, op, int4, "r", "s32", int, mem)                                      \
   KASURI_LD4(name, op, uint4, "r", "u32", unsigned, mem)                                \
   KASURI_LD4(name, op, float4, "f", "f32", float, mem)
KASURI_LOADS(__ldcg, ".cg", "memory")
KASURI_LOADS(__ldca, ".ca", "memory")
KASURI_LOADS(__ldcs, ".cs", "memory")
KASURI_LOADS(__ldlu, ".lu", "memory")
KASURI_LOADS(__ldcv, ".cv", "memory")
#undef KASURI_LOADS
#undef KASURI_LD1
#undef KASURI_LD2
#undef KASURI_LD4

#define KASURI_ST1(name, op, type, c, ptx, reg)                                          \
   KASURI_DEVICE void name(type *p, type v)                                              \
   {                                                                                     \
      __asm__ volatile("st.global" op "." ptx " [%0], %1;" ::"l"(                        \
                          __cvta_generic_to_global(p)),                                  \
                       c((reg)v)                                                         \
                       : "memory");                                                      \
   }
#define KASURI_ST2(name, op, type, c, ptx, reg)                                          \
   KASURI_DEVICE void name(type *p, type v)                                              \
   {                                                                                     \
      __asm__ volatile("st.global" op ".v2." ptx " [%0], {%1,%2};" ::"l"(                \
                          __cvta_generic_to_global(p)),                                  \
                       c((reg)v.x), c((reg)v.y)                                          \
                       : "memory");                                                      \
   }
#define KASURI_ST4(name, op, type, c, ptx, reg)                                          \
   KASURI_DEVICE void name(type *p, type v)                                              \
   {                                                                                     \
      __asm__ volatile("st.global" op ".v4." ptx " [%0], {%1,%2,%3,%4};" ::"l"(          \
                          __cvta_generic_to_global(p)),                                  \
                       c((reg)v.x), c((reg)v.y), c((reg)v.z), c((reg)v.w)                \
                       : "memory");                                                      \
   }
#define KASURI_STORES(name, op)                                                          \
   KASURI_ST1(name, op, char, "r", "s8", int)                                            \
   KASURI_ST1(name, op, signed char, "r", "s8", int)                                     \
   KASURI_ST1(name, op, unsigned char, "r", "u8", unsigned)                              \
   KASURI_ST1(name, op, short, "h", "s16", short)                                        \
   KASURI_ST1(name, op, unsigned short, "h", "u16", unsigned short)                      \
   KASURI_ST1(name, op, int, "r", "s32", int)                                            \
   KASURI_ST1(name, op, unsigned, "r", "u32", unsigned)                                  \
   KASURI_ST1(name, op, long, "l", "s64", long)                                          \
   KASURI_ST1(name, op, unsigned long, "l", "u64", unsigned long)                        \
   KASURI_ST1(name, op, long long, "l", "s64", long long)                                \
   KASURI_ST1(name, op, unsigned long long, "l", "u64", unsigned long long)              \
   KASURI_ST1(name, op, float, "f", "f32", float)                                        \
   KASURI_ST1(name, op, double, "d", "f64", double)                                      \
   KASURI_ST2(name, op, char2, "r", "s8", int)                                           \
   KASURI_ST2(name, op, uchar2, "r", "u8", unsigned)                                     \
   KASURI_ST2(name, op, short2, "h", "s16", short)                                       \
   KASURI_ST2(name, op, ushort2, "h", "u16", unsigned short)                             \
   KASURI_ST2(name, op, int2, "r", "s32", int)                                           \
   KASURI_ST2(name, op, uint2, "r", "u32", unsigned)                                     \
   KASURI_ST2(name, op, longlong2, "l", "s64", long long)                                \
   KASURI_ST2(name, op, ulonglong2, "l", "u64", unsigned long long)                      \
   KASURI_ST2(name, op, float2, "f", "f32", float)                                       \
   KASURI_ST2(name, op, double2, "d", "f64", double)                                     \
   KASURI_ST4(name, op, char4, "r", "s8", int)                                           \
   KASURI_ST4(name, op, uchar4, "r", "u8", unsigned)                                     \
   KASURI_ST4(name, op, short4, "h", "s16", short)                                       \
   KASURI_ST4(name, op, ushort4, "h", "u16", unsigned short)                             \
   KASURI_ST4(name, op, int4, "r", "s32", int)                                           \
   KASURI_ST4(name, op, uint4, "r", "u32", unsigned)                                     \
   KASURI_ST4(name, op, float4, "f", "f32", float)
KASURI_STORES(__stwb, ".wb")
KASURI_STORES(__stcg, ".cg")
KASURI_STORES(__stcs, ".cs")
KASURI_STORES(__stwt, ".wt")
#undef KASURI_STORES
#undef KASURI_ST1
#undef KASURI_ST2
#undef KASURI_ST4

#undef KASURI_DEVICE
#endif
