/* SPDX-License-Identifier: Apache-2.0
 * Compiles one .cu file: the device compilations, one for each target, and the host
 * compilation run at the same time. The host's clang wants the packed device code only at
 * its very end, so it reads it from a pipe that is filled when the device side is done.
 */
#include "tools/nvcc_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "image/image.h"

/* clang 19 knows no newer target; PTX ISA 8.5 is the newest it writes. */
#define NEWEST_SM 90
#define PTX_FEATURE "+ptx85"

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
   if (!prec_sqrt)
      strings_addf(a, "-DKASURI_APPROXIMATE_SQRT=__nvvm_sqrt_approx%s_f",
                   ftz ? "_ftz" : "");
   if (j->fmad == 0)
      strings_add(a, "-ffp-contract=off");
}

/* The nearest target that clang knows, said aloud when it is another one. */
static struct nvcc_arch
known_arch(struct nvcc_job *j, struct nvcc_arch a)
{
   if (a.sm <= NEWEST_SM && (a.suffix == 0 || (a.sm == 90 && a.suffix == 'a')))
      return a;
   struct nvcc_arch b = {MIN2(a.sm, NEWEST_SM), 0};
   char suffix[2] = {a.suffix, 0};
   if (!j->told_arch && !j->no_warnings)
      tool_warn("nvcc",
                "sm_%u%s is compiled as sm_%u, the nearest target that clang 19 knows",
                a.sm, suffix, b.sm);
   j->told_arch = true;
   return b;
}

/* One .cu file's compilations under way. */
struct cuda_unit {
   const char *source;
   char id[17];
   char *stem, *fatbin, *host_errors, *host_deps;
   struct process host;
   VEC(struct process) device;
   struct strings ptx, device_errors, device_deps;
   VEC(struct nvcc_arch) archs;
};

/* Names what a file compiled apart keeps to itself, and its registration: apart for each
 * source and for each set of flags, and the same again next time. */
static void
add_separate(const struct nvcc_job *j, const char *id, struct strings *a)
{
   if (j->rdc != 1)
      return;
   strings_add(a, "-fgpu-rdc");
   strings_add(a, "-fuse-cuid=none"); /* else clang's driver makes one for the device */
   strings_add(a, "-Xclang");
   strings_addf(a, "-cuid=%s", id);
}

