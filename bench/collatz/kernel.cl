// SPDX-License-Identifier: Apache-2.0
// Steps of the Collatz sequence from 1 to n down to 1: divergent loops on 64-bit integers.

__kernel void
collatz(int n, __global int *steps)
{
   int i = get_global_id(0);
   if (i >= n)
      return;
   ulong x = i + 1;
   int k = 0;
   while (x != 1) {
      x = x % 2 ? 3 * x + 1 : x / 2;
      k++;
   }
   steps[i] = k;
}
