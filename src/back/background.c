/* SPDX-License-Identifier: Apache-2.0
 * One thread that compiles, one job after the other, in the order in which they came. A
 * job that has begun is given some time to finish, at exit too: what it makes goes to the
 * disk cache, which the next run of a short program lives on. Then it is told to stop,
 * which it does where LLVM gets to the next part of a large kernel.
 *
 * At exit LLVM's static destructors must find the thread idle. They are registered while
 * LLVM is loaded and while it runs, so every atexit handler of ours may come too late;
 * only a thread's own destructors are called before. Each thread that launches has one
 * which waits for the running job, and lets no other begin before the next launch.
 *
 * While the module is loaded no job runs, and no fork takes place, as a child must not
 * have half of a library. A thread that ends waits for that too. But whoever forks or
 * ends in a library's constructor may itself have what the loader waits for; so neither
 * waits for ever. */
#include "background.h"
#include "module.h"

#include <pthread.h>
#include <time.h>

#include "base/base.h"
#include "base/thread.h"

/* LLVM recurses deeply in large functions; pages that are not touched cost nothing. */
#define STACK_BYTES (64u << 20)
#define RELEASE_AFTER_NS 500000000u /* without a compilation */
#define PATIENCE_NS 1000000000u     /* of those who wait for one */
#define LOADING_NS 10000000000u     /* at most; a tenth of a second is usual */

static struct {
   pthread_mutex_t lock;
   pthread_cond_t more, done;
   struct background_job *first, *last;
   struct background_job *running;
   unsigned loading; /* threads that load the module */
   bool releasing;
   bool started, orphaned, watches_forks;
   bool paused;    /* by a thread that ends, perhaps by exit */
   uint64_t dirty; /* when something was compiled, ns; 0: all was released since */
} bg = {.lock = PTHREAD_MUTEX_INITIALIZER,
        .more = PTHREAD_COND_INITIALIZER,
        .done = PTHREAD_COND_INITIALIZER};

/* Lock held, but not meanwhile: the loader's list of libraries has a lock, too. */
static void
release(void)
{
   bg.releasing = true;
   pthread_mutex_unlock(&bg.lock);
   background_release();
   pthread_mutex_lock(&bg.lock);
   bg.releasing = false;
   pthread_cond_broadcast(&bg.done);
}

/* Lock held, but not meanwhile. */
static void
load(void)
{
   bg.loading++; /* at once: a process that ends must know */
   pthread_mutex_unlock(&bg.lock);
   module_load();
   pthread_mutex_lock(&bg.lock);
   bg.loading--;
   bg.dirty = base_now_ns();
   pthread_cond_broadcast(&bg.done);
}

/* Until there may be work, or nothing has been compiled for a while. */
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
      release();
   }
}

/* Lock held. Before all others, as it had its turn. */
static void
put_back(struct background_job *j)
{
   j->next = bg.first;
   bg.first = j;
   if (!j->next)
      bg.last = j;
   j->queued = true;
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
      bool ran = j->run(j);
      pthread_mutex_lock(&bg.lock);
      j->running = false;
      bg.running = NULL;
      if (!ran)
         put_back(j);
      pthread_cond_broadcast(&bg.done);
      if (!ran && !bg.paused)
         load();
   }
   return unused;
}

/* Lock held. */
static void
wait_until(uint64_t ns)
{
   struct timespec ts = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};
   pthread_cond_clockwait(&bg.done, &bg.lock, CLOCK_MONOTONIC, &ts);
}

/* Lock held. Until j runs no longer; j may be gone then. */
static void
wait_for(struct background_job *j)
{
   uint64_t until = base_now_ns() + PATIENCE_NS;
   while (bg.running == j) {
      wait_until(until);
      if (bg.running != j || base_now_ns() < until)
         continue;
      __atomic_store_n(&j->stop, true, __ATOMIC_RELAXED);
      while (bg.running == j)
         pthread_cond_wait(&bg.done, &bg.lock);
   }
}

/* Lock held. Who loads what has been loaded by now does no harm. */
static void
wait_for_loading(void)
{
   uint64_t until = base_now_ns() + LOADING_NS;
   while (((bg.loading && !module_was_tried()) || bg.releasing) && base_now_ns() < until)
      wait_until(until);
}

static void
pause_jobs(void *unused)
{
   (void)unused;
   pthread_mutex_lock(&bg.lock);
   __atomic_store_n(&bg.paused, true, __ATOMIC_RELAXED);
   if (bg.running)
      wait_for(bg.running);
   wait_for_loading();
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

/* The thread that loads Kasuri is mostly the one that ends the process. It is not asked
 * to when it first calls, as this wants the loader's lock (see module.c). */
__attribute__((constructor)) static void
at_load(void)
{
   background_wait_at_exit();
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

static void
before_fork(void)
{
   pthread_mutex_lock(&bg.lock);
   wait_for_loading();
}

static void
after_fork(void)
{
   pthread_mutex_unlock(&bg.lock);
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
   bg.loading = 0;
   bg.releasing = false;
   bg.orphaned = true;
   pthread_mutex_init(&bg.lock, NULL);
   pthread_cond_init(&bg.more, NULL);
   pthread_cond_init(&bg.done, NULL);
}

/* Lock held. */
static void
watch_forks(void)
{
   if (!bg.watches_forks)
      bg.watches_forks = !pthread_atfork(before_fork, after_fork, in_child);
}

/* Lock held. */
static bool
have_thread(void)
{
   watch_forks();
   if (!bg.orphaned && !bg.started)
      bg.started = base_thread_start(work, NULL, STACK_BYTES);
   return !bg.orphaned && bg.started;
}

void
background_begin_loading(void)
{
   pthread_mutex_lock(&bg.lock);
   watch_forks();
   bg.loading++;
   pthread_mutex_unlock(&bg.lock);
}

void
background_end_loading(void)
{
   pthread_mutex_lock(&bg.lock);
   bg.loading--;
   pthread_cond_broadcast(&bg.done);
   pthread_mutex_unlock(&bg.lock);
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
   if (j->running)
      wait_for(j);
   if (j->queued) {
      struct background_job **at = &bg.first, *before = NULL;
      for (; *at != j; at = &(*at)->next)
         before = *at;
      *at = j->next;
      if (bg.last == j)
         bg.last = before;
      j->queued = false;
   }
   pthread_mutex_unlock(&bg.lock);
}
