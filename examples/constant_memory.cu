/* SPDX-License-Identifier: Apache-2.0
 * A small filter lies in constant memory, where all threads read the same element at the
 * same time; a __device__ variable and the address of a symbol are set from the host too.
 *
 *    kasuri run examples/constant_memory.cu [ELEMENTS] */
// TEST small 3000
#include <vector>

#include "check.h"

constexpr int radius = 4, taps = 2 * radius + 1;
__constant__ float filter[taps];
__constant__ struct {
   float low, high;
} limits = {-2.0f, 2.0f}; /* initialised at load time */
__device__ unsigned clipped;

__global__ void
convolve(const float *in, float *out, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float sum = 0;
   for (int k = -radius; k <= radius; k++) {
      int j = i + k;
      if (j >= 0 && j < n)
         sum = fmaf(filter[k + radius], in[j], sum);
   }
   if (sum < limits.low || sum > limits.high)
      atomicAdd(&clipped, 1);
   out[i] = fminf(fmaxf(sum, limits.low), limits.high);
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 500000);
   float taps_on_host[taps];
   for (int k = 0; k < taps; k++)
      taps_on_host[k] = 1.0f / (1 + (k - radius) * (k - radius));
   CHECK(cudaMemcpyToSymbol(filter, taps_on_host, sizeof taps_on_host));
   size_t size;
   void *address;
   CHECK(cudaGetSymbolSize(&size, filter));
   CHECK(cudaGetSymbolAddress(&address, clipped));
   CHECK(cudaMemset(address, 0, sizeof(unsigned)));

   std::vector<float> in(n), out(n);
   for (int i = 0; i < n; i++)
      in[i] = (float)((i * 7 + i / 13) % 19 - 9) / 6;
   float *din, *dout;
   CHECK(cudaMalloc(&din, n * sizeof(float)));
   CHECK(cudaMalloc(&dout, n * sizeof(float)));
   CHECK(cudaMemcpy(din, in.data(), n * sizeof(float), cudaMemcpyHostToDevice));
   convolve<<<(n + 127) / 128, 128>>>(din, dout, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, n * sizeof(float), cudaMemcpyDeviceToHost));
   unsigned count, expected_count = 0;
   CHECK(cudaMemcpyFromSymbol(&count, clipped, sizeof count));
   CHECK(cudaFree(din));
   CHECK(cudaFree(dout));

   int wrong = 0;
   for (int i = 0; i < n; i++) {
      float sum = 0;
      for (int j = std::max(0, i - radius); j <= std::min(n - 1, i + radius); j++)
         sum = std::fmaf(taps_on_host[j - i + radius], in[j], sum);
      expected_count += sum < -2.0f || sum > 2.0f;
      wrong += out[i] != std::fmin(std::fmax(sum, -2.0f), 2.0f);
   }
   printf("%d elements through %d taps (%zu bytes), %u clipped, %d wrong\n", n, taps,
          size, count, wrong);
   return finish(wrong == 0 && count == expected_count && size == sizeof taps_on_host);
}
