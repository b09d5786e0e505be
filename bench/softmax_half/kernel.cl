// SPDX-License-Identifier: Apache-2.0
// Softmax of n rows of 1024 halves, arithmetic in f32: 32 work items a row, four rows a
// group, four halves a load, reductions by a tree in local memory.

#define COLS 1024
#define EACH (COLS / 128)

#define TREE(OP)                                                                         \
   part[lane] = x;                                                                       \
   for (int d = 16; d; d /= 2) {                                                         \
      barrier(CLK_LOCAL_MEM_FENCE);                                                      \
      if (lane < d)                                                                      \
         part[lane] = OP(part[lane], part[lane + d]);                                    \
   }                                                                                     \
   barrier(CLK_LOCAL_MEM_FENCE);                                                         \
   x = part[0];                                                                          \
   barrier(CLK_LOCAL_MEM_FENCE);                                                         \
   return x

float
add(float a, float b)
{
   return a + b;
}

float
row_max(float x, int lane, __local float *part)
{
   TREE(fmax);
}

float
row_sum(float x, int lane, __local float *part)
{
   TREE(add);
}

__kernel void
softmax(int n, __global const half *in, __global half *out)
{
   __local float parts[4][32];
   __local float *part = parts[get_local_id(0) / 32];
   int row = get_global_id(0) / 32, lane = get_local_id(0) % 32;
   size_t at = (size_t)row * (COLS / 4) + lane;
   float4 v[EACH];
   float top = -INFINITY, sum = 0;
   for (int k = 0; k < EACH; k++) {
      v[k] = vload_half4(at + k * 32, in);
      top = fmax(fmax(fmax(top, v[k].x), fmax(v[k].y, v[k].z)), v[k].w);
   }
   top = row_max(top, lane, part);
   for (int k = 0; k < EACH; k++) {
      v[k] = native_exp(v[k] - top);
      sum += v[k].x + v[k].y + v[k].z + v[k].w;
   }
   float inv = 1 / row_sum(sum, lane, part);
   for (int k = 0; k < EACH; k++)
      vstore_half4_rte(v[k] * inv, at + k * 32, out);
}
