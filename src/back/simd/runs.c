/* SPDX-License-Identifier: Apache-2.0
 * Stores with which blocks end and that continue runs in memory, one for each of a few
 * numbers, as a radix sort deals out its keys by digit: the lanes that have the same
 * number, as the kernel has them find each other by match.any, store elements that follow
 * each other, behind those of the warp before. Such elements are gathered for each number
 * in a buffer of the call and go to memory many at a time. A key a store would touch a
 * line for each, and runs that grow alike push one another's lines out of the cache.
 *
 * Whether a warp's stores do continue the runs is tested; those that do not are done at
 * once. Nothing that a thread does later can tell when they are (held.c). */
#include "back/simd/owed.h"
#include "back/simd/tables.h"

#define NUMBERS 16u /* runs, and words of a vector */
#define PLACES 96u  /* elements of a buffer */
#define ENOUGH                                                                           \
   64u /* from more on, buffers are emptied: a warp may bring one for each lane */
#define LEAST_WARPS 2
#define MOST_DEPTH 12

/* Of the call's memory: the address of element 0; by number, the elements with which the
 * runs go on and with which the buffers begin; and the buffers. */
#define NEXT 64u
#define FIRST (NEXT + NUMBERS * 4)
#define BUFFERS (FIRST + NUMBERS * 4)
#define BYTES (BUFFERS + (NUMBERS * PLACES + NUMBERS) * 4)

struct runs {
   struct ir_inst *store;
   struct ir_value *base, *index; /* of its address */
   bool is_signed;                /* the index */
   struct ir_value *number;
   uint32_t home; /* in the call's memory */
   val empty;     /* the function that does */
};

/* -- Which stores. */
/* The same for all blocks of a call. */
static bool
is_of_call(unsigned sreg)
{
   (void)sreg;
   return false;
}

/* Whether the address is a base that is the same for all blocks and an index widened. */
static bool
find_index(struct runs *r, const struct ir_inst *st)
{
   const struct ir_value *v = st->src[0];
   if (v->kind != IR_INST || v->def->op != ISA_ADD || v->def->block != st->block ||
       ir_width_bits(v->width) != 64)
      return false;
   for (unsigned k = 0; k < 2; k++) {
      const struct ir_value *wide = v->def->src[1 - k];
      const struct ir_inst *m = wide->kind == IR_INST ? wide->def : NULL;
      r->base = v->def->src[k];
      if (m && m->op == ISA_MUL && m->mods.mode == ISA_WIDE && m->block == st->block &&
          isa_type_bits(m->mods.type[0]) == 32 && m->src[1]->kind == IR_CONST &&
          m->src[1]->bits[0] == 4 && emit_is_made_of(r->base, is_of_call, MOST_DEPTH)) {
         r->index = m->src[0];
         r->is_signed = isa_type_is_signed(m->mods.type[0]);
         return true;
      }
   }
   return false;
}

static bool
nothing_follows(const struct emit *e, const struct ir_inst *i, const struct ir_inst *next)
{
   (void)e, (void)i, (void)next;
   return false;
}

