/* SPDX-License-Identifier: Apache-2.0
 * Control flow: partial linearization (Moll and Hack, PLDI 2018). Blocks are emitted in
 * an order with contiguous loops. A uniform branch stays one; after a divergent one, both
 * sides run in turn under masks. Each block carries the set of blocks that still have to
 * be visited after it ("deferred"); whoever leaves a block goes to the first of its
 * targets and deferred blocks, and defers the rest.
 *
 * Masks are pushed (push.c): who leaves block b for s adds b's leaving lanes to s's mask,
 * and s takes its mask and clears it on entry. A divergent loop runs while its header has
 * lanes. */
#include <stddef.h>

#include "back/simd/stream.h"

/* Sets of blocks by position, as targets of one way out of a block. */
static struct bitset
targets_of(struct emit *e, const struct ir_block *from)
{
   struct bitset t = bitset_new(e->a, e->g->nrpo);
   bitset_union(&t, &e->deferred[emit_position(e, from)]);
   return t;
}

/* The first target to go to; the others are deferred there. */
static struct emit_node *
first_target(struct emit *e, const struct bitset *t)
{
   for (uint32_t w = 0; w <= t->n / 64; w++) {
      if (!t->w[w])
         continue;
      uint32_t first = w * 64 + (uint32_t)__builtin_ctzll(t->w[w]);
      struct bitset *d = &e->deferred[first];
      bitset_union(d, t);
      bitset_remove(d, first);
      return e->nodes[e->g->rpo[first]->id];
   }
   /* Nothing is left to visit: the lanes are in a loop without an exit. */
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   struct emit_node *was = e->node, *end = flow_node(e, NULL, "nowhere");
   flow_begin(e, end);
   emit_return(e);
   e->node = was;
   emit_at(e, at);
   return end;
}

bool
emit_is_masked(const struct emit *e, const struct ir_block *b)
{
   return e->width > 1 && (e->entry_mask || e->l->masked[b->id]);
}

/* -- Going on after the pushes. */
static void
yield(struct emit *e, const struct ir_block *head)
{
   if (e->mode == EXEC_PLAIN)
      return;
   /* A watchdog wants to know where. */
   const struct ir_inst *first = head->first;
   while (first && !first->loc.line)
      first = first->next;
   val at = emit_ctx_ptr(e, offsetof(struct exec_ctx, line)), ns = emit_const(e, 32, 0);
   LLVMBuildStore(e->b, emit_const(e, 32, first ? first->loc.line : 0), at);
   emit_service(e, offsetof(struct exec_services, yield), e->void_, &e->i32, &ns, 1);
   LLVMBuildStore(e->b, emit_const(e, 32, 0), at);
}

/* Where control is irreducible no loop is known: whatever goes back in a function that
 * reads what others write may be waiting for them. */
static bool
goes_back_polling(struct emit *e, const struct ir_block *from, const struct ir_block *to)
{
   if (!e->g->irreducible || !emit_is_back_edge(e, from, to))
      return false;
   ir_foreach_block (b, e->f) {
      ir_foreach_inst (i, b)
         if (i->op == ISA_ATOM || i->op == ISA_MBARRIER || i->op == ISA_NANOSLEEP ||
             i->op == ISA_FENCE || i->op == ISA_MEMBAR ||
             (i->op == ISA_LD && i->mods.sem != ISA_WEAK))
            return true;
   }
   return false;
}

/* A loop that polls, in none that does: its first wait is a new one. */
static bool
starts_polling(const struct loop *l)
{
   for (const struct loop *p = l->parent; p; p = p->parent)
      if (p->polls)
         return false;
   return l->polls;
}

static void
add_exits(struct emit *e, struct bitset *t, const struct loop *l)
{
   loop_foreach_block (o, e->g, l) {
      struct ir_block **succs;
      unsigned n = ir_block_succs(e->g->rpo[o], &succs);
      for (unsigned k = 0; k < n; k++)
         if (!loop_has(l, succs[k]))
            bitset_add(t, emit_position(e, succs[k]));
   }
}

/* The latch: around again while there are lanes, else on to what was deferred. */
static void
leave_latch(struct emit *e, struct ir_block *from, struct loop *l)
{
   if (l->polls)
      yield(e, l->header);
   struct emit_node *header = e->nodes[l->header->id];
   if (!l->divergent || e->width == 1) {
      flow_go(e, header);
      return;
   }
   val m = flow_get_or_zero(e, e->mask_slots[l->header->id]);
   struct bitset t = targets_of(e, from);
   flow_fork(e, emit_any(e, m), header, first_target(e, &t));
}

/* Control that may have no lanes must not enter a loop: it could not tell when to leave.
 */
