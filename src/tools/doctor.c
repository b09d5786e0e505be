/* SPDX-License-Identifier: Apache-2.0
 * `kasuri doctor`: what is here, what is missing, and the command that mends it. */
#include "tools/tools.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct report {
   bool broken;
};

static void
good(const char *what, const char *detail)
{
   printf("  ok       %-22s %s\n", what, detail);
}

/* needed: without it something everyday fails; otherwise it only takes longer. */
static void
missing(struct report *r, bool needed, const char *what, const char *effect,
        const char *mend)
{
   printf("  %s  %-22s %s\n           %-22s mend: %s\n", needed ? "MISSING" : "absent ",
          what, effect, "", mend);
   r->broken |= needed;
}

static char *
first_line_of(const char *program, const char *option)
{
   char *command = tool_printf("'%s' %s 2>/dev/null", program, option);
   FILE *f = popen(command, "r");
   char line[256] = "";
   base_free(command);
   if (f) {
      if (!fgets(line, sizeof line, f))
         line[0] = 0;
      pclose(f);
   }
   line[strcspn(line, "\n")] = 0;
   return base_strdup(line);
}

static void
check_processor(void)
{
   char *text = tool_read_file("/proc/cpuinfo", NULL);
   char *name = text ? strstr(text, "model name") : NULL;
   char *flags = text ? strstr(text, "flags\t") : NULL;
   const char *vectors = "";
   if (flags) {
      flags[strcspn(flags, "\n")] = 0;
      vectors = strstr(flags, " avx512f") ? ", AVX-512"
                : strstr(flags, " avx2")  ? ", AVX2"
                                          : ", SSE2 only";
   }
   if (name) {
      name += strcspn(name, ":");
      name += strspn(name, ": ");
      name[strcspn(name, "\n")] = 0;
   }
   char *detail = tool_printf("%s, %ld threads%s", name ? name : "unknown",
                              sysconf(_SC_NPROCESSORS_ONLN), vectors);
   good("processor", detail);
   base_free(detail);
   base_free(text);
}

static void
check_front_end(struct report *r)
{
   const char *clang = tool_clang();
   if (!clang) {
      missing(r, true, "clang 19", "needed to compile .cu files",
              "apt-get install clang-19");
      return;
   }
   char *version = first_line_of(clang, "--version");
   good("clang 19", version);
   if (!strstr(version, " 19."))
      missing(r, true, "clang 19", "this is another release; headers may not fit",
              "apt-get install clang-19, or set KASURI_CLANG");
   base_free(version);
   char *probe = first_line_of(clang, "-xc++ -fsyntax-only -include cmath /dev/null "
                                      "&& echo yes");
   if (!strcmp(probe, "yes"))
      good("C++ library", "headers found");
   else
      missing(r, true, "C++ library", "its headers are not there",
              "apt-get install libstdc++-12-dev libc6-dev");
   base_free(probe);
   char *lld = tool_which("ld.lld-19");
   if (lld)
      good("lld 19", lld);
   else
      missing(r, false, "lld 19", "the slower system linker is used",
              "apt-get install lld-19");
   base_free(lld);
}

static void
check_library(struct report *r, const char *name, const char *needed_for)
{
   char *path = tool_printf("%s/lib64/%s", tool_cuda_folder(), name);
   void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
   if (handle) {
      good(name, path);
      dlclose(handle);
   } else {
      const char *why = dlerror();
      char *text = tool_printf("%s; %s", needed_for,
                               tool_exists(path) && why ? why : "not built or installed");
      missing(r, true, name, text, "make (or install Kasuri again)");
      base_free(text);
   }
   base_free(path);
}

static void
check_own_parts(struct report *r)
{
   const char *cuda = tool_cuda_folder();
   if (!cuda) {
      missing(r, true, "CUDA folder", "headers and libraries are not beside this program",
              "make, or set KASURI_HOME");
      return;
   }
   good("CUDA folder", cuda);
   check_library(r, "libcuda.so.1", "the driver API, which everything needs");
   check_library(r, "libcudart.so", "the runtime API, which CUDA C++ needs");
   static const char *const modules[] = {"libkasuri-simd.so", "kasuri-simd.so"};
   bool simd = false;
   for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
      char *path = tool_printf("%s/lib64/%s", cuda, modules[i]);
      simd |= tool_exists(path);
      base_free(path);
   }
   if (simd)
      good("simd back end", "kernels become vector machine code");
   else
      missing(r, false, "simd back end", "kernels run on the interpreter, much slower",
              "apt-get install llvm-19-dev, then make");
   char *math = tool_printf("%s/nvvm/libdevice/libdevice.10.bc", cuda);
   if (tool_exists(math))
      good("device math", math);
   else
      missing(r, false, "device math", "functions such as sinf stay calls", "make");
   base_free(math);
}

static int
run(int argc, char **argv)
{
   if (argc > 1) {
      tool_error("doctor", "unknown argument '%s' (try --help)", argv[1]);
      return TOOL_USAGE;
   }
   struct report r = {0};
   printf("Kasuri %s, speaking CUDA %d.%d\n", TOOL_VERSION, TOOL_CUDA_MAJOR,
          TOOL_CUDA_MINOR);
   check_processor();
   check_front_end(&r);
   check_own_parts(&r);
   const char *cache = tool_cache_folder();
   if (cache && access(cache, W_OK) == 0)
      good("cache", cache);
   else
      missing(&r, false, "cache", "no folder to keep compiled programs in",
              "set KASURI_CACHE_DIR to a writable folder");
   puts(r.broken ? "Something is missing; the lines above say how to mend it."
                 : "All is well.");
   return r.broken ? TOOL_FAILED : TOOL_OK;
}

const struct tool_command tool_doctor = {
   .name = "doctor",
   .summary = "say what is here, what is missing, and how to mend it",
   .help =
      "usage: kasuri doctor\n\n"
      "Looks at the processor, the compiler and Kasuri's own parts. MISSING lines stop\n"
      "everyday work and make the exit status 1; absent ones only make it slower.\n",
   .run = run,
};
