/* SPDX-License-Identifier: Apache-2.0
 * Memory through the driver: limits, copies of every shape, pointer attributes, pools and
 * virtual memory. */
#include "driver_kernels.h"

#include <stdlib.h>
#include <unistd.h>

static void
limits(void)
{
   CUdeviceptr d, e;
   size_t free0, free1, total;
   OK(cuMemGetInfo(&free0, &total));
   CHECK_EQ_U64(total, 64 << 20);
   IS(cuMemAlloc(&d, total + 1), CUDA_ERROR_OUT_OF_MEMORY);
   IS(cuMemAlloc(&d, 0), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemAlloc(NULL, 4), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemAlloc(&d, SIZE_MAX), CUDA_ERROR_OUT_OF_MEMORY);
   OK(cuMemAlloc(&d, 48 << 20));
   OK(cuMemGetInfo(&free1, &total));
   CHECK_EQ_U64(free0 - free1, 48 << 20);
   IS(cuMemAlloc(&e, 48 << 20), CUDA_ERROR_OUT_OF_MEMORY);
   IS(cuMemFree(d + 4), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemFree(d));
   IS(cuMemFree(d), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemFree(0));
   OK(cuMemGetInfo(&free1, &total));
   CHECK_EQ_U64(free0, free1);
   /* Pinned host memory is the host's. */
   void *p;
   OK(cuMemHostAlloc(&p, 80 << 20, 0));
   OK(cuMemFreeHost(p));
   IS(cuMemFreeHost(p), CUDA_ERROR_INVALID_VALUE);
}

static void
copies(void)
{
   enum { W = 37, H = 11, D = 5 };
   unsigned char src[D][H][W], dst[D][H][W];
   for (int i = 0; i < D * H * W; i++)
      ((unsigned char *)src)[i] = (unsigned char)(i * 7);
   CUdeviceptr d, e;
   size_t pitch;
   OK(cuMemAllocPitch(&d, &pitch, W, H * D, 4));
   CHECK(pitch >= W && pitch % 256 == 0);
   OK(cuMemAlloc(&e, sizeof src));
   CUDA_MEMCPY3D c = {.srcMemoryType = CU_MEMORYTYPE_HOST,
                      .srcHost = src,
                      .srcPitch = W,
                      .srcHeight = H,
                      .dstMemoryType = CU_MEMORYTYPE_DEVICE,
                      .dstDevice = d,
                      .dstPitch = pitch,
                      .dstHeight = H,
                      .WidthInBytes = W,
                      .Height = H,
                      .Depth = D};
   OK(cuMemcpy3D(&c));
   /* One row of one slice, by position. */
   unsigned char row[W];
   CUDA_MEMCPY2D r = {.srcMemoryType = CU_MEMORYTYPE_DEVICE,
                      .srcDevice = d,
                      .srcPitch = pitch,
                      .srcXInBytes = 3,
                      .srcY = 2 * H + 4,
                      .dstMemoryType = CU_MEMORYTYPE_HOST,
                      .dstHost = row,
                      .dstPitch = W,
                      .WidthInBytes = W - 3,
                      .Height = 1};
   OK(cuMemcpy2D(&r));
   CHECK(!memcmp(row, &src[2][4][3], W - 3));
   /* Back by way of a dense copy on the device. */
   CUDA_MEMCPY3D back = {.srcMemoryType = CU_MEMORYTYPE_DEVICE,
                         .srcDevice = d,
                         .srcPitch = pitch,
                         .srcHeight = H,
                         .dstMemoryType = CU_MEMORYTYPE_DEVICE,
                         .dstDevice = e,
                         .dstPitch = W,
                         .dstHeight = H,
                         .WidthInBytes = W,
                         .Height = H,
                         .Depth = D};
   OK(cuMemcpy3DAsync(&back, NULL));
   OK(cuMemcpyDtoH(dst, e, sizeof dst));
   CHECK(!memcmp(src, dst, sizeof src));
   /* Outside of the allocation, or no device memory at all. */
   IS(cuMemcpyDtoH(dst, e, sizeof dst + 1), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemcpyHtoD(e + sizeof dst - 1, src, 2), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemcpyHtoD((CUdeviceptr)(uintptr_t)dst, src, 2), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemcpyHtoD(e, NULL, 2), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemcpyHtoD(e, src, 0));
   IS(cuMemcpy(e + 1, (CUdeviceptr)(uintptr_t)src, sizeof src), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemcpy(e, (CUdeviceptr)(uintptr_t)src, sizeof src));
   OK(cuMemcpy((CUdeviceptr)(uintptr_t)dst, (CUdeviceptr)(uintptr_t)src, sizeof src));
   IS(cuMemsetD32(e + 1, 0, 1), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemsetD8(e, 0, sizeof src + 1), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemsetD2D8(d, pitch, 0x5a, 3, 2));
   OK(cuMemcpyDtoH(row, d, 4));
   CHECK(row[0] == 0x5a && row[2] == 0x5a && row[3] == src[0][0][3]);
   OK(cuMemsetD16(e, 0x1234, 4));
   unsigned short us[4];
   OK(cuMemcpyDtoH(us, e, 8));
   CHECK(us[0] == 0x1234 && us[3] == 0x1234);
   OK(cuMemFree(d));
   OK(cuMemFree(e));
   IS(cuMemcpyHtoD(e, src, 2), CUDA_ERROR_INVALID_VALUE);
}

