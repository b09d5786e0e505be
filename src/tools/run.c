/* SPDX-License-Identifier: Apache-2.0
 * `kasuri run`: compiles a .cu file if it must, and becomes the program. What was
 * compiled is kept under a hash of everything that could change it, so that a second run
 * starts no compiler. */
#include "machine/profile.h"
#include "tools/run_priv.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct run_options {
   struct run_compile compile;
   struct run_ptx ptx;
   bool is_cu, is_ptx;
};

/* Options that become settings of the libraries. */
static const struct {
   const char *option, *setting;
   const char *values; /* allowed ones between blanks; NULL: a number */
} settings[] = {
   {"--backend", "KASURI_BACKEND", " auto simd interp "},
   {"--mode", "KASURI_MODE", " auto plain warp thread "},
   {"--threads", "KASURI_THREADS", NULL},
   {"--seed", "KASURI_SEED", NULL},
   {"--memory", "KASURI_DEVICE_MEMORY", NULL},
};
/* Options of nvcc that run passes on; those with true take a value. */
static const struct {
   const char *option;
   bool value;
} compile_options[] = {
   {"-I", true},   {"-D", true},         {"-U", true},         {"-L", true},
   {"-l", true},   {"-O", false},        {"-g", false},        {"-G", false},
   {"-std", true}, {"-arch", true},      {"-gencode", true},   {"-use_fast_math", false},
   {"-w", false},  {"-Xcompiler", true}, {"-lineinfo", false},
};

static bool
take_setting(const char *option, const char *value, size_t i)
{
   bool ok;
   if (settings[i].values) {
      char *word = tool_printf(" %s ", value);
      ok = *value && !strchr(value, ' ') && strstr(settings[i].values, word);
      base_free(word);
   } else
      ok = *value >= '0' && *value <= '9';
   if (!ok)
      tool_error("run", "%s takes %s, not '%s'", option,
                 settings[i].values ? settings[i].values : "a number", value);
   else
      setenv(settings[i].setting, value, 1);
   return ok;
}

/* 1: taken, 0: not one of them, -1: wrong. *i moves over the value. */
static int
try_setting(int argc, char **argv, int *i)
{
   const char *arg = argv[*i];
   for (size_t k = 0; k < ARRAY_LEN(settings); k++) {
      size_t n = strlen(settings[k].option);
      if (strncmp(arg, settings[k].option, n) || (arg[n] && arg[n] != '='))
         continue;
      if (!arg[n] && *i + 1 >= argc) {
         tool_error("run", "option '%s' wants a value", arg);
         return -1;
      }
      const char *value = arg[n] ? arg + n + 1 : argv[++*i];
      return take_setting(settings[k].option, value, k) ? 1 : -1;
   }
   return 0;
}

/* A trace goes to a file that is new with each run; children of the program add to it. */
static bool
set_trace_file(const char *form, const char *file)
{
   FILE *f = fopen(file, "we");
   if (!f) {
      tool_error("run", "--trace: cannot write %s: %s", file, strerror(errno));
      return false;
   }
   fclose(f);
   char *path = realpath(file, NULL);
   char *value = tool_printf("%s:%s", form, path ? path : file);
   setenv("KASURI_TRACE", value, 1);
   base_free(value);
   free(path);
   return true;
}

/* --trace[=json|text][:FILE], --trace=FILE, --trace-filter=PATTERNS, --trace-nested; the
 * values as of try_setting. */
static int
try_trace(const char *arg)
{
   if (!strcmp(arg, "--trace-nested"))
      return setenv("KASURI_TRACE_NESTED", "1", 1) == 0 ? 1 : -1;
   if (!strncmp(arg, "--trace-filter=", 15) && arg[15])
      return setenv("KASURI_TRACE_FILTER", arg + 15, 1) == 0 ? 1 : -1;
   if (strncmp(arg, "--trace", 7) || (arg[7] && arg[7] != '='))
      return 0;
   const char *where = arg[7] ? arg + 8 : "text";
   size_t word = strcspn(where, ":");
   const char *form = word == 4 && !strncmp(where, "json", 4)   ? "json"
                      : word == 4 && !strncmp(where, "text", 4) ? "text"
                                                                : NULL;
   const char *file = form ? where + word + (where[word] == ':') : where;
   if (arg[7] && !*where) {
      tool_error("run", "--trace= wants a file, or json");
      return -1;
   }
   if (*file)
      return set_trace_file(form ? form : "text", file) ? 1 : -1;
   return setenv("KASURI_TRACE", form, 1) == 0 ? 1 : -1;
}

