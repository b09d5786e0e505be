/* SPDX-License-Identifier: Apache-2.0
 * Instructions that involve other threads: barriers, and the warp operations that lanes
 * meet for. */
#include "interp_priv.h"

void
op_bar(struct ithread *t, const struct iop *o)
{
   struct exec_ctx *c = t->ctx;
   const struct isa_mods *m = &o->inst->mods;
   uint32_t lane = 1u << c->lane;
   bool red = m->mode == ISA_MODE_RED;
   uint32_t pred = red && o->nsrc > 2 && get_pred(t, o->s[2]) ? lane : 0;
   uint32_t r = c->svc->bar(c, m->mode, red ? m->atom : ISA_ATOM_NONE, get32(t, o->s[0]),
                            o->nsrc > 1 ? get32(t, o->s[1]) : 0, lane, pred,
                            (m->flags & ISA_ALIGNED) != 0);
   if (red && !is_sink(o, 0))
      put(t, o, 0, r);
}

void
op_bar_cluster(struct ithread *t, const struct iop *o)
{
   t->ctx->svc->bar_cluster(t->ctx, o->inst->mods.mode, 1u << t->ctx->lane);
}

void
op_nanosleep(struct ithread *t, const struct iop *o)
{
   t->ctx->svc->yield(t->ctx, MAX2(get32(t, o->s[0]), 1u));
}

static struct exec_warp_result
meet(struct ithread *t, const struct iop *o, const struct exec_warp_arg *arg)
{
   t->polled = false; /* others have run */
   return t->ctx->svc->warp_op(t->ctx, o->inst->op, &o->inst->mods, arg);
}

static void
put_results(struct ithread *t, const struct iop *o, struct exec_warp_result r)
{
   if (!is_sink(o, 0))
      put(t, o, 0, o->inst->dst[0]->width == IR_PRED ? r.p : r.d);
   if (!is_sink(o, 1))
      put(t, o, 1, r.p);
}

void
op_shfl(struct ithread *t, const struct iop *o)
{
   struct exec_warp_arg a = {.a = get32(t, o->s[0]),
                             .b = get32(t, o->s[1]),
                             .c = get32(t, o->s[2]),
                             .membermask = o->nsrc > 3 ? get32(t, o->s[3]) : ~0u};
   put_results(t, o, meet(t, o, &a));
}

void
op_vote(struct ithread *t, const struct iop *o)
{
   struct exec_warp_arg a = {.pred = get_pred(t, o->s[0]),
                             .membermask = o->nsrc > 1 ? get32(t, o->s[1]) : ~0u};
   put_results(t, o, meet(t, o, &a));
}

void
op_match(struct ithread *t, const struct iop *o)
{
   uint64_t v = get_address(t, o, 0);
   struct exec_warp_arg a = {
      .a = (uint32_t)v, .wide = v, .membermask = get32(t, o->s[1])};
   put_results(t, o, meet(t, o, &a));
}

void
op_redux(struct ithread *t, const struct iop *o)
{
   struct exec_warp_arg a = {.a = get32(t, o->s[0]), .membermask = get32(t, o->s[1])};
   put_results(t, o, meet(t, o, &a));
}

void
op_elect(struct ithread *t, const struct iop *o)
{
   struct exec_warp_arg a = {.membermask = get32(t, o->s[0])};
   put_results(t, o, meet(t, o, &a));
}

void
op_bar_warp(struct ithread *t, const struct iop *o)
{
   struct exec_warp_arg a = {.membermask = get32(t, o->s[0])};
   meet(t, o, &a);
}

void
op_activemask(struct ithread *t, const struct iop *o)
{
   struct exec_warp_arg a = {.membermask = ~0u};
   put_results(t, o, meet(t, o, &a));
}
