/* SPDX-License-Identifier: Apache-2.0
 * Per-thread default streams where the stream is not a plain argument; the other forms
 * are generated (scripts/gen_api.py). */
#include "rt_priv.h"

#pragma GCC visibility push(default)
cudaError_t cudaLaunchKernelExC_ptsz(const cudaLaunchConfig_t *config, const void *func,
                                     void **args);
cudaError_t cudaGraphInstantiateWithParams_ptsz(cudaGraphExec_t *exec, cudaGraph_t graph,
                                                cudaGraphInstantiateParams *params);
cudaError_t cudaGetDriverEntryPoint_ptsz(const char *symbol, void **funcPtr,
                                         unsigned long long flags,
                                         enum cudaDriverEntryPointQueryResult *status);
cudaError_t
cudaGetDriverEntryPointByVersion_ptsz(const char *symbol, void **funcPtr,
                                      unsigned version, unsigned long long flags,
                                      enum cudaDriverEntryPointQueryResult *status);
#pragma GCC visibility pop

cudaError_t
cudaLaunchKernelExC_ptsz(const cudaLaunchConfig_t *config, const void *func, void **args)
{
   RT_NOT_NULL(config);
   cudaLaunchConfig_t c = *config;
   if (c.stream == NULL)
      c.stream = cudaStreamPerThread;
   return cudaLaunchKernelExC(&c, func, args);
}

cudaError_t
cudaGraphInstantiateWithParams_ptsz(cudaGraphExec_t *exec, cudaGraph_t graph,
                                    cudaGraphInstantiateParams *params)
{
   RT_NOT_NULL(params);
   cudaStream_t given = params->uploadStream;
   if (given == NULL)
      params->uploadStream = cudaStreamPerThread;
   cudaError_t e = cudaGraphInstantiateWithParams(exec, graph, params);
   params->uploadStream = given;
   return e;
}

static unsigned long long
per_thread_flags(unsigned long long flags)
{
   return flags == cudaEnableDefault ? cudaEnablePerThreadDefaultStream : flags;
}

cudaError_t
cudaGetDriverEntryPoint_ptsz(const char *symbol, void **funcPtr, unsigned long long flags,
                             enum cudaDriverEntryPointQueryResult *status)
{
   return cudaGetDriverEntryPoint(symbol, funcPtr, per_thread_flags(flags), status);
}

cudaError_t
cudaGetDriverEntryPointByVersion_ptsz(const char *symbol, void **funcPtr,
                                      unsigned version, unsigned long long flags,
                                      enum cudaDriverEntryPointQueryResult *status)
{
   return cudaGetDriverEntryPointByVersion(symbol, funcPtr, version,
                                           per_thread_flags(flags), status);
}
