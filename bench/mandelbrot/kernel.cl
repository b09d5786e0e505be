// SPDX-License-Identifier: Apache-2.0
// Divergent loops: steps until escape, up to 256, n x n points.

__kernel void
mandelbrot(int n, __global int *out)
{
   int x = get_global_id(0), y = get_global_id(1);
   if (x >= n || y >= n)
      return;
   float cx = -2.0f + 3.0f * x / n, cy = -1.5f + 3.0f * y / n, a = 0, b = 0;
   int k = 0;
   while (k < 256 && a * a + b * b < 4) {
      float t = a * a - b * b + cx;
      b = 2 * a * b + cy;
      a = t;
      k++;
   }
   out[y * n + x] = k;
}
