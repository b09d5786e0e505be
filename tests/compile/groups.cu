/* SPDX-License-Identifier: Apache-2.0
 * Compiles: cooperative groups of every kind and their collectives. */
#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>
#include <cooperative_groups/scan.h>
#include <cooperative_groups/memcpy_async.h>
namespace cg = cooperative_groups;
__device__ int
sum(cg::thread_group g, int *x, int v)
{
   int l = g.thread_rank();
   for (int i = g.size() / 2; i > 0; i /= 2) {
      x[l] = v;
      g.sync();
      if (l < i)
         v += x[l + i];
      g.sync();
   }
   return v;
}
__global__ void
k(int *p, double *d, float4 *q)
{
   __shared__ int s[256];
   auto b = cg::this_thread_block();
   auto t = cg::tiled_partition<16>(b);
   cg::thread_block_tile<32> w = cg::tiled_partition<32>(b);
   auto t4 = cg::tiled_partition<4>(w);
   p[b.thread_rank()] = t.shfl_down(p[t.thread_rank()], 3);
   d[0] = t.shfl(d[1], 3);
   q[0] = w.shfl_xor(q[threadIdx.x], 4);
   int r = cg::reduce(t4, p[3], cg::plus<int>());
   r += cg::inclusive_scan(w, r, cg::plus<int>()) + cg::exclusive_scan(t, r);
   if (threadIdx.x & 1) {
      auto c = cg::coalesced_threads();
      r += cg::reduce(c, r, cg::less<int>());
      if (c.thread_rank() == 0)
         atomicAdd(p, c.size());
   }
   auto dyn = cg::tiled_partition(b, 8);
   r += sum(dyn, s, r);
   r += sum(b, s, r);
   cg::memcpy_async(b, s, p, sizeof(int) * 64);
   cg::wait(b);
   auto lp = cg::labeled_partition(w, r & 3);
   r += lp.size();
   cg::sync(b);
   cg::this_grid().sync();
   auto g = cg::this_grid();
   g.sync();
   p[g.thread_rank()] = r + g.is_valid();
   auto cl = cg::this_cluster();
   cl.sync();
   int *o = cl.map_shared_rank(s, 0);
   p[1] = o[cl.block_rank()];
}
int
main()
{
   int *p = nullptr;
   double *d = nullptr;
   float4 *q = nullptr;
   void *args[] = {&p, &d, &q};
   return (int)cudaLaunchCooperativeKernel((void *)k, dim3(2), dim3(256), args, 0, 0);
}
