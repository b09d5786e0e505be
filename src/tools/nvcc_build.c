/* SPDX-License-Identifier: Apache-2.0
 * Carries out a parsed nvcc command line: each input to its object, then the link. */
#include "tools/nvcc_priv.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Makes clang use the launch and registration calls that libcudart has had since 9.2 and
 * 10.1; it knows releases up to 12.5. */
#define SDK_VERSION "-target-sdk-version=12.5"

struct nvcc_job *
nvcc_job_create(void)
{
   struct nvcc_job *j = base_calloc(1, sizeof *j);
   j->ftz = j->prec_div = j->prec_sqrt = j->fmad = j->rdc = -1;
   return j;
}

void
nvcc_job_destroy(struct nvcc_job *j)
{
   if (!j)
      return;
   struct strings *lists[] = {&j->inputs, &j->common,   &j->host,
                              &j->link,   &j->run_args, &j->archive,
                              &j->ptxas,  &j->noted,    &j->read_files};
   char *texts[] = {j->output,     j->language, j->arch_option,    j->standard,
                    j->host_opt,   j->cudart,   j->keep_folder,    j->dep_file,
                    j->dep_target, j->temp,     j->default_stream, j->output_folder,
                    j->archiver,   j->machine};
   for (size_t i = 0; i < ARRAY_LEN(lists); i++)
      strings_finish(lists[i]);
   for (size_t i = 0; i < ARRAY_LEN(texts); i++)
      base_free(texts[i]);
   vec_finish(&j->archs);
   base_free(j);
}

void
nvcc_job_record_inputs(struct nvcc_job *j)
{
   j->record_inputs = true;
}

const struct strings *
nvcc_job_inputs(const struct nvcc_job *j)
{
   return &j->read_files;
}

void
nvcc_show(const struct nvcc_job *j, struct strings *argv)
{
   if (!j->verbose && !j->dry_run)
      return;
   fputs("#$ ", stderr);
   for (size_t i = 0; i < argv->v.len; i++) {
      bool plain = !strpbrk(argv->v.data[i], " \"'$\\()<>|;&*?");
      fprintf(stderr, plain ? "%s " : "'%s' ", argv->v.data[i]);
   }
   fputc('\n', stderr);
}

int
nvcc_run(const struct nvcc_job *j, struct strings *argv)
{
   struct process p;
   nvcc_show(j, argv);
   if (j->dry_run)
      return 0;
   return process_start(&p, strings_argv(argv), NULL) ? process_wait(&p) : 127;
}

enum nvcc_input
nvcc_input_kind(const struct nvcc_job *j, const char *path)
{
   static const struct {
      const char *extension;
      enum nvcc_input kind;
   } known[] = {
      {".cu", NVCC_CUDA},      {".cc", NVCC_CXX},      {".cpp", NVCC_CXX},
      {".cxx", NVCC_CXX},      {".c++", NVCC_CXX},     {".C", NVCC_CXX},
      {".c", NVCC_CXX},        {".ii", NVCC_CXX},      {".i", NVCC_CXX},
      {".ptx", NVCC_PTX_TEXT}, {".cubin", NVCC_IMAGE}, {".fatbin", NVCC_IMAGE},
      {".o", NVCC_LINKED},     {".obj", NVCC_LINKED},  {".a", NVCC_LINKED},
      {".lo", NVCC_LINKED},    {".so", NVCC_LINKED},
   };
   const char *ext = tool_extension(path);
   enum nvcc_input kind =
      strstr(tool_basename(path), ".so.") ? NVCC_LINKED : NVCC_UNKNOWN;
   for (size_t i = 0; i < ARRAY_LEN(known); i++)
      if (!strcmp(ext, known[i].extension))
         kind = known[i].kind;
   if (j->language && kind != NVCC_LINKED)
      return strcmp(j->language, "cu") ? NVCC_CXX : NVCC_CUDA;
   return kind;
}

/* A name in the temporary folder, which is made on first use. */
char *
nvcc_temp_name(struct nvcc_job *j, const char *stem, const char *suffix)
{
   if (!j->temp && !j->temp_failed) {
      j->temp = j->dry_run ? base_strdup("/tmp/kasuri") : tool_temp_folder();
      j->temp_failed = !j->temp;
   }
   return tool_printf("%s/%s%s", j->temp ? j->temp : "/nonexistent", stem, suffix);
}

char *
nvcc_stem_of(const char *path)
{
   const char *base = tool_basename(path);
   return base_strndup(base, strlen(base) - strlen(tool_extension(path)));
}

