/* SPDX-License-Identifier: Apache-2.0
 * bar, barrier and barrier.cluster (PTX 9.7.13.1, 9.7.13.3). The hardware counts whole
 * warps: a warp that is there with all its lanes that have not exited counts as 32
 * threads, ragged last warps too; lanes of a warp that is not there as a whole count one
 * by one. A barrier of the whole block is complete when every warp is there or gone. */
#include "exec_priv.h"

#include <stdio.h>
#include <string.h>

static void
warp_is_there(struct barrier *b, uint32_t warp)
{
   b->warps |= 1u << warp;
   b->arrived += EXEC_WARP;
   b->partial_count -= count_lanes(b->partial[warp]);
   b->partial[warp] = 0;
}

static void
arrive(struct exec_block *blk, struct barrier *b, uint32_t warp, uint32_t lanes)
{
   const struct warp_state *ws = &blk->warps[warp];
   if (!b->partial[warp] && (lanes | ws->exited) == ws->active) {
      b->warps |= 1u << warp;
      b->arrived += EXEC_WARP;
      return;
   }
   uint32_t again = lanes & b->partial[warp];
   if (again) { /* a second arrival ahead of the warp's other lanes: count the first */
      uint32_t n = count_lanes(b->partial[warp]);
      b->arrived += n;
      b->partial_count -= n;
      b->partial[warp] = 0;
   }
   b->partial[warp] |= lanes;
   b->partial_count += count_lanes(lanes);
   if ((b->partial[warp] | ws->exited) == ws->active)
      warp_is_there(b, warp);
}

static bool
complete(const struct exec_block *blk, const struct barrier *b)
{
   uint32_t nwarps = blk->strands[0]->ctx.nwarps;
   uint32_t all = nwarps == 32 ? ~0u : (1u << nwarps) - 1;
   if (!b->expected)
      return (b->warps | blk->exited_warps) == all;
   return b->arrived + b->partial_count >= b->expected;
}

static void
release(struct exec_block *blk, struct barrier *b)
{
   struct exec_strand *s = b->waiters.head;
   while (s) {
      struct exec_strand *next = s->next;
      s->bar_result[0] = b->popc;
      s->bar_result[1] = b->all;
      s->bar_result[2] = b->any;
      sched_wake(s);
      s = next;
   }
   if (b->partial_count)
      memset(b->partial, 0, sizeof b->partial);
   b->arrived = b->partial_count = b->warps = 0;
   b->popc = b->any = 0;
   b->all = 1;
   b->waiters.head = b->waiters.tail = NULL;
   b->waiting = 0;
   blk->used_barriers &= ~(1u << (b - blk->barriers));
}

static uint32_t
result_of(const struct exec_strand *s, uint32_t atom)
{
   switch ((enum isa_atom)atom) {
   case ISA_ATOM_POPC:
      return s->bar_result[0];
   case ISA_ATOM_AND:
      return s->bar_result[1];
   case ISA_ATOM_OR:
      return s->bar_result[2];
   default: /* no .red form has another one */
      return 0;
   }
}

uint32_t
barrier_call(struct exec_ctx *ctx, uint32_t mode, uint32_t atom, uint32_t id,
             uint32_t count, uint32_t mask, uint32_t preds, uint32_t aligned)
{
   struct exec_strand *s = ctx->strand;
   struct exec_worker *w = s->worker;
   struct exec_block *blk = s->block;
   if (id >= EXEC_BARRIERS || w->plain) {
      if (w->plain)
         fault_record(s, EXEC_TRAP_UNSUPPORTED, 0, "barrier in a kernel of mode plain");
      else
         fault_record(s, EXEC_TRAP_INSTRUCTION, 0, "barrier number %u is not below 16",
                      id);
      sched_abort(w);
   }
   struct barrier *b = &blk->barriers[id];
   if (!(blk->used_barriers & (1u << id))) {
      blk->used_barriers |= 1u << id;
      b->all = 1;
   }
   mask &= s->first_active;
   if (mode == ISA_MODE_RED) {
      b->popc += count_lanes(preds & mask);
      b->any |= (preds & mask) != 0;
      b->all &= (preds & mask) == mask;
   }
   b->expected = ALIGN_UP(count, EXEC_WARP);
   /* An aligned barrier of a warp strand is the whole warp's. */
   uint32_t live = s->first_active & ~blk->warps[ctx->warp].exited;
   arrive(blk, b, ctx->warp,
          aligned && w->launch.kernel->mode == EXEC_WARP_FIBER ? live : mask & live);
   if (mode == ISA_MODE_ARRIVE) {
      if (complete(blk, b))
         release(blk, b);
      return 0;
   }
   if (complete(blk, b)) {
      s->bar_result[0] = b->popc;
      s->bar_result[1] = b->all;
      s->bar_result[2] = b->any;
      release(blk, b);
      return result_of(s, atom);
   }
   s->wait_id = (uint8_t)id;
   strand_list_push(&b->waiters, s);
   b->waiting++;
   sched_wait(s, WAIT_BARRIER);
   return result_of(s, atom);
}

