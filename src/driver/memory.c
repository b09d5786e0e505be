/* SPDX-License-Identifier: Apache-2.0
 * Memory: allocation, pinned and registered host memory, managed memory, and what a
 * pointer says of itself. Everything is host memory, so advice and prefetches only have
 * their arguments checked. */
#include "driver_priv.h"

#include <string.h>

#define ADDRESS(p) ((void *)(uintptr_t)(p))

static CUresult
allocate(struct drv_ctx *c, size_t size, uint32_t kind, unsigned flags, void **p)
{
   if (driver_capturing())
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   REQUIRE(size);
   return (CUresult)device_mem_alloc(size, kind, flags, c->dev, p);
}

API
cuMemAlloc_v2(CUdeviceptr *dptr, size_t bytesize)
{
   ENTER(c);
   REQUIRE(dptr);
   void *p;
   TRY(allocate(c, bytesize, DEVICE_MEM_LINEAR, 0, &p));
   *dptr = (uintptr_t)p;
   return CUDA_SUCCESS;
}

API
cuMemAllocPitch_v2(CUdeviceptr *dptr, size_t *pPitch, size_t WidthInBytes, size_t Height,
                   unsigned int ElementSizeBytes)
{
   ENTER(c);
   REQUIRE(dptr && pPitch && WidthInBytes && Height);
   REQUIRE(ElementSizeBytes == 4 || ElementSizeBytes == 8 || ElementSizeBytes == 16);
   if (WidthInBytes > SIZE_MAX / 2 || Height > SIZE_MAX / 2 / ALIGN_UP(WidthInBytes, 512))
      return CUDA_ERROR_OUT_OF_MEMORY;
   size_t pitch = ALIGN_UP(WidthInBytes, (size_t)512);
   void *p;
   TRY(allocate(c, pitch * Height, DEVICE_MEM_LINEAR, 0, &p));
   *dptr = (uintptr_t)p;
   *pPitch = pitch;
   return CUDA_SUCCESS;
}

/* Freeing waits for the work that may still use the memory, as CUDA's does: that of the
 * calling thread's context, and of the memory's own. */
static CUresult
sync_users(struct drv_ctx *c, const struct device_alloc *a)
{
   TRY(device_ctx_sync(c->dev));
   return a->owner && a->owner != c->dev ? (CUresult)device_ctx_sync(a->owner)
                                         : CUDA_SUCCESS;
}

API
cuMemFree_v2(CUdeviceptr dptr)
{
   ENTER(c);
   if (!dptr)
      return CUDA_SUCCESS;
   struct device_alloc a;
   REQUIRE(device_mem_find(ADDRESS(dptr), &a) && a.base == dptr);
   if (a.kind == DEVICE_MEM_POOL)
      return pool_free(NULL, dptr);
   REQUIRE(a.kind & (DEVICE_MEM_LINEAR | DEVICE_MEM_MANAGED));
   TRY(sync_users(c, &a));
   return (CUresult)device_mem_free(ADDRESS(dptr),
                                    DEVICE_MEM_LINEAR | DEVICE_MEM_MANAGED);
}

API
cuMemGetInfo_v2(size_t *free, size_t *total)
{
   ENTER(c);
   REQUIRE(free && total);
   unsigned dev = device_ctx_device(c->dev);
   *total = device_props(dev)->memory;
   *free = device_mem_free_bytes(dev);
   return CUDA_SUCCESS;
}

API
cuMemGetAddressRange_v2(CUdeviceptr *pbase, size_t *psize, CUdeviceptr dptr)
{
   ENTER(c);
   struct device_alloc a;
   if (!device_mem_find(ADDRESS(dptr), &a))
      return CUDA_ERROR_NOT_FOUND;
   if (pbase)
      *pbase = a.base;
   if (psize)
      *psize = a.size;
   return CUDA_SUCCESS;
}

API
cuMemAllocManaged(CUdeviceptr *dptr, size_t bytesize, unsigned int flags)
{
   ENTER(c);
   REQUIRE(dptr && (flags == CU_MEM_ATTACH_GLOBAL || flags == CU_MEM_ATTACH_HOST));
   void *p;
   TRY(allocate(c, bytesize, DEVICE_MEM_MANAGED, flags, &p));
   *dptr = (uintptr_t)p;
   return CUDA_SUCCESS;
}

/* -- Host memory */
API
cuMemHostAlloc(void **pp, size_t bytesize, unsigned int flags)
{
   ENTER(c);
   REQUIRE(pp && !(flags & ~7u));
   return allocate(c, bytesize, DEVICE_MEM_HOST, flags | CU_MEMHOSTALLOC_DEVICEMAP, pp);
}

API
cuMemAllocHost_v2(void **pp, size_t bytesize)
{
   return cuMemHostAlloc(pp, bytesize, 0);
}

API
cuMemFreeHost(void *p)
{
   ENTER(c);
   if (!p)
      return CUDA_SUCCESS;
   struct device_alloc a = {0};
   REQUIRE(device_mem_find(p, &a));
   TRY(sync_users(c, &a));
   return (CUresult)device_mem_free(p, DEVICE_MEM_HOST);
}

