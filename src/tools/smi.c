/* SPDX-License-Identifier: Apache-2.0
 * `kasuri smi`, also called nvidia-smi: the virtual GPUs, what of them is in use and by
 * whom. Texts and exit statuses that scripts look for are nvidia-smi's. */
#include "tools/smi_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Exit statuses are NVML's error numbers, as documented for nvidia-smi. */
#define NOT_FOUND NVML_ERROR_NOT_FOUND
#define NO_DRIVER NVML_ERROR_DRIVER_NOT_LOADED

struct options {
   bool topology, list, full, xml, json, help_gpu, help_apps;
   const char *sections, *gpu, *apps, *format, *ids, *file;
   long loop_ms; /* 0: once */
};

/* -- The command line: -x VALUE, --word=VALUE and --word VALUE. */
static const struct word {
   const char *brief, *word;
   size_t offset;
   enum { FLAG, TEXT, SECONDS, MILLISECONDS } kind;
} words[] = {
   {"-L", "--list-gpus", offsetof(struct options, list), FLAG},
   {"-q", "--query", offsetof(struct options, full), FLAG},
   {"-x", "--xml-format", offsetof(struct options, xml), FLAG},
   {NULL, "--json", offsetof(struct options, json), FLAG},
   {NULL, "--help-query-gpu", offsetof(struct options, help_gpu), FLAG},
   {NULL, "--help-query-compute-apps", offsetof(struct options, help_apps), FLAG},
   {"-d", "--display", offsetof(struct options, sections), TEXT},
   {NULL, "--query-gpu", offsetof(struct options, gpu), TEXT},
   {NULL, "--query-compute-apps", offsetof(struct options, apps), TEXT},
   {NULL, "--format", offsetof(struct options, format), TEXT},
   {"-i", "--id", offsetof(struct options, ids), TEXT},
   {"-f", "--filename", offsetof(struct options, file), TEXT},
   {"-l", "--loop", 0, SECONDS},
   {"-lms", "--loop-ms", 0, MILLISECONDS},
};

static const struct word *
match(const char *arg, const char **value)
{
   *value = NULL;
   for (size_t i = 0; i < ARRAY_LEN(words); i++) {
      const struct word *w = &words[i];
      size_t n = strlen(w->word);
      if ((w->brief && !strcmp(arg, w->brief)) || !strcmp(arg, w->word))
         return w;
      if (!strncmp(arg, w->word, n) && arg[n] == '=') {
         *value = arg + n + 1;
         return w;
      }
   }
   return NULL;
}

static int
bad_option(const char *arg)
{
   printf("Invalid combination of input arguments. '%s' is not an option of kasuri smi "
          "(try --help); settings of a GPU cannot be changed here.\n",
          arg);
   return TOOL_USAGE;
}

static int
read_options(struct options *o, int argc, char **argv)
{
   for (int i = 1; i < argc; i++) {
      const char *value;
      const struct word *w = match(argv[i], &value);
      if (!w)
         return bad_option(argv[i]);
      if (w->kind == FLAG) {
         if (value)
            return bad_option(argv[i]);
         *(bool *)((char *)o + w->offset) = true;
         continue;
      }
      bool timed = w->kind != TEXT;
      /* A loop without a number takes five seconds. */
      if (!value && i + 1 < argc && (!timed || argv[i + 1][0] != '-'))
         value = argv[++i];
      if (!value && !timed)
         return bad_option(argv[i]);
      if (!timed) {
         *(const char **)((char *)o + w->offset) = value;
         continue;
      }
      char *end = "";
      o->loop_ms = value ? strtol(value, &end, 10) : 5;
      if (*end || o->loop_ms < 1 || o->loop_ms > 1000000000)
         return bad_option(argv[i]);
      if (w->kind == SECONDS)
         o->loop_ms *= 1000;
   }
   return TOOL_OK;
}

/* -- Devices and processes */
static bool
choose(struct smi *s, const char *id)
{
   nvmlDevice_t d;
   char *end;
   unsigned long index = strtoul(id, &end, 10);
   nvmlReturn_t r = end > id && !*end ? nvmlDeviceGetHandleByIndex((unsigned)index, &d)
                    : !strncasecmp(id, "GPU-", 4) ? nvmlDeviceGetHandleByUUID(id, &d)
                                                  : nvmlDeviceGetHandleByPciBusId(id, &d);
   if (r == NVML_SUCCESS)
      vec_push(&s->devices, d);
   return r == NVML_SUCCESS;
}

static bool
choose_devices(struct smi *s, const char *ids)
{
   unsigned n = 0;
   bool ok = true;
   if (!ids) {
      nvmlDeviceGetCount(&n);
      for (unsigned i = 0; i < n; i++) {
         nvmlDevice_t d;
         if (nvmlDeviceGetHandleByIndex(i, &d) == NVML_SUCCESS)
            vec_push(&s->devices, d);
      }
      return n;
   }
   struct strings list = {0};
   strings_add_split(&list, ids, ',');
   for (size_t i = 0; i < list.v.len; i++)
      ok &= choose(s, list.v.data[i]);
   ok &= list.v.len > 0;
   strings_finish(&list);
   return ok;
}

