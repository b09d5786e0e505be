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
   switch (i->op) {
   case ISA_SHFL:
   case ISA_VOTE:
   case ISA_MATCH:
   case ISA_REDUX:
   case ISA_ELECT:
   case ISA_ACTIVEMASK:
   case ISA_BAR_WARP:
      return true;
   case ISA_SREG:
      return is_sreg_of_warp(i->mods.extra);
   default:
      return false;
   }
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

unsigned
width_choose(struct emit *e)
{
   const uint32_t *n = e->opt->block;
   uint32_t threads = n[0] * n[1] * n[2];
   bool fills =
      threads % EXEC_WARP == 0 || (threads > WIDTH_NARROW && threads % WIDTH_NARROW != 0);
   bool narrow = e->opt->lanes ? e->opt->lanes == WIDTH_NARROW : !fills;
   return narrow && can_be_narrow(e) ? WIDTH_NARROW : EXEC_WARP;
}
