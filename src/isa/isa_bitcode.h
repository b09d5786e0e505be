/* SPDX-License-Identifier: Apache-2.0
 * The meanings (sem_*.c) as LLVM bitcode, for the JIT to link and inline. One module a
 * family: all functions of one sem_FAMILY.c. Modules are self-contained, name no CPU, and
 * their functions are marked alwaysinline. */
#ifndef KASURI_ISA_BITCODE_H
#define KASURI_ISA_BITCODE_H

#include <stddef.h>

#define ISA_BITCODE_WIDTHS 3 /* 32, 16 and 1 lanes */

struct isa_bitcode {
   const char *family;
   unsigned lanes; /* functions are "isa32_NAME", "isa16_NAME", "isa1_NAME" */
   const unsigned char *data;
   size_t size;
};
/* By struct isa_eval's family; NULL when there is none of that name and width. */
const struct isa_bitcode *isa_bitcode_find(const char *family, unsigned lanes);

#endif
