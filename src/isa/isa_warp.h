/* SPDX-License-Identifier: Apache-2.0
 * The meaning of instructions in which the lanes of a warp meet, and of atomic
 * read-modify-writes: what neither back end may decide on its own. */
#ifndef KASURI_ISA_WARP_H
#define KASURI_ISA_WARP_H

#include "isa/isa.h"

#define ISA_WARP 32

/* What a rendezvous of lanes computes: one lane's view. */
struct exec_warp_arg {
   uint32_t a, b, c; /* 32-bit sources */
   uint64_t wide;    /* match.b64 */
   uint32_t membermask;
   bool pred;
};
struct exec_warp_result {
   uint64_t d; /* also 0 or 1 where the instruction's only result is a predicate */
   bool p;
};

/* shfl, vote, match, redux, elect, activemask on all lanes at once. exec: lanes that
 * execute together; those of them that a lane's membermask names take part (all of them
 * in forms without one). shfl from a lane that does not gives 0. Results of lanes outside
 * exec are left alone. */
void isa_warp_eval(enum isa_op op, const struct isa_mods *mods, uint32_t exec,
                   const struct exec_warp_arg arg[ISA_WARP],
                   struct exec_warp_result result[ISA_WARP]);

/* atom and red on a host address: mods.atom, mods.type[0] and mods.vec say what; b, c and
 * old are values of that type (vectors: the elements in a row, each atomic on its own).
 * The value before goes to old, unless that is NULL. Ordered as acquire and release at
 * least. */
void isa_atom_eval(const struct isa_mods *mods, void *addr, const void *b, const void *c,
                   void *old);
/* Whether isa_atom_eval knows the combination; it must, when isa_atom_eval is called. */
bool isa_atom_known(const struct isa_mods *mods);

#endif
