/* SPDX-License-Identifier: Apache-2.0
 * Host memory: checked allocation, arenas and vector growth. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"

static KASURI_NORETURN void
out_of_memory(size_t size)
{
   fprintf(stderr, "kasuri: error: out of host memory (%zu bytes asked for)\n", size);
   abort();
}

void *
base_alloc(size_t size)
{
   void *p = malloc(size ? size : 1);
   if (!p)
      out_of_memory(size);
   return p;
}

void *
base_calloc(size_t count, size_t size)
{
   void *p = calloc(count ? count : 1, size ? size : 1);
   if (!p)
      out_of_memory(count * size);
   return p;
}

void *
base_realloc(void *p, size_t size)
{
   p = realloc(p, size ? size : 1);
   if (!p)
      out_of_memory(size);
   return p;
}

void
base_free(void *p)
{
   free(p);
}

char *
base_strndup(const char *s, size_t n)
{
   char *p = base_alloc(n + 1);
   memcpy(p, s, n);
   p[n] = 0;
   return p;
}

char *
base_strdup(const char *s)
{
   return base_strndup(s, strlen(s));
}

void *
base_vec_grow(void *data, size_t *cap, size_t elem_size)
{
   *cap = *cap ? *cap * 2 : 8;
   return base_realloc(data, *cap * elem_size);
}

#define ARENA_CHUNK ((size_t)64 * 1024)

struct chunk {
   struct chunk *next;
   size_t used, size;
   _Alignas(16) char data[];
};

struct arena {
   struct chunk *head;
};

struct arena *
arena_create(void)
{
   return base_calloc(1, sizeof(struct arena));
}

void
arena_destroy(struct arena *a)
{
   if (!a)
      return;
   for (struct chunk *c = a->head, *next; c; c = next) {
      next = c->next;
      base_free(c);
   }
   base_free(a);
}

void *
arena_alloc(struct arena *a, size_t size)
{
   size = ALIGN_UP(size ? size : 1, (size_t)16);
   struct chunk *c = a->head;
   if (!c || c->size - c->used < size) {
      size_t want = MAX2(size, ARENA_CHUNK);
      c = base_alloc(sizeof *c + want);
      c->used = 0;
      c->size = want;
      /* A large block goes behind the head, so that the head's rest stays in use. */
      if (a->head && size > ARENA_CHUNK / 4) {
         c->next = a->head->next;
         a->head->next = c;
      } else {
         c->next = a->head;
         a->head = c;
      }
   }
   void *p = c->data + c->used;
   c->used += size;
   memset(p, 0, size);
   return p;
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
   char *p = arena_alloc(a, n + 1);
   memcpy(p, s, n);
   return p;
}

char *
arena_strdup(struct arena *a, const char *s)
{
   return arena_strndup(a, s, strlen(s));
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
   struct str s = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&s, fmt, ap);
   va_end(ap);
   char *p = arena_strndup(a, str_get(&s), s.len);
   str_finish(&s);
   return p;
}
