// SPDX-License-Identifier: Apache-2.0
// Bilateral filter of 7 x 7 on an n x n image: weights by distance (a table in constant
// memory) and by likeness (an exponential); edges clamped.

#define R 3

__kernel void
bilateral(int n, __global const float *in, __global float *out, __constant float *near)
{
   int x = get_global_id(0), y = get_global_id(1);
   if (x >= n || y >= n)
      return;
   float here = in[y * n + x], sum = 0, weights = 0;
   for (int dy = -R; dy <= R; dy++)
      for (int dx = -R; dx <= R; dx++) {
         int u = min(max(x + dx, 0), n - 1), v = min(max(y + dy, 0), n - 1);
         float there = in[v * n + u], d = there - here;
         float w = near[(dy + R) * (2 * R + 1) + dx + R] * exp(-20.0f * d * d);
         sum += w * there;
         weights += w;
      }
   out[y * n + x] = sum / weights;
}
