// SPDX-License-Identifier: Apache-2.0
// C = A B, n x n, blocks of 64 x 64 by 16 x 16 threads, 4 x 4 results a thread in
// registers, slices of 16 in shared memory (A's slice transposed).
#include "../bench.h"

#define B 64
#define K 16
#define R 4

__global__ void
matmul(int n, const float *a, const float *b, float *c)
{
   __shared__ float sa[K][B], sb[K][B];
   int tx = threadIdx.x, ty = threadIdx.y, t = ty * 16 + tx;
   const float *pa = a + blockIdx.y * B * n, *pb = b + blockIdx.x * B;
   float sum[R][R] = {{0}};
   for (int k0 = 0; k0 < n; k0 += K) {
      float4 va = *(const float4 *)&pa[(t / 4) * n + k0 + t % 4 * 4];
      float4 vb = *(const float4 *)&pb[(k0 + t / 16) * n + t % 16 * 4];
      sa[t % 4 * 4 + 0][t / 4] = va.x;
      sa[t % 4 * 4 + 1][t / 4] = va.y;
      sa[t % 4 * 4 + 2][t / 4] = va.z;
      sa[t % 4 * 4 + 3][t / 4] = va.w;
      *(float4 *)&sb[t / 16][t % 16 * 4] = vb;
      __syncthreads();
#pragma unroll
      for (int k = 0; k < K; k++) {
         float4 x = *(const float4 *)&sa[k][ty * R], y = *(const float4 *)&sb[k][tx * R];
         float xs[R] = {x.x, x.y, x.z, x.w}, ys[R] = {y.x, y.y, y.z, y.w};
#pragma unroll
         for (int i = 0; i < R; i++)
#pragma unroll
            for (int j = 0; j < R; j++)
               sum[i][j] += xs[i] * ys[j];
      }
      __syncthreads();
   }
   for (int i = 0; i < R; i++) {
      int row = blockIdx.y * B + ty * R + i, col = blockIdx.x * B + tx * R;
      *(float4 *)&c[row * n + col] = make_float4(sum[i][0], sum[i][1], sum[i][2], sum[i][3]);
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n;
   float *a = bench_random_floats(cells, 1), *b = bench_random_floats(cells, 2);
   float *c = bench_floats(cells);
   BENCH(rounds, {
      matmul<<<dim3(n / B, n / B), dim3(16, 16)>>>(n, a, b, c);
      cudaDeviceSynchronize();
   });
   bench_check(c, cells);
}
