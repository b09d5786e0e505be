/* SPDX-License-Identifier: Apache-2.0
 * What the doctor asks of the machine and the environment: virtual GPUs, the memory
 * behind them, folders for compiled code, and CUDA libraries that come before Kasuri's.
 */
#include "machine/profile.h"
#include "tools/doctor_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* -- Devices */
void
doctor_devices(struct doctor *d)
{
   const struct device_props *list;
   const char *setting = base_getenv("KASURI_DEVICE");
   unsigned all = device_all(&list);
   if (!all) {
      doctor_bad(d, FINDING_MISSING, "devices",
                 tool_printf("KASURI_DEVICE=%s is wrong, so that there is none (error "
                             "100, no CUDA-capable device)",
                             setting ? setting : ""),
                 base_strdup("unset it, or see docs/device.md for what it may say"));
      return;
   }
   if (!device_count()) {
      const char *v = getenv("CUDA_VISIBLE_DEVICES");
      doctor_bad(d, FINDING_MISSING, "devices",
                 tool_printf("CUDA_VISIBLE_DEVICES=%s hides all %u (error 100, no "
                             "CUDA-capable device)",
                             v ? v : "", all),
                 base_strdup("unset CUDA_VISIBLE_DEVICES, or let it name a device of "
                             "`kasuri smi -L`"));
      return;
   }
   const struct device_props *p = device_props(0);
   doctor_good(d, "devices",
               tool_printf("%u: %s, compute capability %u.%u%s", device_count(), p->name,
                           p->sm / 10, p->sm % 10, device_count() > 1 ? ", …" : ""));
}

/* -- Memory */
static uint64_t
meminfo(const char *field)
{
   char *text = tool_read_file("/proc/meminfo", NULL);
   char *at = text ? strstr(text, field) : NULL;
   uint64_t v = at ? strtoull(at + strlen(field), NULL, 10) << 10 : 0;
   base_free(text);
   return v;
}

static unsigned
mib(uint64_t bytes)
{
   return (unsigned)(bytes >> 20);
}

void
doctor_memory(struct doctor *d)
{
   struct rlimit limit;
   uint64_t host = device_host_memory() / 3 * 4, left = meminfo("MemAvailable:");
   char *mode = tool_read_file("/proc/sys/vm/overcommit_memory", NULL);
   bool strict = mode && *mode == '2';
   base_free(mode);
   uint64_t most = 0;
   for (unsigned i = 0; i < device_count(); i++)
      most = MAX2(most, device_props(i)->memory_chosen ? device_props(i)->memory : 0);
   if (!getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur != RLIM_INFINITY)
      doctor_bad(d, FINDING_NOTE, "memory",
                 tool_printf("a limit of this shell, %u MiB of addresses, ends in out of "
                             "memory (error 2) before the device's is used up",
                             mib(limit.rlim_cur)),
                 base_strdup("ulimit -v unlimited"));
   else if (most > host)
      doctor_bad(d, FINDING_NOTE, "memory",
                 tool_printf("KASURI_DEVICE_MEMORY promises %u MiB, the host has %u MiB: "
                             "what is used beyond that is killed, with no error",
                             mib(most), mib(host)),
                 tool_printf("KASURI_DEVICE_MEMORY=%uM or less", mib(host / 4 * 3)));
   else if (strict)
      doctor_bad(d, FINDING_NOTE, "memory",
                 base_strdup("this system promises no memory it has not got: large "
                             "allocations fail (error 2)"),
                 base_strdup("sysctl vm.overcommit_memory=0"));
   else if (left && left < (uint64_t)1 << 30)
      doctor_bad(d, FINDING_NOTE, "memory",
                 tool_printf("%u MiB of %u MiB are free: allocations fail soon, or the "
                             "system ends the program",
                             mib(left), mib(host)),
                 base_strdup("end other programs; `kasuri smi` shows those of Kasuri"));
   else
      doctor_good(d, "memory",
                  tool_printf("%u MiB, of which %u MiB are free", mib(host), mib(left)));
}

/* -- Folders that code is kept in and run from */
static bool
try_to_write(const char *folder)
{
   char *probe = tool_printf("%s/.doctor-XXXXXX", folder);
   int fd = mkstemp(probe);
   if (fd >= 0) {
      close(fd);
      unlink(probe);
   }
   int error = errno;
   base_free(probe);
   errno = error;
   return fd >= 0;
}

static void
check_folder(struct doctor *d, const char *what, const char *path, const char *setting)
{
   struct statvfs st;
   char *mend =
      tool_printf("set %s to a folder that can be written to and run from, such "
                  "as %s=$HOME/kasuri",
                  setting, setting);
   if (!tool_is_folder(path) && !tool_make_folders(path))
      doctor_bad(d, FINDING_NOTE, what,
                 tool_printf("cannot make %s: %s", path, strerror(errno)), mend);
   else if (!try_to_write(path))
      doctor_bad(d, FINDING_NOTE, what,
                 tool_printf("cannot write to %s: %s", path, strerror(errno)), mend);
   else if (!statvfs(path, &st) && st.f_flag & ST_NOEXEC)
      doctor_bad(d, FINDING_NOTE, what,
                 tool_printf("%s is mounted noexec: programs compiled by `kasuri run` "
                             "cannot be started from there (permission denied)",
                             path),
                 mend);
   else {
      doctor_good(d, what, base_strdup(path));
      base_free(mend);
   }
}

