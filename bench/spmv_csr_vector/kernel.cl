// SPDX-License-Identifier: Apache-2.0
// y = A x, A sparse by rows, 32 work items a row, four rows a group, summed by a tree in
// local memory.

__kernel void
spmv(int n, __global const int *start, __global const int *col, __global const float *val,
     __global const float *x, __global float *y)
{
   __local float parts[4][32];
   __local float *part = parts[get_local_id(0) / 32];
   int row = get_global_id(0) / 32, lane = get_local_id(0) % 32;
   float sum = 0;
   for (int k = start[row] + lane; k < start[row + 1]; k += 32)
      sum += val[k] * x[col[k]];
   part[lane] = sum;
   for (int d = 16; d; d /= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      if (lane < d)
         part[lane] += part[lane + d];
   }
   if (lane == 0)
      y[row] = part[0];
}
