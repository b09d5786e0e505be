/* SPDX-License-Identifier: Apache-2.0
 * A strip at a time is unpacked, computed and packed, in the first-level cache. */
#include <math.h>

#include "../half.h"

#define STRIP 1024

static void
gelu(long n, const half *restrict in, half *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long s = 0; s < n; s += STRIP) {
      float v[STRIP];
      long len = n - s < STRIP ? n - s : STRIP;
      half_unpack(len, in + s, v);
#pragma omp simd
      for (long i = 0; i < len; i++) {
         float x = v[i], e = expf(1.59576912f * (x + 0.044715f * x * x * x));
         v[i] = x - x / (e + 1);
      }
      half_pack(len, v, out + s);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 23), rounds = bench_arg(argc, argv, 2, 5);
   half *in = half_random(n, -4, 8), *out = bench_alloc((size_t)n * 2);
   BENCH(rounds, gelu(n, in, out));
   half_check(out, n);
}
