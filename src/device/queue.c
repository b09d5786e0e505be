/* SPDX-License-Identifier: Apache-2.0
 * Order of work: what may start when. Commands of a stream run one after another; the
 * legacy default stream and the blocking streams of its context wait for each other by
 * queueing order, which one counter of sequence numbers expresses: a command may start
 * when no other of these streams still holds one that was queued before it. */
#include "device_priv.h"

struct command *
queue_command(enum command_type type)
{
   struct command *c = device.free_commands;
   if (c)
      device.free_commands = c->next;
   else
      c = base_calloc(1, sizeof *c);
   c->next = NULL;
   c->type = type;
   c->running = false;
   struct job *j = &c->job;
   j->units = j->max_users = 1;
   j->grain = 1;
   j->ordered = j->one_by_one = j->told = false;
   return c;
}

static void
recycle(struct command *c)
{
   c->next = device.free_commands;
   device.free_commands = c;
}

static void
activate(struct device_stream *s)
{
   s->active = true;
   atomic_fetch_add_explicit(&device.nactive, 1, memory_order_relaxed);
   s->next_active = NULL;
   s->prev_active = device.active_tail;
   if (device.active_tail)
      device.active_tail->next_active = s;
   else
      device.active = s;
   device.active_tail = s;
}

static void
deactivate(struct device_stream *s)
{
   *(s->prev_active ? &s->prev_active->next_active : &device.active) = s->next_active;
   *(s->next_active ? &s->next_active->prev_active : &device.active_tail) =
      s->prev_active;
   s->active = false;
   atomic_fetch_sub_explicit(&device.nactive, 1, memory_order_relaxed);
}

void
queue_push(struct device_stream *s, struct command *c)
{
   c->stream = s;
   c->seq = s->last_seq = ++device.seq;
   s->ctx->pending++;
   s->queued++;
   if (s->tail)
      s->tail->next = c;
   else
      s->head = c;
   s->tail = c;
   if (!s->active)
      activate(s);
}

static void
free_stream(struct device_stream *s)
{
   struct device_ctx *x = s->ctx;
   *(s->prev_in_ctx ? &s->prev_in_ctx->next_in_ctx : &x->streams) = s->next_in_ctx;
   if (s->next_in_ctx)
      s->next_in_ctx->prev_in_ctx = s->prev_in_ctx;
   base_free(s);
}

static void
pop(struct device_stream *s)
{
   struct command *c = s->head;
   s->head = c->next;
   if (!s->head)
      s->tail = NULL;
   s->done_seq = c->seq;
   s->ctx->pending--;
   s->queued--;
   recycle(c);
   if (!s->head) {
      deactivate(s);
      if (s->destroyed)
         free_stream(s);
   }
}

static bool
value_holds(const struct command *c)
{
   uint64_t have = c->value.bytes == 8
                      ? __atomic_load_n((uint64_t *)c->value.at, __ATOMIC_ACQUIRE)
                      : __atomic_load_n((uint32_t *)c->value.at, __ATOMIC_ACQUIRE);
   uint64_t want = c->value.value;
   switch (c->value.test) {
   case DEVICE_GEQ: /* cyclic, as CUDA defines it */
      return c->value.bytes == 8 ? (int64_t)(have - want) >= 0
                                 : (int32_t)((uint32_t)have - (uint32_t)want) >= 0;
   case DEVICE_EQ:
      return have == want;
   case DEVICE_AND:
      return (have & want) != 0;
   case DEVICE_NOR:
      return ~(have | want) & (c->value.bytes == 8 ? UINT64_MAX : UINT32_MAX);
   }
   return true;
}

/* Nothing queued earlier in a stream that this one waits for is left. */
static bool
in_turn(const struct command *c)
{
   const struct device_stream *s = c->stream;
   const struct device_ctx *x = s->ctx;
   if (s->kind == DEVICE_STREAM_FREE)
      return true;
   if (s->kind == DEVICE_STREAM_BLOCKING)
      return !x->legacy->head || x->legacy->head->seq > c->seq;
   for (const struct device_stream *t = device.active; t; t = t->next_active)
      if (t->ctx == x && t->kind == DEVICE_STREAM_BLOCKING && t->head->seq < c->seq)
         return false;
   return true;
}

/* Runs the head of s if it is of the kind that costs nothing. */
static bool
settle_head(struct device_stream *s)
{
   struct command *c = s->head;
   if (c->running || c->type < CMD_RECORD || !in_turn(c))
      return false;
   struct device_event *e = c->event.event;
   switch (c->type) {
   case CMD_RECORD:
      if (c->event.generation > e->done) {
         e->done = c->event.generation;
         e->time_ns = base_now_ns();
      }
      break;
   case CMD_WAIT:
      if (e->done < c->event.generation)
         return false;
      break;
   case CMD_VALUE_WAIT:
      if (!value_holds(c) && !atomic_load(&s->ctx->error)) {
         device.pollers++;
         return false;
      }
      break;
   case CMD_VALUE_WRITE:
      if (c->value.bytes == 8)
         __atomic_store_n((uint64_t *)c->value.at, c->value.value, __ATOMIC_RELEASE);
      else
         __atomic_store_n((uint32_t *)c->value.at, (uint32_t)c->value.value,
                          __ATOMIC_RELEASE);
      break;
   case CMD_KERNEL:
   case CMD_COPY:
   case CMD_FILL:
   case CMD_HOST:
   case CMD_FREE:
      return false;
   }
   bool event = c->type == CMD_RECORD || c->type == CMD_WAIT;
   pop(s);
   if (event && !--e->refs)
      base_free(e);
   return true;
}

