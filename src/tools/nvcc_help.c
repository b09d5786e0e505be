/* SPDX-License-Identifier: Apache-2.0
 * What `kasuri nvcc` says of itself: help, version, targets, options it does not know. */
#include "tools/nvcc_priv.h"

#include <stdio.h>
#include <string.h>

void
nvcc_report_unknown(const char *arg)
{
   const char *word = arg + strspn(arg, "-");
   const char **names = base_calloc(nvcc_options_count * 2 + 1, sizeof *names);
   size_t n = 0;
   for (size_t i = 0; i < nvcc_options_count; i++) {
      if (strlen(nvcc_options[i].name) > 1)
         names[n++] = nvcc_options[i].name;
      if (nvcc_options[i].alias)
         names[n++] = nvcc_options[i].alias;
   }
   char *bare = base_strndup(word, strcspn(word, "="));
   const char *near = tool_nearest(bare, names);
   if (near)
      tool_error("nvcc", "unknown option '%s'; did you mean '%s%s'?", arg,
                 strchr(near, '-') ? "--" : "-", near);
   else if (word[0] == 'W' || word[0] == 'f' || word[0] == 'm')
      tool_error("nvcc",
                 "unknown option '%s'; options for the host compiler go through "
                 "-Xcompiler %s",
                 arg, arg);
   else
      tool_error("nvcc", "unknown option '%s' (try --help)", arg);
   base_free(bare);
   base_free(names);
}

void
nvcc_print_help(void)
{
   puts("usage: kasuri nvcc [OPTIONS] FILES\n\n"
        "Compiles and links CUDA C++ as nvcc does, with clang as the front end and "
        "nothing\n"
        "of NVIDIA's. One dash or two, `-option value` or `-option=value`; @FILE reads\n"
        "options from a file.\n");
   for (size_t i = 0; i < nvcc_options_count; i++) {
      const struct nvcc_option *o = &nvcc_options[i];
      if (!o->help)
         continue;
      char *left = tool_printf("-%s%s%s%s", o->name, o->alias ? ", --" : "",
                               o->alias ? o->alias : "", o->takes_value ? " VALUE" : "");
      printf(strlen(left) > 34 ? "  %s\n%38s%s\n" : "  %-34s%s%s\n", left,
             strlen(left) > 34 ? "" : "  ", o->help);
      base_free(left);
   }
   static const struct {
      enum nvcc_effect effect;
      const char *title;
   } rest[] = {
      {NVCC_SILENT, "Accepted, as there is nothing to steer:"},
      {NVCC_NOTED, "Accepted without meaning, with one warning a run (-w silences it):"},
   };
   for (size_t k = 0; k < ARRAY_LEN(rest); k++) {
      printf("\n%s", rest[k].title);
      size_t column = 90;
      for (size_t i = 0; i < nvcc_options_count; i++) {
         const char *name = nvcc_options[i].name;
         if (nvcc_options[i].effect != rest[k].effect)
            continue;
         column = column + strlen(name) + 2 > 80 ? 0 : column;
         column += (size_t)printf("%s-%s", column ? " " : "\n  ", name);
      }
      putchar('\n');
   }
}

/* CMake and Meson know nvcc by the first line and read the release out of the last. */
void
nvcc_print_version(void)
{
   printf("nvcc: NVIDIA (R) Cuda compiler driver (its interface: this is Kasuri %s,\n"
          "an independent program, not made by NVIDIA; the front end is clang 19)\n"
          "Cuda compilation tools, release %d.%d, V%d.%d.0\n",
          TOOL_VERSION, TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR, TOOL_CUDA_MAJOR,
          TOOL_CUDA_MINOR);
}

/* What clang 19 compiles for of the targets that CUDA 13 names. */
void
nvcc_print_archs(const struct nvcc_job *j)
{
   static const unsigned known[] = {75, 80, 86, 87, 89, 90};
   for (size_t i = 0; i < ARRAY_LEN(known); i++) {
      unsigned sm = known[i];
      if (j->list_arch && j->list_code)
         printf("arch=compute_%u,code=[compute_%u,sm_%u]\n", sm, sm, sm);
      else
         printf("%s_%u\n", j->list_arch ? "compute" : "sm", sm);
   }
}
