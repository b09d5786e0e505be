/* SPDX-License-Identifier: Apache-2.0
 * Calls and jumps that lanes make each in their own way: recursion of different depth and in
 * loops, functions that call each other, pointers to functions and virtual functions that
 * differ by lane, a switch with cases that fall through into loops, gotos into loops. The
 * host runs the same functions thread by thread. */
#include <vector>

#include "../../examples/check.h"

#define BOTH __host__ __device__ __noinline__

constexpr int threads = 160;

/* -- Recursion */
BOTH int
fibonacci(int n)
{
   return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

BOTH int odd(int n, int x);

BOTH int
even(int n, int x)
{
   if (n == 0)
      return x;
   if (x % 5 == 0)
      return odd(n - 1, x + 2) * 3;
   return odd(n - 1, x + 1);
}

BOTH int
odd(int n, int x)
{
   int sum = 0;
   for (int k = 0; k < x % 3; k++)
      sum += n > 1 ? even(n / 2, x + k) : k;
   return n == 0 ? -x : sum + even(n - 1, x * 7 % 31);
}

struct node {
   int value;
   node *left, *right;
};

/* A tree on the thread's own stack, built and taken down by recursion. */
BOTH int
grow(node *up, int depth, unsigned seed)
{
   node here = {(int)(seed % 17), up, nullptr};
   if (depth == 0) {
      int sum = 0;
      for (node *n = &here; n; n = n->left)
         sum = sum * 2 + n->value;
      return sum;
   }
   seed = seed * 1664525u + 1013904223u;
   int sum = seed >> 30 ? grow(&here, depth - 1, seed) : 1;
   return sum + (seed >> 29 & 1 ? grow(&here, depth - 1, seed ^ 0x55u) : here.value);
}

BOTH int
recursion(int t)
{
   int r = t % 3 == 0 ? fibonacci(t % 13) : 0;
   for (int k = 0; k < t % 4; k++)
      r = r * 31 + even(k + t % 7, t + k);
   return r + grow(nullptr, t % 6, (unsigned)t * 2654435761u);
}

/* -- Functions that are chosen when the program runs */
BOTH int
add_three(int x)
{
   return x + 3;
}

BOTH int
times_five(int x)
{
   return x * 5;
}

BOTH int
collatz_steps(int x)
{
   int k = 0;
   for (x = x % 97 + 1; x != 1; k++)
      x = x % 2 ? 3 * x + 1 : x / 2;
   return k;
}

struct shape {
   int side;
   __host__ __device__ explicit shape(int s) : side(s) {}
   __host__ __device__ virtual int area() const { return side; }
   __host__ __device__ virtual int grown(int by) const { return area() + by; }
};

struct square : shape {
   using shape::shape;
   __host__ __device__ int area() const override { return side * side; }
};

struct frame : square {
   using square::square;
   __host__ __device__ int grown(int by) const override
   {
      return by ? square::area() - (side - by) * (side - by) : shape::grown(0);
   }
};

BOTH int
ask(const shape *s, int by)
{
   return s->grown(by) * 2 + s->area();
}

BOTH int
chosen(int t)
{
   using function = int (*)(int);
   const function all[] = {add_three, times_five, collatz_steps, fibonacci};
   int x = t % 11;
   for (int k = 0; k < 4 + t % 3; k++) {
      function f = all[(t + k * k) % 3];
      x = f(x) % 1000;
   }
   x += all[3](t % 9);
   shape plain(t % 4);
   square filled(t % 5);
   frame hollow(t % 7);
   const shape *kinds[] = {&plain, &filled, &hollow};
   for (int k = 0; k < 3; k++)
      x = x * 3 + ask(kinds[(t / 3 + k) % 3], k);
   return x;
}

/* -- Switches and jumps */
BOTH int
jumps(int t)
{
   int x = t, turns = 0;
   switch (t % 8) {
   case 0:
      for (x = 1; x < 40; x += 3) {
      case 1: /* into the loop */
         if (x % 7 == 6)
            continue;
         turns += x;
      case 2:
         turns++;
         if (turns > 60)
            break;
      }
      x += 5;
      [[fallthrough]];
   case 3:
      x *= 2;
      break;
   case 4:
      if (t & 16)
         goto inner;
      goto outer;
   case 5:
   case 6:
      return -x;
   default:
      x ^= 0x3c;
   }
outer:
   x = (x * 13 + 7) % 101;
   if (x % 3 == 0)
      goto done;
inner: /* a loop that is entered at two places */
   x += 4;
   if (++turns < 90 && x % 5)
      goto outer;
   if (turns < 100 && x % 2)
      goto inner;
done:
   return x * 1000 + turns;
}

__global__ void
kernel(int *out)
{
   int t = blockIdx.x * blockDim.x + threadIdx.x;
   out[3 * t] = recursion(t);
   if (t % 5 != 2) /* some lanes only */
      out[3 * t + 1] = chosen(t);
   out[3 * t + 2] = jumps(t);
}

int
main()
{
   const int n = 2 * threads;
   int *d_out;
   std::vector<int> out(3 * n);
   CHECK(cudaMalloc(&d_out, out.size() * 4));
   CHECK(cudaMemset(d_out, 0, out.size() * 4));
   CHECK(cudaDeviceSetLimit(cudaLimitStackSize, 16384));
   kernel<<<2, threads>>>(d_out);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), d_out, out.size() * 4, cudaMemcpyDeviceToHost));
   bool ok = true;
   for (int t = 0; t < n; t++) {
      int want[] = {recursion(t), t % 5 != 2 ? chosen(t) : 0, jumps(t)};
      for (int k = 0; k < 3; k++) {
         if (out[3 * t + k] != want[k] && ok)
            printf("thread %d, %d: got %d, want %d\n", t, k, out[3 * t + k], want[k]);
         ok = ok && out[3 * t + k] == want[k];
      }
   }
   return finish(ok);
}
