// SPDX-License-Identifier: Apache-2.0
// C = A B, n x n, tiles of 32 x 32 in local memory, each thread four rows.

#define T 32
#define R 4

__kernel void
matmul(int n, __global const float *a, __global const float *b, __global float *c)
{
   __local float sa[T][T], sb[T][T];
   int tx = get_local_id(0), ty = get_local_id(1);
   int col = get_group_id(0) * T + tx, row = get_group_id(1) * T;
   float sum[R] = {0};
   for (int k0 = 0; k0 < n; k0 += T) {
      for (int r = 0; r < R; r++) {
         int y = ty + r * (T / R);
         sa[y][tx] = a[(row + y) * n + k0 + tx];
         sb[y][tx] = b[(k0 + y) * n + col];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int k = 0; k < T; k++)
         for (int r = 0; r < R; r++)
            sum[r] += sa[ty + r * (T / R)][k] * sb[k][tx];
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int r = 0; r < R; r++)
      c[(row + ty + r * (T / R)) * n + col] = sum[r];
}
