/* SPDX-License-Identifier: Apache-2.0
 * Values that warps would keep at barriers although everybody can make them: a few
 * integer steps from parameters, constants and special registers, such as a thread's row
 * in a tile. They are made again behind the barrier, in each block that reads them. That
 * saves their places in the frames, and what all warps of a block make alike, LLVM then
 * does once, ahead of the loop over them, with all that follows from it: what comes out
 * of a frame it must take for different in each. */
#include "back/simd/rounds.h"

#define MOST_STEPS 12 /* for one value */

struct use {
   struct ir_inst *i;
   unsigned k;
   struct ir_value *as;
};

struct remaking {
   struct emit *e;
   struct bitset kept;    /* by value id: some stop would keep it */
   uint8_t *steps;        /* by value id: 1 + its steps, MOST_STEPS + 2: not to be made */
   struct ir_value **now; /* by value id: made in the block at hand */
   VEC(uint32_t) made;    /* whose */
   VEC(struct use) uses;  /* changed last: copies are made of the kernel as it was */
};

static bool
is_known_to_all(const struct ir_inst *i)
{
   switch (i->mods.extra) {
   case ISA_SREG_TID_X:
   case ISA_SREG_TID_Y:
   case ISA_SREG_TID_Z:
   case ISA_SREG_NTID_X:
   case ISA_SREG_NTID_Y:
   case ISA_SREG_NTID_Z:
   case ISA_SREG_CTAID_X:
   case ISA_SREG_CTAID_Y:
   case ISA_SREG_CTAID_Z:
   case ISA_SREG_NCTAID_X:
   case ISA_SREG_NCTAID_Y:
   case ISA_SREG_NCTAID_Z:
      return true;
   default:
      return false;
   }
}

static bool
is_step(const struct ir_inst *i)
{
   if (i->guard || i->ndst != 1)
      return false;
   switch (i->op) {
   case ISA_ADDR:
      return true;
   case ISA_SREG:
      return is_known_to_all(i);
   case ISA_LD:
      return i->mods.space == ISA_PARAM && i->mods.sem == ISA_WEAK;
   case ISA_MOV:
   case ISA_CVTA:
   case ISA_AND:
   case ISA_OR:
   case ISA_XOR:
   case ISA_NOT:
   case ISA_SHL:
   case ISA_SHR:
      return true;
   case ISA_ADD:
   case ISA_SUB:
   case ISA_MUL:
   case ISA_MAD:
   case ISA_NEG:
   case ISA_CVT:
      return !isa_type_is_float(i->mods.type[0]) && !isa_type_is_float(i->mods.type[1]);
   default:
      return false;
   }
}

/* How many steps make v, or more than MOST_STEPS. */
static unsigned
steps_of(struct remaking *r, const struct ir_value *v)
{
   if (v->kind != IR_INST)
      return v->kind == IR_CONST || v->kind == IR_UNDEF ? 0 : MOST_STEPS + 1;
   uint8_t *known = &r->steps[v->id];
   if (*known)
      return *known - 1u;
   *known = MOST_STEPS + 2; /* also for what a loop leads back to */
   const struct shape *s = &r->e->l->shape[v->id];
   if (s->kind == SHAPE_VARYING || s->conditional || !is_step(v->def))
      return MOST_STEPS + 1;
   unsigned n = 1;
   for (unsigned k = 0; k < v->def->nsrc && n <= MOST_STEPS; k++)
      n += steps_of(r, v->def->src[k]);
   *known = (uint8_t)(MIN2(n, MOST_STEPS + 1u) + 1);
   return *known - 1u;
}

/* v, made before `at`. */
static struct ir_value *
make(struct remaking *r, struct ir_value *v, struct ir_inst *at)
{
   if (v->kind != IR_INST || v->def->block == at->block)
      return v;
   if (r->now[v->id])
      return r->now[v->id];
   struct ir_inst *n = ir_inst_copy(r->e->f, v->def);
   for (unsigned k = 0; k < n->nsrc; k++)
      n->src[k] = make(r, v->def->src[k], at);
   n->dst[0] = ir_value_create(r->e->f, IR_INST, v->width, NULL);
   n->dst[0]->def = n;
   ir_inst_insert_before(at, n);
   vec_push(&r->made, v->id);
   return r->now[v->id] = n->dst[0];
}

static bool
is_remade(struct remaking *r, const struct ir_value *v, const struct ir_block *in)
{
   return v->kind == IR_INST && v->def->block != in && v->id < r->kept.n &&
          bitset_has(&r->kept, v->id) && steps_of(r, v) <= MOST_STEPS;
}

static void
remake_in(struct remaking *r, struct ir_block *b)
{
   struct ir_inst *first = b->first;
   while (first->op == ISA_PHI)
      first = first->next;
   for (struct ir_inst *i = first; i; i = i->next)
      for (unsigned k = 0; k < i->nsrc; k++)
         if (is_remade(r, i->src[k], b))
            vec_push(&r->uses, (struct use){i, k, make(r, i->src[k], first)});
   for (size_t k = 0; k < r->made.len; k++)
      r->now[r->made.data[k]] = NULL;
   r->made.len = 0;
}

static bool
find_kept(struct remaking *r)
{
   struct emit *e = r->e;
   struct liveness *l = liveness_compute(e->f, e->g, e->a);
   bool any = false;
   ir_foreach_block (b, e->f)
      if (b->last->prev && ir_inst_is_barrier(b->last->prev)) {
         bitset_union(&r->kept, &l->in[b->last->targets[0]->id]);
         any = true;
      }
   return any;
}

void
rounds_remake(struct emit *e)
{
   uint32_t n = e->f->value_count;
   struct remaking r = {.e = e, .kept = bitset_new(e->a, n)};
   r.steps = arena_array(e->a, uint8_t, n);
   r.now = arena_array(e->a, struct ir_value *, n);
   if (find_kept(&r))
      ir_foreach_block (b, e->f)
         remake_in(&r, b);
   for (size_t k = 0; k < r.uses.len; k++)
      r.uses.data[k].i->src[r.uses.data[k].k] = r.uses.data[k].as;
   vec_finish(&r.uses);
   vec_finish(&r.made);
   if (e->f->value_count > n)
      e->l = lanes_compute(e->f, e->g, e->l->config, e->a);
}
