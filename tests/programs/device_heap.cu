/* SPDX-License-Identifier: Apache-2.0
 * Memory that kernels allocate and that lives on between kernels: malloc and new, linked
 * lists, memcpy and memset on the device, a limit for the heap, function pointers. */
#include <vector>

#include "../../examples/check.h"

struct node {
   int value;
   node *next;
};

__device__ node *lists[64];

__global__ void
build(int n)
{
   int t = threadIdx.x;
   node *head = nullptr;
   for (int i = 0; i < t % 7 + n; i++) {
      node *fresh = (node *)malloc(sizeof(node));
      if (!fresh)
         return;
      fresh->value = t * 100 + i;
      fresh->next = head;
      head = fresh;
   }
   lists[t] = head;
}

__global__ void
add_up(int *sums)
{
   int sum = 0;
   for (node *at = lists[threadIdx.x]; at;) {
      node *next = at->next;
      sum += at->value;
      free(at);
      at = next;
   }
   sums[threadIdx.x] = sum;
}

__global__ void
buffers(int *sums)
{
   int n = 10 + threadIdx.x;
   char *bytes = new char[n];
   memset(bytes, 3, n);
   int *copy = new int[n];
   for (int i = 0; i < n; i++)
      copy[i] = i * bytes[i];
   int other[5];
   memcpy(other, copy + n - 5, sizeof other);
   sums[threadIdx.x] = other[0] + other[4];
   delete[] bytes;
   delete[] copy;
   if (threadIdx.x == 0) {
      void *volatile huge = malloc((size_t)1 << 50);
      sums[0] += huge == nullptr ? 1000000 : 0;
   }
}

typedef int (*operation)(int, int);
__device__ int
plus(int a, int b)
{
   return a + b;
}
__device__ int
times(int a, int b)
{
   return a * b;
}
__device__ int
power(int a, int b)
{
   return b == 0 ? 1 : a * power(a, b - 1);
}
__device__ operation by_default = times;

__global__ void
apply(int *out, operation given)
{
   operation local[3] = {plus, by_default, power};
   int t = threadIdx.x;
   out[t] = t < 48 ? local[t % 3](t % 5 + 2, t % 4) : given(t, 2);
}

__global__ void
get_function(operation *out)
{
   *out = plus;
}

int
main()
{
   const int n = 64;
   std::vector<int> sums(n);
   int *d, wrong = 0;
   CHECK(cudaMalloc(&d, n * sizeof(int)));
   size_t heap = 0;
   CHECK(cudaDeviceSetLimit(cudaLimitMallocHeapSize, 16 << 20));
   CHECK(cudaDeviceGetLimit(&heap, cudaLimitMallocHeapSize));
   wrong += heap < 16 << 20;
   build<<<1, n>>>(20);
   add_up<<<1, n>>>(d);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(sums.data(), d, n * sizeof(int), cudaMemcpyDeviceToHost));
   for (int t = 0; t < n; t++) {
      int sum = 0;
      for (int i = 0; i < t % 7 + 20; i++)
         sum += t * 100 + i;
      wrong += sums[t] != sum;
   }
   printf("lists: %d wrong\n", wrong);

   buffers<<<1, n>>>(d);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(sums.data(), d, n * sizeof(int), cudaMemcpyDeviceToHost));
   for (int t = 0; t < n; t++)
      wrong += sums[t] != 3 * (10 + t - 5) + 3 * (10 + t - 1) + (t == 0 ? 1000000 : 0);
   printf("buffers: %d wrong\n", wrong);

   operation *where, given;
   CHECK(cudaMalloc(&where, sizeof given));
   get_function<<<1, 1>>>(where);
   CHECK(cudaMemcpy(&given, where, sizeof given, cudaMemcpyDeviceToHost));
   apply<<<1, n>>>(d, given);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(sums.data(), d, n * sizeof(int), cudaMemcpyDeviceToHost));
   for (int t = 0; t < n; t++) {
      int a = t % 5 + 2, b = t % 4, p = 1;
      for (int k = 0; k < b; k++)
         p *= a;
      wrong += sums[t] != (t >= 48 ? t + 2 : t % 3 == 0 ? a + b : t % 3 == 1 ? a * b : p);
   }
   printf("function pointers: %d wrong\n", wrong);
   CHECK(cudaFree(d));
   CHECK(cudaFree(where));
   return finish(wrong == 0);
}
