/* SPDX-License-Identifier: Apache-2.0
 * `nvlink`: the device link of `nvcc -dlink -cubin` under the linker's own name. */
#include "tools/options.h"

struct nvlink {
   char *arch, *output;
   struct strings folders, libraries;
   bool verbose, emit_ptx;
};

#define AT(field) offsetof(struct nvlink, field)
static const struct tool_option options[] = {
   {"arch", NULL, OPTION_TEXT, false, AT(arch), "target, such as sm_80"},
   {"output-file", "o", OPTION_TEXT, false, AT(output), "name of the output"},
   {"library-path", "L", OPTION_LIST, false, AT(folders), "folder of archives"},
   {"library", "l", OPTION_LIST, false, AT(libraries), "archive to link"},
   {"emit-ptx", NULL, OPTION_FLAG, false, AT(emit_ptx), "write PTX"},
   {"verbose", "v", OPTION_FLAG, false, AT(verbose), "print the commands that are run"},
   {"machine", "m", OPTION_SILENT, true, 0, NULL},
   {"cpu-arch", NULL, OPTION_SILENT, true, 0, NULL},
   {"link-time-opt", "lto", OPTION_SILENT, false, 0, NULL},
   {"dlto", NULL, OPTION_SILENT, false, 0, NULL},
   {"debug", "g", OPTION_SILENT, false, 0, NULL},
   {"disable-infos", NULL, OPTION_SILENT, false, 0, NULL},
   {"disable-warnings", "w", OPTION_SILENT, false, 0, NULL},
   {"nvvmpath", NULL, OPTION_SILENT, true, 0, NULL},
   {"suppress-arch-warning", NULL, OPTION_SILENT, false, 0, NULL},
   {"suppress-stack-size-warning", NULL, OPTION_SILENT, false, 0, NULL},
   {"suppress-debug-info", NULL, OPTION_SILENT, false, 0, NULL},
   {"split-compile", NULL, OPTION_SILENT, true, 0, NULL},
   {"split-compile-extended", NULL, OPTION_SILENT, true, 0, NULL},
   {"keep-system-libraries", NULL, OPTION_SILENT, false, 0, NULL},
   {"ignore-host-info", NULL, OPTION_SILENT, false, 0, NULL},
   {"use-host-info", NULL, OPTION_SILENT, false, 0, NULL},
   {"preserve-relocs", NULL, OPTION_SILENT, false, 0, NULL},
   {"Xptxas", NULL, OPTION_IGNORED, true, 0, NULL},
   {"Xnvvm", NULL, OPTION_IGNORED, true, 0, NULL},
   {"maxrregcount", NULL, OPTION_IGNORED, true, 0, NULL},
   {"kernels-used", NULL, OPTION_IGNORED, true, 0, NULL},
   {"variables-used", NULL, OPTION_IGNORED, true, 0, NULL},
};
static const char about[] = "usage: nvlink [OPTIONS] FILE…\n\n"
                            "Links the device code of objects made by nvcc -dc, archives "
                            "and images, and writes an\n"
                            "ELF file of PTX that Kasuri's driver loads as a cubin.\n";
static const struct tool_usage usage = {"nvlink", about, options, ARRAY_LEN(options)};

static int
link_files(const struct nvlink *l, const struct strings *inputs)
{
   struct strings words = {0};
   strings_add(&words, "nvcc");
   strings_add(&words, "-dlink");
   strings_add(&words, l->emit_ptx ? "-ptx" : "-cubin");
   strings_addf(&words, "-arch=%s", l->arch ? l->arch : "native");
   if (l->verbose)
      strings_add(&words, "-v");
   strings_addf(&words, "-o=%s", l->output ? l->output : "a_dlink.cubin");
   for (size_t i = 0; i < l->folders.v.len; i++)
      strings_addf(&words, "-L%s", l->folders.v.data[i]);
   strings_add_all(&words, inputs);
   for (size_t i = 0; i < l->libraries.v.len; i++)
      strings_addf(&words, "-l%s", l->libraries.v.data[i]);
   int status = tool_nvcc.run((int)words.v.len, strings_argv(&words));
   strings_finish(&words);
   return status;
}

static int
run(int argc, char **argv)
{
   struct nvlink l = {0};
   struct strings inputs = {0};
   int status;
   if (tool_parse(&usage, argc, argv, &l, &inputs, &status))
      status = link_files(&l, &inputs);
   strings_finish(&inputs);
   strings_finish(&l.folders);
   strings_finish(&l.libraries);
   base_free(l.arch);
   base_free(l.output);
   return status;
}

const struct tool_command tool_nvlink = {
   .name = "nvlink",
   .summary = "link device code of several files",
   .run = run,
};
