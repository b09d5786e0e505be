/* SPDX-License-Identifier: Apache-2.0
 * Functions: attributes, parameters, and how many blocks of one fit the device. */
#include "driver_priv.h"

#include "kernel_resolver.h"

#include <string.h>

/* -- Kernels that a runtime has registered: their handles are the addresses of host
 * stubs, good in every context, and the runtime knows what they stand for in this one. */
#define RESOLVERS_MAX 16 /* copies of the runtime in one process */
static pthread_rwlock_t resolvers_lock = PTHREAD_RWLOCK_INITIALIZER;
static kasuri_resolve_fn *resolvers[RESOLVERS_MAX];

void
kasuri_kernel_resolver(kasuri_resolve_fn *resolve, int add)
{
   pthread_rwlock_wrlock(&resolvers_lock);
   int at = -1;
   for (int i = 0; i < RESOLVERS_MAX; i++)
      if (resolvers[i] == resolve || (!resolvers[i] && at < 0))
         at = i;
   if (at >= 0 && (add || resolvers[at] == resolve))
      resolvers[at] = add ? resolve : NULL;
   pthread_rwlock_unlock(&resolvers_lock);
}

static CUresult
find_registered(CUfunction h, struct drv_func **f)
{
   for (int i = 0; h && i < RESOLVERS_MAX; i++) {
      pthread_rwlock_rdlock(&resolvers_lock);
      kasuri_resolve_fn *resolve = resolvers[i];
      pthread_rwlock_unlock(&resolvers_lock);
      CUfunction found;
      CUresult r = resolve ? resolve(h, &found) : CUDA_ERROR_NOT_FOUND;
      if (r == CUDA_ERROR_NOT_FOUND)
         continue;
      if (r)
         return r;
      *f = FIND(H_FUNCTION, found);
      return *f ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
   }
   return CUDA_ERROR_INVALID_HANDLE;
}

CUresult
func_find_in(CUfunction h, struct drv_ctx *c, struct drv_func **f)
{
   TRY(driver_initialised());
   *f = FIND(H_FUNCTION, h);
   if (KASURI_UNLIKELY(*f && (*f)->library))
      return library_func(*f, c, f);
   return *f ? CUDA_SUCCESS : find_registered(h, f);
}

CUresult
func_find(CUfunction h, struct drv_func **f)
{
   return func_find_in(h, NULL, f);
}

/* What a kernel is on one device: in the caller's context if it is that device's, else in
 * the primary one. */
static CUresult
find_on(CUdevice dev, CUkernel kernel, struct drv_func **f)
{
   struct drv_ctx *c;
   DEVICE(dev);
   if (driver_context(&c) || driver_device(c) != dev)
      TRY(driver_primary(dev, &c));
   return func_find_in((CUfunction)kernel, c, f);
}

static int
cluster_dim(const struct drv_func *f, int i)
{
   return (int)device_func_ir(f->dev)->cluster_dim[i];
}

static CUresult
get_attribute(int *value, CUfunction_attribute a, const struct drv_func *f)
{
   struct device_func_info info;
   device_func_info(f->dev, &info);
   switch (a) {
   case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = (int)info.max_threads;
      break;
   case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES:
      *value = (int)info.shared_bytes;
      break;
   case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES:
      *value = (int)info.const_bytes;
      break;
   case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES:
      *value = (int)info.local_bytes;
      break;
   case CU_FUNC_ATTRIBUTE_NUM_REGS:
      *value = (int)info.regs;
      break;
   case CU_FUNC_ATTRIBUTE_PTX_VERSION: /* as CUDA counts it: the virtual architecture */
      *value = (int)info.sm;
      break;
   case CU_FUNC_ATTRIBUTE_BINARY_VERSION:
      *value = (int)device_func_props(f->dev)->sm;
      break;
   case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA:
      *value = 0;
      break;
   case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      *value = (int)device_func_max_dynamic(f->dev);
      break;
   case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      *value = f->carveout;
      break;
   case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET:
      *value = device_func_ir(f->dev)->explicit_cluster && !cluster_dim(f, 0);
      break;
   case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH:
      *value = cluster_dim(f, 0);
      break;
   case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT:
      *value = cluster_dim(f, 1);
      break;
   case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH:
      *value = cluster_dim(f, 2);
      break;
   case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      *value = f->nonportable_cluster;
      break;
   case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      *value = f->cluster_policy;
      break;
   case CU_FUNC_ATTRIBUTE_MAX:
   default:
      return CUDA_ERROR_INVALID_VALUE;
   }
   return CUDA_SUCCESS;
}

