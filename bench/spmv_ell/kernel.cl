// SPDX-License-Identifier: Apache-2.0
// y = A x, A in ELLPACK form: 31 entries in every row, stored by column.

#define WIDTH 31

__kernel void
spmv(int n, __global const int *col, __global const float *val, __global const float *x, __global float *y)
{
   int row = get_global_id(0);
   if (row >= n)
      return;
   float sum = 0;
   for (int k = 0; k < WIDTH; k++)
      sum += val[k * n + row] * x[col[k * n + row]];
   y[row] = sum;
}
