/* SPDX-License-Identifier: Apache-2.0
 * `kasuri doctor`: what is here, what is missing, and the command that mends it. */
#include "tools/doctor_priv.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
doctor_good(struct doctor *d, const char *what, char *detail)
{
   vec_push(&d->findings,
            ((struct finding){FINDING_OK, base_strdup(what), detail, NULL}));
}

void
doctor_bad(struct doctor *d, enum finding_state s, const char *what, char *detail,
           char *mend)
{
   vec_push(&d->findings, ((struct finding){s, base_strdup(what), detail, mend}));
}

static void
good(struct doctor *d, const char *what, const char *detail)
{
   doctor_good(d, what, base_strdup(detail));
}

/* needed: without it something everyday fails; otherwise it only takes longer. */
static void
missing(struct doctor *d, bool needed, const char *what, const char *effect,
        const char *mend)
{
   doctor_bad(d, needed ? FINDING_MISSING : FINDING_NOTE, what, base_strdup(effect),
              base_strdup(mend));
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

/* Code for a processor below AVX2 is right, but four times narrower. */
static const char *
limited_by_setting(void)
{
   static const char *const narrow[] = {"x86-64", "x86-64-v2", "nehalem", "sandybridge",
                                        "ivybridge"};
   const char *cpu = base_getenv("KASURI_CPU");
   for (size_t i = 0; cpu && i < ARRAY_LEN(narrow); i++)
      if (!strcmp(cpu, narrow[i]))
         return cpu;
   return NULL;
}

static void
check_processor(struct doctor *r)
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
   if (limited_by_setting()) {
      char *why = tool_printf("KASURI_CPU=%s has too few features for wide vectors: "
                              "kernels run several times slower",
                              limited_by_setting());
      missing(r, false, "processor", why, "unset KASURI_CPU");
      base_free(why);
   } else if (strstr(vectors, "SSE2")) {
      missing(r, false, "processor", detail,
              "a processor with AVX2 runs kernels several times faster");
   } else {
      good(r, "processor", detail);
   }
   base_free(detail);
   base_free(text);
}

static void
check_front_end(struct doctor *r)
{
   const char *clang = tool_clang();
   if (!clang) {
      missing(r, true, "clang 19", "needed to compile .cu files",
              "apt-get install clang-19");
      return;
   }
   char *version = first_line_of(clang, "--version");
   good(r, "clang 19", version);
   if (!strstr(version, " 19."))
      missing(r, true, "clang 19", "this is another release; headers may not fit",
              "apt-get install clang-19, or set KASURI_CLANG");
   base_free(version);
   char *probe = first_line_of(clang, "-xc++ -fsyntax-only -include cmath /dev/null "
                                      "&& echo yes");
   if (!strcmp(probe, "yes"))
      good(r, "C++ library", "headers found");
   else
      missing(r, true, "C++ library", "its headers are not there",
              "apt-get install libstdc++-12-dev libc6-dev");
   base_free(probe);
   char *lld = tool_which("ld.lld-19");
   if (lld)
      good(r, "lld 19", lld);
   else
      missing(r, false, "lld 19", "the slower system linker is used",
              "apt-get install lld-19");
   base_free(lld);
}

