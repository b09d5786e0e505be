/* SPDX-License-Identifier: Apache-2.0
 * One kernel's way through the vectorising back end: passes, analyses, the mode,
 * emission, machine code. The module's one export; back.c loads it on demand. */
#include <stddef.h>
#include <string.h>

#include "back/simd/emit.h"
#include "back/simd/few.h"
#include "back/simd/rounds.h"
#include "back/simd/owed.h"
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
   e->sym_index = map_create();
   e->families = map_create();
   e->temps = map_create();
   e->called_fns = map_create();
}

static void
create_tables(struct emit *e)
{
   uint32_t values = e->f->value_count, blocks = e->g->n;
   e->slots = arena_array(e->a, struct emit_slot, values);
   e->cache = arena_array(e->a, struct emit_cached, values);
   e->raw_nan = arena_array(e->a, uint8_t, values);
   e->seen_bits = arena_array(e->a, uint8_t, values);
   e->hidden_bits = arena_array(e->a, uint8_t, values);
   e->phi_slots = arena_array(e->a, struct emit_var *, values);
   e->mask_slots = arena_array(e->a, struct emit_var *, blocks);
   e->nodes = arena_array(e->a, struct emit_node *, blocks);
   e->deferred = arena_array(e->a, struct bitset, blocks);
   e->stream = NULL;
   e->past = NULL;
   e->few_bits = NULL;
   e->epoch = 0;
   e->lane = -1;
   map_destroy(e->grouped);
   map_destroy(e->global);
   e->grouped = map_create();
   e->global = map_create();
   e->ctx = LLVMGetParam(e->fn, 0);
   e->entry = emit_new_block(e, "entry");
   order_find_numbers(e);
   emit_find_raw_nans(e);
   emit_find_few(e);
}

static void
finish(struct emit *e)
{
   rounds_finish(e);
   target_finish(e);
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
   map_destroy(e->temps);
   map_destroy(e->called_fns);
   map_destroy(e->grouped);
   map_destroy(e->global);
   vec_finish(&e->called);
   for (size_t i = 0; i < e->serial.len; i++)
      ir_func_destroy(e->serial.data[i]);
   vec_finish(&e->serial);
   arena_destroy(e->a);
}

/* Whether a kernel may run in the mode that was asked for. */
static bool
apply_forced_mode(struct emit *e, struct mode_choice *m)
{
   int want = e->opt->force_mode;
   if (want < 0 || want == (int)m->mode || (want == EXEC_PLAIN && m->rounds))
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
   config->small_grid = e->opt->small_grid;
   e->width = width;
   e->l = lanes_compute(e->f, e->g, config, e->a);
}

/* Value times block count up to which liveness is worth its memory (a bit each, twice).
 */
#define LIVENESS_LIMIT (64u << 20)

/* Room for frames of calls whose depth is not known; pages that are never touched cost
 * nothing. */
#define CALL_LOCAL_BYTES (256u << 10)

/* What cudaFuncGetAttributes reports: 32-bit registers, if this were a GPU's kernel. */
static uint32_t
registers(struct emit *e)
{
   uint64_t cells = (uint64_t)e->f->value_count * e->g->n;
   if (cells > LIVENESS_LIMIT)
      return 255;
   return MIN2(MAX2(liveness_compute(e->f, e->g, e->a)->most + 8, 16u), 255u);
}

