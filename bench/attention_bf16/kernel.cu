// SPDX-License-Identifier: Apache-2.0
// One head of attention in bfloat16, arithmetic in f32: n queries over n keys of 64
// dimensions, a thread a query, keys and values in tiles of shared memory as pairs.
#include <cuda_bf16.h>

#include "../bf16.h"

#define D 64
#define T 64

__global__ void
attention(int n, const __nv_bfloat162 *q, const __nv_bfloat162 *k, const __nv_bfloat162 *v,
          __nv_bfloat162 *out)
{
   __shared__ __nv_bfloat162 sk[T * D / 2], sv[T * D / 2];
   int i = blockIdx.x * T + threadIdx.x;
   float mine[D], sum[D], top = -INFINITY, total = 0;
#pragma unroll
   for (int d = 0; d < D; d += 2) {
      float2 x = __bfloat1622float2(q[(long)i * (D / 2) + d / 2]);
      mine[d] = x.x * 0.125f;
      mine[d + 1] = x.y * 0.125f;
      sum[d] = sum[d + 1] = 0;
   }
   for (int j0 = 0; j0 < n; j0 += T) {
      for (int r = threadIdx.x; r < T * D / 2; r += T) {
         sk[r] = k[(long)j0 * (D / 2) + r];
         sv[r] = v[(long)j0 * (D / 2) + r];
      }
      __syncthreads();
      for (int j = 0; j < T; j++) {
         float s = 0;
#pragma unroll
         for (int d = 0; d < D; d += 2) {
            float2 x = __bfloat1622float2(sk[(j * D + d) / 2]);
            s += mine[d] * x.x + mine[d + 1] * x.y;
         }
         if (s > top) {
            float shrink = __expf(top - s);
            total *= shrink;
#pragma unroll
            for (int d = 0; d < D; d++)
               sum[d] *= shrink;
            top = s;
         }
         float p = __expf(s - top);
         total += p;
#pragma unroll
         for (int d = 0; d < D; d += 2) {
            float2 x = __bfloat1622float2(sv[(j * D + d) / 2]);
            sum[d] += p * x.x;
            sum[d + 1] += p * x.y;
         }
      }
      __syncthreads();
   }
#pragma unroll
   for (int d = 0; d < D; d += 2)
      out[(long)i * (D / 2) + d / 2] =
         __floats2bfloat162_rn(sum[d] / total, sum[d + 1] / total);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 2048), rounds = (int)bench_arg(argc, argv, 2, 5);
   unsigned short *q = bf16_random((long)n * D, 1), *k = bf16_random((long)n * D, 2);
   unsigned short *v = bf16_random((long)n * D, 3), *out = bf16_random((long)n * D, 4);
   BENCH(rounds, {
      attention<<<n / T, T>>>(n, (const __nv_bfloat162 *)q, (const __nv_bfloat162 *)k,
                              (const __nv_bfloat162 *)v, (__nv_bfloat162 *)out);
      cudaDeviceSynchronize();
   });
   bf16_check(out, (long)n * D);
}
