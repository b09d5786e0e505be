/* SPDX-License-Identifier: Apache-2.0
 * A note in whatever holds this runtime, shared or linked in: it survives strip, and
 * tells the redirector (src/libs/redirect) that there is nothing to redirect. */
#include "rt_priv.h"

static const struct {
   uint32_t name_size, data_size, type;
   char name[8];
   uint32_t abi;
} mark __attribute__((used, section(".note.kasuri"), aligned(4))) = {
   sizeof "Kasuri", sizeof(uint32_t), 1, "Kasuri", RT_ABI};
