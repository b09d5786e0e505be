// SPDX-License-Identifier: Apache-2.0
// Euclidean distances of n points to n points in 64 dimensions, tiles of 16 x 16 points
// in local memory.

#define D 64
#define T 16

__kernel void
distances(int n, __global const float *p, __global const float *q, __global float *out)
{
   __local float sp[T][T + 1], sq[T][T + 1];
   int tx = get_local_id(0), ty = get_local_id(1), row = get_group_id(1) * T, col = get_group_id(0) * T;
   float sum = 0;
   for (int k0 = 0; k0 < D; k0 += T) {
      sp[ty][tx] = p[(row + ty) * D + k0 + tx];
      sq[ty][tx] = q[(col + ty) * D + k0 + tx];
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int k = 0; k < T; k++) {
         float d = sp[ty][k] - sq[tx][k];
         sum += d * d;
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   out[(long)(row + ty) * n + col + tx] = sqrt(sum);
}
