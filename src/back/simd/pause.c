/* SPDX-License-Identifier: Apache-2.0
 * Loops that go on in steps of the whole grid (`for (i = id; i < n; i += all)`), or of
 * planes, as where a thread walks through a volume: one warp after the other would each
 * read 128 bytes of every page. So warps pause at the end of an iteration, as they stop
 * at barriers, and all warps of the block make one before any makes the next: the block
 * reads a kilobyte where it lies, and with what stream.c asks for a large sum takes half
 * the time. Where blocks have nothing of their own, those that follow each other in x
 * take turns as one, and read a plane's rows as they lie. No warp waits for another: it
 * is an order that any machine might choose. */
#include <stdlib.h>

#include "back/simd/rounds.h"
#include "back/simd/stream.h"

/* Of vectors that a warp carries from one iteration to the next, in its frame. */
#define MOST_BYTES 1024
/* What a loop still goes through, below which it takes no pause: the last cache holds it.
 */
#define LEAST_BYTES (4u << 20)
/* Of what a warp accesses together: a smaller part of a cache line is shared anyway. */
#define LEAST_ROW 64
/* What a loop still goes through in steps of planes, below which it takes no pause. */
#define LEAST_PLANES (1u << 20)
#define PAGE_BYTES 4096
#define DEPTH 12 /* of an address */
/* Of what warps that take turns carry: half a first-level cache. Scalars: for each. */
#define MOST_CARRIED (24u << 10)
#define SCALAR_BYTES 128
#define MOST_TOGETHER 16u

/* At the end of a loop's latch. */
struct pause {
   struct pause *next;
   struct ir_block *latch;
   /* Stands there for what it reads: the bound at which the loop ends, and what comes
    * to it, as it is in the next iteration. */
   struct ir_inst *test;
   uint64_t least; /* by which the bound is greater where a pause pays */
   /* In steps of planes: an address that goes on by them, and by how much what is
    * compared with the bound does; NULL: in steps of the grid. */
   struct ir_value *address;
   uint64_t change;
   uint32_t bytes; /* that a warp carries */
};

static bool
is_plain(const struct ir_inst *i)
{
   return (i->op == ISA_LD || i->op == ISA_ST) && i->mods.sem == ISA_WEAK &&
          (i->mods.space == ISA_GLOBAL || i->mods.space == ISA_GENERIC);
}

/* Bytes from lane to lane, where an access touches what lies side by side; or 0. */
static uint64_t
bytes_beside(struct emit *e, const struct ir_inst *i)
{
   int64_t stride;
   if (!is_plain(i))
      return 0;
   struct shape s = lanes_shape_at(e->l, e->g, i->src[0], i->block);
   bool even = s.kind == SHAPE_OFFSETS && shape_stride(&s, e->width, &stride);
   uint64_t bytes = even ? (uint64_t)llabs((long long)stride) : 0;
   return bytes * e->width >= LEAST_ROW ? bytes : 0;
}

/* The same, where it goes on by a step of the grid in each iteration. */
static uint64_t
by_grid(struct emit *e, const struct loop *l, const struct ir_inst *i)
{
   uint64_t bytes = bytes_beside(e, i);
   return bytes && stream_goes_by_grid(l, i) ? bytes : 0;
}

/* The input of the header's phi that becomes v, or is v; NULL: there is none. */
static struct ir_value *
stepped(const struct loop *l, const struct ir_value *v)
{
   for (const struct ir_inst *p = l->header->first; p->op == ISA_PHI; p = p->next)
      for (unsigned k = 0; k < p->nsrc; k++)
         if (l->header->preds.data[k] == l->latch && (p->dst[0] == v || p->src[k] == v))
            return p->src[k];
   return NULL;
}

