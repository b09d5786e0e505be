// SPDX-License-Identifier: Apache-2.0
// y = A x, A sparse by rows, a work item a row.

__kernel void
spmv(int n, __global const int *start, __global const int *col, __global const float *val, __global const float *x, __global float *y)
{
   int row = get_global_id(0);
   if (row >= n)
      return;
   float sum = 0;
   for (int k = start[row]; k < start[row + 1]; k++)
      sum += val[k] * x[col[k]];
   y[row] = sum;
}
