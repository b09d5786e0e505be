/* SPDX-License-Identifier: Apache-2.0
 * Reads a command line by a table, see options.h. --help, --version and --options-file
 * are the same for all. */
#include "tools/options.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct parse {
   const struct tool_usage *u;
   void *into;
   struct strings *inputs;
   struct str ignored;
   bool help, version;
};

static bool
takes_value(const struct tool_option *o)
{
   return o->kind == OPTION_TEXT || o->kind == OPTION_LIST || o->takes_value;
}

/* -O3: the value attached to a name of one letter. */
static const struct tool_option *
find(const struct tool_usage *u, const char *word, const char **value)
{
   const char *equals = strchr(word, '=');
   size_t n = equals ? (size_t)(equals - word) : strlen(word);
   *value = equals ? equals + 1 : NULL;
   for (size_t i = 0; i < u->count; i++) {
      const char *names[] = {u->options[i].name, u->options[i].alias};
      for (size_t k = 0; k < ARRAY_LEN(names); k++)
         if (names[k] && strlen(names[k]) == n && !memcmp(names[k], word, n))
            return &u->options[i];
   }
   for (size_t i = 0; i < u->count; i++) {
      const char *alias = u->options[i].alias;
      if (alias && !alias[1] && alias[0] == word[0] && takes_value(&u->options[i])) {
         *value = word + 1;
         return &u->options[i];
      }
   }
   return NULL;
}

static void
apply(struct parse *p, const struct tool_option *o, const char *value)
{
   char *field = (char *)p->into + o->offset;
   switch (o->kind) {
   case OPTION_FLAG:
      *(bool *)field = true;
      break;
   case OPTION_TEXT:
      base_free(*(char **)field);
      *(char **)field = base_strdup(value);
      break;
   case OPTION_LIST:
      strings_add((struct strings *)field, value);
      break;
   case OPTION_SILENT:
      break;
   case OPTION_IGNORED:
      str_printf(&p->ignored, "%s--%s%s%s", p->ignored.len ? ", " : "", o->name,
                 value ? " " : "", value ? value : "");
      break;
   }
}

static void
unknown(const struct parse *p, const char *arg)
{
   const char **names = base_calloc(p->u->count + 1, sizeof *names);
   for (size_t i = 0; i < p->u->count; i++)
      names[i] = p->u->options[i].name;
   char *bare =
      base_strndup(arg + strspn(arg, "-"), strcspn(arg + strspn(arg, "-"), "="));
   const char *near = tool_nearest(bare, names);
   tool_error(p->u->name,
              near ? "unknown option '%s'; did you mean '--%s'?"
                   : "unknown option '%s' (try --help)",
              arg, near);
   base_free(bare);
   base_free(names);
}

static bool parse_words(struct parse *p, int argc, char **argv);

static bool
read_file(struct parse *p, const char *path)
{
   char *text = tool_read_file(path, NULL);
   struct strings words = {0};
   if (!text) {
      tool_error(p->u->name, "cannot read options file %s: %s", path, strerror(errno));
      return false;
   }
   tool_split(&words, text, false);
   bool ok = parse_words(p, (int)words.v.len, strings_argv(&words));
   strings_finish(&words);
   base_free(text);
   return ok;
}

static bool
parse_words(struct parse *p, int argc, char **argv)
{
   for (int i = 0; i < argc; i++) {
      const char *arg = argv[i], *word = arg + strspn(arg, "-"), *value;
      if (arg[0] != '-' || !arg[1]) {
         strings_add(p->inputs, arg);
         continue;
      }
      p->help |= !strcmp(word, "help") || !strcmp(word, "h");
      p->version |= !strcmp(word, "version") || !strcmp(word, "V");
      if (p->help || p->version)
         return true;
      if (!strcmp(word, "options-file") || !strcmp(word, "optf")) {
         if (i + 1 < argc && !read_file(p, argv[++i]))
            return false;
         continue;
      }
      const struct tool_option *o = find(p->u, word, &value);
      if (!o) {
         unknown(p, arg);
         return false;
      }
      if (takes_value(o) && !value && i + 1 >= argc) {
         tool_error(p->u->name, "option '%s' wants a value", arg);
         return false;
      }
      if (takes_value(o) && !value)
         value = argv[++i];
      else if (!takes_value(o) && value) {
         tool_error(p->u->name, "option '%s' takes no value", arg);
         return false;
      }
      apply(p, o, value);
   }
   return true;
}

static void
print_help(const struct tool_usage *u)
{
   fputs(u->about, stdout);
   puts("\nOptions, with one dash or two:");
   for (size_t i = 0; i < u->count; i++) {
      const struct tool_option *o = &u->options[i];
      if (!o->help)
         continue;
      char *left = tool_printf("--%s%s%s%s", o->name, o->alias ? ", -" : "",
                               o->alias ? o->alias : "", takes_value(o) ? " VALUE" : "");
      printf("  %-30s  %s\n", left, o->help);
      base_free(left);
   }
   puts("  --options-file, -optf VALUE     read options from a file\n"
        "  --version, -V                   print the version\n"
        "  --help, -h                      print this");
   static const struct {
      enum tool_option_kind kind;
      const char *title;
   } rest[] = {{OPTION_SILENT, "Accepted, as there is nothing to steer:"},
               {OPTION_IGNORED, "Accepted without meaning, with one warning:"}};
   for (size_t k = 0; k < ARRAY_LEN(rest); k++) {
      bool any = false;
      for (size_t i = 0; i < u->count; i++) {
         if (u->options[i].kind != rest[k].kind)
            continue;
         if (!any)
            printf("\n%s\n", rest[k].title);
         any = true;
         printf("  --%s\n", u->options[i].name);
      }
   }
}

bool
tool_parse(const struct tool_usage *u, int argc, char **argv, void *into,
           struct strings *inputs, int *status)
{
   struct parse p = {.u = u, .into = into, .inputs = inputs};
   bool ok = parse_words(&p, argc - 1, argv + 1);
   *status = ok ? TOOL_OK : TOOL_USAGE;
   if (p.help)
      print_help(u);
   else if (p.version)
      printf("%s: NVIDIA (R) %s (its interface: this is Kasuri %s, an independent\n"
             "program, not made by NVIDIA)\n"
             "Cuda compilation tools, release %d.%d, V%d.%d.0\n",
             u->name, u->name, TOOL_VERSION, TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR,
             TOOL_CUDA_MAJOR, TOOL_CUDA_MINOR);
   else if (ok && p.ignored.len)
      tool_warn(u->name, "without meaning here, and ignored: %s", str_get(&p.ignored));
   str_finish(&p.ignored);
   return ok && !p.help && !p.version;
}
