/* SPDX-License-Identifier: Apache-2.0
 * Compiles: half and bfloat16 on both sides. */
#include <cstdio>
#include <cuda_fp16.h>
#include <cuda_bf16.h>
__global__ void
k(half *a, half2 *b, __nv_bfloat16 *c, float *f, int *ii)
{
   int i = threadIdx.x;
   half x = a[i];
   x = x * x + __float2half(1.5f);
   x += half(2);
   a[i] = hexp(x);
   half2 y = b[i];
   y = __hfma2(y, y, __float2half2_rn(2.f));
   y = y + y;
   b[i] = y;
   c[i] = c[i] * __nv_bfloat16(2.0f) + __float2bfloat16(1.f);
   f[i] = __half2float(x) + (float)y.x + __low2float(y);
   if (x > half(3.f) && __hgt(x, y.y))
      ii[i] = __half2int_rn(x);
   atomicAdd(&b[0], y);
   atomicAdd(&a[0], x);
   x = __shfl_xor_sync(~0u, x, 1);
   f[i] += (float)__hmax(__habs(x), x);
}
template <typename T>
__global__ void
axpy(T *y, const T *x, T a, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      y[i] = a * x[i] + y[i];
}
template __global__ void axpy<half>(half *, const half *, half, int);
template __global__ void axpy<nv_bfloat16>(nv_bfloat16 *, const nv_bfloat16 *,
                                           nv_bfloat16, int);
int
main()
{
   half h = __float2half(1.5f), g = 2.0f;
   half2 p = __floats2half2_rn(1, 2), q = __halves2half2(h, g);
   __nv_bfloat16 b = __float2bfloat16(3.0f);
   __nv_bfloat162 bb = __floats2bfloat162_rn(1, 2);
   h = h + g;
   h += g;
   p = __hadd2(p, q);
   b = __hmul(b, b);
   bb = __hfma2(bb, bb, bb);
   float f = h;
   printf("%f %f %f %f\n", f, __half2float(h), __bfloat162float(b), __low2float(p));
   return h > g && !(h == g) ? 0 : 1;
}
