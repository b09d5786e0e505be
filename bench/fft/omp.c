/* SPDX-License-Identifier: Apache-2.0
 * Sixteen transforms at once, one a vector lane, transposed on the way in and out: every
 * load in between is contiguous and every root is one broadcast. */
#include "fft.h"

#define W 16

static void
step(int span, const float *restrict roots, const float (*restrict re)[W],
     const float (*restrict im)[W], float (*restrict ore)[W], float (*restrict oim)[W])
{
   for (int t = 0; t < N / 4; t++) {
      int j = t % span, root = j * (N / 4 / span), o = (t - j) * 4 + j;
      float br = roots[2 * root], bi = roots[2 * root + 1];
      float cr = roots[4 * root], ci = roots[4 * root + 1];
      float dr = roots[6 * root], di = roots[6 * root + 1];
#pragma omp simd
      for (int l = 0; l < W; l++) {
         float ax = re[t][l], ay = im[t][l];
         float bx = re[t + 256][l] * br - im[t + 256][l] * bi;
         float by = re[t + 256][l] * bi + im[t + 256][l] * br;
         float cx = re[t + 512][l] * cr - im[t + 512][l] * ci;
         float cy = re[t + 512][l] * ci + im[t + 512][l] * cr;
         float dx = re[t + 768][l] * dr - im[t + 768][l] * di;
         float dy = re[t + 768][l] * di + im[t + 768][l] * dr;
         ore[o][l] = ax + cx + bx + dx;
         oim[o][l] = ay + cy + by + dy;
         ore[o + span][l] = ax - cx + by - dy;
         oim[o + span][l] = ay - cy - bx + dx;
         ore[o + 2 * span][l] = ax + cx - bx - dx;
         oim[o + 2 * span][l] = ay + cy - by - dy;
         ore[o + 3 * span][l] = ax - cx - by + dy;
         oim[o + 3 * span][l] = ay - cy + bx - dx;
      }
   }
}

static void
fft(long n, const float *restrict in, const float *restrict roots, float *restrict out)
{
#pragma omp parallel
   {
      float(*s)[N][W] = aligned_alloc(64, 4 * sizeof *s);
#pragma omp for schedule(static)
      for (long f = 0; f < n; f += W) {
         for (int k = 0; k < N; k++)
#pragma omp simd
            for (int l = 0; l < W; l++) {
               s[0][k][l] = in[2 * ((f + l) * N + k)];
               s[1][k][l] = in[2 * ((f + l) * N + k) + 1];
            }
         int from = 0;
         for (int span = 1; span < N; span *= 4, from = 2 - from)
            step(span, roots, s[from], s[from + 1], s[2 - from], s[3 - from]);
         for (int l = 0; l < W; l++)
            for (int k = 0; k < N; k++) {
               out[2 * ((f + l) * N + k)] = s[from][k][l];
               out[2 * ((f + l) * N + k) + 1] = s[from + 1][k][l];
            }
      }
      free(s);
   }
}

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 8192), rounds = bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(2 * N * n, 1), *out = bench_floats(2 * N * n);
   float *roots = fft_roots();
   BENCH(rounds, fft(n, in, roots, out));
   for (long i = 0; i < 2 * N * n; i++)
      out[i] = fabsf(out[i]);
   bench_check(out, 2 * N * n);
}
