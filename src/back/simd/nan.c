/* SPDX-License-Identifier: Apache-2.0
 * NaN bits. What float operations give for a NaN depends on the order in which LLVM
 * places operands, so such values are made canonical where their bits can be seen; float
 * arithmetic itself cannot tell one NaN from another. */
#include <string.h>

#include "back/simd/emit.h"
#include "back/simd/few.h"
#include "isa/isa_eval.h"

bool
emit_is_arithmetic(unsigned op)
{
   switch (op) {
   case ISA_ADD:
   case ISA_SUB:
   case ISA_MUL:
   case ISA_FMA:
   case ISA_MAD:
   case ISA_DIV:
   case ISA_SQRT:
   case ISA_RCP:
   case ISA_RSQRT:
   case ISA_SIN:
   case ISA_COS:
   case ISA_LG2:
   case ISA_EX2:
   case ISA_TANH:
      return true;
   default:
      return false;
   }
}

static bool
is_float_arithmetic(const struct ir_inst *i)
{
   if (!isa_type_is_float(i->mods.type[i->op == ISA_CVT ? 1 : 0]))
      return false;
   if (i->op == ISA_MIN || i->op == ISA_MAX)
      return !(i->mods.flags & ISA_XORSIGN_ABS);
   return emit_is_arithmetic(i->op) || i->op == ISA_SETP || i->op == ISA_SET ||
          i->op == ISA_CVT;
}

/* How many of i's sources, from the first on, reach its result with the bits they have.
 */
static unsigned
passed_on(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_PHI:
   case ISA_COPY:
      return i->nsrc;
   case ISA_SELP:
      return 2;
   case ISA_MOV:
      return i->nsrc == 1 && i->ndst == 1;
   case ISA_SHFL:
      return 1;
   default:
      return 0;
   }
}

/* Source k gives i's result all its bits but the sign: a NaN stays one. */
static bool
is_signed_anew(const struct ir_inst *i, unsigned k)
{
   if (!isa_type_is_float(i->mods.type[0]) || i->ndst != 1)
      return false;
   return i->op == ISA_COPYSIGN ? k == 1 : i->op == ISA_ABS || i->op == ISA_NEG;
}

/* A conversion that may hand on a signalling NaN as it is. */
static bool
is_from_half(const struct ir_inst *i)
{
   return i->op == ISA_CVT && (i->mods.type[1] == ISA_F16 || i->mods.type[1] == ISA_BF16);
}

bool
emit_leaves_nan(const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   return i->ndst == 1 && (t == ISA_F32 || t == ISA_F64) && is_float_arithmetic(i) &&
          (i->op != ISA_CVT || is_from_half(i)) && i->op != ISA_SETP &&
          i->op != ISA_SET && !(i->mods.flags & ISA_NAN_PROP);
}

static bool
makes_raw_nan(const struct ir_inst *i)
{
   if (i->ndst != 1 || !isa_type_is_float(i->mods.type[0]) || passed_on(i))
      return false;
   return emit_leaves_nan(i) ||
          (is_float_arithmetic(i) && isa_llvm_name(i->op, &i->mods));
}

/* What no reader could take for a NaN. */
static bool
is_harmless(const struct emit *e, const struct ir_value *v)
{
   return v->kind == IR_UNDEF || order_is_number(e, v);
}

/* What is passed on may be raw where any of what it may be is, and is taken for raw where
 * all is: integers must keep their bits. Optimistic, so that a loop's sum stays raw. */
static bool
any_raw(const struct emit *e, const struct ir_inst *i)
{
   for (unsigned k = 0; k < passed_on(i); k++)
      if (e->raw_nan[i->src[k]->id])
         return true;
   return false;
}

static bool
all_raw(const struct emit *e, const struct ir_inst *i)
{
   for (unsigned k = 0; k < passed_on(i); k++)
      if (!e->raw_nan[i->src[k]->id] && !is_harmless(e, i->src[k]))
         return false;
   return true;
}

static bool
is_hidden(const struct emit *e, const struct ir_inst *i, unsigned k)
{
   return k < 8 && i->ndst == 1 && (e->hidden_bits[i->dst[0]->id] >> k & 1);
}