static void
fill_object(struct emit *e, struct back_object *out)
{
   out->mode = e->mode;
   out->local_bytes = (uint32_t)ALIGN_UP(e->f->local_bytes, 16u);
   out->stack_bytes = stack_bytes(e);
   if (e->called.len || e->grows)
      out->local_bytes += CALL_LOCAL_BYTES;
   out->frame_bytes = rounds_frame_bytes(e);
   out->num_regs = registers(e);
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
   struct cfg *g = e->g;
   for (size_t k = 0; k < e->called.len; k++) {
      struct ir_func *f = e->called.data[k];
      e->fn = map_find_n(e->called_fns, &f, sizeof f);
      e->f = ir_func_clone(f, f->name);
      if (pass_run_all(e->f, e->d)) {
         e->g = cfg_compute(e->f, e->a);
         alignment_mark(e->f, e->g, false, e->a);
         analyse(e, config, 1);
         create_tables(e);
         e->params = NULL;
         e->frame = LLVMGetParam(e->fn, 1);
         emit_body(e);
         vec_finish(&e->g->loops);
      }
      ir_func_destroy(e->f);
   }
   e->f = kernel;
   e->g = g;
   e->fn = e->kernel_fn;
}

/* The lanes' way through what serial.c took out, for both functions of a warp. */
static void
emit_serial(struct emit *e, struct lanes_config *config)
{
   struct emit kernel = *e;
   for (size_t k = 0; k < e->serial.len; k++) {
      struct ir_func *f = e->serial.data[k];
      e->fn = map_find_n(e->called_fns, &f, sizeof f);
      e->f = f;
      e->g = cfg_compute(f, e->a);
      config->assume = e->assume = NULL;
      config->tested = NULL;
      analyse(e, config, 1);
      create_tables(e);
      e->rounds = NULL;
      e->params = e->warp = e->ctaid_x = e->frame = e->entry_mask = e->call_at = NULL;
      emit_body(e);
      vec_finish(&e->g->loops);
   }
   e->f = kernel.f;
   e->g = kernel.g;
   e->fn = kernel.fn;
   e->l = kernel.l;
   e->width = config->width = kernel.width;
   e->rounds = kernel.rounds;
}

static bool
needs_one_block(const struct ir_func *f)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if ((i->op == ISA_CALL && !(i->callee && i->callee->outlined)) ||
             i->op == ISA_TRAP)
            return true;
         /* It goes with %ctaid where there are no clusters, but only that is kept right.
          */
         if (i->op == ISA_SREG && i->mods.extra == ISA_SREG_CLUSTERID_X)
            return true;
      }
   }
   return false;
}

static bool
is_one_warp(const struct emit *e)
{
   const uint32_t *n = e->opt->block;
   return n[0] && n[0] * n[1] * n[2] <= e->width;
}

/* Whether one call can run all warps of a block. */
static bool
runs_block(const struct emit *e, unsigned width)
{
   return e->mode == EXEC_PLAIN && e->opt->block[0] && !needs_one_block(e->f) &&
          lanes_tid_is_regular(e->opt->block, width);
}

/* Whether a function of its own for warps without masks is worth the time it takes. */
static bool
affords_full(const struct emit *e)
{
   return e->opt->opt_level && e->f->value_count < TARGET_LARGE_KERNEL;
}

/* By block id: whether all lanes are there that pass the guards. */
static const bool *
find_guarded(struct emit *e, struct lanes_config *config, const bool *guards)
{
   bool *guarded = arena_array(e->a, bool, e->g->n);
   config->assume = guards;
   const struct lanes *l = lanes_compute(e->f, e->g, config, e->a);
   config->assume = NULL;
   for (uint32_t k = 0; k < e->g->n; k++)
      guarded[k] = !l->masked[k];
   return guarded;
}

static struct plan
make_plan(struct emit *e, struct lanes_config *config)
{
   struct plan p = {.threads = e->opt->block[0] * e->opt->block[1] * e->opt->block[2]};
   if (e->width == 1)
      return p;
   p.ragged = !p.threads || p.threads % e->width;
   p.whole_block = runs_block(e, e->width);
   p.rows = p.whole_block ? grid_rows(e) : 1;
   p.guards = arena_array(e->a, bool, e->g->n);
   p.tested = arena_array(e->a, uint8_t, e->f->value_count);
   if (!affords_full(e))
      return p;
   p.nguards = lanes_find_guards(e->g, e->l, p.guards);
   if (p.nguards)
      p.guarded = find_guarded(e, config, p.guards);
   if (e->rounds && e->rounds->pauses && pause_by_planes(e)) { /* all take turns alike */
      memset(p.guards, 0, e->g->n * sizeof(bool));
      p.nguards = 0;
   }
   /* Worth a second function only where a test at each access does not do, or its outcome
    * and what it decides between would be kept while warps stop. */
   if (p.nguards || p.ragged || e->l->lost || e->rounds)
      p.ntested = lanes_find_widenings(e->g, e->l, p.tested);
   return p;
}

