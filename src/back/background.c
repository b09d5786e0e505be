/* SPDX-License-Identifier: Apache-2.0
 * One thread that compiles, one job after the other, in the order in which they came. A
 * job that has begun is given some time to finish, at exit too: what it makes goes to the
 * disk cache, which the next run of a short program lives on. Then it is told to stop,
 * which it does where LLVM gets to the next part of a large kernel.
 *
 * At exit LLVM's static destructors must find the thread idle. They are registered while
 * LLVM is loaded and while it runs, so every atexit handler of ours may come too late;
 * only a thread's own destructors are called before. Each thread that launches has one
 * which waits for the running job, and lets no other begin before the next launch. */
#include "background.h"

#include <pthread.h>
#include <time.h>

#include "base/base.h"
#include "base/thread.h"

/* LLVM recurses deeply in large functions; pages that are not touched cost nothing. */
#define STACK_BYTES (64u << 20)
#define RELEASE_AFTER_NS 500000000u /* without a compilation */
#define PATIENCE_NS 1000000000u     /* of those who wait for one */

static struct {
   pthread_mutex_t lock;
   pthread_cond_t more, done;
   struct background_job *first, *last;
   struct background_job *running;
   bool started, orphaned;
   bool paused;    /* by a thread that ends, perhaps by exit */
   uint64_t dirty; /* when something was compiled, ns; 0: all was released since */
} bg = {.lock = PTHREAD_MUTEX_INITIALIZER,
        .more = PTHREAD_COND_INITIALIZER,
        .done = PTHREAD_COND_INITIALIZER};

/* Until there may be work, or nothing has been compiled for a while. The lock is held
 * while memory is released, so that no fork comes in between. */
static void
rest(void)
{
   uint64_t until = bg.dirty + RELEASE_AFTER_NS;
   struct timespec ts = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
   if (!bg.dirty) {
      pthread_cond_wait(&bg.more, &bg.lock);
   } else if (base_now_ns() < until) {
      pthread_cond_clockwait(&bg.more, &bg.lock, CLOCK_MONOTONIC, &ts);
   } else {
      bg.dirty = 0;
      background_release();
   }
}

static void *
work(void *unused)
{
   pthread_mutex_lock(&bg.lock);
   for (;;) {
      struct background_job *j = bg.paused ? NULL : bg.first;
      if (!j) {
         rest();
         continue;
      }
      bg.first = j->next;
      j->queued = false;
      j->running = true;
      bg.running = j;
      pthread_mutex_unlock(&bg.lock);
      j->run(j);
      pthread_mutex_lock(&bg.lock);
      j->running = false;
      bg.running = NULL;
      pthread_cond_broadcast(&bg.done);
   }
   return unused;
}

/* Lock held. Until j runs no longer; j may be gone then. */
static void
wait_for(struct background_job *j)
{
   uint64_t until = base_now_ns() + PATIENCE_NS;
   struct timespec ts = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
   while (bg.running == j) {
      pthread_cond_clockwait(&bg.done, &bg.lock, CLOCK_MONOTONIC, &ts);
      if (bg.running != j || base_now_ns() < until)
         continue;
      __atomic_store_n(&j->stop, true, __ATOMIC_RELAXED);
      while (bg.running == j)
         pthread_cond_wait(&bg.done, &bg.lock);
   }
}

static void
pause_jobs(void *unused)
{
   (void)unused;
   pthread_mutex_lock(&bg.lock);
   __atomic_store_n(&bg.paused, true, __ATOMIC_RELAXED);
   if (bg.running)
      wait_for(bg.running);
   pthread_mutex_unlock(&bg.lock);
}

/* What C++ uses for the destructors of thread_local objects. */
extern int __cxa_thread_atexit_impl(void (*fn)(void *), void *arg, void *dso);
extern void *__dso_handle __attribute__((visibility("hidden")));

void
background_wait_at_exit(void)
{
   static _Thread_local bool registered;
   if (!registered)
      registered = !__cxa_thread_atexit_impl(pause_jobs, NULL, &__dso_handle);
}

void
background_resume(void)
{
   if (KASURI_LIKELY(!__atomic_load_n(&bg.paused, __ATOMIC_RELAXED)))
      return;
   pthread_mutex_lock(&bg.lock);
   __atomic_store_n(&bg.paused, false, __ATOMIC_RELAXED);
   pthread_cond_signal(&bg.more);
   pthread_mutex_unlock(&bg.lock);
}

static struct {
   pthread_mutex_t lock;
   bool held; /* by a thread that forks */
} whole = {.lock = PTHREAD_MUTEX_INITIALIZER};

void
background_hold_forks(void)
{
   pthread_mutex_lock(&whole.lock);
}

void
background_let_forks(void)
{
   pthread_mutex_unlock(&whole.lock);
}

/* Whoever forks in a constructor may have what a library that is loaded waits for. */
static void
before_fork(void)
{
   uint64_t until = base_now_ns() + PATIENCE_NS;
   struct timespec ts = {(time_t)(until / 1000000000), (long)(until % 1000000000)};
   bool held = !pthread_mutex_clocklock(&whole.lock, CLOCK_MONOTONIC, &ts);
   pthread_mutex_lock(&bg.lock);
   whole.held = held;
}

static void
after_fork(void)
{
   bool held = whole.held;
   pthread_mutex_unlock(&bg.lock);
   if (held)
      pthread_mutex_unlock(&whole.lock);
}

/* A child has no such thread; its parent's jobs are nobody's. */
static void
in_child(void)
{
   for (; bg.first; bg.first = bg.first->next)
      bg.first->queued = false;
   if (bg.running)
      bg.running->running = false;
   bg.running = NULL;
   bg.orphaned = true;
   pthread_mutex_init(&whole.lock, NULL);
   pthread_mutex_init(&bg.lock, NULL);
   pthread_cond_init(&bg.more, NULL);
   pthread_cond_init(&bg.done, NULL);
}

static bool
start_thread(void)
{
   bool ok = base_thread_start(work, NULL, STACK_BYTES);
   if (ok)
      pthread_atfork(before_fork, after_fork, in_child);
   return ok;
}

/* Lock held. */
static bool
have_thread(void)
{
   return !bg.orphaned && (bg.started || (bg.started = start_thread()));
}

void
background_note_use(void)
{
   pthread_mutex_lock(&bg.lock);
   bg.dirty = base_now_ns();
   if (have_thread())
      pthread_cond_signal(&bg.more);
   pthread_mutex_unlock(&bg.lock);
}

void
background_start(struct background_job *j)
{
   background_wait_at_exit();
   background_resume();
   pthread_mutex_lock(&bg.lock);
   if (have_thread()) {
      j->queued = true;
      j->stop = false;
      j->next = NULL;
      if (bg.first)
         bg.last->next = j;
      else
         bg.first = j;
      bg.last = j;
      pthread_cond_signal(&bg.more);
   }
   pthread_mutex_unlock(&bg.lock);
}

void
background_end(struct background_job *j)
{
   pthread_mutex_lock(&bg.lock);
   if (j->queued) {
      struct background_job **at = &bg.first, *before = NULL;
      for (; *at != j; at = &(*at)->next)
         before = *at;
      *at = j->next;
      if (bg.last == j)
         bg.last = before;
      j->queued = false;
   }
   if (j->running)
      wait_for(j);
   pthread_mutex_unlock(&bg.lock);
}
