/* SPDX-License-Identifier: Apache-2.0
 * malloc and free in kernels: a heap of the context, with CUDA's limit on its size.
 * Blocks live until they are freed, or the context ends. */
#include "device_priv.h"

#include <stdlib.h>

#define HEAP_MAGIC 0x6b61737572690001ull

struct heap_block {
   struct heap_block *next, *prev;
   uint64_t size, magic;
   uint64_t pad[4]; /* data is 64 bytes on: 16-aligned, and apart from its neighbours */
};

void *
heap_alloc(void *owner, uint64_t size)
{
   struct device_ctx *x = owner;
   uint64_t total = ALIGN_UP(size, 16);
   if (total < size || total > UINT64_MAX / 2)
      return NULL;
   pthread_mutex_lock(&x->heap_lock);
   bool fits = x->heap_used + total <= x->heap_limit;
   if (fits)
      x->heap_used += total;
   pthread_mutex_unlock(&x->heap_lock);
   if (!fits)
      return NULL;
   struct heap_block *b = malloc(sizeof *b + total);
   pthread_mutex_lock(&x->heap_lock);
   if (b) {
      b->size = total;
      b->magic = HEAP_MAGIC;
      b->prev = NULL;
      b->next = x->heap;
      if (x->heap)
         x->heap->prev = b;
      x->heap = b;
   } else {
      x->heap_used -= total;
   }
   pthread_mutex_unlock(&x->heap_lock);
   return b ? b + 1 : NULL;
}

void
heap_free(void *owner, void *p)
{
   struct device_ctx *x = owner;
   if (!p)
      return;
   struct heap_block *b = (struct heap_block *)p - 1;
   pthread_mutex_lock(&x->heap_lock);
   /* A pointer that malloc did not give out is ignored, as CUDA leaves it undefined. */
   bool ours = b->magic == HEAP_MAGIC;
   if (ours) {
      b->magic = 0;
      *(b->prev ? &b->prev->next : &x->heap) = b->next;
      if (b->next)
         b->next->prev = b->prev;
      x->heap_used -= b->size;
   }
   pthread_mutex_unlock(&x->heap_lock);
   if (ours)
      free(b);
}

void
heap_finish(struct device_ctx *x)
{
   while (x->heap) {
      struct heap_block *b = x->heap;
      x->heap = b->next;
      free(b);
   }
}