static struct ir_value *
matched(struct emit *e)
{
   for (uint32_t o = 0; o < e->g->nrpo; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (i->op == ISA_MATCH && i->mods.mode == ISA_MODE_ANY &&
             i->src[0]->kind == IR_INST && ir_width_bits(i->src[0]->width) == 32 &&
             lanes_bound(e->l, i->src[0]) < NUMBERS)
            return i->src[0];
   return NULL;
}

/* Whether v is to be had in b. */
static bool
is_at_hand(const struct ir_value *v, const struct ir_block *b)
{
   bool is = v->def->block == b;
   for (const struct ir_inst *i = b->first; i && !is; i = i->next)
      for (unsigned k = 0; i->op != ISA_PHI && k < i->nsrc; k++)
         is |= i->src[k] == v;
   return is;
}

static bool
find_store(struct emit *e, struct runs *r, struct ir_inst *i)
{
   r->store = i;
   return i->op == ISA_ST && i->mods.space == ISA_GLOBAL && i->mods.sem == ISA_WEAK &&
          i->mods.vec <= 1 && isa_type_bits(i->mods.type[0]) == 32 &&
          is_at_hand(r->number, i->block) && find_index(r, i) &&
          held_is_last(e, i, nothing_follows);
}

void
runs_find(struct emit *e)
{
   const uint32_t *block = e->opt->block;
   struct runs *r = arena_new(e->a, struct runs);
   *r = (struct runs){.number = matched(e), .home = e->call_bytes};
   if (!r->number || e->width != EXEC_WARP || !target_has(e, "+avx512vpopcntdq") ||
       block[0] * block[1] * block[2] < LEAST_WARPS * e->width)
      return;
   for (uint32_t o = 0; o < e->g->nrpo && !e->runs; o++)
      ir_foreach_inst (i, e->g->rpo[o])
         if (!e->runs && find_store(e, r, i)) {
            e->runs = r;
            e->call_bytes += ALIGN_UP(BYTES, 64u);
         }
}

/* -- The call's memory. */
static type
words(struct emit *e)
{
   return LLVMVectorType(e->i32, NUMBERS);
}

static val
at(struct emit *e, val memory, uint32_t offset)
{
   val k = emit_const(e, 64, offset);
   return LLVMBuildGEP2(e->b, e->i8, memory, &k, 1, "");
}

static val
load_words(struct emit *e, val memory, uint32_t offset)
{
   val x = LLVMBuildLoad2(e->b, words(e), at(e, memory, offset), "");
   LLVMSetAlignment(x, 64);
   return x;
}

static void
store_words(struct emit *e, val memory, uint32_t offset, val x)
{
   LLVMSetAlignment(LLVMBuildStore(e->b, x, at(e, memory, offset)), 64);
}

static val
numbers(struct emit *e, unsigned n, uint32_t times)
{
   val x[EXEC_WARP];
   for (unsigned k = 0; k < n; k++)
      x[k] = emit_const(e, 32, k * times);
   return LLVMConstVector(x, n);
}

static val
all_words(struct emit *e, uint32_t x)
{
   val all[NUMBERS];
   for (unsigned k = 0; k < NUMBERS; k++)
      all[k] = emit_const(e, 32, x);
   return LLVMConstVector(all, NUMBERS);
}

/* Whether some element of flags is set. */
static val
any(struct emit *e, val flags)
{
   type bits = LLVMIntTypeInContext(e->cx, LLVMGetVectorSize(LLVMTypeOf(flags)));
   return LLVMBuildICmp(e->b, LLVMIntNE, LLVMBuildBitCast(e->b, flags, bits, ""),
                        LLVMConstNull(bits), "");
}

/* -- Emptying the buffers. */
struct count {
   LLVMBasicBlockRef loop;
   val k;
};

static struct count
begin_count(struct emit *e)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   struct count c = {emit_new_block(e, "runs"), NULL};
   val zero = emit_const(e, 32, 0);
   LLVMBuildBr(e->b, c.loop);
   emit_at(e, c.loop);
   c.k = LLVMBuildPhi(e->b, e->i32, "");
   LLVMAddIncoming(c.k, &zero, &from, 1);
   return c;
}

static void
end_count(struct emit *e, const struct count *c, uint32_t step, val n)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b), out = emit_new_block(e, "");
   val next = LLVMBuildAdd(e->b, c->k, emit_const(e, 32, step), "");
   LLVMAddIncoming(c->k, &next, &from, 1);
   LLVMBuildCondBr(e->b, LLVMBuildICmp(e->b, LLVMIntULT, next, n, ""), c->loop, out);
   emit_at(e, out);
}

static val
element(struct emit *e, val p, val k)
{
   k = emit_resize(e, k, 64, e->runs->is_signed);
   return LLVMBuildGEP2(e->b, e->i32, p, &k, 1, "");
}

static void
empty(struct emit *e, val memory)
{
   val base = LLVMBuildLoad2(e->b, e->ptr, memory, "");
   struct count run = begin_count(e);
   val first = LLVMBuildLoad2(e->b, e->i32, element(e, at(e, memory, FIRST), run.k), "");
   val next = LLVMBuildLoad2(e->b, e->i32, element(e, at(e, memory, NEXT), run.k), "");
   val n = LLVMBuildSub(e->b, next, first, "");
   val from = LLVMBuildMul(e->b, run.k, emit_const(e, 32, PLACES), "");
   from = element(e, at(e, memory, BUFFERS), from);
   val to = element(e, base, first);
   struct count part = begin_count(e);
   val x = LLVMBuildLoad2(e->b, words(e), element(e, from, part.k), "");
   LLVMSetAlignment(x, 4);
   val one = LLVMGetPoison(LLVMVectorType(e->i32, 1)), zero[NUMBERS];
   for (unsigned k = 0; k < NUMBERS; k++)
      zero[k] = emit_const(e, 32, 0);
   val left = LLVMBuildSub(e->b, n, part.k, "");
   left =
      LLVMBuildShuffleVector(e->b, LLVMBuildInsertElement(e->b, one, left, zero[0], ""),
                             one, LLVMConstVector(zero, NUMBERS), "");
   val mask = LLVMBuildICmp(e->b, LLVMIntSLT, numbers(e, NUMBERS, 1), left, "");
   val args[4] = {x, element(e, to, part.k), emit_const(e, 32, 4), mask};
   type over[2] = {words(e), e->ptr};
   emit_intrinsic(e, "llvm.masked.store", over, 2, args, 4);
   end_count(e, &part, NUMBERS, n);
   end_count(e, &run, 1, emit_const(e, 32, NUMBERS));
   store_words(e, memory, FIRST, load_words(e, memory, NEXT));
}

