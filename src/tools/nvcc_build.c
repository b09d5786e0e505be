/* SPDX-License-Identifier: Apache-2.0
 * Carries out a parsed nvcc command line: per .cu file the device compilations and the
 * host compilation run at the same time. The host's clang wants the packed device code
 * only at its very end, so it reads it from a pipe that is filled when the device side is
 * done. */
#include "tools/nvcc_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang 19 knows no newer target; PTX ISA 8.5 is the newest it writes. */
#define NEWEST_SM 90
#define PTX_FEATURE "+ptx85"
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

static void
show(const struct nvcc_job *j, struct strings *argv)
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
   show(j, argv);
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
static char *
temp_name(struct nvcc_job *j, const char *stem, const char *suffix)
{
   if (!j->temp && !j->temp_failed) {
      j->temp = j->dry_run ? base_strdup("/tmp/kasuri") : tool_temp_folder();
      j->temp_failed = !j->temp;
   }
   return tool_printf("%s/%s%s", j->temp ? j->temp : "/nonexistent", stem, suffix);
}

static char *
stem_of(const char *path)
{
   const char *base = tool_basename(path);
   return base_strndup(base, strlen(base) - strlen(tool_extension(path)));
}

/* What every compilation of a .cu file has in common. */
static void
add_cuda_flags(const struct nvcc_job *j, struct strings *a)
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
   if (j->default_stream && !strcmp(j->default_stream, "per-thread"))
      strings_add(a, "-DCUDA_API_PER_THREAD_DEFAULT_STREAM");
   strings_addf(a, "-isystem%s/include", tool_cuda_folder());
   strings_add(a, "-include");
   strings_add(a, "kasuri/front.h");
}

static void
add_language_flags(const struct nvcc_job *j, struct strings *a)
{
   strings_add_all(a, &j->common);
   if (j->standard)
      strings_addf(a, "-std=%s", j->standard);
   if (j->no_warnings)
      strings_add(a, "-w");
}

static void
add_math_flags(const struct nvcc_job *j, struct strings *a)
{
   bool ftz = j->ftz < 0 ? j->fast_math : j->ftz;
   bool prec_div = j->prec_div < 0 ? !j->fast_math : j->prec_div;
   bool prec_sqrt = j->prec_sqrt < 0 ? !j->fast_math : j->prec_sqrt;
   if (ftz)
      strings_add(a, "-fgpu-flush-denormals-to-zero");
   if (j->fast_math) {
      strings_add(a, "-fgpu-approx-transcendentals");
      strings_add(a, "-D__USE_FAST_MATH__");
   }
   if (!prec_div) {
      strings_add(a, "-mllvm");
      strings_addf(a, "-nvptx-prec-divf32=%d", ftz ? 0 : 1);
   }
   if (!prec_sqrt) {
      strings_add(a, "-mllvm");
      strings_add(a, "-nvptx-prec-sqrtf32=0");
   }
   if (j->fmad == 0)
      strings_add(a, "-ffp-contract=off");
}

/* The nearest target that clang knows, said aloud when it is another one. */
static struct nvcc_arch
known_arch(struct nvcc_arch a)
{
   if (a.sm <= NEWEST_SM && (a.suffix == 0 || (a.sm == 90 && a.suffix == 'a')))
      return a;
   struct nvcc_arch b = {MIN2(a.sm, NEWEST_SM), 0};
   char suffix[2] = {a.suffix, 0};
   tool_warn("nvcc",
             "sm_%u%s is compiled as sm_%u, the nearest target that clang 19 knows", a.sm,
             suffix, b.sm);
   return b;
}

static void
device_command(const struct nvcc_job *j, const char *source, struct nvcc_arch arch,
               const char *ptx, const char *deps, struct strings *a)
{
   strings_add(a, tool_clang());
   add_cuda_flags(j, a);
   add_language_flags(j, a);
   strings_add(a, "--cuda-device-only");
   strings_add(a, "-S");
   if (arch.suffix)
      strings_addf(a, "--cuda-gpu-arch=sm_%u%c", arch.sm, arch.suffix);
   else
      strings_addf(a, "--cuda-gpu-arch=sm_%u", arch.sm);
   strings_add(a, "-Xclang");
   strings_add(a, "-target-feature");
   strings_add(a, "-Xclang");
   strings_add(a, PTX_FEATURE);
   add_math_flags(j, a);
   strings_add(a, j->debug_device ? "-O1" : "-O3");
   if (j->debug_device)
      strings_add(a, "-g");
   else if (j->lineinfo)
      strings_add(a, "-gline-tables-only");
   char *library = tool_printf("%s/nvvm/libdevice/libdevice.10.bc", tool_cuda_folder());
   if (tool_exists(library)) {
      static const char *const words[] = {"-Xclang", "-mlink-builtin-bitcode", "-Xclang"};
      for (size_t i = 0; i < ARRAY_LEN(words); i++)
         strings_add(a, words[i]);
      strings_add(a, library);
   }
   base_free(library);
   if (deps) {
      strings_add(a, "-MD");
      strings_add(a, "-MF");
      strings_add(a, deps);
   }
   strings_add(a, source);
   strings_add(a, "-o");
   strings_add(a, ptx);
}

