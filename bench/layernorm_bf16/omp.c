/* SPDX-License-Identifier: Apache-2.0
 * Packing and unpacking are shifts, which vectorise on every compiler; each row is
 * unpacked once. */
#include <math.h>

#include "../bf16.h"

#define COLS 1024

typedef unsigned short bf16;

static void
layernorm(long n, const bf16 *restrict in, const bf16 *restrict scale,
          const bf16 *restrict shift, bf16 *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long r = 0; r < n; r++) {
      float row[COLS], sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
      for (int i = 0; i < COLS; i++) {
         row[i] = bf16_unpack(in[r * COLS + i]);
         sum += row[i];
      }
      float mean = sum / COLS;
#pragma omp simd reduction(+ : squares)
      for (int i = 0; i < COLS; i++)
         squares += (row[i] - mean) * (row[i] - mean);
      float inv = 1 / sqrtf(squares / COLS + 1e-5f);
#pragma omp simd
      for (int i = 0; i < COLS; i++) {
         float y = (row[i] - mean) * inv * bf16_unpack(scale[i]) + bf16_unpack(shift[i]);
         out[r * COLS + i] = bf16_pack(y);
      }
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 8192), rounds = bench_arg(argc, argv, 2, 5);
   bf16 *in = bf16_random(n * COLS, 1), *scale = bf16_random(COLS, 2);
   bf16 *shift = bf16_random(COLS, 3), *out = bf16_random(n * COLS, 4);
   BENCH(rounds, layernorm(n, in, scale, shift, out));
   bf16_check(out, n * COLS);
}
