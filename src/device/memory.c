/* SPDX-License-Identifier: Apache-2.0
 * Which memory is the device's: every allocation, in order of address, so that pointers
 * can be looked up, copies checked and the capacity kept. Kernels use the memory itself
 * without asking here. */
#include "device_priv.h"
#include "machine/presence.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ALIGNMENT 512           /* what NVIDIA's driver gives; 256 is promised */
#define LARGE ((size_t)1 << 20) /* from here on straight from the system */
#define KEEP_MAX 16             /* freed large blocks kept, as first touches cost */
#define KEEP_BYTES ((size_t)1 << 30)

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static struct {
   VEC(struct device_alloc) v;
} table;
static uint64_t used[DEVICE_MAX], next_id; /* used: by each device */
static struct kept {
   void *p;
   size_t size;
} kept[KEEP_MAX];
static size_t kept_bytes;

/* The figure that other processes see follows each change. */
static void
charge(unsigned dev, uint64_t bytes)
{
   used[dev] += bytes;
   struct presence *p = __atomic_load_n(&presence_own, __ATOMIC_ACQUIRE);
   atomic_store_explicit(&p->devices[dev].used, used[dev], memory_order_relaxed);
}

/* Index of the first allocation that starts after p. */
static size_t
after(uintptr_t p)
{
   size_t lo = 0, hi = table.v.len;
   while (lo < hi) {
      size_t mid = (lo + hi) / 2;
      if (table.v.data[mid].base <= p)
         lo = mid + 1;
      else
         hi = mid;
   }
   return lo;
}

static struct device_alloc *
find(uintptr_t p)
{
   size_t i = after(p);
   if (!i)
      return NULL;
   struct device_alloc *a = &table.v.data[i - 1];
   return p - a->base < (a->size ? a->size : 1) ? a : NULL;
}

static void
insert(const struct device_alloc *a)
{
   size_t i = after(a->base);
   vec_push(&table.v, *a);
   memmove(&table.v.data[i + 1], &table.v.data[i],
           (table.v.len - 1 - i) * sizeof *table.v.data);
   table.v.data[i] = *a;
   table.v.data[i].id = ++next_id;
}

static struct device_alloc
take(size_t i)
{
   struct device_alloc a = table.v.data[i];
   memmove(&table.v.data[i], &table.v.data[i + 1],
           (table.v.len - 1 - i) * sizeof *table.v.data);
   table.v.len--;
   return a;
}

/* -- The system's memory; called with the lock held. */
static void *
map_large(size_t size)
{
   for (size_t i = 0; i < KEEP_MAX; i++)
      if (kept[i].p && kept[i].size == size) {
         void *p = kept[i].p;
         kept[i].p = NULL;
         kept_bytes -= size;
         return p;
      }
   void *p = slab_map(size);
   if (p)
      madvise(p, size, MADV_HUGEPAGE);
   return p;
}

static void
unmap_large(void *p, size_t size)
{
   for (size_t i = 0; i < KEEP_MAX && kept_bytes + size <= KEEP_BYTES; i++)
      if (!kept[i].p) {
         kept[i] = (struct kept){p, size};
         kept_bytes += size;
         return;
      }
   slab_unmap(p, size);
}

static void
release_kept(void)
{
   for (size_t i = 0; i < KEEP_MAX; i++) {
      if (kept[i].p)
         slab_unmap(kept[i].p, kept[i].size);
      kept[i].p = NULL;
   }
   kept_bytes = 0;
}

static void *
system_alloc(size_t size, size_t *reserved)
{
   if (size < LARGE) {
      *reserved = ALIGN_UP(size, ALIGNMENT);
      return slab_alloc(*reserved);
   }
   *reserved = ALIGN_UP(size, (size_t)64 << 10);
   void *p = map_large(*reserved);
   if (!p) {
      release_kept();
      p = map_large(*reserved);
   }
   return p;
}

static bool
charged(uint32_t kind)
{
   return !(kind & (DEVICE_MEM_HOST | DEVICE_MEM_REGISTERED | DEVICE_MEM_VIRTUAL |
                    DEVICE_MEM_IPC));
}

static bool
ours(uint32_t kind)
{
   return kind & (DEVICE_MEM_LINEAR | DEVICE_MEM_HOST | DEVICE_MEM_MANAGED |
                  DEVICE_MEM_POOL | DEVICE_MEM_GLOBAL | DEVICE_MEM_ARRAY);
}

static void
give_back(const struct device_alloc *a)
{
   if (charged(a->kind))
      charge(a->device, 0 - a->reserved);
   if (!ours(a->kind) || !a->reserved)
      return;       /* someone else's */
   if (a->shared) { /* others may write to it: not to be kept */
      munmap((void *)a->base, a->reserved);
      close(a->shared - 1);
   } else if (a->size >= LARGE)
      unmap_large((void *)a->base, a->reserved);
   else
      slab_free((void *)a->base, a->reserved);
}

/* What dev may still have. Its own capacity may be larger than what the host has behind
 * all devices together: their memory is promised, not overcommitted. */
static uint64_t
left(unsigned dev)
{
   const struct device_props *p = device_props(dev);
   uint64_t all = 0, host = device_host_memory();
   for (unsigned i = 0; i < device_count(); i++)
      all += used[i];
   uint64_t own = used[dev] < p->memory ? p->memory - used[dev] : 0;
   return p->memory_chosen ? own : MIN2(own, all < host ? host - all : 0);
}

