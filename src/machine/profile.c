/* SPDX-License-Identifier: Apache-2.0
 * What each virtual GPU says of itself: KASURI_DEVICE lists them, profiles.txt (built in
 * as text) or a file of the user's gives their figures. The native device has the limits
 * of compute capability 9.0, so that programs choose the paths they would on such a card;
 * a multiprocessor of it is a worker, that is a core, so that grids sized by their number
 * fill the machine once. Knows nothing of workers and memory: libnvidia-ml uses it too.
 */
#include "machine/profile.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/thread.h"

#define LIKE_DEPTH 8

static struct device_props devices[DEVICE_MAX];
static unsigned ndevices;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const char *const attr_names[DEVICE_ATTRS] = {
#define ATTR(number, name, native) [number] = #name,
#include "attrs.inc"
#undef ATTR
};

static const int native_attrs[DEVICE_ATTRS] = {
#define ATTR(number, name, native) [number] = native,
#include "attrs.inc"
#undef ATTR
};

/* -- The machine */
uint32_t
device_threads(void)
{
   /* A schedule that repeats is one worker's, however many there could be. */
   if (base_getenv_size("KASURI_SEED", 0))
      return 1;
   uint64_t n = base_getenv_size("KASURI_THREADS", base_processors());
   return n < 1 ? 1 : n > 1024 ? 1024 : (uint32_t)n;
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

/* Three quarters of what the machine, or the container this runs in, has. */
static uint64_t host_memory;

uint64_t
device_host_memory(void)
{
   return host_memory;
}

static uint64_t
find_host_memory(void)
{
   uint64_t total = (uint64_t)sysconf(_SC_PHYS_PAGES) * (uint64_t)sysconf(_SC_PAGESIZE);
   static const char *const limits[] = {"/sys/fs/cgroup/memory.max",
                                        "/sys/fs/cgroup/memory/memory.limit_in_bytes"};
   for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
      uint64_t v = read_number(limits[i]);
      if (v && v < total)
         total = v;
   }
   return total / 4 * 3;
}

static void
name_native(char *name, size_t room)
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
      snprintf(name, room, "Kasuri (%s)", cpu);
   else
      snprintf(name, room, "Kasuri");
}

/* -- The native device */
static bool
set_capability(struct device_props *p, const char *text)
{
   unsigned major, minor;
   char end;
   if (sscanf(text, "%u.%u%c", &major, &minor, &end) != 2 || major < 5 || major > 20 ||
       minor > 9)
      return false;
   p->attr[DEVICE_ATTR_COMPUTE_CAPABILITY_MAJOR] = (int)major;
   p->attr[DEVICE_ATTR_COMPUTE_CAPABILITY_MINOR] = (int)minor;
   return true;
}

static void
make_native(struct device_props *p)
{
   const char *capability = base_getenv("KASURI_COMPUTE_CAPABILITY");
   memset(p, 0, sizeof *p);
   memcpy(p->attr, native_attrs, sizeof p->attr);
   p->attr[DEVICE_ATTR_MULTIPROCESSOR_COUNT] = (int)device_threads();
   p->memory = host_memory;
   p->peer_access = true;
   name_native(p->name, sizeof p->name);
   if (capability && !set_capability(p, capability))
      fprintf(stderr, "kasuri: KASURI_COMPUTE_CAPABILITY=%s is not like 9.0; using 9.0\n",
              capability);
}

/* -- Profiles as text */
/* The lines of [name]; false where there is no such section. */
static bool
find_section(const char *name, const char **text, size_t *n)
{
   size_t len = strlen(name);
   for (const char *at = device_profiles_text; (at = strstr(at, "\n[")); at += 2) {
      if (strncasecmp(at + 2, name, len) || at[2 + len] != ']')
         continue;
      *text = at + 2 + len + 1;
      const char *end = strstr(*text, "\n[");
      *n = end ? (size_t)(end - *text) : strlen(*text);
      return true;
   }
   return false;
}

static bool apply(struct device_props *p, const char *text, size_t n, const char *where,
                  unsigned depth);

static bool
apply_named(struct device_props *p, const char *name, unsigned depth)
{
   const char *text;
   size_t n;
   return depth < LIKE_DEPTH && find_section(name, &text, &n) &&
          apply(p, text, n, name, depth + 1);
}

static bool
set_attr(struct device_props *p, const char *key, const char *value)
{
   uint64_t v;
   for (int i = 1; i < DEVICE_ATTRS; i++) {
      if (!attr_names[i] || strcasecmp(attr_names[i], key))
         continue;
      bool negative = !strcmp(value, "-1");
      if (!negative && (!base_parse_size(value, &v) || v > INT32_MAX))
         return false;
      p->attr[i] = negative ? -1 : (int)v;
      return true;
   }
   return false;
}

