/* SPDX-License-Identifier: Apache-2.0
 * Loops that lanes leave at a bound of their own (`for (i = tid; i < n; i += stride)`):
 * nearly all iterations are ones in which all lanes stay. Such a loop is copied; the copy
 * goes round as long as all lanes agree to, which for most conditions the first and the
 * last lane tell (agree.c), and so needs no masks. The first iteration in which some lane
 * leaves goes on in the loop as it was. */
#include "back/simd/emit.h"
#include "pass/pass.h"

#define MOST_INSTS 256 /* of a loop that is copied */

struct peel {
   struct loop *l;
   struct ir_block *exiting, *stay; /* in l; exiting ends in the only branch out of it */
   /* The loop stands behind a test of its own: guard branches to way, which goes there.
    * Else NULL. */
   struct ir_block *guard, *way;
};

struct finder {
   const struct cfg *g;
   const struct lanes *l;
};

/* -- Which loops. */
static bool
may_be_copied(const struct ir_inst *i)
{
   return isa_op_info(i->op)->reach == ISA_LANE && i->op != ISA_CALL &&
          i->op != ISA_NANOSLEEP;
}

/* The first and the last lane tell whether all lanes agree on where b branches to. */
static bool
is_told(const struct finder *s, const struct ir_block *b)
{
   const struct ir_inst *t = b->last;
   if (t->op != ISA_BRA || t->ntargets != 2 || !s->l->divergent_branch[b->id] ||
       t->src[0]->kind != IR_INST)
      return false;
   const struct ir_inst *c = t->src[0]->def;
   if (c->op != ISA_SETP || c->nsrc != 2 || c->block != b || c->dst[1]->kind != IR_SINK ||
       isa_type_is_float(c->mods.type[0]) || c->mods.cmp == ISA_EQ ||
       c->mods.cmp == ISA_NE)
      return false;
   struct shape x = lanes_shape_at(s->l, s->g, c->src[0], b);
   struct shape y = lanes_shape_at(s->l, s->g, c->src[1], b);
   return (x.kind == SHAPE_OFFSETS && !x.unit && y.kind == SHAPE_UNIFORM) ||
          (y.kind == SHAPE_OFFSETS && !y.unit && x.kind == SHAPE_UNIFORM);
}

/* The only block of the loop that is left for others, and what stays behind it. */
static bool
find_exit(const struct finder *s, struct peel *p)
{
   size_t n = 0;
   for (uint32_t o = 0; o < s->g->nrpo; o++) {
      struct ir_block *b = s->g->rpo[o], **to;
      if (!loop_has(p->l, b))
         continue;
      ir_foreach_inst (i, b)
         if (++n > MOST_INSTS || !may_be_copied(i))
            return false;
      unsigned ns = ir_block_succs(b, &to);
      for (unsigned k = 0; k < ns; k++) {
         if (loop_has(p->l, to[k]))
            continue;
         if (p->exiting || ns != 2)
            return false;
         p->exiting = b;
         p->stay = to[1 - k];
      }
   }
   return p->exiting && loop_has(p->l, p->stay) && is_told(s, p->exiting);
}

static bool
does_nothing(const struct ir_block *b)
{
   return b->first == b->last && b->last->op == ISA_BRA && b->last->ntargets == 1;
}

static bool
find_guard(const struct finder *s, struct peel *p)
{
   struct ir_block *h = p->l->header, *way = NULL;
   for (size_t k = 0; k < h->preds.len; k++) {
      if (loop_has(p->l, h->preds.data[k]))
         continue;
      if (way)
         return false;
      way = h->preds.data[k];
   }
   if (!way || !s->l->masked[way->id])
      return way != NULL;
   ir_foreach_inst (i, way)
      if (!may_be_copied(i) || i->op == ISA_PHI)
         return false;
   /* The loop is entered at its header behind the guard, so not behind the exit too. */
   if (way->preds.len != 1 || way->last->ntargets != 1 ||
       !(p->stay == h || (does_nothing(p->stay) && p->stay == p->l->latch)))
      return false;
   p->guard = way->preds.data[0];
   p->way = way;
   return !s->l->masked[p->guard->id] && is_told(s, p->guard);
}

static bool
find_peel(const struct finder *s, struct loop *l, struct peel *p)
{
   *p = (struct peel){.l = l};
   return l->divergent && !l->polls && l->latch && find_exit(s, p) && find_guard(s, p);
}

/* -- Copying, in register form. */
static void
copy_inst(struct ir_func *f, struct ir_block *to, const struct ir_inst *i)
{
   struct ir_inst *n = ir_inst_copy(f, i);
   for (uint32_t k = 0; k < i->ntargets; k++)
      if (i->targets[k]->scratch)
         n->targets[k] = i->targets[k]->scratch;
   ir_inst_append(to, n);
}

