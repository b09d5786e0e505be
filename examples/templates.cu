/* SPDX-License-Identifier: Apache-2.0
 * Kernels as templates: one source for many types, operations and sizes known at compile
 * time, a fold over a parameter pack, `if constexpr`, and overloads chosen by type.
 *
 *    kasuri run examples/templates.cu [ELEMENTS] */
// TEST small 1000
#include <cstdint>
#include <type_traits>
#include <vector>

#include "check.h"

template <typename T> struct largest {
   __host__ __device__ static T
   start()
   {
      return std::is_signed_v<T> ? T(-100) : T(0);
   }
   __host__ __device__ T
   operator()(T a, T b) const
   {
      return a < b ? b : a;
   }
};
template <typename T> struct plus {
   __host__ __device__ static T
   start()
   {
      return T(0);
   }
   __host__ __device__ T
   operator()(T a, T b) const
   {
      return a + b;
   }
};

/* A tree in shared memory; its depth is known, so the compiler unrolls it. */
template <typename T, typename Op, int threads>
__global__ void
reduce(const T *in, T *out, int n)
{
   __shared__ T part[threads];
   Op op;
   T mine = Op::start();
   for (int i = blockIdx.x * threads + threadIdx.x; i < n; i += gridDim.x * threads)
      mine = op(mine, in[i]);
   part[threadIdx.x] = mine;
   __syncthreads();
#pragma unroll
   for (int d = threads / 2; d > 0; d /= 2) {
      if (threadIdx.x < d)
         part[threadIdx.x] = op(part[threadIdx.x], part[threadIdx.x + d]);
      __syncthreads();
   }
   if (threadIdx.x == 0)
      out[blockIdx.x] = part[0];
}

/* A polynomial whose coefficients are template arguments, by Horner's rule. */
template <int... c>
__host__ __device__ constexpr int
polynomial(int x)
{
   int value = 0;
   ((value = value * x + c), ...);
   return value;
}
static_assert(polynomial<2, 0, -1>(3) == 17, "2 x^2 - 1");

template <typename T>
__host__ __device__ T
twist(T x)
{
   if constexpr (std::is_floating_point_v<T>)
      return x * T(0.5);
   else if constexpr (sizeof(T) == 8)
      return (x << 3) ^ (x >> 5);
   else
      return T(polynomial<1, 3, 5>(int(x) % 10));
}

template <typename T>
__global__ void
twist_all(T *data, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      data[i] = twist(data[i]);
}

template <typename T, template <typename> class Op, int threads>
static bool
test(const char *name, int n)
{
   const int blocks = 7;
   std::vector<T> in(n), parts(blocks);
   for (int i = 0; i < n; i++)
      in[i] = T((i * 29 + 3) % 101);
   T *din, *dparts;
   CHECK(cudaMalloc(&din, n * sizeof(T)));
   CHECK(cudaMalloc(&dparts, blocks * sizeof(T)));
   CHECK(cudaMemcpy(din, in.data(), n * sizeof(T), cudaMemcpyHostToDevice));
   twist_all<<<(n + 63) / 64, 64>>>(din, n);
   reduce<T, Op<T>, threads><<<blocks, threads>>>(din, dparts, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(parts.data(), dparts, blocks * sizeof(T), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(din));
   CHECK(cudaFree(dparts));

   Op<T> op;
   T got = Op<T>::start(), expected = Op<T>::start();
   for (T part : parts)
      got = op(got, part);
   for (T x : in)
      expected = op(expected, twist(x));
   bool ok = got == expected;
   printf("%-16s %14.1f %s\n", name, (double)got, ok ? "right" : "wrong");
   return ok;
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 50000);
   bool ok = test<int, plus, 128>("sum of int", n);
   ok = test<float, largest, 64>("largest float", n) && ok;
   ok = test<double, plus, 256>("sum of double", n) && ok;
   ok = test<uint64_t, plus, 32>("sum of uint64", n) && ok;
   ok = test<short, largest, 128>("largest short", n) && ok;
   ok = test<unsigned char, plus, 64>("sum of bytes", n) && ok;
   return finish(ok);
}