/* -- Shared memory, of which a kernel sees all that is done with it. */
static bool
is_stored_hidden(const struct emit *e, const struct ir_inst *i, unsigned k)
{
   return k && e->hides_shared && i->op == ISA_ST && i->mods.space == ISA_SHARED;
}

/* i keeps to loads and stores of whole elements of so many bits (0: not known yet), or to
 * other memory. */
static bool
keeps_elements(const struct ir_inst *i, unsigned *bits)
{
   unsigned space = i->mods.space, of = isa_type_bits(i->mods.type[0]);
   if (i->op >= ISA_PHI)
      return true;
   switch (i->op) {
   case ISA_LD:
   case ISA_ST:
      if (space != ISA_SHARED)
         return space != ISA_SHARED_CLUSTER;
      *bits = *bits ? *bits : of;
      return *bits == of;
   case ISA_ATOM:
   case ISA_RED:
   case ISA_CVTA:
      return space != ISA_SHARED && space != ISA_SHARED_CLUSTER;
   case ISA_MAPA:
      return false;
   default:
      return !(isa_op_info(i->op)->effects & (ISA_READS | ISA_WRITES));
   }
}

static bool
loads_seen_bits(const struct emit *e, const struct ir_inst *i)
{
   bool seen = false;
   for (unsigned k = 0; k < i->ndst && i->op == ISA_LD; k++)
      seen |= i->mods.space == ISA_SHARED && e->seen_bits[i->dst[k]->id];
   return seen;
}

/* Values whose bits anything but float arithmetic reads, be it by way of copies. */
static void
find_seen_bits(struct emit *e)
{
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = e->g->nrpo; o-- > 0;)
         for (struct ir_inst *i = e->g->rpo[o]->last; i; i = i->prev) {
            if (is_float_arithmetic(i))
               continue;
            for (unsigned k = 0; k < i->nsrc; k++) {
               bool on = k < passed_on(i) || is_signed_anew(i, k);
               if ((on && !e->seen_bits[i->dst[0]->id]) || is_hidden(e, i, k) ||
                   is_stored_hidden(e, i, k))
                  continue;
               changed |= !e->seen_bits[i->src[k]->id];
               e->seen_bits[i->src[k]->id] = 1;
            }
         }
   }
}

/* Whether nothing but float arithmetic reads what lies in shared memory, by the code
 * alone: all functions of a warp say the same. */
static void
find_hidden_stores(struct emit *e)
{
   unsigned bits = 0;
   bool hides = true;
   for (uint32_t o = 0; o < e->g->nrpo && hides; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         hides = hides && keeps_elements(i, &bits);
   e->hides_shared = hides && bits;
   if (!e->hides_shared)
      return;
   find_seen_bits(e);
   for (uint32_t o = 0; o < e->g->nrpo && hides; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         hides = hides && !loads_seen_bits(e, i);
   e->hides_shared = hides;
   memset(e->seen_bits, 0, e->f->value_count * sizeof *e->seen_bits);
}

enum { QUIET = 1, MAY_SIGNAL = 2 }; /* a raw NaN */

/* What is passed on signals where one of its sources may. */
static void
find_signalling_nans(struct emit *e)
{
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < e->g->nrpo; o++)
         ir_foreach_inst (i, e->g->rpo[o]) {
            if (!passed_on(i) || e->raw_nan[i->dst[0]->id] != QUIET)
               continue;
            for (unsigned k = 0; k < passed_on(i); k++)
               if (e->raw_nan[i->src[k]->id] == MAY_SIGNAL) {
                  e->raw_nan[i->dst[0]->id] = MAY_SIGNAL;
                  changed = true;
               }
         }
   }
}

/* Source k may be a NaN that arithmetic made, and i reads its bits. */
static bool
reads_bits(const struct emit *e, const struct ir_inst *i, unsigned k)
{
   const struct ir_value *v = i->src[k];
   return v->kind == IR_INST && !is_float_arithmetic(i) && !is_signed_anew(i, k) &&
          (k >= passed_on(i) || !e->raw_nan[i->dst[0]->id]) &&
          !is_stored_hidden(e, i, k) &&
          (e->raw_nan[v->id] || is_signed_anew(v->def, 0) || is_signed_anew(v->def, 1));
}

