/* SPDX-License-Identifier: Apache-2.0
 * One of two files of the same name in two folders. */
static __device__ int offset = 2000;

__device__ int
from_two(int x)
{
   return x + offset;
}
