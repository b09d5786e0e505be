/* SPDX-License-Identifier: Apache-2.0
 * The choice of a kernel's first tier. */
#ifndef KASURI_TIER_H
#define KASURI_TIER_H

#include "ir/ir.h"

/* Whether the interpreter may run blocks of f until better code is there. */
bool tier_may_begin_quick(const struct ir_func *f);
uint32_t tier_size(const struct ir_func *f); /* instructions, up to a limit */
/* Bytes that a thread of it writes to global memory, or more. */
uint64_t tier_writes(const struct ir_func *f);
/* Whether good code takes so long that quick code is worth making first. */
bool tier_is_large(uint32_t size);

#endif