static void
add_host_code_flags(const struct nvcc_job *j, struct strings *a)
{
   const char *level = j->host_opt ? j->host_opt : j->debug_host ? "0" : "2";
   strings_addf(a, "-O%s", level);
   if (j->debug_host)
      strings_add(a, "-g");
   if (j->shared)
      strings_add(a, "-fPIC");
   strings_add_all(a, &j->host);
}

static void
add_user_deps(const struct nvcc_job *j, const char *object, struct strings *a)
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

/* Reads the names out of a make rule; backslash-newline and escaped blanks as clang
 * writes them. */
static void
collect_deps(struct nvcc_job *j, const char *path)
{
   char *text = tool_read_file(path, NULL);
   if (!text)
      return;
   char *p = strchr(text, ':');
   struct str name = {0};
   for (p = p ? p + 1 : text + strlen(text);; p++) {
      bool end = *p == 0 || *p == ' ' || *p == '\n' || (*p == '\\' && p[1] == '\n');
      if (end && name.len) {
         strings_add(&j->read_files, str_get(&name));
         name.len = 0;
      }
      if (!*p)
         break;
      if (end)
         continue;
      if ((*p == '\\' && p[1] == ' ') || (*p == '$' && p[1] == '$'))
         p++;
      str_append_n(&name, p, 1);
   }
   str_finish(&name);
   base_free(text);
}

/* One .cu file's compilations under way. */
struct cuda_unit {
   const char *source;
   char *stem, *fatbin, *host_errors, *host_deps;
   struct process host;
   VEC(struct process) device;
   struct strings ptx, device_errors, device_deps;
   VEC(struct nvcc_arch) archs;
};

static bool
start_device(struct nvcc_job *j, struct cuda_unit *u)
{
   for (size_t i = 0; i < j->archs.len; i++) {
      struct nvcc_arch arch = known_arch(j->archs.data[i]);
      bool seen = false;
      for (size_t k = 0; k < u->archs.len; k++)
         seen |= u->archs.data[k].sm == arch.sm && u->archs.data[k].suffix == arch.suffix;
      if (seen)
         continue;
      char *tail = tool_printf("-%zu", u->archs.len);
      char *stem = tool_printf("%s%s", u->stem, tail);
      char *ptx = temp_name(j, stem, ".ptx"), *err = temp_name(j, stem, ".err");
      char *deps = j->record_inputs ? temp_name(j, stem, ".d") : NULL;
      struct strings argv = {0};
      struct process p = {-1, 0};
      device_command(j, u->source, arch, ptx, deps, &argv);
      show(j, &argv);
      bool ok = j->dry_run || process_start(&p, strings_argv(&argv), err);
      vec_push(&u->device, p);
      vec_push(&u->archs, arch);
      strings_add(&u->ptx, ptx);
      strings_add(&u->device_errors, err);
      if (deps)
         strings_add(&u->device_deps, deps);
      strings_finish(&argv);
      char *owned[] = {tail, stem, ptx, err, deps};
      for (size_t k = 0; k < ARRAY_LEN(owned); k++)
         base_free(owned[k]);
      if (!ok)
         return false;
   }
   return true;
}

static bool
start_host(struct nvcc_job *j, struct cuda_unit *u, const char *object)
{
   struct strings a = {0};
   strings_add(&a, tool_clang());
   add_cuda_flags(j, &a);
   add_language_flags(j, &a);
   strings_add(&a, "--cuda-host-only");
   strings_add(&a, "-c");
   add_host_code_flags(j, &a);
   add_user_deps(j, object, &a);
   if (j->record_inputs) {
      strings_add(&a, "-MD");
      strings_add(&a, "-MF");
      strings_add(&a, u->host_deps);
   }
   strings_add(&a, "-Xclang");
   strings_add(&a, "-fcuda-include-gpubinary");
   strings_add(&a, "-Xclang");
   strings_add(&a, u->fatbin);
   strings_add(&a, u->source);
   strings_add(&a, "-o");
   strings_add(&a, object);
   show(j, &a);
   bool ok = true;
   if (!j->dry_run) {
      if (mkfifo(u->fatbin, 0600) != 0) {
         tool_error("nvcc", "cannot make %s: %s", u->fatbin, strerror(errno));
         ok = false;
      } else
         ok = process_start(&u->host, strings_argv(&a), u->host_errors);
   }
   strings_finish(&a);
   return ok;
}

