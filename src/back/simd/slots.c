/* SPDX-License-Identifier: Apache-2.0
 * Local memory by slots: where no pointer to it can be seen, word k of all lanes of a
 * warp lies side by side, so that what all lanes access at one index of their arrays is
 * one vector. Elsewhere each lane's memory is in one piece, as pointers to it want it. */
#include <stddef.h>

#include "back/simd/emit.h"

#define SLOT_BITS 32u
#define SLOT_LOG2 2u /* of its bytes */

/* -- Whether it may be so. */
static bool
keeps_slots(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_CALL:
   case ISA_ALLOCA:
   case ISA_STACKSAVE:
   case ISA_STACKRESTORE:
      return false;
   case ISA_LD:
   case ISA_LDU:
   case ISA_ST:
      return isa_type_bits(i->mods.type[0]) <= 64 || !emit_is_frame(i->mods.space);
   default:
      return i->op >= ISA_PHI || !emit_is_frame(i->mods.space);
   }
}

bool
slots_possible(const struct ir_func *f)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b)
         if (!keeps_slots(i))
            return false;
   }
   return true;
}

/* -- Where they are. */
struct place {
   val base;  /* the warp's */
   val index; /* of the lane's slot, or of the first lane's where all are in one row */
   val shift; /* bits below the element in its slot; NULL: none */
};

static val
warp_base(struct emit *e)
{
   val base = emit_space_base(e, ISA_LOCAL);
   if (!e->warp)
      return base;
   val stride = emit_ctx_field(e, offsetof(struct exec_ctx, local_stride), e->i64);
   val lanes = LLVMBuildMul(e->b, e->warp, emit_const(e, 32, e->width), "");
   val at = LLVMBuildMul(e->b, stride, emit_resize(e, lanes, 64, false), "");
   return LLVMBuildGEP2(e->b, e->i8, base, &at, 1, "");
}

/* A row has a slot for each lane of the vector function. */
static unsigned
row_log2(const struct emit *e)
{
   return (unsigned)__builtin_ctz(e->width);
}

static val
constant_like(struct emit *e, val x, uint64_t c)
{
   val k = emit_const(e, 32, c);
   return emit_is_vec(x) ? emit_splat(e, k) : k;
}

/* Element k of what a accesses. addr: in bytes, 32 bits. */
static struct place
place_of(struct emit *e, const struct emit_access *a, val base, val addr, unsigned k)
{
   struct place p = {.base = base};
   uint64_t off = (uint64_t)a->i->offset + k * (a->bits / 8);
   addr = LLVMBuildAdd(e->b, addr, constant_like(e, addr, off), "");
   val row = LLVMBuildLShr(e->b, addr, constant_like(e, addr, SLOT_LOG2), "");
   p.index = LLVMBuildShl(e->b, row, constant_like(e, addr, row_log2(e)), "");
   if (emit_is_vec(addr))
      p.index = LLVMBuildOr(e->b, p.index, emit_iota(e, 32, NULL), "");
   if (a->bits >= SLOT_BITS)
      return p;
   p.shift = LLVMBuildAnd(e->b, addr, constant_like(e, addr, 3), "");
   p.shift = LLVMBuildShl(e->b, p.shift, constant_like(e, addr, 3), "");
   if (!emit_is_vec(addr))
      p.shift = emit_splat(e, p.shift);
   return p;
}

/* The slot `rows` further, or a vector of such. */
static val
slot_pointer(struct emit *e, const struct place *p, unsigned rows)
{
   val at = LLVMBuildAdd(e->b, p->index, constant_like(e, p->index, rows * e->width), "");
   if (emit_is_vec(at))
      at = LLVMBuildSExt(e->b, at, LLVMVectorType(e->i64, e->width), "");
   return LLVMBuildGEP2(e->b, e->i32, p->base, &at, 1, "");
}

static bool
is_row(const struct place *p)
{
   return !emit_is_vec(p->index);
}

