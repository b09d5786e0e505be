/* SPDX-License-Identifier: Apache-2.0
 * Who does the work: any thread that waits, which is worker 0 meanwhile, and a thread for
 * each other worker. One with nothing to do spins a while, as waking a sleeper costs more
 * than most kernels. Small work is not announced to them: the thread that queued it
 * nearly always waits next and runs it then and there. Where nobody waits, the guardian,
 * a thread that looks for work every so often, is worker 0. */
#include "device_priv.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

#define SPIN_NS 50000           /* of a worker or a waiter before it sleeps */
#define GUARD_MIN_NS 100000     /* between two looks of the guardian, … */
#define GUARD_MAX_NS 800000     /* … while it finds nothing to do, … */
#define GUARD_SLEEP_NS 20000000 /* … until it sleeps too */
#define STOP_NS 100000000       /* given to running blocks when the process exits */
#define ANNOUNCE_NS 800         /* of work that other workers are told of */
#define HELP_NS 2000            /* of work that an awake worker has time to come to */
#define AGAIN_NS 2000           /* after which they are told again, if none came */
#define WAKE_NS 15000           /* of work that is worth waking sleepers */

struct device device = {.lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};

void
device_lock(void)
{
   pthread_mutex_lock(&device.lock);
}

void
device_unlock(void)
{
   pthread_mutex_unlock(&device.lock);
}

static void
futex_wait(_Atomic uint32_t *at, uint32_t seen, uint64_t timeout_ns)
{
   struct timespec ts = {(time_t)(timeout_ns / 1000000000),
                         (long)(timeout_ns % 1000000000)};
   syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, seen, timeout_ns ? &ts : NULL, NULL, 0);
}

static void
futex_wake(_Atomic uint32_t *at, uint32_t n)
{
   syscall(SYS_futex, at, FUTEX_WAKE_PRIVATE, n, NULL, NULL, 0);
}

static inline void
relax(void)
{
#if defined(__x86_64__)
   __builtin_ia32_pause();
#elif defined(__aarch64__)
   __asm__ volatile("yield");
#endif
}

/* Until *at differs from seen, j, if any, is over, or the time is up. */
static bool
spin(_Atomic uint32_t *at, uint32_t seen, const struct job *j)
{
   uint64_t end = base_now_ns() + SPIN_NS;
   do
      for (int i = 0; i < 32; i++) {
         if (atomic_load_explicit(at, memory_order_acquire) != seen || (j && job_over(j)))
            return true;
         relax();
      }
   while (base_now_ns() < end);
   return false;
}

/* Tells workers of so much work; sleepers once what was done without them since would
 * have paid for waking them. */
static void
announce(uint64_t ns)
{
   static _Atomic uint64_t owed;
   place_call();
   atomic_fetch_add(&device.epoch, 1);
   if (!atomic_load(&device.parked))
      return;
   ns = MIN2(ns, WAKE_NS);
   if (atomic_fetch_add(&owed, ns) + ns < WAKE_NS)
      return;
   atomic_store(&owed, 0);
   atomic_store(&device.called, true);
   futex_wake(&device.epoch, device.count);
}

static void
wake_guardian(void)
{
   if (!atomic_load(&device.guard_asleep))
      return;
   atomic_fetch_add(&device.guard_epoch, 1);
   futex_wake(&device.guard_epoch, 1);
}

void
pool_completed(void)
{
   atomic_fetch_add(&device.done_epoch, 1);
   if (atomic_load(&device.waiters))
      futex_wake(&device.done_epoch, INT32_MAX);
}

/* -- Running commands */

/* What earlier launches tell of this one's units. */
static struct pace
expect(const struct command *c)
{
   if (c->type != CMD_KERNEL)
      return (struct pace){0};
   const uint32_t *b = c->k.l.block;
   return (struct pace){1000,
                        func_pace(c->k.func) * b[0] * b[1] * b[2] * c->k.unit_blocks};
}

/* Of one worker. */
static uint64_t
time_of(const struct command *c)
{
   const uint32_t *b = c->k.l.block;
   return c->type == CMD_KERNEL ? kernel_time(c->k.func, c->k.blocks * b[0] * b[1] * b[2])
                                : UINT64_MAX;
}

static void
remember(const struct command *c, uint64_t units, uint64_t ns)
{
   const uint32_t *b = c->k.l.block;
   uint64_t threads = units * c->k.unit_blocks * b[0] * b[1] * b[2];
   if (c->type == CMD_KERNEL && !c->k.resident && units && ns < UINT64_MAX / 1000)
      func_set_pace(c->k.func, ns * 1000 / threads);
}

