/* SPDX-License-Identifier: Apache-2.0
 * Attributes of kernels, and how many of their blocks fit on a multiprocessor. */
#include "rt_priv.h"

#include <string.h>

cudaError_t
cudaFuncGetAttributes(struct cudaFuncAttributes *attr, const void *func)
{
   static const struct {
      unsigned short offset, size;
      CUfunction_attribute attr;
   } fields[] = {
#define F(field, a)                                                                      \
   {offsetof(struct cudaFuncAttributes, field),                                          \
    sizeof(((struct cudaFuncAttributes *)0)->field), CU_FUNC_ATTRIBUTE_##a}
      F(sharedSizeBytes, SHARED_SIZE_BYTES),
      F(constSizeBytes, CONST_SIZE_BYTES),
      F(localSizeBytes, LOCAL_SIZE_BYTES),
      F(maxThreadsPerBlock, MAX_THREADS_PER_BLOCK),
      F(numRegs, NUM_REGS),
      F(ptxVersion, PTX_VERSION),
      F(binaryVersion, BINARY_VERSION),
      F(cacheModeCA, CACHE_MODE_CA),
      F(maxDynamicSharedSizeBytes, MAX_DYNAMIC_SHARED_SIZE_BYTES),
      F(preferredShmemCarveout, PREFERRED_SHARED_MEMORY_CARVEOUT),
      F(clusterDimMustBeSet, CLUSTER_SIZE_MUST_BE_SET),
      F(requiredClusterWidth, REQUIRED_CLUSTER_WIDTH),
      F(requiredClusterHeight, REQUIRED_CLUSTER_HEIGHT),
      F(requiredClusterDepth, REQUIRED_CLUSTER_DEPTH),
      F(clusterSchedulingPolicyPreference, CLUSTER_SCHEDULING_POLICY_PREFERENCE),
      F(nonPortableClusterSizeAllowed, NON_PORTABLE_CLUSTER_SIZE_ALLOWED),
#undef F
   };
   CUfunction f;
   struct cudaFuncAttributes a;
   RT_NOT_NULL(attr);
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   memset(&a, 0, sizeof a);
   for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
      int v = 0;
      CUresult r = cuFuncGetAttribute(&v, fields[i].attr, f);
      if (r != CUDA_SUCCESS && r != CUDA_ERROR_NOT_SUPPORTED && i < 8)
         return rt_fail_driver(r);
      char *to = (char *)&a + fields[i].offset;
      if (fields[i].size == sizeof(size_t))
         *(size_t *)to = (size_t)v;
      else
         *(int *)to = v;
   }
   *attr = a;
   return cudaSuccess;
}

cudaError_t
cudaFuncSetAttribute(const void *func, enum cudaFuncAttribute attr, int value)
{
   CUfunction f;
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return rt_ret(cuFuncSetAttribute(f, (CUfunction_attribute)attr, value));
}

cudaError_t
cudaKernelSetAttributeForDevice(cudaKernel_t kernel, enum cudaFuncAttribute attr,
                                int value, int device)
{
   RT_TRY_RT(rt_check_device(device));
   if (device != rt_current_device())
      return rt_unsupported("cudaKernelSetAttributeForDevice for another device");
   return cudaFuncSetAttribute(kernel, attr, value);
}

cudaError_t
cudaFuncSetCacheConfig(const void *func, enum cudaFuncCache cacheConfig)
{
   CUfunction f;
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return rt_ret(cuFuncSetCacheConfig(f, (CUfunc_cache)cacheConfig));
}

cudaError_t
cudaFuncSetSharedMemConfig(const void *func, enum cudaSharedMemConfig config)
{
   CUfunction f;
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return (unsigned)config > cudaSharedMemBankSizeEightByte
             ? rt_fail(cudaErrorInvalidValue)
             : cudaSuccess;
}

cudaError_t
cudaFuncGetName(const char **name, const void *func)
{
   CUfunction f;
   RT_NOT_NULL(name);
   *name = rt_function_name(func);
   if (*name != NULL)
      return cudaSuccess;
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return rt_ret(cuFuncGetName(name, f));
}

#if RT_ABI == 13
cudaError_t
cudaFuncGetParamInfo(const void *func, size_t paramIndex, size_t *paramOffset,
                     size_t *paramSize)
{
   CUfunction f;
   RT_NOT_NULL(paramOffset);
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return rt_ret(cuFuncGetParamInfo(f, paramIndex, paramOffset, paramSize));
}
#endif

/* -- Occupancy. */
cudaError_t
cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *numBlocks, const void *func,
                                                       int blockSize,
                                                       size_t dynamicSMemSize,
                                                       unsigned int flags)
{
   CUfunction f;
   RT_NOT_NULL(numBlocks);
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return rt_ret(cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
      numBlocks, f, blockSize, dynamicSMemSize, flags));
}

cudaError_t
cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *numBlocks, const void *func,
                                              int blockSize, size_t dynamicSMemSize)
{
   return cudaOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
      numBlocks, func, blockSize, dynamicSMemSize, cudaOccupancyDefault);
}

cudaError_t
cudaOccupancyAvailableDynamicSMemPerBlock(size_t *dynamicSmemSize, const void *func,
                                          int numBlocks, int blockSize)
{
   CUfunction f;
   RT_NOT_NULL(dynamicSmemSize);
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   return rt_ret(
      cuOccupancyAvailableDynamicSMemPerBlock(dynamicSmemSize, f, numBlocks, blockSize));
}

static CUlaunchConfig
driver_config(const cudaLaunchConfig_t *c)
{
   return (CUlaunchConfig){
      .gridDimX = c->gridDim.x,
      .gridDimY = c->gridDim.y,
      .gridDimZ = c->gridDim.z,
      .blockDimX = c->blockDim.x,
      .blockDimY = c->blockDim.y,
      .blockDimZ = c->blockDim.z,
      .sharedMemBytes = (unsigned)c->dynamicSmemBytes,
      .hStream = rt_stream(c->stream),
      .attrs = (CUlaunchAttribute *)c->attrs,
      .numAttrs = c->numAttrs,
   };
}

cudaError_t
cudaOccupancyMaxPotentialClusterSize(int *clusterSize, const void *func,
                                     const cudaLaunchConfig_t *launchConfig)
{
   CUfunction f;
   RT_NOT_NULL(clusterSize);
   RT_NOT_NULL(launchConfig);
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   CUlaunchConfig c = driver_config(launchConfig);
   return rt_ret(cuOccupancyMaxPotentialClusterSize(clusterSize, f, &c));
}

cudaError_t
cudaOccupancyMaxActiveClusters(int *numClusters, const void *func,
                               const cudaLaunchConfig_t *launchConfig)
{
   CUfunction f;
   RT_NOT_NULL(numClusters);
   RT_NOT_NULL(launchConfig);
   RT_ENTER();
   RT_TRY_RT(rt_function(func, &f));
   CUlaunchConfig c = driver_config(launchConfig);
   return rt_ret(cuOccupancyMaxActiveClusters(numClusters, f, &c));
}
