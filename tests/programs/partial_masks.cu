/* SPDX-License-Identifier: Apache-2.0
 * Operations of some lanes of a warp: in branches, in loops that lanes leave one by one, in
 * cases of a switch, by masks that are computed, and by groups of cooperative_groups. Each
 * lane tells what it got; the host works out the same lane by lane. */
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <vector>

#include "../../examples/check.h"

namespace cg = cooperative_groups;
constexpr int threads = 96, per_thread = 16;
constexpr unsigned everyone = 0xffffffffu;

__device__ int
key_of(int t)
{
   return (t * 37 + 11) % 64 / 9;
}

/* Odd and even lanes, each with their own mask. */
__global__ void
branches(int *out)
{
   int t = threadIdx.x, lane = t % 32, *mine = out + t * per_thread;
   if (lane % 2) {
      unsigned m = 0xaaaaaaaau;
      mine[0] = __shfl_sync(m, t, 7);
      mine[1] = __shfl_up_sync(m, t, 2);
      mine[2] = __shfl_down_sync(m, t, 4, 16);
      mine[3] = __shfl_xor_sync(m, t, 6, 8);
      mine[4] = (int)__ballot_sync(m, lane > 10);
      mine[5] = (int)__reduce_add_sync(m, t);
      mine[6] = (int)__match_any_sync(m, t / 8 % 3);
   } else {
      unsigned m = 0x55555555u;
      mine[0] = __shfl_sync(m, t * 3, 16);
      mine[1] = __any_sync(m, lane == 7);
      mine[2] = __all_sync(m, lane % 2 == 0);
      mine[3] = (int)__reduce_min_sync(m, 100 - t);
      mine[4] = (int)__reduce_xor_sync(m, 1u << lane % 5);
      mine[5] = (int)__activemask() & (int)~m; /* whoever else: not the odd ones */
      mine[6] = (int)__match_any_sync(m, (long long)lane << 40 >> 42);
   }
   __syncwarp();
   mine[7] = (int)__reduce_max_sync(everyone, t ^ 21);
}

/* Lanes leave one by one; those that are left vote on what to do next. */
__global__ void
leave_one_by_one(int *out)
{
   int t = threadIdx.x, lane = t % 32, n = t * 7 % 13;
   unsigned m = everyone;
   int sum = 0, rounds = 0, key = key_of(t);
   for (int k = 0;; k++) {
      unsigned left = __ballot_sync(m, k < n);
      if (k >= n)
         break;
      m = left;
      sum += __popc(m) + (int)__reduce_add_sync(m, lane);
      sum ^= __shfl_sync(m, key + k, 31 - __clz(m));
      unsigned same = __match_any_sync(m, key);
      if (__ffs(same) - 1 == lane)
         sum += 1000;
      rounds++;
   }
   out[t * per_thread] = sum;
   out[t * per_thread + 1] = rounds;
}

/* Every case has its own lanes. */
__global__ void
cases(int *out)
{
   int t = threadIdx.x, key = key_of(t), *mine = out + t * per_thread;
   unsigned m = __match_any_sync(everyone, key);
   switch (key) {
   case 0:
   case 1:
      mine[0] = (int)__reduce_or_sync(m, 1u << t % 32);
      break;
   case 2:
      mine[0] = __shfl_sync(m, t, __ffs(m) - 1);
      [[fallthrough]];
   case 3:
      mine[1] = (int)__reduce_and_sync(m, ~(1u << t % 32));
      break;
   case 4: {
      int same;
      mine[0] = (int)__match_all_sync(m, key, &same);
      mine[1] = same;
      mine[2] = (int)__match_all_sync(m, t, &same);
      mine[3] = same;
      break;
   }
   default:
      for (int k = 0; k < key; k++)
         mine[0] += __popc(__ballot_sync(m, (t + k) % 3 == 0));
   }
   mine[4] = (int)m;
}

/* Work is divided among whoever is there, as libraries do with an atomic for a warp. */
__global__ void
aggregated(int *count, int *slots, int *out)
{
   int t = threadIdx.x;
   if (t % 3 == 1 || t % 32 > 25) {
      cg::coalesced_group g = cg::coalesced_threads();
      int first = 0;
      if (g.thread_rank() == 0)
         first = atomicAdd(count, (int)g.size());
      int at = g.shfl(first, 0) + (int)g.thread_rank();
      slots[at] = t + 1;
      out[t * per_thread] = (int)g.size();
      out[t * per_thread + 1] = (int)g.thread_rank();
      out[t * per_thread + 2] = cg::reduce(g, t, cg::plus<int>());
      out[t * per_thread + 3] = g.ballot(t % 2 == 0);
   }
}

