// SPDX-License-Identifier: Apache-2.0
// Grids of far more blocks than run at once, whose blocks wait for those before them in
// every way that programs have of asking; the last block's work; cooperative grids as large
// as they may be; streams that wait for each other. Checks every result itself.
#include <cooperative_groups.h>
#include <vector>

#include "expect.h"

namespace cg = cooperative_groups;

// -- Each block waits for the one before it, by its own number: block b hands on 3 * sum + b.
enum ask { VOLATILE, ACQUIRE, CAS, ADD, MAX, SLEEP };

template <ask how>
__device__ unsigned
look(unsigned *p)
{
   unsigned v;
   if (how == VOLATILE || how == SLEEP)
      return *(volatile unsigned *)p;
   if (how == CAS)
      return atomicCAS(p, 0u, 0u);
   if (how == ADD)
      return atomicAdd(p, 0u);
   if (how == MAX)
      return atomicMax(p, 0u);
   asm volatile("ld.acquire.gpu.global.u32 %0, [%1];" : "=r"(v) : "l"(p) : "memory");
   return v;
}

template <ask how>
__global__ void
chain(unsigned *flags, unsigned *sums)
{
   __shared__ unsigned before;
   unsigned b = blockIdx.x;
   if (threadIdx.x == blockDim.x - 1) {
      unsigned sum = 0;
      if (b) {
         while (!look<how>(&flags[b - 1]))
            if (how == SLEEP)
               __nanosleep(50);
         __threadfence();
         sum = sums[b - 1];
      }
      before = sum;
      sums[b] = 3 * sum + b;
      __threadfence();
      atomicExch(&flags[b], 1u);
   }
   __syncthreads();
   if (threadIdx.x == 0 && b && before != sums[b - 1])
      sums[b] = ~0u;
}

// -- Decoupled look-back by the block's own number, a whole block scanning 256 values.
__global__ void
scan(const unsigned *in, unsigned *out, unsigned long long *tiles, unsigned n)
{
   __shared__ unsigned warps[8], before;
   unsigned lane = threadIdx.x % 32, w = threadIdx.x / 32, me = blockIdx.x;
   unsigned i = me * 256 + threadIdx.x, v = i < n ? in[i] : 0;
   for (unsigned d = 1; d < 32; d *= 2) {
      unsigned add = __shfl_up_sync(~0u, v, d);
      v += lane >= d ? add : 0;
   }
   if (lane == 31)
      warps[w] = v;
   __syncthreads();
   unsigned mine = 0, all = 0;
   for (unsigned k = 0; k < 8; k++) {
      mine += k < w ? warps[k] : 0;
      all += warps[k];
   }
   if (threadIdx.x == 0) {
      atomicExch(&tiles[me], (me ? 1ull : 2ull) << 32 | all);
      unsigned sum = 0;
      for (unsigned at = me; at-- > 0;) {
         unsigned long long word;
         do
            word = *(volatile unsigned long long *)&tiles[at];
         while (!(word >> 32));
         sum += (unsigned)word;
         if (word >> 32 == 2)
            break;
      }
      if (me)
         atomicExch(&tiles[me], 2ull << 32 | (sum + all));
      before = sum;
   }
   __syncthreads();
   if (i < n)
      out[i] = before + mine + v;
}

// -- The last block sums up; the counter wraps by itself, so that it serves again.
__global__ void
last_block(unsigned *parts, unsigned *count, unsigned *out, unsigned scale)
{
   __shared__ bool last;
   if (threadIdx.x == 0) {
      parts[blockIdx.x] = scale * (blockIdx.x + 1);
      __threadfence();
      last = atomicInc(count, gridDim.x - 1) == gridDim.x - 1;
   }
   __syncthreads();
   if (last) {
      unsigned sum = 0;
      for (unsigned b = threadIdx.x; b < gridDim.x; b += blockDim.x)
         sum += *(volatile unsigned *)&parts[b];
      atomicAdd(out, sum);
   }
}

// -- A cooperative grid: all blocks add to a round's cell, and all see the whole sum.
__global__ void
together(unsigned *cells, unsigned *wrong, unsigned n)
{
   cg::grid_group grid = cg::this_grid();
   for (unsigned k = 0; k < n; k++) {
      atomicAdd(&cells[k], (unsigned)(grid.thread_rank() % 5));
      grid.sync();
      unsigned all = (unsigned)grid.size(), want = all / 5 * 10;
      for (unsigned r = 0; r < all % 5; r++)
         want += r;
      if (cells[k] != want)
         atomicAdd(wrong, 1u);
   }
}

// -- A ring of eight cells between two streams.
__global__ void
produce(volatile unsigned *ring, volatile unsigned *head, volatile unsigned *tail, unsigned n)
{
   for (unsigned k = 0; k < n; k++) {
      while (k - *tail >= 8)
         __nanosleep(200);
      ring[k % 8] = k * k;
      __threadfence();
      *head = k + 1;
   }
}

__global__ void
consume(volatile unsigned *ring, volatile unsigned *head, volatile unsigned *tail,
        unsigned *sum, unsigned n)
{
   for (unsigned k = 0; k < n; k++) {
      while (*head == k)
         __nanosleep(200);
      __threadfence();
      *sum += ring[k % 8];
      __threadfence();
      *tail = k + 1;
   }
}

// -- One block waits for what a late block of another stream's large grid says.
__global__ void
wait_for(volatile unsigned *flag, unsigned *out)
{
   while (!*flag)
      ;
   __threadfence();
   *out = *flag;
}

