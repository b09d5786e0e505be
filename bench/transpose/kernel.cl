// SPDX-License-Identifier: Apache-2.0
// Transpose of an n x n matrix through tiles of 32 x 32 in local memory, one column of
// padding against bank conflicts.

#define T 32
#define ROWS 8

__kernel void
transpose(int n, __global const float *in, __global float *out)
{
   __local float tile[T][T + 1];
   int x = get_group_id(0) * T + get_local_id(0), y = get_group_id(1) * T + get_local_id(1);
   for (int r = 0; r < T; r += ROWS)
      tile[get_local_id(1) + r][get_local_id(0)] = in[(y + r) * n + x];
   barrier(CLK_LOCAL_MEM_FENCE);
   x = get_group_id(1) * T + get_local_id(0);
   y = get_group_id(0) * T + get_local_id(1);
   for (int r = 0; r < T; r += ROWS)
      out[(y + r) * n + x] = tile[get_local_id(0)][get_local_id(1) + r];
}
