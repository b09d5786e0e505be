/* SPDX-License-Identifier: Apache-2.0
 * The same network on bytes: a vector holds a whole line of them. */
#include <string.h>

#include "../bench.h"

typedef unsigned char byte;

static inline byte
least(byte a, byte b)
{
   return a < b ? a : b;
}

static inline byte
most(byte a, byte b)
{
   return a < b ? b : a;
}

static void
median(long n, const byte *restrict in, byte *restrict out)
{
#pragma omp parallel for schedule(static)
   for (long y = 1; y < n - 1; y++) {
      const byte *restrict p = in + y * n;
#pragma omp simd
      for (long x = 1; x < n - 1; x++) {
         byte low = 0, high = 255, m[3];
         for (int c = 0; c < 3; c++) {
            byte u = p[x + c - 1 - n], v = p[x + c - 1], w = p[x + c - 1 + n];
            byte uv = least(u, v), vu = most(u, v);
            low = most(low, least(uv, w));
            high = least(high, most(vu, w));
            m[c] = most(uv, least(vu, w));
         }
         byte mid = most(least(m[0], m[1]), least(most(m[0], m[1]), m[2]));
         out[y * n + x] = most(least(low, mid), least(most(low, mid), high));
      }
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 4096), rounds = bench_arg(argc, argv, 2, 5);
   size_t cells = (size_t)(n * n);
   byte *in = bench_alloc(cells), *out = bench_alloc(cells);
   unsigned seed = 1;
   for (size_t i = 0; i < cells; i++)
      in[i] = (byte)(bench_random(&seed) * 256);
   memset(out, 0, cells);
   BENCH(rounds, median(n, in, out));
   bench_check_ints((int *)out, (long)cells / 4);
}
