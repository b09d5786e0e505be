/* SPDX-License-Identifier: Apache-2.0
 * Compiles: templates, classes, constexpr, auto, default arguments, std:: in device code.
 */
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

template <typename T, int Block>
__global__ void
scale(T *data, T factor, int n)
{
   __shared__ T tile[Block];
   int i = blockIdx.x * Block + threadIdx.x;
   tile[threadIdx.x] = i < n ? data[i] : T(0);
   __syncthreads();
   if (i < n)
      data[i] = tile[threadIdx.x] * factor;
}

template <typename T> struct shared_memory {
   __device__
   operator T *()
   {
      extern __shared__ __align__(16) unsigned char memory[];
      return reinterpret_cast<T *>(memory);
   }
};
template <typename T>
__global__ void
dynamic(T *out)
{
   shared_memory<T> memory;
   T *p = memory;
   p[threadIdx.x] = out[threadIdx.x];
   __syncthreads();
   out[threadIdx.x] = p[blockDim.x - 1 - threadIdx.x];
}

constexpr int
square(int x)
{
   return x * x;
}

class matrix
{
 public:
   __host__ __device__
   matrix(float *p, int w)
       : data(p), width(w)
   {
   }
   __host__ __device__ float &
   operator()(int r, int c)
   {
      return data[r * width + c];
   }
   __host__ __device__ float
   operator()(int r, int c) const
   {
      return data[r * width + c];
   }

 private:
   float *data;
   int width;
};

struct shape {
   __device__ virtual float area() const = 0;
   __device__ virtual ~shape()
   {
   }
};
struct circle : shape {
   float r;
   __device__ explicit circle(float radius) : r(radius)
   {
   }
   __device__ float
   area() const override
   {
      return 3.14159f * r * r;
   }
};

template <typename F, typename... Args>
__global__ void
apply(F f, Args... args)
{
   f(threadIdx.x, args...);
}

struct functor {
   int *out;
   __device__ void
   operator()(unsigned i, int a, int b = 3) const
   {
      out[i] = a + b + (int)i;
   }
};

enum class mode : unsigned { add, multiply };
namespace detail
{
template <mode M>
__device__ float
combine(float a, float b)
{
   if constexpr (M == mode::add)
      return a + b;
   else
      return a * b;
}
} // namespace detail

__global__ void
standard(float *x, int *n, std::array<float, 4> values)
{
   auto i = threadIdx.x;
   float m = std::max(x[i], values[i % 4]);
   m = std::min(m, std::numeric_limits<float>::max());
   m += std::sqrt(std::abs(m)) + std::pow(m, 2.0f) + std::fma(m, m, 1.0f);
   if (std::isnan(m) || std::isinf(m) || !std::isfinite(m))
      m = 0;
   auto pair = std::make_pair(m, n[i]);
   x[i] = pair.first;
   n[i] = max(pair.second, square(4)) + min(3, n[i]) + abs(-n[i]);
   static_assert(square(3) == 9, "constexpr");
   matrix a(x, 4);
   a(1, 1) += a(0, 0) + detail::combine<mode::multiply>(x[0], x[1]);
   circle c(m);
   const shape *s = &c;
   x[0] += s->area();
   x[1] = std::move(m);
}

template __global__ void scale<double, 128>(double *, double, int);

int
main()
{
   std::vector<float> host(1000, 2.0f);
   std::iota(host.begin(), host.end(), 0.0f);
   float *d;
   int *n;
   cudaMalloc(&d, host.size() * sizeof(float));
   cudaMalloc((void **)&n, 4096);
   cudaMemcpy(d, host.data(), host.size() * sizeof(float), cudaMemcpyHostToDevice);
   scale<float, 256><<<4, 256>>>(d, 2.0f, 1000);
   dynamic<float><<<1, 32, 32 * sizeof(float)>>>(d);
   dynamic<double><<<1, 32, 32 * sizeof(double)>>>((double *)d);
   apply<<<1, 32>>>(functor{n}, 1, 2);
   standard<<<1, 4>>>(d, n, {1, 2, 3, 4});
   auto kernel = scale<float, 128>;
   kernel<<<dim3(1, 1, 1), dim3{128}, 0, cudaStreamPerThread>>>(d, 1.0f, 100);
   void *args[] = {&d};
   cudaLaunchKernel(dynamic<float>, dim3(1), dim3(32), args, 128, 0);
   std::unique_ptr<float, decltype(&cudaFree)> owner(nullptr, &cudaFree);
   std::sort(host.begin(), host.end(), std::greater<float>());
   std::cout << std::string("done") << max(3, 4) << min(2.0f, 3.0f) << rsqrtf(4.0f)
             << '\n';
   return (int)cudaDeviceSynchronize();
}
