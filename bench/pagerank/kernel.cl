// SPDX-License-Identifier: Apache-2.0
// Ten iterations of PageRank, pulling: a work item a node gathers its neighbours' shares.

__kernel void
share(int n, __global const int *start, __global const float *rank, __global float *out)
{
   int i = get_global_id(0);
   if (i < n)
      out[i] = rank[i] / (float)(start[i + 1] - start[i]);
}

__kernel void
pull(int n, __global const int *start, __global const int *col,
     __global const float *shares, __global float *rank)
{
   int i = get_global_id(0);
   if (i >= n)
      return;
   float sum = 0;
   for (int k = start[i]; k < start[i + 1]; k++)
      sum += shares[col[k]];
   rank[i] = 0.15f + 0.85f * sum;
}

__kernel void
fill(int n, __global float *rank)
{
   int i = get_global_id(0);
   if (i < n)
      rank[i] = 1;
}
