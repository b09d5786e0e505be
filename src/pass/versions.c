/* SPDX-License-Identifier: Apache-2.0
 * Where lanes go depends on a number that is the same for all of them, as the distance in
 * a butterfly: t ^ d, 2t - (t & d - 1), t % 2d. Of small powers of two each makes another
 * permutation within a few vectors of memory, which shuffles do if it is known when
 * compiling; multiples of a warp leave its lanes side by side. So a stretch of such code
 * is made once for each of those, once for these, and once for all other numbers. */
#include "analysis/analysis.h"
#include "pass/pass.h"

#define MOST_REGIONS 4
#define MOST_INSTS 100   /* of a region */
#define MOST_VALUES 2000 /* of a kernel that is worth it */
#define MOST_DEPTH 8     /* of an address */

static const uint8_t numbers[] = {1, 2, 4, 8, 16};

struct versions {
   struct ir_func *f;
   const struct cfg *g;
   const struct lanes *l;
   struct arena *a;
   struct bitset used;        /* ids of blocks in regions so far */
   uint32_t nblocks, nvalues; /* that the analyses know */
};

/* From one block on to where all ways from it meet, once each. */
struct region {
   struct ir_value *root;
   struct ir_block *entry, *end; /* end: where all ways out lead */
   struct ir_inst *first;        /* of entry that belongs to it */
   struct ir_inst *barrier;      /* where entry ends it; NULL: at end */
   struct ir_block **block;      /* entry first */
   uint32_t nblocks;
   struct bitset has; /* ids of blocks */
   bool *depends;     /* by value id: computed from root, without memory */
};

/* One copy of a region. */
struct copy {
   struct versions *v;
   struct region *r;
   struct ir_value **value; /* by id; NULL: the same as in the original */
   struct ir_block **block; /* by id */
   struct ir_block *head;   /* takes what is computed from root before the region */
};

/* -- What to look for. */
static struct shape
shape_of(const struct versions *v, const struct ir_value *x, const struct ir_block *b)
{
   return lanes_shape_at(v->l, v->g, x, b);
}

static bool
is_phi(const struct ir_value *x)
{
   return x->kind == IR_INST && x->def->op == ISA_PHI;
}

/* What x is a constant more than, or a constant multiple of. */
static struct ir_value *
root_of(struct ir_value *x)
{
   for (;;) {
      struct ir_inst *i = x->kind == IR_INST ? x->def : NULL;
      if (!i || i->nsrc != 2 || i->src[1]->kind != IR_CONST || !ir_inst_is_int(i))
         return x;
      if (i->op != ISA_ADD && i->op != ISA_SUB && i->op != ISA_SHL && i->op != ISA_MUL)
         return x;
      x = i->src[0];
   }
}

/* x changes as a loop goes round. */
static bool
changes(const struct versions *v, const struct ir_value *x)
{
   if (is_phi(x))
      return true;
   return x->def->op == ISA_SHR && is_phi(x->def->src[0]) &&
          v->g->loop[x->def->block->id];
}

/* The number that decides what i makes of lanes' numbers, or NULL. One that does not
 * change in the kernel is mostly the width of something, but where it is xored. */
static struct ir_value *
decided_by(const struct versions *v, const struct ir_inst *i)
{
   if (i->nsrc < 2 || !ir_inst_is_int(i))
      return NULL;
   for (unsigned k = 0; k < 2; k++) {
      struct ir_value *u = i->src[k];
      bool divides = i->op == ISA_DIV || i->op == ISA_REM;
      if (u->kind != IR_INST || (divides && k == 0) ||
          shape_of(v, u, i->block).kind != SHAPE_UNIFORM ||
          shape_of(v, i->src[1 - k], i->block).kind != SHAPE_OFFSETS)
         continue;
      struct ir_value *root = root_of(u);
      if (root->kind != IR_INST || (root->width != IR_B32 && root->width != IR_B64))
         continue;
      return changes(v, root) || i->op == ISA_XOR ? root : NULL;
   }
   return NULL;
}

