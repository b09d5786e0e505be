/* SPDX-License-Identifier: Apache-2.0
 * Copies with pitch, depth or arrays: everything becomes the driver's one description of
 * a box. Widths and x positions are in elements where an array takes part, else in bytes.
 */
#include "rt_priv.h"

#include <string.h>

static CUmemorytype
side(enum cudaMemcpyKind kind, bool is_dst)
{
   switch (kind) {
   case cudaMemcpyHostToHost:
      return CU_MEMORYTYPE_UNIFIED; /* the driver has no such copy by name */
   case cudaMemcpyHostToDevice:
      return is_dst ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
   case cudaMemcpyDeviceToHost:
      return is_dst ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
   case cudaMemcpyDeviceToDevice:
      return CU_MEMORYTYPE_DEVICE;
   case cudaMemcpyDefault:
      break;
   }
   return CU_MEMORYTYPE_UNIFIED;
}

static void
set_src(CUDA_MEMCPY3D *c, CUmemorytype type, const void *p, size_t pitch, size_t height)
{
   c->srcMemoryType = type;
   if (type == CU_MEMORYTYPE_HOST)
      c->srcHost = p;
   else
      c->srcDevice = rt_ptr(p);
   c->srcPitch = pitch;
   c->srcHeight = height;
}

static void
set_dst(CUDA_MEMCPY3D *c, CUmemorytype type, void *p, size_t pitch, size_t height)
{
   c->dstMemoryType = type;
   if (type == CU_MEMORYTYPE_HOST)
      c->dstHost = p;
   else
      c->dstDevice = rt_ptr(p);
   c->dstPitch = pitch;
   c->dstHeight = height;
}

static cudaError_t
elem_size(cudaArray_const_t a, size_t *size)
{
   CUDA_ARRAY3D_DESCRIPTOR d;
   RT_TRY(cuArray3DGetDescriptor(&d, rt_array(a)));
   *size = rt_array_elem_size(d.Format, d.NumChannels);
   return cudaSuccess;
}

cudaError_t
rt_copy3d(const struct cudaMemcpy3DParms *p, CUDA_MEMCPY3D *c)
{
   size_t src_elem = 1, dst_elem = 1;
   RT_NOT_NULL(p);
   RT_TRY_RT(rt_check_kind(p->kind));
   if ((p->srcArray != NULL) == (p->srcPtr.ptr != NULL) ||
       (p->dstArray != NULL) == (p->dstPtr.ptr != NULL))
      return rt_fail(cudaErrorInvalidValue);
   if (p->srcArray != NULL)
      RT_TRY_RT(elem_size(p->srcArray, &src_elem));
   if (p->dstArray != NULL)
      RT_TRY_RT(elem_size(p->dstArray, &dst_elem));
   if (p->srcArray != NULL && p->dstArray != NULL && src_elem != dst_elem)
      return rt_fail(cudaErrorInvalidValue);
   size_t elem = p->srcArray != NULL ? src_elem : dst_elem;
   size_t width = p->extent.width * elem;
   if ((p->srcArray == NULL && p->srcPtr.pitch < width && p->srcPtr.pitch != 0) ||
       (p->dstArray == NULL && p->dstPtr.pitch < width && p->dstPtr.pitch != 0))
      return rt_fail(cudaErrorInvalidPitchValue);
   memset(c, 0, sizeof *c);
   c->srcXInBytes = p->srcPos.x * src_elem;
   c->srcY = p->srcPos.y;
   c->srcZ = p->srcPos.z;
   c->dstXInBytes = p->dstPos.x * dst_elem;
   c->dstY = p->dstPos.y;
   c->dstZ = p->dstPos.z;
   c->WidthInBytes = width;
   c->Height = p->extent.height;
   c->Depth = p->extent.depth;
   set_src(c, side(p->kind, false), p->srcPtr.ptr, p->srcPtr.pitch, p->srcPtr.ysize);
   set_dst(c, side(p->kind, true), p->dstPtr.ptr, p->dstPtr.pitch, p->dstPtr.ysize);
   if (p->srcArray != NULL) {
      c->srcMemoryType = CU_MEMORYTYPE_ARRAY;
      c->srcArray = rt_array(p->srcArray);
   }
   if (p->dstArray != NULL) {
      c->dstMemoryType = CU_MEMORYTYPE_ARRAY;
      c->dstArray = rt_array(p->dstArray);
   }
   return cudaSuccess;
}

