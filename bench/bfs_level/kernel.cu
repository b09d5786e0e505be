// SPDX-License-Identifier: Apache-2.0
// Breadth-first levels of a graph from node 0: one launch a level, a thread a node, those
// of the last level look at their neighbours.
#include "../sparse.h"

__global__ void
level(int n, int depth, const int *start, const int *col, int *dist, int *more)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n || dist[i] != depth)
      return;
   for (int k = start[i]; k < start[i + 1]; k++)
      if (dist[col[k]] < 0) {
         dist[col[k]] = depth + 1;
         *more = 1;
      }
}

__global__ void
clear(int n, int *dist)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      dist[i] = i ? -1 : 0;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 19), rounds = (int)bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   int *dist = (int *)bench_alloc(n * sizeof(int)), *more = (int *)bench_alloc(sizeof(int));
   int blocks = (n + 255) / 256;
   BENCH(rounds, {
      clear<<<blocks, 256>>>(n, dist);
      *more = 1;
      for (int depth = 0; *more; depth++) {
         *more = 0;
         level<<<blocks, 256>>>(n, depth, m.start, m.col, dist, more);
         cudaDeviceSynchronize();
      }
   });
   bench_check_ints(dist, n);
}
