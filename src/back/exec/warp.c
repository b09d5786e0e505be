/* SPDX-License-Identifier: Apache-2.0
 * Warp operations where each lane is a strand of its own: lanes meet, then one of them
 * computes for all.
 *
 * Forms with a membermask wait for every lane in it that has not exited, at the same
 * operation with the same mask; where in the program does not matter, as since Volta.
 * activemask and the forms without .sync have no mask: a lane that comes waits until
 * every other lane of the warp has come too, waits for something else, or has ended;
 * those that came to the same instruction then execute it together. Lanes that only poll
 * do not hold them up for long. */
#include "exec_priv.h"

#include <string.h>

/* Yields by lanes of a warp after which those at activemask go on without them. */
#define PATIENCE 256u

static bool
same_operation(const struct rendezvous *r, uint32_t op, const struct isa_mods *mods,
               uint32_t membermask, bool soft)
{
   if (r->op != op || r->soft != soft)
      return false;
   if (soft)
      return r->mods == mods; /* the same instruction */
   return r->membermask == membermask && r->mods->mode == mods->mode &&
          r->mods->atom == mods->atom && r->mods->type[0] == mods->type[0];
}

static struct rendezvous *
join(struct warp_state *ws, uint32_t op, const struct isa_mods *mods, uint32_t membermask,
     bool soft, uint32_t lane)
{
   for (uint32_t rest = ws->open; rest; rest &= rest - 1) {
      struct rendezvous *r = &ws->meets[__builtin_ctz(rest)];
      if (same_operation(r, op, mods, membermask, soft) && !(r->arrived & 1u << lane)) {
         r->arrived |= 1u << lane;
         return r;
      }
   }
   /* Each lane is in one meeting at most, so a slot is free. */
   unsigned slot = (unsigned)__builtin_ctz(~ws->open);
   ws->open |= 1u << slot;
   if (soft) {
      ws->soft |= 1u << slot;
      ws->patience = PATIENCE;
   }
   ws->meets[slot] = (struct rendezvous){membermask, 1u << lane, op, mods, soft};
   return &ws->meets[slot];
}

/* Computes for all lanes that are there, and ends the meeting. */
static void
conclude(struct warp_state *ws, struct rendezvous *r, const struct exec_strand *self)
{
   struct exec_warp_arg args[EXEC_WARP];
   struct exec_warp_result results[EXEC_WARP];
   uint32_t lanes = r->arrived;
   bool soft = r->soft;
   memset(args, 0, sizeof args);
   memset(results, 0, sizeof results);
   for (uint32_t m = lanes; m; m &= m - 1) {
      unsigned l = (unsigned)__builtin_ctz(m);
      args[l] = ws->lanes[l]->warp_arg;
      if (soft)
         args[l].membermask = lanes;
   }
   if (r->op != ISA_BAR_WARP)
      isa_warp_eval((enum isa_op)r->op, r->mods, lanes, args, results);
   ws->open &= ~(1u << (r - ws->meets));
   ws->soft &= ws->open;
   for (uint32_t m = lanes; m; m &= m - 1) {
      struct exec_strand *s = ws->lanes[__builtin_ctz(m)];
      s->warp_result = results[__builtin_ctz(m)];
      if (s != self)
         sched_wake(s);
   }
}

struct exec_warp_result
warp_call(struct exec_ctx *ctx, uint32_t op, const struct isa_mods *mods,
          const struct exec_warp_arg *arg)
{
   struct exec_strand *s = ctx->strand;
   struct warp_state *ws = s->lanes;
   bool soft =
      op == ISA_ACTIVEMASK || (op != ISA_BAR_WARP && op != ISA_ELECT && op != ISA_REDUX &&
                               op != ISA_MATCH && !(mods->flags & ISA_SYNC));
   if (!ws) {
      fault_record(s, EXEC_TRAP_UNSUPPORTED, 0, "warp rendezvous outside thread mode");
      sched_abort(s->worker);
   }
   uint32_t mask = soft ? ~0u : arg->membermask & ws->active;
   if (!(mask >> ctx->lane & 1)) {
      fault_record(s, EXEC_TRAP_INSTRUCTION, 0,
                   "lane %u executes a warp operation whose membermask 0x%08x does not "
                   "name it",
                   ctx->lane, arg->membermask);
      sched_abort(s->worker);
   }
   s->warp_arg = *arg;
   struct rendezvous *r = join(ws, op, mods, mask, soft, ctx->lane);
   bool complete = soft ? ws->runnable == 1 : ((r->arrived | ws->exited) & mask) == mask;
   if (complete)
      conclude(ws, r, s);
   else
      sched_wait(s, WAIT_WARP);
   return s->warp_result;
}

void
warp_settle(struct warp_state *ws)
{
   if (ws->soft && !ws->runnable)
      conclude(ws, &ws->meets[__builtin_ctz(ws->soft)], NULL);
}

void
warp_lane_yields(struct warp_state *ws)
{
   if (ws->soft && !ws->patience--)
      conclude(ws, &ws->meets[__builtin_ctz(ws->soft)], NULL);
}

void
warp_lanes_exited(struct warp_state *ws)
{
   for (uint32_t rest = ws->open & ~ws->soft; rest; rest &= rest - 1) {
      struct rendezvous *r = &ws->meets[__builtin_ctz(rest)];
      if (((r->arrived | ws->exited) & r->membermask) == r->membermask)
         conclude(ws, r, NULL);
   }
   warp_settle(ws);
}