/* As a function of its own: it is seldom called. */
static val
emptying(struct emit *e)
{
   struct runs *r = e->runs;
   if (r->empty)
      return r->empty;
   LLVMBasicBlockRef was_at = LLVMGetInsertBlock(e->b);
   val was = e->fn;
   type params[2] = {e->ptr, e->ptr};
   e->fn = r->empty = emit_add_function(e, "empty_runs", e->void_, params, 2);
   LLVMAddAttributeAtIndex(
      e->fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
      LLVMCreateEnumAttribute(e->cx, LLVMGetEnumAttributeKindForName("noinline", 8), 0));
   emit_at(e, emit_new_block(e, "entry"));
   empty(e, LLVMGetParam(e->fn, 1));
   LLVMBuildRetVoid(e->b);
   e->fn = was;
   emit_at(e, was_at);
   return r->empty;
}

static void
call_empty(struct emit *e, val memory)
{
   val fn = emptying(e), args[2] = {e->ctx, memory};
   LLVMBuildCall2(e->b, LLVMGlobalGetValueType(fn), fn, args, 2, "");
}

/* -- A warp's stores. */
struct dealt {
   const struct emit_access *a;
   val memory, base, x;
   val index, number, rank; /* of lanes; rank: among those with its number */
   val who, count;          /* by number: lanes, and how many */
};

static val
popcount(struct emit *e, val x)
{
   type t = LLVMTypeOf(x);
   return emit_intrinsic(e, "llvm.ctpop", &t, 1, &x, 1);
}

/* Whether each number's lanes go on from `from`, by number, and that without a wrap. */
static val
go_on(struct emit *e, const struct dealt *r, val from)
{
   val want = LLVMBuildAdd(e->b, small_words_of(e, from, r->number), r->rank, "");
   val odd = any(e, LLVMBuildICmp(e->b, LLVMIntNE, want, r->index, ""));
   val to = LLVMBuildAdd(e->b, from, r->count, "");
   LLVMIntPredicate less = e->runs->is_signed ? LLVMIntSLT : LLVMIntULT;
   val wrap = any(e, LLVMBuildICmp(e->b, less, to, from, ""));
   return LLVMBuildNot(e->b, LLVMBuildOr(e->b, odd, wrap, ""), "");
}

/* The element that the first lane of each number stores. */
static val
first_of(struct emit *e, const struct dealt *r)
{
   val piece[2], args[2] = {r->who, emit_const(e, 1, 0)};
   type t = LLVMTypeOf(r->who);
   val lane = emit_intrinsic(e, "llvm.cttz", &t, 1, args, 2);
   emit_split(e, r->index, NUMBERS, piece);
   return emit_permute_part(e, piece, 2, lane);
}

/* The runs go on elsewhere, if each number's lanes store elements that follow each other;
 * else they are done at once. */
static void
begin_runs(struct emit *e, const struct dealt *r, LLVMBasicBlockRef add,
           LLVMBasicBlockRef done)
{
   LLVMBasicBlockRef other = emit_new_block(e, "elsewhere"),
                     odd = emit_new_block(e, "odd");
   LLVMBasicBlockRef full = emit_new_block(e, "full"), begin = emit_new_block(e, "begin");
   val first = first_of(e, r), none = LLVMConstNull(words(e));
   LLVMBuildCondBr(e->b, go_on(e, r, first), other, odd);
   emit_at(e, odd);
   emit_scatter(e, r->a, emit_lane_pointers(e, r->a), 0, r->x);
   LLVMBuildBr(e->b, done);
   emit_at(e, other);
   val next = load_words(e, r->memory, NEXT);
   val moves = LLVMBuildAnd(e->b, LLVMBuildICmp(e->b, LLVMIntNE, r->who, none, ""),
                            LLVMBuildICmp(e->b, LLVMIntNE, first, next, ""), "");
   val held = LLVMBuildICmp(e->b, LLVMIntNE, load_words(e, r->memory, FIRST), next, "");
   LLVMBuildCondBr(e->b, any(e, LLVMBuildAnd(e->b, moves, held, "")), full, begin);
   emit_at(e, full);
   call_empty(e, r->memory);
   LLVMBuildBr(e->b, begin);
   emit_at(e, begin);
   val was = load_words(e, r->memory, FIRST);
   store_words(e, r->memory, NEXT, LLVMBuildSelect(e->b, moves, first, next, ""));
   store_words(e, r->memory, FIRST, LLVMBuildSelect(e->b, moves, first, was, ""));
   LLVMBuildBr(e->b, add);
}

