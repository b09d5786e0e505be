/* SPDX-License-Identifier: Apache-2.0
 * The syntax of operands: what is written, before an instruction says what it must be. */
#include <stdio.h>
#include <string.h>

#include "ptx_priv.h"

#define MAX_NESTING 4 /* [map, {x, y}], {{…}} never: enough for every form */

struct ptx_opnd *
ptx_opnd_new(struct ptx *p, unsigned kind)
{
   if (p->operands_used == PTX_MAX_OPERANDS) {
      ptx_error(p, ptx_loc(p), "ptx-operand-count", "more than %u operands",
                PTX_MAX_OPERANDS);
      p->operands_used = PTX_MAX_OPERANDS - 1;
   }
   struct ptx_opnd *o = &p->operands[p->operands_used++];
   *o = (struct ptx_opnd){.kind = (uint8_t)kind, .loc = ptx_loc(p)};
   return o;
}

/* "+ 8", "- 8", "+ 4*2" behind a register or symbol. */
static int64_t
parse_offset(struct ptx *p)
{
   uint64_t sum = 0;
   while ((p->t.kind == '+' || p->t.kind == '-') && !p->panic) {
      bool minus = p->t.kind == '-';
      ptx_next(p);
      struct src_loc loc = ptx_loc(p);
      struct ptx_const c = ptx_expr_term(p);
      if (c.kind == CST_F64)
         ptx_error(p, loc, "ptx-operand-kind", "an offset must be an integer");
      sum += minus ? 0 - c.u : c.u;
   }
   return (int64_t)sum;
}

/* The word behind a dot that follows a name without a blank: %tid.x, %v.y, %r1.b0. */
static bool
accept_suffix(struct ptx *p, const char *end, char *word)
{
   if (p->t.kind != T_DIR || p->t.at != end || p->t.atom->len > 7)
      return false;
   memcpy(word, p->t.atom->name, p->t.atom->len + 1);
   ptx_next(p);
   return true;
}

static unsigned
selector(const char *word)
{
   static const char *const names[] = {"", "b0", "b1", "b2", "b3", "h0", "h1"};
   for (unsigned i = 1; i < ARRAY_LEN(names); i++) {
      if (!strcmp(word, names[i]))
         return i;
   }
   return SEL_OTHER;
}

static int
element_index(const char *word)
{
   static const char letters[] = "xyzwrgba";
   const char *at = word[0] && !word[1] ? strchr(letters, word[0]) : NULL;
   return at ? (int)((at - letters) & 3) : -1;
}

static struct ptx_opnd *
whole_vector(struct ptx *p, struct ptx_opnd *o, const struct ptx_bind *b)
{
   o->kind = O_VEC;
   struct ptx_opnd **tail = &o->first;
   for (; o->n < 4 && b->vec[o->n]; o->n++) {
      struct ptx_opnd *e = ptx_opnd_new(p, O_REG);
      e->v = b->vec[o->n];
      e->type = b->type;
      e->atom = b->atom;
      e->loc = o->loc;
      *tail = e;
      tail = &e->next;
   }
   return o;
}

static void
register_operand(struct ptx *p, struct ptx_opnd *o, struct ptx_bind *b,
                 const char *suffix)
{
   o->type = b->type;
   if (b->kind == BIND_VEC) {
      int i = suffix ? element_index(suffix) : -1;
      if (!suffix) {
         whole_vector(p, o, b);
      } else if (i < 0 || !b->vec[i]) {
         ptx_error(p, o->loc, "ptx-operand-kind", "'%s' has no element '.%s'",
                   o->atom->name, suffix);
      } else {
         o->kind = O_REG;
         o->v = b->vec[i];
      }
      return;
   }
   o->kind = O_REG;
   o->v = b->v;
   if (suffix)
      o->sel = (uint8_t)selector(suffix);
}

static void
special_register(struct ptx *p, struct ptx_opnd *o, const char *suffix)
{
   char name[64];
   snprintf(name, sizeof name, suffix ? "%.40s.%s" : "%.40s", o->atom->name, suffix);
   o->sreg = isa_sreg_find(name);
   if (o->sreg) {
      o->kind = O_SREG;
      return;
   }
   snprintf(name, sizeof name, "%.40s.x", o->atom->name);
   if (!isa_sreg_find(name))
      return;
   if (suffix) {
      ptx_error(p, o->loc, "ptx-operand-kind", "'%s' has no element '.%s'", o->atom->name,
                suffix);
      return;
   }
   /* All of %tid at once: mov.v4.u32 %v, %tid. */
   o->kind = O_VEC;
   struct ptx_opnd **tail = &o->first;
   for (; o->n < 4; o->n++) {
      struct ptx_opnd *e = ptx_opnd_new(p, O_SREG);
      snprintf(name, sizeof name, "%.40s.%c", o->atom->name, "xyzw"[o->n]);
      e->sreg = isa_sreg_find(name);
      e->atom = o->atom;
      *tail = e;
      tail = &e->next;
   }
}

