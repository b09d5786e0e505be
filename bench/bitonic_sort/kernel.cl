// SPDX-License-Identifier: Apache-2.0
// Bitonic sort of n integers: spans up to 1024 in local memory, wider ones a launch each.

#define SPAN 1024

__kernel void
wide(__global int *x, int size, int stride)
{
   int t = get_global_id(0);
   int i = 2 * t - (t & (stride - 1));
   int a = x[i], b = x[i + stride];
   bool swap = (a > b) == ((i & size) == 0);
   x[i] = swap ? b : a;
   x[i + stride] = swap ? a : b;
}

__kernel void
narrow(__global int *x, int first, int last)
{
   __local int s[SPAN];
   int base = get_group_id(0) * SPAN, t = get_local_id(0);
   s[t] = x[base + t];
   s[t + SPAN / 2] = x[base + t + SPAN / 2];
   for (int size = first; size <= last; size *= 2)
      for (int stride = size < SPAN ? size / 2 : SPAN / 2; stride; stride /= 2) {
         barrier(CLK_LOCAL_MEM_FENCE);
         int i = 2 * t - (t & (stride - 1));
         int a = s[i], b = s[i + stride];
         bool swap = (a > b) == (((base + i) & size) == 0);
         s[i] = swap ? b : a;
         s[i + stride] = swap ? a : b;
      }
   barrier(CLK_LOCAL_MEM_FENCE);
   x[base + t] = s[t];
   x[base + t + SPAN / 2] = s[t + SPAN / 2];
}
