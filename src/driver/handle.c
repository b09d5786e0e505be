/* SPDX-License-Identifier: Apache-2.0
 * Handles. A slot's generation changes whenever it is emptied, so an old handle is found
 * out; slots are read without a lock, as every launch does it twice. */
#include "driver_priv.h"

#include <stdatomic.h>

/* Handle: type in bits 44 to 48, generation in 28 to 43, slot in 4 to 27. Low bits stay
 * zero, apart from CU_STREAM_LEGACY and CU_STREAM_PER_THREAD. */
#define SLOT_BITS 24
#define CHUNK_BITS 12
#define CHUNK (1u << CHUNK_BITS)

struct slot {
   _Atomic uint64_t handle; /* 0 when empty */
   void *object;
   uint32_t generation, next_free;
};

static struct slot *_Atomic chunks[1u << (SLOT_BITS - CHUNK_BITS)];
static uint32_t used = 1, first_free; /* slot 0 is never given out */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct slot *
slot_at(uint32_t i)
{
   struct slot *c = atomic_load_explicit(&chunks[i >> CHUNK_BITS], memory_order_acquire);
   return c ? &c[i & (CHUNK - 1)] : NULL;
}

uint64_t
handle_add(enum handle_type t, void *object)
{
   pthread_mutex_lock(&lock);
   uint32_t i = first_free;
   if (i) {
      first_free = slot_at(i)->next_free;
   } else if (used < 1u << SLOT_BITS) {
      i = used++;
      if (!slot_at(i))
         atomic_store_explicit(&chunks[i >> CHUNK_BITS],
                               base_calloc(CHUNK, sizeof(struct slot)),
                               memory_order_release);
   }
   uint64_t h = 0;
   if (i) {
      struct slot *s = slot_at(i);
      s->generation = (s->generation + 1) & 0xffff;
      s->object = object;
      h = (uint64_t)t << 44 | (uint64_t)s->generation << 28 | (uint64_t)i << 4;
      atomic_store_explicit(&s->handle, h, memory_order_release);
   }
   pthread_mutex_unlock(&lock);
   return h;
}

void *
handle_find(uint64_t h, enum handle_type t)
{
   if (h >> 44 != t || h & 0xf)
      return NULL;
   const struct slot *s = slot_at((uint32_t)(h >> 4) & ((1u << SLOT_BITS) - 1));
   if (!s || atomic_load_explicit(&s->handle, memory_order_acquire) != h)
      return NULL;
   return s->object;
}

void
handle_remove(uint64_t h)
{
   uint32_t i = (uint32_t)(h >> 4) & ((1u << SLOT_BITS) - 1);
   pthread_mutex_lock(&lock);
   struct slot *s = slot_at(i);
   if (s && h && atomic_load(&s->handle) == h) {
      atomic_store_explicit(&s->handle, 0, memory_order_release);
      s->object = NULL;
      s->next_free = first_free;
      first_free = i;
   }
   pthread_mutex_unlock(&lock);
}