/* The same for an address that no vector access takes. */
static struct ir_value *
decided_address(const struct versions *v, const struct ir_value *x, unsigned depth)
{
   const struct ir_inst *i = x->kind == IR_INST ? x->def : NULL;
   if (!i || !depth)
      return NULL;
   struct ir_value *root = NULL;
   switch (i->op) {
   case ISA_AND:
   case ISA_XOR:
   case ISA_DIV:
   case ISA_REM:
      return decided_by(v, i);
   case ISA_MUL:
   case ISA_MAD:
      root = decided_by(v, i);
      break;
   case ISA_ADD:
   case ISA_SUB:
   case ISA_SHL:
   case ISA_CVT:
   case ISA_COPY:
   case ISA_MOV:
      break;
   default:
      return NULL;
   }
   for (unsigned k = 0; k < i->nsrc && !root; k++)
      root = decided_address(v, i->src[k], depth - 1);
   return root;
}

static struct ir_value *
decided_inst(const struct versions *v, const struct ir_inst *i)
{
   if (i->op == ISA_REM || i->op == ISA_DIV)
      return decided_by(v, i);
   if ((i->op != ISA_LD && i->op != ISA_ST) || i->mods.sem != ISA_WEAK ||
       (i->mods.space != ISA_SHARED && i->mods.space != ISA_GLOBAL))
      return NULL;
   struct shape s = shape_of(v, i->src[0], i->block);
   if (s.kind == SHAPE_UNIFORM || (s.kind == SHAPE_OFFSETS && !s.conditional && !s.unit))
      return NULL;
   return decided_address(v, i->src[0], MOST_DEPTH);
}

/* -- Regions. */
static bool
in_region(const struct versions *v, const struct region *r, const struct ir_block *b)
{
   return b->id < v->nblocks && bitset_has(&r->has, b->id);
}

static bool
is_pure(const struct ir_inst *i)
{
   return i->ndst == 1 && i->op != ISA_PHI && ir_inst_is_pure(i);
}

static bool
stays_once(const struct ir_inst *i)
{
   return ir_inst_is_barrier(i) || i->op == ISA_BARRIER_CLUSTER || i->op == ISA_CALL ||
          i->op == ISA_TRAP || i->op == ISA_RET;
}

/* b's instructions from `first` on may be copied. */
static bool
may_copy(const struct region *r, const struct ir_inst *first, unsigned *n)
{
   for (const struct ir_inst *i = first; i && i != r->barrier; i = i->next) {
      if (stays_once(i))
         return false;
      ++*n;
   }
   return true;
}

/* Finds the blocks between entry and end; whether they may be copied. */
static bool
collect(struct versions *v, struct region *r)
{
   const struct loop *l = v->g->loop[r->entry->id];
   unsigned insts = 0;
   r->has = bitset_new(v->a, v->nblocks);
   r->block = arena_array(v->a, struct ir_block *, v->nblocks);
   r->block[r->nblocks++] = r->entry;
   bitset_add(&r->has, r->entry->id);
   if (r->barrier)
      return may_copy(r, r->first, &insts) && insts <= MOST_INSTS;
   if (!r->end || v->g->loop[r->end->id] != l || (l && l->header == r->end) ||
       bitset_has(&v->used, r->end->id))
      return false;
   for (uint32_t k = 0; k < r->nblocks; k++) {
      struct ir_block *b = r->block[k], **succs;
      if (bitset_has(&v->used, b->id) || v->g->loop[b->id] != l ||
          (k && l && l->header == b) || !cfg_dominates(v->g, r->entry, b) ||
          !may_copy(r, k ? b->first : r->first, &insts) || insts > MOST_INSTS)
         return false;
      unsigned n = ir_block_succs(b, &succs);
      for (unsigned s = 0; s < n; s++) {
         if (succs[s] == r->end || in_region(v, r, succs[s]))
            continue;
         bitset_add(&r->has, succs[s]->id);
         r->block[r->nblocks++] = succs[s];
      }
   }
   return true;
}

