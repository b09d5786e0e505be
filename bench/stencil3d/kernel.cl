// SPDX-License-Identifier: Apache-2.0
// Seven-point stencil on an n x n x n grid: a work item walks a column along z and keeps the
// three values it meets in registers.

__kernel void
advance(int n, __global const float *in, __global float *out)
{
   int x = get_global_id(0), y = get_global_id(1);
   if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1)
      return;
   int plane = n * n, i = plane + y * n + x;
   float below = in[i - plane], here = in[i];
   for (int z = 1; z < n - 1; z++, i += plane) {
      float above = in[i + plane];
      out[i] = 0.4f * here +
               0.1f * (below + above + in[i - 1] + in[i + 1] + in[i - n] + in[i + n]);
      below = here;
      here = above;
   }
}
