/* SPDX-License-Identifier: Apache-2.0
 * Where .shared variables lie in a block's shared memory. A variable that one kernel
 * alone reaches shares its place with those of other kernels; what several reach has a
 * place of its own; dynamic arrays begin where the static ones of all their kernels end.
 */
#include <string.h>

#include "ir.h"

#define DYNAMIC_ALIGN 16

struct use {
   struct ir_func *kernel;
   struct ir_sym *sym;
};

/* What one function names itself; instructions are walked once, not once a kernel. */
struct summary {
   VEC(struct ir_sym *) shared;
   VEC(struct ir_func *) callees;
   bool calls_indirectly;
};

struct layout {
   struct ir_module *m;
   VEC(struct use) uses;  /* each pair once, by kernel, then as met */
   struct map *kernels;   /* by address of the symbol: its kernel, or SEVERAL */
   struct map *summaries; /* by address of the function */
   VEC(struct summary *) all;
   VEC(struct ir_func *) work;
};
#define SEVERAL ((void *)1)

static bool
is_dynamic(const struct ir_sym *s)
{
   return s->linkage == IR_EXTERN || !s->size;
}

static void
note_use(struct layout *l, struct map *seen, struct ir_func *kernel, struct ir_sym *s)
{
   if (map_find_n(seen, &s, sizeof s))
      return;
   map_set_n(seen, &s, sizeof s, s);
   struct use u = {kernel, s};
   vec_push(&l->uses, u);
   map_set_n(l->kernels, &s, sizeof s,
             map_find_n(l->kernels, &s, sizeof s) ? SEVERAL : kernel);
}

static void
visit(struct layout *l, struct map *seen, struct ir_func *f)
{
   if (!f || map_find_n(seen, &f, sizeof f))
      return;
   map_set_n(seen, &f, sizeof f, f);
   vec_push(&l->work, f);
}

/* An indirect call may reach every function whose address is taken. */
static void
visit_indirect(struct layout *l, struct map *seen)
{
   for (size_t k = 0; k < l->m->syms.len; k++)
      visit(l, seen, l->m->syms.data[k]->func);
}

static void
summarize(struct layout *l, struct ir_func *f)
{
   struct summary *s = base_calloc(1, sizeof *s);
   vec_push(&l->all, s);
   map_set_n(l->summaries, &f, sizeof f, s);
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (i->op == ISA_ADDR && i->sym->space == ISA_SHARED)
            vec_push(&s->shared, i->sym);
         else if (i->op == ISA_CALL && i->callee)
            vec_push(&s->callees, i->callee->alias ? i->callee->alias : i->callee);
         else if (i->op == ISA_CALL)
            s->calls_indirectly = true;
      }
   }
}

static void
walk_kernel(struct layout *l, struct ir_func *kernel)
{
   struct map *seen = map_create();
   visit(l, seen, kernel);
   while (l->work.len) {
      struct ir_func *f = vec_pop(&l->work);
      struct summary *s = map_find_n(l->summaries, &f, sizeof f);
      if (!s)
         continue;
      for (size_t k = 0; k < s->shared.len; k++)
         note_use(l, seen, kernel, s->shared.data[k]);
      for (size_t k = 0; k < s->callees.len; k++)
         visit(l, seen, s->callees.data[k]);
      if (s->calls_indirectly)
         visit_indirect(l, seen);
   }
   map_destroy(seen);
}

static uint32_t
place(struct ir_sym *s, uint32_t at)
{
   at = ALIGN_UP(at, MAX2(s->align, 1u));
   s->address = at;
   return (uint32_t)MIN2((uint64_t)at + s->size, (uint64_t)1 << 31);
}

/* Variables of several kernels first, each once; then those of one kernel alone, behind
 * what that kernel uses of the first kind. */
static void
place_static(struct layout *l)
{
   uint32_t common = 0;
   struct map *placed = map_create();
   for (size_t k = 0; k < l->uses.len; k++) {
      struct use u = l->uses.data[k];
      if (is_dynamic(u.sym) || map_find_n(l->kernels, &u.sym, sizeof u.sym) != SEVERAL)
         continue;
      if (!map_find_n(placed, &u.sym, sizeof u.sym)) {
         map_set_n(placed, &u.sym, sizeof u.sym, u.sym);
         common = place(u.sym, common);
      }
      uint32_t end = (uint32_t)(u.sym->address + u.sym->size);
      u.kernel->shared_bytes = MAX2(u.kernel->shared_bytes, end);
   }
   map_destroy(placed);
   for (size_t k = 0; k < l->uses.len; k++) {
      struct use u = l->uses.data[k];
      if (!is_dynamic(u.sym) && map_find_n(l->kernels, &u.sym, sizeof u.sym) != SEVERAL)
         u.kernel->shared_bytes = place(u.sym, u.kernel->shared_bytes);
   }
}

static void
place_dynamic(struct layout *l)
{
   uint32_t align = DYNAMIC_ALIGN, base = 0;
   for (size_t k = 0; k < l->uses.len; k++) {
      struct use u = l->uses.data[k];
      if (is_dynamic(u.sym)) {
         align = MAX2(align, u.sym->align);
         base = MAX2(base, u.kernel->shared_bytes);
      }
   }
   base = ALIGN_UP(base, align);
   for (size_t k = 0; k < l->uses.len; k++) {
      struct use u = l->uses.data[k];
      if (is_dynamic(u.sym)) {
         u.sym->address = base;
         u.kernel->shared_bytes = base;
      }
   }
}

void
ir_layout_shared(struct ir_module *m)
{
   struct layout l = {.m = m, .kernels = map_create(), .summaries = map_create()};
   for (size_t k = 0; k < m->funcs.len; k++) {
      m->funcs.data[k]->shared_bytes = 0;
      summarize(&l, m->funcs.data[k]);
   }
   for (size_t k = 0; k < m->funcs.len; k++) {
      if (m->funcs.data[k]->is_kernel)
         walk_kernel(&l, m->funcs.data[k]);
   }
   place_static(&l);
   place_dynamic(&l);
   m->shared_bytes = 0;
   for (size_t k = 0; k < m->funcs.len; k++)
      m->shared_bytes = MAX2(m->shared_bytes, m->funcs.data[k]->shared_bytes);
   vec_finish(&l.work);
   vec_finish(&l.uses);
   for (size_t k = 0; k < l.all.len; k++) {
      vec_finish(&l.all.data[k]->shared);
      vec_finish(&l.all.data[k]->callees);
      base_free(l.all.data[k]);
   }
   vec_finish(&l.all);
   map_destroy(l.summaries);
   map_destroy(l.kernels);
}