static int
try_compile_option(struct run_options *o, int argc, char **argv, int *i)
{
   const char *arg = argv[*i];
   for (size_t k = 0; k < ARRAY_LEN(compile_options); k++) {
      const char *name = compile_options[k].option;
      size_t n = strlen(name);
      bool attached = n == 2 && strchr("IDULlO", name[1]) && !strncmp(arg, name, n);
      if (strcmp(arg, name) && !attached &&
          !(!strncmp(arg, name, n) && arg[n] == '=' && compile_options[k].value))
         continue;
      strings_add(&o->compile.flags, arg);
      if (compile_options[k].value && !arg[n]) {
         if (*i + 1 >= argc) {
            tool_error("run", "option '%s' wants a value", arg);
            return -1;
         }
         strings_add(&o->compile.flags, argv[++*i]);
      }
      return 1;
   }
   return 0;
}

static int
unknown_option(const char *arg)
{
   static const char *const names[] = {
      "--backend", "--mode",  "--threads",      "--seed",         "--memory", "--time",
      "--verbose", "--entry", "--grid",         "--block",        "--arg",    "--shared",
      "--help",    "--trace", "--trace-filter", "--trace-nested", NULL};
   char *bare = base_strndup(arg, strcspn(arg, "="));
   const char *near = tool_nearest(bare, names);
   if (near)
      tool_error("run", "unknown option '%s'; did you mean '%s'?", arg, near);
   else
      tool_error("run", "unknown option '%s' (options come before the file; try --help)",
                 arg);
   base_free(bare);
   return TOOL_USAGE;
}

/* Reads the options; *first becomes the file's index. */
static int
parse(struct run_options *o, int argc, char **argv, int *first)
{
   int i = 1;
   for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
      const char *arg = argv[i];
      if (!strcmp(arg, "--")) {
         i++;
         break;
      }
      if (!strcmp(arg, "--time")) {
         o->compile.time = o->ptx.time = true;
         setenv("KASURI_STATS", "1", 1);
         continue;
      }
      if (!strcmp(arg, "-v") || !strcmp(arg, "--verbose")) {
         o->compile.verbose = o->compile.time = true;
         continue;
      }
      int taken = try_trace(arg);
      if (!taken)
         taken = try_setting(argc, argv, &i);
      if (!taken)
         taken = run_ptx_option(&o->ptx, argc, argv, &i);
      if (!taken)
         taken = try_compile_option(o, argc, argv, &i);
      if (taken < 0)
         return TOOL_USAGE;
      if (!taken)
         return unknown_option(arg);
   }
   *first = i;
   if (i >= argc) {
      tool_error("run", "nothing to run (try --help)");
      return TOOL_USAGE;
   }
   return TOOL_OK;
}

static void
set_library_path(void)
{
   const char *old = base_getenv("LD_LIBRARY_PATH"), *cuda = tool_cuda_folder();
   if (!cuda)
      return;
   char *path = tool_printf("%s/lib64%s%s", cuda, old ? ":" : "", old ? old : "");
   setenv("LD_LIBRARY_PATH", path, 1);
   base_free(path);
}

/* The dynamic loader asks this library first, see docs/dropin.md. */
static void
set_audit_library(void)
{
   const char *old = base_getenv("LD_AUDIT"), *cuda = tool_cuda_folder();
   char *lib = cuda ? tool_printf("%s/lib64/kasuri-redirect.so", cuda) : NULL;
   if (lib && tool_exists(lib)) {
      char *list = tool_printf("%s%s%s", lib, old ? ":" : "", old ? old : "");
      setenv("LD_AUDIT", list, 1);
      base_free(list);
   }
   base_free(lib);
}

/* --time: the program runs as a child, so that there is someone left to tell. */
static int
run_timed(const char *program, char **argv, bool time)
{
   if (!time) {
      execv(program, argv);
      int err = errno;
      tool_error("run", "cannot run %s: %s", program, strerror(err));
      return err == ENOENT ? 127 : 126;
   }
   struct process p;
   uint64_t start = base_now_ns();
   argv[0] = (char *)program;
   if (!process_start(&p, argv, NULL))
      return 127;
   int status = process_wait(&p);
   fprintf(stderr, "kasuri: ran %.3f s, exit status %d\n",
           (double)(base_now_ns() - start) * 1e-9, status);
   return status;
}

