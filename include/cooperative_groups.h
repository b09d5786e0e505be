/* SPDX-License-Identifier: Apache-2.0
 * Cooperative groups: blocks, tiles of a warp, coalesced threads, clusters and grids as
 * objects that count, rank and synchronise their threads. */
#ifndef _COOPERATIVE_GROUPS_H_
#define _COOPERATIVE_GROUPS_H_

#if !defined(__cplusplus) || !defined(__CUDACC__)
#error "cooperative_groups.h is for CUDA C++"
#endif

namespace cooperative_groups
{
#define KASURI_CG static __inline__ __device__ __attribute__((always_inline))
#define KASURI_METHOD __device__ __inline__ __attribute__((always_inline))

namespace details
{
KASURI_CG unsigned lane()
{
   return __nvvm_read_ptx_sreg_laneid();
}
KASURI_CG unsigned block_threads()
{
   return blockDim.x * blockDim.y * blockDim.z;
}
KASURI_CG unsigned rank_in_block()
{
   return (threadIdx.z * blockDim.y + threadIdx.y) * blockDim.x + threadIdx.x;
}
KASURI_CG unsigned rank_in_mask(unsigned mask)
{
   return __popc(mask & __nvvm_read_ptx_sreg_lanemask_lt());
}
/* Lane of the n-th thread (from 0) of a mask. */
KASURI_CG unsigned nth_lane(unsigned mask, unsigned n)
{
   return mask == ~0u ? n : __fns(mask, 0, (int)n + 1);
}

/* Clusters are of devices since 9.0; before them no group is of that kind. */
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
KASURI_CG unsigned cluster_blocks()
{
   return __nvvm_read_ptx_sreg_cluster_nctarank();
}
KASURI_CG unsigned rank_in_cluster()
{
   return __nvvm_read_ptx_sreg_cluster_ctarank();
}
KASURI_CG void cluster_sync()
{
   __nvvm_barrier_cluster_arrive();
   __nvvm_barrier_cluster_wait();
}
#else
KASURI_CG unsigned cluster_blocks()
{
   return 1;
}
KASURI_CG unsigned rank_in_cluster()
{
   return 0;
}
KASURI_CG void cluster_sync()
{
}
#endif

/* Moves a value of any trivially copyable type between lanes, word by word. how(word) is
 * one of the 32-bit shuffles. */
template <class T, class How>
KASURI_CG T move(const T &v, How how)
{
   constexpr unsigned words = (sizeof(T) + 3) / 4;
   unsigned in[words] = {}, out[words];
   memcpy(in, &v, sizeof v);
#pragma unroll
   for (unsigned i = 0; i < words; i++)
      out[i] = how(in[i]);
   T r;
   memcpy(&r, out, sizeof r);
   return r;
}

/* A grid's barrier: one word, of which the top bit flips when all blocks have arrived.
 * The first block adds what makes the sum of all additions 2^31. */
KASURI_CG unsigned *grid_barrier()
{
   unsigned high, low;
   __asm__ volatile("mov.u32 %0, %%envreg1;" : "=r"(high));
   __asm__ volatile("mov.u32 %0, %%envreg2;" : "=r"(low));
   return (unsigned *)((unsigned long long)high << 32 | low);
}
/* Returns the bit as it was: it cannot flip before this block has arrived. Every thread
 * waits for itself, so that the lanes of a warp go round the loop together. */
KASURI_CG unsigned grid_arrive(unsigned *workspace)
{
   unsigned *word = workspace + 1, before = *(volatile unsigned *)word & 0x80000000u;
   __syncthreads();
   if (rank_in_block() == 0) {
      unsigned blocks = gridDim.x * gridDim.y * gridDim.z;
      bool first = (blockIdx.x | blockIdx.y | blockIdx.z) == 0;
      __threadfence();
      atomicAdd(word, first ? 0x80000000u - (blocks - 1) : 1u);
   }
   return before;
}
KASURI_CG void grid_wait(unsigned *workspace, unsigned before)
{
   while ((*(volatile unsigned *)(workspace + 1) & 0x80000000u) == before)
      __nanosleep(20);
   __threadfence();
}
} // namespace details

/* -- Any group, by its kind. */
class thread_group
{
 public:
   enum kind_of { block_kind, mask_kind, grid_kind, cluster_kind };

