// SPDX-License-Identifier: Apache-2.0
// Gravity among n bodies, all pairs, tiles of bodies in shared memory.
#include "../bench.h"

#define T 256

__global__ void
forces(int n, const float4 *body, float4 *force)
{
   __shared__ float4 tile[T];
   int i = blockIdx.x * T + threadIdx.x;
   float4 me = body[i];
   float fx = 0, fy = 0, fz = 0;
   for (int j0 = 0; j0 < n; j0 += T) {
      tile[threadIdx.x] = body[j0 + threadIdx.x];
      __syncthreads();
      for (int j = 0; j < T; j++) {
         float4 o = tile[j];
         float dx = o.x - me.x, dy = o.y - me.y, dz = o.z - me.z;
         float d2 = dx * dx + dy * dy + dz * dz + 1e-4f;
         float inv = 1.0f / sqrtf(d2);
         float s = o.w * inv * inv * inv;
         fx += s * dx;
         fy += s * dy;
         fz += s * dz;
      }
      __syncthreads();
   }
   force[i] = make_float4(fx, fy, fz, 0);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192), rounds = (int)bench_arg(argc, argv, 2, 5);
   float4 *b, *f;
   cudaMallocManaged(&b, n * sizeof(float4));
   cudaMallocManaged(&f, n * sizeof(float4));
   unsigned seed = 1;
   for (int i = 0; i < n; i++) {
      b[i].x = bench_random(&seed);
      b[i].y = bench_random(&seed);
      b[i].z = bench_random(&seed);
      b[i].w = bench_random(&seed);
   }
   BENCH(rounds, {
      forces<<<n / T, T>>>(n, b, f);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n; i++)
      sum += fabs(f[i].x) + fabs(f[i].y) + fabs(f[i].z);
   printf("check %.6g\n", sum);
}
