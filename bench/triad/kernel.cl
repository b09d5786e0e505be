// SPDX-License-Identifier: Apache-2.0
// STREAM's triad, a = b + s c: two loads and a store an element.

__kernel void
triad(int n, float s, __global const float *b, __global const float *c, __global float *a)
{
   int i = get_global_id(0);
   if (i < n)
      a[i] = b[i] + s * c[i];
}
