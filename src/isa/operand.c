/* SPDX-License-Identifier: Apache-2.0
 * Decides which type each written operand has, from the opcode and its modifiers. */
#include "isa/isa.h"

static enum isa_type
widened(enum isa_type t)
{
   switch ((unsigned)t) {
   case ISA_U16:
      return ISA_U32;
   case ISA_U32:
      return ISA_U64;
   case ISA_S16:
      return ISA_S32;
   case ISA_S32:
      return ISA_S64;
   default:
      return t;
   }
}

/* The operand types of one form: in[i] for i < n, `rest` after. */
#define PICK(i, rest, ...)                                                               \
   pick((i), (rest), sizeof((uint8_t[]){__VA_ARGS__}), (const uint8_t[]){__VA_ARGS__})
static enum isa_type
pick(unsigned i, enum isa_type rest, unsigned n, const uint8_t *in)
{
   return i < n ? (enum isa_type)in[i] : rest;
}

static enum isa_type
float_operand(enum isa_op op, const struct isa_mods *m, unsigned i)
{
   uint8_t t = m->type[0], u = m->type[1];
   if (u) /* mixed precision: the products' sources are narrow, the accumulator is not */
      return op == ISA_FMA ? PICK(i, ISA_NO_TYPE, t, u, u, t)
                           : PICK(i, ISA_NO_TYPE, t, u, t);
   return t;
}

static enum isa_type
dot_operand(const struct isa_mods *m, unsigned i)
{
   bool is_signed = m->type[0] == ISA_S32 || m->type[1] == ISA_S32;
   uint8_t acc = is_signed ? ISA_S32 : ISA_U32;
   return PICK(i, ISA_NO_TYPE, acc, m->type[0], m->type[1], acc);
}

static enum isa_type
cvt_operand(const struct isa_mods *m, unsigned i)
{
   uint8_t t = m->type[0], u = m->type[1];
   if (m->rnd == ISA_RS)
      return isa_type_bits(t) == 32 && (t == ISA_F16X2 || t == ISA_BF16X2)
                ? PICK(i, ISA_NO_TYPE, t, u, u, ISA_B32)
                : PICK(i, ISA_NO_TYPE, t, u, ISA_B32);
   return PICK(i, ISA_NO_TYPE, t, u, u);
}

static enum isa_type
sync_operand(enum isa_op op, const struct isa_mods *m, unsigned i)
{
   uint8_t t = m->type[0];
   switch ((unsigned)op) {
   case ISA_SHFL:
      return PICK(i, ISA_NO_TYPE, t, t, ISA_B32, ISA_B32, ISA_B32);
   case ISA_VOTE:
      return PICK(i, ISA_NO_TYPE, t, ISA_PRED, ISA_B32);
   case ISA_MATCH:
      return PICK(i, ISA_NO_TYPE, ISA_B32, t, ISA_B32);
   case ISA_REDUX:
      return PICK(i, ISA_NO_TYPE, t, t, ISA_B32);
   case ISA_ELECT:
   case ISA_BAR_WARP:
      return ISA_B32;
   default: /* bar, barrier: in .red the predicate is last, wherever that is */
      if (m->mode == ISA_MODE_RED)
         return PICK(i, ISA_NO_TYPE, t, ISA_U32);
      return ISA_U32;
   }
}

static enum isa_type
mbarrier_operand(const struct isa_mods *m, unsigned i)
{
   switch (m->mode) {
   case ISA_MODE_ARRIVE:
   case ISA_MODE_ARRIVE_DROP:
      return PICK(i, ISA_NO_TYPE, ISA_B64, ISA_NO_TYPE, ISA_U32);
   case ISA_MODE_TEST_WAIT:
   case ISA_MODE_TRY_WAIT:
      return PICK(i, ISA_NO_TYPE, ISA_PRED, ISA_NO_TYPE,
                  m->flags & ISA_PARITY ? ISA_U32 : ISA_B64, ISA_U32);
   case ISA_MODE_PENDING_COUNT:
      return PICK(i, ISA_NO_TYPE, ISA_U32, ISA_B64);
   default: /* init inval expect_tx complete_tx */
      return PICK(i, ISA_NO_TYPE, ISA_NO_TYPE, ISA_U32);
   }
}

struct isa_bulk
isa_bulk_operands(const struct isa_mods *m, unsigned nsrc)
{
   struct isa_bulk b = {0};
   if (m->space == ISA_GLOBAL) {
      if (m->flags & ISA_CP_MASK)
         b.bytes = (uint8_t)(nsrc - 1);
      return b;
   }
   b.mbarrier = 3;
   if (m->flags & ISA_MULTICAST)
      b.blocks = 4;
   return b;
}

