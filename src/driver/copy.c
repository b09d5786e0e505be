/* SPDX-License-Identifier: Apache-2.0
 * Copies and fills as the API words them, checked and made into boxes of bytes. */
#include "driver_priv.h"

#include <string.h>

#define ON_DEVICE (DEVICE_MEM_ON_DEVICE | DEVICE_MEM_HOST | DEVICE_MEM_REGISTERED)

/* One side of a copy: where its first byte is, and the steps to the next row, slice. */
struct side {
   CUmemorytype type;
   const void *host;
   CUdeviceptr device;
   CUarray array;
   size_t x, y, z, pitch, height;
};

static CUresult
resolve(const struct side *s, const CUDA_MEMCPY3D *p, uint8_t **at, size_t *pitch,
        size_t *slice)
{
   uint8_t *base = NULL;
   size_t rows = p->Height, slices = p->Depth;
   *pitch = s->pitch ? s->pitch : p->WidthInBytes + s->x;
   *slice = *pitch * (s->height ? s->height : rows + s->y);
   switch (s->type) {
   case CU_MEMORYTYPE_HOST:
      base = (uint8_t *)(uintptr_t)s->host;
      break;
   case CU_MEMORYTYPE_DEVICE:
   case CU_MEMORYTYPE_UNIFIED:
      base = (uint8_t *)(uintptr_t)s->device;
      break;
   case CU_MEMORYTYPE_ARRAY: {
      size_t bytes;
      TRY(array_address(s->array, &base, pitch, slice, &bytes));
      REQUIRE(s->x + p->WidthInBytes <= *pitch);
      break;
   }
   default:
      return CUDA_ERROR_INVALID_VALUE;
   }
   REQUIRE(base);
   REQUIRE(rows <= 1 || *pitch >= p->WidthInBytes + s->x || !s->pitch);
   *at = base + s->z * *slice + s->y * *pitch + s->x;
   size_t span = (slices - 1) * *slice + (rows - 1) * *pitch + p->WidthInBytes;
   if (s->type == CU_MEMORYTYPE_DEVICE || s->type == CU_MEMORYTYPE_ARRAY)
      REQUIRE(device_mem_covers(*at, span, ON_DEVICE));
   /* An address of either side: memory that is known must hold all of it. */
   if (s->type == CU_MEMORYTYPE_UNIFIED)
      REQUIRE(device_mem_is_pageable(*at) || device_mem_covers(*at, span, ON_DEVICE));
   return CUDA_SUCCESS;
}

CUresult
op_copy(struct op *op, const CUDA_MEMCPY3D *p)
{
   REQUIRE(p && !p->srcLOD && !p->dstLOD);
   *op = (struct op){.type = CU_GRAPH_NODE_TYPE_MEMCPY};
   op->copy.as_given = *p;
   struct device_copy *c = &op->copy.c;
   c->width = p->WidthInBytes;
   c->height = p->Height;
   c->depth = p->Depth;
   if (!c->width || !c->height || !c->depth) {
      c->width = 0;
      return CUDA_SUCCESS;
   }
   struct side src = {p->srcMemoryType, p->srcHost,     p->srcDevice,
                      p->srcArray,      p->srcXInBytes, p->srcY,
                      p->srcZ,          p->srcPitch,    p->srcHeight};
   struct side dst = {p->dstMemoryType, p->dstHost,     p->dstDevice,
                      p->dstArray,      p->dstXInBytes, p->dstY,
                      p->dstZ,          p->dstPitch,    p->dstHeight};
   uint8_t *from, *to;
   TRY(resolve(&src, p, &from, &c->src_pitch, &c->src_slice));
   TRY(resolve(&dst, p, &to, &c->dst_pitch, &c->dst_slice));
   c->src = from;
   c->dst = to;
   return CUDA_SUCCESS;
}

static CUresult
submit_3d(const CUDA_MEMCPY3D *p, CUstream h, bool block)
{
   STREAM(s, h);
   struct op op;
   TRY(op_copy(&op, p));
   return op_submit(s, &op, block);
}

/* -- One row */
static CUresult
flat(CUmemorytype to, CUdeviceptr dst, CUmemorytype from, CUdeviceptr src, size_t n,
     CUstream h, bool block)
{
   CUDA_MEMCPY3D p = {.dstMemoryType = to,
                      .dstHost = (void *)(uintptr_t)dst,
                      .dstDevice = dst,
                      .srcMemoryType = from,
                      .srcHost = (void *)(uintptr_t)src,
                      .srcDevice = src,
                      .WidthInBytes = n,
                      .Height = 1,
                      .Depth = 1};
   return submit_3d(&p, h, block);
}

