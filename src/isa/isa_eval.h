/* SPDX-License-Identifier: Apache-2.0
 * More about the meaning of instructions than isa.h's isa_eval_find: the word that
 * selects a variant, the sizes of operands, and what LLVM calls the same operation. */
#ifndef KASURI_ISA_EVAL_H
#define KASURI_ISA_EVAL_H

#include "isa/isa.h"

/* A bit of mods_word, set by isa_eval_find: a float result that is NaN becomes the
 * canonical NaN of its type (docs/numerics.md), so that every back end gives the same
 * bits. A JIT may clear it and do the same where the bits can be seen. */
#define ISA_EVAL_CANON_NAN (1ull << 63)

/* The canonical NaNs (docs/numerics.md). */
#define ISA_NAN_F32 0x7fffffffu
#define ISA_NAN_F64 0xfff8000000000000ull

/* What an operand of a meaning is in memory. */
enum isa_slot {
   ISA_SLOT_NONE,
   ISA_SLOT_PRED,
   ISA_SLOT_8,
   ISA_SLOT_16,
   ISA_SLOT_32,
   ISA_SLOT_64
};

struct isa_eval {
   isa_eval_fn *fn;    /* one lane, native */
   const char *name;   /* "_add_u32": behind "isa32" in the bitcode of 32 lanes */
   const char *family; /* which bitcode module holds it, see isa_bitcode.h */
   uint64_t mods_word;
   uint8_t dst[2]; /* enum isa_slot of d and d1; NONE where not written */
   uint8_t src[4]; /* of a b c e; NONE where not read */
};
/* As isa_eval_find, with all that is known. False when there is no meaning. */
bool isa_eval_get(enum isa_op op, const struct isa_mods *mods, struct isa_eval *out);

/* The LLVM instruction ("fadd", "zext") or intrinsic ("ctpop", "smax", "sqrt", "floor")
 * that computes exactly the same from the same operands in PTX's order; NULL when none
 * does. Float results are the same but for the bits of a NaN, which is canonical under
 * ISA_EVAL_CANON_NAN. "ctlz" and "abs" take false as their extra argument; ctpop and ctlz
 * of 64 bits are to be truncated to 32; "bitcast" means the value unchanged; "trunc" is
 * the instruction on integers and the intrinsic on floats. */
const char *isa_llvm_name(enum isa_op op, const struct isa_mods *mods);

#endif
