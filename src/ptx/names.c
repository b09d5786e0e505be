/* SPDX-License-Identifier: Apache-2.0
 * What a name means where it is used: scopes, register ranges, and labels that are used
 * before they are defined. */
#include <string.h>

#include "ptx_priv.h"

#define MAX_SCOPES 256

unsigned
ptx_depth(const struct ptx *p)
{
   return (unsigned)p->scopes.len - 1;
}

bool
ptx_scope_open(struct ptx *p)
{
   if (p->scopes.len >= MAX_SCOPES) {
      ptx_error(p, ptx_loc(p), "ptx-too-deep", "blocks are nested more than %u deep",
                MAX_SCOPES);
      return false;
   }
   struct ptx_scope s = {NULL, NULL, p->refs.len, p->frame_top, false};
   vec_push(&p->scopes, s);
   return true;
}

static const char *const kind_names[] = {
   [BIND_REG] = "a register",
   [BIND_VEC] = "a vector register",
   [BIND_SYM] = "a variable",
   [BIND_ARG] = "a parameter",
   [BIND_LABEL] = "a label",
   [BIND_FUNC] = "a function",
   [BIND_PROTO] = "a prototype",
   [BIND_TARGETS] = "a list of branch targets",
   [BIND_CALLEES] = "a list of call targets",
};

const char *
ptx_bind_kind_name(const struct ptx_bind *b)
{
   return kind_names[b->kind];
}

static struct ptx_bind *
new_bind(struct ptx *p, struct atom *a, unsigned kind, unsigned depth)
{
   struct ptx_bind *b = p->free_binds;
   if (b)
      p->free_binds = b->next;
   else
      b = arena_new(p->scratch, struct ptx_bind);
   *b = (struct ptx_bind){.kind = (uint8_t)kind, .depth = (uint16_t)depth, .atom = a};
   b->shadowed = a->bind;
   a->bind = b;
   b->next = p->scopes.data[depth].binds;
   p->scopes.data[depth].binds = b;
   return b;
}

struct ptx_bind *
ptx_bind(struct ptx *p, struct atom *a, unsigned kind, struct src_loc loc)
{
   unsigned depth = ptx_depth(p);
   if (a->bind && a->bind->depth == depth) {
      struct ptx_bind *old = a->bind;
      ptx_error(p, loc, "ptx-duplicate-name",
                "'%s' is already %s in this scope, since line %u", a->name,
                kind_names[old->kind], old->loc.line);
      old->kind = (uint8_t)kind;
      return old;
   }
   struct ptx_bind *b = new_bind(p, a, kind, depth);
   b->loc = loc;
   return b;
}

void
ptx_bind_range(struct ptx *p, struct atom *prefix, enum isa_type type, unsigned vec,
               uint32_t count, struct src_loc loc)
{
   unsigned depth = ptx_depth(p);
   struct ptx_range *r = prefix->range;
   if (r && r->depth == depth) {
      /* nvcc declares `%rd<2>` and later `%rd<9>` of one type when it links text. */
      if (r->type != type || r->vec != vec)
         ptx_error(p, loc, "ptx-duplicate-name",
                   "registers '%s<…>' are already declared in this scope, on line %u",
                   prefix->name, r->loc.line);
      r->count = MAX2(r->count, count);
      return;
   }
   r = arena_new(p->scratch, struct ptx_range);
   *r = (struct ptx_range){.prefix = prefix,
                           .shadowed = prefix->range,
                           .next = p->scopes.data[depth].ranges,
                           .count = count,
                           .depth = (uint16_t)depth,
                           .type = (uint8_t)type,
                           .vec = (uint8_t)vec,
                           .loc = loc};
   prefix->range = r;
   p->scopes.data[depth].ranges = r;
   if (depth > 1)
      p->nested_ranges = true;
}

void
ptx_make_reg(struct ptx *p, struct ptx_bind *b, enum isa_type type, unsigned vec)
{
   enum ir_width w = ir_width_of_type(type);
   b->type = (uint8_t)type;
   if (vec < 2) {
      b->v = ir_value_create(p->f, IR_REG, w, b->atom->name);
      return;
   }
   b->kind = BIND_VEC;
   b->vec = arena_array(p->scratch, struct ir_value *, 4);
   for (unsigned i = 0; i < vec; i++) {
      const char *name = arena_printf(p->m->arena, "%s_%c", b->atom->name, "xyzw"[i]);
      b->vec[i] = ir_value_create(p->f, IR_REG, w, name);
   }
}

