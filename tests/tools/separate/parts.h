/* SPDX-License-Identifier: Apache-2.0
 * What the files of tests/tools/separate.py have in common. Every value that main.cu
 * expects is reckoned by hand beside it. */
#ifndef PARTS_H
#define PARTS_H
#include <cstdio>

extern __device__ int counter;       /* part.cu: 10 */
extern __constant__ int table[4];    /* part.cu: 1 2 3 4 */
extern __managed__ int shared_value; /* part.cu: 7 */
__device__ int scaled(int x);        /* part.cu: 100 x + its own static 3 */
__device__ int from_one(int x);      /* one/unit.cu: x + 1000 */
__device__ int from_two(int x);      /* two/unit.cu: x + 2000 */
__global__ void kernel_elsewhere(int *out);

struct shape {
   __device__ virtual int area() const = 0;
};
__device__ const shape *make_square(void *where, int side); /* part.cu */

/* In every file that includes this: the linkers keep one of each. */
template <class T>
__device__ T twice(T x)
{
   return x + x;
}
template <class T>
__global__ void twice_kernel(T *p)
{
   *p = twice(*p);
}
inline __device__ int half(int x)
{
   return x / 2;
}

int check_part(int *out); /* part.cu: what its own host code sees of its statics */
#endif
