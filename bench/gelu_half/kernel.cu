// SPDX-License-Identifier: Apache-2.0
// GELU in its tanh form on n halves, in pairs; the arithmetic is f32, as frameworks do it.
#include <cuda_fp16.h>

#include "../bench.h"

__device__ float
gelu(float x)
{
   return 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
}

__global__ void
gelu_half(int n, const __half2 *in, __half2 *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float2 x = __half22float2(in[i]);
   out[i] = __floats2half2_rn(gelu(x.x), gelu(x.y));
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 23), rounds = (int)bench_arg(argc, argv, 2, 5);
   __half *in = (__half *)bench_alloc(n * sizeof(__half));
   __half *out = (__half *)bench_alloc(n * sizeof(__half));
   unsigned seed = 1;
   for (int i = 0; i < n; i++)
      in[i] = __float2half(8 * bench_random(&seed) - 4);
   BENCH(rounds, {
      gelu_half<<<(n / 2 + 255) / 256, 256>>>(n / 2, (const __half2 *)in, (__half2 *)out);
      cudaDeviceSynchronize();
   });
   double sum = 0;
   for (int i = 0; i < n; i++)
      sum += __half2float(out[i]) * (1 + i % 13);
   printf("check %.9g\n", sum);
}