/* The slots as an access of their own: gathers and scatters go by that. */
static struct emit_access
slot_access(struct emit *e, const struct emit_access *a)
{
   struct emit_access s = *a;
   s.bits = SLOT_BITS;
   s.elem = e->i32;
   s.align = SLOT_BITS / 8;
   s.n = 1;
   return s;
}

#define ROW_ALIGN 64u

static val
load_slots(struct emit *e, const struct emit_access *a, const struct place *p,
           unsigned rows)
{
   val at = slot_pointer(e, p, rows);
   if (!is_row(p)) {
      struct emit_access s = slot_access(e, a);
      return emit_gather(e, &s, at, 0);
   }
   /* Lanes that are not here have slots too: no mask. */
   val x = LLVMBuildLoad2(e->b, LLVMVectorType(e->i32, e->width), at, "");
   LLVMSetAlignment(x, ROW_ALIGN);
   return x;
}

static void
store_slots(struct emit *e, const struct emit_access *a, const struct place *p,
            unsigned rows, val x)
{
   val at = slot_pointer(e, p, rows);
   if (!is_row(p)) {
      struct emit_access s = slot_access(e, a);
      emit_scatter(e, &s, at, 0, x);
      return;
   }
   if (a->mask)
      x = LLVMBuildSelect(e->b, a->mask, x, load_slots(e, a, p, rows), "");
   LLVMSetAlignment(LLVMBuildStore(e->b, x, at), ROW_ALIGN);
}

/* -- Elements: two slots, one, or a part of one. */
static val
load_element(struct emit *e, const struct emit_access *a, const struct place *p)
{
   val x = load_slots(e, a, p, 0);
   if (a->bits <= SLOT_BITS) {
      if (p->shift)
         x = LLVMBuildLShr(e->b, x, p->shift, "");
      return emit_resize(e, x, a->bits, false);
   }
   val high = emit_resize(e, load_slots(e, a, p, 1), 64, false);
   high = LLVMBuildShl(e->b, high, emit_splat(e, emit_const(e, 64, SLOT_BITS)), "");
   return LLVMBuildOr(e->b, emit_resize(e, x, 64, false), high, "");
}

static void
store_element(struct emit *e, const struct emit_access *a, const struct place *p, val x)
{
   if (a->bits < SLOT_BITS) {
      val part = emit_splat(e, emit_const(e, 32, (1u << a->bits) - 1));
      val others = LLVMBuildNot(e->b, LLVMBuildShl(e->b, part, p->shift, ""), "");
      x = LLVMBuildShl(e->b, emit_resize(e, x, 32, false), p->shift, "");
      val old = LLVMBuildAnd(e->b, load_slots(e, a, p, 0), others, "");
      x = LLVMBuildOr(e->b, old, x, "");
   }
   store_slots(e, a, p, 0, emit_resize(e, x, 32, false));
   if (a->bits <= SLOT_BITS)
      return;
   x = LLVMBuildLShr(e->b, x, emit_splat(e, emit_const(e, 64, SLOT_BITS)), "");
   store_slots(e, a, p, 1, emit_resize(e, x, 32, false));
}

static val
address(struct emit *e, const struct emit_access *a)
{
   struct ir_value *v = a->i->src[0];
   return emit_resize(e, emit_use(e, v, !emit_is_uniform(e, v)), 32, false);
}

void
slots_load(struct emit *e, const struct emit_access *a, val *out)
{
   val base = warp_base(e), addr = address(e, a);
   for (unsigned k = 0; k < a->n; k++) {
      struct place p = place_of(e, a, base, addr, k);
      out[k] = load_element(e, a, &p);
   }
}

void
slots_store(struct emit *e, const struct emit_access *a, val *x)
{
   val base = warp_base(e), addr = address(e, a);
   for (unsigned k = 0; k < a->n; k++) {
      struct place p = place_of(e, a, base, addr, k);
      store_element(e, a, &p, x[k]);
   }
}
