/* SPDX-License-Identifier: Apache-2.0
 * Stores that go past the caches. A plain store fetches the line that it writes, and puts
 * out of the caches what is there; where a launch writes more than the last of them
 * holds, that is traffic for nothing. So where lanes write whole lines, code has a second
 * form of the store, and takes it if the launch is large and the address begins a line.
 *
 * Not for memory that the kernel reads too, as the line is fetched anyway: told by the
 * pointers that addresses are made of. And not in kernels that order memory other than by
 * the block's barriers, as such stores come later than those behind them: who runs
 * blocks waits for them (exec_run_blocks) before anybody learns that they have ended. */
#include <stddef.h>

#include "back/simd/stream.h"

#if defined(__x86_64__)
#define HAS_PAST true
#else
#define HAS_PAST false
#endif
#define LINE_BYTES 64
#define LEAST_ROW 128  /* bytes */
#define LEAST_BYTES 16 /* of a warp's */
#define PAGE_BYTES 4096

/* -- The pointers that addresses are made of: where a kernel's argument lies in the
 * parameters, or anything else by what says so in the IR. */
#define MOST_ROOTS 16
#define MOST_PARTS 64 /* of an address's expression */

struct root {
   const void *other; /* NULL: an argument at … */
   uint64_t argument;
};
struct roots {
   struct root of[MOST_ROOTS];
   unsigned n, parts;
   bool more; /* than this: no telling */
};

static bool
has_root(const struct roots *r, struct root x)
{
   for (unsigned k = 0; k < r->n; k++)
      if (r->of[k].other == x.other && r->of[k].argument == x.argument)
         return true;
   return false;
}

static void
add_root(struct roots *r, struct root x)
{
   if (has_root(r, x))
      return;
   if (r->n < MOST_ROOTS)
      r->of[r->n++] = x;
   else
      r->more = true;
}

static void
add_loaded(struct roots *r, const struct ir_inst *i)
{
   const struct ir_inst *a = i->src[0]->kind == IR_INST ? i->src[0]->def : NULL;
   if (i->mods.space == ISA_PARAM && a && a->op == ISA_ADDR && a->sym)
      add_root(r,
               (struct root){NULL, a->sym->address + (uint64_t)(a->offset + i->offset)});
   else
      add_root(r, (struct root){i, 0});
}

static void
add_roots(struct roots *r, const struct ir_value *v)
{
   const struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   if (!i || v->width != IR_B64)
      return;
   r->more |= r->parts++ == MOST_PARTS;
   if (r->more)
      return;
   switch (i->op) {
   case ISA_LD:
      add_loaded(r, i);
      return;
   case ISA_ADDR:
      add_root(r, (struct root){i->sym, 0});
      return;
   case ISA_MAD:
      add_roots(r, i->src[2]);
      return;
   case ISA_PHI: /* of a loop: where it begins */
      add_roots(r, i->src[0]);
      return;
   case ISA_ADD:
   case ISA_SUB:
   case ISA_OR:
   case ISA_SELP:
   case ISA_MOV:
   case ISA_COPY:
   case ISA_CVTA:
      for (unsigned k = 0; k < MIN2(i->nsrc, 2u); k++)
         add_roots(r, i->src[k]);
      return;
   default:
      return;
   }
}

/* -- Kernels. */
struct past {
   bool never;
   struct roots loaded, stored; /* stored: of candidates */
   uint64_t bytes;              /* that a thread stores so, outside loops */
   val threads, limit;          /* of the launch; bytes beyond which it is large */
};

static bool
is_global(unsigned space)
{
   return space == ISA_GLOBAL || space == ISA_GENERIC;
}

/* Other threads cannot tell by i in which order stores were done, but those of the block
 * by its barriers: one core runs them all. */
static bool
orders_nothing(const struct ir_inst *i)
{
   if (i->op >= ISA_PHI || ir_inst_is_barrier(i) || emit_is_warp_op(i))
      return true;
   switch (i->op) {
   case ISA_LD:
   case ISA_LDU:
   case ISA_ST:
      return i->mods.sem == ISA_WEAK;
   case ISA_ATOM:
   case ISA_RED:
      return i->mods.space == ISA_SHARED &&
             (i->mods.sem == ISA_WEAK || i->mods.sem == ISA_RELAXED);
   case ISA_CP_ASYNC: /* to shared memory */
   case ISA_CP_ASYNC_COMMIT_GROUP:
   case ISA_CP_ASYNC_WAIT_GROUP:
   case ISA_CP_ASYNC_WAIT_ALL:
      return true;
   case ISA_CALL:
      return false;
   default:
      return !(isa_op_info((enum isa_op)i->op)->effects & (ISA_WRITES | ISA_SYNCS));
   }
}

