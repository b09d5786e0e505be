// SPDX-License-Identifier: Apache-2.0
// Atomic additions, seconds for each: all threads to one address, with the result unused
// and used; to 1024 addresses; to shared memory; f32; and a compare-and-swap loop.
#include "micro.h"

#define BLOCKS 256
#define T 256
#define ALL (BLOCKS * T)

__global__ void
one_address(unsigned *x)
{
   atomicAdd(x, 1u);
}

__global__ void
one_address_used(unsigned *x, unsigned *out)
{
   out[blockIdx.x * T + threadIdx.x] = atomicAdd(x, 1u);
}

__global__ void
many_addresses(unsigned *x)
{
   unsigned i = blockIdx.x * T + threadIdx.x;
   atomicAdd(&x[i * 2654435761u >> 22], 1u);
}

__global__ void
in_shared(unsigned *x)
{
   __shared__ unsigned s[64];
   if (threadIdx.x < 64)
      s[threadIdx.x] = 0;
   __syncthreads();
   atomicAdd(&s[threadIdx.x * 7 % 64], 1u);
   __syncthreads();
   if (threadIdx.x == 0)
      for (int k = 0; k < 64; k++)
         x[blockIdx.x] += s[k];
}

__global__ void
floats(float *x)
{
   atomicAdd(x, 1.0f);
}

__global__ void
swap_loop(unsigned *x)
{
   unsigned i = (blockIdx.x * T + threadIdx.x) % 1024, old = x[i], seen;
   while ((seen = atomicCAS(&x[i], old, old + 1)) != old)
      old = seen;
}

// Seconds an addition of a launch whose additions must sum to ALL over n counters.
#define ATOMICS(name, n, launch)                                                         \
   do {                                                                                  \
      MICRO(name, 4 * ALL, {                                                             \
         cudaMemset(x, 0, 1024 * sizeof(unsigned));                                      \
         launch;                                                                         \
         cudaDeviceSynchronize();                                                        \
         micro_done += ALL - 1;                                                          \
      });                                                                                \
      unsigned sum = 0;                                                                  \
      for (int k = 0; k < (n); k++)                                                      \
         sum += x[k];                                                                    \
      if (sum != ALL)                                                                    \
         micro_fail(name);                                                               \
   } while (0)

int
main(void)
{
   unsigned *x = (unsigned *)bench_alloc(1024 * sizeof(unsigned));
   unsigned *out = (unsigned *)bench_alloc(ALL * sizeof(unsigned));
   ATOMICS("atomic_one_address", 1, (one_address<<<BLOCKS, T>>>(x)));
   ATOMICS("atomic_one_address_result_used", 1, (one_address_used<<<BLOCKS, T>>>(x, out)));
   ATOMICS("atomic_1024_addresses", 1024, (many_addresses<<<BLOCKS, T>>>(x)));
   ATOMICS("atomic_shared", BLOCKS, (in_shared<<<BLOCKS, T>>>(x)));
   ATOMICS("atomic_cas_loop_1024_addresses", 1024, (swap_loop<<<BLOCKS, T>>>(x)));
   float *f = bench_floats(1);
   MICRO("atomic_float_one_address", 4 * ALL, {
      *f = 0;
      floats<<<BLOCKS, T>>>(f);
      cudaDeviceSynchronize();
      micro_done += ALL - 1;
   });
   if (*f != ALL)
      micro_fail("float additions were lost");
}
