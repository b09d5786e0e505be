/* SPDX-License-Identifier: Apache-2.0
 * The fast Fourier transform of 2^k complex numbers (Stockham's: no bit reversal), one
 * kernel a pass. A sum of two waves must give four peaks, and the inverse the input.
 *
 *    kasuri run examples/fft.cu [LOG2 OF POINTS] */
// TEST small 8
#include <vector>

#include "check.h"

__device__ inline float2
times(float2 a, float2 b)
{
   return make_float2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x);
}

/* Butterflies of transforms of length `half` into those of length 2 half. */
__global__ void
pass(const float2 *in, float2 *out, int n, int half, float sign)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n / 2)
      return;
   int k = i % half; /* the frequency within a transform */
   float s, c;
   sincospif(sign * k / half, &s, &c);
   float2 a = in[i], b = times(in[i + n / 2], make_float2(c, s));
   int to = 2 * (i - k) + k;
   out[to] = make_float2(a.x + b.x, a.y + b.y);
   out[to + half] = make_float2(a.x - b.x, a.y - b.y);
}

/* The result is in *data; *spare is what the passes need beside it. */
static void
transform(float2 **data, float2 **spare, int n, float sign)
{
   for (int half = 1; half < n; half *= 2) {
      pass<<<(n / 2 + 127) / 128, 128>>>(*data, *spare, n, half, sign);
      std::swap(*data, *spare);
   }
   CHECK_LAUNCH();
}

int
main(int argc, char **argv)
{
   int n = 1 << size_argument(argc, argv, 16, 5, 22);
   const int f1 = 3, f2 = n / 8 + 1;
   std::vector<float2> signal(n), spectrum(n), back(n);
   for (int i = 0; i < n; i++) {
      double t = 2 * 3.14159265358979 * i / n;
      signal[i] = make_float2((float)(std::cos(f1 * t) + 0.5 * std::sin(f2 * t)), 0);
   }
   size_t bytes = n * sizeof(float2);
   float2 *data, *spare;
   CHECK(cudaMalloc(&data, bytes));
   CHECK(cudaMalloc(&spare, bytes));
   CHECK(cudaMemcpy(data, signal.data(), bytes, cudaMemcpyHostToDevice));
   transform(&data, &spare, n, -1);
   CHECK(cudaMemcpy(spectrum.data(), data, bytes, cudaMemcpyDeviceToHost));
   transform(&data, &spare, n, 1);
   CHECK(cudaMemcpy(back.data(), data, bytes, cudaMemcpyDeviceToHost));
   CHECK(cudaFree(data));
   CHECK(cudaFree(spare));
   printf("transformed %d points, there and back\n", n);

   int wrong = 0;
   for (int k = 0; k < n; k++) {
      double re = k == f1 || k == n - f1 ? 0.5 : 0;
      double im = k == f2 ? -0.25 : k == n - f2 ? 0.25 : 0;
      wrong += std::fabs(spectrum[k].x / n - re) > 1e-5 ||
               std::fabs(spectrum[k].y / n - im) > 1e-5;
      wrong +=
         std::fabs(back[k].x / n - signal[k].x) > 1e-5 || std::fabs(back[k].y / n) > 1e-5;
   }
   printf("%d wrong\n", wrong);
   return finish(wrong == 0);
}
