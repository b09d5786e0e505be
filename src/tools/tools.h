/* SPDX-License-Identifier: Apache-2.0
 * The `kasuri` command: what its subcommands share. Each subcommand is one file and one
 * row of the table in main.c. */
#ifndef KASURI_TOOLS_H
#define KASURI_TOOLS_H

#include "base/base.h"

#include <stdio.h>

#define TOOL_VERSION "0.1.0"
/* The CUDA release whose interface the headers and libraries speak. */
#define TOOL_CUDA_MAJOR 13
#define TOOL_CUDA_MINOR 0

/* Exit status as `kasuri` documents it. */
enum tool_exit { TOOL_OK = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };

struct tool_command {
   const char *name;
   const char *summary; /* one line of `kasuri --help` */
   const char *help;    /* what `kasuri help NAME` prints */
   int (*run)(int argc, char **argv);
};
extern const struct tool_command tool_run, tool_nvcc, tool_env, tool_smi, tool_doctor,
   tool_cache;
/* Programs of a CUDA toolkit, also called by their own names. */
extern const struct tool_command tool_ptxas, tool_fatbinary, tool_cuobjdump, tool_nvlink;
/* The commands in the order of --help; ends with a NULL name. */
extern const struct tool_command *const tool_commands[];

/* A list of strings that owns them; argv form ends in NULL. */
struct strings {
   VEC(char *) v;
};
void strings_add(struct strings *s, const char *text);
void strings_addf(struct strings *s, const char *fmt, ...) KASURI_PRINTF(2, 3);
void strings_add_all(struct strings *s, const struct strings *other);
/* Splits at a character, empty pieces dropped. */
void strings_add_split(struct strings *s, const char *text, char at);
/* Splits as a shell would, quotes and backslashes honoured, at blanks and, if asked, at
 * commas. */
void tool_split(struct strings *out, const char *text, bool commas);
char **strings_argv(struct strings *s); /* borrowed until the next add */
void strings_finish(struct strings *s);

/* Complains on stderr as `kasuri WHO: …`. */
void tool_error(const char *who, const char *fmt, ...) KASURI_PRINTF(2, 3);
void tool_warn(const char *who, const char *fmt, ...) KASURI_PRINTF(2, 3);
/* A JSON string, quotes and all. */
void tool_print_json(FILE *f, const char *text);
/* The candidate nearest to word by edit distance, or NULL when none is near. The list
 * ends in NULL. */
const char *tool_nearest(const char *word, const char *const *candidates);

/* -- Where things are. Strings live as long as the process. */
/* The CUDA-shaped folder (bin, include, lib64); NULL when it is nowhere to be found. */
const char *tool_cuda_folder(void);
/* The front end's compiler, KASURI_CLANG or clang++-19 from PATH; NULL when missing. */
const char *tool_clang(void);
char *tool_which(const char *program); /* caller frees; NULL when not in PATH */
/* Folder for cached programs, made on demand: KASURI_CACHE_DIR, or kasuri/ in the user's
 * cache folder. NULL when it cannot be made, with the reason on stderr. */
const char *tool_cache_folder(void);
char *tool_cache_path(void); /* the same, made or not; caller frees */

/* -- Files. Paths returned are the caller's to free. */
char *tool_printf(const char *fmt, ...) KASURI_PRINTF(1, 2);
bool tool_exists(const char *path);
bool tool_is_folder(const char *path);
bool tool_make_folders(const char *path); /* with parents */
/* Whole file, NUL-terminated; NULL when it cannot be read (errno says why). */
char *tool_read_file(const char *path, size_t *size);
bool tool_write_file(const char *path, const void *data, size_t size);
bool tool_remove_tree(const char *path);
uint64_t tool_tree_size(const char *path, uint64_t *files);
const char *tool_extension(const char *path); /* with its dot; "" when none */
const char *tool_basename(const char *path);
char *tool_temp_folder(void); /* a fresh one; NULL with the reason on stderr */

/* -- Processes. */
struct process {
   int pid;    /* -1: not started, or waited for */
   int status; /* exit status once waited for; 128 + signal */
};
/* Starts argv[0] (found in PATH); its stderr goes to the file named, if any. */
bool process_start(struct process *p, char **argv, const char *stderr_file);
bool process_poll(struct process *p); /* true once it has ended */
int process_wait(struct process *p);
void process_kill(struct process *p); /* and waits */

/* -- ptxas.c: `ptxas info` lines of what is known of a PTX text's functions, on stderr.
 */
void ptxas_report_usage(const char *ptx, size_t size, const char *name);

/* -- nvcc's compilation, which `run` uses as well. */
struct nvcc_job;
struct nvcc_job *nvcc_job_create(void);
void nvcc_job_destroy(struct nvcc_job *j);
/* Reads nvcc's command line. Returns TOOL_OK to go on, or the exit status to end with
 * (also after --help: then *done is set). */
int nvcc_job_parse(struct nvcc_job *j, int argc, char **argv, bool *done);
int nvcc_job_execute(struct nvcc_job *j);
/* Ask, before executing, for the list of files read (system headers included). */
void nvcc_job_record_inputs(struct nvcc_job *j);
/* Every file that the compilations read, for caches. Owned by the job. */
const struct strings *nvcc_job_inputs(const struct nvcc_job *j);

#endif
