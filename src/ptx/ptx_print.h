/* SPDX-License-Identifier: Apache-2.0
 * What the two files of the PTX printer share. */
#ifndef KASURI_PTX_PRINT_H
#define KASURI_PTX_PRINT_H

#include "ptx.h"

struct ptx_printer {
   struct str *out;
   const struct ir_func *f;
   struct arena *arena;
   struct map *taken;  /* names in use, and the next number behind each */
   struct map *things; /* by address: names of variables, blocks, prototypes */
   const char **names; /* of values, by id */
   const struct ir_inst **addresses; /* by value id: the ISA_ADDR to put in its place */
   bool *labelled;                   /* by block id */
   unsigned next_temp;
   uint32_t line_file, line;
};

/* print_decl.c */
void ptx_print_params(struct str *out, const struct ir_param *list, uint32_t n,
                      const char *name); /* name NULL: their own */
void ptx_print_var(struct str *out, const struct ir_sym *s, const char *name);
/* print.c: "{ … }". Names in `taken` are not used for anything else. */
void ptx_print_body(struct str *out, const struct ir_func *f, struct map *taken);

#endif
