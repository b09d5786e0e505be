/* SPDX-License-Identifier: Apache-2.0
 * What running code asks of the machine besides waiting. */
#include "exec_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void
svc_yield(struct exec_ctx *ctx, uint32_t ns)
{
   (void)ns; /* a sleep may be as short as it likes */
   sched_yield_strand(ctx->strand);
}

static void
svc_exit_lanes(struct exec_ctx *ctx, uint32_t mask)
{
   sched_lanes_exit(ctx->strand, mask);
}

static const char *
reason_text(enum exec_trap_reason reason)
{
   switch (reason) {
   case EXEC_TRAP_NONE:
   case EXEC_TRAP_INSTRUCTION:
      return "trap instruction";
   case EXEC_TRAP_ASSERT:
      return "device assertion failed";
   case EXEC_TRAP_ADDRESS:
      return "illegal address";
   case EXEC_TRAP_MISALIGNED:
      return "misaligned address";
   case EXEC_TRAP_STACK:
      return "call stack or local memory exhausted";
   case EXEC_TRAP_DEADLOCK:
      return "deadlock";
   case EXEC_TRAP_UNSUPPORTED:
      return "unsupported instruction";
   case EXEC_TRAP_HANG:
      return "hang";
   }
   return "unknown fault";
}

static void
svc_trap(struct exec_ctx *ctx, uint32_t reason, uint32_t line)
{
   struct exec_strand *s = ctx->strand;
   fault_record(s, reason, line, "%s in kernel %s", reason_text(reason),
                s->worker->launch.kernel->name);
   sched_abort(s->worker);
}

static int32_t
svc_vprintf(struct exec_ctx *ctx, uint32_t lane, const char *fmt, const void *args)
{
   struct exec_worker *w = ctx->strand->worker;
   (void)lane;
   w->text.len = 0; /* kept by the worker: a wild %s pointer must not leak it */
   int n = exec_format(&w->text, fmt, args);
   if (w->cur->print && w->text.len) {
      w->in_host++;
      w->cur->print(w->cur->owner, w->text.data, w->text.len);
      w->in_host--;
   }
   return n;
}

static void *
svc_malloc(struct exec_ctx *ctx, uint64_t size, uint64_t align)
{
   struct exec_worker *w = ctx->strand->worker;
   if (!w->cur->heap_alloc || !align || (align & (align - 1)))
      return NULL;
   w->in_host++;
   void *p = w->cur->heap_alloc(w->cur->owner, size, align);
   w->in_host--;
   return p;
}

static void
svc_free(struct exec_ctx *ctx, void *p)
{
   struct exec_worker *w = ctx->strand->worker;
   if (!p || !w->cur->heap_free)
      return;
   w->in_host++;
   w->cur->heap_free(w->cur->owner, p);
   w->in_host--;
}

static void
svc_assertfail(struct exec_ctx *ctx, uint32_t lane, const char *message, const char *file,
               uint32_t line, const char *function)
{
   struct exec_strand *s = ctx->strand;
   struct exec_worker *w = s->worker;
   unsigned i = w->launch.kernel->mode == EXEC_THREAD_FIBER ? 0 : lane;
   const uint32_t *c = ctx->ctaid;
   w->text.len = 0;
   str_printf(&w->text,
              "%s:%u: %s: block: [%u,%u,%u], thread: [%u,%u,%u] Assertion `%s' failed.\n",
              file ? file : "", line, function ? function : "", c[0], c[1], c[2],
              ctx->tid[0][i], ctx->tid[1][i], ctx->tid[2][i], message ? message : "");
   w->in_host++;
   if (w->cur->print_error)
      w->cur->print_error(w->cur->owner, w->text.data, w->text.len);
   else
      fwrite(w->text.data, 1, w->text.len, stderr);
   w->in_host--;
   fault_record(s, EXEC_TRAP_ASSERT, 0, "%.*s", (int)w->text.len - 1, w->text.data);
   sched_abort(w);
}

