/* SPDX-License-Identifier: Apache-2.0
 * Emission of one kernel as LLVM IR: what the parts (control flow, arithmetic, memory,
 * warp operations) share.
 *
 * A value is emitted in the form its shape asks for: a scalar where it is uniform, a
 * scalar base where it is base plus offsets, a vector of all lanes where it varies.
 * All values are integers of their width (predicates i1); float operations cast, which
 * costs nothing. What crosses blocks is a variable of flow.c, which puts it into SSA form
 * over the linearized control flow. */
#ifndef KASURI_EMIT_H
#define KASURI_EMIT_H

#include <llvm-c/Core.h>
#include <llvm-c/TargetMachine.h>

#include "analysis/analysis.h"
#include "back/object.h"

typedef LLVMValueRef val;
typedef LLVMTypeRef type;

struct emit_access;
struct emit_node; /* a stretch of code with one way in, see flow.c */
struct emit_var;
struct isa_eval;

struct emit_slot {
   struct emit_var *scalar, *vec; /* or NULL */
   struct emit_var *guard;    /* of a conditional value: its scalar form may be used */
   bool used;                 /* at all */
   bool crosses;              /* used outside its block */
   const struct loop *leaves; /* the outermost divergent loop around its definition that
                                 has a use outside, or NULL */
};

/* Of a vector, the lanes that are computed: those below n, a power of two, or, where n is
 * one, lane `first`. All others repeat them: either they hold the same, or nobody reads
 * them. */
struct emit_few {
   uint8_t n, first;
};

struct emit_cached {
   val scalar, vec, guard;
   val few;        /* what vec repeats: a scalar, or fewer lanes; or NULL */
   uint32_t epoch; /* valid while it equals emit.epoch */
   val one;        /* of the lane that emit_lane is asked for, */
   uint32_t asked; /* in this call of it */
};

struct emit {
   struct ir_func *f;
   struct cfg *g;
   struct lanes *l;
   struct alignment_needs needs; /* of the kernel's arguments */
   const struct back_options *opt;
   struct diag *d;
   struct arena *a;
   enum exec_mode mode;
   unsigned width;       /* lanes that run together: EXEC_WARP, WIDTH_NARROW (a "warp" is
                            then so many threads), or 1 in thread mode */
   uint32_t param_bytes; /* of the kernel */

   LLVMTargetMachineRef target; /* the processor; NULL until somebody asks */
   uint64_t frames;             /* of the machine code's functions, in bytes */
   LLVMContextRef cx;
   LLVMModuleRef mod;
   LLVMBuilderRef b;
   val kernel_fn, fn, ctx; /* fn: the function being emitted */
   val params;             /* the kernel's, where it was told; else NULL */
   val takes_fn;           /* or NULL */
   val warp;    /* the warp's number where one call runs a whole block, else NULL */
   val ctaid_x; /* where one call runs several blocks, else NULL */
   val masked_fn;
   val instead; /* what to call when lanes leave at a guard, or a test fails, */
   LLVMBasicBlockRef gives_up; /* and where that is done; NULL: nobody does */
   val frame; /* in a called function: where its local frame begins; NULL in the kernel */
   val sp;    /* what alloca moves, in memory; NULL: the function has none */
   bool grows;           /* some function has */
   bool local_slots;     /* local memory is laid out by slots */
   uint32_t call_bytes;  /* of what a call keeps for all its blocks, and where it does; */
   val call_at;          /* NULL: the function that is emitted is not told */
   struct owed *owed;    /* in them: rows of sums, see owed.c, */
   struct runs *runs;    /* and what a store has dealt out, see runs.c */
   struct pause *pauses; /* before rounds are created: see pause.c */
   struct emit_rounds *rounds; /* NULL: warps do not stop at barriers and return */
   type i1, i8, i16, i32, i64, i128, f32, f64, ptr, void_;
   LLVMBasicBlockRef entry; /* allocas and everything that holds for the whole kernel */
   val entry_end;           /* the entry block's terminator, once it is there */

