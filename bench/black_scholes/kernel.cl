// SPDX-License-Identifier: Apache-2.0
// European call options: logarithm, exponential, error function, square root.

__kernel void
price(int n, __global const float *s, __global const float *k, __global const float *t, __global float *call)
{
   int i = get_global_id(0);
   if (i >= n)
      return;
   float v = 0.3f, r = 0.02f, root = sqrt(t[i]);
   float d1 = (log(s[i] / k[i]) + (r + 0.5f * v * v) * t[i]) / (v * root);
   float d2 = d1 - v * root;
   float n1 = 0.5f * erfc(-0.70710678f * d1), n2 = 0.5f * erfc(-0.70710678f * d2);
   call[i] = s[i] * n1 - k[i] * exp(-r * t[i]) * n2;
}
