/* SPDX-License-Identifier: Apache-2.0
 * Which back end runs a kernel: the vectorising one where its module is there and takes
 * the kernel, else the interpreter, with a word about it once. Variants are compiled for
 * the block shape of the launch, kept for the life of the module, and on disk. Where
 * tier.c allows it the interpreter begins, and what is compiled meanwhile takes over. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "back/background.h"
#include "back/module.h"
#include "back/tier.h"

/* Beyond this many block shapes of one kernel, one variant serves all others. */
#define MAX_SHAPES 8

/* -- Objects to kernels. */
struct simd_kernel {
   struct exec_kernel k;
   struct loaded_code *code;
   uint64_t symtab[];
};

static const struct ir_sym *
find_sym(const struct ir_func *f, const char *name)
{
   for (size_t i = 0; i < f->syms.len; i++)
      if (f->syms.data[i]->name && !strcmp(f->syms.data[i]->name, name))
         return f->syms.data[i];
   return map_find(f->module->sym_map, name);
}

static struct exec_kernel *
kernel_of_object(const struct ir_func *f, const struct back_object *o, struct diag *d)
{
   struct simd_kernel *s = base_calloc(1, sizeof *s + o->nsyms * sizeof(uint64_t));
   for (uint32_t i = 0; i < o->nsyms; i++) {
      const struct ir_sym *sym = find_sym(f, o->syms[i]);
      struct ir_func *fn = sym ? sym->func : ir_module_find_func(f->module, o->syms[i]);
      if (!sym && !fn) {
         diag_error(d, f->loc, "object-load", "no symbol %s", o->syms[i]);
         base_free(s);
         return NULL;
      }
      s->symtab[i] = fn ? (uint64_t)(uintptr_t)fn : sym->address;
   }
   s->code = code_load(o->elf, o->elf_size, d);
   if (!s->code) {
      base_free(s);
      return NULL;
   }
   s->k = (struct exec_kernel){.name = f->name,
                               .mode = o->mode,
                               .whole_block = o->whole_block,
                               .width = o->width,
                               .together = o->together,
                               .entry = code_entry(s->code),
                               .takes = code_takes(s->code),
                               .symtab = s->symtab,
                               .shared_bytes = f->shared_bytes,
                               .local_bytes = o->local_bytes,
                               .stack_bytes = o->stack_bytes,
                               .frame_bytes = o->frame_bytes,
                               .num_regs = o->num_regs,
                               .back_name = "simd"};
   return &s->k;
}

/* What a cache file holds; NULL when there is none or it cannot be used. */
static struct exec_kernel *
cached_kernel(struct ir_func *f, const struct cache_key *key)
{
   struct back_object o;
   if (!cache_read(key->hi, key->lo, &o))
      return NULL;
   struct diag unheard;
   diag_init(&unheard);
   struct exec_kernel *k = kernel_of_object(f, &o, &unheard);
   diag_finish(&unheard);
   back_object_finish(&o);
   return k;
}

/* NULL and no error: it is not in the cache, and the module was not loaded yet. */
static struct exec_kernel *
simd_try(struct ir_func *f, const struct back_options *opt, struct diag *d)
{
   struct back_object o;
   struct cache_key key = cache_key_of(f, opt, module_tag());
   struct exec_kernel *k = cached_kernel(f, &key);
   if (k || !module_was_tried())
      return k;
   const char *error;
   back_compile_fn *compile_object = module_compile(&error);
   if (!compile_object) {
      diag_error(d, f->loc, "simd-load", "%s", error);
      return NULL;
   }
   bool ok = compile_object(f, opt, &o, d);
   background_note_use();
   if (!ok)
      return NULL;
   k = kernel_of_object(f, &o, d);
   if (k)
      cache_write(key.hi, key.lo, &o);
   back_object_finish(&o);
   return k;
}

static struct exec_kernel *
simd_compile(struct ir_func *f, const struct back_options *opt, struct diag *d)
{
   module_load();
   return simd_try(f, opt, d);
}

