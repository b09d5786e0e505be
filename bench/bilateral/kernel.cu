// SPDX-License-Identifier: Apache-2.0
// Bilateral filter of 7 x 7 on an n x n image: weights by distance (a table in constant
// memory) and by likeness (an exponential); edges clamped.
#include "../bench.h"

#define R 3

__constant__ float near[(2 * R + 1) * (2 * R + 1)];

__global__ void
bilateral(int n, const float *in, float *out)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x >= n || y >= n)
      return;
   float here = in[y * n + x], sum = 0, weights = 0;
   for (int dy = -R; dy <= R; dy++)
      for (int dx = -R; dx <= R; dx++) {
         int u = min(max(x + dx, 0), n - 1), v = min(max(y + dy, 0), n - 1);
         float there = in[v * n + u], d = there - here;
         float w = near[(dy + R) * (2 * R + 1) + dx + R] * expf(-20.0f * d * d);
         sum += w * there;
         weights += w;
      }
   out[y * n + x] = sum / weights;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n;
   float *in = bench_random_floats(cells, 1), *out = bench_floats(cells);
   float t[(2 * R + 1) * (2 * R + 1)];
   for (int k = 0; k < (2 * R + 1) * (2 * R + 1); k++) {
      int dx = k % (2 * R + 1) - R, dy = k / (2 * R + 1) - R;
      t[k] = 1.0f / (float)(1 + dx * dx + dy * dy);
   }
   cudaMemcpyToSymbol(near, t, sizeof t);
   BENCH(rounds, {
      bilateral<<<dim3((n + 15) / 16, (n + 15) / 16), dim3(16, 16)>>>(n, in, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, cells);
}
