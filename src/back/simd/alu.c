/* SPDX-License-Identifier: Apache-2.0
 * Arithmetic: instructions without memory or other lanes. Each is emitted as the LLVM
 * operation the ISA room names for it, as one of the few forms below that shapes and
 * speed ask for, or as a call of its C meaning in bitcode, inlined. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "back/simd/emit.h"
#include "back/simd/few.h"
#include "isa/isa_eval.h"

/* -- Direct forms. */
static val
binary(struct emit *e, const char *name, val a, val b)
{
   static const struct {
      const char *name;
      LLVMOpcode op;
   } ops[] = {
      {"add", LLVMAdd},   {"sub", LLVMSub},   {"mul", LLVMMul},   {"and", LLVMAnd},
      {"or", LLVMOr},     {"xor", LLVMXor},   {"fadd", LLVMFAdd}, {"fsub", LLVMFSub},
      {"fmul", LLVMFMul}, {"fdiv", LLVMFDiv},
   };
   for (size_t i = 0; i < ARRAY_LEN(ops); i++)
      if (!strcmp(ops[i].name, name))
         return LLVMBuildBinOp(e->b, ops[i].op, a, b, "");
   return NULL;
}

static val
llvm_op(struct emit *e, const char *name, const struct ir_inst *i, bool vec)
{
   val s[4] = {NULL};
   unsigned bits = ir_width_bits(i->dst[0]->width);
   bool is_float = isa_type_is_float(i->mods.type[0]);
   type ft = is_float ? emit_float(e, i->mods.type[0]) : NULL;
   if (is_float && !ft)
      return NULL;
   if (i->nsrc > 3 ||
       (!is_float && isa_type_bits(i->mods.type[0]) != ir_width_bits(i->src[0]->width)))
      return NULL;
   for (unsigned k = 0; k < i->nsrc; k++) {
      s[k] = emit_operand(e, i, k, vec);
      if (is_float)
         s[k] = emit_cast(e, s[k], ft);
   }
   val r;
   if (i->nsrc == 2 && (r = binary(e, name, s[0], s[1])))
      ;
   else if (!strcmp(name, "fneg"))
      r = LLVMBuildFNeg(e->b, s[0], "");
   else if (!strcmp(name, "neg"))
      r = LLVMBuildNeg(e->b, s[0], "");
   else {
      char full[32] = "llvm.";
      strncat(full, name, sizeof full - 6);
      if (!LLVMLookupIntrinsicID(full, strlen(full)))
         return NULL;
      type over = LLVMTypeOf(s[0]);
      unsigned n = i->nsrc;
      if (!strcmp(name, "ctlz") || !strcmp(name, "cttz") || !strcmp(name, "abs"))
         s[n++] = emit_const(e, 1, 0);
      r = emit_intrinsic(e, full, &over, 1, s, n);
   }
   if (is_float)
      r = emit_cast(e, r, emit_int(e, isa_type_bits(i->mods.type[0])));
   return emit_resize(e, r, bits, isa_type_is_signed(i->mods.type[0]));
}

static val
mad_or_mul(struct emit *e, const struct ir_inst *i, bool vec)
{
   unsigned from = isa_type_bits(i->mods.type[0]), to = ir_width_bits(i->dst[0]->width);
   bool is_signed = isa_type_is_signed(i->mods.type[0]);
   if (isa_type_is_float(i->mods.type[0]) || (i->mods.flags & (ISA_SAT | ISA_CC)))
      return NULL;
   if (i->mods.mode == ISA_HI_HALF || ir_width_bits(i->src[0]->width) != from)
      return NULL;
   if (to != (i->mods.mode == ISA_WIDE ? 2 * from : from))
      return NULL;
   val a = emit_resize(e, emit_operand(e, i, 0, vec), to, is_signed);
   val b = emit_resize(e, emit_operand(e, i, 1, vec), to, is_signed);
   val r = LLVMBuildMul(e->b, a, b, "");
   if (i->op == ISA_MAD)
      r = LLVMBuildAdd(e->b, r, emit_operand(e, i, 2, vec), "");
   return r;
}

