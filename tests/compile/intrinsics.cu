/* SPDX-License-Identifier: Apache-2.0
 * Compiles: warp, atomic, memory, integer and synchronisation intrinsics in every type.
 */
#include <cuda_runtime.h>
#include <device_launch_parameters.h>

template <typename T>
__device__ void
integer_atomics(T *p, T v)
{
   atomicAdd(p, v);
   atomicExch(p, v);
   atomicMin(p, v);
   atomicMax(p, v);
   atomicAnd(p, v);
   atomicOr(p, v);
   atomicXor(p, v);
   atomicCAS(p, v, v);
   atomicAdd_block(p, v);
   atomicAdd_system(p, v);
   atomicCAS_block(p, v, v);
   atomicCAS_system(p, v, v);
   atomicMax_system(p, v);
}
template <typename T>
__device__ T
shuffles(T v)
{
   v += __shfl_sync(0xffffffff, v, 0);
   v += __shfl_up_sync(0xffffffff, v, 1u);
   v += __shfl_down_sync(0xffffffffu, v, 16, 32);
   v += __shfl_xor_sync(-1, v, 1, 16);
   return v;
}
template <typename T>
__device__ T
loads(T *p)
{
   T v = __ldg(p);
   v = __ldcg(p);
   v = __ldca(p);
   v = __ldcs(p);
   v = __ldlu(p);
   v = __ldcv(p);
   __stwb(p, v);
   __stcg(p, v);
   __stcs(p, v);
   __stwt(p, v);
   return v;
}

__global__ void
kernel(int *i, unsigned *u, long long *l, unsigned long long *ul, float *f, double *d,
       float4 *f4, int2 *i2, unsigned short *s, uchar4 *c4, double2 *d2, char *c)
{
   integer_atomics(i, 1);
   integer_atomics(u, 1u);
   integer_atomics(l, 1ll);
   integer_atomics(ul, 1ull);
   atomicSub(i, 1);
   atomicSub(u, 1u);
   atomicInc(u, 5);
   atomicDec(u, 5);
   atomicAdd(f, 1.0f);
   atomicAdd(d, 1.0);
   atomicAdd_block(f, 1.0f);
   atomicExch(f, 1.0f);
   atomicCAS(s, (unsigned short)1, (unsigned short)2);
   *i = shuffles(*i);
   *u = shuffles(*u);
   *l = shuffles(*l);
   *ul = shuffles(*ul);
   *f = shuffles(*f);
   *d = shuffles(*d);
   *i = loads(i);
   *f = loads(f);
   *d = loads(d);
   *ul = loads(ul);
   *c = loads(c);
   *s = loads(s);
   *f4 = loads(f4);
   *i2 = loads(i2);
   *c4 = loads(c4);
   *d2 = loads(d2);
   unsigned mask = __activemask();
   *u += __ballot_sync(mask, *i) + __any_sync(mask, *i) + __all_sync(mask, *i);
   *u += __match_any_sync(mask, *i);
   int p;
   *u += __match_all_sync(mask, *l, &p) + p;
   *u += __reduce_add_sync(mask, *u) + __reduce_max_sync(mask, *i) +
         __reduce_or_sync(mask, *u);
   *i += __popc(*u) + __clz(*i) + __brev(*u) + __ffs(*i) + __popcll(*ul) + __clzll(*l) +
         __ffsll(*l);
   *u +=
      __byte_perm(*u, 3, 0x3210) + __funnelshift_l(*u, 1, 2) + __funnelshift_r(1, *u, 3);
   *i += __mulhi(*i, 3) + __mul24(*i, 5) + __sad(*i, 1, 2) + __dp4a(*i, 1, 2) +
         __umulhi(*u, 3u) + (int)__mul64hi(*l, 3) + __hadd(1, 2) + __rhadd(1, 2);
   *u += __vadd2(*u, 1) + __vabsdiffu4(*u, 3) + __vcmpeq4(*u, *u) + __vmaxs2(*u, 2);
   *f = __int_as_float(__float_as_int(*f)) + __uint_as_float(*u);
   *d = __longlong_as_double(__double_as_longlong(*d)) + __hiloint2double(1, 2);
   *i += __float2int_rn(*f) + __double2int_rz(*d) + (int)__float2uint_ru(*f);
   *f += __fadd_rn(1, 2) + __fmul_rz(1, 2) + __fmaf_rn(1, 2, 3) + __frcp_rn(3) +
         __fsqrt_rn(2) + __int2float_rn(3) + __powf(2, 3) + __log2f(3) + __tanf(1);
   *d += __dadd_rn(1, 2) + __fma_rn(1.0, 2.0, 3.0) + __ddiv_rn(1, 3) + __dsqrt_rn(2);
   __syncthreads();
   *i += __syncthreads_count(*i) + __syncthreads_and(*i) + __syncthreads_or(*i);
   __syncwarp();
   __syncwarp(mask);
   __threadfence();
   __threadfence_block();
   __threadfence_system();
   __nanosleep(100);
   *i += (int)clock() + (int)clock64() + warpSize;
   *u += __isGlobal(i) + __isShared(i) + __isLocal(i) + __isConstant(i);
   __shared__ int sh[4];
   sh[0] = *i;
   asm volatile("st.shared.u32 [%0], %1;" ::"l"(__cvta_generic_to_shared(sh)), "r"(3));
   __builtin_assume(*i > 0);
   if (*i == 77)
      __trap();
   __brkpt();
   *i = max(*i, 3) + min(*u, 3u) + (int)max(*l, 3ll) + (int)fmaxf(*f, 1) +
        (int)max(*d, 1.0);
}

int
main()
{
   return 0;
}
