/* SPDX-License-Identifier: Apache-2.0
 * Accesses that are done together, and runs of elements that lie side by side. */
#ifndef KASURI_GROUP_H
#define KASURI_GROUP_H

#include "back/simd/emit.h"

/* -- group.c: loads, or stores, at constant distances from one address. */
#define EMIT_GROUP_INSTS 64
#define EMIT_GROUP_ELEMENTS 64
#define EMIT_GROUP_REACH 400 /* instructions between the first and the last */
#define EMIT_PIECES 64
#define EMIT_PIECE_BYTES 64
struct emit_row {
   int64_t offset, times; /* of the shape's unit */
   uint8_t last_lane;
};
struct emit_piece {
   int64_t times, at;
   unsigned n; /* elements */
};
struct emit_group {
   unsigned ninsts, n, rows, pieces, quads;
   unsigned bytes; /* of an element */
   bool by_pieces;
   struct ir_inst *inst[EMIT_GROUP_INSTS];
   /* Elements in order: the instruction, bytes from the address, alone or in a quad. */
   uint8_t owner[EMIT_GROUP_ELEMENTS];
   int64_t at[EMIT_GROUP_ELEMENTS];
   bool single[EMIT_GROUP_ELEMENTS];
   uint8_t quad[EMIT_GROUP_ELEMENTS / 4][4];
   struct emit_row row[EXEC_WARP];
   uint8_t row_of[EXEC_WARP]; /* by lane */
   struct emit_piece piece[EMIT_PIECES];
   struct {
      uint8_t piece, index;
   } from[EMIT_GROUP_ELEMENTS][EXEC_WARP]; /* by row */
   val out[EMIT_GROUP_ELEMENTS];
};
struct emit_group *emit_group_known(struct emit *e, struct ir_inst *i);
/* Leaves in a group what its first load has memory in common with; whether that is less
 * than there was. In group_part.c. */
bool emit_group_part(struct emit_group *g);
/* Whether it is four elements a row, in four pieces of `per` that the rows fill. */
bool emit_group_is_fours(const struct emit_group *g, unsigned per);
/* The group that begins with this access, or NULL where gathers are not dearer. */
struct emit_group *emit_group_find(struct emit *e, const struct emit_access *a);
bool emit_group_can_store(const struct emit *e, const struct emit_group *g);
void emit_group_load(struct emit *e, const struct emit_access *a, val base, val *out);
void emit_group_store(struct emit *e, const struct emit_access *a, val base, val *x);

/* -- group_run.c: elements that lie side by side, first those of lane 0 */
#define EMIT_RUN_ELEMENTS 8
struct emit_run {
   struct emit_access a;             /* all of a lane at once */
   int64_t first;                    /* bytes from the address */
   uint8_t place[EMIT_RUN_ELEMENTS]; /* of each result among a lane's elements */
};
/* Whether a's group is one. */
bool emit_group_as_run(const struct emit *e, const struct emit_access *a,
                       struct emit_run *r);
void emit_group_run_load(struct emit *e, const struct emit_run *r, val base, val *out);
void emit_group_run_store(struct emit *e, const struct emit_run *r, val base,
                          const val *x);
unsigned emit_group_run_pack(struct emit *e, const struct emit_run *r, const val *x,
                             val *to);
void emit_group_run_unpack(struct emit *e, const struct emit_run *r, const val *from,
                           val *x);

/* -- interleave.c */
/* The elements of all lanes as they lie in memory, and back; how many vectors that are.
 */
#define EMIT_RUN_REGISTERS 16
unsigned emit_run_pack(struct emit *e, const struct emit_access *a, const val *x,
                       val *to);
void emit_run_unpack(struct emit *e, const struct emit_access *a, const val *from,
                     val *x);

#endif
