/* SPDX-License-Identifier: Apache-2.0
 * Alignment: how many low bits of a value are zero in every lane, supposing that the
 * kernel's arguments are as aligned as its accesses need them; and what they need. An
 * access whose alignment does not follow is left to a test when it runs. */
#include <string.h>

#include "analysis/analysis.h"

#define ALL_ZERO 64
#define ARGUMENT_ZEROS 5 /* at most: 32 bytes, the widest access */
#define GENERIC_ZEROS 4  /* where a window of local memory begins */
#define MBARRIER_ZEROS 3 /* objects of 64 bits */

struct solver {
   const struct ir_func *f;
   const struct cfg *g;
   bool arguments; /* are as needed */
};

static uint8_t
zeros_of(uint64_t bits)
{
   return bits ? (uint8_t)__builtin_ctzll(bits) : ALL_ZERO;
}

static uint8_t
source(const uint8_t *z, const struct ir_inst *i, unsigned k)
{
   const struct ir_value *v = i->src[k];
   switch ((enum ir_value_kind)v->kind) {
   case IR_CONST:
      return zeros_of(v->bits[0]);
   case IR_UNDEF:
      return ALL_ZERO;
   case IR_INST:
      return z[v->id];
   case IR_REG:
   case IR_ARG:
   case IR_SINK:
      break;
   }
   return 0;
}

/* Result k of i is a kernel argument of 32 or 64 bits: where it lies. */
static bool
is_argument(const struct solver *s, const struct ir_inst *i, unsigned k, uint32_t *offset)
{
   if (!s->f->is_kernel || i->op != ISA_LD || i->mods.space != ISA_PARAM ||
       i->src[0]->kind != IR_INST)
      return false;
   const struct ir_inst *a = i->src[0]->def;
   unsigned bits = isa_type_bits(i->mods.type[0]);
   if (a->op != ISA_ADDR || !a->sym || a->sym->space != ISA_PARAM || bits < 32 ||
       bits > 64 || isa_type_is_float(i->mods.type[0]))
      return false;
   uint64_t at =
      a->sym->address + (uint64_t)a->offset + (uint64_t)i->offset + k * bits / 8;
   *offset = (uint32_t)at;
   return at + bits / 8 <= s->f->param_bytes;
}

static bool
is_whole_number(const struct ir_inst *i)
{
   enum isa_type t = i->mods.type[0];
   return !isa_type_is_float(t) && t != ISA_U16X2 && t != ISA_S16X2 &&
          !(i->mods.flags & (ISA_CC | ISA_SAT));
}

static uint8_t
least(const uint8_t *z, const struct ir_inst *i, unsigned n)
{
   uint8_t r = ALL_ZERO;
   for (unsigned k = 0; k < n; k++)
      r = MIN2(r, source(z, i, k));
   return r;
}

static uint8_t
arithmetic(const uint8_t *z, const struct ir_inst *i)
{
   uint8_t a = source(z, i, 0), b = i->nsrc > 1 ? source(z, i, 1) : 0;
   bool by_constant =
      i->nsrc > 1 && i->src[1]->kind == IR_CONST && i->src[1]->bits[0] < 64;
   unsigned by = by_constant ? (unsigned)i->src[1]->bits[0] : 0;
   switch (i->op) {
   case ISA_ADD:
   case ISA_SUB:
   case ISA_MIN:
   case ISA_MAX:
   case ISA_OR:
   case ISA_XOR:
   case ISA_SELP:
      return MIN2(a, b);
   case ISA_NEG:
   case ISA_ABS:
      return a;
   case ISA_AND:
      return MAX2(a, b);
   case ISA_SHL:
      return (uint8_t)MIN2(a + by, ALL_ZERO);
   case ISA_SHR:
      return by_constant && a > by ? (uint8_t)(a - by) : 0;
   case ISA_MUL:
   case ISA_MAD:
      if (i->mods.mode != ISA_LO_HALF && i->mods.mode != ISA_WIDE)
         return 0;
      a = (uint8_t)MIN2(a + b, ALL_ZERO);
      return i->op == ISA_MUL ? a : MIN2(a, source(z, i, 2));
   default:
      return 0;
   }
}

