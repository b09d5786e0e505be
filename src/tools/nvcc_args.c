/* SPDX-License-Identifier: Apache-2.0
 * Reads nvcc's command line by the table in nvcc_options.c. */
#include "tools/nvcc_priv.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESPONSE_DEPTH 8

static const struct nvcc_option *
find_option(const char *name, size_t n)
{
   for (size_t i = 0; i < nvcc_options_count; i++) {
      const struct nvcc_option *o = &nvcc_options[i];
      if ((strlen(o->name) == n && !memcmp(o->name, name, n)) ||
          (o->alias && strlen(o->alias) == n && !memcmp(o->alias, name, n)))
         return o;
   }
   return NULL;
}

static void
report_unknown(const char *arg)
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

bool
nvcc_parse_arch(const char *text, struct nvcc_arch *arch)
{
   static const char *const prefixes[] = {"sm_", "compute_", "lto_"};
   for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
      size_t n = strlen(prefixes[i]);
      if (strncmp(text, prefixes[i], n))
         continue;
      char *end;
      arch->sm = (unsigned)strtoul(text + n, &end, 10);
      arch->suffix = *end == 'a' || *end == 'f' ? *end++ : 0;
      return *end == 0 && arch->sm >= 30 && arch->sm < 1000;
   }
   return false;
}

static void
add_arch(struct nvcc_job *j, struct nvcc_arch arch)
{
   for (size_t i = 0; i < j->archs.len; i++) {
      if (j->archs.data[i].sm == arch.sm && j->archs.data[i].suffix == arch.suffix)
         return;
   }
   vec_push(&j->archs, arch);
}

/* "arch=compute_80,code=[sm_80,compute_80]": the virtual architecture is what counts,
 * since the machine code will be made where the program runs. */
static bool
read_gencode(struct nvcc_job *j, const char *value)
{
   const char *arch = strstr(value, "arch=");
   if (!arch) {
      tool_error("nvcc", "-gencode wants arch=compute_NN,code=…, not '%s'", value);
      return false;
   }
   arch += 5;
   if (*arch == '[')
      arch++;
   char *name = base_strndup(arch, strcspn(arch, ",]"));
   struct nvcc_arch a;
   bool ok = nvcc_parse_arch(name, &a);
   if (ok)
      add_arch(j, a);
   else
      tool_error("nvcc", "unknown architecture '%s'", name);
   base_free(name);
   return ok;
}

static bool
read_bool(const char *option, const char *value, int *out)
{
   if (!strcmp(value, "true") || !strcmp(value, "1"))
      *out = 1;
   else if (!strcmp(value, "false") || !strcmp(value, "0"))
      *out = 0;
   else {
      tool_error("nvcc", "-%s takes true or false, not '%s'", option, value);
      return false;
   }
   return true;
}

static void
append_value(struct strings *list, const struct nvcc_option *o, const char *value)
{
   struct strings parts = {0};
   if (o->split)
      strings_add_split(&parts, value, ',');
   else
      strings_add(&parts, value);
   for (size_t i = 0; i < parts.v.len; i++) {
      /* -include and -isystem want their value as a word of its own. */
      if (strlen(o->prefix) > 2 && o->prefix[3] != ',') {
         strings_add(list, o->prefix);
         strings_add(list, parts.v.data[i]);
      } else
         strings_addf(list, "%s%s", o->prefix, parts.v.data[i]);
   }
   strings_finish(&parts);
}

static bool
apply(struct nvcc_job *j, const struct nvcc_option *o, const char *value)
{
   char *field = (char *)j + o->offset;
   switch (o->effect) {
   case NVCC_IGNORE:
      return true;
   case NVCC_SET:
      *(bool *)field = o->mode;
      return true;
   case NVCC_TEXT:
      base_free(*(char **)field);
      *(char **)field = base_strdup(value);
      return true;
   case NVCC_BOOL:
      return read_bool(o->name, value, (int *)field);
   case NVCC_MODE:
      j->mode = (enum nvcc_mode)o->mode;
      return true;
   case NVCC_APPEND:
      append_value((struct strings *)field, o, value);
      return true;
   case NVCC_GENCODE:
      return read_gencode(j, value);
   case NVCC_PTXAS:
      if (!j->ptxas_ignored)
         j->ptxas_ignored = tool_printf("-%s %s", o->name, value);
      return true;
   case NVCC_REFUSE:
      if (o->prefix)
         tool_error("nvcc", "-%s: %s is not supported yet", o->name, o->prefix);
      else
         return true; /* -ccbin: the host compiler is always clang */
      return false;
   }
   return false;
}

static bool parse_words(struct nvcc_job *j, int argc, char **argv, int depth);

/* @file: words as a shell would split them, quotes and backslashes honoured. */
static bool
read_response(struct nvcc_job *j, const char *path, int depth)
{
   size_t size;
   if (depth >= RESPONSE_DEPTH) {
      tool_error("nvcc", "response files nest too deeply at @%s", path);
      return false;
   }
   char *text = tool_read_file(path, &size);
   if (!text) {
      tool_error("nvcc", "cannot read response file %s: %s", path, strerror(errno));
      return false;
   }
   struct strings words = {0};
   struct str word = {0};
   bool in_word = false;
   char quote = 0;
   for (const char *p = text;; p++) {
      if (*p == 0 || (!quote && isspace((unsigned char)*p))) {
         if (in_word)
            strings_add(&words, str_get(&word));
         in_word = false;
         word.len = 0;
         if (word.data)
            word.data[0] = 0;
         if (!*p)
            break;
         continue;
      }
      in_word = true;
      if (quote && *p == quote)
         quote = 0;
      else if (!quote && (*p == '"' || *p == '\''))
         quote = *p;
      else {
         if (*p == '\\' && quote != '\'' && p[1])
            p++;
         str_append_n(&word, p, 1);
      }
   }
   bool ok = parse_words(j, (int)words.v.len, strings_argv(&words), depth + 1);
   strings_finish(&words);
   str_finish(&word);
   base_free(text);
   return ok;
}

