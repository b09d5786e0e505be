// SPDX-License-Identifier: Apache-2.0
// European call options: logarithm, exponential, error function, square root.
#include "../bench.h"

__global__ void
price(int n, const float *s, const float *k, const float *t, float *call)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float v = 0.3f, r = 0.02f, root = sqrtf(t[i]);
   float d1 = (logf(s[i] / k[i]) + (r + 0.5f * v * v) * t[i]) / (v * root);
   float d2 = d1 - v * root;
   float n1 = 0.5f * erfcf(-0.70710678f * d1), n2 = 0.5f * erfcf(-0.70710678f * d2);
   call[i] = s[i] * n1 - k[i] * expf(-r * t[i]) * n2;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 22), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *p[4];
   for (int k = 0; k < 4; k++)
      cudaMallocManaged(&p[k], n * sizeof(float));
   unsigned seed = 1;
   for (int i = 0; i < n; i++) {
      p[0][i] = 5 + 25 * bench_random(&seed);
      p[1][i] = 1 + 99 * bench_random(&seed);
      p[2][i] = 0.25f + 9 * bench_random(&seed);
   }
   BENCH(rounds, {
      price<<<(n + 255) / 256, 256>>>(n, p[0], p[1], p[2], p[3]);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n; i++)
      sum += p[3][i];
   printf("check %.6g\n", sum);
}