__global__ void
groups(int *out)
{
   int t = threadIdx.x, *mine = out + t * per_thread;
   cg::thread_block block = cg::this_thread_block();
   cg::thread_block_tile<32> warp = cg::tiled_partition<32>(block);
   cg::thread_block_tile<8> tile = cg::tiled_partition<8>(warp);
   mine[0] = tile.shfl_down(t, 3);
   mine[1] = cg::reduce(tile, t, cg::greater<int>());
   mine[2] = cg::inclusive_scan(tile, t);
   mine[3] = cg::exclusive_scan(warp, 1);
   if (tile.meta_group_rank() % 2) {
      mine[4] = (int)tile.ballot(t % 3 == 0);
      mine[5] = tile.any(t == 77);
   }
   cg::coalesced_group labelled = cg::labeled_partition(warp, key_of(t));
   mine[6] = (int)labelled.size();
   mine[7] = (int)labelled.thread_rank();
   mine[8] = cg::reduce(labelled, t, cg::less<int>());
   cg::coalesced_group half = cg::binary_partition(warp, key_of(t) > 3);
   mine[9] = (int)half.size();
   mine[10] = half.shfl(t, 0);
   if (key_of(t) % 2) {
      cg::coalesced_group now = cg::coalesced_threads();
      cg::coalesced_group four = cg::tiled_partition(now, 4);
      mine[11] = (int)four.size();
      mine[12] = cg::reduce(four, 1, cg::plus<int>());
   }
   mine[13] = warp.match_any(key_of(t));
}

/* -- The host's side. */
static bool ok = true;
static int *words;
static std::vector<int> got;

static void
expect(int t, int k, long long want, const char *what)
{
   int have = got[t * per_thread + k];
   if (have != (int)want && ok)
      printf("%s: thread %d, %d: got %d, want %d\n", what, t, k, have, (int)want);
   ok = ok && have == (int)want;
}

static void
fetch()
{
   got.resize(threads * per_thread);
   CHECK(cudaMemcpy(got.data(), words, got.size() * 4, cudaMemcpyDeviceToHost));
   CHECK(cudaMemset(words, 0, got.size() * 4));
}

static int
key(int t)
{
   return (t * 37 + 11) % 64 / 9;
}

template <typename F>
static unsigned
lanes_where(unsigned mask, int warp, F holds)
{
   unsigned r = 0;
   for (int l = 0; l < 32; l++)
      if (mask >> l & 1 && holds(warp * 32 + l))
         r |= 1u << l;
   return r;
}

template <typename F>
static long long
total(unsigned mask, int warp, F value)
{
   long long r = 0;
   for (int l = 0; l < 32; l++)
      r += mask >> l & 1 ? (long long)value(warp * 32 + l) : 0;
   return r;
}

static int
first_lane(unsigned m)
{
   return __builtin_ctz(m);
}

static void
check_branches()
{
   fetch();
   for (int t = 0; t < threads; t++) {
      int w = t / 32, l = t % 32;
      int most = 0;
      for (int q = 0; q < 32; q++)
         most = std::max(most, (w * 32 + q) ^ 21);
      expect(t, 7, most, "maximum of all");
      if (l % 2) {
         unsigned m = 0xaaaaaaaau;
         expect(t, 0, w * 32 + 7, "shfl");
         expect(t, 1, l >= 2 ? t - 2 : t, "shfl up");
         expect(t, 2, l % 16 + 4 < 16 ? t + 4 : t, "shfl down");
         expect(t, 3, t ^ 6, "shfl xor");
         expect(t, 4, m & ~0x7ffu, "ballot");
         expect(t, 5, total(m, w, [](int q) { return q; }), "sum");
         expect(t, 6, lanes_where(m, w, [&](int q) { return q / 8 % 3 == t / 8 % 3; }),
                "match");
      } else {
         unsigned m = 0x55555555u;
         expect(t, 0, (w * 32 + 16) * 3, "shfl");
         expect(t, 1, 0, "any");
         expect(t, 2, 1, "all");
         expect(t, 3, 100 - (w * 32 + 30), "minimum");
         unsigned x = 0;
         for (int q = 0; q < 32; q += 2)
            x ^= 1u << q % 5;
         expect(t, 4, x, "xor");
         expect(t, 5, 0, "active lanes");
         expect(t, 6, lanes_where(m, w, [&](int q) { return q % 32 / 4 == l / 4; }),
                "match of 64 bits");
      }
   }
}

static void
check_leaving()
{
   fetch();
   for (int t = 0; t < threads; t++) {
      int w = t / 32, sum = 0, n = t * 7 % 13;
      for (int k = 0; k < n; k++) {
         unsigned m =
            lanes_where(everyone, w, [&](int q) { return k < q * 7 % 13; });
         sum += __builtin_popcount(m) + (int)total(m, w, [](int q) { return q % 32; });
         sum ^= key(w * 32 + 31 - __builtin_clz(m)) + k;
         unsigned same = lanes_where(m, w, [&](int q) { return key(q) == key(t); });
         sum += first_lane(same) == t % 32 ? 1000 : 0;
      }
      expect(t, 0, sum, "leave one by one");
      expect(t, 1, n, "rounds");
   }
}

