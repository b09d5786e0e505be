/* SPDX-License-Identifier: Apache-2.0
 * Between two barriers a block reads the columns of a tile in shared memory, its lanes
 * one beneath the other and its warps beside each other: a transposition. The tile is
 * then transposed once for the block, ahead of the loop over its warps, and what a warp
 * reads lies side by side. That is done where nothing but such loads happens to shared
 * memory from the barrier on, and where all bytes of the tile's rows are asked for. */
#include <stddef.h>

#include "back/simd/rounds.h"

#define MOST_COLUMNS 64 /* of a tile */
#define MOST_DEPTH 8    /* of an address's computation */
#define ROW (EXEC_WARP * 4u)
#define SIDE 16u /* transposed are so many words of so many rows at a time */

struct columns {
   struct columns *next;
   const struct stop *stop;     /* behind which they are read, */
   const struct ir_value *from; /* by loads from this address … */
   int64_t first;               /* … in the block's first warp; the lowest byte is here */
   int64_t stride, step;        /* of lanes and of warps, in bytes */
   uint32_t n;                  /* columns; 0: it is not done */
   uint32_t home; /* where they lie behind each other, ahead of the frames */
};

/* -- Addresses, of which the first lane of each warp must have a number. */
#define MOST_BYTES (256 << 10) /* no step cuts such a number short */

static bool
counts(enum isa_type t)
{
   return t == ISA_U32 || t == ISA_S32 || t == ISA_B32 || t == ISA_U64 || t == ISA_S64 ||
          t == ISA_B64;
}

static int64_t
step_of(const struct ir_inst *i, const int64_t s[3])
{
   bool whole = counts(i->mods.type[0]);
   switch (i->op) {
   case ISA_ADDR:
      return i->sym->space == ISA_SHARED ? (int64_t)i->sym->address + i->offset : -1;
   case ISA_MOV:
   case ISA_COPY:
      return i->nsrc == 1 && i->ndst == 1 ? s[0] : -1;
   case ISA_CVT:
      return whole && counts(i->mods.type[1]) ? s[0] : -1;
   case ISA_ADD:
      return whole ? s[0] + s[1] : -1;
   case ISA_MUL:
   case ISA_MAD:
      return whole && i->mods.mode != ISA_HI_HALF ? s[0] * s[1] + s[2] : -1;
   case ISA_SHL:
      return whole && s[1] < 16 ? s[0] << s[1] : -1;
   default:
      return -1;
   }
}

static bool
number_of(const struct emit *e, const struct ir_value *v, uint32_t warp, unsigned depth,
          int64_t *x)
{
   const struct ir_inst *i = v->def;
   const uint32_t *n = e->opt->block, t = warp * e->width;
   int64_t s[3] = {0, 0, 0};
   if (v->kind == IR_CONST) {
      *x = (int64_t)v->bits[0];
      return v->bits[0] < MOST_BYTES;
   }
   if (v->kind != IR_INST || !depth || i->nsrc > 3)
      return false;
   if (i->op == ISA_SREG) {
      unsigned r = i->mods.extra;
      *x = r == ISA_SREG_TID_X ? t % n[0] : t / n[0] % n[1];
      return r == ISA_SREG_TID_X || r == ISA_SREG_TID_Y;
   }
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!number_of(e, i->src[k], warp, depth - 1, &s[k]))
         return false;
   *x = step_of(i, s);
   return *x >= 0 && *x < MOST_BYTES;
}

/* -- The loads. */
static bool
is_column(const struct ir_inst *i, const struct ir_value *from)
{
   return i->op == ISA_LD && i->src[0] == from && i->mods.space == ISA_SHARED &&
          i->mods.sem == ISA_WEAK && i->ndst == 1 && isa_type_bits(i->mods.type[0]) == 32;
}

/* Whether memory that other threads share with this one stays as it is. */
static bool
lets_be(const struct ir_inst *i)
{
   bool global = i->op == ISA_ST || i->op == ISA_LD;
   return (global && i->mods.space == ISA_GLOBAL && i->mods.sem == ISA_WEAK) ||
          (i->op == ISA_LD && i->mods.sem == ISA_WEAK) || ir_inst_is_pure(i);
}

