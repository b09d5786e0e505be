/* SPDX-License-Identifier: Apache-2.0
 * Arrays: memory with a shape and a format, rows one after another. Texture and surface
 * objects are not there yet: no back end executes their instructions. */
#include "driver_priv.h"

struct drv_array {
   CUDA_ARRAY3D_DESCRIPTOR d; /* Height and Depth as given, 0 where unused */
   uint8_t *data;
   size_t pitch, slice, bytes;
};

static size_t
format_bytes(CUarray_format f)
{
   switch ((int)f) {
   case CU_AD_FORMAT_UNSIGNED_INT8:
   case CU_AD_FORMAT_SIGNED_INT8:
      return 1;
   case CU_AD_FORMAT_UNSIGNED_INT16:
   case CU_AD_FORMAT_SIGNED_INT16:
   case CU_AD_FORMAT_HALF:
      return 2;
   case CU_AD_FORMAT_UNSIGNED_INT32:
   case CU_AD_FORMAT_SIGNED_INT32:
   case CU_AD_FORMAT_FLOAT:
      return 4;
   }
   return 0;
}

static bool
shape_fits(const CUDA_ARRAY3D_DESCRIPTOR *d)
{
   unsigned known = CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_SURFACE_LDST |
                    CUDA_ARRAY3D_CUBEMAP | CUDA_ARRAY3D_TEXTURE_GATHER;
   bool channels = d->NumChannels == 1 || d->NumChannels == 2 || d->NumChannels == 4;
   return format_bytes(d->Format) && channels && d->Width && d->Width <= 131072 &&
          d->Height <= 65536 && d->Depth <= 16384 && !(d->Flags & ~known) &&
          (!d->Depth || d->Height || d->Flags & CUDA_ARRAY3D_LAYERED);
}

API
cuArray3DCreate_v2(CUarray *pHandle, const CUDA_ARRAY3D_DESCRIPTOR *pAllocateArray)
{
   ENTER(c);
   REQUIRE(pHandle && pAllocateArray && shape_fits(pAllocateArray));
   const CUDA_ARRAY3D_DESCRIPTOR *d = pAllocateArray;
   struct drv_array a = {.d = *d};
   a.pitch = d->Width * d->NumChannels * format_bytes(d->Format);
   a.slice = a.pitch * MAX2(d->Height, 1);
   a.bytes = a.slice * MAX2(d->Depth, 1);
   void *p;
   TRY(device_mem_alloc(a.bytes, DEVICE_MEM_ARRAY, 0, c->dev, &p));
   a.data = p;
   struct drv_array *kept = base_alloc(sizeof *kept);
   *kept = a;
   *pHandle = HANDLE(H_ARRAY, kept);
   return CUDA_SUCCESS;
}

API
cuArrayCreate_v2(CUarray *pHandle, const CUDA_ARRAY_DESCRIPTOR *pAllocateArray)
{
   REQUIRE(pAllocateArray);
   CUDA_ARRAY3D_DESCRIPTOR d = {.Width = pAllocateArray->Width,
                                .Height = pAllocateArray->Height,
                                .Format = pAllocateArray->Format,
                                .NumChannels = pAllocateArray->NumChannels};
   return cuArray3DCreate_v2(pHandle, &d);
}

API
cuArray3DGetDescriptor_v2(CUDA_ARRAY3D_DESCRIPTOR *pArrayDescriptor, CUarray hArray)
{
   ENTER(c);
   REQUIRE(pArrayDescriptor);
   const struct drv_array *a = FIND(H_ARRAY, hArray);
   if (!a)
      return CUDA_ERROR_INVALID_HANDLE;
   *pArrayDescriptor = a->d;
   return CUDA_SUCCESS;
}

API
cuArrayGetDescriptor_v2(CUDA_ARRAY_DESCRIPTOR *pArrayDescriptor, CUarray hArray)
{
   REQUIRE(pArrayDescriptor);
   CUDA_ARRAY3D_DESCRIPTOR d;
   TRY(cuArray3DGetDescriptor_v2(&d, hArray));
   *pArrayDescriptor =
      (CUDA_ARRAY_DESCRIPTOR){d.Width, d.Height, d.Format, d.NumChannels};
   return CUDA_SUCCESS;
}

API
cuArrayDestroy(CUarray hArray)
{
   ENTER(c);
   struct drv_array *a = FIND(H_ARRAY, hArray);
   if (!a)
      return CUDA_ERROR_INVALID_HANDLE;
   TRY(device_ctx_sync(c->dev));
   FORGET(hArray);
   (void)!device_mem_free(a->data, DEVICE_MEM_ARRAY);
   base_free(a);
   return CUDA_SUCCESS;
}

CUresult
array_address(CUarray h, uint8_t **base, size_t *pitch, size_t *slice, size_t *bytes)
{
   const struct drv_array *a = FIND(H_ARRAY, h);
   if (!a)
      return CUDA_ERROR_INVALID_HANDLE;
   *base = a->data;
   *pitch = a->pitch;
   *slice = a->slice;
   *bytes = a->bytes;
   return CUDA_SUCCESS;
}
