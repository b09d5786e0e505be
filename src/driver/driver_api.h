/* SPDX-License-Identifier: Apache-2.0
 * What the generated part of the driver (per-thread variants, stubs, the table of entry
 * points) and the hand-written part know of each other. */
#ifndef KASURI_DRIVER_API_H
#define KASURI_DRIVER_API_H

#include "driver/driver_priv.h"

struct driver_entry {
   const char *name;
   int version;
   int per_thread;
   void (*fn)(void);
};
/* Sorted by name, then version. */
extern const struct driver_entry driver_entries[];
extern const unsigned driver_entry_count;

/* Says once which function was called, and returns CUDA_ERROR_NOT_SUPPORTED. */
CUresult driver_unsupported(const char *name);

#endif
