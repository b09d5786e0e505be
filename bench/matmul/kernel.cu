// SPDX-License-Identifier: Apache-2.0
// C = A B, n x n, tiles of 32 x 32 in shared memory, each thread four rows.
#include "../bench.h"

#define T 32
#define R 4

__global__ void
matmul(int n, const float *a, const float *b, float *c)
{
   __shared__ float sa[T][T], sb[T][T];
   int tx = threadIdx.x, ty = threadIdx.y;
   int col = blockIdx.x * T + tx, row = blockIdx.y * T;
   float sum[R] = {0};
   for (int k0 = 0; k0 < n; k0 += T) {
      for (int r = 0; r < R; r++) {
         int y = ty + r * (T / R);
         sa[y][tx] = a[(row + y) * n + k0 + tx];
         sb[y][tx] = b[(k0 + y) * n + col];
      }
      __syncthreads();
      for (int k = 0; k < T; k++)
         for (int r = 0; r < R; r++)
            sum[r] += sa[ty + r * (T / R)][k] * sb[k][tx];
      __syncthreads();
   }
   for (int r = 0; r < R; r++)
      c[(row + ty + r * (T / R)) * n + col] = sum[r];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024), rounds = (int)bench_arg(argc, argv, 2, 5);
   size_t bytes = (size_t)n * n * sizeof(float);
   float *a, *b, *c;
   cudaMallocManaged(&a, bytes);
   cudaMallocManaged(&b, bytes);
   cudaMallocManaged(&c, bytes);
   unsigned seed = 1;
   for (int i = 0; i < n * n; i++) {
      a[i] = bench_random(&seed);
      b[i] = bench_random(&seed);
   }
   BENCH(rounds, {
      matmul<<<dim3(n / T, n / T), dim3(T, T / R)>>>(n, a, b, c);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n * n; i++)
      sum += c[i];
   printf("check %.9g\n", sum);
}
