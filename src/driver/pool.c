/* SPDX-License-Identifier: Apache-2.0
 * Memory pools and stream-ordered allocation. Memory is handed out at the call, which
 * every order of work allows; it goes back when the stream gets to the free. */
#include "graph_priv.h"

struct drv_pool {
   CUmemoryPool handle;
   bool is_default;
   CUmemPoolProps props;
   uint64_t threshold, used, used_high;
   int reuse[3];
   CUmemAccess_flags access[DEVICE_MAX]; /* of other devices; 0: none */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
   struct drv_pool *dflt, *current; /* NULL before they are asked for */
} pools[DEVICE_MAX];

static struct drv_pool *
create(CUdevice dev, bool is_default)
{
   struct drv_pool *p = base_calloc(1, sizeof *p);
   p->is_default = is_default;
   p->props = (CUmemPoolProps){.allocType = CU_MEM_ALLOCATION_TYPE_PINNED,
                               .location = {CU_MEM_LOCATION_TYPE_DEVICE, dev}};
   p->reuse[0] = p->reuse[1] = p->reuse[2] = 1;
   p->handle = HANDLE(H_POOL, p);
   return p;
}

static void
ensure_locked(CUdevice dev)
{
   if (!pools[dev].dflt)
      pools[dev].dflt = pools[dev].current = create(dev, true);
}

static CUresult
get_pool(CUmemoryPool *pool, CUdevice dev, bool current)
{
   DEVICE(dev);
   REQUIRE(pool);
   pthread_mutex_lock(&lock);
   ensure_locked(dev);
   *pool = (current ? pools[dev].current : pools[dev].dflt)->handle;
   pthread_mutex_unlock(&lock);
   return CUDA_SUCCESS;
}

API
cuDeviceGetDefaultMemPool(CUmemoryPool *pool, CUdevice dev)
{
   return get_pool(pool, dev, false);
}

API
cuDeviceGetMemPool(CUmemoryPool *pool, CUdevice dev)
{
   return get_pool(pool, dev, true);
}

API
cuDeviceSetMemPool(CUdevice dev, CUmemoryPool pool)
{
   DEVICE(dev);
   struct drv_pool *p = FIND(H_POOL, pool);
   REQUIRE(p && p->props.location.id == dev);
   pthread_mutex_lock(&lock);
   ensure_locked(dev);
   pools[dev].current = p;
   pthread_mutex_unlock(&lock);
   return CUDA_SUCCESS;
}

static bool
on_device(const CUmemLocation *l, CUmemAllocationType type)
{
   return l && l->type == CU_MEM_LOCATION_TYPE_DEVICE &&
          type == CU_MEM_ALLOCATION_TYPE_PINNED;
}

API
cuMemGetDefaultMemPool(CUmemoryPool *pool, CUmemLocation *location,
                       CUmemAllocationType type)
{
   REQUIRE(location);
   return on_device(location, type) ? get_pool(pool, location->id, false)
                                    : CUDA_ERROR_NOT_SUPPORTED;
}

API
cuMemGetMemPool(CUmemoryPool *pool, CUmemLocation *location, CUmemAllocationType type)
{
   REQUIRE(location);
   return on_device(location, type) ? get_pool(pool, location->id, true)
                                    : CUDA_ERROR_NOT_SUPPORTED;
}

API
cuMemSetMemPool(CUmemLocation *location, CUmemAllocationType type, CUmemoryPool pool)
{
   REQUIRE(location);
   return on_device(location, type) ? cuDeviceSetMemPool(location->id, pool)
                                    : CUDA_ERROR_NOT_SUPPORTED;
}

API
cuMemPoolCreate(CUmemoryPool *pool, const CUmemPoolProps *poolProps)
{
   TRY(driver_initialised());
   REQUIRE(pool && poolProps);
   REQUIRE(poolProps->allocType == CU_MEM_ALLOCATION_TYPE_PINNED);
   if (poolProps->handleTypes != CU_MEM_HANDLE_TYPE_NONE)
      return CUDA_ERROR_NOT_SUPPORTED; /* sharing pools with other processes */
   REQUIRE(poolProps->location.type == CU_MEM_LOCATION_TYPE_DEVICE);
   DEVICE(poolProps->location.id);
   struct drv_pool *p = create(poolProps->location.id, false);
   p->props = *poolProps;
   *pool = p->handle;
   return CUDA_SUCCESS;
}

