/* SPDX-License-Identifier: Apache-2.0
 * Launches, with their attributes, in all the forms the API has had. */
#include "driver_priv.h"

#include <string.h>

struct extras {
   bool cooperative;
   unsigned cluster[3];
   int priority;
   CUevent completion;
};

static CUresult
launch(CUfunction f, const unsigned grid[3], const unsigned block[3], unsigned shared,
       CUstream h, void **params, void **extra, const struct extras *x)
{
   STREAM(s, h);
   _Alignas(16) uint8_t buf[PARAM_ROOM];
   uint8_t *heap;
   struct op op;
   TRY(op_kernel(&op, s->ctx, f, grid, block, shared, params, extra, buf, sizeof buf,
                 &heap));
   if (x) {
      op.kernel.l.cooperative = x->cooperative;
      memcpy(op.kernel.l.cluster, x->cluster, sizeof x->cluster);
      op.kernel.priority = x->priority;
   }
   CUresult r = op_submit(s, &op, false);
   base_free(heap);
   if (!r && x && x->completion)
      r = cuEventRecord(x->completion, h);
   return r;
}

API
cuLaunchKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
               unsigned int gridDimZ, unsigned int blockDimX, unsigned int blockDimY,
               unsigned int blockDimZ, unsigned int sharedMemBytes, CUstream hStream,
               void **kernelParams, void **extra)
{
   return launch(f, (unsigned[]){gridDimX, gridDimY, gridDimZ},
                 (unsigned[]){blockDimX, blockDimY, blockDimZ}, sharedMemBytes, hStream,
                 kernelParams, extra, NULL);
}

API
cuLaunchCooperativeKernel(CUfunction f, unsigned int gridDimX, unsigned int gridDimY,
                          unsigned int gridDimZ, unsigned int blockDimX,
                          unsigned int blockDimY, unsigned int blockDimZ,
                          unsigned int sharedMemBytes, CUstream hStream,
                          void **kernelParams)
{
   struct extras x = {.cooperative = true};
   return launch(f, (unsigned[]){gridDimX, gridDimY, gridDimZ},
                 (unsigned[]){blockDimX, blockDimY, blockDimZ}, sharedMemBytes, hStream,
                 kernelParams, NULL, &x);
}

static CUresult
read_attribute(const CUlaunchAttribute *a, struct extras *x)
{
   const CUlaunchAttributeValue *v = &a->value;
   switch ((int)a->id) {
   case CU_LAUNCH_ATTRIBUTE_COOPERATIVE:
      x->cooperative = v->cooperative != 0;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION:
      REQUIRE(v->clusterDim.x && v->clusterDim.y && v->clusterDim.z);
      x->cluster[0] = v->clusterDim.x;
      x->cluster[1] = v->clusterDim.y;
      x->cluster[2] = v->clusterDim.z;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      x->priority = v->priority;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT:
      x->completion = v->launchCompletionEvent.event;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT:
      x->completion = v->programmaticEvent.event;
      return CUDA_SUCCESS;
   /* What only tunes, or allows an overlap that need not happen. */
   case CU_LAUNCH_ATTRIBUTE_IGNORE:
   case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
   case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
   case CU_LAUNCH_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE:
   case CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION:
   case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
   case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
   case CU_LAUNCH_ATTRIBUTE_PREFERRED_CLUSTER_DIMENSION:
   case CU_LAUNCH_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT:
   case CU_LAUNCH_ATTRIBUTE_NVLINK_UTIL_CENTRIC_SCHEDULING:
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE:
      return v->deviceUpdatableKernelNode.deviceUpdatable ? CUDA_ERROR_NOT_SUPPORTED
                                                          : CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuLaunchKernelEx(const CUlaunchConfig *config, CUfunction f, void **kernelParams,
                 void **extra)
{
   TRY(driver_initialised());
   REQUIRE(config && (config->attrs || !config->numAttrs));
   struct extras x = {0};
   for (unsigned i = 0; i < config->numAttrs; i++)
      TRY(read_attribute(&config->attrs[i], &x));
   const unsigned grid[] = {config->gridDimX, config->gridDimY, config->gridDimZ};
   const unsigned block[] = {config->blockDimX, config->blockDimY, config->blockDimZ};
   return launch(f, grid, block, config->sharedMemBytes, config->hStream, kernelParams,
                 extra, &x);
}

/* -- As before CUDA 4: the request is built up in the function. */
#define OLD_PARAM_MAX 4096

API
cuFuncSetBlockShape(CUfunction func, int x, int y, int z)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(x > 0 && y > 0 && z > 0);
   memcpy(f->old_block, (unsigned[]){(unsigned)x, (unsigned)y, (unsigned)z},
          sizeof f->old_block);
   return CUDA_SUCCESS;
}

API
cuFuncSetSharedSize(CUfunction func, unsigned int bytes)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   f->old_shared = bytes;
   return CUDA_SUCCESS;
}

API
cuParamSetSize(CUfunction func, unsigned int numbytes)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(numbytes <= OLD_PARAM_MAX);
   f->old_size = numbytes;
   return CUDA_SUCCESS;
}

API
cuParamSetv(CUfunction func, int offset, void *ptr, unsigned int numbytes)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(ptr && offset >= 0 && numbytes <= OLD_PARAM_MAX &&
           (unsigned)offset <= OLD_PARAM_MAX - numbytes);
   if (!f->old_params)
      f->old_params = base_calloc(1, OLD_PARAM_MAX);
   memcpy(f->old_params + offset, ptr, numbytes);
   return CUDA_SUCCESS;
}

API
cuParamSeti(CUfunction func, int offset, unsigned int value)
{
   return cuParamSetv(func, offset, &value, sizeof value);
}

API
cuParamSetf(CUfunction func, int offset, float value)
{
   return cuParamSetv(func, offset, &value, sizeof value);
}

API
cuLaunchGridAsync(CUfunction func, int gridWidth, int gridHeight, CUstream hStream)
{
   struct drv_func *f;
   TRY(func_find(func, &f));
   REQUIRE(gridWidth > 0 && gridHeight > 0 && f->old_block[0]);
   size_t size = f->old_size;
   void *extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, f->old_params,
                    CU_LAUNCH_PARAM_BUFFER_SIZE, &size, CU_LAUNCH_PARAM_END};
   return launch(func, (unsigned[]){(unsigned)gridWidth, (unsigned)gridHeight, 1},
                 f->old_block, f->old_shared, hStream, NULL, size ? extra : NULL, NULL);
}

API
cuLaunchGrid(CUfunction f, int gridWidth, int gridHeight)
{
   return cuLaunchGridAsync(f, gridWidth, gridHeight, NULL);
}

API
cuLaunch(CUfunction f)
{
   return cuLaunchGridAsync(f, 1, 1, NULL);
}
