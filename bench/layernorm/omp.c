/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "../bench.h"

#define COLS 1024

static void
layernorm(long n, const float *restrict in, const float *restrict scale,
          const float *restrict shift, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long r = 0; r < n; r++) {
      const float *restrict row = in + r * COLS;
      float sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < COLS; i++)
         sum += row[i];
      float mean = sum / COLS;
#pragma omp simd reduction(+ : squares)
      for (int i = 0; i < COLS; i++)
         squares += (row[i] - mean) * (row[i] - mean);
      float inv = 1 / sqrtf(squares / COLS + 1e-5f);
#pragma omp simd
      for (int i = 0; i < COLS; i++)
         out[r * COLS + i] = (row[i] - mean) * inv * scale[i] + shift[i];
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 8192), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n * COLS, 1), *out = bench_floats(n * COLS);
   float *scale = bench_random_floats(COLS, 2), *shift = bench_random_floats(COLS, 3);
   BENCH(rounds, layernorm(n, in, scale, shift, out));
   bench_check(out, n * COLS);
}