static void
simd_destroy(struct exec_kernel *k)
{
   struct simd_kernel *s = (struct simd_kernel *)(void *)k;
   if (!k)
      return;
   code_unload(s->code);
   base_free(s);
}

static const struct back back_simd_ops = {"simd", simd_compile, simd_destroy};

const struct back *
back_simd(void)
{
   return module_tag() ? &back_simd_ops : NULL;
}

/* -- Variants. */
#define LEVELS 2 /* of back_options.opt_level */

struct variant {
   struct back_options opt;
   struct back_func *func;
   const struct back *back;
   struct exec_kernel *kernel;
   /* Where the kernel is one to begin with: what takes over, by opt_level. */
   struct background_job job;
   struct exec_upgrade upgrade;
   uint32_t next_level; /* of what is compiled next; LEVELS: nothing is */
   bool busy;           /* it is being compiled, or waits for that */
   uint64_t began;      /* to be compiled, ns; 0: it has not */
   struct exec_kernel *better[LEVELS];
   struct exec_kernel lent; /* another variant's, with which this one begins */
};

struct back_func {
   struct ir_func *f;
   pthread_mutex_t lock;
   VEC(struct variant *) variants;
   uint32_t size;     /* instructions */
   uint64_t writes;   /* back_func_writes */
   bool declined;     /* simd said no once, whatever the shape */
   bool wants_module; /* there is no variant before module_load */
   uint64_t began;    /* to be compiled while a launch waits, ns; 0: it has not */
};

struct back_func *
back_func_create(struct ir_func *kernel)
{
   struct back_func *bf = base_calloc(1, sizeof *bf);
   bf->f = kernel;
   bf->size = tier_size(kernel);
   bf->writes = tier_is_large(bf->size) ? 0 : tier_writes(kernel);
   pthread_mutex_init(&bf->lock, NULL);
   return bf;
}

uint64_t
back_func_writes(const struct back_func *bf)
{
   return bf->writes;
}

void
back_func_destroy(struct back_func *bf)
{
   if (!bf)
      return;
   for (size_t i = 0; i < bf->variants.len; i++) {
      struct variant *v = bf->variants.data[i];
      background_end(&v->job);
      simd_destroy(v->better[0]);
      simd_destroy(v->better[1]);
      if (v->kernel != &v->lent)
         v->back->destroy(v->kernel);
      base_free(v);
   }
   vec_finish(&bf->variants);
   pthread_mutex_destroy(&bf->lock);
   base_free(bf);
}

enum wanted { WANT_AUTO, WANT_SIMD, WANT_INTERP };
enum tier { TIER_AUTO, TIER_QUICK, TIER_VECTOR };

/* Read once: a launch must not search the environment. */
static struct {
   pthread_once_t once;
   enum wanted back;
   enum tier tier;
   int mode;       /* enum exec_mode, or -1 */
   uint32_t lanes; /* or 0 */
   uint32_t warps; /* or 0 */
   bool seed;      /* a schedule that repeats: nothing may depend on time */
   bool stats;
   struct str bad;
} settings = {.once = PTHREAD_ONCE_INIT, .mode = -1};

/* The position of the word v in a list that ends with NULL; 0 where unset. */
static unsigned
choice(const char *name, const char *v, const char *const *words, const char *all)
{
   for (unsigned i = 0; v && words[i]; i++)
      if (!strcmp(v, words[i]))
         return i;
   if (v)
      str_printf(&settings.bad, "%s%s=%s: use %s", settings.bad.len ? "; " : "", name, v,
                 all);
   return 0;
}