/* What every compilation of a .cu file has in common. */
void
nvcc_add_cuda_flags(const struct nvcc_job *j, struct strings *a)
{
   static const char *const flags[] = {
      "-x", "cuda", "-nocudainc", "-nogpulib", "-Wno-unknown-cuda-version",
      /* Whole-grid unrolling that does not happen is no news to a CUDA programmer. */
      "-Wno-pass-failed", "-Wno-unknown-pragmas", "-D__NVCC__", "-D__CUDACC__", "-Xclang",
      SDK_VERSION};
   for (size_t i = 0; i < ARRAY_LEN(flags); i++)
      strings_add(a, flags[i]);
   strings_addf(a, "-D__CUDACC_VER_MAJOR__=%d", TOOL_CUDA_MAJOR);
   strings_addf(a, "-D__CUDACC_VER_MINOR__=%d", TOOL_CUDA_MINOR);
   strings_add(a, "-D__CUDACC_VER_BUILD__=0");
   if (j->extended_lambda)
      strings_add(a, "-D__CUDACC_EXTENDED_LAMBDA__");
   if (j->relaxed_constexpr)
      strings_add(a, "-D__CUDACC_RELAXED_CONSTEXPR__");
   if (j->debug_device)
      strings_add(a, "-D__CUDACC_DEBUG__");
   if (j->rdc == 1)
      strings_add(a, "-D__CUDACC_RDC__");
   if (j->default_stream && !strcmp(j->default_stream, "per-thread")) {
      strings_add(a, "-DCUDA_API_PER_THREAD_DEFAULT_STREAM");
      strings_add(a, "-Xclang"); /* clang's driver passes it on for HIP alone */
      strings_add(a, "-fgpu-default-stream=per-thread");
   }
   strings_addf(a, "-isystem%s/include", tool_cuda_folder());
   strings_add(a, "-include");
   strings_add(a, "kasuri/front.h");
}

void
nvcc_add_language_flags(const struct nvcc_job *j, struct strings *a)
{
   strings_add_all(a, &j->common);
   if (j->standard)
      strings_addf(a, "-std=%s", j->standard);
   if (j->no_warnings)
      strings_add(a, "-w");
}

void
nvcc_add_host_code_flags(const struct nvcc_job *j, struct strings *a)
{
   const char *level = j->host_opt ? j->host_opt : j->debug_host ? "0" : "2";
   strings_addf(a, "-O%s", level);
   if (j->debug_host)
      strings_add(a, "-g");
   if (j->shared)
      strings_add(a, "-fPIC");
   /* What other host compilers know as well is no error. */
   static const char *const lenient[] = {"-Wno-unknown-warning-option",
                                         "-Wno-ignored-optimization-argument",
                                         "-Qunused-arguments"};
   for (size_t i = 0; j->host.v.len && i < ARRAY_LEN(lenient); i++)
      strings_add(a, lenient[i]);
   strings_add_all(a, &j->host);
}

void
nvcc_add_user_deps(const struct nvcc_job *j, const char *object, struct strings *a)
{
   if (!j->write_deps && !j->write_user_deps)
      return;
   strings_add(a, j->write_deps ? "-MD" : "-MMD");
   if (j->dep_phony)
      strings_add(a, "-MP");
   strings_add(a, "-MF");
   if (j->dep_file)
      strings_add(a, j->dep_file);
   else
      strings_addf(a, "%.*s.d", (int)(strlen(object) - strlen(tool_extension(object))),
                   object);
   strings_add(a, "-MT");
   strings_add(a, j->dep_target ? j->dep_target : object);
}

static const char *
plain_language(const struct nvcc_job *j, const char *source)
{
   const char *ext = tool_extension(source);
   if (j->language)
      return !strcmp(j->language, "c") ? "-xc" : "-xc++";
   return !strcmp(ext, ".c")    ? "-xc"
          : !strcmp(ext, ".i")  ? "-xcpp-output"
          : !strcmp(ext, ".ii") ? "-xc++-cpp-output"
                                : "-xc++";
}

static int
compile_cxx(struct nvcc_job *j, const char *source, const char *object)
{
   struct strings a = {0};
   strings_add(&a, tool_clang());
   strings_add(&a, plain_language(j, source));
   nvcc_add_language_flags(j, &a);
   strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
   nvcc_add_host_code_flags(j, &a);
   nvcc_add_user_deps(j, object, &a);
   strings_add(&a, "-c");
   strings_add(&a, source);
   strings_add(&a, "-o");
   strings_add(&a, object);
   int status = nvcc_run(j, &a);
   strings_finish(&a);
   return status;
}

static bool
is_link(const struct nvcc_job *j)
{
   return j->device_link || j->mode == NVCC_LINK || j->mode == NVCC_LIBRARY;
}