   struct emit_slot *slots;   /* by value id */
   struct emit_cached *cache; /* by value id */
   uint32_t epoch;
   bool no_cache;  /* inside code that does not dominate what follows */
   int lane;       /* scalar forms are this lane's (lane.c); -1: what their shapes say */
   uint32_t asked; /* calls of emit_lane so far */
   struct emit_var **phi_slots;  /* by value id: what flows into a phi */
   struct emit_var **mask_slots; /* by block id */
   struct emit_way *ways;        /* and these two, see push.c */
   const struct ir_block **exits;
   struct emit_node **nodes; /* by block id */
   struct emit_node *node;   /* being emitted */
   struct flow *flow;
   struct bitset *deferred; /* by position in rpo: blocks to visit later */
   struct ir_block *block;  /* being emitted */
   val mask;                /* its active lanes, <width x i1>; NULL: all */
   const bool *assume;      /* by block id: guards that all lanes are supposed to pass */
   const bool *guarded;     /* by block id: guards alone keep lanes from it; or NULL */
   val entry_mask;          /* lanes that exist; NULL: all */

   struct map *sym_index; /* ir_sym pointer -> position + 1 in syms */
   VEC(char *) syms;
   struct emit_few *few; /* by value id */
   bool narrow;          /* width is not all lanes, but the few of a result */
   uint8_t *raw_nan;     /* by value id: NaN bits may not be canonical, see nan.c */
   uint8_t *few_bits;    /* by value id, see narrow.c; NULL: not looked at */
   uint8_t *seen_bits;   /* by value id: not only float arithmetic reads it */
   uint8_t *numbers;     /* by value id: never NaN, see order.c */
   bool hides_shared;    /* only float arithmetic reads what is in shared memory */
   uint8_t *hidden_bits; /* by value id: bit k is set if what its instruction reads of
                            NaN bits in source k does not show, see hidden.c */
   struct map *families; /* bitcode families to link, "32approx" */
   struct map *temps;    /* memory for operands of bitcode calls, see alu.c */
   VEC(struct ir_func *) called; /* functions to emit, then emitted ones, in order */
   struct map *called_fns;       /* ir_func pointer -> its LLVM function */
   VEC(struct ir_func *) serial; /* what lanes go through one after the other */
   struct map *grouped;          /* ir_inst pointer -> its emit_group */
   struct map *global;           /* pointers into global memory, see alias.c */
   struct forward *forward;      /* NULL: nothing is known of shared memory */
   struct stream *stream;        /* what code asks memory for, see stream.c; or NULL */
   struct past *past;            /* see past.c; NULL: not looked at */
   unsigned insts;
};

/* -- emit.c: types and small helpers */
type emit_int(struct emit *e, unsigned bits);
type emit_float(struct emit *e, enum isa_type t); /* NULL where LLVM has none */
type emit_vec(struct emit *e, type elem);         /* elem itself at width 1 */
val emit_const(struct emit *e, unsigned bits, uint64_t v);
val emit_splat(struct emit *e, val scalar); /* to a vector of all lanes, … */
val emit_splat_to(struct emit *e, unsigned n, val scalar); /* … of so many */
/* Made of arguments, constants and these special registers alone, as far as depth. */
bool emit_is_made_of(const struct ir_value *v, bool (*may)(unsigned sreg),
                     unsigned depth);
val emit_iota(struct emit *e, unsigned bits, const int64_t *offsets);
val emit_part(struct emit *e, val x, unsigned first, unsigned n); /* n elements of x */
val emit_cast(struct emit *e, val v, type elem); /* bit cast, scalar or vector */
/* Integers cut or extended to that many bits, scalar or vector. */
val emit_resize(struct emit *e, val v, unsigned to, bool is_signed);
bool emit_is_vec(val v);
val emit_alloca(struct emit *e, type t, const char *name);
val emit_intrinsic(struct emit *e, const char *name, type *overload, unsigned n,
                   val *args, unsigned nargs);
