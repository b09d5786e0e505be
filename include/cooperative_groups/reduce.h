/* SPDX-License-Identifier: Apache-2.0
 * cg::reduce: every thread of a tile or coalesced group gets the combination of all
 * values. */
#ifndef _CG_REDUCE_H_
#define _CG_REDUCE_H_

#include "../cooperative_groups.h"

namespace cooperative_groups
{
#define KASURI_OPERATION(name, expression)                                               \
   template <class T> struct name {                                                      \
      __device__ __inline__ T operator()(const T &a, const T &b) const                   \
      {                                                                                  \
         return expression;                                                              \
      }                                                                                  \
   };
#ifndef KASURI_CG_OPERATIONS
#define KASURI_CG_OPERATIONS
KASURI_OPERATION(plus, a + b)
KASURI_OPERATION(less, b < a ? b : a)
KASURI_OPERATION(greater, a < b ? b : a)
KASURI_OPERATION(bit_and, a & b)
KASURI_OPERATION(bit_or, a | b)
KASURI_OPERATION(bit_xor, a ^ b)
#endif
#undef KASURI_OPERATION

namespace details
{
template <class T> struct plain {
   typedef T type;
};
template <class T> struct plain<T &> {
   typedef T type;
};
template <class T> struct plain<T &&> {
   typedef T type;
};
template <class T> struct plain<const T &> {
   typedef T type;
};
template <class T> struct plain<const T> {
   typedef T type;
};
} // namespace details

template <unsigned Size, class Parent, class T, class Op>
static __device__ __inline__ auto
reduce(const thread_block_tile<Size, Parent> &g, T &&value, Op &&op)
   -> decltype(op(value, value))
{
   typename details::plain<T>::type v = value;
#pragma unroll
   for (unsigned step = Size / 2; step; step /= 2)
      v = op(v, g.shfl_xor(v, step));
   return v;
}
template <class T, class Op>
static __device__ __inline__ auto
reduce(const coalesced_group &g, T &&value, Op &&op) -> decltype(op(value, value))
{
   typename details::plain<T>::type v = value;
   unsigned n = g.size(), rank = g.thread_rank();
   for (unsigned step = 1; step < n; step *= 2) {
      typename details::plain<T>::type other = g.shfl_down(v, step);
      if (rank + step < n)
         v = op(v, other);
   }
   return g.shfl(v, 0);
}
/* The asynchronous forms combine with what is stored; here they are done on return. */
template <class Group, class T, class Op>
static __device__ __inline__ void
reduce_store_async(const Group &g, T *to, const T &value, Op &&op)
{
   T v = reduce(g, value, op);
   if (g.thread_rank() == 0)
      *to = v;
}
} // namespace cooperative_groups

#endif