static uint64_t
bytes_of(const struct ir_inst *i)
{
   return MAX2(i->mods.vec, 1u) * isa_type_bits(i->mods.type[0]) / 8;
}

/* Whether i writes to memory that the kernel, as far as one can see, does not read. */
static bool
is_candidate(const struct past *p, const struct ir_inst *i)
{
   struct roots own = {0};
   if (p->never || i->op != ISA_ST || !is_global(i->mods.space) ||
       i->mods.sem != ISA_WEAK)
      return false;
   add_roots(&own, i->src[0]);
   bool is_read = false;
   for (unsigned k = 0; k < own.n; k++)
      is_read |= has_root(&p->loaded, own.of[k]);
   return own.n && !own.more && !is_read;
}

static struct past *
look(struct emit *e)
{
   if (e->past)
      return e->past;
   struct past *p = e->past = arena_new(e->a, struct past);
   *p = (struct past){0};
   p->never = !HAS_PAST || !e->opt->large || !e->opt->opt_level || !e->ctaid_x ||
              e->opt->cooperative || e->f->value_count >= TARGET_LARGE_KERNEL;
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o]) {
         p->never |= !orders_nothing(i);
         p->loaded.parts = 0;
         if ((i->op == ISA_LD || i->op == ISA_LDU) && is_global(i->mods.space))
            add_roots(&p->loaded, i->src[0]);
      }
   p->never |= p->loaded.more;
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (is_candidate(p, i)) {
            p->stored.parts = 0;
            add_roots(&p->stored, i->src[0]);
            p->bytes += e->g->loop[i->block->id] ? 0 : bytes_of(i);
         }
   return p;
}

/* -- Launches, in code at the function's entry. */
static val
argument(struct emit *e, uint64_t at)
{
   val k = emit_const(e, 64, at);
   val p = LLVMBuildGEP2(e->b, e->i8, emit_space_base(e, ISA_PARAM), &k, 1, "");
   val x = LLVMBuildLoad2(e->b, e->i64, p, "");
   LLVMSetAlignment(x, 1);
   unsigned kind = LLVMGetMDKindIDInContext(e->cx, "invariant.load", 14);
   LLVMSetMetadata(x, kind,
                   LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, NULL, 0)));
   return x;
}

/* No launch is large to which both arguments are one pointer. */
static val
unless_same(struct emit *e, val limit, uint64_t one, uint64_t other)
{
   val same = LLVMBuildICmp(e->b, LLVMIntEQ, argument(e, one), argument(e, other), "");
   return LLVMBuildSelect(e->b, same, emit_const(e, 64, UINT64_MAX), limit, "");
}

static void
ask_launch(struct emit *e, struct past *p)
{
   const uint32_t *n = e->opt->block;
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   LLVMPositionBuilderBefore(e->b, e->entry_end);
   p->threads = emit_const(e, 64, (uint64_t)n[0] * n[1] * n[2]);
   for (unsigned k = 0; k < 3; k++) {
      val x = emit_ctx_field(e, offsetof(struct exec_ctx, nctaid) + 4 * k, e->i32);
      p->threads = LLVMBuildMul(e->b, p->threads, emit_resize(e, x, 64, false), "");
   }
   p->limit = emit_ctx_field(e, offsetof(struct exec_ctx, past), e->i64);
   for (unsigned k = 0; k < p->stored.n; k++)
      for (unsigned m = 0; m < p->loaded.n; m++)
         if (!p->stored.of[k].other && !p->loaded.of[m].other)
            p->limit = unless_same(e, p->limit, p->stored.of[k].argument,
                                   p->loaded.of[m].argument);
   LLVMPositionBuilderAtEnd(e->b, at);
}

/* How often a thread goes round l, about; NULL: no telling. */
static val
rounds_of(struct emit *e, const struct loop *l)
{
   val end, step;
   if (!step_bound(e, l, &end, &step))
      return NULL;
   val many[2] = {end, emit_const(e, 1, 0)}, each[2] = {step, many[1]};
   end = emit_intrinsic(e, "llvm.abs", &e->i64, 1, many, 2);
   step = emit_intrinsic(e, "llvm.abs", &e->i64, 1, each, 2);
   return LLVMBuildUDiv(e->b, end, LLVMBuildOr(e->b, step, emit_const(e, 64, 1), ""), "");
}

/* In a loop: along a row, neither writing a line again nor to another page each time,
 * which memory does not like. */
static bool
goes_on(val step)
{
   int64_t n = LLVMIsAConstantInt(step) ? LLVMConstIntGetSExtValue(step) : 0;
   return n % LINE_BYTES == 0 && n && n > -PAGE_BYTES && n < PAGE_BYTES;
}

