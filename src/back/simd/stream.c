/* SPDX-License-Identifier: Apache-2.0
 * Loops that step through memory by whole pages, as a thread that walks through the
 * planes of a volume does: processors read ahead within a page at most, so code asks for
 * what will be read and written a few steps later. Only in loops that store where they go
 * or that go on in steps of the whole grid: what others only read is mostly small enough
 * to be there. */
#include <stdlib.h>

#include "back/simd/emit.h"

#define PAGE_BYTES 4096
#define LINE_BYTES 64
#define STEPS_AHEAD 8
#define DEPTH 16 /* of an address's expression */

static bool
is_fixed(const struct loop *l, const struct ir_value *v)
{
   return v->kind != IR_INST || !loop_has(l, v->def->block);
}

/* A value that the loop does not change, as a number of 64 bits; NULL: not one scalar. */
static val
fixed(struct emit *e, const struct loop *l, struct ir_value *v)
{
   return is_fixed(l, v) && emit_is_uniform(e, v)
             ? emit_resize(e, emit_scalar(e, v), 64, true)
             : NULL;
}

static val
sum(struct emit *e, val a, val b, bool minus)
{
   return !a || !b ? NULL
          : minus  ? LLVMBuildSub(e->b, a, b, "")
                   : LLVMBuildAdd(e->b, a, b, "");
}

/* How much more than `from` v is; NULL: no telling. */
static val
ahead_of(struct emit *e, const struct loop *l, struct ir_value *v,
         const struct ir_value *from, unsigned depth)
{
   struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   if (v == from)
      return emit_const(e, 64, 0);
   if (!i || !depth || (i->op != ISA_ADD && i->op != ISA_SUB) || i->nsrc != 2 ||
       isa_type_is_float(i->mods.type[0]) || is_fixed(l, v))
      return NULL;
   if (!is_fixed(l, i->src[0]))
      return sum(e, ahead_of(e, l, i->src[0], from, depth - 1), fixed(e, l, i->src[1]),
                 i->op == ISA_SUB);
   return i->op == ISA_ADD ? sum(e, ahead_of(e, l, i->src[1], from, depth - 1),
                                 fixed(e, l, i->src[0]), false)
                           : NULL;
}

/* What is added to v from one iteration to the next; NULL: no telling. */
static val
step_of(struct emit *e, const struct loop *l, struct ir_value *v, unsigned depth)
{
   if (is_fixed(l, v))
      return emit_const(e, 64, 0);
   struct ir_inst *i = v->def;
   if (!depth-- || isa_type_is_float(i->mods.type[0]))
      return NULL;
   val a, b;
   switch (i->op) {
   case ISA_PHI:
      if (i->block != l->header || i->nsrc != 2)
         return NULL;
      for (unsigned k = 0; k < 2; k++)
         if (i->block->preds.data[k] == l->latch)
            return ahead_of(e, l, i->src[k], v, depth);
      return NULL;
   case ISA_MOV:
   case ISA_COPY:
   case ISA_CVT:
   case ISA_CVTA:
      return i->nsrc == 1 && i->ndst == 1 ? step_of(e, l, i->src[0], depth) : NULL;
   case ISA_ADD:
   case ISA_SUB:
      return sum(e, step_of(e, l, i->src[0], depth), step_of(e, l, i->src[1], depth),
                 i->op == ISA_SUB);
   case ISA_SHL:
      a = step_of(e, l, i->src[0], depth);
      b = i->src[1]->kind == IR_CONST ? emit_const(e, 64, i->src[1]->bits[0] & 63) : NULL;
      return a && b ? LLVMBuildShl(e->b, a, b, "") : NULL;
   case ISA_MUL:
   case ISA_MAD:
      if (i->mods.mode != ISA_LO_HALF && i->mods.mode != ISA_WIDE)
         return NULL;
      a = step_of(e, l, i->src[0], depth);
      b = fixed(e, l, i->src[1]);
      if (!a || !b)
         return NULL;
      a = LLVMBuildMul(e->b, a, b, "");
      return i->op == ISA_MUL ? a : sum(e, a, step_of(e, l, i->src[2], depth), false);
   default:
      return NULL;
   }
}

