/* SPDX-License-Identifier: Apache-2.0
 * Panels of B packed 32 wide, tiles of 8 x 32 of C in registers. */
#include "../bench.h"

#define ROWS 8
#define COLS 32

static void
pack(long n, const float *restrict b, float *restrict panel)
{
#pragma omp parallel for schedule(static)
   for (long j = 0; j < n / COLS; j++)
      for (long k = 0; k < n; k++)
#pragma omp simd
         for (long l = 0; l < COLS; l++)
            panel[(j * n + k) * COLS + l] = b[k * n + j * COLS + l];
}

static void
tile(long n, const float *restrict a, const float *restrict panel, float *restrict c)
{
   float sum[ROWS][COLS] = {{0}};
   for (long k = 0; k < n; k++)
      for (int r = 0; r < ROWS; r++)
#pragma omp simd
         for (int l = 0; l < COLS; l++)
            sum[r][l] += a[r * n + k] * panel[k * COLS + l];
   for (int r = 0; r < ROWS; r++)
#pragma omp simd
      for (int l = 0; l < COLS; l++)
         c[r * n + l] = sum[r][l];
}

static void
matmul(long n, const float *a, const float *b, float *panel, float *c)
{
   pack(n, b, panel);
#pragma omp parallel for collapse(2) schedule(static)
   for (long j = 0; j < n / COLS; j++)
      for (long i = 0; i < n; i += ROWS)
         tile(n, a + i * n, panel + j * n * COLS, c + i * n + j * COLS);
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1024), rounds = bench_arg(argc, argv, 2, 5);
   float *a = bench_random_floats(n * n, 1), *b = bench_random_floats(n * n, 2);
   float *c = bench_floats(n * n), *panel = bench_floats(n * n);
   BENCH(rounds, matmul(n, a, b, panel, c));
   bench_check(c, n * n);
}
