/* SPDX-License-Identifier: Apache-2.0
 * Loads a test's module, runs its cases on every back end and mode, compares. */
#include "ptxrun.h"

#include "ptx/ptx.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct target {
   const struct back *back;
   int mode;                     /* enum exec_mode or -1 */
   unsigned level, lanes, warps; /* of back_options: opt_level, lanes, warps */
   const char *name;             /* as in ONLY */
};

struct loaded {
   struct test_file *f;
   struct ir_module *m;
   struct diag d;
};

static uint64_t
symbol_value(const struct ir_sym *s)
{
   return s->func ? (uint64_t)(uintptr_t)s->func : s->address;
}

static void
init_symbol(struct ir_sym *s)
{
   uint8_t *p = (uint8_t *)(uintptr_t)s->address;
   memset(p, 0, s->size);
   if (s->init)
      memcpy(p, s->init, s->size);
   for (uint32_t i = 0; i < s->nrelocs; i++) {
      const struct ir_reloc *r = &s->relocs[i];
      uint64_t v = (symbol_value(r->sym) + (uint64_t)r->addend) >> r->shift;
      memcpy(p + r->offset, &v, r->bytes);
   }
}

static bool
is_memory(const struct ir_sym *s)
{
   return s->space == ISA_GLOBAL || s->space == ISA_CONST;
}

static void
place_symbols(struct loaded *l)
{
   for (size_t i = 0; i < l->m->syms.len; i++) {
      struct ir_sym *s = l->m->syms.data[i];
      if (is_memory(s) && !s->func)
         s->address = (uintptr_t)aligned_alloc(
            BUFFER_ALIGN, ALIGN_UP(s->size + 1, (uint64_t)BUFFER_ALIGN));
   }
}

static void
free_symbols(struct loaded *l)
{
   for (size_t i = 0; i < l->m->syms.len; i++) {
      struct ir_sym *s = l->m->syms.data[i];
      if (is_memory(s) && !s->func)
         free((void *)(uintptr_t)s->address);
   }
}

/* -- One launch */
struct launch_state {
   struct test_case *c;
   const struct exec_launch *l;
   struct str out;
   pthread_mutex_t lock;
   uint64_t next, total, group;
   unsigned workers;
};

static void
on_print(void *owner, const char *text, size_t n)
{
   struct launch_state *s = owner;
   pthread_mutex_lock(&s->lock);
   str_append_n(&s->out, text, n);
   pthread_mutex_unlock(&s->lock);
}

static void
on_print_error(void *owner, const char *text, size_t n)
{
   (void)owner, (void)text, (void)n;
}

static void *
on_alloc(void *owner, uint64_t size, uint64_t align)
{
   (void)owner;
   align = MAX2(align, (uint64_t)16);
   return size > 1u << 30 || align > 1u << 30
             ? NULL
             : aligned_alloc(align, ALIGN_UP(size + 1, align));
}

static void
on_free(void *owner, void *p)
{
   (void)owner;
   free(p);
}

struct worker_arg {
   struct launch_state *s;
   unsigned index;
};

/* Kept between launches, as the device room does. */
static struct exec_worker *workers[64];

static void *
work(void *arg)
{
   struct worker_arg *a = arg;
   struct launch_state *s = a->s;
   if (!workers[a->index])
      workers[a->index] = exec_worker_create(a->index, s->workers);
   struct exec_worker *w = workers[a->index];
   if (s->l->cooperative) {
      uint64_t n = (s->total - a->index + s->workers - 1) / s->workers;
      if (a->index < s->total)
         exec_run_blocks(w, s->l, a->index, s->workers, n);
      return NULL;
   }
   /* Blocks that do not wait run several by one call, now more and now fewer. */
   bool many = s->l->kernel->mode == EXEC_PLAIN;
   for (uint64_t turn = 0;; turn++) {
      uint64_t n = s->group * (many ? 1 + (turn * 7 + s->total) % 11 : 1);
      uint64_t b = __atomic_fetch_add(&s->next, n, __ATOMIC_RELAXED);
      if (b >= s->total || !exec_run_blocks(w, s->l, b, 1, MIN2(n, s->total - b)))
         return NULL;
   }
}

