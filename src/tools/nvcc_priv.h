/* SPDX-License-Identifier: Apache-2.0
 * One run of `kasuri nvcc`: what its command line asks for (nvcc_args.c, nvcc_options.c)
 * and what the build (nvcc_build.c) and the packer share. */
#ifndef KASURI_NVCC_PRIV_H
#define KASURI_NVCC_PRIV_H

#include "tools/tools.h"

enum nvcc_mode {
   NVCC_LINK,
   NVCC_OBJECT,
   NVCC_PREPROCESS,
   NVCC_DEPENDENCIES, /* -M */
   NVCC_PTX,
   NVCC_FATBIN,
   NVCC_CUBIN,
   NVCC_LIBRARY, /* -lib: an archive */
};

struct nvcc_arch {
   unsigned sm; /* 90 */
   char suffix; /* 'a', 'f' or 0 */
};

struct nvcc_job {
   enum nvcc_mode mode;
   char *output;
   struct strings inputs;
   char *language; /* -x */
   VEC(struct nvcc_arch) archs;
   char *arch_option;     /* the last -arch, before gencodes are counted */
   struct strings common; /* for every compilation: -I -D -U -include … */
   struct strings host;   /* -Xcompiler */
   struct strings link;   /* -L -l -Xlinker, in order */
   char *standard, *host_opt, *cudart, *keep_folder, *dep_file, *dep_target, *rdc;
   char *default_stream, *ptxas_ignored;
   bool debug_host, debug_device, lineinfo, fast_math, verbose, dry_run, shared, keep;
   bool no_warnings, write_deps, write_user_deps, dep_phony, version, help;
   bool relaxed_constexpr, extended_lambda, forward_unknown, run_after, pic_seen;
   /* -ftz and the others: -1 where the command line is silent. */
   int ftz, prec_div, prec_sqrt, fmad;
   bool rdc_set;
   struct strings run_args;
   /* Set by `kasuri run`: record what was read, and drop the host's notes on success. */
   bool record_inputs;
   struct strings read_files;
   char *temp;
   bool temp_failed;
};

/* How an option's value is put to use. */
enum nvcc_effect {
   NVCC_IGNORE, /* no meaning here; harmless */
   NVCC_SET,    /* bool */
   NVCC_TEXT,   /* char *: the last one counts */
   NVCC_BOOL,   /* int: true or false */
   NVCC_MODE,   /* enum nvcc_mode */
   NVCC_APPEND, /* struct strings: prefix + value, commas split where `split` */
   NVCC_GENCODE,
   NVCC_PTXAS, /* ignored with one warning */
   NVCC_REFUSE,
};
struct nvcc_option {
   const char *name, *alias; /* without dashes */
   bool takes_value;
   enum nvcc_effect effect;
   size_t offset; /* in struct nvcc_job */
   int mode;      /* NVCC_MODE: which; NVCC_SET: 0 clears */
   const char *prefix;
   bool split;
   const char *help; /* NULL: not listed */
};
extern const struct nvcc_option nvcc_options[];
extern const size_t nvcc_options_count;

bool nvcc_parse_arch(const char *text, struct nvcc_arch *arch);

/* -- Shared by nvcc_build.c and nvcc_cuda.c. */
/* Prints a command where -v or --dryrun asks for it. */
void nvcc_show(const struct nvcc_job *j, struct strings *argv);
/* A name in the job's temporary folder, made on first use; caller frees. */
char *nvcc_temp_name(struct nvcc_job *j, const char *stem, const char *suffix);
char *nvcc_stem_of(const char *path); /* name without folder and extension */
/* Flags of every compilation of a .cu file; of any language; of the host side. */
void nvcc_add_cuda_flags(const struct nvcc_job *j, struct strings *a);
void nvcc_add_language_flags(const struct nvcc_job *j, struct strings *a);
void nvcc_add_host_code_flags(const struct nvcc_job *j, struct strings *a);
void nvcc_add_user_deps(const struct nvcc_job *j, const char *object, struct strings *a);
int nvcc_compile_device(struct nvcc_job *j, const char *source, const char *output);
int nvcc_compile_cuda(struct nvcc_job *j, const char *source, const char *object);

#endif
