/* SPDX-License-Identifier: Apache-2.0
 * Sixty-four paths at a time: numbers first, then what is made of them. Both compilers find
 * libmvec's logf, expf and sinf. */
#include <math.h>
#include <stdint.h>

#include "../bench.h"

#define EACH 8
#define W 64

static inline float
payoff(float normal)
{
   float price = 100 * expf(0.02f - 0.045f + 0.3f * normal);
   return price > 105 ? price - 105 : 0;
}

/* Cosine as a shifted sine: gcc would join the two to a function it has no vectors of. */
static inline float
pair(uint32_t a, uint32_t b)
{
   float u = ((float)(int)(a >> 8) + 0.5f) * 5.9604645e-8f;
   float v = (float)(int)(b >> 8) * 5.9604645e-8f;
   float radius = sqrtf(-2 * logf(u)), angle = 6.2831853f * v;
   return payoff(radius * sinf(angle)) + payoff(radius * sinf(angle + 1.5707963f));
}

static inline void
philox(uint32_t k, uint32_t i0, uint32_t x[W], uint32_t y[W], uint32_t z[W], uint32_t w[W])
{
#pragma omp simd
   for (uint32_t l = 0; l < W; l++) {
      uint32_t a = k, b = 0, c = i0 + l, d = 0, k0 = 42, k1 = 7;
      for (int r = 0; r < 10; r++) {
         uint64_t p = (uint64_t)0xD2511F53u * a, q = (uint64_t)0xCD9E8D57u * c;
         a = (uint32_t)(q >> 32) ^ b ^ k0;
         b = (uint32_t)q;
         c = (uint32_t)(p >> 32) ^ d ^ k1;
         d = (uint32_t)p;
         k0 += 0x9E3779B9u;
         k1 += 0xBB67AE85u;
      }
      x[l] = a;
      y[l] = b;
      z[l] = c;
      w[l] = d;
   }
}

static void
simulate(int n, float *restrict out)
{
#pragma omp parallel for schedule(static)
   for (int i = 0; i < n; i += W) {
      float sum[W] = {0};
      for (uint32_t k = 0; k < EACH; k++) {
         uint32_t x[W], y[W], z[W], w[W];
         philox(k, (uint32_t)i, x, y, z, w);
#pragma omp simd
         for (int l = 0; l < W; l++)
            sum[l] += pair(x[l], y[l]) + pair(z[l], w[l]);
      }
#pragma omp simd
      for (int l = 0; l < W; l++)
         out[i + l] = sum[l] / (4 * EACH);
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 20);
   long rounds = bench_arg(argc, argv, 2, 5);
   float *out = bench_floats(n);
   BENCH(rounds, simulate(n, out));
   bench_check(out, n);
}