/* i1: the launch is large; NULL: a's store never goes past the caches. */
static val
pays(struct emit *e, const struct emit_access *a)
{
   const struct loop *l = e->g->loop[e->block->id];
   struct past *p = look(e);
   if (a->ordered || !is_candidate(p, a->i))
      return NULL;
   val n = emit_const(e, 64, p->bytes);
   if (l) {
      val step = l->parent ? NULL : step_in_loop(e, l, a->i->src[0]);
      val rounds = step && goes_on(step) ? rounds_of(e, l) : NULL;
      if (!rounds)
         return NULL;
      n = LLVMBuildMul(e->b, rounds, emit_const(e, 64, bytes_of(a->i)), "");
   }
   if (!p->limit)
      ask_launch(e, p);
   n = LLVMBuildMul(e->b, n, p->threads, "");
   return LLVMBuildICmp(e->b, LLVMIntUGT, n, p->limit, "");
}

/* -- Stores. */
static unsigned
row_bytes(const struct emit_access *a, val x)
{
   return LLVMGetVectorSize(LLVMTypeOf(x)) * (a->bits / 8);
}

static void
store_all(struct emit *e, const struct emit_access *a, const val *x, unsigned n, val p,
          bool past)
{
   unsigned bytes = row_bytes(a, x[0]);
   for (unsigned k = 0; k < n; k++) {
      val at = emit_const(e, 64, (uint64_t)k * bytes);
      val s =
         LLVMBuildStore(e->b, x[k], k ? LLVMBuildGEP2(e->b, e->i8, p, &at, 1, "") : p);
      LLVMSetAlignment(s, past ? MIN2(LINE_BYTES, bytes & (0 - bytes)) : a->align);
      if (past) {
         LLVMMetadataRef one = LLVMValueAsMetadata(emit_const(e, 32, 1));
         val node = LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, &one, 1));
         LLVMSetMetadata(s, LLVMGetMDKindIDInContext(e->cx, "nontemporal", 11), node);
      }
   }
}

/* What low bits of an address must be zero, as a mask: those of a line; or of a part of
 * one that is a warp's, where the next warps write the rest. 0: these are no lines, or
 * too few that follow each other in a row of the block. */
static uint64_t
low_bits(const struct emit *e, const struct emit_access *a, unsigned bytes)
{
   unsigned lane = a->n * (a->bits / 8), block = e->opt->block[0];
   bool warp = bytes == e->width * lane;
   if ((warp ? MAX2(bytes, block * lane) : bytes) < LEAST_ROW)
      return 0;
   if (bytes % LINE_BYTES == 0)
      return LINE_BYTES - 1;
   bool part = warp && bytes >= LEAST_BYTES && LINE_BYTES % bytes == 0 &&
               block % (LINE_BYTES / bytes * e->width) == 0;
   return part ? bytes - 1 : 0;
}

void
emit_store_row(struct emit *e, const struct emit_access *a, const val *x, unsigned n,
               val p)
{
   uint64_t low = low_bits(e, a, n * row_bytes(a, x[0]));
   val large = low ? pays(e, a) : NULL;
   if (!large) {
      store_all(e, a, x, n, p, false);
      return;
   }
   LLVMBasicBlockRef past = emit_new_block(e, "past"), plain = emit_new_block(e, "plain"),
                     done = emit_new_block(e, "stored");
   val none = emit_const(e, 64, 0);
   val bits = LLVMBuildSelect(e->b, large, emit_const(e, 64, low),
                              emit_const(e, 64, UINT64_MAX), "");
   bits = LLVMBuildAnd(e->b, LLVMBuildPtrToInt(e->b, p, e->i64, ""), bits, "");
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntEQ, bits, none, ""), past, plain);
   emit_at(e, past);
   store_all(e, a, x, n, p, true);
   LLVMBuildBr(e->b, done);
   emit_at(e, plain);
   store_all(e, a, x, n, p, false);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

/* -- What stores are to find in the caches. */
static bool
writes_lines(const struct emit *e, const struct emit_access *a)
{
   const struct shape *s = &a->shape;
   int64_t step = a->n * (a->bits / 8);
   unsigned n = 1;
   if (s->kind != SHAPE_OFFSETS)
      return false;
   while (n < e->width && s->offsets[n] == s->offsets[0] + n * step &&
          (!s->unit || s->times[n] == s->times[0]))
      n++;
   return low_bits(e, a, n * (unsigned)step) != 0;
}

val
past_instead(struct emit *e, const struct emit_access *a, val line)
{
   val past = a->i->op == ISA_ST && writes_lines(e, a) ? pays(e, a) : NULL;
   return past ? LLVMBuildSelect(e->b, past, e->ctx, line, "") : line;
}
