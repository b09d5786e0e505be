/* SPDX-License-Identifier: Apache-2.0
 * Shares of a job: every unit is taken once, by the worker whose share it is in while
 * there is one, in ascending order where units may wait for each other. */
#include "device/device_priv.h"

#include "check.h"

#define WORKERS 3
#define UNITS 1000

static _Atomic uint32_t taken[UNITS];

static bool
take(struct job *j, uint32_t worker, uint64_t *first, uint64_t *n)
{
   struct stay s = {.worker = worker};
   return job_take(j, &s, first, n);
}

static void
open_job(struct job *j, uint64_t units)
{
   *j = (struct job){.units = units, .grain = 1, .max_users = WORKERS};
   job_open(j, 1);
}

static void
alone(uint32_t worker)
{
   struct job j;
   open_job(&j, UNITS);
   uint64_t first, n, all = 0, own = 0;
   bool left_own = false;
   uint64_t from = worker * UNITS / WORKERS + (worker != 0),
            to = (worker + 1) * UNITS / WORKERS + 1;
   while (take(&j, worker, &first, &n)) {
      bool mine = first >= from && first + n <= to;
      CHECK(!mine || !left_own);
      left_own |= !mine;
      own += mine ? n : 0;
      all += n;
   }
   CHECK(own >= UNITS / WORKERS);
   CHECK_EQ_U64(all, UNITS);
   CHECK(!job_has_units(&j));
   job_close(&j);
}

static void
ordered(void)
{
   struct job j = {.units = UNITS, .grain = 1, .max_users = WORKERS, .ordered = true};
   job_open(&j, 1);
   uint64_t first, n, next = 0;
   for (uint32_t w = 0; take(&j, w % WORKERS, &first, &n); w++) {
      CHECK_EQ_U64(first, next);
      next = first + n;
   }
   CHECK_EQ_U64(next, UNITS);
   job_close(&j);
   j = (struct job){
      .units = 5, .grain = 1, .max_users = WORKERS, .ordered = true, .one_by_one = true};
   job_open(&j, 1);
   for (uint64_t i = 0; i < 5; i++) {
      CHECK(take(&j, 2, &first, &n));
      CHECK_EQ_U64(first, i);
      CHECK_EQ_U64(n, 1);
   }
   job_close(&j);
}

/* What is taken begins at a multiple of the grain, and all but the last is whole ones. */
static void
in_grains(void)
{
   struct job j = {.units = UNITS + 3, .grain = 12, .max_users = WORKERS};
   job_open(&j, 1);
   uint64_t first, n, all = 0;
   for (uint32_t w = 0; take(&j, w % WORKERS, &first, &n); w++) {
      CHECK_EQ_U64(first % 12, 0);
      CHECK(n % 12 == 0 || first + n == j.units);
      all += n;
   }
   CHECK_EQ_U64(all, UNITS + 3);
   job_close(&j);
}

static void
paced(void)
{
   struct job j;
   open_job(&j, 3000000);
   uint64_t first, n;
   struct stay s = {.pace = {100, 100}}; /* 1 ns each: not below 2 us, nor above 100 */
   while (job_take(&j, &s, &first, &n))
      CHECK((n >= 2000 || first + n == j.units || (first + n) % 1000000 == 0) &&
            n <= 100000);
   job_close(&j);
}

static void
cancelled(void)
{
   struct job j;
   open_job(&j, UNITS);
   uint64_t first, n;
   CHECK(take(&j, 1, &first, &n));
   job_cancel(&j);
   job_cancel(&j);
   CHECK(!job_has_units(&j));
   for (uint32_t w = 0; w < WORKERS; w++)
      CHECK(!take(&j, w, &first, &n));
   job_close(&j);
}

static struct job together;

static void *
worker(void *arg)
{
   struct stay s = {.worker = (uint32_t)(uintptr_t)arg};
   uint64_t first, n;
   while (job_take(&together, &s, &first, &n))
      for (uint64_t i = first; i < first + n; i++)
         atomic_fetch_add(&taken[i], 1);
   return NULL;
}

static void
race(void)
{
   pthread_t t[WORKERS];
   open_job(&together, UNITS);
   for (uintptr_t i = 0; i < WORKERS; i++)
      pthread_create(&t[i], NULL, worker, (void *)i);
   for (uint32_t i = 0; i < WORKERS; i++)
      pthread_join(t[i], NULL);
   uint32_t once = 0;
   for (uint32_t i = 0; i < UNITS; i++)
      once += atomic_exchange(&taken[i], 0) == 1;
   CHECK_EQ_U64(once, UNITS);
   CHECK(!job_has_units(&together));
   job_close(&together);
}

/* The same job again and again: who leaves it last ends it, or who watches it, once, with
 * all units taken, and begins the next round, while others still come and look. */
#define ROUNDS 3000
static _Atomic uint32_t ends;
static _Atomic uint64_t done;

static void
end_round(void)
{
   CHECK(job_over(&together) && !job_join(&together) && !job_watch(&together));
   job_close(&together);
   if (atomic_fetch_add(&ends, 1) + 1 < ROUNDS)
      job_open(&together, 0);
}

static void *
visitor(void *arg)
{
   uint32_t index = (uint32_t)(uintptr_t)arg;
   uint64_t first, n;
   while (atomic_load(&ends) < ROUNDS) {
      /* Where it has begun, as under the device's lock. */
      if (!index && job_watch(&together) && (sched_yield(), job_unwatch(&together)))
         end_round();
      struct stay s = {.worker = index};
      if (!job_join(&together))
         continue;
      while (job_take(&together, &s, &first, &n))
         atomic_fetch_add(&done, n);
      if (job_leave(&together, &s))
         end_round();
   }
   return NULL;
}

static void
doors(void)
{
   pthread_t t[WORKERS];
   const struct stay none = {0};
   together =
      (struct job){.units = 20, .grain = 1, .max_users = WORKERS - 1, .listed = true};
   job_open(&together, 0);
   CHECK(job_joinable(&together) && !job_users(&together));
   CHECK(!job_watch(&together)); /* nobody is inside */
   CHECK(job_join(&together) && job_join(&together));
   CHECK(!job_joinable(&together) && !job_join(&together)); /* as many as may be */
   CHECK(job_widen(&together) && job_join(&together) && !job_widen(&together));
   CHECK(!job_leave(&together, &none));
   CHECK(job_watch(&together) && !job_watch(&together) && !job_unwatch(&together));
   CHECK(!job_leave(&together, &none) && !job_leave(&together, &none));
   CHECK(!job_over(&together));
   for (uintptr_t i = 0; i < WORKERS; i++)
      pthread_create(&t[i], NULL, visitor, (void *)i);
   for (uint32_t i = 0; i < WORKERS; i++)
      pthread_join(t[i], NULL);
   CHECK_EQ_U64(ends, ROUNDS);
   CHECK_EQ_U64(done, 20 * ROUNDS);
}

int
main(void)
{
   device.count = WORKERS;
   for (uint32_t w = 0; w < WORKERS; w++)
      alone(w);
   ordered();
   in_grains();
   paced();
   cancelled();
   for (int i = 0; i < 200; i++)
      race();
   doors();
   return check_done();
}
