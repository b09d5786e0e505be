// SPDX-License-Identifier: Apache-2.0
// Alignment scores of two sequences of n letters: tiles of 16 x 16 along antidiagonals,
// one launch a diagonal; within a tile a wavefront in local memory.

#define T 16
#define GAP 2

__kernel void
diagonal(int n, int d, int first, __global const int *a, __global const int *b, __global int *score)
{
   __local int s[T + 1][T + 1];
   int bx = first + get_group_id(0), by = d - bx, t = get_local_id(0), w = n + 1;
   __global int *p = score + (long)by * T * w + bx * T;
   if (t == 0)
      s[0][0] = p[0];
   s[0][t + 1] = p[t + 1];
   s[t + 1][0] = p[(long)(t + 1) * w];
   int mine = b[bx * T + t];
   barrier(CLK_LOCAL_MEM_FENCE);
   for (int k = 0; k < 2 * T - 1; k++) {
      int y = k - t;
      if (y >= 0 && y < T) {
         int match = s[y][t] + (a[by * T + y] == mine ? 3 : -1);
         s[y + 1][t + 1] = max(match, max(s[y][t + 1], s[y + 1][t]) - GAP);
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int y = 1; y <= T; y++)
      p[(long)y * w + t + 1] = s[y][t + 1];
}
