// SPDX-License-Identifier: Apache-2.0
// Softmax of n rows of 1024: a block a row, values in registers, warp shuffles and shared
// memory for the two reductions.
#include "../bench.h"

#define COLS 1024
#define T 256

struct maximum {
   __device__ float
   operator()(float a, float b) const
   {
      return fmaxf(a, b);
   }
};

struct plus {
   __device__ float
   operator()(float a, float b) const
   {
      return a + b;
   }
};

template <typename Op>
__device__ float
block_reduce(float x, Op op)
{
   __shared__ float part[T / 32];
   for (int d = 16; d; d /= 2)
      x = op(x, __shfl_xor_sync(~0u, x, d));
   if (threadIdx.x % 32 == 0)
      part[threadIdx.x / 32] = x;
   __syncthreads();
   x = part[0];
   for (int w = 1; w < T / 32; w++)
      x = op(x, part[w]);
   __syncthreads();
   return x;
}

__global__ void
softmax(const float *in, float *out)
{
   const float *row = in + (size_t)blockIdx.x * COLS;
   float v[COLS / T], top = -INFINITY, sum = 0;
   for (int k = 0; k < COLS / T; k++) {
      v[k] = row[k * T + threadIdx.x];
      top = fmaxf(top, v[k]);
   }
   top = block_reduce(top, maximum());
   for (int k = 0; k < COLS / T; k++) {
      v[k] = __expf(v[k] - top);
      sum += v[k];
   }
   float inv = 1 / block_reduce(sum, plus());
   for (int k = 0; k < COLS / T; k++)
      out[(size_t)blockIdx.x * COLS + k * T + threadIdx.x] = v[k] * inv;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats((long)n * COLS, 1), *out = bench_floats((long)n * COLS);
   for (long i = 0; i < (long)n * COLS; i++)
      in[i] *= 8;
   BENCH(rounds, {
      softmax<<<n, T>>>(in, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, (long)n * COLS);
}
