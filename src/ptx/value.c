/* SPDX-License-Identifier: Apache-2.0
 * Operands to values: constants get their type, symbols and special registers an
 * instruction of their own before the one that uses them. */
#include <string.h>

#include "ptx_priv.h"

struct ir_value *
ptx_temp(struct ptx *p, enum ir_width w)
{
   return ir_value_create(p->f, IR_REG, w, NULL);
}

struct isa_mods
ptx_mods(const char *opcode)
{
   struct isa_mods m = {.vec = 1};
   const char *error;
   size_t at;
   isa_match(opcode, strlen(opcode), &m, &error, &at);
   return m;
}

/* An instruction at the current place, with the statement's source line. */
struct ir_inst *
ptx_emit(struct ptx *p, enum isa_op op, const struct isa_mods *mods, unsigned ndst,
         unsigned nsrc)
{
   struct ir_inst *i = ir_inst_create(p->f, op, ndst, nsrc);
   if (mods)
      i->mods = *mods;
   i->loc = p->inst_loc;
   i->line_file = p->loc_file;
   i->line = p->loc_line;
   ir_inst_append(ptx_block_here(p), i);
   return i;
}

struct ir_value *
ptx_emit_addr(struct ptx *p, struct ir_sym *s, int64_t offset, enum ir_width w)
{
   struct ir_inst *i = ptx_emit(p, ISA_ADDR, NULL, 1, 0);
   i->dst[0] = ptx_temp(p, w);
   i->sym = s;
   i->offset = offset;
   i->mods.space = s->space;
   i->mods.type[0] = w == IR_B64 ? ISA_U64 : ISA_U32;
   return i->dst[0];
}

static struct ir_value *
emit_unary(struct ptx *p, enum isa_op op, const char *opcode, enum ir_width w,
           struct ir_value *a)
{
   struct isa_mods m = ptx_mods(opcode);
   struct ir_inst *i = ptx_emit(p, op, &m, 1, 1);
   i->dst[0] = ptx_temp(p, w);
   i->src[0] = a;
   return i->dst[0];
}

/* a + by */
struct ir_value *
ptx_add_offset(struct ptx *p, struct ir_value *a, int64_t by)
{
   if (!by)
      return a;
   bool wide = a->width == IR_B64;
   struct isa_mods m = ptx_mods(wide ? "add.s64" : "add.s32");
   struct ir_inst *i = ptx_emit(p, ISA_ADD, &m, 1, 2);
   i->dst[0] = ptx_temp(p, a->width);
   i->src[0] = a;
   i->src[1] = ir_const(p->f, a->width, (uint64_t)by);
   return i->dst[0];
}

/* -- Checks */

/* The manual's 9.4.1: these take a register wider than their type. */
static bool
takes_wider(enum isa_op op)
{
   return op == ISA_LD || op == ISA_LDU || op == ISA_ST || op == ISA_CVT;
}

static void
check_width(struct ptx *p, const struct ptx_opnd *o, enum isa_op op, enum isa_type t)
{
   if (t == ISA_NO_TYPE || !o->v)
      return;
   unsigned want = isa_type_bits(t), have = ir_width_bits(o->v->width);
   bool pred = t == ISA_PRED;
   if (pred == (o->v->width == IR_PRED) &&
       (want == have || (want < have && (takes_wider(op) || want < 8))))
      return;
   const char *name = o->atom ? o->atom->name : "this operand";
   ptx_error(p, o->loc, "ptx-operand-size", "'%s' is a .%s register; %s takes .%s here",
             name, isa_type_name(o->type), op ? isa_op_info(op)->name : "a guard",
             isa_type_name(t));
}

static void
report_name(struct ptx *p, const struct ptx_opnd *o, const char *want)
{
   struct ptx_bind *b = ptx_lookup(p, o->atom);
   if (b)
      ptx_error(p, o->loc, "ptx-operand-kind", "'%s' is %s; %s is expected here",
                o->atom->name, ptx_bind_kind_name(b), want);
   else if (o->atom->name[0] == '%')
      ptx_error(p, o->loc, "ptx-undeclared-name",
                "'%s' is neither a declared register nor a special register; declare it "
                "with .reg",
                o->atom->name);
   else
      ptx_error(p, o->loc, "ptx-undeclared-name",
                "'%s' is not declared; declare it above its use", o->atom->name);
}

