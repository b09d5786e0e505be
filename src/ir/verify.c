/* SPDX-License-Identifier: Apache-2.0
 * Says what is malformed about a function, so that a pass's mistake is found where it was
 * made and not where it hurts. */
#include <stdio.h>
#include <string.h>

#include "ir.h"

struct verifier {
   const struct ir_func *f;
   struct diag *d;
   struct ir_value **values; /* by id, once seen */
   struct ir_block **order;  /* reachable blocks in reverse postorder */
   uint32_t norder;
   uint32_t *number;         /* by block id: place in order, or UNREACHED */
   uint32_t *idom;           /* by place in order */
   struct ir_block **listed; /* by id */
   uint32_t *position;       /* by value id: place of its definition in its block */
};
#define UNREACHED UINT32_MAX

static void complain(struct verifier *v, const struct ir_inst *i,
                     const struct ir_block *b, const char *fmt, ...) KASURI_PRINTF(4, 5);
static void
complain(struct verifier *v, const struct ir_inst *i, const struct ir_block *b,
         const char *fmt, ...)
{
   struct str s = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&s, fmt, ap);
   va_end(ap);
   char block[16] = "";
   if (b && !b->label)
      snprintf(block, sizeof block, "b%u", b->id);
   const char *name = i ? isa_op_info(i->op)->name : NULL;
   diag_error(v->d, i ? i->loc : v->f->loc, "ir-verify", "%s: block %s%s%s: %s",
              v->f->name, b && b->label ? b->label : block, i ? ", " : "",
              i ? (name ? name : "an instruction") : "", str_get(&s));
   str_finish(&s);
}

/* -- Structure */

static bool
check_links(struct verifier *v)
{
   const struct ir_func *f = v->f;
   uint32_t count = 0;
   size_t before = v->d->errors;
   const struct ir_block *prev = NULL;
   for (struct ir_block *b = f->first_block; b; prev = b, b = b->next) {
      if (b->prev != prev)
         complain(v, NULL, b, "its link to the previous block is wrong");
      if (b->func != f)
         complain(v, NULL, b, "it does not know its function");
      if (b->id >= f->block_count || v->listed[b->id]) {
         complain(v, NULL, b, "its id is used twice or beyond block_count");
         return false;
      }
      v->listed[b->id] = b;
      count++;
      const struct ir_inst *before_i = NULL;
      ir_foreach_inst (i, b) {
         if (i->prev != before_i || i->block != b)
            complain(v, i, b, "its links are wrong");
         /* SSA form has one exit, and what was made from it: what traps goes on to it. */
         if (ir_inst_is_terminator(i) != (i == b->last) &&
             !(i->op == ISA_TRAP && i != b->last))
            complain(v, i, b,
                     i == b->last ? "the block does not end in a terminator"
                                  : "a terminator inside the block");
         before_i = i;
      }
      if (b->last != before_i)
         complain(v, NULL, b, "its last instruction is not the end of its list");
      if (!b->first)
         complain(v, NULL, b, "it is empty");
   }
   if (prev != f->last_block)
      complain(v, NULL, prev, "last_block is another one");
   if (!count)
      complain(v, NULL, NULL, "the function has no block");
   return v->d->errors == before;
}

static void
check_targets(struct verifier *v, const struct ir_inst *i)
{
   uint32_t want = i->op == ISA_BRA ? ((i->guard || i->nsrc) ? 2 : 1) : i->ntargets;
   if (i->op != ISA_BRA && i->op != ISA_BRX && i->ntargets)
      complain(v, i, i->block, "it has targets");
   if (i->ntargets != want)
      complain(v, i, i->block, "it has %u targets, not %u", i->ntargets, want);
   for (uint32_t k = 0; k < i->ntargets; k++) {
      const struct ir_block *t = i->targets[k];
      if (!t || t->id >= v->f->block_count || v->listed[t->id] != t)
         complain(v, i, i->block, "target %u is not a block of this function", k);
   }
   if (ir_inst_is_terminator(i) && i->op != ISA_BRA && i->guard)
      complain(v, i, i->block, "a guarded terminator that is no bra");
}

/* -- Values */

static bool
check_value(struct verifier *v, const struct ir_inst *i, struct ir_value *x)
{
   if (!x) {
      complain(v, i, i->block, "an operand is NULL");
      return false;
   }
   if (x->id >= v->f->value_count) {
      complain(v, i, i->block, "value id %u is beyond value_count %u", x->id,
               v->f->value_count);
      return false;
   }
   if (v->values[x->id] && v->values[x->id] != x) {
      complain(v, i, i->block, "two values have id %u", x->id);
      return false;
   }
   v->values[x->id] = x;
   return true;
}

static void
check_dest(struct verifier *v, const struct ir_inst *i, struct ir_value *x)
{
   if (!check_value(v, i, x) || x->kind == IR_SINK)
      return;
   if (v->f->ssa && (x->kind != IR_INST || x->def != i))
      complain(v, i, i->block, "its result %s is not defined by it",
               x->name ? x->name : "(no name)");
   else if (!v->f->ssa && x->kind != IR_REG)
      complain(v, i, i->block, "its result is not a register");
}

