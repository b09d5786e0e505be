/* SPDX-License-Identifier: Apache-2.0
 * The same network with minimum and maximum over runs; spans that fit in cache are done
 * by one thread in one go. */
#include <string.h>

#include "../bench.h"

#define SPAN 8192

static inline void
run(int *restrict a, int *restrict b, long n, int up)
{
   if (up)
#pragma omp simd
      for (long i = 0; i < n; i++) {
         int lo = a[i] < b[i] ? a[i] : b[i], hi = a[i] < b[i] ? b[i] : a[i];
         a[i] = lo;
         b[i] = hi;
      }
   else
#pragma omp simd
      for (long i = 0; i < n; i++) {
         int lo = a[i] < b[i] ? a[i] : b[i], hi = a[i] < b[i] ? b[i] : a[i];
         a[i] = hi;
         b[i] = lo;
      }
}

typedef int v16 __attribute__((vector_size(64)));

/* Strides below 16: pairs inside a vector, by a constant shuffle. */
#define FINE(x, base, size, stride)                                                      \
   do {                                                                                  \
      for (long i = 0; i < SPAN; i += 16) {                                              \
         v16 v = *(v16 *)((x) + i), lane = LANES, at = lane + (int)((base) + i);         \
         v16 w = __builtin_shufflevector(v, v, PARTNERS(stride));                        \
         v16 up = (at & (int)(size)) == 0, low = (lane & (stride)) == 0;                 \
         v16 mine = (v < w) == (up == low);                                              \
         *(v16 *)((x) + i) = (v & mine) | (w & ~mine);                                   \
      }                                                                                  \
   } while (0)
#define LANES {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}
#define PARTNERS(s)                                                                      \
   0 ^ s, 1 ^ s, 2 ^ s, 3 ^ s, 4 ^ s, 5 ^ s, 6 ^ s, 7 ^ s, 8 ^ s, 9 ^ s, 10 ^ s, 11 ^ s, \
      12 ^ s, 13 ^ s, 14 ^ s, 15 ^ s

static void
narrow(int *x, long base, long size, long stride)
{
   for (; stride >= 16; stride /= 2)
      for (long i = 0; i < SPAN; i += 2 * stride)
         run(x + i, x + i + stride, stride, ((base + i) & size) == 0);
   if (stride == 8) {
      FINE(x, base, size, 8);
      stride = 4;
   }
   if (stride == 4) {
      FINE(x, base, size, 4);
      stride = 2;
   }
   if (stride == 2)
      FINE(x, base, size, 2);
   FINE(x, base, size, 1);
}

static void
sort(long n, int *x)
{
#pragma omp parallel for schedule(static)
   for (long base = 0; base < n; base += SPAN)
      for (long size = 2; size <= SPAN; size *= 2)
         narrow(x + base, base, size, size / 2);
   for (long size = 2 * SPAN; size <= n; size *= 2) {
      for (long stride = size / 2; stride >= SPAN; stride /= 2)
#pragma omp parallel for schedule(static)
         for (long t = 0; t < n / 2; t += 4096) {
            long i = 2 * t - (t & (stride - 1));
            run(x + i, x + i + stride, 4096, (i & size) == 0);
         }
#pragma omp parallel for schedule(static)
      for (long base = 0; base < n; base += SPAN)
         narrow(x + base, base, size, SPAN / 2);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 1 << 20), rounds = bench_arg(argc, argv, 2, 5);
   int *start = (int *)bench_alloc((size_t)n * sizeof(int));
   int *x = (int *)bench_alloc((size_t)n * sizeof(int));
   unsigned seed = 1;
   for (long i = 0; i < n; i++)
      start[i] = (int)(bench_random(&seed) * 16777216.0f);
   BENCH(rounds, {
      memcpy(x, start, (size_t)n * sizeof(int));
      sort(n, x);
   });
   bench_check_ints(x, n);
}