val emit_ctx_field(struct emit *e, size_t offset, type t);
val emit_constant(struct emit *e, val load); /* of what no kernel changes; the load */
val emit_ctx_ptr(struct emit *e, size_t offset);
val emit_service(struct emit *e, size_t offset, type ret, type *params, val *args,
                 unsigned n);
LLVMBasicBlockRef emit_new_block(struct emit *e, const char *name);
void emit_at(struct emit *e, LLVMBasicBlockRef bb);
val emit_mask_bits(struct emit *e, val mask);            /* i32; NULL mask: all lanes */
val emit_are_all(struct emit *e, val bits);              /* i1 */
val emit_any(struct emit *e, val mask);                  /* i1 */
val emit_mods(struct emit *e, const struct isa_mods *m); /* pointer to a constant copy */
/* Ends the grid with an error; what follows is not reached. line: of the PTX. */
void emit_trap(struct emit *e, enum exec_trap_reason reason, uint32_t line);
/* Ends the grid if bad, of all lanes or uniform, holds in a lane that is here. */
void emit_trap_where(struct emit *e, const struct ir_inst *i,
                     enum exec_trap_reason reason, val bad);
void emit_unsupported(struct emit *e, const struct ir_inst *i, const char *why);

/* A loop over the set lanes of the current mask. Between begin and end, lane is an i32.
 */
struct lane_loop {
   LLVMBasicBlockRef head, done;
   val bits, lane;
   bool was_no_cache;
};
void lane_loop_begin(struct emit *e, struct lane_loop *l, val bits);
void lane_loop_end(struct emit *e, struct lane_loop *l);

/* -- value.c: operands and results */
struct shape emit_shape(struct emit *e, const struct ir_value *v);
bool emit_is_uniform(struct emit *e, const struct ir_value *v);
/* The shape v has where it is defined: what its scalar form, if any, means. */
struct shape emit_own_shape(struct emit *e, const struct ir_value *v);
val emit_base(struct emit *e, struct ir_value *v); /* its scalar form as it is kept */
val emit_scalar(struct emit *e,
                struct ir_value *v); /* uniform value, or base of offsets */
/* The scalar form of what is the same in all lanes, for code that is not among its uses;
 * NULL: it is not to be had here. */
val emit_scalar_at_hand(struct emit *e, struct ir_value *v);
val emit_lanes(struct emit *e, struct ir_value *v); /* vector form of any value */
val emit_unit(struct emit *e, const struct shape *s, unsigned bits);
val emit_multiples(struct emit *e, const struct shape *s, unsigned bits); /* lane-wise */
/* The lane-wise form as base and displacements give it. */
val emit_displaced(struct emit *e, struct ir_value *v);
val emit_use(struct emit *e, struct ir_value *v, bool vec);
void emit_set(struct emit *e, struct ir_value *v, val x); /* scalar or vector by shape */
void emit_find_slots(struct emit *e);
val emit_memory_of(struct emit *e, val vec,
                   const char *name); /* spilled, for lane loops */
val emit_lane_of(struct emit *e, val memory, type elem, val lane);

/* -- lane.c: one lane at a time */
/* A lane's value, as a scalar. */
val emit_lane(struct emit *e, struct ir_value *v, unsigned lane);
/* The same of a value that is a base and displacements, as which it is taken. */
val emit_lane_displaced(struct emit *e, struct ir_value *v, unsigned lane);
/* All lanes that can be in b are there when control is, if any are. */
bool emit_is_whole(const struct emit *e, const struct ir_block *b);
/* What m is, of which these lanes or none are set. */
val emit_whole_mask(struct emit *e, val m, uint32_t lanes);
/* Accesses of lanes that are known and few go one by one. */
bool emit_is_few(const struct emit *e, const struct emit_access *a);
void emit_few_load(struct emit *e, const struct emit_access *a, val *out);
void emit_few_store(struct emit *e, const struct emit_access *a, const val *x);

