// SPDX-License-Identifier: Apache-2.0
// C = A B, n x n, a work item an element, straight from global memory.

__kernel void
matmul(int n, __global const float *a, __global const float *b, __global float *c)
{
   int col = get_global_id(0);
   int row = get_global_id(1);
   if (row >= n || col >= n)
      return;
   float sum = 0;
   for (int k = 0; k < n; k++)
      sum += a[row * n + k] * b[k * n + col];
   c[row * n + col] = sum;
}
