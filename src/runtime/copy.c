/* SPDX-License-Identifier: Apache-2.0
 * Copies of rows of bytes: linear, by symbol, from device to device, and in batches. What
 * has pitch or an array is in copy3d.c. */
#include "rt_priv.h"

cudaError_t
rt_check_kind(enum cudaMemcpyKind kind)
{
   return (unsigned)kind > cudaMemcpyDefault ? rt_fail(cudaErrorInvalidMemcpyDirection)
                                             : cudaSuccess;
}

static CUresult
copy(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind)
{
   switch (kind) {
   case cudaMemcpyHostToDevice:
      return cuMemcpyHtoD(rt_ptr(dst), src, count);
   case cudaMemcpyDeviceToHost:
      return cuMemcpyDtoH(dst, rt_ptr(src), count);
   case cudaMemcpyDeviceToDevice:
      return cuMemcpyDtoD(rt_ptr(dst), rt_ptr(src), count);
   case cudaMemcpyHostToHost:
   case cudaMemcpyDefault:
      break;
   }
   return cuMemcpy(rt_ptr(dst), rt_ptr(src), count);
}

static CUresult
copy_async(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind, CUstream s)
{
   switch (kind) {
   case cudaMemcpyHostToDevice:
      return cuMemcpyHtoDAsync(rt_ptr(dst), src, count, s);
   case cudaMemcpyDeviceToHost:
      return cuMemcpyDtoHAsync(dst, rt_ptr(src), count, s);
   case cudaMemcpyDeviceToDevice:
      return cuMemcpyDtoDAsync(rt_ptr(dst), rt_ptr(src), count, s);
   case cudaMemcpyHostToHost:
   case cudaMemcpyDefault:
      break;
   }
   return cuMemcpyAsync(rt_ptr(dst), rt_ptr(src), count, s);
}

cudaError_t
cudaMemcpy(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind)
{
   RT_ENTER();
   RT_TRY_RT(rt_check_kind(kind));
   return count == 0 ? cudaSuccess : rt_ret(copy(dst, src, count, kind));
}

cudaError_t
cudaMemcpyAsync(void *dst, const void *src, size_t count, enum cudaMemcpyKind kind,
                cudaStream_t stream)
{
   RT_ENTER();
   RT_TRY_RT(rt_check_kind(kind));
   return count == 0 ? cudaSuccess
                     : rt_ret(copy_async(dst, src, count, kind, rt_stream(stream)));
}

/* -- Between devices: their memory is one address space here, so the devices are checked
 * and the copy is an ordinary one. */
cudaError_t
cudaMemcpyPeer(void *dst, int dstDevice, const void *src, int srcDevice, size_t count)
{
   RT_TRY_RT(rt_check_device(dstDevice));
   RT_TRY_RT(rt_check_device(srcDevice));
   return cudaMemcpy(dst, src, count, cudaMemcpyDeviceToDevice);
}

cudaError_t
cudaMemcpyPeerAsync(void *dst, int dstDevice, const void *src, int srcDevice,
                    size_t count, cudaStream_t stream)
{
   RT_TRY_RT(rt_check_device(dstDevice));
   RT_TRY_RT(rt_check_device(srcDevice));
   return cudaMemcpyAsync(dst, src, count, cudaMemcpyDeviceToDevice, stream);
}

/* -- By symbol. */
static cudaError_t
symbol_range(const void *symbol, size_t count, size_t offset, bool to_symbol,
             enum cudaMemcpyKind kind, void **p)
{
   CUdeviceptr addr;
   size_t size;
   RT_ENTER();
   RT_TRY_RT(rt_symbol(symbol, &addr, &size));
   if (offset > size || count > size - offset)
      return rt_fail(cudaErrorInvalidValue);
   if (kind != cudaMemcpyDeviceToDevice && kind != cudaMemcpyDefault &&
       kind != (to_symbol ? cudaMemcpyHostToDevice : cudaMemcpyDeviceToHost))
      return rt_fail(cudaErrorInvalidMemcpyDirection);
   *p = (void *)(uintptr_t)(addr + offset);
   return cudaSuccess;
}

cudaError_t
cudaMemcpyToSymbol(const void *symbol, const void *src, size_t count, size_t offset,
                   enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_range(symbol, count, offset, true, kind, &p));
   return cudaMemcpy(p, src, count, kind);
}

cudaError_t
cudaMemcpyFromSymbol(void *dst, const void *symbol, size_t count, size_t offset,
                     enum cudaMemcpyKind kind)
{
   void *p = NULL;
   RT_TRY_RT(symbol_range(symbol, count, offset, false, kind, &p));
   return cudaMemcpy(dst, p, count, kind);
}

cudaError_t
cudaMemcpyToSymbolAsync(const void *symbol, const void *src, size_t count, size_t offset,
                        enum cudaMemcpyKind kind, cudaStream_t stream)
{
   void *p = NULL;
   RT_TRY_RT(symbol_range(symbol, count, offset, true, kind, &p));
   return cudaMemcpyAsync(p, src, count, kind, stream);
}

cudaError_t
cudaMemcpyFromSymbolAsync(void *dst, const void *symbol, size_t count, size_t offset,
                          enum cudaMemcpyKind kind, cudaStream_t stream)
{
   void *p = NULL;
   RT_TRY_RT(symbol_range(symbol, count, offset, false, kind, &p));
   return cudaMemcpyAsync(dst, p, count, kind, stream);
}

#if RT_ABI == 13
cudaError_t
cudaMemcpyBatchAsync(void *const *dsts, const void *const *srcs, const size_t *sizes,
                     size_t count, struct cudaMemcpyAttributes *attrs, size_t *attrsIdxs,
                     size_t numAttrs, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(
      cuMemcpyBatchAsync((CUdeviceptr *)(uintptr_t)dsts, (CUdeviceptr *)(uintptr_t)srcs,
                         (size_t *)(uintptr_t)sizes, count, (CUmemcpyAttributes *)attrs,
                         attrsIdxs, numAttrs, rt_stream(stream)));
}
#endif
