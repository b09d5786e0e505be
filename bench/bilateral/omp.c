/* SPDX-License-Identifier: Apache-2.0
 * On a copy whose edges are padded, in strips whose sums stay in cache, so that the inner
 * loop is contiguous; expf is libmvec's. */
#include <math.h>

#include "../bench.h"

#define R 3
#define D (2 * R + 1)
#define STRIP 64

static float near[D * D];

static void
pad(long n, const float *restrict in, float *restrict big)
{
   long m = n + 2 * R;
#pragma omp parallel for schedule(static)
   for (long y = 0; y < m; y++)
      for (long x = 0; x < m; x++) {
         long u = x < R ? 0 : x >= n + R ? n - 1 : x - R;
         long v = y < R ? 0 : y >= n + R ? n - 1 : y - R;
         big[y * m + x] = in[v * n + u];
      }
}

static void
bilateral(long n, const float *restrict in, float *restrict big, float *restrict out)
{
   long m = n + 2 * R;
   pad(n, in, big);
#pragma omp parallel for schedule(static)
   for (long y = 0; y < n; y++)
      for (long x0 = 0; x0 < n; x0 += STRIP) {
         const float *here = big + (y + R) * m + x0 + R;
         float sum[STRIP] = {0}, weights[STRIP] = {0};
         for (int dy = 0; dy < D; dy++)
            for (int dx = 0; dx < D; dx++) {
               const float *there = big + (y + dy) * m + x0 + dx;
               float k = near[dy * D + dx];
#pragma omp simd
               for (int x = 0; x < STRIP; x++) {
                  float d = there[x] - here[x], w = k * expf(-20.0f * d * d);
                  sum[x] += w * there[x];
                  weights[x] += w;
               }
            }
#pragma omp simd
         for (int x = 0; x < STRIP; x++)
            out[y * n + x0 + x] = sum[x] / weights[x];
      }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1024), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n * n, 1), *out = bench_floats(n * n);
   float *big = bench_floats((n + 2 * R) * (n + 2 * R));
   for (int k = 0; k < D * D; k++) {
      int dx = k % D - R, dy = k / D - R;
      near[k] = 1.0f / (float)(1 + dx * dx + dy * dy);
   }
   BENCH(rounds, bilateral(n, in, big, out));
   bench_check(out, n * n);
}
