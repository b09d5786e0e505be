/* SPDX-License-Identifier: Apache-2.0
 * Iterations of a loop side by side. Where each iteration begins with a long chain of
 * operations that no other one waits for, as a dot product of what a thread holds, the
 * chains of some iterations are computed in step, as one alone keeps no processor busy.
 * What follows, and does wait, is then done for all of these iterations at a time: what a
 * thread carries round is fetched and put back once for all of them, which counts where
 * it is more than there are registers. Each value is computed by the same operations.
 *
 * What is done under a condition (`if (s > top)`) is most often done by no lane. So the
 * conditions are asked first, as if it never were; where one lane does it after all, the
 * iterations are computed with selections in place of branches. */
#include "isa/isa_eval.h"
#include "pass/abreast.h"
#include "pass/pass.h"

#define MOST_INSTS 2000  /* of all iterations that are side by side */
#define MOST_VALUES 2000 /* of a kernel that is worth it */
#define MOST_TRIPS 4096  /* that are counted */
/* Steps of a chain that is worth it: of shorter ones processors have several under way.
 */
#define LONG_CHAIN 16

/* -- What a body is made of. */
static bool
is_pure(const struct ir_inst *i)
{
   return i->op != ISA_PHI && ir_inst_is_pure(i);
}

/* The loop may read in any order: there is nothing in it that writes, or waits. */
static bool
may_move(const struct ir_inst *i)
{
   return is_pure(i) || (i->op == ISA_LD && i->mods.sem == ISA_WEAK);
}

static bool
all_pure(const struct ir_block *b)
{
   for (const struct ir_inst *i = b->first; i != b->last; i = i->next)
      if (!is_pure(i))
         return false;
   return true;
}

static bool
has_one_pred(const struct ir_block *b)
{
   return b->preds.len == 1;
}

static unsigned
count_insts(const struct ir_block *b)
{
   unsigned n = 0;
   ir_foreach_inst (i, b)
      n += i->op != ISA_PHI;
   return n;
}

/* b does nothing that can be seen, is entered once and left for one block; NULL: else. */
static struct ir_block *
passed_through(const struct ir_block *b)
{
   bool only = b->preds.len == 1 && b->last->op == ISA_BRA && b->last->ntargets == 1;
   return only && all_pure(b) ? b->last->targets[0] : NULL;
}

/* Whether b's branch is one around a block, or between two. */
static bool
is_condition(const struct ir_block *b, struct condition *c)
{
   struct ir_block *to[2] = {b->last->targets[0], b->last->targets[1]};
   struct ir_block *on[2] = {passed_through(to[0]), passed_through(to[1])};
   /* What takes longer is hoped to be rare. */
   unsigned then = !on[0] || (on[1] && count_insts(to[0]) < count_insts(to[1]));
   *c = (struct condition){.from = b, .then = to[then], .when = then == 0};
   c->join = on[then];
   if (on[1 - then] && on[0] == on[1])
      c->other = to[1 - then];
   return c->join && c->join->preds.len == 2 && (c->other || to[1 - then] == c->join);
}

/* Phis of others than the header become selections, of what a selection can take. */
static bool
may_be_made(const struct body *y, const struct ir_inst *i)
{
   if (i->op != ISA_PHI)
      return may_move(i);
   enum ir_width w = (enum ir_width)i->dst[0]->width;
   return i->block == y->loop->header || w == IR_B16 || w == IR_B32 || w == IR_B64;
}

static bool
all_may_be_made(const struct body *y, const struct ir_block *b)
{
   for (const struct ir_inst *i = b->first; i != b->last; i = i->next)
      if (!may_be_made(y, i))
         return false;
   return true;
}

/* The block that each iteration goes on in behind b; NULL: not known. */
static struct ir_block *
follow(struct body *y, const struct ir_block *b)
{
   const struct ir_inst *t = b->last;
   if (t->op != ISA_BRA)
      return NULL;
   if (t->ntargets == 1)
      return t->targets[0];
   for (unsigned k = 0; k < 2; k++)
      if (!loop_has(y->loop, t->targets[k])) {
         bool first = !y->exiting;
         y->exiting = (struct ir_block *)b;
         y->exit = t->targets[k];
         y->exits_when = k == 0;
         return first ? t->targets[1 - k] : NULL;
      }
   struct condition *c = &y->cond[y->nconds];
   if (y->nconds == ABREAST_MOST_CONDITIONS || !is_condition(b, c))
      return NULL;
   y->insts += count_insts(c->then) + (c->other ? count_insts(c->other) : 0);
   y->nconds++;
   return c->join;
}

