/* SPDX-License-Identifier: Apache-2.0
 * Rows of halves to floats and back on the OpenMP sides: with the processor's conversions,
 * as compilers do not vectorise _Float16 well (gcc 12 not at all). */
#ifndef HALF_H
#define HALF_H

#include "bench.h"

#ifdef __F16C__
#include <immintrin.h>
#endif

typedef _Float16 half;

static inline void
half_unpack(long n, const half *restrict from, float *restrict to)
{
   long i = 0;
#if defined(__AVX512F__)
   for (; i + 16 <= n; i += 16)
      _mm512_storeu_ps(to + i,
                       _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)(from + i))));
#elif defined(__F16C__)
   for (; i + 8 <= n; i += 8)
      _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + i))));
#endif
   for (; i < n; i++)
      to[i] = (float)from[i];
}

static inline void
half_pack(long n, const float *restrict from, half *restrict to)
{
   long i = 0;
#if defined(__AVX512F__)
   for (; i + 16 <= n; i += 16)
      _mm256_storeu_si256((__m256i *)(to + i), _mm512_cvtps_ph(_mm512_loadu_ps(from + i), 0));
#elif defined(__F16C__)
   for (; i + 8 <= n; i += 8)
      _mm_storeu_si128((__m128i *)(to + i), _mm256_cvtps_ph(_mm256_loadu_ps(from + i), 0));
#endif
   for (; i < n; i++)
      to[i] = (half)from[i];
}

/* n pseudo-random halves in [low, low + range). */
static inline half *
half_random(long n, float low, float range)
{
   half *x = (half *)bench_alloc((size_t)n * sizeof *x);
   unsigned seed = 1;
   for (long i = 0; i < n; i++)
      x[i] = (half)(range * bench_random(&seed) + low);
   return x;
}

static inline void
half_check(const half *x, long n)
{
   double sum = 0;
   for (long i = 0; i < n; i++)
      sum += (double)x[i] * (double)(1 + i % 13);
   printf("check %.9g\n", sum);
}

#endif