static int
run_program(struct run_options *o, const char *file, int argc, char **argv)
{
   struct stat st;
   char *program = NULL;
   if (stat(file, &st) == 0 && S_ISREG(st.st_mode) && access(file, X_OK) != 0) {
      tool_error("run", "%s is neither a program nor a .cu or .ptx file", file);
      return 126;
   }
   program = tool_which(file);
   if (!program && stat(file, &st) == 0)
      program = tool_printf("./%s", file);
   if (!program) {
      tool_error("run", "%s: no such file or program", file);
      return 127;
   }
   (void)argc;
   set_audit_library();
   int status = run_timed(program, argv, o->compile.time);
   base_free(program);
   return status;
}

/* A program for devices below the compiler's default target has to be built for them. */
static void
choose_target(struct strings *flags)
{
   for (size_t i = 0; i < flags->v.len; i++) {
      const char *f = flags->v.data[i];
      if (strstr(f, "-arch") || strstr(f, "-gencode") || strstr(f, "gpu-architecture") ||
          strstr(f, "generate-code"))
         return;
   }
   unsigned lowest = 0;
   for (unsigned i = 0; i < device_count(); i++)
      if (device_props(i)->strict && (!lowest || device_props(i)->sm < lowest))
         lowest = device_props(i)->sm;
   if (lowest && lowest < 90)
      strings_addf(flags, "-arch=sm_%u", lowest);
}

static int
run_file(struct run_options *o, int argc, char **argv)
{
   const char *file = argv[0], *ext = tool_extension(file);
   set_library_path();
   if (!strcmp(ext, ".ptx"))
      return run_ptx(&o->ptx, file, argc - 1, argv + 1);
   if (run_ptx_used(&o->ptx)) {
      tool_error("run",
                 "--entry, --grid, --block, --shared and --arg are for .ptx files");
      return TOOL_USAGE;
   }
   if (!strcmp(ext, ".cu")) {
      choose_target(&o->compile.flags);
      char *program = run_compile(&o->compile, file);
      if (!program)
         return TOOL_FAILED;
      int status = run_timed(program, argv, o->compile.time);
      base_free(program);
      return status;
   }
   if (o->compile.flags.v.len) {
      tool_error("run", "%s is for .cu files", o->compile.flags.v.data[0]);
      return TOOL_USAGE;
   }
   return run_program(o, file, argc, argv);
}

static int
run(int argc, char **argv)
{
   struct run_options o = {0};
   int first, status = parse(&o, argc, argv, &first);
   if (!status)
      status = run_file(&o, argc - first, argv + first);
   strings_finish(&o.compile.flags);
   run_ptx_finish(&o.ptx);
   return status;
}

const struct tool_command tool_run = {
   .name = "run",
   .summary = "run a .cu file, a .ptx file or a CUDA program",
   .help =
      "usage: kasuri run [OPTIONS] FILE.cu [ARGUMENTS]\n"
      "       kasuri run [OPTIONS] --entry NAME [LAUNCH] FILE.ptx\n"
      "       kasuri run [OPTIONS] PROGRAM [ARGUMENTS]\n\n"
      "A .cu file is compiled first; the program is kept and used again until the file,\n"
      "what it includes, the options or the compiler change. A program that uses the "
      "CUDA\n"
      "libraries finds Kasuri's.\n\n"
      "  --backend NAME    what runs kernels: auto, simd or interp\n"
      "  --mode NAME       how: auto, plain, warp or thread\n"
      "  --threads N       worker threads\n"
      "  --seed N          a repeatable schedule\n"
      "  --memory SIZE     device memory, such as 4G\n"
      "  --trace[=WHERE]   print each CUDA call: to stderr, to a file, or as json or "
      "json:FILE\n"
      "  --trace-filter=PATTERNS   only calls such as 'cudaMem*,!cudaMemcpy'\n"
      "  --trace-nested    also the driver calls that the runtime makes\n"
      "  --time            say on stderr how long compiling and running took, kernels "
      "too\n"
      "  -v, --verbose     the same, and the compiler's commands\n\n"
      "For a .cu file, as with kasuri nvcc: -I -D -U -L -l -O -g -G -std -arch -gencode\n"
      "-use_fast_math -lineinfo -Xcompiler -w\n\n"
      "For a .ptx file:\n"
      "  --entry NAME      the kernel (may be left out where there is only one)\n"
      "  --grid X[,Y[,Z]]  blocks (default 1)\n"
      "  --block X[,Y[,Z]] threads of a block (default 32)\n"
      "  --shared BYTES    dynamic shared memory\n"
      "  --arg TYPE:VALUE  a parameter, in order: u8 to u64, s8 to s64, f32 or f64 with "
      "a\n"
      "                    value; or TYPE[COUNT][=VALUE], an array in device memory, "
      "filled\n"
      "                    with VALUE or i (its index) and printed after the run\n",
   .run = run,
};