void
doctor_cache(struct doctor *d)
{
   char *path = tool_cache_path();
   check_folder(d, "cache", path, "KASURI_CACHE_DIR");
   base_free(path);
   const char *tmp = base_getenv("TMPDIR");
   check_folder(d, "temporary files", tmp ? tmp : "/tmp", "TMPDIR");
}

/* -- Other CUDA libraries */
bool
doctor_is_ours(const char *path)
{
   const char *cuda = tool_cuda_folder();
   char *lib64 = cuda ? tool_printf("%s/lib64", cuda) : NULL;
   char *ours = lib64 ? realpath(lib64, NULL) : NULL;
   char *folder = base_strndup(path, (size_t)(tool_basename(path) - path));
   char *theirs = realpath(*folder ? folder : ".", NULL);
   /* Where the folder's links lead counts as well: the build tree. */
   char *target = realpath(path, NULL);
   char *own_name = ours ? tool_printf("%s/%s", ours, tool_basename(path)) : NULL;
   char *own_target = own_name ? realpath(own_name, NULL) : NULL;
   bool same = ours && ((theirs && !strcmp(ours, theirs)) ||
                        (target && own_target && !strcmp(target, own_target)));
   base_free(lib64);
   base_free(folder);
   base_free(own_name);
   free(ours);
   free(theirs);
   free(target);
   free(own_target);
   return same;
}

static const char *const driver_names[] = {"libcuda.so.1", "libcudart.so.13",
                                           "libcudart.so.12"};

/* Every libcuda.so.1 that the loader may find: LD_LIBRARY_PATH, WSL's folder, and what
 * ldconfig knows. */
static void
find_drivers(struct strings *found)
{
   const char *path = base_getenv("LD_LIBRARY_PATH");
   struct strings folders = {0};
   if (path)
      strings_add_split(&folders, path, ':');
   strings_add(&folders, "/usr/lib/wsl/lib");
   for (size_t i = 0; i < folders.v.len; i++) {
      char *file = tool_printf("%s/libcuda.so.1", folders.v.data[i]);
      if (tool_exists(file))
         strings_add(found, file);
      base_free(file);
   }
   strings_finish(&folders);
   FILE *f = popen("PATH=\"$PATH:/sbin:/usr/sbin\" ldconfig -p 2>/dev/null", "r");
   char line[1024];
   while (f && fgets(line, sizeof line, f)) {
      char *at = strstr(line, "=> ");
      line[strcspn(line, "\n")] = 0;
      if (at && strstr(line, "libcuda.so.1 ") && tool_exists(at + 3))
         strings_add(found, at + 3);
   }
   if (f)
      pclose(f);
}

/* WSL2's libcuda only passes calls on to Windows; one from a Linux driver package beside
 * it cannot work there at all, and which of the two is found depends on order. */
static bool
check_wsl(struct doctor *d, const struct strings *drivers)
{
   const char *wsl = NULL, *other = NULL;
   for (size_t i = 0; i < drivers->v.len; i++) {
      const char *p = drivers->v.data[i];
      if (strstr(p, "/wsl/lib/"))
         wsl = wsl ? wsl : p;
      else if (!doctor_is_ours(p))
         other = other ? other : p;
   }
   if (!wsl || !other)
      return false;
   doctor_bad(
      d, FINDING_NOTE, "libcuda.so.1",
      tool_printf("there are two beside Kasuri's, WSL2's %s and %s: which one a "
                  "program gets depends on the order of folders",
                  wsl, other),
      base_strdup("start programs with `kasuri run`, which gives them neither; for "
                  "the GPU, remove the Linux driver package (libnvidia-compute, "
                  "libcuda1), since under WSL2 the driver is Windows'"));
   return true;
}

static void
check_shadowing(struct doctor *d)
{
   const char *path = base_getenv("LD_LIBRARY_PATH");
   struct strings folders = {0};
   if (path)
      strings_add_split(&folders, path, ':');
   for (size_t n = 0; n < ARRAY_LEN(driver_names); n++)
      for (size_t i = 0; i < folders.v.len; i++) {
         char *file = tool_printf("%s/%s", folders.v.data[i], driver_names[n]);
         bool there = tool_exists(file), ours = there && doctor_is_ours(file);
         if (there && !ours)
            doctor_bad(d, FINDING_NOTE, driver_names[n],
                       tool_printf("LD_LIBRARY_PATH has %s before Kasuri's", file),
                       base_strdup("start programs with `kasuri run`, or "
                                   "eval \"$(kasuri env)\", which puts Kasuri's first"));
         base_free(file);
         if (there)
            break;
      }
   strings_finish(&folders);
}

void
doctor_libraries(struct doctor *d)
{
   struct strings drivers = {0};
   find_drivers(&drivers);
   check_wsl(d, &drivers);
   check_shadowing(d);
   strings_finish(&drivers);
}
