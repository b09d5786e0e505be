/* SPDX-License-Identifier: Apache-2.0
 * Reads nvcc's command line by the table in nvcc_options.c. */
#include "tools/nvcc_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine/profile.h"

#define RESPONSE_DEPTH 8
#define DEFAULT_SM 90

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

/* "sm_80", "[sm_80,compute_80]", with or without quotes. */
static bool
check_codes(const char *text)
{
   struct strings codes = {0};
   struct nvcc_arch a;
   char *bare = base_strdup(text);
   for (char *p = bare; *p; p++)
      if (strchr("[]'\"", *p))
         *p = ',';
   strings_add_split(&codes, bare, ',');
   bool ok = true;
   for (size_t i = 0; ok && i < codes.v.len; i++) {
      ok = nvcc_parse_arch(codes.v.data[i], &a);
      if (!ok)
         tool_error("nvcc", "unknown architecture '%s'", codes.v.data[i]);
   }
   strings_finish(&codes);
   base_free(bare);
   return ok;
}

/* "arch=compute_80,code=[sm_80,compute_80]": the virtual architecture is what counts,
 * since the machine code will be made where the program runs. */
static bool
read_gencode(struct nvcc_job *j, const char *value)
{
   const char *arch = strstr(value, "arch="), *code = strstr(value, "code=");
   if (!arch) {
      tool_error("nvcc", "-gencode wants arch=compute_NN,code=…, not '%s'", value);
      return false;
   }
   arch += 5;
   arch += strspn(arch, "['\"");
   char *name = base_strndup(arch, strcspn(arch, ",]'\""));
   struct nvcc_arch a;
   bool ok = nvcc_parse_arch(name, &a);
   if (!ok)
      tool_error("nvcc", "unknown architecture '%s'", name);
   base_free(name);
   if (ok && code > arch)
      ok = check_codes(code + 5);
   if (ok)
      add_arch(j, a);
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

static bool
is_among(const char *word, const char *words)
{
   struct strings list = {0};
   bool found = false;
   strings_add_split(&list, words, ' ');
   for (size_t i = 0; i < list.v.len; i++)
      found |= !strcmp(list.v.data[i], word);
   strings_finish(&list);
   return found;
}

static void
append_values(struct strings *list, const struct nvcc_option *o, const char *value)
{
   struct strings parts = {0};
   if (o->effect == NVCC_WORDS)
      tool_split(&parts, value, true);
   else if (o->number)
      strings_add_split(&parts, value, ',');
   else
      strings_add(&parts, value);
   for (size_t i = 0; i < parts.v.len; i++) {
      /* -include and -isystem want their value as a word of its own. */
      if (!strcmp(o->prefix, "-include") || !strcmp(o->prefix, "-isystem")) {
         strings_add(list, o->prefix);
         strings_add(list, parts.v.data[i]);
      } else
         strings_addf(list, "%s%s", o->prefix, parts.v.data[i]);
   }
   strings_finish(&parts);
}

static bool
read_werror(struct nvcc_job *j, const char *value)
{
   static const char *const here[][2] = {
      {"all-warnings", "-Werror"},
      {"reorder", "-Werror=reorder"},
      {"deprecated-declarations", "-Werror=deprecated-declarations"},
   };
   static const char others[] = "cross-execution-space-call default-stream-launch "
                                "ext-lambda-captures-this missing-launch-bounds";
   struct strings kinds = {0};
   bool ok = true;
   strings_add_split(&kinds, value, ',');
   for (size_t i = 0; ok && i < kinds.v.len; i++) {
      const char *kind = kinds.v.data[i];
      bool found = false;
      for (size_t k = 0; k < ARRAY_LEN(here); k++) {
         if (strcmp(kind, here[k][0]))
            continue;
         strings_add(&j->common, here[k][1]);
         found = true;
      }
      ok = found || is_among(kind, others);
      if (!ok)
         tool_error("nvcc", "-Werror knows no '%s'", kind);
      else if (!found)
         strings_addf(&j->noted, "-Werror %s", kind);
   }
   strings_finish(&kinds);
   return ok;
}

static bool parse_words(struct nvcc_job *j, int argc, char **argv, int depth);
static bool read_response(struct nvcc_job *j, const char *path, int depth);

static bool
read_text(struct nvcc_job *j, const struct nvcc_option *o, const char *value)
{
   char **field = (char **)((char *)j + o->offset);
   if (o->choices && !is_among(value, o->choices)) {
      tool_error("nvcc", "-%s takes one of %s, not '%s'", o->name, o->choices, value);
      return false;
   }
   base_free(*field);
   *field = base_strdup(value);
   return true;
}

static bool
apply(struct nvcc_job *j, const struct nvcc_option *o, const char *value, int depth)
{
   char *field = (char *)j + o->offset;
   switch (o->effect) {
   case NVCC_SILENT:
      return true;
   case NVCC_NOTED:
      strings_addf(&j->noted, value ? "-%s %s" : "-%s", o->name, value);
      return true;
   case NVCC_REFUSE:
      tool_error("nvcc", "-%s: %s", o->name, o->prefix);
      return false;
   case NVCC_SET:
      *(bool *)field = true;
      return true;
   case NVCC_TEXT:
      return read_text(j, o, value);
   case NVCC_BOOL:
      return read_bool(o->name, value, (int *)field);
   case NVCC_MODE:
      j->mode = (enum nvcc_mode)o->number;
      return true;
   case NVCC_SEPARATE:
      j->mode = NVCC_OBJECT;
      j->rdc = o->number;
      return true;
   case NVCC_APPEND:
   case NVCC_WORDS:
      append_values((struct strings *)field, o, value);
      return true;
   case NVCC_FLAG:
      strings_add((struct strings *)field, o->prefix);
      return true;
   case NVCC_GENCODE:
      return read_gencode(j, value);
   case NVCC_CODE:
      return check_codes(value);
   case NVCC_WERROR:
      return read_werror(j, value);
   case NVCC_OPTIONS_FILE:
      return read_response(j, value, depth);
   }
   return false;
}

static bool
read_response(struct nvcc_job *j, const char *path, int depth)
{
   if (depth >= RESPONSE_DEPTH) {
      tool_error("nvcc", "response files nest too deeply at @%s", path);
      return false;
   }
   char *text = tool_read_file(path, NULL);
   if (!text) {
      tool_error("nvcc", "cannot read response file %s: %s", path, strerror(errno));
      return false;
   }
   struct strings words = {0};
   tool_split(&words, text, false);
   bool ok = parse_words(j, (int)words.v.len, strings_argv(&words), depth + 1);
   strings_finish(&words);
   base_free(text);
   return ok;
}

/* Options whose value may follow without a space: -Ifolder. */
static const struct nvcc_option *
find_attached(const char *word, const char **value)
{
   if (!word[0] || !word[1] || !strchr("IDULlOotxm", word[0]))
      return NULL;
   *value = word + 1;
   return find_option(word, 1);
}

static bool
forward(struct nvcc_job *j, const char *arg)
{
   if (j->forward_compiler || j->forward_both)
      strings_add(&j->host, arg);
   if (j->forward_linker || j->forward_both)
      strings_add(&j->link, arg);
   if (j->forward_compiler || j->forward_linker || j->forward_both)
      return true;
   nvcc_report_unknown(arg);
   return false;
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
   if (!o)
      return forward(j, arg);
   /* -O alone is -O2, and its level is never the next word. */
   if (o->takes_value && !value && !strcmp(o->name, "O"))
      value = "2";
   if (o->takes_value && !value && *i + 1 >= argc) {
      tool_error("nvcc", "option '%s' wants a value", arg);
      return false;
   }
   if (o->takes_value && !value)
      value = argv[++*i];
   if (!o->takes_value && value) {
      tool_error("nvcc", "option '%s' takes no value", arg);
      return false;
   }
   return apply(j, o, value, depth);
}

/* Where options nobody knows go holds for those before it as well. */
static void
look_ahead(struct nvcc_job *j, int argc, char **argv)
{
   for (int i = 0; i < argc; i++) {
      const char *word = argv[i] + strspn(argv[i], "-");
      j->forward_compiler |= !strcmp(word, "forward-unknown-to-host-compiler");
      j->forward_linker |= !strcmp(word, "forward-unknown-to-host-linker");
      j->forward_both |= !strcmp(word, "forward-unknown-opts");
   }
}

static bool
parse_words(struct nvcc_job *j, int argc, char **argv, int depth)
{
   look_ahead(j, argc, argv);
   for (int i = 0; i < argc; i++) {
      if (argv[i][0] == '@') {
         if (!read_response(j, argv[i] + 1, depth))
            return false;
      } else if (argv[i][0] == '-' && argv[i][1]) {
         if (!parse_option(j, argc, argv, &i, depth))
            return false;
      } else {
         strings_add(&j->inputs, argv[i]);
         strings_add(&j->link, NVCC_INPUT_MARK);
      }
   }
   return true;
}

/* native: the devices that KASURI_DEVICE shows. Of PTX for all targets the oldest and the
 * newest say everything. */
static bool
settle_arch(struct nvcc_job *j)
{
   struct nvcc_arch a = {DEFAULT_SM, 0};
   const char *option = j->arch_option;
   if (option && !strcmp(option, "native")) {
      for (unsigned i = 0; i < device_count(); i++)
         add_arch(j, (struct nvcc_arch){device_props(i)->sm, 0});
   } else if (option) {
      if (is_among(option, "all all-major"))
         add_arch(j, (struct nvcc_arch){75, 0});
      else if (!nvcc_parse_arch(option, &a)) {
         tool_error("nvcc", "unknown architecture '%s'", option);
         return false;
      }
      add_arch(j, a);
   }
   if (!j->archs.len)
      add_arch(j, a);
   return true;
}

/* nvcc's own way to add options without touching a makefile. */
static bool
parse_all(struct nvcc_job *j, int argc, char **argv)
{
   const char *before = base_getenv("NVCC_PREPEND_FLAGS");
   const char *after = base_getenv("NVCC_APPEND_FLAGS");
   struct strings words = {0};
   if (before)
      tool_split(&words, before, false);
   for (int i = 0; i < argc; i++)
      strings_add(&words, argv[i]);
   if (after)
      tool_split(&words, after, false);
   bool ok = parse_words(j, (int)words.v.len, strings_argv(&words), 0);
   strings_finish(&words);
   return ok;
}

/* -Xptxas -v has a meaning; the rest of its words joins the warning. */
static void
settle_ptxas(struct nvcc_job *j)
{
   for (size_t i = 0; i < j->ptxas.v.len; i++) {
      const char *word = j->ptxas.v.data[i];
      if (is_among(word, "-v --verbose"))
         j->resource_usage = true;
      else if (strncmp(word, "-O", 2))
         strings_addf(&j->noted, "-Xptxas %s", word);
   }
}

static void
warn_noted(const struct nvcc_job *j)
{
   struct str list = {0};
   for (size_t i = 0; i < j->noted.v.len; i++)
      str_printf(&list, "%s%s", i ? ", " : "", j->noted.v.data[i]);
   if (list.len && !j->no_warnings)
      tool_warn("nvcc", "without meaning here, and ignored: %s", str_get(&list));
   str_finish(&list);
}

int
nvcc_job_parse(struct nvcc_job *j, int argc, char **argv, bool *done)
{
   *done = false;
   if (!parse_all(j, argc, argv))
      return TOOL_USAGE;
   *done = true;
   if (j->help)
      nvcc_print_help();
   else if (j->version)
      nvcc_print_version();
   else if (j->list_arch || j->list_code)
      nvcc_print_archs(j);
   else
      *done = false;
   if (*done)
      return TOOL_OK;
   if (!settle_arch(j))
      return TOOL_USAGE;
   if (!j->inputs.v.len) {
      tool_error("nvcc", "no input files (try --help)");
      return TOOL_USAGE;
   }
   settle_ptxas(j);
   warn_noted(j);
   return TOOL_OK;
}
