/* SPDX-License-Identifier: Apache-2.0
 * The virtual GPUs' figures. */
#ifndef KASURI_MACHINE_PROFILE_H
#define KASURI_MACHINE_PROFILE_H

#include "base/base.h"

#define DEVICE_MAX 64

/* Attributes, by CUDA's numbers: DEVICE_ATTR_WARP_SIZE … */
enum device_attr {
#define ATTR(number, name, native) DEVICE_ATTR_##name = number,
#include "attrs.inc"
#undef ATTR
   DEVICE_ATTRS
};

struct device_props {
   char name[256];
   char profile[64]; /* as KASURI_DEVICE names it */
   uint64_t memory;  /* bytes in all */
   uint8_t uuid[16];
   unsigned index;     /* in the order of the bus */
   bool strict;        /* refuses code for later devices, as the card would */
   bool peer_access;   /* such devices reach each other's memory */
   bool memory_chosen; /* by KASURI_DEVICE_MEMORY: no word of the host's capacity */
   int attr[DEVICE_ATTRS];
   /* Those of them that launches are held against. */
   uint32_t sm; /* 90 for 9.0 */
   uint32_t multiprocessors, clock_khz;
   uint32_t max_threads; /* per block */
   uint32_t max_block[3], max_grid[3];
   uint32_t shared_per_block, shared_optin, shared_per_sm, shared_reserved;
   uint32_t regs_per_sm, threads_per_sm, blocks_per_sm;
};

/* What the program sees, by CUDA's ordinals; i is below the count. */
unsigned device_count(void);
const struct device_props *device_props(unsigned i);
/* All there are, in the order of the bus: what libnvidia-ml lists. 0 where KASURI_DEVICE
 * is wrong, which has then been reported. */
unsigned device_all(const struct device_props **list);

/* Cards of one kind reach each other's memory, if that kind does so at all. A device is
 * no peer of its own. */
bool device_peers(const struct device_props *p, const struct device_props *q);

#define DEVICE_UUID_TEXT 41
void device_uuid_text(const struct device_props *p, char text[DEVICE_UUID_TEXT]);
/* Worker threads: KASURI_THREADS, or the processors that this process may use. */
uint32_t device_threads(void);
uint64_t device_host_memory(void);

extern const char device_profiles_text[];

#endif
