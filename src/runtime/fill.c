/* SPDX-License-Identifier: Apache-2.0
 * Fills. A fill of more than two dimensions is one of rows where its rows lie evenly. */
#include "rt_priv.h"

cudaError_t
cudaMemset(void *devPtr, int value, size_t count)
{
   RT_ENTER();
   return count == 0 ? cudaSuccess
                     : rt_ret(cuMemsetD8(rt_ptr(devPtr), (unsigned char)value, count));
}

cudaError_t
cudaMemsetAsync(void *devPtr, int value, size_t count, cudaStream_t stream)
{
   RT_ENTER();
   return count == 0 ? cudaSuccess
                     : rt_ret(cuMemsetD8Async(rt_ptr(devPtr), (unsigned char)value, count,
                                              rt_stream(stream)));
}

static cudaError_t
check(size_t pitch, size_t width, size_t height)
{
   RT_ENTER();
   return height > 1 && width > pitch ? rt_fail(cudaErrorInvalidValue) : cudaSuccess;
}

cudaError_t
cudaMemset2D(void *devPtr, size_t pitch, int value, size_t width, size_t height)
{
   RT_TRY_RT(check(pitch, width, height));
   return width == 0 || height == 0
             ? cudaSuccess
             : rt_ret(cuMemsetD2D8(rt_ptr(devPtr), pitch, (unsigned char)value, width,
                                   height));
}

cudaError_t
cudaMemset2DAsync(void *devPtr, size_t pitch, int value, size_t width, size_t height,
                  cudaStream_t stream)
{
   RT_TRY_RT(check(pitch, width, height));
   return width == 0 || height == 0
             ? cudaSuccess
             : rt_ret(cuMemsetD2D8Async(rt_ptr(devPtr), pitch, (unsigned char)value,
                                        width, height, rt_stream(stream)));
}

/* Slices lie pitch × ysize bytes apart. */
cudaError_t
cudaMemset3DAsync(struct cudaPitchedPtr p, int value, struct cudaExtent extent,
                  cudaStream_t stream)
{
   if (extent.depth > 1 && extent.height > p.ysize)
      return rt_fail(cudaErrorInvalidValue);
   if (extent.height == p.ysize)
      return cudaMemset2DAsync(p.ptr, p.pitch, value, extent.width,
                               extent.height * extent.depth, stream);
   for (size_t z = 0; z < extent.depth; z++)
      RT_TRY_RT(cudaMemset2DAsync((char *)p.ptr + z * p.pitch * p.ysize, p.pitch, value,
                                  extent.width, extent.height, stream));
   return cudaSuccess;
}

cudaError_t
cudaMemset3D(struct cudaPitchedPtr p, int value, struct cudaExtent extent)
{
   if (extent.depth > 1 && extent.height > p.ysize)
      return rt_fail(cudaErrorInvalidValue);
   if (extent.height == p.ysize)
      return cudaMemset2D(p.ptr, p.pitch, value, extent.width,
                          extent.height * extent.depth);
   for (size_t z = 0; z < extent.depth; z++)
      RT_TRY_RT(cudaMemset2D((char *)p.ptr + z * p.pitch * p.ysize, p.pitch, value,
                             extent.width, extent.height));
   return cudaSuccess;
}
