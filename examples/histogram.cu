/* SPDX-License-Identifier: Apache-2.0
 * Counts the bytes of a text: once with atomics in global memory, once with a histogram
 * per block in shared memory that is added to the global one at the end.
 *
 *    kasuri run examples/histogram.cu [BYTES] */
// TEST small 20000
#include <vector>

#include "check.h"

constexpr int bins = 256;

__global__ void
count_global(const unsigned char *text, int n, unsigned *counts)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      atomicAdd(&counts[text[i]], 1);
}

__global__ void
count_shared(const unsigned char *text, int n, unsigned *counts)
{
   __shared__ unsigned mine[bins];
   for (int b = threadIdx.x; b < bins; b += blockDim.x)
      mine[b] = 0;
   __syncthreads();
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      atomicAdd(&mine[text[i]], 1);
   __syncthreads();
   for (int b = threadIdx.x; b < bins; b += blockDim.x)
      if (mine[b])
         atomicAdd(&counts[b], mine[b]);
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 22);
   /* Some bytes are much more frequent than others, as in any text. */
   std::vector<unsigned char> text(n);
   std::vector<unsigned> expected(bins);
   unsigned state = 1;
   for (unsigned char &c : text) {
      state = state * 1103515245u + 12345u;
      c = (unsigned char)((state >> 16 & 15) * (state >> 20 & 15) + (state >> 28));
      expected[c]++;
   }
   unsigned char *dtext;
   unsigned *dcounts;
   CHECK(cudaMalloc(&dtext, n));
   CHECK(cudaMalloc(&dcounts, bins * sizeof(unsigned)));
   CHECK(cudaMemcpy(dtext, text.data(), n, cudaMemcpyHostToDevice));

   bool ok = true;
   for (auto kernel : {count_global, count_shared}) {
      std::vector<unsigned> counts(bins);
      CHECK(cudaMemset(dcounts, 0, bins * sizeof(unsigned)));
      kernel<<<32, 256>>>(dtext, n, dcounts);
      CHECK_LAUNCH();
      CHECK(cudaMemcpy(counts.data(), dcounts, bins * sizeof(unsigned),
                       cudaMemcpyDeviceToHost));
      printf("%s atomics: %d bytes, %u of them 0, %u of them 30\n",
             kernel == count_global ? "global" : "shared", n, counts[0], counts[30]);
      ok = ok && counts == expected;
   }
   CHECK(cudaFree(dtext));
   CHECK(cudaFree(dcounts));
   return finish(ok);
}
