/* SPDX-License-Identifier: Apache-2.0
 * Each row is unpacked once and kept in the first-level cache. */
#include <math.h>

#include "../half.h"

#define COLS 1024

static void
softmax(long n, const half *restrict in, half *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long r = 0; r < n; r++) {
      float row[COLS], top, sum = 0;
      half_unpack(COLS, in + r * COLS, row);
      top = row[0];
#pragma omp simd reduction(max : top)
      for (int i = 0; i < COLS; i++)
         top = row[i] > top ? row[i] : top;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < COLS; i++) {
         row[i] = expf(row[i] - top);
         sum += row[i];
      }
      float inv = 1 / sum;
#pragma omp simd
      for (int i = 0; i < COLS; i++)
         row[i] *= inv;
      half_pack(COLS, row, out + r * COLS);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 8192), rounds = bench_arg(argc, argv, 2, 5);
   half *in = half_random(n * COLS, 0, 8), *out = bench_alloc((size_t)(n * COLS) * 2);
   BENCH(rounds, softmax(n, in, out));
   half_check(out, n * COLS);
}