static bool
find_blocks(const struct abreast *x, struct body *y, const struct loop *l)
{
   *y = (struct body){.loop = l};
   if (!l->latch || l->header->preds.len != 2 || l->divergent || l->polls ||
       !loop_is_innermost(x->g, l))
      return false;
   y->block = arena_array(x->a, struct ir_block *, x->g->n);
   struct ir_block *b = l->header;
   do {
      if (!all_may_be_made(y, b))
         return false;
      y->block[y->nblocks++] = b;
      y->insts += count_insts(b);
      unsigned nconds = y->nconds;
      b = follow(y, b);
      if (!b || (b != l->header && y->nconds == nconds && !has_one_pred(b)))
         return false;
   } while (b != l->header);
   return y->exiting && y->exiting != l->latch;
}

/* -- What its values are made of. */
static struct ir_value *
first_of(const struct body *y, const struct ir_inst *phi)
{
   return phi->src[phi->block->preds.data[0] == y->loop->latch ? 1 : 0];
}

#define MOST_DEPTH 6 /* of a counter */

static bool
is_counted(const struct abreast *x, const struct body *y, const struct ir_value *v,
           unsigned depth)
{
   if (!abreast_is_of(x, y, v))
      return true;
   if (v->def->op == ISA_PHI)
      return y->is[v->id] & COUNTER;
   if (!depth || !is_pure(v->def))
      return false;
   for (unsigned k = 0; k < v->def->nsrc; k++)
      if (!is_counted(x, y, v->def->src[k], depth - 1))
         return false;
   return true;
}

/* Optimistic: what is found to be none makes others none. */
static void
find_counters(const struct abreast *x, struct body *y)
{
   struct ir_block *h = y->loop->header;
   for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next)
      if (x->l->shape[p->dst[0]->id].kind != SHAPE_VARYING)
         y->is[p->dst[0]->id] |= COUNTER;
   for (bool changed = true; changed;) {
      changed = false;
      for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next)
         if ((y->is[p->dst[0]->id] & COUNTER) &&
             !is_counted(x, y, abreast_next_of(y, p), MOST_DEPTH)) {
            y->is[p->dst[0]->id] &= (uint8_t)~COUNTER;
            changed = true;
         }
   }
}

/* An operation that others wait for some cycles for. */
static bool
takes_time(const struct abreast *x, const struct ir_inst *i)
{
   return is_pure(i) && isa_type_is_float(i->mods.type[0]) && i->op != ISA_MOV &&
          x->l->shape[i->dst[0]->id].kind == SHAPE_VARYING;
}

static void
find_early(const struct abreast *x, struct body *y, struct ir_inst *i)
{
   uint32_t chain = 0;
   bool early = i->ndst > 0 && (i->op != ISA_PHI || abreast_is_header_phi(y, i));
   if (early && i->op == ISA_PHI)
      early = y->is[i->dst[0]->id] & COUNTER;
   for (unsigned k = 0; early && k < i->nsrc && i->op != ISA_PHI; k++)
      if (abreast_is_of(x, y, i->src[k])) {
         early = y->is[i->src[k]->id] & EARLY;
         chain = MAX2(chain, y->chain[i->src[k]->id]);
      }
   chain += early && takes_time(x, i);
   for (unsigned k = 0; early && k < i->ndst; k++)
      if (i->dst[k]->kind == IR_INST) {
         y->is[i->dst[k]->id] |= EARLY;
         y->chain[i->dst[k]->id] = chain;
      }
}

static void
note_root(const struct abreast *x, struct body *y, struct ir_value *v)
{
   if (!abreast_is_of(x, y, v) || !(y->is[v->id] & EARLY) || y->chain[v->id] < LONG_CHAIN)
      return;
   unsigned k = 0;
   while (k < y->nroots && y->root[k] != v)
      k++;
   if (k == y->nroots && k < ABREAST_MOST_ROOTS)
      y->root[y->nroots++] = v;
}

