/* SPDX-License-Identifier: Apache-2.0
 * What kernels can say: printf from the device, and assert, which ends the kernel with an
 * error that stays until the process ends.
 *
 *    kasuri run examples/printf_assert.cu          prints
 *    kasuri run examples/printf_assert.cu assert   fails an assertion, and expects that
 */
// TEST args
// TEST args assert
#include <cassert>
#include <cstring>

#include "check.h"

__global__ void
tell(int n, const char *name)
{
   int i = threadIdx.x;
   if (i < n)
      printf("thread %d of %s: %5.2f %c %llx %s\n", i, name, i / 4.0, 'a' + i,
             0x123456789abcull + i, i % 2 ? "odd" : "even");
}

__global__ void
insist(const int *values, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n) {
      assert(values[i] < 10);
   }
}

static bool
say()
{
   char *name;
   CHECK(cudaMalloc(&name, 16));
   CHECK(cudaMemcpy(name, "the block", 10, cudaMemcpyHostToDevice));
   tell<<<1, 32>>>(4, name);
   CHECK_LAUNCH(); /* the text comes out at the latest here */
   CHECK(cudaFree(name));
   puts("that was the kernel");
   return true;
}

static bool
fail()
{
   const int n = 100;
   int host[n], *values;
   for (int i = 0; i < n; i++)
      host[i] = i == 77 ? 11 : i % 10;
   CHECK(cudaMalloc(&values, sizeof host));
   CHECK(cudaMemcpy(values, host, sizeof host, cudaMemcpyHostToDevice));
   insist<<<1, 64>>>(values, 64); /* the bad value is not among these */
   CHECK_LAUNCH();
   insist<<<2, 64>>>(values, n);
   cudaError_t error = cudaDeviceSynchronize();
   printf("the kernel ended with: %s\n", cudaGetErrorName(error));
   /* From now on every call fails. */
   cudaError_t later = cudaMemcpy(host, values, sizeof host, cudaMemcpyDeviceToHost);
   printf("a later call with: %s\n", cudaGetErrorName(later));
   return error == cudaErrorAssert && later == cudaErrorAssert;
}

int
main(int argc, char **argv)
{
   bool ok = argc > 1 && !strcmp(argv[1], "assert") ? fail() : say();
   return finish(ok);
}
