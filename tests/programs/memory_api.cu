/* SPDX-License-Identifier: Apache-2.0
 * The runtime's memory: copies of every kind, rows and boxes with pitch, fills, symbols,
 * pinned, mapped and managed memory, stream-ordered allocation, attributes of pointers.
 */
#include <cstring>
#include <vector>

#include "../../examples/check.h"

static int passed, failed;

static void
expect(bool ok, const char *what)
{
   (ok ? passed : failed)++;
   if (!ok)
      printf("wrong: %s\n", what);
}

__device__ int numbers[100];
__constant__ float weights[4];
__managed__ int shared_counter = 40;
__device__ __managed__ double shared_values[8];

__global__ void
scale(int *data, int n, int by)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n)
      data[i] *= by;
}

__global__ void
use_symbols(float *out)
{
   numbers[threadIdx.x] += (int)threadIdx.x;
   out[threadIdx.x] = weights[threadIdx.x % 4];
   if (threadIdx.x < 8)
      shared_values[threadIdx.x] = threadIdx.x * 0.5;
   if (threadIdx.x == 0)
      shared_counter += 2;
}

static void
test_linear()
{
   std::vector<int> a(1000), b(1000);
   for (int i = 0; i < 1000; i++)
      a[i] = i;
   int *d, *e;
   CHECK(cudaMalloc(&d, 4000));
   CHECK(cudaMalloc((void **)&e, 4000));
   CHECK(cudaMemcpy(d, a.data(), 4000, cudaMemcpyHostToDevice));
   CHECK(cudaMemcpy(e, d, 4000, cudaMemcpyDeviceToDevice));
   CHECK(cudaMemcpy(b.data(), e, 4000, cudaMemcpyDefault));
   expect(a == b, "to the device, across it, back");
   CHECK(cudaMemset(e, 0x5a, 400));
   CHECK(cudaMemcpy(b.data(), e, 4000, cudaMemcpyDeviceToHost));
   expect(b[0] == 0x5a5a5a5a && b[99] == 0x5a5a5a5a && b[100] == 100, "memset");
   CHECK(cudaMemcpy(d + 10, d, 40, cudaMemcpyDeviceToDevice));
   scale<<<10, 100>>>(d, 1000, -1);
   CHECK(cudaMemcpyAsync(b.data(), d, 4000, cudaMemcpyDeviceToHost, 0));
   CHECK(cudaStreamSynchronize(0));
   expect(b[13] == -3 && b[20] == -20, "a copy within the device");
   CHECK(cudaFree(d));
   CHECK(cudaFree(e));
   expect(cudaFree(nullptr) == cudaSuccess, "free of NULL");
   int *zero = (int *)1;
   expect(cudaMalloc(&zero, 0) == cudaSuccess && cudaFree(zero) == cudaSuccess,
          "an allocation of nothing");
}

static void
test_pitched()
{
   const int width = 37, height = 11;
   char *d, host[height][width], back[height][64];
   size_t pitch;
   CHECK(cudaMallocPitch(&d, &pitch, width, height));
   expect(pitch >= width, "the pitch holds a row");
   for (int y = 0; y < height; y++)
      for (int x = 0; x < width; x++)
         host[y][x] = (char)(y * 7 + x);
   memset(back, 1, sizeof back);
   CHECK(cudaMemcpy2D(d, pitch, host, width, width, height, cudaMemcpyHostToDevice));
   CHECK(cudaMemset2D(d + 5, pitch, 99, 3, 2));
   CHECK(cudaMemcpy2DAsync(back, 64, d, pitch, width, height, cudaMemcpyDeviceToHost, 0));
   CHECK(cudaDeviceSynchronize());
   int wrong = 0;
   for (int y = 0; y < height; y++)
      for (int x = 0; x < 64; x++) {
         char want = x >= width ? 1 : y < 2 && x >= 5 && x < 8 ? 99 : (char)(y * 7 + x);
         wrong += back[y][x] != want;
      }
   expect(wrong == 0, "rows with pitch");
   CHECK(cudaFree(d));

   cudaPitchedPtr box;
   cudaExtent extent = make_cudaExtent(6 * sizeof(int), 5, 4);
   int in[4][5][6], out[4][5][6];
   CHECK(cudaMalloc3D(&box, extent));
   for (int i = 0; i < 120; i++)
      (&in[0][0][0])[i] = i * i;
   cudaMemcpy3DParms p = {};
   p.srcPtr = make_cudaPitchedPtr(in, 6 * sizeof(int), 6, 5);
   p.dstPtr = box;
   p.extent = extent;
   p.kind = cudaMemcpyHostToDevice;
   CHECK(cudaMemcpy3D(&p));
   p.srcPtr = box;
   p.dstPtr = make_cudaPitchedPtr(out, 6 * sizeof(int), 6, 5);
   p.kind = cudaMemcpyDeviceToHost;
   CHECK(cudaMemcpy3D(&p));
   expect(!memcmp(in, out, sizeof in), "boxes");
   CHECK(cudaFree(box.ptr));
}