/* -- join.c */
/* Copies joins of lanes that are known to be different ones; whether there are any. */
bool emit_split_joins(struct ir_func *f, const struct cfg *g, const struct lanes *l,
                      struct arena *a);

/* -- agree.c */
/* i1: all lanes of a whole warp are here, and v, a predicate, is `want` in each; true
 * only if so. */
val emit_agree(struct emit *e, struct ir_value *v, bool want);

/* The same, exactly so. */
val emit_all(struct emit *e, struct ir_value *v, bool want);

/* -- agreed.c: loops get a copy for iterations that all lanes stay in; true: f changed */
bool emit_take_agreed(struct ir_func *f, const struct cfg *g, const struct lanes *l,
                      struct diag *d);

/* -- guard.c */
val emit_guard(struct emit *e,
               struct ir_value *v); /* i1: base form holds; NULL: always */
/* i1: the widening i, which lanes takes as tested, does not wrap; NULL: i is none. */
val emit_tested(struct emit *e, const struct ir_inst *i);

/* -- sreg.c */
val emit_special_register(struct emit *e, const struct ir_inst *i, bool vec);
/* What the block's shape makes a constant is one for the passes too. */
void sreg_settle(struct ir_func *f, const uint32_t block[3]);

/* -- nan.c */
void emit_find_raw_nans(struct emit *e);
/* The result's NaN need not be canonical, but is quiet. */
bool emit_leaves_nan(const struct ir_inst *i);
bool emit_is_arithmetic(unsigned op); /* of floats a NaN among which makes one */
bool emit_is_quiet(const struct emit *e, const struct ir_value *v); /* if NaN at all */
/* Source k as instruction i reads it: with canonical NaNs where their bits matter. */
val emit_operand(struct emit *e, const struct ir_inst *i, unsigned k, bool vec);
val emit_as_read(struct emit *e, const struct ir_inst *i, unsigned k, val x);
val emit_canonical(struct emit *e, val v, unsigned bits); /* an f32 or f64 as bits */

/* -- order.c: a minimum or maximum of floats by compares, or NULL. */
void order_find_numbers(struct emit *e);
bool order_is_number(const struct emit *e, const struct ir_value *v);
val emit_order(struct emit *e, const struct ir_inst *i, bool vec);

/* -- hidden.c: fills hidden_bits for what `reads` holds of instruction and source. */
void emit_find_hidden_bits(struct emit *e,
                           bool (*reads)(const struct emit *e, const struct ir_inst *i,
                                         unsigned k));

/* -- narrow.c: i, a minimum or maximum, lane-wise in narrower registers; NULL: it needs
 * those it has */
val emit_narrow(struct emit *e, const struct ir_inst *i);

/* -- native.c */
val emit_native(struct emit *e, const struct ir_inst *i, bool vec); /* or NULL */
val emit_native_order(struct emit *e, bool max, val x, val y);      /* or NULL */
void emit_native_parts(struct emit *e); /* of meanings that have been linked */

/* -- alu.c */
void emit_pure(struct emit *e, struct ir_inst *i);
/* One result lane-wise, or from the scalar forms of i's sources, whatever its shape. */
val emit_pure_form(struct emit *e, struct ir_inst *i, unsigned k, bool vec);

/* -- meaning.c: the results of i by the C meaning that eval names */
void emit_meaning(struct emit *e, const struct ir_inst *i, const struct isa_eval *eval,
                  bool vec, val *out);

/* -- memory.c */
/* One memory instruction, taken apart. */
struct emit_access {
   struct ir_inst *i;
   unsigned space, bits, n; /* element bits, elements a lane */
   type elem;
   unsigned align;
   struct shape shape; /* of the address */
   bool ordered;       /* volatile or stronger */
   val mask;
   struct emit_group *group; /* of which i is one; NULL: it goes alone */
   bool often;               /* not only where a test or a guard fails */
};
struct emit_access emit_access_of(struct emit *e, struct ir_inst *i, unsigned n);
val emit_access_extend(struct emit *e, const struct emit_access *a, val x,
                       const struct ir_value *d); /* a loaded element to d's width */
