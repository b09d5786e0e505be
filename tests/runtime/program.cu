/* SPDX-License-Identifier: Apache-2.0
 * A program as people write it; nvcc.sh builds it with NVIDIA's compiler, for our runtime
 * library. Prints `N passed, N failed`. */
#include <cstdio>
#include <cuda_runtime.h>
#include <vector>

static int passed, failed;
#define CHECK(c)                                                                         \
   ((c) ? (void)passed++                                                                 \
        : (void)(failed++, fprintf(stderr, "line %d: %s\n", __LINE__, #c)))
#define OK(call) CHECK((call) == cudaSuccess)

__constant__ float weights[4];
__device__ int hits;
__managed__ int total = 7;

template <typename T>
__global__ void
axpy(int n, T a, const T *x, T *y)
{
   int i = blockIdx.x * blockDim.x + threadIdx.x;
   if (i < n) {
      y[i] = a * x[i] + y[i] + weights[i % 4];
      atomicAdd(&hits, 1);
   }
}

__global__ void
block_sums(const int *in, int *out)
{
   __shared__ int s[128];
   s[threadIdx.x] = in[blockIdx.x * 128 + threadIdx.x];
   __syncthreads();
   for (int d = 64; d > 0; d /= 2) {
      if (threadIdx.x < d)
         s[threadIdx.x] += s[threadIdx.x + d];
      __syncthreads();
   }
   if (threadIdx.x == 0) {
      out[blockIdx.x] = s[0];
      atomicAdd(&total, s[0]);
   }
}

struct Pair {
   double2 v;
   short tag;
};

__global__ void
by_value(Pair p, double *out)
{
   out[0] = p.v.x * p.tag;
   out[1] = p.v.y - p.tag;
}

static void
floats()
{
   const int n = 1000;
   std::vector<float> x(n), y(n), got(n);
   float w[4] = {0.5f, 1.5f, 2.5f, 3.5f}, *dx, *dy;
   for (int i = 0; i < n; i++)
      x[i] = i * 0.25f, y[i] = 100 - i;
   OK(cudaMalloc(&dx, n * sizeof(float)));
   OK(cudaMalloc(&dy, n * sizeof(float)));
   OK(cudaMemcpyToSymbol(weights, w, sizeof w));
   OK(cudaMemcpy(dx, x.data(), n * sizeof(float), cudaMemcpyHostToDevice));
   OK(cudaMemcpy(dy, y.data(), n * sizeof(float), cudaMemcpyHostToDevice));
   axpy<float><<<(n + 127) / 128, 128>>>(n, 2.0f, dx, dy);
   OK(cudaGetLastError());
   OK(cudaMemcpy(got.data(), dy, n * sizeof(float), cudaMemcpyDeviceToHost));
   bool right = true;
   for (int i = 0; i < n; i++)
      right = right && got[i] == 2.0f * x[i] + y[i] + w[i % 4];
   CHECK(right);
   int h = 0;
   OK(cudaMemcpyFromSymbol(&h, hits, sizeof h));
   CHECK(h == n);
   OK(cudaFree(dx));
   OK(cudaFree(dy));
}

static void
sums()
{
   int in[512], out[4], *din, *dout;
   cudaStream_t s;
   cudaEvent_t a, b;
   float ms = -1;
   for (int i = 0; i < 512; i++)
      in[i] = i;
   OK(cudaStreamCreate(&s));
   OK(cudaEventCreate(&a));
   OK(cudaEventCreate(&b));
   OK(cudaMalloc(&din, sizeof in));
   OK(cudaMalloc(&dout, sizeof out));
   CHECK(total == 7);
   OK(cudaMemcpyAsync(din, in, sizeof in, cudaMemcpyHostToDevice, s));
   OK(cudaEventRecord(a, s));
   block_sums<<<4, 128, 0, s>>>(din, dout);
   OK(cudaEventRecord(b, s));
   OK(cudaMemcpyAsync(out, dout, sizeof out, cudaMemcpyDeviceToHost, s));
   OK(cudaStreamSynchronize(s));
   OK(cudaEventElapsedTime(&ms, a, b));
   CHECK(ms >= 0);
   /* 128 numbers from 128k on: 128 * 128k + 127 * 64 */
   for (int k = 0; k < 4; k++)
      CHECK(out[k] == 16384 * k + 8128);
   CHECK(total == 7 + 130816);
   OK(cudaFree(din));
   OK(cudaFree(dout));
   OK(cudaEventDestroy(a));
   OK(cudaEventDestroy(b));
   OK(cudaStreamDestroy(s));
}

__global__ void
add_to(float *p, float v)
{
   p[threadIdx.x] += v;
}

static void CUDART_CB
five(void *p)
{
   *(int *)p = 5;
}

/* The C++ forms of the API: kernels and symbols by name, attributes, captures. */
static void
forms()
{
   float *f, v = 3;
   int word = 0;
   cudaStream_t s;
   cudaGraph_t g;
   cudaGraphExec_t x;
   cudaEvent_t e;
   cudaKernel_t k;
   void *p = nullptr;
   size_t size = 0;
   OK(cudaStreamCreate(&s));
   OK(cudaMallocManaged(&f, 64));
   for (int i = 0; i < 16; i++)
      f[i] = i;
   cudaLaunchAttribute at[1];
   at[0].id = cudaLaunchAttributeCooperative;
   at[0].val.cooperative = 1;
   cudaLaunchConfig_t c = {};
   c.gridDim = 1;
   c.blockDim = 16;
   c.stream = s;
   c.attrs = at;
   c.numAttrs = 1;
   OK(cudaLaunchKernelEx(&c, add_to, f, 10.0f));
   void *args[] = {&f, &v};
   OK(cudaLaunchKernel(add_to, dim3(1), dim3(16), args, 0, s));
   OK(cudaLaunchCooperativeKernel(add_to, dim3(1), dim3(8), args, 0, s));
   OK(cudaLaunchHostFunc(s, five, &word));
   OK(cudaStreamSynchronize(s));
   CHECK(f[2] == 18 && f[9] == 22 && word == 5);
   OK(cudaStreamBeginCapture(s, cudaStreamCaptureModeGlobal));
   add_to<<<1, 4, 0, s>>>(f, 100.0f);
   OK(cudaStreamEndCapture(s, &g));
   OK(cudaGraphInstantiate(&x, g, 0));
   OK(cudaGraphLaunch(x, s));
   OK(cudaGraphLaunch(x, s));
   OK(cudaStreamSynchronize(s));
   CHECK(f[3] == 219 && f[4] == 20);
   OK(cudaGraphExecDestroy(x));
   OK(cudaGraphDestroy(g));
   OK(cudaGetSymbolAddress(&p, hits));
   OK(cudaGetSymbolSize(&size, weights));
   CHECK(p != nullptr && size == 16);
   OK(cudaGetKernel(&k, add_to));
   OK(cudaFuncSetAttribute(add_to, cudaFuncAttributeMaxDynamicSharedMemorySize, 1000));
   OK(cudaEventCreate(&e, cudaEventDisableTiming));
   OK(cudaEventDestroy(e));
   OK(cudaFree(f));
   OK(cudaMallocAsync(&f, 64, s));
   OK(cudaFreeAsync(f, s));
   cudaChannelFormatDesc d = cudaCreateChannelDesc<float2>();
   CHECK(d.x == 32 && d.y == 32 && d.z == 0 && d.f == cudaChannelFormatKindFloat);
   cudaPitchedPtr q;
   OK(cudaMalloc3D(&q, make_cudaExtent(16, 4, 2)));
   OK(cudaFree(q.ptr));
   OK(cudaStreamDestroy(s));
}

int
main()
{
   cudaDeviceProp p;
   double out[2], *d;
   cudaFuncAttributes at;
   int blocks = 0, grid = 0, block = 0;
   OK(cudaGetDeviceProperties(&p, 0));
   CHECK(p.warpSize == 32 && p.maxThreadsPerBlock == 1024);
   floats();
   sums();
   forms();
   OK(cudaMalloc(&d, sizeof out));
   by_value<<<1, 1>>>(Pair{{1.5, 10.0}, 3}, d);
   OK(cudaMemcpy(out, d, sizeof out, cudaMemcpyDeviceToHost));
   CHECK(out[0] == 4.5 && out[1] == 7.0);
   OK(cudaFree(d));
   OK(cudaFuncGetAttributes(&at, block_sums));
   CHECK(at.sharedSizeBytes == 512);
   OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, block_sums, 128, 0));
   CHECK(blocks > 0);
   OK(cudaOccupancyMaxPotentialBlockSize(&grid, &block, by_value));
   CHECK(grid > 0 && block > 0 && block <= 1024);
   by_value<<<1, 2048>>>(Pair{}, nullptr);
   CHECK(cudaGetLastError() == cudaErrorInvalidConfiguration);
   CHECK(cudaGetLastError() == cudaSuccess);
   printf("%d passed, %d failed\n", passed, failed);
   return failed != 0;
}
