/* SPDX-License-Identifier: Apache-2.0
 * How many lanes run together. Where nothing tells the lanes of a warp from other threads
 * of the block, that is a matter of speed alone: wide vectors hide latencies and share
 * what is uniform, but of too many values they do not fit into the registers. */
#include <string.h>

#include "back/simd/emit.h"

/* -- What can be seen of a warp. */
static bool
is_sreg_of_warp(unsigned reg)
{
   switch (reg) {
   case ISA_SREG_LANEID:
   case ISA_SREG_WARPID:
   case ISA_SREG_LANEMASK_EQ:
   case ISA_SREG_LANEMASK_LE:
   case ISA_SREG_LANEMASK_LT:
   case ISA_SREG_LANEMASK_GE:
   case ISA_SREG_LANEMASK_GT:
      return true;
   default:
      return false;
   }
}

static bool
is_about_warp(const struct ir_inst *i)
{
   return emit_is_warp_op(i) || (i->op == ISA_SREG && is_sreg_of_warp(i->mods.extra));
}

/* Volatile and stronger; relaxed atomics order nothing. */
static bool
is_ordered(const struct ir_inst *i)
{
   bool relaxed = i->mods.sem == ISA_RELAXED && (i->op == ISA_ATOM || i->op == ISA_RED);
   return i->mods.sem != ISA_WEAK && !relaxed;
}

/* -- Lanes of a warp that exchange values through memory without a barrier: PTX promises
 * nothing there, but old programs trust in lanes that go in step. */
enum {
   IN_SHARED = 1,
   ELSEWHERE = 2,     /* global memory, or any */
   SHARED_IS_READ = 4 /* what is written next, others of the warp have read before */
};

/* The memory that other threads see and i may touch. */
static unsigned
spaces_of(const struct ir_inst *i)
{
   switch (i->mods.space) {
   case ISA_LOCAL:
   case ISA_PARAM:
   case ISA_PARAM_FUNC:
   case ISA_CONST:
      return 0;
   case ISA_SHARED:
      return IN_SHARED;
   case ISA_GLOBAL:
      return i->mods.flags & ISA_NC ? 0 : ELSEWHERE;
   default:
      return IN_SHARED | ELSEWHERE;
   }
}

/* Walks b with what was touched since the last barrier: spaces that were written, shared
 * memory that was read. Whether an exchange may be among it. */
static bool
exchanges(const struct ir_block *b, unsigned *touched)
{
   ir_foreach_inst (i, b) {
      if (ir_inst_is_barrier(i)) {
         *touched = 0;
         continue;
      }
      unsigned effects = i->op < ISA_PHI ? isa_op_info(i->op)->effects : 0;
      unsigned spaces = effects & (ISA_READS | ISA_WRITES) ? spaces_of(i) : 0;
      bool atomic = i->op == ISA_ATOM || i->op == ISA_RED;
      bool reads = (effects & ISA_READS) && !atomic, writes = effects & ISA_WRITES;
      if (reads && (*touched & spaces))
         return true;
      if (writes && (spaces & IN_SHARED) && (*touched & SHARED_IS_READ))
         return true;
      if (reads && (spaces & IN_SHARED))
         *touched |= SHARED_IS_READ;
      if (writes)
         *touched |= spaces;
   }
   return false;
}

static bool
may_exchange(const struct emit *e)
{
   uint8_t *in = arena_array(e->a, uint8_t, e->g->n);
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < e->g->nrpo; o++) {
         struct ir_block *b = e->g->rpo[o], **to;
         unsigned touched = in[b->id], n = ir_block_succs(b, &to);
         if (exchanges(b, &touched))
            return true;
         for (unsigned k = 0; k < n; k++) {
            changed |= (touched & ~(unsigned)in[to[k]->id]) != 0;
            in[to[k]->id] |= (uint8_t)touched;
         }
      }
   }
   return false;
}

/* Whether nobody can tell: order and values that another thread may see belong to the
 * block's barriers alone. */
static bool
can_be_narrow(const struct emit *e)
{
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b)
         if (is_about_warp(i) || is_ordered(i))
            return false;
   }
   const uint32_t *n = e->opt->block;
   return n[0] * n[1] * n[2] <= WIDTH_NARROW || !may_exchange(e);
}

/* -- What fits into registers. */
/* Values times blocks up to which it is worth to find out what is alive. */
#define LIVENESS_LIMIT (16u << 20)

static uint32_t
bytes_of(const struct emit *e, const struct ir_value *v)
{
   bool vec = v->kind == IR_INST && v->width != IR_PRED &&
              e->l->shape[v->id].kind == SHAPE_VARYING;
   return vec ? e->width * ir_width_bits(v->width) / 8 : 0;
}

/* Of vectors that are alive at once somewhere in b. live: what leaves it, then what comes
 * in. */