static void
read_settings(void)
{
   static const char *const backs[] = {"auto", "simd", "interp", NULL};
   static const char *const modes[] = {"auto", "plain", "warp", "thread", NULL};
   static const char *const lanes[] = {"auto", "16", "32", NULL};
   static const char *const warps[] = {"auto", "1", "2", "4", NULL};
   static const char *const tiers[] = {"auto", "quick", "vector", NULL};
   settings.back = (enum wanted)choice("KASURI_BACKEND", base_getenv("KASURI_BACKEND"),
                                       backs, "auto, simd or interp");
   settings.mode = (int)choice("KASURI_MODE", base_getenv("KASURI_MODE"), modes,
                               "auto, plain, warp or thread") -
                   1;
   settings.lanes =
      16 * choice("KASURI_LANES", base_getenv("KASURI_LANES"), lanes, "auto, 16 or 32");
   unsigned log2_warps =
      choice("KASURI_WARPS", base_getenv("KASURI_WARPS"), warps, "auto, 1, 2 or 4");
   settings.warps = log2_warps ? 1u << (log2_warps - 1) : 0;
   settings.tier = (enum tier)choice("KASURI_TIER", base_getenv("KASURI_TIER"), tiers,
                                     "auto, quick or vector");
   settings.seed = base_getenv_size("KASURI_SEED", 0) != 0;
   settings.stats = base_getenv("KASURI_STATS") != NULL;
}

static bool
check_settings(struct diag *d)
{
   struct src_loc none = {0};
   pthread_once(&settings.once, read_settings);
   if (settings.bad.len)
      diag_error(d, none, "setting", "%s", str_get(&settings.bad));
   return !settings.bad.len;
}

static void
say_once(struct back_func *bf, const struct diag *why)
{
   struct str s = {0};
   if (bf->declined)
      return;
   bf->declined = true;
   diag_print(why, &s);
   fprintf(stderr, "kasuri: note: kernel %s runs on the interpreter:\n%s", bf->f->name,
           str_get(&s));
   str_finish(&s);
}

/* Nothing is loaded under bf's lock: see module.c. */
static struct exec_kernel *
compile_simd(struct back_func *bf, const struct back_options *opt, struct diag *d)
{
   bool tried = module_was_tried();
   size_t errors = d->errors;
   struct exec_kernel *k = simd_try(bf->f, opt, d);
   bf->wants_module = !k && !tried && d->errors == errors;
   return k;
}

static struct exec_kernel *
compile(struct back_func *bf, const struct back_options *opt, enum wanted want,
        const struct back **back, struct diag *d)
{
   *back = want == WANT_INTERP ? NULL : back_simd();
   bool forced = want == WANT_SIMD || (*back && opt->force_mode >= 0);
   if (forced) {
      if (*back)
         return compile_simd(bf, opt, d);
      diag_error(d, bf->f->loc, "no-simd",
                 "KASURI_BACKEND=simd, but its module cannot be loaded; `kasuri doctor` "
                 "says what is missing");
      return NULL;
   }
   struct diag why;
   diag_init(&why);
   bool asked = *back && !bf->declined;
   struct exec_kernel *k = asked ? compile_simd(bf, opt, &why) : NULL;
   if (!k && !bf->wants_module) {
      *back = &back_interp;
      k = back_interp.compile(bf->f, opt, d);
      if (k && asked)
         say_once(bf, &why);
   }
   diag_finish(&why);
   return k;
}

/* KASURI_STATS: what a kernel's tiers cost. */
static void
tell(const struct back_func *bf, const struct exec_kernel *k, uint32_t level,
     uint64_t start)
{
   if (!settings.stats || !k)
      return;
   fprintf(stderr, "kasuri: stats: %s, %u instructions: %s%s ready in %.3f ms\n",
           bf->f->name, bf->size, k->back_name, level ? "" : ", quick code,",
           (double)(base_now_ns() - start) / 1e6);
}

/* In the background: the next that replaces the kernel that v began with. */
static bool
compile_better(struct background_job *j)
{
   struct variant *v =
      (struct variant *)(void *)((char *)j - offsetof(struct variant, job));
   struct back_options o = v->opt;
   struct diag why;
   diag_init(&why);
   v->began = v->began ? v->began : base_now_ns();
   o.opt_level = v->next_level;
   o.stop = &j->stop;
   bool tried = module_was_tried();
   struct exec_kernel *k = simd_try(v->func->f, &o, &why);
   if (!k && !tried && !why.errors) {
      diag_finish(&why);
      return false;
   }
   v->better[o.opt_level] = k;
   if (k)
      __atomic_store_n(&v->upgrade.to, k, __ATOMIC_RELEASE);
   tell(v->func, k, o.opt_level, v->began);
   pthread_mutex_lock(&v->func->lock);
   v->busy = false;
   v->began = 0;
   if (k || why.errors) /* else it was stopped, and the next launch starts it again */
      v->next_level = k ? o.opt_level + 1 : LEVELS;
   if (!k && why.errors)
      say_once(v->func, &why);
   pthread_mutex_unlock(&v->func->lock);
   diag_finish(&why);
   return true;
}