/* Whether source k of i, which is not in the region, is a value of the region; what flows
 * into a phi belongs to the block it comes from. */
static bool
leaves(const struct versions *v, const struct region *r, const struct ir_inst *i,
       unsigned k)
{
   const struct ir_value *x = i->src[k];
   if (x->kind != IR_INST || !in_region(v, r, x->def->block))
      return false;
   return !(i->op == ISA_PHI && in_region(v, r, i->block->preds.data[k]));
}

/* A value may be read behind the end only if all ways to the end come from the region. */
static bool
is_closed(const struct versions *v, const struct region *r)
{
   bool outside = false, out = false;
   for (size_t k = 0; r->end && k < r->end->preds.len; k++)
      outside |= !in_region(v, r, r->end->preds.data[k]);
   for (struct ir_block *b = v->f->first_block; outside && b; b = b->next)
      ir_foreach_inst (i, b)
         for (unsigned k = 0; k < i->nsrc && !in_region(v, r, b); k++)
            out |= leaves(v, r, i, k);
   return !out;
}

static void
find_dependent(const struct versions *v, struct region *r)
{
   r->depends = arena_array(v->a, bool, v->nvalues);
   r->depends[r->root->id] = true;
   for (uint32_t o = 0; o < v->g->nrpo; o++)
      ir_foreach_inst (i, v->g->rpo[o])
         for (unsigned k = 0; k < i->nsrc && is_pure(i); k++)
            r->depends[i->dst[0]->id] |= r->depends[i->src[k]->id];
}

/* The region in which instruction i, decided by root, would be known. */
static bool
find_region(struct versions *v, struct region *r, const struct ir_inst *i,
            struct ir_value *root)
{
   *r = (struct region){.root = root, .entry = i->block};
   r->end = v->g->ipdom[i->block->id];
   r->first = i->block->first;
   while (r->first->op == ISA_PHI)
      r->first = r->first->next;
   if (root->def->block == i->block && !is_phi(root))
      r->first = root->def->next;
   struct ir_inst *t = i->block->last;
   if (t->prev && ir_inst_is_barrier(t->prev))
      r->barrier = t->prev;
   if (bitset_has(&v->used, r->entry->id) || !collect(v, r) || !is_closed(v, r))
      return false;
   find_dependent(v, r);
   for (uint32_t k = 0; k < r->nblocks; k++)
      bitset_add(&v->used, r->block[k]->id);
   if (!r->barrier)
      bitset_add(&v->used, r->end->id);
   return true;
}

/* -- Copies. */
static struct ir_inst *
copy_inst(struct ir_func *f, const struct ir_inst *i)
{
   struct ir_inst *n = ir_inst_copy(f, i);
   for (unsigned k = 0; k < i->ndst; k++) {
      if (i->dst[k]->kind != IR_INST)
         continue;
      n->dst[k] = ir_value_create(f, IR_INST, (enum ir_width)i->dst[k]->width, NULL);
      n->dst[k]->def = n;
   }
   return n;
}

/* x & mask. */
static struct ir_value *
bits_of(struct ir_func *f, struct ir_block *b, struct ir_value *x, uint64_t mask)
{
   struct ir_inst *i = ir_inst_create(f, ISA_AND, 1, 2);
   bool wide = x->width == IR_B64;
   i->mods.type[0] = wide ? ISA_B64 : ISA_B32;
   i->src[0] = x;
   i->src[1] = ir_const(f, (enum ir_width)x->width, wide ? mask : (uint32_t)mask);
   i->dst[0] = ir_value_create(f, IR_INST, (enum ir_width)x->width, NULL);
   i->dst[0]->def = i;
   ir_inst_append(b, i);
   return i->dst[0];
}

/* x as this copy reads it. */
static struct ir_value *
value_in(struct copy *c, struct ir_value *x)
{
   if (x->id >= c->v->nvalues)
      return x;
   if (c->value[x->id] || !c->r->depends[x->id])
      return c->value[x->id] ? c->value[x->id] : x;
   struct ir_inst *n = copy_inst(c->v->f, x->def);
   c->value[x->id] = n->dst[0];
   for (unsigned k = 0; k < n->nsrc; k++)
      n->src[k] = value_in(c, n->src[k]);
   ir_inst_append(c->head, n);
   return n->dst[0];
}