/* Instructions that touch memory; the last operand, a cache policy, has 64 bits. */
static enum isa_type
memory_operand(enum isa_op op, const struct isa_mods *m, unsigned i)
{
   uint8_t t = m->type[0];
   switch ((unsigned)op) {
   case ISA_LD:
   case ISA_LDU:
   case ISA_MULTIMEM_LD_REDUCE:
      return PICK(i, ISA_NO_TYPE, t, ISA_NO_TYPE, ISA_B64);
   case ISA_ST:
   case ISA_RED:
   case ISA_MULTIMEM_ST:
   case ISA_MULTIMEM_RED:
      return PICK(i, ISA_NO_TYPE, ISA_NO_TYPE, t, ISA_B64);
   case ISA_ATOM:
      if (m->atom == ISA_ATOM_CAS)
         return PICK(i, ISA_NO_TYPE, t, ISA_NO_TYPE, t, t, ISA_B64);
      return PICK(i, ISA_NO_TYPE, t, ISA_NO_TYPE, t, ISA_B64);
   case ISA_CP_ASYNC:
      return PICK(i, ISA_NO_TYPE, ISA_NO_TYPE, ISA_NO_TYPE, ISA_U32);
   default:
      return ISA_NO_TYPE;
   }
}

enum isa_type
isa_operand_type(enum isa_op op, const struct isa_mods *m, unsigned i)
{
   uint8_t t = m->type[0], u = m->type[1];
   switch ((unsigned)op) {
   case ISA_ADD:
   case ISA_SUB:
   case ISA_FMA:
      return float_operand(op, m, i);
   case ISA_MUL:
   case ISA_MAD:
      if (m->mode != ISA_WIDE)
         return t;
      return PICK(i, ISA_NO_TYPE, widened(t), t, t, widened(t));
   case ISA_SETP:
      return PICK(i, ISA_NO_TYPE, ISA_PRED, t, t, ISA_PRED);
   case ISA_SET:
      return PICK(i, ISA_NO_TYPE, t, u, u, ISA_PRED);
   case ISA_SELP:
      return PICK(i, ISA_NO_TYPE, t, t, t, ISA_PRED);
   case ISA_SLCT:
      return PICK(i, ISA_NO_TYPE, t, t, t, u);
   case ISA_TESTP:
      return PICK(i, ISA_NO_TYPE, ISA_PRED, t);
   case ISA_SHL:
   case ISA_SHR:
   case ISA_SZEXT:
      return PICK(i, ISA_NO_TYPE, t, t, ISA_U32);
   case ISA_BFE:
      return PICK(i, ISA_NO_TYPE, t, t, ISA_U32, ISA_U32);
   case ISA_BFI:
      return PICK(i, ISA_NO_TYPE, t, t, t, ISA_U32, ISA_U32);
   case ISA_POPC:
   case ISA_CLZ:
   case ISA_BFIND:
      return PICK(i, ISA_NO_TYPE, ISA_U32, t);
   case ISA_FNS:
      return PICK(i, ISA_NO_TYPE, ISA_B32, ISA_B32, ISA_B32, ISA_S32);
   case ISA_LOP3:
      return PICK(i, ISA_NO_TYPE, t, t, t, t, ISA_B32, ISA_PRED);
   case ISA_DP4A:
   case ISA_DP2A:
      return dot_operand(m, i);
   case ISA_CVT:
      return cvt_operand(m, i);
   case ISA_CVT_PACK:
      return PICK(i, ISA_NO_TYPE, ISA_B32, ISA_S32, ISA_S32, ISA_B32);
   case ISA_ISSPACEP:
   case ISA_ISTYPEP:
      return PICK(i, ISA_NO_TYPE, ISA_PRED, ISA_NO_TYPE);
   case ISA_MAPA:
      return PICK(i, ISA_NO_TYPE, t, t, ISA_U32);
   case ISA_GETCTARANK:
      return PICK(i, ISA_NO_TYPE, ISA_U32, t);
   case ISA_SHFL:
   case ISA_VOTE:
   case ISA_MATCH:
   case ISA_REDUX:
   case ISA_ELECT:
   case ISA_BAR_WARP:
   case ISA_BAR:
   case ISA_BARRIER:
      return sync_operand(op, m, i);
   case ISA_MBARRIER:
      return mbarrier_operand(m, i);
   case ISA_VSET:
   case ISA_VSET2:
   case ISA_VSET4:
      return PICK(i, ISA_NO_TYPE, ISA_U32, t, u, ISA_U32);
   case ISA_BRX:
      return PICK(i, ISA_NO_TYPE, ISA_U32);
   case ISA_CREATEPOLICY:
      return PICK(i, ISA_NO_TYPE, ISA_B64);
   case ISA_MOVMATRIX: /* two 16-bit elements a register */
      return ISA_B32;
   case ISA_BRA:
   case ISA_CALL:
      return ISA_NO_TYPE;
   default:
      break;
   }
   if (op >= ISA_VADD && op <= ISA_VMAX4)
      return PICK(i, ISA_NO_TYPE, t, u, m->type[2], t);
   const struct isa_op_info *info = isa_op_info(op);
   if ((info->effects & (ISA_READS | ISA_WRITES)) || op == ISA_PREFETCH)
      return memory_operand(op, m, i);
   return t;
}
