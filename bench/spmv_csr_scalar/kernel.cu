// SPDX-License-Identifier: Apache-2.0
// y = A x, A sparse by rows, a thread a row.
#include "../sparse.h"

__global__ void
spmv(int n, const int *start, const int *col, const float *val, const float *x, float *y)
{
   int row = blockIdx.x * blockDim.x + threadIdx.x;
   if (row >= n)
      return;
   float sum = 0;
   for (int k = start[row]; k < start[row + 1]; k++)
      sum += val[k] * x[col[k]];
   y[row] = sum;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 19), rounds = (int)bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   float *x = bench_random_floats(n, 3), *y = bench_floats(n);
   BENCH(rounds, {
      spmv<<<(n + 127) / 128, 128>>>(n, m.start, m.col, m.val, x, y);
      cudaDeviceSynchronize();
   });
   bench_check(y, n);
}