/* Amounts of the width and beyond give zero, or the sign in every bit. */
static val
shift(struct emit *e, const struct ir_inst *i, bool vec)
{
   unsigned bits = ir_width_bits(i->dst[0]->width);
   if (isa_type_bits(i->mods.type[0]) != bits)
      return NULL;
   val a = emit_operand(e, i, 0, vec);
   bool arithmetic = i->op == ISA_SHR && isa_type_is_signed(i->mods.type[0]);
   LLVMOpcode op = i->op == ISA_SHL ? LLVMShl : arithmetic ? LLVMAShr : LLVMLShr;
   if (i->src[1]->kind == IR_CONST) {
      uint64_t n = i->src[1]->bits[0];
      if (n >= bits && !arithmetic)
         return LLVMConstNull(LLVMTypeOf(a));
      val amount = emit_const(e, bits, MIN2(n, bits - 1));
      return LLVMBuildBinOp(e->b, op, a, vec ? emit_splat(e, amount) : amount, "");
   }
   val n = emit_operand(e, i, 1, vec);
   val limit = emit_const(e, 32, bits - 1);
   if (vec)
      limit = emit_splat(e, limit);
   val over = LLVMBuildICmp(e->b, LLVMIntUGT, n, limit, "");
   val safe = LLVMBuildSelect(e->b, over, limit, n, "");
   val r = LLVMBuildBinOp(e->b, op, a, emit_resize(e, safe, bits, false), "");
   if (arithmetic)
      return r;
   return LLVMBuildSelect(e->b, over, LLVMConstNull(LLVMTypeOf(a)), r, "");
}

static int
int_predicate(unsigned cmp, bool is_signed)
{
   switch (cmp) {
   case ISA_EQ:
      return LLVMIntEQ;
   case ISA_NE:
      return LLVMIntNE;
   case ISA_LT:
      return is_signed ? LLVMIntSLT : LLVMIntULT;
   case ISA_LE:
      return is_signed ? LLVMIntSLE : LLVMIntULE;
   case ISA_GT:
      return is_signed ? LLVMIntSGT : LLVMIntUGT;
   case ISA_GE:
      return is_signed ? LLVMIntSGE : LLVMIntUGE;
   case ISA_LO:
      return LLVMIntULT;
   case ISA_LS:
      return LLVMIntULE;
   case ISA_HI:
      return LLVMIntUGT;
   case ISA_HS:
      return LLVMIntUGE;
   default:
      return -1;
   }
}

static int
float_predicate(unsigned cmp)
{
   static const int8_t p[] = {
      [ISA_EQ] = LLVMRealOEQ,  [ISA_NE] = LLVMRealONE,  [ISA_LT] = LLVMRealOLT,
      [ISA_LE] = LLVMRealOLE,  [ISA_GT] = LLVMRealOGT,  [ISA_GE] = LLVMRealOGE,
      [ISA_EQU] = LLVMRealUEQ, [ISA_NEU] = LLVMRealUNE, [ISA_LTU] = LLVMRealULT,
      [ISA_LEU] = LLVMRealULE, [ISA_GTU] = LLVMRealUGT, [ISA_GEU] = LLVMRealUGE,
      [ISA_NUM] = LLVMRealORD, [ISA_NAN] = LLVMRealUNO,
   };
   return cmp < ARRAY_LEN(p) && p[cmp] ? p[cmp] : -1;
}

static val
compare(struct emit *e, const struct ir_inst *i, bool vec)
{
   enum isa_type t = i->mods.type[0];
   if (i->dst[1]->kind != IR_SINK || (i->mods.flags & ISA_FTZ) ||
       isa_type_bits(t) != ir_width_bits(i->src[0]->width))
      return NULL;
   val a = emit_operand(e, i, 0, vec), b = emit_operand(e, i, 1, vec), r;
   type f = emit_float(e, t);
   if (isa_type_is_float(t)) {
      int p = float_predicate(i->mods.cmp);
      if (!f || p < 0)
         return NULL;
      r = LLVMBuildFCmp(e->b, (LLVMRealPredicate)p, emit_cast(e, a, f),
                        emit_cast(e, b, f), "");
   } else {
      int p = int_predicate(i->mods.cmp, isa_type_is_signed(t));
      if (p < 0)
         return NULL;
      r = LLVMBuildICmp(e->b, (LLVMIntPredicate)p, a, b, "");
   }
   if (i->mods.boolop == ISA_BOOL_NONE)
      return r;
   val c = emit_operand(e, i, 2, vec);
   if (i->mods.boolop == ISA_BOOL_AND)
      return LLVMBuildAnd(e->b, r, c, "");
   return i->mods.boolop == ISA_BOOL_OR ? LLVMBuildOr(e->b, r, c, "")
                                        : LLVMBuildXor(e->b, r, c, "");
}

