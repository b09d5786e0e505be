/* SPDX-License-Identifier: Apache-2.0
 * atomicAdd and its kin over all types, each in device, block and system scope. Where clang
 * has a builtin it is used, so that the compiler sees which memory is touched; the rest is
 * inline PTX. */
#ifndef KASURI_ATOMICS_H
#define KASURI_ATOMICS_H

#define KASURI_DEVICE static __inline__ __device__ __attribute__((always_inline))

/* name, C type, builtin's operation, builtin's suffix, builtin's type */
#define KASURI_ATOMIC(name, type, op, suffix, as)                                        \
   KASURI_DEVICE type name(type *p, type v)                                              \
   {                                                                                     \
      return (type)__nvvm_atom_##op##_gen_##suffix((as *)p, (as)v);                      \
   }                                                                                     \
   KASURI_DEVICE type name##_block(type *p, type v)                                      \
   {                                                                                     \
      return (type)__nvvm_atom_cta_##op##_gen_##suffix((as *)p, (as)v);                  \
   }                                                                                     \
   KASURI_DEVICE type name##_system(type *p, type v)                                     \
   {                                                                                     \
      return (type)__nvvm_atom_sys_##op##_gen_##suffix((as *)p, (as)v);                  \
   }
/* Sign does not matter: one builtin serves both. */
#define KASURI_ATOMIC_SIGNLESS(name, op)                                                 \
   KASURI_ATOMIC(name, int, op, i, int)                                                  \
   KASURI_ATOMIC(name, unsigned, op, i, int)                                             \
   KASURI_ATOMIC(name, long long, op, ll, long long)                                     \
   KASURI_ATOMIC(name, unsigned long long, op, ll, long long)                            \
   KASURI_ATOMIC(name, long, op, ll, long long)                                          \
   KASURI_ATOMIC(name, unsigned long, op, ll, long long)
KASURI_ATOMIC_SIGNLESS(atomicAdd, add)
KASURI_ATOMIC_SIGNLESS(atomicExch, xchg)
KASURI_ATOMIC_SIGNLESS(atomicAnd, and)
KASURI_ATOMIC_SIGNLESS(atomicOr, or)
KASURI_ATOMIC_SIGNLESS(atomicXor, xor)
#undef KASURI_ATOMIC_SIGNLESS
KASURI_ATOMIC(atomicAdd, float, add, f, float)
KASURI_ATOMIC(atomicAdd, double, add, d, double)
#define KASURI_ATOMIC_ORDERED(name, op)                                                  \
   KASURI_ATOMIC(name, int, op, i, int)                                                  \
   KASURI_ATOMIC(name, unsigned, op, ui, unsigned)                                       \
   KASURI_ATOMIC(name, long long, op, ll, long long)                                     \
   KASURI_ATOMIC(name, unsigned long long, op, ull, unsigned long long)                  \
   KASURI_ATOMIC(name, long, op, ll, long long)                                          \
   KASURI_ATOMIC(name, unsigned long, op, ull, unsigned long long)
KASURI_ATOMIC_ORDERED(atomicMin, min)
KASURI_ATOMIC_ORDERED(atomicMax, max)
#undef KASURI_ATOMIC_ORDERED
KASURI_ATOMIC(atomicInc, unsigned, inc, ui, unsigned)
KASURI_ATOMIC(atomicDec, unsigned, dec, ui, unsigned)
#undef KASURI_ATOMIC

#define KASURI_ATOMIC_SUB(scope, type)                                                   \
   KASURI_DEVICE type atomicSub##scope(type *p, type v)                                  \
   {                                                                                     \
      return atomicAdd##scope(p, (type)(0u - (unsigned)v));                              \
   }
KASURI_ATOMIC_SUB(, int)
KASURI_ATOMIC_SUB(, unsigned)
KASURI_ATOMIC_SUB(_block, int)
KASURI_ATOMIC_SUB(_block, unsigned)
KASURI_ATOMIC_SUB(_system, int)
KASURI_ATOMIC_SUB(_system, unsigned)
#undef KASURI_ATOMIC_SUB

#define KASURI_ATOMIC_XFLOAT(scope)                                                      \
   KASURI_DEVICE float atomicExch##scope(float *p, float v)                              \
   {                                                                                     \
      return __int_as_float(atomicExch##scope((int *)p, __float_as_int(v)));             \
   }
KASURI_ATOMIC_XFLOAT()
KASURI_ATOMIC_XFLOAT(_block)
KASURI_ATOMIC_XFLOAT(_system)
#undef KASURI_ATOMIC_XFLOAT

#define KASURI_ATOMIC_CAS(type, suffix, as)                                              \
   KASURI_DEVICE type atomicCAS(type *p, type expected, type v)                          \
   {                                                                                     \
      return (type)__nvvm_atom_cas_gen_##suffix((as *)p, (as)expected, (as)v);           \
   }                                                                                     \
   KASURI_DEVICE type atomicCAS_block(type *p, type expected, type v)                    \
   {                                                                                     \
      return (type)__nvvm_atom_cta_cas_gen_##suffix((as *)p, (as)expected, (as)v);       \
   }                                                                                     \
   KASURI_DEVICE type atomicCAS_system(type *p, type expected, type v)                   \
   {                                                                                     \
      return (type)__nvvm_atom_sys_cas_gen_##suffix((as *)p, (as)expected, (as)v);       \
   }
KASURI_ATOMIC_CAS(int, i, int)
KASURI_ATOMIC_CAS(unsigned, i, int)
KASURI_ATOMIC_CAS(long long, ll, long long)
KASURI_ATOMIC_CAS(unsigned long long, ll, long long)
KASURI_ATOMIC_CAS(long, ll, long long)
KASURI_ATOMIC_CAS(unsigned long, ll, long long)
#undef KASURI_ATOMIC_CAS

#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 700
#define KASURI_ATOMIC_CAS16(scope, ptx)                                                  \
   KASURI_DEVICE unsigned short atomicCAS##scope(                                        \
      unsigned short *p, unsigned short expected, unsigned short v)                      \
   {                                                                                     \
      unsigned short r;                                                                  \
      __asm__ volatile("atom" ptx ".cas.b16 %0, [%1], %2, %3;"                           \
                       : "=h"(r)                                                         \
                       : "l"(p), "h"(expected), "h"(v)                                   \
                       : "memory");                                                      \
      return r;                                                                          \
   }
KASURI_ATOMIC_CAS16(, ".relaxed.gpu")
KASURI_ATOMIC_CAS16(_block, ".relaxed.cta")
KASURI_ATOMIC_CAS16(_system, ".relaxed.sys")
#undef KASURI_ATOMIC_CAS16
#endif

#undef KASURI_DEVICE
#endif