static bool
is_global(unsigned space)
{
   return space == ISA_GLOBAL || space == ISA_GENERIC;
}

/* The stores of a loop that has no loops in it; 0 where one cannot say where they go. */
static unsigned
stores_in(struct emit *e, const struct loop *l)
{
   unsigned n = 0;
   for (size_t k = 0; k < e->g->loops.len; k++)
      if (e->g->loops.data[k]->parent == l)
         return 0;
   for (uint32_t o = e->g->order[l->header->id]; o < e->g->nrpo; o++) {
      if (!loop_has(l, e->g->rpo[o]))
         break;
      ir_foreach_inst (i, e->g->rpo[o])
         n += i->op == ISA_ST && is_global(i->mods.space) && !is_fixed(l, i->src[0]);
   }
   return n;
}

#define GRID_DEPTH 8

/* v is made of %nctaid: where an address is, its loop goes on in steps of the grid. */
static bool
counts_blocks(const struct loop *l, const struct ir_value *v, unsigned depth)
{
   if (v->kind != IR_INST || !depth)
      return false;
   const struct ir_inst *i = v->def;
   if (i->op == ISA_SREG)
      return i->mods.extra >= ISA_SREG_NCTAID_X && i->mods.extra <= ISA_SREG_NCTAID_Z;
   for (unsigned k = 0; k < i->nsrc; k++)
      if ((i->op != ISA_PHI || i->block == l->header) &&
          counts_blocks(l, i->src[k], depth - 1))
         return true;
   return false;
}

/* Of how many accesses a loop asks for that `a` is one; 0: it does not. */
static unsigned
streams(struct emit *e, const struct loop *l, const struct emit_access *a)
{
   if (counts_blocks(l, a->i->src[0], GRID_DEPTH))
      return 1;
   return l->divergent || e->rounds || e->mask ? 0 : stores_in(e, l);
}

/* Another access of the block before this one goes to the same address, or close by. */
static bool
is_asked_for(const struct ir_inst *i)
{
   for (const struct ir_inst *p = i->prev; p; p = p->prev)
      if ((p->op == ISA_LD || p->op == ISA_ST) && p->src[0] == i->src[0] &&
          p->offset - i->offset < LINE_BYTES && i->offset - p->offset < LINE_BYTES)
         return true;
   return false;
}

void
stream_ahead(struct emit *e, const struct emit_access *a)
{
   const struct loop *l = e->g->loop[e->block->id];
   int64_t stride;
   unsigned bytes = a->bits / 8 * a->n, stores;
   if (!l || !l->latch || e->g->irreducible || e->width == 1 || !e->opt->opt_level ||
       !is_global(a->space) || a->ordered || a->shape.kind != SHAPE_OFFSETS ||
       !shape_stride(&a->shape, e->width, &stride) || stride != bytes ||
       is_asked_for(a->i) || !(stores = streams(e, l, a)))
      return;
   val step = step_of(e, l, a->i->src[0], DEPTH);
   if (!step || (LLVMIsAConstantInt(step) &&
                 llabs((long long)LLVMConstIntGetSExtValue(step)) < PAGE_BYTES))
      return;
   val p = emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]), a->i->offset);
   unsigned ahead = MAX2(STEPS_AHEAD / stores, 1u);
   step = LLVMBuildMul(e->b, step, emit_const(e, 64, ahead), "");
   p = LLVMBuildGEP2(e->b, e->i8, p, &step, 1, "");
   for (unsigned at = 0; at < bytes * e->width; at += LINE_BYTES) {
      val k = emit_const(e, 64, at);
      val args[4] = {at ? LLVMBuildGEP2(e->b, e->i8, p, &k, 1, "") : p,
                     emit_const(e, 32, a->i->op == ISA_ST), emit_const(e, 32, 3),
                     emit_const(e, 32, 1)};
      emit_intrinsic(e, "llvm.prefetch", &e->ptr, 1, args, 4);
   }
}