static void
enter_loop(struct emit *e, struct bitset *t, struct loop *l)
{
   val m = flow_get_or_zero(e, e->mask_slots[l->header->id]);
   struct bitset skip = bitset_new(e->a, e->g->nrpo);
   bitset_union(&skip, t);
   bitset_remove(&skip, emit_position(e, l->header));
   add_exits(e, &skip, l);
   if (l->divergent)
      add_exits(e, t, l);
   struct emit_node *in = first_target(e, t), *around = first_target(e, &skip);
   flow_fork(e, emit_any(e, m), in, around);
}

static void
go_to(struct emit *e, struct ir_block *from, struct ir_block *to)
{
   struct loop *l = emit_entered_loop(e, to);
   if (l && emit_is_back_edge(e, from, to)) {
      leave_latch(e, from, l);
      return;
   }
   if (goes_back_polling(e, from, to))
      yield(e, to);
   if (l && starts_polling(l) && e->mode != EXEC_PLAIN)
      LLVMBuildStore(e->b, emit_const(e, 32, 1),
                     emit_ctx_ptr(e, offsetof(struct exec_ctx, fresh)));
   struct bitset t = targets_of(e, from);
   bitset_add(&t, emit_position(e, to));
   bool direct = true; /* `to` is the first of the targets */
   for (uint32_t p = 0; p < emit_position(e, to); p++)
      direct &= !bitset_has(&t, p);
   if (l && emit_is_masked(e, to) && direct) {
      enter_loop(e, &t, l);
      return;
   }
   if (l && l->divergent)
      add_exits(e, &t, l);
   flow_go(e, first_target(e, &t));
}

static void
divergent_branch(struct emit *e, struct ir_block *b, struct ir_inst *t)
{
   val c = emit_lanes(e, t->src[0]);
   struct bitset to = targets_of(e, b);
   for (unsigned k = 0; k < 2; k++) {
      emit_push_if(e, b, t->targets[k], k == 0 ? c : LLVMBuildNot(e->b, c, ""));
      bitset_add(&to, emit_position(e, t->targets[k]));
   }
   flow_go(e, first_target(e, &to));
}

static void
uniform_branch(struct emit *e, struct ir_block *b, struct ir_inst *t)
{
   struct emit_node *way[2] = {flow_node(e, NULL, "then"), flow_node(e, NULL, "else")};
   flow_fork(e, emit_scalar(e, t->src[0]), way[0], way[1]);
   for (unsigned k = 0; k < 2; k++) {
      flow_begin(e, way[k]);
      bool was = e->no_cache;
      e->no_cache = true;
      emit_push(e, b, t->targets[k]);
      go_to(e, b, t->targets[k]);
      e->no_cache = was;
   }
}

/* Where what is supposed does not hold, the masked function starts the warp again. */
static void
or_masked(struct emit *e, val holds)
{
   struct emit_node *all = flow_node(e, NULL, "all"), *some = flow_node(e, NULL, "some");
   flow_fork(e, holds, all, some);
   flow_begin(e, some);
   emit_give_up(e);
   flow_begin(e, all);
}

/* All lanes pass the guard. */
static void
guard_branch(struct emit *e, struct ir_block *b, struct ir_inst *t)
{
   unsigned on = cfg_leads_out(t->targets[0]) ? 1 : 0;
   or_masked(e, emit_agree(e, t->src[0], on == 0));
   emit_push(e, b, t->targets[on]);
   go_to(e, b, t->targets[on]);
}

static void
terminator(struct emit *e, struct ir_block *b)
{
   struct ir_inst *t = b->last;
   if (t->op == ISA_RET) {
      emit_lane_return(e, t);
   } else if (t->ntargets == 1) {
      emit_push(e, b, t->targets[0]);
      if (e->rounds)
         rounds_stop(e, b);
      go_to(e, b, t->targets[0]);
   } else if (e->assume && e->assume[b->id]) {
      guard_branch(e, b, t);
   } else if (e->width > 1 && e->l->divergent_branch[b->id]) {
      divergent_branch(e, b, t);
   } else {
      uniform_branch(e, b, t);
   }
}

/* -- Blocks. */
static bool
has_effect_or_cost(struct emit *e, const struct ir_block *b)
{
   unsigned n = 0;
   for (const struct ir_inst *i = b->first; i; i = i->next) {
      n++;
      if (i->op != ISA_BRA && !ir_inst_is_pure(i))
         return true;
   }
   return n > 8;
}

/* Control that went to another block first may come to b without lanes. */
static bool
is_deferred(struct emit *e, const struct ir_block *b)
{
   for (uint32_t p = 0; p < emit_position(e, b); p++)
      if (bitset_has(&e->deferred[p], emit_position(e, b)))
         return true;
   return false;
}

