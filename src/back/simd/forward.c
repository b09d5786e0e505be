/* SPDX-License-Identifier: Apache-2.0
 * Shared memory of a block of one warp, where masks and addresses are known while code is
 * made: what a load finds there is what lanes have stored before, so it is had from their
 * values with shuffles. Memory that is written but never read is not written at all.
 * What is known holds along straight code; it is forgotten where control meets. */
#include "back/simd/emit.h"

/* Words of shared memory that are looked at. */
#define WORDS 4096u
#define WORD 4

/* An element's first word: a lane of x, or x where that is a scalar. */
struct cell {
   val x;
   uint8_t lane, words;
   uint32_t epoch; /* known while it equals forward.epoch */
};

struct forward {
   struct emit_node *node; /* where it was looked at last */
   uint32_t epoch;
   bool read; /* memory is, too */
   VEC(val) stores;
   struct cell cell[WORDS];
};

static struct forward *
state(struct emit *e)
{
   if (!e->forward) {
      e->forward = arena_new(e->a, struct forward);
      e->forward->epoch = 1;
      e->forward->node = e->node;
   }
   struct forward *w = e->forward;
   if (w->node != e->node && !flow_comes_from(e, w->node))
      w->epoch++;
   w->node = e->node;
   return w;
}

static bool
is_one_warp(const struct emit *e)
{
   const uint32_t *n = e->l->config->block;
   return e->width > 1 && n[0] && n[0] * n[1] * n[2] <= e->width;
}

static bool
is_apart(unsigned space)
{
   return space == ISA_GLOBAL || space == ISA_CONST || space == ISA_PARAM ||
          emit_is_frame(space);
}

void
forward_pass(struct emit *e, const struct ir_inst *i)
{
   if (!is_one_warp(e) || ir_inst_is_pure(i))
      return;
   switch (i->op) {
   case ISA_LD:
   case ISA_LDU:
      if (!is_apart(i->mods.space) && i->mods.space != ISA_SHARED)
         state(e)->read = true;
      return;
   case ISA_ST:
   case ISA_ATOM:
   case ISA_RED:
      if (is_apart(i->mods.space) || (i->op == ISA_ST && i->mods.space == ISA_SHARED))
         return;
      break;
   case ISA_BAR:
   case ISA_BARRIER:
      return;
   default:
      if (emit_is_warp_op(i))
         return;
      break;
   }
   state(e)->read = true;
   e->forward->epoch++;
}

/* -- Addresses, in bytes from the block's memory, element 0. */
static bool
places(struct emit *e, const struct emit_access *a, int64_t *at)
{
   struct ir_value *v = a->i->src[0];
   bool scalar = a->shape.kind != SHAPE_VARYING && !a->shape.conditional;
   val x = scalar ? emit_scalar(e, v) : emit_lanes(e, v);
   if (!emit_known_numbers(e, x, at))
      return false;
   for (unsigned l = 0; l < e->width; l++) {
      if (scalar && a->shape.kind == SHAPE_OFFSETS)
         at[l] += a->shape.offsets[l];
      at[l] += a->i->offset;
   }
   return !scalar || !a->shape.unit;
}

static struct cell *
cell_at(struct forward *w, int64_t at)
{
   return at >= 0 && at % WORD == 0 && at / WORD < WORDS ? &w->cell[at / WORD] : NULL;
}

/* What was known of elements that have a byte in common with this one is forgotten. */
static void
forget(struct forward *w, int64_t at, unsigned bytes)
{
   for (int64_t k = at - at % WORD - WORD; k < at + (int64_t)bytes; k += WORD) {
      struct cell *c = cell_at(w, k);
      if (c && (k + WORD > at || c->words > 1))
         c->epoch = 0;
   }
}

/* -- Stores. */
static void
remember(struct forward *w, const struct emit_access *a, const int64_t *at,
         uint32_t lanes, const val *x)
{
   unsigned bytes = a->bits / 8;
   for (unsigned l = 0; l < EXEC_WARP; l++)
      for (unsigned k = 0; k < a->n && lanes >> l & 1; k++) {
         int64_t to = at[l] + k * bytes;
         forget(w, to, bytes);
         struct cell *c = cell_at(w, to);
         if (c && bytes % WORD == 0 && bytes <= 2 * WORD)
            *c = (struct cell){x[k], (uint8_t)l, (uint8_t)(bytes / WORD), w->epoch};
      }
}

