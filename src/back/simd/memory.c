/* SPDX-License-Identifier: Apache-2.0
 * Loads and stores: the form of an access follows from the shape of its address
 * (one scalar, one contiguous vector, a gather), with a test where the shape is only
 * probable. A shared address is an offset from the block's memory, a local one from the
 * lane's own; all others are host addresses. */
#include <stddef.h>
#include <string.h>

#include "back/simd/group.h"
#include "back/simd/owed.h"
#include "back/simd/rounds.h"
#include "back/simd/stream.h"
#include "back/simd/tables.h"

struct emit_access
emit_access_of(struct emit *e, struct ir_inst *i, unsigned n)
{
   struct emit_access a = {.i = i, .n = n, .mask = e->mask};
   a.space = i->mods.space;
   a.bits = isa_type_bits(i->mods.type[0]);
   a.elem = emit_int(e, a.bits);
   a.align = a.bits / 8;
   a.shape = emit_shape(e, i->src[0]);
   bool own_memory = emit_is_frame(a.space) && e->width > 1;
   if (own_memory || (a.space == ISA_SHARED_CLUSTER && a.shape.kind == SHAPE_OFFSETS))
      a.shape = (struct shape){SHAPE_VARYING};
   a.ordered = i->mods.sem != ISA_WEAK && !emit_is_frame(a.space) && a.space != ISA_PARAM;
   if (a.ordered && a.bits > 64)
      emit_unsupported(e, i, "an atomic access of 128 bits");
   return a;
}

val
emit_element_pointer(struct emit *e, val p, const struct emit_access *a, unsigned k)
{
   val at = emit_const(e, 64, (uint64_t)k * (a->bits / 8));
   return k ? LLVMBuildGEP2(e->b, e->i8, p, &at, 1, "") : p;
}

static LLVMAtomicOrdering
ordering(const struct emit_access *a, bool load)
{
   switch (a->i->mods.sem) {
   case ISA_ACQUIRE:
   case ISA_RELEASE:
   case ISA_ACQ_REL:
      return load ? LLVMAtomicOrderingAcquire : LLVMAtomicOrderingRelease;
   case ISA_SC:
      return LLVMAtomicOrderingSequentiallyConsistent;
   default:
      return LLVMAtomicOrderingMonotonic;
   }
}

static val
scalar_load(struct emit *e, const struct emit_access *a, val p, unsigned k)
{
   val x = LLVMBuildLoad2(e->b, a->elem, emit_element_pointer(e, p, a, k), "");
   LLVMSetAlignment(x, a->align);
   if (a->ordered && a->bits <= 64) {
      LLVMSetOrdering(x, ordering(a, true));
      LLVMSetVolatile(x, true);
   } else if (a->space == ISA_PARAM || a->space == ISA_CONST) {
      emit_constant(e, x);
   }
   return x;
}

static void
scalar_store(struct emit *e, const struct emit_access *a, val p, unsigned k, val x)
{
   val s = LLVMBuildStore(e->b, x, emit_element_pointer(e, p, a, k));
   LLVMSetAlignment(s, a->align);
   if (a->ordered && a->bits <= 64) {
      LLVMSetOrdering(s, ordering(a, false));
      LLVMSetVolatile(s, true);
   }
}

static bool
is_contiguous(const struct emit *e, const struct emit_access *a)
{
   int64_t stride;
   return e->width > 1 && a->shape.kind == SHAPE_OFFSETS &&
          shape_stride(&a->shape, e->width, &stride) &&
          stride == (int64_t)(a->n * a->bits / 8) && a->bits <= 64;
}

val
emit_access_extend(struct emit *e, const struct emit_access *a, val x,
                   const struct ir_value *d)
{
   return emit_resize(e, x, ir_width_bits(d->width),
                      isa_type_is_signed(a->i->mods.type[0]));
}