static void
check_cases()
{
   fetch();
   for (int t = 0; t < threads; t++) {
      int w = t / 32, k = key(t);
      unsigned m = lanes_where(everyone, w, [&](int q) { return key(q) == k; });
      int want[4] = {0, 0, 0, 0};
      if (k < 2)
         want[0] = (int)m;
      if (k == 2)
         want[0] = w * 32 + first_lane(m);
      if (k == 2 || k == 3)
         want[1] = (int)~m;
      if (k == 4) {
         bool one = !(m & (m - 1));
         want[0] = (int)m;
         want[1] = 1;
         want[2] = one ? (int)m : 0;
         want[3] = one;
      }
      for (int q = 0; k > 4 && q < k; q++)
         want[0] += __builtin_popcount(
            lanes_where(m, w, [&](int x) { return (x + q) % 3 == 0; }));
      for (int q = 0; q < 4; q++)
         expect(t, q, want[q], "cases");
      expect(t, 4, (int)m, "mask of a case");
   }
}

/* Who comes together is not said anywhere, but sizes, ranks and sums must fit together. */
static void
check_aggregated(int *count, int *slots)
{
   fetch();
   int n = 0, want = 0;
   std::vector<int> slot(threads), times(threads + 1);
   CHECK(cudaMemcpy(&n, count, 4, cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(slot.data(), slots, threads * 4, cudaMemcpyDeviceToHost));
   for (int t = 0; t < threads; t++)
      want += t % 3 == 1 || t % 32 > 25;
   ok = ok && n == want;
   for (int i = 0; i < threads; i++)
      times[slot[i]]++;
   for (int t = 0; t < threads; t++) {
      bool there = t % 3 == 1 || t % 32 > 25;
      int size = got[t * per_thread], rank = got[t * per_thread + 1];
      ok = ok && times[t + 1] == there && (there ? rank < size && size <= 32 : !size);
   }
   if (!ok)
      printf("aggregated: %d of %d\n", n, want);
}

static void
check_groups()
{
   fetch();
   for (int t = 0; t < threads; t++) {
      int w = t / 32, l = t % 32, first = t / 8 * 8;
      expect(t, 0, t % 8 < 5 ? t + 3 : t, "tile: shfl down");
      expect(t, 1, first + 7, "tile: maximum");
      expect(t, 2, (t - first + 1) * (t + first) / 2, "tile: scan");
      expect(t, 3, l, "warp: scan");
      bool odd = l / 8 % 2;
      int third = 0;
      for (int q = 0; q < 8; q++)
         third |= (first + q) % 3 == 0 ? 1 << q : 0;
      /* A tile of eight is the group's rank in its parent, a warp. */
      expect(t, 4, odd ? third : 0, "tile: ballot");
      expect(t, 5, odd && first == 72, "tile: any");
      unsigned m = lanes_where(everyone, w, [&](int q) { return key(q) == key(t); });
      expect(t, 6, __builtin_popcount(m), "labelled: size");
      expect(t, 7, __builtin_popcount(m & ((1u << l) - 1)), "labelled: rank");
      expect(t, 8, w * 32 + first_lane(m), "labelled: minimum");
      expect(t, 13, (int)m, "warp: match");
      unsigned h = lanes_where(everyone, w, [&](int q) { return key(q) > 3 == key(t) > 3; });
      expect(t, 9, __builtin_popcount(h), "half: size");
      expect(t, 10, w * 32 + first_lane(h), "half: first");
      int size = got[t * per_thread + 11];
      ok = ok && (key(t) % 2 ? size >= 1 && size <= 4 : size == 0);
      expect(t, 12, size, "four: sum of ones");
   }
}

int
main()
{
   int *slots;
   CHECK(cudaMalloc(&words, threads * per_thread * 4));
   CHECK(cudaMemset(words, 0, threads * per_thread * 4));
   CHECK(cudaMalloc(&slots, (threads + 1) * 4));
   CHECK(cudaMemset(slots, 0, (threads + 1) * 4));
   branches<<<1, threads>>>(words);
   check_branches();
   leave_one_by_one<<<1, threads>>>(words);
   check_leaving();
   cases<<<1, threads>>>(words);
   check_cases();
   aggregated<<<1, threads>>>(slots + threads, slots, words);
   check_aggregated(slots + threads, slots);
   groups<<<1, threads>>>(words);
   check_groups();
   return finish(ok);
}
