/* SPDX-License-Identifier: Apache-2.0
 * Sets what came out against what a test expects: memory, output, faults, diagnostics. */
#include "ptxrun.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t
ordered(const struct elem_type *t, const void *p)
{
   uint64_t bits = 0, sign = 1ull << (8 * t->size - 1);
   memcpy(&bits, p, t->size);
   return bits & sign ? -(int64_t)(bits & (sign - 1)) : (int64_t)bits;
}

static bool
same_element(const struct item *it, uint64_t i, const uint8_t *got)
{
   const struct list *l = &it->list;
   const struct elem_type *t = l->type;
   const uint8_t *want = l->bytes + i * t->size;
   if (l->match[i] == MATCH_ANY || !memcmp(got, want, t->size))
      return true;
   if (t->kind != KIND_FLOAT)
      return it->abs >= 0 &&
             fabs((double)elem_int(t, got) - (double)elem_int(t, want)) <= it->abs;
   double g = elem_float(t, got), w = elem_float(t, want);
   if (l->match[i] == MATCH_NAN)
      return isnan(g);
   if (isnan(g) || isnan(w))
      return false;
   return (it->ulp >= 0 && !isinf(g) == !isinf(w) &&
           fabs((double)(ordered(t, got) - ordered(t, want))) <= it->ulp) ||
          (it->abs >= 0 && fabs(g - w) <= it->abs) ||
          (it->rel >= 0 && fabs(g - w) <= it->rel * fabs(w));
}

void
compare_out(const struct item *it, const uint8_t *p, struct str *why)
{
   uint64_t bad = 0;
   const struct elem_type *t = it->list.type;
   for (uint64_t i = 0; i < it->list.n; i++) {
      if (same_element(it, i, p + i * t->size) || bad++ >= 8)
         continue;
      char got[64], want[64];
      elem_print(t, p + i * t->size, got, sizeof got);
      elem_print(t, it->list.bytes + i * t->size, want, sizeof want);
      str_printf(why, "line %u: %s[%" PRIu64 "]: got %s, want %s\n", it->line, it->name,
                 i, got, it->list.match[i] == MATCH_NAN ? "nan" : want);
   }
   if (bad > 8)
      str_printf(why, "line %u: %s: %" PRIu64 " of %" PRIu64 " elements differ\n",
                 it->line, it->name, bad, it->list.n);
}

void
compare_agreed(const struct test_case *c, struct str *why)
{
   for (size_t i = 0; i < c->ins.len; i++) {
      const struct item *it = &c->ins.data[i];
      if (!it->agreed)
         continue;
      struct item want = *it;
      want.list.bytes = it->agreed;
      want.list.match = base_calloc(it->list.n + 1, 1);
      compare_out(&want, it->memory, why);
      base_free(want.list.match);
   }
}

static int
by_text(const void *a, const void *b)
{
   return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
sort_lines(struct str *s)
{
   VEC(char *) lines = {0};
   char *copy = base_strdup(str_get(s));
   for (char *p = strtok(copy, "\n"); p; p = strtok(NULL, "\n"))
      vec_push(&lines, p);
   if (lines.len)
      qsort(lines.data, lines.len, sizeof *lines.data, by_text);
   str_finish(s);
   for (size_t i = 0; i < lines.len; i++)
      str_printf(s, "%s\n", lines.data[i]);
   vec_finish(&lines);
   base_free(copy);
}

void
compare_print(const struct test_case *c, struct str *got, struct str *why)
{
   struct str want = {0};
   str_append_n(&want, str_get(&c->print), c->print.len);
   if (c->sorted) {
      sort_lines(got);
      sort_lines(&want);
   }
   if (want.len != got->len || memcmp(str_get(&want), str_get(got), want.len) != 0)
      str_printf(why, "printed:\n%swanted:\n%s", str_get(got), str_get(&want));
   str_finish(&want);
}

static const char *
reason_name(uint32_t reason)
{
   static const char *const names[] = {[EXEC_TRAP_NONE] = "none",
                                       [EXEC_TRAP_INSTRUCTION] = "trap",
                                       [EXEC_TRAP_ASSERT] = "assert",
                                       [EXEC_TRAP_ADDRESS] = "address",
                                       [EXEC_TRAP_MISALIGNED] = "misaligned",
                                       [EXEC_TRAP_STACK] = "stack",
                                       [EXEC_TRAP_DEADLOCK] = "deadlock",
                                       [EXEC_TRAP_UNSUPPORTED] = "unsupported",
                                       [EXEC_TRAP_HANG] = "hang"};
   return reason < ARRAY_LEN(names) ? names[reason] : "?";
}

void
compare_fault(const struct test_case *c, const struct exec_fault *f, struct str *why)
{
   const char *got = reason_name(f->reason);
   if (strcmp(got, c->err ? c->err : "none") != 0)
      str_printf(
         why, "fault: got %s (%s; line %u, block %u,%u,%u, thread %u,%u,%u), want %s\n",
         got, f->text, f->line, f->ctaid[0], f->ctaid[1], f->ctaid[2], f->tid[0],
         f->tid[1], f->tid[2], c->err ? c->err : "none");
   else if (c->err && c->err_text && !strstr(f->text, c->err_text))
      str_printf(why, "fault's text: got '%s', want '%s'\n", f->text, c->err_text);
   else if (c->err && c->err_line && f->line && c->err_line != f->line)
      str_printf(why, "fault's line: got %u, want %u\n", f->line, c->err_line);
}

static bool
matches(const struct diag_msg *m, const struct expected_error *e)
{
   return m->level == DIAG_ERROR && !strcmp(m->id, e->id) &&
          (!e->line || e->line == m->loc.line) && (!e->text || strstr(m->text, e->text));
}

/* Expected errors and reported ones are to be the same. */
void
check_errors(const struct test_file *f, const struct diag *d, struct counts *n)
{
   struct str why = {0};
   for (size_t e = 0; e < f->errors.len; e++) {
      bool found = false;
      for (size_t i = 0; i < d->msgs.len; i++)
         found |= matches(&d->msgs.data[i], &f->errors.data[e]);
      if (!found)
         str_printf(&why, "error %s (line %u) was not reported\n", f->errors.data[e].id,
                    f->errors.data[e].line);
   }
   for (size_t i = 0; i < d->msgs.len; i++) {
      const struct diag_msg *m = &d->msgs.data[i];
      bool expected = m->level != DIAG_ERROR;
      for (size_t e = 0; e < f->errors.len; e++)
         expected |= matches(m, &f->errors.data[e]);
      if (!expected)
         str_printf(&why, "not expected: %s:%u:%u: %s [%s]\n",
                    m->loc.file ? m->loc.file : "", m->loc.line, m->loc.col, m->text,
                    m->id);
   }
   if (why.len)
      printf("FAIL %s\n%s", f->path, why.data);
   n->failed += why.len != 0;
   n->passed += !why.len && f->errors.len;
   str_finish(&why);
}
