/* SPDX-License-Identifier: Apache-2.0
 * Declarations of registers and variables, and where function-scope ones live. */
#include <stdio.h>
#include <string.h>

#include "ptx_priv.h"

#define MAX_DIMS 16

static uint32_t
parse_align(struct ptx *p)
{
   struct src_loc loc = ptx_loc(p);
   uint64_t a = ptx_uint(p, 1u << 20, ".align");
   if (!a || (a & (a - 1))) {
      ptx_error(p, loc, "ptx-bad-alignment", "an alignment must be a power of two");
      return 1;
   }
   return (uint32_t)a;
}

/* Behind ".attribute". */
void
ptx_parse_attributes(struct ptx *p, struct ptx_decl *d)
{
   ptx_expect(p, '(', "'(' after .attribute");
   do {
      if (ptx_is_word(p, T_DIR, "managed")) {
         d->managed = true;
         ptx_next(p);
      } else if (ptx_is_word(p, T_DIR, "unified")) {
         d->unified = true;
         ptx_next(p);
         if (ptx_accept(p, '(')) {
            ptx_expr(p);
            if (ptx_accept(p, ','))
               ptx_expr(p);
            ptx_expect(p, ')', "')' of .unified");
         }
      } else {
         ptx_error(p, ptx_loc(p), "ptx-unknown-attribute",
                   "expected .managed or .unified");
         ptx_next(p);
      }
   } while (!p->panic && ptx_accept(p, ','));
   ptx_expect(p, ')', "')' of .attribute");
}

static bool
parse_pointer_attribute(struct ptx *p)
{
   static const char *const spaces[] = {"ptr",    "global",  "const", "local",
                                        "shared", "generic", "param"};
   for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
      if (!strcmp(p->t.atom->name, spaces[i])) {
         ptx_next(p);
         return true;
      }
   }
   return false;
}

static bool
parse_opaque(struct ptx *p, struct ptx_decl *d)
{
   static const char *const names[] = {"texref", "samplerref", "surfref"};
   for (size_t i = 0; i < ARRAY_LEN(names); i++) {
      if (!strcmp(p->t.atom->name, names[i])) {
         d->opaque = (uint8_t)(i + 1);
         d->type = ISA_B64;
         ptx_next(p);
         return true;
      }
   }
   return false;
}

/* The words between the state space and the name: .align 8 .v4 .f32 .ptr .global … */
void
ptx_parse_decl_type(struct ptx *p, struct ptx_decl *d)
{
   *d = (struct ptx_decl){.vec = 1};
   bool pointer = false;
   struct src_loc loc = ptx_loc(p);
   while (p->t.kind == T_DIR && !p->panic) {
      struct atom *a = p->t.atom;
      if (a->type) {
         d->type = a->type;
         ptx_next(p);
      } else if (!strcmp(a->name, "align")) {
         ptx_next(p);
         uint32_t align = parse_align(p);
         if (!pointer) /* behind .ptr it speaks of what is pointed to */
            d->align = align;
      } else if (a->name[0] == 'v' && strchr("248", a->name[1]) && !a->name[2]) {
         d->vec = (uint8_t)(a->name[1] - '0');
         ptx_next(p);
      } else if (!strcmp(a->name, "attribute")) {
         ptx_next(p);
         ptx_parse_attributes(p, d);
      } else if (parse_opaque(p, d)) {
      } else if ((pointer || d->type) && parse_pointer_attribute(p)) {
         pointer = true;
      } else {
         ptx_error(p, ptx_loc(p), "ptx-unknown-directive",
                   "'.%s' does not belong into a declaration", a->name);
      }
   }
   if (!d->type)
      ptx_error(p, loc, "ptx-syntax", "the declaration has no type, such as .b32");
   if (!d->align)
      d->align = MAX2(isa_type_bits(d->type) / 8, 1u) * d->vec;
}

/* -- Registers */

static bool
accept_range(struct ptx *p, uint32_t *count)
{
   if (!ptx_accept(p, '<'))
      return false;
   /* Not an expression: '>' would be taken for an operator. */
   if (p->t.kind != T_INT || p->t.bits > UINT32_MAX)
      ptx_error(p, ptx_loc(p), "ptx-syntax", "expected a count of registers");
   *count = (uint32_t)p->t.bits;
   ptx_next(p);
   ptx_expect(p, '>', "'>' after the count of registers");
   return true;
}

