/* SPDX-License-Identifier: Apache-2.0
 * A cooperative launch: all blocks of the grid wait for each other inside one kernel.
 * Here they relax a one-dimensional field many times without going back to the host.
 *
 *    kasuri run examples/grid_sync.cu [POINTS] */
// TEST small 600
#include <cooperative_groups.h>
#include <vector>

#include "check.h"

namespace cg = cooperative_groups;

constexpr int rounds = 20;

__global__ void
relax(float *now, float *next, int n)
{
   cg::grid_group grid = cg::this_grid();
   for (int r = 0; r < rounds; r++) {
      for (int i = (int)grid.thread_rank(); i < n; i += (int)grid.size()) {
         float left = i > 0 ? now[i - 1] : 0.0f, right = i < n - 1 ? now[i + 1] : 1.0f;
         next[i] = 0.5f * now[i] + 0.25f * (left + right);
      }
      grid.sync(); /* everybody has written its part of next */
      float *swap = now;
      now = next;
      next = swap;
   }
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 100000), device = 0, cooperative = 0, per_sm = 0;
   const int threads = 128;
   CHECK(cudaDeviceGetAttribute(&cooperative, cudaDevAttrCooperativeLaunch, device));
   if (!cooperative) {
      puts("this device has no cooperative launch");
      return finish(false);
   }
   /* All blocks must be resident at the same time: as many as fit, but no more. */
   cudaDeviceProp prop;
   CHECK(cudaGetDeviceProperties(&prop, device));
   CHECK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&per_sm, relax, threads, 0));
   int resident = per_sm * prop.multiProcessorCount;
   int blocks = resident < 12 ? resident : 12;

   std::vector<float> start(n), result(n), other(n);
   for (int i = 0; i < n; i++)
      start[i] = (i * 37 % 101) / 100.0f;
   float *now, *next;
   CHECK(cudaMalloc(&now, n * sizeof(float)));
   CHECK(cudaMalloc(&next, n * sizeof(float)));
   CHECK(cudaMemcpy(now, start.data(), n * sizeof(float), cudaMemcpyHostToDevice));
   void *args[] = {&now, &next, &n};
   CHECK(cudaLaunchCooperativeKernel((void *)relax, dim3(blocks), dim3(threads), args));
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(result.data(), rounds % 2 ? next : now, n * sizeof(float),
                    cudaMemcpyDeviceToHost));
   CHECK(cudaFree(now));
   CHECK(cudaFree(next));
   printf("%d rounds over %d points in one kernel\n", rounds, n);

   for (int r = 0; r < rounds; r++) {
      for (int i = 0; i < n; i++) {
         float left = i > 0 ? start[i - 1] : 0.0f,
               right = i < n - 1 ? start[i + 1] : 1.0f;
         other[i] = 0.5f * start[i] + 0.25f * (left + right);
      }
      start.swap(other);
   }
   int wrong = 0;
   for (int i = 0; i < n; i++)
      wrong += !close_to(start[i], result[i], 1e-6);
   printf("%d wrong\n", wrong);
   return finish(wrong == 0);
}
