/* SPDX-License-Identifier: Apache-2.0
 * Contexts, streams and events: what is created, waited for and asked. */
#include "device_priv.h"
#include "machine/presence.h"

struct device_stream *
device_stream_create(struct device_ctx *x, enum device_stream_kind kind, int priority)
{
   struct device_stream *s = base_calloc(1, sizeof *s);
   s->ctx = x;
   s->kind = kind;
   s->priority = priority;
   device_lock();
   s->id = ++device.next_stream_id;
   s->next_in_ctx = x->streams;
   if (x->streams)
      x->streams->prev_in_ctx = s;
   x->streams = s;
   device_unlock();
   return s;
}

static void
unlink_and_free(struct device_stream *s)
{
   *(s->prev_in_ctx ? &s->prev_in_ctx->next_in_ctx : &s->ctx->streams) = s->next_in_ctx;
   if (s->next_in_ctx)
      s->next_in_ctx->prev_in_ctx = s->prev_in_ctx;
   base_free(s);
}

void
device_stream_destroy(struct device_stream *s)
{
   if (!s)
      return;
   device_lock();
   if (s->head)
      s->destroyed = true; /* freed with its last command */
   else
      unlink_and_free(s);
   device_unlock();
}

struct device_ctx *
device_ctx_create(unsigned dev)
{
   device_start();
   presence_publish();
   atomic_fetch_add(&presence_own->devices[dev].contexts, 1);
   struct device_ctx *x = base_calloc(1, sizeof *x);
   x->index = dev;
   x->props = device_props(dev);
   pthread_mutex_init(&x->heap_lock, NULL);
   x->heap_limit = 8 << 20; /* CUDA's default */
   x->legacy = device_stream_create(x, DEVICE_STREAM_LEGACY, 0);
   return x;
}

void
device_ctx_destroy(struct device_ctx *x)
{
   if (!x)
      return;
   (void)!device_ctx_sync(x);
   device_lock();
   while (x->streams)
      unlink_and_free(x->streams);
   device_unlock();
   atomic_fetch_sub(&presence_own->devices[x->index].contexts, 1);
   heap_finish(x);
   pthread_mutex_destroy(&x->heap_lock);
   base_free(x);
}

unsigned
device_ctx_device(const struct device_ctx *x)
{
   return x->index;
}

enum device_status
device_ctx_error(const struct device_ctx *x)
{
   return (enum device_status)atomic_load_explicit(&x->error, memory_order_relaxed);
}

void
device_ctx_set_heap(struct device_ctx *x, uint64_t bytes)
{
   pthread_mutex_lock(&x->heap_lock);
   x->heap_limit = bytes;
   pthread_mutex_unlock(&x->heap_lock);
}

struct device_stream *
device_ctx_legacy(struct device_ctx *x)
{
   return x->legacy;
}

struct device_ctx *
device_stream_ctx(const struct device_stream *s)
{
   return s->ctx;
}

enum device_stream_kind
device_stream_kind(const struct device_stream *s)
{
   return s->kind;
}

int
device_stream_priority(const struct device_stream *s)
{
   return s->priority;
}

void
device_stream_set_priority(struct device_stream *s, int priority)
{
   device_lock();
   s->priority = priority;
   device_unlock();
}

uint64_t
device_stream_id(const struct device_stream *s)
{
   return s->id;
}

/* -- Waiting: for everything queued before `seq` in the streams meant. */
struct wait {
   struct device_ctx *ctx;
   struct device_stream *stream; /* NULL: the whole context */
   uint64_t seq;
};

static bool
wait_done(void *arg)
{
   const struct wait *w = arg;
   if (w->stream && w->stream->kind != DEVICE_STREAM_LEGACY)
      return w->stream->done_seq >= w->seq || !w->stream->head;
   for (const struct device_stream *s = device.active; s; s = s->next_active) {
      bool meant = !w->stream || s->kind != DEVICE_STREAM_FREE;
      if (s->ctx == w->ctx && meant && s->head->seq <= w->seq)
         return false;
   }
   return true;
}

enum device_status
device_ctx_sync(struct device_ctx *x)
{
   struct wait w = {.ctx = x};
   device_lock();
   w.seq = device.seq;
   device_unlock();
   pool_wait(wait_done, &w, x->legacy);
   device_print_flush();
   return device_ctx_error(x);
}

/* The legacy stream stands for the blocking ones too: its next command would wait. */
enum device_status
device_stream_sync(struct device_stream *s)
{
   struct wait w = {.ctx = s->ctx, .stream = s};
   device_lock();
   w.seq = s->kind == DEVICE_STREAM_LEGACY ? device.seq : s->last_seq;
   device_unlock();
   struct device_ctx *x = s->ctx;
   pool_wait(wait_done, &w, s);
   device_print_flush();
   return device_ctx_error(x);
}