void
barrier_lanes_exited(struct exec_block *blk, uint32_t warp)
{
   const struct warp_state *ws = &blk->warps[warp];
   for (uint32_t rest = blk->used_barriers; rest; rest &= rest - 1) {
      struct barrier *b = &blk->barriers[__builtin_ctz(rest)];
      if (b->partial[warp] && (b->partial[warp] | ws->exited) == ws->active)
         warp_is_there(b, warp);
      if (complete(blk, b))
         release(blk, b);
   }
}

void
barrier_reset(struct exec_block *blk)
{
   for (uint32_t rest = blk->used_barriers; rest; rest &= rest - 1)
      memset(&blk->barriers[__builtin_ctz(rest)], 0, sizeof blk->barriers[0]);
   blk->used_barriers = 0;
}

void
barrier_describe(const struct exec_block *blk, unsigned id, char *text, size_t n)
{
   const struct barrier *b = &blk->barriers[id];
   uint32_t have = b->arrived + b->partial_count;
   uint32_t want = b->expected;
   if (!want) {
      uint32_t gone = count_lanes(blk->exited_warps & ~b->warps);
      want = (blk->strands[0]->ctx.nwarps - gone) * EXEC_WARP;
   }
   snprintf(text, n,
            "barrier %u of block %llu waits for %u threads, %u have arrived and no "
            "other can",
            id, (unsigned long long)blk->linear, want, have);
}

/* -- Clusters: a phase ends when every thread that has not exited has arrived. */
static void
cluster_check(struct cluster_state *c)
{
   if (!c->arrived || c->arrived < c->live)
      return;
   c->phase++;
   c->arrived = 0;
   struct exec_strand *s = c->waiters.head;
   c->waiters.head = c->waiters.tail = NULL;
   while (s) {
      struct exec_strand *next = s->next;
      sched_wake(s);
      s = next;
   }
}

void
cluster_call(struct exec_ctx *ctx, uint32_t mode, uint32_t mask)
{
   struct exec_strand *s = ctx->strand;
   struct exec_worker *w = s->worker;
   struct cluster_state *c = s->block->cluster;
   if (w->plain) {
      fault_record(s, EXEC_TRAP_UNSUPPORTED, 0,
                   "barrier.cluster in a kernel of mode plain");
      sched_abort(w);
   }
   if (s->cluster_phase != c->phase && mode == ISA_MODE_ARRIVE) {
      s->cluster_phase = c->phase;
      s->cluster_arrived = 0;
   }
   if (mode == ISA_MODE_ARRIVE) {
      uint32_t live = s->first_active & ~s->block->warps[ctx->warp].exited;
      uint32_t fresh = mask & live & ~s->cluster_arrived;
      s->cluster_arrived |= fresh;
      c->arrived += count_lanes(fresh);
      cluster_check(c);
      return;
   }
   if (s->cluster_phase != c->phase || !s->cluster_arrived)
      return;
   strand_list_push(&c->waiters, s);
   sched_wait(s, WAIT_CLUSTER);
}

void
cluster_lanes_exited(struct exec_strand *s, uint32_t mask)
{
   struct cluster_state *c = s->block->cluster;
   uint32_t n = count_lanes(mask);
   c->live -= n;
   if (s->cluster_phase == c->phase) {
      c->arrived -= count_lanes(s->cluster_arrived & mask);
      s->cluster_arrived &= ~mask;
   }
   cluster_check(c);
}