/* In shared memory an address is where the symbol lies in the window. */
static uint8_t
address_zeros(const struct ir_inst *i)
{
   if (i->sym->space == ISA_SHARED)
      return zeros_of(i->sym->address + (uint64_t)i->offset);
   return MIN2(zeros_of(i->sym->align), zeros_of((uint64_t)i->offset));
}

static uint8_t
transfer(const struct solver *s, const uint8_t *z, const struct ir_inst *i, unsigned k)
{
   uint32_t at;
   switch (i->op) {
   case ISA_PHI:
      return least(z, i, i->nsrc);
   case ISA_ADDR:
      return i->sym && !i->sym->func ? address_zeros(i) : 0;
   case ISA_LD:
      return s->arguments && is_argument(s, i, k, &at) ? ARGUMENT_ZEROS : 0;
   case ISA_CVTA:
      return MIN2(source(z, i, 0), GENERIC_ZEROS);
   case ISA_COPY:
   case ISA_MOV: /* packs and unpacks: the first is the lowest part */
      return k == 0 && i->nsrc ? MIN2(source(z, i, 0), 16) : 0;
   case ISA_CVT:
      return is_whole_number(i) && !isa_type_is_float(i->mods.type[1]) && i->nsrc == 1
                ? source(z, i, 0)
                : 0;
   default:
      return is_whole_number(i) && i->ndst == 1 && i->nsrc ? arithmetic(z, i) : 0;
   }
}

/* From the most optimistic answer down. */
static uint8_t *
solve(const struct solver *s, struct arena *a)
{
   uint8_t *z = arena_array(a, uint8_t, s->f->value_count);
   memset(z, ALL_ZERO, s->f->value_count);
   for (bool changed = true; changed;) {
      changed = false;
      for (uint32_t o = 0; o < s->g->nrpo; o++)
         ir_foreach_inst (i, s->g->rpo[o])
            for (unsigned k = 0; k < i->ndst; k++) {
               const struct ir_value *d = i->dst[k];
               uint8_t now = d->kind == IR_INST ? transfer(s, z, i, k) : 0;
               if (d->kind != IR_INST || now >= z[d->id])
                  continue;
               z[d->id] = now;
               changed = true;
            }
   }
   return z;
}

unsigned
alignment_wanted(const struct ir_inst *i, unsigned k)
{
   if (i->op == ISA_CP_ASYNC) /* from and to memory */
      return k < 2 && i->src[2]->kind == IR_CONST && i->src[2]->bits[0]
                ? zeros_of(i->src[2]->bits[0])
                : 0;
   if (k)
      return 0;
   if (i->op == ISA_MBARRIER || i->op == ISA_CP_ASYNC_MBARRIER_ARRIVE)
      return i->mods.mode == ISA_MODE_PENDING_COUNT ? 0 : MBARRIER_ZEROS;
   unsigned n = i->op == ISA_LD ? i->ndst : MAX2(i->mods.vec, 1u);
   if ((i->op != ISA_LD && i->op != ISA_ST && i->op != ISA_ATOM && i->op != ISA_RED) ||
       i->mods.space == ISA_PARAM || i->mods.space == ISA_PARAM_FUNC)
      return 0;
   return zeros_of(MAX2(isa_type_bits(i->mods.type[0]) / 8 * n, 1u));
}

static bool
proves(const uint8_t *z, const struct ir_inst *i, unsigned k)
{
   return MIN2(source(z, i, k), zeros_of(alignment_offset(i, k))) >=
          alignment_wanted(i, k);
}

