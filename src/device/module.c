/* SPDX-License-Identifier: Apache-2.0
 * Modules: PTX texts parsed, linked, given memory for their variables, and asked for
 * functions. Kernels are compiled at their first launch. */
#include "device_priv.h"
#include "ptx/ptx.h"

#include <string.h>

/* Variables up to this size share allocations: modules hold thousands of small strings.
 */
#define PACKED_MAX 4096
#define PACK_ALIGN 32

struct device_func {
   struct device_module *module;
   struct ir_func *ir;
   struct back_func *back;
   uint32_t max_dynamic;
   int polls; /* 1 yes, 2 no, 0 not looked at yet */
   bool refused;
   uint32_t pace; /* see func_pace */
   uint32_t launches;
};

struct device_module {
   struct device_ctx *ctx;
   VEC(struct ir_module *) parts; /* [0] holds everything, see link.c */
   VEC(struct device_func *) funcs;
   struct map *by_name;
   VEC(void *) memory;
   pthread_mutex_t lock; /* of lazy back_func_create */
};

/* Devices with a profile refuse what is made for later ones, as the card's driver does;
 * the native device runs whatever its back ends can. */
static bool
targets_fit(const struct device_module *m, struct diag *d)
{
   const struct device_props *p = m->ctx->props;
   for (size_t i = 0; p->strict && i < m->parts.len; i++) {
      const struct ir_module *t = m->parts.data[i];
      bool fits = t->sm <= p->sm && (t->sm_suffix != 'a' || t->sm == p->sm) &&
                  (t->sm_suffix != 'f' || t->sm / 10 == p->sm / 10);
      if (fits)
         continue;
      diag_error(d, ((struct src_loc){0}), "module-target",
                 "PTX for sm_%u%.1s cannot be compiled for this device's sm_%u (%s)",
                 t->sm, &t->sm_suffix, p->sm, p->name);
      return false;
   }
   return true;
}

static bool
parse_all(struct device_module *m, const struct device_text *t, size_t n, struct diag *d)
{
   size_t before = d->errors;
   for (size_t i = 0; i < n; i++) {
      struct ir_module *p = ptx_parse(t[i].text, t[i].size, t[i].name, d);
      if (p)
         vec_push(&m->parts, p);
   }
   if (d->errors != before || m->parts.len != n || !n || !targets_fit(m, d))
      return false;
   return n == 1 || ir_link(m->parts.data, n, d);
}

/* What no module defines has no place; clang leaves such declarations unused. */
static bool
in_memory(const struct ir_sym *s)
{
   return !s->func && (s->space == ISA_GLOBAL || s->space == ISA_CONST) &&
          s->linkage != IR_EXTERN;
}

static void *
take(struct device_module *m, size_t size, uint32_t kind, struct diag *d,
     const struct ir_sym *s)
{
   void *p;
   if (device_mem_alloc(size ? size : 1, kind, 0, m->ctx, &p) != DEVICE_OK) {
      diag_error(d, s->loc, "module-memory", "no device memory for '%s': %zu bytes",
                 s->name, size);
      return NULL;
   }
   vec_push(&m->memory, p);
   return p;
}

/* A call of a missing function fails when its kernel is compiled: others may run. */
static void
report_undefined(void *user, const char *name, struct src_loc loc, bool is_function)
{
   struct diag *d = user;
   if (!is_function)
      diag_error(d, loc, "link-undefined", "variable '%s' is defined in no module", name);
}

/* Addresses for the variables; those in functions (static locals) are module symbols. */
static bool
place_variables(struct device_module *m, struct diag *d)
{
   const struct ir_module *ir = m->parts.data[0];
   bool open = false;
   uint64_t packed = 0, align_max = PACK_ALIGN;
   const struct ir_sym *first = NULL;
   for (size_t i = 0; i < ir->syms.len; i++) {
      struct ir_sym *s = ir->syms.data[i];
      open |= s->linkage == IR_EXTERN;
      if (!in_memory(s))
         continue;
      if (s->managed || s->size > PACKED_MAX || s->align > 256) {
         void *p =
            take(m, s->size, s->managed ? DEVICE_MEM_MANAGED : DEVICE_MEM_GLOBAL, d, s);
         s->address = (uintptr_t)p;
         continue;
      }
      uint64_t align = MAX2(s->align, PACK_ALIGN);
      align_max = MAX2(align_max, align);
      packed = ALIGN_UP(packed, align);
      s->address = packed; /* an offset for now */
      packed += MAX2(s->size, 1);
      first = first ? first : s;
   }
   if (open)
      ir_undefined(ir, report_undefined, d);
   if (d->errors)
      return false;
   uint8_t *base = first ? take(m, packed, DEVICE_MEM_GLOBAL, d, first) : NULL;
   if (first && !base)
      return false;
   for (size_t i = 0; i < ir->syms.len; i++) {
      struct ir_sym *s = ir->syms.data[i];
      if (s->func)
         s->address = (uintptr_t)s->func;
      else if (in_memory(s) && !(s->managed || s->size > PACKED_MAX || s->align > 256))
         s->address += (uintptr_t)base;
   }
   return true;
}

