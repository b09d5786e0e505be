/* SPDX-License-Identifier: Apache-2.0
 * Initialisers of variables: numbers, nested braces, strings, addresses of symbols. */
#include <string.h>

#include "ptx_priv.h"

/* Open arrays with initialisers stay far below this; it keeps hostile sizes off the heap.
 */
#define MAX_INIT ((uint64_t)1 << 30)

struct init {
   struct ptx *p;
   struct ir_sym *s;
   uint64_t elem;
   const uint64_t *strides;
   unsigned ndims;
   uint64_t limit; /* bytes */
   struct str data;
   VEC(struct ir_reloc) relocs;
};

static char *
room(struct init *in, uint64_t pos, uint64_t n)
{
   if (in->p->panic)
      return NULL;
   if (pos + n > in->limit) {
      ptx_error(in->p, ptx_loc(in->p), "ptx-bad-initializer",
                "more values than '%s' has room for", in->s->name);
      return NULL;
   }
   if (pos + n > in->data.len) {
      size_t need = (size_t)(pos + n);
      if (need + 1 > in->data.cap) {
         in->data.cap = MAX2(need + 1, in->data.cap * 2);
         in->data.data = base_realloc(in->data.data, in->data.cap);
      }
      memset(in->data.data + in->data.len, 0, need - in->data.len);
      in->data.len = need;
   }
   return in->data.data + pos;
}

static void
put_const(struct init *in, uint64_t pos, struct ptx_const c, struct src_loc loc)
{
   uint64_t bits = c.u;
   if (!ptx_const_bits(c, in->s->elem_type, &bits)) {
      /* An integer is fine for a float variable: its value counts. */
      if (c.kind != CST_F64 && isa_type_is_float(in->s->elem_type)) {
         struct ptx_const f = {CST_F64, 0,
                               c.kind == CST_S64 ? (double)(int64_t)c.u : c.u};
         ptx_const_bits(f, in->s->elem_type, &bits);
      } else {
         ptx_error(in->p, loc, "ptx-bad-initializer", "this value does not fit type .%s",
                   isa_type_name(in->s->elem_type));
         return;
      }
   }
   unsigned n = (unsigned)MIN2(in->elem, 8u);
   char *to = room(in, pos, in->elem);
   if (to)
      memcpy(to, &bits, n);
}

static void
parse_addend(struct ptx *p, struct ir_reloc *r)
{
   while (p->t.kind == '+' || p->t.kind == '-') {
      bool minus = p->t.kind == '-';
      ptx_next(p);
      uint64_t by = ptx_expr_term(p).u;
      r->addend = (int64_t)((uint64_t)r->addend + (minus ? 0 - by : by));
   }
}

/* A variable or function name, in an optional "generic(…)", and an offset. */
static bool
parse_symbol(struct init *in, struct ir_reloc *r)
{
   struct ptx *p = in->p;
   if (ptx_is_word(p, T_ID, "generic")) {
      ptx_next(p);
      r->generic = 1;
      /* No recursion: generic(generic(…)) means nothing. */
      if (!ptx_expect(p, '(', "'(' after generic"))
         return false;
   }
   struct src_loc loc = ptx_loc(p);
   struct atom *a = p->t.atom;
   if (!ptx_expect(p, T_ID, "a variable or function"))
      return false;
   struct ptx_bind *b = ptx_lookup(p, a);
   if (b && b->kind == BIND_SYM) {
      r->sym = b->sym;
   } else if (b && b->kind == BIND_FUNC) {
      r->sym = ptx_func_sym(p, b->func);
   } else if (b) {
      ptx_error(p, loc, "ptx-bad-initializer",
                "'%s' is %s; an initialiser takes numbers and addresses of variables "
                "and functions",
                a->name, ptx_bind_kind_name(b));
      return false;
   } else {
      ptx_error(p, loc, "ptx-undeclared-name",
                "'%s' is not declared; declare it above its use", a->name);
      return false;
   }
   parse_addend(p, r);
   if (r->generic) {
      ptx_expect(p, ')', "')' of generic(…)");
      parse_addend(p, r);
   }
   return true;
}

static void
put_reloc(struct init *in, uint64_t pos, struct ir_reloc r, struct src_loc loc)
{
   if (!room(in, pos, in->elem))
      return;
   r.offset = pos;
   if (!r.bytes)
      r.bytes = (uint8_t)in->elem;
   if (r.bytes != 1 && r.bytes != 4 && r.bytes != 8) {
      ptx_error(in->p, loc, "ptx-bad-initializer",
                "an address needs a variable of 8 bytes (or a mask such as 0xff(…))");
      return;
   }
   vec_push(&in->relocs, r);
}

/* 0xff00(sym): byte 1 of the address, for tables of bytes. */
static void
put_masked(struct init *in, uint64_t pos, struct ptx_const mask, struct src_loc loc)
{
   struct ptx *p = in->p;
   struct ir_reloc r = {.bytes = 1};
   while (r.shift < 64 && mask.u != (uint64_t)0xff << r.shift)
      r.shift = (uint8_t)(r.shift + 8);
   if (r.shift >= 64 || in->elem != 1)
      ptx_error(p, loc, "ptx-bad-initializer",
                "a mask must select one byte (0xff, 0xff00, …) for a one-byte element");
   ptx_next(p);
   if (!parse_symbol(in, &r))
      return;
   ptx_expect(p, ')', "')' of the mask");
   put_reloc(in, pos, r, loc);
}

