/* SPDX-License-Identifier: Apache-2.0
 * Events: points in a stream's work, with the time at which they were reached. */
#include "ipc.h"

#include <unistd.h>

void
event_record(struct drv_event *e, struct device_stream *s)
{
   if (e->shared)
      ipc_event_record(e->shared, s);
   else
      device_event_record(e->dev, s);
}

void
event_wait(struct drv_event *e, struct device_stream *s)
{
   if (e->shared)
      ipc_event_wait(e->shared, s);
   else
      device_event_wait(e->dev, s);
}

static CUevent
add_event(struct drv_ctx *c, unsigned flags, struct ipc_event *page, int fd)
{
   struct drv_event *e = base_calloc(1, sizeof *e);
   e->owner = c->handle;
   e->flags = flags;
   e->dev = device_event_create();
   e->shared = page;
   e->shared_fd = fd;
   e->handle = HANDLE(H_EVENT, e);
   return e->handle;
}

API
cuEventCreate(CUevent *phEvent, unsigned int flags)
{
   ENTER(c);
   unsigned known =
      CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING | CU_EVENT_INTERPROCESS;
   REQUIRE(phEvent && !(flags & ~known));
   REQUIRE(!(flags & CU_EVENT_INTERPROCESS) || flags & CU_EVENT_DISABLE_TIMING);
   struct ipc_event *page = NULL;
   int fd = -1;
   if (flags & CU_EVENT_INTERPROCESS && !(page = ipc_event_create(&fd)))
      return CUDA_ERROR_OUT_OF_MEMORY;
   *phEvent = add_event(c, flags, page, fd);
   return CUDA_SUCCESS;
}

CUresult
event_of_other(struct drv_ctx *c, struct ipc_event *page, CUevent *h)
{
   *h = add_event(c, CU_EVENT_INTERPROCESS | CU_EVENT_DISABLE_TIMING, page, -1);
   return CUDA_SUCCESS;
}

API
cuEventDestroy_v2(CUevent hEvent)
{
   struct drv_ctx *c;
   TRY(driver_context(&c));
   struct drv_event *e = FIND(H_EVENT, hEvent);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   FORGET(hEvent);
   capture_forget_event(e);
   device_event_unref(e->dev);
   /* The page stays mapped: streams may have yet to reach the record. */
   if (e->shared && e->shared_fd >= 0)
      close(e->shared_fd);
   base_free(e->captured);
   base_free(e);
   return CUDA_SUCCESS;
}

API
cuEventRecordWithFlags(CUevent hEvent, CUstream hStream, unsigned int flags)
{
   STREAM(s, hStream);
   struct drv_event *e = FIND(H_EVENT, hEvent);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   REQUIRE(!(flags & ~(unsigned)CU_EVENT_RECORD_EXTERNAL));
   if (e->owner != s->ctx->handle)
      return CUDA_ERROR_INVALID_HANDLE;
   struct op op = {.type = CU_GRAPH_NODE_TYPE_EVENT_RECORD, .event = hEvent};
   if (s->capture && flags & CU_EVENT_RECORD_EXTERNAL)
      return op_submit(s, &op, false);
   if (s->capture)
      return capture_record(s, e);
   capture_forget_event(e);
   e->capture = NULL;
   return op_run(s, &op, false);
}

API
cuEventRecord(CUevent hEvent, CUstream hStream)
{
   return cuEventRecordWithFlags(hEvent, hStream, 0);
}

