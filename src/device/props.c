/* SPDX-License-Identifier: Apache-2.0
 * What the virtual GPU says of itself. Limits are those of compute capability 9.0, so
 * that programs choose the paths they would on such a card; a multiprocessor is a worker,
 * that is a core, so that grids sized by their number fill the machine once. */
#include "device_priv.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct device_props props;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint32_t
processors(void)
{
   cpu_set_t set;
   int n = sched_getaffinity(0, sizeof set, &set) ? 0 : CPU_COUNT(&set);
   if (n < 1)
      n = (int)sysconf(_SC_NPROCESSORS_ONLN);
   return n < 1 ? 1 : (uint32_t)n;
}

static uint64_t
read_number(const char *path)
{
   FILE *f = fopen(path, "re");
   unsigned long long v = 0;
   if (f) {
      if (fscanf(f, "%llu", &v) != 1)
         v = 0;
      fclose(f);
   }
   return v;
}

/* Of the machine, or of the container this runs in. */
static uint64_t
host_memory(void)
{
   uint64_t total = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
   static const char *const limits[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
   for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
      uint64_t v = read_number(limits[i]);
      if (v && v < total)
         total = v;
   }
   return total;
}

static void
name_device(void)
{
   char cpu[128] = "";
   FILE *f = fopen("/proc/cpuinfo", "re");
   char line[256];
   while (f && fgets(line, sizeof line, f))
      if (!strncmp(line, "model name", 10) && strchr(line, ':')) {
         snprintf(cpu, sizeof cpu, "%s", strchr(line, ':') + 2);
         cpu[strcspn(cpu, "\n")] = 0;
         break;
      }
   if (f)
      fclose(f);
   if (*cpu)
      snprintf(props.name, sizeof props.name, "Kasuri (%s)", cpu);
   else
      snprintf(props.name, sizeof props.name, "Kasuri");
}

static uint32_t
capability(void)
{
   const char *v = base_getenv("KASURI_COMPUTE_CAPABILITY");
   unsigned major, minor;
   if (!v)
      return 90;
   if (sscanf(v, "%u.%u", &major, &minor) == 2 && major >= 5 && major <= 20 && minor < 10)
      return major * 10 + minor;
   fprintf(stderr, "kasuri: KASURI_COMPUTE_CAPABILITY=%s is not like 9.0; using 9.0\n",
           v);
   return 90;
}

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
init(void)
{
   uint64_t n = base_getenv_size("KASURI_THREADS", processors());
   device.count = n < 1 ? 1 : n > 1024 ? 1024 : (uint32_t)n;
   device.workers = base_calloc(device.count, sizeof *device.workers);
   for (uint32_t i = 0; i < device.count; i++)
      device.workers[i] = exec_worker_create(i, device.count);
   name_device();
   props.sm = capability();
   props.multiprocessors = device.count;
   props.clock_khz = 1000000; /* %clock64 counts nanoseconds */
   props.memory = base_getenv_size("KASURI_DEVICE_MEMORY", host_memory() / 4 * 3);
   props.max_threads = 1024;
   memcpy(props.max_block, (uint32_t[]){1024, 1024, 64}, sizeof props.max_block);
   memcpy(props.max_grid, (uint32_t[]){2147483647, 65535, 65535}, sizeof props.max_grid);
   props.shared_per_block = 48 << 10;
   props.shared_optin = 227 << 10;
   props.shared_per_sm = 228 << 10;
   props.shared_reserved = 1 << 10;
   props.regs_per_block = props.regs_per_sm = 65536;
   props.threads_per_sm = 2048;
   props.blocks_per_sm = 32;
   props.const_memory = 64 << 10;
   props.l2_bytes = 50 << 20;
   memcpy(props.uuid, "Kasuri device 0", 16);
   owner = getpid();
}

const struct device_props *
device_props(void)
{
   pthread_once(&once, init);
   return &props;
}
