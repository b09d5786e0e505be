/* SPDX-License-Identifier: Apache-2.0
 * Where device memory comes from: ranges of its own with pages around them that nobody
 * may touch, and not the process's heap. What a kernel writes beyond its arrays meets
 * other device memory or a fault, as on a card, and never what the program or the driver
 * keeps. Small allocations share such ranges, by size; a slot that is free waits for the
 * next one of its size. Called with memory.c's lock held. */
#include "device_priv.h"

#include <sys/mman.h>

#define GUARD ((size_t)64 << 10)
#define HUGE_PAGE ((size_t)2 << 20)
#define SMALLEST ((size_t)512) /* and their alignment */
#define SIZES 12               /* to 1 MiB */

static struct {
   VEC(void *) free;
   uint8_t *at, *end; /* not handed out yet */
} slots[SIZES];

void *
slab_map(size_t size)
{
   size_t all = size + HUGE_PAGE + 2 * GUARD;
   uint8_t *p =
      mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
   if (p == MAP_FAILED)
      return NULL;
   uint8_t *at = (uint8_t *)ALIGN_UP((uintptr_t)p + GUARD, HUGE_PAGE);
   uint8_t *first = at - GUARD, *end = at + size + GUARD;
   if (first > p)
      munmap(p, (size_t)(first - p));
   if (end < p + all)
      munmap(end, (size_t)(p + all - end));
   if (mprotect(at, size, PROT_READ | PROT_WRITE)) {
      munmap(first, (size_t)(end - first));
      return NULL;
   }
   return at;
}

void
slab_unmap(void *p, size_t size)
{
   munmap((uint8_t *)p - GUARD, size + 2 * GUARD);
}

static unsigned
size_index(size_t size)
{
   unsigned k = 0;
   while (SMALLEST << k < size)
      k++;
   return k;
}

void *
slab_alloc(size_t size)
{
   unsigned k = size_index(size);
   size_t slot = SMALLEST << k;
   if (slots[k].free.len)
      return vec_pop(&slots[k].free);
   if (slots[k].at == slots[k].end) {
      uint8_t *p = slab_map(HUGE_PAGE);
      if (!p)
         return NULL;
      slots[k].at = p;
      slots[k].end = p + HUGE_PAGE;
   }
   slots[k].at += slot;
   return slots[k].at - slot;
}

void
slab_free(void *p, size_t size)
{
   vec_push(&slots[size_index(size)].free, p);
}
