/* SPDX-License-Identifier: Apache-2.0
 * The sparse matrix (and graph) that the sparse benchmarks share: n rows of 1 to 31
 * entries, 16 on average, half of them near the diagonal and half anywhere. */
#ifndef BENCH_SPARSE_H
#define BENCH_SPARSE_H

#include "bench.h"

struct csr {
   int n;
   int *start; /* n + 1 */
   int *col;
   float *val;
};

/* A column for entry k of row i: half of them within 64 of the diagonal. */
static inline int
sparse_column(int n, int i, int k, unsigned *seed)
{
   int near = i - 64 + (int)(bench_random(seed) * 128);
   int far = (int)(bench_random(seed) * (float)n);
   return k % 2 && near >= 0 && near < n ? near : far < n ? far : n - 1;
}

static inline struct csr
sparse_make(int n)
{
   struct csr m;
   unsigned seed = 1;
   m.n = n;
   m.start = (int *)bench_alloc((size_t)(n + 1) * sizeof(int));
   m.start[0] = 0;
   for (int i = 0; i < n; i++)
      m.start[i + 1] = m.start[i] + 1 + (int)(bench_random(&seed) * 31);
   m.col = (int *)bench_alloc((size_t)m.start[n] * sizeof(int));
   m.val = bench_floats(m.start[n]);
   for (int i = 0; i < n; i++)
      for (int k = m.start[i]; k < m.start[i + 1]; k++) {
         m.col[k] = sparse_column(n, i, k, &seed);
         m.val[k] = bench_random(&seed);
      }
   return m;
}

/* The columns of a matrix in ELLPACK form: entry k of row i at k * n + i. */
static inline int *
sparse_ell_columns(int n, int width)
{
   int *col = (int *)bench_alloc((size_t)n * (size_t)width * sizeof(int));
   unsigned seed = 1;
   for (int i = 0; i < n; i++)
      for (int k = 0; k < width; k++)
         col[(long)k * n + i] = sparse_column(n, i, k, &seed);
   return col;
}

#endif
