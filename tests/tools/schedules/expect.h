// SPDX-License-Identifier: Apache-2.0
// What the programs of this folder say of each thing that they check.
#pragma once
#include <cstdio>
#include <cstdlib>

#define CHECK(call)                                                                      \
   do {                                                                                  \
      cudaError_t e_ = (call);                                                           \
      if (e_ != cudaSuccess) {                                                           \
         std::printf("%s: %s\n", #call, cudaGetErrorString(e_));                         \
         std::exit(1);                                                                   \
      }                                                                                  \
   } while (0)

static int failures;

static void
expect(const char *what, bool ok)
{
   std::printf("%s %s\n", what, ok ? "ok" : "WRONG");
   failures += !ok;
}
