// SPDX-License-Identifier: Apache-2.0
// Cooperative groups: ranks, shuffles, votes, reductions and scans of tiles, coalesced,
// labelled and binary partitions, against sums worked out on the host; grid barriers.
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cooperative_groups/memcpy_async.h>
#include <algorithm>
#include <cstdio>
#include <vector>

namespace cg = cooperative_groups;

constexpr int block_size = 128, tests = 24;
static int passed, failed;

struct wide {
   double a;
   int b;
   char c;
};

__device__ int
generic_sum(cg::thread_group g, int *scratch, int v)
{
   int rank = (int)g.thread_rank(), size = (int)g.size();
   scratch[rank] = v;
   g.sync();
   int sum = 0;
   for (int i = 0; i < size; i++)
      sum += scratch[i];
   g.sync();
   return sum;
}

template <int Size>
__device__ void
tile_tests(cg::thread_block b, int *out)
{
   auto t = cg::tiled_partition<Size>(b);
   int i = (int)b.thread_rank(), k = 0;
   out[k++] = (int)t.thread_rank();
   out[k++] = (int)t.meta_group_rank();
   out[k++] = (int)t.meta_group_size();
   out[k++] = t.shfl(i, Size - 1);
   out[k++] = t.shfl_up(i, 1);
   out[k++] = t.shfl_down(i, 1);
   out[k++] = t.shfl_xor(i, Size / 2);
   out[k++] = (int)t.ballot(i % 3 == 0);
   out[k++] = t.any(i % Size == 5) * 2 + t.all(i < 64);
   out[k++] = cg::reduce(t, i, cg::plus<int>());
   out[k++] = cg::reduce(t, i * 7 % 11, cg::greater<int>());
   out[k++] = cg::inclusive_scan(t, i, cg::plus<int>());
   out[k++] = cg::exclusive_scan(t, i);
   wide w = {i + 0.5, -i, 'x'};
   w = t.shfl(w, 0);
   out[k++] = (int)(w.a * 2) + w.b * 1000 + (w.c == 'x');
   out[k++] = (int)t.match_any(i % 3);
}

template <int Size>
__global__ void
tiles(int *out)
{
   tile_tests<Size>(cg::this_thread_block(), out + tests * threadIdx.x);
}

template <int Size>
static void
expect_tiles(const std::vector<int> &out)
{
   for (int i = 0; i < block_size; i++) {
      int first = i / Size * Size, rank = i % Size, sum = 0, up_to = 0, largest = 0;
      unsigned threes = 0, same = 0;
      bool any = false, all = true;
      for (int j = first; j < first + Size; j++) {
         sum += j;
         up_to += j <= i ? j : 0;
         largest = std::max(largest, j * 7 % 11);
         threes |= (unsigned)(j % 3 == 0) << (j - first);
         same |= (unsigned)(j % 3 == i % 3) << (j - first);
         any |= j % Size == 5;
         all &= j < 64;
      }
      int expected[] = {rank,
                        i / Size,
                        block_size / Size,
                        first + Size - 1,
                        rank ? i - 1 : i,
                        rank < Size - 1 ? i + 1 : i,
                        Size > 1 ? first + (rank ^ (Size / 2)) : i,
                        (int)threes,
                        any * 2 + all,
                        sum,
                        largest,
                        up_to,
                        up_to - i,
                        2 * first + 1 - 1000 * first + 1,
                        (int)same};
      for (size_t k = 0; k < sizeof expected / sizeof *expected; k++) {
         bool ok = out[i * tests + k] == expected[k];
         ok ? passed++ : failed++;
         if (!ok && failed < 20)
            printf("tile of %d, thread %d, test %zu: %d, not %d\n", Size, i, k,
                   out[i * tests + k], expected[k]);
      }
   }
}