static CUresult
set_attribute(struct drv_func *f, CUfunction_attribute a, int value)
{
   switch ((int)a) {
   case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
      REQUIRE(value >= 0);
      return (CUresult)device_func_set_max_dynamic(f->dev, (uint32_t)value);
   case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
      REQUIRE(value >= -1 && value <= 100);
      f->carveout = value;
      return CUDA_SUCCESS;
   case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
      f->nonportable_cluster = value != 0;
      return CUDA_SUCCESS;
   case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
      REQUIRE(value >= 0 && value <= CU_CLUSTER_SCHEDULING_POLICY_LOAD_BALANCING);
      f->cluster_policy = value;
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuFuncGetAttribute(int *value, CUfunction_attribute attrib, CUfunction func)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(value);
   return get_attribute(value, attrib, f);
}

API
cuFuncSetAttribute(CUfunction func, CUfunction_attribute attrib, int value)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   return set_attribute(f, attrib, value);
}

API
cuKernelGetAttribute(int *value, CUfunction_attribute attrib, CUkernel kernel,
                     CUdevice dev)
{
   struct drv_func *f;
   TRY(find_on(dev, kernel, &f));
   REQUIRE(value);
   return get_attribute(value, attrib, f);
}

API
cuKernelSetAttribute(CUfunction_attribute attrib, int value, CUkernel kernel,
                     CUdevice dev)
{
   struct drv_func *f;
   TRY(find_on(dev, kernel, &f));
   return set_attribute(f, attrib, value);
}

API
cuFuncSetCacheConfig(CUfunction func, CUfunc_cache config)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE((unsigned)config <= CU_FUNC_CACHE_PREFER_EQUAL);
   f->cache = config;
   return CUDA_SUCCESS;
}

API
cuKernelSetCacheConfig(CUkernel kernel, CUfunc_cache config, CUdevice dev)
{
   struct drv_func *f;
   TRY(find_on(dev, kernel, &f));
   return cuFuncSetCacheConfig(f->handle, config);
}

API
cuFuncSetSharedMemConfig(CUfunction func, CUsharedconfig config)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE((unsigned)config <= CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE);
   return CUDA_SUCCESS;
}

API
cuFuncGetModule(CUmodule *module, CUfunction func)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(module);
   *module = f->module->handle;
   return CUDA_SUCCESS;
}

API
cuFuncGetName(const char **name, CUfunction func)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(name);
   *name = device_func_name(f->dev);
   return CUDA_SUCCESS;
}

API
cuKernelGetName(const char **name, CUkernel hfunc)
{
   return cuFuncGetName(name, (CUfunction)hfunc);
}

API
cuKernelGetFunction(CUfunction *pFunc, CUkernel kernel)
{
   struct drv_func *f;
   TRY(func_find((CUfunction)kernel, &f));
   REQUIRE(pFunc);
   *pFunc = f->handle;
   return CUDA_SUCCESS;
}

API
cuFuncGetParamInfo(CUfunction func, size_t paramIndex, size_t *paramOffset,
                   size_t *paramSize)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   const struct ir_func *ir = device_func_ir(f->dev);
   REQUIRE(paramOffset && paramIndex < ir->nparams);
   *paramOffset = ir->params[paramIndex].offset;
   if (paramSize)
      *paramSize = ir->params[paramIndex].size;
   return CUDA_SUCCESS;
}

API
cuKernelGetParamInfo(CUkernel kernel, size_t paramIndex, size_t *paramOffset,
                     size_t *paramSize)
{
   return cuFuncGetParamInfo((CUfunction)kernel, paramIndex, paramOffset, paramSize);
}

API
cuFuncIsLoaded(CUfunctionLoadingState *state, CUfunction func)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(state);
   *state = CU_FUNCTION_LOADING_STATE_LOADED;
   return CUDA_SUCCESS;
}

API
cuFuncLoad(CUfunction func)
{
   struct drv_func *f;
   return func_find(func, &f);
}

/* -- Occupancy, by the model of device_occupancy */
API
cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int *numBlocks, CUfunction func,
                                                     int blockSize,
                                                     size_t dynamicSMemSize,
                                                     unsigned int flags)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(numBlocks && blockSize > 0 &&
           !(flags & ~(unsigned)CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE));
   *numBlocks = (int)device_occupancy(f->dev, (uint32_t)blockSize, dynamicSMemSize);
   return CUDA_SUCCESS;
}

