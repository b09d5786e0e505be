/* SPDX-License-Identifier: Apache-2.0
 * The order of passes between the parser and a vectorising back end, and their runner. */
#include <stdio.h>
#include <string.h>

#include "pass/pass.h"

static const struct pass {
   const char *name;
   pass_fn *run;
   bool by_name; /* only when asked for */
} passes[] = {
   {"inline", opt_inline}, {"promote", opt_promote},
   {"guard", lower_guard}, {"brx", lower_brx},
   {"ssa", lower_ssa},     {"simplify", opt_simplify},
   {"canon", opt_canon},   {"registers", raise_registers, true},
};

static void
print_after(const struct pass *p, const struct ir_func *f, bool changed, uint64_t ns)
{
   struct str s = {0};
   ir_print_func(&s, f);
   fprintf(stderr, "; after %s%s, %.3f ms\n%s\n", p->name, changed ? "" : " (no change)",
           (double)ns / 1e6, str_get(&s));
   str_finish(&s);
}

/* A pass that breaks the IR is named, or the mistake would show far from where it was
 * made. */
static void
verify_after(const struct pass *p, const struct ir_func *f, struct diag *d)
{
   if (!ir_verify_func(f, d))
      diag_error(d, f->loc, "ir-verify", "pass %s left %s malformed", p->name, f->name);
}

static void
say(const struct pass *p, struct ir_func *f, bool changed, uint64_t start, struct diag *d)
{
   if (base_getenv("KASURI_PRINT_IR"))
      print_after(p, f, changed, base_now_ns() - start);
   if (base_getenv("KASURI_VERIFY_IR"))
      verify_after(p, f, d);
}

bool
pass_run_analysed(struct ir_func *f, const char *name, analysed_pass_fn *run,
                  const struct cfg *g, const struct lanes *l, bool *changed,
                  struct diag *d)
{
   static const struct pass simplify = {"simplify", opt_simplify};
   const struct pass p = {name, NULL};
   size_t errors = d->errors;
   uint64_t start = base_now_ns();
   if (!(*changed = run(f, g, l)))
      return true;
   ir_func_renumber(f);
   say(&p, f, true, start, d);
   struct pass_ctx c = {d, NULL};
   start = base_now_ns();
   say(&simplify, f, opt_simplify(f, &c), start, d);
   return d->errors == errors;
}

bool
pass_run_all(struct ir_func *f, struct diag *d)
{
   struct pass_ctx c = {d, arena_create()};
   size_t errors = d->errors;
   for (size_t i = 0; i < ARRAY_LEN(passes) && d->errors == errors; i++) {
      if (passes[i].by_name)
         continue;
      uint64_t start = base_now_ns();
      bool changed = passes[i].run(f, &c);
      say(&passes[i], f, changed, start, d);
   }
   arena_destroy(c.scratch);
   return d->errors == errors;
}

bool
pass_run_named(struct ir_func *f, const char *name, bool *changed, struct diag *d)
{
   struct src_loc none = {0};
   size_t errors = d->errors;
   for (size_t i = 0; i < ARRAY_LEN(passes); i++) {
      if (strcmp(passes[i].name, name))
         continue;
      struct pass_ctx c = {d, arena_create()};
      uint64_t start = base_now_ns();
      bool did = passes[i].run(f, &c);
      say(&passes[i], f, did, start, d);
      if (changed)
         *changed = did;
      arena_destroy(c.scratch);
      verify_after(&passes[i], f, d);
      return d->errors == errors;
   }
   diag_error(d, none, "no-pass", "there is no pass '%s'", name);
   return false;
}
