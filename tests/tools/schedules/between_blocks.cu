// SPDX-License-Identifier: Apache-2.0
// Blocks and grids that wait for each other: decoupled look-back, the last block's work, a
// cooperative grid barrier, polling with nanosleep, and kernels of two streams that hand a
// token to and fro. Checks every result itself.
#include <cooperative_groups.h>
#include <vector>

#include "expect.h"

namespace cg = cooperative_groups;

// -- Decoupled look-back: a block's prefix is found from the blocks before it. State: 0
// nothing yet, 1 the block's own sum, 2 the sum up to and with it.
struct tile {
   unsigned long long word; // state << 32 | sum
};

__global__ void
scan(const unsigned *in, unsigned *out, tile *tiles, unsigned *order, unsigned n)
{
   __shared__ unsigned sums[128], me, before;
   if (threadIdx.x == 0)
      me = atomicAdd(order, 1u);
   __syncthreads();
   unsigned i = me * 128 + threadIdx.x, v = i < n ? in[i] : 0;
   sums[threadIdx.x] = v;
   __syncthreads();
   for (unsigned d = 1; d < 128; d *= 2) {
      unsigned add = threadIdx.x >= d ? sums[threadIdx.x - d] : 0;
      __syncthreads();
      sums[threadIdx.x] += add;
      __syncthreads();
   }
   if (threadIdx.x == 127) {
      volatile unsigned long long *word = &tiles[me].word;
      *word = (me ? 1ull : 2ull) << 32 | sums[127];
      unsigned sum = 0;
      for (int at = (int)me - 1; at >= 0; at--) {
         unsigned long long w;
         while (!((w = *(volatile unsigned long long *)&tiles[at].word) >> 32))
            ;
         sum += (unsigned)w;
         if (w >> 32 == 2)
            break;
      }
      if (me)
         *word = 2ull << 32 | (sum + sums[127]);
      before = sum;
   }
   __syncthreads();
   if (i < n)
      out[i] = sums[threadIdx.x] + before;
}

// The same by a whole warp, which looks at 32 tiles at a time and votes.
__global__ void
scan_by_warps(const unsigned *in, unsigned *out, tile *tiles, unsigned n)
{
   unsigned lane = threadIdx.x, me = blockIdx.x, i = me * 32 + lane, v = i < n ? in[i] : 0;
   for (unsigned d = 1; d < 32; d *= 2) {
      unsigned add = __shfl_up_sync(~0u, v, d);
      v += lane >= d ? add : 0;
   }
   if (lane == 31)
      *(volatile unsigned long long *)&tiles[me].word = (me ? 1ull : 2ull) << 32 | v;
   unsigned sum = 0;
   for (int last = (int)me - 1; last >= 0; last -= 32) {
      int at = last - (int)lane;
      unsigned long long w = 2ull << 32;
      do {
         if (at >= 0)
            w = *(volatile unsigned long long *)&tiles[at].word;
      } while (__any_sync(~0u, w >> 32 == 0));
      unsigned done = __ballot_sync(~0u, w >> 32 == 2);
      unsigned part = !done || lane <= (unsigned)__ffs((int)done) - 1 ? (unsigned)w : 0;
      for (unsigned d = 16; d; d /= 2)
         part += __shfl_down_sync(~0u, part, d);
      sum += __shfl_sync(~0u, part, 0);
      if (done)
         break;
   }
   if (lane == 31)
      *(volatile unsigned long long *)&tiles[me].word = 2ull << 32 | (sum + v);
   if (i < n)
      out[i] = sum + v;
}

// -- The block that comes last sums up what all have left.
__global__ void
last_block(const unsigned *in, unsigned *parts, unsigned *count, unsigned *out, unsigned n)
{
   __shared__ bool last;
   __shared__ unsigned sum;
   if (threadIdx.x == 0)
      sum = 0;
   __syncthreads();
   unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
   atomicAdd(&sum, i < n ? in[i] : 0);
   __syncthreads();
   if (threadIdx.x == 0) {
      parts[blockIdx.x] = sum;
      __threadfence();
      last = atomicAdd(count, 1u) == gridDim.x - 1;
   }
   __syncthreads();
   if (!last)
      return;
   unsigned mine = 0;
   for (unsigned b = threadIdx.x; b < gridDim.x; b += blockDim.x)
      mine += *(volatile unsigned *)&parts[b];
   atomicAdd(out, mine);
}

// -- A cooperative grid: round after round, each block reads what another one wrote.
__global__ void
rounds(unsigned *a, unsigned *b, unsigned n)
{
   cg::grid_group grid = cg::this_grid();
   unsigned i = blockIdx.x * blockDim.x + threadIdx.x, size = gridDim.x * blockDim.x;
   a[i] = i;
   grid.sync();
   for (unsigned k = 0; k < n; k++) {
      b[i] = a[(i + blockDim.x) % size] + 1;
      grid.sync();
      a[i] = b[i];
      grid.sync();
   }
}

