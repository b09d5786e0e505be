/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "../bench.h"

#define COLS 1024

static void
softmax(long n, const float *restrict in, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long r = 0; r < n; r++) {
      const float *restrict row = in + r * COLS;
      float *restrict to = out + r * COLS, top = row[0], sum = 0;
#pragma omp simd reduction(max : top)
      for (int i = 0; i < COLS; i++)
         top = row[i] > top ? row[i] : top;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < COLS; i++) {
         float e = expf(row[i] - top);
         to[i] = e;
         sum += e;
      }
      float inv = 1 / sum;
#pragma omp simd
      for (int i = 0; i < COLS; i++)
         to[i] *= inv;
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 8192), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(n * COLS, 1), *out = bench_floats(n * COLS);
   for (long i = 0; i < n * COLS; i++)
      in[i] *= 8;
   BENCH(rounds, softmax(n, in, out));
   bench_check(out, n * COLS);
}