static void
check_source(struct verifier *v, const struct ir_inst *i, struct ir_value *x)
{
   if (!check_value(v, i, x))
      return;
   if (x->kind == IR_SINK)
      complain(v, i, i->block, "reads the sink '_'");
   else if (x->kind == (v->f->ssa ? IR_REG : IR_INST))
      complain(v, i, i->block, "reads %s, which is of the other form",
               x->name ? x->name : "(no name)");
   if (x->repl)
      complain(v, i, i->block, "its source still has a replacement");
}

/* -- Widths: where the table says them and operands are not regrouped. */

static bool
takes_wider(const struct ir_inst *i)
{
   return i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST || i->op == ISA_CVT;
}

static void
check_width(struct verifier *v, const struct ir_inst *i, const struct ir_value *x,
            unsigned operand)
{
   enum isa_type t = isa_operand_type(i->op, &i->mods, operand);
   if (t == ISA_NO_TYPE || isa_type_bits(t) % 8 != (t == ISA_PRED))
      return;
   unsigned want = isa_type_bits(t), have = ir_width_bits(x->width);
   if (have == want || (takes_wider(i) && have > want && want > 1))
      return;
   complain(v, i, i->block, "operand %u (%s) has %u bits, and .%s is expected", operand,
            x->name ? x->name : "constant", have, isa_type_name(t));
}

static bool
is_regrouped(const struct ir_inst *i)
{
   return i->mods.vec > 1 || i->op == ISA_CALL || i->op == ISA_BRX ||
          (i->op == ISA_MOV && (i->ndst != 1 || i->nsrc != 1)) ||
          isa_op_info(i->op)->effects & (ISA_SYNCS | ISA_CONTROL);
}

static void
check_same_width(struct verifier *v, const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++) {
      if (i->src[k]->width != i->dst[0]->width)
         complain(v, i, i->block, "source %u has another width than the result", k);
   }
}

static void
check_widths(struct verifier *v, const struct ir_inst *i)
{
   if (i->guard && i->guard->width != IR_PRED)
      complain(v, i, i->block, "its guard is no predicate");
   if (i->op == ISA_PHI || i->op == ISA_COPY) {
      if (i->ndst == 1)
         check_same_width(v, i);
      else
         complain(v, i, i->block, "it has %u results", i->ndst);
      return;
   }
   if (i->op == ISA_ADDR || i->op == ISA_SREG || is_regrouped(i))
      return;
   /* A second result, the carry and setp's q are not counted as operands. */
   unsigned written = i->ndst ? 1 : 0;
   if (i->ndst && i->dst[0]->kind != IR_SINK)
      check_width(v, i, i->dst[0], 0);
   bool carry = i->op == ISA_ADDC || i->op == ISA_SUBC || i->op == ISA_MADC;
   for (unsigned k = 0; k + carry < i->nsrc; k++)
      check_width(v, i, i->src[k], written + k);
}

/* -- Dominance (Cooper, Harvey and Kennedy's iteration) */

static void
number_blocks(struct verifier *v)
{
   const struct ir_func *f = v->f;
   struct frame {
      struct ir_block *b;
      unsigned next;
   } *stack = base_calloc(f->block_count + 1, sizeof *stack);
   bool *seen = base_calloc(f->block_count, sizeof *seen);
   uint32_t depth = 0, at = f->block_count;
   stack[depth++] = (struct frame){f->first_block, 0};
   seen[f->first_block->id] = true;
   while (depth) {
      struct frame *top = &stack[depth - 1];
      struct ir_block **succs;
      unsigned n = ir_block_succs(top->b, &succs);
      if (top->next < n) {
         struct ir_block *s = succs[top->next++];
         if (!seen[s->id]) {
            seen[s->id] = true;
            stack[depth++] = (struct frame){s, 0};
         }
      } else {
         v->order[--at] = top->b;
         depth--;
      }
   }
   v->norder = f->block_count - at;
   memmove(v->order, v->order + at, v->norder * sizeof *v->order);
   for (uint32_t k = 0; k < f->block_count; k++)
      v->number[k] = UNREACHED;
   for (uint32_t k = 0; k < v->norder; k++)
      v->number[v->order[k]->id] = k;
   base_free(stack);
   base_free(seen);
}

static uint32_t
common_dominator(const struct verifier *v, uint32_t a, uint32_t b)
{
   while (a != b) {
      while (a > b)
         a = v->idom[a];
      while (b > a)
         b = v->idom[b];
   }
   return a;
}

static void
find_dominators(struct verifier *v)
{
   for (uint32_t k = 0; k < v->norder; k++)
      v->idom[k] = k ? UNREACHED : 0;
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t k = 1; k < v->norder; k++) {
         const struct ir_block *b = v->order[k];
         uint32_t dom = UNREACHED;
         for (size_t n = 0; n < b->preds.len; n++) {
            uint32_t p = v->number[b->preds.data[n]->id];
            if (p == UNREACHED || v->idom[p] == UNREACHED)
               continue;
            dom = dom == UNREACHED ? p : common_dominator(v, dom, p);
         }
         changed |= v->idom[k] != dom;
         v->idom[k] = dom;
      }
   }
}

