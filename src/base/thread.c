/* SPDX-License-Identifier: Apache-2.0
 * How threads start: with the program's signals blocked. A program that blocks one and
 * waits for it would otherwise see it go to a thread of ours, and end. */
#include "thread.h"

#include <pthread.h>
#include <signal.h>

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