static void
apply_reloc(uint8_t *at, const struct ir_reloc *r)
{
   uint64_t v = r->sym->func ? (uintptr_t)r->sym->func : r->sym->address;
   v = (v + (uint64_t)r->addend) >> r->shift;
   memcpy(at + r->offset, &v, MIN2(r->bytes, sizeof v));
}

static void
initialise(const struct ir_module *ir)
{
   for (size_t i = 0; i < ir->syms.len; i++) {
      const struct ir_sym *s = ir->syms.data[i];
      if (!in_memory(s))
         continue;
      uint8_t *p = (uint8_t *)(uintptr_t)s->address;
      if (s->init)
         memcpy(p, s->init, s->size);
      else
         memset(p, 0, s->size);
      for (uint32_t r = 0; r < s->nrelocs; r++)
         if (s->relocs[r].offset + s->relocs[r].bytes <= s->size)
            apply_reloc(p, &s->relocs[r]);
   }
}

static void
list_kernels(struct device_module *m)
{
   const struct ir_module *ir = m->parts.data[0];
   m->by_name = map_create();
   for (size_t i = 0; i < ir->funcs.len; i++) {
      struct ir_func *f = ir->funcs.data[i];
      if (!f->is_kernel || !f->first_block || map_find(m->by_name, f->name))
         continue;
      struct device_func *df = base_calloc(1, sizeof *df);
      df->module = m;
      df->ir = f;
      df->max_dynamic = m->ctx->props->shared_per_block;
      df->max_dynamic -= MIN2(df->max_dynamic, f->shared_bytes);
      vec_push(&m->funcs, df);
      map_set(m->by_name, f->name, df);
   }
}

struct device_module *
device_module_load(struct device_ctx *c, const struct device_text *t, size_t n,
                   struct diag *d)
{
   struct device_module *m = base_calloc(1, sizeof *m);
   m->ctx = c;
   pthread_mutex_init(&m->lock, NULL);
   if (!parse_all(m, t, n, d) || !place_variables(m, d)) {
      device_module_destroy(m);
      return NULL;
   }
   initialise(m->parts.data[0]);
   list_kernels(m);
   return m;
}

void
device_module_destroy(struct device_module *m)
{
   if (!m)
      return;
   for (size_t i = 0; i < m->funcs.len; i++) {
      back_func_destroy(m->funcs.data[i]->back);
      base_free(m->funcs.data[i]);
   }
   vec_finish(&m->funcs);
   map_destroy(m->by_name);
   for (size_t i = 0; i < m->memory.len; i++)
      (void)!device_mem_free(m->memory.data[i], DEVICE_MEM_GLOBAL | DEVICE_MEM_MANAGED);
   vec_finish(&m->memory);
   for (size_t i = 0; i < m->parts.len; i++)
      ir_module_destroy(m->parts.data[i]);
   vec_finish(&m->parts);
   pthread_mutex_destroy(&m->lock);
   base_free(m);
}

struct device_func *
device_module_func(struct device_module *m, const char *name)
{
   return map_find(m->by_name, name);
}

size_t
device_module_func_count(const struct device_module *m)
{
   return m->funcs.len;
}

struct device_func *
device_module_func_at(const struct device_module *m, size_t i)
{
   return m->funcs.data[i];
}

bool
device_module_global(struct device_module *m, const char *name, void **p, size_t *size,
                     bool *managed)
{
   const struct ir_sym *s = map_find(m->parts.data[0]->sym_map, name);
   if (!s || !in_memory(s))
      return false;
   *p = (void *)(uintptr_t)s->address;
   *size = s->size;
   *managed = s->managed;
   return true;
}

