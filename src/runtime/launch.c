/* SPDX-License-Identifier: Apache-2.0
 * Kernel launches: the configuration stack behind <<<>>>, and the launch calls. */
#include "rt_priv.h"

#include <stdlib.h>
#include <string.h>

unsigned
__cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared,
                            struct CUstream_st *stream)
{
   struct rt_thread *t = rt_thread();
   if (t->config_len == t->config_cap) {
      unsigned cap = t->config_cap == 0 ? 4 : 2 * t->config_cap;
      struct rt_launch_config *c = realloc(t->configs, cap * sizeof *c);
      if (c == NULL)
         return (unsigned)rt_fail(cudaErrorMemoryAllocation);
      t->configs = c;
      t->config_cap = cap;
   }
   t->configs[t->config_len++] = (struct rt_launch_config){grid, block, shared, stream};
   return 0;
}

cudaError_t
__cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared, void *stream)
{
   struct rt_thread *t = rt_thread();
   if (t->config_len == 0)
      return rt_fail(cudaErrorMissingConfiguration);
   const struct rt_launch_config *c = &t->configs[--t->config_len];
   *grid = c->grid;
   *block = c->block;
   *shared = c->shared;
   *(cudaStream_t *)stream = c->stream;
   return cudaSuccess;
}

/* These limits are the same on every device that CUDA ever had. */
static bool
is_valid_shape(dim3 g, dim3 b)
{
   bool some = g.x != 0 && g.y != 0 && g.z != 0 && b.x != 0 && b.y != 0 && b.z != 0;
   return some && g.x <= 0x7FFFFFFF && g.y <= 65535 && g.z <= 65535 && b.x <= 1024 &&
          b.y <= 1024 && b.z <= 64 && b.x * b.y * b.z <= 1024;
}

static cudaError_t
launch(const void *func, dim3 g, dim3 b, void **args, size_t shared, cudaStream_t stream,
       bool cooperative)
{
   CUfunction f;
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   if (__builtin_expect(!is_valid_shape(g, b), 0))
      return rt_fail(cudaErrorInvalidConfiguration);
   if (__builtin_expect(shared > 0xFFFFFFFF, 0))
      return rt_fail(cudaErrorInvalidValue);
   return rt_ret(cooperative
                    ? cuLaunchCooperativeKernel(f, g.x, g.y, g.z, b.x, b.y, b.z,
                                                (unsigned)shared, rt_stream(stream), args)
                    : cuLaunchKernel(f, g.x, g.y, g.z, b.x, b.y, b.z, (unsigned)shared,
                                     rt_stream(stream), args, NULL));
}

cudaError_t
cudaLaunchKernel(const void *func, dim3 gridDim, dim3 blockDim, void **args,
                 size_t sharedMem, cudaStream_t stream)
{
   return launch(func, gridDim, blockDim, args, sharedMem, stream, false);
}

cudaError_t
__cudaLaunchKernel(cudaKernel_t kernel, dim3 gridDim, dim3 blockDim, void **args,
                   size_t sharedMem, cudaStream_t stream)
{
   return launch(kernel, gridDim, blockDim, args, sharedMem, stream, false);
}

cudaError_t
cudaLaunchCooperativeKernel(const void *func, dim3 gridDim, dim3 blockDim, void **args,
                            size_t sharedMem, cudaStream_t stream)
{
   return launch(func, gridDim, blockDim, args, sharedMem, stream, true);
}

_Static_assert(sizeof(cudaLaunchAttribute) == sizeof(CUlaunchAttribute),
               "launch attributes are passed through as they are");

cudaError_t
cudaLaunchKernelExC(const cudaLaunchConfig_t *config, const void *func, void **args)
{
   RT_NOT_NULL(config);
   if (config->numAttrs == 0)
      return launch(func, config->gridDim, config->blockDim, args,
                    config->dynamicSmemBytes, config->stream, false);
   CUfunction f;
   RT_ENTER();
   RT_NOT_NULL(config->attrs);
   RT_TRY_RT(rt_function(func, &f));
   dim3 g = config->gridDim, b = config->blockDim;
   if (!is_valid_shape(g, b))
      return rt_fail(cudaErrorInvalidConfiguration);
   CUlaunchConfig c = {
      .gridDimX = g.x,
      .gridDimY = g.y,
      .gridDimZ = g.z,
      .blockDimX = b.x,
      .blockDimY = b.y,
      .blockDimZ = b.z,
      .sharedMemBytes = (unsigned)config->dynamicSmemBytes,
      .hStream = rt_stream(config->stream),
      .attrs = (CUlaunchAttribute *)config->attrs,
      .numAttrs = config->numAttrs,
   };
   return rt_ret(cuLaunchKernelEx(&c, f, args, NULL));
}

cudaError_t
__cudaGetKernel(cudaKernel_t *kernel, const void *host)
{
   return rt_kernel_handle(host, kernel);
}

cudaError_t
cudaGetKernel(cudaKernel_t *kernelPtr, const void *entryFuncAddr)
{
   RT_INIT(); /* the driver is asked about it next */
   return rt_kernel_handle(entryFuncAddr, kernelPtr);
}

cudaError_t
cudaGetFuncBySymbol(cudaFunction_t *functionPtr, const void *symbolPtr)
{
   RT_NOT_NULL(functionPtr);
   RT_ENTER();
   return rt_function(symbolPtr, (CUfunction *)functionPtr);
}

cudaError_t
cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t fn, void *userData)
{
   RT_NOT_NULL(fn);
   RT_ENTER();
   return rt_ret(cuLaunchHostFunc(rt_stream(stream), fn, userData));
}
