/* SPDX-License-Identifier: Apache-2.0
 * Right-looking, block columns of 32: panel, triangular solve of the block row, then the
 * rank-32 update of the rest, where the time goes. */
#include <string.h>

#include "../bench.h"

#define B 32

static void
panel(long n, long o, float *restrict m)
{
   for (long k = o; k < o + B; k++) {
      float inv = 1 / m[k * n + k];
#pragma omp parallel for schedule(static) if (n - k > 256)
      for (long i = k + 1; i < n; i++) {
         float f = m[i * n + k] * inv;
         m[i * n + k] = f;
         for (long j = k + 1; j < o + B; j++)
            m[i * n + j] -= f * m[k * n + j];
      }
   }
}

static void
solve_row(long n, long o, float *restrict m)
{
   for (long i = o + 1; i < o + B; i++)
      for (long k = o; k < i; k++) {
         float f = m[i * n + k];
#pragma omp simd
         for (long j = o + B; j < n; j++)
            m[i * n + j] -= f * m[k * n + j];
      }
}

static void
update(long n, long o, float *restrict m)
{
#pragma omp parallel for schedule(static)
   for (long i = o + B; i < n; i += 4)
      for (long j0 = o + B; j0 < n; j0 += B) {
         float sum[4][B] = {{0}};
         for (long k = o; k < o + B; k++)
            for (int r = 0; r < 4; r++) {
               float f = m[(i + r) * n + k];
#pragma omp simd
               for (int j = 0; j < B; j++)
                  sum[r][j] += f * m[k * n + j0 + j];
            }
         for (int r = 0; r < 4; r++)
#pragma omp simd
            for (int j = 0; j < B; j++)
               m[(i + r) * n + j0 + j] -= sum[r][j];
      }
}

static void
factor(long n, const float *start, float *m)
{
   memcpy(m, start, (size_t)(n * n) * sizeof(float));
   for (long o = 0; o < n; o += B) {
      panel(n, o, m);
      solve_row(n, o, m);
      update(n, o, m);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1024), rounds = bench_arg(argc, argv, 2, 5);
   float *start = bench_random_floats(n * n, 1), *m = bench_floats(n * n);
   for (long i = 0; i < n; i++)
      start[i * n + i] += (float)n;
   BENCH(rounds, factor(n, start, m));
   bench_check(m, n * n);
}