API
cuOccupancyMaxActiveBlocksPerMultiprocessor(int *numBlocks, CUfunction func,
                                            int blockSize, size_t dynamicSMemSize)
{
   return cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(numBlocks, func, blockSize,
                                                               dynamicSMemSize, 0);
}

API
cuOccupancyMaxPotentialBlockSizeWithFlags(int *minGridSize, int *blockSize,
                                          CUfunction func,
                                          CUoccupancyB2DSize blockSizeToDynamicSMemSize,
                                          size_t dynamicSMemSize, int blockSizeLimit,
                                          unsigned int flags)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(minGridSize && blockSize &&
           !(flags & ~(unsigned)CU_OCCUPANCY_DISABLE_CACHING_OVERRIDE));
   struct device_func_info info;
   device_func_info(f->dev, &info);
   int most = (int)info.max_threads;
   if (blockSizeLimit > 0 && blockSizeLimit < most)
      most = blockSizeLimit;
   int best = 0, best_threads = 0;
   uint32_t best_blocks = 0;
   for (int n = (most + 31) / 32 * 32; n > 0; n -= 32) {
      int threads = MIN2(n, most);
      size_t shared = blockSizeToDynamicSMemSize ? blockSizeToDynamicSMemSize(threads)
                                                 : dynamicSMemSize;
      uint32_t blocks = device_occupancy(f->dev, (uint32_t)threads, shared);
      if ((int)blocks * threads > best) {
         best = (int)blocks * threads;
         best_threads = threads;
         best_blocks = blocks;
      }
   }
   *blockSize = best_threads;
   *minGridSize = (int)(best_blocks * device_func_props(f->dev)->multiprocessors);
   return CUDA_SUCCESS;
}

API
cuOccupancyMaxPotentialBlockSize(int *minGridSize, int *blockSize, CUfunction func,
                                 CUoccupancyB2DSize blockSizeToDynamicSMemSize,
                                 size_t dynamicSMemSize, int blockSizeLimit)
{
   return cuOccupancyMaxPotentialBlockSizeWithFlags(minGridSize, blockSize, func,
                                                    blockSizeToDynamicSMemSize,
                                                    dynamicSMemSize, blockSizeLimit, 0);
}

API
cuOccupancyAvailableDynamicSMemPerBlock(size_t *dynamicSmemSize, CUfunction func,
                                        int numBlocks, int blockSize)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(dynamicSmemSize && numBlocks > 0 && blockSize > 0);
   const struct device_props *p = device_func_props(f->dev);
   if (device_occupancy(f->dev, (uint32_t)blockSize, 0) < (uint32_t)numBlocks)
      return CUDA_ERROR_INVALID_VALUE;
   struct device_func_info info;
   device_func_info(f->dev, &info);
   size_t each = p->shared_per_sm / (uint32_t)numBlocks / 128 * 128;
   size_t used = info.shared_bytes + p->shared_reserved;
   *dynamicSmemSize =
      each > used ? MIN2(each - used, device_func_max_dynamic(f->dev)) : 0;
   return CUDA_SUCCESS;
}

/* A cluster runs on one worker, so its size is bounded by the architecture alone. */
API
cuOccupancyMaxPotentialClusterSize(int *clusterSize, CUfunction func,
                                   const CUlaunchConfig *config)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(clusterSize && config);
   *clusterSize = f->nonportable_cluster ? 16 : 8;
   return CUDA_SUCCESS;
}

API
cuOccupancyMaxActiveClusters(int *numClusters, CUfunction func,
                             const CUlaunchConfig *config)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(numClusters && config && (config->attrs || !config->numAttrs));
   unsigned size = 1;
   for (unsigned i = 0; i < config->numAttrs; i++)
      if (config->attrs[i].id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION)
         size = config->attrs[i].value.clusterDim.x *
                config->attrs[i].value.clusterDim.y * config->attrs[i].value.clusterDim.z;
   REQUIRE(size);
   unsigned threads = config->blockDimX * config->blockDimY * config->blockDimZ;
   uint64_t blocks = (uint64_t)device_occupancy(f->dev, threads, config->sharedMemBytes) *
                     device_func_props(f->dev)->multiprocessors;
   *numClusters = (int)(blocks / size);
   return CUDA_SUCCESS;
}
