/* SPDX-License-Identifier: Apache-2.0
 * The second set is transposed once, so that the vector runs over its points; four points
 * of the first set share each load. */
#include <math.h>

#include "../bench.h"

#define D 64
#define STRIP 64

static void
distances(long n, const float *restrict p, const float *restrict q, float *restrict t,
          float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long k = 0; k < D; k++)
      for (long j = 0; j < n; j++)
         t[k * n + j] = q[j * D + k];
#pragma omp parallel for schedule(static)
   for (long i = 0; i < n; i += 4)
      for (long j0 = 0; j0 < n; j0 += STRIP) {
         float sum[4][STRIP] = {{0}};
         for (long k = 0; k < D; k++)
            for (int r = 0; r < 4; r++) {
               float x = p[(i + r) * D + k];
#pragma omp simd
               for (int j = 0; j < STRIP; j++) {
                  float d = x - t[k * n + j0 + j];
                  sum[r][j] += d * d;
               }
            }
         for (int r = 0; r < 4; r++)
#pragma omp simd
            for (int j = 0; j < STRIP; j++)
               out[(i + r) * n + j0 + j] = sqrtf(sum[r][j]);
      }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 2048), rounds = bench_arg(argc, argv, 2, 5);
   float *p = bench_random_floats(n * D, 1), *q = bench_random_floats(n * D, 2);
   float *out = bench_floats(n * n), *t = bench_floats(n * D);
   BENCH(rounds, distances(n, p, q, t, out));
   bench_check(out, n * n);
}
