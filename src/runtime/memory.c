/* SPDX-License-Identifier: Apache-2.0
 * Allocation: device, host, managed, pitched and arrays; what is known of a pointer; and
 * where the device keeps a program's variables. */
#include "rt_priv.h"

#include <string.h>

/* CUDA answers a request for nothing with success and NULL. */
cudaError_t
cudaMalloc(void **devPtr, size_t size)
{
   CUdeviceptr p = 0;
   RT_NOT_NULL(devPtr);
   RT_ENTER();
   if (size != 0)
      RT_TRY(cuMemAlloc(&p, size));
   *devPtr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaFree(void *devPtr)
{
   RT_ENTER();
   return devPtr == NULL ? cudaSuccess : rt_ret(cuMemFree(rt_ptr(devPtr)));
}

cudaError_t
cudaMallocManaged(void **devPtr, size_t size, unsigned int flags)
{
   CUdeviceptr p;
   RT_NOT_NULL(devPtr);
   RT_ENTER();
   if (size == 0 || (flags != cudaMemAttachGlobal && flags != cudaMemAttachHost))
      return rt_fail(cudaErrorInvalidValue);
   RT_TRY(cuMemAllocManaged(&p, size, flags));
   *devPtr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaMallocPitch(void **devPtr, size_t *pitch, size_t width, size_t height)
{
   CUdeviceptr p = 0;
   size_t row = 0;
   RT_NOT_NULL(devPtr);
   RT_NOT_NULL(pitch);
   RT_ENTER();
   if (width != 0 && height != 0)
      RT_TRY(cuMemAllocPitch(&p, &row, width, height, 4));
   *devPtr = (void *)(uintptr_t)p;
   *pitch = row;
   return cudaSuccess;
}

cudaError_t
cudaMalloc3D(struct cudaPitchedPtr *pitchedDevPtr, struct cudaExtent extent)
{
   size_t rows;
   RT_NOT_NULL(pitchedDevPtr);
   if (__builtin_mul_overflow(extent.height, extent.depth, &rows))
      return rt_fail(cudaErrorMemoryAllocation);
   struct cudaPitchedPtr p = {.xsize = extent.width, .ysize = extent.height};
   RT_TRY_RT(cudaMallocPitch(&p.ptr, &p.pitch, extent.width, rows));
   *pitchedDevPtr = p;
   return cudaSuccess;
}

cudaError_t
cudaMemGetInfo(size_t *free, size_t *total)
{
   RT_NOT_NULL(free);
   RT_NOT_NULL(total);
   RT_ENTER();
   return rt_ret(cuMemGetInfo(free, total));
}

/* -- Host memory. */
cudaError_t
cudaHostAlloc(void **pHost, size_t size, unsigned int flags)
{
   RT_NOT_NULL(pHost);
   RT_ENTER();
   unsigned known =
      cudaHostAllocPortable | cudaHostAllocMapped | cudaHostAllocWriteCombined;
   if ((flags & ~known) != 0)
      return rt_fail(cudaErrorInvalidValue);
   void *p = NULL;
   if (size != 0)
      RT_TRY(cuMemHostAlloc(&p, size, flags));
   *pHost = p;
   return cudaSuccess;
}

cudaError_t
cudaMallocHost(void **ptr, size_t size)
{
   return cudaHostAlloc(ptr, size, cudaHostAllocDefault);
}

cudaError_t
cudaFreeHost(void *ptr)
{
   RT_ENTER();
   return ptr == NULL ? cudaSuccess : rt_ret(cuMemFreeHost(ptr));
}

cudaError_t
cudaHostRegister(void *ptr, size_t size, unsigned int flags)
{
   RT_NOT_NULL(ptr);
   RT_ENTER();
   return rt_ret(cuMemHostRegister(ptr, size, flags));
}

cudaError_t
cudaHostUnregister(void *ptr)
{
   RT_NOT_NULL(ptr);
   RT_ENTER();
   return rt_ret(cuMemHostUnregister(ptr));
}

cudaError_t
cudaHostGetDevicePointer(void **pDevice, void *pHost, unsigned int flags)
{
   CUdeviceptr p;
   RT_NOT_NULL(pDevice);
   RT_NOT_NULL(pHost);
   RT_ENTER();
   RT_TRY(cuMemHostGetDevicePointer(&p, pHost, flags));
   *pDevice = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaHostGetFlags(unsigned int *pFlags, void *pHost)
{
   RT_NOT_NULL(pFlags);
   RT_NOT_NULL(pHost);
   RT_ENTER();
   return rt_ret(cuMemHostGetFlags(pFlags, pHost));
}

/* -- What a pointer is. An address that CUDA knows nothing of is no error: it is memory
 * of the host that was never registered. */
cudaError_t
cudaPointerGetAttributes(struct cudaPointerAttributes *attributes, const void *ptr)
{
   CUmemorytype type = 0;
   unsigned managed = 0;
   int device = -2;
   CUdeviceptr dev = 0;
   void *host = NULL;
   RT_NOT_NULL(attributes);
   RT_ENTER();
   enum cudaMemoryType t = cudaMemoryTypeUnregistered;
   if (cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, rt_ptr(ptr)) ==
          CUDA_SUCCESS &&
       (type == CU_MEMORYTYPE_HOST || type == CU_MEMORYTYPE_DEVICE)) {
      CUpointer_attribute what[] = {
         CU_POINTER_ATTRIBUTE_IS_MANAGED, CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL,
         CU_POINTER_ATTRIBUTE_DEVICE_POINTER, CU_POINTER_ATTRIBUTE_HOST_POINTER};
      void *into[] = {&managed, &device, &dev, &host};
      RT_TRY(cuPointerGetAttributes(4, what, into, rt_ptr(ptr)));
      t = managed                      ? cudaMemoryTypeManaged
          : type == CU_MEMORYTYPE_HOST ? cudaMemoryTypeHost
                                       : cudaMemoryTypeDevice;
   }
   /* CUDA 12's structure ends before the reserved words. */
   attributes->type = t;
   attributes->device = device;
   attributes->devicePointer = (void *)(uintptr_t)dev;
   attributes->hostPointer = t == cudaMemoryTypeDevice         ? NULL
                             : t == cudaMemoryTypeUnregistered ? (void *)(uintptr_t)ptr
                                                               : host;
   return cudaSuccess;
}

cudaError_t
cudaGetSymbolAddress(void **devPtr, const void *symbol)
{
   CUdeviceptr p;
   size_t size;
   RT_NOT_NULL(devPtr);
   RT_ENTER();
   RT_TRY_RT(rt_symbol(symbol, &p, &size));
   *devPtr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaGetSymbolSize(size_t *size, const void *symbol)
{
   CUdeviceptr p;
   RT_NOT_NULL(size);
   RT_ENTER();
   return rt_symbol(symbol, &p, size);
}

/* -- Managed memory: hints. */
static CUmemLocation
location(struct cudaMemLocation l)
{
   return (CUmemLocation){(CUmemLocationType)l.type, l.id};
}

cudaError_t
cudaMemAdvise(const void *devPtr, size_t count, enum cudaMemoryAdvise advice,
              struct cudaMemLocation loc)
{
   RT_ENTER();
   return rt_ret(cuMemAdvise(rt_ptr(devPtr), count, (CUmem_advise)advice, location(loc)));
}

cudaError_t
cudaMemPrefetchAsync(const void *devPtr, size_t count, struct cudaMemLocation loc,
                     unsigned int flags, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(
      cuMemPrefetchAsync(rt_ptr(devPtr), count, location(loc), flags, rt_stream(stream)));
}

cudaError_t
cudaMemRangeGetAttribute(void *data, size_t dataSize,
                         enum cudaMemRangeAttribute attribute, const void *devPtr,
                         size_t count)
{
   RT_NOT_NULL(data);
   RT_ENTER();
   return rt_ret(cuMemRangeGetAttribute(data, dataSize, (CUmem_range_attribute)attribute,
                                        rt_ptr(devPtr), count));
}

cudaError_t
cudaMemRangeGetAttributes(void **data, size_t *dataSizes,
                          enum cudaMemRangeAttribute *attributes, size_t numAttributes,
                          const void *devPtr, size_t count)
{
   RT_NOT_NULL(data);
   RT_NOT_NULL(dataSizes);
   RT_NOT_NULL(attributes);
   RT_ENTER();
   return rt_ret(cuMemRangeGetAttributes(data, dataSizes,
                                         (CUmem_range_attribute *)attributes,
                                         numAttributes, rt_ptr(devPtr), count));
}

#if RT_ABI == 13
cudaError_t
cudaMemPrefetchBatchAsync(void **dptrs, size_t *sizes, size_t count,
                          struct cudaMemLocation *prefetchLocs, size_t *prefetchLocIdxs,
                          size_t numPrefetchLocs, unsigned long long flags,
                          cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuMemPrefetchBatchAsync((CUdeviceptr *)dptrs, sizes, count,
                                         (CUmemLocation *)prefetchLocs, prefetchLocIdxs,
                                         numPrefetchLocs, flags, rt_stream(stream)));
}

cudaError_t
cudaMemDiscardBatchAsync(void **dptrs, size_t *sizes, size_t count,
                         unsigned long long flags, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuMemDiscardBatchAsync((CUdeviceptr *)dptrs, sizes, count, flags,
                                        rt_stream(stream)));
}

cudaError_t
cudaMemDiscardAndPrefetchBatchAsync(void **dptrs, size_t *sizes, size_t count,
                                    struct cudaMemLocation *prefetchLocs,
                                    size_t *prefetchLocIdxs, size_t numPrefetchLocs,
                                    unsigned long long flags, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuMemDiscardAndPrefetchBatchAsync(
      (CUdeviceptr *)dptrs, sizes, count, (CUmemLocation *)prefetchLocs, prefetchLocIdxs,
      numPrefetchLocs, flags, rt_stream(stream)));
}
#endif