void
queue_settle(void)
{
   bool any = false, again = device.active != NULL;
   while (again) {
      again = false;
      device.pollers = 0;
      for (struct device_stream *s = device.active, *next; s; s = next) {
         next = s->next_active;
         /* A command that went may let streams before this one go on. */
         if (s->head && settle_head(s)) {
            any = again = true;
            break;
         }
      }
   }
   if (any)
      pool_completed();
}

static bool
is_due(const struct command *c)
{
   return c && !c->running && c->type < CMD_RECORD && in_turn(c);
}

static bool
may_start(const struct command *c)
{
   return is_due(c) &&
          (c->type != CMD_KERNEL || !c->k.resident || !device.resident_running);
}

static struct command *
join_open_job(void)
{
   for (struct job *j = device.jobs; j; j = j->next_listed)
      if (job_join(j))
         return COMMAND_OF(j);
   return NULL;
}

struct command *
queue_join(void)
{
   struct job *j = atomic_load_explicit(&device.door, memory_order_acquire);
   return j && job_join(j) ? COMMAND_OF(j) : NULL;
}

static struct command *
start(struct command *c, uint32_t users)
{
   struct job *j = &c->job;
   c->running = true;
   j->listed = j->units > 1;
   job_open(j, users);
   device.turn_held = true;
   if (c->type == CMD_KERNEL && c->k.resident)
      device.resident_running++;
   if (j->listed) {
      struct job **at = &device.jobs;
      while (*at)
         at = &(*at)->next_listed;
      j->next_listed = NULL;
      *at = j;
      if (!device.seeded)
         atomic_store_explicit(&device.door, j, memory_order_release);
   }
   return c;
}

void
queue_open(struct command *c)
{
   bool only = c->stream->head == c && device.active == c->stream &&
               device.active_tail == c->stream;
   if (!device.seeded && only && c->job.units > 1 && may_start(c))
      start(c, 0)->job.told = true;
}

/* A thread that waits does not run host functions of streams it does not wait for: one
 * of them may wait for what that thread does next. */
static bool
suits(const struct command *c, const struct device_stream *first, bool with_worker,
      bool waits)
{
   if (!may_start(c) || (c->type == CMD_KERNEL && !with_worker))
      return false;
   return c->type != CMD_HOST || !waits || c->stream == first;
}

static struct command *
oldest_due(void)
{
   struct command *oldest = NULL;
   for (struct device_stream *s = device.active; s; s = s->next_active)
      if (is_due(s->head) && (!oldest || s->head->seq < oldest->seq))
         oldest = s->head;
   return oldest;
}

uint64_t
queue_seq_beside(void)
{
   for (struct job *j = device.jobs; j; j = j->next_listed)
      if (job_joinable(j))
         return COMMAND_OF(j)->seq;
   struct command *c = oldest_due();
   return c ? c->seq : 0;
}

struct command *
queue_ready_beside(void)
{
   if (device.seeded && device.turn_held)
      return NULL;
   struct command *c = join_open_job();
   if (c || !(c = oldest_due()))
      return c;
   if (c->type == CMD_KERNEL && c->k.resident)
      c->job.units = c->job.max_users = 1; /* all of its blocks on this worker */
   return start(c, 1);
}

struct command *
queue_ready(struct device_stream *first, bool with_worker, bool waits)
{
   if (device.seeded) {
      struct command *c = device.turn_held ? NULL : oldest_due();
      return c && suits(c, first, with_worker, waits) ? start(c, 1) : NULL;
   }
   if (with_worker) {
      struct command *c = join_open_job();
      if (c)
         return c;
   }
   if (first && suits(first->head, first, with_worker, waits))
      return start(first->head, 1);
   struct command *best = NULL;
   for (struct device_stream *s = device.active; s; s = s->next_active) {
      if (!suits(s->head, first, with_worker, waits))
         continue;
      if (!best || s->priority < best->stream->priority ||
          (s->priority == best->stream->priority && s->head->seq < best->seq))
         best = s->head;
   }
   return best ? start(best, 1) : NULL;
}

bool
queue_has_ready(void)
{
   for (struct device_stream *s = device.active; s; s = s->next_active)
      if (may_start(s->head) ||
          (s->head && s->head->running && job_joinable(&s->head->job) &&
           !job_users(&s->head->job)))
         return true;
   return false;
}

void
queue_complete(struct command *c)
{
   if (c->type == CMD_KERNEL && c->k.resident)
      device.resident_running--;
   relief_turn_ends();
   job_close(&c->job);
   for (struct job **at = &device.jobs; c->job.listed && *at; at = &(*at)->next_listed)
      if (*at == &c->job) {
         *at = c->job.next_listed;
         c->job.listed = false;
         break;
      }
   pop(c->stream);
   queue_settle();
   pool_completed();
}

bool
queue_idle(const struct device_ctx *x)
{
   return x ? !x->pending : !device.active;
}
