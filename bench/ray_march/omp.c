/* SPDX-License-Identifier: Apache-2.0
 * Thirty-two rays at a time with a mask. */
#include "../bench.h"
#include "ray.h"

#define W 32

static void
march(int n, float *restrict depth)
{
#pragma omp parallel for schedule(dynamic, 4)
   for (int py = 0; py < n; py++)
      for (int p0 = 0; p0 < n; p0 += W) {
         float ax[W], ay[W], az[W], t[W] = {0};
         int go[W];
#pragma omp simd
         for (int l = 0; l < W; l++) {
            float dx = 2.0f * (float)(p0 + l) / (float)n - 1;
            float dy = 1 - 2.0f * (float)py / (float)n, dz = 1.5f;
            float inv = 1 / sqrtf(dx * dx + dy * dy + dz * dz);
            ax[l] = dx * inv;
            ay[l] = dy * inv;
            az[l] = dz * inv;
            go[l] = 1;
         }
         for (int k = 0, any = 1; k < MOST && any; k++) {
            any = 0;
#pragma omp simd reduction(+ : any)
            for (int l = 0; l < W; l++) {
               float d = ray_scene(t[l] * ax[l], 0.7f + t[l] * ay[l], -4 + t[l] * az[l]);
               go[l] &= (t[l] < 20) & (d >= 1e-3f);
               t[l] = go[l] ? t[l] + d : t[l];
               any += go[l];
            }
         }
         for (int l = 0; l < W && p0 + l < n; l++)
            depth[(long)py * n + p0 + l] = t[l] < 20 ? t[l] : 20;
      }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 768);
   long rounds = bench_arg(argc, argv, 2, 5);
   float *depth = bench_floats((long)n * n);
   BENCH(rounds, march(n, depth));
   bench_check(depth, (long)n * n);
}
