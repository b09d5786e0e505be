/* SPDX-License-Identifier: Apache-2.0 */
#include "../attention.h"

int
main(int argc, char **argv)
{
   long n = bench_arg(argc, argv, 1, 2048), rounds = bench_arg(argc, argv, 2, 5);
   float *q = bench_random_floats(n * D, 1), *k = bench_random_floats(n * D, 2);
   float *v = bench_random_floats(n * D, 3), *out = bench_floats(n * D);
   float *kt = bench_floats(n * D);
   BENCH(rounds, attention(n, q, k, kt, v, out));
   bench_check(out, n * D);
}