/* The pointer, or vector of pointers, that an address of a space stands for. */
val emit_pointer(struct emit *e, unsigned space, val addr, int64_t offset);
val emit_element_pointer(struct emit *e, val p, const struct emit_access *a, unsigned k);
void emit_load(struct emit *e, struct ir_inst *i);
void emit_store(struct emit *e, struct ir_inst *i);
void emit_fence(struct emit *e, struct ir_inst *i);
/* Byte offset of a lane's local memory; a vector of all lanes' where lane is NULL. */
val emit_lane_offset(struct emit *e, val lane);
val emit_symbol(struct emit *e, struct ir_sym *s);
val emit_address(struct emit *e, unsigned space, val addr, unsigned addr_bits, val lane);

/* -- space.c: state spaces and what tells them apart */
val emit_space_base(struct emit *e, unsigned space); /* NULL: addresses are the host's */
bool emit_is_frame(unsigned space);
/* Where a shared::cluster address lies, in bytes from this block's shared memory. */
val emit_cluster_offset(struct emit *e, val addr);
val emit_cvta(struct emit *e, const struct ir_inst *i, bool vec);
void emit_isspacep(struct emit *e, struct ir_inst *i);
void emit_mapa(struct emit *e, struct ir_inst *i);
void emit_getctarank(struct emit *e, struct ir_inst *i);

/* -- copy.c: asynchronous copies, done at once, and the mbarriers that count them */
void emit_cp_async(struct emit *e, struct ir_inst *i);
void emit_cp_async_arrive(struct emit *e, struct ir_inst *i);
void emit_bulk_copy(struct emit *e, struct ir_inst *i);
void emit_bulk_store(struct emit *e, struct ir_inst *i);
void emit_mbarrier(struct emit *e, struct ir_inst *i);

/* -- interleave.c: one run of so many lanes from p on. mask: theirs, NULL: all */
void emit_run_load(struct emit *e, const struct emit_access *a, unsigned lanes, val mask,
                   val p, val *out);
/* Four such registers of `size` elements, four elements a lane, taken apart; whether that
 * is the way to do it. */
bool emit_four_apart(struct emit *e, const struct emit_access *a, const val s[4],
                     unsigned size, val to[4]);
void emit_run_store(struct emit *e, const struct emit_access *a, val mask, val p,
                    const val *x);

/* -- past.c: stores that go past the caches in large launches */
/* n alike vectors of elements, of all lanes or of some that lie side by side, one after
 * the other from p on. */
void emit_store_row(struct emit *e, const struct emit_access *a, const val *x, unsigned n,
                    val p);
/* `line`, which a will access, for code that asks for it ahead of time; something that is
 * at hand where the store goes past the caches. */
val past_instead(struct emit *e, const struct emit_access *a, val line);

/* -- chunk.c: groups of `size` lanes that each access one run (or, splat, one element) at
 * `offset` bytes (and `times` units) from the base. */
#define EMIT_MAX_CHUNKS 4
struct emit_chunks {
   unsigned n, size;
   int64_t offset[EMIT_MAX_CHUNKS], times[EMIT_MAX_CHUNKS]; /* of the shape's unit */
   bool splat[EMIT_MAX_CHUNKS];
   bool none[EMIT_MAX_CHUNKS]; /* known to be inactive; the others are active then */
   bool known;
};
bool emit_chunks_find(const struct emit *e, const struct emit_access *a,
                      struct emit_chunks *c);
bool emit_chunks_can_mask(const struct emit_access *a, const struct emit_chunks *c);
void emit_chunks_load(struct emit *e, const struct emit_access *a,
                      const struct emit_chunks *c, val base, val *out);
void emit_chunks_store(struct emit *e, const struct emit_access *a,
                       const struct emit_chunks *c, val base, val x);

