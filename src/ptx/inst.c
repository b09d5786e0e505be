/* SPDX-License-Identifier: Apache-2.0
 * One instruction: guard, opcode, operands matched against the form's operand string and
 * flattened as struct ir_inst documents. */
#include <stdio.h>
#include <string.h>

#include "ptx_priv.h"

/* -- The form's operand string: "d{|q}, a, b{, c}" */

static struct ptx_shape *
parse_shape(struct ptx *p, const char *s)
{
   struct ptx_shape *shape = arena_new(p->scratch, struct ptx_shape);
   unsigned depth = 0;
   bool second = false;
   for (; *s; s++) {
      if (*s == '{') {
         depth++;
      } else if (*s == '}') {
         depth--;
         second = false;
      } else if (*s == '|') {
         second = true;
      } else if (*s >= 'a' && *s <= 'z') {
         if (second) {
            shape->op[shape->n - 1].second = true;
            second = false;
         } else if (shape->n < ARRAY_LEN(shape->op)) {
            shape->op[shape->n].letter = *s;
            shape->op[shape->n].optional = depth > 0;
            shape->required += !depth;
            shape->n++;
         }
      }
   }
   return shape;
}

static struct ptx_shape *
shape_of(struct ptx *p, unsigned form)
{
   while (form >= p->shapes.len)
      vec_push(&p->shapes, NULL);
   struct ptx_shape **slot = &p->shapes.data[form];
   if (!*slot)
      *slot = parse_shape(p, isa_form(form)->operands);
   return *slot;
}

/* -- How the operands were grouped, for printing */

static void
note(struct ptx *p, const char *text, bool special)
{
   str_append(&p->shape, text);
   p->shaped |= special;
}

static void
note_vector(struct ptx *p, const struct ptx_opnd *o)
{
   note(p, "{", true);
   for (const struct ptx_opnd *e = o->first; e; e = e->next)
      note(p, ".", true);
   note(p, "}", true);
}

/* -- Destinations */

static enum isa_type
element_type(enum isa_type t, unsigned n)
{
   static const uint8_t by_bits[][2] = {
      {8, ISA_B8}, {16, ISA_B16}, {32, ISA_B32}, {64, ISA_B64}};
   unsigned bits = n ? isa_type_bits(t) / n : 0;
   for (unsigned i = 0; i < ARRAY_LEN(by_bits); i++) {
      if (by_bits[i][0] == bits)
         return by_bits[i][1];
   }
   return ISA_NO_TYPE;
}

/* May a vector stand here, and what is the type of its elements? */
static bool
vector_fits(struct ptx *p, const struct ptx_opnd *o, char letter, enum isa_op op,
            const struct isa_mods *m, enum isa_type *t)
{
   if (op == ISA_MOV && m->vec < 2) {
      enum isa_type e = element_type(*t, o->n);
      if (e != ISA_NO_TYPE && o->n > 1) {
         *t = e;
         return true;
      }
      ptx_error(p, o->loc, "ptx-operand-size",
                "%u elements cannot be packed into .%s evenly", o->n, isa_type_name(*t));
      return false;
   }
   /* A vector of one is one: suld.b.2d.b32.trap {%r1}, … */
   if (letter == 'v' || letter == 's' || o->n == m->vec)
      return true;
   if (m->vec > 1)
      ptx_error(p, o->loc, "ptx-operand-count", "a vector of %u, where .v%u takes %u",
                o->n, m->vec, m->vec);
   else
      ptx_error(p, o->loc, "ptx-operand-kind",
                "a vector, where one register is expected");
   return false;
}

