/* SPDX-License-Identifier: Apache-2.0
 * cg::memcpy_async and its waits. The copy is done when the call returns, by all threads of
 * the group together; the wait then only has to bring the group together. */
#ifndef _CG_MEMCPY_ASYNC_H_
#define _CG_MEMCPY_ASYNC_H_

#include "../cooperative_groups.h"

namespace cooperative_groups
{
template <class Group>
static __device__ __inline__ void
memcpy_async(const Group &g, void *to, const void *from, size_t size)
{
   size_t n = g.size(), i = g.thread_rank();
   if ((((size_t)to | (size_t)from | size) & 3) == 0) {
      for (; i < size / 4; i += n)
         ((unsigned *)to)[i] = ((const unsigned *)from)[i];
   } else {
      for (; i < size; i += n)
         ((char *)to)[i] = ((const char *)from)[i];
   }
}
template <class Group, class T>
static __device__ __inline__ void
memcpy_async(const Group &g, T *to, size_t room, const T *from, size_t count)
{
   memcpy_async(g, (void *)to, (const void *)from,
                (room < count ? room : count) * sizeof(T));
}
template <class Group>
static __device__ __inline__ void
wait(const Group &g)
{
   g.sync();
}
template <unsigned Stages, class Group>
static __device__ __inline__ void
wait_prior(const Group &g)
{
   g.sync();
}
} // namespace cooperative_groups

#endif
