// SPDX-License-Identifier: Apache-2.0
// Median of 3 x 3 bytes on an n x n image (edges are left as they are).

void
order(int *a, int *b)
{
   int lo = min(*a, *b);
   *b = max(*a, *b);
   *a = lo;
}

__kernel void
median(int n, __global const unsigned char *in, __global unsigned char *out)
{
   int x = get_global_id(0), y = get_global_id(1);
   if (x < 1 || y < 1 || x >= n - 1 || y >= n - 1)
      return;
   int v[3][3];
   for (int k = 0; k < 3; k++) {
      __global const unsigned char *p = in + (y + k - 1) * n + x;
      v[k][0] = p[-1];
      v[k][1] = p[0];
      v[k][2] = p[1];
   }
   // Sort each column of three, then: median of (largest low, middle middle, least high).
   for (int c = 0; c < 3; c++) {
      order(&v[0][c], &v[1][c]);
      order(&v[1][c], &v[2][c]);
      order(&v[0][c], &v[1][c]);
   }
   int low = max(max(v[0][0], v[0][1]), v[0][2]), high = min(min(v[2][0], v[2][1]), v[2][2]);
   int a = v[1][0], b = v[1][1], c = v[1][2];
   int mid = max(min(a, b), min(max(a, b), c));
   out[y * n + x] = max(min(low, mid), min(max(low, mid), high));
}
