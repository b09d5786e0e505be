// SPDX-License-Identifier: Apache-2.0
// A call option by Monte Carlo: Philox 4x32-10 written out, Box-Muller, four payoffs a
// counter, n threads of eight counters each.
#include "../bench.h"

#define EACH 8

__device__ uint4
philox(uint4 c, uint2 key)
{
   for (int r = 0; r < 10; r++) {
      unsigned h0 = __umulhi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x;
      unsigned h1 = __umulhi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
      c = make_uint4(h1 ^ c.y ^ key.x, l1, h0 ^ c.w ^ key.y, l0);
      key.x += 0x9E3779B9u;
      key.y += 0xBB67AE85u;
   }
   return c;
}

__device__ float
payoff(float normal)
{
   float price = 100 * expf(0.02f - 0.045f + 0.3f * normal);
   return price > 105 ? price - 105 : 0;
}

__device__ float
pair(unsigned a, unsigned b)
{
   float u = ((a >> 8) + 0.5f) * 5.9604645e-8f, v = (b >> 8) * 5.9604645e-8f;
   float radius = sqrtf(-2 * logf(u)), s, c;
   sincosf(6.2831853f * v, &s, &c);
   return payoff(radius * s) + payoff(radius * c);
}

__global__ void
simulate(int n, float *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float sum = 0;
   for (int k = 0; k < EACH; k++) {
      uint4 r = philox(make_uint4(k, 0, i, 0), make_uint2(42, 7));
      sum += pair(r.x, r.y) + pair(r.z, r.w);
   }
   out[i] = sum / (4 * EACH);
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 20), rounds = (int)bench_arg(argc, argv, 2, 5);
   float *out = bench_floats(n);
   BENCH(rounds, {
      simulate<<<(n + 127) / 128, 128>>>(n, out);
      cudaDeviceSynchronize();
   });
   bench_check(out, n);
}
