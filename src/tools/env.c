/* SPDX-License-Identifier: Apache-2.0
 * `kasuri env`: the exports that make CMake, setup.py and plain makefiles find Kasuri
 * where they look for a CUDA toolkit. */
#include "tools/tools.h"

#include <stdio.h>
#include <string.h>

/* Settings read by Kasuri's libraries and by this command. */
static const struct {
   const char *name, *meaning;
} settings[] = {
   {"KASURI_BACKEND", "what runs kernels: auto (default), simd or interp"},
   {"KASURI_MODE", "how: auto (default), plain, warp or thread"},
   {"KASURI_TIER", "what they begin on: auto (default), quick or vector"},
   {"KASURI_THREADS", "worker threads (default: one for each processor)"},
   {"KASURI_SEED", "seed of a repeatable schedule"},
   {"KASURI_WATCHDOG", "seconds of mere polling after which a launch fails"},
   {"KASURI_DEVICE", "virtual GPUs: native, h100, t4, h100x4, a list, a file"},
   {"KASURI_DEVICE_MEMORY", "bytes of device memory, such as 4G; or a list"},
   {"KASURI_COMPUTE_CAPABILITY", "what the native device reports (default: 9.0)"},
   {"KASURI_FILL", "byte that memory holds before a kernel writes it"},
   {"KASURI_STACK", "local memory for calls of unknown depth (interp)"},
   {"KASURI_LANES", "lanes that run together where that is free: auto, 16 or 32"},
   {"KASURI_PAST_CACHES", "bytes from which on launches write past the caches"},
   {"KASURI_WARPS", "warps whose code alternates: auto, 1, 2 or 4"},
   {"KASURI_CPU", "processor to compile for (default: this one)"},
   {"KASURI_CACHE_DIR", "folder of cached programs and machine code"},
   {"KASURI_CACHE", "0: machine code is not cached"},
   {"KASURI_CLANG", "the front end's compiler (default: clang++-19 in PATH)"},
   {"KASURI_HOME", "the CUDA-shaped folder (default: found beside the command)"},
   {"KASURI_SIMD_MODULE", "the LLVM module's file (default: beside the library)"},
   {"KASURI_PRINT_IR", "prints the IR after each pass"},
   {"KASURI_VERIFY_IR", "verifies the IR after each pass"},
   {"KASURI_PRINT_LLVM", "prints LLVM's module: before or after its passes"},
   {"KASURI_PRINT_ASM", "prints the assembly of kernels"},
   {"KASURI_TRACE", "prints each CUDA call: text or json, then :FILE"},
   {"KASURI_TRACE_FILTER", "patterns of the calls to print"},
   {"KASURI_TRACE_NESTED", "prints also the driver calls that the runtime makes"},
   {"KASURI_SYSFS", "a folder that stands for /sys where smi looks for sensors"},
   {"KASURI_STATS", "any value: what each tier of each kernel took to be ready"},
   {"KASURI_LOADER", "verbose: says which CUDA libraries were replaced"},
};

/* Single quotes, so that any path survives the shell. */
static void
print_quoted(const char *text)
{
   putchar('\'');
   for (; *text; text++) {
      if (*text == '\'')
         fputs("'\\''", stdout);
      else
         putchar(*text);
   }
   putchar('\'');
}

static int
run(int argc, char **argv)
{
   if (argc > 1 && !strcmp(argv[1], "--list")) {
      for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
         const char *value = base_getenv(settings[i].name);
         printf("%-26s %s%s%s%s\n", settings[i].name, settings[i].meaning,
                value ? " [now: " : "", value ? value : "", value ? "]" : "");
      }
      return TOOL_OK;
   }
   if (argc > 1) {
      tool_error("env", "unknown argument '%s' (try --help)", argv[1]);
      return TOOL_USAGE;
   }
   const char *cuda = tool_cuda_folder();
   if (!cuda) {
      tool_error("env", "Kasuri's CUDA folder is not beside this program");
      return TOOL_FAILED;
   }
   static const char *const homes[] = {"CUDA_HOME", "CUDA_PATH", "CUDAToolkit_ROOT"};
   for (size_t i = 0; i < ARRAY_LEN(homes); i++) {
      printf("export %s=", homes[i]);
      print_quoted(cuda);
      putchar('\n');
   }
   fputs("export CUDACXX=", stdout);
   print_quoted(cuda);
   fputs("/bin/nvcc\nexport PATH=", stdout);
   print_quoted(cuda);
   fputs("/bin:\"$PATH\"\nexport LD_LIBRARY_PATH=", stdout);
   print_quoted(cuda);
   fputs("/lib64${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n", stdout);
   return TOOL_OK;
}

const struct tool_command tool_env = {
   .name = "env",
   .summary = "print the exports that make Kasuri the CUDA toolkit of a shell",
   .help =
      "usage: eval \"$(kasuri env)\"\n"
      "       kasuri env --list\n\n"
      "Prints shell commands that set CUDA_HOME, CUDA_PATH, CUDAToolkit_ROOT, CUDACXX,\n"
      "PATH and LD_LIBRARY_PATH, so that CMake, setup.py and makefiles take Kasuri for\n"
      "the CUDA toolkit.\n\n"
      "  --list   name the KASURI_* settings, what they mean and what they are now\n",
   .run = run,
};
