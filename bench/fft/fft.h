/* SPDX-License-Identifier: Apache-2.0
 * What both sides of the FFT share: its length and the table of N-th roots of one. */
#ifndef FFT_H
#define FFT_H

#include <math.h>

#include "../bench.h"

#define N 1024

/* 2 N floats: cosine and minus sine of 2 pi k / N. */
static inline float *
fft_roots(void)
{
   float *w = bench_floats(2 * N);
   for (int k = 0; k < N; k++) {
      w[2 * k] = (float)cos(6.283185307179586 * k / N);
      w[2 * k + 1] = (float)-sin(6.283185307179586 * k / N);
   }
   return w;
}

#endif