API
cuStreamWaitEvent(CUstream hStream, CUevent hEvent, unsigned int flags)
{
   STREAM(s, hStream);
   struct drv_event *e = FIND(H_EVENT, hEvent);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   if (!FIND(H_CONTEXT, e->owner))
      return CUDA_ERROR_CONTEXT_IS_DESTROYED;
   REQUIRE(!(flags & ~(unsigned)CU_EVENT_WAIT_EXTERNAL));
   struct op op = {.type = CU_GRAPH_NODE_TYPE_WAIT_EVENT, .event = hEvent};
   if (flags & CU_EVENT_WAIT_EXTERNAL && s->capture)
      return op_submit(s, &op, false);
   if (e->capture)
      return capture_wait(s, e);
   if (s->capture) {
      capture_invalidate(s);
      return CUDA_ERROR_STREAM_CAPTURE_ISOLATION;
   }
   return op_run(s, &op, false);
}

static CUresult
usable(CUevent h, struct drv_event **e)
{
   struct drv_ctx *c;
   TRY(driver_enter(&c));
   *e = FIND(H_EVENT, h);
   if (!*e)
      return CUDA_ERROR_INVALID_HANDLE;
   if (!FIND(H_CONTEXT, (*e)->owner))
      return CUDA_ERROR_CONTEXT_IS_DESTROYED;
   if ((*e)->capture)
      return CUDA_ERROR_CAPTURED_EVENT;
   return CUDA_SUCCESS;
}

API
cuEventQuery(CUevent hEvent)
{
   struct drv_event *e;
   TRY(usable(hEvent, &e));
   return e->shared ? ipc_event_query(e->shared) : (CUresult)device_event_query(e->dev);
}

API
cuEventSynchronize(CUevent hEvent)
{
   struct drv_event *e;
   TRY(usable(hEvent, &e));
   if (!e->shared)
      return (CUresult)device_event_sync(e->dev);
   ipc_event_sync(e->shared);
   return CUDA_SUCCESS;
}

API
cuEventElapsedTime_v2(float *pMilliseconds, CUevent hStart, CUevent hEnd)
{
   struct drv_event *a, *b;
   TRY(usable(hStart, &a));
   TRY(usable(hEnd, &b));
   REQUIRE(pMilliseconds);
   if ((a->flags | b->flags) & CU_EVENT_DISABLE_TIMING ||
       !device_event_recorded(a->dev) || !device_event_recorded(b->dev))
      return CUDA_ERROR_INVALID_HANDLE;
   TRY(device_event_query(a->dev));
   TRY(device_event_query(b->dev));
   int64_t ns = (int64_t)(device_event_time_ns(b->dev) - device_event_time_ns(a->dev));
   *pMilliseconds = (float)((double)ns / 1e6);
   return CUDA_SUCCESS;
}

API
cuCtxRecordEvent(CUcontext ctx, CUevent event)
{
   struct drv_ctx *c = FIND(H_CONTEXT, ctx);
   TRY(driver_initialised());
   if (!c)
      return CUDA_ERROR_INVALID_CONTEXT;
   struct drv_event *e = FIND(H_EVENT, event);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   /* Everything in the context so far: its legacy stream waits for the blocking ones;
    * the others are waited for one by one. */
   pthread_mutex_lock(&c->lock);
   struct device_event *mark = device_event_create();
   for (struct drv_stream *s = c->streams; s; s = s->next)
      if (s->flags & CU_STREAM_NON_BLOCKING) {
         device_event_record(mark, s->dev);
         device_event_wait(mark, c->legacy->dev);
      }
   device_event_unref(mark);
   pthread_mutex_unlock(&c->lock);
   event_record(e, c->legacy->dev);
   return CUDA_SUCCESS;
}

API
cuCtxWaitEvent(CUcontext ctx, CUevent event)
{
   struct drv_ctx *c = FIND(H_CONTEXT, ctx);
   TRY(driver_initialised());
   if (!c)
      return CUDA_ERROR_INVALID_CONTEXT;
   struct drv_event *e = FIND(H_EVENT, event);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   event_wait(e, c->legacy->dev);
   pthread_mutex_lock(&c->lock);
   for (struct drv_stream *s = c->streams; s; s = s->next)
      event_wait(e, s->dev);
   pthread_mutex_unlock(&c->lock);
   return CUDA_SUCCESS;
}