static void *
memory_of(CUmemorytype type, const void *host, CUdeviceptr dev)
{
   return (void *)(type == CU_MEMORYTYPE_HOST ? (uintptr_t)host : (uintptr_t)dev);
}

cudaError_t
rt_copy3d_back(const CUDA_MEMCPY3D *c, struct cudaMemcpy3DParms *p)
{
   size_t src_elem = 1, dst_elem = 1;
   memset(p, 0, sizeof *p);
   bool src_array = c->srcMemoryType == CU_MEMORYTYPE_ARRAY;
   bool dst_array = c->dstMemoryType == CU_MEMORYTYPE_ARRAY;
   if (src_array) {
      p->srcArray = (cudaArray_t)c->srcArray;
      RT_TRY_RT(elem_size(p->srcArray, &src_elem));
   } else {
      p->srcPtr =
         (struct cudaPitchedPtr){memory_of(c->srcMemoryType, c->srcHost, c->srcDevice),
                                 c->srcPitch, c->WidthInBytes, c->srcHeight};
   }
   if (dst_array) {
      p->dstArray = (cudaArray_t)c->dstArray;
      RT_TRY_RT(elem_size(p->dstArray, &dst_elem));
   } else {
      p->dstPtr =
         (struct cudaPitchedPtr){memory_of(c->dstMemoryType, c->dstHost, c->dstDevice),
                                 c->dstPitch, c->WidthInBytes, c->dstHeight};
   }
   p->srcPos = (struct cudaPos){c->srcXInBytes / src_elem, c->srcY, c->srcZ};
   p->dstPos = (struct cudaPos){c->dstXInBytes / dst_elem, c->dstY, c->dstZ};
   p->extent = (struct cudaExtent){c->WidthInBytes / (src_array ? src_elem : dst_elem),
                                   c->Height, c->Depth};
   bool src_host = c->srcMemoryType == CU_MEMORYTYPE_HOST;
   bool dst_host = c->dstMemoryType == CU_MEMORYTYPE_HOST;
   p->kind = c->srcMemoryType == CU_MEMORYTYPE_UNIFIED ||
                   c->dstMemoryType == CU_MEMORYTYPE_UNIFIED
                ? cudaMemcpyDefault
             : src_host ? (dst_host ? cudaMemcpyHostToHost : cudaMemcpyHostToDevice)
             : dst_host ? cudaMemcpyDeviceToHost
                        : cudaMemcpyDeviceToDevice;
   return cudaSuccess;
}

static bool
is_empty(const CUDA_MEMCPY3D *c)
{
   return c->WidthInBytes == 0 || c->Height == 0 || c->Depth == 0;
}

/* -- The boxes of the public calls. */
static cudaError_t
box(const CUDA_MEMCPY3D *c)
{
   return is_empty(c) ? cudaSuccess : rt_ret(cuMemcpy3D(c));
}

static cudaError_t
box_async(const CUDA_MEMCPY3D *c, cudaStream_t stream)
{
   return is_empty(c) ? cudaSuccess : rt_ret(cuMemcpy3DAsync(c, rt_stream(stream)));
}

cudaError_t
cudaMemcpy3D(const struct cudaMemcpy3DParms *p)
{
   CUDA_MEMCPY3D c = {0};
   RT_ENTER();
   RT_TRY_RT(rt_copy3d(p, &c));
   return box(&c);
}

cudaError_t
cudaMemcpy3DAsync(const struct cudaMemcpy3DParms *p, cudaStream_t stream)
{
   CUDA_MEMCPY3D c = {0};
   RT_ENTER();
   RT_TRY_RT(rt_copy3d(p, &c));
   return box_async(&c, stream);
}

static cudaError_t
peer(const struct cudaMemcpy3DPeerParms *p, CUDA_MEMCPY3D *c)
{
   RT_NOT_NULL(p);
   RT_TRY_RT(rt_check_device(p->srcDevice));
   RT_TRY_RT(rt_check_device(p->dstDevice));
   struct cudaMemcpy3DParms one = {
      p->srcArray, p->srcPos, p->srcPtr, p->dstArray,
      p->dstPos,   p->dstPtr, p->extent, cudaMemcpyDeviceToDevice};
   return rt_copy3d(&one, c);
}

