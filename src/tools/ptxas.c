/* SPDX-License-Identifier: Apache-2.0
 * `ptxas`: checks PTX with the loader's own parser and wraps it in an ELF file that the
 * loader takes. No machine code is made: that happens where the kernel is launched. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "image/image.h"
#include "ptx/ptx.h"
#include "tools/nvcc_priv.h"
#include "tools/options.h"

struct ptxas {
   char *arch, *output;
   struct strings texts; /* --input-as-string */
   bool verbose, warnings_are_errors, no_warnings;
};

#define AT(field) offsetof(struct ptxas, field)
static const struct tool_option options[] = {
   {"gpu-name", "arch", OPTION_TEXT, false, AT(arch),
    "target noted in the output, such as sm_80; compute_80: only check"},
   {"output-file", "o", OPTION_TEXT, false, AT(output),
    "name of the output (default elf.o)"},
   {"verbose", "v", OPTION_FLAG, false, AT(verbose), "say what each function uses"},
   {"input-as-string", "ias", OPTION_LIST, false, AT(texts), "PTX text itself"},
   {"disable-warnings", "w", OPTION_FLAG, false, AT(no_warnings), "no warnings"},
   {"warning-as-error", "Werror", OPTION_FLAG, false, AT(warnings_are_errors),
    "errors of warnings"},
   {"opt-level", "O", OPTION_SILENT, true, 0, NULL},
   {"compile-only", "c", OPTION_SILENT, false, 0, NULL},
   {"device-debug", "g", OPTION_SILENT, false, 0, NULL},
   {"generate-line-info", "lineinfo", OPTION_SILENT, false, 0, NULL},
   {"machine", "m", OPTION_SILENT, true, 0, NULL},
   {"split-compile", NULL, OPTION_SILENT, true, 0, NULL},
   {"suppress-debug-info", NULL, OPTION_SILENT, false, 0, NULL},
   {"suppress-async-bulk-multicast-advisory-warning", NULL, OPTION_SILENT, false, 0,
    NULL},
   {"suppress-double-demote-warning", NULL, OPTION_SILENT, false, 0, NULL},
   {"suppress-sparse-mma-advisory-info", NULL, OPTION_SILENT, false, 0, NULL},
   {"suppress-stack-size-warning", NULL, OPTION_SILENT, false, 0, NULL},
   {"position-independent-code", "pic", OPTION_SILENT, true, 0, NULL},
   {"preserve-relocs", NULL, OPTION_SILENT, false, 0, NULL},
   {"allow-expensive-optimizations", NULL, OPTION_IGNORED, true, 0, NULL},
   {"Ofast-compile", "Ofc", OPTION_IGNORED, true, 0, NULL},
   {"compile-as-tools-patch", "astoolspatch", OPTION_IGNORED, false, 0, NULL},
   {"compiler-annotations", "annotate", OPTION_IGNORED, false, 0, NULL},
   {"def-load-cache", "dlcm", OPTION_IGNORED, true, 0, NULL},
   {"def-store-cache", "dscm", OPTION_IGNORED, true, 0, NULL},
   {"force-load-cache", "flcm", OPTION_IGNORED, true, 0, NULL},
   {"force-store-cache", "fscm", OPTION_IGNORED, true, 0, NULL},
   {"device-function-maxrregcount", "func-maxrregcount", OPTION_IGNORED, true, 0, NULL},
   {"device-stack-protector", NULL, OPTION_IGNORED, true, 0, NULL},
   {"disable-optimizer-constants", "disable-optimizer-consts", OPTION_IGNORED, false, 0,
    NULL},
   {"dont-merge-basicblocks", "no-bb-merge", OPTION_IGNORED, false, 0, NULL},
   {"entry", "e", OPTION_IGNORED, true, 0, NULL},
   {"extensible-whole-program", "ewp", OPTION_IGNORED, false, 0, NULL},
   {"fmad", NULL, OPTION_IGNORED, true, 0, NULL},
   {"g-tensor-memory-access-check", "g-tmem-access-check", OPTION_IGNORED, false, 0,
    NULL},
   {"gno-tensor-memory-access-check", "gno-tmem-access-check", OPTION_IGNORED, false, 0,
    NULL},
   {"legacy-bar-warp-wide-behavior", NULL, OPTION_IGNORED, false, 0, NULL},
   {"make-errors-visible-at-exit", NULL, OPTION_IGNORED, false, 0, NULL},
   {"maxntid", NULL, OPTION_IGNORED, true, 0, NULL},
   {"maxrregcount", NULL, OPTION_IGNORED, true, 0, NULL},
   {"minnctapersm", NULL, OPTION_IGNORED, true, 0, NULL},
   {"optimize-float-atomics", "opt-fp-atomics", OPTION_IGNORED, false, 0, NULL},
   {"override-directive-values", NULL, OPTION_IGNORED, false, 0, NULL},
   {"register-usage-level", "regUsageLevel", OPTION_IGNORED, true, 0, NULL},
   {"return-at-end", "ret-end", OPTION_IGNORED, false, 0, NULL},
   {"sanitize", NULL, OPTION_IGNORED, true, 0, NULL},
   {"sp-bounds-check", NULL, OPTION_IGNORED, false, 0, NULL},
   {"warn-on-double-precision-use", "warn-double-usage", OPTION_IGNORED, false, 0, NULL},
   {"warn-on-local-memory-usage", "warn-lmem-usage", OPTION_IGNORED, false, 0, NULL},
   {"warn-on-spills", "warn-spills", OPTION_IGNORED, false, 0, NULL},
};
static const char about[] = "usage: ptxas [OPTIONS] FILE.ptx…\n\n"
                            "Checks PTX and wraps it in an ELF file that Kasuri's driver "
                            "loads as a cubin. It holds\n"
                            "PTX: machine code is made where a kernel is launched, and "
                            "no GPU takes such a file.\n";
