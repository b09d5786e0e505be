/* SPDX-License-Identifier: Apache-2.0
 * Makes iterations of a loop side by side (abreast.c): what the header's phis become is
 * asked for, and what that is made of is copied before it, once for each iteration. So
 * what belongs to one number that is carried round stands together. */
#include "pass/abreast.h"

/* -- Copies on demand. */
struct maker {
   const struct abreast *x;
   const struct body *y;
   struct ir_value **value; /* by iteration and id: what has been made of it */
   struct ir_block *to;
   bool passes; /* no condition holds */
};

static struct ir_inst *
append(struct maker *m, enum isa_op op, unsigned nsrc, enum isa_type t, enum ir_width w)
{
   struct ir_func *f = m->x->f;
   struct ir_inst *i = ir_inst_create(f, op, 1, nsrc);
   i->mods.type[0] = (uint8_t)t;
   i->dst[0] = ir_value_create(f, IR_INST, w, NULL);
   i->dst[0]->def = i;
   i->loc = m->y->loop->header->last->loc;
   ir_inst_append(m->to, i);
   return i;
}

static struct ir_value *
either(struct maker *m, struct ir_value *a, struct ir_value *b)
{
   if (!a)
      return b;
   struct ir_inst *i = append(m, ISA_OR, 2, ISA_PRED, IR_PRED);
   i->src[0] = a;
   i->src[1] = b;
   return i->dst[0];
}

static struct ir_value *
negated(struct maker *m, struct ir_value *c)
{
   struct ir_inst *i = append(m, ISA_NOT, 1, ISA_PRED, IR_PRED);
   i->src[0] = c;
   return i->dst[0];
}

static struct ir_value *get(struct maker *m, unsigned n, struct ir_value *v);

/* A phi behind a condition. */
static struct ir_value *
get_joined(struct maker *m, unsigned n, const struct ir_inst *phi)
{
   static const uint8_t types[] = {
      [IR_B16] = ISA_B16, [IR_B32] = ISA_B32, [IR_B64] = ISA_B64};
   struct abreast_joined j = abreast_joined_by(m->y, phi);
   const struct condition *c = j.c;
   struct ir_value *passed = get(m, n, j.passed);
   if (m->passes)
      return passed;
   struct ir_value *done = get(m, n, j.done);
   struct ir_value *when = get(m, n, c->from->last->src[0]);
   struct ir_inst *i = append(m, ISA_SELP, 3, types[phi->dst[0]->width],
                              (enum ir_width)phi->dst[0]->width);
   i->src[0] = c->when ? done : passed;
   i->src[1] = c->when ? passed : done;
   i->src[2] = when;
   return i->dst[0];
}

static void
copy(struct maker *m, unsigned n, const struct ir_inst *i)
{
   struct ir_func *f = m->x->f;
   struct ir_inst *c = ir_inst_copy(f, i);
   /* What is waited for longest comes last in most instructions, and is made first. */
   for (unsigned k = i->nsrc; k-- > 0;)
      c->src[k] = get(m, n, i->src[k]);
   for (unsigned k = 0; k < i->ndst; k++) {
      if (i->dst[k]->kind != IR_INST)
         continue;
      c->dst[k] = ir_value_create(f, IR_INST, (enum ir_width)i->dst[k]->width, NULL);
      c->dst[k]->def = c;
      m->value[n * m->x->nvalues + i->dst[k]->id] = c->dst[k];
   }
   ir_inst_append(m->to, c);
}

/* The loop's v as it is in iteration n of those that are made. */
static struct ir_value *
get(struct maker *m, unsigned n, struct ir_value *v)
{
   if (!abreast_is_of(m->x, m->y, v))
      return v;
   struct ir_value **has = &m->value[n * m->x->nvalues + v->id];
   if (*has)
      return *has;
   struct ir_inst *i = v->def;
   if (abreast_is_header_phi(m->y, i))
      *has = n ? get(m, n - 1, abreast_next_of(m->y, i)) : v;
   else if (i->op == ISA_PHI)
      *has = get_joined(m, n, i);
   else
      copy(m, n, i);
   return *has;
}

