/* SPDX-License-Identifier: Apache-2.0
 * Blocks and the edges between them; numbering; replacing values. */
#include "ir.h"

bool
ir_inst_is_terminator(const struct ir_inst *i)
{
   return i->op == ISA_BRA || i->op == ISA_BRX || i->op == ISA_RET || i->op == ISA_EXIT ||
          i->op == ISA_TRAP;
}

bool
ir_inst_is_barrier(const struct ir_inst *i)
{
   return i->op == ISA_BAR || i->op == ISA_BARRIER;
}

bool
ir_inst_is_access(const struct ir_inst *i)
{
   return i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST || i->op == ISA_ATOM ||
          i->op == ISA_RED;
}

bool
ir_inst_is_pure(const struct ir_inst *i)
{
   return i->op >= ISA_PHI || isa_op_info(i->op)->effects == ISA_PURE;
}

bool
ir_inst_is_int(const struct ir_inst *i)
{
   unsigned t = i->mods.type[0];
   return t && !isa_type_is_float(t) && t != ISA_U16X2 && t != ISA_S16X2 &&
          !(i->mods.flags & (ISA_CC | ISA_SAT));
}

unsigned
ir_block_succs(const struct ir_block *b, struct ir_block ***succs)
{
   const struct ir_inst *t = b->last;
   if (!t || (t->op != ISA_BRA && t->op != ISA_BRX)) {
      *succs = NULL;
      return 0;
   }
   *succs = t->targets;
   return t->ntargets;
}

void
ir_func_rebuild_preds(struct ir_func *f)
{
   ir_foreach_block (b, f)
      vec_clear(&b->preds);
   ir_foreach_block (b, f) {
      struct ir_block **succs;
      unsigned n = ir_block_succs(b, &succs);
      for (unsigned s = 0; s < n; s++)
         vec_push(&succs[s]->preds, b);
   }
}

void
ir_block_remove(struct ir_block *b)
{
   struct ir_func *f = b->func;
   if (b->prev)
      b->prev->next = b->next;
   else
      f->first_block = b->next;
   if (b->next)
      b->next->prev = b->prev;
   else
      f->last_block = b->prev;
   vec_finish(&b->preds);
   b->first = b->last = NULL;
   b->func = NULL;
}

struct ir_block *
ir_block_split(struct ir_block *b, struct ir_inst *at)
{
   struct ir_block *rest = ir_block_create(b->func, b);
   rest->first = at;
   rest->last = at ? b->last : NULL;
   b->last = at ? at->prev : b->last;
   if (!at)
      return rest;
   if (at->prev)
      at->prev->next = NULL;
   else
      b->first = NULL;
   at->prev = NULL;
   ir_foreach_inst (i, rest)
      i->block = rest;
   return rest;
}

static void
retarget(struct ir_block *from, struct ir_block *old, struct ir_block *to)
{
   struct ir_inst *t = from->last;
   for (uint32_t k = 0; k < t->ntargets; k++)
      if (t->targets[k] == old)
         t->targets[k] = to;
}

struct ir_block *
ir_block_merge_preds(struct ir_func *f, struct ir_block *h, const bool *take)
{
   struct ir_block *n = ir_block_create(f, h->prev);
   size_t count = h->preds.len, taken = 0;
   for (size_t k = 0; k < count; k++)
      taken += take[k];
   for (struct ir_inst *p = h->first; p && p->op == ISA_PHI; p = p->next) {
      struct ir_inst *q = ir_inst_create(f, ISA_PHI, 1, (unsigned)taken);
      unsigned a = 0, kept = 0;
      for (size_t k = 0; k < count; k++)
         if (take[k])
            q->src[a++] = p->src[k];
         else
            p->src[kept++] = p->src[k];
      struct ir_value *v = q->src[0];
      if (taken > 1) {
         v = q->dst[0] = ir_value_create(f, IR_INST, p->dst[0]->width, NULL);
         v->def = q;
         ir_inst_append(n, q);
      }
      /* The new edge fits in: at least one source was taken away. */
      p->src[kept] = v;
      p->nsrc = (uint16_t)(kept + 1);
   }
   size_t kept = 0;
   for (size_t k = 0; k < count; k++) {
      struct ir_block *p = h->preds.data[k];
      if (take[k]) {
         vec_push(&n->preds, p);
         retarget(p, h, n);
      } else {
         h->preds.data[kept++] = p;
      }
   }
   h->preds.len = kept;
   vec_push(&h->preds, n);
   ir_inst_append(n, ir_bra(f, NULL, h, NULL));
   return n;
}

#define UNNUMBERED UINT32_MAX

static void
forget_number(struct ir_value *v)
{
   if (v)
      v->id = UNNUMBERED;
}

static void
give_number(struct ir_func *f, struct ir_value *v)
{
   if (v && v->id == UNNUMBERED)
      v->id = f->value_count++;
}

/* Interned constants keep a number even when unused: a pass may ask for them again. */
static void
each_value(struct ir_func *f, bool number)
{
#define VISIT(v)                                                                         \
   do {                                                                                  \
      if (number)                                                                        \
         give_number(f, (v));                                                            \
      else                                                                               \
         forget_number(v);                                                               \
   } while (0)
   for (uint32_t a = 0; a < f->nargs; a++)
      VISIT(f->args[a]);
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            VISIT(i->dst[k]);
         for (unsigned k = 0; k < i->nsrc; k++)
            VISIT(i->src[k]);
         VISIT(i->guard);
      }
   }
   for (size_t k = 0; k < map_slots(f->consts); k++)
      VISIT((struct ir_value *)map_at(f->consts, k, NULL));
#undef VISIT
}

void
ir_func_renumber(struct ir_func *f)
{
   f->block_count = 0;
   ir_foreach_block (b, f)
      b->id = f->block_count++;
   each_value(f, false);
   f->value_count = 0;
   each_value(f, true);
}

static struct ir_value *
final(struct ir_value *v)
{
   while (v && v->repl)
      v = v->repl;
   return v;
}

/* Following long chains over and over would be quadratic: point each link at the end. */
static struct ir_value *
final_compressed(struct ir_value *v)
{
   struct ir_value *end = final(v);
   while (v != end) {
      struct ir_value *next = v->repl;
      v->repl = end;
      v = next;
   }
   return end;
}

static void
clear_repl(struct ir_value *v)
{
   if (v)
      v->repl = NULL;
}

void
ir_func_apply_repl(struct ir_func *f)
{
   VEC(struct ir_value *) replaced = {0};
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->nsrc; k++) {
            if (i->src[k] && i->src[k]->repl) {
               vec_push(&replaced, i->src[k]);
               i->src[k] = final_compressed(i->src[k]);
            }
         }
         if (i->guard && i->guard->repl) {
            vec_push(&replaced, i->guard);
            i->guard = final_compressed(i->guard);
         }
      }
   }
   for (size_t k = 0; k < replaced.len; k++)
      clear_repl(replaced.data[k]);
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            clear_repl(i->dst[k]);
      }
   }
   vec_finish(&replaced);
}
