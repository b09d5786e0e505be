// SPDX-License-Identifier: Apache-2.0
// Alignment scores of two sequences of n letters: tiles of 16 x 16 along antidiagonals,
// one launch a diagonal; within a tile a wavefront in shared memory.
#include "../bench.h"

#define T 16
#define GAP 2

__global__ void
diagonal(int n, int d, int first, const int *a, const int *b, int *score)
{
   __shared__ int s[T + 1][T + 1];
   int bx = first + blockIdx.x, by = d - bx, t = threadIdx.x, w = n + 1;
   int *p = score + (long)by * T * w + bx * T;
   if (t == 0)
      s[0][0] = p[0];
   s[0][t + 1] = p[t + 1];
   s[t + 1][0] = p[(long)(t + 1) * w];
   int mine = b[bx * T + t];
   __syncthreads();
   for (int k = 0; k < 2 * T - 1; k++) {
      int y = k - t;
      if (y >= 0 && y < T) {
         int match = s[y][t] + (a[by * T + y] == mine ? 3 : -1);
         s[y + 1][t + 1] = max(match, max(s[y][t + 1], s[y + 1][t]) - GAP);
      }
      __syncthreads();
   }
   for (int y = 1; y <= T; y++)
      p[(long)y * w + t + 1] = s[y][t + 1];
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 4096), rounds = (int)bench_arg(argc, argv, 2, 5);
   int *a = (int *)bench_alloc(n * sizeof(int)), *b = (int *)bench_alloc(n * sizeof(int));
   size_t cells = (size_t)(n + 1) * (n + 1);
   int *score = (int *)bench_alloc(cells * sizeof(int)), tiles = n / T;
   unsigned seed = 1;
   for (int i = 0; i < n; i++) {
      a[i] = (int)(bench_random(&seed) * 4);
      b[i] = (int)(bench_random(&seed) * 4);
   }
   for (int i = 0; i <= n; i++)
      score[i] = score[(size_t)i * (n + 1)] = -GAP * i;
   BENCH(rounds, {
      for (int d = 0; d < 2 * tiles - 1; d++) {
         int first = d < tiles ? 0 : d - tiles + 1, last = d < tiles ? d : tiles - 1;
         diagonal<<<last - first + 1, T>>>(n, d, first, a, b, score);
      }
      cudaDeviceSynchronize();
   });
   bench_check_ints(score, cells);
}
