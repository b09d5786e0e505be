/* SPDX-License-Identifier: Apache-2.0
 * Copies, constants, trivial phis and dead code: just enough that shapes and addresses
 * can be read off the IR. Folding calls the instruction's one meaning (isa_eval_find). */
#include <string.h>

#include "isa/isa_eval.h"
#include "pass/pass.h"

static struct ir_value *
follow(struct ir_value *v)
{
   while (v->repl)
      v = v->repl;
   return v;
}

static bool
is_identity_space(unsigned space)
{
   return space == ISA_GENERIC || space == ISA_GLOBAL || space == ISA_CONST;
}

/* The value that i is a mere copy of, or NULL. */
static struct ir_value *
copied_value(const struct ir_inst *i)
{
   if (i->ndst != 1 || i->nsrc != 1)
      return NULL;
   if (i->op != ISA_COPY && i->op != ISA_MOV &&
       !(i->op == ISA_CVTA && is_identity_space(i->mods.space)))
      return NULL;
   return i->src[0]->width == i->dst[0]->width ? i->src[0] : NULL;
}

/* A phi whose sources are all the same value, or itself, is that value. */
static struct ir_value *
trivial_phi(const struct ir_inst *i)
{
   struct ir_value *only = NULL;
   for (unsigned k = 0; k < i->nsrc; k++) {
      struct ir_value *s = follow(i->src[k]);
      if (s == i->dst[0] || s == only)
         continue;
      if (only)
         return NULL;
      only = s;
   }
   return only;
}

static bool
is_const(const struct ir_value *v, uint64_t bits)
{
   return v->kind == IR_CONST && v->bits[0] == bits && v->width != IR_B128;
}

/* x + 0, x - 0, x * 1, x << 0, and the like. */
static struct ir_value *
neutral(struct ir_func *f, const struct ir_inst *i)
{
   if (i->ndst != 1 || i->nsrc < 2 || !ir_inst_is_int(i))
      return NULL;
   struct ir_value *a = follow(i->src[0]), *b = follow(i->src[1]);
   bool same = a->width == i->dst[0]->width;
   switch (i->op) {
   case ISA_ADD:
   case ISA_OR:
   case ISA_XOR:
      if (i->nsrc == 2 && is_const(a, 0))
         return b;
      KASURI_FALLTHROUGH;
   case ISA_SUB:
   case ISA_SHL:
   case ISA_SHR:
      return i->nsrc == 2 && same && is_const(b, 0) ? a : NULL;
   case ISA_MUL:
      if (i->mods.mode == ISA_LO_HALF && is_const(b, 1))
         return a;
      if (i->mods.mode == ISA_LO_HALF && is_const(a, 1))
         return b;
      return is_const(a, 0) || is_const(b, 0) ? ir_const(f, i->dst[0]->width, 0) : NULL;
   default:
      return NULL;
   }
}

static bool
all_const(const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++)
      if (follow(i->src[k])->kind != IR_CONST)
         return false;
   return true;
}

static struct ir_value *
folded(struct ir_func *f, const struct ir_inst *i)
{
   if (i->ndst != 1 || i->nsrc == 0 || i->nsrc > 4 || i->op == ISA_PHI || !all_const(i))
      return NULL;
   uint64_t d[2] = {0};
   struct isa_eval m;
   if (!isa_eval_get(i->op, &i->mods, &m))
      return NULL;
   const void *src[4] = {NULL};
   for (unsigned k = 0; k < i->nsrc; k++)
      src[k] = follow(i->src[k])->bits;
   m.fn(d, NULL, src[0], src[1], src[2], src[3], m.mods_word);
   /* A register wider than the result holds it extended by its sign. */
   if (isa_type_is_signed((enum isa_type)i->mods.type[0])) {
      if (m.dst[0] == ISA_SLOT_8)
         d[0] = (uint64_t)(int8_t)d[0];
      else if (m.dst[0] == ISA_SLOT_16)
         d[0] = (uint64_t)(int16_t)d[0];
   }
   return i->dst[0]->width == IR_B128 ? ir_const128(f, d[0], d[1])
                                      : ir_const(f, i->dst[0]->width, d[0]);
}

/* A constant comes second, where whoever looks for one looks. */
static void
order_operands(struct ir_inst *i)
{
   struct ir_value *a = i->nsrc == 2 ? i->src[0] : NULL;
   if (!a || !ir_inst_is_int(i) || a->kind != IR_CONST || i->src[1]->kind == IR_CONST ||
       (i->op != ISA_ADD && i->op != ISA_MUL && i->op != ISA_AND && i->op != ISA_OR &&
        i->op != ISA_XOR))
      return;
   i->src[0] = i->src[1];
   i->src[1] = a;
}

static bool
forward_copies(struct ir_func *f)
{
   bool changed = false;
   ir_foreach_block (b, f) {
      ir_foreach_inst_safe (i, b) {
         if (i->ndst != 1 || i->dst[0]->kind != IR_INST)
            continue;
         order_operands(i);
         struct ir_value *v = i->op == ISA_PHI ? trivial_phi(i) : copied_value(i);
         if (!v)
            v = neutral(f, i);
         if (!v)
            v = folded(f, i);
         if (!v || follow(v) == i->dst[0])
            continue;
         i->dst[0]->repl = follow(v);
         ir_inst_remove(i);
         changed = true;
      }
   }
   if (changed)
      ir_func_apply_repl(f);
   return changed;
}

static bool
is_root(const struct ir_inst *i)
{
   return i->ndst == 0 || (isa_op_info(i->op)->effects & ~(unsigned)ISA_READS) != 0 ||
          (i->op == ISA_LD && i->mods.sem != ISA_WEAK);
}

/* Marks from the roots; what stays unmarked goes. PHI, SREG, ADDR and COPY are pure. */
static bool
remove_dead(struct ir_func *f)
{
   VEC(struct ir_inst *) work = {0};
   bool changed = false;
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         i->mark = i->op < ISA_PHI && is_root(i);
         if (i->mark)
            vec_push(&work, i);
      }
   }
   while (work.len) {
      struct ir_inst *i = vec_pop(&work);
      for (unsigned k = 0; k < i->nsrc; k++) {
         struct ir_inst *d = i->src[k]->kind == IR_INST ? i->src[k]->def : NULL;
         if (d && !d->mark) {
            d->mark = 1;
            vec_push(&work, d);
         }
      }
   }
   ir_foreach_block (b, f) {
      ir_foreach_inst_safe (i, b) {
         if (!i->mark) {
            ir_inst_remove(i);
            changed = true;
         }
      }
   }
   vec_finish(&work);
   return changed;
}

bool
opt_simplify(struct ir_func *f, struct pass_ctx *c)
{
   bool changed = false;
   while (forward_copies(f))
      changed = true;
   changed |= remove_dead(f);
   ir_func_renumber(f);
   return changed;
}
