// SPDX-License-Identifier: Apache-2.0
// Transpose of an n x n matrix through tiles of 32 x 32 in shared memory, one column of
// padding against bank conflicts.
#include "../bench.h"

#define T 32
#define ROWS 8

__global__ void
transpose(int n, const float *in, float *out)
{
   __shared__ float tile[T][T + 1];
   int x = blockIdx.x * T + threadIdx.x, y = blockIdx.y * T + threadIdx.y;
   for (int r = 0; r < T; r += ROWS)
      tile[threadIdx.y + r][threadIdx.x] = in[(y + r) * n + x];
   __syncthreads();
   x = blockIdx.y * T + threadIdx.x;
   y = blockIdx.x * T + threadIdx.y;
   for (int r = 0; r < T; r += ROWS)
      out[(y + r) * n + x] = tile[threadIdx.x][threadIdx.y + r];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 4096), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats((long)n * n, 1), *out = bench_floats((long)n * n);
   BENCH(rounds, {
      transpose<<<dim3(n / T, n / T), dim3(T, ROWS)>>>(n, in, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, (long)n * n);
}