/* By how much a phi of the header grows, times a number, is a page or is not known. */
static bool
phi_steps_far(const struct loop *l, const struct ir_inst *phi, uint64_t times)
{
   const struct ir_value *v = phi->dst[0];
   const struct ir_value *next = phi->block == l->header ? stepped(l, v) : NULL;
   const struct ir_inst *i = next && next->kind == IR_INST ? next->def : NULL;
   if (!i || (i->op != ISA_ADD && i->op != ISA_SUB) || i->src[0] != v)
      return false;
   const struct ir_value *by = i->src[1];
   if (by->kind == IR_CONST)
      return (uint64_t)llabs((int32_t)by->bits[0]) * times >= PAGE_BYTES;
   return by->kind != IR_INST || !loop_has(l, by->def->block);
}

/* The same of an address's part v. */
static bool
steps_far(const struct loop *l, const struct ir_value *v, uint64_t times, unsigned depth)
{
   const struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   if (!i || !loop_has(l, i->block) || !depth--)
      return false;
   const struct ir_value *b = i->nsrc > 1 ? i->src[1] : NULL;
   switch (i->op) {
   case ISA_PHI:
      return phi_steps_far(l, i, times);
   case ISA_MOV:
   case ISA_COPY:
   case ISA_CVT:
   case ISA_CVTA:
      return i->nsrc == 1 && steps_far(l, i->src[0], times, depth);
   case ISA_SHL:
      return b->kind == IR_CONST &&
             steps_far(l, i->src[0], times << (b->bits[0] & 31), depth);
   case ISA_MUL:
   case ISA_MAD:
      return steps_far(l, i->src[0],
                       b->kind == IR_CONST ? times * (uint32_t)b->bits[0] : PAGE_BYTES,
                       depth) ||
             steps_far(l, b, PAGE_BYTES, depth) ||
             (i->op == ISA_MAD && steps_far(l, i->src[2], times, depth));
   case ISA_ADD:
   case ISA_SUB:
      return steps_far(l, i->src[0], times, depth) || steps_far(l, b, times, depth);
   default:
      return false;
   }
}

/* Where a loop that loads by planes stores by them; NULL: it does not. Masks must cost
 * nothing, as warps at an edge take turns with the others. */
static struct ir_value *
stored_by_plane(struct emit *e, const struct loop *l)
{
   struct ir_value *to = NULL;
   bool loads = false;
   loop_foreach_block (o, e->g, l)
      ir_foreach_inst (i, e->g->rpo[o])
         if (bytes_beside(e, i) && steps_far(l, i->src[0], 1, DEPTH)) {
            loads |= i->op == ISA_LD;
            to = i->op == ISA_ST ? i->src[0] : to;
         }
   return loads && target_has(e, "+avx512f") ? to : NULL;
}

static uint32_t
bytes_of(const struct emit *e, const struct ir_value *v)
{
   return e->l->shape[v->id].kind == SHAPE_VARYING
             ? e->width * ir_width_bits(v->width) / 8
             : 0;
}

/* Of vectors that go round the loop or that it reads. */
static uint32_t
bytes_carried(const struct emit *e, const struct loop *l, const struct liveness *live)
{
   uint32_t n = 0;
   for (const struct ir_inst *p = l->header->first; p->op == ISA_PHI; p = p->next)
      n += bytes_of(e, p->dst[0]);
   ir_foreach_block (b, e->f)
      ir_foreach_inst (i, b)
         for (unsigned k = 0; k < i->ndst; k++)
            if (i->dst[k]->kind == IR_INST &&
                bitset_has(&live->in[l->header->id], i->dst[k]->id))
               n += bytes_of(e, i->dst[k]);
   return n;
}

static bool
has_barrier(const struct emit *e, const struct loop *l)
{
   loop_foreach_block (o, e->g, l)
      ir_foreach_inst (i, e->g->rpo[o])
         if (ir_inst_is_barrier(i))
            return true;
   return false;
}

static uint64_t
most_by_grid(struct emit *e, const struct loop *l)
{
   uint64_t most = 0;
   loop_foreach_block (o, e->g, l)
      ir_foreach_inst (i, e->g->rpo[o]) {
         uint64_t bytes = by_grid(e, l, i);
         most = MAX2(most, bytes);
      }
   return most;
}

