/* SPDX-License-Identifier: Apache-2.0
 * What the system tells of the processor: temperature (hwmon, else thermal zones), energy
 * and power limit (RAPL, else hwmon), clock (cpufreq, else /proc/cpuinfo). Nothing is
 * made up where it says nothing. */
#include "nvml_priv.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A stand-in for /sys, for tests. */
static const char *
sys(void)
{
   const char *v = base_getenv("KASURI_SYSFS");
   return v ? v : "/sys";
}

static bool
read_line(char *to, size_t room, const char *path)
{
   FILE *f = fopen(path, "re");
   bool ok = f && fgets(to, (int)room, f);
   if (f)
      fclose(f);
   if (ok)
      to[strcspn(to, "\n")] = 0;
   return ok;
}

static bool
read_number(const char *folder, const char *file, long long *v)
{
   char path[512], text[64], *end;
   snprintf(path, sizeof path, "%s/%s", folder, file);
   if (!read_line(text, sizeof text, path))
      return false;
   *v = strtoll(text, &end, 10);
   return end > text;
}

/* The first folder of `parent` whose `file` says one of the words (each may be only its
 * beginning); in order of name, so that the answer does not change. */
static bool
find_folder(const char *parent, const char *file, const char *const *words, char *to,
            size_t room)
{
   char path[320], text[64];
   struct dirent **list;
   snprintf(path, sizeof path, "%s/%s", sys(), parent);
   int n = scandir(path, &list, NULL, alphasort);
   bool found = false;
   for (int i = 0; i < n; i++) {
      char name[640];
      snprintf(to, found ? 0 : room, "%s/%.200s", path, list[i]->d_name);
      snprintf(name, sizeof name, "%s/%.200s/%s", path, list[i]->d_name, file);
      if (!found && read_line(text, sizeof text, name))
         for (const char *const *w = words; *w; w++)
            found |= !strncmp(text, *w, strlen(*w));
      free(list[i]);
   }
   if (n >= 0)
      free(list);
   return found;
}

static const char *const hwmon_cpus[] = {"k10temp", "zenpower", "coretemp", "cpu_thermal",
                                         NULL};
static const char *const zone_cpus[] = {"x86_pkg_temp", "cpu", "soc", NULL};

static bool
temperature(const char *file, int *celsius)
{
   char folder[560];
   long long v;
   bool ok = find_folder("class/hwmon", "name", hwmon_cpus, folder, sizeof folder) &&
             read_number(folder, file, &v);
   if (!ok && !strcmp(file, "temp1_input"))
      ok = find_folder("class/thermal", "type", zone_cpus, folder, sizeof folder) &&
           read_number(folder, "temp", &v);
   if (ok)
      *celsius = (int)(v / 1000);
   return ok && v > 0;
}

bool
sensor_temperature(int *celsius)
{
   return temperature("temp1_input", celsius);
}

bool
sensor_critical(int *celsius)
{
   return temperature("temp1_crit", celsius);
}

static const char *const packages[] = {"package", NULL};

bool
sensor_energy(uint64_t *microjoule)
{
   char folder[560];
   long long v;
   bool ok = find_folder("class/powercap", "name", packages, folder, sizeof folder) &&
             read_number(folder, "energy_uj", &v);
   if (ok)
      *microjoule = (uint64_t)v;
   return ok;
}

bool
sensor_power(uint64_t *milliwatt)
{
   static const char *const meters[] = {"zenpower", "amd_energy", "power_meter", NULL};
   char folder[560];
   long long v;
   if (find_folder("class/hwmon", "name", meters, folder, sizeof folder) &&
       (read_number(folder, "power1_input", &v) ||
        read_number(folder, "power1_average", &v))) {
      *milliwatt = (uint64_t)v / 1000;
      return true;
   }
   uint64_t before, after, start = base_now_ns();
   if (!sensor_energy(&before))
      return false;
   nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
   if (!sensor_energy(&after) || after < before)
      return false; /* the counter began anew */
   *milliwatt = (after - before) * 1000000 / (base_now_ns() - start);
   return true;
}

bool
sensor_power_limit(uint64_t *milliwatt)
{
   char folder[560];
   long long v;
   bool ok = find_folder("class/powercap", "name", packages, folder, sizeof folder) &&
             read_number(folder, "constraint_0_power_limit_uw", &v) && v > 0;
   if (ok)
      *milliwatt = (uint64_t)v / 1000;
   return ok;
}

bool
sensor_clock(bool highest, unsigned *mhz)
{
   char folder[512], line[256];
   long long v, best = 0;
   for (int i = 0; i < 4096; i++) {
      snprintf(folder, sizeof folder, "%s/devices/system/cpu/cpu%d/cpufreq", sys(), i);
      if (!read_number(folder, highest ? "cpuinfo_max_freq" : "scaling_cur_freq", &v))
         break;
      best = MAX2(best, v);
   }
   FILE *f = best || highest ? NULL : fopen("/proc/cpuinfo", "re");
   while (f && fgets(line, sizeof line, f)) {
      const char *at = strchr(line, ':');
      if (at && !strncmp(line, "cpu MHz", 7))
         best = MAX2(best, (long long)(atof(at + 1) * 1000));
   }
   if (f)
      fclose(f);
   *mhz = (unsigned)(best / 1000);
   return best > 0;
}
