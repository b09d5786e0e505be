/* SPDX-License-Identifier: Apache-2.0
 * Contexts: the primary one, those that programs create, and which is current to a
 * thread. */
#include "driver_priv.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic bool initialised;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
   struct drv_ctx *ctx; /* NULL: not active */
   unsigned refs, flags;
} primary[DEVICE_MAX];
static _Atomic unsigned long long next_id;

_Thread_local bool driver_per_thread;
static _Thread_local struct {
   CUcontext *v;
   size_t len, cap;
} stack;

API
cuInit(unsigned int flags)
{
   REQUIRE(!flags);
   if (!device_count())
      return CUDA_ERROR_NO_DEVICE;
   device_start();
   atomic_store(&initialised, true);
   return CUDA_SUCCESS;
}

CUresult
driver_initialised(void)
{
   return atomic_load_explicit(&initialised, memory_order_relaxed)
             ? CUDA_SUCCESS
             : CUDA_ERROR_NOT_INITIALIZED;
}

CUresult
driver_context(struct drv_ctx **c)
{
   TRY(driver_initialised());
   if (!stack.len || !stack.v[stack.len - 1])
      return CUDA_ERROR_INVALID_CONTEXT;
   *c = FIND(H_CONTEXT, stack.v[stack.len - 1]);
   return *c ? CUDA_SUCCESS : CUDA_ERROR_CONTEXT_IS_DESTROYED;
}

CUresult
driver_enter(struct drv_ctx **c)
{
   TRY(driver_context(c));
   return (CUresult)device_ctx_error((*c)->dev);
}

/* -- Creation and end */
static struct drv_ctx *
create(CUdevice dev, unsigned flags, bool is_primary)
{
   struct drv_ctx *c = base_calloc(1, sizeof *c);
   c->dev = device_ctx_create((unsigned)dev);
   c->primary = is_primary;
   c->flags = flags;
   c->api_version = CUDA_VERSION;
   c->id = atomic_fetch_add(&next_id, 1) + 1;
   c->shared_config = CU_SHARED_MEM_CONFIG_FOUR_BYTE_BANK_SIZE;
   c->limits[CU_LIMIT_STACK_SIZE] = 1024;
   c->limits[CU_LIMIT_PRINTF_FIFO_SIZE] = 1 << 20;
   c->limits[CU_LIMIT_MALLOC_HEAP_SIZE] = 8 << 20;
   c->limits[CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH] = 2;
   c->limits[CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT] = 2048;
   c->limits[CU_LIMIT_MAX_L2_FETCH_GRANULARITY] = 64;
   pthread_mutex_init(&c->lock, NULL);
   c->handle = HANDLE(H_CONTEXT, c);
   c->legacy = base_calloc(1, sizeof *c->legacy);
   c->legacy->ctx = c;
   c->legacy->dev = device_ctx_legacy(c->dev);
   c->legacy->handle = HANDLE(H_STREAM, c->legacy);
   return c;
}

static void
destroy(struct drv_ctx *c)
{
   FORGET(c->handle);
   (void)!device_ctx_sync(c->dev);
   while (c->streams)
      stream_end(c->streams);
   while (c->modules)
      module_end(c->modules);
   device_mem_free_owner(c->dev);
   FORGET(c->legacy->handle);
   base_free(c->legacy);
   vec_finish(&c->peers.ids);
   device_ctx_destroy(c->dev);
   pthread_mutex_destroy(&c->lock);
   base_free(c);
}

CUdevice
driver_device(const struct drv_ctx *c)
{
   return (CUdevice)device_ctx_device(c->dev);
}

static struct drv_ctx *
primary_locked(CUdevice dev)
{
   if (!primary[dev].ctx)
      primary[dev].ctx = create(dev, primary[dev].flags, true);
   return primary[dev].ctx;
}

CUresult
driver_primary(CUdevice dev, struct drv_ctx **c)
{
   DEVICE(dev);
   pthread_mutex_lock(&lock);
   *c = primary_locked(dev);
   pthread_mutex_unlock(&lock);
   return CUDA_SUCCESS;
}

