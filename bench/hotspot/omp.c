/* SPDX-License-Identifier: Apache-2.0
 * The two edge columns are peeled, so that the inner loop is contiguous. */
#include "../bench.h"

#define STEPS 8

static inline float
cell(float t, float l, float r, float u, float d, float power)
{
   float dx = l + r - 2 * t, dy = u + d - 2 * t;
   return t + 0.1f * (power + dx * 0.9f + dy * 1.1f + (80 - t) * 0.01f);
}

static void
step(long n, const float *restrict power, const float *restrict in, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long y = 0; y < n; y++) {
      const float *m = in + y * n, *u = y ? m - n : m, *d = y < n - 1 ? m + n : m;
      const float *p = power + y * n;
      float *o = out + y * n;
      o[0] = cell(m[0], m[0], m[1], u[0], d[0], p[0]);
#pragma omp simd
      for (long x = 1; x < n - 1; x++)
         o[x] = cell(m[x], m[x - 1], m[x + 1], u[x], d[x], p[x]);
      o[n - 1] = cell(m[n - 1], m[n - 2], m[n - 1], u[n - 1], d[n - 1], p[n - 1]);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 2048), rounds = bench_arg(argc, argv, 2, 5);
   float *power = bench_random_floats(n * n, 1), *start = bench_random_floats(n * n, 2);
   float *t[2] = {bench_floats(n * n), bench_floats(n * n)};
   BENCH(rounds, for (int s = 0; s < STEPS; s++)
                    step(n, power, s ? t[s % 2] : start, t[1 - s % 2]));
   bench_check(t[STEPS % 2], n * n);
}