/* Parameters may be read before it is known whether anybody wants them, so that loops
 * need not read them again. */
static val
find_params(struct emit *e)
{
   val p = emit_ctx_field(e, offsetof(struct exec_ctx, params), e->ptr);
   const char *const says[] = {"dereferenceable", "align"};
   const uint64_t n[] = {MAX2(e->param_bytes, 1), EXEC_PARAMS_ALIGN};
   for (unsigned k = 0; k < 2; k++) {
      LLVMMetadataRef m = LLVMValueAsMetadata(emit_const(e, 64, n[k]));
      LLVMSetMetadata(p,
                      LLVMGetMDKindIDInContext(e->cx, says[k], (unsigned)strlen(says[k])),
                      LLVMMetadataAsValue(e->cx, LLVMMDNodeInContext2(e->cx, &m, 1)));
   }
   return p;
}

static void
emit_function(struct emit *e, struct lanes_config *config, const struct plan *p, val fn)
{
   config->assume = e->assume = fn == p->full && p->masked ? p->guards : NULL;
   config->tested = fn != p->masked && p->masked ? p->tested : NULL;
   e->instead = fn == p->full && p->edge ? p->edge : p->masked;
   e->gives_up = NULL;
   e->guarded = fn == p->edge || !p->nguards ? p->guarded : NULL;
   e->l = lanes_compute(e->f, e->g, config, e->a);
   e->fn = fn;
   create_tables(e);
   e->warp = !p->whole_block  ? NULL
             : is_one_warp(e) ? emit_const(e, 32, 0)
                              : LLVMGetParam(fn, 2);
   e->ctaid_x = p->whole_block ? LLVMGetParam(fn, e->rounds ? 4 : 3) : NULL;
   e->params = LLVMGetParam(fn, 1);
   e->call_at = e->call_bytes ? LLVMGetParam(fn, e->rounds ? 5 : 4) : NULL;
   e->entry_mask = fn != p->full && p->ragged ? e->ctx : NULL;
   e->frame = NULL;
   emit_body(e);
   e->guarded = NULL;
   alias_tell(e);
}

static void
store_place(struct emit *e, const struct warp_call *c, val next)
{
   if (c->frame)
      LLVMBuildStore(e->b, next, c->frame);
}

/* One warp, by the function that serves it. */
static void
call_one_warp(struct emit *e, const struct plan *p)
{
   struct warp_call c = {0};
   if (e->rounds) {
      c.frame = emit_ctx_field(e, offsetof(struct exec_ctx, frame), e->ptr);
      c.place = LLVMBuildLoad2(e->b, e->i32, c.frame, "");
   }
   if (!p->full || !p->ragged) {
      store_place(e, &c, emit_call_warp(e, p->full ? p->full : p->masked, &c));
      return;
   }
   LLVMBasicBlockRef yes = emit_new_block(e, "full"), no = emit_new_block(e, "short");
   LLVMBasicBlockRef done = emit_new_block(e, "done");
   val active = emit_ctx_field(e, offsetof(struct exec_ctx, active), e->i32);
   LLVMBuildCondBr(e->b, emit_are_all(e, active), yes, no);
   emit_at(e, yes);
   store_place(e, &c, emit_call_warp(e, p->full, &c));
   LLVMBuildBr(e->b, done);
   emit_at(e, no);
   store_place(e, &c, emit_call_warp(e, p->edge ? p->edge : p->masked, &c));
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
}