/* Each lane's element into its buffer, two lanes at a time. */
static void
fill(struct emit *e, const struct dealt *r, val place)
{
   val buffers = at(e, r->memory, BUFFERS), high = emit_const(e, 64, 32);
   val x = emit_memory_of(e, r->x, "stored");
   val pairs = LLVMBuildBitCast(e->b, place, LLVMVectorType(e->i64, EXEC_WARP / 2), "");
   for (unsigned l = 0; l < EXEC_WARP; l++) {
      val k = LLVMBuildExtractElement(e->b, pairs, emit_const(e, 32, l / 2), "");
      k = l % 2 ? LLVMBuildLShr(e->b, k, high, "") : LLVMBuildTrunc(e->b, k, e->i32, "");
      val one = emit_lane_of(e, x, e->i32, emit_const(e, 32, l));
      LLVMSetVolatile(one, true);
      LLVMBuildStore(e->b, one, element(e, buffers, k));
   }
}

static void
add(struct emit *e, const struct dealt *r, LLVMBasicBlockRef done)
{
   LLVMBasicBlockRef full = emit_new_block(e, "full");
   val next = load_words(e, r->memory, NEXT), first = load_words(e, r->memory, FIRST);
   val place = LLVMBuildSub(e->b, next, first, "");
   place = LLVMBuildAdd(e->b, place, numbers(e, NUMBERS, PLACES), "");
   fill(e, r, LLVMBuildAdd(e->b, small_words_of(e, place, r->number), r->rank, ""));
   next = LLVMBuildAdd(e->b, next, r->count, "");
   store_words(e, r->memory, NEXT, next);
   LLVMBuildStore(e->b, r->base, r->memory);
   val filled = LLVMBuildSub(e->b, next, first, "");
   val enough = any(e, LLVMBuildICmp(e->b, LLVMIntUGT, filled, all_words(e, ENOUGH), ""));
   LLVMBuildCondBr(e->b, enough, full, done);
   emit_at(e, full);
   call_empty(e, r->memory);
   LLVMBuildBr(e->b, done);
}

bool
runs_store(struct emit *e, const struct emit_access *a, val x)
{
   struct runs *from = e->runs;
   if (!e->call_at || !from || a->i != from->store || a->mask || e->width != EXEC_WARP ||
       emit_table_words(e) != NUMBERS || a->shape.kind != SHAPE_VARYING)
      return false;
   struct dealt r = {.a = a, .x = x, .memory = at(e, e->call_at, from->home)};
   r.index = emit_lanes(e, from->index);
   r.base = emit_pointer(e, a->space, emit_scalar(e, from->base), a->i->offset);
   r.number = emit_lanes(e, from->number);
   r.who = small_owners(e, r.number, NUMBERS - 1);
   r.count = popcount(e, r.who);
   val below[EXEC_WARP];
   for (unsigned l = 0; l < EXEC_WARP; l++)
      below[l] = emit_const(e, 32, (1u << l) - 1);
   r.rank = LLVMBuildAnd(e->b, small_words_of(e, r.who, r.number),
                         LLVMConstVector(below, EXEC_WARP), "");
   r.rank = popcount(e, r.rank);
   LLVMBasicBlockRef adds = emit_new_block(e, "add"), other = emit_new_block(e, "other");
   LLVMBasicBlockRef done = emit_new_block(e, "dealt");
   bool was = e->no_cache;
   e->no_cache = true;
   LLVMBuildCondBr(e->b, go_on(e, &r, load_words(e, r.memory, NEXT)), adds, other);
   emit_at(e, other);
   begin_runs(e, &r, adds, done);
   emit_at(e, adds);
   add(e, &r, done);
   e->no_cache = was;
   emit_at(e, done);
   return true;
}

/* -- Around a call's blocks. */
void
runs_begin(struct emit *e)
{
   if (!e->runs)
      return;
   val memory = at(e, e->call_at, e->runs->home);
   store_words(e, memory, NEXT, LLVMConstNull(words(e)));
   store_words(e, memory, FIRST, LLVMConstNull(words(e)));
}

void
runs_settle(struct emit *e)
{
   if (!e->runs)
      return;
   LLVMBasicBlockRef some = emit_new_block(e, "some"), none = emit_new_block(e, "");
   val memory = at(e, e->call_at, e->runs->home);
   val held = LLVMBuildICmp(e->b, LLVMIntNE, load_words(e, memory, NEXT),
                            load_words(e, memory, FIRST), "");
   LLVMBuildCondBr(e->b, any(e, held), some, none);
   emit_at(e, some);
   call_empty(e, memory);
   LLVMBuildBr(e->b, none);
   emit_at(e, none);
}
