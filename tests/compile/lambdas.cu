/* SPDX-License-Identifier: Apache-2.0
 * Compiles: lambdas in kernels, __device__ and __host__ __device__ ones passed to them.
 */
#include <cstdio>
#include <vector>

template <typename F>
__global__ void
for_each(int n, F f)
{
   for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x)
      f(i);
}

template <typename F>
void
launch(int n, F &&f)
{
   for_each<<<(n + 127) / 128, 128>>>(n, f);
}

struct solver {
   float *u;
   float dt;
   void
   step(int n)
   {
      auto p = u;
      float h = dt;
      launch(n, [=] __device__(int i) { p[i] += h; });
      launch(n, [=, *this] __device__(int i) { u[i] *= dt; });
   }
};

__global__ void
inside(float *x)
{
   auto sq = [](float v) { return v * v; };
   auto add = [x](int i, auto v) { x[i] += v; };
   add(threadIdx.x, sq(2.0f));
}

int
main()
{
   float *d;
   cudaMalloc(&d, 1024);
   auto both = [] __host__ __device__(float v) { return v + 1; };
   launch(256, [=] __device__(int i) { d[i] = both((float)i); });
   launch(256, [d, both] __host__ __device__(int i) mutable { d[i] = both(d[i]); });
   solver{d, 0.5f}.step(256);
   inside<<<1, 32>>>(d);
   printf("%f\n", both(1.0f));
   return (int)cudaDeviceSynchronize();
}
