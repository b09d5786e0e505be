// SPDX-License-Identifier: Apache-2.0
// Radix sort of n 32-bit keys, eight passes of 4 bits: counts a group, one scan over all
// counts, then each group ranks its keys by walking their digits in order and scatters them.

#define T 256
#define BITS 4
#define DIGITS (1 << BITS)
#define W 1024

__kernel void
count(__global const uint *keys, int shift, __global uint *counts)
{
   __local uint bins[DIGITS];
   int t = get_local_id(0);
   if (t < DIGITS)
      bins[t] = 0;
   barrier(CLK_LOCAL_MEM_FENCE);
   atomic_add(&bins[keys[get_global_id(0)] >> shift & (DIGITS - 1)], 1u);
   barrier(CLK_LOCAL_MEM_FENCE);
   if (t < DIGITS)
      counts[t * get_num_groups(0) + get_group_id(0)] = bins[t];
}

__kernel void
scan(int n, __global uint *counts)
{
   __local uint s[W];
   int t = get_local_id(0);
   uint carry = 0;
   for (int i0 = 0; i0 < n; i0 += W) {
      int i = i0 + t;
      uint mine = i < n ? counts[i] : 0;
      s[t] = mine;
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int d = 1; d < W; d *= 2) {
         uint y = t >= d ? s[t - d] : 0;
         barrier(CLK_LOCAL_MEM_FENCE);
         s[t] += y;
         barrier(CLK_LOCAL_MEM_FENCE);
      }
      if (i < n)
         counts[i] = carry + s[t] - mine;
      carry += s[W - 1];
      barrier(CLK_LOCAL_MEM_FENCE);
   }
}

__kernel void
scatter(__global const uint *keys, int shift, __global const uint *counts, __global uint *out)
{
   __local uint digits[T], rank[T];
   int t = get_local_id(0);
   uint key = keys[get_global_id(0)], digit = key >> shift & (DIGITS - 1);
   digits[t] = digit;
   barrier(CLK_LOCAL_MEM_FENCE);
   if (t == 0) {
      uint next[DIGITS] = {0};
      for (int k = 0; k < T; k++)
         rank[k] = next[digits[k]]++;
   }
   barrier(CLK_LOCAL_MEM_FENCE);
   out[counts[digit * get_num_groups(0) + get_group_id(0)] + rank[t]] = key;
}
