/* SPDX-License-Identifier: Apache-2.0
 * Shares of a job: every unit is taken once, by the worker whose share it is in while
 * there is one, in ascending order where units may wait for each other. */
#include "device/device_priv.h"

#include "check.h"

#define WORKERS 3
#define UNITS 1000

static const struct pace unknown;
static _Atomic uint32_t taken[UNITS];

static void
open_job(struct job *j, uint64_t units)
{
   *j = (struct job){.units = units, .max_users = WORKERS};
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
   while (job_take(&j, worker, &unknown, &first, &n)) {
      bool mine = first >= from && first + n <= to;
      CHECK(!mine || !left_own);
      left_own |= !mine;
      own += mine ? n : 0;
      all += n;
   }
   CHECK(own >= UNITS / WORKERS);
   CHECK_EQ_U64(all, UNITS);
   CHECK_EQ_U64(j.left, 0);
   job_close(&j);
}

static void
ordered(void)
{
   struct job j = {.units = UNITS, .max_users = WORKERS, .ordered = true};
   job_open(&j, 1);
   uint64_t first, n, next = 0;
   for (uint32_t w = 0; job_take(&j, w % WORKERS, &unknown, &first, &n); w++) {
      CHECK_EQ_U64(first, next);
      next = first + n;
   }
   CHECK_EQ_U64(next, UNITS);
   job_close(&j);
   j =
      (struct job){.units = 5, .max_users = WORKERS, .ordered = true, .one_by_one = true};
   job_open(&j, 1);
   for (uint64_t i = 0; i < 5; i++) {
      CHECK(job_take(&j, 2, &unknown, &first, &n));
      CHECK_EQ_U64(first, i);
      CHECK_EQ_U64(n, 1);
   }
   job_close(&j);
}

static void
paced(void)
{
   struct job j;
   open_job(&j, 3000000);
   uint64_t first, n;
   struct pace p = {100, 100}; /* 1 ns each: not below 2 us, nor above 100 */
   while (job_take(&j, 0, &p, &first, &n))
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
   CHECK(job_take(&j, 1, &unknown, &first, &n));
   job_cancel(&j);
   job_cancel(&j);
   CHECK_EQ_U64(j.left, 0);
   for (uint32_t w = 0; w < WORKERS; w++)
      CHECK(!job_take(&j, w, &unknown, &first, &n));
   job_close(&j);
}

static struct job together;

static void *
worker(void *arg)
{
   uint64_t first, n;
   while (job_take(&together, (uint32_t)(uintptr_t)arg, &unknown, &first, &n))
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
   CHECK_EQ_U64(together.left, 0);
   job_close(&together);
}

/* The same job again and again: who leaves it last ends it, once, with all units taken,
 * and begins the next round, while others still come and look. */
#define ROUNDS 3000
static _Atomic uint32_t ends;
static _Atomic uint64_t done;

static void *
visitor(void *arg)
{
   uint64_t first, n;
   while (atomic_load(&ends) < ROUNDS) {
      if (!job_join(&together))
         continue;
      while (job_take(&together, (uint32_t)(uintptr_t)arg, &unknown, &first, &n))
         atomic_fetch_add(&done, n);
      if (!job_leave(&together))
         continue;
      CHECK_EQ_U64(job_users(&together), 0);
      CHECK(!job_waits(&together) && !job_join(&together));
      job_close(&together);
      if (atomic_fetch_add(&ends, 1) + 1 < ROUNDS)
         job_open(&together, 0);
   }
   return NULL;
}

static void
doors(void)
{
   pthread_t t[WORKERS];
   together = (struct job){.units = 20, .max_users = WORKERS - 1, .listed = true};
   job_open(&together, 0);
   CHECK(job_waits(&together));
   CHECK(job_join(&together) && job_join(&together));
   CHECK(!job_join(&together)); /* as many as may be inside */
   CHECK(!job_leave(&together) && !job_leave(&together) && job_waits(&together));
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
   paced();
   cancelled();
   for (int i = 0; i < 200; i++)
      race();
   doors();
   return check_done();
}
