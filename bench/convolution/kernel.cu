// SPDX-License-Identifier: Apache-2.0
// A 17-tap filter along rows, then along columns, of an n x n image (edges wrap): taps in
// constant memory, rows and columns with their halo in shared memory.
#include "../bench.h"

#define R 8
#define TX 64
#define TY 16

__constant__ float taps[2 * R + 1];

__global__ void
rows(int n, const float *in, float *out)
{
   __shared__ float s[4][TX + 2 * R];
   int x0 = blockIdx.x * TX, y = blockIdx.y * 4 + threadIdx.y;
   for (int k = threadIdx.x; k < TX + 2 * R; k += TX)
      s[threadIdx.y][k] = in[y * n + ((x0 + k - R) & (n - 1))];
   __syncthreads();
   float sum = 0;
#pragma unroll
   for (int k = 0; k <= 2 * R; k++)
      sum += taps[k] * s[threadIdx.y][threadIdx.x + k];
   out[y * n + x0 + threadIdx.x] = sum;
}

__global__ void
columns(int n, const float *in, float *out)
{
   __shared__ float s[TY + 2 * R][16];
   int x = blockIdx.x * 16 + threadIdx.x, y0 = blockIdx.y * TY;
   for (int k = threadIdx.y; k < TY + 2 * R; k += TY)
      s[k][threadIdx.x] = in[((y0 + k - R) & (n - 1)) * n + x];
   __syncthreads();
   float sum = 0;
#pragma unroll
   for (int k = 0; k <= 2 * R; k++)
      sum += taps[k] * s[threadIdx.y + k][threadIdx.x];
   out[(y0 + threadIdx.y) * n + x] = sum;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 2048), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n;
   float *in = bench_random_floats(cells, 1), *mid = bench_floats(cells);
   float *out = bench_floats(cells), t[2 * R + 1];
   for (int k = 0; k <= 2 * R; k++)
      t[k] = 1.0f / (float)(1 + (k - R) * (k - R));
   cudaMemcpyToSymbol(taps, t, sizeof t);
   BENCH(rounds, {
      rows<<<dim3(n / TX, n / 4), dim3(TX, 4)>>>(n, in, mid);
      columns<<<dim3(n / 16, n / TY), dim3(16, TY)>>>(n, mid, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, cells);
}
