/* SPDX-License-Identifier: Apache-2.0
 * Unpacked once, as each key and value is used n times; then as in f32. */
#include "../attention.h"
#include "../bf16.h"

static void
unpack(long n, const unsigned short *restrict from, float *restrict to)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++)
      to[i] = bf16_unpack(from[i]);
}

static void
pack(long n, const float *restrict from, unsigned short *restrict to)
{
#pragma omp parallel for simd schedule(static)
   for (long i = 0; i < n; i++)
      to[i] = bf16_pack(from[i]);
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 2048), rounds = bench_arg(argc, argv, 2, 5), all = n * D;
   unsigned short *in[3], *out = bf16_random(all, 4);
   float *x[5];
   for (int i = 0; i < 3; i++)
      in[i] = bf16_random(all, (unsigned)i + 1);
   for (int i = 0; i < 5; i++)
      x[i] = bench_floats(all);
   BENCH(rounds, {
      for (int i = 0; i < 3; i++)
         unpack(all, in[i], x[i]);
      attention(n, x[0], x[1], x[3], x[2], x[4]);
      pack(all, x[4], out);
   });
   bf16_check(out, all);
}