static void
add_dest(struct ptx *p, struct ptx_opnd *o, char letter, bool second, enum isa_op op,
         const struct isa_mods *m, enum isa_type t)
{
   if (letter == 'q')
      t = ISA_PRED;
   if (o->kind == O_VEC) {
      if (!vector_fits(p, o, letter, op, m, &t))
         return;
      for (struct ptx_opnd *e = o->first; e; e = e->next)
         vec_push(&p->dst, ptx_dest(p, e, op, t));
      note_vector(p, o);
   } else {
      if (m->vec > 1 && letter == 'd' && o->kind == O_REG)
         ptx_error(p, o->loc, "ptx-operand-kind",
                   "one register, where .v%u takes a vector {…}", m->vec);
      vec_push(&p->dst, ptx_dest(p, o, op, t));
      note(p, ".", false);
   }
   if (second) {
      vec_push(&p->dst,
               o->second ? ptx_dest(p, o->second, op, ISA_PRED) : ir_sink(p->f, IR_PRED));
      note(p, o->second ? "|." : "x", true);
   } else if (o->second) {
      ptx_error(p, o->second->loc, "ptx-operand-count",
                "'%s' has no second result in this form", isa_op_info(op)->name);
   }
}

/* -- Sources */

/* Where the address says which space is meant, the instruction says it from now on. */
static void
settle_space(struct ptx *p, const struct ptx_opnd *o, uint8_t base, struct isa_mods *m)
{
   if (m->space == ISA_PARAM && base == ISA_GENERIC)
      m->space = p->f->is_kernel ? ISA_PARAM : ISA_PARAM_FUNC;
   else if (m->space == ISA_PARAM && (base == ISA_PARAM || base == ISA_PARAM_FUNC))
      m->space = base;
   else if (m->space == ISA_GENERIC)
      m->space = base == ISA_GLOBAL ? ISA_GENERIC : base;
   else if (base != ISA_GENERIC && base != m->space &&
            !(base == ISA_SHARED && m->space == ISA_SHARED_CLUSTER) &&
            !(base == ISA_PARAM && m->space == ISA_CONST))
      ptx_error(p, o->loc, "ptx-space-mismatch",
                "'%s' is in state space .%s, and the instruction accesses .%s",
                o->first->atom->name, isa_space_name(base), isa_space_name(m->space));
}

struct addresses {
   unsigned n;
   int64_t offset;
};

static void
add_address(struct ptx *p, struct ptx_opnd *o, struct isa_mods *m, enum isa_op op,
            struct addresses *seen)
{
   if (o->kind != O_ADDR) {
      ptx_error(p, o->loc, "ptx-operand-kind",
                "an address in brackets is expected here, such as [%%rd1+8]");
      return;
   }
   int64_t offset;
   uint8_t space;
   bool plain = false;
   struct ir_value *base = ptx_address(p, o, &offset, &space);
   if (seen->n++ == 0) {
      /* A texture's name is no address, cvta and prefetch-like ones have no space rule.
       */
      plain =
         op == ISA_LD || op == ISA_LDU || op == ISA_ST || op == ISA_ATOM || op == ISA_RED;
      if (plain)
         settle_space(p, o, space, m);
      seen->offset = offset;
   } else {
      base = ptx_add_offset(p, base, offset);
   }
   vec_push(&p->src, base);
   note(p, "[.", !plain);
   for (struct ptx_opnd *e = o->first->next; e; e = e->next) {
      note(p, ",", true);
      if (e->kind != O_VEC) {
         vec_push(&p->src, ptx_source(p, e, op, ISA_NO_TYPE));
         note(p, ".", true);
         continue;
      }
      note_vector(p, e);
      for (struct ptx_opnd *x = e->first; x; x = x->next)
         vec_push(&p->src, ptx_source(p, x, op, ISA_NO_TYPE));
   }
   note(p, "]", false);
}

