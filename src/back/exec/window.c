/* SPDX-License-Identifier: Apache-2.0
 * Where shared and local memory lie. Compiled code does not check their addresses, so
 * both lie amid reserved memory without access, which is so wide that no offset of 32
 * bits leads out of it, nor one that is a few times such a number: the access faults. Of
 * shared memory each block's window also ends where a page without access begins. */
#include "exec_priv.h"

#include <sys/mman.h>
#include <unistd.h>

/* On either side, as much as can be had: an index of 32 bits times 8 bytes; addresses of
 * 32 bits; little, where the process may not have so much address space. */
static const size_t far[] = {(size_t)16 << 30, (size_t)4 << 30, (size_t)1 << 20};

#define ROOM ((size_t)8 << 30) /* for all windows of a worker */
#define SMALL_ROOM ((size_t)1 << 30)
#define MOST_GUARDED 64u  /* blocks with a page of their own behind them */
#define APART (64u << 10) /* between windows of different kernels */

static size_t
page(void)
{
   static size_t n;
   size_t known = __atomic_load_n(&n, __ATOMIC_RELAXED);
   if (!known) {
      known = (size_t)sysconf(_SC_PAGESIZE);
      __atomic_store_n(&n, known, __ATOMIC_RELAXED);
   }
   return known;
}

bool
region_reserve(struct region *r, size_t size)
{
   for (size_t i = 0; i < ARRAY_LEN(far); i++) {
      size_t all = size + 2 * far[i];
      uint8_t *p =
         mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (p != MAP_FAILED) {
         *r = (struct region){.data = p + far[i], .size = size, .around = far[i]};
         return true;
      }
   }
   return false;
}

bool
region_holds(const struct region *r, const void *p)
{
   uintptr_t at = (uintptr_t)p - ((uintptr_t)r->data - r->around);
   return r->data && at < r->size + 2 * r->around;
}

void
region_finish(struct region *r)
{
   if (r->data)
      munmap(r->data - r->around, r->size + 2 * r->around);
   *r = (struct region){0};
}

/* n stretches of as many pages, with a page behind each that stays without access. */
static const struct window_place *
add_place(struct windows *v, size_t bytes, uint64_t n)
{
   size_t all = n * (bytes + page()) + APART;
   if (!v->room.data && !region_reserve(&v->room, ROOM) &&
       !region_reserve(&v->room, SMALL_ROOM))
      return NULL;
   if (all > v->room.size - v->used) {
      /* Nobody runs, so nobody has a window. */
      region_finish(&v->room);
      vec_clear(&v->places);
      v->used = 0;
      if (!region_reserve(&v->room, MAX2(ROOM, all)))
         return NULL;
   }
   struct window_place p = {bytes, n, v->room.data + v->used + APART};
   for (uint64_t i = 0; bytes && i < n; i++)
      if (mprotect(p.at + i * (bytes + page()), bytes, PROT_READ | PROT_WRITE))
         return NULL;
   v->used += all;
   vec_push(&v->places, p);
   return &v->places.data[v->places.len - 1];
}

static const struct window_place *
find_place(const struct windows *v, size_t bytes, uint64_t n)
{
   for (size_t i = 0; i < v->places.len; i++)
      if (v->places.data[i].bytes == bytes && v->places.data[i].n >= n)
         return &v->places.data[i];
   return NULL;
}

bool
windows_place(struct windows *v, size_t bytes, uint64_t blocks)
{
   if (v->first && v->bytes == bytes && v->blocks == blocks)
      return true;
   bool guarded = blocks <= MOST_GUARDED;
   size_t together = guarded ? bytes : bytes * blocks, pages = ALIGN_UP(together, page());
   uint64_t n = guarded ? blocks : 1;
   const struct window_place *p = find_place(v, pages, n);
   p = p ? p : add_place(v, pages, n);
   v->first = NULL;
   if (!p)
      return false;
   v->first = p->at + pages - together;
   v->stride = guarded || !bytes ? pages + page() : bytes;
   v->bytes = bytes;
   v->blocks = blocks;
   return true;
}

void
windows_finish(struct windows *v)
{
   region_finish(&v->room);
   vec_finish(&v->places);
   v->first = NULL;
}