/* What the loop's test compares, as struct pause has it, and how far lanes are apart;
 * 0: nothing of the kind. */
static uint64_t
find_bound(struct emit *e, const struct loop *l, const struct ir_inst *test,
           struct ir_value *to[2])
{
   for (unsigned k = 0; test && k < 2; k++) {
      struct ir_value *bound = test->src[1 - k], *next = stepped(l, test->src[k]);
      int64_t stride;
      if ((bound->kind == IR_INST && loop_has(l, bound->def->block)) ||
          lanes_shape_at(e->l, e->g, bound, l->header).kind != SHAPE_UNIFORM || !next ||
          next->kind != IR_INST)
         continue;
      struct shape s = lanes_shape_at(e->l, e->g, next, l->latch);
      to[0] = bound;
      to[1] = next;
      if (s.kind == SHAPE_OFFSETS && shape_stride(&s, e->width, &stride))
         return (uint64_t)llabs((long long)stride);
   }
   return 0;
}

/* The same where what is compared is the same in all lanes; by how much it changes. */
static uint64_t
find_count(struct emit *e, const struct loop *l, const struct ir_inst *test,
           struct ir_value *to[2])
{
   for (unsigned k = 0; test && k < 2; k++) {
      struct ir_value *bound = test->src[1 - k], *next = stepped(l, test->src[k]);
      const struct ir_inst *i = next && next->kind == IR_INST ? next->def : NULL;
      if ((bound->kind == IR_INST && loop_has(l, bound->def->block)) ||
          lanes_shape_at(e->l, e->g, bound, l->header).kind != SHAPE_UNIFORM || !i ||
          (i->op != ISA_ADD && i->op != ISA_SUB) || i->src[1]->kind != IR_CONST ||
          lanes_shape_at(e->l, e->g, next, l->latch).kind != SHAPE_UNIFORM)
         continue;
      to[0] = bound;
      to[1] = next;
      return (uint64_t)llabs((int32_t)i->src[1]->bits[0]);
   }
   return 0;
}

static struct ir_inst *
add_test(struct emit *e, const struct ir_inst *like, const struct loop *l,
         struct ir_value *src[2])
{
   struct ir_inst *i = ir_inst_create(e->f, ISA_SUB, 1, 2);
   i->mods.type[0] = like->mods.type[0];
   i->src[0] = src[0];
   i->src[1] = src[1];
   i->dst[0] = ir_value_create(e->f, IR_INST, src[1]->width, NULL);
   i->dst[0]->def = i;
   i->loc = like->loc;
   ir_inst_insert_before(l->latch->last, i);
   return i;
}

/* NULL: it takes none. */
static struct pause *
pause_of(struct emit *e, const struct loop *l, const struct liveness *live)
{
   uint64_t bytes = most_by_grid(e, l);
   struct ir_value *address = bytes ? NULL : stored_by_plane(e, l);
   if ((!bytes && !address) || l->divergent || l->polls || !l->latch ||
       !loop_is_innermost(e->g, l) || has_barrier(e, l) ||
       bytes_carried(e, l, live) > MOST_BYTES)
      return NULL;
   loop_foreach_block (o, e->g, l) {
      struct ir_value *src[2];
      const struct ir_inst *test = step_exit_test(e->g->rpo[o]);
      uint64_t change = address ? find_count(e, l, test, src) : 0;
      uint64_t stride = address ? change : find_bound(e, l, test, src);
      if (!stride)
         continue;
      struct pause *p = arena_new(e->a, struct pause);
      *p = (struct pause){.latch = l->latch, .address = address, .change = change};
      p->test = add_test(e, test, l, src);
      p->bytes = bytes_carried(e, l, live);
      p->least = bytes ? LEAST_BYTES / bytes * stride : 0;
      return p;
   }
   return NULL;
}