void
emit_find_raw_nans(struct emit *e)
{
   find_hidden_stores(e);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o]) {
         if (makes_raw_nan(i) && !order_is_number(e, i->dst[0]))
            e->raw_nan[i->dst[0]->id] = is_from_half(i) ? MAY_SIGNAL : QUIET;
      }
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < e->g->nrpo; o++)
         ir_foreach_inst (i, e->g->rpo[o])
            if (passed_on(i) && !e->raw_nan[i->dst[0]->id] && any_raw(e, i)) {
               e->raw_nan[i->dst[0]->id] = QUIET;
               changed = true;
            }
   }
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < e->g->nrpo; o++)
         ir_foreach_inst (i, e->g->rpo[o]) {
            if (!passed_on(i) || !e->raw_nan[i->dst[0]->id] || all_raw(e, i))
               continue;
            e->raw_nan[i->dst[0]->id] = 0;
            changed = true;
         }
   }
   find_signalling_nans(e);
   emit_find_hidden_bits(e, reads_bits);
   find_seen_bits(e);
}

bool
emit_is_quiet(const struct emit *e, const struct ir_value *v)
{
   return is_harmless(e, v) || (v->kind == IR_INST && e->raw_nan[v->id] == QUIET);
}

val
emit_canonical(struct emit *e, val v, unsigned bits)
{
   type f = bits == 64 ? e->f64 : e->f32;
   val nan = emit_const(e, bits, bits == 64 ? ISA_NAN_F64 : ISA_NAN_F32);
   val x = emit_cast(e, v, f);
   val is_nan = LLVMBuildFCmp(e->b, LLVMRealUNO, x, x, "");
   if (emit_is_vec(v)) {
      val all[EXEC_WARP];
      unsigned n = LLVMGetVectorSize(LLVMTypeOf(v));
      for (unsigned l = 0; l < n; l++)
         all[l] = nan;
      return LLVMBuildSelect(e->b, is_nan, LLVMConstVector(all, n), v, "");
   }
   /* As a float, so that what it was made of may stay in the registers of floats. */
   x = LLVMBuildSelect(e->b, is_nan, emit_cast(e, nan, f), x, "");
   return emit_cast(e, x, LLVMTypeOf(v));
}

static bool
are_bits_seen(const struct emit *e, const struct ir_inst *i, unsigned k)
{
   const struct ir_value *v = i->src[k];
   return v->kind == IR_INST && e->raw_nan[v->id] && !is_float_arithmetic(i) &&
          (k >= passed_on(i) || !e->raw_nan[i->dst[0]->id]) && !is_hidden(e, i, k) &&
          !is_stored_hidden(e, i, k) &&
          (!is_signed_anew(i, k) || e->seen_bits[i->dst[0]->id]);
}

val
emit_as_read(struct emit *e, const struct ir_inst *i, unsigned k, val x)
{
   return are_bits_seen(e, i, k) ? emit_canonical(e, x, ir_width_bits(i->src[k]->width))
                                 : x;
}

static val
fetch_operand(struct emit *e, const struct ir_inst *i, unsigned k, bool vec)
{
   struct ir_value *v = i->src[k];
   if (!vec)
      return i->op == ISA_PHI ? emit_base(e, v) : emit_scalar(e, v);
   if (!e->narrow)
      return emit_lanes(e, v);
   unsigned width = e->width;
   e->width = EXEC_WARP;
   val x = emit_first_lanes(e, v, width);
   e->width = width;
   return x;
}

val
emit_operand(struct emit *e, const struct ir_inst *i, unsigned k, bool vec)
{
   val x = fetch_operand(e, i, k, vec);
   bool few = vec && !e->narrow && emit_few_of(e, i->src[k]).n < e->width;
   if (!few || !emit_is_vec(x) || !are_bits_seen(e, i, k))
      return emit_as_read(e, i, k, x);
   x = emit_as_read(e, i, k, emit_cut_few(e, i->src[k], x));
   return emit_repeat(e, x, e->width);
}
