// SPDX-License-Identifier: Apache-2.0
// Layer normalisation of n rows of 1024: a warp a row, 32 values a lane in registers.
#include "../bench.h"

#define COLS 1024
#define EACH (COLS / 32)

__device__ float
warp_sum(float x)
{
   for (int d = 16; d; d /= 2)
      x += __shfl_xor_sync(~0u, x, d);
   return x;
}

__global__ void
layernorm(int n, const float *in, const float *scale, const float *shift, float *out)
{
   int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
   if (row >= n)
      return;
   float v[EACH], sum = 0, squares = 0;
   for (int k = 0; k < EACH; k++) {
      v[k] = in[(size_t)row * COLS + k * 32 + lane];
      sum += v[k];
   }
   float mean = warp_sum(sum) / COLS;
   for (int k = 0; k < EACH; k++)
      squares += (v[k] - mean) * (v[k] - mean);
   float inv = rsqrtf(warp_sum(squares) / COLS + 1e-5f);
   for (int k = 0; k < EACH; k++) {
      int c = k * 32 + lane;
      out[(size_t)row * COLS + c] = (v[k] - mean) * inv * scale[c] + shift[c];
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats((long)n * COLS, 1), *out = bench_floats((long)n * COLS);
   float *scale = bench_random_floats(COLS, 2), *shift = bench_random_floats(COLS, 3);
   BENCH(rounds, {
      layernorm<<<(n + 3) / 4, 128>>>(n, in, scale, shift, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, (long)n * COLS);
}
