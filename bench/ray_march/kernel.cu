// SPDX-License-Identifier: Apache-2.0
// Sphere tracing of a distance field, n x n rays, up to 96 steps each: depth of the hit.
#include "../bench.h"
#include "ray.h"

__global__ void
march(int n, float *depth)
{
   int px = blockIdx.x * blockDim.x + threadIdx.x, py = blockIdx.y * blockDim.y + threadIdx.y;
   if (px >= n || py >= n)
      return;
   float dx = 2.0f * px / n - 1, dy = 1 - 2.0f * py / n, dz = 1.5f;
   float inv = 1 / sqrtf(dx * dx + dy * dy + dz * dz), t = 0;
   for (int k = 0; k < MOST && t < 20; k++) {
      float d = ray_scene(t * dx * inv, 0.7f + t * dy * inv, -4 + t * dz * inv);
      if (d < 1e-3f)
         break;
      t += d;
   }
   depth[py * n + px] = t < 20 ? t : 20;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 768), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *depth = bench_floats((long)n * n);
   dim3 block(16, 16), grid((n + 15) / 16, (n + 15) / 16);
   BENCH(rounds, {
      march<<<grid, block>>>(n, depth);
      cudaDeviceSynchronize();
   });
   bench_check(depth, (long)n * n);
}