/* All that has been made is known to the other, too, which goes on by itself. */
static struct maker
fork_maker(const struct maker *m, struct ir_block *to, bool passes)
{
   struct maker o = {m->x, m->y, NULL, to, passes};
   size_t n = (size_t)m->y->n * m->x->nvalues;
   o.value = arena_array(m->x->a, struct ir_value *, n);
   for (size_t k = 0; k < n; k++)
      o.value[k] = m->value[k];
   return o;
}

/* -- Chains in step. */
static void
mark_chain(const struct abreast *x, const struct body *y, const struct ir_value *v,
           uint32_t mark)
{
   if (!abreast_is_of(x, y, v) || v->def->op == ISA_PHI || v->def->mark)
      return;
   v->def->mark = mark;
   for (unsigned k = 0; k < v->def->nsrc; k++)
      mark_chain(x, y, v->def->src[k], mark);
}

/* The chain's next instruction behind i, where block *b is. */
static struct ir_inst *
next_in_chain(const struct body *y, unsigned *b, struct ir_inst *i, uint32_t mark)
{
   i = i ? i->next : y->block[0]->first;
   for (;; i = i->next) {
      while (!i && ++*b < y->nblocks)
         i = y->block[*b]->first;
      if (!i || i->mark == mark)
         return i;
   }
}

static void
make_chains(struct maker *m)
{
   const struct body *y = m->y;
   struct ir_inst *at[ABREAST_MOST_ROOTS] = {NULL};
   unsigned block[ABREAST_MOST_ROOTS] = {0}, left = y->nroots;
   abreast_each_inst(i, y, k) i->mark = 0;
   for (unsigned r = 0; r < y->nroots; r++)
      mark_chain(m->x, y, y->root[r], r + 1);
   for (unsigned r = 0; r < y->nroots; r++)
      at[r] = next_in_chain(y, &block[r], NULL, r + 1);
   while (left) {
      left = 0;
      for (unsigned r = 0; r < y->nroots; r++) {
         if (!at[r])
            continue;
         for (unsigned n = 0; n < y->n; n++)
            get(m, n, at[r]->dst[0]);
         at[r] = next_in_chain(y, &block[r], at[r], r + 1);
         left += at[r] != NULL;
      }
   }
}

/* The same whatever conditions hold. */
static void
make_counters(struct maker *m)
{
   const struct body *y = m->y;
   struct ir_inst *p = y->loop->header->first;
   for (; p->op == ISA_PHI; p = p->next)
      if (y->is[p->dst[0]->id] & COUNTER)
         get(m, y->n - 1, abreast_next_of(y, p));
}

/* -- Ways in and out. */
static void
replace(struct ir_block **list, size_t n, const struct ir_block *from,
        struct ir_block *to)
{
   for (size_t k = 0; k < n; k++)
      if (list[k] == from)
         list[k] = to;
}

/* The header's own instructions, and its way on, become a block behind its phis. */
static void
split_header(struct ir_func *f, struct body *y)
{
   struct ir_block *h = y->loop->header, **succs;
   struct ir_inst *at = h->first;
   while (at->op == ISA_PHI)
      at = at->next;
   struct ir_block *rest = ir_block_split(h, at);
   unsigned n = ir_block_succs(rest, &succs);
   for (unsigned s = 0; s < n; s++)
      replace(succs[s]->preds.data, succs[s]->preds.len, h, rest);
   for (unsigned k = 0; k < y->nconds; k++)
      if (y->cond[k].from == h)
         y->cond[k].from = rest;
   y->block[0] = rest;
   if (y->exiting == h)
      y->exiting = rest;
}

