/* SPDX-License-Identifier: Apache-2.0
 * What all examples share: an error check around CUDA calls, a reader of the problem
 * size, and the last line of the output. */
#ifndef EXAMPLES_CHECK_H
#define EXAMPLES_CHECK_H

#include <cmath>
#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                                                      \
   do {                                                                                  \
      cudaError_t error_ = (call);                                                       \
      if (error_ != cudaSuccess) {                                                       \
         fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call,                   \
                 cudaGetErrorString(error_));                                            \
         exit(1);                                                                        \
      }                                                                                  \
   } while (0)

/* Launches report through cudaGetLastError, kernels through the synchronisation. */
#define CHECK_LAUNCH()                                                                   \
   do {                                                                                  \
      CHECK(cudaGetLastError());                                                         \
      CHECK(cudaDeviceSynchronize());                                                    \
   } while (0)

/* The problem size: the first argument, if there is one. */
inline int
size_argument(int argc, char **argv, int otherwise, int smallest = 1,
              int largest = 1 << 28)
{
   int n = argc > 1 ? atoi(argv[1]) : otherwise;
   if (n < smallest || n > largest) {
      fprintf(stderr, "usage: %s [SIZE], SIZE from %d to %d\n", argv[0], smallest,
              largest);
      exit(2);
   }
   return n;
}

/* Equal but for rounding: relative to the larger one, absolute below 1. */
inline bool
close_to(double a, double b, double tolerance)
{
   return std::fabs(a - b) <=
          tolerance * std::fmax(1.0, std::fmax(std::fabs(a), std::fabs(b)));
}

inline int
finish(bool ok)
{
   puts(ok ? "PASS" : "FAIL");
   return ok ? 0 : 1;
}

#endif
