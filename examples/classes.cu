/* SPDX-License-Identifier: Apache-2.0
 * Classes on both sides: one type that owns device memory on the host (RAII), a view of
 * it that kernels take by value, operators, constexpr tables, and virtual functions of
 * objects that live on the device.
 *
 *    kasuri run examples/classes.cu [SHAPES] */
// TEST small 300
#include <new>
#include <utility>
#include <vector>

#include "check.h"

/* Owns an array on the device; movable, not copyable. */
template <typename T> class device_array
{
 public:
   explicit device_array(size_t n) : size_(n)
   {
      CHECK(cudaMalloc(&data_, n * sizeof(T)));
   }
   explicit device_array(const std::vector<T> &host) : device_array(host.size())
   {
      CHECK(cudaMemcpy(data_, host.data(), size_ * sizeof(T), cudaMemcpyHostToDevice));
   }
   device_array(device_array &&other) noexcept
       : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0))
   {
   }
   device_array(const device_array &) = delete;
   device_array &operator=(const device_array &) = delete;
   ~device_array()
   {
      cudaFree(data_);
   }

   std::vector<T>
   to_host() const
   {
      std::vector<T> host(size_);
      CHECK(cudaMemcpy(host.data(), data_, size_ * sizeof(T), cudaMemcpyDeviceToHost));
      return host;
   }
   T *
   data()
   {
      return data_;
   }
   size_t
   size() const
   {
      return size_;
   }

 private:
   T *data_ = nullptr;
   size_t size_ = 0;
};

template <typename T> struct view {
   T *first;
   int count;
   view(device_array<T> &a) : first(a.data()), count((int)a.size())
   {
   }
   __device__ T &
   operator[](int i) const
   {
      return first[i];
   }
   __device__ T *
   begin() const
   {
      return first;
   }
   __device__ T *
   end() const
   {
      return first + count;
   }
};

class shape
{
 public:
   __device__ virtual float area() const = 0;
   __device__ virtual int
   corners() const
   {
      return 0;
   }
   __device__ virtual ~shape()
   {
   }
};
class circle : public shape
{
 public:
   __device__ explicit circle(float r) : radius(r)
   {
   }
   __device__ float
   area() const override
   {
      return 3.0f * radius * radius;
   }

 private:
   float radius;
};
class box : public shape
{
 public:
   __device__
   box(float w, float h)
       : width(w), height(h)
   {
   }
   __device__ float
   area() const override
   {
      return width * height;
   }
   __device__ int
   corners() const override
   {
      return 4;
   }

 protected:
   float width, height;
};
class cube : public box
{
 public:
   __device__ explicit cube(float s) : box(s, s)
   {
   }
   __device__ float
   area() const override
   {
      return 6 * box::area();
   }
   __device__ int
   corners() const override
   {
      return 8;
   }
};

/* A table made by the compiler. */
struct primes {
   int value[8] = {};
   constexpr primes()
   {
      int n = 0;
      for (int candidate = 2; n < 8; candidate++) {
         bool prime = true;
         for (int i = 0; i < n; i++)
            prime = prime && candidate % value[i] != 0;
         if (prime)
            value[n++] = candidate;
      }
   }
};
__constant__ primes table;

__global__ void
make(shape **shapes, int n)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i >= n)
      return;
   float size = (float)table.value[i % 8];
   switch (i % 3) {
   case 0:
      shapes[i] = new circle(size);
      break;
   case 1:
      shapes[i] = new box(size, 2);
      break;
   default:
      shapes[i] = new cube(size);
   }
}

__global__ void
measure(shape *const *shapes, view<float> areas, view<int> corners)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < areas.count) {
      areas[i] = shapes[i]->area();
      corners[i] = shapes[i]->corners();
      delete shapes[i];
   }
}

__global__ void
total(view<float> areas, float *sum)
{
   float s = 0;
   for (float a : areas)
      s += a;
   *sum = s;
}

int
main(int argc, char **argv)
{
   int n = size_argument(argc, argv, 3000, 1, 100000);
   int blocks = (n + 127) / 128;
   device_array<shape *> shapes(n);
   device_array<float> areas(n), sum(std::vector<float>{-1});
   device_array<int> corners(n);
   make<<<blocks, 128>>>(shapes.data(), n);
   measure<<<blocks, 128>>>(shapes.data(), areas, corners);
   total<<<1, 1>>>(areas, sum.data());
   CHECK_LAUNCH();

   constexpr primes p;
   static_assert(p.value[7] == 19, "the eighth prime");
   device_array<float> moved = std::move(areas);
   std::vector<float> a = moved.to_host();
   std::vector<int> c = corners.to_host();
   float expected_sum = 0;
   int wrong = 0;
   for (int i = 0; i < n; i++) {
      float s = (float)p.value[i % 8];
      float area = i % 3 == 0 ? 3 * s * s : i % 3 == 1 ? 2 * s : 6 * s * s;
      wrong += a[i] != area || c[i] != (i % 3 == 0 ? 0 : i % 3 == 1 ? 4 : 8);
      expected_sum += area;
   }
   printf("%d shapes, %d wrong, total area %.0f\n", n, wrong, sum.to_host()[0]);
   return finish(wrong == 0 && sum.to_host()[0] == expected_sum);
}