static void
test_symbols()
{
   int host[100];
   float w[4] = {1.5f, 2.5f, 3.5f, 4.5f}, *d, out[100];
   for (int i = 0; i < 100; i++)
      host[i] = 1000 * i;
   CHECK(cudaMemcpyToSymbol(numbers, host, sizeof host));
   CHECK(cudaMemcpyToSymbol(weights, w + 2, 8, 8)); /* at an offset */
   CHECK(cudaMemcpyToSymbolAsync(weights, w, 8, 0, cudaMemcpyHostToDevice, 0));
   CHECK(cudaMalloc(&d, sizeof out));
   use_symbols<<<1, 100>>>(d);
   CHECK_LAUNCH();
   CHECK(cudaMemcpyFromSymbol(host, numbers, 200, 200));
   expect(host[0] == 50 * 1001 && host[49] == 99 * 1001, "symbols");
   CHECK(cudaMemcpy(out, d, sizeof out, cudaMemcpyDeviceToHost));
   expect(out[0] == 1.5f && out[3] == 4.5f && out[98] == 3.5f, "constants");
   expect(shared_counter == 42 && shared_values[7] == 3.5, "managed variables");
   shared_counter = 1;
   use_symbols<<<1, 1>>>(d);
   CHECK_LAUNCH();
   expect(shared_counter == 3, "managed variables set by the host");
   CHECK(cudaFree(d));
}

static void
test_host_memory()
{
   int *pinned, *mapped, *alias, *managed;
   CHECK(cudaMallocHost((void **)&pinned, 400));
   CHECK(cudaHostAlloc((void **)&mapped, 400, cudaHostAllocMapped));
   CHECK(cudaHostGetDevicePointer((void **)&alias, mapped, 0));
   CHECK(cudaMallocManaged(&managed, 400));
   for (int i = 0; i < 100; i++)
      pinned[i] = mapped[i] = managed[i] = i;
   scale<<<1, 100>>>(alias, 100, 3);
   scale<<<1, 100>>>(managed, 100, 5);
   CHECK_LAUNCH();
   expect(mapped[99] == 297, "mapped memory");
   expect(managed[99] == 495, "managed memory");
   CHECK(cudaMemcpy(managed, pinned, 400, cudaMemcpyDefault));
   expect(managed[50] == 50, "pinned to managed");

   cudaPointerAttributes a;
   CHECK(cudaPointerGetAttributes(&a, managed));
   expect(a.type == cudaMemoryTypeManaged, "attributes of managed memory");
   CHECK(cudaPointerGetAttributes(&a, pinned));
   expect(a.type == cudaMemoryTypeHost && a.hostPointer == pinned,
          "attributes of pinned memory");
   int local;
   CHECK(cudaPointerGetAttributes(&a, &local));
   expect(a.type == cudaMemoryTypeUnregistered, "attributes of the stack");
   std::vector<int> own(1024, 2);
   CHECK(cudaHostRegister(own.data(), 4096, cudaHostRegisterDefault));
   CHECK(cudaPointerGetAttributes(&a, own.data()));
   expect(a.type == cudaMemoryTypeHost, "attributes of registered memory");
   CHECK(cudaHostUnregister(own.data()));
   CHECK(cudaFreeHost(pinned));
   CHECK(cudaFreeHost(mapped));
   CHECK(cudaFree(managed));
}

static void
test_stream_ordered()
{
   cudaStream_t s;
   int *d, out[64];
   CHECK(cudaStreamCreate(&s));
   CHECK(cudaMallocAsync(&d, sizeof out, s));
   CHECK(cudaMemsetAsync(d, 0, sizeof out, s));
   for (int i = 0; i < 64; i++)
      out[i] = i;
   CHECK(cudaMemcpyAsync(d, out, sizeof out, cudaMemcpyHostToDevice, s));
   scale<<<1, 64, 0, s>>>(d, 64, 7);
   CHECK(cudaMemcpyAsync(out, d, sizeof out, cudaMemcpyDeviceToHost, s));
   CHECK(cudaFreeAsync(d, s));
   CHECK(cudaStreamSynchronize(s));
   expect(out[63] == 441, "allocation in stream order");
   CHECK(cudaStreamDestroy(s));
   size_t free_bytes, total;
   CHECK(cudaMemGetInfo(&free_bytes, &total));
   expect(free_bytes <= total && total > 1 << 20, "memory info");
}

int
main()
{
   test_linear();
   test_pitched();
   test_symbols();
   test_host_memory();
   test_stream_ordered();
   printf("%d passed, %d failed\n", passed, failed);
   return finish(failed == 0);
}