/* Lanes that follow each other and fill one piece of memory, else one by one. */
static void
write(struct emit *e, const struct emit_access *a, const int64_t *at, uint32_t lanes,
      unsigned k, val x)
{
   unsigned first = (unsigned)__builtin_ctz(lanes), bytes = a->bits / 8;
   bool run = true;
   for (unsigned l = first; l < e->width; l++)
      run &= !(lanes >> l & 1) || at[l] == at[first] + (int64_t)((l - first) * bytes);
   val base = emit_space_base(e, a->space);
   struct emit_access one = *a;
   one.mask = emit_known_mask(e, lanes);
   if (run) {
      val to = LLVMConstInt(
         e->i64, (uint64_t)(at[first] + (int64_t)(k * bytes) - (int64_t)(first * bytes)),
         true);
      val args[4] = {x, LLVMBuildGEP2(e->b, e->i8, base, &to, 1, ""),
                     emit_const(e, 32, a->align), one.mask};
      type over[2] = {LLVMTypeOf(x), e->ptr};
      emit_intrinsic(e, "llvm.masked.store", over, 2, args, 4);
   } else {
      val to = emit_iota(e, 64, at);
      emit_scatter(e, &one, LLVMBuildGEP2(e->b, e->i8, base, &to, 1, ""), k, x);
   }
}

static void
write_one(struct emit *e, const struct emit_access *a, int64_t at, unsigned k, val x,
          unsigned lane)
{
   val to = emit_const(e, 64, (uint64_t)at + k * a->bits / 8);
   if (emit_is_vec(x))
      x = LLVMBuildExtractElement(e->b, x, emit_const(e, 32, lane), "");
   val p = LLVMBuildGEP2(e->b, e->i8, emit_space_base(e, a->space), &to, 1, "");
   LLVMSetAlignment(LLVMBuildStore(e->b, x, p), a->align);
}

bool
forward_store(struct emit *e, const struct emit_access *a, const val *x)
{
   if (a->space != ISA_SHARED || !is_one_warp(e))
      return false;
   struct forward *w = state(e);
   int64_t at[EXEC_WARP];
   uint32_t lanes;
   if (!places(e, a, at)) {
      w->epoch++;
      return false;
   }
   if (a->ordered || !emit_known_lanes(e, a->mask, &lanes)) {
      for (unsigned l = 0; l < e->width; l++)
         forget(w, at[l], a->n * a->bits / 8);
      return false;
   }
   if (a->shape.kind == SHAPE_UNIFORM && lanes)
      lanes = 1u << (31 - __builtin_clz(lanes)); /* of several lanes the highest wins */
   remember(w, a, at, lanes, x);
   LLVMBasicBlockRef b = LLVMGetInsertBlock(e->b);
   val last = LLVMGetLastInstruction(b);
   for (unsigned k = 0; k < a->n && lanes; k++)
      if (a->shape.kind == SHAPE_UNIFORM)
         write_one(e, a, at[0], k, x[k], (unsigned)__builtin_ctz(lanes));
      else
         write(e, a, at, lanes, k, x[k]);
   val i = last ? LLVMGetNextInstruction(last) : LLVMGetFirstInstruction(b);
   for (; i; i = LLVMGetNextInstruction(i))
      if (LLVMIsAStoreInst(i) || LLVMIsACallInst(i))
         vec_push(&w->stores, i);
   return true;
}

/* -- Loads. */
static val
shuffled(struct emit *e, val x, val y, const int *from)
{
   val at[EXEC_WARP];
   for (unsigned l = 0; l < e->width; l++)
      at[l] = from[l] < 0 ? LLVMGetPoison(e->i32) : emit_const(e, 32, (unsigned)from[l]);
   return LLVMBuildShuffleVector(e->b, x, y ? y : LLVMGetPoison(LLVMTypeOf(x)),
                                 LLVMConstVector(at, e->width), "");
}

