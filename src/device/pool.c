/* SPDX-License-Identifier: Apache-2.0
 * Who does the work: a pool thread per worker, and any thread that waits. A worker with
 * nothing to do spins a while, as waking a sleeper costs more than most kernels; then one
 * of them (the guardian) looks for work every so often and the others sleep. Small work
 * is not announced at all: the thread that queued it nearly always waits next and runs it
 * then and there, and the guardian sees to what is left. */
#include "device_priv.h"

#include <errno.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/thread.h"

#define SPIN_NS 50000          /* of a worker or a waiter before it sleeps */
#define GUARD_PERIOD_NS 100000 /* between two looks of the guardian */
#define GUARD_ROUNDS 200       /* after which it sleeps too: 20 ms */
#define STOP_NS 100000000      /* given to running blocks when the process exits */
#define ANNOUNCE_AFTER_NS 3000 /* as is one whose first blocks took longer */
#define CHUNKS 4               /* that an even share of what is left is cut into */
#define CHUNK_MIN_NS 1000      /* of work: several times what taking it costs */
#define CHUNK_MAX_NS 100000    /* which a failure, or who waits for less, waits at most */

struct device device = {.lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP};
static _Atomic uint32_t watching; /* workers that spin, or guard */
static _Atomic uint32_t guardian;

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

/* Until *at differs from seen or the time is up. */
static bool
spin(_Atomic uint32_t *at, uint32_t seen, uint64_t ns)
{
   uint64_t end = base_now_ns() + ns;
   do
      for (int i = 0; i < 32; i++) {
         if (atomic_load_explicit(at, memory_order_acquire) != seen)
            return true;
         relax();
      }
   while (base_now_ns() < end);
   return false;
}

static void
announce(uint32_t workers)
{
   atomic_fetch_add(&device.epoch, 1);
   if (atomic_load(&device.parked))
      futex_wake(&device.epoch, workers);
}

void
pool_completed(void)
{
   atomic_fetch_add(&device.done_epoch, 1);
   if (atomic_load(&device.waiters))
      futex_wake(&device.done_epoch, INT32_MAX);
}

/* -- Running commands */

/* How fast a worker gets on with a job. */
struct pace {
   uint64_t now, units, ns; /* the last chunk, and when it ended */
};

static bool
may_wait_for_others(const struct command *c)
{
   return c->type == CMD_KERNEL && c->k.l.kernel->mode != EXEC_PLAIN &&
          func_polls(c->k.func);
}

/* Units taken at once: a part of what is left, so that the last ones even out, but as
 * many as are worth the trip and no more than may be left to one worker. Blocks that may
 * wait for the ones before them are dealt one by one, or they would wait for whole
 * chunks. */
static uint64_t
chunk(const struct command *c, const struct pace *p)
{
   const struct job *j = &c->job;
   uint64_t at = atomic_load_explicit(&j->next, memory_order_relaxed);
   uint64_t left = at < j->units ? j->units - at : 0;
   uint64_t even = left / (CHUNKS * (uint64_t)device.count);
   if (left <= 1 || may_wait_for_others(c))
      return 1;
   if (!p->units)
      return MAX2(even / 4, 1);
   uint64_t least = p->units * CHUNK_MIN_NS / MAX2(p->ns, 1);
   uint64_t most = p->units * CHUNK_MAX_NS / MAX2(p->ns, 1);
   return MAX2(MAX2(MIN2(even, most), least), 1);
}

static void
note_pace(struct pace *p, uint64_t units)
{
   uint64_t now = base_now_ns();
   p->ns = now - p->now;
   p->now = now;
   p->units = units;
}