/* Options whose value may follow without a space: -Ifolder. */
static const struct nvcc_option *
find_attached(const char *word, const char **value)
{
   if (!word[0] || !word[1] || !strchr("IDULlOotx", word[0]))
      return NULL;
   *value = word + 1;
   return find_option(word, 1);
}

/* Reads one option; *i moves over a value in a word of its own. */
static bool
parse_option(struct nvcc_job *j, int argc, char **argv, int *i, int depth)
{
   const char *arg = argv[*i], *word = arg + 1, *value = NULL;
   if (*word == '-')
      word++;
   const char *equals = strchr(word, '=');
   const struct nvcc_option *o =
      find_option(word, equals ? (size_t)(equals - word) : strlen(word));
   if (o && equals)
      value = equals + 1;
   if (!o && arg[1] != '-')
      o = find_attached(word, &value);
   if (!strcmp(word, "optf") || !strcmp(word, "options-file")) {
      if (*i + 1 < argc)
         return read_response(j, argv[++*i], depth);
   } else if (!o) {
      if (j->forward_unknown) {
         strings_add(&j->host, arg);
         return true;
      }
      report_unknown(arg);
      return false;
   }
   /* -O alone is -O2, and its level is never the next word. */
   if (o && o->takes_value && !value && !strcmp(o->name, "O"))
      value = "2";
   if (!o || (o->takes_value && !value && *i + 1 >= argc)) {
      tool_error("nvcc", "option '%s' wants a value", arg);
      return false;
   }
   if (o->takes_value && !value)
      value = argv[++*i];
   if (!o->takes_value && value && o->effect != NVCC_IGNORE) {
      tool_error("nvcc", "option '%s' takes no value", arg);
      return false;
   }
   return apply(j, o, value);
}

static bool
parse_words(struct nvcc_job *j, int argc, char **argv, int depth)
{
   for (int i = 0; i < argc; i++)
      j->forward_unknown |= !strcmp(argv[i], "--forward-unknown-to-host-compiler") ||
                            !strcmp(argv[i], "-forward-unknown-to-host-compiler");
   for (int i = 0; i < argc; i++) {
      if (argv[i][0] == '@') {
         if (!read_response(j, argv[i] + 1, depth))
            return false;
      } else if (argv[i][0] == '-' && argv[i][1]) {
         if (!parse_option(j, argc, argv, &i, depth))
            return false;
      } else
         strings_add(&j->inputs, argv[i]);
   }
   return true;
}

static bool
settle_arch(struct nvcc_job *j)
{
   struct nvcc_arch a = {90, 0};
   if (j->arch_option) {
      static const char *const any[] = {"native", "all", "all-major"};
      bool known = false;
      for (size_t i = 0; i < ARRAY_LEN(any); i++)
         known |= !strcmp(j->arch_option, any[i]);
      if (!known && !nvcc_parse_arch(j->arch_option, &a)) {
         tool_error("nvcc", "unknown architecture '%s'", j->arch_option);
         return false;
      }
      add_arch(j, a);
   }
   if (!j->archs.len)
      add_arch(j, a);
   return true;
}

static void
print_help(void)
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
}

/* CMake and Meson know nvcc by the first line and read the release out of the last. */
static void
print_version(void)
{
   printf("nvcc: NVIDIA (R) Cuda compiler driver (its interface: this is Kasuri %s,\n"
          "an independent program, not made by NVIDIA; the front end is clang 19)\n"
          "Cuda compilation tools, release %d.%d, V%d.%d.0\n",
          TOOL_VERSION, TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR, TOOL_CUDA_MAJOR,
          TOOL_CUDA_MINOR);
}

int
nvcc_job_parse(struct nvcc_job *j, int argc, char **argv, bool *done)
{
   *done = false;
   /* nvcc's own way to add options without touching a makefile. */
   const char *before = base_getenv("NVCC_PREPEND_FLAGS");
   const char *after = base_getenv("NVCC_APPEND_FLAGS");
   struct strings words = {0};
   if (before)
      strings_add_split(&words, before, ' ');
   for (int i = 0; i < argc; i++)
      strings_add(&words, argv[i]);
   if (after)
      strings_add_split(&words, after, ' ');
   bool ok = parse_words(j, (int)words.v.len, strings_argv(&words), 0);
   strings_finish(&words);
   if (!ok)
      return TOOL_USAGE;
   if (j->help || j->version) {
      if (j->help)
         print_help();
      else
         print_version();
      *done = true;
      return TOOL_OK;
   }
   if (!settle_arch(j))
      return TOOL_USAGE;
   if (!j->inputs.v.len) {
      tool_error("nvcc", "no input files (try --help)");
      return TOOL_USAGE;
   }
   if (j->ptxas_ignored)
      tool_warn("nvcc",
                "'%s' is ignored: there is no ptxas, machine code is made when a "
                "kernel is first launched",
                j->ptxas_ignored);
   return TOOL_OK;
}
