/* SPDX-License-Identifier: Apache-2.0
 * Control flow as C++ has it, where each lane goes its own way: the same function runs on
 * host and device and must give the same. */
#include <vector>

#include "../../examples/check.h"

/* Collatz with a limit, and a break in the middle of the loop. */
__host__ __device__ unsigned
collatz(unsigned x)
{
   unsigned steps = 0;
   while (x != 1 && x != 0) {
      if (steps > 60)
         break;
      x = x & 1 ? 3 * x + 1 : x / 2;
      steps++;
   }
   return steps * 1000 + x % 1000;
}

/* A small virtual machine: a switch in a loop with continue, fall through and return. */
__host__ __device__ unsigned
machine(unsigned program)
{
   unsigned a = program * 7 + 1, b = program ^ 0x55, fuel = 100;
   for (int pc = 0; fuel > 0; pc++) {
      fuel--;
      switch ((program >> (pc % 8 * 4)) & 15) {
      case 0:
         a += b;
         continue;
      case 1:
         b ^= a << 1;
         break;
      case 2:
         a -= 3; /* and also: */
      case 3:
         b += a;
         break;
      case 4:
         if (a & 1)
            pc += 2;
         break;
      case 5:
         return a * 31 + b;
      case 6:
         for (unsigned i = 0; i < (b & 7); i++) {
            if (i == 5)
               break;
            a = a * 3 + i;
         }
         break;
      case 7:
      case 8:
         a = (a << 5) | (a >> 27);
         break;
      case 9: {
         unsigned t = a;
         a = b;
         b = t;
         break;
      }
      default:
         a ^= (unsigned)pc;
      }
      if (a == b)
         goto out;
   }
out:
   return a + 17 * b;
}

/* Nested loops with a goto out of both, and a do-while. */
__host__ __device__ int
search(int target)
{
   int tries = 0, i, j;
   for (i = 1; i < 30; i++)
      for (j = i; j < 30; j++) {
         tries++;
         if (i * j == target)
            goto found;
         if (i * j > target)
            break;
      }
   return -tries;
found:
   do {
      tries += i;
      i--;
   } while (i > 0 && tries % 7 != 0);
   return tries * 100 + j;
}

__host__ __device__ int
ackermann(int m, int n)
{
   return m == 0   ? n + 1
          : n == 0 ? ackermann(m - 1, 1)
                   : ackermann(m - 1, ackermann(m, n - 1));
}

__host__ __device__ bool
shortcut(int x, int *calls)
{
   auto is = [calls](bool v) {
      ++*calls;
      return v;
   };
   return (is(x % 2 == 0) && is(x % 3 == 0)) || (is(x % 5 == 0) && !is(x > 50)) ||
          (x % 7 == 0 ? is(x % 4 == 1) : is(false));
}

struct results {
   unsigned collatz, machine;
   int search, ackermann, calls;
   bool shortcut;
};

__host__ __device__ results
compute(unsigned i)
{
   results r = {};
   r.collatz = collatz(i * 13 + 1);
   r.machine = machine(i * 2654435761u);
   r.search = search((int)(i % 400));
   r.ackermann = ackermann((int)(i % 3), (int)(i % 4));
   r.shortcut = shortcut((int)i % 100, &r.calls);
   return r;
}

__global__ void
kernel(results *out, int n)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      out[i] = compute(i);
}

int
main()
{
   const int n = 777;
   std::vector<results> out(n);
   results *d;
   CHECK(cudaMalloc(&d, n * sizeof(results)));
   kernel<<<3, 100>>>(d, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), d, n * sizeof(results), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(d));
   int wrong = 0;
   for (int i = 0; i < n; i++) {
      results e = compute(i);
      bool same = e.collatz == out[i].collatz && e.machine == out[i].machine &&
                  e.search == out[i].search && e.ackermann == out[i].ackermann &&
                  e.calls == out[i].calls && e.shortcut == out[i].shortcut;
      if (!same && wrong++ < 5)
         printf("%d: %u %u %d %d %d %d, not %u %u %d %d %d %d\n", i, out[i].collatz,
                out[i].machine, out[i].search, out[i].ackermann, out[i].calls,
                out[i].shortcut, e.collatz, e.machine, e.search, e.ackermann, e.calls,
                e.shortcut);
   }
   printf("%d wrong\n", wrong);
   return finish(wrong == 0);
}
