/* SPDX-License-Identifier: Apache-2.0
 * cg::inclusive_scan and cg::exclusive_scan over a tile or coalesced group. */
#ifndef _CG_SCAN_H_
#define _CG_SCAN_H_

#include "reduce.h"

namespace cooperative_groups
{
template <class Group, class T, class Op>
static __device__ __inline__ auto
inclusive_scan(const Group &g, T &&value, Op &&op) -> decltype(op(value, value))
{
   typename details::plain<T>::type v = value;
   unsigned n = (unsigned)g.size(), rank = (unsigned)g.thread_rank();
   for (unsigned step = 1; step < n; step *= 2) {
      typename details::plain<T>::type other = g.shfl_up(v, step);
      if (rank >= step)
         v = op(other, v);
   }
   return v;
}
template <class Group, class T>
static __device__ __inline__ auto
inclusive_scan(const Group &g, T &&value) -> typename details::plain<T>::type
{
   return inclusive_scan(g, value, plus<typename details::plain<T>::type>());
}
/* The first thread gets T(), which is 0 for numbers. */
template <class Group, class T, class Op>
static __device__ __inline__ auto
exclusive_scan(const Group &g, T &&value, Op &&op) -> decltype(op(value, value))
{
   typename details::plain<T>::type v = g.shfl_up(inclusive_scan(g, value, op), 1);
   return g.thread_rank() == 0 ? typename details::plain<T>::type() : v;
}
template <class Group, class T>
static __device__ __inline__ auto
exclusive_scan(const Group &g, T &&value) -> typename details::plain<T>::type
{
   return exclusive_scan(g, value, plus<typename details::plain<T>::type>());
}
} // namespace cooperative_groups

#endif
