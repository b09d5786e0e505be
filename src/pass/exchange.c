/* SPDX-License-Identifier: Apache-2.0
 * Stores to shared memory by some of a warp's lanes, at places that all of them have just
 * read, as a sorting network swaps what is not in order: all lanes store, those that had
 * nothing new what they have read. That makes vectors of such stores, which the next
 * loads need not wait for, and no masks. Nobody sees the difference: a block's shared
 * memory, and that of its cluster, is used by one thread of the system, which does
 * nothing else between the load and the store. No two lanes may have a byte in common.
 *
 * Addresses in shared memory are compared modulo 2^32, in which widening and cutting
 * change nothing: two that lie in the block's memory are what their difference says. So
 * those at a known distance become one address and an offset, and are seen as a group. */
#include "analysis/analysis.h"
#include "pass/pass.h"

#define MOST_TERMS 6
#define MOST_DEPTH 10
#define MOST_ACCESSES 32 /* that are compared, of one block */
#define MOST_STORES 4
#define MOST_PURE 12 /* instructions that all lanes run in place of some */

struct exchange {
   struct ir_func *f;
   const struct cfg *g;
   const struct lanes *l;
   uint32_t nvalues;
};

/* -- Addresses as sums. */
struct sum {
   unsigned n;
   struct {
      struct ir_value *v;
      uint32_t by;
   } term[MOST_TERMS];
   uint32_t plus;
};

static bool
is_int(const struct ir_inst *i, unsigned k)
{
   unsigned t = i->mods.type[k];
   return t && !isa_type_is_float(t) && isa_type_bits(t) >= 32 && t != ISA_U16X2 &&
          t != ISA_S16X2 && !(i->mods.flags & (ISA_CC | ISA_SAT));
}

static bool
add_term(struct sum *s, struct ir_value *v, uint32_t by)
{
   unsigned k = 0;
   while (k < s->n && s->term[k].v != v)
      k++;
   if (k == MOST_TERMS)
      return false;
   if (k == s->n)
      s->term[s->n++].by = 0;
   s->term[k].v = v;
   s->term[k].by += by;
   if (!s->term[k].by)
      s->term[k] = s->term[--s->n];
   return true;
}

static bool
add_value(struct sum *s, struct ir_value *v, uint32_t by, unsigned depth)
{
   if (v->width != IR_B32 && v->width != IR_B64)
      return false;
   if (v->kind == IR_CONST) {
      s->plus += by * (uint32_t)v->bits[0];
      return true;
   }
   const struct ir_inst *i = v->kind == IR_INST && depth ? v->def : NULL;
   if (!i || i->ndst != 1 || !is_int(i, 0))
      return add_term(s, v, by);
   uint32_t c = i->nsrc > 1 ? (uint32_t)i->src[1]->bits[0] : 0;
   bool by_const = i->nsrc > 1 && i->src[1]->kind == IR_CONST;
   switch (i->op) {
   case ISA_COPY:
   case ISA_MOV:
      if (i->nsrc != 1 || i->src[0]->width != v->width)
         break;
      return add_value(s, i->src[0], by, depth - 1);
   case ISA_CVT:
      if (!is_int(i, 1) ||
          isa_type_bits(i->mods.type[1]) != ir_width_bits(i->src[0]->width))
         break;
      return add_value(s, i->src[0], by, depth - 1);
   case ISA_ADD:
   case ISA_SUB:
      return add_value(s, i->src[0], by, depth - 1) &&
             add_value(s, i->src[1], i->op == ISA_ADD ? by : -by, depth - 1);
   case ISA_SHL:
      if (!by_const || c >= 32)
         break;
      return add_value(s, i->src[0], by << c, depth - 1);
   case ISA_MUL:
   case ISA_MAD:
      if (!by_const || (i->mods.mode != ISA_LO_HALF && i->mods.mode != ISA_WIDE))
         break;
      return add_value(s, i->src[0], by * c, depth - 1) &&
             (i->op == ISA_MUL || add_value(s, i->src[2], by, depth - 1));
   default:
      break;
   }
   return add_term(s, v, by);
}

/* The variable that v is the address of, if any. */
static const struct ir_sym *
variable(const struct ir_value *v)
{
   return v->kind == IR_INST && v->def->op == ISA_ADDR && !v->def->offset &&
                v->def->sym->space == ISA_SHARED
             ? v->def->sym
             : NULL;
}

