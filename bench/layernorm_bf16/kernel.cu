// SPDX-License-Identifier: Apache-2.0
// Layer normalisation of n rows of 1024 bfloat16, arithmetic in f32: a warp a row, pairs.
#include <cuda_bf16.h>

#include "../bf16.h"

#define COLS 1024
#define EACH (COLS / 64)

__device__ float
warp_sum(float x)
{
   for (int d = 16; d; d /= 2)
      x += __shfl_xor_sync(~0u, x, d);
   return x;
}

__global__ void
layernorm(int n, const __nv_bfloat162 *in, const __nv_bfloat162 *scale,
          const __nv_bfloat162 *shift, __nv_bfloat162 *out)
{
   int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
   if (row >= n)
      return;
   float2 v[EACH];
   float sum = 0, squares = 0;
   for (int k = 0; k < EACH; k++) {
      v[k] = __bfloat1622float2(in[(size_t)row * (COLS / 2) + k * 32 + lane]);
      sum += v[k].x + v[k].y;
   }
   float mean = warp_sum(sum) / COLS;
   for (int k = 0; k < EACH; k++)
      squares += (v[k].x - mean) * (v[k].x - mean) + (v[k].y - mean) * (v[k].y - mean);
   float inv = rsqrtf(warp_sum(squares) / COLS + 1e-5f);
   for (int k = 0; k < EACH; k++) {
      int c = k * 32 + lane;
      float2 s = __bfloat1622float2(scale[c]), t = __bfloat1622float2(shift[c]);
      out[(size_t)row * (COLS / 2) + c] =
         __floats2bfloat162_rn((v[k].x - mean) * inv * s.x + t.x,
                               (v[k].y - mean) * inv * s.y + t.y);
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192), rounds = (int)bench_arg(argc, argv, 2, 5);
   unsigned short *in = bf16_random((long)n * COLS, 1), *scale = bf16_random(COLS, 2);
   unsigned short *shift = bf16_random(COLS, 3), *out = bf16_random((long)n * COLS, 4);
   BENCH(rounds, {
      layernorm<<<(n + 3) / 4, 128>>>(n, (const __nv_bfloat162 *)in,
                                      (const __nv_bfloat162 *)scale,
                                      (const __nv_bfloat162 *)shift, (__nv_bfloat162 *)out);
      cudaDeviceSynchronize();
   });
   bf16_check(out, (long)n * COLS);
}