static void
large_copy(void)
{
   size_t n = 10 << 20;
   unsigned *a = malloc(n), *b = malloc(n);
   for (size_t i = 0; i < n / 4; i++)
      a[i] = (unsigned)i * 2654435761u;
   CUdeviceptr d, e;
   OK(cuMemAlloc(&d, n));
   OK(cuMemAlloc(&e, n));
   OK(cuMemcpyHtoD(d, a, n));
   OK(cuMemcpyDtoDAsync(e, d, n, NULL));
   OK(cuMemcpyDtoH(b, e, n));
   CHECK(!memcmp(a, b, n));
   /* A staged source may change as soon as the call has returned. */
   a[0] = 1;
   OK(cuMemcpyHtoDAsync(d, a, 4, NULL));
   a[0] = 2;
   OK(cuMemcpyDtoH(b, d, 4));
   CHECK_EQ_U64(b[0], 1);
   OK(cuMemFree(d));
   OK(cuMemFree(e));
   free(a);
   free(b);
}

static void
pointers(void)
{
   CUdeviceptr d, base;
   size_t size;
   void *host;
   unsigned type, managed;
   OK(cuMemAlloc(&d, 1000));
   OK(cuMemGetAddressRange(&base, &size, d + 999));
   CHECK_EQ_U64(base, d);
   CHECK_EQ_U64(size, 1000);
   IS(cuMemGetAddressRange(&base, &size, d + 1000), CUDA_ERROR_NOT_FOUND);
   OK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, d + 5));
   CHECK_EQ_U64(type, CU_MEMORYTYPE_DEVICE);
   IS(cuPointerGetAttribute(&host, CU_POINTER_ATTRIBUTE_HOST_POINTER, d),
      CUDA_ERROR_INVALID_VALUE);
   static int mine[64];
   IS(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                            (CUdeviceptr)(uintptr_t)mine),
      CUDA_ERROR_INVALID_VALUE);
   OK(cuMemHostRegister(mine, sizeof mine, 0));
   IS(cuMemHostRegister(mine, sizeof mine, 0), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
   OK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE,
                            (CUdeviceptr)(uintptr_t)mine));
   CHECK_EQ_U64(type, CU_MEMORYTYPE_HOST);
   OK(cuMemHostUnregister(mine));
   IS(cuMemHostUnregister(mine), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
   OK(cuMemFree(d));
   OK(cuMemAllocManaged(&d, 64, CU_MEM_ATTACH_GLOBAL));
   OK(cuPointerGetAttribute(&managed, CU_POINTER_ATTRIBUTE_IS_MANAGED, d));
   CHECK_EQ_U64(managed, 1);
   *(int *)(uintptr_t)d = 3;
   OK(cuMemPrefetchAsync(d, 64, ((CUmemLocation){CU_MEM_LOCATION_TYPE_DEVICE, 0}), 0,
                         NULL));
   OK(cuMemAdvise(d, 64, CU_MEM_ADVISE_SET_READ_MOSTLY,
                  ((CUmemLocation){CU_MEM_LOCATION_TYPE_DEVICE, 0})));
   IS(cuMemAllocManaged(&base, 64, 0), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemFree(d));
}