/* Variables are where they lie. */
static void
place_variables(struct sum *s)
{
   for (unsigned k = s->n; k-- > 0;) {
      const struct ir_sym *sym = variable(s->term[k].v);
      if (!sym)
         continue;
      s->plus += s->term[k].by * (uint32_t)sym->address;
      s->term[k] = s->term[--s->n];
   }
}

/* Of one element of an access, or of all it moves. */
struct place {
   struct sum sum;
   uint32_t bytes;
   uint32_t at[EXEC_WARP]; /* the lanes' displacements */
};

static bool
is_shared_access(const struct ir_inst *i, enum isa_op op)
{
   return i->op == op && i->mods.space == ISA_SHARED && i->mods.sem == ISA_WEAK;
}

static unsigned
elements(const struct ir_inst *i)
{
   return i->op == ISA_ST ? MAX2(i->mods.vec, 1u) : i->ndst;
}

static bool
sum_of(const struct ir_inst *i, struct sum *s)
{
   *s = (struct sum){.plus = (uint32_t)i->offset};
   return add_value(s, i->src[0], 1, MOST_DEPTH);
}

static struct shape
shape_of(const struct exchange *x, const struct ir_value *v, const struct ir_block *b)
{
   return lanes_shape_at(x->l, x->g, v, b);
}

/* Where lanes that are in b have what i accesses, but for what is the same for all. */
static bool
place_of(const struct exchange *x, const struct ir_inst *i, const struct ir_block *b,
         struct place *p)
{
   *p = (struct place){.bytes = elements(i) * isa_type_bits(i->mods.type[0]) / 8};
   if (!sum_of(i, &p->sum))
      return false;
   place_variables(&p->sum);
   for (unsigned k = 0; k < p->sum.n; k++) {
      const struct ir_value *v = p->sum.term[k].v;
      if (v->id >= x->nvalues ||
          (v->kind == IR_INST && !cfg_dominates(x->g, v->def->block, b)))
         return false;
      struct shape s = shape_of(x, v, b);
      if (s.kind == SHAPE_VARYING || s.conditional || s.unit)
         return false;
      for (unsigned l = 0; l < EXEC_WARP && s.kind == SHAPE_OFFSETS; l++)
         p->at[l] += p->sum.term[k].by * (uint32_t)s.offsets[l];
   }
   return true;
}

static uint32_t
factor(const struct sum *s, const struct ir_value *v)
{
   for (unsigned k = 0; k < s->n; k++)
      if (s->term[k].v == v)
         return s->term[k].by;
   return 0;
}

/* Low bits that are zero of what the terms of a and b differ by, without displacements.
 */
static unsigned
zeros_between(const struct exchange *x, const struct sum *a, const struct sum *b,
              const struct ir_block *in)
{
   unsigned zeros = 32;
   for (unsigned k = 0; k < a->n + b->n; k++) {
      const struct ir_value *v = k < a->n ? a->term[k].v : b->term[k - a->n].v;
      uint32_t by = factor(a, v) - factor(b, v);
      if (by)
         zeros = MIN2(zeros, (unsigned)__builtin_ctz(by) + shape_of(x, v, in).align);
   }
   return zeros;
}

/* No lane of a has a byte in common with another lane of b. */
static bool
are_apart(const struct exchange *x, const struct place *a, const struct place *b,
          const struct ir_block *in)
{
   uint64_t round = 1ull << zeros_between(x, &a->sum, &b->sum, in);
   bool apart = true;
   for (unsigned l = 0; l < EXEC_WARP; l++)
      for (unsigned m = 0; m < EXEC_WARP; m++) {
         uint32_t far = b->sum.plus + b->at[m] - a->sum.plus - a->at[l];
         uint64_t on = far & (round - 1);
         apart &= l == m || (on >= a->bytes && round - on >= b->bytes);
      }
   return apart;
}

static bool
same_place(const struct sum *a, const struct sum *b)
{
   bool same = a->n == b->n && a->plus == b->plus;
   for (unsigned k = 0; k < a->n && same; k++)
      same = factor(b, a->term[k].v) == a->term[k].by;
   return same;
}

/* -- Stores of some lanes. */
/* Nothing that i does changes shared memory, nor lets others run. */
static bool
leaves_shared(const struct ir_inst *i)
{
   if (ir_inst_is_pure(i) || i->op == ISA_LD || i->op == ISA_LDU)
      return true;
   return i->op == ISA_ST && i->mods.sem == ISA_WEAK &&
          (i->mods.space == ISA_GLOBAL || i->mods.space == ISA_LOCAL);
}