/* Ordered accesses, and elements no vector instruction moves, go lane by lane. */
static void
lane_by_lane_load(struct emit *e, const struct emit_access *a, val out[8])
{
   val addr =
      emit_memory_of(e, emit_resize(e, emit_lanes(e, a->i->src[0]), 64, false), "addr");
   val mem[8];
   for (unsigned k = 0; k < a->n; k++)
      mem[k] = emit_memory_of(e, LLVMConstNull(emit_vec(e, a->elem)), "loaded");
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, a->mask));
   val off = LLVMConstInt(e->i64, (uint64_t)a->i->offset, true);
   val p = LLVMBuildAdd(e->b, emit_lane_of(e, addr, e->i64, l.lane), off, "");
   p = emit_address(e, a->space, p, 64, l.lane);
   for (unsigned k = 0; k < a->n; k++) {
      val x = scalar_load(e, a, p, k);
      LLVMBuildStore(e->b, x, LLVMBuildGEP2(e->b, a->elem, mem[k], &l.lane, 1, ""));
   }
   lane_loop_end(e, &l);
   for (unsigned k = 0; k < a->n; k++)
      out[k] = LLVMBuildLoad2(e->b, emit_vec(e, a->elem), mem[k], "");
}

/* -- Ways to do one access, tried in this order, each behind its test: all lanes in one
 * unmasked vector (processors read ahead of those), a masked vector, lane by lane. */
struct way {
   val test; /* i1; NULL: always */
   val mask; /* for a contiguous access; NULL: all lanes */
   bool contiguous;
};

static unsigned
ways_of(struct emit *e, const struct emit_access *a, bool parts, bool masked,
        struct way way[3])
{
   unsigned n = 0;
   bool contiguous = !a->group && is_contiguous(e, a);
   if (contiguous || parts || masked) {
      val guard = emit_guard(e, a->i->src[0]);
      uint32_t lanes;
      bool some =
         a->mask && e->guarded && e->guarded[e->block->id] && (contiguous || masked);
      if ((contiguous || parts) && a->mask && !some &&
          !emit_known_lanes(e, a->mask, &lanes)) {
         val all = emit_are_all(e, emit_mask_bits(e, a->mask));
         if (guard)
            all = LLVMBuildAnd(e->b, all, guard, "");
         way[n++] = (struct way){all, NULL, true};
      }
      if (contiguous || masked || !a->mask) {
         way[n++] = (struct way){guard, a->mask, true};
         if (!guard)
            return n;
      }
   }
   way[n++] = (struct way){NULL, a->mask, false};
   return n;
}

static bool
has_chunks(const struct emit *e, const struct emit_access *a, bool load)
{
   struct emit_chunks c;
   return emit_chunks_find(e, a, &c) && (load || emit_chunks_can_mask(a, &c));
}

static bool
masks_chunks(const struct emit *e, const struct emit_access *a)
{
   struct emit_chunks c;
   return emit_chunks_find(e, a, &c) && (c.known || emit_chunks_can_mask(a, &c));
}

/* Access k of a group, on its own. */
static struct emit_access
member(const struct emit_access *a, unsigned k)
{
   struct emit_access one = *a;
   one.i = a->group ? a->group->inst[k] : a->i;
   one.n = one.i->op == ISA_ST ? MAX2(one.i->mods.vec, 1u) : one.i->ndst;
   one.group = NULL;
   return one;
}

/* Whether there is a form under a mask that is no gather. */
static bool
can_mask(const struct emit *e, const struct emit_access *a)
{
   bool all = true;
   for (unsigned m = 0; a->group && m < a->group->ninsts; m++) {
      struct emit_access one = member(a, m);
      all &= emit_window_can(e, &one);
   }
   return a->group ? all : masks_chunks(e, a) || emit_window_can(e, a);
}

static bool
as_run(const struct emit *e, const struct emit_access *a, struct emit_run *r)
{
   if (a->group)
      return emit_group_as_run(e, a, r);
   const unsigned n = a->n;
   if (n < 2 || n > EMIT_RUN_ELEMENTS || !is_contiguous(e, a))
      return false;
   *r = (struct emit_run){.a = *a};
   for (unsigned k = 0; k < n; k++)
      r->place[k] = (uint8_t)k;
   return true;
}