static void *
pack_unit(struct nvcc_job *j, struct cuda_unit *u, size_t *size)
{
   struct nvcc_image *images = base_calloc(u->archs.len, sizeof *images);
   void *fatbin = NULL;
   bool ok = true;
   for (size_t i = 0; ok && i < u->archs.len; i++) {
      images[i].arch = u->archs.data[i];
      images[i].ptx = tool_read_file(u->ptx.v.data[i], &images[i].size);
      ok = images[i].ptx != NULL;
      if (!ok)
         tool_error("nvcc", "cannot read %s: %s", u->ptx.v.data[i], strerror(errno));
      else if (j->keep) {
         char *name =
            tool_printf("%s/%s.sm_%u.ptx", j->keep_folder ? j->keep_folder : ".", u->stem,
                        images[i].arch.sm);
         if (!tool_write_file(name, images[i].ptx, images[i].size))
            tool_warn("nvcc", "cannot write %s: %s", name, strerror(errno));
         base_free(name);
      }
   }
   if (ok)
      fatbin = nvcc_pack(images, u->archs.len, size);
   for (size_t i = 0; i < u->archs.len; i++)
      base_free((char *)images[i].ptx);
   base_free(images);
   return fatbin;
}

/* Fills the pipe that the host's clang opens at its end, unless it has failed before. */
static void
feed_host(struct cuda_unit *u, const void *data, size_t size)
{
   int fd;
   while ((fd = open(u->fatbin, O_WRONLY | O_NONBLOCK | O_CLOEXEC)) < 0) {
      if (errno != ENXIO || process_poll(&u->host))
         return;
      usleep(1000);
   }
   fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
   for (size_t done = 0; done < size;) {
      ssize_t n = write(fd, (const char *)data + done, size - done);
      if (n <= 0)
         break;
      done += (size_t)n;
   }
   close(fd);
}

/* What the compilers said, without the line that tells which side counted the errors. */
static char *
read_messages(const char *path)
{
   char *text = path ? tool_read_file(path, NULL) : NULL;
   if (!text)
      return base_strdup("");
   struct str out = {0};
   for (char *line = text; *line;) {
      size_t n = strcspn(line, "\n");
      size_t with_end = n + (line[n] == '\n');
      char *copy = base_strndup(line, n);
      if (!strstr(copy, " generated when compiling for ") &&
          !(strstr(copy, " generated.") && n < 40))
         str_append_n(&out, line, with_end);
      base_free(copy);
      line += with_end;
   }
   base_free(text);
   return out.data ? str_take(&out) : base_strdup("");
}

/* Both sides read the same source, so most messages come twice: say them once. */
static void
report_messages(const struct cuda_unit *u)
{
   char *said = base_strdup("");
   for (size_t i = 0; i <= u->device_errors.v.len; i++) {
      const char *path =
         i < u->device_errors.v.len ? u->device_errors.v.data[i] : u->host_errors;
      char *text = read_messages(path);
      if (*text && !strstr(said, text))
         fputs(text, stderr);
      char *both = tool_printf("%s%s", said, text);
      base_free(said);
      base_free(text);
      said = both;
   }
   base_free(said);
}

static int
wait_device(struct cuda_unit *u)
{
   int status = 0;
   for (size_t i = 0; i < u->device.len; i++) {
      int s = u->device.data[i].pid < 0 ? 0 : process_wait(&u->device.data[i]);
      status = status ? status : s;
   }
   return status;
}

static void
finish_unit(struct nvcc_job *j, struct cuda_unit *u)
{
   for (size_t i = 0; i < u->device.len; i++)
      process_kill(&u->device.data[i]);
   process_kill(&u->host);
   if (j->record_inputs) {
      collect_deps(j, u->host_deps);
      for (size_t i = 0; i < u->device_deps.v.len; i++)
         collect_deps(j, u->device_deps.v.data[i]);
   }
   strings_finish(&u->ptx);
   strings_finish(&u->device_errors);
   strings_finish(&u->device_deps);
   vec_finish(&u->device);
   vec_finish(&u->archs);
   base_free(u->stem);
   base_free(u->fatbin);
   base_free(u->host_errors);
   base_free(u->host_deps);
}

