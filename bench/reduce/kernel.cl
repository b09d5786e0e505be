// SPDX-License-Identifier: Apache-2.0
// Sum of n floats: grid-stride loop, a tree in local memory, one atomic a group (by
// compare and swap: OpenCL has no addition of floats).

#define T 256

__kernel void
reduce(int n, __global const float *x, __global float *out)
{
   __local float part[T];
   int t = get_local_id(0);
   float s = 0;
   for (int i = get_global_id(0); i < n; i += get_global_size(0))
      s += x[i];
   part[t] = s;
   for (int d = T / 2; d; d /= 2) {
      barrier(CLK_LOCAL_MEM_FENCE);
      if (t < d)
         part[t] += part[t + d];
   }
   barrier(CLK_LOCAL_MEM_FENCE);
   if (t == 0) {
      volatile __global uint *to = (volatile __global uint *)out;
      uint old = *to, seen;
      while ((seen = atomic_cmpxchg(to, old, as_uint(as_float(old) + part[0]))) != old)
         old = seen;
   }
}
