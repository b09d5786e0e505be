/* SPDX-License-Identifier: Apache-2.0
 * Which strand runs next: round-robin. A strand that yields goes to the end of the queue,
 * so every strand that can run does so before it again. Strands switch to each other
 * directly; the worker's own stack is only returned to when none is left to run. */
#include "exec_priv.h"

#include <inttypes.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>

/* Rounds of fruitless yields spent with a pause instruction before the processor is given
 * up: about 10 us, several times what another core needs to publish a value. */
#define SPINS_BEFORE_YIELD 64
/* A lone worker waits for nobody, but the host may write memory that a kernel polls. */
#define LONE_ROUNDS 1024

void
strand_list_push(struct strand_list *l, struct exec_strand *s)
{
   s->next = NULL;
   if (l->tail)
      l->tail->next = s;
   else
      l->head = s;
   l->tail = s;
}

void
sched_push(struct exec_worker *w, struct exec_strand *s)
{
   strand_list_push(&w->ready, s);
   w->nready++;
}

/* A seeded order takes one of this many at the head of the queue. */
#define SEED_WINDOW 8

/* Moves the strand that a seeded order runs next to the head of the queue. */
static void
choose_by_seed(struct exec_worker *w)
{
   w->random = w->random * 6364136223846793005u + 1442695040888963407u;
   uint32_t k = (uint32_t)(w->random >> 33) % MIN2(w->nready, SEED_WINDOW);
   struct exec_strand *before = w->ready.head;
   if (!k)
      return;
   while (--k)
      before = before->next;
   struct exec_strand *s = before->next;
   before->next = s->next;
   if (!s->next)
      w->ready.tail = before;
   s->next = w->ready.head;
   w->ready.head = s;
}

/* The one place that chooses among strands that can run. */
static struct exec_strand *
pop(struct exec_worker *w)
{
   if (KASURI_UNLIKELY(w->seed) && w->nready > 1)
      choose_by_seed(w);
   struct exec_strand *s = w->ready.head;
   if (!s)
      return NULL;
   w->ready.head = s->next;
   if (!s->next)
      w->ready.tail = NULL;
   w->nready--;
   return s;
}

static void
progress(struct exec_worker *w)
{
   w->idle_yields = w->idle_rounds = 0;
   w->idle_since_ns = 0;
   atomic_store_explicit(&w->polls, false, memory_order_relaxed);
}

bool
exec_worker_polls(const struct exec_worker *w)
{
   return atomic_load_explicit(&w->polls, memory_order_relaxed);
}

static void
switch_from(struct exec_strand *s)
{
   struct exec_worker *w = s->worker;
   struct exec_strand *to = pop(w);
   if (to == s) /* it had queued itself, and a seeded order took it again */
      return;
   w->running = to;
   fiber_switch(&s->fiber, to ? &to->fiber : &w->main);
   w->running = s;
}

void
sched_wait(struct exec_strand *s, enum strand_wait why)
{
   progress(s->worker);
   s->wait = (uint8_t)why;
   if (s->lanes) {
      s->lanes->runnable--;
      warp_settle(s->lanes);
   }
   while (s->wait != WAIT_NOT)
      switch_from(s);
}

void
sched_wake(struct exec_strand *s)
{
   s->wait = WAIT_NOT;
   if (s->lanes)
      s->lanes->runnable++;
   sched_push(s->worker, s);
   progress(s->worker);
}

static inline void
cpu_relax(void)
{
#if defined(__x86_64__)
   __builtin_ia32_pause();
#elif defined(__aarch64__)
   __asm__ volatile("yield");
#endif
}

/* Where they poll is known to the context of the strand that runs: the fault names it. */
static void
watch(struct exec_worker *w, bool stuck)
{
   if (!w->watchdog_ns || (w->patient && !stuck)) {
      w->idle_since_ns = 0;
      return;
   }
   uint64_t now = base_now_ns();
   if (!w->idle_since_ns)
      w->idle_since_ns = now;
   if (now - w->idle_since_ns < w->watchdog_ns)
      return;
   bool warps = w->launch.kernel->mode == EXEC_WARP_FIBER;
   fault_record(
      w->running, EXEC_TRAP_HANG, 0,
      "kernel %s: all threads of block %" PRIu64
      " that can run have only polled for %" PRIu64 " s (KASURI_WATCHDOG)%s",
      w->launch.kernel->name, w->running->block->linear, w->watchdog_ns / 1000000000,
      warps ? "; under KASURI_MODE=thread no thread of a warp holds up another" : "");
   sched_abort(w);
}