static void
emit_entry(struct emit *e, const struct plan *p)
{
   e->fn = e->kernel_fn;
   e->ctx = LLVMGetParam(e->fn, 0);
   e->entry = emit_new_block(e, "entry");
   LLVMBasicBlockRef body = emit_new_block(e, "body");
   emit_at(e, e->entry);
   e->entry_end = LLVMBuildBr(e->b, body);
   emit_at(e, body);
   e->params = find_params(e);
   e->call_at = NULL;
   if (e->call_bytes) {
      e->call_at = emit_alloca(e, LLVMArrayType(e->i8, e->call_bytes), "call");
      LLVMSetAlignment(e->call_at, 64);
   }
   owed_begin(e);
   runs_begin(e);
   if (p->whole_block)
      grid_loops(e, p);
   else
      call_one_warp(e, p);
   runs_settle(e);
   owed_settle(e);
   LLVMBuildRetVoid(e->b);
   alias_tell(e);
}

/* Of a kernel that gets `edge`: most time goes into the guards and accesses then. In line
 * with `full` a five-point stencil takes 0.75 of the time; loops would share registers.
 */
#define MOST_EDGE_VALUES 300

static bool
wants_edge(const struct emit *e, const struct plan *p)
{
   return p->full && p->nguards && p->ntested && p->whole_block && !e->rounds &&
          e->f->value_count <= MOST_EDGE_VALUES;
}

static void
emit_kernel(struct emit *e, struct lanes_config *config, struct plan *p)
{
   const char *inlining = e->opt->opt_level ? "alwaysinline" : "noinline";
   e->kernel_fn = emit_add_function(e, "kasuri_kernel", e->void_, &e->ptr, 1);
   if (p->ragged || p->nguards || p->ntested)
      p->masked = emit_add_warp_function(e, p, "masked", "noinline");
   if (!p->masked || p->nguards || p->ntested || affords_full(e))
      p->full = emit_add_warp_function(e, p, "full", inlining);
   if (wants_edge(e, p))
      p->edge =
         emit_add_warp_function(e, p, "edge", e->g->loops.len ? "noinline" : inlining);
   e->masked_fn = p->masked;
   if (p->full)
      emit_function(e, config, p, p->full);
   if (p->edge)
      emit_function(e, config, p, p->edge);
   if (p->masked)
      emit_function(e, config, p, p->masked);
   emit_called(e, config);
   emit_serial(e, config);
   emit_entry(e, p);
   emit_takes(e);
}

static bool
run_pass(struct emit *e, struct lanes_config *config, const char *name,
         analysed_pass_fn *run)
{
   bool changed, ok = pass_run_analysed(e->f, name, run, e->g, e->l, &changed, e->d);
   if (changed) {
      vec_finish(&e->g->loops);
      e->g = cfg_compute(e->f, e->a);
      analyse(e, config, e->width);
   }
   return ok;
}

/* Loops get iterations side by side. */
static bool
take_abreast(struct emit *e, struct lanes_config *config)
{
   bool many = target_has(e, "+avx512f");
   bool ok = run_pass(e, config, "abreast", many ? opt_abreast_four : opt_abreast_two);
   mode_choose(e->f, e->g, e->l);
   return ok;
}

/* Loops that lanes go through one after the other become functions. */
static void
take_out_serial_loops(struct emit *e, struct lanes_config *config)
{
   while (serial_find(e)) {
      vec_finish(&e->g->loops);
      e->g = cfg_compute(e->f, e->a);
      analyse(e, config, EXEC_WARP);
      mode_choose(e->f, e->g, e->l); /* says of each loop whether it polls */
   }
}

/* Barriers at which warps wait for all others of the block need no stacks to switch
 * between. A block of one warp never waits. Whether there may be such barriers. */