static uint32_t
most_in(const struct emit *e, const struct ir_block *b, struct bitset *live, uint32_t now)
{
   uint32_t most = now;
   for (const struct ir_inst *i = b->last; i; i = i->prev) {
      for (unsigned k = 0; k < i->ndst; k++)
         if (i->dst[k]->kind == IR_INST && bitset_has(live, i->dst[k]->id)) {
            bitset_remove(live, i->dst[k]->id);
            now -= bytes_of(e, i->dst[k]);
         }
      for (unsigned k = 0; k < i->nsrc && i->op != ISA_PHI; k++)
         if (i->src[k]->kind == IR_INST && !bitset_has(live, i->src[k]->id)) {
            bitset_add(live, i->src[k]->id);
            now += bytes_of(e, i->src[k]);
         }
      most = MAX2(most, now);
   }
   return most;
}

static uint32_t
most_bytes(const struct emit *e)
{
   struct liveness *l = liveness_compute(e->f, e->g, e->a);
   const struct ir_value **values =
      arena_array(e->a, const struct ir_value *, e->f->value_count);
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b)
         for (unsigned k = 0; k < i->ndst; k++)
            values[i->dst[k]->id] = i->dst[k];
   }
   uint32_t most = 0;
   for (uint32_t o = 0; o < e->g->nrpo; o++) {
      const struct ir_block *b = e->g->rpo[o];
      uint32_t now = 0;
      for (uint32_t id = 0; id < e->f->value_count; id++)
         if (values[id] && bitset_has(&l->out[b->id], id))
            now += bytes_of(e, values[id]);
      most = MAX2(most, most_in(e, b, &l->out[b->id], now));
   }
   return most;
}

/* Values that have offsets only where a test says so: that lanes choose alike, not that
 * nothing wraps. */
static uint32_t
conditional_values(const struct emit *e)
{
   uint32_t n = 0;
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b) {
         enum lanes_test t = i->ndst ? lanes_test_of(i) : LANES_TEST_NONE;
         n += t != LANES_TEST_NONE && t != LANES_TEST_WIDE &&
              e->l->shape[i->dst[0]->id].conditional;
      }
   }
   return n;
}

/* What `count` says of the kernel with so many lanes at a time. */
static uint32_t
count_at(struct emit *e, unsigned width, uint32_t count(const struct emit *))
{
   struct lanes_config config = *e->l->config;
   const struct lanes_config *was = e->l->config;
   unsigned lanes = e->width;
   config.width = e->width = width;
   e->l = lanes_compute(e->f, e->g, &config, e->a);
   uint32_t n = count(e);
   e->width = lanes;
   e->l = lanes_compute(e->f, e->g, was, e->a); /* it marks loops, too */
   return n;
}

static bool
has_divergent_loop(const struct emit *e)
{
   for (size_t k = 0; k < e->g->loops.len; k++)
      if (e->g->loops.data[k]->divergent)
         return true;
   return false;
}

#define MANY_VALUES 500 /* of a large kernel */

/* Far too much for the registers at 32 lanes and not at 16; some too many do no harm, as
 * the wider code works on more vectors at a time: Black-Scholes takes 1.3 times as long
 * with 16 lanes. Or 16 lanes are a row of the block, with what is the same in a row to
 * share, and have enough to do at a time by themselves: a product with 4 by 4 results a
 * thread takes 0.85 of the time, one with a single result 1.8. Where lanes leave loops
 * one by one, neither pays: a ray march takes 1.13 times as long. But a large kernel is
 * compiled in half the time. */
static bool
fits_narrow(struct emit *e)
{
   uint64_t cells = (uint64_t)e->f->value_count * e->g->n;
   uint32_t room = target_has(e, "+avx512f") ? 32 * 64
                   : target_has(e, "+avx2")  ? 16 * 32
                                             : 0;
   if (!room || !e->opt->opt_level || cells > LIVENESS_LIMIT ||
       (e->f->value_count < MANY_VALUES && has_divergent_loop(e)))
      return false;
   uint32_t wide = most_bytes(e), narrow = count_at(e, WIDTH_NARROW, most_bytes);
   return (wide > 2 * room && narrow <= room + room / 4) ||
          (narrow >= room && e->opt->block[0] == WIDTH_NARROW);
}

#define MANY_TESTS 8

/* A warp covers several rows of the block, and what is clamped to an image's edge, say,
 * is so in each row on its own: a filter of 7 by 7 takes 0.8 of the time with 16 lanes.
 */
static bool
tests_rows(struct emit *e)
{
   return e->opt->opt_level && e->opt->block[0] == WIDTH_NARROW &&
          conditional_values(e) >=
             count_at(e, WIDTH_NARROW, conditional_values) + MANY_TESTS;
}

unsigned
width_choose(struct emit *e)
{
   const uint32_t *n = e->opt->block;
   uint32_t threads = n[0] * n[1] * n[2];
   bool fills =
      threads % EXEC_WARP == 0 || (threads > WIDTH_NARROW && threads % WIDTH_NARROW != 0);
   if (e->opt->lanes == EXEC_WARP || !can_be_narrow(e))
      return EXEC_WARP;
   /* Quick code has no use for much in flight, and half as much of it is made sooner. */
   bool quick = e->opt->opt_level == 0;
   return e->opt->lanes || quick || !fills || fits_narrow(e) || tests_rows(e)
             ? WIDTH_NARROW
             : EXEC_WARP;
}
