/* SPDX-License-Identifier: Apache-2.0
 * Which worker runs which units of a job. Each has a contiguous share, the same in every
 * launch of a grid, so that data stays in the caches of the core that used it before; who
 * is through with its own helps the others with theirs. Where blocks may wait for the
 * ones before them there is one share, dealt in ascending order. */
#include "device_priv.h"

/* Who is inside, and how many shares have units left, is one word, so that coming and
 * going need no lock. A worker may look at it when the job has long ended, even as the
 * next one begins in the same memory: it finds it closed, or joins what is there now. */
#define USERS(word) ((uint32_t)(word) & 0xfffff)
#define LEFT(word) ((uint32_t)((word) >> 20) & 0xfffff)
#define MOST(word) ((uint32_t)((word) >> 40) & 0xfffff) /* users, at once */
#define ONE_LEFT ((uint64_t)1 << 20)
#define ONE_MOST ((uint64_t)1 << 40)
#define OPEN ((uint64_t)1 << 62)    /* others may come */
#define WATCHED ((uint64_t)1 << 63) /* by one who waits, and will complete it */

#define CHUNKS 4            /* that a worker's part of what is left is cut into */
#define CHUNK_MIN_NS 2000   /* of work: several times what taking it costs */
#define CHUNK_MAX_NS 100000 /* which a failure, or who waits for less, waits at most */

void
job_open(struct job *j, uint32_t users)
{
   bool single = j->units == 1 || j->ordered || device.seeded || j->max_users == 1;
   uint32_t n = single ? 1 : (uint32_t)MIN2(j->units, (uint64_t)j->max_users);
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
   uint64_t at = 0, grains = j->grain > 1 ? j->units / j->grain : j->units,
            each = grains / n, more = grains % n;
   for (uint32_t i = 0; i < n; i++) {
      atomic_store_explicit(&j->shares[i].next, at, memory_order_relaxed);
      at += (each + (i < more)) * j->grain;
      j->shares[i].end = i + 1 < n ? at : j->units;
   }
   uint64_t open = j->listed ? OPEN | j->max_users * ONE_MOST : 0;
   atomic_store_explicit(&j->word, open | n * ONE_LEFT | users, memory_order_release);
}

bool
job_joinable(const struct job *j)
{
   uint64_t w = atomic_load(&j->word);
   return w & OPEN && LEFT(w) && USERS(w) < MOST(w);
}

bool
job_join(struct job *j)
{
   uint64_t w = atomic_load(&j->word);
   while (w & OPEN && LEFT(w) && USERS(w) < MOST(w))
      if (atomic_compare_exchange_weak(&j->word, &w, w + 1))
         return true;
   return false;
}

bool
job_widen(struct job *j)
{
   uint64_t w = atomic_load(&j->word);
   while (w & OPEN && MOST(w) < device.count) {
      uint64_t wide = w + (device.count - MOST(w)) * ONE_MOST;
      if (atomic_compare_exchange_weak(&j->word, &w, wide))
         return true;
   }
   return false;
}

static bool
is_over(uint64_t w)
{
   return !LEFT(w) && !USERS(w);
}

bool
job_leave(struct job *j, const struct stay *s)
{
   uint64_t w = atomic_load(&j->word), after;
   do {
      after = w - s->ended * ONE_LEFT - 1;
      if (!LEFT(after))
         after &= ~OPEN;
   } while (!atomic_compare_exchange_weak(&j->word, &w, after));
   return is_over(after) && !(after & WATCHED);
}

bool
job_watch(struct job *j)
{
   uint64_t w = atomic_load(&j->word);
   while (USERS(w) && !(w & WATCHED))
      if (atomic_compare_exchange_weak(&j->word, &w, w | WATCHED))
         return true;
   return false;
}

bool
job_unwatch(struct job *j)
{
   return is_over(atomic_fetch_and(&j->word, ~WATCHED) & ~WATCHED);
}

bool
job_over(const struct job *j)
{
   return is_over(atomic_load_explicit(&j->word, memory_order_acquire));
}

uint32_t
job_users(const struct job *j)
{
   return USERS(atomic_load(&j->word));
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
         atomic_fetch_sub(&j->word, ONE_LEFT);
   }
}

bool
job_has_units(const struct job *j)
{
   for (uint32_t i = 0; i < j->nshares; i++)
      if (atomic_load_explicit(&j->shares[i].next, memory_order_relaxed) <
          j->shares[i].end)
         return true;
   return false;
}

static uint64_t
in_grains(const struct job *j, uint64_t n)
{
   n = MAX2(n, 1);
   return j->grain > 1 ? (n + j->grain - 1) / j->grain * j->grain : n;
}

/* Units taken at once: a part of what is left, so that the last ones even out, but as
 * many as are worth the trip and no more than may be left to one worker. */
static uint64_t
chunk(const struct job *j, uint64_t left, const struct pace *p)
{
   if (left <= 1 || j->one_by_one)
      return 1;
   uint64_t even = left / (CHUNKS * (uint64_t)(j->max_users / j->nshares));
   if (!p->ns)
      return in_grains(j, even / 4);
   uint64_t least = p->units * CHUNK_MIN_NS / p->ns;
   uint64_t most = p->units * CHUNK_MAX_NS / p->ns;
   return in_grains(j, MAX2(MIN2(even, most), least));
}

static bool
take_from(struct job *j, struct share *s, struct stay *stay, uint64_t *first, uint64_t *n)
{
   uint64_t at = atomic_load_explicit(&s->next, memory_order_relaxed);
   if (at >= s->end)
      return false;
   *n = chunk(j, s->end - at, &stay->pace);
   *first = atomic_fetch_add(&s->next, *n);
   if (*first >= s->end)
      return false;
   if (*first + *n >= s->end) {
      *n = s->end - *first;
      stay->ended++;
   }
   return true;
}

bool
job_take(struct job *j, struct stay *s, uint64_t *first, uint64_t *n)
{
   for (uint32_t i = 0; i < j->nshares; i++)
      if (take_from(j, &j->shares[(s->worker + i) % j->nshares], s, first, n))
         return true;
   return false;
}