static void
launch(struct launch_state *s)
{
   pthread_t threads[64];
   struct worker_arg args[64];
   for (unsigned i = 0; i < s->workers; i++)
      args[i] = (struct worker_arg){s, i};
   for (unsigned i = 1; i < s->workers; i++)
      pthread_create(&threads[i], NULL, work, &args[i]);
   work(&args[0]);
   for (unsigned i = 1; i < s->workers; i++)
      pthread_join(threads[i], NULL);
}

/* -- Arguments */
static struct item *
find_buffer(struct test_case *c, const char *name)
{
   for (size_t i = 0; i < c->ins.len; i++)
      if (c->ins.data[i].kind == ITEM_BUFFER && !strcmp(c->ins.data[i].name, name))
         return &c->ins.data[i];
   return NULL;
}

/* Memory by name: an IN buffer or a module variable. NULL when there is none. */
static uint8_t *
find_memory(struct loaded *l, struct test_case *c, const char *name, uint64_t *size)
{
   struct item *b = find_buffer(c, name);
   if (b) {
      *size = b->list.n * b->list.type->size;
      return b->memory;
   }
   struct ir_sym *s = map_find(l->m->sym_map, name);
   if (!s || !is_memory(s))
      return NULL;
   *size = s->size;
   return (uint8_t *)(uintptr_t)s->address;
}

static bool
prepare_memory(struct loaded *l, struct test_case *c, struct str *why)
{
   for (size_t i = 0; i < l->m->syms.len; i++)
      if (is_memory(l->m->syms.data[i]) && !l->m->syms.data[i]->func)
         init_symbol(l->m->syms.data[i]);
   for (size_t i = 0; i < c->ins.len; i++) {
      struct item *it = &c->ins.data[i];
      if (it->kind != ITEM_BUFFER)
         continue;
      size_t size = it->list.n * it->list.type->size;
      it->memory = guarded_alloc(size);
      memcpy(it->memory, it->list.bytes, size);
   }
   for (size_t i = 0; i < c->sets.len; i++) {
      struct item *it = &c->sets.data[i];
      uint64_t size, n = it->list.n * it->list.type->size;
      uint8_t *p = find_memory(l, c, it->name, &size);
      if (!p || n > size) {
         str_printf(why, "line %u: no variable '%s' of that size\n", it->line, it->name);
         return false;
      }
      memcpy(p, it->list.bytes, n);
   }
   return true;
}

/* What the interpreter left is what the others must leave. */
static void
keep_agreed(struct test_case *c)
{
   for (size_t i = 0; i < c->ins.len; i++) {
      struct item *it = &c->ins.data[i];
      if (it->kind != ITEM_BUFFER)
         continue;
      size_t n = it->list.n * it->list.type->size;
      it->agreed = base_alloc(n + 1);
      memcpy(it->agreed, it->memory, n);
   }
   c->has_agreed = true;
}

/* Of what was agreed on, for those who compare two runs of the interpreter. */
static const char *
digest(const struct test_case *c)
{
   static char text[32];
   uint64_t h = 0;
   if (!c->has_agreed)
      return "";
   for (size_t i = 0; i < c->ins.len; i++) {
      const struct item *it = &c->ins.data[i];
      if (it->agreed)
         h = base_hash(it->agreed, it->list.n * it->list.type->size, h);
   }
   snprintf(text, sizeof text, " %016" PRIx64, h);
   return text;
}

static void
release_agreed(struct test_case *c)
{
   for (size_t i = 0; i < c->ins.len; i++) {
      base_free(c->ins.data[i].agreed);
      c->ins.data[i].agreed = NULL;
   }
   c->has_agreed = false;
}

static void
release_memory(struct test_case *c)
{
   for (size_t i = 0; i < c->ins.len; i++) {
      struct item *it = &c->ins.data[i];
      if (it->memory)
         guarded_free(it->memory, it->list.n * it->list.type->size);
      it->memory = NULL;
   }
}

