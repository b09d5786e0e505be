/* SPDX-License-Identifier: Apache-2.0
 * The workers that all virtual GPUs share: made at first use, stopped at the process's
 * end. */
#include "device_priv.h"

#include <unistd.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pid_t owner;

/* The library's end and not atexit: a program's own handlers and static destructors may
 * still free and wait. A child made by fork has neither the workers nor the text: both
 * are its parent's. */
__attribute__((destructor)) static void
at_exit(void)
{
   if (!device.count || getpid() != owner)
      return;
   device_print_flush();
   pool_stop();
}

static void
start(void)
{
   device.count = device_threads();
   device.seeded = base_getenv_size("KASURI_SEED", 0) != 0;
   device.workers = base_calloc(device.count, sizeof *device.workers);
   for (uint32_t i = 0; i < device.count; i++)
      device.workers[i] = exec_worker_create(i, device.count);
   owner = getpid();
}

void
device_start(void)
{
   pthread_once(&once, start);
}
