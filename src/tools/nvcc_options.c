/* SPDX-License-Identifier: Apache-2.0
 * The options of `kasuri nvcc`, one row each: nvcc's names, so that makefiles need no
 * edit, and what each one comes to here. */
#include "tools/nvcc_priv.h"

#define AT(field) offsetof(struct nvcc_job, field)
#define MODE(name, alias, m, help)                                                       \
   {name, alias, false, NVCC_MODE, AT(mode), m, NULL, false, help}
#define SET(name, alias, field, help)                                                    \
   {name, alias, false, NVCC_SET, AT(field), 1, NULL, false, help}
#define TEXT(name, alias, field, help)                                                   \
   {name, alias, true, NVCC_TEXT, AT(field), 0, NULL, false, help}
#define BOOL(name, alias, field, help)                                                   \
   {name, alias, true, NVCC_BOOL, AT(field), 0, NULL, false, help}
#define LIST(name, alias, field, prefix, split, help)                                    \
   {name, alias, true, NVCC_APPEND, AT(field), 0, prefix, split, help}
#define NONE(name, alias, value)                                                         \
   {name, alias, value, NVCC_IGNORE, 0, 0, NULL, false, NULL}
#define REFUSE(name, alias, value, why)                                                  \
   {name, alias, value, NVCC_REFUSE, 0, 0, why, false, NULL}

