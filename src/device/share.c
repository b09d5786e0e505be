/* SPDX-License-Identifier: Apache-2.0
 * Which worker runs which units of a job. Each has a contiguous share, the same in every
 * launch of a grid, so that data stays in the caches of the core that used it before; who
 * is through with its own helps the others with theirs. Where blocks may wait for the
 * ones before them there is one share, dealt in ascending order. */
#include "device_priv.h"

/* Who is inside is one word, so that coming and going need no lock: whether others may
 * come, how many at most, and how many are there. A worker may look at it when the job
 * has long ended, even as the next one begins in the same memory: it finds it closed, or
 * joins what is there now. */
#define OPEN ((uint64_t)1 << 63)
#define MOST(users) ((uint64_t)((users) >> 32) & 0x7fffffff)
#define INSIDE(users) ((uint32_t)(users))

#define CHUNKS 4            /* that a worker's part of what is left is cut into */
#define CHUNK_MIN_NS 2000   /* of work: several times what taking it costs */
#define CHUNK_MAX_NS 100000 /* which a failure, or who waits for less, waits at most */

void
job_open(struct job *j, uint32_t users)
{
   bool single = j->units == 1 || j->ordered || device.seeded || j->max_users == 1;
   uint32_t n = single ? 1 : (uint32_t)MIN2(j->units, (uint64_t)device.count);
   j->nshares = n;
   j->shares = &j->only;
   if (n > 1) {
      j->spare = device.free_shares;
      if (j->spare)
         device.free_shares = j->spare->next;
      else
         j->spare = base_alloc(sizeof *j->spare + device.count * sizeof(struct share));
      j->shares = j->spare->shares;
   }
   uint64_t at = 0, each = j->units / n, more = j->units % n;
   for (uint32_t i = 0; i < n; i++) {
      atomic_store_explicit(&j->shares[i].next, at, memory_order_relaxed);
      at += each + (i < more);
      j->shares[i].end = at;
   }
   atomic_store_explicit(&j->left, n, memory_order_relaxed);
   uint64_t open = j->listed ? OPEN | (uint64_t)j->max_users << 32 : 0;
   atomic_store_explicit(&j->users, open | users, memory_order_release);
}

bool
job_join(struct job *j)
{
   uint64_t u = atomic_load(&j->users);
   while (u & OPEN && INSIDE(u) < MOST(u) &&
          atomic_load_explicit(&j->left, memory_order_relaxed))
      if (atomic_compare_exchange_weak(&j->users, &u, u + 1))
         return true;
   return false;
}

bool
job_leave(struct job *j)
{
   uint64_t u = atomic_load(&j->users), after;
   bool over;
   do {
      over = !atomic_load(&j->left);
      after = (over ? u & ~OPEN : u) - 1;
   } while (!atomic_compare_exchange_weak(&j->users, &u, after));
   return over && !INSIDE(after);
}

uint32_t
job_users(const struct job *j)
{
   return INSIDE(atomic_load(&j->users));
}

bool
job_waits(const struct job *j)
{
   uint64_t u = atomic_load(&j->users);
   return u & OPEN && !INSIDE(u);
}

void
job_close(struct job *j)
{
   if (j->nshares > 1) {
      j->spare->next = device.free_shares;
      device.free_shares = j->spare;
   }
   j->nshares = 0;
}

void
job_cancel(struct job *j)
{
   for (uint32_t i = 0; i < j->nshares; i++) {
      struct share *s = &j->shares[i];
      if (atomic_exchange(&s->next, s->end) < s->end)
         atomic_fetch_sub(&j->left, 1);
   }
}

/* Units taken at once: a part of what is left, so that the last ones even out, but as
 * many as are worth the trip and no more than may be left to one worker. */
static uint64_t
chunk(const struct job *j, uint64_t left, const struct pace *p)
{
   if (left <= 1 || j->one_by_one)
      return 1;
   uint64_t even = left / (CHUNKS * (uint64_t)(device.count / j->nshares));
   if (!p->ns)
      return MAX2(even / 4, 1);
   uint64_t least = p->units * CHUNK_MIN_NS / p->ns;
   uint64_t most = p->units * CHUNK_MAX_NS / p->ns;
   return MAX2(MAX2(MIN2(even, most), least), 1);
}

static bool
take_from(struct job *j, struct share *s, const struct pace *p, uint64_t *first,
          uint64_t *n)
{
   uint64_t at = atomic_load_explicit(&s->next, memory_order_relaxed);
   if (at >= s->end)
      return false;
   *n = chunk(j, s->end - at, p);
   *first = atomic_fetch_add(&s->next, *n);
   if (*first >= s->end)
      return false;
   if (*first + *n >= s->end) {
      *n = s->end - *first;
      atomic_fetch_sub(&j->left, 1);
   }
   return true;
}

bool
job_take(struct job *j, uint32_t worker, const struct pace *p, uint64_t *first,
         uint64_t *n)
{
   for (uint32_t i = 0; atomic_load(&j->left) && i < j->nshares; i++)
      if (take_from(j, &j->shares[(worker + i) % j->nshares], p, first, n))
         return true;
   return false;
}
