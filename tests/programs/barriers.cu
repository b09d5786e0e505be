/* SPDX-License-Identifier: Apache-2.0
 * Barriers where programs put them: in branches and loops that are the same for a whole
 * block and differ between blocks, behind early exits, in functions that some blocks call,
 * by number and count through asm, arrive and wait, reductions, warps on roles of their
 * own. Each thread tells what it has read; the expected values are stated by formulas. */
#include <cooperative_groups.h>
#include <vector>

#include "../../examples/check.h"

namespace cg = cooperative_groups;
constexpr int threads = 128, blocks = 6;

/* The neighbour's value, by way of a barrier only some blocks come to, some more often. */
__global__ void
conditional(int *out)
{
   __shared__ int cell[threads];
   int t = threadIdx.x, b = blockIdx.x, v = t + 1;
   if (b % 3 != 0) {
      cell[t] = v;
      __syncthreads();
      v += cell[(t + 1) % threads];
   }
   for (int k = 0; k < b; k++) {
      __syncthreads();
      cell[t] = v;
      __syncthreads();
      v = cell[(t + 33) % threads] + k;
      if (k == 2 && b == 5)
         break;
   }
   switch (b) {
   case 0:
      __syncthreads();
      break;
   case 1:
      __syncthreads();
      cell[threads - 1 - t] = v;
      __syncthreads();
      v = cell[t] * 2;
      break;
   default:
      v = -v;
   }
   out[b * threads + t] = v;
}

/* Warps leave one by one; those that are left still meet. */
__global__ void
leaving(int *out)
{
   __shared__ int count;
   int t = threadIdx.x, w = t / 32;
   if (t == threads - 1)
      count = 0;
   __syncthreads();
   for (int k = 0; k < 4; k++) {
      if (w == k && w != 3)
         return;
      atomicAdd(&count, 1);
      __syncthreads();
      if (t == threads - 1)
         out[blockIdx.x * 4 + k] = count;
      __syncthreads();
   }
}

/* Threads of a warp leave at different times. */
__global__ void
threads_leave(int *out)
{
   __shared__ int count;
   int t = threadIdx.x;
   if (t == 0)
      count = 0;
   __syncthreads();
   if (t % 7 == 3)
      return;
   atomicAdd(&count, 1);
   __syncthreads();
   if (t == 0)
      *out = count;
}

__device__ __noinline__ int
exchange(int *cell, int v, int far)
{
   cell[threadIdx.x] = v;
   __syncthreads();
   int r = cell[(threadIdx.x + far) % threads];
   __syncthreads();
   return r;
}

/* The barrier is in a function, which blocks call from different places, or again and
 * again. */
__device__ __noinline__ int
deeper(int *cell, int v, int depth)
{
   v = exchange(cell, v, depth);
   return depth > 1 ? deeper(cell, v + 1, depth - 1) : v;
}

__global__ void
called(int *out)
{
   __shared__ int cell[threads];
   int v = threadIdx.x;
   if (blockIdx.x % 2)
      v = exchange(cell, v, 1);
   else
      v = deeper(cell, v, blockIdx.x + 1);
   out[blockIdx.x * threads + threadIdx.x] = v;
}

__device__ void
bar_sync(int id, int n)
{
   asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(n) : "memory");
}

__device__ void
bar_arrive(int id, int n)
{
   asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(n) : "memory");
}

/* Two warps make, two take, through two buffers with a pair of barriers each. */
__global__ void
pipeline(int *out)
{
   __shared__ int buffer[2][64];
   int w = threadIdx.x / 32, at = threadIdx.x % 64, sum = 0;
   if (w < 2) {
      for (int k = 0; k < 10; k++) {
         bar_sync(3 + k % 2, threads); // empty
         buffer[k % 2][at] = k * 100 + at;
         bar_arrive(1 + k % 2, threads); // full
      }
   } else {
      bar_arrive(3, threads);
      bar_arrive(4, threads);
      for (int k = 0; k < 10; k++) {
         bar_sync(1 + k % 2, threads);
         sum += buffer[k % 2][63 - at];
         if (k < 8)
            bar_arrive(3 + k % 2, threads);
      }
      out[blockIdx.x * 64 + at] = sum;
   }
}

/* Pairs of warps meet at barriers of their own, as often as they like. */
__global__ void
pairs_of_warps(int *out)
{
   __shared__ int cell[threads];
   int t = threadIdx.x, pair = t / 64;
   cell[t] = t;
   for (int k = 0; k < 3 + 4 * pair; k++) {
      bar_sync(pair + 1, 64);
      int v = cell[pair * 64 + (t + 32) % 64];
      bar_sync(pair + 1, 64);
      cell[t] = v + 1;
   }
   __syncthreads();
   out[t] = cell[threads - 1 - t];
}

__global__ void
reductions(int *out, int n)
{
   int t = threadIdx.x;
   int *mine = out + t * 4;
   for (int k = 0; k < n; k++) {
      mine[0] += __syncthreads_count(t % (k + 2) == 0);
      mine[1] += __syncthreads_and(t >= k - 3) != 0;
      mine[2] += __syncthreads_or(t == 40 * k) != 0;
   }
   int r;
   asm volatile("{ .reg .pred p; setp.ge.s32 p, %1, 64;\n"
                "barrier.red.popc.u32 %0, 5, 64, p; }"
                : "=r"(r)
                : "r"(t)
                : "memory"); /* two barriers of 64 threads, one after the other */
   mine[3] = r >= 0 && r <= 64;
}

