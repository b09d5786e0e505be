/* SPDX-License-Identifier: Apache-2.0
 * Lanes that are taken in part or one by one: few.c and chain.c. */
#ifndef KASURI_FEW_H
#define KASURI_FEW_H

#include "back/simd/emit.h"

/* -- few.c: of how many lanes a value's vector has to be computed */
void emit_find_few(struct emit *e);
struct emit_few emit_few_of(const struct emit *e, const struct ir_value *v);
/* Sets v to what its few lanes are. */
void emit_set_few(struct emit *e, struct ir_value *v, val x);
/* x, a scalar or some lanes, again and again, up to that many lanes. */
val emit_repeat(struct emit *e, val x, unsigned to);
/* The few lanes of v, or more than those; and just the few of its vector x. */
val emit_known_few(struct emit *e, struct ir_value *v);
val emit_cut_few(struct emit *e, const struct ir_value *v, val x);
/* The first n lanes of v. */
val emit_first_lanes(struct emit *e, struct ir_value *v, unsigned n);
/* Lanes from[0] to from[n-1] of i's first operand. */
val emit_permuted(struct emit *e, const struct ir_inst *i, const uint8_t *from,
                  unsigned n);

/* -- chain.c: a value's lanes one by one, from memory on */
struct chain {
   struct ir_inst *step[6]; /* from the value back to the load */
   unsigned n;
};
/* v, which instruction `to` reads and nothing else. False: that is not the way. */
bool chain_find(struct emit *e, struct ir_value *v, const struct ir_inst *to,
                struct chain *c);
/* i1: the lanes may be taken so, if all are here; NULL: always. */
val chain_test(struct emit *e, const struct chain *c);
val chain_lane(struct emit *e, const struct chain *c, unsigned lane);

#endif