static const struct tool_usage usage = {"ptxas", about, options, ARRAY_LEN(options)};

/* -- What is known of the functions: memory as the PTX declares it. Registers are given
 * out by the back end of the machine that runs the kernel. */
static void
report_memory(const struct ir_module *m)
{
   uint64_t global = 0, constant = 0;
   for (size_t i = 0; i < m->syms.len; i++) {
      const struct ir_sym *s = m->syms.data[i];
      if (!s->func && s->linkage != IR_EXTERN)
         *(s->space == ISA_CONST ? &constant : &global) +=
            s->space == ISA_CONST || s->space == ISA_GLOBAL ? s->size : 0;
   }
   if (global || constant)
      fprintf(stderr, "ptxas info    : %llu bytes gmem, %llu bytes cmem[3]\n",
              (unsigned long long)global, (unsigned long long)constant);
}

static void
report_module(const struct ir_module *m)
{
   report_memory(m);
   for (size_t i = 0; i < m->funcs.len; i++) {
      const struct ir_func *f = m->funcs.data[i];
      if (!f->first_block)
         continue;
      if (f->is_kernel)
         fprintf(stderr,
                 "ptxas info    : Compiling entry function '%s' for 'sm_%u%.1s'\n",
                 f->name, m->sm, &m->sm_suffix);
      fprintf(stderr,
              "ptxas info    : Function properties for %s\n"
              "    %u bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n",
              f->name, f->local_bytes);
      if (f->is_kernel)
         fprintf(stderr,
                 "ptxas info    : %u bytes smem, %u bytes cmem[0]; registers are given "
                 "out at the first launch\n",
                 f->shared_bytes, f->param_bytes);
   }
}

void
ptxas_report_usage(const char *ptx, size_t size, const char *name)
{
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(ptx, size, name, &d);
   if (m && !d.errors)
      report_module(m);
   ir_module_destroy(m);
   diag_finish(&d);
}

/* -- Checking. */
static void
print_messages(const struct ptxas *p, const struct diag *d)
{
   static const char *const levels[] = {
      [DIAG_NOTE] = "info   ", [DIAG_WARNING] = "warning", [DIAG_ERROR] = "error  "};
   for (size_t i = 0; i < d->msgs.len; i++) {
      const struct diag_msg *m = &d->msgs.data[i];
      if (m->level != DIAG_ERROR && p->no_warnings)
         continue;
      fprintf(stderr, "ptxas %s, line %u; %s : %s (column %u) [%s]\n",
              m->loc.file ? m->loc.file : "PTX", m->loc.line, levels[m->level], m->text,
              m->loc.col, m->id);
   }
}

