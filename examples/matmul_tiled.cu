/* SPDX-License-Identifier: Apache-2.0
 * C = A B with tiles in shared memory: every element of A and B is read from global
 * memory once per tile instead of once per product. Any size works, also one that no tile
 * divides.
 *
 *    kasuri run examples/matmul_tiled.cu [N] */
// TEST small 50
#include <random>
#include <vector>

#include "check.h"

constexpr int tile = 16;

__global__ void
multiply(const float *a, const float *b, float *c, int n)
{
   __shared__ float ta[tile][tile], tb[tile][tile + 1]; /* + 1: no bank conflicts */
   int x = threadIdx.x, y = threadIdx.y;
   int row = blockIdx.y * tile + y, col = blockIdx.x * tile + x;
   float sum = 0;
   for (int t = 0; t < (n + tile - 1) / tile; t++) {
      int acol = t * tile + x, brow = t * tile + y;
      ta[y][x] = row < n && acol < n ? a[row * n + acol] : 0.0f;
      tb[y][x] = brow < n && col < n ? b[brow * n + col] : 0.0f;
      __syncthreads(); /* the tiles are complete */
#pragma unroll
      for (int k = 0; k < tile; k++)
         sum += ta[y][k] * tb[k][x];
      __syncthreads(); /* and no longer needed */
   }
   if (row < n && col < n)
      c[row * n + col] = sum;
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 500, 1, 8192);
   size_t count = (size_t)n * n, bytes = count * sizeof(float);
   std::mt19937 random(1);
   std::uniform_real_distribution<float> uniform(-1, 1);
   std::vector<float> a(count), b(count), c(count);
   for (size_t i = 0; i < count; i++) {
      a[i] = uniform(random);
      b[i] = uniform(random);
   }
   float *da, *db, *dc;
   CHECK(cudaMalloc(&da, bytes));
   CHECK(cudaMalloc(&db, bytes));
   CHECK(cudaMalloc(&dc, bytes));
   CHECK(cudaMemcpy(da, a.data(), bytes, cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(db, b.data(), bytes, cudaMemcpyHostToDevice));

   dim3 block(tile, tile), grid((n + tile - 1) / tile, (n + tile - 1) / tile);
   multiply<<<grid, block>>>(da, db, dc, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(c.data(), dc, bytes, cudaMemcpyDeviceToHost));
   printf("multiplied two %d x %d matrices with %u blocks\n", n, n, grid.x * grid.y);

   /* Some rows, in double precision. */
   double worst = 0;
   for (int row = 0; row < n; row += n / 16 + 1) {
      for (int col = 0; col < n; col++) {
         double sum = 0;
         for (int k = 0; k < n; k++)
            sum += (double)a[(size_t)row * n + k] * b[(size_t)k * n + col];
         worst = std::fmax(worst, std::fabs(sum - c[(size_t)row * n + col]));
      }
   }
   bool ok = worst < 1e-6 * n + 1e-5;
   printf("largest error is %s\n", ok ? "that of rounding" : "too large");
   CHECK(cudaFree(da));
   CHECK(cudaFree(db));
   CHECK(cudaFree(dc));
   return finish(ok);
}