static void
find_processes(struct smi *s)
{
   enum { ROOM = 1024 };
   nvmlProcessInfo_t *infos = base_calloc(ROOM, sizeof *infos);
   s->processes.len = 0;
   for (size_t i = 0; i < s->devices.len; i++) {
      unsigned n = ROOM;
      nvmlDevice_t d = s->devices.data[i];
      if (nvmlDeviceGetComputeRunningProcesses(d, &n, infos) != NVML_SUCCESS)
         continue;
      for (unsigned k = 0; k < n; k++)
         vec_push(&s->processes, ((struct smi_process){d, infos[k]}));
   }
   base_free(infos);
}

/* -- The table */
#define WIDTH 90
static void
rule(char c)
{
   putchar('+');
   for (int i = 0; i < WIDTH; i++)
      putchar(c);
   puts("+");
}

static void
row(const char *text)
{
   printf("|%-*.*s|\n", WIDTH, WIDTH, text);
}

static void
gpu(nvmlDevice_t d, const char *field, const char *none, char *to)
{
   smi_value(smi_find(smi_gpu_fields, field), d, NULL, true, none, to);
}

/* "100MiB": the table's units stand next to their numbers. */
static void
close_up(char *text)
{
   char *space = strrchr(text, ' ');
   if (space)
      memmove(space, space + 1, strlen(space));
}

static void
print_device(nvmlDevice_t d)
{
   char v[9][SMI_VALUE], *text;
   static const char *const fields[] = {
      "index",       "name",        "pci.bus_id",   "temperature.gpu", "power.draw",
      "power.limit", "memory.used", "memory.total", "utilization.gpu"};
   for (size_t i = 0; i < ARRAY_LEN(fields); i++)
      gpu(d, fields[i], "N/A", v[i]);
   for (size_t i = 4; i < ARRAY_LEN(fields); i++)
      close_up(v[i]);
   text = tool_printf(" %3s  %-54.54s %20s", v[0], v[1], v[2]);
   row(text);
   base_free(text);
   bool known = strcmp(v[3], "N/A") != 0;
   text = tool_printf("      Temp %4s%s   Pwr %10s / %-10s %10s / %-10s   GPU-Util %5s",
                      v[3], known ? "C" : " ", v[4], v[5], v[6], v[7], v[8]);
   row(text);
   base_free(text);
}

static void
print_table(const struct smi *s)
{
   char time[SMI_VALUE], driver[SMI_VALUE];
   int cuda = 0;
   gpu(NULL, "timestamp", "", time);
   gpu(NULL, "driver_version", "N/A", driver);
   nvmlSystemGetCudaDriverVersion(&cuda);
   time[strcspn(time, ".")] = 0;
   printf("%s\n", time);
   rule('-');
   char *text = tool_printf(" KASURI-SMI %-14s   Driver Version: %-14s   CUDA Version: "
                            "%d.%d",
                            TOOL_VERSION, driver, cuda / 1000, cuda % 1000 / 10);
   row(text);
   base_free(text);
   rule('=');
   row(
      " GPU  Name                                                                Bus-Id");
   rule('-');
   for (size_t i = 0; i < s->devices.len; i++)
      print_device(s->devices.data[i]);
   rule('-');
   row(" Processes");
   row(" GPU      PID   Type   Process name                                        GPU "
       "Memory");
   rule('=');
   for (size_t i = 0; i < s->processes.len; i++) {
      const struct smi_process *p = &s->processes.data[i];
      char index[SMI_VALUE], name[SMI_VALUE], used[SMI_VALUE];
      gpu(p->device, "index", "N/A", index);
      smi_value(smi_find(smi_app_fields, "process_name"), p->device, p, true, "N/A",
                name);
      smi_value(smi_find(smi_app_fields, "used_memory"), p->device, p, true, "N/A", used);
      close_up(used);
      text =
         tool_printf(" %3s %8u      C   %-48.48s %12s", index, p->info.pid, name, used);
      row(text);
      base_free(text);
   }
   if (!s->processes.len)
      row("  No running processes found");
   rule('-');
}

static void
print_list(const struct smi *s)
{
   for (size_t i = 0; i < s->devices.len; i++) {
      char index[SMI_VALUE], name[SMI_VALUE], uuid[SMI_VALUE];
      gpu(s->devices.data[i], "index", "N/A", index);
      gpu(s->devices.data[i], "name", "N/A", name);
      gpu(s->devices.data[i], "uuid", "N/A", uuid);
      printf("GPU %s: %s (UUID: %s)\n", index, name, uuid);
   }
}

