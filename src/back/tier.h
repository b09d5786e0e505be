/* SPDX-License-Identifier: Apache-2.0
 * The choice of a kernel's first tier. */
#ifndef KASURI_TIER_H
#define KASURI_TIER_H

#include "ir/ir.h"

/* Whether the interpreter may run blocks of f until better code is there. */
bool tier_may_begin_quick(const struct ir_func *f);

#endif
