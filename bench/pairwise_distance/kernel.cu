// SPDX-License-Identifier: Apache-2.0
// Euclidean distances of n points to n points in 64 dimensions, tiles of 16 x 16 points
// in shared memory.
#include "../bench.h"

#define D 64
#define T 16

__global__ void
distances(int n, const float *p, const float *q, float *out)
{
   __shared__ float sp[T][T + 1], sq[T][T + 1];
   int tx = threadIdx.x, ty = threadIdx.y, row = blockIdx.y * T, col = blockIdx.x * T;
   float sum = 0;
   for (int k0 = 0; k0 < D; k0 += T) {
      sp[ty][tx] = p[(row + ty) * D + k0 + tx];
      sq[ty][tx] = q[(col + ty) * D + k0 + tx];
      __syncthreads();
      for (int k = 0; k < T; k++) {
         float d = sp[ty][k] - sq[tx][k];
         sum += d * d;
      }
      __syncthreads();
   }
   out[(long)(row + ty) * n + col + tx] = sqrtf(sum);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 2048), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *p = bench_random_floats((long)n * D, 1), *q = bench_random_floats((long)n * D, 2);
   float *out = bench_floats((long)n * n);
   BENCH(rounds, {
      distances<<<dim3(n / T, n / T), dim3(T, T)>>>(n, p, q, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, (long)n * n);
}
