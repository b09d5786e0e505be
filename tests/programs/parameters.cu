/* SPDX-License-Identifier: Apache-2.0
 * Kernel parameters of many kinds: large structs by value, arrays with dynamic index in
 * them, narrow and mixed types with padding, references to what lives in parameter space,
 * and grids and blocks of odd three-dimensional shapes. */
#include <vector>

#include "../../examples/check.h"

struct big {
   int head;
   double table[400];
   char name[13];
   short tail;
};

__global__ void
read_big(big b, double *out, int n)
{
   int i = threadIdx.x + blockDim.x * blockIdx.x;
   if (i < n)
      out[i] = b.table[i * 7 % 400] + b.head + b.name[i % 13] + b.tail;
}

struct __align__(16) aligned {
   char c;
   float4 v;
};

__global__ void
mixed(char a, bool b, short c, unsigned char d, long long e, float f, aligned g, double h,
      int2 i, uchar3 j, double *out)
{
   out[0] = a;
   out[1] = b;
   out[2] = c;
   out[3] = d;
   out[4] = (double)e;
   out[5] = f;
   out[6] = g.c + g.v.x + g.v.y + g.v.z + g.v.w;
   out[7] = h;
   out[8] = i.x - i.y;
   out[9] = j.x + 10 * j.y + 100 * j.z;
}

/* The struct is changed: that is the thread's own copy. */
__global__ void
change(big b, double *out)
{
   for (int k = 0; k < 5; k++)
      b.table[(threadIdx.x + k) % 400] += k * threadIdx.x;
   double sum = 0;
   for (int k = 0; k < 40; k++)
      sum += b.table[k];
   out[threadIdx.x] = sum;
}

__global__ void
shape(unsigned *out)
{
   unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
   unsigned block = blockIdx.x + gridDim.x * (blockIdx.y + gridDim.y * blockIdx.z);
   unsigned i = block * blockDim.x * blockDim.y * blockDim.z + thread;
   out[i] = threadIdx.x + 16 * threadIdx.y + 256 * threadIdx.z + 4096 * blockIdx.x +
            65536 * blockIdx.y + (1u << 20) * blockIdx.z;
}

static int
test_shape(dim3 grid, dim3 block)
{
   unsigned n = grid.x * grid.y * grid.z * block.x * block.y * block.z, *d;
   std::vector<unsigned> out(n);
   CHECK(cudaMalloc(&d, n * sizeof(unsigned)));
   CHECK(cudaMemset(d, 0xff, n * sizeof(unsigned)));
   shape<<<grid, block>>>(d);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), d, n * sizeof(unsigned), cudaMemcpyDeviceToHost));
   CHECK(cudaFree(d));
   size_t at = 0;
   int wrong = 0;
   for (unsigned bz = 0; bz < grid.z; bz++)
      for (unsigned by = 0; by < grid.y; by++)
         for (unsigned bx = 0; bx < grid.x; bx++)
            for (unsigned z = 0; z < block.z; z++)
               for (unsigned y = 0; y < block.y; y++)
                  for (unsigned x = 0; x < block.x; x++)
                     wrong += out[at++] != x + 16 * y + 256 * z + 4096 * bx + 65536 * by +
                                              (1u << 20) * bz;
   printf("grid %u x %u x %u of blocks %u x %u x %u: %d wrong\n", grid.x, grid.y, grid.z,
          block.x, block.y, block.z, wrong);
   return wrong;
}

int
main()
{
   const int n = 1000;
   int wrong = 0;
   big b = {};
   b.head = 1000;
   b.tail = -3;
   for (int i = 0; i < 400; i++)
      b.table[i] = i * 0.5;
   for (int i = 0; i < 13; i++)
      b.name[i] = (char)('a' + i);
   double *d;
   std::vector<double> out(n);
   CHECK(cudaMalloc(&d, n * sizeof(double)));
   read_big<<<8, 125>>>(b, d, n);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), d, n * sizeof(double), cudaMemcpyDeviceToHost));
   for (int i = 0; i < n; i++)
      wrong += out[i] != i * 7 % 400 * 0.5 + 1000 + ('a' + i % 13) - 3;
   printf("large struct: %d wrong\n", wrong);

   aligned g = {5, make_float4(1, 2, 3, 4)};
   mixed<<<1, 1>>>(-7, true, -300, 200, -(1ll << 40), 0.25f, g, 1e100, make_int2(9, 11),
                   make_uchar3(1, 2, 3), d);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), d, 10 * sizeof(double), cudaMemcpyDeviceToHost));
   const double want[10] = {-7, 1, -300, 200, -1099511627776.0, 0.25, 15, 1e100, -2, 321};
   for (int i = 0; i < 10; i++)
      if (out[i] != want[i]) {
         printf("parameter %d is %g, not %g\n", i, out[i], want[i]);
         wrong++;
      }

   change<<<1, 70>>>(b, d);
   CHECK_LAUNCH();
   CHECK(cudaMemcpy(out.data(), d, 70 * sizeof(double), cudaMemcpyDeviceToHost));
   for (int t = 0; t < 70; t++) {
      double sum = 0;
      for (int k = 0; k < 40; k++)
         sum += k * 0.5;
      for (int k = 0; k < 5; k++)
         sum += t + k < 40 ? k * t : 0;
      wrong += out[t] != sum;
   }
   CHECK(cudaFree(d));
   wrong += test_shape(dim3(3, 2, 2), dim3(7, 5, 3));
   wrong += test_shape(dim3(2), dim3(1, 1, 13));
   wrong += test_shape(dim3(1, 5), dim3(33));
   wrong += test_shape(dim3(4, 1, 3), dim3(16, 16));
   wrong += test_shape(dim3(2), dim3(2, 9));
   return finish(wrong == 0);
}
