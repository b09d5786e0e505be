// SPDX-License-Identifier: Apache-2.0
// One head of attention, n queries over n keys of 64 dimensions, never storing the n x n
// scores: a work item a query, keys and values in tiles of local memory, running maximum.

#define D 64
#define T 64

__kernel void
attention(int n, __global const float *q, __global const float *k, __global const float *v,
          __global float *out)
{
   __local float sk[T][D], sv[T][D];
   int i = get_group_id(0) * T + get_local_id(0);
   float mine[D], sum[D], top = -INFINITY, total = 0;
   for (int d = 0; d < D; d++) {
      mine[d] = q[(long)i * D + d] * 0.125f;
      sum[d] = 0;
   }
   for (int j0 = 0; j0 < n; j0 += T) {
      for (int r = 0; r < T; r++) {
         sk[r][get_local_id(0)] = k[(long)(j0 + r) * D + get_local_id(0)];
         sv[r][get_local_id(0)] = v[(long)(j0 + r) * D + get_local_id(0)];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int j = 0; j < T; j++) {
         float s = 0;
#pragma unroll
         for (int d = 0; d < D; d++)
            s += mine[d] * sk[j][d];
         if (s > top) {
            float shrink = native_exp(top - s);
            total *= shrink;
#pragma unroll
            for (int d = 0; d < D; d++)
               sum[d] *= shrink;
            top = s;
         }
         float p = native_exp(s - top);
         total += p;
#pragma unroll
         for (int d = 0; d < D; d++)
            sum[d] += p * sv[j][d];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int d = 0; d < D; d++)
      out[(long)i * D + d] = sum[d] / total;
}