static void
copy_block(struct ir_func *f, struct ir_block *b)
{
   ir_foreach_inst (i, b)
      copy_inst(f, b->scratch, i);
}

static struct ir_value *
append_predicate(struct ir_func *f, struct ir_block *b, enum isa_op op, unsigned mode,
                 struct ir_value *src)
{
   struct ir_inst *i = ir_inst_create(f, op, 1, 1);
   i->mods.type[0] = ISA_PRED;
   i->mods.mode = (uint8_t)mode;
   i->dst[0] = ir_value_create(f, IR_REG, IR_PRED, NULL);
   i->src[0] = src;
   i->loc = b->last ? b->last->loc : f->loc;
   ir_inst_append(b, i);
   return i->dst[0];
}

/* b, which ends in a branch, goes to `agreed` where all lanes would go to `to`, and else
 * branches as before, in a block of its own that is returned; `may_be_none`: where no
 * lane would go there, all go to the other target at once. */
static struct ir_block *
ask_all(struct ir_func *f, struct ir_block *b, const struct ir_block *to,
        struct ir_block *agreed, bool may_be_none)
{
   struct ir_inst *t = b->last;
   struct ir_block *each = ir_block_create(f, b),
                   *other = t->targets[t->targets[0] == to];
   bool wanted = (t->targets[0] == to) != t->guard_negated;
   struct ir_value *c = t->guard;
   ir_inst_remove(t);
   ir_inst_append(each, t);
   if (!wanted)
      c = append_predicate(f, b, ISA_NOT, 0, c);
   struct ir_value *all = append_predicate(f, b, ISA_VOTE, ISA_MODE_ALL, c);
   struct ir_block *some = each;
   if (may_be_none) {
      struct ir_value *any = append_predicate(f, b, ISA_VOTE, ISA_MODE_ANY, c);
      some = ir_block_create(f, b);
      ir_inst_append(some, ir_bra(f, any, each, other));
   }
   ir_inst_append(b, ir_bra(f, all, agreed, some));
   return each;
}

static void
retarget(struct ir_block *b, const struct ir_block *from, struct ir_block *to)
{
   for (uint32_t k = 0; k < b->last->ntargets; k++)
      if (b->last->targets[k] == from)
         b->last->targets[k] = to;
}

static void
peel(struct ir_func *f, const struct cfg *g, const struct peel *p)
{
   struct ir_block *h = p->l->header;
   for (uint32_t o = 0; o < g->nrpo; o++) {
      struct ir_block *b = g->rpo[o];
      b->scratch = b == p->way || loop_has(p->l, b) ? ir_block_create(f, NULL) : NULL;
   }
   for (uint32_t o = 0; o < g->nrpo; o++)
      if (g->rpo[o]->scratch)
         copy_block(f, g->rpo[o]);
   struct ir_block *again = p->stay->scratch, *exiting = p->exiting->scratch;
   struct ir_block *each = ask_all(f, exiting, again, again, true), *into = p->stay;
   if (into == p->l->latch && into != h) { /* and what the header's phis are now */
      into = ir_block_create(f, each);
      ir_foreach_inst (i, p->stay)
         copy_inst(f, into, i);
      retarget(into, h->scratch, h);
   }
   retarget(each, again, into);
   if (p->guard)
      ask_all(f, p->guard, p->way, p->way->scratch, false);
   for (size_t k = 0; !p->guard && k < h->preds.len; k++)
      if (!loop_has(p->l, h->preds.data[k]))
         retarget(h->preds.data[k], h, h->scratch);
   for (uint32_t o = 0; o < g->nrpo; o++)
      g->rpo[o]->scratch = NULL;
}

bool
emit_take_agreed(struct ir_func *f, const struct cfg *g, const struct lanes *l,
                 struct diag *d)
{
   struct finder s = {g, l};
   struct peel p[8];
   unsigned n = 0;
   struct bitset taken = bitset_new(l->arena, g->n);
   if (g->irreducible)
      return false;
   for (size_t k = g->loops.len; k-- > 0 && n < ARRAY_LEN(p);) {
      struct loop *lp = g->loops.data[k];
      bool free =
         find_peel(&s, lp, &p[n]) && !(p[n].guard && bitset_has(&taken, p[n].guard->id));
      for (uint32_t b = 0; free && b < g->n; b++)
         free = !(bitset_has(&lp->blocks, b) && bitset_has(&taken, b));
      if (!free)
         continue;
      bitset_union(&taken, &lp->blocks);
      n++;
   }
   if (!n || !pass_run_named(f, "registers", NULL, d))
      return false;
   for (unsigned k = 0; k < n; k++)
      peel(f, g, &p[k]);
   ir_func_rebuild_preds(f);
   ir_func_renumber(f);
   pass_run_named(f, "ssa", NULL, d);
   pass_run_named(f, "simplify", NULL, d);
   pass_run_named(f, "canon", NULL, d);
   return true;
}
