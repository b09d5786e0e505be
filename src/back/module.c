/* SPDX-License-Identifier: Apache-2.0
 * The module that holds LLVM. It is found at once, and loaded when something must be
 * compiled, since LLVM takes longer to load than a cached kernel to run.
 *
 * Constructors of libraries may launch kernels. They run under the lock of the dynamic
 * loader, and until they are through every other thread that loads something waits. So
 * whoever calls the loader holds no lock that a launch may want, and nobody waits for
 * somebody who does: each thread that needs the module loads it by itself, which the
 * loader puts in order, and of two results that are ready at once one is forgotten. */
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "back/background.h"
#include "back/module.h"

struct found {
   char path[PATH_MAX + 64]; /* empty: there is none */
   char tag[64];
};

struct loaded {
   back_compile_fn *compile;
   char error[512];
};

static struct found *found;
static struct loaded *loaded;

/* *place holds p from now on, or what another thread had ready before. */
static void
publish(void **place, void *p)
{
   void *none = NULL;
   if (!__atomic_compare_exchange_n(place, &none, p, false, __ATOMIC_ACQ_REL,
                                    __ATOMIC_RELAXED))
      base_free(p);
}

static bool
try_path(struct found *f, const char *path)
{
   struct stat st;
   if (stat(path, &st))
      return false;
   snprintf(f->path, sizeof f->path, "%s", path);
   snprintf(f->tag, sizeof f->tag, "%lld.%ld.%lld", (long long)st.st_mtim.tv_sec,
            (long)st.st_mtim.tv_nsec, (long long)st.st_size);
   return true;
}

static void
find_module(struct found *f)
{
   const char *given = base_getenv("KASURI_SIMD_MODULE");
   if (given) {
      try_path(f, given);
      return;
   }
   static const char *const places[] = {"", "../cuda/lib64/", "../../cuda/lib64/",
                                        "cuda/lib64/"};
   Dl_info info;
   char real[PATH_MAX], path[PATH_MAX + 64];
   if (!dladdr((void *)(uintptr_t)find_module, &info) || !info.dli_fname)
      return;
   /* The main program's name is as typed; the kernel knows where it lies. */
   const char *self = info.dli_fname;
   if (!realpath(strchr(self, '/') ? self : "/proc/self/exe", real))
      return;
   char *slash = strrchr(real, '/');
   for (size_t i = 0; slash && i < ARRAY_LEN(places); i++) {
      snprintf(path, sizeof path, "%.*s%skasuri-simd.so", (int)(slash + 1 - real), real,
               places[i]);
      if (try_path(f, path))
         return;
   }
}

static const struct found *
where(void)
{
   struct found *f = __atomic_load_n(&found, __ATOMIC_ACQUIRE);
   if (!f) {
      f = base_calloc(1, sizeof *f);
      find_module(f);
      publish((void **)&found, f);
      f = __atomic_load_n(&found, __ATOMIC_ACQUIRE);
   }
   return f;
}

const char *
module_tag(void)
{
   const struct found *f = where();
   return *f->path ? f->tag : NULL;
}

bool
module_was_tried(void)
{
   return __atomic_load_n(&loaded, __ATOMIC_ACQUIRE) != NULL;
}

void
module_load(void)
{
   const struct found *f = where();
   if (module_was_tried())
      return;
   struct loaded *l = base_calloc(1, sizeof *l);
   background_begin_loading();
   void *h = dlopen(f->path, RTLD_NOW | RTLD_LOCAL);
   if (h)
      l->compile = (back_compile_fn *)dlsym(h, "kasuri_simd_compile");
   if (!l->compile)
      snprintf(l->error, sizeof l->error, "%s", dlerror());
   background_release(); /* symbols that are looked up no more: 30 MB */
   publish((void **)&loaded, l);
   background_end_loading();
}

back_compile_fn *
module_compile(const char **error)
{
   const struct loaded *l = __atomic_load_n(&loaded, __ATOMIC_ACQUIRE);
   *error = l->error;
   return l->compile;
}
