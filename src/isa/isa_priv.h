/* SPDX-License-Identifier: Apache-2.0
 * Inside the isa room: the forms as programs that match and print, and what each modifier
 * word means. */
#ifndef KASURI_ISA_PRIV_H
#define KASURI_ISA_PRIV_H

#include "isa/isa.h"

/* What a modifier word sets in struct isa_mods. */
enum word_kind {
   WORD_PLAIN, /* no field: kept for printing only */
   WORD_TYPE,
   WORD_RND,
   WORD_CMP,
   WORD_BOOL,
   WORD_SPACE, /* the first one fills space, the second space2 */
   WORD_SEM,
   WORD_SCOPE,
   WORD_ATOM,
   WORD_MODE, /* the first one fills mode, the second extra */
   WORD_VEC,
   WORD_CACHE,
   WORD_EXTRA,
   WORD_FLAG
};
struct word_meaning {
   uint8_t kind; /* enum word_kind */
   uint32_t value;
};
/* The meaning of modifier word number `word` after opcode op. */
struct word_meaning isa__word_meaning(enum isa_op op, unsigned word);

/* Words are numbered in the order of first use. WORD_UNKNOWN: in no form and no table. */
#define WORD_UNKNOWN 0xffffu
unsigned isa__word_find(const char *text, size_t n);
unsigned isa__word_intern(const char *text, size_t n);
const char *isa__word_text(unsigned word);

/* A form compiled to a backtracking machine: STEP takes one word of a set, SPLIT tries
 * the next instruction and then `arg`, JUMP goes to `arg`, END accepts. */
enum step_op { STEP_WORDS, STEP_SPLIT, STEP_JUMP, STEP_END };
struct step {
   uint8_t op;   /* enum step_op */
   uint16_t arg; /* WORDS: first in sets; SPLIT, JUMP: index into the same program */
   uint16_t count;
};
struct program {
   const struct step *steps;
};
struct isa_tables {
   const struct program *programs;                             /* by form number */
   unsigned nforms;                                            /* form 0 is none */
   const uint16_t *sets;                                       /* word numbers */
   uint16_t first_form[ISA_OP_COUNT], last_form[ISA_OP_COUNT]; /* empty: first > last */
};
/* Built on first use; never changes after. */
const struct isa_tables *isa__tables(void);

/* Class i of the table (ISA_CLASS); false past the last. */
bool isa__class(unsigned i, const char **name, const char **members);

/* Longest opcode name that text starts with; *len its length. */
enum isa_op isa__op_find(const char *text, size_t n, size_t *len);
/* Name of the opcode most like the given one, NULL when none is near. */
const char *isa__op_nearest(const char *text, size_t n);

#define ISA_MAX_WORDS 24
#define ISA_MAX_TEXT 200

/* The words of an opcode that have no field, in order. */
struct isa_rest {
   uint16_t word[ISA_MAX_WORDS];
   unsigned n;
};
/* A spelling that the fields alone do not give back. */
const char *isa__spelling(unsigned id, struct isa_mods *mods, struct isa_rest *rest,
                          size_t *len);
/* Prints from fields and rest alone; -1 when no form can say them. */
int isa__print_fields(enum isa_op op, const struct isa_mods *mods,
                      const struct isa_rest *rest, char *buf, size_t n);
void isa__init_words(void);
/* The table itself is wrong: a programming error, found by any run of any test. */
_Noreturn void isa__table_error(const char *what, const char *where);

#endif
