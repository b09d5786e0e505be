/* SPDX-License-Identifier: Apache-2.0
 * Atomics of every type and operation, in global and in shared memory, with results whose
 * value does not depend on the order. */
#include <cstring>
#include <vector>

#include "../../examples/check.h"

struct cells {
   int add, sub, low, high, last, cas;
   unsigned inc, dec, bits_and, bits_or, bits_xor, umin, umax;
   unsigned long long add64, max64, and64, cas64, exch64;
   long long min64;
   float addf;
   double addd, maxd;
   unsigned short cas16;
   unsigned tickets;
};

static cells
start()
{
   cells c;
   memset(&c, 0, sizeof c);
   c.low = 1 << 30;
   c.high = -(1 << 30);
   c.bits_and = c.umin = ~0u;
   c.and64 = ~0ull;
   c.min64 = 1ll << 60;
   c.dec = 5;
   return c;
}

__device__ double
atomic_max_double(double *p, double v)
{
   unsigned long long *bits = (unsigned long long *)p, old = *bits, seen;
   do {
      seen = old;
      if (__longlong_as_double(seen) >= v)
         break;
      old = atomicCAS(bits, seen, __double_as_longlong(v));
   } while (old != seen);
   return __longlong_as_double(old);
}

__device__ void
apply(cells *c, int i, unsigned *order)
{
   atomicAdd(&c->add, i);
   atomicSub(&c->sub, 2 * i);
   atomicMin(&c->low, i - 7);
   atomicMax(&c->high, i - 7);
   atomicExch(&c->last, 4711);
   atomicInc(&c->inc, 6);
   atomicDec(&c->dec, 9);
   atomicAnd(&c->bits_and, ~(1u << (i % 31)));
   atomicOr(&c->bits_or, 1u << (i % 30));
   atomicXor(&c->bits_xor, (unsigned)i * 2654435761u);
   atomicMin(&c->umin, 0x80000000u + i);
   atomicMax(&c->umax, 0x80000000u + i);
   atomicAdd(&c->add64, 0x100000000ull + i);
   atomicMax(&c->max64, (unsigned long long)i << 33);
   atomicAnd(&c->and64, ~(1ull << (i % 63)));
   atomicMin(&c->min64, -(long long)i << 34);
   atomicExch(&c->exch64, 0x123456789abcdefull);
   atomicAdd(&c->addf, 0.5f);
   atomicAdd(&c->addd, 0.25 * i);
   atomic_max_double(&c->maxd, i * 1.5);
   /* A counter by compare and swap. */
   int seen = c->cas, old;
   while ((old = atomicCAS(&c->cas, seen, seen + 3)) != seen)
      seen = old;
   unsigned long long seen64 = c->cas64, old64;
   while ((old64 = atomicCAS(&c->cas64, seen64, seen64 + (1ull << 35))) != seen64)
      seen64 = old64;
   unsigned short seen16 = c->cas16, old16;
   while ((old16 = atomicCAS(&c->cas16, seen16, (unsigned short)(seen16 + 1))) != seen16)
      seen16 = old16;
   /* The old values are all different. */
   if (order)
      order[atomicAdd(&c->tickets, 1)] = i;
}

__global__ void
in_global(cells *c, unsigned *order)
{
   apply(c, blockIdx.x * blockDim.x + threadIdx.x, order);
}

__global__ void
in_shared(cells *c, cells first)
{
   __shared__ cells s;
   if (threadIdx.x == 0)
      s = first;
   __syncthreads();
   apply(&s, threadIdx.x, nullptr);
   atomicAdd_block(&s.tickets, 2u);
   __syncthreads();
   if (threadIdx.x == 0)
      *c = s;
}

static int
check(const char *where, const cells &c, int n, unsigned tickets)
{
   unsigned x = 0;
   double sumd = 0;
   unsigned inc = 0, dec = 5;
   for (int i = 0; i < n; i++) {
      x ^= (unsigned)i * 2654435761u;
      sumd += 0.25 * i;
      inc = inc >= 6 ? 0 : inc + 1;
      dec = dec == 0 || dec > 9 ? 9 : dec - 1;
   }
   int wrong = 0;
#define SAME(field, value)                                                               \
   if (c.field != (value)) {                                                             \
      printf("%s: %s is %.17g, not %.17g\n", where, #field, (double)c.field,             \
             (double)(value));                                                           \
      wrong++;                                                                           \
   }
   SAME(add, n * (n - 1) / 2)
   SAME(sub, -n * (n - 1))
   SAME(low, -7)
   SAME(high, n - 8)
   SAME(last, 4711)
   SAME(cas, 3 * n)
   SAME(inc, inc)
   SAME(dec, dec)
   SAME(bits_and, 0x80000000u)
   SAME(bits_or, 0x3fffffffu)
   SAME(bits_xor, x)
   SAME(umin, 0x80000000u)
   SAME(umax, 0x80000000u + n - 1)
   SAME(add64, ((unsigned long long)n << 32) + n * (n - 1) / 2)
   SAME(max64, (unsigned long long)(n - 1) << 33)
   SAME(and64, n >= 63 ? 1ull << 63 : c.and64)
   SAME(min64, -((long long)(n - 1) << 34))
   SAME(cas64, (unsigned long long)n << 35)
   SAME(exch64, 0x123456789abcdefull)
   SAME(addf, 0.5f * n)
   SAME(addd, sumd)
   SAME(maxd, (n - 1) * 1.5)
   SAME(cas16, (unsigned short)n)
   SAME(tickets, tickets)
   return wrong;
}

int
main()
{
   const int threads = 96, blocks = 5, n = threads * blocks;
   cells *d, c = start();
   unsigned *dorder;
   CHECK(cudaMalloc(&d, sizeof c));
   CHECK(cudaMalloc(&dorder, n * sizeof(unsigned)));
   CHECK(cudaMemcpy(d, &c, sizeof c, cudaMemcpyHostToDevice));
   in_global<<<blocks, threads>>>(d, dorder);
   CHECK_LAUNCH();
   std::vector<unsigned> order(n);
   CHECK(cudaMemcpy(&c, d, sizeof c, cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(order.data(), dorder, n * sizeof(unsigned), cudaMemcpyDeviceToHost));
   int wrong = check("global", c, n, n);
   std::vector<bool> seen(n);
   for (unsigned i : order) {
      wrong += i >= (unsigned)n || seen[i];
      if (i < (unsigned)n)
         seen[i] = true;
   }
   in_shared<<<1, threads>>>(d, start());
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(&c, d, sizeof c, cudaMemcpyDeviceToHost));
   wrong += check("shared", c, threads, 2 * threads);
   printf("%d wrong\n", wrong);
   CHECK(cudaFree(d));
   CHECK(cudaFree(dorder));
   return finish(wrong == 0);
}