cudaError_t
cudaMemcpy3DPeer(const struct cudaMemcpy3DPeerParms *p)
{
   CUDA_MEMCPY3D c = {0};
   RT_ENTER();
   RT_TRY_RT(peer(p, &c));
   return box(&c);
}

cudaError_t
cudaMemcpy3DPeerAsync(const struct cudaMemcpy3DPeerParms *p, cudaStream_t stream)
{
   CUDA_MEMCPY3D c = {0};
   RT_ENTER();
   RT_TRY_RT(peer(p, &c));
   return box_async(&c, stream);
}

static cudaError_t
rows(CUDA_MEMCPY3D *c, void *dst, size_t dpitch, const void *src, size_t spitch,
     size_t width, size_t height, enum cudaMemcpyKind kind)
{
   RT_ENTER();
   RT_TRY_RT(rt_check_kind(kind));
   memset(c, 0, sizeof *c);
   if (height > 1 && (width > dpitch || width > spitch))
      return rt_fail(cudaErrorInvalidPitchValue);
   if (width != 0 && height != 0 && (dst == NULL || src == NULL))
      return rt_fail(cudaErrorInvalidValue);
   set_src(c, side(kind, false), src, spitch, height);
   set_dst(c, side(kind, true), dst, dpitch, height);
   c->WidthInBytes = width;
   c->Height = height;
   c->Depth = 1;
   return cudaSuccess;
}

cudaError_t
cudaMemcpy2D(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width,
             size_t height, enum cudaMemcpyKind kind)
{
   CUDA_MEMCPY3D c = {0};
   RT_TRY_RT(rows(&c, dst, dpitch, src, spitch, width, height, kind));
   return box(&c);
}

cudaError_t
cudaMemcpy2DAsync(void *dst, size_t dpitch, const void *src, size_t spitch, size_t width,
                  size_t height, enum cudaMemcpyKind kind, cudaStream_t stream)
{
   CUDA_MEMCPY3D c = {0};
   RT_TRY_RT(rows(&c, dst, dpitch, src, spitch, width, height, kind));
   return box_async(&c, stream);
}

/* Offsets and widths of these calls are in bytes, unlike those of cudaMemcpy3D. */
static cudaError_t
to_array(CUDA_MEMCPY3D *c, cudaArray_t dst, size_t x, size_t y, const void *src,
         size_t spitch, size_t width, size_t height, enum cudaMemcpyKind kind)
{
   RT_NOT_NULL(dst);
   RT_TRY_RT(rows(c, dst, width, src, spitch, width, height, kind));
   c->dstMemoryType = CU_MEMORYTYPE_ARRAY;
   c->dstHost = NULL;
   c->dstDevice = 0;
   c->dstArray = rt_array(dst);
   c->dstXInBytes = x;
   c->dstY = y;
   return cudaSuccess;
}

static cudaError_t
from_array(CUDA_MEMCPY3D *c, void *dst, size_t dpitch, cudaArray_const_t src, size_t x,
           size_t y, size_t width, size_t height, enum cudaMemcpyKind kind)
{
   RT_NOT_NULL(src);
   RT_TRY_RT(rows(c, dst, dpitch, src, width, width, height, kind));
   c->srcMemoryType = CU_MEMORYTYPE_ARRAY;
   c->srcHost = NULL;
   c->srcDevice = 0;
   c->srcArray = rt_array(src);
   c->srcXInBytes = x;
   c->srcY = y;
   return cudaSuccess;
}

cudaError_t
cudaMemcpy2DToArray(cudaArray_t dst, size_t wOffset, size_t hOffset, const void *src,
                    size_t spitch, size_t width, size_t height, enum cudaMemcpyKind kind)
{
   CUDA_MEMCPY3D c = {0};
   RT_TRY_RT(to_array(&c, dst, wOffset, hOffset, src, spitch, width, height, kind));
   return box(&c);
}

cudaError_t
cudaMemcpy2DToArrayAsync(cudaArray_t dst, size_t wOffset, size_t hOffset, const void *src,
                         size_t spitch, size_t width, size_t height,
                         enum cudaMemcpyKind kind, cudaStream_t stream)
{
   CUDA_MEMCPY3D c = {0};
   RT_TRY_RT(to_array(&c, dst, wOffset, hOffset, src, spitch, width, height, kind));
   return box_async(&c, stream);
}

