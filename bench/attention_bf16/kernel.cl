// SPDX-License-Identifier: Apache-2.0
// One head of attention in bfloat16, arithmetic in f32: n queries over n keys of 64
// dimensions, a work item a query, keys and values in tiles of local memory as pairs.

#define D 64
#define T 64

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

__kernel void
attention(int n, __global const uint *q, __global const uint *k, __global const uint *v,
          __global uint *out)
{
   __local uint sk[T * D / 2], sv[T * D / 2];
   int t = get_local_id(0), i = get_group_id(0) * T + t;
   float2 mine[D / 2], sum[D / 2];
   float top = -INFINITY, total = 0;
   for (int d = 0; d < D / 2; d++) {
      mine[d] = unpack(q[(long)i * (D / 2) + d]) * 0.125f;
      sum[d] = 0;
   }
   for (int j0 = 0; j0 < n; j0 += T) {
      for (int r = t; r < T * D / 2; r += T) {
         sk[r] = k[(long)j0 * (D / 2) + r];
         sv[r] = v[(long)j0 * (D / 2) + r];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int j = 0; j < T; j++) {
         float2 two = 0;
#pragma unroll
         for (int d = 0; d < D / 2; d++)
            two += mine[d] * unpack(sk[j * (D / 2) + d]);
         float s = two.x + two.y;
         if (s > top) {
            float shrink = native_exp(top - s);
            total *= shrink;
#pragma unroll
            for (int d = 0; d < D / 2; d++)
               sum[d] *= shrink;
            top = s;
         }
         float p = native_exp(s - top);
         total += p;
#pragma unroll
         for (int d = 0; d < D / 2; d++)
            sum[d] += p * unpack(sv[j * (D / 2) + d]);
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int d = 0; d < D / 2; d++)
      out[(long)i * (D / 2) + d] = pack(sum[d] / total);
}
