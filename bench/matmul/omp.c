/* SPDX-License-Identifier: Apache-2.0
 * Blocked over columns so that a strip of B stays in cache; four rows at a time. */
#include "../bench.h"

#define STRIP 256

static void
matmul(int n, const float *restrict a, const float *restrict b, float *restrict c)
{
#pragma omp parallel for collapse(2) schedule(static)
   for (int i = 0; i < n; i += 4)
      for (int j0 = 0; j0 < n; j0 += STRIP) {
         int w = n - j0 < STRIP ? n - j0 : STRIP;
         float sum[4][STRIP] = {{0}};
         for (int k = 0; k < n; k++) {
            const float *row = b + (long)k * n + j0;
            for (int r = 0; r < 4; r++) {
               float x = a[(long)(i + r) * n + k];
#pragma omp simd
               for (int j = 0; j < w; j++)
                  sum[r][j] += x * row[j];
            }
         }
         for (int r = 0; r < 4; r++)
#pragma omp simd
            for (int j = 0; j < w; j++)
               c[(long)(i + r) * n + j0 + j] = sum[r][j];
      }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024);
   long rounds = bench_arg(argc, argv, 2, 5);
   size_t bytes = (size_t)n * (size_t)n * 4;
   float *a = aligned_alloc(64, bytes), *b = aligned_alloc(64, bytes);
   float *c = aligned_alloc(64, bytes);
   unsigned seed = 1;
   for (int i = 0; i < n * n; i++) {
      a[i] = bench_random(&seed);
      b[i] = bench_random(&seed);
   }
   BENCH(rounds, matmul(n, a, b, c));
   double sum = 0;
   for (int i = 0; i < n * n; i++)
      sum += c[i];
   printf("check %.9g\n", sum);
}