/* A whole round of strands has only yielded: they wait for memory that another worker
 * must write. */
static void
idle(struct exec_worker *w)
{
   w->idle_yields = 0;
   w->idle_rounds++;
   if (w->idle_rounds < SPINS_BEFORE_YIELD)
      cpu_relax();
   else if (w->count > 1 || w->idle_rounds % LONE_ROUNDS == 0)
      sched_yield();
   bool stuck = !w->cur->idle;
   if (w->idle_rounds % SPINS_BEFORE_YIELD)
      return;
   atomic_store_explicit(&w->polls, true, memory_order_relaxed);
   if (w->cur->idle) {
      w->in_host++;
      stuck = w->cur->idle(w->cur->owner) == EXEC_IDLE_STUCK;
      w->in_host--;
   }
   watch(w, stuck);
}

void
sched_yield_strand(struct exec_strand *s)
{
   struct exec_worker *w = s->worker;
   if (fault_pending(w))
      sched_abort(w);
   if (s->ctx.fresh) { /* whatever it polled for before has come */
      s->ctx.fresh = 0;
      progress(w);
   }
   if (w->idle_yields++ > w->nready)
      idle(w);
   if (s->lanes && s->lanes->soft)
      warp_lane_yields(s->lanes);
   if (w->plain || !w->ready.head)
      return;
   sched_push(w, s);
   switch_from(s);
}

void
sched_abort(struct exec_worker *w)
{
   struct exec_strand *s = w->running;
   w->running = NULL;
   w->in_host = 0;
   if (w->plain) {
      fiber_before_escape();
      kasuri_guard_escape(w->guard);
   }
   fiber_leave(&s->fiber, &w->main);
   KASURI_UNREACHABLE();
}

void
sched_lanes_exit(struct exec_strand *s, uint32_t mask)
{
   struct exec_block *b = s->block;
   struct warp_state *ws = &b->warps[s->ctx.warp];
   mask &= s->first_active & ~ws->exited;
   if (!mask)
      return;
   ws->exited |= mask;
   if (ws->exited == ws->active)
      b->exited_warps |= 1u << s->ctx.warp;
   barrier_lanes_exited(b, s->ctx.warp);
   cluster_lanes_exited(s, mask);
   if (s->lanes) {
      ws->runnable--;
      warp_lanes_exited(ws);
   }
}

void
sched_strand_main(void *strand)
{
   struct exec_strand *s = strand;
   struct exec_worker *w = s->worker;
   fiber_entered(&s->fiber);
   w->launch.kernel->entry(&s->ctx);
   sched_lanes_exit(s, s->first_active);
   s->wait = WAIT_DONE;
   w->live_strands--;
   progress(w);
   struct exec_strand *to = pop(w);
   w->running = to;
   fiber_leave(&s->fiber, to ? &to->fiber : &w->main);
   KASURI_UNREACHABLE();
}

static void
report_deadlock(struct exec_worker *w)
{
   const struct exec_strand *first = NULL;
   for (uint64_t i = 0; i < w->resident * w->nstrands; i++) {
      struct exec_strand *s = w->strands.data[i];
      if (s->wait != WAIT_DONE && (!first || s->wait == WAIT_BARRIER)) {
         first = s;
         if (s->wait == WAIT_BARRIER)
            break;
      }
   }
   if (!first)
      return;
   char text[160];
   if (first->wait == WAIT_BARRIER)
      barrier_describe(first->block, first->wait_id, text, sizeof text);
   else if (first->wait == WAIT_CLUSTER)
      snprintf(text, sizeof text,
               "barrier.cluster: %u of %u threads of the cluster have arrived",
               first->block->cluster->arrived, first->block->cluster->live);
   else
      snprintf(text, sizeof text,
               "warp %u waits for lanes of its membermask that never arrive",
               first->ctx.warp);
   fault_record((struct exec_strand *)first, EXEC_TRAP_DEADLOCK, 0, "deadlock: %s", text);
}

bool
sched_run(struct exec_worker *w)
{
   progress(w);
   struct exec_strand *to = pop(w);
   w->running = to;
   if (to)
      fiber_switch(&w->main, &to->fiber);
   w->running = NULL;
   w->ready.head = w->ready.tail = NULL;
   w->nready = 0;
   if (fault_pending(w))
      return false;
   if (w->live_strands)
      report_deadlock(w);
   return !fault_pending(w);
}