static bool
set(struct device_props *p, const char *key, const char *value, unsigned depth)
{
   if (!strcmp(key, "like"))
      return apply_named(p, value, depth);
   if (!strcmp(key, "name"))
      return *value &&
             snprintf(p->name, sizeof p->name, "%s", value) < (int)sizeof p->name;
   if (!strcmp(key, "compute_capability"))
      return set_capability(p, value);
   if (!strcmp(key, "memory"))
      return base_parse_size(value, &p->memory) && p->memory;
   if (!strcmp(key, "peer_access")) {
      p->peer_access = !strcmp(value, "1");
      return p->peer_access || !strcmp(value, "0");
   }
   return set_attr(p, key, value);
}

static char *
trim(char *s)
{
   while (isspace((unsigned char)*s))
      s++;
   for (size_t n = strlen(s); n && isspace((unsigned char)s[n - 1]);)
      s[--n] = 0;
   return s;
}

/* Lines of KEY = VALUE; a # begins a comment. */
static bool
apply(struct device_props *p, const char *text, size_t n, const char *where,
      unsigned depth)
{
   const char *end = text + n;
   for (unsigned number = 1; text < end; number++) {
      const char *stop = memchr(text, '\n', (size_t)(end - text));
      size_t len = (size_t)((stop ? stop : end) - text);
      char line[512];
      snprintf(line, sizeof line, "%.*s", (int)MIN2(len, sizeof line - 1), text);
      text += len + 1;
      line[strcspn(line, "#")] = 0;
      char *key = trim(line), *value = strchr(key, '=');
      if (!*key)
         continue;
      if (value)
         *value++ = 0;
      if (!value || len >= sizeof line || !set(p, trim(key), trim(value), depth)) {
         fprintf(stderr, "kasuri: %s:%u: '%s%s%s' is no line of a device profile\n",
                 where, number, key, value ? " = " : "", value ? value : "");
         return false;
      }
   }
   return true;
}

/* The limits that are enforced and computed with must fit together: nothing of the user's
 * file may reach an assertion or a division by zero further down. */
static bool
sensible(const struct device_props *p)
{
   const int *a = p->attr;
   for (int i = DEVICE_ATTR_MAX_THREADS_PER_BLOCK; i <= DEVICE_ATTR_MAX_GRID_DIM_Z; i++)
      if (a[i] < 1)
         return false;
   return a[DEVICE_ATTR_MAX_THREADS_PER_BLOCK] <= 1024 &&
          a[DEVICE_ATTR_WARP_SIZE] == 32 && a[DEVICE_ATTR_MULTIPROCESSOR_COUNT] >= 1 &&
          a[DEVICE_ATTR_MULTIPROCESSOR_COUNT] <= 4096 &&
          a[DEVICE_ATTR_CLOCK_RATE] >= 1000 &&
          a[DEVICE_ATTR_MAX_THREADS_PER_MULTIPROCESSOR] >= 32 &&
          a[DEVICE_ATTR_MAX_THREADS_PER_MULTIPROCESSOR] <= 1 << 16 &&
          a[DEVICE_ATTR_MAX_BLOCKS_PER_MULTIPROCESSOR] >= 1 &&
          a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK] >= 0 &&
          a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN] >=
             a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK] &&
          a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN] <= 16 << 20 &&
          a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR] >=
             a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN] &&
          a[DEVICE_ATTR_RESERVED_SHARED_MEMORY_PER_BLOCK] >= 0 &&
          a[DEVICE_ATTR_MAX_REGISTERS_PER_MULTIPROCESSOR] >= 1;
}

static void
list_profiles(struct str *s)
{
   str_printf(s, "native");
   for (const char *at = device_profiles_text; (at = strstr(at, "\n[")); at += 2)
      str_printf(s, ", %.*s", (int)strcspn(at + 2, "]"), at + 2);
}

static bool
from_file(struct device_props *p, const char *path)
{
   FILE *f = fopen(path, "re");
   if (!f) {
      fprintf(stderr, "kasuri: KASURI_DEVICE: cannot read %s: %m\n", path);
      return false;
   }
   struct str s = {0};
   char buf[4096];
   for (size_t n; s.len < 1 << 20 && (n = fread(buf, 1, sizeof buf, f));)
      str_append_n(&s, buf, n);
   fclose(f);
   bool ok = apply(p, str_get(&s), s.len, path, 0);
   str_finish(&s);
   return ok;
}

static bool
from_name(struct device_props *p, const char *name)
{
   make_native(p);
   if (!strcasecmp(name, "native"))
      return true;
   p->strict = true;
   bool file = strchr(name, '/') != NULL;
   if (!(file ? from_file(p, name) : apply_named(p, name, 0)))
      return false;
   if (!sensible(p))
      fprintf(stderr, "kasuri: %s: the limits of this device make no sense together\n",
              name);
   return sensible(p);
}

/* -- KASURI_DEVICE: NAME or FILE, with xN behind for N of them; or N native ones. */
static bool
known(const char *name)
{
   const char *text;
   size_t n;
   return !strcasecmp(name, "native") ||
          (strchr(name, '/') ? !access(name, R_OK) : find_section(name, &text, &n));
}