/* What comes before i, in its block or in b, from which control comes. */
static struct ir_inst *
before(const struct ir_block *b, const struct ir_inst *i)
{
   return i->prev || i->block == b ? i->prev : b->last->prev;
}

/* The load of what st writes to, ahead of it in its block or at the end of b. Stores of
 * that block are apart from st's place, or st is not for all lanes. */
static struct ir_inst *
load_of(const struct ir_block *b, const struct ir_inst *st)
{
   struct sum to, from;
   if (!sum_of(st, &to))
      return NULL;
   struct ir_inst *i = before(b, st);
   for (; i && (i->block == st->block || leaves_shared(i)); i = before(b, i)) {
      if (!is_shared_access(i, ISA_LD) || i->ndst != elements(st) ||
          isa_type_bits(i->mods.type[0]) != isa_type_bits(st->mods.type[0]) ||
          !sum_of(i, &from) || !same_place(&from, &to))
         continue;
      bool alike = true;
      for (unsigned k = 0; k < i->ndst; k++)
         alike &= i->dst[k]->kind == IR_INST && i->dst[k]->width == st->src[1 + k]->width;
      return alike ? i : NULL;
   }
   return NULL;
}

static bool
is_pure(const struct ir_inst *i)
{
   return i->op != ISA_PHI && ir_inst_is_pure(i);
}

/* The only variable in s, of which it becomes the place in that variable. */
static const struct ir_sym *
take_variable(struct sum *s)
{
   const struct ir_sym *sym = NULL;
   for (unsigned k = s->n; k-- > 0;) {
      if (!variable(s->term[k].v))
         continue;
      if (sym || s->term[k].by != 1)
         return NULL;
      sym = variable(s->term[k].v);
      s->term[k] = s->term[--s->n];
   }
   return sym;
}

/* All lanes of b may load what i does, though only some come to it: they access the same
 * place of a variable that is not larger. */
static bool
may_load(const struct ir_block *b, const struct ir_inst *i)
{
   struct sum own, other;
   const struct ir_sym *of = sum_of(i, &own) ? take_variable(&own) : NULL, *in;
   uint64_t bytes = elements(i) * isa_type_bits(i->mods.type[0]) / 8;
   for (const struct ir_inst *k = b->first; of && k != b->last; k = k->next) {
      if ((!is_shared_access(k, ISA_LD) && !is_shared_access(k, ISA_ST)) ||
          elements(k) * isa_type_bits(k->mods.type[0]) / 8 != bytes || !sum_of(k, &other))
         continue;
      in = take_variable(&other);
      if (in && in->size && in->size <= of->size && same_place(&own, &other))
         return true;
   }
   return false;
}

/* b ends in a branch of some lanes to `some`, which does nothing but such stores. */
static bool
may_store_all(const struct exchange *x, const struct ir_block *b,
              const struct ir_block *some, const struct ir_block *rest)
{
   struct ir_block **to;
   struct place place[MOST_STORES];
   unsigned n = 0, pure = 0;
   if (some->preds.len != 1 || some == b || rest == b || ir_block_succs(some, &to) != 1 ||
       to[0] != rest)
      return false;
   for (const struct ir_inst *i = some->first; i != some->last; i = i->next) {
      if ((is_pure(i) || (is_shared_access(i, ISA_LD) && may_load(b, i))) &&
          pure++ < MOST_PURE)
         continue;
      if (!is_shared_access(i, ISA_ST) || n == MOST_STORES || !load_of(b, i) ||
          !place_of(x, i, b, &place[n]))
         return false;
      n++;
      for (unsigned k = 0; k < n; k++)
         if (!are_apart(x, &place[k], &place[n - 1], b))
            return false;
   }
   return n > 0;
}

/* At the end of b: what one of two ways gives. */
static struct ir_value *
select(struct ir_func *f, struct ir_block *b, struct ir_value *c, struct ir_value *yes,
       struct ir_value *no)
{
   static const uint8_t type[] = {ISA_PRED, ISA_B8, ISA_B16, ISA_B32, ISA_B64, ISA_B128};
   if (yes == no)
      return yes;
   struct ir_inst *s = ir_inst_create(f, ISA_SELP, 1, 3);
   s->mods.type[0] = type[yes->width];
   s->src[0] = yes;
   s->src[1] = no;
   s->src[2] = c;
   s->dst[0] = ir_value_create(f, IR_INST, (enum ir_width)yes->width, NULL);
   s->dst[0]->def = s;
   ir_inst_insert_before(b->last, s);
   return s->dst[0];
}