API
cuDevicePrimaryCtxRetain(CUcontext *ctx, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(ctx);
   pthread_mutex_lock(&lock);
   *ctx = primary_locked(dev)->handle;
   primary[dev].refs++;
   pthread_mutex_unlock(&lock);
   return CUDA_SUCCESS;
}

static CUresult
end_primary(CUdevice dev, bool reset)
{
   pthread_mutex_lock(&lock);
   struct drv_ctx *gone = NULL;
   CUresult r = !reset && !primary[dev].refs ? CUDA_ERROR_INVALID_CONTEXT : CUDA_SUCCESS;
   if (reset || (!r && !--primary[dev].refs)) {
      gone = primary[dev].ctx;
      primary[dev].ctx = NULL;
   }
   pthread_mutex_unlock(&lock);
   if (gone)
      destroy(gone);
   return r;
}

API
cuDevicePrimaryCtxRelease_v2(CUdevice dev)
{
   DEVICE(dev);
   return end_primary(dev, false);
}

/* Threads that have the primary context current get a fresh one at their next
 * cuDevicePrimaryCtxRetain. */
API
cuDevicePrimaryCtxReset_v2(CUdevice dev)
{
   DEVICE(dev);
   return end_primary(dev, true);
}

static bool
flags_fit(unsigned flags)
{
   unsigned sched = flags & CU_CTX_SCHED_MASK;
   return !(flags & ~(unsigned)CU_CTX_FLAGS_MASK) &&
          (sched == 0 || sched == CU_CTX_SCHED_SPIN || sched == CU_CTX_SCHED_YIELD ||
           sched == CU_CTX_SCHED_BLOCKING_SYNC);
}

API
cuDevicePrimaryCtxSetFlags_v2(CUdevice dev, unsigned int flags)
{
   DEVICE(dev);
   REQUIRE(flags_fit(flags));
   pthread_mutex_lock(&lock);
   primary[dev].flags = flags;
   if (primary[dev].ctx)
      primary[dev].ctx->flags = flags;
   pthread_mutex_unlock(&lock);
   return CUDA_SUCCESS;
}

API
cuDevicePrimaryCtxGetState(CUdevice dev, unsigned int *flags, int *active)
{
   DEVICE(dev);
   REQUIRE(flags && active);
   pthread_mutex_lock(&lock);
   *flags = primary[dev].flags;
   *active = primary[dev].ctx != NULL;
   pthread_mutex_unlock(&lock);
   return CUDA_SUCCESS;
}

static pthread_key_t stack_key;
static pthread_once_t stack_once = PTHREAD_ONCE_INIT;

static void
make_stack_key(void)
{
   pthread_key_create(&stack_key, base_free);
}

/* The stack is freed with its thread. */
static void
push(CUcontext h)
{
   if (stack.len == stack.cap) {
      pthread_once(&stack_once, make_stack_key);
      stack.v = base_vec_grow(stack.v, &stack.cap, sizeof *stack.v);
      pthread_setspecific(stack_key, stack.v);
   }
   stack.v[stack.len++] = h;
}

API
cuCtxCreate_v2(CUcontext *ctx, unsigned int flags, CUdevice dev)
{
   DEVICE(dev);
   REQUIRE(ctx && flags_fit(flags));
   struct drv_ctx *c = create(dev, flags, false);
   push(c->handle);
   *ctx = c->handle;
   return CUDA_SUCCESS;
}

API
cuCtxCreate_v3(CUcontext *ctx, CUexecAffinityParam *params, int numParams,
               unsigned int flags, CUdevice dev)
{
   if (numParams)
      return CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY;
   return cuCtxCreate_v2(ctx, flags, dev);
}

API
cuCtxCreate_v4(CUcontext *ctx, CUctxCreateParams *params, unsigned int flags,
               CUdevice dev)
{
   if (params && (params->numExecAffinityParams || params->cigParams))
      return CUDA_ERROR_NOT_SUPPORTED;
   return cuCtxCreate_v2(ctx, flags, dev);
}