static void
device_command(const struct nvcc_job *j, const struct cuda_unit *u, struct nvcc_arch arch,
               const char *ptx, const char *deps, struct strings *a)
{
   strings_add(a, tool_clang());
   nvcc_add_cuda_flags(j, a);
   nvcc_add_language_flags(j, a);
   add_separate(j, u->id, a);
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
   /* Local arrays become registers only where loops over them are unrolled; nvcc unrolls
    * more than clang would by itself. */
   strings_add(a, "-mllvm");
   strings_add(a, "-unroll-threshold=2000");
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
   strings_add(a, u->source);
   strings_add(a, "-o");
   strings_add(a, ptx);
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

static bool
start_device(struct nvcc_job *j, struct cuda_unit *u)
{
   for (size_t i = 0; i < j->archs.len; i++) {
      struct nvcc_arch arch = known_arch(j, j->archs.data[i]);
      bool seen = false;
      for (size_t k = 0; k < u->archs.len; k++)
         seen |= u->archs.data[k].sm == arch.sm && u->archs.data[k].suffix == arch.suffix;
      if (seen)
         continue;
      char *tail = tool_printf("-%zu", u->archs.len);
      char *stem = tool_printf("%s%s", u->stem, tail);
      char *ptx = nvcc_temp_name(j, stem, ".ptx"), *err = nvcc_temp_name(j, stem, ".err");
      char *deps = j->record_inputs ? nvcc_temp_name(j, stem, ".d") : NULL;
      struct strings argv = {0};
      struct process p = {-1, 0};
      device_command(j, u, arch, ptx, deps, &argv);
      nvcc_show(j, &argv);
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
   nvcc_add_cuda_flags(j, &a);
   nvcc_add_language_flags(j, &a);
   add_separate(j, u->id, &a);
   strings_add(&a, "--cuda-host-only");
   strings_add(&a, "-c");
   nvcc_add_host_code_flags(j, &a);
   nvcc_add_user_deps(j, object, &a);
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
   nvcc_show(j, &a);
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

static char *
read_ptx(const struct nvcc_job *j, const struct cuda_unit *u, size_t i, size_t *size)
{
   char *ptx = tool_read_file(u->ptx.v.data[i], size);
   if (!ptx)
      tool_error("nvcc", "cannot read %s: %s", u->ptx.v.data[i], strerror(errno));
   return ptx && j->rdc == 1 ? nvcc_mend_statics(ptx, size) : ptx;
}

/* All the unit's PTX in one fatbin. Stored as it is: unpacking costs more than it saves.
 */
static bool
pack_unit(struct nvcc_job *j, struct cuda_unit *u, struct str *fatbin)
{
   struct image_source *images = base_calloc(u->archs.len, sizeof *images);
   bool ok = true;
   for (size_t i = 0; ok && i < u->archs.len; i++) {
      images[i].sm = u->archs.data[i].sm;
      images[i].suffix = u->archs.data[i].suffix;
      images[i].ptx = read_ptx(j, u, i, &images[i].size);
      ok = images[i].ptx != NULL;
      if (ok && j->keep) {
         char *name =
            tool_printf("%s/%s.sm_%u.ptx", j->keep_folder ? j->keep_folder : ".", u->stem,
                        images[i].sm);
         if (!tool_write_file(name, images[i].ptx, images[i].size))
            tool_warn("nvcc", "cannot write %s: %s", name, strerror(errno));
         base_free(name);
      }
   }
   ok = ok && image_pack(fatbin, images, u->archs.len, IMAGE_STORE);
   for (size_t i = 0; i < u->archs.len; i++)
      base_free((char *)images[i].ptx);
   base_free(images);
   return ok;
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

/* What -Xptxas -v asks for. */
static void
report_usage(const struct nvcc_job *j, const struct cuda_unit *u)
{
   for (size_t i = 0; j->resource_usage && i < u->ptx.v.len; i++) {
      size_t size;
      char *ptx = tool_read_file(u->ptx.v.data[i], &size);
      if (ptx)
         ptxas_report_usage(ptx, size, u->source);
      base_free(ptx);
   }
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

static void
name_unit(const struct nvcc_job *j, struct cuda_unit *u)
{
   struct strings words = {0};
   char *real = realpath(u->source, NULL);
   strings_add(&words, real ? real : u->source);
   free(real);
   nvcc_add_cuda_flags(j, &words);
   nvcc_add_language_flags(j, &words);
   nvcc_add_host_code_flags(j, &words);
   uint64_t h = BASE_HASH_SEED;
   for (size_t i = 0; i < words.v.len; i++)
      h = base_hash(words.v.data[i], strlen(words.v.data[i]) + 1, h);
   snprintf(u->id, sizeof u->id, "%016" PRIx64, h);
   strings_finish(&words);
}

static struct cuda_unit
begin_unit(struct nvcc_job *j, const char *source)
{
   struct cuda_unit u = {.source = source, .host = {-1, 0}};
   name_unit(j, &u);
   u.stem = nvcc_stem_of(source);
   u.fatbin = nvcc_temp_name(j, u.stem, ".fatbin");
   u.host_errors = nvcc_temp_name(j, u.stem, ".host.err");
   u.host_deps = nvcc_temp_name(j, u.stem, ".host.d");
   unlink(u.fatbin);
   return u;
}

/* The one PTX of a .ptx or .cubin; a .cubin is an ELF file around it. */
static bool
write_single(struct nvcc_job *j, const struct cuda_unit *u, struct str *out)
{
   if (u->archs.len > 1) {
      tool_error("nvcc", "-%s wants one architecture",
                 j->mode == NVCC_PTX ? "ptx" : "cubin");
      return false;
   }
   struct image_source src = {
      .sm = u->archs.data[0].sm, .suffix = u->archs.data[0].suffix, .name = u->source};
   char *ptx = read_ptx(j, u, 0, &src.size);
   bool ok = ptx != NULL;
   src.ptx = ptx;
   if (ok && j->mode == NVCC_PTX)
      str_append_n(out, ptx, src.size);
   else if (ok)
      ok = image_pack_linked(out, &src, 1);
   base_free(ptx);
   return ok;
}

/* Device code only: a .ptx, .cubin or .fatbin. */
int
nvcc_compile_device(struct nvcc_job *j, const char *source, const char *output)
{
   struct cuda_unit u = begin_unit(j, source);
   struct str out = {0};
   int status = start_device(j, &u) ? wait_device(&u) : TOOL_FAILED;
   if (!j->dry_run)
      report_messages(&u);
   if (!status && !j->dry_run) {
      bool ok =
         j->mode == NVCC_FATBIN ? pack_unit(j, &u, &out) : write_single(j, &u, &out);
      if (ok && !tool_write_file(output, str_get(&out), out.len)) {
         tool_error("nvcc", "cannot write %s: %s", output, strerror(errno));
         ok = false;
      }
      if (ok)
         report_usage(j, &u);
      status = ok ? TOOL_OK : TOOL_FAILED;
   }
   str_finish(&out);
   finish_unit(j, &u);
   return status;
}

/* clang names what an object registers by the source's name alone; two files of one name
 * may be linked, so the unit's own takes its place. */
static void
note_wrapper(void *user, const char *name, enum image_symbol kind)
{
   char **found = user;
   if (kind == IMAGE_DEFINED && !*found && !strncmp(name, "__fatbinwrap__nv_", 17))
      *found = base_strdup(name + 12);
}

static bool
rename_unit(const struct cuda_unit *u, const char *object)
{
   size_t size;
   char *data = tool_read_file(object, &size), *old = NULL;
   if (!data) {
      tool_error("nvcc", "cannot read %s: %s", object, strerror(errno));
      return false;
   }
   image_each_symbol(data, size, note_wrapper, &old);
   bool ok = true;
   if (old) {
      char *name = tool_printf("__nv_%.*s", (int)strlen(old) - 5, u->id);
      image_rename_symbols(data, size, old, name);
      ok = tool_write_file(object, data, size);
      if (!ok)
         tool_error("nvcc", "cannot write %s: %s", object, strerror(errno));
      base_free(name);
   }
   base_free(old);
   base_free(data);
   return ok;
}

int
nvcc_compile_cuda(struct nvcc_job *j, const char *source, const char *object)
{
   struct cuda_unit u = begin_unit(j, source);
   int status = TOOL_FAILED;
   if (start_device(j, &u) && start_host(j, &u, object)) {
      status = wait_device(&u);
      if (!status && !j->dry_run) {
         struct str fatbin = {0};
         if (pack_unit(j, &u, &fatbin))
            feed_host(&u, str_get(&fatbin), fatbin.len);
         else
            status = TOOL_FAILED;
         str_finish(&fatbin);
      }
      /* A device error ends the matter; the host would wait for the pipe for ever. */
      if (status)
         process_kill(&u.host);
      else if (!j->dry_run)
         status = process_wait(&u.host);
      if (!status && !j->dry_run && j->rdc == 1 && !rename_unit(&u, object))
         status = TOOL_FAILED;
   }
   if (!j->dry_run)
      report_messages(&u);
   if (!status && !j->dry_run)
      report_usage(j, &u);
   if (status)
      unlink(object);
   finish_unit(j, &u);
   return status;
}
