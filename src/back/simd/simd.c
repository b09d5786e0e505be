/* SPDX-License-Identifier: Apache-2.0
 * One kernel's way through the vectorising back end: passes, analyses, the mode,
 * emission, machine code. The module's one export; back.c loads it on demand. */
#include <string.h>

#include "back/simd/emit.h"
#include "pass/pass.h"

static void
create_llvm(struct emit *e)
{
   e->cx = LLVMContextCreate();
   LLVMContextSetDiscardValueNames(e->cx, base_getenv("KASURI_PRINT_LLVM") == NULL);
   e->mod = LLVMModuleCreateWithNameInContext(e->f->name, e->cx);
   e->b = LLVMCreateBuilderInContext(e->cx);
   e->i1 = LLVMInt1TypeInContext(e->cx);
   e->i8 = LLVMInt8TypeInContext(e->cx);
   e->i16 = LLVMInt16TypeInContext(e->cx);
   e->i32 = LLVMInt32TypeInContext(e->cx);
   e->i64 = LLVMInt64TypeInContext(e->cx);
   e->i128 = LLVMInt128TypeInContext(e->cx);
   e->f32 = LLVMFloatTypeInContext(e->cx);
   e->f64 = LLVMDoubleTypeInContext(e->cx);
   e->ptr = LLVMPointerTypeInContext(e->cx, 0);
   e->void_ = LLVMVoidTypeInContext(e->cx);
   type params[1] = {e->ptr};
   type ft = LLVMFunctionType(e->void_, params, 1, false);
   e->fn = e->kernel_fn = LLVMAddFunction(e->mod, "kasuri_kernel", ft);
   LLVMSetVisibility(e->fn, LLVMHiddenVisibility);
   e->sym_index = map_create();
   e->families = map_create();
   e->called_fns = map_create();
}

static void
create_tables(struct emit *e)
{
   uint32_t values = e->f->value_count, blocks = e->g->n;
   e->slots = arena_array(e->a, struct emit_slot, values);
   e->cache = arena_array(e->a, struct emit_cached, values);
   e->raw_nan = arena_array(e->a, uint8_t, values);
   e->phi_slots = arena_array(e->a, val, values);
   e->mask_slots = arena_array(e->a, val, blocks);
   e->bbs = arena_array(e->a, LLVMBasicBlockRef, blocks);
   e->deferred = arena_array(e->a, struct bitset, blocks);
   e->epoch = 0;
   e->ctx = LLVMGetParam(e->fn, 0);
   e->entry = emit_new_block(e, "entry");
}

static void
finish(struct emit *e)
{
   if (e->cx) {
      LLVMDisposeBuilder(e->b);
      LLVMDisposeModule(e->mod);
      LLVMContextDispose(e->cx);
   }
   for (size_t i = 0; i < e->syms.len; i++)
      base_free(e->syms.data[i]);
   vec_finish(&e->syms);
   map_destroy(e->sym_index);
   map_destroy(e->families);
   map_destroy(e->called_fns);
   vec_finish(&e->called);
   arena_destroy(e->a);
}

/* Whether a kernel may run in the mode that was asked for. */
static bool
apply_forced_mode(struct emit *e, struct mode_choice *m)
{
   int want = e->opt->force_mode;
   if (want < 0 || want == (int)m->mode)
      return true;
   if (want < (int)m->mode) {
      static const char *const names[] = {"plain", "warp", "thread"};
      diag_error(e->d, m->loc, "simd-mode",
                 "%s cannot run in %s mode: %s; it needs %s mode", e->f->name,
                 names[want], m->why, names[m->mode]);
      return false;
   }
   m->mode = (enum exec_mode)want;
   return true;
}

static void
analyse(struct emit *e, struct lanes_config *config, unsigned width)
{
   config->width = width;
   memcpy(config->block, e->opt->block, sizeof config->block);
   e->width = width;
   e->l = lanes_compute(e->f, e->g, config, e->a);
}

