/* SPDX-License-Identifier: Apache-2.0
 * What every side of a benchmark shares: the protocol with run.py. A program takes the
 * problem size and a number of rounds, and prints one `time SECONDS` line a round and, at
 * its end, `check VALUE` (equal within a tolerance on every side) or `exact VALUE` (equal
 * to the last bit); run.py compares them. */
#ifndef BENCH_H
#define BENCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static inline double
bench_clock(clockid_t id)
{
   struct timespec t = {0, 0};
   clock_gettime(id, &t);
   return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Seconds of processor time of all threads, less what counting them takes. The process's
 * own clock will not do: Linux brings it up to date for the calling thread alone, and for
 * the others at their next tick, which may be milliseconds away. */
static inline double
bench_cpu_time(void)
{
   static double counting;
   double own = bench_clock(CLOCK_THREAD_CPUTIME_ID), sum = own - counting;
   DIR *tasks = opendir("/proc/self/task");
   for (struct dirent *d; tasks && (d = readdir(tasks));) {
      int tid = atoi(d->d_name);
      if (tid > 0 && tid != getpid())
         sum += bench_clock((clockid_t)(~(unsigned)tid << 3 | 6)); /* see clock_gettime */
   }
   if (tasks)
      closedir(tasks);
   counting += bench_clock(CLOCK_THREAD_CPUTIME_ID) - own;
   return sum;
}

/* Seconds; of processor time where BENCH_CPU_TIME is set, for runs with one thread on a
 * machine that others keep busy. */
static inline double
bench_now(void)
{
   return getenv("BENCH_CPU_TIME") ? bench_cpu_time() : bench_clock(CLOCK_MONOTONIC);
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

/* Memory that the kernel and the host both use; never freed, the program is short. */
static inline void *
bench_alloc(size_t bytes)
{
   void *p = NULL;
#ifdef __CUDACC__
   if (cudaMallocManaged(&p, bytes) != cudaSuccess)
      exit(1);
#else
   p = aligned_alloc(64, (bytes + 63) / 64 * 64);
   if (!p)
      exit(1);
#endif
   return p;
}

static inline float *
bench_floats(long n)
{
   return (float *)bench_alloc((size_t)n * sizeof(float));
}

/* n pseudo-random floats in [0, 1). */
static inline float *
bench_random_floats(long n, unsigned seed)
{
   float *x = bench_floats(n);
   for (long i = 0; i < n; i++)
      x[i] = bench_random(&seed);
   return x;
}

/* The check value of floats: weighted, so that elements in wrong places are noticed. */
static inline void
bench_check(const float *x, long n)
{
   double sum = 0;
   for (long i = 0; i < n; i++)
      sum += (double)x[i] * (double)(1 + i % 13);
   printf("check %.9g\n", sum);
}

static inline void
bench_check_ints(const int *x, long n)
{
   unsigned long long sum = 0;
   for (long i = 0; i < n; i++)
      sum = sum * 31 + (unsigned)x[i];
   printf("exact %llu\n", sum);
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