static bool
is_empty(const struct bitset *t)
{
   uint64_t any = 0;
   for (uint32_t w = 0; w <= t->n / 64; w++)
      any |= t->w[w];
   return !any;
}

/* A masked block that does something is jumped over when no lane is left in it: the lanes
 * are where control has yet to go. Where that is nowhere, they are here. Nor is a loop
 * gone into without lanes. */
static void
skip_if_empty(struct emit *e, struct ir_block *b)
{
   struct bitset t = targets_of(e, b);
   uint32_t known;
   if (emit_known_lanes(e, e->mask, &known) && known)
      return;
   bool loop = emit_entered_loop(e, b) && is_deferred(e, b);
   uint32_t lanes;
   if (emit_known_lanes(e, e->mask, &lanes) && lanes)
      return;
   if (is_empty(&t) || !(loop || has_effect_or_cost(e, b)))
      return;
   struct emit_node *body = flow_node(e, NULL, "active");
   flow_fork(e, emit_any(e, e->mask), body, first_target(e, &t));
   flow_begin(e, body);
   if (emit_is_whole(e, b))
      e->mask = emit_known_mask(e, e->l->here[b->id]);
}

static void
take_mask(struct emit *e, struct ir_block *b)
{
   e->mask = NULL;
   if (!emit_is_masked(e, b))
      return;
   e->mask = flow_get_or_zero(e, e->mask_slots[b->id]);
   flow_set(e, e->mask_slots[b->id], NULL);
   uint32_t lanes, all;
   if (emit_known_lanes(e, NULL, &all) && emit_known_lanes(e, e->mask, &lanes) &&
       lanes == all)
      e->mask = NULL;
}

static void
sleep(struct emit *e, struct ir_inst *i)
{
   val ns =
      emit_is_uniform(e, i->src[0]) ? emit_scalar(e, i->src[0]) : emit_const(e, 32, 1);
   emit_service(e, offsetof(struct exec_services, yield), e->void_, &e->i32, &ns, 1);
}

static void
emit_inst(struct emit *e, struct ir_inst *i)
{
   val tested;
   e->insts++;
   forward_pass(e, i);
   if (emit_warp_op(e, i))
      return;
   emit_check_alignment(e, i);
   switch (i->op) {
   case ISA_LD:
   case ISA_LDU:
      emit_load(e, i);
      break;
   case ISA_ST:
      emit_store(e, i);
      break;
   case ISA_ATOM:
   case ISA_RED:
      emit_atomic(e, i);
      break;
   case ISA_MEMBAR:
   case ISA_FENCE:
      emit_fence(e, i);
      break;
   case ISA_ISSPACEP:
      emit_isspacep(e, i);
      break;
   case ISA_ALLOCA:
   case ISA_STACKSAVE:
   case ISA_STACKRESTORE:
      emit_stack(e, i);
      break;
   case ISA_MAPA:
      emit_mapa(e, i);
      break;
   case ISA_GETCTARANK:
      emit_getctarank(e, i);
      break;
   case ISA_CP_ASYNC:
      emit_cp_async(e, i);
      break;
   case ISA_CP_ASYNC_MBARRIER_ARRIVE:
      emit_cp_async_arrive(e, i);
      break;
   case ISA_CP_ASYNC_BULK:
      emit_bulk_copy(e, i);
      break;
   case ISA_ST_BULK:
      emit_bulk_store(e, i);
      break;
   case ISA_MBARRIER:
      emit_mbarrier(e, i);
      break;
   case ISA_BAR:
   case ISA_BARRIER:
   case ISA_BARRIER_CLUSTER:
      emit_bar(e, i);
      break;
   case ISA_CALL:
      emit_call(e, i);
      break;
   case ISA_TRAP:
      emit_trap(e, EXEC_TRAP_INSTRUCTION, i->loc.line);
      break;
   case ISA_NANOSLEEP:
      sleep(e, i);
      break;
   /* Hints, and waiting for what was done at once. */
   case ISA_PREFETCH:
   case ISA_PREFETCHU:
   case ISA_APPLYPRIORITY:
   case ISA_DISCARD:
   case ISA_BRKPT:
   case ISA_PMEVENT:
   case ISA_GRIDDEPCONTROL:
   case ISA_SETMAXNREG:
   case ISA_CP_ASYNC_BULK_PREFETCH:
   case ISA_CP_ASYNC_BULK_COMMIT_GROUP:
   case ISA_CP_ASYNC_BULK_WAIT_GROUP:
   case ISA_CP_ASYNC_COMMIT_GROUP:
   case ISA_CP_ASYNC_WAIT_GROUP:
   case ISA_CP_ASYNC_WAIT_ALL:
      break;
   case ISA_CREATEPOLICY:
      emit_set(e, i->dst[0], emit_const(e, 64, 0));
      break;
   default:
      if (!ir_inst_is_pure(i)) {
         emit_unsupported(e, i, "");
         break;
      }
      emit_pure(e, i);
      if ((tested = emit_tested(e, i)))
         or_masked(e, tested);
      break;
   }
}

