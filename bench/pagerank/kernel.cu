// SPDX-License-Identifier: Apache-2.0
// Ten iterations of PageRank, pulling: a thread a node gathers its neighbours' shares.
#include "../sparse.h"

#define STEPS 10

__global__ void
share(int n, const int *start, const float *rank, float *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      out[i] = rank[i] / (float)(start[i + 1] - start[i]);
}

__global__ void
pull(int n, const int *start, const int *col, const float *shares, float *rank)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float sum = 0;
   for (int k = start[i]; k < start[i + 1]; k++)
      sum += shares[col[k]];
   rank[i] = 0.15f + 0.85f * sum;
}

__global__ void
fill(int n, float *rank)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      rank[i] = 1;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 18), rounds = (int)bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   float *rank = bench_floats(n), *shares = bench_floats(n);
   int blocks = (n + 255) / 256;
   BENCH(rounds, {
      fill<<<blocks, 256>>>(n, rank);
      for (int s = 0; s < STEPS; s++) {
         share<<<blocks, 256>>>(n, m.start, rank, shares);
         pull<<<blocks, 256>>>(n, m.start, m.col, shares, rank);
      }
      cudaDeviceSynchronize();
   });
   bench_check(rank, n);
}