__global__ void
others(int *out)
{
   __shared__ int scratch[block_size];
   auto b = cg::this_thread_block();
   int i = (int)b.thread_rank(), k = 0;
   out += tests * i;
   out[k++] = generic_sum(b, scratch, i);
   auto quarter = cg::tiled_partition(b, 8);
   out[k++] = generic_sum(quarter, scratch + i / 8 * 8, i);
   auto warp = cg::tiled_partition<32>(b);
   int odd_sum = -1, odd_rank = -1, odd_size = -1, next = -1;
   if (i % 3 == 1) {
      cg::coalesced_group c = cg::coalesced_threads();
      odd_rank = (int)c.thread_rank();
      odd_size = (int)c.size();
      odd_sum = cg::reduce(c, i, cg::plus<int>());
      next = c.shfl_down(i, 1);
   }
   warp.sync();
   out[k++] = odd_rank;
   out[k++] = odd_size;
   out[k++] = odd_sum;
   out[k++] = next;
   auto label = cg::labeled_partition(warp, i % 5);
   out[k++] = (int)label.thread_rank() + 100 * (int)label.size();
   out[k++] = cg::reduce(label, 1, cg::plus<int>());
   auto half = cg::binary_partition(warp, i % 4 == 0);
   out[k++] = (int)half.size() + 100 * (int)half.thread_rank();
   cg::memcpy_async(b, scratch, out - tests * i, sizeof(int) * 4);
   cg::wait(b);
   out[k++] = scratch[0];
   out[k++] = cg::invoke_one_broadcast(warp, [&] { return i * 10; });
}

/* Every block adds to all counters of the round; after the barrier all must be full. */
__global__ void
rounds(int *counters, int *wrong, int n)
{
   auto g = cg::this_grid();
   if (!g.is_valid())
      return;
   for (int r = 0; r < n; r++) {
      if (threadIdx.x == 0)
         atomicAdd(&counters[r], 1);
      g.sync();
      if (counters[r] != (int)gridDim.x)
         atomicAdd(wrong, 1);
   }
   if (g.thread_rank() == g.size() - 1)
      atomicAdd(&counters[n], 1);
}

static void
check(const char *what, int got, int expected)
{
   got == expected ? passed++ : failed++;
   if (got != expected && failed < 20)
      printf("%s: %d, not %d\n", what, got, expected);
}

static void
expect_others(const std::vector<int> &out)
{
   for (int i = 0; i < block_size; i++) {
      const int *o = &out[i * tests];
      int lane = i % 32, warp = i - lane, sum = 0, count = 0, rank = 0, next = i;
      int same = 0, same_rank = 0, fours = 0, four_rank = 0;
      for (int j = warp; j < warp + 32; j++) {
         if (j % 3 == 1) {
            sum += j;
            count++;
            rank += j < i;
            next = j > i && next == i ? j : next;
         }
         same += j % 5 == i % 5;
         same_rank += j % 5 == i % 5 && j < i;
         fours += (j % 4 == 0) == (i % 4 == 0);
         four_rank += (j % 4 == 0) == (i % 4 == 0) && j < i;
      }
      bool odd = i % 3 == 1;
      check("block sum", o[0], block_size * (block_size - 1) / 2);
      check("tile of 8 sum", o[1], 8 * (i / 8 * 8) + 28);
      check("coalesced rank", o[2], odd ? rank : -1);
      check("coalesced size", o[3], odd ? count : -1);
      check("coalesced sum", o[4], odd ? sum : -1);
      check("coalesced next", o[5], odd ? next : -1);
      check("label", o[6], same_rank + 100 * same);
      check("label sum", o[7], same);
      check("binary", o[8], fours + 100 * four_rank);
      check("copied", o[9], block_size * (block_size - 1) / 2);
      check("one for all", o[10], warp * 10);
   }
}

int
main()
{
   int *device;
   std::vector<int> out(block_size * tests);
   size_t bytes = out.size() * sizeof(int);
   cudaMalloc(&device, bytes);
   auto run = [&](void (*kernel)(int *)) {
      cudaMemset(device, 0, bytes);
      kernel<<<1, block_size>>>(device);
      cudaMemcpy(out.data(), device, bytes, cudaMemcpyDeviceToHost);
   };
   run(tiles<1>), expect_tiles<1>(out);
   run(tiles<2>), expect_tiles<2>(out);
   run(tiles<4>), expect_tiles<4>(out);
   run(tiles<8>), expect_tiles<8>(out);
   run(tiles<16>), expect_tiles<16>(out);
   run(tiles<32>), expect_tiles<32>(out);
   run(others), expect_others(out);

   constexpr int n = 20, blocks = 6;
   cudaMemset(device, 0, bytes);
   int *wrong = device + n + 1, count = n;
   void *args[] = {&device, &wrong, &count};
   check("cooperative launch",
         cudaLaunchCooperativeKernel(rounds, dim3(blocks), dim3(64), args, 0, 0),
         cudaSuccess);
   cudaMemcpy(out.data(), device, bytes, cudaMemcpyDeviceToHost);
   for (int r = 0; r < n; r++)
      check("round", out[r], blocks);
   check("last thread", out[n], 1);
   check("early readers", out[n + 1], 0);
   check("errors", cudaGetLastError(), cudaSuccess);
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