/* -- Constants */

static struct ir_value *
constant(struct ptx *p, const struct ptx_opnd *o, enum isa_type t)
{
   uint64_t bits = o->c.u;
   if (t == ISA_NO_TYPE) {
      t = ISA_B32;
      if (o->c.kind == CST_F64)
         t = o->c.float_bits == 32 ? ISA_F32 : ISA_F64;
      else if (bits + ((uint64_t)1 << 31) > UINT32_MAX && bits > UINT32_MAX)
         t = ISA_B64;
   }
   if (t == ISA_PRED && o->c.kind != CST_F64) {
      bits = (bits != 0) != o->negated;
   } else if (!ptx_const_bits(o->c, t, &bits)) {
      if (o->c.kind == CST_F64)
         ptx_error(p, o->loc, "ptx-operand-type",
                   "a floating-point constant, where .%s is expected", isa_type_name(t));
      else
         ptx_error(p, o->loc, "ptx-operand-type",
                   "an integer constant, where .%s is expected: write it with a decimal "
                   "point, or as a 0%c pattern",
                   isa_type_name(t), t == ISA_F64 ? 'd' : 'f');
   } else if (o->negated) {
      bits = !bits;
   }
   enum ir_width w = ir_width_of_type(t);
   if (w == IR_B128)
      return ir_const128(p->f, bits,
                         o->c.kind == CST_S64 && (int64_t)bits < 0 ? UINT64_MAX : 0);
   return ir_const(p->f, w, bits);
}

/* -- Special registers */

static struct ir_value *
special(struct ptx *p, const struct ptx_opnd *o, enum isa_op op, enum isa_type t)
{
   unsigned have = isa_sreg_bits(o->sreg);
   unsigned want = t == ISA_NO_TYPE ? have : isa_type_bits(t);
   struct ir_inst *i = ptx_emit(p, ISA_SREG, NULL, 1, 0);
   enum ir_width w = have == 1 ? IR_PRED : have <= 32 ? IR_B32 : IR_B64;
   i->mods.extra = (uint8_t)o->sreg;
   i->mods.type[0] = w == IR_PRED ? ISA_PRED : w == IR_B32 ? ISA_U32 : ISA_U64;
   struct ir_value *v = i->dst[0] = ptx_temp(p, w);
   if (want == have || (takes_wider(op) && want < have))
      return v;
   /* Before PTX 2.0 these registers had 16 bits, %gridid 32. */
   if (want == 16 && have == 32)
      return emit_unary(p, ISA_CVT, "cvt.u16.u32", IR_B16, v);
   if (want == 32 && have == 64)
      return emit_unary(p, ISA_CVT, "cvt.u32.u64", IR_B32, v);
   ptx_error(p, o->loc, "ptx-operand-size", "'%s' has %u bits; '%s' takes .%s here",
             o->atom->name, have, isa_op_info(op)->name, isa_type_name(t));
   return v;
}

/* -- Video selectors: the part is taken out by a bfe before the instruction. */

static struct ir_value *
select_part(struct ptx *p, const struct ptx_opnd *o, enum isa_type t)
{
   static const struct {
      uint8_t at, bits;
   } parts[] = {[SEL_B0] = {0, 8},  [SEL_B1] = {8, 8},  [SEL_B2] = {16, 8},
                [SEL_B3] = {24, 8}, [SEL_H0] = {0, 16}, [SEL_H1] = {16, 16}};
   if (o->sel == SEL_OTHER || o->v->width != IR_B32) {
      ptx_error(p, o->loc, "ptx-unsupported-selector",
                "this part of '%s' cannot be selected here", o->atom->name);
      return o->v;
   }
   struct isa_mods m = ptx_mods(isa_type_is_signed(t) ? "bfe.s32" : "bfe.u32");
   struct ir_inst *i = ptx_emit(p, ISA_BFE, &m, 1, 3);
   i->dst[0] = ptx_temp(p, IR_B32);
   i->src[0] = o->v;
   i->src[1] = ir_const(p->f, IR_B32, parts[o->sel].at);
   i->src[2] = ir_const(p->f, IR_B32, parts[o->sel].bits);
   return i->dst[0];
}

/* -- Sources and destinations */

