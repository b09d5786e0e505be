/* SPDX-License-Identifier: Apache-2.0
 * Prefetches for loops that go through memory in steps of the whole grid. One warp's
 * iterations lie too far apart for the processor to foresee, and each would wait for
 * memory anew. */
#include "back/simd/emit.h"

#define AHEAD 8 /* iterations */
#define LINE 64
#define MOST_LINES 4 /* of one access */
#define MOST_TERMS 4
#define DEPTH 8

/* How far a value moves in an iteration: a sum of invariant values' multiples. */
struct step {
   unsigned n;
   struct ir_value *value[MOST_TERMS];
   int64_t times[MOST_TERMS];
   int64_t constant;
};

static bool
is_invariant(const struct loop *lp, const struct ir_value *v)
{
   return v->kind != IR_INST || !loop_has(lp, v->def->block);
}

static bool
add_term(struct step *s, struct ir_value *v, int64_t times)
{
   if (v->kind == IR_CONST) {
      unsigned rest = 64 - ir_width_bits(v->width);
      s->constant += times * ((int64_t)(v->bits[0] << rest) >> rest);
      return true;
   }
   if (s->n == MOST_TERMS)
      return false;
   s->value[s->n] = v;
   s->times[s->n++] = times;
   return true;
}

static bool step_of(const struct loop *lp, struct ir_value *v, int64_t times,
                    unsigned depth, struct step *s);

/* What is added to phi on the way to v, the next iteration's. */
static bool
added_to(const struct loop *lp, const struct ir_value *phi, struct ir_value *v,
         int64_t times, struct step *s)
{
   for (unsigned n = 0; n < MOST_TERMS && v != phi; n++) {
      if (is_invariant(lp, v) || v->def->op != ISA_ADD)
         return false;
      unsigned k = is_invariant(lp, v->def->src[1]) ? 1 : 0;
      if (!is_invariant(lp, v->def->src[k]) || !add_term(s, v->def->src[k], times))
         return false;
      v = v->def->src[1 - k];
   }
   return v == phi;
}

static bool
step_of_phi(const struct loop *lp, struct ir_value *v, int64_t times, struct step *s)
{
   const struct ir_inst *i = v->def;
   if (i->block != lp->header)
      return false;
   for (unsigned k = 0; k < i->nsrc; k++)
      if (i->block->preds.data[k] == lp->latch)
         return added_to(lp, v, i->src[k], times, s);
   return false;
}

static bool
step_of(const struct loop *lp, struct ir_value *v, int64_t times, unsigned depth,
        struct step *s)
{
   if (is_invariant(lp, v))
      return true;
   struct ir_inst *i = v->def;
   struct ir_value *by = i->nsrc > 1 ? i->src[1] : NULL;
   bool factor = by && by->kind == IR_CONST && by->bits[0] < 1 << 16;
   if (depth == DEPTH || times > INT32_MAX)
      return false;
   switch (i->op) {
   case ISA_PHI:
      return step_of_phi(lp, v, times, s);
   case ISA_ADD:
      return step_of(lp, i->src[0], times, depth + 1, s) &&
             step_of(lp, by, times, depth + 1, s);
   case ISA_CVT:
      return !isa_type_is_float(i->mods.type[0]) && !isa_type_is_float(i->mods.type[1]) &&
             step_of(lp, i->src[0], times, depth + 1, s);
   case ISA_MUL:
      return factor && !isa_type_is_float(i->mods.type[0]) &&
             i->mods.mode != ISA_HI_HALF &&
             step_of(lp, i->src[0], times * (int64_t)by->bits[0], depth + 1, s);
   case ISA_SHL:
      return factor && by->bits[0] < 8 &&
             step_of(lp, i->src[0], times << by->bits[0], depth + 1, s);
   default:
      return false;
   }
}

static bool
counts_blocks(const struct ir_value *v, unsigned depth)
{
   if (v->kind != IR_INST || depth == DEPTH)
      return false;
   const struct ir_inst *i = v->def;
   if (i->op == ISA_SREG)
      return i->mods.extra >= ISA_SREG_NCTAID_X && i->mods.extra <= ISA_SREG_NCTAID_Z;
   for (unsigned k = 0; k < i->nsrc && i->op != ISA_PHI; k++)
      if (counts_blocks(i->src[k], depth + 1))
         return true;
   return false;
}

/* The bytes of AHEAD iterations; NULL: it is no such loop. */
static val
distance(struct emit *e, const struct step *s)
{
   val sum = emit_const(e, 64, (uint64_t)(s->constant * AHEAD));
   bool grid = false;
   for (unsigned k = 0; k < s->n; k++)
      if (!emit_is_uniform(e, s->value[k]))
         return NULL;
   for (unsigned k = 0; k < s->n; k++)
      grid |= counts_blocks(s->value[k], 0);
   for (unsigned k = 0; k < s->n && grid; k++) {
      val x = emit_resize(e, emit_scalar(e, s->value[k]), 64, true);
      val n = emit_const(e, 64, (uint64_t)(s->times[k] * AHEAD));
      sum = LLVMBuildAdd(e->b, sum, LLVMBuildMul(e->b, x, n, ""), "");
   }
   return grid ? sum : NULL;
}

void
emit_prefetch(struct emit *e, const struct emit_access *a)
{
   const struct loop *lp = e->g->irreducible ? NULL : e->g->loop[e->block->id];
   struct step s = {0};
   int64_t stride;
   if (!lp || !lp->latch || e->width == 1 || a->ordered || emit_space_base(e, a->space) ||
       !shape_stride(&a->shape, e->width, &stride) ||
       stride != (int64_t)(a->n * a->bits / 8) || !step_of(lp, a->i->src[0], 1, 0, &s))
      return;
   val at = distance(e, &s);
   if (!at)
      return;
   val p = emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]), a->i->offset);
   p = LLVMBuildGEP2(e->b, e->i8, p, &at, 1, "");
   unsigned bytes = (unsigned)stride * e->width;
   for (unsigned b = 0; b < bytes && b < MOST_LINES * LINE; b += LINE) {
      val k = emit_const(e, 64, b), to = LLVMBuildGEP2(e->b, e->i8, p, &k, 1, "");
      val args[4] = {to, emit_const(e, 32, 0), emit_const(e, 32, 3),
                     emit_const(e, 32, 1)};
      emit_intrinsic(e, "llvm.prefetch", &e->ptr, 1, args, 4);
   }
}