static bool
put_param(struct loaded *l, struct test_case *c, const struct item *it,
          const struct ir_param *p, uint8_t *block, struct str *why)
{
   uint64_t pointer = (uintptr_t)it->memory, size;
   const void *from = &pointer;
   uint64_t n = 8;
   if (it->kind == ITEM_POINTER && it->target) {
      uint8_t *base = find_memory(l, c, it->target, &size);
      if (!base) {
         str_printf(why, "line %u: no buffer or variable '%s'\n", it->line, it->target);
         return false;
      }
      pointer = (uintptr_t)base + (uint64_t)it->offset;
   } else if (it->kind == ITEM_SCALAR || it->kind == ITEM_AGGREGATE) {
      from = it->list.bytes;
      n = it->list.n * it->list.type->size;
   }
   if (n != p->size) {
      str_printf(why,
                 "line %u: parameter '%s' has %" PRIu64 " bytes, %s has %" PRIu64 "\n",
                 it->line, p->name, p->size, it->name, n);
      return false;
   }
   memcpy(block + p->offset, from, n);
   return true;
}

static uint8_t *
make_params(struct loaded *l, struct test_case *c, const struct ir_func *k,
            struct str *why)
{
   if (k->nparams != c->ins.len) {
      str_printf(why, "the kernel has %u parameters, the test %zu\n", k->nparams,
                 c->ins.len);
      return NULL;
   }
   uint8_t *block = aligned_alloc(64, ALIGN_UP((size_t)k->param_bytes + 1, (size_t)64));
   memset(block, 0, k->param_bytes);
   for (uint32_t i = 0; i < k->nparams; i++)
      if (!put_param(l, c, &c->ins.data[i], &k->params[i], block, why)) {
         free(block);
         return NULL;
      }
   return block;
}

static void
compare_item(struct loaded *l, struct test_case *c, const struct item *it,
             struct str *why)
{
   uint64_t size;
   uint8_t *p = find_memory(l, c, it->name, &size);
   if (!p || (uint64_t)it->offset + it->list.n * it->list.type->size > size)
      str_printf(why, "line %u: no buffer or variable '%s' of that size\n", it->line,
                 it->name);
   else
      compare_out(it, p + it->offset, why);
}

static void
run_on(struct loaded *l, struct test_case *c, const struct exec_kernel *k,
       const uint8_t *params, const struct run_options *o, struct str *why)
{
   static uint64_t gridid;
   struct exec_fault fault;
   memset(&fault, 0, sizeof fault);
   struct launch_state s = {.c = c, .lock = PTHREAD_MUTEX_INITIALIZER};
   struct exec_launch launch_args;
   uint64_t workspace[8] = {0};
   memset(&launch_args, 0, sizeof launch_args);
   launch_args.kernel = k;
   memcpy(launch_args.grid, c->grid, sizeof c->grid);
   memcpy(launch_args.block, c->block, sizeof c->block);
   memcpy(launch_args.cluster, c->cluster, sizeof c->cluster);
   launch_args.dynamic_shared = c->smem;
   launch_args.params = params;
   launch_args.cooperative = c->coop;
   launch_args.gridid = ++gridid;
   if (c->coop) {
      launch_args.envreg[1] = (uintptr_t)workspace >> 32;
      launch_args.envreg[2] = (uint32_t)(uintptr_t)workspace;
   }
   launch_args.fault = &fault;
   launch_args.print = on_print;
   launch_args.print_error = on_print_error;
   launch_args.heap_alloc = on_alloc;
   launch_args.heap_free = on_free;
   launch_args.owner = &s;
   s.l = &launch_args;
   s.group = (uint64_t)c->cluster[0] * c->cluster[1] * c->cluster[2];
   s.total = (uint64_t)c->grid[0] * c->grid[1] * c->grid[2];
   s.workers = c->coop && s.group > 1 ? 1 : o->workers;
   launch(&s);
   compare_fault(c, &fault, why);
   if (!c->err)
      for (size_t i = 0; i < c->outs.len; i++)
         compare_item(l, c, &c->outs.data[i], why);
   if (c->has_agreed)
      compare_agreed(c, why);
   else if (c->agree && !why->len)
      keep_agreed(c);
   if (c->has_print)
      compare_print(c, &s.out, why);
   str_finish(&s.out);
}

