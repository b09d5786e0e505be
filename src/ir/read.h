/* SPDX-License-Identifier: Apache-2.0
 * What the two files that read the text form share: the state of reading, and words. */
#ifndef KASURI_IR_READ_H
#define KASURI_IR_READ_H

#include "text.h"

/* A name whose meaning is settled when the function or the module is complete. */
struct ir_later {
   enum { LATER_CALL, LATER_ADDR, LATER_RELOC } kind;
   const char *name;
   struct ir_inst *inst;
   struct ir_reloc *reloc;
   struct src_loc loc;
};
struct ir_later_block {
   const char *name;
   struct ir_block **slot;
   struct src_loc loc;
};
struct ir_later_phi {
   struct ir_inst *inst;
   struct ir_block **from; /* as written */
   struct src_loc loc;
};

struct ir_reader {
   struct ir_module *m;
   struct diag *d;
   const char *file;         /* the module's copy, for the IR */
   const char *message_file; /* the caller's: messages may outlive the module */
   const char *at, *line_start;
   uint32_t line;
   bool failed; /* on this line */
   /* The current word: a name, a number, or one character of punctuation. */
   const char *word;
   size_t n;
   bool eol; /* no word: the line has ended */

   struct ir_func *f;
   struct ir_block *b;
   struct map *values, *blocks, *vars, *protos; /* of f, by name */
   VEC(struct ir_later) later;
   VEC(struct ir_later_block) blocks_later;
   VEC(struct ir_later_phi) phis;
   VEC(struct ir_value *) dst, src;
};

/* read.c */
void ir_read_next(struct ir_reader *r);
bool ir_read_line(struct ir_reader *r);
bool ir_read_at(const struct ir_reader *r, const char *w);
bool ir_read_accept(struct ir_reader *r, const char *w);
void ir_read_expect(struct ir_reader *r, const char *w);
const char *ir_read_name(struct ir_reader *r);
uint64_t ir_read_number(struct ir_reader *r);
unsigned ir_read_choice(struct ir_reader *r, const char *const *names, unsigned n);
enum isa_type ir_read_type(struct ir_reader *r);
enum ir_width ir_read_suffix(struct ir_reader *r);
struct ir_sym *ir_read_var(struct ir_reader *r);
struct src_loc ir_read_here(const struct ir_reader *r);
struct src_loc ir_read_message_loc(const struct ir_reader *r, struct src_loc loc);
void ir_read_fail(struct ir_reader *r, const char *fmt, ...) KASURI_PRINTF(2, 3);
unsigned ir_read_hex(char c);
bool ir_read_is_word(char c);

#endif