/* Lanes of one warp on different paths come to one barrier: barrier.sync is not .aligned. */
__global__ void
two_paths(int *out)
{
   __shared__ int cell[threads];
   int t = threadIdx.x, v;
   cell[t] = t * t;
   if (t % 3 == 0) {
      asm volatile("barrier.sync 7;" ::: "memory");
      v = cell[(t + 1) % threads];
   } else {
      asm volatile("barrier.sync 7;" ::: "memory");
      v = -cell[(t + threads - 1) % threads];
   }
   out[t] = v;
}

__global__ void
groups(int *out)
{
   __shared__ int cell[threads];
   cg::thread_block block = cg::this_thread_block();
   cg::thread_block_tile<32> tile = cg::tiled_partition<32>(block);
   int t = block.thread_rank(), v = 0;
   cell[t] = 5 * t;
   if (tile.meta_group_rank() % 2 == 0) {
      tile.sync();
      v = cell[t ^ 31];
   }
   auto token = block.barrier_arrive();
   int own = t * t;
   block.barrier_wait(std::move(token));
   out[t] = v + cell[(t + 64) % threads] + own;
}

static bool ok = true;

static void
expect_equal(int got, int want, const char *what, int at)
{
   if (got != want && ok)
      printf("%s: %d: got %d, want %d\n", what, at, got, want);
   ok = ok && got == want;
}

static int *words;
static const size_t n_words = 4096;

static std::vector<int>
result()
{
   std::vector<int> v(n_words);
   CHECK(cudaMemcpy(v.data(), words, n_words * 4, cudaMemcpyDeviceToHost));
   CHECK(cudaMemset(words, 0, n_words * 4));
   return v;
}

/* The same on the host, where a block is an array and a barrier nothing. */
static std::vector<int>
shifted(const std::vector<int> &v, int by, int add)
{
   std::vector<int> r(threads);
   for (int t = 0; t < threads; t++)
      r[t] = v[(t + by) % threads] + add;
   return r;
}

static void
check_conditional()
{
   std::vector<int> got = result();
   for (int b = 0; b < blocks; b++) {
      std::vector<int> v(threads);
      for (int t = 0; t < threads; t++)
         v[t] = t + 1 + (b % 3 ? (t + 1) % threads + 1 : 0);
      for (int k = 0; k < (b == 5 ? 3 : b); k++)
         v = shifted(v, 33, k);
      for (int t = 0; t < threads; t++) {
         int want = b == 0 ? v[t] : b == 1 ? v[threads - 1 - t] * 2 : -v[t];
         expect_equal(got[b * threads + t], want, "conditional", b * threads + t);
      }
   }
}

static void
check_called()
{
   std::vector<int> got = result();
   for (int b = 0; b < blocks; b++)
      for (int t = 0; t < threads; t++) {
         int d = b + 1, way = b % 2 ? 1 : d * (d + 1) / 2, added = b % 2 ? 0 : d - 1;
         expect_equal(got[b * threads + t], (t + way) % threads + added, "called", t);
      }
}

static void
check_roles()
{
   pipeline<<<blocks, threads>>>(words);
   std::vector<int> got = result();
   for (int i = 0; i < blocks * 64; i++)
      expect_equal(got[i], 4500 + 10 * (63 - i % 64), "pipeline", i);
   pairs_of_warps<<<1, threads>>>(words);
   got = result();
   for (int t = 0; t < threads; t++) {
      int from = threads - 1 - t, pair = from / 64, turns = 3 + 4 * pair;
      int start = pair * 64 + (from + 32 * turns) % 64;
      expect_equal(got[t], start + turns, "pairs of warps", t);
   }
}

static void
check_reductions()
{
   const int n = 8;
   reductions<<<1, threads>>>(words, n);
   std::vector<int> got = result();
   int counts = 0;
   for (int k = 0; k < n; k++)
      counts += (threads + k + 1) / (k + 2);
   for (int t = 0; t < threads; t++) {
      expect_equal(got[t * 4], counts, "__syncthreads_count", t);
      expect_equal(got[t * 4 + 1], 4, "__syncthreads_and", t); /* k = 0 to 3 */
      expect_equal(got[t * 4 + 2], 4, "__syncthreads_or", t);  /* 0, 40, 80, 120 */
      expect_equal(got[t * 4 + 3], 1, "barrier.red of 64", t);
   }
}

int
main()
{
   CHECK(cudaMalloc(&words, n_words * 4));
   CHECK(cudaMemset(words, 0, n_words * 4));
   conditional<<<blocks, threads>>>(words);
   check_conditional();
   leaving<<<blocks, threads>>>(words);
   std::vector<int> got = result();
   for (int i = 0; i < blocks * 4; i++) {
      static const int after[] = {96, 160, 192, 224};
      expect_equal(got[i], after[i % 4], "leaving", i);
   }
   threads_leave<<<1, threads>>>(words);
   expect_equal(result()[0], threads - 18, "threads that stayed", 0);
   called<<<blocks, threads>>>(words);
   check_called();
   check_roles();
   check_reductions();
   two_paths<<<1, threads>>>(words);
   got = result();
   for (int t = 0; t < threads; t++) {
      int near = t % 3 ? (t + threads - 1) % threads : (t + 1) % threads;
      expect_equal(got[t], t % 3 ? -near * near : near * near, "two paths", t);
   }
   groups<<<1, threads>>>(words);
   got = result();
   for (int t = 0; t < threads; t++)
      expect_equal(got[t], (t / 32 % 2 ? 0 : 5 * (t ^ 31)) + 5 * ((t + 64) % threads) + t * t,
                   "groups", t);
   return finish(ok);
}
