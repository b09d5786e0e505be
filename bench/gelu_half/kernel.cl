// SPDX-License-Identifier: Apache-2.0
// GELU in its tanh form on n halves, in pairs; the arithmetic is f32.

__kernel void
gelu_half(int n, __global const half *in, __global half *out)
{
   int i = get_global_id(0);
   if (i >= n)
      return;
   float2 x = vload_half2(i, in);
   vstore_half2_rte(0.5f * x * (1 + tanh(0.79788456f * (x + 0.044715f * x * x * x))), i, out);
}
