/* SPDX-License-Identifier: Apache-2.0
 * One run of `kasuri nvcc`: what its command line asks for (nvcc_args.c, nvcc_options.c)
 * and what the build (nvcc_build.c), the compilation of one file (nvcc_cuda.c) and the
 * link (nvcc_link.c, nvcc_device.c) share. */
#ifndef KASURI_NVCC_PRIV_H
#define KASURI_NVCC_PRIV_H

#include "tools/tools.h"

enum nvcc_mode {
   NVCC_LINK,
   NVCC_OBJECT,
   NVCC_PREPROCESS,
   NVCC_DEPENDENCIES,      /* -M */
   NVCC_USER_DEPENDENCIES, /* -MM */
   NVCC_PTX,
   NVCC_FATBIN,
   NVCC_CUBIN,
   NVCC_LIBRARY, /* -lib: an archive */
};

struct nvcc_arch {
   unsigned sm; /* 90 */
   char suffix; /* 'a', 'f' or 0 */
};

/* Stands in nvcc_job.link for the next input, whose place among the libraries counts. */
#define NVCC_INPUT_MARK "\1"

struct nvcc_job {
   enum nvcc_mode mode;
   char *output;
   struct strings inputs;
   char *language; /* -x */
   VEC(struct nvcc_arch) archs;
   char *arch_option;             /* the last -arch, before gencodes are counted */
   struct strings common;         /* for every compilation: -I -D -U -include … */
   struct strings host;           /* -Xcompiler */
   struct strings link;           /* -L -l -Xlinker and the inputs' marks, in order */
   struct strings archive, ptxas; /* -Xarchive, -Xptxas */
   struct strings noted;          /* options without meaning, as written */
   char *standard, *host_opt, *cudart, *keep_folder, *dep_file, *dep_target;
   char *default_stream, *output_folder, *archiver, *machine;
   bool debug_host, debug_device, lineinfo, fast_math, verbose, dry_run, shared, keep;
   bool no_warnings, write_deps, write_user_deps, dep_phony, version, help;
   bool relaxed_constexpr, extended_lambda, run_after, clean, list_arch, list_code;
   bool forward_compiler, forward_linker, forward_both, resource_usage;
   bool device_link, no_device_link, relocatable_link;
   /* -1 where the command line is silent. */
   int ftz, prec_div, prec_sqrt, fmad, rdc;
   struct strings run_args;
   /* Set by `kasuri run`: record what was read, and drop the host's notes on success. */
   bool record_inputs;
   struct strings read_files;
   bool told_arch; /* that a target is compiled as another one */
   char *temp;
   bool temp_failed;
};

/* How an option's value is put to use. */
enum nvcc_effect {
   NVCC_SILENT, /* no meaning here; harmless */
   NVCC_NOTED,  /* the same, named in one warning */
   NVCC_REFUSE,
   NVCC_SET,  /* bool */
   NVCC_TEXT, /* char *: the last one counts */
   NVCC_BOOL, /* int: true or false */
   NVCC_MODE, /* enum nvcc_mode */
   NVCC_SEPARATE,
   NVCC_APPEND, /* struct strings: prefix + value, split at commas where `number` */
   NVCC_WORDS,  /* struct strings: prefix + each word */
   NVCC_FLAG,   /* struct strings: the prefix itself */
   NVCC_GENCODE,
   NVCC_CODE,
   NVCC_WERROR,
   NVCC_OPTIONS_FILE,
};
struct nvcc_option {
   const char *name, *alias; /* without dashes */
   bool takes_value;
   enum nvcc_effect effect;
   size_t offset;       /* in struct nvcc_job */
   int number;          /* NVCC_MODE: which; NVCC_SEPARATE: -rdc's value */
   const char *prefix;  /* NVCC_REFUSE: why */
   const char *choices; /* values that may be given, between blanks; NULL: any */
   const char *help;    /* NULL: not listed */
};
extern const struct nvcc_option nvcc_options[];
extern const size_t nvcc_options_count;

bool nvcc_parse_arch(const char *text, struct nvcc_arch *arch);

/* -- nvcc_help.c */
void nvcc_print_help(void);
void nvcc_print_version(void);
void nvcc_print_archs(const struct nvcc_job *j);
/* Complains of an option nobody knows, with the nearest one. */
void nvcc_report_unknown(const char *arg);

/* -- nvcc_build.c: shared by the others. */
enum nvcc_input {
   NVCC_CUDA,
   NVCC_CXX,
   NVCC_PTX_TEXT,
   NVCC_IMAGE,  /* .cubin, .fatbin */
   NVCC_LINKED, /* an object, an archive, a library */
   NVCC_UNKNOWN,
};
enum nvcc_input nvcc_input_kind(const struct nvcc_job *j, const char *path);
/* Prints a command where -v or --dryrun asks for it. */
void nvcc_show(const struct nvcc_job *j, struct strings *argv);
int nvcc_run(const struct nvcc_job *j, struct strings *argv); /* shown, and waited for */
/* A name in the job's temporary folder, made on first use; caller frees. */
char *nvcc_temp_name(struct nvcc_job *j, const char *stem, const char *suffix);
char *nvcc_stem_of(const char *path); /* name without folder and extension */
/* Flags of every compilation of a .cu file; of any language; of the host side. */
void nvcc_add_cuda_flags(const struct nvcc_job *j, struct strings *a);
void nvcc_add_language_flags(const struct nvcc_job *j, struct strings *a);
void nvcc_add_host_code_flags(const struct nvcc_job *j, struct strings *a);
void nvcc_add_user_deps(const struct nvcc_job *j, const char *object, struct strings *a);

/* -- nvcc_cuda.c */
int nvcc_compile_device(struct nvcc_job *j, const char *source, const char *output);
int nvcc_compile_cuda(struct nvcc_job *j, const char *source, const char *object);

/* -- nvcc_static.c: takes PTX of a file compiled apart, returns it mended. */
char *nvcc_mend_statics(char *ptx, size_t *size);

/* -- nvcc_link.c: objects are one for each input, as nvcc_job.link has them in order. */
int nvcc_link_objects(struct nvcc_job *j, const struct strings *objects,
                      const char *output);

/* -- nvcc_device.c */
/* Links the device code of these files, which are objects, archives and images. Where
 * there is any (or -dlink asks in any case) an object for the host's linker is written,
 * or an image where `form` is one; *made says whether. */
int nvcc_device_link(struct nvcc_job *j, const struct strings *files, const char *output,
                     enum nvcc_mode form, bool *made);

#endif
