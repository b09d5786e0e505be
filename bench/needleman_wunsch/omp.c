/* SPDX-License-Identifier: Apache-2.0
 * Tiles along antidiagonals; in a tile, row by row: what comes from above as vectors, then
 * what comes from the left, one after the other. */
#include "../bench.h"

#define T 64
#define GAP 2

static void
tile(long w, const int *restrict a, const int *restrict b, int *restrict p)
{
   for (int y = 1; y <= T; y++) {
      const int *restrict up = p + (y - 1) * w;
      int *restrict row = p + y * w, best[T], letter = a[y - 1];
#pragma omp simd
      for (int x = 0; x < T; x++) {
         int match = up[x] + (letter == b[x] ? 3 : -1), gap = up[x + 1] - GAP;
         best[x] = match > gap ? match : gap;
      }
      int left = row[0];
      for (int x = 0; x < T; x++) {
         left = best[x] > left - GAP ? best[x] : left - GAP;
         row[x + 1] = left;
      }
   }
}

static void
align(long n, const int *a, const int *b, int *score)
{
   long tiles = n / T, w = n + 1;
#pragma omp parallel
   for (long d = 0; d < 2 * tiles - 1; d++) {
      long first = d < tiles ? 0 : d - tiles + 1, last = d < tiles ? d : tiles - 1;
#pragma omp for schedule(static)
      for (long bx = first; bx <= last; bx++) {
         long by = d - bx;
         tile(w, a + by * T, b + bx * T, score + by * T * w + bx * T);
      }
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 4096), rounds = bench_arg(argc, argv, 2, 5);
   int *a = bench_alloc((size_t)n * sizeof(int)), *b = bench_alloc((size_t)n * sizeof(int));
   long cells = (n + 1) * (n + 1);
   int *score = bench_alloc((size_t)cells * sizeof(int));
   unsigned seed = 1;
   for (long i = 0; i < n; i++) {
      a[i] = (int)(bench_random(&seed) * 4);
      b[i] = (int)(bench_random(&seed) * 4);
   }
   for (long i = 0; i <= n; i++)
      score[i] = score[i * (n + 1)] = (int)(-GAP * i);
   BENCH(rounds, align(n, a, b, score));
   bench_check_ints(score, cells);
}
