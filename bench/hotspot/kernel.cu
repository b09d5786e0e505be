// SPDX-License-Identifier: Apache-2.0
// Heat in a chip: eight time steps of temperature and power on an n x n grid, tiles of
// 16 x 16 with a halo in shared memory, edges clamped.
#include "../bench.h"

#define T 16
#define STEPS 8

__global__ void
advance(int n, const float *power, const float *in, float *out)
{
   __shared__ float tile[T + 2][T + 2];
   int tx = threadIdx.x + 1, ty = threadIdx.y + 1;
   int x = blockIdx.x * T + threadIdx.x, y = blockIdx.y * T + threadIdx.y;
   tile[ty][tx] = in[y * n + x];
   if (threadIdx.x == 0)
      tile[ty][0] = in[y * n + max(x - 1, 0)];
   if (threadIdx.x == T - 1)
      tile[ty][T + 1] = in[y * n + min(x + 1, n - 1)];
   if (threadIdx.y == 0)
      tile[0][tx] = in[max(y - 1, 0) * n + x];
   if (threadIdx.y == T - 1)
      tile[T + 1][tx] = in[min(y + 1, n - 1) * n + x];
   __syncthreads();
   float t = tile[ty][tx];
   float dx = tile[ty][tx - 1] + tile[ty][tx + 1] - 2 * t;
   float dy = tile[ty - 1][tx] + tile[ty + 1][tx] - 2 * t;
   out[y * n + x] = t + 0.1f * (power[y * n + x] + dx * 0.9f + dy * 1.1f + (80 - t) * 0.01f);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 2048), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n;
   float *power = bench_random_floats(cells, 1), *start = bench_random_floats(cells, 2);
   float *t[2] = {bench_floats(cells), bench_floats(cells)};
   dim3 block(T, T), grid(n / T, n / T);
   BENCH(rounds, {
      for (int s = 0; s < STEPS; s++)
         advance<<<grid, block>>>(n, power, s ? t[s % 2] : start, t[1 - s % 2]);
      cudaDeviceSynchronize();
   });
   bench_check(t[STEPS % 2], cells);
}