static bool
dominates(const struct verifier *v, const struct ir_block *a, const struct ir_block *b)
{
   uint32_t na = v->number[a->id], nb = v->number[b->id];
   if (nb == UNREACHED)
      return true;
   if (na == UNREACHED)
      return false;
   while (nb > na)
      nb = v->idom[nb];
   return nb == na;
}

static void
check_use(struct verifier *v, const struct ir_inst *i, const struct ir_value *x,
          const struct ir_block *at, uint32_t place)
{
   if (x->kind != IR_INST)
      return;
   const struct ir_block *d = x->def->block;
   bool ok = d && d->func == v->f &&
             (d == at ? v->position[x->id] < place : dominates(v, d, at));
   if (!ok)
      complain(v, i, i->block, "uses %s (id %u) where it is not defined yet",
               x->name ? x->name : "a value", x->id);
}

static void
check_phi(struct verifier *v, const struct ir_inst *i)
{
   const struct ir_block *b = i->block;
   if (i->prev && i->prev->op != ISA_PHI)
      complain(v, i, b, "a phi behind other instructions");
   if (i->nsrc != b->preds.len) {
      complain(v, i, b, "%u sources for %zu predecessors", i->nsrc, b->preds.len);
      return;
   }
   for (unsigned k = 0; k < i->nsrc; k++)
      check_use(v, i, i->src[k], b->preds.data[k], UINT32_MAX);
}

static void
check_ssa(struct verifier *v)
{
   v->position = base_calloc(v->f->value_count, sizeof *v->position);
   ir_foreach_block (b, v->f) {
      uint32_t n = 0;
      ir_foreach_inst (i, b) {
         n++;
         for (unsigned k = 0; k < i->ndst; k++)
            v->position[i->dst[k]->id] = n;
      }
   }
   ir_foreach_block (b, v->f) {
      uint32_t n = 0;
      ir_foreach_inst (i, b) {
         n++;
         if (i->guard)
            complain(v, i, b, "a guard in SSA form");
         if (i->op == ISA_PHI) {
            check_phi(v, i);
            continue;
         }
         for (unsigned k = 0; k < i->nsrc; k++)
            check_use(v, i, i->src[k], b, n);
      }
   }
   base_free(v->position);
}

static void
check_preds(struct verifier *v)
{
   uint32_t *edges = base_calloc(v->f->block_count, sizeof *edges);
   ir_foreach_block (b, v->f) {
      struct ir_block **succs;
      unsigned n = ir_block_succs(b, &succs);
      for (unsigned k = 0; k < n; k++)
         edges[succs[k]->id]++;
   }
   ir_foreach_block (b, v->f) {
      if (edges[b->id] != b->preds.len)
         complain(v, NULL, b, "%zu predecessors listed, %u edges come in", b->preds.len,
                  edges[b->id]);
      for (size_t k = 0; k < b->preds.len; k++) {
         const struct ir_block *p = b->preds.data[k];
         if (p->id >= v->f->block_count || v->listed[p->id] != p)
            complain(v, NULL, b, "a predecessor is not a block of this function");
      }
   }
   base_free(edges);
}

static void
check_insts(struct verifier *v)
{
   ir_foreach_block (b, v->f) {
      ir_foreach_inst (i, b) {
         size_t before = v->d->errors;
         for (unsigned k = 0; k < i->ndst; k++)
            check_dest(v, i, i->dst[k]);
         for (unsigned k = 0; k < i->nsrc; k++)
            check_source(v, i, i->src[k]);
         if (i->guard)
            check_source(v, i, i->guard);
         check_targets(v, i);
         if (i->op == ISA_ADDR && (!i->sym || i->ndst != 1))
            complain(v, i, b, "no symbol, or not one result");
         if (i->op == ISA_CALL && !i->callee == !i->proto)
            complain(v, i, b, "neither a callee nor a prototype, or both");
         if (v->d->errors == before)
            check_widths(v, i);
      }
   }
}

bool
ir_verify_func(const struct ir_func *f, struct diag *d)
{
   size_t before = d->errors;
   struct verifier v = {.f = f, .d = d};
   v.values = base_calloc(f->value_count, sizeof *v.values);
   v.listed = base_calloc(f->block_count, sizeof *v.listed);
   v.order = base_calloc(f->block_count, sizeof *v.order);
   v.number = base_calloc(f->block_count, sizeof *v.number);
   v.idom = base_calloc(f->block_count, sizeof *v.idom);
   if (check_links(&v))
      check_insts(&v);
   if (d->errors == before)
      check_preds(&v);
   if (d->errors == before && f->ssa) {
      number_blocks(&v);
      find_dominators(&v);
      check_ssa(&v);
   }
   base_free(v.values);
   base_free(v.listed);
   base_free(v.order);
   base_free(v.number);
   base_free(v.idom);
   return d->errors == before;
}