/* A block of its own on the loop's way out, as others may lead where it does. */
static struct ir_block *
make_exit(struct ir_func *f, struct body *y)
{
   struct ir_block *out = ir_block_create(f, y->exiting);
   ir_inst_append(out, ir_bra(f, NULL, y->exit, NULL));
   replace(y->exiting->last->targets, 2, y->exit, out);
   replace(y->exit->preds.data, y->exit->preds.len, y->exiting, out);
   vec_push(&out->preds, y->exiting);
   return out;
}

static struct ir_value *
make_phi(struct ir_func *f, struct ir_block *b, struct ir_value *v0, struct ir_value *v1)
{
   if (v0 == v1)
      return v0;
   struct ir_inst *p = ir_inst_create(f, ISA_PHI, 1, 2);
   p->src[0] = v0;
   p->src[1] = v1;
   p->dst[0] = ir_value_create(f, IR_INST, (enum ir_width)v0->width, NULL);
   p->dst[0]->def = p;
   if (b->first)
      ir_inst_insert_before(b->first, p);
   else
      ir_inst_append(b, p);
   return p->dst[0];
}

/* Whether so many iterations are left, or all, where the last one does not end them. */
static void
choose_way(struct maker *m, struct ir_block *many)
{
   const struct body *y = m->y;
   struct ir_value *leaves = NULL;
   unsigned n = abreast_exits_last(y) ? y->n - 1 : y->n;
   for (unsigned k = 0; k < n && !y->evenly; k++) {
      struct ir_value *c = get(m, k, y->exiting->last->src[0]);
      leaves = either(m, leaves, y->exits_when ? c : negated(m, c));
   }
   if (leaves)
      ir_block_branch(m->x->f, m->to, leaves, y->block[0], many);
   else
      ir_block_branch(m->x->f, m->to, NULL, many, NULL);
}

/* Whether any lane does what is under a condition, if none has before. */
static struct ir_value *
make_test(struct maker *m)
{
   struct ir_value *any = NULL;
   for (unsigned n = 0; n < m->y->n; n++)
      for (unsigned k = 0; k < m->y->nconds; k++) {
         const struct condition *c = &m->y->cond[k];
         struct ir_value *v = get(m, n, c->from->last->src[0]);
         any = either(m, any, c->when ? v : negated(m, v));
      }
   struct ir_inst *vote = append(m, ISA_VOTE, 1, ISA_PRED, IR_PRED);
   vote->mods.mode = ISA_MODE_ANY;
   vote->src[0] = any;
   return vote->dst[0];
}

/* Both ways through the iterations, and where they meet. */
struct made {
   struct maker pass, all; /* all: where there are conditions */
   struct ir_block *end;
   struct ir_value **last; /* by id: behind the last of the iterations */
};

static struct ir_value *
get_last(struct made *w, struct ir_value *v)
{
   const struct body *y = w->pass.y;
   if (!abreast_is_of(w->pass.x, y, v))
      return v;
   struct ir_value **has = &w->last[v->id];
   if (*has)
      return *has;
   *has = get(&w->pass, y->n - 1, v);
   if (y->nconds)
      *has = make_phi(w->pass.x->f, w->end, *has, get(&w->all, y->n - 1, v));
   return *has;
}

/* The header's phis take what comes round either way; until all is made, they say what an
 * iteration makes of them. */
static void
close_loop(struct made *w, struct ir_block *back)
{
   const struct body *y = w->pass.y;
   struct ir_block *h = y->loop->header;
   for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next)
      get_last(w, abreast_next_of(y, p));
   for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next) {
      struct ir_value *next = abreast_next_of(y, p), *v = get_last(w, next);
      if (!y->evenly)
         v = make_phi(w->pass.x->f, back, next, v);
      p->src[h->preds.data[0] == y->loop->latch ? 0 : 1] = v;
   }
}

typedef VEC(struct ir_value **) operands;