enum device_status
device_stream_query(struct device_stream *s)
{
   struct wait w = {.ctx = s->ctx, .stream = s, .seq = UINT64_MAX};
   device_lock();
   if (device.pollers)
      queue_settle();
   bool done = wait_done(&w), idle = !done && queue_has_ready();
   device_unlock();
   enum device_status st = device_ctx_error(s->ctx);
   if (idle)
      pool_hurry();
   else if (done)
      device_print_flush();
   return st ? st : done ? DEVICE_OK : DEVICE_NOT_READY;
}

/* -- Events */
struct device_event *
device_event_create(void)
{
   struct device_event *e = base_calloc(1, sizeof *e);
   e->refs = 1;
   return e;
}

void
device_event_ref(struct device_event *e)
{
   device_lock();
   e->refs++;
   device_unlock();
}

void
device_event_unref(struct device_event *e)
{
   if (!e)
      return;
   device_lock();
   if (!--e->refs)
      base_free(e);
   device_unlock();
}

static void
push_event(struct device_event *e, struct device_stream *s, enum command_type type)
{
   struct command *c = queue_command(type);
   e->refs++;
   c->event.event = e;
   c->event.generation = e->recorded;
   queue_push(s, c);
   queue_settle();
}

void
device_event_record(struct device_event *e, struct device_stream *s)
{
   device_lock();
   e->recorded++;
   e->ctx = s->ctx;
   push_event(e, s, CMD_RECORD);
   device_unlock();
}

void
device_event_wait(struct device_event *e, struct device_stream *s)
{
   device_lock();
   if (e->done < e->recorded)
      push_event(e, s, CMD_WAIT);
   device_unlock();
}

static bool
event_done(void *arg)
{
   const struct device_event *e = arg;
   return e->done >= e->recorded;
}

enum device_status
device_event_query(struct device_event *e)
{
   device_lock();
   bool done = event_done(e), idle = !done && queue_has_ready();
   struct device_ctx *x = e->ctx;
   device_unlock();
   if (idle)
      pool_hurry();
   enum device_status st = x ? device_ctx_error(x) : DEVICE_OK;
   return st ? st : done ? DEVICE_OK : DEVICE_NOT_READY;
}

enum device_status
device_event_sync(struct device_event *e)
{
   pool_wait(event_done, e, NULL);
   device_print_flush();
   return e->ctx ? device_ctx_error(e->ctx) : DEVICE_OK;
}

bool
device_event_recorded(const struct device_event *e)
{
   return e->recorded != 0;
}

uint64_t
device_event_time_ns(const struct device_event *e)
{
   return e->time_ns;
}

/* -- Values in memory */
static void
push_value(struct device_stream *s, enum command_type type, void *at, uint64_t value,
           unsigned bytes, enum device_value_test test)
{
   device_lock();
   struct command *c = queue_command(type);
   c->value.at = at;
   c->value.value = value;
   c->value.bytes = bytes;
   c->value.test = test;
   queue_push(s, c);
   queue_settle();
   bool left = s->head != NULL;
   device_unlock();
   if (left)
      pool_notify(0, false);
}

void
device_value_wait(struct device_stream *s, void *at, uint64_t value, unsigned bytes,
                  enum device_value_test test)
{
   push_value(s, CMD_VALUE_WAIT, at, value, bytes, test);
}

void
device_value_write(struct device_stream *s, void *at, uint64_t value, unsigned bytes)
{
   push_value(s, CMD_VALUE_WRITE, at, value, bytes, DEVICE_EQ);
}

/* -- Calls and frees */
void
device_host_call(struct device_stream *s, void (*fn)(void *, int), void *arg,
                 bool even_after_error)
{
   device_lock();
   struct command *c = queue_command(CMD_HOST);
   c->host.fn = fn;
   c->host.arg = arg;
   c->host.even_after_error = even_after_error;
   queue_push(s, c);
   device_unlock();
   pool_notify(0, false);
}

void
device_free_later(struct device_stream *s, void *p, uint32_t kinds)
{
   device_lock();
   bool now = !s->head;
   if (!now) {
      struct command *c = queue_command(CMD_FREE);
      c->free.p = p;
      c->free.kinds = kinds;
      queue_push(s, c);
   }
   device_unlock();
   if (now)
      (void)!device_mem_free(p, kinds);
   else
      pool_notify(0, false);
}
