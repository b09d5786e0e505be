/* SPDX-License-Identifier: Apache-2.0
 * cudaCreateChannelDesc<T>(): the channel format of a texture or array of T. */
#ifndef __CHANNEL_DESCRIPTOR_H__
#define __CHANNEL_DESCRIPTOR_H__

#include "cuda_runtime_api.h"

#if defined(__cplusplus)
template <class T>
static __inline__ __host__ cudaChannelFormatDesc cudaCreateChannelDesc(void)
{
   return cudaCreateChannelDesc(0, 0, 0, 0, cudaChannelFormatKindNone);
}
#define KASURI_CHANNELS(type, kind, x, y, z, w)                                          \
   template <> __inline__ __host__ cudaChannelFormatDesc cudaCreateChannelDesc<type>(void) \
   {                                                                                     \
      const int bits = 8 * (int)sizeof(((type *)0)[0]) / ((x) + (y) + (z) + (w));        \
      return cudaCreateChannelDesc((x)*bits, (y)*bits, (z)*bits, (w)*bits,               \
                                   cudaChannelFormatKind##kind);                         \
   }
#define KASURI_CHANNEL_VECS(name, kind)                                                  \
   KASURI_CHANNELS(name##1, kind, 1, 0, 0, 0)                                            \
   KASURI_CHANNELS(name##2, kind, 1, 1, 0, 0)                                            \
   KASURI_CHANNELS(name##4, kind, 1, 1, 1, 1)
KASURI_CHANNELS(char, Signed, 1, 0, 0, 0)
KASURI_CHANNELS(signed char, Signed, 1, 0, 0, 0)
KASURI_CHANNELS(unsigned char, Unsigned, 1, 0, 0, 0)
KASURI_CHANNELS(short, Signed, 1, 0, 0, 0)
KASURI_CHANNELS(unsigned short, Unsigned, 1, 0, 0, 0)
KASURI_CHANNELS(int, Signed, 1, 0, 0, 0)
KASURI_CHANNELS(unsigned int, Unsigned, 1, 0, 0, 0)
KASURI_CHANNELS(float, Float, 1, 0, 0, 0)
KASURI_CHANNEL_VECS(char, Signed)
KASURI_CHANNEL_VECS(uchar, Unsigned)
KASURI_CHANNEL_VECS(short, Signed)
KASURI_CHANNEL_VECS(ushort, Unsigned)
KASURI_CHANNEL_VECS(int, Signed)
KASURI_CHANNEL_VECS(uint, Unsigned)
KASURI_CHANNEL_VECS(float, Float)
#undef KASURI_CHANNELS
#undef KASURI_CHANNEL_VECS
#endif

#endif
