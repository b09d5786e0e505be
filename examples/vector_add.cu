/* SPDX-License-Identifier: Apache-2.0
 * The first CUDA program: c = a + b, one thread an element.
 *
 *    kasuri run examples/vector_add.cu [ELEMENTS] */
// TEST small 10007
#include <vector>

#include "check.h"

__global__ void
add(const float *a, const float *b, float *c, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      c[i] = a[i] + b[i];
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 22);
   std::vector<float> a(n), b(n), c(n);
   for (int i = 0; i < n; i++) {
      a[i] = 0.5f * i;
      b[i] = 1.0f / (i + 1);
   }

   /* Memory on the device, and the inputs copied there. */
   size_t bytes = n * sizeof(float);
   float *da, *db, *dc;
   CHECK(cudaMalloc(&da, bytes));
   CHECK(cudaMalloc(&db, bytes));
   CHECK(cudaMalloc(&dc, bytes));
   CHECK(cudaMemcpy(da, a.data(), bytes, cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(db, b.data(), bytes, cudaMemcpyHostToDevice));

   /* Enough blocks of 256 threads for all elements; the last one is not full. */
   int threads = 256, blocks = (n + threads - 1) / threads;
   add<<<blocks, threads>>>(da, db, dc, n);
   CHECK(cudaGetLastError());
   CHECK(cudaMemcpy(c.data(), dc, bytes, cudaMemcpyDeviceToHost));
   printf("added %d elements with %d blocks of %d threads\n", n, blocks, threads);

   int wrong = 0;
   for (int i = 0; i < n; i++)
      wrong += c[i] != a[i] + b[i];
   printf("%d wrong\n", wrong);
   CHECK(cudaFree(da));
   CHECK(cudaFree(db));
   CHECK(cudaFree(dc));
   return finish(wrong == 0);
}
