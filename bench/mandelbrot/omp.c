/* SPDX-License-Identifier: Apache-2.0
 * Thirty-two points at a time with a mask, as one writes it by hand for vectors. */
#include "../bench.h"

#define W 32

static void
mandelbrot(int n, int *restrict out)
{
#pragma omp parallel for schedule(dynamic, 4)
   for (int y = 0; y < n; y++) {
      float cy = -1.5f + 3.0f * (float)y / (float)n;
      for (int x0 = 0; x0 < n; x0 += W) {
         float cx[W], a[W] = {0}, b[W] = {0};
         int k[W] = {0};
         for (int l = 0; l < W; l++)
            cx[l] = -2.0f + 3.0f * (float)(x0 + l) / (float)n;
         for (int step = 0; step < 256; step++) {
            int any = 0;
#pragma omp simd reduction(+ : any)
            for (int l = 0; l < W; l++) {
               int in = a[l] * a[l] + b[l] * b[l] < 4;
               float t = a[l] * a[l] - b[l] * b[l] + cx[l];
               float u = 2 * a[l] * b[l] + cy;
               a[l] = in ? t : a[l];
               b[l] = in ? u : b[l];
               k[l] += in;
               any += in;
            }
            if (!any)
               break;
         }
         for (int l = 0; l < W && x0 + l < n; l++)
            out[(long)y * n + x0 + l] = k[l];
      }
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024);
   long rounds = bench_arg(argc, argv, 2, 5);
   int *out = aligned_alloc(64, (size_t)n * (size_t)n * 4);
   BENCH(rounds, mandelbrot(n, out));
   double sum = 0;
   for (int i = 0; i < n * n; i++)
      sum += out[i];
   printf("check %.4g\n", sum);
}
