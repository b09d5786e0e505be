/* SPDX-License-Identifier: Apache-2.0
 * Reads the directives of a test file: RUN, IN, SET, OUT, AGREE, PRINT, ERR, ONLY,
 * XFAIL. */
#include "ptxrun.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
test_problem(struct test_file *f, unsigned line, const char *fmt, ...)
{
   va_list ap;
   str_printf(&f->problems, "%s:%u: ", f->path, line);
   va_start(ap, fmt);
   str_vprintf(&f->problems, fmt, ap);
   va_end(ap);
   str_append(&f->problems, "\n");
}

static char *
next_word(char **text)
{
   char *p = *text + strspn(*text, " \t");
   char *word = p;
   p += strcspn(p, " \t");
   if (*p)
      *p++ = 0;
   *text = p;
   return word;
}

static void
parse_dims(const char *text, uint32_t dims[3])
{
   char *end = (char *)text;
   for (int i = 0; i < 3; i++) {
      dims[i] = (uint32_t)strtoul(end, &end, 0);
      if (*end != ',' && *end != 'x')
         break;
      end++;
   }
}

static void
parse_run(struct test_file *f, unsigned line, char *text)
{
   struct test_case c = {
      .grid = {1, 1, 1}, .block = {1, 1, 1}, .cluster = {1, 1, 1}, .line = line, .simd_mode = -1};
   c.entry = next_word(&text);
   for (char *w = next_word(&text); *w; w = next_word(&text)) {
      if (!strncmp(w, "grid=", 5))
         parse_dims(w + 5, c.grid);
      else if (!strncmp(w, "block=", 6))
         parse_dims(w + 6, c.block);
      else if (!strncmp(w, "cluster=", 8))
         parse_dims(w + 8, c.cluster);
      else if (!strncmp(w, "smem=", 5))
         c.smem = (uint32_t)strtoul(w + 5, NULL, 0);
      else if (!strcmp(w, "coop"))
         c.coop = true;
      else
         test_problem(f, line, "RUN has no option '%s'", w);
   }
   for (int i = 0; i < 3; i++)
      if (!c.grid[i] || !c.block[i] || !c.cluster[i] || c.grid[i] % c.cluster[i])
         test_problem(f, line, "a launch shape that cannot be");
   vec_push(&f->cases, c);
}

/* "u32[16]", "b8<12>", "f32": type, count and what encloses it. */
static bool
parse_type(const char *w, const struct elem_type **type, uint64_t *n, char *bracket)
{
   size_t len = strcspn(w, "[<");
   *type = elem_type_find(w, len);
   *bracket = w[len];
   *n = 1;
   if (!*type)
      return false;
   if (!w[len])
      return true;
   char *end;
   *n = strtoull(w + len + 1, &end, 0);
   return *end == (w[len] == '[' ? ']' : '>') && !end[1] && *n < 1u << 28;
}

static void
make_list(struct test_file *f, struct list *l, const struct elem_type *type, uint64_t n)
{
   l->type = type;
   l->n = n;
   l->bytes = arena_alloc(f->arena, n * type->size + 8);
   l->match = arena_alloc(f->arena, n + 1);
}

static void
parse_pointer(struct item *it, char *text)
{
   char *w = next_word(&text);
   it->kind = ITEM_POINTER;
   if (!strcmp(w, "NULL"))
      return;
   char *plus = strchr(w, '+');
   if (plus) {
      *plus = 0;
      it->offset = strtoll(plus + 1, NULL, 0);
   }
   it->target = w;
}

static bool
parse_item(struct test_file *f, struct test_case *c, unsigned line, char *text,
           struct item *it, bool expectation)
{
   *it = (struct item){.line = line, .ulp = -1, .abs = -1, .rel = -1};
   it->name = next_word(&text);
   char *w = next_word(&text), bracket;
   if (!strcmp(w, "ptr") && !expectation) {
      parse_pointer(it, text);
      return true;
   }
   const struct elem_type *type;
   uint64_t n;
   if (!*it->name || !parse_type(w, &type, &n, &bracket)) {
      test_problem(f, line, "NAME TYPE or NAME TYPE[N] expected, found '%s %s'", it->name,
                   w);
      return false;
   }
   it->kind = !bracket ? ITEM_SCALAR : bracket == '[' ? ITEM_BUFFER : ITEM_AGGREGATE;
   for (char *t; (t = strchr(text, '~')) && expectation;) { /* options are at the end */
      char *brace = strrchr(text, '}');
      t = strstr(brace ? brace : text, " ~");
      if (!t)
         break;
      *t = 0;
      for (char *o = t + 1, *word; *(word = next_word(&o));) {
         if (!strncmp(word, "~ulp=", 5))
            it->ulp = atof(word + 5);
         else if (!strncmp(word, "~abs=", 5))
            it->abs = atof(word + 5);
         else if (!strncmp(word, "~rel=", 5))
            it->rel = atof(word + 5);
         else
            test_problem(f, line, "OUT has no option '%s'", word);
      }
   }
   make_list(f, &it->list, type, n);
   return parse_values(f, c, line, text, &it->list, expectation);
}

static void
parse_out(struct test_file *f, struct test_case *c, unsigned line, char *text)
{
   struct item it;
   if (!parse_item(f, c, line, text, &it, true))
      return;
   char *plus = strchr(it.name, '+');
   if (plus) {
      *plus = 0;
      it.offset = strtoll(plus + 1, NULL, 0);
   }
   vec_push(&c->outs, it);
}

