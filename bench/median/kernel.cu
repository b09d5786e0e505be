// SPDX-License-Identifier: Apache-2.0
// Median of 3 x 3 bytes on an n x n image (edges are left as they are).
#include "../bench.h"

__device__ void
order(int &a, int &b)
{
   int lo = min(a, b);
   b = max(a, b);
   a = lo;
}

__global__ void
median(int n, const unsigned char *in, unsigned char *out)
{
   int x = blockIdx.x * blockDim.x + threadIdx.x, y = blockIdx.y * blockDim.y + threadIdx.y;
   if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1)
      return;
   int v[3][3];
   for (int k = 0; k < 3; k++) {
      const unsigned char *p = in + (y + k - 1) * n + x;
      v[k][0] = p[-1];
      v[k][1] = p[0];
      v[k][2] = p[1];
   }
   // Sort each column of three, then: median of (largest low, middle middle, least high).
   for (int c = 0; c < 3; c++) {
      order(v[0][c], v[1][c]);
      order(v[1][c], v[2][c]);
      order(v[0][c], v[1][c]);
   }
   int low = max(max(v[0][0], v[0][1]), v[0][2]), high = min(min(v[2][0], v[2][1]), v[2][2]);
   int a = v[1][0], b = v[1][1], c = v[1][2];
   int mid = max(min(a, b), min(max(a, b), c));
   out[y * n + x] = max(min(low, mid), min(max(low, mid), high));
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 4096), rounds = (int)bench_arg(argc, argv, 2, 5);
   size_t cells = (size_t)n * n;
   unsigned char *in = (unsigned char *)bench_alloc(cells);
   unsigned char *out = (unsigned char *)bench_alloc(cells);
   unsigned seed = 1;
   for (size_t i = 0; i < cells; i++)
      in[i] = (unsigned char)(bench_random(&seed) * 256);
   cudaMemset(out, 0, cells);
   BENCH(rounds, {
      median<<<dim3((n + 31) / 32, (n + 7) / 8), dim3(32, 8)>>>(n, in, out);
      cudaDeviceSynchronize();
   });
   bench_check_ints((int *)out, cells / 4);
}
