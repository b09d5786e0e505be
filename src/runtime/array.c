/* SPDX-License-Identifier: Apache-2.0
 * Arrays and channel descriptions. The driver counts channels of one format; the runtime
 * gives the bits of each, so the two are translated here. */
#include "rt_priv.h"

#include <string.h>

struct cudaChannelFormatDesc
cudaCreateChannelDesc(int x, int y, int z, int w, enum cudaChannelFormatKind f)
{
   return (struct cudaChannelFormatDesc){x, y, z, w, f};
}

static bool
find_format(enum cudaChannelFormatKind kind, int bits, CUarray_format *format)
{
   static const struct {
      enum cudaChannelFormatKind kind;
      int bits;
      CUarray_format format;
   } formats[] = {
      {cudaChannelFormatKindSigned, 8, CU_AD_FORMAT_SIGNED_INT8},
      {cudaChannelFormatKindSigned, 16, CU_AD_FORMAT_SIGNED_INT16},
      {cudaChannelFormatKindSigned, 32, CU_AD_FORMAT_SIGNED_INT32},
      {cudaChannelFormatKindUnsigned, 8, CU_AD_FORMAT_UNSIGNED_INT8},
      {cudaChannelFormatKindUnsigned, 16, CU_AD_FORMAT_UNSIGNED_INT16},
      {cudaChannelFormatKindUnsigned, 32, CU_AD_FORMAT_UNSIGNED_INT32},
      {cudaChannelFormatKindFloat, 16, CU_AD_FORMAT_HALF},
      {cudaChannelFormatKindFloat, 32, CU_AD_FORMAT_FLOAT},
   };
   for (size_t i = 0; i < sizeof formats / sizeof *formats; i++)
      if (formats[i].kind == kind && formats[i].bits == bits) {
         *format = formats[i].format;
         return true;
      }
   return false;
}

/* 1, 2 or 4 components of equal size. */
cudaError_t
rt_array_format(const struct cudaChannelFormatDesc *d, CUarray_format *format,
                unsigned *channels)
{
   const int bits[4] = {d->x, d->y, d->z, d->w};
   unsigned n = 0;
   while (n < 4 && bits[n] != 0)
      n++;
   bool valid = n == 1 || n == 2 || n == 4;
   for (unsigned i = 0; i < 4; i++)
      valid = valid && bits[i] == (i < n ? bits[0] : 0);
   if (!valid || !find_format(d->f, bits[0], format))
      return rt_fail(cudaErrorInvalidChannelDescriptor);
   *channels = n;
   return cudaSuccess;
}

size_t
rt_array_elem_size(CUarray_format format, unsigned channels)
{
   switch ((int)format) {
   case CU_AD_FORMAT_SIGNED_INT8:
   case CU_AD_FORMAT_UNSIGNED_INT8:
      return channels;
   case CU_AD_FORMAT_SIGNED_INT16:
   case CU_AD_FORMAT_UNSIGNED_INT16:
   case CU_AD_FORMAT_HALF:
      return 2 * channels;
   default:
      return 4 * channels;
   }
}

void
rt_channel_desc(CUarray_format format, unsigned channels, struct cudaChannelFormatDesc *d)
{
   int bits = (int)(8 * rt_array_elem_size(format, 1));
   d->x = bits;
   d->y = channels > 1 ? bits : 0;
   d->z = channels > 2 ? bits : 0;
   d->w = channels > 3 ? bits : 0;
   switch ((int)format) {
   case CU_AD_FORMAT_SIGNED_INT8:
   case CU_AD_FORMAT_SIGNED_INT16:
   case CU_AD_FORMAT_SIGNED_INT32:
      d->f = cudaChannelFormatKindSigned;
      break;
   case CU_AD_FORMAT_HALF:
   case CU_AD_FORMAT_FLOAT:
      d->f = cudaChannelFormatKindFloat;
      break;
   default:
      d->f = cudaChannelFormatKindUnsigned;
   }
}

cudaError_t
cudaMalloc3DArray(cudaArray_t *array, const struct cudaChannelFormatDesc *desc,
                  struct cudaExtent extent, unsigned int flags)
{
   CUDA_ARRAY3D_DESCRIPTOR d = {
      .Width = extent.width, .Height = extent.height, .Depth = extent.depth};
   RT_NOT_NULL(array);
   RT_NOT_NULL(desc);
   RT_ENTER();
   RT_TRY_RT(rt_array_format(desc, &d.Format, &d.NumChannels));
   d.Flags = flags;
   CUarray a;
   RT_TRY(cuArray3DCreate(&a, &d));
   *array = (cudaArray_t)a;
   return cudaSuccess;
}

cudaError_t
cudaMallocArray(cudaArray_t *array, const struct cudaChannelFormatDesc *desc,
                size_t width, size_t height, unsigned int flags)
{
   return cudaMalloc3DArray(array, desc, (struct cudaExtent){width, height, 0}, flags);
}

cudaError_t
cudaFreeArray(cudaArray_t array)
{
   RT_ENTER();
   return array == NULL ? cudaSuccess : rt_ret(cuArrayDestroy(rt_array(array)));
}

cudaError_t
cudaArrayGetInfo(struct cudaChannelFormatDesc *desc, struct cudaExtent *extent,
                 unsigned int *flags, cudaArray_t array)
{
   CUDA_ARRAY3D_DESCRIPTOR d;
   RT_ENTER();
   if (array == NULL)
      return rt_fail(cudaErrorInvalidResourceHandle);
   RT_TRY(cuArray3DGetDescriptor(&d, rt_array(array)));
   if (desc != NULL)
      rt_channel_desc(d.Format, d.NumChannels, desc);
   if (extent != NULL)
      *extent = (struct cudaExtent){d.Width, d.Height, d.Depth};
   if (flags != NULL)
      *flags = d.Flags;
   return cudaSuccess;
}

cudaError_t
cudaGetChannelDesc(struct cudaChannelFormatDesc *desc, cudaArray_const_t array)
{
   RT_NOT_NULL(desc);
   return cudaArrayGetInfo(desc, NULL, NULL, (cudaArray_t)(uintptr_t)array);
}
