/* SPDX-License-Identifier: Apache-2.0
 * A queue of the last level's nodes; each thread collects what it finds, then appends. */
#include <string.h>

#include "../sparse.h"

#define LOCAL 1024

static int
append(int *next, int *count, const int *found, int n)
{
   int at;
#pragma omp atomic capture
   {
      at = *count;
      *count += n;
   }
   memcpy(next + at, found, (size_t)n * sizeof(int));
   return 0;
}

static void
levels(struct csr m, int *dist, int *queue, int *next)
{
#pragma omp parallel for simd schedule(static)
   for (int i = 0; i < m.n; i++)
      dist[i] = -1;
   dist[0] = 0;
   queue[0] = 0;
   for (int depth = 1, size = 1, count = 0; size; depth++, size = count, count = 0) {
#pragma omp parallel if (size > 64)
      {
         int found[LOCAL], n = 0;
#pragma omp for schedule(dynamic, 64)
         for (int q = 0; q < size; q++)
            for (int k = m.start[queue[q]]; k < m.start[queue[q] + 1]; k++) {
               int *d = &dist[m.col[k]], none = -1;
               if (__atomic_load_n(d, __ATOMIC_RELAXED) == -1 &&
                   __atomic_compare_exchange_n(d, &none, depth, 0, __ATOMIC_RELAXED,
                                               __ATOMIC_RELAXED)) {
                  found[n++] = m.col[k];
                  if (n == LOCAL)
                     n = append(next, &count, found, n);
               }
            }
         append(next, &count, found, n);
      }
      int *t = queue;
      queue = next;
      next = t;
   }
}

int
main(int argc, char **argv)
{
   int n = (int)bench_arg(argc, argv, 1, 1 << 19);
   long rounds = bench_arg(argc, argv, 2, 5);
   struct csr m = sparse_make(n);
   size_t bytes = (size_t)n * sizeof(int);
   int *dist = bench_alloc(bytes), *queue = bench_alloc(bytes), *next = bench_alloc(bytes);
   BENCH(rounds, levels(m, dist, queue, next));
   bench_check_ints(dist, n);
}
