/* SPDX-License-Identifier: Apache-2.0
 * Several PTX modules into one, as nvlink would: names that one module declares and
 * another defines become the same object, everything else is moved over. The texts' own
 * (local) names stay apart. What stays undefined is an error only where it is used. */
#include "ir/ir.h"

#include <string.h>

struct linker {
   struct ir_module *into;
   struct map *repl; /* by address of what is gone: what stands for it */
   struct diag *d;
};

static void *
stand_in(struct linker *k, void *p)
{
   void *r;
   while (p && (r = map_find_n(k->repl, &p, sizeof p)))
      p = r;
   return p;
}

static void
replace(struct linker *k, void *gone, void *by)
{
   map_set_n(k->repl, &gone, sizeof gone, by);
}

/* Local names are made unique, as others find symbols by name. */
static const char *
unique_name(struct linker *k, const char *name, struct map *taken)
{
   if (!map_find(taken, name))
      return name;
   for (unsigned i = 1;; i++) {
      const char *n = arena_printf(k->into->arena, "%s$%u", name, i);
      if (!map_find(taken, n))
         return n;
   }
}

static void
duplicate(struct linker *k, struct src_loc loc, const char *what, const char *name)
{
   diag_error(k->d, loc, "link-duplicate", "%s '%s' is defined in two modules", what,
              name);
}

/* Which of two symbols of one name stays: a definition before a declaration, a strong
 * one before weak and common ones. */
static bool
open_linkage(unsigned linkage)
{
   return linkage == IR_EXTERN || linkage == IR_WEAK || linkage == IR_COMMON;
}

static void
add_sym(struct linker *k, struct ir_sym *s)
{
   struct ir_module *m = k->into;
   struct ir_sym *old = map_find(m->sym_map, s->name);
   bool shared =
      s->linkage != IR_LOCAL_LINKAGE && old && old->linkage != IR_LOCAL_LINKAGE;
   if (s->func || !shared) {
      if (!s->func && old) {
         s->name = unique_name(k, s->name, m->sym_map);
         if (s->linkage != IR_LOCAL_LINKAGE)
            diag_warning(k->d, s->loc, "link-hidden",
                         "'%s' hides a local variable of another module", s->name);
      }
      vec_push(&m->syms, s);
      if (!s->func)
         map_set(m->sym_map, s->name, s);
      return;
   }
   if (s->linkage == IR_EXTERN ||
       (open_linkage(s->linkage) && old->linkage != IR_EXTERN)) {
      old->align = MAX2(old->align, s->align);
      if (old->linkage == IR_COMMON && s->linkage == IR_COMMON)
         old->size = MAX2(old->size, s->size);
      replace(k, s, old);
      return;
   }
   if (!open_linkage(old->linkage)) {
      duplicate(k, s->loc, "variable", s->name);
      return;
   }
   /* The definition takes the declaration's place. */
   for (size_t i = 0; i < m->syms.len; i++)
      if (m->syms.data[i] == old)
         m->syms.data[i] = s;
   s->align = MAX2(old->align, s->align);
   map_set(m->sym_map, s->name, s);
   replace(k, old, s);
}

static bool
has_body(const struct ir_func *f)
{
   return f->first_block || f->alias;
}

static void
add_func(struct linker *k, struct ir_func *f)
{
   struct ir_module *m = k->into;
   struct ir_func *old = map_find(m->func_map, f->name);
   f->module = m;
   bool shared = old && (!has_body(f) || f->linkage != IR_LOCAL_LINKAGE) &&
                 (!has_body(old) || old->linkage != IR_LOCAL_LINKAGE);
   if (!shared) {
      if (old)
         f->name = unique_name(k, f->name, m->func_map);
      vec_push(&m->funcs, f);
      map_set(m->func_map, f->name, f);
      return;
   }
   vec_push(&m->funcs, f); /* destroyed with the module in every case */
   if (!has_body(f) || (has_body(old) && f->linkage == IR_WEAK)) {
      replace(k, f, old);
      if (f->sym && old->sym)
         replace(k, f->sym, old->sym);
      else if (f->sym) {
         f->sym->func = old;
         old->sym = f->sym;
      }
      return;
   }
   if (has_body(old) && old->linkage != IR_WEAK) {
      duplicate(k, f->loc, "function", f->name);
      return;
   }
   map_set(m->func_map, f->name, f);
   replace(k, old, f);
   if (old->sym && f->sym)
      replace(k, old->sym, f->sym);
   else if (old->sym) {
      old->sym->func = f;
      f->sym = old->sym;
   }
}

