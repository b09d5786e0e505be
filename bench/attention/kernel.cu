// SPDX-License-Identifier: Apache-2.0
// One head of attention, n queries over n keys of 64 dimensions, never storing the n x n
// scores: a thread a query, keys and values in tiles of shared memory, running maximum.
#include "../bench.h"

#define D 64
#define T 64

__global__ void
attention(int n, const float *q, const float *k, const float *v, float *out)
{
   __shared__ float sk[T][D], sv[T][D];
   int i = blockIdx.x * T + threadIdx.x;
   float mine[D], sum[D], top = -INFINITY, total = 0;
   for (int d = 0; d < D; d++) {
      mine[d] = q[(long)i * D + d] * 0.125f;
      sum[d] = 0;
   }
   for (int j0 = 0; j0 < n; j0 += T) {
      for (int r = 0; r < T; r++) {
         sk[r][threadIdx.x] = k[(long)(j0 + r) * D + threadIdx.x];
         sv[r][threadIdx.x] = v[(long)(j0 + r) * D + threadIdx.x];
      }
      __syncthreads();
      for (int j = 0; j < T; j++) {
         float s = 0;
#pragma unroll
         for (int d = 0; d < D; d++)
            s += mine[d] * sk[j][d];
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
         for (int d = 0; d < D; d++)
            sum[d] += p * sv[j][d];
      }
      __syncthreads();
   }
   for (int d = 0; d < D; d++)
      out[(long)i * D + d] = sum[d] / total;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 2048), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *q = bench_random_floats((long)n * D, 1), *k = bench_random_floats((long)n * D, 2);
   float *v = bench_random_floats((long)n * D, 3), *out = bench_floats((long)n * D);
   BENCH(rounds, {
      attention<<<n / T, T>>>(n, q, k, v, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, (long)n * D);
}
