/* SPDX-License-Identifier: Apache-2.0
 * Calls: of functions that the machine provides (vprintf, malloc, free, __assertfail and
 * malloc with an alignment), a lane at a time, and in thread mode of the program's own
 * functions, direct, recursive or through pointers. Parameters lie in the thread's local
 * memory; a call passes their addresses and where the callee's frame begins. Above a
 * function's frame, alloca takes what it needs. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "back/simd/emit.h"

/* -- Functions of the machine, a lane at a time. __cuda_syscall_aligned_malloc is what
 * NVIDIA's nvcc calls for new of types that want more alignment than malloc gives; what
 * it returns is given to free. Parameters lie in the lane's local memory. */
struct lane_call {
   struct ir_inst *i;
   val lane;
};

static val
param_pointer(struct emit *e, struct lane_call *c, unsigned k)
{
   val a = emit_scalar(e, c->i->src[k]);
   return emit_address(e, ISA_PARAM_FUNC, a, 32, e->width == 1 ? NULL : c->lane);
}

static val
param_load(struct emit *e, struct lane_call *c, unsigned k, type t)
{
   return LLVMBuildLoad2(e->b, t, param_pointer(e, c, k), "");
}

static void
call_for_lane(struct emit *e, struct lane_call *c, const char *name)
{
   val lane = e->width == 1 ? emit_ctx_field(e, offsetof(struct exec_ctx, lane), e->i32)
                            : c->lane;
   if (!strcmp(name, "vprintf")) {
      type params[3] = {e->i32, e->ptr, e->ptr};
      val args[3] = {lane, param_load(e, c, 1, e->ptr), param_load(e, c, 2, e->ptr)};
      val r = emit_service(e, offsetof(struct exec_services, vprintf), e->i32, params,
                           args, 3);
      LLVMBuildStore(e->b, r, param_pointer(e, c, 0));
   } else if (!strcmp(name, "malloc") || !strcmp(name, "__cuda_syscall_aligned_malloc")) {
      type params[2] = {e->i64, e->i64};
      val args[2] = {param_load(e, c, 1, e->i64),
                     c->i->nsrc > 2 ? param_load(e, c, 2, e->i64)
                                    : emit_const(e, 64, EXEC_HEAP_ALIGN)};
      val r =
         emit_service(e, offsetof(struct exec_services, malloc), e->ptr, params, args, 2);
      LLVMBuildStore(e->b, r, param_pointer(e, c, 0));
   } else if (!strcmp(name, "free")) {
      val p = param_load(e, c, 0, e->ptr);
      emit_service(e, offsetof(struct exec_services, free), e->void_, &e->ptr, &p, 1);
   } else {
      type params[5] = {e->i32, e->ptr, e->ptr, e->i32, e->ptr};
      val args[5] = {lane, param_load(e, c, 0, e->ptr), param_load(e, c, 1, e->ptr),
                     param_load(e, c, 2, e->i32), param_load(e, c, 3, e->ptr)};
      emit_service(e, offsetof(struct exec_services, assertfail), e->void_, params, args,
                   5);
   }
}

static bool
is_machine_call(const struct ir_inst *i)
{
   static const struct {
      const char *name;
      unsigned params;
   } known[] = {{"vprintf", 3},
                {"malloc", 2},
                {"__cuda_syscall_aligned_malloc", 3},
                {"free", 1},
                {"__assertfail", 5}};
   for (size_t k = 0; k < ARRAY_LEN(known); k++)
      if (i->callee && !strcmp(i->callee->name, known[k].name))
         return i->nsrc == known[k].params;
   return false;
}

/* -- The stack: local memory from the end of the frame on. */
#define ALLOCA_ALIGN 16u

static val
frame_end(struct emit *e)
{
   val size = emit_const(e, 64, ALIGN_UP((uint64_t)e->f->local_bytes, (uint64_t)16));
   return e->frame ? LLVMBuildAdd(e->b, e->frame, size, "") : size;
}

val
emit_stack_top(struct emit *e)
{
   return e->sp ? LLVMBuildLoad2(e->b, e->i64, e->sp, "") : frame_end(e);
}

static bool
moves_stack(const struct ir_func *f)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (i->op == ISA_ALLOCA || i->op == ISA_STACKSAVE || i->op == ISA_STACKRESTORE)
            return true;
      }
   }
   return false;
}

void
emit_stack_setup(struct emit *e)
{
   e->sp = NULL;
   if (e->width > 1 || !moves_stack(e->f))
      return;
   e->grows = true;
   e->sp = emit_memory_of(e, frame_end(e), "sp");
}

/* The stack pointer moves to `to`, unless that is bad. */
static void
move_stack(struct emit *e, const struct ir_inst *i, val to, val bad)
{
   LLVMBasicBlockRef no = emit_new_block(e, "exhausted"), ok = emit_new_block(e, "moves");
   LLVMBuildCondBr(e->b, bad, no, ok);
   emit_at(e, no);
   emit_trap(e, EXEC_TRAP_STACK, i->loc.line);
   LLVMBuildBr(e->b, ok);
   emit_at(e, ok);
   LLVMBuildStore(e->b, to, e->sp);
}

static val
take_stack(struct emit *e, struct ir_inst *i, val limit)
{
   val size = emit_resize(e, emit_scalar(e, i->src[0]), 64, false);
   uint64_t align = i->nsrc > 1 ? MAX2(i->src[1]->bits[0], 1u) : ALLOCA_ALIGN;
   val at = LLVMBuildAdd(e->b, emit_stack_top(e), emit_const(e, 64, align - 1), "");
   at = LLVMBuildAnd(e->b, at, emit_const(e, 64, ~(align - 1)), "");
   val room = LLVMBuildSub(e->b, limit, at, "");
   val bad = LLVMBuildOr(e->b, LLVMBuildICmp(e->b, LLVMIntUGT, at, limit, ""),
                         LLVMBuildICmp(e->b, LLVMIntUGT, size, room, ""), "");
   move_stack(e, i, LLVMBuildAdd(e->b, at, size, ""), bad);
   return at;
}

