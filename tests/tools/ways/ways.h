/* SPDX-License-Identifier: Apache-2.0
 * What the two files of this program share. LINKED: built with -rdc=true. */
#ifndef WAYS_H
#define WAYS_H

#define OFFSET 42
int other_file(unsigned expect_seen);

#ifdef LINKED
extern __device__ unsigned seen;
__device__ float add_offset(float v);
__device__ int add_offset(int v);
__device__ double add_offset(double v);
#endif

#endif