/* Behind ".reg". */
void
ptx_parse_reg(struct ptx *p)
{
   struct ptx_decl d;
   ptx_parse_decl_type(p, &d);
   if (d.vec > 4) {
      ptx_error(p, ptx_loc(p), "ptx-syntax", "a register vector has 2 or 4 elements");
      d.vec = 4;
   }
   do {
      struct atom *a = p->t.atom;
      struct src_loc loc = ptx_loc(p);
      if (!ptx_expect(p, T_ID, "a register's name"))
         break;
      uint32_t count;
      if (accept_range(p, &count)) {
         ptx_bind_range(p, a, d.type, d.vec, count, loc);
      } else {
         struct ptx_bind *b = ptx_bind(p, a, BIND_REG, loc);
         ptx_make_reg(p, b, d.type, d.vec);
      }
   } while (!p->panic && ptx_accept(p, ','));
   ptx_end_statement(p);
}

/* -- Variables */

/* The state space that the current directive names; ISA_GENERIC when it names none. */
enum isa_space
ptx_space_word(const struct ptx *p)
{
   static const struct {
      const char *word;
      enum isa_space space;
   } spaces[] = {{"global", ISA_GLOBAL}, {"shared", ISA_SHARED}, {"local", ISA_LOCAL},
                 {"const", ISA_CONST},   {"param", ISA_PARAM},   {"tex", ISA_SPACE_TEX}};
   for (size_t i = 0; i < ARRAY_LEN(spaces); i++) {
      if (ptx_is_word(p, T_DIR, spaces[i].word))
         return spaces[i].space;
   }
   return ISA_GENERIC;
}

/* "[4][8]" behind a name: returns the bytes of all, and strides[i] the bytes of one
 * element of dimension i. Only the first dimension may be left open. */
uint64_t
ptx_parse_dims(struct ptx *p, uint64_t elem, uint64_t *strides, unsigned *ndims,
               bool *unsized)
{
   uint64_t dims[MAX_DIMS];
   unsigned n = 0;
   *unsized = false;
   while (ptx_accept(p, '[')) {
      struct src_loc loc = ptx_loc(p);
      if (n == MAX_DIMS) {
         ptx_error(p, loc, "ptx-too-deep", "more than %u dimensions", MAX_DIMS);
         break;
      }
      if (!n && p->t.kind == ']') {
         *unsized = true;
         dims[n++] = 0;
      } else {
         dims[n++] = ptx_uint(p, (uint64_t)1 << 40, "a dimension");
      }
      if (!ptx_expect(p, ']', "']'"))
         break;
   }
   uint64_t size = elem;
   for (unsigned i = n; i-- > 0;) {
      strides[i] = size;
      if (i == 0 && *unsized) {
         size = 0;
      } else if (__builtin_mul_overflow(size, dims[i], &size) || size > (uint64_t)1
                                                                           << 40) {
         ptx_error(p, ptx_loc(p), "ptx-number-range", "the array is too large");
         size = 0;
      }
   }
   *ndims = n;
   return size;
}

uint32_t
ptx_frame_alloc(struct ptx *p, uint64_t size, uint32_t align, bool keep,
                struct src_loc loc)
{
   uint64_t at = ALIGN_UP((uint64_t)p->frame_top, (uint64_t)align);
   if (at + size > (uint64_t)1 << 31) {
      ptx_error(p, loc, "ptx-number-range",
                "the function's local variables take more than 2 GiB");
      return 0;
   }
   p->frame_top = (uint32_t)(at + size);
   p->f->local_bytes = MAX2(p->f->local_bytes, p->frame_top);
   p->f->local_align = MAX2(p->f->local_align, align);
   for (size_t i = 0; keep && i < p->scopes.len; i++)
      p->scopes.data[i].keeps_frame = true;
   return (uint32_t)at;
}

/* The symbol that stands for a function whose address is taken. */
struct ir_sym *
ptx_func_sym(struct ptx *p, struct ir_func *f)
{
   if (f->sym)
      return f->sym;
   struct ir_sym *s = arena_new(p->m->arena, struct ir_sym);
   s->name = f->name;
   s->func = f;
   s->linkage = f->linkage;
   s->loc = f->loc;
   f->sym = s;
   vec_push(&p->m->syms, s);
   return s;
}