/* Each lane's own lane of x[l] (NULL: of any). Halves of ever more lanes are put
 * together, always in the same way, so that what other loads put together is found again.
 */
static val
blended(struct emit *e, val *x)
{
   for (unsigned n = e->width, bit = 1; n > 1; n /= 2, bit *= 2)
      for (unsigned k = 0; k < n / 2; k++) {
         val lo = x[2 * k], hi = x[2 * k + 1];
         int from[EXEC_WARP];
         for (unsigned l = 0; l < e->width; l++)
            from[l] = (int)(l & bit ? e->width + l : l);
         x[k] = !lo || lo == hi ? hi : !hi ? lo : shuffled(e, lo, hi, from);
      }
   return x[0];
}

/* Lane from[l] of x[l]: a shuffle for each vector. */
static val
collected(struct emit *e, val *x, const uint8_t *from)
{
   val r = NULL;
   bool done[EXEC_WARP] = {false};
   for (unsigned first = 0; first < e->width; first++) {
      if (!x[first] || done[first])
         continue;
      int at[EXEC_WARP];
      for (unsigned l = 0; l < e->width; l++) {
         at[l] = done[l] ? (int)l : -1;
         if (x[l] != x[first] || done[l])
            continue;
         at[l] = (int)(r ? e->width + from[l] : from[l]);
         done[l] = true;
      }
      r = r ? shuffled(e, r, x[first], at) : shuffled(e, x[first], NULL, at);
   }
   return r;
}

static const struct cell *
found(struct forward *w, const struct emit_access *a, int64_t at)
{
   const struct cell *c = cell_at(w, at);
   return c && c->epoch == w->epoch && c->words * WORD * 8u == a->bits ? c : NULL;
}

static bool
all_found(struct emit *e, struct forward *w, const struct emit_access *a,
          const int64_t *at, uint32_t lanes)
{
   for (unsigned l = 0; l < e->width; l++)
      for (unsigned k = 0; k < a->n && lanes >> l & 1; k++)
         if (!found(w, a, at[l] + k * a->bits / 8))
            return false;
   return true;
}

static val
value_of(struct emit *e, struct forward *w, const struct emit_access *a,
         const int64_t *at, uint32_t lanes, unsigned k)
{
   val x[EXEC_WARP] = {NULL};
   uint8_t from[EXEC_WARP];
   bool own = true;
   for (unsigned l = 0; l < e->width; l++) {
      if (!(lanes >> l & 1))
         continue;
      const struct cell *c = found(w, a, at[l] + k * a->bits / 8);
      x[l] = emit_splat(e, c->x);
      from[l] = emit_is_vec(c->x) ? c->lane : (uint8_t)l;
      own &= from[l] == l;
   }
   return own ? blended(e, x) : collected(e, x, from);
}

bool
forward_load(struct emit *e, const struct emit_access *a, val *out)
{
   if (a->space != ISA_SHARED || !is_one_warp(e))
      return false;
   struct forward *w = state(e);
   int64_t at[EXEC_WARP];
   uint32_t lanes;
   if (a->ordered || !places(e, a, at) || !emit_known_lanes(e, a->mask, &lanes) ||
       !lanes || !all_found(e, w, a, at, lanes)) {
      w->read = true;
      return false;
   }
   for (unsigned k = 0; k < a->n; k++) {
      if (a->shape.kind != SHAPE_UNIFORM) {
         out[k] = value_of(e, w, a, at, lanes, k);
         continue;
      }
      const struct cell *c = found(w, a, at[0] + k * a->bits / 8);
      out[k] = emit_is_vec(c->x)
                  ? LLVMBuildExtractElement(e->b, c->x, emit_const(e, 32, c->lane), "")
                  : c->x;
   }
   return true;
}

void
forward_finish(struct emit *e)
{
   struct forward *w = e->forward;
   if (!w)
      return;
   for (size_t k = 0; k < w->stores.len && !w->read; k++)
      LLVMInstructionEraseFromParent(w->stores.data[k]);
   vec_finish(&w->stores);
   e->forward = NULL;
}