   KASURI_METHOD unsigned long long size() const
   {
      return num_threads();
   }
   KASURI_METHOD unsigned long long num_threads() const
   {
      switch (kind) {
      case block_kind:
         return details::block_threads();
      case mask_kind:
         return __popc(mask);
      case grid_kind:
         return (unsigned long long)details::block_threads() * gridDim.x * gridDim.y *
                gridDim.z;
      case cluster_kind:
         return details::block_threads() * details::cluster_blocks();
      }
      return 0;
   }
   KASURI_METHOD unsigned long long thread_rank() const
   {
      switch (kind) {
      case block_kind:
         return details::rank_in_block();
      case mask_kind:
         return details::rank_in_mask(mask);
      case grid_kind:
         return ((unsigned long long)(blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x +
                 blockIdx.x) *
                   details::block_threads() +
                details::rank_in_block();
      case cluster_kind:
         return details::rank_in_cluster() * details::block_threads() +
                details::rank_in_block();
      }
      return 0;
   }
   KASURI_METHOD void sync() const
   {
      switch (kind) {
      case block_kind:
         __syncthreads();
         break;
      case mask_kind:
         __syncwarp(mask);
         break;
      case grid_kind: {
         unsigned *workspace = details::grid_barrier();
         if (!workspace)
            __trap(); /* not launched by cudaLaunchCooperativeKernel */
         details::grid_wait(workspace, details::grid_arrive(workspace));
         break;
      }
      case cluster_kind:
         details::cluster_sync();
         break;
      }
   }
   KASURI_METHOD bool is_valid() const
   {
      return kind != grid_kind || details::grid_barrier() != nullptr;
   }

 protected:
   KASURI_METHOD thread_group(kind_of k, unsigned m = 0) : kind(k), mask(m)
   {
   }
   kind_of kind;
   unsigned mask; /* mask_kind: the lanes */
   /* Place among the groups that a partition made. */
   unsigned meta_rank = 0, meta_count = 1;
};

/* -- The block. */
class thread_block : public thread_group
{
 public:
   struct arrival_token {
   };
   KASURI_METHOD thread_block() : thread_group(block_kind)
   {
   }
   static KASURI_METHOD void sync()
   {
      __syncthreads();
   }
   static KASURI_METHOD arrival_token barrier_arrive()
   {
      return arrival_token();
   }
   static KASURI_METHOD void barrier_wait(arrival_token &&)
   {
      __syncthreads();
   }
   static KASURI_METHOD unsigned thread_rank()
   {
      return details::rank_in_block();
   }
   static KASURI_METHOD dim3 group_index()
   {
      return dim3(blockIdx.x, blockIdx.y, blockIdx.z);
   }
   static KASURI_METHOD dim3 thread_index()
   {
      return dim3(threadIdx.x, threadIdx.y, threadIdx.z);
   }
   static KASURI_METHOD dim3 group_dim()
   {
      return dim3(blockDim.x, blockDim.y, blockDim.z);
   }
   static KASURI_METHOD dim3 dim_threads()
   {
      return group_dim();
   }
   static KASURI_METHOD unsigned num_threads()
   {
      return details::block_threads();
   }
   static KASURI_METHOD unsigned size()
   {
      return details::block_threads();
   }
};
KASURI_CG thread_block this_thread_block()
{
   return thread_block();
}

/* -- The grid. */
class grid_group : public thread_group
{
 public:
   struct arrival_token {
      unsigned seen;
   };
   KASURI_METHOD grid_group() : thread_group(grid_kind)
   {
   }
   KASURI_METHOD arrival_token barrier_arrive() const
   {
      unsigned *workspace = details::grid_barrier();
      if (!workspace)
         __trap();
      return arrival_token{details::grid_arrive(workspace)};
   }
   KASURI_METHOD void barrier_wait(arrival_token &&token) const
   {
      details::grid_wait(details::grid_barrier(), token.seen);
   }
   static KASURI_METHOD dim3 group_dim()
   {
      return dim3(gridDim.x, gridDim.y, gridDim.z);
   }
   static KASURI_METHOD dim3 dim_blocks()
   {
      return group_dim();
   }
   static KASURI_METHOD unsigned long long num_blocks()
   {
      return (unsigned long long)gridDim.x * gridDim.y * gridDim.z;
   }
   static KASURI_METHOD dim3 block_index()
   {
      return dim3(blockIdx.x, blockIdx.y, blockIdx.z);
   }
   static KASURI_METHOD unsigned long long block_rank()
   {
      return (unsigned long long)(blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x +
             blockIdx.x;
   }
   static KASURI_METHOD dim3 dim_threads()
   {
      return dim3(gridDim.x * blockDim.x, gridDim.y * blockDim.y, gridDim.z * blockDim.z);
   }
   static KASURI_METHOD dim3 thread_index()
   {
      return dim3(blockIdx.x * blockDim.x + threadIdx.x,
                  blockIdx.y * blockDim.y + threadIdx.y,
                  blockIdx.z * blockDim.z + threadIdx.z);
   }
};
KASURI_CG grid_group this_grid()
{
   return grid_group();
}

/* -- The cluster. */
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
class cluster_group : public thread_group
{
 public:
   struct arrival_token {
   };
   KASURI_METHOD cluster_group() : thread_group(cluster_kind)
   {
   }
   static KASURI_METHOD void sync()
   {
      details::cluster_sync();
   }
   static KASURI_METHOD arrival_token barrier_arrive()
   {
      __nvvm_barrier_cluster_arrive();
      return arrival_token();
   }
   static KASURI_METHOD void barrier_wait()
   {
      __nvvm_barrier_cluster_wait();
   }
   static KASURI_METHOD void barrier_wait(arrival_token &&)
   {
      __nvvm_barrier_cluster_wait();
   }
   static KASURI_METHOD dim3 block_index()
   {
      return __clusterRelativeBlockIdx();
   }
   static KASURI_METHOD unsigned block_rank()
   {
      return details::rank_in_cluster();
   }
   static KASURI_METHOD dim3 dim_blocks()
   {
      return __clusterDim();
   }
   static KASURI_METHOD unsigned num_blocks()
   {
      return details::cluster_blocks();
   }
   static KASURI_METHOD dim3 dim_threads()
   {
      dim3 d = __clusterDim();
      return dim3(d.x * blockDim.x, d.y * blockDim.y, d.z * blockDim.z);
   }
   /* The same variable in another block of the cluster. */
   template <class T>
   static KASURI_METHOD T *map_shared_rank(T *p, int rank)
   {
      return (T *)__cluster_map_shared_rank(p, (unsigned)rank);
   }
   static KASURI_METHOD unsigned query_shared_rank(const void *p)
   {
      return __cluster_query_shared_rank(p);
   }
};
KASURI_CG cluster_group this_cluster()
{
   return cluster_group();
}
#endif

/* -- Threads of one warp, by mask. */
class coalesced_group : public thread_group
{
 public:
   KASURI_METHOD unsigned size() const
   {
      return __popc(mask);
   }
   KASURI_METHOD unsigned num_threads() const
   {
      return __popc(mask);
   }
   KASURI_METHOD unsigned thread_rank() const
   {
      return details::rank_in_mask(mask);
   }
   KASURI_METHOD void sync() const
   {
      __syncwarp(mask);
   }
   KASURI_METHOD unsigned meta_group_rank() const
   {
      return meta_rank;
   }
   KASURI_METHOD unsigned meta_group_size() const
   {
      return meta_count;
   }
   template <class T>
   KASURI_METHOD T shfl(const T &v, int rank) const
   {
      unsigned m = mask, lane = details::nth_lane(m, (unsigned)rank % __popc(m));
      return details::move(v, [m, lane](unsigned w) {
         return __shfl_sync(m, w, (int)lane, 32);
      });
   }
   template <class T>
   KASURI_METHOD T shfl_up(const T &v, unsigned delta) const
   {
      unsigned rank = thread_rank();
      return shfl(v, (int)(rank >= delta ? rank - delta : rank));
   }
   template <class T>
   KASURI_METHOD T shfl_down(const T &v, unsigned delta) const
   {
      unsigned rank = thread_rank();
      return shfl(v, (int)(rank + delta < size() ? rank + delta : rank));
   }
   KASURI_METHOD int any(int p) const
   {
      return __any_sync(mask, p);
   }
   KASURI_METHOD int all(int p) const
   {
      return __all_sync(mask, p);
   }
   /* Masks are given by rank, not by lane. */
   KASURI_METHOD unsigned ballot(int p) const
   {
      return pack(__ballot_sync(mask, p));
   }
   template <class T>
   KASURI_METHOD unsigned match_any(T v) const
   {
      return pack(__match_any_sync(mask, v));
   }
   template <class T>
   KASURI_METHOD unsigned match_all(T v, int &p) const
   {
      return pack(__match_all_sync(mask, v, &p));
   }