API
cuMemcpyHtoD(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount)
{
   return flat(CU_MEMORYTYPE_DEVICE, dstDevice, CU_MEMORYTYPE_HOST, (uintptr_t)srcHost,
               ByteCount, NULL, true);
}

API
cuMemcpyDtoH(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount)
{
   return flat(CU_MEMORYTYPE_HOST, (uintptr_t)dstHost, CU_MEMORYTYPE_DEVICE, srcDevice,
               ByteCount, NULL, true);
}

API
cuMemcpyDtoD(CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount)
{
   return flat(CU_MEMORYTYPE_DEVICE, dstDevice, CU_MEMORYTYPE_DEVICE, srcDevice,
               ByteCount, NULL, false);
}

API
cuMemcpy(CUdeviceptr dst, CUdeviceptr src, size_t ByteCount)
{
   return flat(CU_MEMORYTYPE_UNIFIED, dst, CU_MEMORYTYPE_UNIFIED, src, ByteCount, NULL,
               true);
}

API
cuMemcpyAsync(CUdeviceptr dst, CUdeviceptr src, size_t ByteCount, CUstream hStream)
{
   return flat(CU_MEMORYTYPE_UNIFIED, dst, CU_MEMORYTYPE_UNIFIED, src, ByteCount, hStream,
               false);
}

API
cuMemcpyHtoDAsync(CUdeviceptr dstDevice, const void *srcHost, size_t ByteCount,
                  CUstream hStream)
{
   return flat(CU_MEMORYTYPE_DEVICE, dstDevice, CU_MEMORYTYPE_HOST, (uintptr_t)srcHost,
               ByteCount, hStream, false);
}

API
cuMemcpyDtoHAsync(void *dstHost, CUdeviceptr srcDevice, size_t ByteCount,
                  CUstream hStream)
{
   return flat(CU_MEMORYTYPE_HOST, (uintptr_t)dstHost, CU_MEMORYTYPE_DEVICE, srcDevice,
               ByteCount, hStream, false);
}

API
cuMemcpyDtoDAsync(CUdeviceptr dstDevice, CUdeviceptr srcDevice, size_t ByteCount,
                  CUstream hStream)
{
   return flat(CU_MEMORYTYPE_DEVICE, dstDevice, CU_MEMORYTYPE_DEVICE, srcDevice,
               ByteCount, hStream, false);
}

/* -- Between devices. The caller's stream does the copy; without one given, the copy
 * comes after what both contexts have queued so far, and before what they queue from now
 * on. */
struct peers {
   struct drv_ctx *c[2];
};