static void
run_units(struct command *c, struct exec_worker *w, uint64_t first, uint64_t n)
{
   if (c->type == CMD_KERNEL) {
      kernel_run_units(c, w, first, n);
      return;
   }
   int error = atomic_load(&c->stream->ctx->error);
   switch (c->type) {
   case CMD_COPY:
      if (!error)
         copy_run_part(&c->copy.c, first, n);
      return;
   case CMD_FILL:
      if (!error)
         fill_run(&c->fill);
      return;
   case CMD_HOST:
      if (!error || c->host.even_after_error)
         c->host.fn(c->host.arg, error);
      return;
   case CMD_FREE:
      (void)!device_mem_free(c->free.p, c->free.kinds);
      return;
   case CMD_KERNEL:
   case CMD_RECORD:
   case CMD_WAIT:
   case CMD_VALUE_WAIT:
   case CMD_VALUE_WRITE:
      return;
   }
}

/* Works on c until no unit is left, or until something completes where the caller waits
 * for that (`until`). */
static void
work_on(struct command *c, struct exec_worker *w, const uint32_t *until, struct stay *s)
{
   struct job *j = &c->job;
   uint64_t first, n, all = 0;
   bool timed = c->type != CMD_KERNEL || c->k.timed;
   s->pace = expect(c);
   uint64_t began = timed ? base_now_ns() : 0, now = began, told = began;
   while (!atomic_load_explicit(&device.exiting, memory_order_relaxed) &&
          job_take(j, s, &first, &n)) {
      run_units(c, w, first, n);
      if (!timed && !job_has_units(j)) /* it took no longer than was thought */
         break;
      uint64_t before = now;
      now = base_now_ns();
      if (before)
         s->pace = (struct pace){n, now - before};
      else
         told = now;
      all += n;
      if (now - told > AGAIN_NS && device.count > 1 && j->max_users > 1 &&
          job_has_units(j) && (job_widen(j) || job_users(j) == 1)) {
         pool_start_threads(device.count);
         announce(now - told);
         told = now;
      }
      if (until && !device.seeded && atomic_load(&device.done_epoch) != *until)
         break;
   }
   if (timed)
      remember(c, all, now - began);
}

/* Takes the lock. */
static void
complete(struct command *c)
{
   if (c->type == CMD_KERNEL)
      kernel_finish(c);
   else if (c->type == CMD_COPY)
      base_free(c->copy.staging);
   device_lock();
   queue_complete(c);
}

/* Works on what the caller is inside of, and completes it if nobody else will. Without
 * the lock, but true: it is complete, and the lock is held. */
static bool
run(struct command *c, struct exec_worker *w, const uint32_t *until)
{
   struct stay s = {.worker = w ? exec_worker_index(w) : 0};
   work_on(c, w, until, &s);
   bool alone = s.ended == c->job.nshares;
   bool counts = !s.worker && c->job.nshares > 1 && time_of(c) >= HELP_NS;
   bool last = job_leave(&c->job, &s);
   bool asleep = atomic_load(&device.parked) && !atomic_load(&device.called);
   if (counts && !(alone && asleep))
      place_helped(!alone);
   if (!last)
      return false;
   complete(c);
   return true;
}

void
pool_run(struct command *c, struct exec_worker *w, const uint32_t *until)
{
   uint64_t ns = queue_has_ready() ? WAKE_NS : 0;
   if (c->job.listed && !c->job.told)
      ns = MAX2(ns, time_of(c));
   c->job.told = true;
   device_unlock();
   if (pool_tells(ns)) {
      pool_start_threads(device.count);
      announce(ns);
   }
   if (!run(c, w, until))
      device_lock();
}

/* -- Workers */

/* Takes something from the queue and works on it, as worker 0 if nobody else is just now.
 * With the lock. */
static bool
help(uint32_t index)
{
   if (device.pollers)
      queue_settle();
   bool have = index || !device.slot0_busy;
   struct command *c = queue_ready(NULL, have, false);
   if (!c)
      return false;
   bool slot0 = !index && c->type == CMD_KERNEL;
   if (slot0)
      device.slot0_busy = true;
   pool_run(c, have ? device.workers[index] : NULL, NULL);
   if (slot0)
      device.slot0_busy = false;
   return true;
}

static void *
worker_main(void *arg)
{
   uint32_t index = (uint32_t)(uintptr_t)arg;
   place_worker(index);
   while (!atomic_load(&device.exiting)) {
      uint32_t seen = atomic_load(&device.epoch);
      struct command *c = queue_join();
      bool ended = c && run(c, device.workers[index], NULL);
      /* Where another one completes all that there was, who is inside there sees to what
       * comes next. */
      if (!c || ended || device.nactive > 1) {
         if (!ended)
            device_lock();
         bool helped = help(index);
         device_unlock();
         if (helped)
            continue;
      }
      if (!spin(&device.epoch, seen, NULL)) {
         atomic_store(&device.called, false);
         atomic_fetch_add(&device.parked, 1);
         futex_wait(&device.epoch, seen, 0);
         atomic_fetch_sub(&device.parked, 1);
      }
      place_woken();
   }
   return NULL;
}

