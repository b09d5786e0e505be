// SPDX-License-Identifier: Apache-2.0
// GELU in its tanh form on n floats.

__kernel void
gelu(int n, __global const float *in, __global float *out)
{
   int i = get_global_id(0);
   if (i >= n)
      return;
   float x = in[i];
   out[i] = 0.5f * x * (1 + tanh(0.79788456f * (x + 0.044715f * x * x * x)));
}
