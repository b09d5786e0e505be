// SPDX-License-Identifier: Apache-2.0
// Five-point stencil on an n x n grid, blocks of 32 x 8.

__kernel void
advance(int n, __global const float *in, __global float *out)
{
   int x = get_global_id(0), y = get_global_id(1);
   if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1)
      return;
   int i = y * n + x;
   out[i] = 0.5f * in[i] + 0.125f * (in[i - 1] + in[i + 1] + in[i - n] + in[i + n]);
}
