/* SPDX-License-Identifier: Apache-2.0
 * Allocation in stream order and the pools behind it. Attributes, flags and descriptions
 * have the driver's layout, so they pass through. */
#include "rt_priv.h"

_Static_assert(sizeof(struct cudaMemPoolProps) == sizeof(CUmemPoolProps),
               "passed through");
_Static_assert(sizeof(struct cudaMemAccessDesc) == sizeof(CUmemAccessDesc),
               "passed through");
_Static_assert(sizeof(struct cudaMemLocation) == sizeof(CUmemLocation), "passed through");

cudaError_t
cudaMallocAsync(void **devPtr, size_t size, cudaStream_t hStream)
{
   CUdeviceptr p = 0;
   RT_NOT_NULL(devPtr);
   RT_ENTER();
   if (size != 0)
      RT_TRY(cuMemAllocAsync(&p, size, rt_stream(hStream)));
   *devPtr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaFreeAsync(void *devPtr, cudaStream_t hStream)
{
   RT_ENTER();
   return devPtr == NULL ? cudaSuccess
                         : rt_ret(cuMemFreeAsync(rt_ptr(devPtr), rt_stream(hStream)));
}

cudaError_t
cudaMallocFromPoolAsync(void **ptr, size_t size, cudaMemPool_t memPool,
                        cudaStream_t stream)
{
   CUdeviceptr p = 0;
   RT_NOT_NULL(ptr);
   RT_ENTER();
   if (size != 0)
      RT_TRY(cuMemAllocFromPoolAsync(&p, size, (CUmemoryPool)memPool, rt_stream(stream)));
   *ptr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaMemPoolCreate(cudaMemPool_t *memPool, const struct cudaMemPoolProps *poolProps)
{
   RT_NOT_NULL(memPool);
   RT_NOT_NULL(poolProps);
   RT_ENTER();
   return rt_ret(
      cuMemPoolCreate((CUmemoryPool *)memPool, (const CUmemPoolProps *)poolProps));
}

cudaError_t
cudaMemPoolDestroy(cudaMemPool_t memPool)
{
   RT_ENTER();
   return rt_ret(cuMemPoolDestroy((CUmemoryPool)memPool));
}

cudaError_t
cudaMemPoolTrimTo(cudaMemPool_t memPool, size_t minBytesToKeep)
{
   RT_ENTER();
   return rt_ret(cuMemPoolTrimTo((CUmemoryPool)memPool, minBytesToKeep));
}

cudaError_t
cudaMemPoolSetAttribute(cudaMemPool_t memPool, enum cudaMemPoolAttr attr, void *value)
{
   RT_NOT_NULL(value);
   RT_ENTER();
   return rt_ret(
      cuMemPoolSetAttribute((CUmemoryPool)memPool, (CUmemPool_attribute)attr, value));
}

cudaError_t
cudaMemPoolGetAttribute(cudaMemPool_t memPool, enum cudaMemPoolAttr attr, void *value)
{
   RT_NOT_NULL(value);
   RT_ENTER();
   return rt_ret(
      cuMemPoolGetAttribute((CUmemoryPool)memPool, (CUmemPool_attribute)attr, value));
}

cudaError_t
cudaMemPoolSetAccess(cudaMemPool_t memPool, const struct cudaMemAccessDesc *descList,
                     size_t count)
{
   RT_NOT_NULL(descList);
   RT_ENTER();
   return rt_ret(cuMemPoolSetAccess((CUmemoryPool)memPool,
                                    (const CUmemAccessDesc *)descList, count));
}

cudaError_t
cudaMemPoolGetAccess(enum cudaMemAccessFlags *flags, cudaMemPool_t memPool,
                     struct cudaMemLocation *location)
{
   CUmemAccess_flags f = 0;
   RT_NOT_NULL(flags);
   RT_NOT_NULL(location);
   RT_ENTER();
   RT_TRY(cuMemPoolGetAccess(&f, (CUmemoryPool)memPool, (CUmemLocation *)location));
   *flags = (enum cudaMemAccessFlags)f;
   return cudaSuccess;
}

cudaError_t
cudaDeviceGetDefaultMemPool(cudaMemPool_t *memPool, int device)
{
   RT_NOT_NULL(memPool);
   RT_TRY_RT(rt_check_device(device));
   RT_ENTER();
   return rt_ret(cuDeviceGetDefaultMemPool((CUmemoryPool *)memPool, device));
}

cudaError_t
cudaDeviceGetMemPool(cudaMemPool_t *memPool, int device)
{
   RT_NOT_NULL(memPool);
   RT_TRY_RT(rt_check_device(device));
   RT_ENTER();
   return rt_ret(cuDeviceGetMemPool((CUmemoryPool *)memPool, device));
}

cudaError_t
cudaDeviceSetMemPool(int device, cudaMemPool_t memPool)
{
   RT_TRY_RT(rt_check_device(device));
   RT_ENTER();
   return rt_ret(cuDeviceSetMemPool(device, (CUmemoryPool)memPool));
}

#if RT_ABI == 13
cudaError_t
cudaMemGetDefaultMemPool(cudaMemPool_t *memPool, struct cudaMemLocation *location,
                         enum cudaMemAllocationType type)
{
   RT_NOT_NULL(memPool);
   RT_NOT_NULL(location);
   RT_ENTER();
   return rt_ret(cuMemGetDefaultMemPool(
      (CUmemoryPool *)memPool, (CUmemLocation *)location, (CUmemAllocationType)type));
}

cudaError_t
cudaMemGetMemPool(cudaMemPool_t *memPool, struct cudaMemLocation *location,
                  enum cudaMemAllocationType type)
{
   RT_NOT_NULL(memPool);
   RT_NOT_NULL(location);
   RT_ENTER();
   return rt_ret(cuMemGetMemPool((CUmemoryPool *)memPool, (CUmemLocation *)location,
                                 (CUmemAllocationType)type));
}

cudaError_t
cudaMemSetMemPool(struct cudaMemLocation *location, enum cudaMemAllocationType type,
                  cudaMemPool_t memPool)
{
   RT_NOT_NULL(location);
   RT_ENTER();
   return rt_ret(cuMemSetMemPool((CUmemLocation *)location, (CUmemAllocationType)type,
                                 (CUmemoryPool)memPool));
}
#endif
