/* SPDX-License-Identifier: Apache-2.0
 * malloc and free in kernels: a heap of the context, with CUDA's limit on its size.
 * Blocks live until they are freed, or the context ends. */
#include "device_priv.h"

#include <stdlib.h>

#define HEAP_MAGIC 0x6b61737572690001ull

struct heap_block {
   struct heap_block *next, *prev;
   uint64_t size, magic;
   void *start;     /* of the host's block: before this where data wants more alignment */
   uint64_t pad[3]; /* data is 64 bytes on: 16-aligned, and apart from its neighbours */
};

void *
heap_alloc(void *owner, uint64_t size, uint64_t align)
{
   struct device_ctx *x = owner;
   uint64_t data = ALIGN_UP(size, 16);
   uint64_t lead = MAX2(align, (uint64_t)sizeof(struct heap_block));
   uint64_t total = data + lead - sizeof(struct heap_block); /* the limit counts gaps */
   if (data < size || data > UINT64_MAX / 4 || lead > UINT64_MAX / 4)
      return NULL;
   pthread_mutex_lock(&x->heap_lock);
   bool fits = x->heap_used + total <= x->heap_limit;
   if (fits)
      x->heap_used += total;
   pthread_mutex_unlock(&x->heap_lock);
   if (!fits)
      return NULL;
   uint8_t *start = align <= 16 ? malloc(lead + data)
                                : aligned_alloc(align, ALIGN_UP(lead + data, align));
   struct heap_block *b = start ? (struct heap_block *)(void *)(start + lead) - 1 : NULL;
   pthread_mutex_lock(&x->heap_lock);
   if (b) {
      b->start = start;
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
      free(b->start);
}

void
heap_finish(struct device_ctx *x)
{
   while (x->heap) {
      struct heap_block *b = x->heap;
      x->heap = b->next;
      free(b->start);
   }
}