/* Runs `access` for each way in a block of its own; the results meet in phis. Elements of
 * lanes that lie side by side meet as they lie in memory: who stores them so is spared
 * that they are taken apart. */
static void
by_ways(struct emit *e, const struct emit_access *a, val *x, bool load,
        void access(struct emit *, const struct emit_access *, val base, val *))
{
   struct way way[3];
   bool masked = a->mask && !is_contiguous(e, a) && can_mask(e, a);
   bool parts = a->group || has_chunks(e, a, load); /* where all lanes are active */
   unsigned n = ways_of(e, a, parts, masked, way),
            results = a->group ? a->group->n : a->n;
   val base = parts || masked || is_contiguous(e, a)
                 ? emit_pointer(e, a->space, emit_scalar(e, a->i->src[0]),
                                a->group ? 0 : a->i->offset)
                 : NULL;
   LLVMBasicBlockRef done = n > 1 ? emit_new_block(e, "accessed") : NULL, from[3];
   struct emit_run run;
   bool packs = load && done && as_run(e, a, &run);
   val out[3][EMIT_GROUP_ELEMENTS], met[EMIT_RUN_REGISTERS];
   bool was = e->no_cache;
   for (unsigned w = 0; w < n; w++) {
      LLVMBasicBlockRef other = NULL;
      if (way[w].test) {
         LLVMBasicBlockRef yes = emit_new_block(e, "way");
         other = emit_new_block(e, "other");
         LLVMBuildCondBr(e->b, way[w].test, yes, other);
         emit_at(e, yes);
      }
      e->no_cache = was || n > 1;
      struct emit_access one = *a;
      one.mask = way[w].mask;
      one.often = n == 1 && e->fn != e->masked_fn;
      for (unsigned k = 0; k < results && !load; k++)
         out[w][k] = x[k];
      access(e, &one, way[w].contiguous ? base : NULL, out[w]);
      if (packs) {
         val packed[EMIT_RUN_REGISTERS];
         results = emit_group_run_pack(e, &run, out[w], packed);
         memcpy(out[w], packed, results * sizeof *packed);
      }
      from[w] = LLVMGetInsertBlock(e->b);
      if (done)
         LLVMBuildBr(e->b, done);
      e->no_cache = was;
      if (other)
         emit_at(e, other);
   }
   if (done)
      emit_at(e, done);
   val *to = packs ? met : x;
   for (unsigned k = 0; k < results && load; k++) {
      to[k] = out[0][k];
      if (n == 1)
         continue;
      to[k] = LLVMBuildPhi(e->b, LLVMTypeOf(out[0][k]), "");
      for (unsigned w = 0; w < n; w++)
         LLVMAddIncoming(to[k], &out[w][k], &from[w], 1);
   }
   if (packs)
      emit_group_run_unpack(e, &run, met, x);
}

/* Member m's address, where base is that of the group. */
static val
member_base(struct emit *e, const struct emit_access *a, unsigned m, val base)
{
   val at =
      LLVMConstInt(e->i64, (uint64_t)(a->group ? a->group->inst[m]->offset : 0), true);
   return LLVMBuildGEP2(e->b, e->i8, base, &at, 1, "");
}

/* Under a mask: chunks where they have masks. */
static bool
goes_by_chunks(const struct emit *e, const struct emit_access *a, struct emit_chunks *c)
{
   return !is_contiguous(e, a) && emit_chunks_find(e, a, c) &&
          (!a->mask || emit_chunks_can_mask(a, c) || !emit_window_can(e, a));
}

static void
load_one_way(struct emit *e, const struct emit_access *a, val base, val *out)
{
   struct emit_chunks c;
   struct emit_run run;
   if (base && a->group && !a->mask) {
      if (as_run(e, a, &run))
         emit_group_run_load(e, &run, base, out);
      else
         emit_group_load(e, a, base, out);
      return;
   }
   if (base && !a->group && goes_by_chunks(e, a, &c)) {
      emit_chunks_load(e, a, &c, base, out);
      return;
   }
   if (base && !a->group && is_contiguous(e, a)) {
      emit_run_load(e, a, e->width, a->mask, base, out);
      return;
   }
   for (unsigned m = 0; m < (a->group ? a->group->ninsts : 1); m++) {
      struct emit_access one = member(a, m);
      if (base) {
         *out++ = emit_window_load(e, &one, member_base(e, a, m, base));
         continue;
      }
      val p = emit_lane_pointers(e, &one);
      for (unsigned k = 0; k < one.n; k++)
         *out++ = emit_gather(e, &one, p, k);
   }
}

