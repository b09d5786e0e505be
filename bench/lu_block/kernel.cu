// SPDX-License-Identifier: Apache-2.0
// LU factors of an n x n matrix in place, without pivoting, blocks of 16: the diagonal
// block, the blocks beside and below it, the rest; three launches a block column.
#include "../bench.h"

#define B 16

__global__ void
diagonal(int n, int o, float *m)
{
   __shared__ float s[B][B];
   int t = threadIdx.x;
   float *p = m + (long)o * n + o;
   for (int i = 0; i < B; i++)
      s[i][t] = p[i * n + t];
   __syncthreads();
   for (int k = 0; k < B - 1; k++) {
      if (t > k) {
         float f = s[t][k] / s[k][k];
         s[t][k] = f;
         for (int j = k + 1; j < B; j++)
            s[t][j] -= f * s[k][j];
      }
      __syncthreads();
   }
   for (int i = 0; i < B; i++)
      p[i * n + t] = s[i][t];
}

// The first B threads solve a block of the row, the others one of the column.
__global__ void
perimeter(int n, int o, float *m)
{
   __shared__ float d[B][B], row[B][B], col[B][B];
   int t = threadIdx.x % B, next = o + (blockIdx.x + 1) * B;
   float *pd = m + (long)o * n + o, *pr = m + (long)o * n + next, *pc = m + (long)next * n + o;
   if (threadIdx.x < B)
      for (int i = 0; i < B; i++) {
         d[i][t] = pd[i * n + t];
         row[i][t] = pr[i * n + t];
      }
   else
      for (int i = 0; i < B; i++)
         col[i][t] = pc[i * n + t];
   __syncthreads();
   if (threadIdx.x < B) {
      for (int i = 1; i < B; i++)
         for (int k = 0; k < i; k++)
            row[i][t] -= d[i][k] * row[k][t];
   } else {
      for (int j = 0; j < B; j++) {
         for (int k = 0; k < j; k++)
            col[t][j] -= col[t][k] * d[k][j];
         col[t][j] /= d[j][j];
      }
   }
   __syncthreads();
   if (threadIdx.x < B)
      for (int i = 1; i < B; i++)
         pr[i * n + t] = row[i][t];
   else
      for (int i = 0; i < B; i++)
         pc[i * n + t] = col[i][t];
}

__global__ void
internal(int n, int o, float *m)
{
   __shared__ float row[B][B], col[B][B];
   int tx = threadIdx.x, ty = threadIdx.y;
   int y = o + (blockIdx.y + 1) * B, x = o + (blockIdx.x + 1) * B;
   row[ty][tx] = m[(long)(o + ty) * n + x + tx];
   col[ty][tx] = m[(long)(y + ty) * n + o + tx];
   __syncthreads();
   float sum = 0;
   for (int k = 0; k < B; k++)
      sum += col[ty][k] * row[k][tx];
   m[(long)(y + ty) * n + x + tx] -= sum;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1024), rounds = (int)bench_arg(argc, argv, 2, 5);
   long cells = (long)n * n;
   float *start = bench_random_floats(cells, 1), *m = bench_floats(cells);
   for (int i = 0; i < n; i++)
      start[(long)i * n + i] += (float)n;
   BENCH(rounds, {
      cudaMemcpy(m, start, cells * sizeof(float), cudaMemcpyDefault);
      for (int o = 0; o < n; o += B) {
         int rest = (n - o) / B - 1;
         diagonal<<<1, B>>>(n, o, m);
         if (!rest)
            break;
         perimeter<<<rest, 2 * B>>>(n, o, m);
         internal<<<dim3(rest, rest), dim3(B, B)>>>(n, o, m);
      }
      cudaDeviceSynchronize();
   });
   bench_check(m, cells);
}