static void
put_scalar(struct init *in, uint64_t pos)
{
   struct ptx *p = in->p;
   struct src_loc loc = ptx_loc(p);
   if (p->t.kind == T_ID && !ptx_is_word(p, T_ID, "WARP_SZ")) {
      struct ir_reloc r = {0};
      if (parse_symbol(in, &r))
         put_reloc(in, pos, r, loc);
      return;
   }
   if (p->t.kind == T_INT) {
      struct ptx_const c = {CST_U64, p->t.bits};
      const char *s = p->at;
      while (*s == ' ')
         s++;
      if (*s == '(') {
         ptx_next(p);
         put_masked(in, pos, c, loc);
         return;
      }
   }
   put_const(in, pos, ptx_expr(p), loc);
}

/* Bytes between quotes, with C's simple escapes. */
static uint64_t
put_string(struct init *in, uint64_t pos)
{
   struct ptx *p = in->p;
   uint64_t start = pos;
   if (in->elem != 1)
      ptx_error(p, ptx_loc(p), "ptx-bad-initializer",
                "a string initialises arrays of bytes only");
   for (const char *s = p->t.at + 1; s < p->t.end - 1 && !p->panic; s++) {
      char c = *s;
      if (c == '\\') {
         static const char from[] = "nt0r\\\"'", to[] = "\n\t\0\r\\\"'";
         const char *e = memchr(from, *++s, sizeof from - 1);
         c = e ? to[e - from] : *s;
      }
      char *at = room(in, pos++, 1);
      if (at)
         *at = c;
   }
   ptx_next(p);
   return pos - start;
}

/* Behind '{': values for the sub-array of dimension `dim` at pos, whose end is `end`. */
static void
parse_braces(struct init *in, unsigned dim, uint64_t pos, uint64_t end)
{
   struct ptx *p = in->p;
   if (dim >= MAX2(in->ndims, 1u))
      ptx_error(p, ptx_loc(p), "ptx-bad-initializer",
                "more levels of braces than '%s' has dimensions", in->s->name);
   while (p->t.kind != '}' && !p->panic) {
      uint64_t step = in->elem;
      if (pos >= end)
         ptx_error(p, ptx_loc(p), "ptx-bad-initializer",
                   "more values than '%s' has room for", in->s->name);
      if (p->t.kind == '{') {
         step = dim < in->ndims ? in->strides[dim] : 0;
         ptx_next(p);
         parse_braces(in, dim + 1, pos, pos + step);
      } else if (p->t.kind == T_STRING) {
         step = put_string(in, pos);
      } else if (!p->panic) {
         put_scalar(in, pos);
      }
      pos += step;
      if (!ptx_accept(p, ','))
         break;
   }
   ptx_expect(p, '}', "',' or '}' in the initialiser");
}

/* .samplerref s = { addr_mode_0 = wrap, … }: read, and of no effect here. */
static void
skip_opaque(struct ptx *p)
{
   ptx_expect(p, '{', "'{'");
   while (!p->panic && p->t.kind != '}') {
      ptx_expect(p, T_ID, "a property's name");
      ptx_expect(p, '=', "'='");
      if (!ptx_accept(p, T_ID))
         ptx_expr(p);
      if (!ptx_accept(p, ','))
         break;
   }
   ptx_expect(p, '}', "'}'");
}

/* Behind '='. */
void
ptx_parse_init(struct ptx *p, struct ir_sym *s, uint64_t elem, const uint64_t *strides,
               unsigned ndims, bool unsized)
{
   if (s->opaque) {
      skip_opaque(p);
      return;
   }
   if (s->space != ISA_GLOBAL && s->space != ISA_CONST) {
      ptx_error(p, ptx_loc(p), "ptx-bad-initializer",
                "only .global and .const variables can be initialised");
      return;
   }
   struct init in = {p, s, elem, strides, ndims, unsized ? MAX_INIT : s->size};
   if (ptx_accept(p, '{'))
      parse_braces(&in, 0, 0, in.limit);
   else if (p->t.kind == T_STRING)
      put_string(&in, 0);
   else
      put_scalar(&in, 0);
   if (unsized && ndims && strides[0])
      s->size = (in.data.len + strides[0] - 1) / strides[0] * strides[0];
   if (!p->panic && s->size > MAX_INIT)
      ptx_error(p, s->loc, "ptx-number-range",
                "an initialised variable of more than 1 GiB");
   if (!p->panic && in.data.len) {
      s->init = arena_alloc(p->m->arena, (size_t)s->size);
      memcpy(s->init, in.data.data, in.data.len);
      s->nrelocs = (uint32_t)in.relocs.len;
      s->relocs = arena_array(p->m->arena, struct ir_reloc, in.relocs.len);
      if (in.relocs.len)
         memcpy(s->relocs, in.relocs.data, in.relocs.len * sizeof *in.relocs.data);
   }
   str_finish(&in.data);
   vec_finish(&in.relocs);
}