/* A group's loads are done where its first one stands. */
static val *
group_results(struct emit *e, struct emit_access *a)
{
   struct ir_inst *i = a->i;
   struct emit_group *g = emit_group_known(e, i);
   if (!g) {
      if (is_contiguous(e, a) || has_chunks(e, a, true) || !(g = emit_group_find(e, a)))
         return NULL;
      a->group = g;
      by_ways(e, a, g->out, true, load_one_way);
      a->group = NULL;
   }
   unsigned k = 0;
   while (g->inst[g->owner[k]] != i)
      k++;
   return g->out + k;
}

void
emit_load(struct emit *e, struct ir_inst *i)
{
   struct emit_access a = emit_access_of(e, i, i->ndst);
   val out[8], *early;
   stream_ahead(e, &a);
   if (e->local_slots && emit_is_frame(a.space)) {
      slots_load(e, &a, out);
   } else if (forward_load(e, &a, out) || emit_lookup(e, &a, out)) {
      /* that was it */
   } else if (a.shape.kind == SHAPE_UNIFORM) {
      val p = emit_pointer(e, a.space, emit_scalar(e, i->src[0]), i->offset);
      for (unsigned k = 0; k < a.n; k++)
         out[k] = scalar_load(e, &a, p, k);
   } else if (columns_load(e, &a, out) || recall_load(e, &a, out)) {
      /* so was that */
   } else if (a.ordered || a.bits > 64) {
      lane_by_lane_load(e, &a, out);
   } else if (emit_is_few(e, &a)) {
      emit_few_load(e, &a, out);
   } else if ((early = group_results(e, &a))) {
      for (unsigned k = 0; k < a.n; k++)
         out[k] = early[k];
   } else {
      by_ways(e, &a, out, true, load_one_way);
   }
   for (unsigned k = 0; k < a.n; k++)
      if (i->dst[k]->kind == IR_INST)
         emit_set(e, i->dst[k], emit_access_extend(e, &a, out[k], i->dst[k]));
}

/* -- Stores. */
/* Of several lanes that write one address, the highest wins. */
static val
last_active(struct emit *e, val x)
{
   if (e->width == 1)
      return x;
   val lane = emit_const(e, 32, e->width - 1);
   if (e->mask) {
      val args[2] = {emit_mask_bits(e, e->mask), emit_const(e, 1, 1)};
      val clz = emit_intrinsic(e, "llvm.ctlz", &e->i32, 1, args, 2);
      lane = LLVMBuildSub(e->b, emit_const(e, 32, 31), clz, "");
   }
   return LLVMBuildExtractElement(e->b, x, lane, "");
}

static void
lane_by_lane_store(struct emit *e, const struct emit_access *a, val *x)
{
   val addr =
      emit_memory_of(e, emit_resize(e, emit_lanes(e, a->i->src[0]), 64, false), "addr");
   val mem[8];
   for (unsigned k = 0; k < a->n; k++)
      mem[k] = emit_memory_of(e, x[k], "stored");
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, a->mask));
   val off = LLVMConstInt(e->i64, (uint64_t)a->i->offset, true);
   val p = LLVMBuildAdd(e->b, emit_lane_of(e, addr, e->i64, l.lane), off, "");
   p = emit_address(e, a->space, p, 64, l.lane);
   for (unsigned k = 0; k < a->n; k++)
      scalar_store(e, a, p, k, emit_lane_of(e, mem[k], a->elem, l.lane));
   lane_loop_end(e, &l);
}