static struct ir_sym *
redeclare(struct ptx *p, struct atom *a, enum isa_space space, enum ir_linkage linkage,
          struct src_loc loc)
{
   struct ptx_bind *b = a->bind;
   if (!b || b->depth || ptx_depth(p) || b->kind != BIND_SYM)
      return NULL;
   struct ir_sym *s = b->sym;
   bool old_open = s->linkage == IR_EXTERN || s->linkage == IR_COMMON;
   bool new_open = linkage == IR_EXTERN || linkage == IR_COMMON;
   if ((!old_open && !new_open) || s->space != space) {
      ptx_error(p, loc, "ptx-duplicate-name", "'%s' is already defined, on line %u",
                a->name, b->loc.line);
   } else if (!new_open) {
      s->linkage = (uint8_t)linkage;
   }
   return s;
}

static struct ir_sym *
declare(struct ptx *p, struct atom *a, enum isa_space space, enum ir_linkage linkage,
        struct src_loc loc)
{
   struct ir_sym *s = redeclare(p, a, space, linkage, loc);
   if (s)
      return s;
   s = arena_new(p->m->arena, struct ir_sym);
   s->name = a->name;
   s->space = (uint8_t)space;
   s->linkage = (uint8_t)linkage;
   s->loc = loc;
   struct ptx_bind *b = ptx_bind(p, a, BIND_SYM, loc);
   b->sym = s;
   bool static_storage = space == ISA_GLOBAL || space == ISA_CONST;
   if (p->f && static_storage)
      s->name = arena_printf(p->m->arena, "%s$%s", p->f->name, a->name);
   if (p->f)
      vec_push(&p->f->syms, s);
   if (!p->f || static_storage)
      vec_push(&p->m->syms, s);
   if (!p->f)
      map_set(p->m->sym_map, a->name, s);
   return s;
}

static void
parse_declarator(struct ptx *p, const struct ptx_decl *d, enum isa_space space,
                 enum ir_linkage linkage)
{
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (!ptx_expect(p, T_ID, "a variable's name"))
      return;
   uint32_t count = 1;
   bool range = accept_range(p, &count); /* .param .b32 p<4> */
   if (range && count > 1u << 16)
      ptx_error(p, loc, "ptx-number-range", "more than 65536 variables");
   uint64_t elem = isa_type_bits(d->type) / 8, strides[MAX_DIMS + 1];
   unsigned ndims;
   bool unsized;
   uint64_t size = ptx_parse_dims(p, elem * d->vec, strides, &ndims, &unsized);
   if (d->vec > 1)
      strides[ndims++] = elem;
   for (uint32_t i = 0; i < count && !p->panic; i++) {
      struct atom *name = a;
      if (range) {
         char text[300];
         int n = snprintf(text, sizeof text, "%.256s%u", a->name, i);
         name = ptx_atom(p, text, (size_t)n);
      }
      struct ir_sym *s = declare(p, name, space, linkage, loc);
      name->bind->type = d->type;
      s->elem_type = d->type;
      s->align = MAX2(d->align, s->align);
      s->size = MAX2(size, s->size);
      s->managed |= d->managed;
      s->unified |= d->unified;
      s->opaque = d->opaque;
      if (p->t.kind == '=') {
         ptx_next(p);
         ptx_parse_init(p, s, elem, strides, ndims, unsized);
      } else if (unsized && linkage != IR_EXTERN && space != ISA_SHARED) {
         ptx_error(p, loc, "ptx-syntax",
                   "'%s' has neither a size nor an initialiser; only an .extern array "
                   "may leave both out",
                   name->name);
      }
      if (p->f && (space == ISA_LOCAL || space == ISA_PARAM_FUNC))
         s->address = ptx_frame_alloc(p, s->size, s->align, space == ISA_LOCAL, loc);
   }
}

/* Behind the state space's word. */
void
ptx_parse_var(struct ptx *p, enum isa_space space, enum ir_linkage linkage)
{
   if (space == ISA_CONST && ptx_accept(p, '[')) { /* the bank of PTX before 2.2 */
      ptx_uint(p, 10, "a constant bank");
      ptx_expect(p, ']', "']'");
   }
   struct ptx_decl d;
   ptx_parse_decl_type(p, &d);
   unsigned bits = isa_type_bits(d.type);
   if (d.type && (bits < 8 || bits % 8))
      ptx_error(p, ptx_loc(p), "ptx-bad-type",
                ".%s is not a type for variables in memory", isa_type_name(d.type));
   do
      parse_declarator(p, &d, space, linkage);
   while (!p->panic && ptx_accept(p, ','));
   ptx_end_statement(p);
}
