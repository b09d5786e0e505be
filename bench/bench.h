/* SPDX-License-Identifier: Apache-2.0
 * What every side of a benchmark shares: the protocol with run.py. A program takes the
 * problem size and a number of rounds, and prints one `time SECONDS` line a round and one
 * `check VALUE` at its end; run.py compares the values between the sides. */
#ifndef BENCH_H
#define BENCH_H

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static inline double
bench_now(void)
{
   struct timespec t;
   clock_gettime(CLOCK_MONOTONIC, &t);
   return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline long
bench_arg(int argc, char **argv, int i, long otherwise)
{
   return argc > i ? atol(argv[i]) : otherwise;
}

/* The same pseudo-random numbers in [0, 1) on every side. */
static inline float
bench_random(unsigned *state)
{
   *state = *state * 1664525u + 1013904223u;
   return (float)(*state >> 8) * (1.0f / 16777216.0f);
}

/* Runs BODY once to warm up (compiling, touching pages), then once a round, timed. */
#define BENCH(rounds, ...)                                                               \
   do {                                                                                  \
      for (long bench_r = -1; bench_r < (rounds); bench_r++) {                           \
         double bench_t = bench_now();                                                   \
         __VA_ARGS__;                                                                    \
         if (bench_r >= 0)                                                               \
            printf("time %.9f\n", bench_now() - bench_t);                                \
      }                                                                                  \
   } while (0)

#endif
