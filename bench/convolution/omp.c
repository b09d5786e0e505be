/* SPDX-License-Identifier: Apache-2.0
 * Rows go through a padded copy; columns add up 17 rows in strips. */
#include <string.h>

#include "../bench.h"

#define R 8
#define STRIP 256

static float taps[2 * R + 1];

static void
rows(long n, const float *restrict in, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long y = 0; y < n; y++) {
      float line[n + 2 * R];
      memcpy(line + R, in + y * n, (size_t)n * sizeof(float));
      memcpy(line, in + y * n + n - R, R * sizeof(float));
      memcpy(line + R + n, in + y * n, R * sizeof(float));
#pragma omp simd
      for (long x = 0; x < n; x++) {
         float sum = 0;
         for (int k = 0; k <= 2 * R; k++)
            sum += taps[k] * line[x + k];
         out[y * n + x] = sum;
      }
   }
}

static void
columns(long n, const float *restrict in, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long y = 0; y < n; y++)
      for (long x0 = 0; x0 < n; x0 += STRIP) {
         float sum[STRIP] = {0};
         for (int k = 0; k <= 2 * R; k++) {
            const float *row = in + ((y + k - R) & (n - 1)) * n + x0;
#pragma omp simd
            for (long x = 0; x < STRIP; x++)
               sum[x] += taps[k] * row[x];
         }
         memcpy(out + y * n + x0, sum, sizeof sum);
      }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 2048), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n * n, 1), *mid = bench_floats(n * n);
   float *out = bench_floats(n * n);
   for (int k = 0; k <= 2 * R; k++)
      taps[k] = 1.0f / (float)(1 + (k - R) * (k - R));
   BENCH(rounds, {
      rows(n, in, mid);
      columns(n, mid, out);
   });
   bench_check(out, n * n);
}
