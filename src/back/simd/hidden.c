/* SPDX-License-Identifier: Apache-2.0
 * NaN bits that are read and do not show. Code takes a float apart as an integer, for its
 * sign, for an exponent made of it, for the whole number in the low bits of a rounded
 * sum. What it makes of that often meets, in arithmetic, only what is NaN whenever that
 * float is; then a NaN comes out whatever its bits were, and they need not be canonical.
 *
 * Why that needs no look at control flow: operands are computed behind what they are made
 * of, so all that meets in an instruction was made of the same, the latest, value. A phi
 * may hold what was made of an earlier one, and ends the search. */
#include "back/simd/emit.h"

#define STEPS 64 /* instructions looked at for one reader */

struct users {
   const struct ir_inst **of;
   uint32_t *first; /* by value id: of[first[id]] to of[first[id + 1] - 1] */
};

struct look {
   const struct users *users;
   const struct ir_value *v; /* the NaN */
   enum isa_type t;          /* its type */
   unsigned steps;           /* left */
};

static bool
is_const(const struct ir_value *v, uint64_t bits)
{
   return v->kind == IR_CONST && v->bits[0] == bits;
}

static uint64_t
sign_of(const struct look *l)
{
   return l->t == ISA_F64 ? 1ull << 63 : 1u << 31;
}

/* v has no bit but the sign's. */
static bool
is_sign(const struct look *l, const struct ir_value *v)
{
   uint64_t sign = sign_of(l);
   return is_const(v, sign) ||
          (v->kind == IR_INST && v->def->op == ISA_AND &&
           (is_const(v->def->src[0], sign) || is_const(v->def->src[1], sign)));
}

static bool follows(struct look *l, const struct ir_value *y);

/* y under a compare that tells NaN from numbers: which side it then takes is known. */
static bool
follows_choice(struct look *l, const struct ir_inst *i)
{
   const struct ir_value *p = i->src[2];
   const struct ir_inst *c = p->kind == IR_INST ? p->def : NULL;
   if (c && c->op == ISA_SETP && c->nsrc == 2 && c->dst[0] == p &&
       c->mods.type[0] == l->t && !c->mods.boolop &&
       (follows(l, c->src[0]) || follows(l, c->src[1]))) {
      unsigned cmp = c->mods.cmp;
      if (cmp >= ISA_EQU && cmp <= ISA_GEU)
         return follows(l, i->src[0]);
      if (cmp >= ISA_EQ && cmp <= ISA_GE)
         return follows(l, i->src[1]);
   }
   return follows(l, i->src[0]) && follows(l, i->src[1]);
}

/* i's result is NaN where any of its sources is. */
static bool
hands_nan_on(const struct look *l, const struct ir_inst *i)
{
   unsigned gone = ISA_SAT | ISA_RELU | ISA_XORSIGN_ABS | ISA_SATFINITE | ISA_OOB;
   if (i->ndst != 1 || i->mods.type[0] != l->t || i->mods.type[1] ||
       (i->mods.flags & gone))
      return false;
   if (i->op == ISA_MIN || i->op == ISA_MAX)
      return i->mods.flags & ISA_NAN_PROP;
   return emit_is_arithmetic(i->op);
}

static bool
any_follows(struct look *l, const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++)
      if (follows(l, i->src[k]))
         return true;
   return false;
}

/* y, as a float of the NaN's type, is NaN where the NaN is one. */
static bool
follows(struct look *l, const struct ir_value *y)
{
   if (y == l->v)
      return true;
   if (y->kind != IR_INST || y->width != l->v->width || !l->steps)
      return false;
   l->steps--;
   const struct ir_inst *i = y->def;
   struct ir_value **s = i->src;
   switch (i->op) {
   case ISA_PHI:
      for (unsigned k = 0; k < i->nsrc; k++)
         if (!follows(l, s[k]))
            return false;
      return true;
   case ISA_COPY:
   case ISA_MOV:
      return i->nsrc == 1 && follows(l, s[0]);
   case ISA_SELP:
      return follows_choice(l, i);
   case ISA_ABS:
   case ISA_NEG:
      return i->mods.type[0] == l->t && follows(l, s[0]);
   case ISA_COPYSIGN:
      return i->mods.type[0] == l->t && follows(l, s[1]);
   case ISA_AND:
      return (is_const(s[1], sign_of(l) - 1) && follows(l, s[0])) ||
             (is_const(s[0], sign_of(l) - 1) && follows(l, s[1]));
   case ISA_OR:
   case ISA_XOR:
      return (is_sign(l, s[1]) && follows(l, s[0])) ||
             (is_sign(l, s[0]) && follows(l, s[1]));
   default:
      return hands_nan_on(l, i) && any_follows(l, i);
   }
}

/* Makes a result of its operands in the same lane, and does nothing else. */
static bool
is_plain(const struct ir_inst *i)
{
   const struct isa_op_info *op = isa_op_info(i->op);
   return i->ndst == 1 && i->op < ISA_PHI && i->op != ISA_CALL && op->reach == ISA_LANE &&
          op->effects == ISA_PURE;
}

/* Nothing that reads w, which is made of the NaN's bits, gives a result that tells. */
static bool
is_hidden(struct look *l, const struct ir_value *w)
{
   const struct users *u = l->users;
   for (uint32_t n = u->first[w->id]; n < u->first[w->id + 1]; n++) {
      const struct ir_inst *i = u->of[n];
      if (!l->steps)
         return false;
      l->steps--;
      if (hands_nan_on(l, i) && any_follows(l, i))
         continue;
      if (!is_plain(i) || !is_hidden(l, i->dst[0]))
         return false;
   }
   return true;
}

static struct users
find_users(struct emit *e)
{
   uint32_t values = e->f->value_count, n = 0;
   struct users u = {.first = arena_array(e->a, uint32_t, values + 2)};
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         for (unsigned k = 0; k < i->nsrc; k++, n++)
            u.first[i->src[k]->id + 2]++;
   for (uint32_t v = 2; v < values + 2; v++)
      u.first[v] += u.first[v - 1];
   u.of = arena_array(e->a, const struct ir_inst *, n + 1);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         for (unsigned k = 0; k < i->nsrc; k++)
            u.of[u.first[i->src[k]->id + 1]++] = i;
   return u;
}

void
emit_find_hidden_bits(struct emit *e, bool (*reads)(const struct emit *,
                                                    const struct ir_inst *, unsigned))
{
   struct users users = {0};
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o]) {
         if (!is_plain(i))
            continue;
         for (unsigned k = 0; k < i->nsrc && k < 8; k++) {
            if (!reads(e, i, k))
               continue;
            if (!users.of)
               users = find_users(e);
            enum isa_type t = i->src[k]->def->mods.type[0];
            struct look l = {&users, i->src[k], t, STEPS};
            if (is_hidden(&l, i->dst[0]))
               e->hidden_bits[i->dst[0]->id] |= (uint8_t)(1u << k);
         }
      }
}
