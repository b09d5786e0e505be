/* SPDX-License-Identifier: Apache-2.0
 * What kernels print. As on a GPU, text of printf waits in a buffer until the host
 * synchronises, so that a program's own lines keep their place; unlike there, nothing is
 * lost when the buffer is full: it is written out early. A failed assertion's line goes
 * to stderr at once. */
#include "device_priv.h"

#include <stdio.h>

#define FLUSH_BYTES (1 << 20)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct str text;
static _Atomic bool any;

static void
flush_locked(void)
{
   if (text.len)
      fwrite(text.data, 1, text.len, stdout);
   text.len = 0;
   atomic_store(&any, false);
}

void
device_print_flush(void)
{
   if (!atomic_load_explicit(&any, memory_order_acquire))
      return;
   pthread_mutex_lock(&lock);
   flush_locked();
   pthread_mutex_unlock(&lock);
}

void
print_text(void *owner, const char *s, size_t n)
{
   pthread_mutex_lock(&lock);
   str_append_n(&text, s, n);
   atomic_store(&any, true);
   if (text.len > FLUSH_BYTES)
      flush_locked();
   pthread_mutex_unlock(&lock);
}

void
print_error_text(void *owner, const char *s, size_t n)
{
   device_print_flush();
   fflush(stdout);
   fwrite(s, 1, n, stderr);
}