static bool
choose_rounds(struct emit *e, const struct mode_choice *m)
{
   int want = e->opt->force_mode;
   uint64_t cells = (uint64_t)e->f->value_count * e->g->n;
   if (e->mode != EXEC_WARP_FIBER || !m->rounds || cells > LIVENESS_LIMIT ||
       (want >= 0 && want != EXEC_PLAIN))
      return false;
   e->mode = EXEC_PLAIN;
   return true;
}

/* Loops get a copy without masks. Code will suppose that guards are passed. */
static void
take_agreed_loops(struct emit *e, struct lanes_config *config)
{
   bool any = false, *guards = arena_array(e->a, bool, e->g->n);
   for (size_t k = 0; k < e->g->loops.len; k++)
      any |= e->g->loops.data[k]->divergent;
   if (!any || e->f->value_count >= TARGET_LARGE_KERNEL)
      return;
   lanes_find_guards(e->g, e->l, guards);
   config->assume = guards;
   struct lanes *l = lanes_compute(e->f, e->g, config, e->a);
   config->assume = NULL;
   if (emit_take_agreed(e->f, e->g, l, e->d)) {
      vec_finish(&e->g->loops);
      e->g = cfg_compute(e->f, e->a);
   }
   analyse(e, config, e->width);
   mode_choose(e->f, e->g, e->l);
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
   sreg_settle(e.f, opt->block);
   e.param_bytes = kernel->param_bytes;
   struct lanes_config config = {0};
   struct mode_choice mode = {0};
   bool ok = pass_run_all(e.f, d);
   if (ok) {
      e.g = cfg_compute(e.f, e.a);
      analyse(&e, &config, EXEC_WARP);
      ok = run_pass(&e, &config, "versions", opt_versions) &&
           run_pass(&e, &config, "exchange", opt_exchange) &&
           run_pass(&e, &config, "addresses", opt_addresses);
   }
   if (ok) {
      e.needs = alignment_mark(e.f, e.g, !opt->any_arguments, e.a);
      if (emit_split_joins(e.f, e.g, e.l, e.a)) {
         vec_finish(&e.g->loops);
         e.g = cfg_compute(e.f, e.a);
         analyse(&e, &config, EXEC_WARP);
      }
      mode = mode_choose(e.f, e.g, e.l);
      ok = apply_forced_mode(&e, &mode);
      e.mode = mode.mode;
   }
   if (ok) {
      e.local_slots = e.mode != EXEC_THREAD_FIBER && slots_possible(e.f);
      if (e.mode == EXEC_THREAD_FIBER)
         analyse(&e, &config, 1);
      else
         take_out_serial_loops(&e, &config);
      bool stops = choose_rounds(&e, &mode);
      if (runs_block(&e, WIDTH_NARROW) && width_choose(&e) == WIDTH_NARROW)
         analyse(&e, &config, WIDTH_NARROW);
      if (e.mode != EXEC_THREAD_FIBER && opt->opt_level)
         take_agreed_loops(&e, &config);
      if (e.mode != EXEC_THREAD_FIBER && opt->opt_level)
         ok = take_abreast(&e, &config);
      if (runs_block(&e, e.width) && !is_one_warp(&e) && opt->opt_level)
         pause_find(&e);
      if ((stops && !is_one_warp(&e)) || e.pauses)
         rounds_create(&e);
      struct plan plan = make_plan(&e, &config);
      if (plan.whole_block && opt->opt_level)
         owed_find(&e), runs_find(&e);
      create_llvm(&e);
      emit_kernel(&e, &config, &plan);
      ok = d->errors == errors && target_compile(&e, &out->elf, &out->elf_size);
      out->whole_block = plan.whole_block;
      out->width = (uint8_t)e.width;
      out->together = (uint8_t)(e.rounds ? e.rounds->together : 1);
   }
   if (ok)
      fill_object(&e, out);
   if (e.g)
      vec_finish(&e.g->loops);
   struct ir_func *clone = e.f;
   finish(&e);
   ir_func_destroy(clone);
   return ok;
}
