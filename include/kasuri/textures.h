/* SPDX-License-Identifier: Apache-2.0
 * Texture and surface functions are not there yet; a program that calls one hears so from
 * the compiler. */
#ifndef KASURI_TEXTURES_H
#define KASURI_TEXTURES_H

template <class...> struct kasuri_no_textures {
   static constexpr bool supported = false;
};
/* With and without a type as template argument: tex2D<float>(…), surf2Dwrite(…). */
#define KASURI_NO_TEXTURE(name)                                                          \
   template <class T = void, class... Args>                                              \
   static __inline__ __device__ T name(Args...)                                          \
   {                                                                                     \
      static_assert(kasuri_no_textures<T, Args...>::supported,                           \
                    #name ": textures and surfaces are not supported yet");              \
   }
KASURI_NO_TEXTURE(tex1Dfetch)
KASURI_NO_TEXTURE(tex1D)
KASURI_NO_TEXTURE(tex1DLod)
KASURI_NO_TEXTURE(tex1DGrad)
KASURI_NO_TEXTURE(tex2D)
KASURI_NO_TEXTURE(tex2DLod)
KASURI_NO_TEXTURE(tex2DGrad)
KASURI_NO_TEXTURE(tex2Dgather)
KASURI_NO_TEXTURE(tex3D)
KASURI_NO_TEXTURE(tex3DLod)
KASURI_NO_TEXTURE(tex3DGrad)
KASURI_NO_TEXTURE(tex1DLayered)
KASURI_NO_TEXTURE(tex2DLayered)
KASURI_NO_TEXTURE(texCubemap)
KASURI_NO_TEXTURE(texCubemapLayered)
KASURI_NO_TEXTURE(surf1Dread)
KASURI_NO_TEXTURE(surf1Dwrite)
KASURI_NO_TEXTURE(surf2Dread)
KASURI_NO_TEXTURE(surf2Dwrite)
KASURI_NO_TEXTURE(surf3Dread)
KASURI_NO_TEXTURE(surf3Dwrite)
KASURI_NO_TEXTURE(surf1DLayeredread)
KASURI_NO_TEXTURE(surf1DLayeredwrite)
KASURI_NO_TEXTURE(surf2DLayeredread)
KASURI_NO_TEXTURE(surf2DLayeredwrite)
KASURI_NO_TEXTURE(surfCubemapread)
KASURI_NO_TEXTURE(surfCubemapwrite)
#undef KASURI_NO_TEXTURE

#endif
