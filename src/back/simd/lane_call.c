/* SPDX-License-Identifier: Apache-2.0
 * Calls of what serial.c made functions of: the lanes of a warp one after the other. What
 * varies goes through memory, an element a lane. */
#include <stdio.h>

#include "back/simd/emit.h"

/* As vectors lie in memory: a bit has no address. */
static type
element(struct emit *e, const struct ir_value *v)
{
   return v->width == IR_PRED ? e->i8 : emit_int(e, ir_width_bits(v->width));
}

static val
place(struct emit *e, type t, val memory, val lane)
{
   val at = emit_resize(e, lane, 64, false);
   return LLVMBuildGEP2(e->b, t, memory, &at, 1, "");
}

static val
function_of(struct emit *e, struct ir_func *f)
{
   val fn = map_find_n(e->called_fns, &f, sizeof f);
   if (fn)
      return fn;
   type *params = arena_array(e->a, type, f->nargs + 2);
   params[0] = params[1] = e->ptr;
   for (unsigned k = 0; k < f->nargs; k++)
      params[2 + k] = emit_int(e, ir_width_bits(f->args[k]->width));
   fn = LLVMAddFunction(e->mod, f->name,
                        LLVMFunctionType(e->void_, params, f->nargs + 2, false));
   LLVMSetLinkage(fn, LLVMInternalLinkage);
   unsigned kind = LLVMGetEnumAttributeKindForName("alwaysinline", 12);
   LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                           LLVMCreateEnumAttribute(e->cx, kind, 0));
   map_set_n(e->called_fns, &f, sizeof f, fn);
   return fn;
}

/* Source k, once for all lanes or in memory. */
static val
source(struct emit *e, struct ir_inst *i, unsigned k, bool *uniform)
{
   *uniform = emit_is_uniform(e, i->src[k]);
   val x = emit_operand(e, i, k, !*uniform);
   if (*uniform)
      return x;
   unsigned bits = ir_width_bits(i->src[k]->width);
   return emit_memory_of(e, emit_resize(e, x, MAX2(bits, 8u), false), "in");
}

#define RESULT_BYTES 8u

void
emit_lane_call(struct emit *e, struct ir_inst *i)
{
   unsigned n = i->nsrc;
   val *in = arena_array(e->a, val, n + 1), *args = arena_array(e->a, val, n + 2);
   bool *uniform = arena_array(e->a, bool, n + 1);
   val *out = arena_array(e->a, val, i->ndst + 1u);
   for (unsigned k = 0; k < n; k++)
      in[k] = source(e, i, k, &uniform[k]);
   for (unsigned k = 0; k < i->ndst; k++)
      out[k] =
         emit_memory_of(e, LLVMConstNull(emit_vec(e, element(e, i->dst[k]))), "out");
   val fn = function_of(e, i->callee);
   val results = emit_alloca(e, LLVMArrayType(e->i64, i->ndst + 1u), "results");
   struct lane_loop l;
   lane_loop_begin(e, &l, emit_mask_bits(e, e->mask));
   args[0] = e->ctx;
   args[1] = results;
   for (unsigned k = 0; k < n; k++) {
      args[2 + k] = in[k];
      if (uniform[k])
         continue;
      type t = element(e, i->src[k]);
      val x = LLVMBuildLoad2(e->b, t, place(e, t, in[k], l.lane), "");
      args[2 + k] = emit_resize(e, x, ir_width_bits(i->src[k]->width), false);
   }
   LLVMBuildCall2(e->b, LLVMGlobalGetValueType(fn), fn, args, n + 2, "");
   for (unsigned k = 0; k < i->ndst; k++) {
      type t = element(e, i->dst[k]);
      val at = emit_const(e, 64, k * RESULT_BYTES);
      val from = LLVMBuildGEP2(e->b, e->i8, results, &at, 1, "");
      LLVMBuildStore(e->b, LLVMBuildLoad2(e->b, t, from, ""),
                     place(e, t, out[k], l.lane));
   }
   lane_loop_end(e, &l);
   for (unsigned k = 0; k < i->ndst; k++) {
      val x = LLVMBuildLoad2(e->b, emit_vec(e, element(e, i->dst[k])), out[k], "");
      emit_set(e, i->dst[k], emit_resize(e, x, ir_width_bits(i->dst[k]->width), false));
   }
}

/* A function's end: what it was called for goes to its caller. */
void
emit_lane_return(struct emit *e, struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++) {
      val to = LLVMGetParam(e->fn, 1);
      val x = emit_operand(e, i, k, false), at = emit_const(e, 64, k * RESULT_BYTES);
      x = emit_resize(e, x, MAX2(ir_width_bits(i->src[k]->width), 8u), false);
      LLVMBuildStore(e->b, x, LLVMBuildGEP2(e->b, e->i8, to, &at, 1, ""));
   }
   emit_return(e);
}
