/* SPDX-License-Identifier: Apache-2.0
 * new and delete on the device: arrays, arrays with constructors, virtual destructors,
 * types of more alignment than malloc gives. No <new> is included. */
#include "../../examples/check.h"

__device__ int destroyed;

struct base {
   int v;
   __device__ explicit base(int x = 5) : v(x) {}
   __device__ virtual ~base()
   {
      atomicAdd(&destroyed, 1);
   }
   __device__ virtual int value() const
   {
      return v;
   }
};
struct derived : base {
   __device__ explicit derived(int x) : base(x) {}
   __device__ int value() const override
   {
      return 2 * v;
   }
};
struct alignas(128) wide {
   double d[20];
};

__global__ void
kernel(int n, int *out)
{
   int t = threadIdx.x, sum = 0;
   int *plain = new int[n];
   for (int i = 0; i < n; i++)
      plain[i] = i * t;
   for (int i = 0; i < n; i++)
      sum += plain[i];
   delete[] plain;
   base *one = new derived(t);
   sum += one->value();
   delete one;
   base *many = new base[3];
   sum += many[0].value() + many[2].value();
   delete[] many;
   wide *w = new wide, *several = new wide[n];
   sum += (reinterpret_cast<size_t>(w) % 128 || reinterpret_cast<size_t>(several) % 128)
             ? 100000
             : 0;
   several[n - 1].d[19] = t;
   sum += static_cast<int>(several[n - 1].d[19]);
   delete w;
   delete[] several;
   out[t] = sum;
}

int
main()
{
   const int threads = 64, n = 10;
   int *out, count = 0;
   CHECK(cudaMallocManaged(&out, threads * sizeof(int)));
   kernel<<<1, threads>>>(n, out);
   CHECK(cudaGetLastError());
   CHECK(cudaDeviceSynchronize());
   int wrong = 0;
   for (int t = 0; t < threads; t++)
      wrong += out[t] != 45 * t + 2 * t + 10 + t;
   CHECK(cudaMemcpyFromSymbol(&count, destroyed, sizeof count));
   wrong += count != 4 * threads;
   printf("%s\n", wrong ? "WRONG" : "right");
   return wrong != 0;
}