API
cuCtxDestroy_v2(CUcontext ctx)
{
   TRY(driver_initialised());
   struct drv_ctx *c = FIND(H_CONTEXT, ctx);
   if (!c || c->primary)
      return CUDA_ERROR_INVALID_CONTEXT;
   if (stack.len && stack.v[stack.len - 1] == ctx)
      stack.len--;
   destroy(c);
   return CUDA_SUCCESS;
}

API
cuCtxPushCurrent_v2(CUcontext ctx)
{
   TRY(driver_initialised());
   if (!FIND(H_CONTEXT, ctx))
      return CUDA_ERROR_INVALID_CONTEXT;
   push(ctx);
   return CUDA_SUCCESS;
}

API
cuCtxPopCurrent_v2(CUcontext *ctx)
{
   TRY(driver_initialised());
   if (!stack.len)
      return CUDA_ERROR_INVALID_CONTEXT;
   stack.len--;
   if (ctx)
      *ctx = stack.v[stack.len];
   return CUDA_SUCCESS;
}

API
cuCtxSetCurrent(CUcontext ctx)
{
   TRY(driver_initialised());
   if (ctx && !FIND(H_CONTEXT, ctx))
      return CUDA_ERROR_INVALID_CONTEXT;
   if (stack.len)
      stack.len--;
   if (ctx)
      push(ctx);
   return CUDA_SUCCESS;
}

API
cuCtxGetCurrent(CUcontext *ctx)
{
   TRY(driver_initialised());
   REQUIRE(ctx);
   *ctx = stack.len ? stack.v[stack.len - 1] : NULL;
   return CUDA_SUCCESS;
}

