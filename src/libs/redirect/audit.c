/* SPDX-License-Identifier: Apache-2.0
 * What the dynamic loader asks us: where to look for a library (Kasuri's own comes first,
 * whatever RPATH, absolute name or bundled copy would win), and, for each object it has
 * mapped, whether NVIDIA's runtime is linked into it. Such an object's entry points are
 * found by their names and redirected before any of its code runs. */
#include "redirect.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KASURI_EXPORT __attribute__((visibility("default")))
#define MESSAGE_LINK                                                                     \
   "Link it again with NVCC_APPEND_FLAGS=\"-L%s -lcuda\" in the environment, or with "   \
   "nvcc's\noption -cudart shared; or build it without strip (and without -s).\n"

static char folder[4096]; /* Kasuri's lib64 */
static bool verbose;

KASURI_EXPORT unsigned
la_version(unsigned version)
{
   Dl_info info;
   const char *slash = NULL;
   if (dladdr((void *)(uintptr_t)la_version, &info) && info.dli_fname)
      slash = strrchr(info.dli_fname, '/');
   if (!slash || (size_t)(slash - info.dli_fname) >= sizeof folder)
      return 0; /* the loader goes on without us */
   memcpy(folder, info.dli_fname, (size_t)(slash - info.dli_fname));
   const char *log = getenv("KASURI_LOADER");
   verbose = log && !strcmp(log, "verbose");
   return version < LAV_CURRENT ? version : LAV_CURRENT;
}

/* -- Finding us first. */
static bool
digits_and_dots(const char *p)
{
   return strspn(p, "0123456789.") == strlen(p);
}

/* The name under which Kasuri has what `base` asks for: libcuda.so.550.54 is
 * libcuda.so.1, libcudart-8b2f1c.so.12 (a wheel's bundled copy) and libcudart.so.12.4 are
 * libcudart.so.12. Others by their own name. False where the name cannot be ours. */
static bool
own_name(const char *base, char *out, size_t size)
{
   if (!strncmp(base, "libcuda.so", 10) && digits_and_dots(base + 10))
      return snprintf(out, size, "libcuda.so.1") > 0;
   if (!strncmp(base, "libcudart", 9) && (base[9] == '.' || base[9] == '-')) {
      const char *so = strstr(base, ".so");
      if (!so || !digits_and_dots(so + 3))
         return false;
      const char *version = so[3] ? so + 4 : "13"; /* a bare libcudart.so: the newest */
      return snprintf(out, size, "libcudart.so.%.*s", (int)strcspn(version, "."),
                      version) < (int)size;
   }
   return !strncmp(base, "lib", 3) && strstr(base, ".so") &&
          snprintf(out, size, "%s", base) < (int)size;
}

/* Kasuri's file for a library's name, in a buffer that lives until the next call. */
static const char *
own_file(const char *name)
{
   static __thread char path[sizeof folder + 256];
   char own[200];
   const char *slash = strrchr(name, '/'), *base = slash ? slash + 1 : name;
   if (!own_name(base, own, sizeof own))
      return NULL;
   snprintf(path, sizeof path, "%s/%s", folder, own);
   return access(path, R_OK) == 0 ? path : NULL;
}

KASURI_EXPORT char *
la_objsearch(const char *name, uintptr_t *cookie, unsigned flag)
{
   (void)cookie;
   const char *own = own_file(name);
   if (!own || !strcmp(own, name))
      return (char *)(uintptr_t)name;
   if (verbose && flag == LA_SER_ORIG)
      fprintf(stderr, "kasuri: loader: %s -> %s\n", name, own);
   return (char *)(uintptr_t)own;
}

/* -- Objects that hold NVIDIA's runtime. */
static bool
find_symbol(const struct elf_symbols *t, const char *name, bool defined)
{
   for (size_t i = 0; i < t->count; i++)
      if ((t->syms[i].st_shndx != SHN_UNDEF) == defined && !strcmp(elf_name(t, i), name))
         return true;
   return false;
}

/* Programs for CUDA 12 have the newer of its two forms beside the older; in 13 there is
 * one again, and functions that are new. 0: older than both. */
static int
runtime_version(const struct elf_symbols *t)
{
   if (find_symbol(t, "cudaGetDeviceProperties_v2", true))
      return 12;
   return find_symbol(t, "cudaDeviceGetHostAtomicCapabilities", true) ? 13 : 0;
}