enum device_status
device_mem_alloc(size_t size, uint32_t kind, uint32_t flags, struct device_ctx *owner,
                 void **p)
{
   if (size > (uint64_t)1 << 46)
      return DEVICE_OUT_OF_MEMORY;
   struct device_alloc a = {
      .size = size, .kind = kind, .flags = flags, .device = owner->index, .owner = owner};
   pthread_rwlock_wrlock(&lock);
   if (!charged(kind) || size <= left(a.device))
      a.base = (uintptr_t)system_alloc(size, &a.reserved);
   if (a.base) {
      if (charged(kind))
         charge(a.device, a.reserved);
      insert(&a);
   }
   pthread_rwlock_unlock(&lock);
   *p = (void *)a.base;
   return a.base ? DEVICE_OK : DEVICE_OUT_OF_MEMORY;
}

enum device_status
device_mem_add(const struct device_alloc *a)
{
   enum device_status st = DEVICE_OK;
   pthread_rwlock_wrlock(&lock);
   size_t i = after(a->base);
   bool overlaps = i && table.v.data[i - 1].base + table.v.data[i - 1].size > a->base;
   overlaps |= i < table.v.len && table.v.data[i].base < a->base + a->size;
   if (overlaps)
      st = DEVICE_ALREADY_REGISTERED;
   else
      insert(a);
   pthread_rwlock_unlock(&lock);
   return st;
}

/* The file's pages take the place of those that were there. */
static bool
put_file_behind(struct device_alloc *a)
{
   int fd = memfd_create("kasuri-shared", MFD_CLOEXEC);
   if (fd < 0 || ftruncate(fd, (off_t)a->reserved) != 0)
      goto fail;
   void *copy = mmap(NULL, a->reserved, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
   if (copy == MAP_FAILED)
      goto fail;
   memcpy(copy, (const void *)a->base, a->size);
   munmap(copy, a->reserved);
   if (mmap((void *)a->base, a->reserved, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
            fd, 0) == MAP_FAILED)
      goto fail;
   a->shared = fd + 1;
   return true;
fail:
   if (fd >= 0)
      close(fd);
   return false;
}

enum device_status
device_mem_share(void *p, int *fd, size_t *size)
{
   enum device_status st = DEVICE_INVALID_VALUE;
   pthread_rwlock_wrlock(&lock);
   struct device_alloc *a = find((uintptr_t)p);
   if (a && a->base == (uintptr_t)p && a->kind == DEVICE_MEM_LINEAR) {
      if (a->size < LARGE)
         st = DEVICE_NOT_SUPPORTED;
      else
         st = a->shared || put_file_behind(a) ? DEVICE_OK : DEVICE_OUT_OF_MEMORY;
      *fd = a->shared - 1;
      *size = a->size;
   }
   pthread_rwlock_unlock(&lock);
   return st;
}

enum device_status
device_mem_free(void *p, uint32_t kinds)
{
   pthread_rwlock_wrlock(&lock);
   struct device_alloc *a = find((uintptr_t)p);
   enum device_status st = DEVICE_INVALID_VALUE;
   if (a && a->base == (uintptr_t)p && a->kind & kinds) {
      struct device_alloc gone = take((size_t)(a - table.v.data));
      give_back(&gone);
      st = DEVICE_OK;
   }
   pthread_rwlock_unlock(&lock);
   return st;
}

void
device_mem_free_owner(struct device_ctx *owner)
{
   pthread_rwlock_wrlock(&lock);
   for (size_t i = table.v.len; i--;)
      if (table.v.data[i].owner == owner) {
         struct device_alloc gone = take(i);
         give_back(&gone);
      }
   pthread_rwlock_unlock(&lock);
}

bool
device_mem_find(const void *p, struct device_alloc *out)
{
   pthread_rwlock_rdlock(&lock);
   const struct device_alloc *a = find((uintptr_t)p);
   if (a)
      *out = *a;
   pthread_rwlock_unlock(&lock);
   return a != NULL;
}

bool
device_mem_covers(const void *p, size_t n, uint32_t kinds)
{
   struct device_alloc a;
   if (!device_mem_find(p, &a) || !(a.kind & kinds))
      return false;
   size_t at = (uintptr_t)p - a.base;
   if (n <= a.size - at)
      return true;
   if (!(a.kind & DEVICE_MEM_VIRTUAL))
      return false;
   /* Mapped parts of one reserved range may lie side by side. */
   size_t here = a.size - at;
   return device_mem_covers((const uint8_t *)p + here, n - here, kinds);
}

bool
device_mem_is_pageable(const void *p)
{
   struct device_alloc a;
   return !device_mem_find(p, &a);
}

uint64_t
device_mem_used(unsigned dev)
{
   pthread_rwlock_rdlock(&lock);
   uint64_t n = used[dev];
   pthread_rwlock_unlock(&lock);
   return n;
}

uint64_t
device_mem_free_bytes(unsigned dev)
{
   pthread_rwlock_rdlock(&lock);
   uint64_t n = left(dev);
   pthread_rwlock_unlock(&lock);
   return n;
}

bool
device_mem_charge(unsigned dev, uint64_t bytes)
{
   pthread_rwlock_wrlock(&lock);
   bool fits = bytes <= left(dev);
   if (fits)
      charge(dev, bytes);
   pthread_rwlock_unlock(&lock);
   return fits;
}

void
device_mem_discharge(unsigned dev, uint64_t bytes)
{
   pthread_rwlock_wrlock(&lock);
   charge(dev, 0 - bytes);
   pthread_rwlock_unlock(&lock);
}

void
device_mem_set_extra(void *p, void *extra)
{
   pthread_rwlock_wrlock(&lock);
   struct device_alloc *a = find((uintptr_t)p);
   if (a)
      a->extra = extra;
   pthread_rwlock_unlock(&lock);
}
