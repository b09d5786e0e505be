/* SPDX-License-Identifier: Apache-2.0
 * Streams: handles, the default ones, attributes, and waiting. */
#include "driver_priv.h"

#include <string.h>

struct drv_stream *
stream_new(struct drv_ctx *c, enum device_stream_kind kind, unsigned flags, int priority)
{
   struct drv_stream *s = base_calloc(1, sizeof *s);
   s->ctx = c;
   s->flags = flags;
   s->sync_policy = CU_SYNC_POLICY_AUTO;
   s->dev = device_stream_create(c->dev, kind, priority);
   s->handle = HANDLE(H_STREAM, s);
   pthread_mutex_lock(&c->lock);
   s->next = c->streams;
   if (c->streams)
      c->streams->prev = s;
   c->streams = s;
   pthread_mutex_unlock(&c->lock);
   return s;
}

void
stream_end(struct drv_stream *s)
{
   struct drv_ctx *c = s->ctx;
   FORGET(s->handle);
   pthread_mutex_lock(&c->lock);
   *(s->prev ? &s->prev->next : &c->streams) = s->next;
   if (s->next)
      s->next->prev = s->prev;
   pthread_mutex_unlock(&c->lock);
   capture_abandon(s);
   device_stream_destroy(s->dev);
   base_free(s);
}

/* -- The per-thread default stream: one a thread and context, made when first meant. */
struct own_stream {
   unsigned long long ctx_id;
   CUstream stream;
};
struct own_streams {
   VEC(struct own_stream) v;
};
static pthread_key_t own_key;
static pthread_once_t own_once = PTHREAD_ONCE_INIT;
static _Thread_local struct own_streams *own;

static void
end_own(void *p)
{
   struct own_streams *o = p;
   for (size_t i = 0; i < o->v.len; i++) {
      struct drv_stream *s = FIND(H_STREAM, o->v.data[i].stream);
      if (s)
         stream_end(s);
   }
   vec_finish(&o->v);
   base_free(o);
}

static void
make_own_key(void)
{
   pthread_key_create(&own_key, end_own);
}

static struct drv_stream *
per_thread(struct drv_ctx *c)
{
   for (size_t i = 0; own && i < own->v.len; i++)
      if (own->v.data[i].ctx_id == c->id)
         return FIND(H_STREAM, own->v.data[i].stream);
   if (!own) {
      pthread_once(&own_once, make_own_key);
      own = base_calloc(1, sizeof *own);
      pthread_setspecific(own_key, own);
   }
   struct drv_stream *s = stream_new(c, DEVICE_STREAM_BLOCKING, CU_STREAM_DEFAULT, 0);
   vec_push(&own->v, ((struct own_stream){c->id, s->handle}));
   return s;
}

CUresult
driver_stream(CUstream h, struct drv_stream **s)
{
   struct drv_ctx *c;
   TRY(driver_enter(&c));
   uintptr_t v = (uintptr_t)h;
   if (v <= 2) {
      bool mine = v == 2 || (!v && driver_per_thread);
      *s = mine ? per_thread(c) : c->legacy;
      return CUDA_SUCCESS;
   }
   *s = FIND(H_STREAM, h);
   if (!*s)
      return CUDA_ERROR_INVALID_HANDLE;
   return (CUresult)device_ctx_error((*s)->ctx->dev);
}

API
cuStreamCreateWithPriority(CUstream *phStream, unsigned int flags, int priority)
{
   ENTER(c);
   REQUIRE(phStream && !(flags & ~(unsigned)CU_STREAM_NON_BLOCKING));
   priority = MAX2(-5, MIN2(priority, 0));
   struct drv_stream *s =
      stream_new(c, flags ? DEVICE_STREAM_FREE : DEVICE_STREAM_BLOCKING, flags, priority);
   *phStream = s->handle;
   return CUDA_SUCCESS;
}

API
cuStreamCreate(CUstream *phStream, unsigned int flags)
{
   return cuStreamCreateWithPriority(phStream, flags, 0);
}

