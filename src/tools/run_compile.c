/* SPDX-License-Identifier: Apache-2.0
 * Programs compiled by `kasuri run`, kept in the cache. An entry is a folder named by a
 * hash of the command; its manifest names every file that was read, with what it held,
 * and the entry counts only while all of them are as they were. */
#include "tools/run_priv.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static uint64_t
hash_text(const char *text, uint64_t seed)
{
   return base_hash(text, strlen(text) + 1, seed);
}

/* Size and time of a file that the user does not edit: cheap, and enough to see that the
 * compiler or a system header is another one. */
static uint64_t
hash_stamp(const char *path, uint64_t seed)
{
   struct stat st;
   if (stat(path, &st) != 0)
      return hash_text("absent", seed);
   int64_t stamp[3] = {st.st_size, st.st_mtim.tv_sec, st.st_mtim.tv_nsec};
   return base_hash(stamp, sizeof stamp, seed);
}

static uint64_t
hash_file(const char *path, uint64_t seed)
{
   static const char *const stamped[] = {"/usr/include/", "/usr/lib/"};
   for (size_t i = 0; i < ARRAY_LEN(stamped); i++) {
      if (!strncmp(path, stamped[i], strlen(stamped[i])))
         return hash_stamp(path, seed);
   }
   size_t size;
   char *text = tool_read_file(path, &size);
   if (!text)
      return hash_text("absent", seed);
   uint64_t h = base_hash(text, size, seed);
   base_free(text);
   return h;
}

/* What selects the entry: everything but the contents of files. */
static char *
entry_folder(const struct run_compile *c, const char *source)
{
   const char *cache = tool_cache_folder();
   if (!cache)
      return NULL;
   char *cwd = getcwd(NULL, 0);
   uint64_t h = hash_text(TOOL_VERSION, BASE_HASH_SEED);
   h = hash_text(source, h);
   /* Relative -I folders mean something else elsewhere. */
   h = hash_text(cwd ? cwd : "", h);
   h = hash_text(tool_clang(), h);
   h = hash_stamp(tool_clang(), h);
   h = hash_text(tool_cuda_folder(), h);
   h = hash_stamp("/proc/self/exe", h);
   for (size_t i = 0; i < c->flags.v.len; i++)
      h = hash_text(c->flags.v.data[i], h);
   static const char *const variables[] = {"CPATH", "CPLUS_INCLUDE_PATH", "LIBRARY_PATH",
                                           "NVCC_APPEND_FLAGS", "NVCC_PREPEND_FLAGS"};
   for (size_t i = 0; i < ARRAY_LEN(variables); i++) {
      const char *v = base_getenv(variables[i]);
      h = hash_text(v ? v : "", h);
   }
   free(cwd);
   return tool_printf("%s/run/%016" PRIx64, cache, h);
}

/* Manifest: a line `HASH PATH` for each file that was read. */
static bool
manifest_holds(const char *folder)
{
   char *path = tool_printf("%s/manifest", folder);
   char *text = tool_read_file(path, NULL);
   base_free(path);
   if (!text)
      return false;
   bool ok = *text != 0;
   for (char *line = text; ok && *line;) {
      size_t n = strcspn(line, "\n");
      bool last = !line[n];
      line[n] = 0;
      char *name;
      uint64_t h = strtoull(line, &name, 16);
      ok = *name == ' ' && hash_file(name + 1, BASE_HASH_SEED) == h;
      line += n + !last;
   }
   base_free(text);
   return ok;
}

static int
compare_names(const void *a, const void *b)
{
   return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
write_manifest(const char *folder, const struct strings *inputs)
{
   struct str out = {0};
   struct strings names = {0};
   strings_add_all(&names, inputs);
   char *math = tool_printf("%s/nvvm/libdevice/libdevice.10.bc", tool_cuda_folder());
   strings_add(&names, math);
   base_free(math);
   qsort(names.v.data, names.v.len, sizeof *names.v.data, compare_names);
   for (size_t i = 0; i < names.v.len; i++) {
      if (i && !strcmp(names.v.data[i], names.v.data[i - 1]))
         continue;
      str_printf(&out, "%016" PRIx64 " %s\n", hash_file(names.v.data[i], BASE_HASH_SEED),
                 names.v.data[i]);
   }
   char *path = tool_printf("%s/manifest", folder);
   bool ok = tool_write_file(path, str_get(&out), out.len);
   base_free(path);
   strings_finish(&names);
   str_finish(&out);
   return ok;
}

static bool
compile(const struct run_compile *c, const char *source, const char *folder)
{
   struct strings argv = {0};
   strings_add_all(&argv, &c->flags);
   if (c->verbose)
      strings_add(&argv, "-v");
   strings_add(&argv, "-o");
   strings_addf(&argv, "%s/program", folder);
   strings_add(&argv, source);
   struct nvcc_job *j = nvcc_job_create();
   nvcc_job_record_inputs(j);
   bool done;
   int status = nvcc_job_parse(j, (int)argv.v.len, strings_argv(&argv), &done);
   if (!status)
      status = nvcc_job_execute(j);
   bool ok = !status && write_manifest(folder, nvcc_job_inputs(j));
   if (!status && !ok)
      tool_error("run", "cannot write to the cache folder %s: %s", folder,
                 strerror(errno));
   nvcc_job_destroy(j);
   strings_finish(&argv);
   return ok;
}

/* Compiles beside the entry and moves it into place, so that two runs at once do not see
 * each other's halves. */
static bool
renew(const struct run_compile *c, const char *source, const char *folder)
{
   char *fresh = tool_printf("%s.%d", folder, (int)getpid());
   bool ok = tool_make_folders(fresh);
   if (!ok)
      tool_error("run", "cannot make the cache folder %s: %s", fresh, strerror(errno));
   ok = ok && compile(c, source, fresh);
   if (ok) {
      tool_remove_tree(folder);
      /* Another run may have been faster; its program is as good. */
      if (rename(fresh, folder) != 0)
         ok = manifest_holds(folder);
   }
   tool_remove_tree(fresh);
   base_free(fresh);
   return ok;
}

char *
run_compile(const struct run_compile *c, const char *file)
{
   uint64_t start = base_now_ns();
   char *source = realpath(file, NULL);
   if (!source) {
      tool_error("run", "%s: %s", file, strerror(errno));
      return NULL;
   }
   if (!tool_clang() || !tool_cuda_folder()) {
      tool_error("run", !tool_clang()
                           ? "clang++-19 is missing: apt-get install clang-19"
                           : "Kasuri's CUDA folder is not beside this program");
      free(source);
      return NULL;
   }
   char *folder = entry_folder(c, source), *program = NULL;
   if (folder) {
      char *path = tool_printf("%s/program", folder);
      bool cached = manifest_holds(folder) && access(path, X_OK) == 0;
      if (cached || renew(c, source, folder))
         program = base_strdup(path);
      if (program && c->time)
         fprintf(stderr, "kasuri: %s %s in %.3f s\n", cached ? "found" : "compiled", file,
                 (double)(base_now_ns() - start) * 1e-9);
      base_free(path);
   }
   base_free(folder);
   free(source);
   return program;
}