static void
check_library(struct doctor *r, const char *name, const char *needed_for)
{
   char *path = tool_printf("%s/lib64/%s", tool_cuda_folder(), name);
   void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
   if (handle) {
      good(r, name, path);
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
check_simd(struct doctor *r, const char *cuda)
{
   const char *set = base_getenv("KASURI_SIMD_MODULE");
   char *path = set ? base_strdup(set) : tool_printf("%s/lib64/kasuri-simd.so", cuda);
   if (tool_exists(path)) {
      good(r, "simd back end", "kernels become vector machine code");
   } else {
      char *why = tool_printf(
         "%s is not there: kernels run on the interpreter, much slower", path);
      missing(r, false, "simd back end", why,
              set ? "unset KASURI_SIMD_MODULE"
                  : "apt-get install llvm-19-dev, then make");
      base_free(why);
   }
   base_free(path);
}

static void
check_own_parts(struct doctor *r)
{
   const char *cuda = tool_cuda_folder();
   if (!cuda) {
      missing(r, true, "CUDA folder", "headers and libraries are not beside this program",
              "make, or set KASURI_HOME");
      return;
   }
   good(r, "CUDA folder", cuda);
   check_library(r, "libcuda.so.1", "the driver API, which everything needs");
   check_library(r, "libcudart.so", "the runtime API, which CUDA C++ needs");
   check_simd(r, cuda);
   char *math = tool_printf("%s/nvvm/libdevice/libdevice.10.bc", cuda);
   if (tool_exists(math))
      good(r, "device math", math);
   else
      missing(r, false, "device math", "functions such as sinf stay calls", "make");
   base_free(math);
}

static void
print_text(const struct doctor *d, bool broken)
{
   static const char *const words[] = {"ok     ", "note   ", "MISSING"};
   printf("Kasuri %s, speaking CUDA %d.%d\n", TOOL_VERSION, TOOL_CUDA_MAJOR,
          TOOL_CUDA_MINOR);
   for (size_t i = 0; i < d->findings.len; i++) {
      const struct finding *f = &d->findings.data[i];
      printf("  %s  %-22s %s\n", words[f->state], f->what, f->detail);
      if (f->mend)
         printf("           %-22s mend: %s\n", "", f->mend);
   }
   bool noted = false;
   for (size_t i = 0; i < d->findings.len; i++)
      noted |= d->findings.data[i].state == FINDING_NOTE;
   puts(broken  ? "Something is missing; the lines above say how to mend it."
        : noted ? "Nothing is missing; the notes say what could be better."
                : "All is well.");
}

static void
print_json(const struct doctor *d, bool broken)
{
   static const char *const words[] = {"ok", "note", "missing"};
   printf("{\"version\": \"%s\", \"well\": %s, \"findings\": [", TOOL_VERSION,
          broken ? "false" : "true");
   for (size_t i = 0; i < d->findings.len; i++) {
      const struct finding *f = &d->findings.data[i];
      printf("%s\n  {\"state\": \"%s\", \"what\": ", i ? "," : "", words[f->state]);
      tool_print_json(stdout, f->what);
      printf(", \"detail\": ");
      tool_print_json(stdout, f->detail);
      printf(", \"mend\": ");
      if (f->mend)
         tool_print_json(stdout, f->mend);
      else
         printf("null");
      putchar('}');
   }
   printf("]}\n");
}

static int
run(int argc, char **argv)
{
   bool json = false, broken = false;
   const char *program = NULL;
   for (int i = 1; i < argc; i++) {
      if (!strcmp(argv[i], "--json")) {
         json = true;
      } else if (argv[i][0] == '-' || program) {
         tool_error("doctor", "unknown argument '%s' (try --help)", argv[i]);
         return TOOL_USAGE;
      } else {
         program = argv[i];
      }
   }
   struct doctor d = {0};
   if (program) {
      doctor_program(&d, program);
   } else {
      check_processor(&d);
      check_front_end(&d);
      check_own_parts(&d);
      doctor_devices(&d);
      doctor_memory(&d);
      doctor_cache(&d);
      doctor_libraries(&d);
   }
   for (size_t i = 0; i < d.findings.len; i++)
      broken |= d.findings.data[i].state == FINDING_MISSING;
   if (json)
      print_json(&d, broken);
   else
      print_text(&d, broken);
   for (size_t i = 0; i < d.findings.len; i++) {
      base_free(d.findings.data[i].what);
      base_free(d.findings.data[i].detail);
      base_free(d.findings.data[i].mend);
   }
   vec_finish(&d.findings);
   return broken ? TOOL_FAILED : TOOL_OK;
}

const struct tool_command tool_doctor = {
   .name = "doctor",
   .summary = "say what is here, what is missing, and how to mend it",
   .help =
      "usage: kasuri doctor [--json] [PROGRAM]\n\n"
      "Looks at the processor, the compiler, Kasuri's own parts, the virtual GPUs, "
      "memory,\n"
      "the folders for compiled code and other CUDA libraries around. With a "
      "PROGRAM (an\n"
      "executable or a shared library; it is not run): which CUDA libraries it "
      "would load,\n"
      "how the runtime comes into it, and what its device code is made for. MISSING "
      "lines\n"
      "stop everyday work and make the exit status 1; with a note it is only slower, "
      "or not\n"
      "what one may expect. Each comes with what mends it.\n\n"
      "  --json   the findings for programs\n",
   .run = run,
};