// -- A chain through the blocks of an ordinary launch, against their order of start.
__global__ void
backwards(unsigned *flags, unsigned *out)
{
   if (threadIdx.x == 0) {
      if (blockIdx.x + 1 < gridDim.x)
         while (!*(volatile unsigned *)&flags[blockIdx.x + 1])
            __nanosleep(100);
      __threadfence();
      out[blockIdx.x] = blockIdx.x + 1 < gridDim.x ? out[blockIdx.x + 1] + 1 : 1;
      __threadfence();
      *(volatile unsigned *)&flags[blockIdx.x] = 1;
   }
   __syncthreads();
}

// -- Two kernels that are launched one after the other and wait for each other.
__global__ void
ping(unsigned *ball, unsigned parity, unsigned n, unsigned *seen)
{
   for (unsigned k = 0; k < n; k++) {
      unsigned want = 2 * k + parity;
      while (*(volatile unsigned *)ball != want)
         ;
      __threadfence();
      *seen += want;
      __threadfence();
      *(volatile unsigned *)ball = want + 1;
   }
}

// Blocks of one grid that wait for a flag which another grid sets.
__global__ void
wait_for_flag(unsigned *flag, unsigned *out)
{
   if (threadIdx.x == 0)
      while (!*(volatile unsigned *)flag)
         ;
   __syncthreads();
   atomicAdd(out, 1u);
}

__global__ void
set_flag(unsigned *flag)
{
   __threadfence();
   *(volatile unsigned *)flag = 1;
}

int
main()
{
   const unsigned n = 5000;
   std::vector<unsigned> in(n), want(n), got(n);
   unsigned total = 0;
   for (unsigned i = 0; i < n; i++) {
      in[i] = i * 2654435761u >> 20;
      want[i] = total += in[i];
   }
   unsigned *d_in, *d_out, *words;
   tile *tiles;
   CHECK(cudaMalloc(&d_in, n * 4));
   CHECK(cudaMalloc(&d_out, n * 4));
   CHECK(cudaMalloc(&words, 4096));
   CHECK(cudaMalloc(&tiles, 256 * sizeof(tile)));
   CHECK(cudaMemcpy(d_in, in.data(), n * 4, cudaMemcpyHostToDevice));

   CHECK(cudaMemset(tiles, 0, 256 * sizeof(tile)));
   CHECK(cudaMemset(words, 0, 4096));
   scan<<<(n + 127) / 128, 128>>>(d_in, d_out, tiles, words, n);
   CHECK(cudaMemcpy(got.data(), d_out, n * 4, cudaMemcpyDeviceToHost));
   expect("scan", got == want);

   CHECK(cudaMemset(tiles, 0, 256 * sizeof(tile)));
   CHECK(cudaMemset(d_out, 0, n * 4));
   scan_by_warps<<<(n + 31) / 32, 32>>>(d_in, d_out, tiles, n);
   CHECK(cudaMemcpy(got.data(), d_out, n * 4, cudaMemcpyDeviceToHost));
   expect("scan by warps", got == want);

   unsigned sum = 0;
   CHECK(cudaMemset(words, 0, 4096));
   last_block<<<40, 128>>>(d_in, words + 16, words, words + 1, n);
   CHECK(cudaMemcpy(&sum, words + 1, 4, cudaMemcpyDeviceToHost));
   expect("last block", sum == total);

   unsigned *a = d_in, *b = d_out, k = 5;
   void *args[] = {&a, &b, &k};
   CHECK(cudaLaunchCooperativeKernel((void *)rounds, dim3(8), dim3(64), args, 0, 0));
   CHECK(cudaMemcpy(got.data(), a, 512 * 4, cudaMemcpyDeviceToHost));
   bool ok = true;
   for (unsigned i = 0; i < 512; i++)
      ok &= got[i] == (i + 64 * k) % 512 + k;
   expect("grid barrier", ok);

   CHECK(cudaMemset(words, 0, 4096));
   backwards<<<16, 32>>>(words, words + 64);
   CHECK(cudaMemcpy(got.data(), words + 64, 64, cudaMemcpyDeviceToHost));
   ok = true;
   for (unsigned i = 0; i < 16; i++)
      ok &= got[i] == 16 - i;
   expect("backwards", ok);

   cudaStream_t s[3];
   for (cudaStream_t &x : s)
      CHECK(cudaStreamCreateWithFlags(&x, cudaStreamNonBlocking));
   CHECK(cudaMemset(words, 0, 4096));
   CHECK(cudaDeviceSynchronize());
   ping<<<1, 1, 0, s[0]>>>(words, 1, 50, words + 1);
   ping<<<1, 1, 0, s[1]>>>(words, 0, 50, words + 2);
   CHECK(cudaDeviceSynchronize());
   CHECK(cudaMemcpy(got.data(), words, 12, cudaMemcpyDeviceToHost));
   expect("ping-pong", got[0] == 100 && got[1] == 2500 && got[2] == 2450);

   CHECK(cudaMemset(words, 0, 4096));
   CHECK(cudaDeviceSynchronize());
   wait_for_flag<<<8, 64, 0, s[0]>>>(words, words + 1);
   wait_for_flag<<<8, 64, 0, s[1]>>>(words, words + 1);
   set_flag<<<1, 1, 0, s[2]>>>(words);
   CHECK(cudaDeviceSynchronize());
   CHECK(cudaMemcpy(&sum, words + 1, 4, cudaMemcpyDeviceToHost));
   expect("flag of another stream", sum == 1024);
   return failures != 0;
}