static void
emit_block(struct emit *e, struct ir_block *b)
{
   e->block = b;
   e->epoch++;
   flow_begin(e, e->nodes[b->id]);
   take_mask(e, b);
   if (e->mask)
      skip_if_empty(e, b);
   struct ir_inst *i = b->first;
   for (; i && i->op == ISA_PHI; i = i->next) {
      struct emit_var *slot = e->phi_slots[i->dst[0]->id];
      emit_set(e, i->dst[0], flow_get_or_zero(e, slot));
      flow_set(e, slot, NULL);
   }
   for (; i && i != b->last; i = i->next)
      emit_inst(e, i);
   stream_ask(e);
   terminator(e, b);
   struct loop *l = e->g->irreducible ? NULL : e->g->loop[b->id];
   for (; l && l->latch == b; l = l->parent)
      flow_close(e, e->nodes[l->header->id]);
}

static void
make_slots(struct emit *e)
{
   for (uint32_t o = 0; o < e->g->nrpo; o++) {
      struct ir_block *b = e->g->rpo[o];
      e->nodes[b->id] = flow_node(e, b, "b");
      if (e->width > 1)
         e->mask_slots[b->id] = flow_var_pushed(e, emit_vec(e, e->i1), b);
      for (struct ir_inst *p = b->first; p && p->op == ISA_PHI; p = p->next) {
         type t = emit_int(e, ir_width_bits(p->dst[0]->width));
         if (e->width > 1 && e->l->shape[p->dst[0]->id].kind == SHAPE_VARYING)
            t = emit_vec(e, t);
         e->phi_slots[p->dst[0]->id] = flow_var_pushed(e, t, b);
      }
   }
}

/* A called function's frame must fit into the thread's local memory. */
static void
check_frame(struct emit *e)
{
   val size = emit_const(e, 64, e->f->local_bytes);
   val limit = emit_ctx_field(e, offsetof(struct exec_ctx, local_stride), e->i64);
   val over =
      LLVMBuildICmp(e->b, LLVMIntUGT, LLVMBuildAdd(e->b, e->frame, size, ""), limit, "");
   LLVMBasicBlockRef bad = emit_new_block(e, "overflow"), ok = emit_new_block(e, "fits");
   LLVMBuildCondBr(e->b, over, bad, ok);
   emit_at(e, bad);
   emit_trap(e, EXEC_TRAP_STACK, e->f->loc.line);
   emit_return(e);
   emit_at(e, ok);
}

/* The lanes that exist, as bits. */
static val
entry_lanes(struct emit *e)
{
   if (!e->warp)
      return emit_ctx_field(e, offsetof(struct exec_ctx, active), e->i32);
   const uint32_t *n = e->l->config->block;
   uint32_t threads = n[0] * n[1] * n[2], rest = threads % e->width;
   val last =
      LLVMBuildICmp(e->b, LLVMIntEQ, e->warp, emit_const(e, 32, threads / e->width), "");
   return LLVMBuildSelect(e->b, last, emit_const(e, 32, (1u << rest) - 1),
                          emit_mask_bits(e, NULL), "");
}

void
emit_body(struct emit *e)
{
   flow_start(e);
   e->forward = NULL;
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      e->deferred[o] = bitset_new(e->a, e->g->nrpo);
   emit_find_slots(e);
   make_slots(e);
   emit_push_setup(e);
   if (e->frame)
      check_frame(e);
   emit_stack_setup(e);
   if (e->rounds)
      rounds_begin(e, LLVMGetParam(e->fn, e->warp ? 3 : 2), LLVMGetLastParam(e->fn));
   if (e->entry_mask) {
      val bits = entry_lanes(e);
      type lanes = LLVMIntTypeInContext(e->cx, e->width);
      val m = LLVMIsAConstantInt(bits)
                 ? emit_known_mask(e, (uint32_t)LLVMConstIntGetZExtValue(bits))
                 : LLVMBuildBitCast(e->b, LLVMBuildTrunc(e->b, bits, lanes, ""),
                                    emit_vec(e, e->i1), "");
      flow_set(e, e->mask_slots[e->g->rpo[0]->id], m);
   }
   flow_go(e, e->nodes[e->g->rpo[0]->id]);
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      emit_block(e, e->g->rpo[o]);
   /* Cycles that are no loops. */
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      flow_close(e, e->nodes[e->g->rpo[o]->id]);
   forward_finish(e);
   flow_finish(e);
}
