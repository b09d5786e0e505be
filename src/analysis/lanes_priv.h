/* SPDX-License-Identifier: Apache-2.0
 * Between the solver of lane shapes and the transfer functions of instructions. */
#ifndef KASURI_LANES_PRIV_H
#define KASURI_LANES_PRIV_H

#include "analysis/analysis.h"

/* Shape of destination k of a non-phi instruction from its sources' shapes. */
struct shape shape_transfer(struct lanes *l, struct cfg *g, const struct ir_inst *i,
                            unsigned k);
/* Lane displacements of a value of that many bits; unit and times may be NULL. */
struct shape shape_from(struct lanes *l, const int64_t *offs, const struct ir_value *unit,
                        const int64_t *times, unsigned bits, bool conditional,
                        unsigned align);
struct shape shape_from_offsets(struct lanes *l, const int64_t *offs, unsigned bits,
                                bool conditional, unsigned align);
/* Fills l->max: bounds that follow from what the launch allows. */
void bound_compute(const struct ir_func *f, const struct cfg *g, struct lanes *l);
/* Fills l->alike; leaves it NULL where no warp exchanges values. */
void alike_compute(const struct cfg *g, struct lanes *l, uint32_t values);
/* Fills l->here and l->whole; false where any lane may be anywhere. */
bool here_compute(const struct cfg *g, struct lanes *l);
struct shape here_shape(const struct lanes *l, const struct ir_block *b, struct shape s);
struct shape shape_uniform(unsigned align);
struct shape shape_join(struct shape a, struct shape b); /* one value, from either side */

#endif