API
cuStreamDestroy_v2(CUstream hStream)
{
   struct drv_ctx *c;
   TRY(driver_context(&c));
   if ((uintptr_t)hStream <= 2)
      return CUDA_ERROR_INVALID_HANDLE;
   struct drv_stream *s = FIND(H_STREAM, hStream);
   if (!s || s == s->ctx->legacy)
      return CUDA_ERROR_INVALID_HANDLE;
   stream_end(s);
   return CUDA_SUCCESS;
}

API
cuStreamSynchronize(CUstream hStream)
{
   STREAM(s, hStream);
   if (s->capture || (s == s->ctx->legacy && driver_capturing())) {
      capture_invalidate(s);
      return s->capture ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED
                        : CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
   }
   return (CUresult)device_stream_sync(s->dev);
}

API
cuStreamQuery(CUstream hStream)
{
   STREAM(s, hStream);
   if (s->capture) {
      capture_invalidate(s);
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   }
   return (CUresult)device_stream_query(s->dev);
}

API
cuStreamGetPriority(CUstream hStream, int *priority)
{
   STREAM(s, hStream);
   REQUIRE(priority);
   *priority = device_stream_priority(s->dev);
   return CUDA_SUCCESS;
}

API
cuStreamGetFlags(CUstream hStream, unsigned int *flags)
{
   STREAM(s, hStream);
   REQUIRE(flags);
   *flags = s->flags;
   return CUDA_SUCCESS;
}

API
cuStreamGetId(CUstream hStream, unsigned long long *streamId)
{
   STREAM(s, hStream);
   REQUIRE(streamId);
   *streamId = device_stream_id(s->dev);
   return CUDA_SUCCESS;
}

API
cuStreamGetCtx(CUstream hStream, CUcontext *pctx)
{
   STREAM(s, hStream);
   REQUIRE(pctx);
   *pctx = s->ctx->handle;
   return CUDA_SUCCESS;
}

API
cuStreamGetDevice(CUstream hStream, CUdevice *device)
{
   STREAM(s, hStream);
   REQUIRE(device);
   *device = driver_device(s->ctx);
   return CUDA_SUCCESS;
}

/* The host sees all of managed memory at all times: nothing to attach. */
API
cuStreamAttachMemAsync(CUstream hStream, CUdeviceptr dptr, size_t length,
                       unsigned int flags)
{
   STREAM(s, hStream);
   REQUIRE(flags == CU_MEM_ATTACH_GLOBAL || flags == CU_MEM_ATTACH_HOST ||
           flags == CU_MEM_ATTACH_SINGLE);
   REQUIRE(device_mem_covers((void *)(uintptr_t)dptr, length, DEVICE_MEM_MANAGED));
   return CUDA_SUCCESS;
}