static struct ptx_opnd *
name_operand(struct ptx *p)
{
   struct ptx_opnd *o = ptx_opnd_new(p, O_NAME);
   struct atom *a = o->atom = p->t.atom;
   const char *end = p->t.end;
   ptx_next(p);
   if (a->len == 1 && a->name[0] == '_') {
      o->kind = O_SINK;
      return o;
   }
   char word[8];
   const char *suffix = accept_suffix(p, end, word) ? word : NULL;
   struct ptx_bind *b = ptx_lookup(p, a);
   if (!b) {
      if (a->name[0] == '%')
         special_register(p, o, suffix);
      return o;
   }
   switch ((enum ptx_bind_kind)b->kind) {
   case BIND_REG:
   case BIND_VEC:
      register_operand(p, o, b, suffix);
      return o;
   case BIND_SYM:
      o->kind = O_SYM;
      o->sym = b->sym;
      break;
   case BIND_ARG:
      o->kind = O_ARG;
      o->v = b->v;
      break;
   case BIND_FUNC:
      o->kind = O_SYM;
      break;
   case BIND_LABEL:
   case BIND_PROTO:
   case BIND_TARGETS:
   case BIND_CALLEES:
      break;
   }
   if (suffix)
      ptx_error(p, o->loc, "ptx-syntax", "'.%s' does not fit after '%s'", suffix,
                a->name);
   return o;
}

static struct ptx_opnd *
parse_vector(struct ptx *p)
{
   struct ptx_opnd *o = ptx_opnd_new(p, O_VEC), **tail = &o->first;
   ptx_next(p);
   do {
      struct ptx_opnd *e = ptx_parse_operand(p);
      if (e->kind == O_VEC || e->kind == O_ADDR)
         ptx_error(p, e->loc, "ptx-syntax",
                   "a vector's element must be a register or a "
                   "constant");
      *tail = e;
      tail = &e->next;
      o->n++;
   } while (!p->panic && ptx_accept(p, ','));
   ptx_expect(p, '}', "',' or '}' in the vector");
   return o;
}

static void
parse_base(struct ptx *p, struct ptx_opnd *o)
{
   struct ptx_opnd *base = ptx_parse_operand(p);
   o->first = base;
   if (base->kind == O_REG || base->kind == O_NAME)
      o->offset = parse_offset(p);
   else if (base->kind == O_SYM || base->kind == O_ARG)
      o->offset = base->offset;
   else if (base->kind != O_CONST)
      ptx_error(p, base->loc, "ptx-operand-kind",
                "an address is a register, a variable or a number, and an offset");
}

/* [base], [base + 8], [map, {x, y}], [tex, sampler, {x}] */
static struct ptx_opnd *
parse_address(struct ptx *p)
{
   struct ptx_opnd *o = ptx_opnd_new(p, O_ADDR);
   ptx_next(p);
   parse_base(p, o);
   struct ptx_opnd **tail = &o->first->next;
   while (!p->panic && ptx_accept(p, ',')) {
      struct ptx_opnd *e = ptx_parse_operand(p);
      *tail = e;
      tail = &e->next;
   }
   ptx_expect(p, ']', "']' after the address");
   return o;
}

/* Behind a symbol: "+ 4", "[4]" (an address: the same as [symbol + 4]). */
static struct ptx_opnd *
symbol_tail(struct ptx *p, struct ptx_opnd *o)
{
   if (p->t.kind == '[') {
      ptx_next(p);
      struct ptx_opnd *addr = ptx_opnd_new(p, O_ADDR);
      addr->loc = o->loc;
      addr->first = o;
      struct ptx_const c = ptx_expr(p);
      addr->offset = (int64_t)c.u;
      ptx_expect(p, ']', "']' after the offset");
      return addr;
   }
   o->offset = parse_offset(p);
   return o;
}

struct ptx_opnd *
ptx_parse_operand(struct ptx *p)
{
   struct ptx_opnd *o;
   if (p->operand_depth >= MAX_NESTING) {
      ptx_error(p, ptx_loc(p), "ptx-too-deep", "the operand is nested too deeply");
      return ptx_opnd_new(p, O_SINK);
   }
   p->operand_depth++;
   if (p->t.kind == T_ID && !ptx_is_word(p, T_ID, "WARP_SZ")) {
      o = name_operand(p);
      if (o->kind == O_SYM || o->kind == O_ARG)
         o = symbol_tail(p, o);
   } else if (p->t.kind == '{') {
      o = parse_vector(p);
   } else if (p->t.kind == '[') {
      o = parse_address(p);
   } else if (p->t.kind == '!') {
      /* Of a predicate; in front of a number it is the operator. */
      struct src_loc loc = ptx_loc(p);
      ptx_next(p);
      o = ptx_parse_operand(p);
      o->negated = !o->negated;
      o->loc = loc;
   } else if (p->t.kind == T_STRING) {
      o = ptx_opnd_new(p, O_STRING);
      ptx_next(p);
   } else {
      o = ptx_opnd_new(p, O_CONST);
      o->c = ptx_expr(p);
   }
   p->operand_depth--;
   bool result =
      o->kind == O_REG || o->kind == O_SINK || o->kind == O_NAME || o->kind == O_VEC;
   if (p->t.kind == '|' && result && !p->operand_depth) {
      ptx_next(p);
      o->second = ptx_parse_operand(p);
   }
   return o;
}