static val
convert(struct emit *e, const struct ir_inst *i, bool vec)
{
   enum isa_type to = i->mods.type[0], from = i->mods.type[1];
   bool fi = isa_type_is_float(to), ff = isa_type_is_float(from);
   unsigned out = ir_width_bits(i->dst[0]->width);
   if (i->mods.flags & (ISA_SAT | ISA_FTZ | ISA_RELU))
      return NULL;
   if (!fi && !ff) {
      val x = emit_resize(e, emit_operand(e, i, 0, vec), isa_type_bits(from), false);
      x = emit_resize(e, x, isa_type_bits(to), isa_type_is_signed(from));
      return emit_resize(e, x, out, isa_type_is_signed(to));
   }
   type ft = emit_float(e, fi ? to : from);
   if (fi && !ff && i->mods.rnd == ISA_RN && ft) {
      val x = emit_resize(e, emit_operand(e, i, 0, vec), isa_type_bits(from), false);
      type t = vec ? emit_vec(e, ft) : ft;
      x = isa_type_is_signed(from) ? LLVMBuildSIToFP(e->b, x, t, "")
                                   : LLVMBuildUIToFP(e->b, x, t, "");
      return emit_cast(e, x, emit_int(e, isa_type_bits(to)));
   }
   if (!fi || !ff)
      return NULL;
   const char *name = isa_llvm_name(i->op, &i->mods);
   type tt = emit_float(e, to);
   ft = emit_float(e, from);
   if (!name || !ft || !tt)
      return NULL;
   if (ft == tt)
      return llvm_op(e, name, i, vec);
   val x = emit_cast(e, emit_operand(e, i, 0, vec), ft);
   type t = vec ? emit_vec(e, tt) : tt;
   x = !strcmp(name, "fpext") ? LLVMBuildFPExt(e->b, x, t, "")
                              : LLVMBuildFPTrunc(e->b, x, t, "");
   return emit_cast(e, x, emit_int(e, isa_type_bits(to)));
}

/* Integer division by a constant becomes a multiplication; LLVM finds it. The meaning
 * divides by anything, zero included. */
static val
divide(struct emit *e, const struct ir_inst *i, bool vec)
{
   enum isa_type t = i->mods.type[0];
   unsigned bits = isa_type_bits(t);
   if (isa_type_is_float(t) || i->src[1]->kind != IR_CONST ||
       bits != ir_width_bits(i->src[0]->width))
      return NULL;
   bool is_signed = isa_type_is_signed(t);
   uint64_t c = i->src[1]->bits[0], minus_one = bits == 64 ? ~0ull : (1ull << bits) - 1;
   if (!c || (is_signed && c == minus_one))
      return NULL;
   val d = emit_const(e, bits, c);
   LLVMOpcode op = i->op == ISA_DIV ? (is_signed ? LLVMSDiv : LLVMUDiv)
                                    : (is_signed ? LLVMSRem : LLVMURem);
   return LLVMBuildBinOp(e->b, op, emit_operand(e, i, 0, vec), vec ? emit_splat(e, d) : d,
                         "");
}

/* -- Moves. */
/* mov between a register and a vector of narrower ones: first element in the low bits. */
static void
pack_or_unpack(struct emit *e, struct ir_inst *i, bool vec, val out[8])
{
   if (i->nsrc > 1) {
      unsigned to = ir_width_bits(i->dst[0]->width), bits = to / i->nsrc;
      val r = NULL;
      for (unsigned k = 0; k < i->nsrc; k++) {
         val x = emit_resize(e, emit_resize(e, emit_operand(e, i, k, vec), bits, false),
                             to, false);
         val n = emit_const(e, to, (uint64_t)k * bits);
         if (k)
            x = LLVMBuildShl(e->b, x, vec ? emit_splat(e, n) : n, "");
         r = r ? LLVMBuildOr(e->b, r, x, "") : x;
      }
      out[0] = r;
      return;
   }
   unsigned from = ir_width_bits(i->src[0]->width), bits = from / i->ndst;
   val s = emit_operand(e, i, 0, vec);
   for (unsigned k = 0; k < i->ndst; k++) {
      val n = emit_const(e, from, (uint64_t)k * bits);
      val x = k ? LLVMBuildLShr(e->b, s, vec ? emit_splat(e, n) : n, "") : s;
      out[k] = emit_resize(e, emit_resize(e, x, bits, false),
                           ir_width_bits(i->dst[k]->width), false);
   }
}

static val
direct(struct emit *e, struct ir_inst *i, bool vec)
{
   switch (i->op) {
   case ISA_SREG:
      return emit_special_register(e, i, vec);
   case ISA_ADDR:
      return emit_resize(e,
                         LLVMBuildAdd(e->b, emit_symbol(e, i->sym),
                                      LLVMConstInt(e->i64, (uint64_t)i->offset, true),
                                      ""),
                         ir_width_bits(i->dst[0]->width), false);
   case ISA_COPY:
   case ISA_MOV:
      if (i->nsrc == 1 && i->ndst == 1)
         return emit_resize(e, emit_operand(e, i, 0, vec),
                            ir_width_bits(i->dst[0]->width), false);
      return NULL;
   case ISA_SELP: {
      if (i->src[0]->width != i->dst[0]->width)
         return NULL;
      val c = emit_operand(e, i, 2, vec);
      return LLVMBuildSelect(e->b, c, emit_operand(e, i, 0, vec),
                             emit_operand(e, i, 1, vec), "");
   }
   case ISA_SETP:
      return compare(e, i, vec);
   case ISA_SHL:
   case ISA_SHR:
      return shift(e, i, vec);
   case ISA_MUL:
   case ISA_MAD: {
      val r = mad_or_mul(e, i, vec);
      if (r)
         return r;
      break;
   }
   case ISA_MIN:
   case ISA_MAX: {
      val r = vec && e->width > 1 ? emit_narrow(e, i) : NULL;
      if (r)
         return r;
      break;
   }
   case ISA_CVT:
      return convert(e, i, vec);
   case ISA_CVTA:
      return emit_cvta(e, i, vec);
   case ISA_DIV:
   case ISA_REM: {
      val r = divide(e, i, vec);
      if (r)
         return r;
      break;
   }
   default:
      break;
   }
   const char *name = i->ndst == 1 ? isa_llvm_name(i->op, &i->mods) : NULL;
   return name ? llvm_op(e, name, i, vec) : emit_native(e, i, vec);
}

