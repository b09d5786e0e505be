// SPDX-License-Identifier: Apache-2.0
// Softmax of n rows of 1024: a group a row, values in registers, the two reductions by a
// tree in local memory.

#define COLS 1024
#define T 256

__kernel void
softmax(__global const float *in, __global float *out)
{
   __local float part[T];
   int t = get_local_id(0);
   __global const float *row = in + (size_t)get_group_id(0) * COLS;
   float v[COLS / T], top = -INFINITY, sum = 0;
   for (int k = 0; k < COLS / T; k++) {
      v[k] = row[k * T + t];
      top = fmax(top, v[k]);
   }
   part[t] = top;
   for (int d = T / 2; d; d /= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      if (t < d)
         part[t] = fmax(part[t], part[t + d]);
   }
   barrier(CLK_LOCAL_MEM_FENCE);
   top = part[0];
   barrier(CLK_LOCAL_MEM_FENCE);
   for (int k = 0; k < COLS / T; k++) {
      v[k] = native_exp(v[k] - top);
      sum += v[k];
   }
   part[t] = sum;
   for (int d = T / 2; d; d /= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      if (t < d)
         part[t] += part[t + d];
   }
   barrier(CLK_LOCAL_MEM_FENCE);
   float inv = 1 / part[0];
   for (int k = 0; k < COLS / T; k++)
      out[(size_t)get_group_id(0) * COLS + k * T + t] = v[k] * inv;
}