static void
rewrite_relocs(struct linker *k, struct ir_sym *s)
{
   if (s->func)
      s->func = stand_in(k, s->func);
   for (uint32_t r = 0; r < s->nrelocs; r++)
      s->relocs[r].sym = stand_in(k, s->relocs[r].sym);
}

static void
rewrite(struct linker *k)
{
   struct ir_module *m = k->into;
   for (size_t i = 0; i < m->syms.len; i++)
      rewrite_relocs(k, m->syms.data[i]);
   for (size_t i = 0; i < m->funcs.len; i++) {
      struct ir_func *f = m->funcs.data[i];
      f->alias = stand_in(k, f->alias);
      ir_foreach_block (b, f)
         ir_foreach_inst (in, b) {
            in->sym = stand_in(k, in->sym);
            in->callee = stand_in(k, in->callee);
         }
   }
}

bool
ir_link(struct ir_module *const *parts, size_t n, struct diag *d)
{
   struct linker k = {.into = parts[0], .repl = map_create(), .d = d};
   size_t before = d->errors;
   for (size_t i = 1; i < n; i++) {
      struct ir_module *from = parts[i];
      uint32_t files = (uint32_t)k.into->files.len;
      for (size_t s = 0; s < from->syms.len; s++)
         add_sym(&k, from->syms.data[s]);
      for (size_t f = 0; f < from->funcs.len; f++) {
         struct ir_func *fn = from->funcs.data[f];
         ir_foreach_block (b, fn)
            ir_foreach_inst (in, b)
               if (in->line_file)
                  in->line_file += files;
         add_func(&k, fn);
      }
      for (size_t f = 0; f < from->files.len; f++)
         vec_push(&k.into->files, from->files.data[f]);
      from->syms.len = from->funcs.len = 0;
   }
   rewrite(&k);
   map_destroy(k.repl);
   ir_layout_shared(parts[0]);
   return d->errors == before;
}

/* The machine's own functions, and CUDA's device runtime. */
static bool
provided(const char *name)
{
   static const char *const names[] = {"vprintf", "malloc", "free", "__assertfail"};
   for (size_t i = 0; i < ARRAY_LEN(names); i++)
      if (!strcmp(name, names[i]))
         return true;
   return !strncmp(name, "cuda", 4) || !strncmp(name, "__cuda", 6);
}

struct undefined {
   struct map *seen; /* by name */
   ir_undefined_fn *report;
   void *user;
};

static void
note(struct undefined *u, const char *name, struct src_loc loc, bool is_function)
{
   if (map_find(u->seen, name))
      return;
   map_set(u->seen, name, u);
   u->report(u->user, name, loc, is_function);
}

static void
note_func(struct undefined *u, const struct ir_func *f)
{
   if (f && !has_body(f) && !f->is_kernel && !provided(f->name))
      note(u, f->name, f->loc, true);
}

static void
note_sym(struct undefined *u, const struct ir_sym *s)
{
   if (s && s->func)
      note_func(u, s->func);
   else if (s && s->linkage == IR_EXTERN &&
            (s->space == ISA_GLOBAL || s->space == ISA_CONST))
      note(u, s->name, s->loc, false);
}

void
ir_undefined(const struct ir_module *m, ir_undefined_fn *report, void *user)
{
   struct undefined u = {map_create(), report, user};
   for (size_t i = 0; i < m->syms.len; i++)
      for (uint32_t r = 0; r < m->syms.data[i]->nrelocs; r++)
         note_sym(&u, m->syms.data[i]->relocs[r].sym);
   for (size_t i = 0; i < m->funcs.len; i++) {
      const struct ir_func *f = m->funcs.data[i];
      ir_foreach_block (b, f)
         ir_foreach_inst (in, b) {
            note_sym(&u, in->sym);
            note_func(&u, in->callee);
         }
   }
   map_destroy(u.seen);
}