/* Whether loads from c->from up to `last` read each word of a tile's rows. */
static bool
cover(const struct emit *e, const struct ir_block *b, struct columns *c,
      const struct ir_inst **last)
{
   uint32_t warps = e->opt->block[0] * e->opt->block[1] * e->opt->block[2] / e->width;
   int64_t lo = INT64_MAX, hi = 0;
   uint64_t seen = 0;
   *last = NULL;
   for (const struct ir_inst *i = b->first; i && lets_be(i); i = i->next)
      if (is_column(i, c->from)) {
         lo = MIN2(lo, i->offset);
         hi = MAX2(hi, i->offset);
         *last = i;
      }
   if (!*last)
      return false;
   for (const struct ir_inst *i = b->first; i != (*last)->next; i = i->next)
      for (uint32_t w = 0; is_column(i, c->from) && w < warps; w++) {
         int64_t at = (i->offset - lo + w * c->step) / 4;
         if ((i->offset - lo) % 4 || at < 0 || at >= MOST_COLUMNS)
            return false;
         seen |= 1ull << at;
      }
   c->first += lo;
   c->n = (uint32_t)__builtin_popcountll(seen);
   bool inside = c->first + (EXEC_WARP - 1) * c->stride + c->n * 4 <= e->f->shared_bytes;
   return inside && c->n % SIDE == 0 && c->n * 4 <= c->stride &&
          seen == (c->n < 64 ? (1ull << c->n) - 1 : UINT64_MAX);
}

static const struct stop *
stop_ahead_of(const struct emit *e, const struct ir_block *b)
{
   return b->preds.len == 1 ? rounds_stop_of(e, b->preds.data[0]) : NULL;
}

static bool
are_columns(const struct emit *e, const struct emit_access *a, struct columns *c,
            const struct ir_inst **last)
{
   uint32_t warps = e->opt->block[0] * e->opt->block[1] * e->opt->block[2] / e->width;
   int64_t at;
   if (!c->stop || a->shape.kind != SHAPE_OFFSETS || a->shape.conditional ||
       a->shape.unit || !shape_stride(&a->shape, e->width, &c->stride) || c->stride % 4 ||
       c->stride < 0 || !number_of(e, c->from, 0, MOST_DEPTH, &c->first) ||
       c->first % 4 || !number_of(e, c->from, 1, MOST_DEPTH, &at))
      return false;
   c->step = at - c->first;
   for (uint32_t w = 2; w < warps; w++)
      if (!number_of(e, c->from, w, MOST_DEPTH, &at) || at != c->first + w * c->step)
         return false;
   return c->step > 0 && c->step % 4 == 0 && cover(e, e->block, c, last);
}

static struct columns *
find(struct emit *e, const struct emit_access *a)
{
   struct emit_rounds *r = e->rounds;
   struct columns *c = r->columns;
   const struct ir_inst *last;
   while (c && c->from != a->i->src[0])
      c = c->next;
   if (c)
      return c;
   c = arena_new(e->a, struct columns);
   c->next = r->columns;
   c->from = a->i->src[0];
   c->stop = stop_ahead_of(e, e->block);
   r->columns = c;
   if (!are_columns(e, a, c, &last)) {
      c->n = 0;
      return c;
   }
   c->home = r->ahead;
   r->ahead += c->n * ROW;
   return c;
}

static val
home_of(struct emit *e, const struct columns *c)
{
   return rounds_at(e, emit_ctx_field(e, offsetof(struct exec_ctx, frame), e->ptr),
                    c->home);
}

bool
columns_load(struct emit *e, const struct emit_access *a, val *out)
{
   struct emit_rounds *r = e->rounds;
   if (!r || !r->own_loops || e->fn == e->masked_fn || !e->warp ||
       e->width != EXEC_WARP || a->mask || !is_column(a->i, a->i->src[0]) ||
       !target_has(e, "+avx512f"))
      return false;
   const struct columns *c = find(e, a);
   bool ahead = false;
   for (const struct ir_inst *i = e->block->first; i && lets_be(i) && !ahead; i = i->next)
      ahead = i == a->i;
   if (!c->n || !ahead || c->stop != stop_ahead_of(e, e->block))
      return false;
   int64_t zero_warp;
   number_of(e, c->from, 0, MOST_DEPTH, &zero_warp);
   uint64_t at = (uint64_t)(zero_warp + a->i->offset - c->first) / 4 * ROW;
   val n = LLVMBuildMul(e->b, emit_resize(e, e->warp, 64, false),
                        emit_const(e, 64, (uint64_t)c->step / 4 * ROW), "");
   val p = rounds_at(e, home_of(e, c), (uint32_t)at);
   out[0] = LLVMBuildLoad2(e->b, emit_vec(e, e->i32),
                           LLVMBuildGEP2(e->b, e->i8, p, &n, 1, ""), "");
   LLVMSetAlignment(out[0], EXEC_FRAME_ALIGN);
   return true;
}

