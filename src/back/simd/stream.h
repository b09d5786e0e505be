/* SPDX-License-Identifier: Apache-2.0
 * How addresses move from iteration to iteration and from block to block, and what code
 * asks memory for because of that. */
#ifndef KASURI_STREAM_H
#define KASURI_STREAM_H

#include "back/simd/emit.h"

/* -- step.c: what is added to v from one iteration of l to the next, or from a block to
 * the one behind it in x; code for it is emitted here. NULL: no telling. */
val step_in_loop(struct emit *e, const struct loop *l, struct ir_value *v);
val step_of_blocks(struct emit *e, const struct bitset *by_block, struct ir_value *v);
/* What a branch at b's end compares that may lead out of a loop; NULL: something else. */
const struct ir_inst *step_exit_test(const struct ir_block *b);
/* With what a value is compared before the loop ends, and its step; false: no telling. */
bool step_bound(struct emit *e, const struct loop *l, val *bound, val *step);
/* By value id: what differs between blocks that follow each other in x. What is loaded
 * from one address is taken to be the same in all. */
struct bitset step_by_block(const struct emit *e);

/* -- stream.c: asks for what will be needed later, some iterations or a block on, where
 * this access goes; some of it only with stream_ask, at the end of a block. */
void stream_ahead(struct emit *e, const struct emit_access *a);
void stream_ask(struct emit *e);
/* The address of a load or store in the loop goes on in steps of the grid. */
bool stream_goes_by_grid(const struct loop *l, const struct ir_inst *i);

#endif