static void
start_better(struct variant *v)
{
   if (v->busy || v->next_level > v->opt.opt_level)
      return;
   v->busy = true;
   v->job.run = compile_better;
   background_start(&v->job);
}

static bool
find_cached(struct variant *v)
{
   struct cache_key key = cache_key_of(v->func->f, &v->opt, module_tag());
   v->back = &back_simd_ops;
   v->kernel = cached_kernel(v->func->f, &key);
   return v->kernel != NULL;
}

/* The interpreter's kernel, where that may begin and nothing better is at hand. */
static bool
begin_quick(struct variant *v)
{
   struct back_func *bf = v->func;
   if (settings.tier == TIER_VECTOR || settings.back != WANT_AUTO ||
       v->opt.force_mode >= 0 || settings.seed || v->opt.cooperative || bf->declined ||
       !back_simd() || !tier_may_begin_quick(bf->f))
      return false;
   if (settings.tier == TIER_AUTO && find_cached(v))
      return true;
   struct diag unheard;
   diag_init(&unheard);
   v->back = &back_interp;
   v->kernel = back_interp.compile(bf->f, &v->opt, &unheard);
   diag_finish(&unheard);
   /* A process that ends, or a child of fork, is served without LLVM. */
   if (v->kernel && settings.tier == TIER_AUTO) {
      v->kernel->upgrade = &v->upgrade;
      v->next_level = tier_is_large(bf->size) ? 0 : 1;
      start_better(v);
   }
   return v->kernel != NULL;
}

/* Code that is soon there, where good code takes long. That is made when the kernel is
 * launched again: what runs once is not worth seconds of compilation. */
static bool
begin_with_quick_code(struct variant *v)
{
   struct back_func *bf = v->func;
   if (settings.tier != TIER_AUTO || settings.back == WANT_INTERP || bf->declined ||
       !back_simd() || !v->opt.opt_level || !tier_is_large(bf->size))
      return false;
   if (find_cached(v))
      return true;
   struct back_options o = v->opt;
   struct diag unheard;
   diag_init(&unheard);
   o.opt_level = 0;
   v->kernel = compile_simd(bf, &o, &unheard);
   diag_finish(&unheard);
   if (v->kernel) {
      v->kernel->upgrade = &v->upgrade;
      v->next_level = 1;
   }
   return v->kernel != NULL;
}

static struct variant *
find_variant(struct back_func *bf, const struct back_options *o)
{
   for (size_t i = 0; i < bf->variants.len; i++)
      if (!memcmp(&bf->variants.data[i]->opt, o, sizeof *o))
         return bf->variants.data[i];
   return NULL;
}

/* The code for large launches, or that for others, serves both. */
static bool
begin_with_other(struct variant *v)
{
   struct back_options o = v->opt;
   o.large = !o.large;
   bool may = settings.tier == TIER_AUTO && settings.back == WANT_AUTO &&
              o.force_mode < 0 && !settings.seed && !v->func->declined;
   const struct variant *other = may ? find_variant(v->func, &o) : NULL;
   if (!other || find_cached(v))
      return other != NULL;
   const struct exec_kernel *to = __atomic_load_n(&other->upgrade.to, __ATOMIC_ACQUIRE);
   v->lent = to ? *to : *other->kernel;
   v->lent.upgrade = &v->upgrade;
   v->kernel = &v->lent;
   v->next_level = 1;
   start_better(v);
   return true;
}