static void
copy_block(struct copy *c, const struct ir_block *b)
{
   struct ir_block *to = c->block[b->id];
   ir_foreach_inst (i, b) {
      struct ir_inst *n = copy_inst(c->v->f, i);
      for (unsigned k = 0; k < i->ndst; k++)
         if (i->dst[k]->kind == IR_INST)
            c->value[i->dst[k]->id] = n->dst[k];
      for (uint32_t k = 0; k < i->ntargets; k++)
         n->targets[k] =
            i->targets[k] == c->r->end ? c->r->end : c->block[i->targets[k]->id];
      ir_inst_append(to, n);
   }
   for (size_t k = 0; k < b->preds.len && b != c->r->entry; k++)
      vec_push(&to->preds, c->block[b->preds.data[k]->id]);
}

/* The end's new ways in, and what its phis take there. */
static void
join_end(struct copy *c, size_t npreds)
{
   struct ir_block *end = c->r->end;
   for (size_t k = 0; k < npreds; k++) {
      struct ir_block *p = end->preds.data[k];
      if (!in_region(c->v, c->r, p))
         continue;
      vec_push(&end->preds, c->block[p->id]);
      for (struct ir_inst *i = end->first; i && i->op == ISA_PHI; i = i->next) {
         struct ir_value **src =
            arena_array(c->v->f->arena, struct ir_value *, i->nsrc + 1u);
         for (unsigned s = 0; s < i->nsrc; s++)
            src[s] = i->src[s];
         src[i->nsrc++] = value_in(c, i->src[k]);
         i->src = src;
      }
   }
}

/* number: what the root is, or 0: it is a multiple of a warp. */
static struct ir_block *
make_copy(struct versions *v, struct region *r, unsigned number, size_t npreds)
{
   struct copy c = {.v = v, .r = r, .head = ir_block_create(v->f, NULL)};
   c.value = arena_array(v->a, struct ir_value *, v->nvalues);
   c.block = arena_array(v->a, struct ir_block *, v->nblocks);
   c.value[r->root->id] = number
                             ? ir_const(v->f, (enum ir_width)r->root->width, number)
                             : bits_of(v->f, c.head, r->root, ~(uint64_t)(EXEC_WARP - 1));
   for (uint32_t k = 0; k < r->nblocks; k++)
      c.block[r->block[k]->id] = ir_block_create(v->f, NULL);
   for (uint32_t k = 0; k < r->nblocks; k++)
      copy_block(&c, r->block[k]);
   /* Operands follow once all results are there. */
   for (uint32_t k = 0; k < r->nblocks; k++)
      ir_foreach_inst (i, c.block[r->block[k]->id])
         for (unsigned s = 0; s < i->nsrc; s++)
            i->src[s] = value_in(&c, i->src[s]);
   join_end(&c, npreds);
   struct ir_block *first = c.block[r->entry->id];
   ir_inst_append(c.head, ir_bra(v->f, NULL, first, NULL));
   vec_push(&first->preds, c.head);
   return c.head;
}

/* -- Where they meet, and where one is chosen. */
/* b from `at` on as a block of its own. */
static struct ir_block *
split(struct ir_func *f, struct ir_block *b, struct ir_inst *at)
{
   struct ir_block *rest = ir_block_split(b, at), **succs;
   unsigned n = ir_block_succs(rest, &succs);
   for (unsigned s = 0; s < n; s++)
      for (size_t k = 0; k < succs[s]->preds.len; k++)
         if (succs[s]->preds.data[k] == b)
            succs[s]->preds.data[k] = rest;
   return rest;
}

