/* SPDX-License-Identifier: Apache-2.0
 * Decodes a function's instructions into iops: which handler, where its operands lie. */
#include "interp_priv.h"

#include "isa/isa_warp.h"

/* Handlers of what has no lane-wise meaning in isa/. */
static iop_fn *const handlers[ISA_OP_COUNT] = {
   [ISA_MOV] = op_mov,
   [ISA_COPY] = op_mov,
   [ISA_SREG] = op_sreg,
   [ISA_LD] = op_ld,
   [ISA_LDU] = op_ld,
   [ISA_ST] = op_st,
   [ISA_ST_BULK] = op_st_bulk,
   [ISA_ATOM] = op_atom,
   [ISA_RED] = op_atom,
   [ISA_CVTA] = op_cvta,
   [ISA_ISSPACEP] = op_isspacep,
   [ISA_MAPA] = op_mapa,
   [ISA_GETCTARANK] = op_getctarank,
   [ISA_PREFETCH] = op_nop,
   [ISA_PREFETCHU] = op_nop,
   [ISA_APPLYPRIORITY] = op_nop,
   [ISA_DISCARD] = op_nop,
   [ISA_CREATEPOLICY] = op_zero,
   [ISA_CP_ASYNC] = op_cp_async,
   [ISA_CP_ASYNC_COMMIT_GROUP] = op_nop,
   [ISA_CP_ASYNC_WAIT_GROUP] = op_nop,
   [ISA_CP_ASYNC_WAIT_ALL] = op_nop,
   [ISA_CP_ASYNC_MBARRIER_ARRIVE] = op_cp_async_mbarrier_arrive,
   [ISA_CP_ASYNC_BULK] = op_bulk_copy,
   [ISA_CP_ASYNC_BULK_PREFETCH] = op_nop,
   [ISA_CP_ASYNC_BULK_COMMIT_GROUP] = op_nop,
   [ISA_CP_ASYNC_BULK_WAIT_GROUP] = op_nop,
   [ISA_BRA] = op_bra,
   [ISA_BRX] = op_brx,
   [ISA_CALL] = op_call,
   [ISA_RET] = op_ret,
   [ISA_EXIT] = op_exit,
   [ISA_TRAP] = op_trap,
   [ISA_BRKPT] = op_nop,
   [ISA_BAR] = op_bar,
   [ISA_BARRIER] = op_bar,
   [ISA_BAR_WARP] = op_bar_warp,
   [ISA_BARRIER_CLUSTER] = op_bar_cluster,
   [ISA_MEMBAR] = op_fence,
   [ISA_FENCE] = op_fence,
   [ISA_SHFL] = op_shfl,
   [ISA_VOTE] = op_vote,
   [ISA_MATCH] = op_match,
   [ISA_REDUX] = op_redux,
   [ISA_ELECT] = op_elect,
   [ISA_ACTIVEMASK] = op_activemask,
   [ISA_GRIDDEPCONTROL] = op_nop,
   [ISA_MBARRIER] = op_mbarrier,
   [ISA_ALLOCA] = op_alloca,
   [ISA_STACKSAVE] = op_stacksave,
   [ISA_STACKRESTORE] = op_stackrestore,
   [ISA_NANOSLEEP] = op_nanosleep,
   [ISA_PMEVENT] = op_nop,
   [ISA_SETMAXNREG] = op_nop,
};

struct decoder {
   struct ikernel *k;
   struct ifunc *f;
   struct diag *d;
   iref *by_value;       /* by value id; 0: has no slot yet */
   uint32_t *block_at;   /* by block id: its first iop */
   uint32_t slots;       /* in the frame */
   VEC(uint64_t) pool;   /* two words a constant */
   VEC(struct iop) code; /* targets are block ids until the end */
};

/* The frame's first slots. */
#define LINK_SLOTS ((uint32_t)(sizeof(struct ilink) + SLOT - 1) / SLOT)
#define WASTE_SLOT LINK_SLOTS
#define ZERO_REF 1u /* the pool's first constant */