/* -- Files */
static bool
word_in(const char *list, const char *word)
{
   size_t n = strlen(word);
   for (const char *p = list; (p = strstr(p, word)); p += n)
      if ((p == list || p[-1] == ' ') && (!p[n] || p[n] == ' ' || p[n] == '\r'))
         return true;
   return false;
}

static bool
names_target(const char *list, const struct target *t)
{
   return word_in(list, t->name) || word_in(list, t->back->name) || word_in(list, "all");
}

static bool
is_xfail(const struct places *p, const struct target *t)
{
   for (size_t i = 0; i < p->xfails.len; i++) {
      char first[32];
      snprintf(first, sizeof first, "%.*s", (int)strcspn(p->xfails.data[i], " "),
               p->xfails.data[i]);
      if (names_target(first, t))
         return true;
   }
   return false;
}

static bool
is_left_out(const struct places *p, const struct target *t)
{
   return p->only && !names_target(p->only, t);
}

/* Whatever simd does not take, the interpreter runs; and not every mode takes a kernel.
 */
static bool
is_declined(const struct diag *d)
{
   bool all = d->msgs.len > 0;
   for (size_t i = 0; i < d->msgs.len; i++)
      all &= !strcmp(d->msgs.data[i].id, "simd-unsupported") ||
             !strcmp(d->msgs.data[i].id, "simd-mode");
   return all;
}

/* 1 passed, 0 failed, -1: the back end does not take the kernel in this mode. */
static int
run_case(struct loaded *l, struct test_case *c, const struct target *t,
         const struct run_options *o, struct str *why)
{
   struct ir_func *f = ir_module_find_func(l->m, c->entry);
   if (!f || !f->is_kernel) {
      str_printf(why, "no kernel '%s'\n", c->entry);
      return 0;
   }
   if (c->agree && t->mode >= 0 && t->mode == c->simd_mode)
      return -1; /* has been run just now */
   if (t->warps * EXEC_WARP > c->block[0] * c->block[1] * c->block[2])
      return -1; /* would be the same code */
   struct back_options opt = {
      .force_mode = t->mode, .cooperative = c->coop, .opt_level = t->level, .lanes = t->lanes,
      .warps = t->warps, .large = true};
   memcpy(opt.block, c->block, sizeof opt.block);
   struct diag d;
   diag_init(&d);
   struct exec_kernel *k = t->back->compile(f, &opt, &d);
   int result = 0;
   if (k && t->lanes && k->width != t->lanes) {
      t->back->destroy(k), result = -1;
   } else if (k) {
      if (t->back != &back_interp && t->mode < 0)
         c->simd_mode = (int)k->mode;
      uint8_t *params = prepare_memory(l, c, why) ? make_params(l, c, f, why) : NULL;
      if (params && !exec_takes(k, params)) {
         t->back->destroy(k);
         opt.any_arguments = true;
         k = t->back->compile(f, &opt, &d);
      }
      if (params && k)
         run_on(l, c, k, params, o, why);
      free(params);
      release_memory(c);
      if (k)
         t->back->destroy(k);
      else
         diag_print(&d, why);
      result = !why->len;
   } else if (is_declined(&d)) {
      result = -1;
   } else {
      diag_print(&d, why);
   }
   diag_finish(&d);
   return result;
}

/* AGREE's other side, where the interpreter is not among the targets. False: it failed
 * by itself. */
static bool
find_agreed(struct loaded *l, struct test_case *c, const struct run_options *o,
            struct str *why)
{
   static const struct target interp = {&back_interp, -1, 1, 0, 0, "interp"};
   return !c->agree || c->has_agreed || run_case(l, c, &interp, o, why) > 0;
}

