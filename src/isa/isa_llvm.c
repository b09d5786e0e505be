/* SPDX-License-Identifier: Apache-2.0
 * Which instructions are a single LLVM operation, so that a JIT need not link and inline
 * their meaning. What is not certain to be equal is not here. */
#include "isa/isa_eval.h"

static bool
is_word(enum isa_type t)
{
   switch ((int)t) {
   case ISA_B8:
   case ISA_U8:
   case ISA_S8:
   case ISA_B16:
   case ISA_U16:
   case ISA_S16:
   case ISA_B32:
   case ISA_U32:
   case ISA_S32:
   case ISA_B64:
   case ISA_U64:
   case ISA_S64:
      return true;
   default:
      return false;
   }
}

static const char *
int_name(enum isa_op op, const struct isa_mods *m)
{
   bool is_signed = isa_type_is_signed((enum isa_type)m->type[0]);
   switch ((int)op) {
   case ISA_ADD:
      return "add";
   case ISA_SUB:
      return "sub";
   case ISA_MUL:
      return m->mode == ISA_LO_HALF || m->mode == ISA_MODE_NONE ? "mul" : NULL;
   case ISA_AND:
      return "and";
   case ISA_OR:
      return "or";
   case ISA_XOR:
      return "xor";
   case ISA_MIN:
      return is_signed ? "smin" : "umin";
   case ISA_MAX:
      return is_signed ? "smax" : "umax";
   case ISA_NEG:
      return "neg";
   case ISA_ABS:
      return "abs";
   case ISA_POPC:
      return "ctpop";
   case ISA_CLZ:
      return "ctlz";
   case ISA_BREV:
      return "bitreverse";
   default:
      return NULL;
   }
}

static const char *
float_name(enum isa_op op, const struct isa_mods *m)
{
   if (m->rnd != ISA_RND_NONE && m->rnd != ISA_RN)
      return NULL;
   switch ((int)op) {
   case ISA_ADD:
      return "fadd";
   case ISA_SUB:
      return "fsub";
   case ISA_MUL:
      return "fmul";
   case ISA_FMA:
   case ISA_MAD:
      return "fma";
   case ISA_DIV:
      return m->rnd == ISA_RN ? "fdiv" : NULL;
   case ISA_SQRT:
      return m->rnd == ISA_RN ? "sqrt" : NULL;
   case ISA_NEG:
      return "fneg";
   case ISA_ABS:
      return "fabs";
   default:
      return NULL;
   }
}

/* .rni and its kin: from a type to itself only. */
static const char *
integral_name(unsigned rnd)
{
   switch (rnd) {
   case ISA_RNI:
      return "rint";
   case ISA_RZI:
      return "trunc";
   case ISA_RMI:
      return "floor";
   case ISA_RPI:
      return "ceil";
   default:
      return NULL;
   }
}

static const char *
cvt_name(const struct isa_mods *m)
{
   enum isa_type d = (enum isa_type)m->type[0], s = (enum isa_type)m->type[1];
   bool d_float = d == ISA_F32 || d == ISA_F64, s_float = s == ISA_F32 || s == ISA_F64;
   if (is_word(d) && is_word(s)) {
      if (isa_type_bits(d) == isa_type_bits(s))
         return "bitcast";
      if (isa_type_bits(d) < isa_type_bits(s))
         return "trunc";
      return isa_type_is_signed(s) ? "sext" : "zext";
   }
   if (d_float && is_word(s) && m->rnd == ISA_RN)
      return isa_type_is_signed(s) ? "sitofp" : "uitofp";
   if (!d_float || !s_float)
      return NULL;
   if (d == s)
      return integral_name(m->rnd);
   if (d == ISA_F64)
      return "fpext";
   return m->rnd == ISA_RN ? "fptrunc" : NULL;
}

const char *
isa_llvm_name(enum isa_op op, const struct isa_mods *m)
{
   enum isa_type t = (enum isa_type)m->type[0];
   struct isa_eval e;
   if (m->flags || !isa_eval_get(op, m, &e))
      return NULL;
   if (op == ISA_CVT)
      return cvt_name(m);
   if (m->type[1] != ISA_NO_TYPE)
      return NULL;
   if (t == ISA_F32 || t == ISA_F64)
      return float_name(op, m);
   bool is_logic = op == ISA_AND || op == ISA_OR || op == ISA_XOR;
   return is_word(t) || (t == ISA_PRED && is_logic) ? int_name(op, m) : NULL;
}