static iref
frame_ref(uint32_t slot)
{
   return slot * SLOT << 1;
}

static iref
constant(struct decoder *c, uint64_t lo, uint64_t hi)
{
   uint32_t n = (uint32_t)(c->pool.len / 2);
   vec_push(&c->pool, lo);
   vec_push(&c->pool, hi);
   return n * SLOT << 1 | 1;
}

static iref
operand(struct decoder *c, const struct ir_value *v)
{
   if (v->kind == IR_SINK)
      return frame_ref(WASTE_SLOT);
   iref *r = &c->by_value[v->id];
   if (*r)
      return *r;
   if (v->kind == IR_CONST)
      *r = constant(c, v->bits[0], v->bits[1]);
   else if (v->kind == IR_UNDEF)
      *r = ZERO_REF;
   else
      *r = frame_ref(c->slots++);
   return *r;
}

static bool
refuse(struct decoder *c, const struct ir_inst *i, const char *what)
{
   char text[128];
   isa_print((enum isa_op)i->op, &i->mods, text, sizeof text);
   diag_error(c->d, i->loc, "back-unsupported-instruction", "%s: %s", text, what);
   return false;
}

static unsigned
element_bytes(const struct isa_mods *m)
{
   return MAX2(1u, isa_type_bits((enum isa_type)m->type[0]) / 8);
}

static int
access_order(const struct isa_mods *m, bool load)
{
   if (load)
      return m->sem == ISA_ACQUIRE || m->sem == ISA_ACQ_REL || m->sem == ISA_SC
                ? __ATOMIC_ACQUIRE
                : __ATOMIC_RELAXED;
   return m->sem == ISA_RELEASE || m->sem == ISA_ACQ_REL || m->sem == ISA_SC
             ? __ATOMIC_RELEASE
             : __ATOMIC_RELAXED;
}

static bool
decode_memory(struct decoder *c, const struct ir_inst *i, struct iop *o)
{
   const struct isa_mods *m = &i->mods;
   unsigned bytes = element_bytes(m);
   o->size = (uint8_t)bytes;
   o->sign = isa_type_is_signed((enum isa_type)m->type[0]);
   o->order = (uint8_t)access_order(m, i->op != ISA_ST);
   bool scalar = i->op == ISA_ST ? m->vec < 2 : i->ndst == 1;
   bool plain = scalar && m->sem == ISA_WEAK && bytes == 4;
   if (plain && (i->op == ISA_LD || i->op == ISA_ST) &&
       (m->space == ISA_GLOBAL || m->space == ISA_GENERIC || m->space == ISA_SHARED))
      o->fn = i->op == ISA_LD ? op_ld_word : op_st_word;
   if (bytes > 16 || bytes & (bytes - 1))
      return refuse(c, i, "element size");
   if ((i->op == ISA_ATOM || i->op == ISA_RED) && (!isa_atom_known(m) || m->vec > 8))
      return refuse(c, i, "the interpreter cannot execute this instruction");
   if (bytes == 16 && m->sem != ISA_WEAK && (i->op == ISA_LD || i->op == ISA_ST))
      return refuse(c, i, "an atomic access of 128 bits");
   return true;
}

static bool
decode_call(struct decoder *c, const struct ir_inst *i, struct iop *o)
{
   if (!i->callee) {
      o->fn = op_call_indirect;
      c->k->unbounded = true;
      return true;
   }
   if (interp_is_builtin(i->callee)) {
      o->fn = op_call_builtin;
      return true;
   }
   const struct ir_func *callee = i->callee->alias ? i->callee->alias : i->callee;
   if (!callee->first_block) {
      diag_error(c->d, i->loc, "back-unresolved-function",
                 "function '%s' is called but defined nowhere", callee->name);
      return false;
   }
   o->callee = interp_func(c->k, callee);
   return true;
}

/* Addresses that are the same for every thread are constants; those in a frame are not.
 */