static void
pools(void)
{
   CUmemoryPool pool, own;
   CUdeviceptr d, e;
   CUstream s;
   cuuint64_t used;
   unsigned v;
   OK(cuDeviceGetDefaultMemPool(&pool, 0));
   OK(cuStreamCreate(&s, CU_STREAM_NON_BLOCKING));
   OK(cuMemAllocAsync(&d, 4000, s));
   OK(cuMemsetD32Async(d, 9, 1000, s));
   OK(step(d, 1000, 2, 1, s));
   OK(cuMemcpyDtoHAsync(&v, d + 3996, 4, s));
   OK(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used));
   CHECK_EQ_U64(used, 4000);
   OK(cuMemFreeAsync(d, s));
   OK(cuStreamSynchronize(s));
   CHECK_EQ_U64(v, 19);
   OK(cuMemPoolGetAttribute(pool, CU_MEMPOOL_ATTR_USED_MEM_CURRENT, &used));
   CHECK_EQ_U64(used, 0);
   IS(cuMemFreeAsync(d, s), CUDA_ERROR_INVALID_VALUE);
   CUmemPoolProps p = {.allocType = CU_MEM_ALLOCATION_TYPE_PINNED,
                       .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
   OK(cuMemPoolCreate(&own, &p));
   OK(cuMemAllocFromPoolAsync(&e, 64, own, s));
   CUmemoryPool from;
   OK(cuPointerGetAttribute(&from, CU_POINTER_ATTRIBUTE_MEMPOOL_HANDLE, e));
   CHECK(from == own);
   OK(cuMemFree(e));
   OK(cuMemPoolDestroy(own));
   IS(cuMemPoolDestroy(own), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemPoolDestroy(pool), CUDA_ERROR_INVALID_VALUE);
   OK(cuStreamDestroy(s));
}