static struct ir_value *
address_value(struct ptx *p, struct ptx_opnd *o, enum isa_type t)
{
   bool narrow = t != ISA_NO_TYPE && isa_type_bits(t) == 32;
   if (o->kind == O_SYM) {
      struct ptx_bind *b = o->sym ? NULL : ptx_lookup(p, o->atom);
      struct ir_sym *s = o->sym ? o->sym : ptx_func_sym(p, b->func);
      if (t != ISA_NO_TYPE && isa_type_bits(t) != 32 && isa_type_bits(t) != 64)
         ptx_error(p, o->loc, "ptx-operand-size",
                   "the address of '%s' does not fit into .%s; take .u64", o->atom->name,
                   isa_type_name(t));
      return ptx_emit_addr(p, s, o->offset, narrow ? IR_B32 : IR_B64);
   }
   struct ir_value *v = ptx_add_offset(p, o->v, o->offset);
   return narrow ? v : emit_unary(p, ISA_CVT, "cvt.u64.u32", IR_B64, v);
}

struct ir_value *
ptx_source(struct ptx *p, struct ptx_opnd *o, enum isa_op op, enum isa_type t)
{
   struct ir_value *v = NULL;
   switch ((enum ptx_opnd_kind)o->kind) {
   case O_REG:
      check_width(p, o, op, t);
      v = o->sel ? select_part(p, o, t) : o->v;
      break;
   case O_CONST:
      return constant(p, o, t);
   case O_SREG:
      v = special(p, o, op, t);
      break;
   case O_SYM:
   case O_ARG:
      v = address_value(p, o, t);
      break;
   case O_NAME:
      report_name(p, o, "a value");
      break;
   case O_ADDR:
   case O_VEC:
   case O_SINK:
   case O_STRING:
      ptx_error(p, o->loc, "ptx-operand-kind",
                "a register or a constant is expected here");
      break;
   }
   if (!v)
      v = ir_undef(p->f, t == ISA_NO_TYPE ? IR_B32 : ir_width_of_type(t));
   if (!o->negated)
      return v;
   if (v->width != IR_PRED) {
      ptx_error(p, o->loc, "ptx-operand-kind", "'!' negates predicates only");
      return v;
   }
   return emit_unary(p, ISA_NOT, "not.pred", IR_PRED, v);
}

struct ir_value *
ptx_dest(struct ptx *p, struct ptx_opnd *o, enum isa_op op, enum isa_type t)
{
   if (o->kind == O_SINK)
      return ir_sink(p->f, t == ISA_NO_TYPE ? IR_B32 : ir_width_of_type(t));
   if (o->kind == O_NAME)
      report_name(p, o, "a register");
   else if (o->kind != O_REG || o->negated)
      ptx_error(p, o->loc, "ptx-operand-kind",
                "a result needs a register to go to, and this is none");
   else if (o->sel)
      ptx_error(p, o->loc, "ptx-unsupported-selector",
                "results into a part of a register are not supported yet");
   else
      check_width(p, o, op, t);
   return o->v && !p->panic ? o->v : ptx_temp(p, IR_B32);
}

/* -- Addresses */

struct ir_value *
ptx_address(struct ptx *p, struct ptx_opnd *o, int64_t *offset, uint8_t *space)
{
   struct ptx_opnd *b = o->first;
   *offset = o->offset;
   *space = ISA_GENERIC;
   if (b->kind == O_REG) {
      if (b->v->width != IR_B64 && b->v->width != IR_B32)
         ptx_error(p, b->loc, "ptx-operand-size",
                   "'%s' is a .%s register; an address has 32 or 64 bits", b->atom->name,
                   isa_type_name(b->type));
      return b->v;
   }
   if (b->kind == O_ARG) {
      *space = ISA_PARAM_FUNC;
      return b->v;
   }
   if (b->kind == O_CONST && b->c.kind != CST_F64)
      return ir_const(p->f, IR_B64, b->c.u);
   if (b->kind == O_SYM && b->sym) {
      struct ir_sym *s = b->sym;
      *space = s->space;
      bool wide = s->space == ISA_GLOBAL || s->space == ISA_CONST;
      return ptx_emit_addr(p, s, 0, wide ? IR_B64 : IR_B32);
   }
   if (b->kind == O_NAME)
      report_name(p, b, "an address");
   else
      ptx_error(p, b->loc, "ptx-operand-kind", "this is not an address");
   return ir_undef(p->f, IR_B64);
}