/* Counts as fast as the device properties say that its SM clock does. */
static uint64_t
svc_clock(struct exec_ctx *ctx)
{
   const struct exec_launch *l = ctx->launch;
   uint64_t khz = l->clock_khz ? l->clock_khz : 1000000, ns = base_now_ns();
   return ns / 1000000 * khz + ns % 1000000 * khz / 1000000;
}

static uint64_t
svc_globaltimer(struct exec_ctx *ctx)
{
   struct timespec t;
   (void)ctx;
   clock_gettime(CLOCK_REALTIME, &t);
   return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
svc_atom(struct exec_ctx *ctx, const struct isa_mods *mods, void *addr, const void *b,
         const void *c, void *old)
{
   (void)ctx;
   isa_atom_eval(mods, addr, b, c, old);
}

static uint8_t *
svc_cluster_shared(struct exec_ctx *ctx, uint32_t rank)
{
   struct exec_block *b = ctx->strand->block;
   if (rank >= ctx->cluster_nctarank)
      return NULL;
   return b->shared + (int64_t)((int64_t)rank - b->rank) * (int64_t)ctx->shared_stride;
}

/* The bytes and their barrier lie at the same places in every block's shared memory. */
static void
copy_to_block(struct exec_ctx *ctx, const struct exec_bulk_copy *c, int64_t away)
{
   static const struct isa_mods complete = {.mode = ISA_MODE_COMPLETE_TX};
   uint8_t *to = c->to + away;
   if (c->bytes == 0xffff) {
      memmove(to, c->from, c->size);
   } else {
      for (uint32_t i = 0; i < c->size; i++)
         if (c->bytes >> (i & 15) & 1)
            to[i] = c->from[i];
   }
   if (c->mbarrier) {
      uint64_t *object = (uint64_t *)(void *)((uint8_t *)c->mbarrier + away);
      mbarrier_call(ctx, &complete, object, c->size, 0);
   }
}

static void
svc_bulk_copy(struct exec_ctx *ctx, const struct exec_bulk_copy *c)
{
   if ((((uintptr_t)c->to | (uintptr_t)c->from | c->size) & 15) ||
       ((uintptr_t)c->mbarrier & 7))
      svc_trap(ctx, EXEC_TRAP_MISALIGNED, ctx->line);
   if (!c->blocks) {
      copy_to_block(ctx, c, 0);
      return;
   }
   int64_t stride = (int64_t)ctx->shared_stride;
   int64_t from = (c->to - svc_cluster_shared(ctx, 0)) / stride;
   for (uint32_t rank = 0; rank < ctx->cluster_nctarank; rank++)
      if (c->blocks >> rank & 1)
         copy_to_block(ctx, c, ((int64_t)rank - from) * stride);
}

static void
svc_warp_eval(struct exec_ctx *ctx, uint32_t op, const struct isa_mods *mods,
              uint32_t exec, const struct exec_warp_arg *arg,
              struct exec_warp_result *result)
{
   (void)ctx;
   isa_warp_eval(op, mods, exec, arg, result);
}

const struct exec_services exec_services = {
   .bar = barrier_call,
   .bar_cluster = cluster_call,
   .yield = svc_yield,
   .warp_op = warp_call,
   .exit_lanes = svc_exit_lanes,
   .trap = svc_trap,
   .vprintf = svc_vprintf,
   .malloc = svc_malloc,
   .free = svc_free,
   .assertfail = svc_assertfail,
   .clock = svc_clock,
   .globaltimer = svc_globaltimer,
   .atom = svc_atom,
   .mbarrier = mbarrier_call,
   .cluster_shared = svc_cluster_shared,
   .warp_eval = svc_warp_eval,
   .next_round = rounds_next,
   .bulk_copy = svc_bulk_copy,
   .apply_held = held_apply,
};