/* Room for frames of calls whose depth is not known, and for their native frames; pages
 * that are never touched cost nothing. */
#define CALL_LOCAL_BYTES (256u << 10)
#define CALL_STACK_BYTES (2u << 20)

/* Native stack of one call: spills of 32-lane vectors, bounded by what is alive. */
static uint32_t
stack_estimate(const struct emit *e)
{
   uint64_t n = 64 * 1024 + (uint64_t)e->f->value_count * (e->width == 1 ? 16 : 128);
   return (uint32_t)ALIGN_UP(MIN2(n, (uint64_t)8 << 20), (uint64_t)4096);
}

static void
fill_object(struct emit *e, struct back_object *out)
{
   out->mode = e->mode;
   out->local_bytes = (uint32_t)ALIGN_UP(e->f->local_bytes, 16u);
   out->stack_bytes = stack_estimate(e);
   if (e->called.len) {
      out->local_bytes += CALL_LOCAL_BYTES;
      out->stack_bytes = CALL_STACK_BYTES;
   }
   out->num_regs = MIN2(16 + e->f->value_count / 8, 255u);
   out->nsyms = (uint32_t)e->syms.len;
   out->syms = e->syms.data;
   e->syms.data = NULL;
   e->syms.len = e->syms.cap = 0;
}

/* Functions that calls still lead to, each from its own clone; more may turn up. */
static void
emit_called(struct emit *e, struct lanes_config *config)
{
   struct ir_func *kernel = e->f;
   for (size_t k = 0; k < e->called.len; k++) {
      struct ir_func *f = e->called.data[k];
      e->fn = map_find_n(e->called_fns, &f, sizeof f);
      e->f = ir_func_clone(f, f->name);
      if (pass_run_all(e->f, e->d)) {
         e->g = cfg_compute(e->f, e->a);
         analyse(e, config, 1);
         create_tables(e);
         e->frame = LLVMGetParam(e->fn, 1);
         emit_find_raw_nans(e);
         emit_body(e);
         vec_finish(&e->g->loops);
      }
      ir_func_destroy(e->f);
   }
   e->f = kernel;
   e->fn = e->kernel_fn;
}

KASURI_EXPORT back_compile_fn kasuri_simd_compile;

bool
kasuri_simd_compile(struct ir_func *kernel, const struct back_options *opt,
                    struct back_object *out, struct diag *d)
{
   memset(out, 0, sizeof *out);
   struct emit e = {.opt = opt, .d = d, .a = arena_create()};
   size_t errors = d->errors;
   e.f = ir_func_clone(kernel, kernel->name);
   struct lanes_config config;
   struct cfg *kernel_cfg = NULL;
   bool ok = pass_run_all(e.f, d);
   if (ok) {
      e.g = kernel_cfg = cfg_compute(e.f, e.a);
      analyse(&e, &config, EXEC_WARP);
      struct mode_choice m = mode_choose(e.f, e.g, e.l);
      ok = apply_forced_mode(&e, &m);
      e.mode = m.mode;
      if (m.mode == EXEC_THREAD_FIBER)
         analyse(&e, &config, 1);
   }
   if (ok) {
      create_llvm(&e);
      create_tables(&e);
      uint32_t threads = opt->block[0] * opt->block[1] * opt->block[2];
      if (e.width > 1 && (!threads || threads % EXEC_WARP))
         e.entry_mask =
            e.ctx; /* any non-NULL value: the mask is read in the first block */
      emit_find_raw_nans(&e);
      emit_body(&e);
      emit_called(&e, &config);
      ok = d->errors == errors && target_compile(&e, &out->elf, &out->elf_size);
   }
   if (ok)
      fill_object(&e, out);
   struct ir_func *clone = e.f;
   if (kernel_cfg)
      vec_finish(&kernel_cfg->loops);
   finish(&e);
   ir_func_destroy(clone);
   return ok;
}
