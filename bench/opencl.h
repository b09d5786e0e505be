/* SPDX-License-Identifier: Apache-2.0
 * The OpenCL side's host: the few CUDA calls that the benchmarks' main functions make, on
 * OpenCL's first device with shared virtual memory, so that run.py can take main from
 * kernel.cu (launches rewritten to opencl_launch) and the kernels from kernel.cl. */
#ifndef OPENCL_H
#define OPENCL_H

#define CL_TARGET_OPENCL_VERSION 200
#include <CL/cl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <map>
#include <string>

#define CL(call) opencl_check((call), #call)

static void
opencl_check(cl_int status, const char *call)
{
   if (status != CL_SUCCESS) {
      fprintf(stderr, "OpenCL: error %d in %s\n", status, call);
      exit(1);
   }
}

struct opencl {
   cl_context context;
   cl_command_queue queue;
   cl_program program;
   std::map<std::string, cl_kernel> kernels;

   opencl()
   {
      cl_platform_id platform;
      cl_device_id device;
      cl_int e;
      CL(clGetPlatformIDs(1, &platform, NULL));
      CL(clGetDeviceIDs(platform, CL_DEVICE_TYPE_CPU, 1, &device, NULL));
      context = clCreateContext(NULL, 1, &device, NULL, NULL, &e);
      opencl_check(e, "clCreateContext");
      queue = clCreateCommandQueueWithProperties(context, device, NULL, &e);
      opencl_check(e, "clCreateCommandQueueWithProperties");
      const char *text = KERNEL_TEXT;
      program = clCreateProgramWithSource(context, 1, &text, NULL, &e);
      opencl_check(e, "clCreateProgramWithSource");
      if (clBuildProgram(program, 1, &device, "-cl-std=CL1.2 -cl-fast-relaxed-math", NULL, NULL)) {
         static char log[1 << 16];
         clGetProgramBuildInfo(program, device, CL_PROGRAM_BUILD_LOG, sizeof log, log, NULL);
         fprintf(stderr, "%s\n", log);
         exit(1);
      }
   }

   cl_kernel
   kernel(const char *name)
   {
      cl_kernel &k = kernels[name];
      cl_int e = CL_SUCCESS;
      if (!k)
         k = clCreateKernel(program, name, &e);
      opencl_check(e, name);
      return k;
   }
};

static opencl &
opencl_get(void)
{
   static opencl o;
   return o;
}

struct dim3 {
   size_t x, y;
   dim3(size_t x, size_t y = 1) : x(x), y(y) {}
};

struct opencl_launch {
   cl_kernel kernel;
   size_t global[2], local[2];
   cl_uint next = 0;

   opencl_launch(const char *name, dim3 grid, dim3 block)
      : kernel(opencl_get().kernel(name)), global{grid.x * block.x, grid.y * block.y},
        local{block.x, block.y}
   {
   }

   template <typename T>
   void
   set(T *pointer)
   {
      CL(clSetKernelArgSVMPointer(kernel, next++, pointer));
   }

   template <typename T>
   void
   set(T value)
   {
      CL(clSetKernelArg(kernel, next++, sizeof value, &value));
   }

   template <typename... Args>
   void
   operator()(Args... args)
   {
      (set(args), ...);
      CL(clEnqueueNDRangeKernel(opencl_get().queue, kernel, 2, NULL, global, local, 0, NULL, NULL));
   }
};

template <typename T>
static int
cudaMallocManaged(T **p, size_t bytes)
{
   *p = (T *)clSVMAlloc(opencl_get().context, CL_MEM_READ_WRITE, bytes, 64);
   if (*p)
      memset((void *)*p, 0, bytes);
   return *p == NULL;
}

#define cudaSuccess 0
#define cudaMemcpyDefault 0
#define cudaDeviceSynchronize() CL(clFinish(opencl_get().queue))

static inline void
cudaMemcpy(void *to, const void *from, size_t bytes, int kind)
{
   (void)kind;
   CL(clEnqueueSVMMemcpy(opencl_get().queue, CL_TRUE, to, from, bytes, 0, NULL, NULL));
}

static inline void
cudaMemset(void *to, int byte, size_t bytes)
{
   unsigned char b = (unsigned char)byte;
   CL(clEnqueueSVMMemFill(opencl_get().queue, to, &b, 1, bytes, 0, NULL, NULL));
}

/* A symbol of constant memory is a pointer here, handed to the kernels as last argument. */
static inline void
cudaMemcpyToSymbol(float *&symbol, const void *from, size_t bytes)
{
   cudaMallocManaged(&symbol, bytes);
   memcpy(symbol, from, bytes);
}

struct int4;
struct float2;
struct float4 {
   float x, y, z, w;
};
struct __half2;
struct half4;
struct __nv_bfloat162;
typedef _Float16 __half;
#define __float2half(x) ((_Float16)(x))
#define __half2float(h) ((float)(h))

#define __CUDACC__ /* bench_alloc takes memory that both sides see */
#define __device__
#endif