/* -- What accesses ask of arguments: from an address back to those that it is made of. */
struct marking {
   const struct solver *s;
   const uint8_t *z, *without; /* zeros with and without what is supposed of arguments */
   uint8_t *marked;            /* by value id: asked for so many */
   VEC(struct ir_value *) work;
   struct alignment_needs *needs;
   struct arena *a;
};

static void
ask(struct marking *m, const struct ir_inst *i, unsigned k, unsigned zeros)
{
   struct ir_value *v = i->src[k];
   if (v->kind != IR_INST || m->without[v->id] >= zeros || m->marked[v->id] >= zeros)
      return;
   m->marked[v->id] = (uint8_t)zeros;
   vec_push(&m->work, v);
}

static void
note_need(struct marking *m, uint32_t offset, unsigned zeros)
{
   struct alignment_needs *n = m->needs;
   for (uint32_t k = 0; k < n->n; k++)
      if (n->of[k].offset == offset) {
         n->of[k].zeros = MAX2(n->of[k].zeros, zeros);
         return;
      }
   struct alignment_need *more = arena_array(m->a, struct alignment_need, n->n + 1);
   if (n->n)
      memcpy(more, n->of, n->n * sizeof *more);
   more[n->n++] = (struct alignment_need){offset, zeros};
   n->of = more;
}

static void
ask_sources(struct marking *m, const struct ir_value *v)
{
   const struct ir_inst *i = v->def;
   unsigned zeros = m->marked[v->id], by;
   uint32_t offset;
   unsigned which = 0;
   while (which < i->ndst && i->dst[which] != v)
      which++;
   switch (i->op) {
   case ISA_LD:
      if (is_argument(m->s, i, which, &offset))
         note_need(m, offset, zeros);
      return;
   case ISA_MAD:
      ask(m, i, 2, zeros);
      KASURI_FALLTHROUGH;
   case ISA_MUL:
      for (unsigned k = 0; k < 2; k++)
         ask(m, i, k, MIN2(zeros, source(m->z, i, k)));
      return;
   case ISA_AND:
      ask(m, i, source(m->z, i, 0) >= zeros ? 0 : 1, zeros);
      return;
   case ISA_SHL:
      by = i->src[1]->kind == IR_CONST ? (unsigned)MIN2(i->src[1]->bits[0], 64u) : 0;
      ask(m, i, 0, zeros > by ? zeros - by : 0);
      return;
   case ISA_SHR:
      ask(m, i, 0, zeros + (unsigned)i->src[1]->bits[0]);
      return;
   case ISA_SELP:
      ask(m, i, 0, zeros);
      ask(m, i, 1, zeros);
      return;
   default:
      for (unsigned k = 0; k < i->nsrc; k++)
         ask(m, i, k, zeros);
   }
}

static void
ask_address(struct marking *m, const struct ir_inst *i, unsigned k)
{
   ask(m, i, k, alignment_wanted(i, k));
   while (m->work.len)
      ask_sources(m, m->work.data[--m->work.len]);
}

struct alignment_needs
alignment_mark(struct ir_func *f, const struct cfg *g, bool arguments, struct arena *a)
{
   struct solver s = {f, g, arguments}, bare = {f, g, false};
   struct alignment_needs needs = {0};
   struct marking m = {.s = &s, .needs = &needs, .a = a};
   m.z = solve(&s, a);
   m.without = arguments ? solve(&bare, a) : m.z;
   m.marked = arena_array(a, uint8_t, f->value_count);
   memset(m.marked, 0, f->value_count);
   for (uint32_t o = 0; o < g->nrpo; o++)
      ir_foreach_inst (i, g->rpo[o])
         for (unsigned k = 0; k < ALIGNMENT_ADDRESSES; k++) {
            if (!alignment_wanted(i, k) || !proves(m.z, i, k))
               continue;
            i->aligned |= (uint8_t)(1u << k);
            ask_address(&m, i, k);
         }
   vec_finish(&m.work);
   return needs;
}