API
cuMemPoolDestroy(CUmemoryPool pool)
{
   TRY(driver_initialised());
   struct drv_pool *p = FIND(H_POOL, pool);
   REQUIRE(p && !p->is_default);
   pthread_mutex_lock(&lock);
   CUdevice dev = p->props.location.id;
   if (pools[dev].current == p)
      pools[dev].current = pools[dev].dflt;
   pthread_mutex_unlock(&lock);
   FORGET(pool);
   base_free(p);
   return CUDA_SUCCESS;
}

API
cuMemPoolTrimTo(CUmemoryPool pool, size_t minBytesToKeep)
{
   TRY(driver_initialised());
   REQUIRE(FIND(H_POOL, pool));
   return CUDA_SUCCESS; /* freed memory is not kept */
}

API
cuMemPoolSetAttribute(CUmemoryPool pool, CUmemPool_attribute attr, void *value)
{
   TRY(driver_initialised());
   struct drv_pool *p = FIND(H_POOL, pool);
   REQUIRE(p && value);
   switch ((int)attr) {
   case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
   case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
   case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      p->reuse[attr - CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES] = *(int *)value;
      return CUDA_SUCCESS;
   case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
      p->threshold = *(cuuint64_t *)value;
      return CUDA_SUCCESS;
   case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
   case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
      REQUIRE(!*(cuuint64_t *)value);
      p->used_high = p->used;
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuMemPoolGetAttribute(CUmemoryPool pool, CUmemPool_attribute attr, void *value)
{
   TRY(driver_initialised());
   struct drv_pool *p = FIND(H_POOL, pool);
   REQUIRE(p && value);
   switch ((int)attr) {
   case CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES:
   case CU_MEMPOOL_ATTR_REUSE_ALLOW_OPPORTUNISTIC:
   case CU_MEMPOOL_ATTR_REUSE_ALLOW_INTERNAL_DEPENDENCIES:
      *(int *)value = p->reuse[attr - CU_MEMPOOL_ATTR_REUSE_FOLLOW_EVENT_DEPENDENCIES];
      return CUDA_SUCCESS;
   case CU_MEMPOOL_ATTR_RELEASE_THRESHOLD:
      *(cuuint64_t *)value = p->threshold;
      return CUDA_SUCCESS;
   case CU_MEMPOOL_ATTR_RESERVED_MEM_CURRENT:
   case CU_MEMPOOL_ATTR_USED_MEM_CURRENT:
      *(cuuint64_t *)value = __atomic_load_n(&p->used, __ATOMIC_RELAXED);
      return CUDA_SUCCESS;
   case CU_MEMPOOL_ATTR_RESERVED_MEM_HIGH:
   case CU_MEMPOOL_ATTR_USED_MEM_HIGH:
      *(cuuint64_t *)value = __atomic_load_n(&p->used_high, __ATOMIC_RELAXED);
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuMemPoolSetAccess(CUmemoryPool pool, const CUmemAccessDesc *map, size_t count)
{
   TRY(driver_initialised());
   struct drv_pool *p = FIND(H_POOL, pool);
   REQUIRE(p && (map || !count));
   for (size_t i = 0; i < count; i++) {
      CUdevice dev = map[i].location.id, home = p->props.location.id;
      REQUIRE(map[i].location.type == CU_MEM_LOCATION_TYPE_DEVICE);
      DEVICE(dev);
      /* A device always reaches its own memory. */
      REQUIRE(dev != home || map[i].flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
      if (dev != home && !device_reaches(dev, home))
         return CUDA_ERROR_INVALID_DEVICE;
      p->access[dev] = map[i].flags;
   }
   return CUDA_SUCCESS;
}

API
cuMemPoolGetAccess(CUmemAccess_flags *flags, CUmemoryPool memPool,
                   CUmemLocation *location)
{
   TRY(driver_initialised());
   struct drv_pool *p = FIND(H_POOL, memPool);
   REQUIRE(flags && location && p);
   REQUIRE(location->type == CU_MEM_LOCATION_TYPE_DEVICE);
   DEVICE(location->id);
   *flags = location->id == p->props.location.id ? CU_MEM_ACCESS_FLAGS_PROT_READWRITE
                                                 : p->access[location->id];
   return CUDA_SUCCESS;
}

/* -- Allocation */
CUresult
pool_alloc(CUmemoryPool h, struct drv_ctx *c, size_t size, CUdeviceptr *out)
{
   CUdevice dev = driver_device(c);
   pthread_mutex_lock(&lock);
   ensure_locked(dev);
   struct drv_pool *p = h ? FIND(H_POOL, h) : pools[dev].current;
   pthread_mutex_unlock(&lock);
   REQUIRE(p && size);
   if (p->props.location.id != dev)
      TRY(driver_primary(p->props.location.id, &c));
   void *at;
   if (p->props.maxSize && p->used + size > p->props.maxSize)
      return CUDA_ERROR_OUT_OF_MEMORY;
   TRY(device_mem_alloc(size, DEVICE_MEM_POOL, 0, c->dev, &at));
   device_mem_set_extra(at, p->handle);
   uint64_t used = __atomic_add_fetch(&p->used, size, __ATOMIC_RELAXED);
   if (used > p->used_high)
      __atomic_store_n(&p->used_high, used, __ATOMIC_RELAXED);
   *out = (uintptr_t)at;
   return CUDA_SUCCESS;
}

CUresult
pool_free(struct drv_stream *s, CUdeviceptr ptr)
{
   void *at = (void *)(uintptr_t)ptr;
   struct device_alloc a;
   uint32_t kinds = DEVICE_MEM_POOL | DEVICE_MEM_LINEAR;
   REQUIRE(device_mem_find(at, &a) && a.base == ptr && a.kind & kinds);
   if (graph_memory_freed(ptr))
      return CUDA_SUCCESS;
   struct drv_pool *p = a.kind == DEVICE_MEM_POOL ? FIND(H_POOL, a.extra) : NULL;
   if (p)
      __atomic_sub_fetch(&p->used, a.size, __ATOMIC_RELAXED);
   if (s) {
      device_free_later(s->dev, at, kinds);
      return CUDA_SUCCESS;
   }
   struct drv_ctx *c;
   TRY(driver_enter(&c));
   TRY(device_ctx_sync(c->dev));
   return (CUresult)device_mem_free(at, kinds);
}

static CUresult
alloc_async(CUdeviceptr *dptr, size_t size, CUmemoryPool pool, CUstream h)
{
   STREAM(s, h);
   REQUIRE(dptr);
   if (s->capture) {
      struct op op = {.type = CU_GRAPH_NODE_TYPE_MEM_ALLOC};
      op.alloc.poolProps.allocType = CU_MEM_ALLOCATION_TYPE_PINNED;
      op.alloc.poolProps.location =
         (CUmemLocation){CU_MEM_LOCATION_TYPE_DEVICE, driver_device(s->ctx)};
      op.alloc.bytesize = size;
      REQUIRE(size);
      TRY(graph_memory_new(s->ctx, size, &op.alloc.dptr));
      CUresult r = op_submit(s, &op, false);
      graph_memory_unref(op.alloc.dptr);
      *dptr = op.alloc.dptr;
      return r;
   }
   return pool_alloc(pool, s->ctx, size, dptr);
}

API
cuMemAllocAsync(CUdeviceptr *dptr, size_t bytesize, CUstream hStream)
{
   return alloc_async(dptr, bytesize, NULL, hStream);
}

API
cuMemAllocFromPoolAsync(CUdeviceptr *dptr, size_t bytesize, CUmemoryPool pool,
                        CUstream hStream)
{
   TRY(driver_initialised());
   REQUIRE(FIND(H_POOL, pool));
   return alloc_async(dptr, bytesize, pool, hStream);
}

API
cuMemFreeAsync(CUdeviceptr dptr, CUstream hStream)
{
   STREAM(s, hStream);
   REQUIRE(dptr);
   struct op op = {.type = CU_GRAPH_NODE_TYPE_MEM_FREE, .free = dptr};
   return op_submit(s, &op, false);
}
