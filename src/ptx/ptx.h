/* SPDX-License-Identifier: Apache-2.0
 * PTX text to IR (register form) and back. */
#ifndef KASURI_PTX_H
#define KASURI_PTX_H

#include "ir/ir.h"

/* Parses a whole module. Always returns a module unless memory for it cannot be had; it
 * is usable only when d->errors did not grow. All errors of the text are reported in one
 * run. */
struct ir_module *ptx_parse(const char *text, size_t n, const char *file, struct diag *d);
/* Prints register form as PTX that ptx_parse accepts. */
void ptx_print(struct str *out, const struct ir_module *m);

#endif
