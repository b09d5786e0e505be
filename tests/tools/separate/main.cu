/* SPDX-License-Identifier: Apache-2.0
 * Uses what the other files define, see parts.h. */
#include "parts.h"

static __device__ int own = 1;
static __device__ int own_function(int x)
{
   return x + 1;
}
namespace
{
__device__ int hidden = 4;
}

__global__ void kernel(int *out)
{
   alignas(8) char room[64];
   counter += 5;
   own = 50;
   hidden += own_function(1); /* 4 + 2 */
   out[0] = scaled(3) + table[2];                 /* 303 + 3 */
   out[1] = from_one(1) + from_two(2);            /* 1001 + 2002 */
   out[2] = make_square(room, 9)->area();         /* 81 */
   out[3] = twice(21) + half(9) + own_function(0); /* 42 + 4 + 1 */
   shared_value += 2;
}

static int failures;

static void
check(const char *what, int is, int wanted)
{
   if (is != wanted) {
      printf("%s: %d, not %d\n", what, is, wanted);
      failures++;
   }
}

int
main()
{
   int *out, value = -1;
   cudaMallocManaged(&out, 16 * sizeof(int));
   check("initial managed value", shared_value, 7);
   shared_value = 30;
   kernel<<<1, 1>>>(out);
   check("kernel", cudaDeviceSynchronize(), cudaSuccess);
   check("function and constant of another file", out[0], 306);
   check("files of one name", out[1], 3003);
   check("virtual function", out[2], 81);
   check("templates, inline and static functions", out[3], 47);
   check("managed variable", shared_value, 32);
   check("copy", cudaMemcpyFromSymbol(&value, counter, sizeof value), cudaSuccess);
   check("variable of another file", value, 15);
   cudaMemcpyFromSymbol(&value, own, sizeof value);
   check("static variable", value, 50);
   cudaMemcpyFromSymbol(&value, hidden, sizeof value);
   check("variable without a name space", value, 6);
   value = 100;
   cudaMemcpyToSymbol(counter, &value, sizeof value);
   kernel_elsewhere<<<1, 1>>>(out);
   cudaDeviceSynchronize();
   check("kernel of another file", out[0], 200);
   *out = 21;
   twice_kernel<<<1, 1>>>(out);
   cudaDeviceSynchronize();
   check("template kernel", *out, 42);
   check("the other file's statics", check_part(out), 3 + 9);
   puts(failures ? "WRONG" : "right");
   return failures != 0;
}