cudaError_t
cudaMemcpy2DFromArray(void *dst, size_t dpitch, cudaArray_const_t src, size_t wOffset,
                      size_t hOffset, size_t width, size_t height,
                      enum cudaMemcpyKind kind)
{
   CUDA_MEMCPY3D c = {0};
   RT_TRY_RT(from_array(&c, dst, dpitch, src, wOffset, hOffset, width, height, kind));
   return box(&c);
}

cudaError_t
cudaMemcpy2DFromArrayAsync(void *dst, size_t dpitch, cudaArray_const_t src,
                           size_t wOffset, size_t hOffset, size_t width, size_t height,
                           enum cudaMemcpyKind kind, cudaStream_t stream)
{
   CUDA_MEMCPY3D c = {0};
   RT_TRY_RT(from_array(&c, dst, dpitch, src, wOffset, hOffset, width, height, kind));
   return box_async(&c, stream);
}

cudaError_t
cudaMemcpy2DArrayToArray(cudaArray_t dst, size_t wOffsetDst, size_t hOffsetDst,
                         cudaArray_const_t src, size_t wOffsetSrc, size_t hOffsetSrc,
                         size_t width, size_t height, enum cudaMemcpyKind kind)
{
   CUDA_MEMCPY3D c = {0};
   RT_NOT_NULL(dst);
   RT_TRY_RT(
      from_array(&c, dst, width, src, wOffsetSrc, hOffsetSrc, width, height, kind));
   c.dstMemoryType = CU_MEMORYTYPE_ARRAY;
   c.dstHost = NULL;
   c.dstDevice = 0;
   c.dstArray = rt_array(dst);
   c.dstXInBytes = wOffsetDst;
   c.dstY = hOffsetDst;
   return box(&c);
}

/* -- The deprecated calls count bytes that run on from row to row: a head up to the row's
 * end, whole rows, a tail. */
struct run {
   cudaArray_t array;
   size_t x, y, count, row;
};

static cudaError_t
start_run(struct run *r, cudaArray_const_t array, size_t x, size_t y, size_t count)
{
   CUDA_ARRAY3D_DESCRIPTOR d;
   RT_NOT_NULL(array);
   RT_ENTER();
   RT_TRY(cuArray3DGetDescriptor(&d, rt_array(array)));
   *r = (struct run){(cudaArray_t)(uintptr_t)array, x, y, count,
                     d.Width * rt_array_elem_size(d.Format, d.NumChannels)};
   return x >= r->row ? rt_fail(cudaErrorInvalidValue) : cudaSuccess;
}

/* The next box of a run: *width by *height bytes at (r->x, r->y); false at the end. */
static bool
next_box(struct run *r, size_t *width, size_t *height)
{
   if (r->count == 0)
      return false;
   bool whole = r->x == 0 && r->count >= r->row;
   *width = whole ? r->row : (r->count < r->row - r->x ? r->count : r->row - r->x);
   *height = whole ? r->count / r->row : 1;
   return true;
}

static void
advance(struct run *r, size_t width, size_t height)
{
   r->count -= width * height;
   r->x = 0;
   r->y += height;
}

cudaError_t
cudaMemcpyToArrayAsync(cudaArray_t dst, size_t wOffset, size_t hOffset, const void *src,
                       size_t count, enum cudaMemcpyKind kind, cudaStream_t stream)
{
   struct run r = {0};
   size_t w, h;
   const char *from = src;
   RT_TRY_RT(start_run(&r, dst, wOffset, hOffset, count));
   while (next_box(&r, &w, &h)) {
      RT_TRY_RT(cudaMemcpy2DToArrayAsync(dst, r.x, r.y, from, w, w, h, kind, stream));
      from += w * h;
      advance(&r, w, h);
   }
   return cudaSuccess;
}

cudaError_t
cudaMemcpyFromArrayAsync(void *dst, cudaArray_const_t src, size_t wOffset, size_t hOffset,
                         size_t count, enum cudaMemcpyKind kind, cudaStream_t stream)
{
   struct run r = {0};
   size_t w, h;
   char *to = dst;
   RT_TRY_RT(start_run(&r, src, wOffset, hOffset, count));
   while (next_box(&r, &w, &h)) {
      RT_TRY_RT(cudaMemcpy2DFromArrayAsync(to, w, src, r.x, r.y, w, h, kind, stream));
      to += w * h;
      advance(&r, w, h);
   }
   return cudaSuccess;
}

