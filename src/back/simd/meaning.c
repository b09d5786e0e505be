/* SPDX-License-Identifier: Apache-2.0
 * Instructions whose meaning is C of src/isa: calls of its bitcode, which is linked in.
 * In good code they are inlined; in quick code each meaning is a function of its own,
 * made once however often it is used. */
#include <stdio.h>

#include "back/simd/emit.h"
#include "isa/isa_eval.h"

#define RESULTS 2
#define OPERANDS 4

/* One meaning, at all lanes or at one. */
struct meaning {
   const struct isa_eval *eval;
   uint64_t mods; /* what the bitcode reads of the instruction's modifiers */
   unsigned lanes;
   type result[RESULTS], operand[OPERANDS]; /* NULL: it has none */
};

static unsigned
slot_bits(unsigned slot)
{
   static const uint8_t bits[] = {0, 8, 8, 16, 32, 64};
   return bits[slot];
}

static type
slot_type(struct emit *e, unsigned slot, unsigned lanes)
{
   if (slot == ISA_SLOT_NONE)
      return NULL;
   type t = emit_int(e, slot_bits(slot));
   return lanes == 1 ? t : emit_vec(e, t);
}

static struct meaning
meaning_of(struct emit *e, const struct ir_inst *i, const struct isa_eval *eval, bool vec)
{
   uint64_t canon = emit_leaves_nan(i) ? ISA_EVAL_CANON_NAN : 0;
   struct meaning m = {eval, eval->mods_word & ~canon, vec ? e->width : 1};
   for (unsigned k = 0; k < RESULTS; k++)
      m.result[k] = slot_type(e, eval->dst[k], m.lanes);
   for (unsigned k = 0; k < OPERANDS && k < i->nsrc; k++)
      m.operand[k] = slot_type(e, eval->src[k], m.lanes);
   return m;
}

static val
bitcode(struct emit *e, const struct meaning *m, type ft)
{
   char name[80], key[64];
   snprintf(name, sizeof name, "isa%u%s", m->lanes, m->eval->name);
   snprintf(key, sizeof key, "%u%s", m->lanes, m->eval->family);
   map_set(e->families, key, e);
   val fn = LLVMGetNamedFunction(e->mod, name);
   return fn ? fn : LLVMAddFunction(e->mod, name, ft);
}

/* Calls the bitcode, with memory for results and operands. */
static void
call_bitcode(struct emit *e, const struct meaning *m, const val *memory, const val *in,
             val *out)
{
   type params[RESULTS + OPERANDS + 1];
   val args[RESULTS + OPERANDS + 1];
   unsigned n = 0;
   for (; n < RESULTS + OPERANDS; n++) {
      params[n] = e->ptr;
      args[n] = memory[n] ? memory[n] : LLVMConstNull(e->ptr);
   }
   params[n] = e->i64;
   args[n] = emit_const(e, 64, m->mods);
   for (unsigned k = 0; k < OPERANDS; k++)
      if (m->operand[k])
         LLVMBuildStore(e->b, in[k], memory[RESULTS + k]);
   type ft = LLVMFunctionType(e->void_, params, n + 1, false);
   LLVMBuildCall2(e->b, ft, bitcode(e, m, ft), args, n + 1, "");
   for (unsigned k = 0; k < RESULTS; k++)
      if (m->result[k])
         out[k] = LLVMBuildLoad2(e->b, m->result[k], memory[k], "");
}

/* Memory for an operand of a call, the same for all calls of the function: LLVM promotes
 * it to registers again, and looks through a block once for each piece of memory. */
static val
operand_memory(struct emit *e, unsigned operand, type t)
{
   struct {
      val fn;
      type t;
      uint64_t operand;
   } key = {e->fn, t, operand};
   val m = t ? map_find_n(e->temps, &key, sizeof key) : NULL;
   if (t && !m) {
      m = emit_alloca(e, t, "operand");
      map_set_n(e->temps, &key, sizeof key, m);
   }
   return m;
}