/* Register number N of a range "%r<100>", named as %rN. */
static struct ptx_bind *
find_in_range(struct ptx *p, struct atom *a)
{
   uint32_t n = a->len;
   uint64_t number = 0, unit = 1;
   while (n > 1 && a->name[n - 1] >= '0' && a->name[n - 1] <= '9' && a->len - n < 10) {
      n--;
      number += unit * (uint64_t)(a->name[n] - '0');
      unit *= 10;
   }
   /* The prefix may itself end in digits ("%r1<4>": %r10), so each split is tried. */
   for (; n < a->len; n++) {
      struct ptx_range *r =
         a->name[n] == '0' && n + 1 < a->len ? NULL : ptx_atom(p, a->name, n)->range;
      if (r && number < r->count && (!a->bind || a->bind->depth < r->depth)) {
         struct ptx_bind *b = new_bind(p, a, BIND_REG, r->depth);
         b->loc = r->loc;
         ptx_make_reg(p, b, r->type, r->vec);
         return b;
      }
      unit /= 10;
      number -= unit * (uint64_t)(a->name[n] - '0');
   }
   return NULL;
}

/* The meaning of a name here; NULL when it has none. */
struct ptx_bind *
ptx_lookup(struct ptx *p, struct atom *a)
{
   struct ptx_bind *b = a->bind;
   if (KASURI_LIKELY(b && (!p->nested_ranges || b->depth == ptx_depth(p))))
      return b;
   char last = a->name[a->len - 1];
   if (p->f && last >= '0' && last <= '9') {
      struct ptx_bind *r = find_in_range(p, a);
      if (r)
         return r;
   }
   return b;
}

/* -- Uses before definitions */

void
ptx_ref_label(struct ptx *p, struct atom *a, struct ir_block **slot, struct src_loc loc)
{
   struct ptx_ref r = {REF_LABEL, a, slot, NULL, loc};
   vec_push(&p->refs, r);
}

void
ptx_ref_targets(struct ptx *p, struct atom *a, struct ir_inst *brx, struct src_loc loc)
{
   struct ptx_ref r = {REF_TARGETS, a, NULL, brx, loc};
   vec_push(&p->refs, r);
}

static void
report_undefined(struct ptx *p, const struct ptx_ref *r, const struct ptx_bind *b)
{
   const char *what = r->kind == REF_LABEL ? "a label" : "a .branchtargets list";
   p->panic = false;
   if (b)
      ptx_error(p, r->loc, "ptx-operand-kind", "'%s' is %s; %s is expected here",
                r->atom->name, kind_names[b->kind], what);
   else
      ptx_error(p, r->loc, "ptx-undefined-label",
                "'%s' is not defined in this function; %s of that name is missing",
                r->atom->name, what);
   p->panic = false;
}

static void
resolve(struct ptx *p, struct ptx_ref *r, struct ptx_bind *b)
{
   if (r->kind == REF_LABEL && b && b->kind == BIND_LABEL) {
      *r->slot = b->block;
   } else if (r->kind == REF_TARGETS && b && b->kind == BIND_TARGETS) {
      r->inst->targets = b->targets->blocks;
      r->inst->ntargets = b->targets->n;
   } else {
      report_undefined(p, r, b);
      if (r->kind == REF_LABEL)
         *r->slot = p->f->first_block;
   }
}

/* Settles the uses made in the innermost scope: what it defines itself, else left to the
 * scope around it; the function's own scope is the last chance. */
static void
settle_refs(struct ptx *p)
{
   unsigned depth = ptx_depth(p);
   size_t keep = vec_last(&p->scopes).first_ref;
   for (size_t i = keep; i < p->refs.len; i++) {
      struct ptx_ref r = p->refs.data[i];
      struct ptx_bind *b = r.atom->bind;
      bool here = b && b->depth == depth &&
                  (b->kind == BIND_LABEL || b->kind == BIND_TARGETS || depth <= 1);
      if (here || depth <= 1)
         resolve(p, &r, b);
      else
         p->refs.data[keep++] = r;
   }
   p->refs.len = keep;
}

void
ptx_scope_close(struct ptx *p)
{
   if (p->f)
      settle_refs(p);
   struct ptx_scope s = vec_pop(&p->scopes);
   for (struct ptx_bind *b = s.binds, *next; b; b = next) {
      next = b->next;
      b->atom->bind = b->shadowed;
      b->next = p->free_binds;
      p->free_binds = b;
   }
   for (struct ptx_range *r = s.ranges; r; r = r->next)
      r->prefix->range = r->shadowed;
   if (!s.keeps_frame)
      p->frame_top = s.frame_top;
}