static CUresult
find_peers(struct peers *p, CUcontext dst, CUcontext src)
{
   TRY(driver_initialised());
   p->c[0] = FIND(H_CONTEXT, dst);
   p->c[1] = FIND(H_CONTEXT, src);
   return p->c[0] && p->c[1] ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

static void
order_after(struct drv_stream *later, struct drv_stream *earlier)
{
   if (later == earlier)
      return;
   struct device_event *e = device_event_create();
   device_event_record(e, earlier->dev);
   device_event_wait(e, later->dev);
   device_event_unref(e);
}

static CUresult
submit_peer(const CUDA_MEMCPY3D *copy, const struct peers *p, bool block)
{
   STREAM(s, NULL);
   for (int i = 0; i < 2 && !s->capture; i++)
      order_after(s, p->c[i]->legacy);
   TRY(submit_3d(copy, NULL, block));
   for (int i = 0; i < 2 && !s->capture; i++)
      order_after(p->c[i]->legacy, s);
   return CUDA_SUCCESS;
}

API
cuMemcpyPeer(CUdeviceptr dstDevice, CUcontext dstContext, CUdeviceptr srcDevice,
             CUcontext srcContext, size_t ByteCount)
{
   struct peers peers;
   TRY(find_peers(&peers, dstContext, srcContext));
   CUDA_MEMCPY3D p = {.dstMemoryType = CU_MEMORYTYPE_DEVICE,
                      .dstDevice = dstDevice,
                      .srcMemoryType = CU_MEMORYTYPE_DEVICE,
                      .srcDevice = srcDevice,
                      .WidthInBytes = ByteCount,
                      .Height = 1,
                      .Depth = 1};
   return submit_peer(&p, &peers, false);
}

API
cuMemcpyPeerAsync(CUdeviceptr dstDevice, CUcontext dstContext, CUdeviceptr srcDevice,
                  CUcontext srcContext, size_t ByteCount, CUstream hStream)
{
   struct peers peers;
   TRY(find_peers(&peers, dstContext, srcContext));
   return cuMemcpyDtoDAsync(dstDevice, srcDevice, ByteCount, hStream);
}

/* -- Arrays by byte offset: rows of an array follow each other without gaps. */
static CUresult
array_bytes(CUarray h, size_t offset, size_t n, CUdeviceptr *p)
{
   uint8_t *base;
   size_t pitch, slice, bytes;
   TRY(array_address(h, &base, &pitch, &slice, &bytes));
   REQUIRE(offset <= bytes && n <= bytes - offset);
   *p = (uintptr_t)base + offset;
   return CUDA_SUCCESS;
}

API
cuMemcpyHtoA(CUarray dstArray, size_t dstOffset, const void *srcHost, size_t ByteCount)
{
   CUdeviceptr d;
   TRY(array_bytes(dstArray, dstOffset, ByteCount, &d));
   return cuMemcpyHtoD(d, srcHost, ByteCount);
}

API
cuMemcpyAtoH(void *dstHost, CUarray srcArray, size_t srcOffset, size_t ByteCount)
{
   CUdeviceptr s;
   TRY(array_bytes(srcArray, srcOffset, ByteCount, &s));
   return cuMemcpyDtoH(dstHost, s, ByteCount);
}

API
cuMemcpyDtoA(CUarray dstArray, size_t dstOffset, CUdeviceptr srcDevice, size_t ByteCount)
{
   CUdeviceptr d;
   TRY(array_bytes(dstArray, dstOffset, ByteCount, &d));
   return cuMemcpyDtoD(d, srcDevice, ByteCount);
}

API
cuMemcpyAtoD(CUdeviceptr dstDevice, CUarray srcArray, size_t srcOffset, size_t ByteCount)
{
   CUdeviceptr s;
   TRY(array_bytes(srcArray, srcOffset, ByteCount, &s));
   return cuMemcpyDtoD(dstDevice, s, ByteCount);
}

API
cuMemcpyAtoA(CUarray dstArray, size_t dstOffset, CUarray srcArray, size_t srcOffset,
             size_t ByteCount)
{
   CUdeviceptr d, s;
   TRY(array_bytes(dstArray, dstOffset, ByteCount, &d));
   TRY(array_bytes(srcArray, srcOffset, ByteCount, &s));
   return cuMemcpyDtoD(d, s, ByteCount);
}

API
cuMemcpyHtoAAsync(CUarray dstArray, size_t dstOffset, const void *srcHost,
                  size_t ByteCount, CUstream hStream)
{
   CUdeviceptr d;
   TRY(array_bytes(dstArray, dstOffset, ByteCount, &d));
   return cuMemcpyHtoDAsync(d, srcHost, ByteCount, hStream);
}

API
cuMemcpyAtoHAsync(void *dstHost, CUarray srcArray, size_t srcOffset, size_t ByteCount,
                  CUstream hStream)
{
   CUdeviceptr s;
   TRY(array_bytes(srcArray, srcOffset, ByteCount, &s));
   return cuMemcpyDtoHAsync(dstHost, s, ByteCount, hStream);
}

/* -- Boxes */
static CUDA_MEMCPY3D
from_2d(const CUDA_MEMCPY2D *p)
{
   return (CUDA_MEMCPY3D){.srcXInBytes = p->srcXInBytes,
                          .srcY = p->srcY,
                          .srcMemoryType = p->srcMemoryType,
                          .srcHost = p->srcHost,
                          .srcDevice = p->srcDevice,
                          .srcArray = p->srcArray,
                          .srcPitch = p->srcPitch,
                          .dstXInBytes = p->dstXInBytes,
                          .dstY = p->dstY,
                          .dstMemoryType = p->dstMemoryType,
                          .dstHost = p->dstHost,
                          .dstDevice = p->dstDevice,
                          .dstArray = p->dstArray,
                          .dstPitch = p->dstPitch,
                          .WidthInBytes = p->WidthInBytes,
                          .Height = p->Height,
                          .Depth = 1};
}

API
cuMemcpy2D(const CUDA_MEMCPY2D *pCopy)
{
   REQUIRE(pCopy);
   CUDA_MEMCPY3D p = from_2d(pCopy);
   return submit_3d(&p, NULL, true);
}

API
cuMemcpy2DUnaligned(const CUDA_MEMCPY2D *pCopy)
{
   return cuMemcpy2D(pCopy);
}

API
cuMemcpy2DAsync(const CUDA_MEMCPY2D *pCopy, CUstream hStream)
{
   REQUIRE(pCopy);
   CUDA_MEMCPY3D p = from_2d(pCopy);
   return submit_3d(&p, hStream, false);
}

API
cuMemcpy3D(const CUDA_MEMCPY3D *pCopy)
{
   return submit_3d(pCopy, NULL, true);
}

API
cuMemcpy3DAsync(const CUDA_MEMCPY3D *pCopy, CUstream hStream)
{
   return submit_3d(pCopy, hStream, false);
}

/* The two structures differ in what stands in their reserved fields only. */
API
cuMemcpy3DPeer(const CUDA_MEMCPY3D_PEER *pCopy)
{
   struct peers peers;
   REQUIRE(pCopy);
   TRY(find_peers(&peers, pCopy->dstContext, pCopy->srcContext));
   CUDA_MEMCPY3D p;
   memcpy(&p, pCopy, sizeof p);
   p.reserved0 = p.reserved1 = NULL;
   return submit_peer(&p, &peers, true);
}

API
cuMemcpy3DPeerAsync(const CUDA_MEMCPY3D_PEER *pCopy, CUstream hStream)
{
   struct peers peers;
   REQUIRE(pCopy);
   TRY(find_peers(&peers, pCopy->dstContext, pCopy->srcContext));
   CUDA_MEMCPY3D p;
   memcpy(&p, pCopy, sizeof p);
   p.reserved0 = p.reserved1 = NULL;
   return submit_3d(&p, hStream, false);
}

/* -- Fills */
CUresult
op_fill(struct op *op, CUdeviceptr dst, size_t pitch, unsigned value, unsigned elem,
        size_t width, size_t height)
{
   REQUIRE(elem == 1 || elem == 2 || elem == 4);
   REQUIRE(!(dst % elem) && (height <= 1 || !(pitch % elem)));
   REQUIRE(width <= SIZE_MAX / 8 && (height <= 1 || pitch >= width * elem));
   *op = (struct op){.type = CU_GRAPH_NODE_TYPE_MEMSET};
   op->fill.as_given = (CUDA_MEMSET_NODE_PARAMS){dst, pitch, value, elem, width, height};
   op->fill.f =
      (struct device_fill){(void *)(uintptr_t)dst, pitch, width, height, value, elem};
   if (!width || !height)
      return CUDA_SUCCESS;
   REQUIRE(
      device_mem_covers(op->fill.f.dst, (height - 1) * pitch + width * elem, ON_DEVICE));
   return CUDA_SUCCESS;
}

static CUresult
fill(CUdeviceptr dst, size_t pitch, unsigned value, unsigned elem, size_t width,
     size_t height, CUstream h)
{
   STREAM(s, h);
   struct op op;
   TRY(op_fill(&op, dst, pitch, value, elem, width, height));
   return op_submit(s, &op, false);
}

#define FILL(bits, type)                                                                 \
   API cuMemsetD##bits(CUdeviceptr dstDevice, type value, size_t N)                      \
   {                                                                                     \
      return fill(dstDevice, 0, value, bits / 8, N, 1, NULL);                            \
   }                                                                                     \
   API cuMemsetD##bits##Async(CUdeviceptr dstDevice, type value, size_t N,               \
                              CUstream hStream)                                          \
   {                                                                                     \
      return fill(dstDevice, 0, value, bits / 8, N, 1, hStream);                         \
   }                                                                                     \
   API cuMemsetD2D##bits(CUdeviceptr dstDevice, size_t dstPitch, type value,             \
                         size_t Width, size_t Height)                                    \
   {                                                                                     \
      return fill(dstDevice, dstPitch, value, bits / 8, Width, Height, NULL);            \
   }                                                                                     \
   API cuMemsetD2D##bits##Async(CUdeviceptr dstDevice, size_t dstPitch, type value,      \
                                size_t Width, size_t Height, CUstream hStream)           \
   {                                                                                     \
      return fill(dstDevice, dstPitch, value, bits / 8, Width, Height, hStream);         \
   }
/* The pasted names are then renamed by cuda.h like any other. */
FILL(8, unsigned char)
FILL(16, unsigned short)
FILL(32, unsigned int)
