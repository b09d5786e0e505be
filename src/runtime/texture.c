/* SPDX-License-Identifier: Apache-2.0
 * Textures and surfaces: descriptions translated, objects are the driver's handles. */
#include "rt_priv.h"

#include <string.h>

/* Texture flags of the driver, by what the runtime's fields say. */
static unsigned
texture_flags(const struct cudaTextureDesc *t, bool integers_as_they_are)
{
   unsigned f = 0;
   f |= integers_as_they_are ? CU_TRSF_READ_AS_INTEGER : 0;
   f |= t->normalizedCoords ? CU_TRSF_NORMALIZED_COORDINATES : 0;
   f |= t->sRGB ? CU_TRSF_SRGB : 0;
   f |= t->disableTrilinearOptimization ? CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION : 0;
   f |= t->seamlessCubemap ? CU_TRSF_SEAMLESS_CUBEMAP : 0;
   return f;
}

static cudaError_t
resource(const struct cudaResourceDesc *r, CUDA_RESOURCE_DESC *d)
{
   memset(d, 0, sizeof *d);
   switch (r->resType) {
   case cudaResourceTypeArray:
      d->resType = CU_RESOURCE_TYPE_ARRAY;
      d->res.array.hArray = rt_array(r->res.array.array);
      return cudaSuccess;
   case cudaResourceTypeMipmappedArray:
      return rt_unsupported("a texture of a mipmapped array");
   case cudaResourceTypeLinear:
      d->resType = CU_RESOURCE_TYPE_LINEAR;
      d->res.linear.devPtr = rt_ptr(r->res.linear.devPtr);
      d->res.linear.sizeInBytes = r->res.linear.sizeInBytes;
      return rt_array_format(&r->res.linear.desc, &d->res.linear.format,
                             &d->res.linear.numChannels);
   case cudaResourceTypePitch2D:
      d->resType = CU_RESOURCE_TYPE_PITCH2D;
      d->res.pitch2D.devPtr = rt_ptr(r->res.pitch2D.devPtr);
      d->res.pitch2D.width = r->res.pitch2D.width;
      d->res.pitch2D.height = r->res.pitch2D.height;
      d->res.pitch2D.pitchInBytes = r->res.pitch2D.pitchInBytes;
      return rt_array_format(&r->res.pitch2D.desc, &d->res.pitch2D.format,
                             &d->res.pitch2D.numChannels);
   }
   return rt_fail(cudaErrorInvalidValue);
}

static cudaError_t
resource_back(const CUDA_RESOURCE_DESC *d, struct cudaResourceDesc *r)
{
   /* CUDA 12's structure ends before the flags. */
   memset(r, 0, offsetof(struct cudaResourceDesc, flags));
   switch ((int)d->resType) {
   case CU_RESOURCE_TYPE_ARRAY:
      r->resType = cudaResourceTypeArray;
      r->res.array.array = (cudaArray_t)d->res.array.hArray;
      return cudaSuccess;
   case CU_RESOURCE_TYPE_LINEAR:
      r->resType = cudaResourceTypeLinear;
      r->res.linear.devPtr = (void *)(uintptr_t)d->res.linear.devPtr;
      r->res.linear.sizeInBytes = d->res.linear.sizeInBytes;
      rt_channel_desc(d->res.linear.format, d->res.linear.numChannels,
                      &r->res.linear.desc);
      return cudaSuccess;
   case CU_RESOURCE_TYPE_PITCH2D:
      r->resType = cudaResourceTypePitch2D;
      r->res.pitch2D.devPtr = (void *)(uintptr_t)d->res.pitch2D.devPtr;
      r->res.pitch2D.width = d->res.pitch2D.width;
      r->res.pitch2D.height = d->res.pitch2D.height;
      r->res.pitch2D.pitchInBytes = d->res.pitch2D.pitchInBytes;
      rt_channel_desc(d->res.pitch2D.format, d->res.pitch2D.numChannels,
                      &r->res.pitch2D.desc);
      return cudaSuccess;
   default:
      return rt_fail(cudaErrorInvalidValue);
   }
}

cudaError_t
cudaCreateTextureObject(cudaTextureObject_t *pTexObject,
                        const struct cudaResourceDesc *pResDesc,
                        const struct cudaTextureDesc *pTexDesc,
                        const struct cudaResourceViewDesc *pResViewDesc)
{
   CUDA_RESOURCE_DESC r;
   CUDA_TEXTURE_DESC t;
   CUtexObject o;
   RT_NOT_NULL(pTexObject);
   RT_NOT_NULL(pResDesc);
   RT_NOT_NULL(pTexDesc);
   RT_ENTER();
   RT_TRY_RT(resource(pResDesc, &r));
   memset(&t, 0, sizeof t);
   for (int i = 0; i < 3; i++)
      t.addressMode[i] = (CUaddress_mode)pTexDesc->addressMode[i];
   t.filterMode = (CUfilter_mode)pTexDesc->filterMode;
   t.flags = texture_flags(pTexDesc, pTexDesc->readMode == cudaReadModeElementType);
   t.maxAnisotropy = pTexDesc->maxAnisotropy;
   t.mipmapFilterMode = (CUfilter_mode)pTexDesc->mipmapFilterMode;
   t.mipmapLevelBias = pTexDesc->mipmapLevelBias;
   t.minMipmapLevelClamp = pTexDesc->minMipmapLevelClamp;
   t.maxMipmapLevelClamp = pTexDesc->maxMipmapLevelClamp;
   memcpy(t.borderColor, pTexDesc->borderColor, sizeof t.borderColor);
   RT_TRY(cuTexObjectCreate(&o, &r, &t, (const CUDA_RESOURCE_VIEW_DESC *)pResViewDesc));
   *pTexObject = o;
   return cudaSuccess;
}