API
cuMemHostRegister_v2(void *p, size_t bytesize, unsigned int flags)
{
   ENTER(c);
   REQUIRE(p && bytesize && !(flags & ~15u));
   struct device_alloc a = {.base = (uintptr_t)p,
                            .size = bytesize,
                            .kind = DEVICE_MEM_REGISTERED,
                            .flags = flags | CU_MEMHOSTREGISTER_DEVICEMAP,
                            .device = device_ctx_device(c->dev),
                            .owner = c->dev};
   return (CUresult)device_mem_add(&a);
}

API
cuMemHostUnregister(void *p)
{
   ENTER(c);
   REQUIRE(p);
   struct device_alloc a = {0};
   if (!device_mem_find(p, &a))
      return CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
   TRY(sync_users(c, &a));
   return device_mem_free(p, DEVICE_MEM_REGISTERED)
             ? CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED
             : CUDA_SUCCESS;
}

static bool
host_alloc_find(const void *p, struct device_alloc *a)
{
   return device_mem_find(p, a) &&
          a->kind & (DEVICE_MEM_HOST | DEVICE_MEM_REGISTERED | DEVICE_MEM_MANAGED);
}

API
cuMemHostGetDevicePointer_v2(CUdeviceptr *pdptr, void *p, unsigned int flags)
{
   ENTER(c);
   struct device_alloc a;
   REQUIRE(pdptr && !flags && host_alloc_find(p, &a));
   *pdptr = (uintptr_t)p;
   return CUDA_SUCCESS;
}

API
cuMemHostGetFlags(unsigned int *pFlags, void *p)
{
   ENTER(c);
   struct device_alloc a;
   REQUIRE(pFlags && host_alloc_find(p, &a) && a.kind == DEVICE_MEM_HOST);
   *pFlags = a.flags;
   return CUDA_SUCCESS;
}

