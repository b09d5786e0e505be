// SPDX-License-Identifier: Apache-2.0
// A call option by Monte Carlo: Philox 4x32-10 written out, Box-Muller, four payoffs a
// counter, n threads of eight counters each.

#define EACH 8

uint4
philox(uint4 c, uint2 key)
{
   for (int r = 0; r < 10; r++) {
      unsigned h0 = mul_hi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x;
      unsigned h1 = mul_hi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
      c = (uint4)(h1 ^ c.y ^ key.x, l1, h0 ^ c.w ^ key.y, l0);
      key.x += 0x9E3779B9u;
      key.y += 0xBB67AE85u;
   }
   return c;
}

float
payoff(float normal)
{
   float price = 100 * exp(0.02f - 0.045f + 0.3f * normal);
   return price > 105 ? price - 105 : 0;
}

float
pair(unsigned a, unsigned b)
{
   float u = ((a >> 8) + 0.5f) * 5.9604645e-8f, v = (b >> 8) * 5.9604645e-8f;
   float radius = sqrt(-2 * log(u)), c, s = sincos(6.2831853f * v, &c);
   return payoff(radius * s) + payoff(radius * c);
}

__kernel void
simulate(int n, __global float *out)
{
   int i = get_global_id(0);
   if (i >= n)
      return;
   float sum = 0;
   for (int k = 0; k < EACH; k++) {
      uint4 r = philox((uint4)(k, 0, i, 0), (uint2)(42, 7));
      sum += pair(r.x, r.y) + pair(r.z, r.w);
   }
   out[i] = sum / (4 * EACH);
}
