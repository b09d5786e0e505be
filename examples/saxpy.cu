/* SPDX-License-Identifier: Apache-2.0
 * y = a x + y with a grid-stride loop, timed by events: a fixed number of blocks covers
 * any number of elements.
 *
 *    kasuri run examples/saxpy.cu [ELEMENTS] */
// TEST small 50000
#include <vector>

#include "check.h"

__global__ void
saxpy(int n, float a, const float *x, float *y)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      y[i] = fmaf(a, x[i], y[i]);
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 22);
   const float a = 2.5f;
   const int rounds = 10;
   std::vector<float> x(n), y(n), result(n);
   for (int i = 0; i < n; i++) {
      x[i] = (i % 1000) * 0.25f;
      y[i] = 3.0f - i % 7;
   }
   float *dx, *dy;
   CHECK(cudaMalloc(&dx, n * sizeof(float)));
   CHECK(cudaMalloc(&dy, n * sizeof(float)));
   CHECK(cudaMemcpy(dx, x.data(), n * sizeof(float), cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(dy, y.data(), n * sizeof(float), cudaMemcpyHostToDevice));

   /* The first launch compiles; it is not what we want to time. */
   saxpy<<<1, 1>>>(0, a, dx, dy);
   CHECK_LAUNCH();

   /* Events are points in a stream; the time between two of them is the device's. */
   cudaEvent_t start, stop;
   CHECK(cudaEventCreate(&start));
   CHECK(cudaEventCreate(&stop));
   CHECK(cudaEventRecord(start));
   for (int i = 0; i < rounds; i++)
      saxpy<<<64, 256>>>(n, a, dx, dy);
   CHECK(cudaGetLastError());
   CHECK(cudaEventRecord(stop));
   CHECK(cudaEventSynchronize(stop));
   float ms;
   CHECK(cudaEventElapsedTime(&ms, start, stop));
   printf("%d rounds over %d elements\n", rounds, n);
   printf("%.3f ms, %.2f GB/s\n", ms, 3.0 * n * sizeof(float) * rounds / ms * 1e-6);

   CHECK(cudaMemcpy(result.data(), dy, n * sizeof(float), cudaMemcpyDeviceToHost));
   int wrong = 0;
   for (int i = 0; i < n; i++) {
      float expected = y[i];
      for (int r = 0; r < rounds; r++)
         expected = std::fmaf(a, x[i], expected);
      wrong += result[i] != expected;
   }
   printf("%d wrong\n", wrong);
   CHECK(cudaEventDestroy(start));
   CHECK(cudaEventDestroy(stop));
   CHECK(cudaFree(dx));
   CHECK(cudaFree(dy));
   return finish(wrong == 0 && ms >= 0);
}
