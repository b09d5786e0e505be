// SPDX-License-Identifier: Apache-2.0
// A 17-tap filter along rows, then along columns, of an n x n image (edges wrap): taps in
// constant memory, rows and columns with their halo in local memory.

#define R 8
#define TX 64
#define TY 16

__kernel void
rows(int n, __global const float *in, __global float *out, __constant float *taps)
{
   __local float s[4][TX + 2 * R];
   int x0 = get_group_id(0) * TX, y = get_group_id(1) * 4 + get_local_id(1);
   for (int k = get_local_id(0); k < TX + 2 * R; k += TX)
      s[get_local_id(1)][k] = in[y * n + ((x0 + k - R) & (n - 1))];
   barrier(CLK_LOCAL_MEM_FENCE);
   float sum = 0;
#pragma unroll
   for (int k = 0; k <= 2 * R; k++)
      sum += taps[k] * s[get_local_id(1)][get_local_id(0) + k];
   out[y * n + x0 + get_local_id(0)] = sum;
}

__kernel void
columns(int n, __global const float *in, __global float *out, __constant float *taps)
{
   __local float s[TY + 2 * R][16];
   int x = get_group_id(0) * 16 + get_local_id(0), y0 = get_group_id(1) * TY;
   for (int k = get_local_id(1); k < TY + 2 * R; k += TY)
      s[k][get_local_id(0)] = in[((y0 + k - R) & (n - 1)) * n + x];
   barrier(CLK_LOCAL_MEM_FENCE);
   float sum = 0;
#pragma unroll
   for (int k = 0; k <= 2 * R; k++)
      sum += taps[k] * s[get_local_id(1) + k][get_local_id(0)];
   out[(y0 + get_local_id(1)) * n + x] = sum;
}
