// SPDX-License-Identifier: Apache-2.0
// n transforms of 1024 complex numbers each: a block a transform, 256 work items, five
// Stockham steps of radix 4 in local memory.

#define N 1024

float2
mul(float2 a, float2 b)
{
   return (float2)(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

__kernel void
fft(__global const float2 *in, __global const float2 *roots, __global float2 *out)
{
   __local float2 s[2][N];
   const int t = get_local_id(0), first = get_group_id(0) * N + t;
   for (int k = 0; k < 4; k++)
      s[0][t + k * 256] = in[first + k * 256];
   barrier(CLK_LOCAL_MEM_FENCE);
   int from = 0;
   for (int span = 1; span < N; span *= 4) {
      int j = t % span, root = j * (N / 4 / span);
      float2 a = s[from][t], b = mul(s[from][t + 256], roots[root]);
      float2 c = mul(s[from][t + 512], roots[2 * root]);
      float2 d = mul(s[from][t + 768], roots[3 * root]);
      float2 ac = a + c, ca = a - c, bd = b + d, db = b - d;
      __local float2 *to = &s[1 - from][(t - j) * 4 + j];
      to[0] = ac + bd;
      to[span] = (float2)(ca.x + db.y, ca.y - db.x);
      to[2 * span] = ac - bd;
      to[3 * span] = (float2)(ca.x - db.y, ca.y + db.x);
      from = 1 - from;
      barrier(CLK_LOCAL_MEM_FENCE);
   }
   for (int k = 0; k < 4; k++)
      out[first + k * 256] = s[from][t + k * 256];
}
