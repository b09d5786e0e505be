// SPDX-License-Identifier: Apache-2.0
// C = A B, n x n, blocks of 64 x 64 by 16 x 16 threads, 4 x 4 results a thread in
// registers, slices of 16 in local memory (A's slice transposed).

#define B 64
#define K 16
#define R 4

__kernel void
matmul(int n, __global const float *a, __global const float *b, __global float *c)
{
   __local float sa[K][B], sb[K][B];
   int tx = get_local_id(0), ty = get_local_id(1), t = ty * 16 + tx;
   __global const float *pa = a + get_group_id(1) * B * n, *pb = b + get_group_id(0) * B;
   float sum[R][R] = {{0}};
   for (int k0 = 0; k0 < n; k0 += K) {
      float4 va = *(const __global float4 *)&pa[(t / 4) * n + k0 + t % 4 * 4];
      float4 vb = *(const __global float4 *)&pb[(k0 + t / 16) * n + t % 16 * 4];
      sa[t % 4 * 4 + 0][t / 4] = va.x;
      sa[t % 4 * 4 + 1][t / 4] = va.y;
      sa[t % 4 * 4 + 2][t / 4] = va.z;
      sa[t % 4 * 4 + 3][t / 4] = va.w;
      *(__local float4 *)&sb[t / 16][t % 16 * 4] = vb;
      barrier(CLK_LOCAL_MEM_FENCE);
#pragma unroll
      for (int k = 0; k < K; k++) {
         float4 x = *(const __local float4 *)&sa[k][ty * R],
                y = *(const __local float4 *)&sb[k][tx * R];
         float xs[R] = {x.x, x.y, x.z, x.w}, ys[R] = {y.x, y.y, y.z, y.w};
#pragma unroll
         for (int i = 0; i < R; i++)
#pragma unroll
            for (int j = 0; j < R; j++)
               sum[i][j] += xs[i] * ys[j];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int i = 0; i < R; i++) {
      int row = get_group_id(1) * B + ty * R + i, col = get_group_id(0) * B + tx * R;
      *(__global float4 *)&c[row * n + col] =
         (float4)(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
   }
}