 private:
   KASURI_METHOD coalesced_group(unsigned m, unsigned rank = 0, unsigned count = 1)
      : thread_group(mask_kind, m)
   {
      meta_rank = rank;
      meta_count = count;
   }
   KASURI_METHOD unsigned pack(unsigned lanes) const
   {
      if (mask == ~0u)
         return lanes;
      unsigned out = 0, n = 0;
      for (unsigned m = mask; m; m &= m - 1)
         out |= (lanes >> (__ffs((int)m) - 1) & 1) << n++;
      return out;
   }
   friend class details_access;
};
class details_access
{
 public:
   static KASURI_METHOD coalesced_group group(unsigned mask, unsigned rank = 0,
                                              unsigned count = 1)
   {
      return coalesced_group(mask, rank, count);
   }
};
KASURI_CG coalesced_group coalesced_threads()
{
   return details_access::group(__activemask());
}

/* -- Tiles of 1 to 32 threads. */
template <unsigned Size, class Parent = void>
class thread_block_tile : public thread_group
{
   static_assert(Size >= 1 && Size <= 32 && (Size & (Size - 1)) == 0,
                 "a tile has 1, 2, 4, 8, 16 or 32 threads; larger ones are not there yet");

 public:
   KASURI_METHOD thread_block_tile(unsigned rank = 0, unsigned count = 1)
      : thread_group(mask_kind, lanes())
   {
      meta_rank = rank;
      meta_count = count;
   }
   template <class Other>
   KASURI_METHOD thread_block_tile(const thread_block_tile<Size, Other> &o)
      : thread_group(mask_kind, lanes())
   {
      meta_rank = o.meta_group_rank();
      meta_count = o.meta_group_size();
   }
   static KASURI_METHOD unsigned thread_rank()
   {
      return details::lane() & (Size - 1);
   }
   static KASURI_METHOD constexpr unsigned num_threads()
   {
      return Size;
   }
   static KASURI_METHOD constexpr unsigned size()
   {
      return Size;
   }
   KASURI_METHOD unsigned meta_group_rank() const
   {
      return meta_rank;
   }
   KASURI_METHOD unsigned meta_group_size() const
   {
      return meta_count;
   }
   static KASURI_METHOD void sync()
   {
      __syncwarp(lanes());
   }
   template <class T>
   KASURI_METHOD T shfl(const T &v, int rank) const
   {
      return details::move(
         v, [rank](unsigned w) { return __shfl_sync(lanes(), w, rank, Size); });
   }
   template <class T>
   KASURI_METHOD T shfl_up(const T &v, unsigned delta) const
   {
      return details::move(
         v, [delta](unsigned w) { return __shfl_up_sync(lanes(), w, delta, Size); });
   }
   template <class T>
   KASURI_METHOD T shfl_down(const T &v, unsigned delta) const
   {
      return details::move(
         v, [delta](unsigned w) { return __shfl_down_sync(lanes(), w, delta, Size); });
   }
   template <class T>
   KASURI_METHOD T shfl_xor(const T &v, unsigned mask_of_rank) const
   {
      return details::move(v, [mask_of_rank](unsigned w) {
         return __shfl_xor_sync(lanes(), w, (int)mask_of_rank, Size);
      });
   }
   KASURI_METHOD int any(int p) const
   {
      return Size == 32 ? __any_sync(~0u, p) : (__ballot_sync(lanes(), p) & lanes()) != 0;
   }
   KASURI_METHOD int all(int p) const
   {
      return Size == 32 ? __all_sync(~0u, p)
                        : (__ballot_sync(lanes(), p) & lanes()) == lanes();
   }
   KASURI_METHOD unsigned ballot(int p) const
   {
      return (__ballot_sync(lanes(), p) & lanes()) >> first();
   }
   template <class T>
   KASURI_METHOD unsigned match_any(T v) const
   {
      return (__match_any_sync(lanes(), v) & lanes()) >> first();
   }
   template <class T>
   KASURI_METHOD unsigned match_all(T v, int &p) const
   {
      return (__match_all_sync(lanes(), v, &p) & lanes()) >> first();
   }

