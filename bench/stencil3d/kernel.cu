// SPDX-License-Identifier: Apache-2.0
// Seven-point stencil on an n x n x n grid: a thread walks a column along z and keeps the
// three values it meets in registers.
#include "../bench.h"

__global__ void
advance(int n, const float *in, float *out)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1)
      return;
   int plane = n * n, i = plane + y * n + x;
   float below = in[i - plane], here = in[i];
   for (int z = 1; z < n - 1; z++, i += plane) {
      float above = in[i + plane];
      out[i] = 0.4f * here +
               0.1f * (below + above + in[i - 1] + in[i + 1] + in[i - n] + in[i + n]);
      below = here;
      here = above;
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 256), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n * n;
   float *in = bench_random_floats(cells, 1), *out = bench_floats(cells);
   cudaMemset(out, 0, cells * sizeof(float));
   dim3 block(32, 8), grid((n + 31) / 32, (n + 7) / 8);
   BENCH(rounds, {
      advance<<<grid, block>>>(n, in, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, cells);
}
