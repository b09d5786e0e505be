/* SPDX-License-Identifier: Apache-2.0
 * `kasuri doctor PROGRAM`: which CUDA libraries the loader would give it, how the runtime
 * comes into it, and what its device code is made for. The program is not run. */
#include "image/image.h"
#include "machine/profile.h"
#include "tools/doctor_priv.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What CUDA 13.0 brought: newer PTX is tried, and instructions unknown here are errors.
 */
#define PTX_MAJOR 9
#define PTX_MINOR 0

struct program {
   const char *file;
   char *data;
   size_t size;
   bool cuda;           /* anything of CUDA was found in it or its libraries */
   bool shared_runtime; /* by its libraries */
   bool own_runtime;    /* NVIDIA's, linked in, with its symbols */
   bool symbols;        /* has a symbol table */
};

/* -- Libraries, as the system's loader resolves them: it lists without running. */
static const char *
loader(void)
{
   static const char *const known[] = {"/lib64/ld-linux-x86-64.so.2",
                                       "/lib/ld-linux-aarch64.so.1"};
   for (size_t i = 0; i < ARRAY_LEN(known); i++)
      if (tool_exists(known[i]))
         return known[i];
   return NULL;
}

static char *
quoted(const char *text)
{
   struct str s = {0};
   str_append(&s, "'");
   for (; *text; text++)
      str_printf(&s, *text == '\'' ? "'\\''" : "%c", *text);
   str_append(&s, "'");
   return str_take(&s);
}

static const char *
origin_of(const char *path)
{
   const char *list = base_getenv("LD_LIBRARY_PATH");
   struct strings folders = {0};
   const char *why = "its RPATH, or the system's libraries, lead there";
   if (list)
      strings_add_split(&folders, list, ':');
   size_t n = (size_t)(tool_basename(path) - path);
   for (size_t i = 0; i < folders.v.len; i++) {
      size_t len = strlen(folders.v.data[i]);
      if (len + 1 == n && !strncmp(folders.v.data[i], path, len))
         why = "LD_LIBRARY_PATH leads there";
   }
   strings_finish(&folders);
   if (strstr(path, "/site-packages/") || strstr(path, "/dist-packages/"))
      why = "a Python package brought its own copy";
   return why;
}

static bool
is_cuda_library(const char *name)
{
   static const char *const names[] = {
      "libcuda.so",  "libcudart", "libnvrtc",      "libnvidia-ml", "libnvJitLink",
      "libcublas",   "libcudnn",  "libcufft",      "libcurand",    "libcusolver",
      "libcusparse", "libnccl",   "libnvToolsExt", "libcupti",     "libcufile"};
   for (size_t i = 0; i < ARRAY_LEN(names); i++)
      if (!strncmp(name, names[i], strlen(names[i])))
         return true;
   return false;
}

static bool
have(const char *name)
{
   char *own =
      tool_printf("%s/lib64/%s", tool_cuda_folder() ? tool_cuda_folder() : "", name);
   bool there = tool_exists(own);
   base_free(own);
   return there;
}

/* A runtime of another major release: neither here nor, for a newer one, spoken. */
static void
check_version(struct doctor *d, const char *name, unsigned major)
{
   if (major > TOOL_CUDA_MAJOR)
      doctor_bad(d, FINDING_MISSING, name,
                 tool_printf("the program is built for CUDA %u; Kasuri's driver is for "
                             "%d.%d (error 35, insufficient driver)",
                             major, TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR),
                 tool_printf("build it with CUDA %d or 12, or take a newer Kasuri",
                             TOOL_CUDA_MAJOR));
   else
      doctor_bad(
         d, FINDING_MISSING, name,
         tool_printf("the program is built for CUDA %u, whose runtime Kasuri does "
                     "not have",
                     major),
         base_strdup("build it with CUDA 12 or 13"));
}

