/* SPDX-License-Identifier: Apache-2.0
 * Accesses to tables of a few vectors: lookup.c and small.c. */
#ifndef KASURI_TABLES_H
#define KASURI_TABLES_H

#include "back/simd/emit.h"

/* -- lookup.c: loads from tables that fit into a few vectors; false: this is none */
bool emit_lookup(struct emit *e, const struct emit_access *a, val *out);
/* Elements of 32 bits that a permutation of this processor takes others from; 0: it has
 * none. */
unsigned emit_table_words(struct emit *e);
/* Element index[l] of pieces of so many elements; for as many lanes as one has, or for
 * all. */
val emit_permute_part(struct emit *e, val *piece, unsigned pieces, val index);
val emit_permute(struct emit *e, val *piece, unsigned pieces, val index);

/* -- small.c: what lanes do that ask by small numbers; false: it is none of these */
/* Which lanes of `here`, as bits, have each lane's x, which is at most max. */
bool small_match(struct emit *e, val x, uint64_t max, val here, val *same);
/* By number, which lanes have it as x, which is at most max; all are here. */
val small_owners(struct emit *e, val x, uint64_t max);
/* Which of n numbers, a power of two, are some lane's x, which is at most max. */
val small_asked(struct emit *e, val x, uint64_t max, unsigned n);
/* The word of a table, of as many as that or more, for each lane's number. */
val small_words_of(struct emit *e, val table, val x);
bool small_store(struct emit *e, const struct emit_access *a, val x);
/* Adds a uniform number; old, where not NULL, is what each lane finds. */
bool small_add(struct emit *e, const struct emit_access *a, val by, val *old);

#endif