static struct variant *
make_variant(struct back_func *bf, const struct back_options *o, struct diag *d)
{
   struct variant *v = base_calloc(1, sizeof *v);
   bf->began = bf->began ? bf->began : base_now_ns();
   v->opt = *o;
   v->func = bf;
   v->next_level = LEVELS;
   bf->wants_module = false;
   if (!begin_with_other(v) && !begin_quick(v) && !begin_with_quick_code(v) &&
       !bf->wants_module)
      v->kernel = compile(bf, o, settings.back, &v->back, d);
   if (!v->kernel) {
      if (!bf->wants_module)
         bf->began = 0;
      base_free(v);
      return NULL;
   }
   if (v->kernel != &v->lent)
      tell(bf, v->kernel, v->next_level == 1 && v->back == &back_simd_ops ? 0 : 1,
           bf->began);
   bf->began = 0;
   vec_push(&bf->variants, v);
   return v;
}

/* What the variant begins with and what has taken over both serve these arguments. */
static bool
takes_all(const struct variant *v, const uint8_t *params)
{
   const struct exec_kernel *to = __atomic_load_n(&v->upgrade.to, __ATOMIC_ACQUIRE);
   return exec_takes(v->kernel, params) && (!to || exec_takes(to, params));
}

/* Variants for launches as large as o says. */
static size_t
count_alike(const struct back_func *bf, const struct back_options *o)
{
   size_t n = 0;
   for (size_t i = 0; i < bf->variants.len; i++)
      n += bf->variants.data[i]->opt.large == o->large;
   return n;
}

static struct variant *
get_variant(struct back_func *bf, struct back_options *o, struct diag *d)
{
   struct variant *v = find_variant(bf, o);
   if (!v && count_alike(bf, o) >= MAX_SHAPES) {
      memset(o->block, 0, sizeof o->block);
      o->large = false;
      v = find_variant(bf, o);
   }
   if (!v)
      return make_variant(bf, o, d);
   start_better(v);
   return v;
}

/* Sets o->any_arguments where params need that. */
static struct variant *
get_taking(struct back_func *bf, struct back_options *o, const uint8_t *params,
           struct diag *d)
{
   struct variant *v = get_variant(bf, o, d);
   if (v && !takes_all(v, params)) {
      o->any_arguments = true;
      v = get_variant(bf, o, d);
   }
   return v;
}

const struct exec_kernel *
back_func_get(struct back_func *bf, const struct back_options *opt, const uint8_t *params,
              struct diag *d)
{
   if (!check_settings(d))
      return NULL;
   struct back_options o;
   memset(&o, 0, sizeof o); /* padding too, as it is compared */
   memcpy(o.block, opt->block, sizeof o.block);
   o.force_mode = settings.mode >= 0 ? settings.mode : opt->force_mode;
   o.lanes = settings.lanes ? settings.lanes : opt->lanes;
   o.warps = settings.warps ? settings.warps : opt->warps;
   o.cooperative = opt->cooperative;
   o.small_grid = opt->small_grid;
   o.large = opt->large && settings.back != WANT_INTERP;
   o.any_arguments = opt->any_arguments || !params;
   o.opt_level = opt->opt_level;
   pthread_mutex_lock(&bf->lock);
   struct variant *v = get_taking(bf, &o, params, d);
   while (!v && bf->wants_module) {
      pthread_mutex_unlock(&bf->lock);
      module_load();
      pthread_mutex_lock(&bf->lock);
      v = get_taking(bf, &o, params, d);
   }
   const struct exec_kernel *k = v ? exec_newest(v->kernel, params) : NULL;
   bool improves = v && v->kernel->upgrade;
   pthread_mutex_unlock(&bf->lock);
   if (improves) {
      background_wait_at_exit();
      background_resume();
   }
   return k;
}

bool
back_check_func(const struct ir_func *f, struct diag *d)
{
   size_t errors = d->errors;
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (i->op >= ISA_PHI || isa_form(i->mods.form)->executable)
            continue;
         char text[128];
         isa_print((enum isa_op)i->op, &i->mods, text, sizeof text);
         diag_error(d, i->loc, "not-executable", "%s is not executable yet", text);
      }
   }
   return d->errors == errors;
}