static bool
is_preprocess(const struct nvcc_job *j)
{
   return j->mode == NVCC_PREPROCESS || j->mode == NVCC_DEPENDENCIES ||
          j->mode == NVCC_USER_DEPENDENCIES;
}

static char *
in_folder(const struct nvcc_job *j, const char *stem, const char *suffix)
{
   return j->output_folder ? tool_printf("%s/%s%s", j->output_folder, stem, suffix)
                           : tool_printf("%s%s", stem, suffix);
}

/* -E and -M: the host's view of the file, on stdout or in -o. */
static int
preprocess(struct nvcc_job *j, const char *source)
{
   struct strings a = {0};
   strings_add(&a, tool_clang());
   if (nvcc_input_kind(j, source) == NVCC_CUDA) {
      nvcc_add_cuda_flags(j, &a);
      strings_add(&a, "--cuda-host-only");
   } else
      strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
   nvcc_add_language_flags(j, &a);
   strings_add_all(&a, &j->host);
   if (j->mode == NVCC_PREPROCESS)
      strings_add(&a, "-E");
   else {
      strings_add(&a, j->mode == NVCC_DEPENDENCIES ? "-M" : "-MM");
      if (j->dep_phony)
         strings_add(&a, "-MP");
      char *stem = nvcc_stem_of(source);
      char *target = in_folder(j, stem, ".o");
      strings_add(&a, "-MT");
      strings_add(&a, j->dep_target ? j->dep_target : target);
      base_free(stem);
      base_free(target);
   }
   strings_add(&a, source);
   const char *out = j->output ? j->output : j->dep_file;
   if (out) {
      strings_add(&a, "-o");
      strings_add(&a, out);
   }
   int status = nvcc_run(j, &a);
   strings_finish(&a);
   return status;
}

static const char *
mode_suffix(enum nvcc_mode mode)
{
   return mode == NVCC_PTX      ? ".ptx"
          : mode == NVCC_FATBIN ? ".fatbin"
          : mode == NVCC_CUBIN  ? ".cubin"
                                : ".o";
}

static bool
makes_image(const struct nvcc_job *j)
{
   return j->mode == NVCC_PTX || j->mode == NVCC_FATBIN || j->mode == NVCC_CUBIN;
}

static int
compile_one(struct nvcc_job *j, const char *source, const char *output)
{
   enum nvcc_input kind = nvcc_input_kind(j, source);
   if (!makes_image(j) || j->device_link)
      return kind == NVCC_CUDA ? nvcc_compile_cuda(j, source, output)
                               : compile_cxx(j, source, output);
   if (kind == NVCC_CUDA)
      return nvcc_compile_device(j, source, output);
   if (kind == NVCC_CXX) {
      tool_error("nvcc", "%s holds no device code (-x cu reads it as CUDA)", source);
      return TOOL_USAGE;
   }
   struct strings files = {0};
   bool made;
   strings_add(&files, source);
   int status = nvcc_device_link(j, &files, output, j->mode, &made);
   if (!status && !made && !j->dry_run) {
      tool_error("nvcc", "%s: there is no device code to pack", source);
      status = TOOL_FAILED;
   }
   strings_finish(&files);
   return status;
}

static bool
check_inputs(const struct nvcc_job *j)
{
   for (size_t i = 0; i < j->inputs.v.len; i++) {
      const char *path = j->inputs.v.data[i];
      if (!tool_exists(path) && !j->clean) {
         tool_error("nvcc", "%s: %s", path, strerror(errno));
         return false;
      }
      if (nvcc_input_kind(j, path) == NVCC_UNKNOWN) {
         tool_error("nvcc", "%s: unknown kind of input (use -x cu, c++ or c)", path);
         return false;
      }
   }
   if (j->output && j->inputs.v.len > 1 && !is_link(j)) {
      tool_error("nvcc", "-o names one output, but there are %zu inputs",
                 j->inputs.v.len);
      return false;
   }
   return true;
}

static bool
check(const struct nvcc_job *j)
{
   if (!check_inputs(j))
      return false;
   if (!tool_clang()) {
      tool_error("nvcc", "clang++-19 is missing: apt-get install clang-19 "
                         "(or set KASURI_CLANG)");
      return false;
   }
   if (!tool_cuda_folder()) {
      tool_error("nvcc", "Kasuri's include and lib64 folders are not beside this program "
                         "(KASURI_HOME may name them)");
      return false;
   }
   return true;
}

/* CMake reads these lines to learn where the toolkit is; it looks for the value of
 * LIBRARIES, as written, in the command that links, and for `-arch compute_NN`. */
