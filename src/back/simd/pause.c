/* SPDX-License-Identifier: Apache-2.0
 * Loops that go on in steps of the whole grid (`for (i = id; i < n; i += all)`): one warp
 * after the other would each read 128 bytes of every page. So warps pause at the end of
 * an iteration, as they stop at barriers, and all warps of the block make one before any
 * makes the next: the block reads a kilobyte where it lies, and with what stream.c asks
 * for a large sum takes half the time. No warp waits for another: it is an order that any
 * machine might choose. */
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

/* At the end of a loop's latch. */
struct pause {
   struct pause *next;
   struct ir_block *latch;
   /* Stands there for what it reads: the bound at which the loop ends, and what comes
    * to it, as it is in the next iteration. */
   struct ir_inst *test;
   uint64_t least; /* by which the bound is greater where a pause pays */
};

/* Bytes from lane to lane, where these touch what lies side by side, a step of the grid
 * further in each iteration; or 0. */
static uint64_t
by_grid(struct emit *e, const struct loop *l, const struct ir_inst *i)
{
   int64_t stride;
   if ((i->op != ISA_LD && i->op != ISA_ST) || i->mods.sem != ISA_WEAK ||
       (i->mods.space != ISA_GLOBAL && i->mods.space != ISA_GENERIC))
      return 0;
   struct shape s = lanes_shape_at(e->l, e->g, i->src[0], i->block);
   bool even = s.kind == SHAPE_OFFSETS && shape_stride(&s, e->width, &stride);
   uint64_t bytes = even ? (uint64_t)llabs((long long)stride) : 0;
   return bytes * e->width >= LEAST_ROW && stream_goes_by_grid(l, i) ? bytes : 0;
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
   if (!bytes || l->divergent || l->polls || !l->latch || !loop_is_innermost(e->g, l) ||
       has_barrier(e, l) || bytes_carried(e, l, live) > MOST_BYTES)
      return NULL;
   loop_foreach_block (o, e->g, l) {
      struct ir_value *src[2];
      const struct ir_inst *test = step_exit_test(e->g->rpo[o]);
      uint64_t stride = find_bound(e, l, test, src);
      if (!stride)
         continue;
      struct pause *p = arena_new(e->a, struct pause);
      *p = (struct pause){NULL, l->latch, add_test(e, test, l, src),
                          LEAST_BYTES / bytes * stride};
      return p;
   }
   return NULL;
}

void
pause_find(struct emit *e)
{
   bool any = false;
   for (size_t k = 0; k < e->g->loops.len && !e->g->irreducible; k++)
      any |= most_by_grid(e, e->g->loops.data[k]) != 0;
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

val
pause_pays(struct emit *e, const struct pause *p)
{
   bool is_signed = isa_type_is_signed(p->test->mods.type[0]);
   val bound = emit_resize(e, emit_scalar(e, p->test->src[0]), 64, is_signed);
   val next = emit_resize(e, emit_scalar(e, p->test->src[1]), 64, is_signed);
   val last = LLVMBuildSub(e->b, bound, emit_const(e, 64, p->least), "");
   return LLVMBuildICmp(e->b, LLVMIntSLE, next, last, "");
}