static void
store_one_way(struct emit *e, const struct emit_access *a, val base, val *x)
{
   struct emit_chunks c;
   struct emit_run run;
   if (base && a->group && !a->mask) {
      if (as_run(e, a, &run))
         emit_group_run_store(e, &run, base, x);
      else
         emit_group_store(e, a, base, x);
      return;
   }
   if (base && !a->group && goes_by_chunks(e, a, &c)) {
      emit_chunks_store(e, a, &c, base, x[0]);
      return;
   }
   if (base && !a->group && is_contiguous(e, a)) {
      emit_run_store(e, a, a->mask, base, x);
      return;
   }
   for (unsigned m = 0; m < (a->group ? a->group->ninsts : 1); m++) {
      struct emit_access one = member(a, m);
      if (base) {
         emit_window_store(e, &one, member_base(e, a, m, base), *x++);
         continue;
      }
      if (!a->group && runs_store(e, &one, *x))
         return;
      val p = emit_lane_pointers(e, &one);
      for (unsigned k = 0; k < one.n; k++)
         emit_scatter(e, &one, p, k, *x++);
   }
}

static void
stored_lanes(struct emit *e, const struct emit_access *a, val *x)
{
   for (unsigned k = 0; k < a->n; k++)
      x[k] = emit_resize(e, emit_operand(e, a->i, 1 + k, true), a->bits, false);
}

/* A group's stores are done where its last one stands. */
static bool
store_in_group(struct emit *e, struct emit_access *a)
{
   struct emit_group *g = emit_group_known(e, a->i);
   if (!g &&
       (is_contiguous(e, a) || has_chunks(e, a, false) || !(g = emit_group_find(e, a))))
      return false;
   if (a->i != g->inst[g->ninsts - 1])
      return true;
   val x[EMIT_GROUP_ELEMENTS], *to = x;
   a->group = g;
   for (unsigned m = 0; m < g->ninsts; m++) {
      struct emit_access one = member(a, m);
      stored_lanes(e, &one, to);
      to += one.n;
   }
   by_ways(e, a, x, false, store_one_way);
   return true;
}

void
emit_store(struct emit *e, struct ir_inst *i)
{
   /* A cache policy may follow the elements. */
   struct emit_access a = emit_access_of(e, i, MAX2(i->mods.vec, 1u));
   val x[8];
   stream_ahead(e, &a);
   if (a.shape.kind == SHAPE_UNIFORM) {
      val p = emit_pointer(e, a.space, emit_scalar(e, i->src[0]), i->offset);
      for (unsigned k = 0; k < a.n; k++)
         x[k] =
            emit_resize(e, emit_operand(e, i, 1 + k, !emit_is_uniform(e, i->src[1 + k])),
                        a.bits, false);
      bool done = forward_store(e, &a, x);
      for (unsigned k = 0; k < a.n && !done; k++)
         scalar_store(e, &a, p, k, emit_is_vec(x[k]) ? last_active(e, x[k]) : x[k]);
      return;
   }
   bool lane_by_lane = a.ordered || a.bits > 64;
   bool few = !lane_by_lane && emit_is_few(e, &a);
   stored_lanes(e, &a, x);
   if (e->local_slots && emit_is_frame(a.space)) {
      slots_store(e, &a, x);
      return;
   }
   if (forward_store(e, &a, x) || (!lane_by_lane && !few && store_in_group(e, &a)) ||
       small_store(e, &a, x[0]))
      return;
   if (lane_by_lane)
      lane_by_lane_store(e, &a, x);
   else if (few)
      emit_few_store(e, &a, x);
   else
      by_ways(e, &a, x, false, store_one_way);
}

void
emit_fence(struct emit *e, struct ir_inst *i)
{
   bool cta = i->mods.mode == ISA_MODE_CTA || i->mods.scope == ISA_SCOPE_CTA;
   bool sc = i->mods.sem == ISA_SC || (i->op == ISA_MEMBAR && !cta);
   /* A block's threads share one core: the compiler alone must keep the order. */
   LLVMBuildFence(e->b,
                  sc ? LLVMAtomicOrderingSequentiallyConsistent
                     : LLVMAtomicOrderingAcquireRelease,
                  cta, "");
}