static void *
guardian_main(void *arg)
{
   (void)arg;
   uint64_t period = GUARD_MIN_NS, idle = 0;
   while (!atomic_load(&device.exiting)) {
      uint32_t seen = atomic_load(&device.guard_epoch);
      device_lock();
      bool helped = help(0), polls = device.pollers, any = device.active;
      device_unlock();
      if (helped)
         period = GUARD_MIN_NS;
      idle = any ? 0 : idle + period;
      if (helped)
         continue;
      if (idle < GUARD_SLEEP_NS) {
         futex_wait(&device.guard_epoch, seen, polls ? GUARD_MIN_NS : period);
         period = MIN2(period * 2, (uint64_t)GUARD_MAX_NS);
         continue;
      }
      /* Whoever queues after this look sees it asleep, and wakes it. */
      atomic_store(&device.guard_asleep, 1);
      device_lock();
      any = device.active;
      device_unlock();
      if (!any)
         futex_wait(&device.guard_epoch, seen, 0);
      atomic_store(&device.guard_asleep, 0);
      period = GUARD_MIN_NS;
      idle = 0;
   }
   return NULL;
}

void
pool_stop(void)
{
   atomic_store(&device.exiting, true);
   announce(WAKE_NS);
   uint64_t end = base_now_ns() + STOP_NS;
   while (base_now_ns() < end) {
      device_lock();
      bool busy = false;
      for (struct device_stream *s = device.active; s; s = s->next_active)
         busy |= s->head->running && job_users(&s->head->job);
      device_unlock();
      if (!busy)
         return;
      sched_yield();
   }
}

static pthread_mutex_t start_lock = PTHREAD_MUTEX_INITIALIZER;

void
pool_start_threads(uint32_t n)
{
   static _Atomic uint32_t started;
   if (atomic_load_explicit(&started, memory_order_acquire) >= n)
      return;
   pthread_mutex_lock(&start_lock);
   for (uint32_t i = atomic_load(&started); i < n; i++) {
      if (!base_thread_start(i ? worker_main : guardian_main, (void *)(uintptr_t)i, 0)) {
         fprintf(stderr, "kasuri: cannot start worker %u of %u; the others do its work\n",
                 i, device.count);
         break;
      }
      atomic_store(&started, i + 1);
   }
   pthread_mutex_unlock(&start_lock);
}

bool
pool_tells(uint64_t ns)
{
   return ns >= ANNOUNCE_NS && device.count > 1;
}

void
pool_notify(uint64_t ns, bool sync_follows)
{
   if (pool_tells(ns)) {
      pool_start_threads(device.count);
      announce(ns);
   } else if (sync_follows) {
      return;
   }
   pool_start_threads(1);
   wake_guardian();
}

void
pool_hurry(void)
{
   pool_start_threads(device.count);
   announce(WAKE_NS);
   atomic_fetch_add(&device.guard_epoch, 1);
   futex_wake(&device.guard_epoch, 1);
}

/* -- Waiting */

void
pool_wait(bool (*done)(void *arg), void *arg, struct device_stream *prefer)
{
   device_lock();
   device.waiting++;
   for (;;) {
      uint32_t seen = atomic_load(&device.done_epoch);
      if (device.pollers)
         queue_settle();
      if (done(arg) || atomic_load(&device.exiting))
         break;
      bool have = !device.slot0_busy;
      struct command *c = queue_ready(prefer, have, true);
      if (c) {
         bool slot0 = c->type == CMD_KERNEL;
         if (slot0)
            device.slot0_busy = true;
         pool_run(c, have ? device.workers[0] : NULL, c->stream == prefer ? NULL : &seen);
         if (slot0)
            device.slot0_busy = false;
         continue;
      }
      bool poll = device.pollers != 0, others = queue_has_ready();
      c = prefer ? prefer->head : NULL;
      struct job *j = c && c->running && job_watch(&c->job) ? &c->job : NULL;
      device_unlock();
      if (others)
         pool_hurry();
      bool some = spin(&device.done_epoch, seen, j);
      if (j && job_unwatch(j)) {
         complete(c);
         continue;
      }
      if (!some) {
         atomic_fetch_add(&device.waiters, 1);
         futex_wait(&device.done_epoch, seen, poll ? GUARD_MIN_NS : 0);
         atomic_fetch_sub(&device.waiters, 1);
      }
      device_lock();
   }
   device.waiting--;
   bool left = device.active != NULL;
   device_unlock();
   if (left)
      pool_notify(0, false);
}