cudaError_t
cudaDestroyTextureObject(cudaTextureObject_t texObject)
{
   RT_ENTER();
   return texObject == 0 ? cudaSuccess : rt_ret(cuTexObjectDestroy(texObject));
}

cudaError_t
cudaGetTextureObjectResourceDesc(struct cudaResourceDesc *pResDesc,
                                 cudaTextureObject_t texObject)
{
   CUDA_RESOURCE_DESC d;
   RT_NOT_NULL(pResDesc);
   RT_ENTER();
   RT_TRY(cuTexObjectGetResourceDesc(&d, texObject));
   return resource_back(&d, pResDesc);
}

cudaError_t
cudaGetTextureObjectTextureDesc(struct cudaTextureDesc *pTexDesc,
                                cudaTextureObject_t texObject)
{
   CUDA_TEXTURE_DESC d;
   RT_NOT_NULL(pTexDesc);
   RT_ENTER();
   RT_TRY(cuTexObjectGetTextureDesc(&d, texObject));
   memset(pTexDesc, 0, sizeof *pTexDesc);
   for (int i = 0; i < 3; i++)
      pTexDesc->addressMode[i] = (enum cudaTextureAddressMode)d.addressMode[i];
   pTexDesc->filterMode = (enum cudaTextureFilterMode)d.filterMode;
   pTexDesc->readMode = (d.flags & CU_TRSF_READ_AS_INTEGER) != 0
                           ? cudaReadModeElementType
                           : cudaReadModeNormalizedFloat;
   pTexDesc->sRGB = (d.flags & CU_TRSF_SRGB) != 0;
   pTexDesc->normalizedCoords = (d.flags & CU_TRSF_NORMALIZED_COORDINATES) != 0;
   pTexDesc->disableTrilinearOptimization =
      (d.flags & CU_TRSF_DISABLE_TRILINEAR_OPTIMIZATION) != 0;
   pTexDesc->seamlessCubemap = (d.flags & CU_TRSF_SEAMLESS_CUBEMAP) != 0;
   pTexDesc->maxAnisotropy = d.maxAnisotropy;
   pTexDesc->mipmapFilterMode = (enum cudaTextureFilterMode)d.mipmapFilterMode;
   pTexDesc->mipmapLevelBias = d.mipmapLevelBias;
   pTexDesc->minMipmapLevelClamp = d.minMipmapLevelClamp;
   pTexDesc->maxMipmapLevelClamp = d.maxMipmapLevelClamp;
   memcpy(pTexDesc->borderColor, d.borderColor, sizeof d.borderColor);
   return cudaSuccess;
}

cudaError_t
cudaGetTextureObjectResourceViewDesc(struct cudaResourceViewDesc *pResViewDesc,
                                     cudaTextureObject_t texObject)
{
   RT_NOT_NULL(pResViewDesc);
   RT_ENTER();
   return rt_ret(
      cuTexObjectGetResourceViewDesc((CUDA_RESOURCE_VIEW_DESC *)pResViewDesc, texObject));
}

cudaError_t
cudaCreateSurfaceObject(cudaSurfaceObject_t *pSurfObject,
                        const struct cudaResourceDesc *pResDesc)
{
   CUDA_RESOURCE_DESC r;
   CUsurfObject o;
   RT_NOT_NULL(pSurfObject);
   RT_NOT_NULL(pResDesc);
   RT_ENTER();
   RT_TRY_RT(resource(pResDesc, &r));
   RT_TRY(cuSurfObjectCreate(&o, &r));
   *pSurfObject = o;
   return cudaSuccess;
}

cudaError_t
cudaDestroySurfaceObject(cudaSurfaceObject_t surfObject)
{
   RT_ENTER();
   return surfObject == 0 ? cudaSuccess : rt_ret(cuSurfObjectDestroy(surfObject));
}

cudaError_t
cudaGetSurfaceObjectResourceDesc(struct cudaResourceDesc *pResDesc,
                                 cudaSurfaceObject_t surfObject)
{
   CUDA_RESOURCE_DESC d;
   RT_NOT_NULL(pResDesc);
   RT_ENTER();
   RT_TRY(cuSurfObjectGetResourceDesc(&d, surfObject));
   return resource_back(&d, pResDesc);
}
