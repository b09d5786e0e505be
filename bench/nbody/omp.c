/* SPDX-License-Identifier: Apache-2.0
 * Structure of arrays; the inner loop over bodies is the vector one. */
#include <math.h>

#include "../bench.h"

static void
forces(int n, const float *restrict x, const float *restrict y, const float *restrict z,
       const float *restrict m, float *restrict fx, float *restrict fy, float *restrict fz)
{
#pragma omp parallel for schedule(static)
   for (int i = 0; i < n; i++) {
      float sx = 0, sy = 0, sz = 0;
#pragma omp simd reduction(+ : sx, sy, sz)
      for (int j = 0; j < n; j++) {
         float dx = x[j] - x[i], dy = y[j] - y[i], dz = z[j] - z[i];
         float d2 = dx * dx + dy * dy + dz * dz + 1e-4f;
         float inv = 1.0f / sqrtf(d2);
         float s = m[j] * inv * inv * inv;
         sx += s * dx;
         sy += s * dy;
         sz += s * dz;
      }
      fx[i] = sx;
      fy[i] = sy;
      fz[i] = sz;
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192);
   long rounds = bench_arg(argc, argv, 2, 5);
   float *p[7];
   for (int k = 0; k < 7; k++)
      p[k] = aligned_alloc(64, (size_t)n * 4);
   unsigned seed = 1;
   for (int i = 0; i < n; i++)
      for (int k = 0; k < 4; k++)
         p[k][i] = bench_random(&seed);
   BENCH(rounds, forces(n, p[0], p[1], p[2], p[3], p[4], p[5], p[6]));
   double sum = 0;
   for (int i = 0; i < n; i++)
      sum += fabsf(p[4][i]) + fabsf(p[5][i]) + fabsf(p[6][i]);
   printf("check %.6g\n", sum);
}
