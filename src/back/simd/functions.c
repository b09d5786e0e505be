/* SPDX-License-Identifier: Apache-2.0
 * The functions that a kernel becomes: what they take, and how one calls another. */
#include <string.h>

#include "back/simd/emit.h"

static LLVMAttributeRef
attribute(struct emit *e, const char *name, uint64_t value)
{
   unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
   return LLVMCreateEnumAttribute(e->cx, kind, value);
}

static void
add_attribute(struct emit *e, val fn, unsigned index, const char *name, uint64_t value)
{
   LLVMAddAttributeAtIndex(fn, index, attribute(e, name, value));
}

val
emit_add_function(struct emit *e, const char *name, type returns, type *params,
                  unsigned n)
{
   val fn = LLVMAddFunction(e->mod, name, LLVMFunctionType(returns, params, n, false));
   LLVMSetVisibility(fn, LLVMHiddenVisibility);
   add_attribute(e, fn, 1, "dereferenceable", sizeof(struct exec_ctx)); /* the context */
   add_attribute(e, fn, 1, "align", _Alignof(struct exec_ctx));
   return fn;
}

val
emit_add_warp_function(struct emit *e, const struct plan *p, const char *name,
                       const char *inlining)
{
   type params[7] = {e->ptr, e->ptr};
   unsigned n = 2, frame = 0;
   if (p->whole_block)
      params[n++] = e->i32;
   if (e->rounds)
      params[frame = n++] = e->ptr;
   if (p->whole_block)
      params[n++] = e->i32;
   if (e->call_bytes)
      params[n++] = e->ptr;
   if (e->rounds)
      params[n++] = e->i32;
   val fn = emit_add_function(e, name, e->rounds ? e->i32 : e->void_, params, n);
   add_attribute(e, fn, LLVMAttributeFunctionIndex, inlining, 0);
   add_attribute(e, fn, 2, "dereferenceable", MAX2(e->param_bytes, 1));
   add_attribute(e, fn, 2, "align", EXEC_PARAMS_ALIGN);
   if (frame) { /* nobody else knows a warp's frame */
      add_attribute(e, fn, frame + 1, "noalias", 0);
      add_attribute(e, fn, frame + 1, "nocapture", 0);
      add_attribute(e, fn, frame + 1, "align", EXEC_FRAME_ALIGN);
   }
   return fn;
}

void
emit_return(struct emit *e)
{
   if (LLVMGetReturnType(LLVMGlobalGetValueType(e->fn)) == e->void_)
      LLVMBuildRetVoid(e->b);
   else
      LLVMBuildRet(e->b, emit_const(e, 32, EXEC_FRAME_DONE));
}

void
emit_continue_in(struct emit *e, val fn)
{
   val args[7];
   unsigned n = LLVMCountParams(fn);
   for (unsigned k = 0; k < n; k++)
      args[k] = LLVMGetParam(e->fn, k);
   val r = LLVMBuildCall2(e->b, LLVMGlobalGetValueType(fn), fn, args, n, "");
   LLVMAddCallSiteAttribute(r, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                            attribute(e, "cold", 0)); /* constants stay in registers */
   if (LLVMTypeOf(r) == e->void_)
      LLVMBuildRetVoid(e->b);
   else
      LLVMBuildRet(e->b, r);
}

/* In one place: what is called may be inlined there. */
void
emit_give_up(struct emit *e)
{
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   if (!e->gives_up) {
      e->gives_up = emit_new_block(e, "instead");
      emit_at(e, e->gives_up);
      emit_continue_in(e, e->instead);
      emit_at(e, at);
   }
   LLVMBuildBr(e->b, e->gives_up);
}

val
emit_call_warp(struct emit *e, val fn, const struct warp_call *c)
{
   val args[7] = {e->ctx, e->params};
   val all[] = {c->warp, c->frame, c->ctaid_x, e->call_at, c->place};
   unsigned n = 2;
   for (unsigned k = 0; k < ARRAY_LEN(all); k++)
      if (all[k])
         args[n++] = all[k];
   return LLVMBuildCall2(e->b, LLVMGlobalGetValueType(fn), fn, args, n, "");
}
