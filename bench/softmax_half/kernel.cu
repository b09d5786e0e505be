// SPDX-License-Identifier: Apache-2.0
// Softmax of n rows of 1024 halves, arithmetic in f32: a warp a row, four halves a load.
#include <cuda_fp16.h>

#include "../bench.h"

#define COLS 1024
#define EACH (COLS / 32)

struct alignas(8) half4 {
   __half2 lo, hi;
};

__global__ void
softmax(int n, const half4 *in, half4 *out)
{
   int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
   if (row >= n)
      return;
   in += (size_t)row * (COLS / 4) + lane;
   out += (size_t)row * (COLS / 4) + lane;
   float v[EACH], top = -INFINITY, sum = 0;
#pragma unroll
   for (int k = 0; k < EACH; k += 4) {
      half4 h = in[k * 8];
      float2 lo = __half22float2(h.lo), hi = __half22float2(h.hi);
      v[k] = lo.x;
      v[k + 1] = lo.y;
      v[k + 2] = hi.x;
      v[k + 3] = hi.y;
      top = fmaxf(fmaxf(fmaxf(top, lo.x), fmaxf(lo.y, hi.x)), hi.y);
   }
   for (int d = 16; d; d /= 2)
      top = fmaxf(top, __shfl_xor_sync(~0u, top, d));
#pragma unroll
   for (int k = 0; k < EACH; k++) {
      v[k] = __expf(v[k] - top);
      sum += v[k];
   }
   for (int d = 16; d; d /= 2)
      sum += __shfl_xor_sync(~0u, sum, d);
   float inv = 1 / sum;
#pragma unroll
   for (int k = 0; k < EACH; k += 4)
      out[k * 8] = {__floats2half2_rn(v[k] * inv, v[k + 1] * inv),
                    __floats2half2_rn(v[k + 2] * inv, v[k + 3] * inv)};
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192), rounds = (int)bench_arg(argc, argv, 2, 5);
   __half *in = (__half *)bench_alloc((size_t)n * COLS * sizeof(__half));
   __half *out = (__half *)bench_alloc((size_t)n * COLS * sizeof(__half));
   unsigned seed = 1;
   for (long i = 0; i < (long)n * COLS; i++)
      in[i] = __float2half(8 * bench_random(&seed));
   BENCH(rounds, {
      softmax<<<(n + 3) / 4, 128>>>(n, (const half4 *)in, (half4 *)out);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (long i = 0; i < (long)n * COLS; i++)
      sum += (double)__half2float(out[i]) * (double)(1 + i % 13);
   printf("check %.9g\n", sum);
}
