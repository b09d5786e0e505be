/* SPDX-License-Identifier: Apache-2.0
 * Compiled objects on disk, one file each, named by their key: written to a temporary
 * name and renamed, so that readers see whole files; a checksum tells a damaged one. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "back/object.h"

#define CACHE_MAGIC 0x344a424f41534b00ull

struct file_head {
   uint64_t magic, key_hi, key_lo, checksum, elf_size;
   uint32_t mode, local_bytes, stack_bytes, num_regs, nsyms, names_size, whole_block,
      width, together;
   uint32_t frame_bytes;
};

static bool
cache_dir(char *out, size_t n)
{
   const char *off = base_getenv("KASURI_CACHE");
   if (off && !strcmp(off, "0"))
      return false;
   const char *dir = base_getenv("KASURI_CACHE_DIR");
   const char *xdg = base_getenv("XDG_CACHE_HOME"), *home = base_getenv("HOME");
   int len = dir                    ? snprintf(out, n, "%s", dir)
             : xdg && xdg[0] == '/' ? snprintf(out, n, "%s/kasuri", xdg)
             : home                 ? snprintf(out, n, "%s/.cache/kasuri", home)
                                    : -1;
   return len > 0 && (size_t)len + 64 < n;
}

/* Makes the folder and those above it; what cannot be made shows when files are opened.
 */
static void
make_dirs(char *path)
{
   for (char *p = path + 1; *p; p++)
      if (*p == '/') {
         *p = 0;
         mkdir(path, 0777);
         *p = '/';
      }
   mkdir(path, 0777);
}

static bool
cache_path(uint64_t hi, uint64_t lo, bool make, char *out, size_t n)
{
   if (!cache_dir(out, n))
      return false;
   size_t len = strlen(out);
   snprintf(out + len, n - len, "/code");
   if (make)
      make_dirs(out);
   len = strlen(out);
   snprintf(out + len, n - len, "/%016llx%016llx.ko", (unsigned long long)hi,
            (unsigned long long)lo);
   return true;
}

/* Of everything in the file but the checksum itself. */
static uint64_t
checksum_of(struct file_head h, const void *body, size_t n)
{
   h.checksum = 0;
   return base_hash(body, n, base_hash(&h, sizeof h, BASE_HASH_SEED));
}

static bool
parse(const uint8_t *p, size_t n, uint64_t hi, uint64_t lo, struct back_object *out)
{
   struct file_head h;
   if (n < sizeof h)
      return false;
   memcpy(&h, p, sizeof h);
   size_t rest = n - sizeof h;
   if (h.magic != CACHE_MAGIC || h.key_hi != hi || h.key_lo != lo ||
       h.names_size > rest || h.elf_size != rest - h.names_size ||
       h.mode > EXEC_THREAD_FIBER || h.nsyms > h.names_size ||
       h.checksum != checksum_of(h, p + sizeof h, rest))
      return false;
   const char *name = (const char *)p + sizeof h, *end = name + h.names_size;
   if (h.names_size && end[-1])
      return false;
   memset(out, 0, sizeof *out);
   out->syms = base_calloc(h.nsyms ? h.nsyms : 1, sizeof *out->syms);
   for (; out->nsyms < h.nsyms && name < end; name += strlen(name) + 1)
      out->syms[out->nsyms++] = base_strdup(name);
   if (out->nsyms != h.nsyms) {
      back_object_finish(out);
      return false;
   }
   out->mode = (enum exec_mode)h.mode;
   out->whole_block = h.whole_block != 0;
   out->width = (uint8_t)h.width;
   out->together = (uint8_t)h.together;
   out->local_bytes = h.local_bytes;
   out->stack_bytes = h.stack_bytes;
   out->frame_bytes = h.frame_bytes;
   out->num_regs = h.num_regs;
   out->elf_size = h.elf_size;
   out->elf = base_alloc(h.elf_size);
   memcpy(out->elf, end, h.elf_size);
   return true;
}

bool
cache_read(uint64_t hi, uint64_t lo, struct back_object *out)
{
   char path[4096];
   struct stat st;
   if (!cache_path(hi, lo, false, path, sizeof path))
      return false;
   int fd = open(path, O_RDONLY | O_CLOEXEC);
   if (fd < 0)
      return false;
   bool ok = false;
   if (!fstat(fd, &st) && st.st_size > 0 && st.st_size < ((off_t)1 << 30)) {
      uint8_t *p = base_alloc((size_t)st.st_size);
      ssize_t n = read(fd, p, (size_t)st.st_size);
      ok = n == st.st_size && parse(p, (size_t)n, hi, lo, out);
      base_free(p);
   }
   close(fd);
   return ok;
}

static bool
write_all(int fd, const void *data, size_t n)
{
   const char *p = data;
   while (n) {
      ssize_t k = write(fd, p, n);
      if (k < 0 && errno == EINTR)
         continue;
      if (k <= 0)
         return false;
      p += k;
      n -= (size_t)k;
   }
   return true;
}

void
cache_write(uint64_t hi, uint64_t lo, const struct back_object *o)
{
   char path[4096], temp[4200];
   if (!cache_path(hi, lo, true, path, sizeof path))
      return;
   struct str body = {0};
   struct file_head h = {.magic = CACHE_MAGIC,
                         .key_hi = hi,
                         .key_lo = lo,
                         .elf_size = o->elf_size,
                         .mode = o->mode,
                         .whole_block = o->whole_block,
                         .width = o->width,
                         .together = o->together,
                         .local_bytes = o->local_bytes,
                         .stack_bytes = o->stack_bytes,
                         .frame_bytes = o->frame_bytes,
                         .num_regs = o->num_regs,
                         .nsyms = o->nsyms};
   str_append_n(&body, (const char *)&h, sizeof h);
   for (uint32_t i = 0; i < o->nsyms; i++)
      str_append_n(&body, o->syms[i], strlen(o->syms[i]) + 1);
   h.names_size = (uint32_t)(body.len - sizeof h);
   str_append_n(&body, (const char *)o->elf, o->elf_size);
   h.checksum = checksum_of(h, body.data + sizeof h, body.len - sizeof h);
   memcpy(body.data, &h, sizeof h);
   snprintf(temp, sizeof temp, "%s.XXXXXX", path);
   int fd = mkostemp(temp, O_CLOEXEC);
   if (fd >= 0) {
      bool ok = write_all(fd, body.data, body.len);
      ok = close(fd) == 0 && ok;
      if (!ok || rename(temp, path))
         unlink(temp);
   }
   str_finish(&body);
}

const char *
cache_host_tag(void)
{
   static _Thread_local char tag[2048];
   if (tag[0])
      return tag;
   const char *cpu = base_getenv("KASURI_CPU");
   int n = snprintf(tag, sizeof tag, "%s|", cpu ? cpu : "native");
   FILE *f = fopen("/proc/cpuinfo", "re");
   char line[4096];
   uint64_t h = BASE_HASH_SEED;
   while (f && fgets(line, sizeof line, f) && line[0] != '\n')
      if (!strncmp(line, "flags", 5) || !strncmp(line, "model", 5) ||
          !strncmp(line, "Features", 8) || !strncmp(line, "CPU part", 8))
         h = base_hash(line, strlen(line), h);
   if (f)
      fclose(f);
   snprintf(tag + n, sizeof tag - (size_t)n, "%016llx|%s", (unsigned long long)h,
            KASURI_BUILD_ID);
   return tag;
}