static void
decode_addr(struct decoder *c, const struct ir_inst *i, struct iop *o)
{
   const struct ir_sym *s = i->sym;
   if (s->space == ISA_LOCAL || s->space == ISA_PARAM_FUNC) {
      o->fn = op_local_addr;
      o->word = s->address + (uint64_t)i->offset;
      return;
   }
   uint64_t a = s->address;
   if (s->func) {
      const struct ir_func *f = s->func->alias ? s->func->alias : s->func;
      a = (uintptr_t)s->func;
      if (f->first_block)
         interp_func(c->k, f);
   }
   o->fn = op_mov;
   o->s[0] = constant(c, a + (uint64_t)i->offset, 0);
   o->nsrc = 1;
}

static bool
decode_eval(struct decoder *c, const struct ir_inst *i, struct iop *o,
            const struct isa_eval *e)
{
   static const uint8_t slot_bytes[] = {
      [ISA_SLOT_8] = 1,  [ISA_SLOT_16] = 2,   [ISA_SLOT_32] = 4,
      [ISA_SLOT_64] = 8, [ISA_SLOT_PRED] = 0, [ISA_SLOT_NONE] = 0};
   o->eval = e->fn;
   o->word = e->mods_word;
   o->fn = i->nsrc < 2 ? op_eval1 : i->nsrc == 2 ? op_eval2 : op_eval4;
   if (i->ndst > 1 && i->dst[1]->kind != IR_SINK)
      o->fn = op_eval_two_results;
   if (i->nsrc > 4 || i->ndst > 2 || !i->ndst)
      return refuse(c, i, "number of operands");
   unsigned bytes = slot_bytes[e->dst[0]];
   if (bytes && bytes * 8 < ir_width_bits(i->dst[0]->width)) {
      o->size = (uint8_t)bytes;
      o->sign = isa_type_is_signed((enum isa_type)i->mods.type[0]);
      o->fn = op_eval_extend;
   }
   return true;
}

static void
decode_operands(struct decoder *c, const struct ir_inst *i, struct iop *o)
{
   iref *list = arena_array(c->k->arena, iref, (size_t)i->ndst + i->nsrc + 1);
   o->ndst = i->ndst;
   o->nsrc = i->nsrc;
   o->list = list;
   o->d[0] = o->d[1] = frame_ref(WASTE_SLOT);
   o->s[0] = o->s[1] = o->s[2] = o->s[3] = ZERO_REF;
   o->space = i->mods.space;
   for (unsigned n = 0; n < i->ndst; n++) {
      list[n] = operand(c, i->dst[n]);
      if (n < 8) {
         o->preds |= (uint8_t)((i->dst[n]->width == IR_PRED) << n);
         o->sinks |= (uint8_t)((i->dst[n]->kind == IR_SINK) << n);
      }
      if (n < 2)
         o->d[n] = list[n];
   }
   for (unsigned n = 0; n < i->nsrc; n++) {
      list[i->ndst + n] = operand(c, i->src[n]);
      if (n < 8)
         o->wide |= (uint8_t)((i->src[n]->width == IR_B64) << n);
      if (n < 4)
         o->s[n] = list[i->ndst + n];
   }
}