 private:
   static KASURI_METHOD unsigned first()
   {
      return details::lane() & ~(Size - 1);
   }
   static KASURI_METHOD unsigned lanes()
   {
      return Size == 32 ? ~0u : (~0u >> (32 - Size)) << first();
   }
};

/* -- Partitions. */
template <unsigned Size, class Parent>
KASURI_CG thread_block_tile<Size, Parent> tiled_partition(const Parent &parent)
{
   return thread_block_tile<Size, Parent>((unsigned)parent.thread_rank() / Size,
                                          ((unsigned)parent.size() + Size - 1) / Size);
}
/* Tiles of a size known only when running. */
KASURI_CG coalesced_group tiled_partition(const coalesced_group &parent, unsigned n)
{
   unsigned tile = parent.thread_rank() / n, count = parent.size(), mask = 0;
   for (unsigned i = 0; i < n; i++) {
      unsigned member = tile * n + i;
      unsigned lane = parent.shfl(details::lane(), (int)(member % count));
      mask |= member < count ? 1u << lane : 0;
   }
   return details_access::group(mask, tile, (count + n - 1) / n);
}
template <unsigned Size, class Parent>
KASURI_CG coalesced_group tiled_partition(const thread_block_tile<Size, Parent> &parent,
                                          unsigned n)
{
   if (n == 0 || n > Size || (n & (n - 1)) != 0)
      __trap();
   unsigned mask = n == 32 ? ~0u : (~0u >> (32 - n)) << (details::lane() & ~(n - 1));
   return details_access::group(mask, parent.thread_rank() / n, Size / n);
}
KASURI_CG coalesced_group tiled_partition(const thread_block &parent, unsigned n)
{
   unsigned rank = parent.thread_rank();
   if (n == 0 || n > 32 || (n & (n - 1)) != 0)
      __trap();
   unsigned mask = n == 32 ? ~0u : (~0u >> (32 - n)) << (details::lane() & ~(n - 1));
   /* The last warp of a block may be short. */
   unsigned left = parent.size() - (rank & ~31u);
   if (left < 32)
      mask &= (1u << left) - 1;
   return details_access::group(mask, rank / n, (parent.size() + n - 1) / n);
}
template <unsigned Size, class Parent>
KASURI_CG coalesced_group binary_partition(const thread_block_tile<Size, Parent> &parent,
                                           bool p)
{
   unsigned first = details::lane() & ~(Size - 1), yes = parent.ballot(p);
   unsigned all = Size == 32 ? ~0u : ~0u >> (32 - Size);
   return details_access::group((p ? yes : all & ~yes) << first, p, 2);
}
KASURI_CG coalesced_group binary_partition(const coalesced_group &parent, bool p)
{
   unsigned mine = 0, same = parent.match_any((int)p);
   for (unsigned i = 0; i < parent.size(); i++) {
      unsigned lane = parent.shfl(details::lane(), (int)i);
      mine |= (same >> i & 1) << lane;
   }
   return details_access::group(mine, p, 2);
}
template <class Group, class Label>
KASURI_CG coalesced_group labeled_partition(const Group &parent, Label label)
{
   unsigned mine = 0, same = parent.match_any(label);
   for (unsigned i = 0; i < (unsigned)parent.size(); i++) {
      unsigned lane = parent.shfl(details::lane(), (int)i);
      mine |= (same >> i & 1) << lane;
   }
   /* Groups are numbered by their first member. */
   unsigned leaders = parent.ballot(details::rank_in_mask(mine) == 0);
   unsigned first = (unsigned)__ffs((int)same) - 1;
   return details_access::group(mine, __popc(leaders & ((1u << first) - 1)),
                                __popc(leaders));
}

/* -- Free forms. */
template <class Group>
KASURI_CG void sync(const Group &g)
{
   g.sync();
}
template <class Group>
KASURI_CG auto thread_rank(const Group &g)
{
   return g.thread_rank();
}
template <class Group>
KASURI_CG auto group_size(const Group &g)
{
   return g.size();
}
template <class Group, class F, class... Args>
KASURI_CG void invoke_one(const Group &g, F &&f, Args &&...args)
{
   if (g.thread_rank() == 0)
      f(args...);
}
template <class Group, class F, class... Args>
KASURI_CG auto invoke_one_broadcast(const Group &g, F &&f, Args &&...args)
   -> decltype(f(args...))
{
   decltype(f(args...)) r{};
   if (g.thread_rank() == 0)
      r = f(args...);
   return g.shfl(r, 0);
}

#undef KASURI_CG
#undef KASURI_METHOD
} // namespace cooperative_groups

#endif