/* i reads them where other iterations have had their turn. */
static void
note_roots(const struct abreast *x, struct body *y, const struct ir_inst *i)
{
   if (abreast_is_header_phi(y, i)) {
      note_root(x, y, abreast_next_of(y, i));
      return;
   }
   if (i->ndst && i->dst[0]->kind == IR_INST && (y->is[i->dst[0]->id] & EARLY))
      return;
   for (unsigned k = 0; k < i->nsrc; k++)
      note_root(x, y, i->src[k]);
}

static void
note_roots_of(const struct abreast *x, struct body *y, const struct ir_block *b)
{
   ir_foreach_inst (i, b)
      note_roots(x, y, i);
}

static void
mark_in_loop(struct body *y, const struct ir_block *b)
{
   ir_foreach_inst (i, b)
      for (unsigned k = 0; k < i->ndst; k++)
         if (i->dst[k]->kind == IR_INST)
            y->is[i->dst[k]->id] = IN_LOOP;
}

static void
find_values(const struct abreast *x, struct body *y)
{
   y->is = arena_array(x->a, uint8_t, x->nvalues);
   y->chain = arena_array(x->a, uint32_t, x->nvalues);
   for (unsigned k = 0; k < y->nblocks; k++)
      mark_in_loop(y, y->block[k]);
   for (unsigned k = 0; k < y->nconds; k++) {
      mark_in_loop(y, y->cond[k].then);
      if (y->cond[k].other)
         mark_in_loop(y, y->cond[k].other);
   }
   find_counters(x, y);
   abreast_each_inst(i, y, k) find_early(x, y, i);
   for (unsigned k = 0; k < y->nblocks; k++)
      note_roots_of(x, y, y->block[k]);
   for (unsigned k = 0; k < y->nconds; k++) {
      note_roots_of(x, y, y->cond[k].then);
      if (y->cond[k].other)
         note_roots_of(x, y, y->cond[k].other);
   }
}

/* -- How often it goes round. */
struct count {
   const struct abreast *x;
   const struct body *y;
   uint64_t *now; /* by value id: counters */
   bool *has;
};

static bool
evaluate(struct count *c, const struct ir_value *v, uint64_t *to)
{
   if (v->kind == IR_CONST && v->width != IR_B128) {
      *to = v->bits[0];
      return true;
   }
   if (!abreast_is_of(c->x, c->y, v))
      return false;
   const struct ir_inst *i = v->def;
   if (i->op == ISA_PHI) {
      *to = c->now[v->id];
      return c->has[v->id];
   }
   struct isa_eval m;
   uint64_t s[4][2] = {{0}}, d[2] = {0}, d1[2] = {0};
   if (i->nsrc > 4 || i->op > ISA_PHI || v != i->dst[0] ||
       isa_type_bits(i->mods.type[0]) < 32 || v->width == IR_B128 ||
       !isa_eval_get(i->op, &i->mods, &m))
      return false;
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!evaluate(c, i->src[k], s[k]))
         return false;
   m.fn(d, d1, s[0], s[1], s[2], s[3], m.mods_word);
   *to = d[0];
   return true;
}

/* 0: not known. */
static unsigned
trips(const struct abreast *x, const struct body *y)
{
   struct count c = {x, y, arena_array(x->a, uint64_t, x->nvalues),
                     arena_array(x->a, bool, x->nvalues)};
   uint64_t *next = arena_array(x->a, uint64_t, x->nvalues);
   struct ir_block *h = y->loop->header;
   for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next) {
      const struct ir_value *v = first_of(y, p);
      uint32_t id = p->dst[0]->id;
      c.has[id] = (y->is[id] & COUNTER) && v->kind == IR_CONST && v->width != IR_B128;
      c.now[id] = c.has[id] ? v->bits[0] : 0;
   }
   for (unsigned n = 1; n <= MOST_TRIPS; n++) {
      uint64_t leave;
      if (!evaluate(&c, y->exiting->last->src[0], &leave))
         return 0;
      if ((leave & 1) == y->exits_when)
         return n;
      for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next)
         if (c.has[p->dst[0]->id])
            c.has[p->dst[0]->id] =
               evaluate(&c, abreast_next_of(y, p), &next[p->dst[0]->id]);
      for (struct ir_inst *p = h->first; p->op == ISA_PHI; p = p->next)
         c.now[p->dst[0]->id] = next[p->dst[0]->id];
   }
   return 0;
}

