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

/* What a fill of three dimensions is: nothing, one of rows, or one of each slice. */
static cudaError_t
plan(const struct cudaPitchedPtr *p, const struct cudaExtent *extent, size_t *slices,
     size_t *rows)
{
   RT_ENTER();
   *slices = extent->width && extent->height ? extent->depth : 0;
   *rows = extent->height;
   if (extent->depth > 1 && extent->height > p->ysize)
      return rt_fail(cudaErrorInvalidValue);
   if (!*slices || extent->height != p->ysize)
      return cudaSuccess;
   *slices = 1;
   return __builtin_mul_overflow(extent->height, extent->depth, rows)
             ? rt_fail(cudaErrorInvalidValue)
             : cudaSuccess;
}

/* Slices lie pitch × ysize bytes apart. */
static void *
slice(const struct cudaPitchedPtr *p, size_t z)
{
   return (void *)((uintptr_t)p->ptr + z * p->pitch * p->ysize);
}

cudaError_t
cudaMemset3DAsync(struct cudaPitchedPtr p, int value, struct cudaExtent extent,
                  cudaStream_t stream)
{
   size_t slices, rows;
   RT_TRY_RT(plan(&p, &extent, &slices, &rows));
   for (size_t z = 0; z < slices; z++)
      RT_TRY_RT(
         cudaMemset2DAsync(slice(&p, z), p.pitch, value, extent.width, rows, stream));
   return cudaSuccess;
}

cudaError_t
cudaMemset3D(struct cudaPitchedPtr p, int value, struct cudaExtent extent)
{
   size_t slices, rows;
   RT_TRY_RT(plan(&p, &extent, &slices, &rows));
   for (size_t z = 0; z < slices; z++)
      RT_TRY_RT(cudaMemset2D(slice(&p, z), p.pitch, value, extent.width, rows));
   return cudaSuccess;
}