enum device_status
device_module_bind(struct device_module *m, const char *name, void *storage)
{
   const struct ir_module *ir = m->parts.data[0];
   struct ir_sym *s = map_find(ir->sym_map, name);
   if (!s || !in_memory(s))
      return DEVICE_INVALID_VALUE;
   struct device_alloc known, a = {.base = (uintptr_t)storage,
                                   .size = MAX2(s->size, 1),
                                   .kind = DEVICE_MEM_MANAGED,
                                   .device = m->ctx->index,
                                   .owner = m->ctx};
   /* Every context's module shares the storage; the first one answers for it, and kernels
    * may have changed it when the others come. */
   bool shared = device_mem_find(storage, &known) && known.kind == DEVICE_MEM_MANAGED &&
                 known.base == a.base && known.size >= s->size;
   enum device_status st = shared ? DEVICE_OK : device_mem_add(&a);
   if (st != DEVICE_OK)
      return st;
   if (!shared) {
      vec_push(&m->memory, storage);
      memcpy(storage, (const void *)(uintptr_t)s->address, s->size);
   }
   s->address = (uintptr_t)storage;
   s->managed = true;
   /* Variables whose initial value is its address. */
   for (size_t i = 0; i < ir->syms.len; i++) {
      const struct ir_sym *t = ir->syms.data[i];
      for (uint32_t r = 0; in_memory(t) && r < t->nrelocs; r++)
         if (t->relocs[r].sym == s && t->relocs[r].offset + t->relocs[r].bytes <= t->size)
            apply_reloc((uint8_t *)(uintptr_t)t->address, &t->relocs[r]);
   }
   return DEVICE_OK;
}

struct device_ctx *
device_module_ctx(const struct device_module *m)
{
   return m->ctx;
}

const struct device_props *
device_func_props(const struct device_func *f)
{
   return f->module->ctx->props;
}

const char *
device_func_name(const struct device_func *f)
{
   return f->ir->name;
}

const struct ir_func *
device_func_ir(const struct device_func *f)
{
   return f->ir;
}

struct device_module *
device_func_module(const struct device_func *f)
{
   return f->module;
}

struct back_func *
func_back(struct device_func *f)
{
   struct back_func *b = __atomic_load_n(&f->back, __ATOMIC_ACQUIRE);
   if (b)
      return b;
   pthread_mutex_lock(&f->module->lock);
   if (!f->back)
      __atomic_store_n(&f->back, back_func_create(f->ir), __ATOMIC_RELEASE);
   pthread_mutex_unlock(&f->module->lock);
   return f->back;
}

bool
func_refused_before(struct device_func *f)
{
   return __atomic_exchange_n(&f->refused, true, __ATOMIC_RELAXED);
}

bool
func_polls(struct device_func *f)
{
   int known = __atomic_load_n(&f->polls, __ATOMIC_RELAXED);
   if (!known) {
      known = kernel_polls(f->ir) ? 1 : 2;
      __atomic_store_n(&f->polls, known, __ATOMIC_RELAXED);
   }
   return known == 1;
}

uint64_t
func_pace(const struct device_func *f)
{
   return __atomic_load_n(&f->pace, __ATOMIC_RELAXED);
}

/* A worker that lost its processor meanwhile must not count for much. */
void
func_set_pace(struct device_func *f, uint64_t ps)
{
   uint64_t old = func_pace(f), now = MIN2(MAX2(ps, 1), (uint64_t)UINT32_MAX);
   if (old && now > old)
      now = old + (MIN2(now, 4 * old) - old + 7) / 8;
   __atomic_store_n(&f->pace, (uint32_t)now, __ATOMIC_RELAXED);
}

uint32_t
func_launches(struct device_func *f)
{
   return f->launches++;
}

static uint32_t
product(const uint32_t v[3])
{
   return v[0] ? v[0] * MAX2(v[1], 1) * MAX2(v[2], 1) : 0;
}

/* Registers and local memory before compilation: the sizes the PTX states, with 32
 * registers where it says nothing, which no occupancy limit turns on. */
void
device_func_info(struct device_func *f, struct device_func_info *info)
{
   const struct ir_func *ir = f->ir;
   const struct ir_module *m = f->module->parts.data[0];
   uint32_t bound = product(ir->reqntid) ? product(ir->reqntid) : product(ir->maxntid);
   uint32_t max = f->module->ctx->props->max_threads;
   *info = (struct device_func_info){
      .shared_bytes = ir->shared_bytes,
      .local_bytes = ir->local_bytes,
      .regs = ir->maxnreg ? ir->maxnreg : 32,
      .max_threads = bound && bound < max ? bound : max,
      .ptx_version = m->ptx_major * 10u + m->ptx_minor,
      .sm = m->sm,
   };
   for (size_t i = 0; i < m->syms.len; i++)
      if (m->syms.data[i]->space == ISA_CONST && !m->syms.data[i]->func)
         info->const_bytes += (uint32_t)m->syms.data[i]->size;
}

enum device_status
device_func_set_max_dynamic(struct device_func *f, uint32_t bytes)
{
   if ((uint64_t)bytes + f->ir->shared_bytes > f->module->ctx->props->shared_optin)
      return DEVICE_INVALID_VALUE;
   f->max_dynamic = bytes;
   return DEVICE_OK;
}

uint32_t
device_func_max_dynamic(const struct device_func *f)
{
   return f->max_dynamic;
}