void
pause_find(struct emit *e)
{
   bool any = false;
   for (size_t k = 0; k < e->g->loops.len && !e->g->irreducible; k++)
      any |=
         most_by_grid(e, e->g->loops.data[k]) || stored_by_plane(e, e->g->loops.data[k]);
   if (!any || e->f->value_count >= TARGET_LARGE_KERNEL)
      return;
   struct liveness *live = liveness_compute(e->f, e->g, e->a);
   for (size_t k = 0; k < e->g->loops.len; k++) {
      struct pause *p = pause_of(e, e->g->loops.data[k], live);
      if (p) {
         p->next = e->pauses;
         e->pauses = p;
      }
   }
   if (e->pauses)
      e->l = lanes_compute(e->f, e->g, e->l->config, e->a);
}

struct pause *
pause_at(const struct emit *e, const struct ir_block *b)
{
   struct pause *p = e->pauses;
   while (p && p->latch != b)
      p = p->next;
   return p;
}

static val
magnitude(struct emit *e, val x)
{
   val args[2] = {x, emit_const(e, 1, 0)};
   return emit_intrinsic(e, "llvm.abs", &e->i64, 1, args, 2);
}

/* left: as far as the bound is ahead. */
static val
planes_pay(struct emit *e, const struct pause *p, val left)
{
   val step = step_in_loop(e, e->g->loop[p->latch->id], p->address);
   if (!step)
      return emit_const(e, 1, 0);
   val bytes = LLVMBuildMul(e->b, magnitude(e, left), magnitude(e, step), "");
   val least = emit_const(e, 64, LEAST_PLANES * p->change);
   return LLVMBuildICmp(e->b, LLVMIntUGE, bytes, least, "");
}

val
pause_pays(struct emit *e, const struct pause *p)
{
   bool is_signed = isa_type_is_signed(p->test->mods.type[0]);
   val bound = emit_resize(e, emit_scalar(e, p->test->src[0]), 64, is_signed);
   val next = emit_resize(e, emit_scalar(e, p->test->src[1]), 64, is_signed);
   if (p->address)
      return planes_pay(e, p, LLVMBuildSub(e->b, bound, next, ""));
   val last = LLVMBuildSub(e->b, bound, emit_const(e, 64, p->least), "");
   return LLVMBuildICmp(e->b, LLVMIntSLE, next, last, "");
}

bool
pause_by_planes(const struct emit *e)
{
   for (const struct pause *p = e->pauses; p; p = p->next)
      if (p->address)
         return true;
   return false;
}

bool
pause_in(const struct emit *e, const struct loop *l)
{
   const struct pause *p = e->rounds && l->latch ? pause_at(e, l->latch) : NULL;
   return p && p->address;
}

/* -- Blocks together. */
/* Blocks share all memory that i accesses, and nothing tells them apart but %ctaid. */
static bool
is_of_all_blocks(const struct ir_inst *i)
{
   if (i->op == ISA_ADDR)
      return i->sym->space != ISA_SHARED && i->sym->space != ISA_LOCAL;
   if (i->op >= ISA_PHI || i->op == ISA_BRA || i->op == ISA_RET)
      return true;
   if (i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST)
      return i->mods.sem == ISA_WEAK && i->mods.space != ISA_SHARED &&
             i->mods.space != ISA_LOCAL;
   return isa_op_info(i->op)->effects == ISA_PURE;
}

uint32_t
pause_blocks_together(struct emit *e, const struct plan *p)
{
   const struct emit_rounds *r = e->rounds;
   uint32_t n = MOST_TOGETHER, warps = p->threads / e->width;
   if (!p->whole_block || p->ragged || !pause_by_planes(e) || e->f->local_bytes)
      return 1;
   for (size_t k = 0; k < r->stops.len; k++)
      if (!r->stops.data[k].pause)
         return 1;
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (!is_of_all_blocks(i))
            return 1;
   for (const struct pause *i = e->pauses; i; i = i->next)
      while (n > 1 && n * warps * (i->bytes + SCALAR_BYTES) > MOST_CARRIED)
         n /= 2;
   return n;
}
