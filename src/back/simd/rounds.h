/* SPDX-License-Identifier: Apache-2.0
 * Between rounds.c, where warps stop and go on, homes.c, what they keep meanwhile, and
 * turns.c, in which order they run. */
#ifndef KASURI_ROUNDS_H
#define KASURI_ROUNDS_H

#include "back/simd/emit.h"

struct homes; /* of one value */
struct color; /* places in the frame that values share */

/* A block that ends in a barrier; or in a pause, where a warp only lets the others come
 * as far before it goes on (pause.c). */
struct stop {
   struct ir_block *block;
   struct pause *pause;  /* NULL: a barrier */
   struct bitset values; /* by id: needed behind it */
};

struct emit_rounds {
   struct liveness *live;
   struct ir_value **values; /* by id */
   VEC(struct stop) stops;
   bool *stops_in; /* by loop index */
   bool reduces, pauses;
   bool own_loops;    /* each place has its own loop over warps */
   uint32_t together; /* blocks of a call whose warps take turns, at most */

   /* Of the function that is emitted: */
   val frame, resume; /* a switch */
   val may_pause;
   struct homes *homes;           /* by value id */
   const struct ir_value **mates; /* by value id: whose place would suit it, or NULL */
   uint32_t *mask_homes;          /* by block id */
   struct color *colors;
   uint32_t used; /* bytes of the frame */

   uint32_t bytes; /* of the frame, for all functions */

   struct columns *columns;
   struct recall *recalls;
   uint32_t ahead; /* bytes of the block's own, in front of the frames */
};

/* Places at which warps go on, EXEC_FRAME_START apart: this many a stop, one of them in
 * `masked`. Those of pauses are the only ones from ROUNDS_PAUSE on, as signed numbers. */
#define ROUNDS_PLACES 2u
#define ROUNDS_MASKED 1u
#define ROUNDS_PAUSE (1u << 30)
/* With a place that a function of a warp is given: it may pause. */
#define ROUNDS_PAUSES (1u << 29)
uint32_t rounds_place(const struct emit *e, size_t stop); /* of `full` */

/* In pause.c: a pause at b's end, or NULL; whether it pays, as a condition. */
struct pause *pause_at(const struct emit *e, const struct ir_block *b);
val pause_pays(struct emit *e, const struct pause *p);
/* Some loop takes pauses as it walks through planes. */
bool pause_by_planes(const struct emit *e);
bool pause_in(const struct emit *e, const struct loop *l); /* l does */
/* How many blocks of a call take turns as one, once all functions of a warp are there. */
uint32_t pause_blocks_together(struct emit *e, const struct plan *p);

/* What block b ends in; NULL: no stop. */
struct stop *rounds_stop_of(const struct emit *e, const struct ir_block *b);

/* -- places.c */
/* Whether the loops over warps are made for each place apart. */
bool places_are_apart(struct emit *e);
/* The places to which warps come from where they go on behind stop k - 1, or from the
 * kernel's begin. */
struct way_on {
   uint32_t place;
   bool known, several; /* one of barriers, or the end */
   bool pauses;         /* warps may pause before */
};
struct way_on places_way_on(struct emit *e, const struct plan *p, size_t k);

/* What follows on that place is little, and much of it for some warps alone, by their
 * numbers: worth a copy for each of so many. */
bool places_tell_apart(struct emit *e, size_t k, uint32_t warps);

/* Address in the block's struct exec_round. */
val rounds_field(struct emit *e, size_t offset);

/* For the loops over warps: whether a place is a pause's, 32 bits of memory, a phi that
 * has one of its ways in, and that the block is at a barrier. */
val rounds_is_pause(struct emit *e, val place);
val rounds_load(struct emit *e, val p);
val rounds_phi(struct emit *e, type t, val x, LLVMBasicBlockRef from);
void rounds_tell_next(struct emit *e);

/* From one warp's frame to the next. */
uint32_t rounds_stride(const struct emit *e);

/* `offset` bytes from p. */
val rounds_at(struct emit *e, val p, uint32_t offset);

/* Gives values their places in the frame, for the function that is about to be emitted.
 */
void homes_plan(struct emit *e);

/* Whether warps stop at b's end. */
bool rounds_stops_at(const struct emit *e, const struct ir_block *b);

struct kept;
struct keeping {
   struct kept *list, *cold;
   const struct ir_value **again;
   size_t n, ncold, nagain;
};
/* Stores what blocks of the set, by position, and those behind them read; then, where the
 * warp goes on, fetches it. */
struct keeping homes_keep(struct emit *e, const struct stop *s,
                          const struct bitset *ahead);
void homes_fetch(struct emit *e, const struct keeping *k);

/* -- again.c: what is computed again instead. */
bool again_can(const struct emit *e, const struct ir_value *v);
/* Makes v, with what it takes, where a warp goes on. */
void again_make(struct emit *e, const struct ir_value *v);

/* -- columns.c: a tile that a block reads by columns. */
bool columns_load(struct emit *e, const struct emit_access *a, val *out);
/* Transposes those that warps read once they have gone on from a stop. */
void columns_fill(struct emit *e, const struct stop *s);

/* -- recall.c: what warps of a block find by small numbers. */
bool recall_load(struct emit *e, const struct emit_access *a, val *out);
/* Warps go on from a stop: none of it is known yet. */
void recall_begin(struct emit *e, const struct stop *s);

#endif