bool
abreast_exits_last(const struct body *y)
{
   const struct ir_block *latch = y->loop->latch;
   return latch->first == latch->last && y->exiting == y->block[y->nblocks - 2];
}

/* Whether v is made of what is loaded where conditions may lead to, which are taken for
 * not to hold before that is known: nothing may be there. */
static bool
reads_late(const struct abreast *x, const struct body *y, const struct ir_value *v,
           struct bitset *seen)
{
   if (!abreast_is_of(x, y, v) || (y->is[v->id] & EARLY) || bitset_has(seen, v->id))
      return false;
   bitset_add(seen, v->id);
   const struct ir_inst *i = v->def;
   if (i->op == ISA_LD)
      return true;
   if (abreast_is_header_phi(y, i))
      return reads_late(x, y, abreast_next_of(y, i), seen);
   if (i->op == ISA_PHI)
      return reads_late(x, y, abreast_joined_by(y, i).passed, seen);
   for (unsigned k = 0; k < i->nsrc; k++)
      if (reads_late(x, y, i->src[k], seen))
         return true;
   return false;
}

static bool
conditions_read_late(const struct abreast *x, const struct body *y)
{
   struct bitset seen = bitset_new(x->a, x->nvalues);
   for (unsigned k = 0; k < y->nconds; k++)
      if (reads_late(x, y, y->cond[k].from->last->src[0], &seen))
         return true;
   return false;
}

/* Operations that v is made of, each once. */
static unsigned
count_work(const struct abreast *x, const struct body *y, const struct ir_value *v,
           struct bitset *seen)
{
   if (!abreast_is_of(x, y, v) || v->def->op == ISA_PHI || bitset_has(seen, v->id))
      return 0;
   bitset_add(seen, v->id);
   unsigned n = takes_time(x, v->def);
   for (unsigned k = 0; k < v->def->nsrc; k++)
      n += count_work(x, y, v->def->src[k], seen);
   return n;
}

#define LATENCY                                                                          \
   4 /* of one, in the time that a processor takes for another one's vectors */

/* How many iterations keep a processor busy that waits for the chains of each. */
static unsigned
wanted(const struct abreast *x, const struct body *y, unsigned most)
{
   struct bitset seen = bitset_new(x->a, x->nvalues);
   unsigned work = 0, chain = 0, n = y->nroots == 1 ? 2 : 1;
   for (unsigned k = 0; k < y->nroots; k++) {
      work += count_work(x, y, y->root[k], &seen);
      chain = MAX2(chain, y->chain[y->root[k]->id]);
   }
   while (n < most && n * work < LATENCY * chain)
      n *= 2;
   return n;
}

/* How many are side by side; whether that is worth it. */
static bool
choose_number(const struct abreast *x, struct body *y, unsigned most)
{
   if (!y->nroots || !is_counted(x, y, y->exiting->last->src[0], MOST_DEPTH) ||
       conditions_read_late(x, y))
      return false;
   unsigned known = abreast_exits_last(y) ? trips(x, y) : 0;
   y->n = wanted(x, y, most);
   while (y->n > 1 && (y->n * y->insts > MOST_INSTS || (known && known % y->n)))
      y->n /= 2;
   y->evenly = y->n == 1 ? abreast_exits_last(y) : known != 0;
   return y->n * y->nroots > 1 && y->n * y->insts <= MOST_INSTS;
}

static bool
run(struct ir_func *f, const struct cfg *g, const struct lanes *l, unsigned most)
{
   struct abreast x = {f, g, l, arena_create(), f->value_count};
   bool changed = false;
   for (size_t k = 0; k < g->loops.len && !g->irreducible && x.nvalues < MOST_VALUES;
        k++) {
      struct body y;

      if (!find_blocks(&x, &y, g->loops.data[k]))
         continue;
      find_values(&x, &y);
      if (!choose_number(&x, &y, most))
         continue;
      abreast_make(&x, &y);
      changed = true;
   }
   arena_destroy(x.a);
   return changed;
}

bool
opt_abreast_two(struct ir_func *f, const struct cfg *g, const struct lanes *l)
{
   return run(f, g, l, 2);
}

bool
opt_abreast_four(struct ir_func *f, const struct cfg *g, const struct lanes *l)
{
   return run(f, g, l, 4);
}