static int
compare_names(const void *a, const void *b)
{
   return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The functions that Kasuri's library for a version exports, sorted; kept. */
static const char *const *
exports(int abi, size_t *count)
{
   static struct {
      const char **names;
      size_t count;
   } known[2];
   unsigned k = abi == 13;
   *count = known[k].count;
   if (known[k].names)
      return known[k].names;
   char path[sizeof folder + 32];
   snprintf(path, sizeof path, "%s/libcudart.so.%d", folder, abi);
   struct elf e; /* stays open: the names are its own */
   if (!elf_open(&e, path))
      return NULL;
   struct elf_symbols t = elf_symbols(&e, SHT_DYNSYM);
   const char **names = malloc((t.count + 1) * sizeof *names);
   if (!names)
      return NULL;
   size_t n = 0;
   for (size_t i = 0; i < t.count; i++)
      if (t.syms[i].st_shndx != SHN_UNDEF && ELF64_ST_TYPE(t.syms[i].st_info) == STT_FUNC)
         names[n++] = elf_name(&t, i);
   qsort(names, n, sizeof *names, compare_names);
   known[k].names = names;
   *count = known[k].count = n;
   return names;
}

/* A program cannot go on: its first call would enter a runtime that finds no driver. */
static void
give_up(const char *path, const char *why)
{
   fprintf(stderr, "kasuri: %s: %s.\n" MESSAGE_LINK, path, why, folder);
   _exit(127);
}

/* Functions of a few bytes are padded: there is room as far as the next symbol. */
static bool
has_room(const struct elf *e, const struct elf_symbols *t, const Elf64_Sym *s)
{
   for (size_t i = 0; s->st_size < REDIRECT_JUMP_SIZE && i < t->count; i++)
      if (t->syms[i].st_shndx == s->st_shndx && t->syms[i].st_value > s->st_value &&
          t->syms[i].st_value - s->st_value < REDIRECT_JUMP_SIZE)
         return false;
   return elf_is_code(e, s->st_value, REDIRECT_JUMP_SIZE);
}

static size_t
collect(const struct elf *e, const struct elf_symbols *t, uintptr_t base,
        const char *path, int abi, const char *const *names, size_t count,
        struct redirect *out)
{
   size_t n = 0;
   for (size_t i = 0; i < t->count; i++) {
      const Elf64_Sym *s = &t->syms[i];
      const char *name = elf_name(t, i);
      if (ELF64_ST_TYPE(s->st_info) != STT_FUNC || s->st_shndx == SHN_UNDEF ||
          (strncmp(name, "cuda", 4) && strncmp(name, "__cuda", 6)))
         continue;
      const char *const *known =
         bsearch(&name, names, count, sizeof *names, compare_names);
      if (!known)
         continue;
      if (!has_room(e, t, s)) {
         char why[256];
         snprintf(
            why, sizeof why,
            "the CUDA runtime in it cannot be redirected: there is no room in %.100s",
            name);
         give_up(path, why);
      }
      out[n++] = (struct redirect){base + s->st_value, *known, abi};
   }
   return n;
}

static void
redirect_object(const struct elf *e, const struct elf_symbols *t, uintptr_t base,
                const char *path)
{
   int abi = runtime_version(t);
   if (!abi)
      give_up(path, "a runtime older than CUDA 12 is linked into it");
   size_t count;
   const char *const *names = exports(abi, &count);
   struct redirect *r = names ? malloc((t->count + 1) * sizeof *r) : NULL;
   if (!r)
      give_up(path, "Kasuri's libcudart cannot be read, to redirect the runtime in it");
   size_t n = collect(e, t, base, path, abi, names, count, r);
   const char *why;
   if (!redirect_write(r, n, &why)) {
      char text[256];
      snprintf(text, sizeof text, "the CUDA runtime in it cannot be redirected: %s", why);
      give_up(path, text);
   }
   if (verbose)
      fprintf(stderr, "kasuri: loader: %s: CUDA %d runtime, %zu functions redirected\n",
              path, abi, n);
   free(r);
}

/* Its symbol table was removed; what nvcc puts beside the code was not. */
static void
stripped(const char *path, bool program)
{
   static const char why[] =
      "NVIDIA's CUDA runtime is linked into it (nvcc's default, -cudart static), and "
      "its\n"
      "symbol table was removed, so that the runtime's functions cannot be found and "
      "redirected";
   if (program)
      give_up(path, why);
   fprintf(stderr, "kasuri: %s: %s. CUDA calls made inside it will fail.\n" MESSAGE_LINK,
           path, why, folder);
}

static void
look_at(const struct elf *e, uintptr_t base, const char *path, bool program)
{
   struct elf_symbols all = elf_symbols(e, SHT_SYMTAB), dyn = elf_symbols(e, SHT_DYNSYM);
   static const char entry[] = "__cudaRegisterFatBinary";
   if (elf_section(e, ".note.kasuri"))
      return; /* Kasuri's runtime, linked in or shared */
   if (find_symbol(&all, entry, true))
      redirect_object(e, &all, base, path);
   else if (find_symbol(&dyn, entry, true))
      redirect_object(e, &dyn, base, path);
   else if ((elf_section(e, ".nv_fatbin") || elf_section(e, ".nvFatBinSegment")) &&
            !find_symbol(&dyn, entry, false) && !all.count)
      stripped(path, program);
}

KASURI_EXPORT unsigned
la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
   (void)cookie;
   /* The program itself has no name, and comes first. */
   static bool seen;
   bool program = !seen && lmid == LM_ID_BASE && !map->l_name[0];
   seen |= program;
   const char *file = program ? "/proc/self/exe" : map->l_name;
   struct elf e;
   if (lmid != LM_ID_BASE || !file[0] || !elf_open(&e, file))
      return 0;
   char path[4096];
   ssize_t n = program ? readlink(file, path, sizeof path - 1) : -1;
   path[n > 0 ? n : 0] = 0;
   look_at(&e, map->l_addr, n > 0 ? path : file, program);
   elf_close(&e);
   return 0; /* bindings are not for us: calls cost nothing more */
}

/* -- Called from programs, at the first call of each function. */
void *
redirect_target(const char *name, int abi)
{
   static void *handles[2];
   void **h = &handles[abi == 13], *lib = __atomic_load_n(h, __ATOMIC_ACQUIRE);
   if (!lib) {
      char path[sizeof folder + 32];
      snprintf(path, sizeof path, "%s/libcudart.so.%d", folder, abi);
      /* In the program's namespace, where its libc and our libcuda.so.1 are. */
      lib = dlmopen(LM_ID_BASE, path, RTLD_NOW | RTLD_LOCAL);
      __atomic_store_n(h, lib, __ATOMIC_RELEASE);
   }
   void *to = lib ? dlsym(lib, name) : NULL;
   if (to)
      return to;
   const char *why = dlerror();
   fprintf(stderr, "kasuri: cannot redirect %s: %s\n", name, why ? why : "no reason");
   _exit(127);
}