/* -- group.c: vectors as registers are; groups of accesses: group.h */
/* Element i of the result is element index[i] of x[source[i]]; all have n elements. */
val emit_collect(struct emit *e, val *x, const uint8_t *source, const uint8_t *index,
                 unsigned n);
val emit_concat(struct emit *e, val x, val y);
void emit_split(struct emit *e, val x, unsigned per, val *part); /* as registers are */

/* -- window.c: one access under a mask, whose lanes lie close together at offsets known
 * when compiling */
bool emit_window_can(const struct emit *e, const struct emit_access *a);
val emit_window_load(struct emit *e, const struct emit_access *a, val base);
void emit_window_store(struct emit *e, const struct emit_access *a, val base, val x);

/* -- known.c */
/* Which lanes a mask holds (NULL: all), where that is known now. */
bool emit_known_lanes(const struct emit *e, val mask, uint32_t *lanes);
val emit_known_mask(struct emit *e, uint32_t lanes);
/* Each lane's number, where x (a scalar: the same in all lanes) is a constant. */
bool emit_known_numbers(const struct emit *e, val x, int64_t *to);

/* -- forward.c: shared memory whose contents are known as values of lanes */
/* Before instruction i is emitted: forgets what it may change. */
void forward_pass(struct emit *e, const struct ir_inst *i);
/* The elements that a's lanes load, scalars where the address is uniform; false: memory
 * must be asked. */
bool forward_load(struct emit *e, const struct emit_access *a, val *out);
/* Whether the store of x (a vector an element; where the address is uniform, x[k] may be
 * a scalar and else holds the value in each lane) is done with. */
bool forward_store(struct emit *e, const struct emit_access *a, const val *x);
void forward_finish(struct emit *e);

/* -- gather.c */
val emit_gather(struct emit *e, const struct emit_access *a, val ptrs, unsigned k);
void emit_scatter(struct emit *e, const struct emit_access *a, val ptrs, unsigned k,
                  val x);
val emit_lane_pointers(struct emit *e, const struct emit_access *a);

/* -- slots.c: local memory by slots, where emit.local_slots is set */
bool slots_possible(const struct ir_func *f);
void slots_load(struct emit *e, const struct emit_access *a, val *out);
void slots_store(struct emit *e, const struct emit_access *a, val *x);

/* -- atomic.c */
void emit_atomic(struct emit *e, struct ir_inst *i);
/* LLVM's operation on integers, or on floats to add, whose NaNs want care; if any. */
bool emit_atomic_op(const struct ir_inst *i, LLVMAtomicRMWBinOp *op);
LLVMAtomicOrdering emit_atomic_ordering(const struct ir_inst *i);
/* What the operation makes of two integers, or of two in each lane. */
val emit_atomic_result(struct emit *e, LLVMAtomicRMWBinOp op, val x, val y);

/* -- atomic_row.c: if the lanes' elements follow each other, does it, in the block's own
 * memory or others'; where that turns out not to do, by `otherwise`. No result. */
bool emit_atomic_row(struct emit *e, const struct emit_access *a, bool own,
                     void otherwise(struct emit *, const struct emit_access *));

/* -- warp.c */
bool emit_is_warp_op(const struct ir_inst *i); /* lanes of a warp meet in it */
bool emit_warp_op(struct emit *e, struct ir_inst *i);
void emit_bar(struct emit *e, struct ir_inst *i);

/* -- call.c */
val emit_stack_top(struct emit *e); /* where a called function's frame may begin */
void emit_stack(struct emit *e, struct ir_inst *i);
void emit_stack_setup(struct emit *e);
void emit_call(struct emit *e, struct ir_inst *i);

/* -- serial.c: makes a function of a loop that lanes had better go through one after the
 * other, if there is one. False: nothing has changed. */
bool serial_find(struct emit *e);

