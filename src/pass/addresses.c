/* SPDX-License-Identifier: Apache-2.0
 * In kernels with barriers, lanes' addresses that are computed ahead of the block that
 * uses them from one number of 32 bits are computed there: warps keep numbers while they
 * wait, not pointers, and what an access has to do with its number is seen where it is
 * done. */
#include "analysis/analysis.h"
#include "pass/pass.h"

#define MOST_DEPTH 8

struct addresses {
   struct ir_func *f;
   const struct cfg *g;
   const struct lanes *l;
   struct ir_block *to;
   struct ir_value **copy; /* by id: in `to`, or NULL */
   uint32_t nvalues;
   struct ir_value *number; /* that the address at hand is made of */
};

static bool
is_step(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_ADD:
   case ISA_SUB:
   case ISA_MUL:
   case ISA_MAD:
   case ISA_SHL:
   case ISA_CVT:
      return i->ndst == 1 && ir_inst_is_int(i) &&
             !(i->op == ISA_CVT && isa_type_is_float(i->mods.type[1]));
   default:
      return false;
   }
}

static bool
is_uniform(const struct addresses *a, const struct ir_value *v)
{
   return v->kind != IR_INST ||
          (v->id < a->nvalues &&
           lanes_shape_at(a->l, a->g, v, a->to).kind == SHAPE_UNIFORM);
}

/* Whether all that v is made of lane by lane is one number of 32 bits at most. */
static bool
has_number(struct addresses *a, struct ir_value *v, unsigned depth)
{
   if (is_uniform(a, v))
      return true;
   if (v->id >= a->nvalues)
      return false;
   const struct ir_inst *i = v->def;
   if (!depth || !is_step(i)) {
      if (ir_width_bits(v->width) > 32 || (a->number && a->number != v))
         return false;
      a->number = v;
      return true;
   }
   bool all = true;
   for (unsigned k = 0; k < i->nsrc; k++)
      all &= has_number(a, i->src[k], depth - 1);
   return all;
}

static struct ir_value *
made_here(struct addresses *a, struct ir_inst *at, struct ir_value *v)
{
   if (is_uniform(a, v) || v == a->number)
      return v;
   struct ir_value **copy = &a->copy[v->id];
   if (*copy && (*copy)->def->block == a->to)
      return *copy;
   struct ir_inst *i = ir_inst_copy(a->f, v->def);
   for (unsigned k = 0; k < i->nsrc; k++)
      i->src[k] = made_here(a, at, i->src[k]);
   i->dst[0] = ir_value_create(a->f, IR_INST, (enum ir_width)v->width, NULL);
   i->dst[0]->def = i;
   ir_inst_insert_before(at, i);
   return *copy = i->dst[0];
}

static bool
has_barrier(const struct cfg *g)
{
   for (uint32_t o = 0; o < g->nrpo; o++)
      ir_foreach_inst (i, g->rpo[o])
         if (ir_inst_is_barrier(i))
            return true;
   return false;
}

bool
opt_addresses(struct ir_func *f, const struct cfg *g, const struct lanes *l)
{
   if (!has_barrier(g))
      return false;
   struct arena *scratch = arena_create();
   struct addresses a = {.f = f, .g = g, .l = l, .nvalues = f->value_count};
   a.copy = arena_array(scratch, struct ir_value *, a.nvalues);
   bool changed = false;
   for (uint32_t o = 0; o < g->nrpo; o++) {
      a.to = g->rpo[o];
      ir_foreach_inst (i, a.to) {
         struct ir_value *v = ir_inst_is_access(i) ? i->src[0] : NULL;
         a.number = NULL;
         if (!v || v->kind != IR_INST || v->id >= a.nvalues || v->def->block == a.to ||
             !is_step(v->def) || lanes_shape_at(l, g, v, a.to).kind != SHAPE_VARYING ||
             !has_number(&a, v, MOST_DEPTH) || !a.number)
            continue;
         i->src[0] = made_here(&a, i, v);
         changed = true;
      }
   }
   arena_destroy(scratch);
   return changed;
}
