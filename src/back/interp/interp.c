/* SPDX-License-Identifier: Apache-2.0
 * The interpreter as a back end: every executable instruction, one fiber a thread. It
 * runs register form as the parser made it, so it shares no pass with the JIT and can be
 * its oracle. */
#include "interp_priv.h"

/* Local memory of a thread whose depth of calls is not known; a setting, as recursion has
 * no bound. Pages that are never touched cost nothing. */
#define UNBOUNDED_STACK_BYTES (256u << 10)
#define MAX_STACK_BYTES (1u << 30)

/* The loop and the services it calls; the interpreted calls' frames are elsewhere. */
#define NATIVE_STACK_BYTES (64u << 10)

struct ifunc *
interp_func(struct ikernel *k, const struct ir_func *ir)
{
   struct ifunc *f = map_find_n(k->by_ir, &ir, sizeof ir);
   if (f)
      return f;
   f = arena_new(k->arena, struct ifunc);
   f->ir = ir;
   f->kernel = k;
   map_set_n(k->by_ir, &ir, sizeof ir, f);
   vec_push(&k->funcs, f);
   return f;
}

/* The handle is the address of the symbol's function, which may be an alias. */
static void
add_target(struct ikernel *k, const struct ir_sym *s)
{
   const struct ir_func *f = s ? s->func : NULL;
   if (f && f->alias) {
      const struct ir_func *body = f->alias;
      if (body->first_block)
         map_set_n(k->by_ir, &f, sizeof f, interp_func(k, body));
   } else if (f && f->first_block && !f->is_kernel) {
      interp_func(k, f);
   }
}

const struct ifunc *
interp_find(const struct ikernel *k, const void *handle)
{
   return map_find_n(k->by_ir, &handle, sizeof handle);
}

/* What an indirect call may reach: every function whose address the module takes. */
static void
add_address_taken(struct ikernel *k)
{
   const struct ir_module *m = k->module;
   for (size_t i = 0; i < m->syms.len; i++)
      for (uint32_t r = 0; r < m->syms.data[i]->nrelocs; r++)
         add_target(k, m->syms.data[i]->relocs[r].sym);
   for (size_t n = 0; n < m->funcs.len; n++)
      ir_foreach_block (b, m->funcs.data[n])
         ir_foreach_inst (i, b)
            if (i->op == ISA_ADDR)
               add_target(k, i->sym);
}

#define FRAME_SLACK 128u /* alignment of each frame */

/* Bytes of local memory below a call of f, cycles cut. */
static uint32_t
depth_of(struct ikernel *k, struct ifunc *f)
{
   if (f->visit == 2)
      return f->depth_bytes;
   if (f->visit == 1) {
      k->unbounded = true;
      return 0;
   }
   f->visit = 1;
   uint32_t below = 0;
   for (uint32_t i = 0; i < f->ncode; i++)
      if (f->code[i].fn == op_call) {
         uint32_t n = depth_of(k, (struct ifunc *)f->code[i].callee);
         below = MAX2(below, n);
      }
   f->visit = 2;
   f->depth_bytes = f->frame_bytes + FRAME_SLACK + below;
   return f->depth_bytes;
}

static void
destroy(struct exec_kernel *kernel)
{
   struct ikernel *k = (struct ikernel *)kernel;
   if (!k)
      return;
   vec_finish(&k->funcs);
   map_destroy(k->by_ir);
   arena_destroy(k->arena);
   base_free(k);
}

static struct exec_kernel *
compile(struct ir_func *kernel, const struct back_options *opt, struct diag *d)
{
   struct ikernel *k = base_calloc(1, sizeof *k);
   k->arena = arena_create();
   k->module = kernel->module;
   k->by_ir = map_create();
   k->entry = interp_func(k, kernel);
   bool ok = opt->force_mode < 0 || opt->force_mode == EXEC_THREAD_FIBER;
   if (!ok)
      diag_error(d, kernel->loc, "back-mode",
                 "the interpreter runs kernels in mode thread only");
   for (size_t i = 0; ok && i < k->funcs.len; i++) { /* grows as calls are met */
      bool before = k->unbounded;
      ok = interp_decode(k, k->funcs.data[i], d);
      if (k->unbounded && !before)
         add_address_taken(k);
   }
   if (!ok) {
      destroy(&k->k);
      return NULL;
   }
   uint32_t local = depth_of(k, k->entry);
   if (k->unbounded) {
      uint64_t stack = base_getenv_size("KASURI_STACK", UNBOUNDED_STACK_BYTES);
      local += (uint32_t)MIN2(stack, MAX_STACK_BYTES);
   }
   k->k = (struct exec_kernel){.name = kernel->name,
                               .mode = EXEC_THREAD_FIBER,
                               .entry = interp_entry,
                               .impl = k,
                               .shared_bytes = kernel->shared_bytes,
                               .local_bytes = local,
                               .stack_bytes = NATIVE_STACK_BYTES,
                               .num_regs = MIN2(255u, k->entry->reg_bytes / SLOT),
                               .back_name = "interp"};
   return &k->k;
}

const struct back back_interp = {"interp", compile, destroy};
