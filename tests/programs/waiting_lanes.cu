/* SPDX-License-Identifier: Apache-2.0
 * Lanes of one warp that wait for each other, as independent thread scheduling allows: a
 * lock for each lane and one for all, tickets, a token handed round, producers and
 * consumers, a queue, a barrier made of atomics, one lane that waits for all. */
#include <vector>

#include "../../examples/check.h"

constexpr int threads = 96, blocks = 3, everybody = threads * blocks;

/* The lock is taken and given back in the loop's body, as programs for older cards do, and
 * in a loop of its own. */
__global__ void
locks(int *lock, long long *sum, int *most, int *inside)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   for (bool done = false; !done;) {
      if (atomicCAS(lock, 0, 1) == 0) {
         *most = max(*most, atomicAdd(inside, 1) + 1);
         *sum += i * i;
         __threadfence();
         atomicSub(inside, 1);
         atomicExch(lock, 0);
         done = true;
      }
   }
   while (atomicCAS(lock, 0, 1) != 0)
      ;
   __threadfence();
   *most = max(*most, atomicAdd(inside, 1) + 1);
   *sum += 1;
   atomicSub(inside, 1);
   __threadfence();
   atomicExch(lock, 0);
}

/* Two locks each, always the lower first: dining philosophers in a block. */
__global__ void
philosophers(int *forks, int *meals)
{
   int me = threadIdx.x, next = (me + 1) % blockDim.x;
   int *first = forks + min(me, next), *second = forks + max(me, next);
   for (int k = 0; k < 4; k++) {
      while (atomicCAS(first, 0, 1))
         __nanosleep(20);
      while (atomicCAS(second, 0, 1))
         __nanosleep(20);
      __threadfence();
      *(volatile int *)&meals[me] += 1;
      *(volatile int *)&meals[next] += 1;
      __threadfence();
      atomicExch(second, 0);
      atomicExch(first, 0);
   }
}

/* A ticket lock: first come, first served. */
__global__ void
tickets(unsigned *next, volatile unsigned *serving, int *order)
{
   unsigned mine = atomicAdd(next, 1u);
   while (*serving != mine)
      ;
   __threadfence();
   order[mine] = blockIdx.x * blockDim.x + threadIdx.x;
   __threadfence();
   *serving = mine + 1;
}

/* From the last lane to the first, and round again. */
__global__ void
token(volatile int *at, int *out, int turns)
{
   int me = blockDim.x - 1 - threadIdx.x;
   for (int k = 0; k < turns; k++) {
      while (*at != k * (int)blockDim.x + me)
         ;
      out[threadIdx.x] = out[threadIdx.x] * 3 + *at;
      __threadfence();
      *at = *at + 1;
   }
}

/* Even lanes make, odd lanes take, through cells of shared memory. */
__global__ void
pairs(int *out)
{
   __shared__ volatile int cell[threads], full[threads];
   int me = threadIdx.x, slot = me / 2;
   full[me] = 0;
   __syncthreads();
   if (me % 2 == 0) {
      for (int k = 1; k <= 20; k++) {
         while (full[slot])
            ;
         cell[slot] = k * me;
         __threadfence_block();
         full[slot] = 1;
      }
   } else {
      int sum = 0;
      for (int k = 1; k <= 20; k++) {
         while (!full[slot])
            ;
         __threadfence_block();
         sum += cell[slot];
         full[slot] = 0;
      }
      out[blockIdx.x * blockDim.x + me] = sum;
   }
}

/* Lane 0 waits until all others have been there; they wait for its answer. */
__global__ void
gather(int *count, volatile int *answer, int *out)
{
   int me = threadIdx.x;
   if (me == 0) {
      while (atomicAdd(count, 0) != (int)blockDim.x - 1)
         ;
      *answer = 42;
   } else {
      atomicAdd(count, 1);
      while (*answer == 0)
         ;
   }
   out[me] = *answer + me;
}

/* A barrier of the block's own making, which turns over. */
__global__ void
own_barrier(int *count, volatile int *sense, int *cells, int *wrong)
{
   int me = threadIdx.x, n = blockDim.x;
   for (int k = 0; k < 5; k++) {
      cells[me] = k * 1000 + me;
      __threadfence_block();
      int now = *sense;
      if (atomicAdd(count, 1) == n - 1) {
         *count = 0;
         __threadfence_block();
         *sense = now + 1;
      } else {
         while (*sense == now)
            ;
      }
      if (*(volatile int *)&cells[(me + 1) % n] / 1000 < k)
         atomicAdd(wrong, 1);
   }
}

