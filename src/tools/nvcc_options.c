/* SPDX-License-Identifier: Apache-2.0
 * The options of `kasuri nvcc`, one row each: nvcc's names, so that makefiles need no
 * edit, and what each one comes to here. Rows without a help text are not listed. */
#include "tools/nvcc_priv.h"

#define AT(field) offsetof(struct nvcc_job, field)
#define MODE(name, alias, m, help)                                                       \
   {name, alias, false, NVCC_MODE, AT(mode), m, NULL, NULL, help}
#define SET(name, alias, field, help)                                                    \
   {name, alias, false, NVCC_SET, AT(field), 1, NULL, NULL, help}
#define TEXT(name, alias, field, help)                                                   \
   {name, alias, true, NVCC_TEXT, AT(field), 0, NULL, NULL, help}
#define CHOICE(name, alias, field, words, help)                                          \
   {name, alias, true, NVCC_TEXT, AT(field), 0, NULL, words, help}
#define BOOL(name, alias, field, help)                                                   \
   {name, alias, true, NVCC_BOOL, AT(field), 0, NULL, NULL, help}
/* Values appended to a list, behind a prefix; LIST splits them at commas. */
#define LIST(name, alias, field, prefix, help)                                           \
   {name, alias, true, NVCC_APPEND, AT(field), 1, prefix, NULL, help}
#define ITEM(name, alias, field, prefix, help)                                           \
   {name, alias, true, NVCC_APPEND, AT(field), 0, prefix, NULL, help}
/* Words for another program: split at commas and blanks, quotes honoured. */
#define WORDS(name, alias, field, prefix, help)                                          \
   {name, alias, true, NVCC_WORDS, AT(field), 0, prefix, NULL, help}
/* Stands for a word of the compiler's own. */
#define FLAG(name, alias, field, word, help)                                             \
   {name, alias, false, NVCC_FLAG, AT(field), 0, word, NULL, help}
#define SPECIAL(name, alias, value, effect, help)                                        \
   {name, alias, value, effect, 0, 0, NULL, NULL, help}
/* Without meaning here: with a warning, or without as everyone passes it. */
#define NOTED(name, alias, value) {name, alias, value, NVCC_NOTED, 0, 0, NULL, NULL, NULL}
#define SILENT(name, alias, value)                                                       \
   {name, alias, value, NVCC_SILENT, 0, 0, NULL, NULL, NULL}
#define REFUSE(name, alias, value, why)                                                  \
   {name, alias, value, NVCC_REFUSE, 0, 0, why, NULL, NULL}

