/* SPDX-License-Identifier: Apache-2.0
 * Functions as kernel arguments: function objects that hold values, lambdas within
 * kernels, `auto`, and pointers to device functions. (Lambdas written on the host and
 * passed to kernels need nvcc's --extended-lambda; function objects do the same.)
 *
 *    kasuri run examples/lambdas.cu [ELEMENTS] */
// TEST small 1000
#include <vector>

#include "check.h"

template <typename F>
__global__ void
for_each(int n, F f)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      f(i);
}

/* What a lambda would capture are the members. */
struct ramp {
   float *data, start, slope;
   __device__ void
   operator()(int i) const
   {
      data[i] = start + slope * i;
   }
};

/* A function made of two others. */
template <typename F, typename G> struct composed {
   F f;
   G g;
   __host__ __device__ float
   operator()(float x) const
   {
      return f(g(x));
   }
};
template <typename F, typename G> composed(F, G) -> composed<F, G>;

struct add {
   float by;
   __host__ __device__ float
   operator()(float x) const
   {
      return x + by;
   }
};
struct square {
   __host__ __device__ float
   operator()(float x) const
   {
      return x * x;
   }
};

template <typename F> struct mapped {
   float *data;
   F f;
   __device__ void
   operator()(int i) const
   {
      data[i] = f(data[i]);
   }
};
template <typename F> mapped(float *, F) -> mapped<F>;

/* Lambdas inside a kernel, one of which takes another. */
__global__ void
smooth(const float *in, float *out, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   auto at = [in, n](int k) { return in[k < 0 ? 0 : k >= n ? n - 1 : k]; };
   auto sum = [&](auto f, int from, int to) {
      float s = 0;
      for (int k = from; k <= to; k++)
         s += f(k);
      return s;
   };
   out[i] =
      sum(at, i - 1, i + 1) + sum([=](int k) { return 0.5f * at(k); }, i - 2, i - 2);
}

using unary = float (*)(float);
__device__ float
twice(float x)
{
   return 2 * x;
}
__device__ float
minus_one(float x)
{
   return x - 1;
}
__device__ unary table[] = {twice, minus_one};

__global__ void
by_table(float *data, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      data[i] = table[i % 2](data[i]); /* lanes call different functions */
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 100000);
   std::vector<float> host(n), expected(n), before(n);
   float *a, *b;
   CHECK(cudaMalloc(&a, n * sizeof(float)));
   CHECK(cudaMalloc(&b, n * sizeof(float)));
   auto both = composed{square{}, add{-3}}; /* (x - 3)^2 */
   for_each<<<16, 128>>>(n, ramp{a, 1.0f, 0.001f});
   for_each<<<16, 128>>>(n, mapped{a, both});
   smooth<<<(n + 127) / 128, 128>>>(a, b, n);
   by_table<<<(n + 127) / 128, 128>>>(b, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(host.data(), b, n * sizeof(float), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(a));
   CHECK(cudaFree(b));

   for (int i = 0; i < n; i++)
      before[i] = both(1.0f + 0.001f * i);
   auto at = [&](int k) { return before[k < 0 ? 0 : k >= n ? n - 1 : k]; };
   int wrong = 0;
   for (int i = 0; i < n; i++) {
      float sum = at(i - 1) + at(i) + at(i + 1) + 0.5f * at(i - 2);
      expected[i] = i % 2 ? sum - 1 : 2 * sum;
      wrong += !close_to(host[i], expected[i], 1e-5);
   }
   printf("%d elements through five functions, %d wrong\n", n, wrong);
   return finish(wrong == 0);
}
