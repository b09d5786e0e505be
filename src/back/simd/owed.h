/* SPDX-License-Identifier: Apache-2.0
 * What waits for the end of a call: held.c, owed.c and runs.c; and what these share with
 * atomics: atomic_op.c, atomic_row.c. */
#ifndef KASURI_OWED_H
#define KASURI_OWED_H

#include "back/simd/emit.h"

/* -- atomic_op.c: what the operations make of integers */
/* Whether the order of several does not matter, nor how they are grouped. */
bool atomic_is_associative(const struct ir_inst *i, LLVMAtomicRMWBinOp *op);
/* What changes nothing. */
val atomic_neutral(struct emit *e, LLVMAtomicRMWBinOp op, unsigned bits);
/* The lanes' operands; of those that are not here, one that changes nothing. */
val atomic_operands(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op);

/* -- atomic_row.c: elements side by side in so many bytes, by one compare-and-swap */
#define ATOMIC_SWAP_BYTES 16u
bool atomic_can_swap(struct emit *e);
void atomic_swap(struct emit *e, const struct emit_access *a, LLVMAtomicRMWBinOp op,
                 val p, val x);

/* -- held.c: reductions that wait for the end of the call */
bool held_may(struct emit *e, const struct ir_inst *i); /* i is one, should it be emitted
                                                           for one address and value */
void held_add(struct emit *e, const struct emit_access *a, val p, val x);
/* Those that are there, ahead of one that does not wait. */
void held_apply(struct emit *e);
/* Whether all that a thread does in memory behind i is what `may_follow` allows. */
typedef bool held_follower(const struct emit *e, const struct ir_inst *i,
                           const struct ir_inst *next);
bool held_is_last(struct emit *e, const struct ir_inst *i, held_follower *may_follow);

/* -- owed.c: rows whose outcome nobody can see before the kernel's end */
void owed_find(struct emit *e); /* in a kernel of which one call runs several blocks */
bool owed_waits(struct emit *e, const struct emit_access *a);
/* Takes x, the lanes' operands for the elements from p on, if a waits. */
void owed_take(struct emit *e, const struct emit_access *a, val p, val x);
/* Memory for what is owed; and doing it, once all blocks of the call have run. */
void owed_begin(struct emit *e);
void owed_settle(struct emit *e);

/* -- runs.c: a store that deals out elements to runs in memory */
void runs_find(struct emit *e);
/* Whether x, of the lanes, is stored by a. */
bool runs_store(struct emit *e, const struct emit_access *a, val x);
void runs_begin(struct emit *e);
void runs_settle(struct emit *e);

#endif