static const char *
split_count(char *item, unsigned long *count)
{
   char *x = strrchr(item, 'x');
   *count = 1;
   if (*item && !item[strspn(item, "0123456789")]) {
      *count = strtoul(item, NULL, 10);
      return "native";
   }
   if (!known(item) && x && x[1] && !x[1 + strspn(x + 1, "0123456789")]) {
      *count = strtoul(x + 1, NULL, 10);
      *x = 0;
   }
   return item;
}

static bool
add(char *item)
{
   unsigned long count;
   const char *name = split_count(item, &count);
   if (!known(name)) {
      struct str s = {0};
      list_profiles(&s);
      fprintf(stderr,
              "kasuri: KASURI_DEVICE: there is no device '%s'; there are %s, and files, "
              "named with a /\n",
              name, str_get(&s));
      str_finish(&s);
      return false;
   }
   if (!count || count > DEVICE_MAX - ndevices) {
      fprintf(stderr, "kasuri: KASURI_DEVICE: 1 to %d devices are possible\n",
              DEVICE_MAX);
      return false;
   }
   struct device_props p;
   if (!from_name(&p, name))
      return false;
   snprintf(p.profile, sizeof p.profile, "%s", name);
   for (; count; count--)
      devices[ndevices++] = p;
   return true;
}

/* Sizes for the devices in turn; the last one stands for all that follow. */
static void
set_memory(void)
{
   const char *v = base_getenv("KASURI_DEVICE_MEMORY");
   char *copy = v ? base_strdup(v) : NULL, *rest = copy;
   uint64_t size = 0;
   for (unsigned i = 0; copy && i < ndevices; i++) {
      char *item = rest ? strsep(&rest, ",") : NULL;
      if (item && (!base_parse_size(trim(item), &size) || !size)) {
         fprintf(
            stderr,
            "kasuri: warning: KASURI_DEVICE_MEMORY=%s is not a size such as 512M, or "
            "a list of them; using the default\n",
            v);
         break;
      }
      devices[i].memory = size;
      devices[i].memory_chosen = true;
   }
   base_free(copy);
}

/* The same list of devices has the same identifiers in every process. */
static void
identify(struct device_props *p, unsigned i)
{
   uint64_t h[2];
   h[0] = base_hash(p->profile, strlen(p->profile), 0xcbf29ce484222325ull);
   h[0] = base_hash(&i, sizeof i, h[0]);
   h[1] = base_hash(p->name, strlen(p->name), h[0]);
   memcpy(p->uuid, h, sizeof p->uuid);
   p->index = i;
   p->attr[DEVICE_ATTR_PCI_BUS_ID] = 1 + (int)i;
   p->attr[DEVICE_ATTR_PCI_DEVICE_ID] = p->attr[DEVICE_ATTR_PCI_DOMAIN_ID] = 0;
   const int *a = p->attr;
   p->sm = (uint32_t)(a[DEVICE_ATTR_COMPUTE_CAPABILITY_MAJOR] * 10 +
                      a[DEVICE_ATTR_COMPUTE_CAPABILITY_MINOR]);
   p->multiprocessors = (uint32_t)a[DEVICE_ATTR_MULTIPROCESSOR_COUNT];
   p->clock_khz = (uint32_t)a[DEVICE_ATTR_CLOCK_RATE];
   p->max_threads = (uint32_t)a[DEVICE_ATTR_MAX_THREADS_PER_BLOCK];
   for (int d = 0; d < 3; d++) {
      p->max_block[d] = (uint32_t)a[DEVICE_ATTR_MAX_BLOCK_DIM_X + d];
      p->max_grid[d] = (uint32_t)a[DEVICE_ATTR_MAX_GRID_DIM_X + d];
   }
   p->shared_per_block = (uint32_t)a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK];
   p->shared_optin = (uint32_t)a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN];
   p->shared_per_sm = (uint32_t)a[DEVICE_ATTR_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR];
   p->shared_reserved = (uint32_t)a[DEVICE_ATTR_RESERVED_SHARED_MEMORY_PER_BLOCK];
   p->regs_per_sm = (uint32_t)a[DEVICE_ATTR_MAX_REGISTERS_PER_MULTIPROCESSOR];
   p->threads_per_sm = (uint32_t)a[DEVICE_ATTR_MAX_THREADS_PER_MULTIPROCESSOR];
   p->blocks_per_sm = (uint32_t)a[DEVICE_ATTR_MAX_BLOCKS_PER_MULTIPROCESSOR];
}

static void
read_list(void)
{
   const char *v = base_getenv("KASURI_DEVICE");
   host_memory = find_host_memory();
   char *copy = base_strdup(v ? v : "native"), *rest = copy;
   bool ok = true;
   while (ok && rest)
      ok = add(trim(strsep(&rest, ",")));
   base_free(copy);
   if (!ok)
      ndevices = 0;
   set_memory();
   for (unsigned i = 0; i < ndevices; i++)
      identify(&devices[i], i);
}

unsigned
device_all(const struct device_props **list)
{
   pthread_once(&once, read_list);
   *list = devices;
   return ndevices;
}