/* -- What a context says and remembers */
static CUresult
given_or_current(CUcontext h, struct drv_ctx **c)
{
   if (!h)
      return driver_context(c);
   TRY(driver_initialised());
   *c = FIND(H_CONTEXT, h);
   return *c ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

API
cuCtxGetDevice_v2(CUdevice *device, CUcontext ctx)
{
   struct drv_ctx *c;
   TRY(given_or_current(ctx, &c));
   REQUIRE(device);
   *device = driver_device(c);
   return CUDA_SUCCESS;
}

API
cuCtxGetDevice(CUdevice *device)
{
   return cuCtxGetDevice_v2(device, NULL);
}

API
cuCtxGetFlags(unsigned int *flags)
{
   struct drv_ctx *c;
   TRY(driver_context(&c));
   REQUIRE(flags);
   *flags = c->flags;
   return CUDA_SUCCESS;
}

API
cuCtxSetFlags(unsigned int flags)
{
   struct drv_ctx *c;
   TRY(driver_context(&c));
   REQUIRE(flags_fit(flags));
   c->flags = flags;
   return CUDA_SUCCESS;
}

API
cuCtxGetId(CUcontext ctx, unsigned long long *ctxId)
{
   struct drv_ctx *c;
   TRY(given_or_current(ctx, &c));
   REQUIRE(ctxId);
   *ctxId = c->id;
   return CUDA_SUCCESS;
}

API
cuCtxGetApiVersion(CUcontext ctx, unsigned int *version)
{
   struct drv_ctx *c;
   TRY(given_or_current(ctx, &c));
   REQUIRE(version);
   *version = c->api_version;
   return CUDA_SUCCESS;
}

API
cuCtxSynchronize_v2(CUcontext ctx)
{
   struct drv_ctx *c;
   TRY(given_or_current(ctx, &c));
   if (driver_capturing())
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   return (CUresult)device_ctx_sync(c->dev);
}

API
cuCtxSynchronize(void)
{
   return cuCtxSynchronize_v2(NULL);
}

API
cuCtxSetLimit(CUlimit limit, size_t value)
{
   ENTER(c);
   if ((unsigned)limit >= CU_LIMIT_MAX)
      return CUDA_ERROR_INVALID_VALUE;
   if (limit >= CU_LIMIT_PERSISTING_L2_CACHE_SIZE)
      return CUDA_ERROR_UNSUPPORTED_LIMIT;
   if (limit == CU_LIMIT_MAX_L2_FETCH_GRANULARITY)
      REQUIRE(value <= 128);
   c->limits[limit] = value;
   if (limit == CU_LIMIT_MALLOC_HEAP_SIZE)
      device_ctx_set_heap(c->dev, value);
   return CUDA_SUCCESS;
}

API
cuCtxGetLimit(size_t *value, CUlimit limit)
{
   ENTER(c);
   REQUIRE(value);
   if ((unsigned)limit >= CU_LIMIT_MAX)
      return CUDA_ERROR_INVALID_VALUE;
   if (limit > CU_LIMIT_PERSISTING_L2_CACHE_SIZE)
      return CUDA_ERROR_UNSUPPORTED_LIMIT;
   *value = c->limits[limit];
   return CUDA_SUCCESS;
}

API
cuCtxGetCacheConfig(CUfunc_cache *config)
{
   ENTER(c);
   REQUIRE(config);
   *config = c->cache;
   return CUDA_SUCCESS;
}

API
cuCtxSetCacheConfig(CUfunc_cache config)
{
   ENTER(c);
   REQUIRE((unsigned)config <= CU_FUNC_CACHE_PREFER_EQUAL);
   c->cache = config;
   return CUDA_SUCCESS;
}

API
cuCtxGetSharedMemConfig(CUsharedconfig *config)
{
   ENTER(c);
   REQUIRE(config);
   *config = c->shared_config;
   return CUDA_SUCCESS;
}

API
cuCtxSetSharedMemConfig(CUsharedconfig config)
{
   ENTER(c);
   REQUIRE((unsigned)config <= CU_SHARED_MEM_CONFIG_EIGHT_BYTE_BANK_SIZE);
   return CUDA_SUCCESS;
}

API
cuCtxGetStreamPriorityRange(int *leastPriority, int *greatestPriority)
{
   ENTER(c);
   if (leastPriority)
      *leastPriority = 0;
   if (greatestPriority)
      *greatestPriority = -5;
   return CUDA_SUCCESS;
}

API
cuCtxResetPersistingL2Cache(void)
{
   ENTER(c);
   return CUDA_SUCCESS;
}

API
cuCtxAttach(CUcontext *ctx, unsigned int flags)
{
   ENTER(c);
   REQUIRE(ctx && !flags);
   *ctx = c->handle;
   return CUDA_SUCCESS;
}

API
cuCtxDetach(CUcontext ctx)
{
   return cuCtxDestroy_v2(ctx);
}

/* -- Peers. All memory is the host's, so that access needs no enabling to work; what
 * programs are told is what they would be told on cards. */
static size_t
peer_index(const struct drv_ctx *c, const struct drv_ctx *peer)
{
   size_t i = 0;
   while (i < c->peers.ids.len && c->peers.ids.data[i] != peer->id)
      i++;
   return i;
}

API
cuCtxEnablePeerAccess(CUcontext peerContext, unsigned int flags)
{
   ENTER(c);
   REQUIRE(!flags);
   struct drv_ctx *p = FIND(H_CONTEXT, peerContext);
   if (!p || p == c)
      return CUDA_ERROR_INVALID_CONTEXT;
   CUdevice a = driver_device(c), b = driver_device(p);
   if (a != b && !device_reaches(a, b))
      return CUDA_ERROR_PEER_ACCESS_UNSUPPORTED;
   pthread_mutex_lock(&c->lock);
   bool already = peer_index(c, p) < c->peers.ids.len;
   if (!already)
      vec_push(&c->peers.ids, p->id);
   pthread_mutex_unlock(&c->lock);
   return already ? CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED : CUDA_SUCCESS;
}

API
cuCtxDisablePeerAccess(CUcontext peerContext)
{
   ENTER(c);
   struct drv_ctx *p = FIND(H_CONTEXT, peerContext);
   if (!p || p == c)
      return CUDA_ERROR_INVALID_CONTEXT;
   pthread_mutex_lock(&c->lock);
   size_t i = peer_index(c, p);
   bool enabled = i < c->peers.ids.len;
   if (enabled) {
      c->peers.ids.data[i] = vec_last(&c->peers.ids);
      c->peers.ids.len--;
   }
   pthread_mutex_unlock(&c->lock);
   return enabled ? CUDA_SUCCESS : CUDA_ERROR_PEER_ACCESS_NOT_ENABLED;
}
