/* SPDX-License-Identifier: Apache-2.0
 * The simd module: where it lies, and its one function. */
#ifndef KASURI_MODULE_H
#define KASURI_MODULE_H

#include "back/object.h"

/* Changes when the module does; NULL: there is none. */
const char *module_tag(void);
/* Loads the module unless that was tried before. The caller holds no lock of ours. */
void module_load(void);
bool module_was_tried(void);
/* After that; NULL, with the reason in *error, if it could not be loaded. */
back_compile_fn *module_compile(const char **error);

#endif
