/* SPDX-License-Identifier: Apache-2.0
 * The meanings (sem_*.c) as LLVM bitcode, for the JIT to link and inline. One module a
 * family: all functions of one sem_FAMILY.c. Modules are self-contained, name no CPU, and
 * their functions are marked alwaysinline. */
#ifndef KASURI_ISA_BITCODE_H
#define KASURI_ISA_BITCODE_H

#include <stddef.h>

struct isa_bitcode {
   const char *family;
   const unsigned char *vector, *scalar; /* "isa_NAME" at 32 lanes, "isa1_NAME" at one */
   size_t vector_size, scalar_size;
};
/* By struct isa_eval's family; NULL when there is none of that name. */
const struct isa_bitcode *isa_bitcode_find(const char *family);

#endif
