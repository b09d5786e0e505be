/* SPDX-License-Identifier: Apache-2.0
 * Running sums in a single kernel, by decoupled look-back: a block publishes the total of
 * its part at once, then walks back over the blocks before it until it meets one that
 * knows its whole prefix. Blocks wait for each other, so they take their parts in the
 * order in which they start.
 *
 *    kasuri run examples/scan_lookback.cu [ELEMENTS] */
// TEST small 5000
#include <vector>

#include "check.h"

constexpr int threads = 128;
constexpr int per_thread = 4;
constexpr int part = threads * per_thread;

/* A part's state and value in one word, so that both change at once. */
enum : unsigned { nothing = 0, total = 1u << 30, prefix = 2u << 30, mask = 3u << 30 };

__device__ unsigned
wait_for(volatile unsigned *state)
{
   unsigned word;
   do {
      word = *state;
   } while ((word & mask) == nothing);
   return word;
}

/* The sum of all parts before this one. */
__device__ unsigned
look_back(volatile unsigned *states, int mine)
{
   unsigned sum = 0;
   for (int i = mine - 1; i >= 0; i--) {
      unsigned word = wait_for(&states[i]);
      sum += word & ~mask;
      if ((word & mask) == prefix)
         break;
   }
   return sum;
}

__global__ void
scan(const unsigned *in, unsigned *out, int n, unsigned *states, unsigned *ticket)
{
   __shared__ unsigned sums[threads];
   __shared__ int mine;
   __shared__ unsigned before;
   int t = threadIdx.x;
   if (t == 0)
      mine = atomicAdd(ticket, 1);
   __syncthreads();

   unsigned values[per_thread], sum = 0;
   int first = mine * part + t * per_thread;
   for (int k = 0; k < per_thread; k++) {
      sum += first + k < n ? in[first + k] : 0;
      values[k] = sum;
   }
   sums[t] = sum;
   __syncthreads();
   for (int d = 1; d < threads; d *= 2) {
      unsigned other = t >= d ? sums[t - d] : 0;
      __syncthreads();
      sums[t] += other;
      __syncthreads();
   }

   if (t == 0) {
      unsigned all = sums[threads - 1];
      atomicExch(&states[mine], (mine == 0 ? prefix : total) | all);
      before = look_back(states, mine);
      if (mine > 0)
         atomicExch(&states[mine], prefix | (before + all));
   }
   __syncthreads();
   unsigned base = before + sums[t] - sum;
   for (int k = 0; k < per_thread; k++)
      if (first + k < n)
         out[first + k] = base + values[k];
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 1 << 20, 1, 1 << 24);
   int parts = (n + part - 1) / part;
   std::vector<unsigned> in(n), out(n);
   for (int i = 0; i < n; i++)
      in[i] = (i * 2654435761u) >> 29; /* small: the sums leave two bits free */
   unsigned *din, *dout, *states;
   CHECK(cudaMalloc(&din, n * sizeof(unsigned)));
   CHECK(cudaMalloc(&dout, n * sizeof(unsigned)));
   CHECK(cudaMalloc(&states, (parts + 1) * sizeof(unsigned)));
   CHECK(cudaMemcpy(din, in.data(), n * sizeof(unsigned), cudaMemcpyHostToDevice));
   CHECK(cudaMemset(states, 0, (parts + 1) * sizeof(unsigned)));
   scan<<<parts, threads>>>(din, dout, n, states, states + parts);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), dout, n * sizeof(unsigned), cudaMemcpyDeviceToHost));
   printf("scanned %d elements in %d blocks; the total is %u\n", n, parts, out[n - 1]);

   unsigned sum = 0;
   int wrong = 0;
   for (int i = 0; i < n; i++) {
      sum += in[i];
      wrong += out[i] != sum;
   }
   printf("%d wrong\n", wrong);
   CHECK(cudaFree(din));
   CHECK(cudaFree(dout));
   CHECK(cudaFree(states));
   return finish(wrong == 0);
}