static bool
decode_inst(struct decoder *c, const struct ir_inst *i)
{
   struct iop o = {.inst = i, .line = i->loc.line, .word = (uint64_t)i->offset};
   struct isa_eval e;
   o.guard = i->guard ? operand(c, i->guard) : NO_GUARD;
   o.negated = i->guard_negated;
   decode_operands(c, i, &o);
   bool ok = true;
   o.fn = handlers[i->op];
   if (i->op == ISA_ADDR)
      decode_addr(c, i, &o);
   else if (i->op == ISA_CALL)
      ok = decode_call(c, i, &o);
   else if (i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST || i->op == ISA_ATOM ||
            i->op == ISA_RED)
      ok = decode_memory(c, i, &o);
   else if (i->op == ISA_ALLOCA)
      c->k->unbounded = true;
   else if (i->op == ISA_CP_ASYNC_BULK)
      o.bulk = isa_bulk_operands(&i->mods, i->nsrc);
   else if (!o.fn && isa_eval_get((enum isa_op)i->op, &i->mods, &e))
      ok = decode_eval(c, i, &o, &e);
   else if (!o.fn)
      ok = refuse(c, i, "the interpreter cannot execute this instruction");
   if (ok && (i->op == ISA_BRA || i->op == ISA_BRX))
      o.target = i->targets[0]->id;
   vec_push(&c->code, o);
   if (ok && i->op == ISA_BRA && i->ntargets > 1 && i->targets[1] != i->block->next) {
      struct iop other = {.inst = i, .fn = op_bra, .guard = NO_GUARD, .line = o.line};
      other.target = i->targets[1]->id;
      vec_push(&c->code, other);
   }
   return ok;
}

/* Block ids become indices of iops. */
static void
resolve_targets(struct decoder *c)
{
   for (size_t n = 0; n < c->code.len; n++) {
      struct iop *o = &c->code.data[n];
      if (o->fn == op_bra)
         o->target = c->block_at[o->target];
      if (o->fn != op_brx)
         continue;
      uint32_t *t = arena_array(c->k->arena, uint32_t, o->inst->ntargets);
      for (uint32_t i = 0; i < o->inst->ntargets; i++)
         t[i] = c->block_at[o->inst->targets[i]->id];
      o->targets = t;
   }
}

static void
lay_out_frame(struct decoder *c)
{
   struct ifunc *f = c->f;
   struct arena *a = c->k->arena;
   f->code = arena_array(a, struct iop, c->code.len + 1);
   if (c->code.len)
      memcpy(f->code, c->code.data, c->code.len * sizeof *f->code);
   f->ncode = (uint32_t)c->code.len;
   f->pool = arena_alloc(a, c->pool.len * sizeof(uint64_t) + SLOT);
   if (c->pool.len)
      memcpy(f->pool, c->pool.data, c->pool.len * sizeof(uint64_t));
   f->reg_bytes = c->slots * SLOT;
   f->vars_at = ALIGN_UP(f->reg_bytes, MAX2(f->ir->local_align, (uint32_t)SLOT));
   f->frame_bytes = ALIGN_UP(f->vars_at + f->ir->local_bytes, (uint32_t)SLOT);
}

static void
find_extent(const struct ir_func *f, uint32_t *values, uint32_t *blocks)
{
   *values = f->value_count;
   *blocks = 0;
   ir_foreach_block (b, f)
      *blocks = MAX2(*blocks, b->id + 1);
}

bool
interp_decode(struct ikernel *k, struct ifunc *f, struct diag *d)
{
   struct decoder c = {.k = k, .f = f, .d = d, .slots = WASTE_SLOT + 1};
   uint32_t nvalues, nblocks;
   find_extent(f->ir, &nvalues, &nblocks);
   constant(&c, 0, 0);
   c.by_value = base_calloc(nvalues + 1, sizeof *c.by_value);
   c.block_at = base_calloc(nblocks + 1, sizeof *c.block_at);
   f->args = arena_array(k->arena, iref, f->ir->nargs + 1);
   for (uint32_t i = 0; i < f->ir->nargs; i++)
      f->args[i] = operand(&c, f->ir->args[i]);
   bool ok = true;
   ir_foreach_block (b, f->ir) {
      c.block_at[b->id] = (uint32_t)c.code.len;
      ir_foreach_inst (i, b)
         ok &= decode_inst(&c, i);
   }
   /* A body that runs past its end returns. */
   struct iop end = {.fn = op_ret, .guard = NO_GUARD};
   vec_push(&c.code, end);
   if (ok) {
      resolve_targets(&c);
      lay_out_frame(&c);
   }
   base_free(c.by_value);
   base_free(c.block_at);
   vec_finish(&c.pool);
   vec_finish(&c.code);
   return ok;
}
