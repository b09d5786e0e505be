/* SPDX-License-Identifier: Apache-2.0
 * Words that the text form's printer and parser share. */
#ifndef KASURI_IR_TEXT_H
#define KASURI_IR_TEXT_H

#include "ir.h"

/* Suffix of a value, behind ':'; b32 is left out. */
static const char *const ir_width_names[IR_WIDTH_COUNT] = {"pred", "b8",  "b16",
                                                           "b32",  "b64", "b128"};
static const char *const ir_linkage_names[] = {[IR_LOCAL_LINKAGE] = "static",
                                               [IR_VISIBLE] = "visible",
                                               [IR_EXTERN] = "extern",
                                               [IR_WEAK] = "weak",
                                               [IR_COMMON] = "common"};
/* What a symbol's space is called; "function" stands for no space. */
static const char *const ir_space_names[ISA_SPACE_COUNT] = {
   [ISA_GENERIC] = "function", [ISA_GLOBAL] = "global",
   [ISA_CONST] = "const",      [ISA_SHARED] = "shared",
   [ISA_LOCAL] = "local",      [ISA_PARAM] = "param",
   [ISA_SPACE_TEX] = "tex",    [ISA_PARAM_FUNC] = "param::func",
};

/* Instructions of the IR alone. */
static const struct {
   enum isa_op op;
   const char *name;
} ir_own_ops[] = {
   {ISA_PHI, "phi"}, {ISA_SREG, "sreg"}, {ISA_ADDR, "addr"}, {ISA_COPY, "copy"}};

#endif