/* Who reaches whom, as `nvidia-smi topo -m` draws it: every device is the same processor.
 */
static int
print_topology(const struct smi *s)
{
   for (size_t i = 0; i < s->devices.len; i++)
      printf("\tGPU%zu", i);
   printf("\tCPU Affinity\tNUMA Affinity\n");
   for (size_t i = 0; i < s->devices.len; i++) {
      printf("GPU%zu", i);
      for (size_t k = 0; k < s->devices.len; k++)
         printf("\t%s", i == k ? " X " : "NODE");
      printf("\t0-%ld\tN/A\n", sysconf(_SC_NPROCESSORS_ONLN) - 1);
   }
   printf("\nLegend:\n\n  X    = Self\n  NODE = The same processor and its memory\n");
   return TOOL_OK;
}

static void
print_fields(const struct smi_field *f)
{
   for (; f->name; f++)
      printf("\"%s\"%s%s%s\n   %s.\n\n", f->name, f->alias ? " or \"" : "",
             f->alias ? f->alias : "", f->alias ? "\"" : "", f->help);
}

static int
once(struct smi *s, const struct options *o)
{
   if (o->topology)
      return print_topology(s);
   find_processes(s);
   if (o->gpu)
      return smi_query_csv(s, smi_gpu_fields, o->gpu, o->format);
   if (o->apps)
      return smi_query_csv(s, smi_app_fields, o->apps, o->format);
   if (o->json)
      smi_print_json(s);
   else if (o->full || o->xml)
      smi_print_full(s, o->sections, o->xml);
   else if (o->list)
      print_list(s);
   else
      print_table(s);
   return TOOL_OK;
}

static int
show(const struct options *o)
{
   if (o->sections && !smi_sections_known(o->sections))
      return TOOL_USAGE;
   if (nvmlInit() != NVML_SUCCESS) {
      printf(
         "kasuri smi has failed because there is no device: KASURI_DEVICE is wrong.\n");
      return NO_DRIVER;
   }
   struct smi s = {0};
   int status = NOT_FOUND;
   if (choose_devices(&s, o->ids))
      do {
         status = once(&s, o);
         fflush(stdout);
         if (status != TOOL_OK || !o->loop_ms)
            break;
      } while (!nanosleep(
         &(struct timespec){o->loop_ms / 1000, o->loop_ms % 1000 * 1000000}, NULL));
   else
      printf("No devices were found\n");
   vec_finish(&s.devices);
   vec_finish(&s.processes);
   nvmlShutdown();
   return status;
}

static int
run(int argc, char **argv)
{
   struct options o = {0};
   o.topology = argc == 3 && !strcmp(argv[1], "topo") &&
                (!strcmp(argv[2], "-m") || !strcmp(argv[2], "--matrix"));
   int status = o.topology ? TOOL_OK : read_options(&o, argc, argv);
   if (status != TOOL_OK)
      return status;
   if (o.help_gpu || o.help_apps) {
      print_fields(o.help_gpu ? smi_gpu_fields : smi_app_fields);
      return TOOL_OK;
   }
   if (o.file && !freopen(o.file, "w", stdout)) {
      tool_error("smi", "cannot write %s: %m", o.file);
      return TOOL_FAILED;
   }
   return show(&o);
}

const struct tool_command tool_smi = {
   .name = "smi",
   .summary = "show the virtual GPUs and who uses them, as nvidia-smi does",
   .help =
      "usage: kasuri smi [OPTIONS]          (also called nvidia-smi)\n"
      "       kasuri smi topo -m            how devices lie to each other\n\n"
      "Shows the virtual GPUs of KASURI_DEVICE, their memory in use and the processes "
      "that\n"
      "use them. Temperature, power and clocks are the processor's; what the system "
      "does\n"
      "not tell is N/A.\n\n"
      "  -L, --list-gpus             a line for each device\n"
      "  -q, --query                 everything about each device\n"
      "  -d, --display=SECTION,...   with -q: only MEMORY, UTILIZATION, ECC, "
      "TEMPERATURE,\n"
      "                              POWER, CLOCK, COMPUTE, PIDS, PERFORMANCE\n"
      "  -x, --xml-format            with -q: as XML\n"
      "      --json                  all fields and processes as JSON\n"
      "      --query-gpu=FIELD,...   fields of each device, with --format=csv\n"
      "      --query-compute-apps=FIELD,...  fields of each process\n"
      "      --format=csv[,noheader][,nounits]\n"
      "      --help-query-gpu, --help-query-compute-apps   the fields there are\n"
      "  -i, --id=ID,...             only these: numbers, identifiers, bus addresses\n"
      "  -l, --loop=SECONDS          again and again; -lms, --loop-ms=MILLISECONDS\n"
      "  -f, --filename=FILE         write there\n",
   .run = run,
};