/* Operands outside of the loop that are values of it. */
static void
find_readers(const struct abreast *x, const struct body *y, operands *to)
{
   ir_foreach_block (b, x->f) {
      if (b->id < x->g->n && loop_has(y->loop, b))
         continue;
      ir_foreach_inst (i, b)
         for (unsigned k = 0; k < i->nsrc; k++)
            if (abreast_is_of(x, y, i->src[k]))
               vec_push(to, &i->src[k]);
   }
}

static void
lead_out(struct made *w, struct ir_block *out, const operands *readers)
{
   const struct abreast *x = w->pass.x;
   bool evenly = w->pass.y->evenly;
   struct ir_value **through = arena_array(x->a, struct ir_value *, x->nvalues);
   for (size_t k = 0; k < readers->len; k++) {
      struct ir_value **r = readers->data[k], **to = &through[(*r)->id];
      if (!*to)
         *to = evenly ? get_last(w, *r) : make_phi(x->f, out, *r, get_last(w, *r));
      *r = *to;
   }
}

/* All iterations, single ones too, go back by a latch that does nothing else. */
static void
lead_back(struct ir_func *f, const struct body *y, struct ir_block *back)
{
   struct ir_block *h = y->loop->header, *latch = y->loop->latch;
   replace(latch->last->targets, latch->last->ntargets, h, back);
   replace(h->preds.data, 2, latch, back);
   vec_push(&back->preds, latch);
   ir_inst_append(back, ir_bra(f, NULL, h, NULL));
}

/* Nobody comes to single iterations any more. */
static void
remove_single(struct body *y, struct ir_block *back, struct ir_block *out)
{
   vec_clear(&back->preds);
   vec_clear(&out->preds);
   for (unsigned k = 0; k < y->nblocks; k++)
      ir_block_remove(y->block[k]);
   for (unsigned k = 0; k < y->nconds; k++) {
      ir_block_remove(y->cond[k].then);
      if (y->cond[k].other)
         ir_block_remove(y->cond[k].other);
   }
}

void
abreast_make(const struct abreast *x, struct body *y)
{
   struct ir_func *f = x->f;
   struct ir_block *back = ir_block_create(f, y->loop->latch), *out = NULL;
   operands readers = {0};
   find_readers(x, y, &readers);
   split_header(f, y);
   if (abreast_exits_last(y))
      out = make_exit(f, y);
   struct ir_block *many = ir_block_create(f, y->loop->header);
   struct maker m = {.x = x, .y = y, .to = y->loop->header, .passes = true};
   m.value = arena_array(x->a, struct ir_value *, (size_t)y->n * x->nvalues);
   choose_way(&m, many);
   m.to = many;
   make_chains(&m);
   make_counters(&m);
   struct ir_value *leaves = out ? get(&m, y->n - 1, y->exiting->last->src[0]) : NULL;
   struct made w = {.pass = m, .end = many};
   w.last = arena_array(x->a, struct ir_value *, x->nvalues);
   if (y->nconds) {
      w.pass = fork_maker(&m, many, true);
      struct ir_value *any = make_test(&w.pass);
      w.pass.to = ir_block_create(f, many);
      w.all = fork_maker(&m, ir_block_create(f, w.pass.to), false);
      w.end = ir_block_create(f, w.all.to);
      ir_block_branch(f, many, any, w.all.to, w.pass.to);
   }
   if (out)
      lead_out(&w, out, &readers);
   close_loop(&w, back);
   lead_back(f, y, back);
   if (y->evenly)
      remove_single(y, back, out);
   if (y->nconds) {
      ir_block_branch(f, w.pass.to, NULL, w.end, NULL);
      ir_block_branch(f, w.all.to, NULL, w.end, NULL);
   }
   if (!leaves)
      ir_block_branch(f, w.end, NULL, back, NULL);
   else if (y->exits_when)
      ir_block_branch(f, w.end, leaves, out, back);
   else
      ir_block_branch(f, w.end, leaves, back, out);
   vec_finish(&readers);
}