static void
run_units(struct command *c, struct exec_worker *w, uint64_t first, uint64_t n)
{
   int error = atomic_load(&c->stream->ctx->error);
   switch (c->type) {
   case CMD_KERNEL:
      kernel_run_units(c, w, first, n);
      return;
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
work_on(struct command *c, struct exec_worker *w, const uint32_t *until)
{
   struct job *j = &c->job;
   struct pace p = {0};
   bool alone = device.count > 1 && j->units > 1 &&
                !atomic_load_explicit(&j->announced, memory_order_relaxed);
   if (j->units > 1)
      p.now = base_now_ns();
   uint64_t began = p.now;
   while (!atomic_load_explicit(&device.exiting, memory_order_relaxed)) {
      uint64_t n = chunk(c, &p);
      uint64_t first = atomic_fetch_add(&j->next, n);
      if (first >= j->units)
         break;
      n = MIN2(n, j->units - first);
      run_units(c, w, first, n);
      if (first + n >= j->units)
         break;
      note_pace(&p, n);
      if (alone && p.now - began > ANNOUNCE_AFTER_NS) {
         alone = false;
         if (!atomic_exchange(&j->announced, true)) {
            pool_start_threads(device.count);
            announce(device.count);
         }
      }
      if (until && !device.seeded && atomic_load(&device.done_epoch) != *until)
         break;
   }
}

void
pool_run(struct command *c, struct exec_worker *w, const uint32_t *until)
{
   bool more = queue_has_ready();
   device_unlock();
   if (more)
      announce(1);
   work_on(c, w, until);
   device_lock();
   struct job *j = &c->job;
   j->users--;
   if (j->users || atomic_load(&j->next) < j->units) {
      if (!j->users) /* left by its only worker: it must not be forgotten */
         c->running = j->open;
      return;
   }
   /* Nobody can join any more. */
   device_unlock();
   if (c->type == CMD_KERNEL)
      kernel_finish(c);
   else if (c->type == CMD_COPY)
      base_free(c->copy.staging);
   device_lock();
   queue_complete(c);
}

/* -- Workers */

/* fresh: there was news since the last rest, so more is likely to come soon. */
static void
rest(uint32_t seen, bool fresh)
{
   atomic_fetch_add(&watching, 1);
   bool told = fresh && spin(&device.epoch, seen, SPIN_NS);
   uint32_t none = 0;
   if (!told && atomic_compare_exchange_strong(&guardian, &none, 1)) {
      static uint32_t rounds; /* the guardian's */
      device_lock();
      rounds = device.active ? 0 : rounds + 1;
      device_unlock();
      if (rounds <= GUARD_ROUNDS) {
         futex_wait(&device.epoch, seen, GUARD_PERIOD_NS);
         told = true;
      } else {
         rounds = 0;
      }
      atomic_store(&guardian, 0);
   }
   atomic_fetch_sub(&watching, 1);
   if (told)
      return;
   /* Whoever queues after this sees nobody watching, and wakes a sleeper. */
   atomic_fetch_add(&device.parked, 1);
   device_lock();
   bool idle = !device.active;
   device_unlock();
   if (idle || atomic_load(&guardian))
      futex_wait(&device.epoch, seen, 0);
   atomic_fetch_sub(&device.parked, 1);
}

static void *
worker_main(void *arg)
{
   uint32_t index = (uint32_t)(uintptr_t)arg;
   uint32_t before = atomic_load(&device.epoch) - 1;
   while (!atomic_load(&device.exiting)) {
      uint32_t seen = atomic_load(&device.epoch);
      device_lock();
      if (device.pollers)
         queue_settle();
      bool have = index || !device.slot0_busy;
      struct command *c = queue_ready(NULL, have, false);
      if (c) {
         bool slot0 = !index && c->type == CMD_KERNEL;
         if (slot0)
            device.slot0_busy = true;
         pool_run(c, have ? device.workers[index] : NULL, NULL);
         if (slot0)
            device.slot0_busy = false;
      }
      device_unlock();
      if (!c)
         rest(seen, seen != before);
      before = c ? seen - 1 : seen;
   }
   return NULL;
}

void
pool_stop(void)
{
   atomic_store(&device.exiting, true);
   announce(INT32_MAX);
   uint64_t end = base_now_ns() + STOP_NS;
   while (base_now_ns() < end) {
      device_lock();
      bool busy = false;
      for (struct device_stream *s = device.active; s; s = s->next_active)
         busy |= s->head->running && s->head->job.users;
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
      if (!base_thread_start(worker_main, (void *)(uintptr_t)i, 0)) {
         fprintf(stderr, "kasuri: cannot start worker %u of %u; the others do its work\n",
                 i, device.count);
         break;
      }
      atomic_store(&started, i + 1);
   }
   pthread_mutex_unlock(&start_lock);
}

void
pool_notify(uint64_t threads, bool sync_follows)
{
   if (threads >= POOL_ANNOUNCE_THREADS && device.count > 1) {
      pool_start_threads(device.count);
      announce(device.count);
      return;
   }
   if (sync_follows)
      return;
   pool_start_threads(1);
   if (!atomic_load(&watching))
      announce(1);
}

void
pool_hurry(void)
{
   pool_start_threads(1);
   announce(1);
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
      bool poll = device.pollers != 0;
      device_unlock();
      if (!spin(&device.done_epoch, seen, SPIN_NS)) {
         atomic_fetch_add(&device.waiters, 1);
         futex_wait(&device.done_epoch, seen, poll ? GUARD_PERIOD_NS : 0);
         atomic_fetch_sub(&device.waiters, 1);
      }
      device_lock();
   }
   device.waiting--;
   bool left = device.active != NULL;
   device_unlock();
   if (left)
      pool_notify(1, false);
}
