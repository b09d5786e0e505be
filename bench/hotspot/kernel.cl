// SPDX-License-Identifier: Apache-2.0
// Heat in a chip: eight time steps of temperature and power on an n x n grid, tiles of
// 16 x 16 with a halo in local memory, edges clamped.

#define T 16

__kernel void
advance(int n, __global const float *power, __global const float *in, __global float *out)
{
   __local float tile[T + 2][T + 2];
   int tx = get_local_id(0) + 1, ty = get_local_id(1) + 1;
   int x = get_group_id(0) * T + get_local_id(0), y = get_group_id(1) * T + get_local_id(1);
   tile[ty][tx] = in[y * n + x];
   if (get_local_id(0) == 0)
      tile[ty][0] = in[y * n + max(x - 1, 0)];
   if (get_local_id(0) == T - 1)
      tile[ty][T + 1] = in[y * n + min(x + 1, n - 1)];
   if (get_local_id(1) == 0)
      tile[0][tx] = in[max(y - 1, 0) * n + x];
   if (get_local_id(1) == T - 1)
      tile[T + 1][tx] = in[min(y + 1, n - 1) * n + x];
   barrier(CLK_LOCAL_MEM_FENCE);
   float t = tile[ty][tx];
   float dx = tile[ty][tx - 1] + tile[ty][tx + 1] - 2 * t;
   float dy = tile[ty - 1][tx] + tile[ty + 1][tx] - 2 * t;
   out[y * n + x] = t + 0.1f * (power[y * n + x] + dx * 0.9f + dy * 1.1f + (80 - t) * 0.01f);
}
