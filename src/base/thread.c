/* SPDX-License-Identifier: Apache-2.0
 * How many threads there may be, and how they start: with the program's signals blocked.
 * A program that blocks one and waits for it would otherwise see it go to a thread of
 * ours, and end. */
#include "thread.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

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
   pthread_sigmask(SIG_SETMASK, &most, &old);
   bool ok = !pthread_create(&t, &at, run, arg);
   pthread_sigmask(SIG_SETMASK, &old, NULL);
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
