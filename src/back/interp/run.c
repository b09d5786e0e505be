/* SPDX-License-Identifier: Apache-2.0
 * The interpreter's loop for one thread, and control flow: branches, calls with frames in
 * the thread's local memory, and the functions that PTX expects from the system. */
#include "interp_priv.h"

/* A loop that only reads memory plainly cannot count on seeing another thread's writes,
 * but programs do: such a loop lets others run after this many rounds. */
#define BACK_EDGES_PER_YIELD 65536u

#define FRAME_ALIGN 128u

static void
trap(struct ithread *t, enum exec_trap_reason why)
{
   t->ctx->svc->trap(t->ctx, why, t->ctx->line);
}

static void
enter(struct ithread *t, const struct ifunc *f)
{
   uint32_t at = ALIGN_UP(t->sp, FRAME_ALIGN);
   if (f->frame_bytes > t->limit || at > t->limit - f->frame_bytes)
      trap(t, EXEC_TRAP_STACK);
   t->func = f;
   t->base[0] = t->ctx->local + at;
   t->base[1] = f->pool;
   t->vars = at + f->vars_at;
   t->sp = at + f->frame_bytes;
   t->pc = f->code;
   memset(t->base[0], 0, f->reg_bytes);
}

static void
entry(struct exec_ctx *ctx)
{
   const struct ikernel *k = ctx->impl;
   struct ithread t = {.ctx = ctx, .kernel = k, .limit = k->k.local_bytes};
   enter(&t, k->entry);
   while (t.pc) {
      const struct iop *o = t.pc++;
      if (o->guard != NO_GUARD && get_pred(&t, o->guard) == o->negated)
         continue;
      ctx->line = o->line;
      o->fn(&t, o);
   }
}
exec_entry_fn *const interp_entry = entry;

static void
jump(struct ithread *t, const struct iop *o, uint32_t target)
{
   const struct iop *to = t->func->code + target;
   if (to <= o) {
      t->back_edges++;
      if (t->polled || t->back_edges >= BACK_EDGES_PER_YIELD) {
         t->polled = false;
         t->back_edges = 0;
         t->ctx->svc->yield(t->ctx, 0);
      }
   }
   t->pc = to;
}

void
op_bra(struct ithread *t, const struct iop *o)
{
   jump(t, o, o->target);
}

void
op_brx(struct ithread *t, const struct iop *o)
{
   uint32_t i = get32(t, o->s[0]);
   if (i >= o->inst->ntargets)
      trap(t, EXEC_TRAP_INSTRUCTION);
   jump(t, o, o->targets[i]);
}

void
op_nop(struct ithread *t, const struct iop *o)
{
   (void)t, (void)o;
}

void
op_exit(struct ithread *t, const struct iop *o)
{
   (void)o;
   t->pc = NULL;
}

void
op_trap(struct ithread *t, const struct iop *o)
{
   (void)o;
   trap(t, EXEC_TRAP_INSTRUCTION);
}

/* first: number of the first argument among the sources. */
static void
call(struct ithread *t, const struct iop *o, const struct ifunc *f, unsigned first)
{
   struct ilink link = {t->func, t->pc, t->base[0], t->sp, t->vars};
   uint8_t *caller = t->base[0], *pool = t->base[1];
   enter(t, f);
   memcpy(t->base[0], &link, sizeof link);
   for (uint32_t i = 0; i < f->ir->nargs && first + i < o->nsrc; i++) {
      iref r = o->list[o->ndst + first + i];
      memcpy(ref(t, f->args[i]), (r & 1 ? pool : caller) + (r >> 1), SLOT);
   }
}

void
op_call(struct ithread *t, const struct iop *o)
{
   call(t, o, o->callee, 0);
}

void
op_call_indirect(struct ithread *t, const struct iop *o)
{
   const struct ir_func *ir = (const struct ir_func *)(uintptr_t)get64(t, o->s[0]);
   const struct ifunc *f = interp_find(t->kernel, ir);
   if (!f)
      trap(t, EXEC_TRAP_ADDRESS);
   else
      call(t, o, f, 1);
}

void
op_ret(struct ithread *t, const struct iop *o)
{
   (void)o;
   struct ilink link;
   memcpy(&link, t->base[0], sizeof link);
   if (!link.func) {
      t->pc = NULL;
      return;
   }
   t->func = link.func;
   t->pc = link.pc;
   t->base[0] = link.frame;
   t->base[1] = link.func->pool;
   t->sp = link.sp;
   t->vars = link.vars;
}

/* -- Functions of the system: their parameters lie in the caller's .param variables. */
enum builtin { BUILTIN_NONE, VPRINTF, MALLOC, ALIGNED_MALLOC, FREE, ASSERTFAIL };

static enum builtin
builtin_of(const struct ir_func *f)
{
   static const struct {
      const char *name;
      enum builtin id;
      unsigned rets, params;
   } table[] = {{"vprintf", VPRINTF, 1, 2},
                {"malloc", MALLOC, 1, 1},
                {"__cuda_syscall_aligned_malloc", ALIGNED_MALLOC, 1, 2},
                {"free", FREE, 0, 1},
                {"__assertfail", ASSERTFAIL, 0, 5}};
   for (size_t i = 0; f->is_extern && i < ARRAY_LEN(table); i++)
      if (!strcmp(f->name, table[i].name) && f->nrets == table[i].rets &&
          f->nparams == table[i].params)
         return table[i].id;
   return BUILTIN_NONE;
}

bool
interp_is_builtin(const struct ir_func *f)
{
   return builtin_of(f) != BUILTIN_NONE;
}

static uint64_t
read_param(struct ithread *t, const struct iop *o, unsigned i, size_t size)
{
   uint64_t v = 0;
   memcpy(&v, interp_host_address(t, ISA_LOCAL, get_address(t, o, i), size), size);
   return v;
}

static void
write_param(struct ithread *t, const struct iop *o, unsigned i, uint64_t v, size_t size)
{
   memcpy(interp_host_address(t, ISA_LOCAL, get_address(t, o, i), size), &v, size);
}

void
op_call_builtin(struct ithread *t, const struct iop *o)
{
   struct exec_ctx *c = t->ctx;
   const struct exec_services *svc = c->svc;
   switch (builtin_of(o->inst->callee)) {
   case BUILTIN_NONE:
      trap(t, EXEC_TRAP_UNSUPPORTED);
      return;
   case VPRINTF: {
      const char *fmt = (const char *)(uintptr_t)read_param(t, o, 1, 8);
      const void *args = (const void *)(uintptr_t)read_param(t, o, 2, 8);
      write_param(t, o, 0, (uint32_t)svc->vprintf(c, c->lane, fmt, args), 4);
      return;
   }
   case MALLOC:
      write_param(t, o, 0,
                  (uintptr_t)svc->malloc(c, read_param(t, o, 1, 8), EXEC_HEAP_ALIGN), 8);
      return;
   case ALIGNED_MALLOC:
      write_param(
         t, o, 0,
         (uintptr_t)svc->malloc(c, read_param(t, o, 1, 8), read_param(t, o, 2, 8)), 8);
      return;
   case FREE:
      svc->free(c, (void *)(uintptr_t)read_param(t, o, 0, 8));
      return;
   case ASSERTFAIL:
      svc->assertfail(c, c->lane, (const char *)(uintptr_t)read_param(t, o, 0, 8),
                      (const char *)(uintptr_t)read_param(t, o, 1, 8),
                      (uint32_t)read_param(t, o, 2, 4),
                      (const char *)(uintptr_t)read_param(t, o, 3, 8));
      return;
   }
}