static void
add_source(struct ptx *p, struct ptx_opnd *o, char letter, enum isa_op op,
           struct isa_mods *m, enum isa_type t, struct addresses *seen)
{
   if (o->second)
      ptx_error(p, o->second->loc, "ptx-syntax", "'|' joins results only");
   if (letter == 'm' || (o->kind == O_ADDR && (letter == 's' || letter == 'v'))) {
      add_address(p, o, m, op, seen);
      return;
   }
   if (letter == 'p')
      t = ISA_PRED;
   /* Selectors and the like, which the type of the whole says nothing about. */
   if (letter == 'i' || (letter == 's' && op != ISA_MOV && o->kind == O_CONST &&
                         o->c.kind != CST_F64 && isa_type_is_float(t)))
      t = ISA_NO_TYPE;
   if (letter == 'i' && o->kind != O_CONST)
      ptx_error(p, o->loc, "ptx-operand-kind", "a constant is expected here");
   if (o->kind != O_VEC) {
      if (m->vec > 1 && letter == 'a' && op == ISA_ST)
         ptx_error(p, o->loc, "ptx-operand-kind",
                   "one register, where .v%u takes a vector {…}", m->vec);
      vec_push(&p->src, ptx_source(p, o, op, t));
      note(p, ".", false);
      return;
   }
   if (!vector_fits(p, o, letter, op, m, &t))
      return;
   for (struct ptx_opnd *e = o->first; e; e = e->next)
      vec_push(&p->src, ptx_source(p, e, op, t));
   note_vector(p, o);
}

/* -- Putting it together */

static bool
is_dest(char letter, unsigned i)
{
   return letter == 'd' || letter == 'q' || letter == 'e' || (letter == 'v' && !i);
}

static struct ir_value *
carry(struct ptx *p)
{
   if (!p->cc)
      p->cc = ir_value_create(p->f, IR_REG, IR_PRED, "%cc");
   return p->cc;
}

static void
finish_inst(struct ptx *p, enum isa_op op, const struct isa_mods *m, struct ptx_guard g,
            int64_t offset)
{
   if (op == ISA_ADDC || op == ISA_SUBC || op == ISA_MADC)
      vec_push(&p->src, carry(p));
   if (m->flags & ISA_CC)
      vec_push(&p->dst, carry(p));
   struct ir_inst *i = ptx_emit(p, op, m, (unsigned)p->dst.len, (unsigned)p->src.len);
   if (p->dst.len)
      memcpy(i->dst, p->dst.data, p->dst.len * sizeof *i->dst);
   if (p->src.len)
      memcpy(i->src, p->src.data, p->src.len * sizeof *i->src);
   i->offset = offset;
   if (p->shaped)
      i->shape = ptx_atom(p, p->shape.data, p->shape.len)->name;
   i->guard = g.v;
   i->guard_negated = g.negated;
}

/* mov of an address or a special register is that instruction, not a copy of it. */
static bool
lower_mov(struct ptx *p, struct ptx_opnd **ops, unsigned n, struct isa_mods *m,
          struct ptx_guard g)
{
   if (n != 2 || ops[0]->kind != O_REG || ops[0]->sel || ops[0]->second || m->vec > 1)
      return false;
   struct ptx_opnd *d = ops[0], *a = ops[1];
   enum isa_type t = isa_operand_type(ISA_MOV, m, 0);
   struct ir_inst *i;
   if (a->kind == O_SREG && !a->negated && isa_sreg_bits(a->sreg) == isa_type_bits(t)) {
      struct ir_value *v = ptx_dest(p, d, ISA_MOV, t);
      i = ptx_emit(p, ISA_SREG, NULL, 1, 0);
      i->dst[0] = v;
      i->mods.extra = (uint8_t)a->sreg;
   } else if (a->kind == O_SYM && (isa_type_bits(t) == 64 || isa_type_bits(t) == 32)) {
      struct ir_value *v = ptx_dest(p, d, ISA_MOV, t);
      ptx_emit_addr(p, a->sym ? a->sym : ptx_func_sym(p, ptx_lookup(p, a->atom)->func),
                    a->offset, v->width);
      i = p->b->last;
      i->dst[0] = v;
   } else {
      return false;
   }
   i->mods.type[0] = m->type[0];
   i->guard = g.v;
   i->guard_negated = g.negated;
   return true;
}

