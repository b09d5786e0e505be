// SPDX-License-Identifier: Apache-2.0
// Layer normalisation of n rows of 1024 bfloat16, arithmetic in f32: 32 work items a row,
// four rows a group, pairs, sums by a tree in local memory.

#define COLS 1024
#define EACH (COLS / 64)

float2
unpack(uint u)
{
   return (float2)(as_float(u << 16), as_float(u & 0xffff0000u));
}

uint
pack(float2 x)
{
   uint a = as_uint(x.x), b = as_uint(x.y);
   a = (a + 0x7fff + (a >> 16 & 1)) >> 16;
   b = b + 0x7fff + (b >> 16 & 1);
   return a | (b & 0xffff0000u);
}

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
layernorm(int n, __global const uint *in, __global const uint *scale, __global const uint *shift,
          __global uint *out)
{
   __local float parts[4][32];
   __local float *part = parts[get_local_id(0) / 32];
   int row = get_global_id(0) / 32, lane = get_local_id(0) % 32;
   float2 v[EACH];
   float sum = 0, squares = 0;
   for (int k = 0; k < EACH; k++) {
      v[k] = unpack(in[(size_t)row * (COLS / 2) + k * 32 + lane]);
      sum += v[k].x + v[k].y;
   }
   float mean = row_sum(sum, part) / COLS;
   for (int k = 0; k < EACH; k++) {
      float2 d = v[k] - mean;
      squares += d.x * d.x + d.y * d.y;
   }
   float inv = rsqrt(row_sum(squares, part) / COLS + 1e-5f);
   for (int k = 0; k < EACH; k++) {
      int c = k * 32 + lane;
      out[(size_t)row * (COLS / 2) + c] = pack((v[k] - mean) * inv * unpack(scale[c]) + unpack(shift[c]));
   }
}
