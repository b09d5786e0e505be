/* SPDX-License-Identifier: Apache-2.0
 * Joins that compilers make of alike ends of branches, undone where lanes known to be
 * different ones meet: a tile's left and right border are loaded by different lanes, and
 * each has an address that is known better than the one a phi makes of both. */
#include "back/simd/emit.h"

#define MOST_INSTS 24 /* of a join that is copied */
#define MOST_WAYS 4

static bool
may_be_copied(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_PHI:
   case ISA_LD:
   case ISA_ST:
      return true;
   default:
      return i->op < ISA_PHI && isa_op_info(i->op)->effects == ISA_PURE;
   }
}

static bool
is_in(const struct ir_block *b, const struct ir_value *v)
{
   return v->kind == IR_INST && v->def->block == b;
}

/* The only successor: what is made in b is read in b, or by the phis there. */
static bool
keeps_to_itself(const struct ir_func *f, const struct ir_block *b)
{
   const struct ir_block *to = b->last->targets[0];
   ir_foreach_block (o, f) {
      ir_foreach_inst (i, o) {
         for (unsigned k = 0; k < i->nsrc && o != b; k++)
            if (is_in(b, i->src[k]) &&
                (o != to || i->op != ISA_PHI || o->preds.data[k] != b))
               return false;
      }
   }
   return true;
}

/* An access goes where a phi says. */
static bool
mixes_addresses(struct ir_block *b, const struct lanes *l)
{
   bool mixes = false;
   ir_foreach_inst (i, b) {
      i->mark = i->op == ISA_PHI && l->shape[i->dst[0]->id].kind == SHAPE_VARYING;
      if (i->op == ISA_LD || i->op == ISA_ST)
         mixes |= is_in(b, i->src[0]) && i->src[0]->def->mark;
      else
         for (unsigned k = 0; k < i->nsrc && i->op != ISA_PHI; k++)
            i->mark |= is_in(b, i->src[k]) && i->src[k]->def->mark;
   }
   return mixes;
}

static bool
is_join(const struct ir_func *f, const struct cfg *g, const struct lanes *l,
        struct ir_block *b)
{
   uint32_t seen = 0, n = 0;
   const struct loop *lp = g->loop[b->id];
   if (!l->masked[b->id] || b->preds.len < 2 || b->preds.len > MOST_WAYS ||
       b->last->op != ISA_BRA || b->last->ntargets != 1 ||
       (lp && (lp->header == b || lp->latch == b)))
      return false;
   for (size_t k = 0; k < b->preds.len; k++) {
      const struct ir_block *p = b->preds.data[k];
      if (p->id >= g->n || (seen & l->here[p->id]))
         return false;
      seen |= l->here[p->id];
   }
   for (const struct ir_inst *i = b->first; i != b->last; i = i->next)
      if (++n > MOST_INSTS || !may_be_copied(i))
         return false;
   return mixes_addresses(b, l) && keeps_to_itself(f, b);
}

static struct ir_value *
copied(struct ir_value *const *as, struct ir_value *v, const struct ir_block *b)
{
   return is_in(b, v) ? as[v->id] : v;
}

static void
copy_inst(struct ir_func *f, struct ir_block *to, const struct ir_inst *i,
          struct ir_value **as)
{
   struct ir_inst *n = ir_inst_copy(f, i);
   for (unsigned k = 0; k < i->nsrc; k++)
      n->src[k] = copied(as, i->src[k], i->block);
   for (unsigned k = 0; k < i->ndst; k++) {
      struct ir_value *v = i->dst[k];
      if (v->kind != IR_INST)
         continue;
      n->dst[k] = as[v->id] = ir_value_create(f, IR_INST, v->width, NULL);
      n->dst[k]->def = n;
   }
   ir_inst_append(to, n);
}

/* What phis of s take from b, they take from its copy n too. */
static void
add_way(struct ir_func *f, struct ir_block *s, const struct ir_block *b,
        struct ir_block *n, struct ir_value **as)
{
   size_t at = 0;
   while (s->preds.data[at] != b)
      at++;
   for (struct ir_inst *p = s->first; p && p->op == ISA_PHI; p = p->next) {
      struct ir_value **src = arena_array(f->arena, struct ir_value *, p->nsrc + 1u);
      for (unsigned k = 0; k < p->nsrc; k++)
         src[k] = p->src[k];
      src[p->nsrc++] = copied(as, p->src[at], b);
      p->src = src;
   }
   vec_push(&s->preds, n);
}

static void
split(struct ir_func *f, struct ir_block *b, struct ir_value **as)
{
   for (size_t k = 1; k < b->preds.len; k++) {
      struct ir_block *n = ir_block_create(f, b), *from = b->preds.data[k];
      for (const struct ir_inst *i = b->first; i != b->last; i = i->next)
         if (i->op == ISA_PHI)
            as[i->dst[0]->id] = i->src[k];
         else
            copy_inst(f, n, i, as);
      ir_inst_append(n, ir_bra(f, NULL, b->last->targets[0], NULL));
      add_way(f, b->last->targets[0], b, n, as);
      for (uint32_t t = 0; t < from->last->ntargets; t++)
         if (from->last->targets[t] == b)
            from->last->targets[t] = n;
      vec_push(&n->preds, from);
   }
   b->preds.len = 1;
   for (struct ir_inst *p = b->first, *next; p->op == ISA_PHI; p = next) {
      next = p->next;
      p->dst[0]->repl = p->src[0];
      ir_inst_remove(p);
   }
}

bool
emit_split_joins(struct ir_func *f, const struct cfg *g, const struct lanes *l,
                 struct arena *a)
{
   struct ir_value **as = NULL;
   for (uint32_t o = 0; l->here && o < g->nrpo; o++) {
      if (!is_join(f, g, l, g->rpo[o]))
         continue;
      if (!as)
         as = arena_array(a, struct ir_value *, f->value_count);
      split(f, g->rpo[o], as);
   }
   if (as) {
      ir_func_apply_repl(f);
      ir_func_renumber(f);
   }
   return as;
}
