// SPDX-License-Identifier: Apache-2.0
// Layer normalisation of n rows of 1024: 32 work items a row, four rows a group, 32 values
// each in registers, sums by a tree in local memory.

#define COLS 1024
#define EACH (COLS / 32)

float
row_sum(float x, __local float *part)
{
   int lane = get_local_id(0) % 32;
   part[lane] = x;
   for (int d = 16; d; d /= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      if (lane < d)
         part[lane] += part[lane + d];
   }
   barrier(CLK_LOCAL_MEM_FENCE);
   x = part[0];
   barrier(CLK_LOCAL_MEM_FENCE);
   return x;
}

__kernel void
layernorm(int n, __global const float *in, __global const float *scale,
          __global const float *shift, __global float *out)
{
   __local float parts[4][32];
   __local float *part = parts[get_local_id(0) / 32];
   int row = get_global_id(0) / 32, lane = get_local_id(0) % 32;
   float v[EACH], sum = 0, squares = 0;
   for (int k = 0; k < EACH; k++) {
      v[k] = in[(size_t)row * COLS + k * 32 + lane];
      sum += v[k];
   }
   float mean = row_sum(sum, part) / COLS;
   for (int k = 0; k < EACH; k++)
      squares += (v[k] - mean) * (v[k] - mean);
   float inv = rsqrt(row_sum(squares, part) / COLS + 1e-5f);
   for (int k = 0; k < EACH; k++) {
      int c = k * 32 + lane;
      out[(size_t)row * COLS + c] = (v[k] - mean) * inv * scale[c] + shift[c];
   }
}
