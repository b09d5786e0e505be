/* SPDX-License-Identifier: Apache-2.0
 * bfloat16 by its bits, as both sides make their inputs and read their results. */
#ifndef BF16_H
#define BF16_H

#include <string.h>

#include "bench.h"

static inline unsigned short
bf16_pack(float x)
{
   unsigned u;
   memcpy(&u, &x, sizeof u);
   return (unsigned short)((u + 0x7fff + (u >> 16 & 1)) >> 16);
}

static inline float
bf16_unpack(unsigned short h)
{
   unsigned u = (unsigned)h << 16;
   float x;
   memcpy(&x, &u, sizeof x);
   return x;
}

static inline unsigned short *
bf16_random(long n, unsigned seed)
{
   unsigned short *x = (unsigned short *)bench_alloc((size_t)n * 2);
   for (long i = 0; i < n; i++)
      x[i] = bf16_pack(bench_random(&seed));
   return x;
}

static inline void
bf16_check(const unsigned short *x, long n)
{
   double sum = 0;
   for (long i = 0; i < n; i++)
      sum += (double)bf16_unpack(x[i]) * (double)(1 + i % 13);
   printf("check %.9g\n", sum);
}

#endif
