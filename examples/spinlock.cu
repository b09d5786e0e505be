/* SPDX-License-Identifier: Apache-2.0
 * A lock that every thread takes, also those of one warp: the holder and the waiting ones
 * are lanes of the same warp, so they must be scheduled independently of each other, as
 * GPUs do since Volta. What the lock protects is not atomic.
 *
 *    kasuri run examples/spinlock.cu [BLOCKS] */
// TEST small 2
#include <vector>

#include "check.h"

struct lock {
   int taken;

   __device__ void
   acquire()
   {
      while (atomicCAS(&taken, 0, 1) != 0) {
      }
      __threadfence(); /* see what the last holder wrote */
   }
   __device__ void
   release()
   {
      __threadfence(); /* let the next holder see what we wrote */
      atomicExch(&taken, 0);
   }
};

struct account {
   lock l;
   long long balance;
   int entries, last;
};

__global__ void
book(account *accounts, int count)
{
   int id = blockIdx.x * blockDim.x + threadIdx.x;
   for (int round = 0; round < 3; round++) {
      account *a = &accounts[(id + round) % count];
      a->l.acquire();
      volatile account *held = a; /* read now, not what was read before */
      held->balance += id;
      held->entries++;
      held->last = id;
      a->l.release();
   }
}

int
main(int argc, char **argv)
{
   int blocks = size_argument(argc, argv, 8, 1, 4096);
   const int threads = 64, count = 3;
   std::vector<account> accounts(count), expected(count);
   account *d;
   CHECK(cudaMalloc(&d, count * sizeof(account)));
   CHECK(cudaMemset(d, 0, count * sizeof(account)));
   book<<<blocks, threads>>>(d, count);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(accounts.data(), d, count * sizeof(account), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(d));

   for (int id = 0; id < blocks * threads; id++)
      for (int round = 0; round < 3; round++) {
         expected[(id + round) % count].balance += id;
         expected[(id + round) % count].entries++;
      }
   bool ok = true;
   for (int i = 0; i < count; i++) {
      printf("account %d: %d entries, balance %lld\n", i, accounts[i].entries,
             accounts[i].balance);
      ok = ok && accounts[i].entries == expected[i].entries &&
           accounts[i].balance == expected[i].balance && accounts[i].l.taken == 0;
   }
   return finish(ok);
}
