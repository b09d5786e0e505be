// SPDX-License-Identifier: Apache-2.0
// Source of mixed_*.ptx: what everyday kernels make nvcc 13.0 write.
#include <cstdio>
#include <cooperative_groups.h>
namespace cg = cooperative_groups;
__constant__ float coef[4] = {1, 2, 3, 4};
__device__ int counter;
__managed__ int mg = 5;
__device__ const char *names[2] = {"ab", "cd"};
__global__ void
add(float *c, const float *a, const float *b, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      c[i] = a[i] + b[i] * coef[i & 3];
}
__global__ void
red(float *o, const float *a, int n)
{
   __shared__ float s[256];
   int t = threadIdx.x;
   float v = 0;
   for (int i = t; i < n; i += 256)
      v += a[i];
   s[t] = v;
   __syncthreads();
   for (int k = 128; k; k >>= 1) {
      if (t < k)
         s[t] += s[t + k];
      __syncthreads();
   }
   if (!t) {
      *o = s[0];
      atomicAdd(&counter, 1);
   }
}
__global__ void
dyn(int *p)
{
   extern __shared__ int x[];
   x[threadIdx.x] = p[threadIdx.x];
   __syncthreads();
   p[threadIdx.x] = x[blockDim.x - 1 - threadIdx.x] + __shfl_xor_sync(~0u, p[0], 1) +
                    __ballot_sync(~0u, p[1] > 2);
   printf("%d %s\n", p[0], names[p[1] & 1]);
}
__device__ __noinline__ double
f(double a, double b)
{
   return pow(a, b) + sin(a) * mg;
}
__global__ void
g(double *p)
{
   p[threadIdx.x] = f(p[threadIdx.x], 2.5);
   auto b = cg::this_thread_block();
   b.sync();
   unsigned long long h = __umul64hi(12345678912345ull, (unsigned long long)p);
   p[1] = h;
}
typedef int (*fp)(int);
__device__ int
f1(int x)
{
   return x + 1;
}
__device__ int
f2(int x)
{
   return x * 2;
}
__device__ fp tab[2] = {f1, f2};
__global__ void
ind(int *p)
{
   p[0] = tab[p[1] & 1](p[2]);
   switch (p[3]) {
   case 0:
      p[4] = 1;
      break;
   case 1:
      p[4] = 7;
      break;
   case 2:
      p[4] = 11;
      break;
   case 3:
      p[5] = 3;
      break;
   case 4:
      p[6] = 3;
      break;
   case 5:
      p[7] = 9;
   }
   asm volatile("{ .reg .pred q; setp.eq.s32 q, %1, 3; selp.b32 %0, 1, 2, q; }"
                : "=r"(p[9])
                : "r"(p[8]));
   if (p[20] == 3)
      __trap();
   if (p[7] > 3)
      asm("exit;");
}
__global__ void
vec(float4 *p, int2 *q, short4 *r)
{
   float4 v = p[threadIdx.x];
   v.x += v.w;
   p[threadIdx.x] = v;
   int2 w = q[0];
   w.x = __dp4a(w.x, w.y, 3);
   q[1] = w;
   short4 z = r[0];
   z.x += z.y;
   r[1] = z;
   unsigned a = __funnelshift_l(w.x, w.y, 5);
   q[2].x = a;
   q[3].y = __byte_perm(a, w.x, 0x3210);
}