/* Values of the region that are read behind it go through phis at its end. */
static void
lead_out(struct versions *v, struct region *r)
{
   struct ir_value **through = arena_array(v->a, struct ir_value *, v->nvalues);
   ir_foreach_block (b, v->f) {
      if (in_region(v, r, b))
         continue;
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->nsrc; k++) {
            struct ir_value *x = i->src[k];
            if (!leaves(v, r, i, k))
               continue;
            if (!through[x->id]) {
               struct ir_inst *p =
                  ir_inst_create(v->f, ISA_PHI, 1, (unsigned)r->end->preds.len);
               for (unsigned s = 0; s < p->nsrc; s++)
                  p->src[s] = x;
               p->dst[0] = ir_value_create(v->f, IR_INST, (enum ir_width)x->width, NULL);
               p->dst[0]->def = p;
               through[x->id] = p->dst[0];
               ir_inst_insert_before(r->end->first, p);
            }
            i->src[k] = through[x->id];
         }
      }
   }
}

static struct ir_value *
compare(struct ir_func *f, struct ir_block *b, struct ir_value *x, enum isa_cmp cmp,
        unsigned with)
{
   struct ir_inst *i = ir_inst_create(f, ISA_SETP, 2, 2);
   i->mods.type[0] = x->width == IR_B64 ? ISA_U64 : ISA_U32;
   i->mods.cmp = (uint8_t)cmp;
   i->src[0] = x;
   i->src[1] = ir_const(f, (enum ir_width)x->width, with);
   i->dst[0] = ir_value_create(f, IR_INST, IR_PRED, NULL);
   i->dst[0]->def = i;
   i->dst[1] = ir_sink(f, IR_PRED);
   ir_inst_append(b, i);
   return i->dst[0];
}

static void
make_versions(struct versions *v, struct region *r)
{
   struct ir_func *f = v->f;
   if (r->barrier) {
      r->end = split(f, r->entry, r->barrier);
      ir_inst_append(r->entry, ir_bra(f, NULL, r->end, NULL));
      vec_push(&r->end->preds, r->entry);
   }
   /* What comes before the region stays in the block; the analyses' number goes on. */
   struct ir_block *choice = r->entry;
   r->entry = r->block[0] = split(f, choice, r->first);
   uint32_t id = choice->id;
   choice->id = r->entry->id;
   r->entry->id = id;
   lead_out(v, r);
   size_t npreds = r->end->preds.len;
   unsigned last = numbers[ARRAY_LEN(numbers) - 1];
   struct ir_value *small = compare(f, choice, r->root, ISA_LE, last);
   struct ir_block *next = ir_block_create(f, NULL), *large = ir_block_create(f, NULL);
   ir_block_branch(f, choice, small, next, large);
   struct ir_value *rest = bits_of(f, large, r->root, EXEC_WARP - 1);
   ir_block_branch(f, large, compare(f, large, rest, ISA_EQ, 0),
                   make_copy(v, r, 0, npreds), r->entry);
   for (size_t k = 0; k < ARRAY_LEN(numbers); k++) {
      choice = next;
      next = k + 1 < ARRAY_LEN(numbers) ? ir_block_create(f, NULL) : r->entry;
      struct ir_value *equal = compare(f, choice, r->root, ISA_EQ, numbers[k]);
      ir_block_branch(f, choice, equal, make_copy(v, r, numbers[k], npreds), next);
   }
}

bool
opt_versions(struct ir_func *f, const struct cfg *g, const struct lanes *l)
{
   struct versions v = {f, g, l, arena_create()};
   struct region regions[MOST_REGIONS];
   unsigned n = 0;
   v.nblocks = g->n;
   v.nvalues = f->value_count;
   v.used = bitset_new(v.a, g->n);
   for (uint32_t o = 0; o < g->nrpo && !g->irreducible && v.nvalues < MOST_VALUES; o++)
      ir_foreach_inst (i, g->rpo[o]) {
         struct ir_value *root = n < MOST_REGIONS ? decided_inst(&v, i) : NULL;
         if (root && find_region(&v, &regions[n], i, root))
            n++;
      }
   for (unsigned k = 0; k < n; k++)
      make_versions(&v, &regions[k]);
   arena_destroy(v.a);
   return n > 0;
}