cudaError_t
cudaMemcpyToArray(cudaArray_t dst, size_t wOffset, size_t hOffset, const void *src,
                  size_t count, enum cudaMemcpyKind kind)
{
   RT_TRY_RT(cudaMemcpyToArrayAsync(dst, wOffset, hOffset, src, count, kind, NULL));
   return rt_ret(cuStreamSynchronize(NULL));
}

cudaError_t
cudaMemcpyFromArray(void *dst, cudaArray_const_t src, size_t wOffset, size_t hOffset,
                    size_t count, enum cudaMemcpyKind kind)
{
   RT_TRY_RT(cudaMemcpyFromArrayAsync(dst, src, wOffset, hOffset, count, kind, NULL));
   return rt_ret(cuStreamSynchronize(NULL));
}

/* Both sides run on over the ends of their own rows. */
cudaError_t
cudaMemcpyArrayToArray(cudaArray_t dst, size_t wOffsetDst, size_t hOffsetDst,
                       cudaArray_const_t src, size_t wOffsetSrc, size_t hOffsetSrc,
                       size_t count, enum cudaMemcpyKind kind)
{
   struct run to = {0}, from = {0};
   RT_TRY_RT(start_run(&to, dst, wOffsetDst, hOffsetDst, count));
   RT_TRY_RT(start_run(&from, src, wOffsetSrc, hOffsetSrc, count));
   while (count > 0) {
      size_t room = to.row - to.x, left = from.row - from.x;
      size_t w = room < left ? room : left;
      w = w < count ? w : count;
      RT_TRY_RT(
         cudaMemcpy2DArrayToArray(dst, to.x, to.y, src, from.x, from.y, w, 1, kind));
      count -= w;
      to.y += to.x + w == to.row;
      to.x = to.x + w == to.row ? 0 : to.x + w;
      from.y += from.x + w == from.row;
      from.x = from.x + w == from.row ? 0 : from.x + w;
   }
   return cudaSuccess;
}

#if RT_ABI == 13
/* One operand of a batch; lengths of rows are in elements, those of the array if any. */
static void
operand(const struct cudaMemcpy3DOperand *o, size_t elem, struct cudaExtent e,
        cudaArray_t *array, struct cudaPos *pos, struct cudaPitchedPtr *ptr)
{
   if (o->type == cudaMemcpyOperandTypeArray) {
      *array = o->op.array.array;
      *pos = (struct cudaPos){o->op.array.offset.x, o->op.array.offset.y,
                              o->op.array.offset.z};
      return;
   }
   size_t row = o->op.ptr.rowLength != 0 ? o->op.ptr.rowLength : e.width;
   size_t rows = o->op.ptr.layerHeight != 0 ? o->op.ptr.layerHeight : e.height;
   *ptr = (struct cudaPitchedPtr){o->op.ptr.ptr, row * elem, row * elem, rows};
}

cudaError_t
cudaMemcpy3DBatchAsync(size_t numOps, struct cudaMemcpy3DBatchOp *opList,
                       unsigned long long flags, cudaStream_t stream)
{
   RT_ENTER();
   if (numOps == 0 || opList == NULL || flags != 0)
      return rt_fail(cudaErrorInvalidValue);
   for (size_t i = 0; i < numOps; i++) {
      const struct cudaMemcpy3DBatchOp *o = &opList[i];
      struct cudaMemcpy3DParms p = {.extent = o->extent, .kind = cudaMemcpyDefault};
      size_t elem = 1;
      if (o->src.type == cudaMemcpyOperandTypeArray)
         RT_TRY_RT(elem_size(o->src.op.array.array, &elem));
      else if (o->dst.type == cudaMemcpyOperandTypeArray)
         RT_TRY_RT(elem_size(o->dst.op.array.array, &elem));
      operand(&o->src, elem, o->extent, &p.srcArray, &p.srcPos, &p.srcPtr);
      operand(&o->dst, elem, o->extent, &p.dstArray, &p.dstPos, &p.dstPtr);
      RT_TRY_RT(cudaMemcpy3DAsync(&p, stream));
      if (o->srcAccessOrder == cudaMemcpySrcAccessOrderDuringApiCall)
         RT_TRY(cuStreamSynchronize(rt_stream(stream)));
   }
   return cudaSuccess;
}
#endif
