/* SPDX-License-Identifier: Apache-2.0
 * Loads by small numbers, such as where the runs of a radix sort's digits begin, from
 * places that are the same for all warps of a block: right behind a barrier, before a
 * warp has written anything, what one warp has found there is what any other would find.
 * So a block keeps a table of what its warps have asked for, by number, and a warp
 * gathers just what no warp before it has. */
#include <stddef.h>

#include "back/simd/rounds.h"
#include "back/simd/tables.h"

#define MOST_BITS 5
#define MOST_DEPTH 8
#define LEAST_WARPS 4 /* of a block for which a table pays */

struct recall {
   struct recall *next;
   const struct stop *stop;    /* behind which it begins empty */
   const struct ir_inst *load; /* whose elements it has */
   struct ir_value *number;    /* by which lanes ask */
   uint32_t home, words; /* ahead of the frames: elements, and as many flags, all ones
                            where there is one */
};

/* -- What is to be loaded. */
/* The same for all warps of a block. */
static bool
is_of_block(unsigned sreg)
{
   return (sreg >= ISA_SREG_CTAID_X && sreg <= ISA_SREG_CTAID_Z) ||
          (sreg >= ISA_SREG_NCTAID_X && sreg <= ISA_SREG_NCTAID_Z);
}

/* Whether element(n) of v can be had for a number that stands for s. */
static bool
is_simple(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_ADD:
   case ISA_SUB:
      return ir_inst_is_int(i);
   case ISA_MUL:
   case ISA_MAD:
      return ir_inst_is_int(i) && i->mods.mode != ISA_HI_HALF;
   case ISA_SHL:
      return i->src[1]->kind == IR_CONST && i->src[1]->bits[0] < 32;
   case ISA_CVT:
      return ir_inst_is_int(i) && !isa_type_is_float(i->mods.type[1]) &&
             isa_type_bits(i->mods.type[1]) == ir_width_bits(i->src[0]->width) &&
             isa_type_bits(i->mods.type[0]) == ir_width_bits(i->dst[0]->width);
   default:
      return false;
   }
}

static bool
find_number(struct emit *e, struct ir_value *v, struct ir_value **number, unsigned depth)
{
   if (v == *number ||
       (emit_is_uniform(e, v) && emit_is_made_of(v, is_of_block, MOST_DEPTH)))
      return true;
   if (v->kind != IR_INST || !depth)
      return false;
   if (!*number && ir_width_bits(v->width) == 32 &&
       lanes_bound(e->l, v) < 1u << MOST_BITS) {
      *number = v;
      return true;
   }
   if (v->def->block != e->block || !is_simple(v->def))
      return false;
   for (unsigned k = 0; k < v->def->nsrc; k++)
      if (!find_number(e, v->def->src[k], number, depth - 1))
         return false;
   return true;
}

static const struct stop *
stop_ahead_of(const struct emit *e, const struct ir_inst *load)
{
   const struct ir_block *b = load->block;
   for (const struct ir_inst *i = b->first; i != load; i = i->next)
      if (!ir_inst_is_pure(i) && (i->op != ISA_LD || i->mods.sem != ISA_WEAK))
         return NULL;
   return b->preds.len == 1 ? rounds_stop_of(e, b->preds.data[0]) : NULL;
}

static struct recall *
find(struct emit *e, const struct emit_access *a)
{
   struct emit_rounds *r = e->rounds;
   struct recall *c = r->recalls;
   const uint32_t *block = e->opt->block;
   unsigned per = emit_table_words(e);
   while (c && c->load != a->i)
      c = c->next;
   if (c || !per || block[0] * block[1] * block[2] < LEAST_WARPS * e->width)
      return c;
   struct ir_value *number = NULL;
   const struct stop *stop = stop_ahead_of(e, a->i);
   if (!stop || stop->pause || !find_number(e, a->i->src[0], &number, MOST_DEPTH) ||
       !number)
      return NULL;
   uint32_t words = per;
   while (words <= lanes_bound(e->l, number))
      words *= 2;
   if (words > 2 * per)
      return NULL;
   c = arena_new(e->a, struct recall);
   *c = (struct recall){r->recalls, stop, a->i, number, r->ahead, words};
   r->ahead += ALIGN_UP(2 * words * 4, EXEC_FRAME_ALIGN);
   r->recalls = c;
   return c;
}

