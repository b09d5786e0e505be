/* SPDX-License-Identifier: Apache-2.0
 * How many threads there may be, and how they start: with the program's signals blocked,
 * as a program that blocks one and waits for it would otherwise see it go to a thread of
 * ours, and end; and on another processor than the one that starts them, which goes on
 * working: behind it they would wait for milliseconds. */
#include "base/base.h"
#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

struct start {
   void *(*run)(void *arg);
   void *arg;
   cpu_set_t all; /* that it may use; none: nobody knows */
};

static void *
begin(void *arg)
{
   struct start s = *(struct start *)arg;
   base_free(arg);
   if (CPU_COUNT(&s.all))
      sched_setaffinity(0, sizeof s.all, &s.all);
   return s.run(s.arg);
}

static void
start_elsewhere(pthread_attr_t *at, struct start *s)
{
   int here = sched_getcpu();
   if (here < 0 || sched_getaffinity(0, sizeof s->all, &s->all)) {
      CPU_ZERO(&s->all);
      return;
   }
   cpu_set_t others = s->all;
   CPU_CLR(here, &others);
   if (!CPU_COUNT(&others) || pthread_attr_setaffinity_np(at, sizeof others, &others))
      CPU_ZERO(&s->all);
}

bool
base_thread_start(void *(*run)(void *arg), void *arg, size_t stack_bytes)
{
   static const int faults[] = {SIGSEGV, SIGBUS,  SIGILL, SIGFPE,
                                SIGTRAP, SIGABRT, SIGSYS};
   pthread_attr_t at;
   pthread_t t;
   sigset_t most, old;
   sigfillset(&most);
   for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
      sigdelset(&most, faults[i]);
   pthread_attr_init(&at);
   pthread_attr_setdetachstate(&at, PTHREAD_CREATE_DETACHED);
   if (stack_bytes)
      pthread_attr_setstacksize(&at, stack_bytes);
   struct start *s = base_alloc(sizeof *s);
   *s = (struct start){.run = run, .arg = arg};
   start_elsewhere(&at, s);
   pthread_sigmask(SIG_SETMASK, &most, &old);
   bool ok = !pthread_create(&t, &at, begin, s);
   pthread_sigmask(SIG_SETMASK, &old, NULL);
   if (!ok)
      base_free(s);
   pthread_attr_destroy(&at);
   return ok;
}

unsigned
base_processors(void)
{
   cpu_set_t set;
   long n = sched_getaffinity(0, sizeof set, &set) ? 0 : CPU_COUNT(&set);
   if (n < 1)
      n = sysconf(_SC_NPROCESSORS_ONLN);
   return n < 1 ? 1 : (unsigned)n;
}
