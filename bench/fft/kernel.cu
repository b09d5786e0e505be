// SPDX-License-Identifier: Apache-2.0
// n transforms of 1024 complex numbers each: a block a transform, 256 threads, five
// Stockham steps of radix 4 in shared memory.
#include "fft.h"

__device__ float2
mul(float2 a, float2 b)
{
   return make_float2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

__global__ void
fft(const float2 *in, const float2 *roots, float2 *out)
{
   __shared__ float2 s[2][N];
   const int t = threadIdx.x;
   for (int k = 0; k < 4; k++)
      s[0][t + k * 256] = in[blockIdx.x * N + t + k * 256];
   __syncthreads();
   int from = 0;
   for (int span = 1; span < N; span *= 4) {
      int j = t % span, root = j * (N / 4 / span);
      float2 a = s[from][t], b = mul(s[from][t + 256], roots[root]);
      float2 c = mul(s[from][t + 512], roots[2 * root]);
      float2 d = mul(s[from][t + 768], roots[3 * root]);
      float2 ac = make_float2(a.x + c.x, a.y + c.y), ca = make_float2(a.x - c.x, a.y - c.y);
      float2 bd = make_float2(b.x + d.x, b.y + d.y), db = make_float2(b.x - d.x, b.y - d.y);
      float2 *to = &s[1 - from][(t - j) * 4 + j];
      to[0] = make_float2(ac.x + bd.x, ac.y + bd.y);
      to[span] = make_float2(ca.x + db.y, ca.y - db.x);
      to[2 * span] = make_float2(ac.x - bd.x, ac.y - bd.y);
      to[3 * span] = make_float2(ca.x - db.y, ca.y + db.x);
      from = 1 - from;
      __syncthreads();
   }
   for (int k = 0; k < 4; k++)
      out[blockIdx.x * N + t + k * 256] = s[from][t + k * 256];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 8192), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *in = bench_random_floats(2L * N * n, 1), *out = bench_floats(2L * N * n);
   float *roots = fft_roots();
   BENCH(rounds, {
      fft<<<n, 256>>>((const float2 *)in, (const float2 *)roots, (float2 *)out);
      cudaDeviceSynchronize();
   });
   for (long i = 0; i < 2L * N * n; i++)
      out[i] = fabsf(out[i]);
   bench_check(out, 2L * N * n);
}