/* Work that lanes put into a list while others still take from it. */
__global__ void
list(int *items, int *head, int *tail, int *left, unsigned long long *sum)
{
   for (;;) {
      if (atomicAdd(left, 0) == 0)
         break;
      int h = atomicAdd(head, 0);
      if (h >= atomicAdd(tail, 0))
         continue;
      if (atomicCAS(head, h, h + 1) != h)
         continue;
      int v;
      while ((v = atomicExch(&items[h], 0)) == 0)
         ;
      atomicAdd(sum, (unsigned long long)v);
      if (v > 1) {
         atomicAdd(left, 2);
         for (int part : {v / 2, v - v / 2})
            atomicExch(&items[atomicAdd(tail, 1)], part);
      }
      atomicSub(left, 1);
   }
}

static bool ok = true;

template <typename T>
static void
expect_equal(T got, T want, const char *what)
{
   if (got != want && ok)
      printf("%s: got %lld, want %lld\n", what, (long long)got, (long long)want);
   ok = ok && got == want;
}

template <typename T>
static std::vector<T>
read(const T *p, size_t n)
{
   std::vector<T> v(n);
   CHECK(cudaMemcpy(v.data(), p, n * sizeof(T), cudaMemcpyDeviceToHost));
   return v;
}

int
main()
{
   const size_t n = 8192;
   int *words;
   CHECK(cudaMalloc(&words, n * 4));
   auto clear = [&] { CHECK(cudaMemset(words, 0, n * 4)); };

   clear();
   locks<<<blocks, threads>>>(words, (long long *)(words + 2), words + 4, words + 5);
   long long want = everybody;
   for (long long i = 0; i < everybody; i++)
      want += i * i;
   expect_equal(read((long long *)(words + 2), 1)[0], want, "sum under the lock");
   expect_equal(read(words + 4, 1)[0], 1, "threads that held it at once");

   clear();
   philosophers<<<1, threads>>>(words, words + threads);
   for (int meals : read(words + threads, threads))
      expect_equal(meals, 8, "meals");

   clear();
   tickets<<<blocks, threads>>>((unsigned *)words, (unsigned *)words + 1, words + 2);
   std::vector<int> times(everybody);
   for (int who : read(words + 2, everybody))
      times[who]++;
   for (int t : times)
      expect_equal(t, 1, "times served");

   clear();
   token<<<1, threads>>>(words, words + 1, 3);
   std::vector<int> held = read(words + 1, threads);
   for (int i = 0; i < threads; i++) {
      int me = threads - 1 - i, w = 0;
      for (int k = 0; k < 3; k++)
         w = w * 3 + k * threads + me;
      expect_equal(held[i], w, "what the token said");
   }

   clear();
   pairs<<<blocks, threads>>>(words);
   std::vector<int> taken = read(words, everybody);
   for (int i = 1; i < everybody; i += 2)
      expect_equal(taken[i], (i % threads - 1) * 210, "taken from the even lane");

   clear();
   gather<<<1, threads>>>(words, words + 1, words + 2);
   std::vector<int> told = read(words + 2, threads);
   for (int i = 0; i < threads; i++)
      expect_equal(told[i], 42 + i, "lane 0's answer");

   clear();
   own_barrier<<<1, threads>>>(words, words + 1, words + 3, words + 2);
   expect_equal(read(words + 2, 1)[0], 0, "threads that passed too early");

   clear();
   int first[] = {0, 1, 1, 200};
   CHECK(cudaMemcpy(words, first, sizeof first, cudaMemcpyHostToDevice));
   list<<<2, 64>>>(words + 3, words, words + 1, words + 2, (unsigned long long *)(words + 2000));
   /* v, and all that v is halved into: level by level 200, and 1s once each. */
   auto all = [](auto self, int v) -> long long {
      return v > 1 ? v + self(self, v / 2) + self(self, v - v / 2) : v;
   };
   expect_equal((long long)read((unsigned long long *)(words + 2000), 1)[0], all(all, 200),
                "sum of all items");
   return finish(ok);
}