/* -- Pointers */
static CUresult
attribute(void *data, CUpointer_attribute which, CUdeviceptr ptr, const struct drv_ctx *c,
          const struct device_alloc *a)
{
   bool host = a->kind & (DEVICE_MEM_HOST | DEVICE_MEM_REGISTERED);
   bool both = host || a->kind == DEVICE_MEM_MANAGED;
   switch (which) {
   case CU_POINTER_ATTRIBUTE_CONTEXT:
      *(CUcontext *)data = c->handle;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
      *(unsigned *)data = host ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
      *(CUdeviceptr *)data = ptr;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      REQUIRE(both);
      *(void **)data = ADDRESS(ptr);
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_P2P_TOKENS:
   case CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID:
      return CUDA_ERROR_NOT_SUPPORTED;
   case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
   case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
   case CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE:
   case CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE:
      *(unsigned *)data = 0;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_BUFFER_ID:
      *(unsigned long long *)data = a->id;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_IS_MANAGED:
      *(unsigned *)data = a->kind == DEVICE_MEM_MANAGED;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
      *(int *)data = (int)a->device;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
   case CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR:
      *(CUdeviceptr *)data = a->base;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
   case CU_POINTER_ATTRIBUTE_MAPPING_SIZE:
      *(size_t *)data = a->size;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_MAPPED:
      *(unsigned *)data = 1;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES:
      *(unsigned long long *)data =
         a->kind == DEVICE_MEM_VIRTUAL ? CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR : 0;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS:
      *(unsigned *)data = CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
      return CUDA_SUCCESS;
   case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE:
      *(CUmemoryPool *)data = a->kind == DEVICE_MEM_POOL ? a->extra : NULL;
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuPointerGetAttribute(void *data, CUpointer_attribute attrib, CUdeviceptr ptr)
{
   ENTER(c);
   REQUIRE(data);
   struct device_alloc a;
   REQUIRE(device_mem_find(ADDRESS(ptr), &a));
   return attribute(data, attrib, ptr, c, &a);
}

static size_t
attribute_size(CUpointer_attribute a)
{
   switch (a) {
   case CU_POINTER_ATTRIBUTE_P2P_TOKENS:
      return sizeof(CUDA_POINTER_ATTRIBUTE_P2P_TOKENS);
   case CU_POINTER_ATTRIBUTE_CONTEXT:
   case CU_POINTER_ATTRIBUTE_DEVICE_POINTER:
   case CU_POINTER_ATTRIBUTE_HOST_POINTER:
   case CU_POINTER_ATTRIBUTE_BUFFER_ID:
   case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR:
   case CU_POINTER_ATTRIBUTE_RANGE_SIZE:
   case CU_POINTER_ATTRIBUTE_ALLOWED_HANDLE_TYPES:
   case CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE:
   case CU_POINTER_ATTRIBUTE_MAPPING_SIZE:
   case CU_POINTER_ATTRIBUTE_MAPPING_BASE_ADDR:
   case CU_POINTER_ATTRIBUTE_MEMORY_BLOCK_ID:
      return 8;
   case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
   case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
   case CU_POINTER_ATTRIBUTE_IS_MANAGED:
   case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL:
   case CU_POINTER_ATTRIBUTE_IS_LEGACY_CUDA_IPC_CAPABLE:
   case CU_POINTER_ATTRIBUTE_MAPPED:
   case CU_POINTER_ATTRIBUTE_IS_GPU_DIRECT_RDMA_CAPABLE:
   case CU_POINTER_ATTRIBUTE_ACCESS_FLAGS:
   case CU_POINTER_ATTRIBUTE_IS_HW_DECOMPRESS_CAPABLE:
      return 4;
   }
   return 0;
}

/* Unlike the single question, this one answers zeros for memory CUDA does not know. */
API
cuPointerGetAttributes(unsigned int numAttributes, CUpointer_attribute *attributes,
                       void **data, CUdeviceptr ptr)
{
   ENTER(c);
   REQUIRE(numAttributes && attributes && data);
   struct device_alloc a;
   bool known = device_mem_find(ADDRESS(ptr), &a);
   for (unsigned i = 0; i < numAttributes; i++) {
      size_t n = attribute_size(attributes[i]);
      REQUIRE(n && data[i]);
      if (!known || attribute(data[i], attributes[i], ptr, c, &a)) {
         memset(data[i], 0, n);
         if (attributes[i] == CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL)
            *(int *)data[i] = -2;
      }
   }
   return CUDA_SUCCESS;
}

API
cuPointerSetAttribute(const void *value, CUpointer_attribute attrib, CUdeviceptr ptr)
{
   ENTER(c);
   REQUIRE(value && attrib == CU_POINTER_ATTRIBUTE_SYNC_MEMOPS);
   REQUIRE(device_mem_covers(ADDRESS(ptr), 1, DEVICE_MEM_ON_DEVICE));
   return CUDA_SUCCESS; /* copies are coherent in any case */
}

/* -- Managed memory */
static bool
location_fits(const CUmemLocation *l)
{
   return (l->type == CU_MEM_LOCATION_TYPE_DEVICE && (unsigned)l->id < device_count()) ||
          l->type == CU_MEM_LOCATION_TYPE_HOST ||
          l->type == CU_MEM_LOCATION_TYPE_HOST_NUMA ||
          l->type == CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT;
}

static bool
managed_range(CUdeviceptr p, size_t n)
{
   return n && device_mem_covers(ADDRESS(p), n, DEVICE_MEM_MANAGED);
}

API
cuMemAdvise_v2(CUdeviceptr devPtr, size_t count, CUmem_advise advice,
               CUmemLocation location)
{
   ENTER(c);
   REQUIRE(managed_range(devPtr, count));
   REQUIRE(advice >= CU_MEM_ADVISE_SET_READ_MOSTLY &&
           advice <= CU_MEM_ADVISE_UNSET_ACCESSED_BY);
   bool ignored = advice <= CU_MEM_ADVISE_UNSET_READ_MOSTLY ||
                  advice == CU_MEM_ADVISE_UNSET_PREFERRED_LOCATION;
   if (!ignored && !location_fits(&location))
      return CUDA_ERROR_INVALID_DEVICE;
   return CUDA_SUCCESS;
}

API
cuMemPrefetchAsync(CUdeviceptr devPtr, size_t count, CUmemLocation location,
                   unsigned int flags, CUstream hStream)
{
   STREAM(s, hStream);
   REQUIRE(!flags && managed_range(devPtr, count));
   return location_fits(&location) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_DEVICE;
}

API
cuMemRangeGetAttribute(void *data, size_t dataSize, CUmem_range_attribute attrib,
                       CUdeviceptr devPtr, size_t count)
{
   ENTER(c);
   REQUIRE(data && managed_range(devPtr, count));
   switch (attrib) {
   case CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY:
   case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_TYPE:
   case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_TYPE:
      REQUIRE(dataSize == 4);
      *(int *)data = 0;
      return CUDA_SUCCESS;
   case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION:
   case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION:
   case CU_MEM_RANGE_ATTRIBUTE_PREFERRED_LOCATION_ID:
   case CU_MEM_RANGE_ATTRIBUTE_LAST_PREFETCH_LOCATION_ID:
      REQUIRE(dataSize == 4);
      *(int *)data = CU_DEVICE_INVALID;
      return CUDA_SUCCESS;
   case CU_MEM_RANGE_ATTRIBUTE_ACCESSED_BY:
      REQUIRE(dataSize && !(dataSize % 4));
      for (size_t i = 0; i < dataSize / 4; i++)
         ((int *)data)[i] = CU_DEVICE_INVALID;
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuMemRangeGetAttributes(void **data, size_t *dataSizes, CUmem_range_attribute *attributes,
                        size_t numAttributes, CUdeviceptr devPtr, size_t count)
{
   REQUIRE(data && dataSizes && attributes && numAttributes);
   for (size_t i = 0; i < numAttributes; i++)
      TRY(cuMemRangeGetAttribute(data[i], dataSizes[i], attributes[i], devPtr, count));
   return CUDA_SUCCESS;
}
