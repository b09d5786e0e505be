// SPDX-License-Identifier: Apache-2.0
// y = A x, A sparse by rows, a warp a row, summed by shuffles.
#include "../sparse.h"

__global__ void
spmv(int n, const int *start, const int *col, const float *val, const float *x, float *y)
{
   int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
   if (row >= n)
      return;
   float sum = 0;
   for (int k = start[row] + lane; k < start[row + 1]; k += 32)
      sum += val[k] * x[col[k]];
   for (int d = 16; d; d /= 2)
      sum += __shfl_xor_sync(~0u, sum, d);
   if (lane == 0)
      y[row] = sum;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 19), rounds = (int)bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   float *x = bench_random_floats(n, 3), *y = bench_floats(n);
   BENCH(rounds, {
      spmv<<<(n + 3) / 4, 128>>>(n, m.start, m.col, m.val, x, y);
      cudaDeviceSynchronize();
   });
   bench_check(y, n);
}
