// SPDX-License-Identifier: Apache-2.0
// The protocol of the micro-benchmarks with micro.py: a line `micro NAME SECONDS` for each
// figure, the least of five repetitions, per operation.
#ifndef MICRO_H
#define MICRO_H

#include "../bench.h"

static long micro_done;

static inline void
micro_fail(const char *what)
{
   fprintf(stderr, "wrong: %s\n", what);
   exit(1);
}

static inline void
micro_report(const char *name, double seconds)
{
   printf("micro %s %.4g\n", name, seconds);
   fflush(stdout);
}

// Times BODY, about `times` operations long in all; a BODY that does several operations
// adds the others to micro_done.
#define MICRO(name, times, ...)                                                          \
   do {                                                                                  \
      double micro_best = 1e30;                                                          \
      for (int micro_r = 0; micro_r < 6; micro_r++) {                                    \
         double micro_t = bench_now();                                                   \
         for (micro_done = 0; micro_done < (times); micro_done++) {                      \
            __VA_ARGS__;                                                                 \
         }                                                                               \
         micro_t = (bench_now() - micro_t) / (double)micro_done;                         \
         if (micro_r && micro_t < micro_best)                                            \
            micro_best = micro_t;                                                        \
      }                                                                                  \
      micro_report(name, micro_best);                                                    \
   } while (0)

#endif