static void
check_one(struct doctor *d, struct program *p, const char *name, const char *path)
{
   unsigned major = 0;
   p->cuda = true;
   if (!strncmp(name, "libcudart", 9)) {
      p->shared_runtime = true;
      const char *so = strstr(name, ".so.");
      if (so)
         major = (unsigned)strtoul(so + 4, NULL, 10);
   }
   if (major && major != 12 && major != 13)
      check_version(d, name, major);
   else if (path && doctor_is_ours(path))
      doctor_good(d, name, base_strdup(path));
   else if (!have(name) && strncmp(name, "libcudart", 9))
      doctor_bad(
         d, FINDING_MISSING, name,
         tool_printf("%s; Kasuri has no such library yet",
                     path ? "NVIDIA's, which needs NVIDIA's driver" : "not found"),
         base_strdup("see README.md for what works; without that library the "
                     "program may be built in part"));
   else if (path)
      doctor_bad(d, FINDING_NOTE, name,
                 tool_printf("%s is loaded and not Kasuri's: %s", path, origin_of(path)),
                 tool_printf("kasuri run %s, which puts Kasuri's first whatever RPATH or "
                             "LD_LIBRARY_PATH say",
                             p->file));
   else
      doctor_bad(d, FINDING_NOTE, name,
                 base_strdup("the loader does not find it without Kasuri's folder"),
                 tool_printf("kasuri run %s, or eval \"$(kasuri env)\" first", p->file));
}

static void
check_libraries(struct doctor *d, struct program *p)
{
   if (!loader())
      return;
   char *file = realpath(p->file, NULL), *name = quoted(file ? file : p->file);
   char *command =
           tool_printf("LD_TRACE_LOADED_OBJECTS=1 %s %s 2>/dev/null", loader(), name),
        line[4096];
   FILE *f = popen(command, "r");
   while (f && fgets(line, sizeof line, f)) {
      char *at = line + strspn(line, " \t"), *arrow = strstr(at, " => ");
      at[strcspn(at, "\n")] = 0;
      if (!arrow)
         continue;
      *arrow = 0;
      char *path = arrow + 4;
      path[strcspn(path, " ")] = 0;
      if (is_cuda_library(at))
         check_one(d, p, at, *path == '/' ? path : NULL);
   }
   if (f)
      pclose(f);
   base_free(command);
   base_free(name);
   free(file);
}

/* -- The runtime in the program itself */
static void
note_symbol(void *user, const char *name, enum image_symbol kind)
{
   struct program *p = user;
   p->symbols = true;
   p->own_runtime |= kind == IMAGE_DEFINED && !strcmp(name, "cudaMalloc");
}

static void
check_runtime(struct doctor *d, struct program *p, bool images)
{
   image_each_own_symbol(p->data, p->size, note_symbol, p);
   p->cuda |= p->own_runtime;
   /* The note's section, which strip keeps. */
   static const char ours[] = ".note.kasuri";
   if (memmem(p->data, p->size, ours, sizeof ours))
      doctor_good(d, "runtime", base_strdup("Kasuri's own is linked in"));
   else if (p->own_runtime)
      doctor_bad(d, FINDING_NOTE, "runtime",
                 base_strdup("NVIDIA's is linked into the program, which only NVIDIA's "
                             "driver answers"),
                 tool_printf("kasuri run %s, which redirects it; or link again with "
                             "NVCC_APPEND_FLAGS=\"-L%s/lib64 -lcuda\"",
                             p->file, tool_cuda_folder() ? tool_cuda_folder() : ""));
   else if (images && !p->shared_runtime && !p->symbols)
      doctor_bad(d, FINDING_MISSING, "runtime",
                 base_strdup("it is linked in and the program is stripped, so that it "
                             "cannot be redirected"),
                 tool_printf("link again with NVCC_APPEND_FLAGS=\"-L%s/lib64 -lcuda\" or "
                             "-cudart shared, or without strip and -s",
                             tool_cuda_folder() ? tool_cuda_folder() : ""));
   else if (p->shared_runtime)
      doctor_good(d, "runtime", base_strdup("a shared library"));
}

/* -- Device code */
static void
add_target(struct str *list, const struct image_part *part)
{
   char target[32];
   snprintf(target, sizeof target, "sm_%u%.1s", part->sm, &part->suffix);
   if (!list->len || !strstr(str_get(list), target))
      str_printf(list, "%s%s", list->len ? ", " : "", target);
}