void
emit_stack(struct emit *e, struct ir_inst *i)
{
   val limit = emit_ctx_field(e, offsetof(struct exec_ctx, local_stride), e->i64), x;
   if (!e->sp) {
      emit_unsupported(e, i, "in this mode");
      return;
   }
   if (i->op == ISA_STACKRESTORE) {
      val to = emit_resize(e, emit_scalar(e, i->src[0]), 64, false);
      val bad = LLVMBuildOr(e->b, LLVMBuildICmp(e->b, LLVMIntUGT, to, limit, ""),
                            LLVMBuildICmp(e->b, LLVMIntULT, to, frame_end(e), ""), "");
      move_stack(e, i, to, bad);
      return;
   }
   x = i->op == ISA_ALLOCA ? take_stack(e, i, limit) : emit_stack_top(e);
   if (i->dst[0]->width != IR_B64)
      x = LLVMBuildTrunc(e->b, x, e->i32, "");
   emit_set(e, i->dst[0], x);
}

/* -- The program's own functions. */
static type
function_type(struct emit *e, unsigned nargs)
{
   type *params = arena_array(e->a, type, nargs + 2);
   params[0] = e->ptr;
   params[1] = e->i64;
   for (unsigned k = 0; k < nargs; k++)
      params[2 + k] = e->i32;
   return LLVMFunctionType(e->void_, params, nargs + 2, false);
}

static val
function_of(struct emit *e, struct ir_func *f)
{
   val fn = map_find_n(e->called_fns, &f, sizeof f);
   if (fn)
      return fn;
   char name[32];
   snprintf(name, sizeof name, "kasuri_func_%zu", e->called.len);
   fn = LLVMAddFunction(e->mod, name, function_type(e, f->nargs));
   LLVMSetLinkage(fn, LLVMInternalLinkage);
   map_set_n(e->called_fns, &f, sizeof f, fn);
   vec_push(&e->called, f);
   return fn;
}

static val
narrow(struct emit *e, val x)
{
   return LLVMTypeOf(x) == e->i32 ? x : LLVMBuildTrunc(e->b, x, e->i32, "");
}

/* The thread would have to leave several native frames at once. */
static bool
has_exit(const struct ir_func *f)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (i->op == ISA_EXIT)
            return true;
      }
   }
   return false;
}

static void
call_function(struct emit *e, struct ir_inst *i, struct ir_func *f, unsigned first)
{
   unsigned n = i->nsrc - first;
   val *args = arena_array(e->a, val, n + 2);
   if (has_exit(f))
      emit_unsupported(e, i, "the function it calls has an exit instruction");
   args[0] = e->ctx;
   args[1] = emit_stack_top(e);
   for (unsigned k = 0; k < n; k++)
      args[2 + k] = narrow(e, emit_scalar(e, i->src[first + k]));
   LLVMBuildCall2(e->b, function_type(e, n), function_of(e, f), args, n + 2, "");
}

/* A function's address is a handle, not code: compared with those that are known. */
static void
call_pointer(struct emit *e, struct ir_inst *i)
{
   struct ir_module *m = e->f->module;
   val handle = emit_scalar(e, i->src[0]);
   if (LLVMTypeOf(handle) != e->i64)
      handle = LLVMBuildZExt(e->b, handle, e->i64, "");
   LLVMBasicBlockRef done = emit_new_block(e, "called");
   bool was = e->no_cache;
   e->no_cache = true;
   for (size_t k = 0; k < m->syms.len; k++) {
      struct ir_sym *s = m->syms.data[k];
      if (!s->func || s->func->is_kernel || !s->func->first_block ||
          s->func->nargs != i->nsrc - 1u)
         continue;
      LLVMBasicBlockRef yes = emit_new_block(e, "is"), no = emit_new_block(e, "is_not");
      val same = LLVMBuildICmp(e->b, LLVMIntEQ, handle, emit_symbol(e, s), "");
      LLVMBuildCondBr(e->b, same, yes, no);
      emit_at(e, yes);
      call_function(e, i, s->func, 1);
      LLVMBuildBr(e->b, done);
      emit_at(e, no);
   }
   emit_trap(e, EXEC_TRAP_ADDRESS, i->loc.line);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   e->no_cache = was;
}

static bool
parameters_are_uniform(struct emit *e, const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!emit_is_uniform(e, i->src[k]))
         return false;
   return true;
}

void
emit_call(struct emit *e, struct ir_inst *i)
{
   if (i->callee && i->callee->outlined) {
      emit_lane_call(e, i);
      return;
   }
   bool machine = is_machine_call(i);
   bool own = !machine && (!i->callee || i->callee->first_block) && e->width == 1;
   if (own && i->callee && i->callee->nargs == i->nsrc) {
      call_function(e, i, i->callee, 0);
   } else if (own && !i->callee && i->nsrc) {
      call_pointer(e, i);
   } else if (!machine || !parameters_are_uniform(e, i)) {
      emit_unsupported(e, i, i->callee ? i->callee->name : "an indirect call");
   } else if (e->width == 1) {
      struct lane_call c = {.i = i};
      call_for_lane(e, &c, i->callee->name);
   } else {
      struct lane_loop l;
      lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
      struct lane_call c = {i, l.lane};
      call_for_lane(e, &c, i->callee->name);
      lane_loop_end(e, &l);
   }
}