static bool
compute(struct emit *e, struct ir_inst *i, bool vec, val out[8])
{
   if ((out[0] = direct(e, i, vec)))
      return true;
   if (i->op == ISA_MOV) {
      pack_or_unpack(e, i, vec, out);
      return true;
   }
   struct isa_eval m;
   if (!isa_eval_get(i->op, &i->mods, &m)) {
      emit_unsupported(e, i, "");
      return false;
   }
   emit_meaning(e, i, &m, vec, out);
   return true;
}

val
emit_pure_form(struct emit *e, struct ir_inst *i, unsigned k, bool vec)
{
   val out[8] = {NULL};
   compute(e, i, vec, out);
   return vec ? emit_splat(e, out[k]) : out[k];
}

/* -- Results of which few lanes are computed (few.c). */
static bool
is_varying(const struct emit *e, const struct ir_value *v)
{
   return v->kind == IR_INST && e->width > 1 && e->l->shape[v->id].kind == SHAPE_VARYING;
}

/* The lanes of which i's results are computed. */
static struct emit_few
few_of_results(struct emit *e, const struct ir_inst *i)
{
   struct emit_few all = {(uint8_t)e->width, 0}, few = {0};
   for (unsigned k = 0; k < i->ndst; k++) {
      const struct ir_value *d = i->dst[k];
      if (d->kind != IR_INST)
         continue;
      struct emit_few own = emit_few_of(e, d);
      if (!is_varying(e, d) && !lanes_all_alike(e->l, d))
         return all;
      if (few.n && (few.n != own.n || few.first != own.first))
         return all;
      few = own;
   }
   return few.n ? few : all;
}

static bool
reads_vectors(struct emit *e, const struct ir_inst *i)
{
   for (unsigned k = 0; k < i->nsrc; k++)
      if (!emit_is_uniform(e, i->src[k]))
         return true;
   return false;
}

static void
compute_lane(struct emit *e, struct ir_inst *i, unsigned lane, val out[8])
{
   e->asked++;
   e->lane = (int)lane;
   compute(e, i, false, out);
   e->lane = -1;
}

/* Forms of vectors of any size alone. */
static bool
compute_narrow(struct emit *e, struct ir_inst *i, unsigned n, val out[8])
{
   if (i->op == ISA_CVTA)
      return false;
   e->narrow = true;
   e->width = n;
   out[0] = direct(e, i, true);
   if (!out[0] && i->op == ISA_MOV)
      pack_or_unpack(e, i, true, out);
   e->narrow = false;
   e->width = EXEC_WARP;
   return out[0];
}

static bool
compute_few(struct emit *e, struct ir_inst *i, val out[8])
{
   if (!e->few || !i->nsrc || e->lane >= 0 || !reads_vectors(e, i))
      return false;
   struct emit_few few = few_of_results(e, i);
   if (few.n == e->width)
      return false;
   if (few.n > 1)
      return compute_narrow(e, i, few.n, out);
   compute_lane(e, i, few.first, out);
   return true;
}

void
emit_pure(struct emit *e, struct ir_inst *i)
{
   bool vec = false;
   for (unsigned k = 0; k < i->ndst; k++)
      vec |= is_varying(e, i->dst[k]);
   val out[8] = {NULL};
   bool few = compute_few(e, i, out);
   if (!few && !compute(e, i, vec, out))
      for (unsigned k = 0; k < i->ndst; k++)
         out[k] = LLVMConstNull(emit_int(e, ir_width_bits(i->dst[k]->width)));
   for (unsigned k = 0; k < i->ndst; k++) {
      struct ir_value *d = i->dst[k];
      if (d->kind != IR_INST)
         continue;
      /* Lanes beyond those that count came of operands' lanes that do not. */
      if (!few && is_varying(e, d) && emit_is_vec(out[k]))
         out[k] = emit_cut_few(e, d, out[k]);
      emit_set_few(e, d, out[k]);
   }
}