API
cuStreamGetAttribute(CUstream hStream, CUstreamAttrID attr, CUstreamAttrValue *value_out)
{
   STREAM(s, hStream);
   REQUIRE(value_out);
   switch ((int)attr) {
   case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      *value_out = s->window;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
      value_out->syncPolicy = s->sync_policy;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      value_out->priority = device_stream_priority(s->dev);
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
      value_out->memSyncDomain = CU_LAUNCH_MEM_SYNC_DOMAIN_DEFAULT;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      value_out->memSyncDomainMap = (CUlaunchMemSyncDomainMap){0, 1};
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuStreamSetAttribute(CUstream hStream, CUstreamAttrID attr,
                     const CUstreamAttrValue *value)
{
   STREAM(s, hStream);
   REQUIRE(value);
   switch ((int)attr) {
   case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW: /* a hint on caches */
      s->window = *value;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_SYNCHRONIZATION_POLICY:
      s->sync_policy = value->syncPolicy;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      device_stream_set_priority(s->dev, MAX2(-5, MIN2(value->priority, 0)));
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN:
   case CU_LAUNCH_ATTRIBUTE_MEM_SYNC_DOMAIN_MAP:
      return CUDA_SUCCESS; /* all memory is one domain */
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuStreamCopyAttributes(CUstream dst, CUstream src)
{
   STREAM(d, dst);
   STREAM(s, src);
   d->window = s->window;
   d->sync_policy = s->sync_policy;
   return CUDA_SUCCESS;
}

/* -- Host functions */
API
cuLaunchHostFunc(CUstream hStream, CUhostFn fn, void *userData)
{
   STREAM(s, hStream);
   REQUIRE(fn);
   struct op op = {.type = CU_GRAPH_NODE_TYPE_HOST, .host = {fn, userData}};
   return op_submit(s, &op, false);
}

struct callback {
   CUstreamCallback fn;
   CUstream stream;
   void *data;
};

static void
run_callback(void *arg, int status)
{
   struct callback *c = arg;
   c->fn(c->stream, (CUresult)status, c->data);
   base_free(c);
}

API
cuStreamAddCallback(CUstream hStream, CUstreamCallback callback, void *userData,
                    unsigned int flags)
{
   STREAM(s, hStream);
   REQUIRE(callback && !flags);
   if (s->capture) {
      capture_invalidate(s);
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   }
   struct callback *c = base_alloc(sizeof *c);
   *c = (struct callback){callback, hStream, userData};
   device_host_call(s->dev, run_callback, c, true);
   return CUDA_SUCCESS;
}

/* -- Memory operations */
static CUresult
value_op(struct drv_stream *s, CUdeviceptr addr, uint64_t value, unsigned bytes,
         unsigned flags, bool wait)
{
   void *p = (void *)(uintptr_t)addr;
   REQUIRE(addr && !(addr % bytes));
   REQUIRE(device_mem_find(p, &(struct device_alloc){0}));
   if (s->capture) {
      capture_invalidate(s);
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   }
   if (!wait) {
      REQUIRE(!(flags & ~(unsigned)CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER));
      device_value_write(s->dev, p, value, bytes);
      return CUDA_SUCCESS;
   }
   REQUIRE(!(flags & ~(unsigned)(CU_STREAM_WAIT_VALUE_FLUSH | 3)));
   device_value_wait(s->dev, p, value, bytes, (enum device_value_test)(flags & 3));
   return CUDA_SUCCESS;
}

API
cuStreamWaitValue32(CUstream stream, CUdeviceptr addr, cuuint32_t value,
                    unsigned int flags)
{
   STREAM(s, stream);
   return value_op(s, addr, value, 4, flags, true);
}

API
cuStreamWaitValue64(CUstream stream, CUdeviceptr addr, cuuint64_t value,
                    unsigned int flags)
{
   STREAM(s, stream);
   return value_op(s, addr, value, 8, flags, true);
}

API
cuStreamWriteValue32(CUstream stream, CUdeviceptr addr, cuuint32_t value,
                     unsigned int flags)
{
   STREAM(s, stream);
   return value_op(s, addr, value, 4, flags, false);
}

API
cuStreamWriteValue64(CUstream stream, CUdeviceptr addr, cuuint64_t value,
                     unsigned int flags)
{
   STREAM(s, stream);
   return value_op(s, addr, value, 8, flags, false);
}

API
cuStreamBatchMemOp(CUstream stream, unsigned int count,
                   CUstreamBatchMemOpParams *paramArray, unsigned int flags)
{
   STREAM(s, stream);
   REQUIRE(paramArray && count && count <= 256 && !flags);
   for (unsigned i = 0; i < count; i++) {
      const CUstreamBatchMemOpParams *p = &paramArray[i];
      switch ((int)p->operation) {
      case CU_STREAM_MEM_OP_WAIT_VALUE_32:
         TRY(value_op(s, p->waitValue.address, p->waitValue.value, 4, p->waitValue.flags,
                      true));
         break;
      case CU_STREAM_MEM_OP_WAIT_VALUE_64:
         TRY(value_op(s, p->waitValue.address, p->waitValue.value64, 8,
                      p->waitValue.flags, true));
         break;
      case CU_STREAM_MEM_OP_WRITE_VALUE_32:
         TRY(value_op(s, p->writeValue.address, p->writeValue.value, 4,
                      p->writeValue.flags, false));
         break;
      case CU_STREAM_MEM_OP_WRITE_VALUE_64:
         TRY(value_op(s, p->writeValue.address, p->writeValue.value64, 8,
                      p->writeValue.flags, false));
         break;
      case CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES:
      case CU_STREAM_MEM_OP_BARRIER:
         break; /* host memory is coherent */
      default:
         return CUDA_ERROR_INVALID_VALUE;
      }
   }
   return CUDA_SUCCESS;
}
