// SPDX-License-Identifier: Apache-2.0
// Inclusive prefix sums of n integers: each group scans its part in local memory, one
// group scans the groups' sums, a third kernel adds them on.

#define T 256

int
group_scan(int x, __local int *s)
{
   int t = get_local_id(0);
   s[t] = x;
   barrier(CLK_LOCAL_MEM_FENCE);
   for (int d = 1; d < T; d *= 2) {
      int y = t >= d ? s[t - d] : 0;
      barrier(CLK_LOCAL_MEM_FENCE);
      s[t] += y;
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   return s[t];
}

__kernel void
scan_parts(__global const int4 *in, __global int4 *out, __global int *sums)
{
   __local int s[T];
   int i = get_global_id(0);
   int4 v = in[i];
   v.y += v.x;
   v.z += v.y;
   v.w += v.z;
   int sum = group_scan(v.w, s);
   out[i] = v + (sum - v.w);
   if (get_local_id(0) == T - 1)
      sums[get_group_id(0)] = sum;
}

__kernel void
scan_sums(int n, __global int *sums)
{
   __local int s[T];
   int carry = 0;
   for (int i0 = 0; i0 < n; i0 += T) {
      int i = i0 + get_local_id(0);
      int x = group_scan(i < n ? sums[i] : 0, s) + carry;
      if (i < n)
         sums[i] = x;
      carry += s[T - 1];
      barrier(CLK_LOCAL_MEM_FENCE);
   }
}

__kernel void
add_sums(__global int4 *out, __global const int *sums)
{
   int i = get_global_id(0);
   out[i] += get_group_id(0) ? sums[get_group_id(0) - 1] : 0;
}