/* -- The transposition. */
/* In each four lanes, or of all fours, what the pattern says of x and y. */
static val
pick(struct emit *e, val x, val y, const uint8_t of[4], bool fours)
{
   val at[SIDE];
   for (unsigned l = 0; l < SIDE; l++) {
      unsigned k = fours ? of[l / 4] : of[l % 4], in = k % 4, other = k / 4 * SIDE;
      at[l] = emit_const(e, 32, other + (fours ? in * 4 + l % 4 : l / 4 * 4 + in));
   }
   return LLVMBuildShuffleVector(e->b, x, y, LLVMConstVector(at, SIDE), "");
}

/* Pairs of rows that are `apart`, of which each makes two. */
static void
mix(struct emit *e, val r[SIDE], unsigned apart, const uint8_t of[2][4], bool fours)
{
   for (unsigned i = 0; i < SIDE; i++) {
      if (i & apart)
         continue;
      val x = r[i], y = r[i + apart];
      r[i] = pick(e, x, y, of[0], fours);
      r[i + apart] = pick(e, x, y, of[1], fours);
   }
}

static void
transpose(struct emit *e, val r[SIDE])
{
   static const uint8_t words[2][4] = {{0, 4, 1, 5}, {2, 6, 3, 7}};
   static const uint8_t pairs[2][4] = {{0, 1, 4, 5}, {2, 3, 6, 7}};
   static const uint8_t fours[2][4] = {{0, 2, 4, 6}, {1, 3, 5, 7}};
   mix(e, r, 1, words, false);
   mix(e, r, 2, pairs, false);
   mix(e, r, 4, fours, true);
   mix(e, r, 8, fours, true);
}

/* The column that transpose() leaves at i. */
static unsigned
column_at(unsigned i)
{
   return (i & ~3u) | (i & 1) << 1 | (i >> 1 & 1);
}

static void
fill(struct emit *e, const struct columns *c)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), loop = emit_new_block(e, "tile");
   LLVMBasicBlockRef done = emit_new_block(e, "transposed");
   type vec = LLVMVectorType(e->i32, SIDE);
   val base = emit_pointer(e, ISA_SHARED, emit_const(e, 64, (uint64_t)c->first), 0);
   val home = home_of(e, c), zero = emit_const(e, 32, 0), one = emit_const(e, 32, 1);
   LLVMBuildBr(e->b, loop);
   emit_at(e, loop);
   val k = LLVMBuildPhi(e->b, e->i32, ""), r[SIDE];
   LLVMAddIncoming(k, &zero, &from, 1);
   val down = LLVMBuildAnd(e->b, k, one, ""), right = LLVMBuildLShr(e->b, k, one, "");
   val far = LLVMBuildAdd(
      e->b, LLVMBuildMul(e->b, down, emit_const(e, 32, (uint64_t)c->stride * SIDE), ""),
      LLVMBuildMul(e->b, right, emit_const(e, 32, SIDE * 4), ""), "");
   val to =
      LLVMBuildAdd(e->b, LLVMBuildMul(e->b, down, emit_const(e, 32, SIDE * 4), ""),
                   LLVMBuildMul(e->b, right, emit_const(e, 32, SIDE * ROW), ""), "");
   val src = LLVMBuildGEP2(e->b, e->i8, base, &far, 1, "");
   val dst = LLVMBuildGEP2(e->b, e->i8, home, &to, 1, "");
   for (unsigned i = 0; i < SIDE; i++) {
      r[i] = LLVMBuildLoad2(e->b, vec, rounds_at(e, src, (uint32_t)c->stride * i), "");
      LLVMSetAlignment(r[i], 4);
   }
   transpose(e, r);
   for (unsigned i = 0; i < SIDE; i++)
      LLVMSetAlignment(LLVMBuildStore(e->b, r[i], rounds_at(e, dst, column_at(i) * ROW)),
                       64);
   val next = LLVMBuildAdd(e->b, k, one, "");
   val last =
      LLVMBuildICmp(e->b, LLVMIntEQ, next, emit_const(e, 32, c->n / SIDE * 2), "");
   LLVMAddIncoming(k, &next, &loop, 1);
   LLVMBuildCondBr(e->b, last, done, loop);
   emit_at(e, done);
}

void
columns_fill(struct emit *e, const struct stop *s)
{
   for (const struct columns *c = e->rounds->columns; c; c = c->next)
      if (c->n && c->stop == s)
         fill(e, c);
}