static void
append_unescaped(struct str *s, const char *p)
{
   for (; *p; p++) {
      if (*p != '\\' || !p[1]) {
         str_append_n(s, p, 1);
         continue;
      }
      p++;
      if (*p == 'c' && !p[1])
         return; /* no newline */
      char ch = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
      if (*p == 'x') {
         char hex[3] = {p[1], p[1] ? p[2] : 0, 0};
         ch = (char)strtoul(hex, NULL, 16);
         p += 2;
      }
      str_append_n(s, &ch, 1);
   }
   str_append(s, "\n");
}

static void
parse_err(struct test_file *f, unsigned line, char *text)
{
   struct expected_error e = {.id = next_word(&text)};
   for (;;) {
      text += strspn(text, " \t");
      if (!strncmp(text, "text=\"", 6) && strrchr(text, '"') > text + 5) {
         e.text = text + 6;
         *strrchr(text, '"') = 0;
         break;
      }
      char *w = next_word(&text);
      if (!*w)
         break;
      if (!strncmp(w, "line=", 5))
         e.line = (unsigned)strtoul(w + 5, NULL, 0);
      else
         test_problem(f, line, "ERR has no option '%s'", w);
   }
   if (!f->cases.len) {
      vec_push(&f->errors, e);
      return;
   }
   struct test_case *c = &vec_last(&f->cases);
   c->err = e.id;
   c->err_text = e.text;
   c->err_line = e.line;
}

static void
parse_directive(struct test_file *f, unsigned line, const char *word, char *text)
{
   struct test_case *c = f->cases.len ? &vec_last(&f->cases) : NULL;
   struct places *places = c ? &c->places : &f->places;
   struct item it;
   if (!strcmp(word, "RUN"))
      parse_run(f, line, text);
   else if (!strcmp(word, "ERR"))
      parse_err(f, line, text);
   else if (!strcmp(word, "ONLY"))
      places->only = text;
   else if (!strcmp(word, "XFAIL"))
      vec_push(&places->xfails, text);
   else if (!c)
      test_problem(f, line, "%s before any RUN", word);
   else if (!strcmp(word, "IN")) {
      if (parse_item(f, c, line, text, &it, false))
         vec_push(&c->ins, it);
   } else if (!strcmp(word, "SET")) {
      if (parse_item(f, c, line, text, &it, false))
         vec_push(&c->sets, it);
   } else if (!strcmp(word, "AGREE"))
      c->agree = true;
   else if (!strcmp(word, "OUT"))
      parse_out(f, c, line, text);
   else { /* PRINT, PRINT-SORTED */
      c->has_print = true;
      c->sorted |= word[5] != 0;
      append_unescaped(&c->print, text);
   }
}

/* The directive's word when the line has one; rest is behind it and one space. */
static const char *
directive_word(const char *line, const char **rest)
{
   static const char *const words[] = {"RUN",  "IN",    "SET", "OUT",
                                       "PRINT", "ERR",  "+",   "PRINT-SORTED",
                                       "ONLY", "XFAIL", "AGREE"};
   line += strspn(line, " \t");
   if (strncmp(line, "//", 2))
      return NULL;
   line += 2;
   line += strspn(line, " \t");
   size_t n = strcspn(line, " \t\r\n");
   for (size_t i = 0; i < ARRAY_LEN(words); i++)
      if (strlen(words[i]) == n && !memcmp(words[i], line, n)) {
         *rest = line + n + (line[n] == ' ');
         return words[i];
      }
   return NULL;
}

void
test_file_parse(struct test_file *f)
{
   f->arena = arena_create();
   struct str pending = {0};
   const char *word = NULL;
   unsigned line = 0, at = 0;
   for (const char *p = f->text;;) {
      const char *rest, *w = *p ? directive_word(p, &rest) : NULL;
      line++;
      size_t n = strcspn(p, "\r\n");
      if (word && (!*p || (w && strcmp(w, "+") != 0))) {
         parse_directive(f, at, word, arena_strdup(f->arena, str_get(&pending)));
         word = NULL;
      }
      if (w && !strcmp(w, "+")) {
         str_append(&pending, " ");
         str_append_n(&pending, rest, (size_t)(p + n - rest));
      } else if (w) {
         str_finish(&pending);
         word = w;
         at = line;
         str_append_n(&pending, rest, rest < p + n ? (size_t)(p + n - rest) : 0);
      }
      p += n;
      if (!*p)
         break;
      p += 1 + (p[0] == '\r' && p[1] == '\n');
   }
   if (word)
      parse_directive(f, at, word, arena_strdup(f->arena, str_get(&pending)));
   str_finish(&pending);
   if (!f->cases.len && !f->errors.len && !f->problems.len)
      test_problem(f, 1, "no RUN and no ERR: this tests nothing");
}

void
test_file_finish(struct test_file *f)
{
   for (size_t i = 0; i < f->cases.len; i++) {
      struct test_case *c = &f->cases.data[i];
      vec_finish(&c->ins);
      vec_finish(&c->sets);
      vec_finish(&c->outs);
      str_finish(&c->print);
      vec_finish(&c->places.xfails);
   }
   vec_finish(&f->cases);
   vec_finish(&f->errors);
   vec_finish(&f->places.xfails);
   str_finish(&f->problems);
   arena_destroy(f->arena);
   base_free(f->text);
}