static void
call_inlined(struct emit *e, const struct meaning *m, const val *in, val *out)
{
   val memory[RESULTS + OPERANDS];
   for (unsigned k = 0; k < RESULTS; k++)
      memory[k] = operand_memory(e, k, m->result[k]);
   for (unsigned k = 0; k < OPERANDS; k++)
      memory[RESULTS + k] = operand_memory(e, RESULTS + k, m->operand[k]);
   call_bitcode(e, m, memory, in, out);
}

/* Operands are parameters, results what is returned: all in registers. */
static type
function_type(struct emit *e, const struct meaning *m)
{
   type params[OPERANDS], results[RESULTS];
   unsigned n = 0, r = 0;
   for (unsigned k = 0; k < OPERANDS; k++)
      if (m->operand[k])
         params[n++] = m->operand[k];
   for (unsigned k = 0; k < RESULTS; k++)
      if (m->result[k])
         results[r++] = m->result[k];
   type ret = r == 1 ? results[0] : LLVMStructTypeInContext(e->cx, results, r, false);
   return LLVMFunctionType(ret, params, n, false);
}

static void
define_function(struct emit *e, const struct meaning *m, val fn)
{
   LLVMBasicBlockRef from = LLVMGetInsertBlock(e->b);
   emit_at(e, LLVMAppendBasicBlockInContext(e->cx, fn, "entry"));
   val memory[RESULTS + OPERANDS] = {NULL}, in[OPERANDS], out[RESULTS];
   unsigned n = 0;
   for (unsigned k = 0; k < RESULTS; k++)
      if (m->result[k])
         memory[k] = LLVMBuildAlloca(e->b, m->result[k], "");
   for (unsigned k = 0; k < OPERANDS; k++)
      if (m->operand[k]) {
         memory[RESULTS + k] = LLVMBuildAlloca(e->b, m->operand[k], "");
         in[k] = LLVMGetParam(fn, n++);
      }
   call_bitcode(e, m, memory, in, out);
   unsigned r = 0;
   for (unsigned k = 0; k < RESULTS; k++)
      if (m->result[k])
         out[r++] = out[k];
   if (r == 1)
      LLVMBuildRet(e->b, out[0]);
   else
      LLVMBuildAggregateRet(e->b, out, r);
   emit_at(e, from);
}

static void
call_function(struct emit *e, const struct meaning *m, const val *in, val *out)
{
   char name[128];
   val args[OPERANDS];
   unsigned n = 0, r = 0;
   for (unsigned k = 0; k < OPERANDS; k++)
      if (m->operand[k])
         args[n++] = in[k];
   snprintf(name, sizeof name, "isa%s.%u.%u.%llx", m->eval->name, m->lanes, n,
            (unsigned long long)m->mods);
   type ft = function_type(e, m);
   val fn = LLVMGetNamedFunction(e->mod, name);
   if (!fn) {
      fn = LLVMAddFunction(e->mod, name, ft);
      unsigned kind = LLVMGetEnumAttributeKindForName("noinline", 8);
      LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex,
                              LLVMCreateEnumAttribute(e->cx, kind, 0));
      define_function(e, m, fn);
   }
   val all = LLVMBuildCall2(e->b, ft, fn, args, n, "");
   bool one = LLVMGetTypeKind(LLVMGetReturnType(ft)) != LLVMStructTypeKind;
   for (unsigned k = 0; k < RESULTS; k++)
      if (m->result[k])
         out[k] = one ? all : LLVMBuildExtractValue(e->b, all, r++, "");
}

void
emit_meaning(struct emit *e, const struct ir_inst *i, const struct isa_eval *eval,
             bool vec, val *out)
{
   struct meaning m = meaning_of(e, i, eval, vec);
   val in[OPERANDS] = {NULL};
   for (unsigned k = 0; k < OPERANDS; k++)
      if (m.operand[k])
         in[k] =
            emit_resize(e, emit_operand(e, i, k, vec), slot_bits(eval->src[k]), false);
   if (e->opt->opt_level)
      call_inlined(e, &m, in, out);
   else
      call_function(e, &m, in, out);
   for (unsigned k = 0; k < RESULTS; k++)
      if (m.result[k] && k < i->ndst)
         out[k] = emit_resize(e, out[k], ir_width_bits(i->dst[k]->width),
                              isa_type_is_signed(i->mods.type[0]));
}