/* -- What it would be for each number. */
static val
by_number(struct emit *e, const struct recall *c, struct ir_value *v)
{
   struct ir_inst *i = v->kind == IR_INST ? v->def : NULL;
   val s[3];
   if (v == c->number) {
      val n[EXEC_WARP];
      for (unsigned k = 0; k < c->words; k++)
         n[k] = emit_const(e, 32, k);
      return LLVMConstVector(n, c->words);
   }
   if (emit_is_uniform(e, v))
      return emit_splat_to(e, c->words, emit_scalar(e, v));
   unsigned bits = ir_width_bits(v->width);
   bool is_signed = isa_type_is_signed(i->mods.type[0]);
   bool wide = i->mods.mode == ISA_WIDE;
   for (unsigned k = 0; k < i->nsrc; k++) {
      s[k] = by_number(e, c, i->src[k]);
      if (wide)
         s[k] = emit_resize(e, s[k], bits, is_signed);
   }
   switch (i->op) {
   case ISA_ADD:
      return LLVMBuildAdd(e->b, s[0], s[1], "");
   case ISA_SUB:
      return LLVMBuildSub(e->b, s[0], s[1], "");
   case ISA_SHL:
      return LLVMBuildShl(e->b, s[0], emit_resize(e, s[1], bits, false), "");
   case ISA_CVT:
      return emit_resize(e, s[0], bits, isa_type_is_signed(i->mods.type[1]));
   default: {
      val x = LLVMBuildMul(e->b, s[0], s[1], "");
      return i->op == ISA_MAD ? LLVMBuildAdd(e->b, x, s[2], "") : x;
   }
   }
}

/* -- The table. */
static val
home_of(struct emit *e, const struct recall *c, bool flags)
{
   val frame = emit_ctx_field(e, offsetof(struct exec_ctx, frame), e->ptr);
   return rounds_at(e, frame, c->home + (flags ? c->words * 4 : 0));
}

static val
load_table(struct emit *e, const struct recall *c, bool flags)
{
   val x =
      LLVMBuildLoad2(e->b, LLVMVectorType(e->i32, c->words), home_of(e, c, flags), "");
   LLVMSetAlignment(x, 32);
   return x;
}

/* What lanes ask for that is not there. */
static void
fetch(struct emit *e, const struct emit_access *a, const struct recall *c, val number)
{
   val zero = LLVMConstNull(LLVMVectorType(e->i32, c->words));
   val flags = load_table(e, c, true);
   val asked = small_asked(e, number, lanes_bound(e->l, c->number), c->words);
   val missing = LLVMBuildAnd(e->b, asked,
                              LLVMBuildICmp(e->b, LLVMIntEQ, flags, zero, ""), "missing");
   val at = by_number(e, c, a->i->src[0]);
   at = LLVMBuildAdd(
      e->b, emit_resize(e, at, 64, false),
      emit_splat_to(e, c->words, emit_const(e, 64, (uint64_t)a->i->offset)), "");
   val ptrs = LLVMBuildIntToPtr(e->b, at, LLVMVectorType(e->ptr, c->words), "");
   val args[4] = {ptrs, emit_const(e, 32, a->align), missing, load_table(e, c, false)};
   type over[2] = {LLVMTypeOf(zero), LLVMTypeOf(ptrs)};
   val x = emit_intrinsic(e, "llvm.masked.gather", over, 2, args, 4);
   val ones = LLVMBuildSExt(e->b, asked, LLVMTypeOf(zero), "");
   LLVMSetAlignment(LLVMBuildStore(e->b, x, home_of(e, c, false)), 32);
   LLVMSetAlignment(
      LLVMBuildStore(e->b, LLVMBuildOr(e->b, flags, ones, ""), home_of(e, c, true)), 32);
}

bool
recall_load(struct emit *e, const struct emit_access *a, val *out)
{
   struct emit_rounds *r = e->rounds;
   if (!r || !r->own_loops || e->fn == e->masked_fn || !e->warp || a->mask ||
       a->ordered || a->n != 1 || a->bits != 32 || a->space != ISA_GLOBAL ||
       a->shape.kind != SHAPE_VARYING || e->opt->opt_level == 0)
      return false;
   const struct recall *c = find(e, a);
   if (!c)
      return false;
   val number = emit_lanes(e, c->number);
   val here = small_words_of(e, load_table(e, c, true), number);
   here = LLVMBuildICmp(e->b, LLVMIntNE, here, LLVMConstNull(LLVMTypeOf(here)), "");
   LLVMBasicBlockRef some = emit_new_block(e, "missing"),
                     all = emit_new_block(e, "known");
   LLVMBuildCondBr(e->b, emit_are_all(e, emit_mask_bits(e, here)), all, some);
   emit_at(e, some);
   bool was = e->no_cache;
   e->no_cache = true;
   fetch(e, a, c, number);
   e->no_cache = was;
   LLVMBuildBr(e->b, all);
   emit_at(e, all);
   out[0] = small_words_of(e, load_table(e, c, false), number);
   return true;
}

void
recall_begin(struct emit *e, const struct stop *s)
{
   for (const struct recall *c = e->rounds->recalls; c; c = c->next)
      if (c->stop == s)
         LLVMSetAlignment(LLVMBuildStore(e->b,
                                         LLVMConstNull(LLVMVectorType(e->i32, c->words)),
                                         home_of(e, c, true)),
                          32);
}
