/* SPDX-License-Identifier: Apache-2.0
 * The code of several warps alternates (jam.cpp): what that takes of the emitter. */
#ifndef KASURI_JAM_H
#define KASURI_JAM_H

#include "back/simd/emit.h"

/* Metadata of the branch that ends a loop over the warps of a block. */
#define JAM_MARK "kasuri.warps"
void jam_mark(struct emit *e, val branch);
/* Updates of the block's own memory are loads and stores for LLVM, between which no other
 * warp may come: kernels with such stay as they are. */
bool jam_is_possible(const struct emit *e);

/* The code of some warps of a block alternates, where that pays on a processor with
 * `count` vector registers of so many bytes; of `forced`, unless that is zero. */
void target_jam(LLVMModuleRef m, unsigned bytes, unsigned count, unsigned forced);

#endif