__global__ void
late(unsigned *flag, unsigned *work)
{
   atomicAdd(&work[threadIdx.x], blockIdx.x);
   if (blockIdx.x == gridDim.x - 2 && threadIdx.x == 0)
      atomicExch(flag, blockIdx.x);
}

static unsigned *words; // a scratch area, cleared before each test
#define WORDS (1u << 18)

static void
clear()
{
   CHECK(cudaMemset(words, 0, WORDS * 4));
   CHECK(cudaDeviceSynchronize());
}

template <ask how>
static void
run_chain(const char *what, unsigned blocks, unsigned threads)
{
   clear();
   chain<how><<<blocks, threads>>>(words, words + blocks);
   std::vector<unsigned> got(blocks);
   CHECK(cudaMemcpy(got.data(), words + blocks, blocks * 4, cudaMemcpyDeviceToHost));
   bool ok = true;
   unsigned want = 0;
   for (unsigned b = 0; b < blocks; b++)
      ok &= got[b] == (want = 3 * want + b);
   expect(what, ok);
}

static void
run_scans(unsigned n)
{
   unsigned blocks = (n + 255) / 256;
   std::vector<unsigned> in(n), got(n);
   unsigned *d_in, *d_out[2];
   unsigned long long *tiles;
   cudaStream_t s[2];
   for (unsigned i = 0; i < n; i++)
      in[i] = i * 2654435761u >> 22;
   CHECK(cudaMalloc(&d_in, n * 4));
   CHECK(cudaMalloc(&tiles, blocks * 16));
   CHECK(cudaMemcpy(d_in, in.data(), n * 4, cudaMemcpyHostToDevice));
   CHECK(cudaMemset(tiles, 0, blocks * 16));
   CHECK(cudaDeviceSynchronize());
   for (int k = 0; k < 2; k++) {
      CHECK(cudaStreamCreateWithFlags(&s[k], cudaStreamNonBlocking));
      CHECK(cudaMalloc(&d_out[k], n * 4));
      scan<<<blocks, 256, 0, s[k]>>>(d_in, d_out[k], tiles + k * blocks, n);
   }
   CHECK(cudaDeviceSynchronize());
   for (int k = 0; k < 2; k++) {
      CHECK(cudaMemcpy(got.data(), d_out[k], n * 4, cudaMemcpyDeviceToHost));
      bool ok = true;
      unsigned sum = 0;
      for (unsigned i = 0; i < n; i++)
         ok &= got[i] == (sum += in[i]);
      expect("two look-backs at once", ok);
   }
}

static void
run_last_block()
{
   clear();
   unsigned want = 0, got;
   for (unsigned k = 1; k <= 50; k++) {
      last_block<<<700, 64>>>(words + 16, words, words + 1, k);
      want += k * (700 * 701 / 2);
   }
   CHECK(cudaMemcpy(&got, words + 1, 4, cudaMemcpyDeviceToHost));
   expect("last block, again and again", got == want);
}

static void
run_together(unsigned threads)
{
   clear();
   int per_sm, sms;
   unsigned *cells = words + 16, *wrong = words, n = 20, got;
   CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, together, (int)threads, 0));
   CHECK(cudaDeviceGetAttribute(&sms, cudaDevAttrMultiProcessorCount, 0));
   void *args[] = {&cells, &wrong, &n};
   CHECK(cudaLaunchCooperativeKernel((void *)together, dim3((unsigned)(per_sm * sms)),
                                     dim3(threads), args, 0, 0));
   CHECK(cudaMemcpy(&got, wrong, 4, cudaMemcpyDeviceToHost));
   expect("the largest cooperative grid", got == 0);
}

static void
run_streams()
{
   cudaStream_t s[2];
   unsigned sum, want = 0, flag;
   for (cudaStream_t &x : s)
      CHECK(cudaStreamCreateWithFlags(&x, cudaStreamNonBlocking));
   clear();
   for (unsigned k = 0; k < 300; k++)
      want += k * k;
   consume<<<1, 1, 0, s[0]>>>(words + 16, words, words + 1, words + 2, 300);
   produce<<<1, 1, 0, s[1]>>>(words + 16, words, words + 1, 300);
   CHECK(cudaDeviceSynchronize());
   CHECK(cudaMemcpy(&sum, words + 2, 4, cudaMemcpyDeviceToHost));
   expect("a ring between streams", sum == want);

   clear();
   wait_for<<<1, 1, 0, s[0]>>>(words, words + 1);
   late<<<5000, 32, 0, s[1]>>>(words, words + 16);
   CHECK(cudaDeviceSynchronize());
   CHECK(cudaMemcpy(&flag, words + 1, 4, cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(&sum, words + 16 + 31, 4, cudaMemcpyDeviceToHost));
   expect("a late block's flag", flag == 4998 && sum == 4999u * 5000 / 2);
}

int
main(int argc, char **)
{
   unsigned blocks = argc > 1 ? 300 : 6000;
   CHECK(cudaMalloc(&words, WORDS * 4));
   run_chain<VOLATILE>("chain, volatile", blocks, 32);
   run_chain<VOLATILE>("chain, volatile, large blocks", blocks / 4, 256);
   run_chain<ACQUIRE>("chain, acquire", blocks, 64);
   run_chain<CAS>("chain, compare and swap", blocks, 1);
   run_chain<ADD>("chain, add of 0", blocks, 33);
   run_chain<MAX>("chain, max with 0", blocks, 32);
   run_chain<SLEEP>("chain, nanosleep", blocks / 4, 96);
   run_scans(blocks * 40);
   run_last_block();
   run_together(64);
   run_together(256);
   run_streams();
   return failures != 0;
}
