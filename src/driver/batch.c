/* SPDX-License-Identifier: Apache-2.0
 * Many copies, prefetches or discards in one call. CUDA may do the parts of a batch in
 * any order: here one after the other. */
#include "old_api.h"

/* Attributes and locations are given for runs: part i takes the last one whose index is
 * not above it. */
static size_t
run_of(size_t i, const size_t *idxs, size_t n)
{
   size_t r = 0;
   while (r + 1 < n && idxs[r + 1] <= i)
      r++;
   return r;
}

static bool
runs_fit(const size_t *idxs, size_t n, size_t count)
{
   if (!idxs || !n || n > count || idxs[0])
      return false;
   for (size_t r = 1; r < n; r++)
      if (idxs[r] <= idxs[r - 1] || idxs[r] >= count)
         return false;
   return true;
}

/* -- Copies */
static CUresult
copy_all(CUdeviceptr *dsts, CUdeviceptr *srcs, size_t *sizes, size_t count,
         CUmemcpyAttributes *attrs, size_t *idxs, size_t n, size_t *failed, CUstream h)
{
   STREAM(s, h);
   *failed = SIZE_MAX; /* none in particular */
   REQUIRE(dsts && srcs && sizes && count && attrs && runs_fit(idxs, n, count));
   for (size_t r = 0; r < n; r++)
      REQUIRE(attrs[r].srcAccessOrder >= CU_MEMCPY_SRC_ACCESS_ORDER_STREAM &&
              attrs[r].srcAccessOrder <= CU_MEMCPY_SRC_ACCESS_ORDER_ANY &&
              attrs[r].flags <= CU_MEMCPY_FLAG_PREFER_OVERLAP_WITH_COMPUTE);
   for (size_t i = 0; i < count; i++) {
      *failed = i;
      TRY(cuMemcpyAsync(dsts[i], srcs[i], sizes[i], h));
      if (attrs[run_of(i, idxs, n)].srcAccessOrder ==
          CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL)
         TRY(cuStreamSynchronize(h));
   }
   return CUDA_SUCCESS;
}

CUresult CUDAAPI cuMemcpyBatchAsync_v2(CUdeviceptr *dsts, CUdeviceptr *srcs,
                                       size_t *sizes, size_t count,
                                       CUmemcpyAttributes *attrs, size_t *attrsIdxs,
                                       size_t numAttrs, CUstream hStream);

API
cuMemcpyBatchAsync_v2(CUdeviceptr *dsts, CUdeviceptr *srcs, size_t *sizes, size_t count,
                      CUmemcpyAttributes *attrs, size_t *attrsIdxs, size_t numAttrs,
                      CUstream hStream)
{
   size_t failed = 0;
   return copy_all(dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, &failed,
                   hStream);
}

API
cuMemcpyBatchAsync(CUdeviceptr *dsts, CUdeviceptr *srcs, size_t *sizes, size_t count,
                   CUmemcpyAttributes *attrs, size_t *attrsIdxs, size_t numAttrs,
                   size_t *failIdx, CUstream hStream)
{
   size_t failed = 0;
   CUresult r =
      copy_all(dsts, srcs, sizes, count, attrs, attrsIdxs, numAttrs, &failed, hStream);
   if (r && failIdx)
      *failIdx = failed;
   return r;
}

/* -- Managed memory is where it is: what can be wrong is told, and no more to do. */
CUresult CUDAAPI cuMemPrefetchAsync_v2(CUdeviceptr devPtr, size_t count,
                                       CUmemLocation location, unsigned int flags,
                                       CUstream hStream);

API
cuMemPrefetchBatchAsync(CUdeviceptr *dptrs, size_t *sizes, size_t count,
                        CUmemLocation *prefetchLocs, size_t *prefetchLocIdxs,
                        size_t numPrefetchLocs, unsigned long long flags,
                        CUstream hStream)
{
   TRY(driver_initialised());
   REQUIRE(dptrs && sizes && count && prefetchLocs && !flags &&
           runs_fit(prefetchLocIdxs, numPrefetchLocs, count));
   for (size_t i = 0; i < count; i++)
      TRY(cuMemPrefetchAsync_v2(dptrs[i], sizes[i],
                                prefetchLocs[run_of(i, prefetchLocIdxs, numPrefetchLocs)],
                                0, hStream));
   return CUDA_SUCCESS;
}

/* What is discarded may keep its contents. */
API
cuMemDiscardBatchAsync(CUdeviceptr *dptrs, size_t *sizes, size_t count,
                       unsigned long long flags, CUstream hStream)
{
   STREAM(s, hStream);
   REQUIRE(dptrs && sizes && count && !flags);
   for (size_t i = 0; i < count; i++)
      REQUIRE(sizes[i] && device_mem_covers((void *)(uintptr_t)dptrs[i], sizes[i],
                                            DEVICE_MEM_MANAGED));
   return CUDA_SUCCESS;
}

API
cuMemDiscardAndPrefetchBatchAsync(CUdeviceptr *dptrs, size_t *sizes, size_t count,
                                  CUmemLocation *prefetchLocs, size_t *prefetchLocIdxs,
                                  size_t numPrefetchLocs, unsigned long long flags,
                                  CUstream hStream)
{
   TRY(cuMemDiscardBatchAsync(dptrs, sizes, count, flags, hStream));
   return cuMemPrefetchBatchAsync(dptrs, sizes, count, prefetchLocs, prefetchLocIdxs,
                                  numPrefetchLocs, flags, hStream);
}
