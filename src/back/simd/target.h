/* SPDX-License-Identifier: Apache-2.0
 * What the files that deal with LLVM's side of a compilation share. */
#ifndef KASURI_TARGET_H
#define KASURI_TARGET_H

#include <llvm-c/TargetMachine.h>

#include "back/simd/emit.h"

/* For the processor and the level of e; NULL with the reason in *error, which the caller
 * disposes of. e is only read: any thread may ask. */
LLVMTargetMachineRef target_machine(const struct emit *e, char **error);
/* Machine code; NULL with the reason in *error. */
LLVMMemoryBufferRef target_object(LLVMTargetMachineRef tm, LLVMModuleRef m, char **error);

/* Whether nobody waits for the code any more. */
bool target_stopped(const struct emit *e);

/* In link_needed.cpp: takes `from`, of which only what `to` calls is read. */
int target_link_needed(LLVMModuleRef to, LLVMModuleRef from);
void target_forget_body(LLVMValueRef function); /* makes it a declaration */
/* In cut.cpp: cuts functions of more than `whole` instructions into pieces of `size` or
 * about that; how many pieces there are. */
unsigned target_cut(LLVMModuleRef m, unsigned size, unsigned whole);
/* In loads.cpp: makes loads of gathers; of those under masks if they have registers. */
void target_load_gathers(LLVMModuleRef m, bool masks);

/* In constants.cpp: loads constants again in loops that would get more than so many
 * vector registers, of so many bytes, from outside. */
void target_repeat_constants(LLVMModuleRef m, unsigned bytes, unsigned registers);
/* In settle.cpp: puts loads back into loops that get more than `room` bytes of vectors
 * from outside, and drops stores of what is there. */
void target_settle(LLVMModuleRef m, unsigned room);

/* parts.c: the machine code of e's module, as back_object.elf. */
bool parts_compile(struct emit *e, uint8_t **elf, size_t *size);

#endif
