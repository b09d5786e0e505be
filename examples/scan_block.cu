/* SPDX-License-Identifier: Apache-2.0
 * Running sums of an array (an inclusive scan) in three kernels: every block scans its
 * own part in shared memory, one block scans the parts' totals, and a third kernel adds
 * them.
 *
 *    kasuri run examples/scan_block.cu [ELEMENTS] */
// TEST small 3000
#include <vector>

#include "check.h"

constexpr int threads = 256;

/* After the step of distance d a place holds the sum of the 2 d places up to it. */
__device__ unsigned
scan_in_block(unsigned value)
{
   extern __shared__ unsigned buffer[]; /* two halves, used in turn */
   unsigned *from = buffer, *to = buffer + blockDim.x;
   int t = threadIdx.x;
   from[t] = value;
   __syncthreads();
   for (int d = 1; d < blockDim.x; d *= 2) {
      to[t] = t >= d ? from[t] + from[t - d] : from[t];
      __syncthreads();
      unsigned *swap = from;
      from = to;
      to = swap;
   }
   return from[t];
}

__global__ void
scan_parts(const unsigned *in, unsigned *out, unsigned *totals, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   unsigned sum = scan_in_block(i < n ? in[i] : 0);
   if (i < n)
      out[i] = sum;
   if (threadIdx.x == blockDim.x - 1)
      totals[blockIdx.x] = sum;
}

/* One block goes through the totals, blockDim.x of them at a time. */
__global__ void
scan_totals(unsigned *totals, int parts)
{
   __shared__ unsigned carry;
   if (threadIdx.x == 0)
      carry = 0;
   for (int start = 0; start < parts; start += blockDim.x) {
      __syncthreads();
      int i = start + threadIdx.x;
      unsigned sum = carry + scan_in_block(i < parts ? totals[i] : 0);
      if (i < parts)
         totals[i] = sum;
      __syncthreads();
      if (threadIdx.x == blockDim.x - 1)
         carry = sum;
   }
}

__global__ void
add_totals(unsigned *out, const unsigned *totals, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (blockIdx.x > 0 && i < n)
      out[i] += totals[blockIdx.x - 1];
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 20);
   int parts = (n + threads - 1) / threads;
   std::vector<unsigned> in(n), out(n);
   for (int i = 0; i < n; i++)
      in[i] = (i * 7919u + 13u) % 1000;
   unsigned *din, *dout, *dtotals;
   CHECK(cudaMalloc(&din, n * sizeof(unsigned)));
   CHECK(cudaMalloc(&dout, n * sizeof(unsigned)));
   CHECK(cudaMalloc(&dtotals, parts * sizeof(unsigned)));
   CHECK(cudaMemcpy(din, in.data(), n * sizeof(unsigned), cudaMemcpyHostToDevice));

   size_t shared = 2 * threads * sizeof(unsigned);
   scan_parts<<<parts, threads, shared>>>(din, dout, dtotals, n);
   scan_totals<<<1, threads, shared>>>(dtotals, parts);
   add_totals<<<parts, threads>>>(dout, dtotals, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, n * sizeof(unsigned), cudaMemcpyDeviceToHost));
   printf("scanned %d elements in %d parts; the total is %u\n", n, parts, out[n - 1]);

   unsigned sum = 0;
   int wrong = 0;
   for (int i = 0; i < n; i++) {
      sum += in[i];
      wrong += out[i] != sum;
   }
   printf("%d wrong\n", wrong);
   CHECK(cudaFree(din));
   CHECK(cudaFree(dout));
   CHECK(cudaFree(dtotals));
   return finish(wrong == 0);
}
