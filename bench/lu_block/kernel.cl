// SPDX-License-Identifier: Apache-2.0
// LU factors of an n x n matrix in place, without pivoting, blocks of 16: the diagonal
// block, the blocks beside and below it, the rest; three launches a block column.

#define B 16

__kernel void
diagonal(int n, int o, __global float *m)
{
   __local float s[B][B];
   int t = get_local_id(0);
   __global float *p = m + (long)o * n + o;
   for (int i = 0; i < B; i++)
      s[i][t] = p[i * n + t];
   barrier(CLK_LOCAL_MEM_FENCE);
   for (int k = 0; k < B - 1; k++) {
      if (t > k) {
         float f = s[t][k] / s[k][k];
         s[t][k] = f;
         for (int j = k + 1; j < B; j++)
            s[t][j] -= f * s[k][j];
      }
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int i = 0; i < B; i++)
      p[i * n + t] = s[i][t];
}

// The first B threads solve a block of the row, the others one of the column.
__kernel void
perimeter(int n, int o, __global float *m)
{
   __local float d[B][B], row[B][B], col[B][B];
   int t = get_local_id(0) % B, next = o + (get_group_id(0) + 1) * B;
   __global float *pd = m + (long)o * n + o, *pr = m + (long)o * n + next, *pc = m + (long)next * n + o;
   if (get_local_id(0) < B)
      for (int i = 0; i < B; i++) {
         d[i][t] = pd[i * n + t];
         row[i][t] = pr[i * n + t];
      }
   else
      for (int i = 0; i < B; i++)
         col[i][t] = pc[i * n + t];
   barrier(CLK_LOCAL_MEM_FENCE);
   if (get_local_id(0) < B) {
      for (int i = 1; i < B; i++)
         for (int k = 0; k < i; k++)
            row[i][t] -= d[i][k] * row[k][t];
   } else {
      for (int j = 0; j < B; j++) {
         for (int k = 0; k < j; k++)
            col[t][j] -= col[t][k] * d[k][j];
         col[t][j] /= d[j][j];
      }
   }
   barrier(CLK_LOCAL_MEM_FENCE);
   if (get_local_id(0) < B)
      for (int i = 1; i < B; i++)
         pr[i * n + t] = row[i][t];
   else
      for (int i = 0; i < B; i++)
         pc[i * n + t] = col[i][t];
}

__kernel void
internal(int n, int o, __global float *m)
{
   __local float row[B][B], col[B][B];
   int tx = get_local_id(0), ty = get_local_id(1);
   int y = o + (get_group_id(1) + 1) * B, x = o + (get_group_id(0) + 1) * B;
   row[ty][tx] = m[(long)(o + ty) * n + x + tx];
   col[ty][tx] = m[(long)(y + ty) * n + o + tx];
   barrier(CLK_LOCAL_MEM_FENCE);
   float sum = 0;
   for (int k = 0; k < B; k++)
      sum += col[ty][k] * row[k][tx];
   m[(long)(y + ty) * n + x + tx] -= sum;
}
