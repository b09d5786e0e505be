/* SPDX-License-Identifier: Apache-2.0
 * Processes make themselves known in /dev/shm/kasuri-UID/PID. A record costs its owner
 * nothing but stores into a mapped page; it goes with its process, and one that was left
 * behind is found out by the process's start time and removed. */
#include "presence.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER "/dev/shm"
#define PREFIX "kasuri-"

static struct presence unpublished;
struct presence *presence_own = &unpublished;
static char own_path[64];
static pthread_once_t once = PTHREAD_ONCE_INIT;

bool
process_stat(uint32_t pid, unsigned first, size_t n, uint64_t *out)
{
   char path[64], text[1024];
   snprintf(path, sizeof path, "/proc/%u/stat", pid);
   FILE *f = fopen(path, "re");
   size_t size = f ? fread(text, 1, sizeof text - 1, f) : 0;
   if (f)
      fclose(f);
   text[size] = 0;
   /* The second field is a name in parentheses that may hold anything. */
   const char *at = strrchr(text, ')');
   for (unsigned field = 3; at && field <= first + n - 1; field++) {
      at = strchr(at + 1, ' ');
      if (at && field >= first)
         out[field - first] = strtoull(at + 1, NULL, 10);
   }
   return at != NULL;
}

uint64_t
presence_start_of(uint32_t pid)
{
   uint64_t start;
   return process_stat(pid, 22, 1, &start) ? start : 0;
}

static void
publish(void)
{
   char folder[48];
   struct stat st;
   uid_t user = geteuid();
   snprintf(folder, sizeof folder, FOLDER "/" PREFIX "%u", (unsigned)user);
   mkdir(folder, 0755);
   /* Whoever owns the folder may change what is in it. */
   if (lstat(folder, &st) || !S_ISDIR(st.st_mode) || st.st_uid != user)
      return;
   snprintf(own_path, sizeof own_path, "%s/%u", folder, (unsigned)getpid());
   unlink(own_path);
   int fd = open(own_path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
   if (fd < 0)
      return;
   struct presence *p = MAP_FAILED;
   if (!ftruncate(fd, sizeof *p))
      p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
   close(fd);
   if (p == MAP_FAILED) {
      unlink(own_path);
      own_path[0] = 0;
      return;
   }
   p->pid = (uint32_t)getpid();
   p->start = presence_start_of(p->pid);
   p->count = device_count();
   for (unsigned i = 0; i < p->count; i++)
      memcpy(p->devices[i].uuid, device_props(i)->uuid, sizeof p->devices[i].uuid);
   __atomic_store_n(&p->magic, PRESENCE_MAGIC, __ATOMIC_RELEASE);
   __atomic_store_n(&presence_own, p, __ATOMIC_RELEASE);
}

void
presence_publish(void)
{
   pthread_once(&once, publish);
}

/* A child made by fork has its parent's record mapped, which is not its own to remove. */
__attribute__((destructor)) static void
withdraw(void)
{
   if (*own_path && presence_own->pid == (uint32_t)getpid())
      unlink(own_path);
}

static bool
read_record(int folder, const char *name, uid_t owner, struct presence *p)
{
   struct stat st;
   char *end;
   unsigned long pid = strtoul(name, &end, 10);
   int fd = *end ? -1 : openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
   if (fd < 0)
      return false;
   bool ok = !fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_uid == owner &&
             read(fd, p, sizeof *p) == (ssize_t)sizeof *p;
   close(fd);
   ok = ok && p->magic == PRESENCE_MAGIC && p->pid == pid && p->count <= DEVICE_MAX;
   if (ok && p->start == presence_start_of(p->pid))
      return true;
   unlinkat(folder, name, 0); /* left behind; allowed to its owner alone */
   return false;
}

static void
each_of_user(const char *folder, uid_t owner, void (*fn)(const struct presence *, void *),
             void *arg)
{
   DIR *d = opendir(folder);
   struct presence p;
   for (struct dirent *e; d && (e = readdir(d));)
      if (e->d_name[0] >= '0' && e->d_name[0] <= '9' &&
          read_record(dirfd(d), e->d_name, owner, &p))
         fn(&p, arg);
   if (d)
      closedir(d);
}

void
presence_each(void (*fn)(const struct presence *p, void *arg), void *arg)
{
   DIR *d = opendir(FOLDER);
   for (struct dirent *e; d && (e = readdir(d));) {
      char path[320];
      struct stat st;
      snprintf(path, sizeof path, FOLDER "/%s", e->d_name);
      if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) || lstat(path, &st) ||
          !S_ISDIR(st.st_mode) ||
          strtoul(e->d_name + strlen(PREFIX), NULL, 10) != st.st_uid)
         continue;
      each_of_user(path, st.st_uid, fn, arg);
   }
   if (d)
      closedir(d);
}
