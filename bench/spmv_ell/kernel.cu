// SPDX-License-Identifier: Apache-2.0
// y = A x, A in ELLPACK form: 31 entries in every row, stored by column.
#include "../sparse.h"

#define WIDTH 31

__global__ void
spmv(int n, const int *col, const float *val, const float *x, float *y)
{
   int row = blockIdx.x * blockDim.x + threadIdx.x;
   if (row >= n)
      return;
   float sum = 0;
   for (int k = 0; k < WIDTH; k++)
      sum += val[k * n + row] * x[col[k * n + row]];
   y[row] = sum;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 18), rounds = (int)bench_arg(argc, argv, 2, 5);
   int *col = sparse_ell_columns(n, WIDTH);
   float *val = bench_random_floats((long)WIDTH * n, 2);
   float *x = bench_random_floats(n, 3), *y = bench_floats(n);
   BENCH(rounds, {
      spmv<<<(n + 127) / 128, 128>>>(n, col, val, x, y);
      cudaDeviceSynchronize();
   });
   bench_check(y, n);
}
