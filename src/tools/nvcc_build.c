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
   j->ftz = j->prec_div = j->prec_sqrt = j->fmad = -1;
   return j;
}

void
nvcc_job_destroy(struct nvcc_job *j)
{
   if (!j)
      return;
   struct strings *lists[] = {&j->inputs, &j->common,   &j->host,
                              &j->link,   &j->run_args, &j->read_files};
   char *texts[] = {j->output,       j->language, j->arch_option, j->standard,
                    j->host_opt,     j->cudart,   j->keep_folder, j->dep_file,
                    j->dep_target,   j->rdc,      j->temp,        j->default_stream,
                    j->ptxas_ignored};
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

static int
run_and_wait(const struct nvcc_job *j, struct strings *argv)
{
   struct process p;
   nvcc_show(j, argv);
   if (j->dry_run)
      return 0;
   return process_start(&p, strings_argv(argv), NULL) ? process_wait(&p) : 127;
}

enum input_kind { INPUT_CUDA, INPUT_CXX, INPUT_LINK, INPUT_UNKNOWN };

static enum input_kind
input_kind(const struct nvcc_job *j, const char *path)
{
   static const char *const cxx[] = {".cc", ".cpp", ".cxx", ".c++", ".C", ".c"};
   static const char *const link[] = {".o", ".obj", ".a", ".so"};
   const char *ext = tool_extension(path);
   for (size_t i = 0; i < ARRAY_LEN(link); i++) {
      if (!strcmp(ext, link[i]))
         return INPUT_LINK;
   }
   if (strstr(tool_basename(path), ".so."))
      return INPUT_LINK;
   if (j->language)
      return strcmp(j->language, "cu") ? INPUT_CXX : INPUT_CUDA;
   if (!strcmp(ext, ".cu"))
      return INPUT_CUDA;
   for (size_t i = 0; i < ARRAY_LEN(cxx); i++) {
      if (!strcmp(ext, cxx[i]))
         return INPUT_CXX;
   }
   return INPUT_UNKNOWN;
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
   strings_add_all(a, &j->host);
}

void
nvcc_add_user_deps(const struct nvcc_job *j, const char *object, struct strings *a)
{
   if (!j->write_user_deps && !j->dep_file)
      return;
   strings_add(a, "-MD");
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

static int
compile_cxx(struct nvcc_job *j, const char *source, const char *object)
{
   struct strings a = {0};
   strings_add(&a, tool_clang());
   if (!strcmp(tool_extension(source), ".c") ||
       (j->language && *j->language == 'c' && !j->language[1]))
      strings_add(&a, "-xc");
   else
      strings_add(&a, "-xc++");
   nvcc_add_language_flags(j, &a);
   strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
   nvcc_add_host_code_flags(j, &a);
   nvcc_add_user_deps(j, object, &a);
   strings_add(&a, "-c");
   strings_add(&a, source);
   strings_add(&a, "-o");
   strings_add(&a, object);
   int status = run_and_wait(j, &a);
   strings_finish(&a);
   return status;
}

/* What programs must be linked with to use these very libraries (a sanitizer's runtime);
 * no such file is there as a rule. */
static void
add_library_flags(struct strings *a)
{
   char *path = tool_printf("%s/lib64/link-flags", tool_cuda_folder());
   char *words = tool_read_file(path, NULL);
   if (words) {
      words[strcspn(words, "\n")] = 0;
      strings_add_split(a, words, ' ');
   }
   base_free(words);
   base_free(path);
}

static int
link_objects(struct nvcc_job *j, const struct strings *objects, const char *output)
{
   const char *cuda = tool_cuda_folder();
   struct strings a = {0};
   if (j->mode == NVCC_LIBRARY) {
      strings_add(&a, "ar");
      strings_add(&a, "rcs");
      strings_add(&a, output);
      strings_add_all(&a, objects);
   } else {
      char *lld = tool_which("ld.lld-19");
      strings_add(&a, tool_clang());
      if (lld)
         strings_addf(&a, "--ld-path=%s", lld);
      base_free(lld);
      if (j->shared)
         strings_add(&a, "-shared");
      add_library_flags(&a);
      strings_add_all(&a, &j->host);
      strings_add_all(&a, objects);
      strings_add(&a, "-o");
      strings_add(&a, output);
      strings_add_all(&a, &j->link);
      strings_addf(&a, "-L%s/lib64", cuda);
      strings_addf(&a, "-Wl,-rpath,%s/lib64", cuda);
      if (!j->cudart || strcmp(j->cudart, "none"))
         strings_add(&a, "-lcudart");
      static const char *const rest[] = {"-ldl", "-lrt", "-lpthread"};
      for (size_t i = 0; i < ARRAY_LEN(rest); i++)
         strings_add(&a, rest[i]);
   }
   int status = run_and_wait(j, &a);
   strings_finish(&a);
   return status;
}

/* -E and -M: the host's view of the file, on stdout or in -o. */
static int
preprocess(struct nvcc_job *j, const char *source)
{
   struct strings a = {0};
   strings_add(&a, tool_clang());
   if (input_kind(j, source) == INPUT_CUDA) {
      nvcc_add_cuda_flags(j, &a);
      strings_add(&a, "--cuda-host-only");
   } else
      strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
   nvcc_add_language_flags(j, &a);
   strings_add_all(&a, &j->host);
   strings_add(&a, j->mode == NVCC_PREPROCESS ? "-E" : "-M");
   if (j->mode == NVCC_DEPENDENCIES && j->dep_target) {
      strings_add(&a, "-MT");
      strings_add(&a, j->dep_target);
   }
   strings_add(&a, source);
   const char *out = j->output ? j->output : j->dep_file;
   if (out) {
      strings_add(&a, "-o");
      strings_add(&a, out);
   }
   int status = run_and_wait(j, &a);
   strings_finish(&a);
   return status;
}

static const char *
mode_suffix(enum nvcc_mode mode)
{
   return mode == NVCC_PTX ? ".ptx" : mode == NVCC_FATBIN ? ".fatbin" : ".o";
}

static int
compile_one(struct nvcc_job *j, const char *source, const char *output)
{
   enum input_kind kind = input_kind(j, source);
   if (j->mode == NVCC_PTX || j->mode == NVCC_FATBIN) {
      if (kind != INPUT_CUDA) {
         tool_error("nvcc", "%s holds no device code (-x cu reads it as CUDA)", source);
         return TOOL_USAGE;
      }
      return nvcc_compile_device(j, source, output);
   }
   return kind == INPUT_CUDA ? nvcc_compile_cuda(j, source, output)
                             : compile_cxx(j, source, output);
}

static bool
check(const struct nvcc_job *j)
{
   size_t sources = 0;
   for (size_t i = 0; i < j->inputs.v.len; i++) {
      const char *path = j->inputs.v.data[i];
      enum input_kind kind = input_kind(j, path);
      if (!tool_exists(path)) {
         tool_error("nvcc", "%s: %s", path, strerror(errno));
         return false;
      }
      if (kind == INPUT_UNKNOWN) {
         tool_error("nvcc", "%s: unknown kind of input (use -x cu, c++ or c)", path);
         return false;
      }
      sources += kind != INPUT_LINK;
   }
   if (j->mode == NVCC_CUBIN) {
      tool_error("nvcc",
                 "-cubin: there is no machine code of NVIDIA's here; -ptx or -fatbin "
                 "give what Kasuri loads");
      return false;
   }
   if (j->rdc && strcmp(j->rdc, "false") && (sources > 1 || j->mode != NVCC_LINK)) {
      tool_error("nvcc",
                 "-rdc=true: separate compilation of device code is not supported "
                 "yet; a program in a single file is");
      return false;
   }
   if (j->output && j->inputs.v.len > 1 && j->mode != NVCC_LINK &&
       j->mode != NVCC_LIBRARY) {
      tool_error("nvcc", "-o names one output, but there are %zu inputs",
                 j->inputs.v.len);
      return false;
   }
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

static int
build(struct nvcc_job *j)
{
   struct strings objects = {0};
   int status = TOOL_OK;
   bool linking = j->mode == NVCC_LINK || j->mode == NVCC_LIBRARY;
   for (size_t i = 0; !status && i < j->inputs.v.len; i++) {
      const char *source = j->inputs.v.data[i];
      if (j->mode == NVCC_PREPROCESS || j->mode == NVCC_DEPENDENCIES) {
         status = preprocess(j, source);
         continue;
      }
      if (input_kind(j, source) == INPUT_LINK) {
         strings_add(&objects, source);
         continue;
      }
      char *stem = nvcc_stem_of(source), *output;
      if (linking) {
         char *unique = tool_printf("%s-%zu", stem, i);
         output = nvcc_temp_name(j, unique, ".o");
         base_free(unique);
      } else if (j->output)
         output = base_strdup(j->output);
      else
         output = tool_printf("%s%s", stem, mode_suffix(j->mode));
      status = j->temp_failed ? TOOL_FAILED : compile_one(j, source, output);
      strings_add(&objects, output);
      base_free(stem);
      base_free(output);
   }
   const char *output = j->output ? j->output : j->mode == NVCC_LIBRARY ? "a.a" : "a.out";
   if (!status && linking)
      status = link_objects(j, &objects, output);
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
   if (input_kind(j, path) == INPUT_UNKNOWN && access(path, X_OK) == 0)
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
   int status = run_and_wait(j, &a);
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
   signal(SIGPIPE, SIG_IGN);
   show_toolkit(j);
   status = build(j);
   if (j->temp && !j->dry_run)
      tool_remove_tree(j->temp);
   if (!status && j->run_after && j->mode == NVCC_LINK && !j->dry_run)
      status = run_program(j, j->output ? j->output : "a.out");
   return status;
}
