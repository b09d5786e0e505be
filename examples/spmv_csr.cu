/* SPDX-License-Identifier: Apache-2.0
 * A sparse matrix (CSR: row starts, columns, values) times a vector: one thread a row,
 * and one warp a row, which reads each row's values side by side.
 *
 *    kasuri run examples/spmv_csr.cu [ROWS] */
// TEST small 400
#include <vector>

#include "check.h"

struct csr {
   int rows;
   const int *start, *column;
   const double *value;
};

__global__ void
thread_a_row(csr m, const double *x, double *y)
{
   int row = blockIdx.x * blockDim.x + threadIdx.x;
   if (row >= m.rows)
      return;
   double sum = 0;
   for (int k = m.start[row]; k < m.start[row + 1]; k++)
      sum += m.value[k] * x[m.column[k]];
   y[row] = sum;
}

__global__ void
warp_a_row(csr m, const double *x, double *y)
{
   int row = (blockIdx.x * blockDim.x + threadIdx.x) / 32, lane = threadIdx.x % 32;
   if (row >= m.rows)
      return; /* the whole warp leaves */
   double sum = 0;
   for (int k = m.start[row] + lane; k < m.start[row + 1]; k += 32)
      sum += m.value[k] * __ldg(&x[m.column[k]]);
   for (int d = 16; d > 0; d /= 2)
      sum += __shfl_xor_sync(0xffffffffu, sum, d);
   if (lane == 0)
      y[row] = sum;
}

template <typename T>
static T *
to_device(const std::vector<T> &host)
{
   T *p;
   CHECK(cudaMalloc(&p, host.size() * sizeof(T)));
   CHECK(cudaMemcpy(p, host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice));
   return p;
}

int
main(int argc, char **argv)
{
   int rows = size_argument(argc, argv, 20000, 1, 1 << 22);
   /* Rows of very different lengths, some of them empty. */
   std::vector<int> start = {0}, column;
   std::vector<double> value, x(rows), expected(rows), y(rows);
   for (int r = 0; r < rows; r++) {
      int length = r % 11 == 0 ? 0 : r % 97 == 0 ? 150 : 1 + r * 7 % 20;
      for (int k = 0; k < length; k++) {
         column.push_back((int)((r + (long long)k * k * 31) % rows));
         value.push_back(1.0 / (1 + k) - 0.001 * (r % 13));
      }
      start.push_back((int)column.size());
      x[r] = 0.25 * (r % 31) - 3;
   }
   for (int r = 0; r < rows; r++)
      for (int k = start[r]; k < start[r + 1]; k++)
         expected[r] += value[k] * x[column[k]];
   if (column.empty()) { /* keep the allocations non-empty */
      column.push_back(0);
      value.push_back(0);
   }

   csr m = {rows, to_device(start), to_device(column), to_device(value)};
   const double *dx = to_device(x);
   double *dy;
   CHECK(cudaMalloc(&dy, rows * sizeof(double)));
   printf("%d rows, %d values\n", rows, start[rows]);
   bool ok = true;
   for (int variant = 0; variant < 2; variant++) {
      CHECK(cudaMemset(dy, 0xff, rows * sizeof(double)));
      if (variant == 0)
         thread_a_row<<<(rows + 127) / 128, 128>>>(m, dx, dy);
      else
         warp_a_row<<<(rows + 3) / 4, 128>>>(m, dx, dy);
      CHECK_LAUNCH();
      CHECK(cudaMemcpy(y.data(), dy, rows * sizeof(double), cudaMemcpyDeviceToHost));
      int wrong = 0;
      for (int r = 0; r < rows; r++)
         wrong += !close_to(y[r], expected[r], 1e-12);
      printf("one %s a row: %d wrong\n", variant ? "warp" : "thread", wrong);
      ok = ok && wrong == 0;
   }
   CHECK(cudaDeviceReset()); /* frees all of it */
   return finish(ok);
}
