/* SPDX-License-Identifier: Apache-2.0
 * Which of the virtual GPUs a program sees, and in what order: CUDA_DEVICE_ORDER and
 * CUDA_VISIBLE_DEVICES, as CUDA's programming guide ("CUDA Environment Variables") puts
 * it. libnvidia-ml lists them all. */
#include "machine/profile.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct device_props *visible[DEVICE_MAX];
static unsigned nvisible;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint64_t
speed(const struct device_props *p)
{
   return (uint64_t)p->multiprocessors * p->clock_khz;
}

/* The fastest first unless the order of the bus is asked for; equal ones stay as listed.
 */
static unsigned
in_order(const struct device_props **to)
{
   const struct device_props *all;
   unsigned n = device_all(&all);
   const char *order = getenv("CUDA_DEVICE_ORDER");
   bool by_bus = order && !strcmp(order, "PCI_BUS_ID");
   for (unsigned i = 0; i < n; i++) {
      unsigned at = i;
      for (; !by_bus && at && speed(to[at - 1]) < speed(&all[i]); at--)
         to[at] = to[at - 1];
      to[at] = &all[i];
   }
   return n;
}

bool
device_peers(const struct device_props *p, const struct device_props *q)
{
   return p != q && p->peer_access && q->peer_access && !strcmp(p->name, q->name);
}

void
device_uuid_text(const struct device_props *p, char text[DEVICE_UUID_TEXT])
{
   const uint8_t *u = p->uuid;
   snprintf(text, DEVICE_UUID_TEXT,
            "GPU-%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
            u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9], u[10], u[11],
            u[12], u[13], u[14], u[15]);
}

/* The device that an item of the list means: an index, or the beginning of one device's
 * identifier. NULL for anything else, which ends the list. */
static const struct device_props *
meant(const char *item, size_t len, const struct device_props *const *list, unsigned n)
{
   const struct device_props *found = NULL;
   if (len > 4 && !strncasecmp(item, "GPU-", 4)) {
      for (unsigned i = 0; i < n; i++) {
         char uuid[DEVICE_UUID_TEXT];
         device_uuid_text(list[i], uuid);
         if (len >= sizeof uuid || strncasecmp(uuid, item, len))
            continue;
         if (found)
            return NULL;
         found = list[i];
      }
      return found;
   }
   unsigned long v = 0;
   for (size_t i = 0; i < len; i++) {
      if (item[i] < '0' || item[i] > '9' || v > DEVICE_MAX)
         return NULL;
      v = v * 10 + (unsigned long)(item[i] - '0');
   }
   return len && v < n ? list[v] : NULL;
}

static void
read_setting(void)
{
   const struct device_props *list[DEVICE_MAX];
   unsigned n = in_order(list);
   const char *v = getenv("CUDA_VISIBLE_DEVICES");
   if (!v) {
      memcpy(visible, list, n * sizeof *list);
      nvisible = n;
      return;
   }
   while (nvisible < DEVICE_MAX) {
      v += strspn(v, " ");
      size_t len = strcspn(v, " ,");
      const struct device_props *p = meant(v, len, list, n);
      for (unsigned i = 0; i < nvisible; i++)
         if (visible[i] == p)
            p = NULL;
      if (!p)
         return;
      visible[nvisible++] = p;
      v += len;
      v += strspn(v, " ");
      if (*v++ != ',')
         return;
   }
}

unsigned
device_count(void)
{
   pthread_once(&once, read_setting);
   return nvisible;
}

const struct device_props *
device_props(unsigned i)
{
   pthread_once(&once, read_setting);
   return visible[i];
}
