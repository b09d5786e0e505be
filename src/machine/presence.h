/* SPDX-License-Identifier: Apache-2.0
 * Which processes use which virtual GPUs, and how much of their memory: each process that
 * has a context keeps a small file in shared memory, which libnvidia-ml reads. */
#ifndef KASURI_MACHINE_PRESENCE_H
#define KASURI_MACHINE_PRESENCE_H

#include "machine/profile.h"

#define PRESENCE_MAGIC 0x6b61737572693031ull /* changes with the layout */
struct presence {
   uint64_t magic;
   uint64_t start; /* of the process, in clock ticks since boot: pids come again */
   uint32_t pid, count;
   struct presence_device {
      uint8_t uuid[16];
      _Atomic uint64_t used;     /* bytes */
      _Atomic uint32_t contexts; /* 0: does not use this device now */
      uint32_t pad;
   } devices[DEVICE_MAX];
};

/* This process's own record; of no file before presence_publish. Its writers need no
 * lock of their own. */
extern struct presence *presence_own;
/* Makes the record visible to others; does nothing where there is nowhere to put it. */
void presence_publish(void);

/* Calls fn for every live process's record, copied and checked: of all users. */
void presence_each(void (*fn)(const struct presence *p, void *arg), void *arg);
uint64_t presence_start_of(uint32_t pid); /* 0: there is no such process */
/* n fields of /proc/PID/stat from number `first` (3 or more, proc(5)) on, numbers all of
 * them; false where there is no such process. */
bool process_stat(uint32_t pid, unsigned first, size_t n, uint64_t *out);

#endif