/* -- lane_call.c: its calls, and its end */
void emit_lane_call(struct emit *e, struct ir_inst *i);
void emit_lane_return(struct emit *e, struct ir_inst *i);

/* -- flow.c: nodes, ways between them, and variables that are set and read in nodes.
 * Blocks made by emit_new_block lie inside of a node. */
void flow_start(struct emit *e); /* begins with the node behind e->entry */
void flow_finish(struct emit *e);
/* head: the IR block that begins with it, or NULL. */
struct emit_node *flow_node(struct emit *e, const struct ir_block *head,
                            const char *name);
/* Emission goes on in n; all ways to it but those back to a loop's header are there. */
void flow_begin(struct emit *e, struct emit_node *n);
void flow_go(struct emit *e, struct emit_node *to); /* these two end a node */
void flow_fork(struct emit *e, val c, struct emit_node *yes, struct emit_node *no);
/* Ends a node with a return of `place`; emission goes on in `on`, where the function is
 * entered again. Variables hold nothing there but what is set anew. */
void flow_return(struct emit *e, val place, struct emit_node *on);
void flow_close(struct emit *e, struct emit_node *n); /* the ways back are there too */
/* Whether control comes to where code is emitted from n and from nowhere else. */
bool flow_comes_from(const struct emit *e, const struct emit_node *n);
/* A variable that only block home sets, and that is read where home dominates. Where
 * home has not been passed since a loop's header it need not hold anything, but for
 * those loops up to `carried` (NULL: none). */
struct emit_var *flow_var_of_value(struct emit *e, type t, const struct ir_block *home,
                                   const struct loop *carried);
/* One that the predecessors of home set and home reads. */
struct emit_var *flow_var_pushed(struct emit *e, type t, const struct ir_block *home);
void flow_set(struct emit *e, struct emit_var *x, val v); /* NULL: nothing */
val flow_get(struct emit *e, struct emit_var *x);         /* NULL: nothing */
val flow_get_or_zero(struct emit *e, struct emit_var *x);

/* -- control.c */
void emit_body(struct emit *e);
bool emit_is_masked(const struct emit *e, const struct ir_block *b);
static inline uint32_t
emit_position(const struct emit *e, const struct ir_block *b)
{
   return e->g->order[b->id];
}
static inline bool
emit_is_back_edge(const struct emit *e, const struct ir_block *from,
                  const struct ir_block *to)
{
   return emit_position(e, to) <= emit_position(e, from);
}
/* The loop whose header b is, or NULL. */
static inline struct loop *
emit_entered_loop(const struct emit *e, const struct ir_block *b)
{
   struct loop *l = e->g->loop[b->id];
   return l && l->header == b ? l : NULL;
}

/* -- push.c: what is handed to a successor, along an edge that all lanes of a block take,
 * or those for which cond holds. */
void emit_push_setup(struct emit *e);
void emit_push(struct emit *e, struct ir_block *from, struct ir_block *to);
void emit_push_if(struct emit *e, struct ir_block *from, struct ir_block *to, val cond);

/* -- simd.c: one kernel becomes up to three functions of a warp: `full` for warps whose
 * lanes all exist and pass the guards, with no masks at its top; `edge`, where accesses
 * behind guards would each have tests of their own, for those of which lanes are held
 * back; and `masked` for all others. */
struct plan {
   uint32_t threads; /* of a block; 0 when not known */
   bool ragged;      /* the last warp of a block may be short */
   bool whole_block; /* one call runs all warps of a block */
   uint32_t rows; /* parts of a block, each of which all blocks of a call run in turn */
   bool *guards;  /* by block id, */
   uint8_t
      *tested; /* and by value id: what `full` and `edge` suppose and test at their top */
   unsigned nguards, ntested;
   const bool *guarded; /* by block id: all lanes are there that pass the guards */
   val full, edge, masked;
};
/* What a warp's function takes beside context and parameters, in this order; NULL: it
 * does not. */
