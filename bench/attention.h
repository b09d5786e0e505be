/* SPDX-License-Identifier: Apache-2.0
 * The OpenMP side of attention: eight queries at a time against strips of transposed keys,
 * so that scores are a small matrix product, exponentials are vectors and the values
 * another product. */
#ifndef ATTENTION_H
#define ATTENTION_H

#include <math.h>

#include "bench.h"

#define D 64
#define Q 8
#define STRIP 64

struct state {
   float top[Q], total[Q], sum[Q][D];
};

static void
strip(long n, const float *restrict q, const float *restrict kt, const float *restrict v,
      struct state *restrict s)
{
   float p[Q][STRIP] = {{0}};
   for (int r0 = 0; r0 < Q; r0 += 4)
      for (int d = 0; d < D; d++)
         for (int r = r0; r < r0 + 4; r++) {
            float x = q[r * D + d] * 0.125f;
#pragma omp simd
            for (int j = 0; j < STRIP; j++)
               p[r][j] += x * kt[d * n + j];
         }
   for (int r = 0; r < Q; r++) {
      float top = s->top[r], total = 0;
#pragma omp simd reduction(max : top)
      for (int j = 0; j < STRIP; j++)
         top = p[r][j] > top ? p[r][j] : top;
      float shrink = expf(s->top[r] - top);
#pragma omp simd reduction(+ : total)
      for (int j = 0; j < STRIP; j++) {
         p[r][j] = expf(p[r][j] - top);
         total += p[r][j];
      }
      s->top[r] = top;
      s->total[r] = s->total[r] * shrink + total;
#pragma omp simd
      for (int d = 0; d < D; d++)
         s->sum[r][d] *= shrink;
   }
   for (int r0 = 0; r0 < Q; r0 += 4)
      for (int j = 0; j < STRIP; j++)
         for (int r = r0; r < r0 + 4; r++) {
            float x = p[r][j];
#pragma omp simd
            for (int d = 0; d < D; d++)
               s->sum[r][d] += x * v[j * D + d];
         }
}

static void
attention(long n, const float *restrict q, const float *restrict k, float *restrict kt,
          const float *restrict v, float *restrict out)
{
#pragma omp parallel
   {
#pragma omp for schedule(static)
      for (long d = 0; d < D; d++)
         for (long j = 0; j < n; j++)
            kt[d * n + j] = k[j * D + d];
#pragma omp for schedule(static)
      for (long i = 0; i < n; i += Q) {
         struct state s = {{0}, {0}, {{0}}};
         for (int r = 0; r < Q; r++)
            s.top[r] = -1e30f;
         for (long j = 0; j < n; j += STRIP)
            strip(n, q + i * D, kt + j, v + j * D, &s);
         for (int r = 0; r < Q; r++)
#pragma omp simd
            for (int d = 0; d < D; d++)
               out[(i + r) * D + d] = s.sum[r][d] / s.total[r];
      }
   }
}

#endif
