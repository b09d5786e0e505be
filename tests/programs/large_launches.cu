/* SPDX-License-Identifier: Apache-2.0
 * Small launches and large ones of the same kernels in turn: the large ones store past the
 * caches, by code of their own that takes over once it is there. What a launch has written is
 * read by the next one, on other cores, and by the host. */
#include <vector>

#include "../../examples/check.h"

/* out[i] = in[i] + k */
__global__ void
add(int n, unsigned k, const unsigned *in, unsigned *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      out[i] = in[i] + k;
}

/* A block a row, and its threads in steps; from the last row to the first. */
__global__ void
turn_rows(int columns, const unsigned *in, unsigned *out)
{
   const unsigned *from = in + (gridDim.x - 1 - blockIdx.x) * columns;
   unsigned *to = out + blockIdx.x * columns;
   for (int c = threadIdx.x; c < columns; c += blockDim.x)
      to[c] = from[c] * 3;
}

/* In steps of the grid, backwards. */
__global__ void
turn(int n, const unsigned *in, unsigned *out)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      out[i] = in[n - 1 - i];
}

/* Tiles of 32 x 32 through shared memory. */
__global__ void
transpose(int rows, int columns, const unsigned *in, unsigned *out)
{
   __shared__ unsigned tile[32][33];
   int x = blockIdx.x * 32 + threadIdx.x, y = blockIdx.y * 32 + threadIdx.y;
   for (int k = 0; k < 32; k += 8)
      tile[threadIdx.y + k][threadIdx.x] = in[(y + k) * columns + x];
   __syncthreads();
   x = blockIdx.y * 32 + threadIdx.x;
   y = blockIdx.x * 32 + threadIdx.y;
   for (int k = 0; k < 32; k += 8)
      out[(y + k) * rows + x] = tile[threadIdx.x][threadIdx.y + k];
}

static unsigned failures;

static void
expect(const char *what, int n, const unsigned *got, const std::vector<unsigned> &want)
{
   for (int i = 0; i < n; i++)
      if (got[i] != want[i]) {
         printf("%s of %d: [%d] is %u, not %u\n", what, n, i, got[i], want[i]);
         failures++;
         return;
      }
}

/* rows x columns words, through all kernels. */
static void
run(int rows, int columns, unsigned k, unsigned *a, unsigned *b)
{
   int n = rows * columns;
   std::vector<unsigned> x(n), y(n);
   for (int i = 0; i < n; i++)
      a[i] = x[i] = (unsigned)i * 2654435761u;
   add<<<(n + 255) / 256, 256>>>(n, k, a, b);
   turn_rows<<<rows, 64>>>(columns, b, a);
   turn<<<8, 128>>>(n, a, b);
   transpose<<<dim3(columns / 32, rows / 32), dim3(32, 8)>>>(rows, columns, b, a);
   CHECK_LAUNCH();
   for (int i = 0; i < n; i++)
      y[i] = (x[(rows - 1 - i / columns) * columns + i % columns] + k) * 3;
   for (int i = 0; i < n; i++)
      x[i] = y[n - 1 - i];
   for (int i = 0; i < n; i++)
      y[i % columns * rows + i / columns] = x[i];
   expect("all", n, a, y);
   add<<<(n + 255) / 256, 256>>>(n, k, a, a);
   CHECK_LAUNCH();
   for (unsigned &v : y)
      v += k;
   expect("in place", n, a, y);
}

int
main()
{
   setenv("KASURI_PAST_CACHES", "64k", 0);
   const int most = 1 << 20;
   unsigned *a, *b;
   CHECK(cudaMallocManaged(&a, (most + 64) * sizeof *a));
   CHECK(cudaMallocManaged(&b, (most + 64) * sizeof *b));
   for (int round = 0; round < 6; round++) {
      run(64, 96, round, a, b);
      run(512, 1024, round + 7, a, b + 16 * (round % 2));
      run(416, 544, round + 9, a + round, b + round);
   }
   return finish(failures == 0);
}
