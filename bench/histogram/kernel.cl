// SPDX-License-Identifier: Apache-2.0
// 256 bins: a private histogram a group in local memory, added up at the end.

__kernel void
histogram(int n, __global const unsigned char *x, __global unsigned *bins)
{
   __local unsigned mine[256];
   mine[get_local_id(0)] = 0;
   barrier(CLK_LOCAL_MEM_FENCE);
   for (int i = get_global_id(0); i < n; i += get_global_size(0))
      atomic_add(&mine[x[i]], 1u);
   barrier(CLK_LOCAL_MEM_FENCE);
   atomic_add(&bins[get_local_id(0)], mine[get_local_id(0)]);
}
