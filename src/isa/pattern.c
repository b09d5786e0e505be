/* SPDX-License-Identifier: Apache-2.0
 * Decides how a pattern of isa_table.inc is read: compiles each to a little backtracking
 * machine that both the matcher and the printer run. Done once, on first use. */
#include "isa/isa_priv.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct isa_form forms[] = {
   {ISA_OP_NONE, "", "", 0, 0, 0, 0},
#define ISA_CLASS(name, members)
#define ISA_FORM(id, pattern, operands, ptx, sm, executable)                             \
   {ISA_##id, pattern, operands, (ptx) / 10, (ptx) % 10, sm, executable},
#include "isa_table.inc"
#undef ISA_CLASS
#undef ISA_FORM
};

static const struct {
   const char *name, *members;
} classes[] = {
#define ISA_CLASS(name, members) {name, members},
#define ISA_FORM(...)
#include "isa_table.inc"
#undef ISA_CLASS
#undef ISA_FORM
};

#define MAX_STEPS 16384
#define MAX_SETS 32768
static struct program programs[ARRAY_LEN(forms)];
static struct step steps[MAX_STEPS];
static uint16_t sets[MAX_SETS];
static unsigned nsteps, nsets;
static struct isa_tables tables;

void
isa__table_error(const char *what, const char *where)
{
   fprintf(stderr, "isa table: %s: %s\n", what, where);
   abort();
}

/* One pattern being compiled; jumps are relative to `base`. */
struct compiler {
   const char *pattern;
   unsigned base;
};

static unsigned
emit(struct compiler *c, enum step_op op, unsigned arg, unsigned count)
{
   if (nsteps == MAX_STEPS)
      isa__table_error("too many steps", c->pattern);
   steps[nsteps] = (struct step){op, arg, count};
   return nsteps++;
}

static bool
is_word_char(char ch)
{
   return (ch >= 'a' && ch <= 'z') || (ch >= 'A' && ch <= 'Z') ||
          (ch >= '0' && ch <= '9') || ch == '_' || ch == ':';
}

/* The end of the bracket that opens at p, or the first '|' or '~' outside of brackets
 * when `bar` is set; NULL when there is none before end. */
static const char *
scan(const char *p, const char *end, bool bar)
{
   int depth = 0;
   for (; p < end; p++) {
      if (*p == '{' || *p == '[' || *p == '(' || *p == '<')
         depth++;
      else if (*p == '}' || *p == ']' || *p == ')' || *p == '>')
         depth--;
      if (bar ? !depth && *p == '|' : !depth)
         return p;
   }
   return NULL;
}

static void
add_word(struct compiler *c, const char *text, size_t n)
{
   if (!n || nsets == MAX_SETS)
      isa__table_error("bad or too many words", c->pattern);
   sets[nsets++] = isa__word_intern(text, n);
}

/* Adds the words of "a|b|<class>" to the set under construction. */
static void
add_words(struct compiler *c, const char *p, const char *end)
{
   while (p < end) {
      const char *bar = scan(p, end, true);
      const char *stop = bar ? bar : end;
      if (*p == '<') {
         size_t i = 0, n = stop - p - 2;
         while (i < ARRAY_LEN(classes) &&
                (strncmp(classes[i].name, p + 1, n) || classes[i].name[n]))
            i++;
         if (i == ARRAY_LEN(classes))
            isa__table_error("unknown class", p);
         add_words(c, classes[i].members,
                   classes[i].members + strlen(classes[i].members));
      } else {
         add_word(c, p, stop - p);
      }
      p = bar ? bar + 1 : end;
   }
}

static void compile(struct compiler *c, const char *p, const char *end);

/* One item: a word, a choice of words, or a bracketed part; returns what follows it. */
static const char *
compile_item(struct compiler *c, const char *p, const char *end)
{
   if (*p == '{' || *p == '[') {
      const char *close = scan(p, end, false);
      if (!close)
         isa__table_error("bracket without end", c->pattern);
      unsigned split = *p == '{' ? emit(c, STEP_SPLIT, 0, 0) : 0;
      compile(c, p + 1, close);
      if (*p == '{')
         steps[split].arg = nsteps - c->base;
      return close + 1;
   }
   unsigned first = nsets;
   if (*p == '.' && p[1] == '(') {
      const char *close = scan(p + 1, end, false);
      if (!close)
         isa__table_error("bracket without end", c->pattern);
      add_words(c, p + 2, close);
      p = close + 1;
   } else if (*p == '.' && p[1] == '<') {
      const char *close = scan(p + 1, end, false);
      if (!close)
         isa__table_error("bracket without end", c->pattern);
      add_words(c, p + 1, close + 1);
      p = close + 1;
   } else if (*p == '.' || *p == ':') {
      const char *word = *p == '.' ? p + 1 : p;
      for (p = word; p < end && is_word_char(*p); p++)
         ;
      add_word(c, word, p - word);
   } else {
      isa__table_error("unexpected character", p);
   }
   emit(c, STEP_WORDS, first, nsets - first);
   return p;
}

static void
compile(struct compiler *c, const char *p, const char *end)
{
   const char *bar = scan(p, end, true);
   if (bar) {
      unsigned split = emit(c, STEP_SPLIT, 0, 0);
      compile(c, p, bar);
      unsigned jump = emit(c, STEP_JUMP, 0, 0);
      steps[split].arg = nsteps - c->base;
      compile(c, bar + 1, end);
      steps[jump].arg = nsteps - c->base;
      return;
   }
   while (p < end)
      p = compile_item(c, p, end);
}

static void
compile_form(unsigned form)
{
   const struct isa_form *f = &forms[form];
   const char *name = isa_op_info(f->op)->name;
   size_t n = strlen(name);
   if (strncmp(f->pattern, name, n))
      isa__table_error("pattern of another opcode", f->pattern);
   struct compiler c = {f->pattern, nsteps};
   programs[form].steps = &steps[nsteps];
   compile(&c, f->pattern + n, f->pattern + strlen(f->pattern));
   emit(&c, STEP_END, 0, 0);
   uint16_t *first = &tables.first_form[f->op], *last = &tables.last_form[f->op];
   if (!*last)
      *first = form;
   else if (*last != form - 1)
      isa__table_error("forms of one opcode are not together", f->pattern);
   *last = form;
}

static void
build(void)
{
   isa__init_words();
   memset(tables.first_form, 0xff, sizeof tables.first_form);
   for (unsigned i = 1; i < ARRAY_LEN(forms); i++)
      compile_form(i);
   tables.programs = programs;
   tables.nforms = ARRAY_LEN(forms);
   tables.sets = sets;
}

const struct isa_tables *
isa__tables(void)
{
   static pthread_once_t once = PTHREAD_ONCE_INIT;
   pthread_once(&once, build);
   return &tables;
}

bool
isa__class(unsigned i, const char **name, const char **members)
{
   if (i >= ARRAY_LEN(classes))
      return false;
   *name = classes[i].name;
   *members = classes[i].members;
   return true;
}

const struct isa_form *
isa_form(unsigned form)
{
   return form < ARRAY_LEN(forms) ? &forms[form] : &forms[0];
}
