// SPDX-License-Identifier: Apache-2.0
// Gravity among n bodies, all pairs, tiles of bodies in local memory.

#define T 256

__kernel void
forces(int n, __global const float4 *body, __global float4 *force)
{
   __local float4 tile[T];
   int i = get_group_id(0) * T + get_local_id(0);
   float4 me = body[i];
   float fx = 0, fy = 0, fz = 0;
   for (int j0 = 0; j0 < n; j0 += T) {
      tile[get_local_id(0)] = body[j0 + get_local_id(0)];
      barrier(CLK_LOCAL_MEM_FENCE);
      for (int j = 0; j < T; j++) {
         float4 o = tile[j];
         float dx = o.x - me.x, dy = o.y - me.y, dz = o.z - me.z;
         float d2 = dx * dx + dy * dy + dz * dz + 1e-4f;
         float inv = 1.0f / sqrt(d2);
         float s = o.w * inv * inv * inv;
         fx += s * dx;
         fy += s * dy;
         fz += s * dz;
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   force[i] = (float4)(fx, fy, fz, 0);
}