static struct cuda_unit
begin_unit(struct nvcc_job *j, const char *source)
{
   struct cuda_unit u = {.source = source, .host = {-1, 0}};
   u.stem = stem_of(source);
   u.fatbin = temp_name(j, u.stem, ".fatbin");
   u.host_errors = temp_name(j, u.stem, ".host.err");
   u.host_deps = temp_name(j, u.stem, ".host.d");
   unlink(u.fatbin);
   return u;
}

/* Device code only: a .ptx or a .fatbin. */
static int
compile_device(struct nvcc_job *j, const char *source, const char *output)
{
   struct cuda_unit u = begin_unit(j, source);
   int status = start_device(j, &u) ? wait_device(&u) : TOOL_FAILED;
   void *data = NULL;
   size_t size = 0;
   if (!j->dry_run)
      report_messages(&u);
   if (!status && !j->dry_run) {
      if (j->mode == NVCC_PTX) {
         if (u.archs.len > 1) {
            tool_error("nvcc", "-ptx wants one architecture");
            status = TOOL_USAGE;
         } else
            data = tool_read_file(u.ptx.v.data[0], &size);
      } else
         data = pack_unit(j, &u, &size);
      if (!status && (!data || !tool_write_file(output, data, size))) {
         tool_error("nvcc", "cannot write %s: %s", output, strerror(errno));
         status = TOOL_FAILED;
      }
   }
   base_free(data);
   finish_unit(j, &u);
   return status;
}

static int
compile_cuda(struct nvcc_job *j, const char *source, const char *object)
{
   struct cuda_unit u = begin_unit(j, source);
   int status = TOOL_FAILED;
   if (start_device(j, &u) && start_host(j, &u, object)) {
      status = wait_device(&u);
      if (!status && !j->dry_run) {
         size_t size;
         void *fatbin = pack_unit(j, &u, &size);
         if (fatbin)
            feed_host(&u, fatbin, size);
         else
            status = TOOL_FAILED;
         base_free(fatbin);
      }
      /* A device error ends the matter; the host would wait for the pipe for ever. */
      if (status)
         process_kill(&u.host);
      else if (!j->dry_run)
         status = process_wait(&u.host);
   }
   if (!j->dry_run)
      report_messages(&u);
   if (status)
      unlink(object);
   finish_unit(j, &u);
   return status;
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
   add_language_flags(j, &a);
   strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
   add_host_code_flags(j, &a);
   add_user_deps(j, object, &a);
   strings_add(&a, "-c");
   strings_add(&a, source);
   strings_add(&a, "-o");
   strings_add(&a, object);
   int status = run_and_wait(j, &a);
   strings_finish(&a);
   return status;
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
      add_cuda_flags(j, &a);
      strings_add(&a, "--cuda-host-only");
   } else
      strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
   add_language_flags(j, &a);
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
      return compile_device(j, source, output);
   }
   return kind == INPUT_CUDA ? compile_cuda(j, source, output)
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

/* CMake reads these lines to learn where the toolkit is. */
static void
show_toolkit(const struct nvcc_job *j)
{
   const char *cuda = tool_cuda_folder();
   if (j->verbose || j->dry_run)
      fprintf(stderr,
              "#$ _NVVM_BRANCH_=nvvm\n#$ TOP=%s\n#$ INCLUDES=\"-I%s/include\"\n"
              "#$ LIBRARIES=  \"-L%s/lib64\"\n",
              cuda, cuda, cuda);
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
      char *stem = stem_of(source), *output;
      if (linking) {
         char *unique = tool_printf("%s-%zu", stem, i);
         output = temp_name(j, unique, ".o");
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

int
nvcc_job_execute(struct nvcc_job *j)
{
   if (!check(j))
      return TOOL_USAGE;
   signal(SIGPIPE, SIG_IGN);
   show_toolkit(j);
   int status = build(j);
   if (j->temp && !j->dry_run)
      tool_remove_tree(j->temp);
   if (!status && j->run_after && j->mode == NVCC_LINK && !j->dry_run) {
      struct strings a = {0};
      const char *program = j->output ? j->output : "a.out";
      strings_addf(&a, "%s%s", strchr(program, '/') ? "" : "./", program);
      strings_add_all(&a, &j->run_args);
      status = run_and_wait(j, &a);
      strings_finish(&a);
   }
   return status;
}
