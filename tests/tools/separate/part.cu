/* SPDX-License-Identifier: Apache-2.0
 * Defines what main.cu uses; its statics are named as those of main.cu. */
#include <new>

#include "parts.h"

__device__ int counter = 10;
__constant__ int table[4] = {1, 2, 3, 4};
__managed__ int shared_value = 7;
static __device__ int own = 3;
static __device__ int own_function(int x)
{
   return x * 3;
}
namespace
{
__device__ int hidden = 2;
}

__device__ int
scaled(int x)
{
   return 100 * x + own;
}

__global__ void
kernel_elsewhere(int *out)
{
   *out = twice(counter);
}

struct square : shape {
   int side;
   __device__ explicit square(int s) : side(s) {}
   __device__ int area() const override
   {
      return side * side;
   }
};

__device__ const shape *
make_square(void *where, int side)
{
   return new (where) square(side);
}

__global__ void
fill_hidden(int *out)
{
   hidden = own_function(3); /* 9 */
   *out = 0;
}

int
check_part(int *out)
{
   int a = -1, b = -1;
   fill_hidden<<<1, 1>>>(out);
   twice_kernel<<<1, 1>>>(out);
   cudaMemcpyFromSymbol(&a, own, sizeof a);
   cudaMemcpyFromSymbol(&b, hidden, sizeof b);
   return a + b;
}
