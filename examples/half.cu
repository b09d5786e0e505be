/* SPDX-License-Identifier: Apache-2.0
 * 16-bit floats: storage at half the size, and arithmetic on pairs of them. The host
 * computes the same in single precision, within what 11 bits of significand allow.
 *
 *    kasuri run examples/half.cu [PAIRS] */
// TEST small 1000
#include <cuda_fp16.h>
#include <vector>

#include "check.h"

/* y = a x + y, two elements at a time. */
__global__ void
axpy(int n, float a, const __half2 *x, __half2 *y)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      y[i] = __hfma2(__float2half2_rn(a), x[i], y[i]);
}

/* Conversions, comparison and arithmetic on single elements. */
__global__ void
squash(int n, const __half2 *in, __half *out)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   __half low = __low2half(in[i]), high = __high2half(in[i]);
   __half larger = __hgt(low, high) ? low : high;
   __half sum = __hadd(low, high);
   out[i] = __hdiv(sum, __hadd(__float2half(1.0f), __habs(larger)));
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 300000);
   std::vector<__half2> x(n), y(n), sums(n);
   std::vector<__half> ratios(n);
   for (int i = 0; i < n; i++) {
      x[i] = __floats2half2_rn((i % 100) * 0.125f, (i % 37) * -0.25f);
      y[i] = __floats2half2_rn(1.0f + i % 5, 2.0f - i % 9);
   }
   __half2 *dx, *dy;
   __half *dr;
   CHECK(cudaMalloc(&dx, n * sizeof(__half2)));
   CHECK(cudaMalloc(&dy, n * sizeof(__half2)));
   CHECK(cudaMalloc(&dr, n * sizeof(__half)));
   CHECK(cudaMemcpy(dx, x.data(), n * sizeof(__half2), cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(dy, y.data(), n * sizeof(__half2), cudaMemcpyHostToDevice));
   const float a = 1.5f;
   axpy<<<(n + 255) / 256, 256>>>(n, a, dx, dy);
   squash<<<(n + 255) / 256, 256>>>(n, dy, dr);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(sums.data(), dy, n * sizeof(__half2), cudaMemcpyDeviceToHost));
   CHECK(cudaMemcpy(ratios.data(), dr, n * sizeof(__half), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(dx));
   CHECK(cudaFree(dy));
   CHECK(cudaFree(dr));

   int wrong = 0;
   for (int i = 0; i < n; i++) {
      float2 fx = __half22float2(x[i]), fy = __half22float2(y[i]);
      float2 s = __half22float2(sums[i]);
      /* A fused multiply-add rounds once; these products are exact in float. */
      wrong += s.x != __half2float(__float2half_rn(a * fx.x + fy.x));
      wrong += s.y != __half2float(__float2half_rn(a * fx.y + fy.y));
      float larger = std::fmax(s.x, s.y), ratio = (s.x + s.y) / (1 + std::fabs(larger));
      wrong +=
         std::fabs(__half2float(ratios[i]) - ratio) > 0.002f * (1 + std::fabs(ratio));
   }
   printf("%d pairs, %zu bytes each, %d wrong\n", n, sizeof(__half2), wrong);
   return finish(wrong == 0);
}
