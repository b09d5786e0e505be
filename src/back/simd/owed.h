/* SPDX-License-Identifier: Apache-2.0
 * Between atomic.c and its neighbours atomic_op.c, atomic_row.c and owed.c. */
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