static unsigned
pred_number(const struct ir_block *b, const struct ir_block *pred)
{
   unsigned k = 0;
   while (b->preds.data[k] != pred)
      k++;
   return k;
}

static void
remove_pred(struct ir_block *b, unsigned k)
{
   for (struct ir_inst *p = b->first; p && p->op == ISA_PHI; p = p->next) {
      for (unsigned s = k; s + 1u < p->nsrc; s++)
         p->src[s] = p->src[s + 1];
      p->nsrc--;
   }
   for (size_t s = k; s + 1 < b->preds.len; s++)
      b->preds.data[s] = b->preds.data[s + 1];
   b->preds.len--;
}

static void
store_all(struct exchange *x, struct ir_block *b, struct ir_block *some,
          struct ir_block *rest)
{
   struct ir_value *c = b->last->src[0];
   bool taken = b->last->targets[0] == some;
   struct ir_inst *load[MOST_STORES];
   unsigned n = 0;
   ir_foreach_inst (i, some)
      if (i->op == ISA_ST)
         load[n++] = load_of(b, i);
   n = 0;
   ir_foreach_inst_safe (i, some) {
      if (i == some->last)
         break;
      ir_inst_remove(i);
      for (unsigned k = 0; i->op == ISA_ST && k < elements(i); k++) {
         struct ir_value *old = load[n]->dst[k], *new = i->src[1 + k];
         i->src[1 + k] =
            taken ? select(x->f, b, c, new, old) : select(x->f, b, c, old, new);
      }
      n += i->op == ISA_ST;
      ir_inst_insert_before(b->last, i);
   }
   unsigned own = pred_number(rest, b), other = pred_number(rest, some);
   for (struct ir_inst *p = rest->first; p && p->op == ISA_PHI; p = p->next)
      p->src[own] = taken ? select(x->f, b, c, p->src[other], p->src[own])
                          : select(x->f, b, c, p->src[own], p->src[other]);
   remove_pred(rest, other);
   ir_inst_remove(b->last);
   ir_inst_append(b, ir_bra(x->f, NULL, rest, NULL));
   ir_block_remove(some);
}

static bool
end_in_stores(struct exchange *x, struct ir_block *b)
{
   struct ir_block **to;
   if (!x->l->divergent_branch[b->id] || ir_block_succs(b, &to) != 2)
      return false;
   for (unsigned k = 0; k < 2; k++)
      if (may_store_all(x, b, to[k], to[1 - k])) {
         store_all(x, b, to[k], to[1 - k]);
         return true;
      }
   return false;
}

/* -- Addresses that are an offset from another one. */
static bool
is_seen(const struct exchange *x, const struct ir_inst *i)
{
   if (!is_shared_access(i, ISA_LD) && !is_shared_access(i, ISA_ST))
      return false;
   const struct ir_value *v = i->src[0];
   return v->kind == IR_INST && v->id < x->nvalues &&
          shape_of(x, v, i->block).kind == SHAPE_OFFSETS;
}

/* The one that is there first stays, unless only it needs a test. */
static bool
join_addresses(const struct exchange *x, struct ir_block *b)
{
   struct ir_inst *seen[MOST_ACCESSES];
   struct sum sum[MOST_ACCESSES];
   unsigned n = 0;
   bool changed = false;
   ir_foreach_inst (i, b) {
      if (n == MOST_ACCESSES)
         break;
      if (!is_seen(x, i) || !sum_of(i, &sum[n]))
         continue;
      bool tested = shape_of(x, i->src[0], b).conditional;
      unsigned k = 0;
      for (; k < n; k++) {
         struct sum s = sum[n];
         s.plus = sum[k].plus;
         if (same_place(&s, &sum[k]) &&
             (tested || !shape_of(x, seen[k]->src[0], b).conditional))
            break;
      }
      if (k == n) {
         seen[n++] = i;
      } else if (seen[k]->src[0] != i->src[0]) {
         i->src[0] = seen[k]->src[0];
         i->offset = seen[k]->offset + (int32_t)(sum[n].plus - sum[k].plus);
         changed = true;
      }
   }
   return changed;
}

bool
opt_exchange(struct ir_func *f, const struct cfg *g, const struct lanes *l)
{
   struct exchange x = {f, g, l, f->value_count};
   bool changed = false;
   for (uint32_t o = 0; o < g->nrpo && !g->irreducible; o++) {
      if (!g->rpo[o]->last)
         continue;
      changed |= end_in_stores(&x, g->rpo[o]);
      changed |= join_addresses(&x, g->rpo[o]);
   }
   return changed;
}