static void
show_toolkit(const struct nvcc_job *j)
{
   const char *cuda = tool_cuda_folder(), *path = base_getenv("PATH");
   if (!j->verbose && !j->dry_run)
      return;
   fprintf(stderr,
           "#$ _NVVM_BRANCH_=nvvm\n#$ TOP=%s\n#$ PATH=%s\n#$ INCLUDES=\"-I%s/include\"\n"
           "#$ LIBRARIES=  -L%s/lib64\n",
           cuda, path ? path : "", cuda, cuda);
   for (size_t i = 0; i < j->archs.len; i++)
      fprintf(stderr, "#$ TARGET=  -arch compute_%u\n", j->archs.data[i].sm);
}

/* What a source becomes: an object on its way to the link, or the output. */
static char *
output_of(struct nvcc_job *j, size_t i)
{
   char *stem = nvcc_stem_of(j->inputs.v.data[i]), *output;
   if (is_link(j)) {
      char *unique = tool_printf("%s-%zu", stem, i);
      output = nvcc_temp_name(j, unique, ".o");
      base_free(unique);
   } else if (j->output)
      output = base_strdup(j->output);
   else
      output = in_folder(j, stem, mode_suffix(j->mode));
   base_free(stem);
   return output;
}

static char *
link_output(const struct nvcc_job *j)
{
   if (j->output)
      return base_strdup(j->output);
   if (j->device_link)
      return in_folder(j, "a_dlink", mode_suffix(j->mode));
   return in_folder(j, j->mode == NVCC_LIBRARY ? "a.a" : "a.out", "");
}

/* Each input: compiled, or as it is where it goes to the link. */
static int
compile_all(struct nvcc_job *j, struct strings *objects)
{
   int status = TOOL_OK;
   for (size_t i = 0; !status && i < j->inputs.v.len; i++) {
      const char *source = j->inputs.v.data[i];
      enum nvcc_input kind = nvcc_input_kind(j, source);
      if (is_preprocess(j)) {
         status = preprocess(j, source);
         continue;
      }
      if (is_link(j) && kind != NVCC_CUDA && kind != NVCC_CXX) {
         strings_add(objects, source);
         continue;
      }
      if (kind == NVCC_LINKED && !makes_image(j))
         continue; /* nothing is left to do, as host compilers have it */
      char *output = output_of(j, i);
      if (j->clean)
         unlink(output);
      else
         status = j->temp_failed ? TOOL_FAILED : compile_one(j, source, output);
      strings_add(objects, output);
      base_free(output);
   }
   return status;
}

static int
build(struct nvcc_job *j)
{
   struct strings objects = {0};
   int status = compile_all(j, &objects);
   if (!status && is_link(j)) {
      char *output = link_output(j);
      if (j->clean)
         unlink(output);
      else
         status = nvcc_link_objects(j, &objects, output);
      base_free(output);
   }
   strings_finish(&objects);
   return status;
}

/* The program that `nvcc -run PROGRAM` names, quotes around it dropped as nvcc's shell
 * would (Meson's sanity check has them); NULL where the input is something else. */
static char *
program_to_run(const struct nvcc_job *j)
{
   if (!j->run_after || j->inputs.v.len != 1)
      return NULL;
   const char *name = j->inputs.v.data[0];
   size_t n = strlen(name);
   bool quoted = n > 2 && name[0] == '"' && name[n - 1] == '"';
   char *path = quoted ? base_strndup(name + 1, n - 2) : base_strdup(name);
   if (nvcc_input_kind(j, path) == NVCC_UNKNOWN && access(path, X_OK) == 0)
      return path;
   base_free(path);
   return NULL;
}

static int
run_program(struct nvcc_job *j, const char *program)
{
   struct strings a = {0};
   strings_addf(&a, "%s%s", strchr(program, '/') ? "" : "./", program);
   strings_add_all(&a, &j->run_args);
   int status = nvcc_run(j, &a);
   strings_finish(&a);
   return status;
}

int
nvcc_job_execute(struct nvcc_job *j)
{
   char *program = program_to_run(j);
   int status;
   if (program) {
      status = run_program(j, program);
      base_free(program);
      return status;
   }
   if (!check(j))
      return TOOL_USAGE;
   if (j->device_link && j->rdc < 0)
      j->rdc = 1;
   signal(SIGPIPE, SIG_IGN);
   show_toolkit(j);
   status = build(j);
   if (j->temp && !j->dry_run)
      tool_remove_tree(j->temp);
   if (!status && j->run_after && j->mode == NVCC_LINK && !j->dry_run)
      status = run_program(j, j->output ? j->output : "a.out");
   return status;
}
