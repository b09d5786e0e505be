// SPDX-License-Identifier: Apache-2.0
// Source of features_*.ptx: halves, groups, barriers, matrices, textures, virtual calls.
#include <cassert>
#include <cuda_fp16.h>
#include <cuda_bf16.h>
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cuda/barrier>
#include <cuda_pipeline.h>
#include <mma.h>
namespace cg = cooperative_groups;
using namespace nvcuda;
__global__ void
half_math(__half *o, const __half *a, const __half2 *b, __nv_bfloat16 *c, int n)
{
   int i = threadIdx.x;
   o[i] = hexp(a[i]) + __hfma(a[i], a[i + 1], o[i]);
   __half2 t = __hmul2(b[i], b[i + 1]);
   o[i + 1] = __low2half(t);
   c[i] = __float2bfloat16(__bfloat162float(c[i]) * 2.5f + __half2float(o[i]));
   if (__hlt(a[i], o[i]))
      o[i + 2] = hsqrt(a[i]);
   atomicAdd(&o[0], a[i]);
}
__global__ void
tiles(int *p, int n)
{
   auto g = cg::this_thread_block();
   auto t = cg::tiled_partition<32>(g);
   int s = cg::reduce(t, p[threadIdx.x], cg::plus<int>());
   if (t.thread_rank() == 0)
      atomicAdd(p + 100, s);
   auto c = cg::coalesced_threads();
   p[200] = c.size();
   auto q = cg::tiled_partition<4>(t);
   p[201 + q.meta_group_rank()] = q.shfl_xor(s, 2) + q.any(s > 3);
   cg::this_grid().sync();
   p[1] = p[2];
}
__global__ void
pipe(float *o, const float *a)
{
   __shared__ float s[256];
   __pipeline_memcpy_async(&s[threadIdx.x], &a[threadIdx.x], 4);
   __pipeline_commit();
   __pipeline_wait_prior(0);
   __syncthreads();
   o[threadIdx.x] = s[255 - threadIdx.x];
}
__global__ void
bar(int *p)
{
   __shared__ cuda::barrier<cuda::thread_scope_block> b;
   if (!threadIdx.x)
      init(&b, blockDim.x);
   __syncthreads();
   auto tok = b.arrive();
   p[threadIdx.x]++;
   b.wait(std::move(tok));
   p[threadIdx.x + 1000] = p[threadIdx.x ^ 1];
}
#if __CUDA_ARCH__ >= 700 || !defined(__CUDA_ARCH__)
__global__ void
tensor(float *d, const __half *a, const __half *b)
{
   wmma::fragment<wmma::matrix_a, 16, 16, 16, __half, wmma::row_major> fa;
   wmma::fragment<wmma::matrix_b, 16, 16, 16, __half, wmma::col_major> fb;
   wmma::fragment<wmma::accumulator, 16, 16, 16, float> fc;
   wmma::fill_fragment(fc, 0.f);
   wmma::load_matrix_sync(fa, a, 16);
   wmma::load_matrix_sync(fb, b, 16);
   wmma::mma_sync(fc, fa, fb, fc);
   wmma::store_matrix_sync(d, fc, 16, wmma::mem_row_major);
}
#endif
__global__ void
tex(float *o, cudaTextureObject_t t, cudaSurfaceObject_t s)
{
   o[threadIdx.x] =
      tex2D<float>(t, threadIdx.x * .5f, 1.f) + tex1Dfetch<float>(t, threadIdx.x);
   float4 v = tex3D<float4>(t, 1, 2, 3);
   o[1] = v.x + v.w;
   surf2Dwrite(v.y, s, 4, 5);
   o[2] += surf2Dread<float>(s, 8, 9);
}
struct V {
   virtual __device__ int f(int) const = 0;
};
struct A : V {
   int k;
   __device__ int
   f(int x) const override
   {
      return x + k;
   }
};
struct B : V {
   __device__ int
   f(int x) const override
   {
      return x * 3;
   }
};
__global__ void
virt(int *p)
{
   A a;
   a.k = 5;
   B b;
   V *v = p[0] ? (V *)&a : (V *)&b;
   p[1] = v->f(p[2]);
   int *q = new int[4];
   q[p[3] & 3] = 5;
   p[4] = q[0];
   delete[] q;
}
__device__ int
rec(int n)
{
   return n < 2 ? n : rec(n - 1) + rec(n - 2);
}
__global__ void
recur(int *p)
{
   p[0] = rec(p[0]);
}
__global__ void __launch_bounds__(128, 4)
   atoms(unsigned *p, unsigned long long *q, double *d, float *f, short4 *s)
{
   atomicCAS(p, 1u, 2u);
   atomicExch(q, 5ull);
   atomicAdd(d, 1.5);
   atomicMax((int *)p, 3);
   atomicInc(p + 1, 7);
   atomicAdd_block(p + 2, 1u);
   __threadfence_system();
   p[3] = __popc(p[4]) + __clz(p[5]) + __ffs(p[6]) + __brev(p[7]);
   p[8] = __vabsdiffu4(p[9], p[10]);
   q[1] = __match_any_sync(~0u, p[11]) + __reduce_add_sync(~0u, p[12]);
   d[1] = rsqrt(d[2]) + fma(d[3], d[4], d[5]);
   f[0] = __sinf(f[1]) + __fdividef(f[2], f[3]) + __frcp_rz(f[4]) + __saturatef(f[5]) +
          __int2float_rd(p[0]);
   long long c = clock64();
   q[2] = c;
   s[0].x = s[1].y;
   __nanosleep(100);
   assert(p[13]);
   unsigned __int128 w = (unsigned __int128)q[3] * q[4];
   q[5] = (unsigned long long)(w >> 64) + (unsigned long long)w;
}