static void
lower(struct ptx *p, enum isa_op op, struct isa_mods *m, struct ptx_opnd **ops,
      unsigned n, struct ptx_guard g)
{
   struct ptx_shape *s = shape_of(p, m->form);
   if (n < s->required || n > s->n) {
      char want[40];
      snprintf(want, sizeof want, s->required == s->n ? "%u" : "%u to %u", s->required,
               s->n);
      ptx_error(p, p->inst_loc, "ptx-operand-count",
                "'%s' takes %s operands (%s), not %u", isa_op_info(op)->name, want,
                isa_form(m->form)->operands, n);
      return;
   }
   if (op == ISA_MOV && lower_mov(p, ops, n, m, g))
      return;
   vec_clear(&p->dst);
   vec_clear(&p->src);
   p->shape.len = 0;
   p->shaped = false;
   unsigned spare = n - s->required, at = 0;
   struct addresses seen = {0};
   for (unsigned i = 0; i < s->n; i++) {
      char letter = s->op[i].letter;
      if (s->op[i].optional && !spare) {
         /* The thread count of a barrier has its place even when it is not written. */
         if ((op == ISA_BAR || op == ISA_BARRIER) && letter != 'p') {
            vec_push(&p->src, ir_const(p->f, IR_B32, 0));
            note(p, "x", true);
         }
         continue;
      }
      if (at)
         note(p, ",", false);
      spare -= s->op[i].optional;
      enum isa_type t = isa_operand_type(op, m, at);
      if (is_dest(letter, i))
         add_dest(p, ops[at], letter, s->op[i].second, op, m, t);
      else
         add_source(p, ops[at], letter, op, m, t, &seen);
      at++;
   }
   if (!p->panic)
      finish_inst(p, op, m, g, seen.offset);
}

static struct ptx_guard
parse_guard(struct ptx *p)
{
   struct ptx_guard g = {0};
   if (!ptx_accept(p, '@'))
      return g;
   g.negated = ptx_accept(p, '!');
   if (p->t.kind != T_ID) {
      ptx_expect(p, T_ID, "a predicate after '@'");
      return g;
   }
   struct ptx_opnd *o = ptx_parse_operand(p);
   g.v = ptx_source(p, o, ISA_OP_NONE, ISA_PRED);
   return g;
}

static void
unknown_instruction(struct ptx *p, struct src_loc loc, size_t at, const char *error)
{
   loc.col += (uint32_t)at;
   ptx_error(p, loc, "ptx-unknown-instruction", "%s", error ? error : "unknown");
}

void
ptx_parse_inst(struct ptx *p)
{
   p->operands_used = 0;
   p->inst_loc = ptx_loc(p);
   struct ptx_guard g = parse_guard(p);
   if (p->t.kind != T_ID) {
      ptx_expect(p, T_ID, "an instruction");
      return;
   }
   struct src_loc loc = p->inst_loc = ptx_loc(p);
   size_t len, error_at = 0;
   const char *text = ptx_opcode_text(p, &len), *error = NULL;
   struct isa_mods m = {0};
   enum isa_op op = isa_match(text, len, &m, &error, &error_at);
   if (op == ISA_OP_NONE) {
      unknown_instruction(p, loc, error_at, error);
      return;
   }
   ptx_next(p);
   if (ptx_is_flow(op)) {
      ptx_parse_flow(p, op, &m, g);
      return;
   }
   struct ptx_opnd *ops[24];
   unsigned n = 0;
   if (p->t.kind != ';') {
      do {
         struct ptx_opnd *o = ptx_parse_operand(p);
         if (n < ARRAY_LEN(ops))
            ops[n] = o;
         n++;
      } while (!p->panic && ptx_accept(p, ','));
   }
   if (!p->panic && p->t.kind != ';' && p->t.line == p->inst_loc.line)
      ptx_expect(p, ';', "',' or ';'");
   if (!p->panic)
      lower(p, op, &m, ops, n, g);
}
