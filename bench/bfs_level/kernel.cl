// SPDX-License-Identifier: Apache-2.0
// Breadth-first levels of a graph from node 0: one launch a level, a work item a node, those
// of the last level look at their neighbours.

__kernel void
level(int n, int depth, __global const int *start, __global const int *col, __global int *dist, __global int *more)
{
   int i = get_global_id(0);
   if (i >= n || dist[i] != depth)
      return;
   for (int k = start[i]; k < start[i + 1]; k++)
      if (dist[col[k]] < 0) {
         dist[col[k]] = depth + 1;
         *more = 1;
      }
}

__kernel void
clear(int n, __global int *dist)
{
   int i = get_global_id(0);
   if (i < n)
      dist[i] = i ? -1 : 0;
}