const struct nvcc_option nvcc_options[] = {
   MODE("c", "compile", NVCC_OBJECT, "compile each input to an object file"),
   MODE("ptx", NULL, NVCC_PTX, "compile the device code to a .ptx file"),
   MODE("fatbin", NULL, NVCC_FATBIN, "compile the device code to a .fatbin file"),
   MODE("cubin", NULL, NVCC_CUBIN, NULL),
   MODE("E", "preprocess", NVCC_PREPROCESS, "preprocess only (host side)"),
   MODE("M", "generate-dependencies", NVCC_DEPENDENCIES,
        "print what the file depends on, as a make rule"),
   MODE("lib", NULL, NVCC_LIBRARY, "make an archive (.a) of the objects"),
   SET("shared", NULL, shared, "link a shared library"),
   TEXT("o", "output-file", output, "name of the output"),
   TEXT("x", NULL, language, "language of the inputs: cu, c++ or c"),
   LIST("I", "include-path", common, "-I", true, "folder to search for headers"),
   LIST("isystem", "system-include", common, "-isystem", true, "the same, as system"),
   LIST("D", "define-macro", common, "-D", false, "define a macro"),
   LIST("U", "undefine-macro", common, "-U", false, "undefine a macro"),
   LIST("include", "pre-include", common, "-include", true, "include a file first"),
   LIST("L", "library-path", link, "-L", true, "folder to search for libraries"),
   LIST("l", "library", link, "-l", true, "link with a library"),
   TEXT("O", "optimize", host_opt, "level of the host code (device code is always O3)"),
   SET("g", "debug", debug_host, "debug information for the host code"),
   SET("G", "device-debug", debug_device, "debug information for the device code"),
   SET("lineinfo", "generate-line-info", lineinfo, "source lines for the device code"),
   TEXT("std", NULL, standard, "C++ dialect, such as c++17"),
   TEXT("arch", "gpu-architecture", arch_option, "target, such as sm_80 (default sm_90)"),
   {"gencode", "generate-code", true, NVCC_GENCODE, 0, 0, NULL, false,
    "target, as arch=compute_80,code=sm_80; may be repeated"},
   NONE("code", "gpu-code", true),
   LIST("Xcompiler", "compiler-options", host, "", true, "options for the host compiler"),
   LIST("Xlinker", "linker-options", link, "-Wl,", true, "options for the linker"),
   {"Xptxas", "ptxas-options", true, NVCC_PTXAS, 0, 0, NULL, false,
    "ignored (there is no ptxas), with a warning"},
   {"Xnvlink", "nvlink-options", true, NVCC_PTXAS, 0, 0, NULL, false, NULL},
   {"Xfatbin", "fatbin-options", true, NVCC_PTXAS, 0, 0, NULL, false, NULL},
   SET("use_fast_math", "use-fast-math", fast_math,
       "ftz, approximate division, square root and functions"),
   BOOL("ftz", NULL, ftz, "flush single-precision denormals to zero (true or false)"),
   BOOL("prec-div", NULL, prec_div, "IEEE division (true or false)"),
   BOOL("prec-sqrt", NULL, prec_sqrt, "IEEE square root (true or false)"),
   BOOL("fmad", NULL, fmad, "contract a*b+c (true or false)"),
   SET("expt-relaxed-constexpr", "relaxed-constexpr", relaxed_constexpr,
       "constexpr functions on both sides (always so)"),
   SET("extended-lambda", "expt-extended-lambda", extended_lambda,
       "__device__ lambdas (always so)"),
   TEXT("cudart", NULL, cudart, "runtime library: shared (default) or none"),
   TEXT("default-stream", NULL, default_stream, "legacy (default) or per-thread"),
   TEXT("rdc", "relocatable-device-code", rdc, "only false, or true for a single file"),
   REFUSE("dc", "device-c", false, "separate compilation of device code"),
   REFUSE("dlink", "device-link", false, "separate compilation of device code"),
   REFUSE("dlto", NULL, false, "link-time optimization of device code"),
   REFUSE("ccbin", "compiler-bindir", true, NULL),
   SET("MD", "generate-dependencies-with-compile", write_user_deps,
       "write a make rule beside the output"),
   SET("MMD", "generate-nonsystem-dependencies-with-compile", write_user_deps, NULL),
   SET("MP", "generate-dependency-targets", dep_phony, "an empty rule for each header"),
   TEXT("MF", "dependency-output", dep_file, "where the make rule goes"),
   TEXT("MT", "dependency-target-name", dep_target, "target of the make rule"),
   TEXT("MQ", NULL, dep_target, NULL),
   SET("keep", "save-temps", keep, "keep the .ptx and .fatbin files"),
   TEXT("keep-dir", NULL, keep_folder, "where to keep them"),
   SET("w", "disable-warnings", no_warnings, "no warnings"),
   SET("v", "verbose", verbose, "print the commands that are run"),
   SET("dryrun", "dry-run", dry_run, "print the commands and run none"),
   SET("run", NULL, run_after, "run the program once it is linked"),
   LIST("run-args", NULL, run_args, "", true, "arguments for -run"),
   SET("V", "version", version, "print the version"),
   SET("h", "help", help, "print this help"),
   SET("forward-unknown-to-host-compiler", "forward-unknown-opts", forward_unknown,
       "options nvcc does not know go to the host compiler"),
   /* Without meaning here: there is no SASS, no ptxas and one host compiler. */
   NONE("m64", NULL, false),
   NONE("m", "machine", true),
   NONE("t", "threads", true),
   NONE("res-usage", "resource-usage", false),
   NONE("maxrregcount", NULL, true),
   NONE("restrict", NULL, false),
   NONE("Wno-deprecated-gpu-targets", NULL, false),
   NONE("Wreorder", NULL, false),
   NONE("Wext-lambda-captures-this", NULL, false),
   NONE("Wdefault-stream-launch", NULL, false),
   NONE("Wmissing-launch-bounds", NULL, false),
   NONE("Werror", NULL, true),
   NONE("diag-suppress", NULL, true),
   NONE("diag-warn", NULL, true),
   NONE("diag-error", NULL, true),
   NONE("display-error-number", "err-no", false),
   NONE("no-display-error-number", NULL, false),
   NONE("extra-device-vectorization", NULL, false),
   NONE("allow-unsupported-compiler", NULL, false),
   NONE("compress-mode", NULL, true),
   NONE("no-compress", NULL, false),
   NONE("source-in-ptx", "src-in-ptx", false),
   NONE("ptxas-options-none", NULL, false),
   NONE("cudadevrt", NULL, true),
   NONE("objdir-as-tempdir", NULL, false),
   NONE("split-compile", NULL, true),
   NONE("nodlink", NULL, false),
   NONE("dopt", NULL, true),
   NONE("clean-targets", "clean", false),
};
const size_t nvcc_options_count = ARRAY_LEN(nvcc_options);