static void
run_target(struct loaded *l, const struct target *t, const struct run_options *o,
           struct counts *n)
{
   struct test_file *f = l->f;
   for (size_t i = 0; i < f->cases.len; i++) {
      struct test_case *c = &f->cases.data[i];
      if (is_left_out(&f->places, t) || is_left_out(&c->places, t))
         continue;
      bool xfail = is_xfail(&f->places, t) || is_xfail(&c->places, t);
      struct str why = {0};
      int r = t->back != &back_interp && !find_agreed(l, c, o, &why)
                 ? 0
                 : run_case(l, c, t, o, &why);
      bool ok = r >= 0 && r != (int)xfail;
      n->passed += r >= 0 && ok;
      n->failed += r >= 0 && !ok;
      n->declined += r < 0 && t->mode < 0 && !t->lanes && !t->warps;
      if (r >= 0 && !ok)
         printf("FAIL %s:%u: %s on %s\n%s", f->path, c->line, c->entry, t->name,
                xfail ? "passes, against its XFAIL\n" : str_get(&why));
      else if (o->verbose)
         printf("%s %s:%u: %s on %s%s\n",
                r < 0   ? "skip"
                : xfail ? "xfail"
                        : "pass",
                f->path, c->line, c->entry, t->name, digest(c));
      str_finish(&why);
   }
}

static void
check_kernels(struct loaded *l)
{
   for (size_t i = 0; i < l->m->funcs.len && !l->d.errors; i++) {
      struct ir_func *f = l->m->funcs.data[i];
      if (f->is_kernel && f->first_block)
         back_check_func(f, &l->d);
      /* An error that is expected may be one of the last resort. */
      if (f->is_kernel && f->first_block && l->f->errors.len && !l->d.errors) {
         const struct back_options opt = {.force_mode = -1};
         back_interp.destroy(back_interp.compile(f, &opt, &l->d));
      }
   }
}

static void
run_targets(struct loaded *l, const struct run_options *o, struct counts *n)
{
   const struct back *simd = back_simd();
   const struct target all[] = {{&back_interp, -1, 1, 0, 0, "interp"},
                                {simd, -1, 1, 0, 0, "simd"},
                                {simd, -1, 0, 0, 0, "simd-quick"},
                                {simd, -1, 1, 16, 0, "simd-narrow"},
                                {simd, -1, 1, 0, 2, "simd-jam"},
                                {simd, EXEC_PLAIN, 1, 0, 0, "simd-plain"},
                                {simd, EXEC_WARP_FIBER, 1, 0, 0, "simd-warp"},
                                {simd, EXEC_THREAD_FIBER, 1, 0, 0, "simd-thread"}};
   static const char *const modes[] = {"plain", "warp", "thread"};
   for (size_t i = 0; i < ARRAY_LEN(all); i++) {
      const struct target *t = &all[i];
      if (!t->back || (o->back && strcmp(o->back, t->back->name) != 0))
         continue;
      /* auto: as launches do in the end */
      const char *mode = t->mode >= 0 ? modes[t->mode] : t->level ? "auto" : "quick";
      if (o->mode && strcmp(o->mode, mode) != 0)
         continue;
      run_target(l, t, o, n);
   }
}

void
run_file(struct test_file *f, const struct run_options *o, struct counts *n)
{
   test_file_parse(f);
   if (f->problems.len) {
      printf("FAIL %s\n%s", f->path, f->problems.data);
      n->failed++;
      return;
   }
   struct loaded l = {.f = f};
   diag_init(&l.d);
   l.m = ptx_parse(f->text, f->size, f->path, &l.d);
   if (l.m && !l.d.errors)
      check_kernels(&l);
   check_errors(f, &l.d, n);
   if (l.m && !l.d.errors && !f->errors.len) {
      place_symbols(&l);
      run_targets(&l, o, n);
      for (size_t i = 0; i < f->cases.len; i++)
         release_agreed(&f->cases.data[i]);
      free_symbols(&l);
   }
   ir_module_destroy(l.m);
   diag_finish(&l.d);
}
