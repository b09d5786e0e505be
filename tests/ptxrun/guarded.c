/* SPDX-License-Identifier: Apache-2.0
 * Buffers of tests: each ends where no memory is, as far as its alignment allows, and begins
 * behind a page that is none either, so that an access to bytes that no thread asked for
 * may fault. */
#include <stdlib.h>
#include <sys/mman.h>

#include "ptxrun.h"

#define PAGE 4096u

static size_t
guarded_size(size_t size)
{
   return ALIGN_UP(size + 1, (size_t)PAGE) + 2 * PAGE;
}

void *
guarded_alloc(size_t size)
{
   size_t all = guarded_size(size);
   uint8_t *p = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   if (p == MAP_FAILED || mprotect(p + PAGE, all - 2 * PAGE, PROT_READ | PROT_WRITE))
      abort();
   return p + all - PAGE - ALIGN_UP(size, (size_t)BUFFER_ALIGN);
}

void
guarded_free(void *memory, size_t size)
{
   size_t all = guarded_size(size);
   munmap((uint8_t *)memory + ALIGN_UP(size, (size_t)BUFFER_ALIGN) + PAGE - all, all);
}