struct source {
   const char *name;
   char *text;
   size_t size;
};

static bool
check(const struct ptxas *p, const struct source *s, struct nvcc_arch *arch)
{
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(s->text, s->size, s->name, &d);
   print_messages(p, &d);
   bool ok = m && !d.errors && !(d.warnings && p->warnings_are_errors);
   if (ok && arch->sm && m->sm > arch->sm) {
      fprintf(stderr, "ptxas %s; error   : it is for sm_%u, above the target sm_%u\n",
              s->name, m->sm, arch->sm);
      ok = false;
   }
   if (ok && !arch->sm)
      *arch = (struct nvcc_arch){m->sm, m->sm_suffix};
   if (ok && p->verbose)
      report_module(m);
   ir_module_destroy(m);
   diag_finish(&d);
   return ok;
}

static bool
write_image(const struct ptxas *p, const struct source *s, size_t n,
            struct nvcc_arch arch)
{
   const char *output = p->output ? p->output : "elf.o";
   struct image_source *src = base_calloc(n, sizeof *src);
   struct str out = {0};
   for (size_t i = 0; i < n; i++)
      src[i] = (struct image_source){.ptx = s[i].text,
                                     .size = s[i].size,
                                     .sm = arch.sm,
                                     .suffix = arch.suffix,
                                     .name = s[i].name};
   bool ok = image_pack_linked(&out, src, n);
   if (ok && !tool_write_file(output, out.data, out.len)) {
      tool_error("ptxas", "cannot write %s: %s", output, strerror(errno));
      ok = false;
   }
   base_free(src);
   str_finish(&out);
   return ok;
}

static int
assemble(const struct ptxas *p, const struct strings *inputs)
{
   struct nvcc_arch arch = {0, 0};
   if (p->arch && !nvcc_parse_arch(p->arch, &arch)) {
      tool_error("ptxas", "unknown architecture '%s'", p->arch);
      return TOOL_USAGE;
   }
   size_t n = 0, total = inputs->v.len + p->texts.v.len;
   struct source *s = base_calloc(total + 1, sizeof *s);
   int status = total ? TOOL_OK : TOOL_USAGE;
   if (!total)
      tool_error("ptxas", "no input files (try --help)");
   for (; !status && n < total; n++) {
      bool file = n < inputs->v.len;
      s[n].name = file ? inputs->v.data[n] : "<string>";
      s[n].text = file ? tool_read_file(s[n].name, &s[n].size)
                       : base_strdup(p->texts.v.data[n - inputs->v.len]);
      if (!s[n].text) {
         tool_error("ptxas", "%s: %s", s[n].name, strerror(errno));
         status = TOOL_FAILED;
         break;
      }
      s[n].size = file ? s[n].size : strlen(s[n].text);
      if (!check(p, &s[n], &arch))
         status = TOOL_FAILED;
   }
   if (status == TOOL_FAILED)
      fputs("ptxas fatal   : Ptx assembly aborted due to errors\n", stderr);
   if (!status && !(p->arch && !strncmp(p->arch, "compute_", 8)) &&
       !write_image(p, s, n, arch))
      status = TOOL_FAILED;
   for (size_t i = 0; i < total; i++)
      base_free(s[i].text);
   base_free(s);
   return status;
}

static int
run(int argc, char **argv)
{
   struct ptxas p = {0};
   struct strings inputs = {0};
   int status;
   if (tool_parse(&usage, argc, argv, &p, &inputs, &status))
      status = assemble(&p, &inputs);
   strings_finish(&inputs);
   strings_finish(&p.texts);
   base_free(p.arch);
   base_free(p.output);
   return status;
}

const struct tool_command tool_ptxas = {
   .name = "ptxas",
   .summary = "check PTX and wrap it in an ELF file",
   .run = run,
};