const struct nvcc_option nvcc_options[] = {
   /* What to make. */
   MODE("c", "compile", NVCC_OBJECT, "compile each input to an object file"),
   {"dc", "device-c", false, NVCC_SEPARATE, 0, 1, NULL, NULL,
    "the same, with device code to be linked (-rdc=true -c)"},
   {"dw", "device-w", false, NVCC_SEPARATE, 0, 0, NULL, NULL,
    "the same, with device code complete in itself (-rdc=false -c)"},
   BOOL("rdc", "relocatable-device-code", rdc,
        "device code of several files to be linked (true or false)"),
   SET("dlink", "device-link", device_link,
       "link the device code of objects made by -dc into one more object"),
   SET("nodlink", "no-device-link", no_device_link, "link without linking device code"),
   MODE("link", NULL, NVCC_LINK, "compile and link (as without an option)"),
   MODE("lib", NULL, NVCC_LIBRARY, "make an archive (.a) of the objects"),
   SET("shared", NULL, shared, "link a shared library"),
   SET("r", "relocatable-link", relocatable_link, "link objects into one object"),
   MODE("ptx", NULL, NVCC_PTX, "compile the device code to a .ptx file"),
   MODE("cubin", NULL, NVCC_CUBIN,
        "the same to a .cubin: an ELF file of PTX, for Kasuri's loader alone"),
   MODE("fatbin", NULL, NVCC_FATBIN, "compile the device code to a .fatbin file"),
   MODE("E", "preprocess", NVCC_PREPROCESS, "preprocess only (host side)"),
   MODE("M", "generate-dependencies", NVCC_DEPENDENCIES,
        "print what the file depends on, as a make rule"),
   MODE("MM", "generate-nonsystem-dependencies", NVCC_USER_DEPENDENCIES,
        "the same without system headers"),
   REFUSE("cuda", NULL, false, "clang is the front end, there is no .cu.cpp.ii"),
   REFUSE("optix-ir", NULL, false, "there is no OptiX here"),
   REFUSE("ltoir", NULL, false, "there is no LTO IR; -dc and -ptx keep PTX"),

   /* Files. */
   TEXT("o", "output-file", output, "name of the output"),
   TEXT("odir", "output-directory", output_folder, "folder of the outputs"),
   CHOICE("x", NULL, language, "c c++ cu", "language of the inputs: cu, c++ or c"),
   LIST("I", "include-path", common, "-I", "folder to search for headers"),
   LIST("isystem", "system-include", common, "-isystem", "the same, as system"),
   ITEM("D", "define-macro", common, "-D", "define a macro"),
   ITEM("U", "undefine-macro", common, "-U", "undefine a macro"),
   LIST("include", "pre-include", common, "-include", "include a file first"),
   LIST("L", "library-path", link, "-L", "folder to search for libraries"),
   LIST("l", "library", link, "-l", "link with a library"),
   SET("MD", "generate-dependencies-with-compile", write_deps,
       "write a make rule beside the output"),
   SET("MMD", "generate-nonsystem-dependencies-with-compile", write_user_deps,
       "the same without system headers"),
   SET("MP", "generate-dependency-targets", dep_phony, "an empty rule for each header"),
   TEXT("MF", "dependency-output", dep_file, "where the make rule goes"),
   TEXT("MT", "dependency-target-name", dep_target, "target of the make rule"),
   TEXT("MQ", NULL, dep_target, NULL),
   SET("keep", "save-temps", keep, "keep the .ptx files"),
   TEXT("keep-dir", NULL, keep_folder, "where to keep them"),
   SET("clean", "clean-targets", clean, "remove what would be made"),
   SPECIAL("optf", "options-file", true, NVCC_OPTIONS_FILE, "read options from a file"),

   /* Languages and code. */
   TEXT("std", NULL, standard, "C++ dialect, such as c++17"),
   TEXT("O", "optimize", host_opt, "level of the host code (device code is always O3)"),
   SET("g", "debug", debug_host, "debug information for the host code"),
   SET("G", "device-debug", debug_device, "debug information for the device code"),
   SET("lineinfo", "generate-line-info", lineinfo, "source lines for the device code"),
   FLAG("pg", "profile", host, "-pg", "host code for gprof"),
   FLAG("noeh", "no-exceptions", host, "-fno-exceptions", "no exceptions in host code"),
   ITEM("ftemplate-depth", NULL, common, "-ftemplate-depth=", "depth of templates"),
   ITEM("ftemplate-backtrace-limit", NULL, common,
        "-ftemplate-backtrace-limit=", "notes of a template error"),
   TEXT("arch", "gpu-architecture", arch_option,
        "target, such as sm_80 (default sm_90), native, all or all-major"),
   SPECIAL("gencode", "generate-code", true, NVCC_GENCODE,
           "target, as arch=compute_80,code=sm_80; may be repeated"),
   SPECIAL("code", "gpu-code", true, NVCC_CODE,
           "checked; the code is made for the machine it runs on"),
   SET("arch-ls", "list-gpu-arch", list_arch, "list the targets compiled for"),
   SET("code-ls", "list-gpu-code", list_code, "the same, as sm_NN"),
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
   CHOICE("default-stream", NULL, default_stream, "legacy null per-thread",
          "legacy (default) or per-thread"),
   ITEM("frandom-seed", NULL, common, "-frandom-seed=", "seed of generated names"),

   /* The other programs. */
   CHOICE("cudart", NULL, cudart, "none shared static",
          "runtime library: static (default), shared or none"),
   WORDS("Xcompiler", "compiler-options", host, "", "options for the host compiler"),
   WORDS("Xlinker", "linker-options", link, "-Wl,", "options for the linker"),
   WORDS("Xarchive", "archive-options", archive, "", "options for the archiver"),
   TEXT("arbin", "archiver-binary", archiver, "the archiver (default ar)"),
   WORDS("Xptxas", "ptxas-options", ptxas, "", "-v; others have no meaning"),
   SET("res-usage", "resource-usage", resource_usage, "-Xptxas -v"),
   SET("forward-unknown-to-host-compiler", NULL, forward_compiler,
       "options nvcc does not know go to the host compiler"),
   SET("forward-unknown-to-host-linker", NULL, forward_linker, "or to the linker"),
   SET("forward-unknown-opts", NULL, forward_both, "or to both"),

   /* Messages and runs. */
   FLAG("Wreorder", NULL, common, "-Wreorder", "warn of reordered initialisers"),
   FLAG("Wno-deprecated-declarations", NULL, common, "-Wno-deprecated-declarations",
        "no warnings of deprecated names"),
   SPECIAL("Werror", NULL, true, NVCC_WERROR,
           "errors of warnings: all-warnings, reorder, deprecated-declarations"),
   SET("w", "disable-warnings", no_warnings, "no warnings"),
   SET("v", "verbose", verbose, "print the commands that are run"),
   SET("dryrun", "dry-run", dry_run, "print the commands and run none"),
   SET("run", NULL, run_after, "run the program once it is linked"),
   LIST("run-args", NULL, run_args, "", "arguments for -run"),
   SET("V", "version", version, "print the version"),
   SET("h", "help", help, "print this help"),

   /* Nothing to steer: one host compiler, PTX in place of machine code, targets as many
    * as the processor has. */
   SILENT("ccbin", "compiler-bindir", true),
   SILENT("allow-unsupported-compiler", NULL, false),
   SILENT("objtemp", "objdir-as-tempdir", false),
   SILENT("noprof", "dont-use-profile", false),
   SILENT("cudadevrt", NULL, true),
   SILENT("m64", NULL, false),
   {"m", "machine", true, NVCC_TEXT, AT(machine), 0, NULL, "64", NULL},
   SILENT("dlto", "dlink-time-opt", false),
   SILENT("lto", NULL, false),
   SILENT("dopt", NULL, true),
   SILENT("t", "threads", true),
   SILENT("split-compile", NULL, true),
   SILENT("split-compile-extended", NULL, true),
   SILENT("jobserver", NULL, false),
   SILENT("no-compress", NULL, false),
   SILENT("compress-mode", NULL, true),
   SILENT("Wno-deprecated-gpu-targets", NULL, false),
   SILENT("diag-suppress", NULL, true),
   SILENT("diag-warn", NULL, true),
   SILENT("Xcudafe", NULL, true),
   SILENT("err-no", "display-error-number", false),
   SILENT("no-err-no", "no-display-error-number", false),
   SILENT("no-align-double", NULL, false),
   SILENT("brief-diag", "brief-diagnostics", true),

   /* Accepted, and said to have no meaning. */
   NOTED("maxrregcount", NULL, true),
   NOTED("restrict", NULL, false),
   NOTED("Ofc", "Ofast-compile", true),
   NOTED("opt-info", "optimization-info", true),
   NOTED("extra-device-vectorization", NULL, false),
   NOTED("gen-opt-lto", NULL, false),
   NOTED("e", "entries", true),
   NOTED("ewp", "extensible-whole-program", false),
   NOTED("keep-device-functions", NULL, false),
   NOTED("src-in-ptx", "source-in-ptx", false),
   NOTED("static-global-template-stub", NULL, true),
   NOTED("device-entity-has-hidden-visibility", NULL, true),
   NOTED("nohdinitlist", "no-host-device-initializer-list", false),
   NOTED("nohdmoveforward", "no-host-device-move-forward", false),
   NOTED("Wdefault-stream-launch", NULL, false),
   NOTED("Wmissing-launch-bounds", NULL, false),
   NOTED("Wext-lambda-captures-this", NULL, false),
   NOTED("diag-error", NULL, true),
   NOTED("jtd", "jump-table-density", true),
   NOTED("reloc-ptx", "relocatable-ptx", false),
   NOTED("device-stack-protector", NULL, true),
   NOTED("sanitize", NULL, true),
   NOTED("astoolspatch", "compile-as-tools-patch", false),
   NOTED("fdevice-syntax-only", NULL, false),
   NOTED("fdevice-time-trace", NULL, true),
   NOTED("time", NULL, true),
   NOTED("Xnvlink", "nvlink-options", true),
   NOTED("Xfatbin", "fatbin-options", true),
   NOTED("Xcicc", NULL, true),
   NOTED("Xnvvm", NULL, true),
   NOTED("ldir", "libdevice-directory", true),
   NOTED("target-dir", "target-directory", true),
   NOTED("qpp-config", NULL, true),
   NOTED("hls", "host-linker-script", true),
   NOTED("aug-hls", "augment-host-linker-script", false),
   NOTED("use-local-env", NULL, false),
   NOTED("force-cl-env-setup", NULL, false),
   NOTED("idp", "input-drive-prefix", true),
   NOTED("ddp", "dependency-drive-prefix", true),
   NOTED("dp", "drive-prefix", true),
};
const size_t nvcc_options_count = ARRAY_LEN(nvcc_options);