struct warp_call {
   val warp;    /* its number, where one call runs a whole block, and … */
   val frame;   /* what it keeps at barriers, in rounds */
   val ctaid_x; /* … the number of that block */
   val place;   /* where it goes on, in rounds */
};

/* -- functions.c */
val emit_add_function(struct emit *e, const char *name, type returns, type *params,
                      unsigned n);
/* Of a warp: takes what struct warp_call says. Where it stops at barriers it returns
 * where it goes on. inlining: the attribute. */
val emit_add_warp_function(struct emit *e, const struct plan *p, const char *name,
                           const char *inlining);
val emit_call_warp(struct emit *e, val fn, const struct warp_call *c);
void emit_return(struct emit *e); /* from the function that is emitted */
/* Returns what fn does with what this function was called with. */
void emit_continue_in(struct emit *e, val fn);
/* The same with e->instead. */
void emit_give_up(struct emit *e);

/* -- alias.c: what cannot be the same memory */
void alias_note(struct emit *e, val pointer, unsigned space); /* a host address's */
void alias_tell(struct emit *e); /* to LLVM, in the function that has been emitted */

/* -- grid.c: the loops of a plain kernel over the blocks of a call and their warps */
uint32_t grid_rows(struct emit *e);
void grid_loops(struct emit *e, const struct plan *p);
/* The context names the block for whoever reports a fault. */
void grid_tell_block(struct emit *e, val ctaid_x);

/* -- pause.c: loops in which warps take turns. Before anything is emitted. */
void pause_find(struct emit *e);

/* -- rounds.c: warps that stop at barriers and return (struct exec_round) */
void rounds_create(struct emit *e); /* for a kernel */
void rounds_finish(struct emit *e);
void rounds_begin(struct emit *e, val frame, val place);
void rounds_arrive(struct emit *e, struct ir_inst *i); /* a one-warp block's too */
void rounds_stop(struct emit *e, struct ir_block *b);  /* if it ends in a stop */
/* A value has been set: whoever stops later may need it. In homes.c. */
void homes_defined(struct emit *e, const struct ir_value *v);
bool rounds_stop_in(const struct emit *e, const struct loop *l);
/* In turns.c: the loops over the warps of a block. */
/* blocks: so many, a power of two, from there on in x as if they were one; NULL: one. */
void rounds_block(struct emit *e, const struct plan *p, val ctaid_x, val blocks);
uint32_t rounds_frame_bytes(const struct emit *e);

/* Kernels of more values than this, and quick code, are emitted once, for any warp. */
#define TARGET_LARGE_KERNEL 8000u

/* -- width.c */
#define WIDTH_NARROW 16u
/* How many lanes run together where one call runs a whole block of WIDTH_NARROW lanes at
 * a time, or of EXEC_WARP: one of the two. */
unsigned width_choose(struct emit *e);

/* -- late.c: after LLVM's passes, for its code generation */
void emit_prepare_codegen(struct emit *e);

/* -- ahead.c: the same for the order of gathers and what they wait for */
void emit_load_indices_ahead(struct emit *e, LLVMBasicBlockRef b);

/* -- hoist.c: between LLVM's passes */
void emit_hoist_constants(struct emit *e);

/* -- masks.c: for code generation: f's masks, where there are no registers for them */
void emit_widen_masks(struct emit *e, val f);

/* -- target.c: LLVM's side of a compilation */
bool target_compile(struct emit *e, uint8_t **elf, size_t *size);
void target_link_families(struct emit *e);
/* Whether the processor that code is made for has what LLVM calls "+name". */
bool target_has(struct emit *e, const char *feature);
void target_finish(struct emit *e);

/* -- align.c: addresses that are no multiples of what is accessed */
void emit_check_alignment(struct emit *e, const struct ir_inst *i);
void emit_takes(struct emit *e);

/* -- stack.c: the frames of an ELF object's functions, and the native stack a call takes
 */
uint64_t stack_frames(const uint8_t *elf);
uint32_t stack_bytes(const struct emit *e);

#endif
