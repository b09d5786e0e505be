// SPDX-License-Identifier: Apache-2.0
// Steps of the Collatz sequence from 1 to n down to 1: divergent loops on 64-bit integers.
#include "../bench.h"

__global__ void
collatz(int n, int *steps)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   unsigned long long x = i + 1;
   int k = 0;
   while (x != 1) {
      x = x % 2 ? 3 * x + 1 : x / 2;
      k++;
   }
   steps[i] = k;
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 20), rounds = (int)bench_arg(argc, argv, 2, 5);
   int *steps = (int *)bench_alloc(n * sizeof(int));
   BENCH(rounds, {
      collatz<<<(n + 255) / 256, 256>>>(n, steps);
      cudaDeviceSynchronize();
   });
   bench_check_ints(steps, n);
}