static void
check_ptx_version(struct doctor *d, const struct image *im)
{
   unsigned newest = 0;
   for (size_t i = 0; i < im->parts.len; i++) {
      const char *at = im->parts.data[i].ptx;
      unsigned major, minor;
      at = im->parts.data[i].kind == IMAGE_PTX && at ? strstr(at, ".version") : NULL;
      if (at && sscanf(at, ".version %u.%u", &major, &minor) == 2 && minor < 100)
         newest = MAX2(newest, major * 100 + minor);
   }
   if (newest > PTX_MAJOR * 100 + PTX_MINOR)
      doctor_bad(d, FINDING_NOTE, "PTX version",
                 tool_printf("%u.%u is newer than CUDA %d.%d's %d.%d: instructions that "
                             "Kasuri does not know are errors",
                             newest / 100, newest % 100, TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR,
                             PTX_MAJOR, PTX_MINOR),
                 base_strdup("build with CUDA 13.0 or older"));
}

static void
check_images(struct doctor *d, const struct program *p, const struct image *im)
{
   struct str ptx = {0}, sass = {0};
   bool fits = false;
   const struct device_props *dev = device_count() ? device_props(0) : NULL;
   for (size_t i = 0; i < im->parts.len; i++) {
      const struct image_part *part = &im->parts.data[i];
      add_target(part->kind == IMAGE_PTX ? &ptx : &sass, part);
      fits |=
         part->kind == IMAGE_PTX && dev && (!dev->strict || image_fits(part, dev->sm));
   }
   char *build = tool_printf(
      "build %s with PTX: -gencode arch=compute_%u,code=compute_%u, or "
      "-arch=compute_%u",
      tool_basename(p->file), dev ? dev->sm : 80, dev ? dev->sm : 80, dev ? dev->sm : 80);
   if (!ptx.len && sass.len)
      doctor_bad(d, FINDING_MISSING, "device code",
                 tool_printf("machine code for NVIDIA's processors alone (%s), no PTX "
                             "(error 209, no kernel image)",
                             str_get(&sass)),
                 build);
   else if (!fits && dev)
      doctor_bad(
         d, FINDING_MISSING, "device code",
         tool_printf("PTX for %s, and KASURI_DEVICE=%s is sm_%u: too few features "
                     "(error 209, no kernel image)",
                     str_get(&ptx), dev->profile, dev->sm),
         build);
   else {
      doctor_good(d, "device code",
                  tool_printf("PTX for %s%s%s", str_get(&ptx),
                              sass.len ? "; machine code, not used: " : "",
                              sass.len ? str_get(&sass) : ""));
      base_free(build);
   }
   check_ptx_version(d, im);
   str_finish(&ptx);
   str_finish(&sass);
}

void
doctor_program(struct doctor *d, const char *file)
{
   struct program p = {.file = file};
   struct image im;
   struct str why = {0};
   char *path = tool_which(file);
   p.data = tool_read_file(path ? path : file, &p.size);
   if (!p.data || p.size < SELFMAG || memcmp(p.data, ELFMAG, SELFMAG)) {
      doctor_bad(
         d, FINDING_MISSING, "program",
         tool_printf("%s %s", file,
                     p.data ? "is no executable and no shared library"
                            : "cannot be read"),
         base_strdup("name the program itself; of a script, the one it starts, or "
                     "a Python extension's .so file"));
   } else {
      if (path)
         p.file = path;
      bool scanned = image_scan(&im, p.data, p.size, &why) == IMAGE_OK;
      bool images = scanned && im.parts.len;
      p.cuda = images;
      check_libraries(d, &p);
      check_runtime(d, &p, images);
      if (images)
         check_images(d, &p, &im);
      image_finish(&im);
      if (!p.cuda)
         doctor_good(
            d, "program",
            tool_printf("%s has no device code and needs no CUDA library; it may "
                        "load some later",
                        file));
   }
   str_finish(&why);
   base_free(p.data);
   base_free(path);
}