static void
virtual_memory(void)
{
   CUmemAllocationProp prop = {.type = CU_MEM_ALLOCATION_TYPE_PINNED,
                               .requestedHandleTypes =
                                  CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR,
                               .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
   CUmemAccessDesc rw = {{CU_MEM_LOCATION_TYPE_DEVICE, 0},
                         CU_MEM_ACCESS_FLAGS_PROT_READWRITE};
   size_t g;
   CUdeviceptr p;
   CUmemGenericAllocationHandle a, b, c;
   OK(cuMemGetAllocationGranularity(&g, &prop, CU_MEM_ALLOC_GRANULARITY_MINIMUM));
   IS(cuMemCreate(&a, g + 1, &prop, 0), CUDA_ERROR_INVALID_VALUE);
   IS(cuMemCreate(&a, (size_t)1 << 40, &prop, 0), CUDA_ERROR_OUT_OF_MEMORY);
   OK(cuMemCreate(&a, g, &prop, 0));
   OK(cuMemCreate(&b, g, &prop, 0));
   OK(cuMemAddressReserve(&p, 4 * g, 0, 0, 0));
   IS(cuMemsetD8(p, 0, 1), CUDA_ERROR_INVALID_VALUE); /* nothing is mapped yet */
   OK(cuMemMap(p, g, 0, a, 0));
   OK(cuMemMap(p + g, g, 0, b, 0));
   IS(cuMemMap(p, g, 0, b, 0), CUDA_ERROR_ALREADY_MAPPED);
   IS(cuMemMap(p + 4 * g, g, 0, b, 0), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemSetAccess(p, 2 * g, &rw, 1));
   OK(cuMemsetD32(p, 0x01020304, 2 * g / 4)); /* across both */
   /* The same memory at a second place. */
   OK(cuMemMap(p + 2 * g, g, 0, a, 0));
   OK(cuMemSetAccess(p + 2 * g, g, &rw, 1));
   OK(cuMemsetD32(p, 42, 1));
   unsigned v;
   OK(cuMemcpyDtoH(&v, p + 2 * g, 4));
   CHECK_EQ_U64(v, 42);
   int fd = -1;
   OK(cuMemExportToShareableHandle(&fd, a, CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR, 0));
   OK(cuMemImportFromShareableHandle(&c, (void *)(intptr_t)fd,
                                     CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR));
   close(fd);
   OK(cuMemMap(p + 3 * g, g, 0, c, 0));
   OK(cuMemSetAccess(p + 3 * g, g, &rw, 1));
   OK(cuMemcpyDtoH(&v, p + 3 * g, 4));
   CHECK_EQ_U64(v, 42);
   IS(cuMemAddressFree(p, 4 * g), CUDA_ERROR_INVALID_VALUE); /* still mapped */
   OK(cuMemRelease(a)); /* lives on in its mappings */
   IS(cuMemRelease(a), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemcpyDtoH(&v, p, 4));
   OK(cuMemUnmap(p, 4 * g));
   IS(cuMemUnmap(p, g), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemRelease(b));
   OK(cuMemRelease(c));
   OK(cuMemAddressFree(p, 4 * g));
   size_t left, total;
   OK(cuMemGetInfo(&left, &total));
   OK(cuMemAlloc(&p, left)); /* all of it has come back */
   OK(cuMemFree(p));
}

/* Batches: every part done, attributes by runs, the first wrong part told. */
static void
batches(void)
{
   unsigned from[3] = {1, 2, 3}, to[3] = {0};
   CUdeviceptr d[3], host[3], back[3];
   size_t sizes[3] = {4, 4, 4}, idxs[2] = {0, 2}, failed = 99;
   CUmemcpyAttributes attrs[2] = {
      {.srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_STREAM},
      {.srcAccessOrder = CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL}};
   for (int i = 0; i < 3; i++) {
      OK(cuMemAlloc(&d[i], 4));
      host[i] = (uintptr_t)&from[i];
      back[i] = (uintptr_t)&to[i];
   }
   OK(cuMemcpyBatchAsync(d, host, sizes, 3, attrs, idxs, 2, NULL));
   OK(cuMemcpyBatchAsync(back, d, sizes, 3, attrs, idxs, 1, NULL));
   OK(cuStreamSynchronize(NULL));
   CHECK(!memcmp(from, to, sizeof from));
   CUresult (*old)(CUdeviceptr *, CUdeviceptr *, size_t *, size_t, CUmemcpyAttributes *,
                   size_t *, size_t, size_t *, CUstream);
   OK(cuGetProcAddress("cuMemcpyBatchAsync", (void **)&old, 12080, 0, NULL));
   sizes[1] = 1 << 20; /* more than there is */
   IS(old(d, host, sizes, 3, attrs, idxs, 2, &failed, NULL), CUDA_ERROR_INVALID_VALUE);
   CHECK_EQ_U64(failed, 1);
   idxs[0] = 1;
   sizes[1] = 4;
   IS(old(d, host, sizes, 3, attrs, idxs, 2, &failed, NULL), CUDA_ERROR_INVALID_VALUE);
   CHECK_EQ_U64(failed, SIZE_MAX);
   CUdeviceptr managed;
   CUmemLocation here = {CU_MEM_LOCATION_TYPE_DEVICE, 0};
   size_t zero = 0;
   OK(cuMemAllocManaged(&managed, 4096, CU_MEM_ATTACH_GLOBAL));
   sizes[0] = 4096;
   OK(cuMemPrefetchBatchAsync(&managed, sizes, 1, &here, &zero, 1, 0, NULL));
   OK(cuMemDiscardBatchAsync(&managed, sizes, 1, 0, NULL));
   OK(cuMemDiscardAndPrefetchBatchAsync(&managed, sizes, 1, &here, &zero, 1, 0, NULL));
   IS(cuMemDiscardBatchAsync(d, sizes, 1, 0, NULL), CUDA_ERROR_INVALID_VALUE);
   OK(cuMemFree(managed));
   for (int i = 0; i < 3; i++)
      OK(cuMemFree(d[i]));
}

int
main(void)
{
   setenv("KASURI_DEVICE_MEMORY", "64M", 1);
   test_begin();
   batches();
   OK(cuModuleUnload(test_mod)); /* its variables would count */
   limits();
   copies();
   large_copy();
   pointers();
   OK(cuModuleLoadData(&test_mod, test_ptx));
   OK(cuModuleGetFunction(&test_step, test_mod, "step"));
   pools();
   virtual_memory();
   OK(cuCtxDestroy(test_ctx));
   return check_done();
}
