/* SPDX-License-Identifier: Apache-2.0
 * new and delete in device code, on the device's heap: clang's for ordinary types, and
 * here those of C++17 for types that want more alignment than malloc gives. These keep the
 * block's own address in front of what they return. */
#ifndef KASURI_DEVICE_NEW_H
#define KASURI_DEVICE_NEW_H

#include <new>

#ifdef __cpp_aligned_new
__device__ inline void *operator new(size_t size, std::align_val_t align)
{
   size_t mask = static_cast<size_t>(align) - 1;
   char *block = static_cast<char *>(::malloc(size + mask + sizeof(void *)));
   if (!block)
      return nullptr;
   size_t start = (reinterpret_cast<size_t>(block) + sizeof(void *) + mask) & ~mask;
   reinterpret_cast<void **>(start)[-1] = block;
   return reinterpret_cast<void *>(start);
}
__device__ inline void *operator new[](size_t size, std::align_val_t align)
{
   return ::operator new(size, align);
}
__device__ inline void *operator new(size_t size, std::align_val_t align,
                                     const std::nothrow_t &) noexcept
{
   return ::operator new(size, align);
}
__device__ inline void *operator new[](size_t size, std::align_val_t align,
                                       const std::nothrow_t &) noexcept
{
   return ::operator new(size, align);
}
__device__ inline void operator delete(void *p, std::align_val_t) noexcept
{
   if (p)
      ::free(static_cast<void **>(p)[-1]);
}
__device__ inline void operator delete[](void *p, std::align_val_t align) noexcept
{
   ::operator delete(p, align);
}
__device__ inline void operator delete(void *p, size_t, std::align_val_t align) noexcept
{
   ::operator delete(p, align);
}
__device__ inline void operator delete[](void *p, size_t, std::align_val_t align) noexcept
{
   ::operator delete(p, align);
}
#endif

#endif
