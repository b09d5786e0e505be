/* SPDX-License-Identifier: Apache-2.0
 * Promotes per-thread variables (.param of calls, .local) to registers where every access
 * is a plain load or store at a constant offset and accesses never overlap partly. */
#include <string.h>

#include "pass/pass.h"

struct slot {
   int64_t offset;
   uint32_t bytes;
   struct ir_value *reg;
};

struct var {
   struct ir_sym *sym;
   bool escapes;
   VEC(struct slot) slots;
};

/* What is known of a register: the variable whose address it alone ever holds. */
struct reg_info {
   struct var *var;
   int64_t offset;
   uint32_t defs;
};

struct promote {
   struct ir_func *f;
   struct reg_info *regs; /* by value id */
   struct map *vars;      /* by ir_sym pointer */
   struct arena *a;
};

static struct var *
find_var(struct promote *p, struct ir_sym *s)
{
   struct var *v = map_find_n(p->vars, &s, sizeof s);
   if (!v) {
      v = arena_new(p->a, struct var);
      v->sym = s;
      map_set_n(p->vars, &s, sizeof s, v);
   }
   return v;
}

static void
escape(struct promote *p, struct ir_value *v)
{
   if (v && p->regs[v->id].var)
      p->regs[v->id].var->escapes = true;
}

static void
note_access(struct var *v, int64_t offset, uint32_t bytes)
{
   for (size_t i = 0; i < v->slots.len; i++) {
      struct slot *s = &v->slots.data[i];
      if (s->offset == offset && s->bytes == bytes)
         return;
      if (offset < s->offset + s->bytes && s->offset < offset + bytes) {
         v->escapes = true;
         return;
      }
   }
   struct slot s = {offset, bytes, NULL};
   vec_push(&v->slots, s);
}

static bool
is_frame_space(unsigned space)
{
   return space == ISA_LOCAL || space == ISA_PARAM_FUNC;
}

static uint32_t
elem_bytes(const struct ir_inst *i)
{
   return isa_type_bits(i->mods.type[0]) / 8;
}

static bool
is_plain_access(const struct ir_inst *i)
{
   return (i->op == ISA_LD || i->op == ISA_ST) && i->mods.sem == ISA_WEAK &&
          is_frame_space(i->mods.space) && elem_bytes(i);
}

static void
scan_inst(struct promote *p, struct ir_inst *i)
{
   bool access = is_plain_access(i);
   for (unsigned k = access ? 1 : 0; k < i->nsrc; k++)
      escape(p, i->src[k]);
   if (!access || !p->regs[i->src[0]->id].var)
      return;
   struct reg_info *r = &p->regs[i->src[0]->id];
   unsigned n = i->op == ISA_LD ? i->ndst : i->nsrc - 1u;
   for (unsigned k = 0; k < n; k++)
      note_access(r->var, r->offset + i->offset + (int64_t)k * elem_bytes(i),
                  elem_bytes(i));
}

static void
scan(struct promote *p)
{
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            p->regs[i->dst[k]->id].defs++;
         if (i->op == ISA_ADDR && i->sym && is_frame_space(i->sym->space)) {
            struct reg_info *r = &p->regs[i->dst[0]->id];
            struct var *v = find_var(p, i->sym);
            if (r->var && (r->var != v || r->offset != i->offset))
               r->var->escapes = v->escapes = true;
            r->var = v;
            r->offset = i->offset;
         }
      }
   }
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         /* A register that also holds something else makes its variable escape. */
         for (unsigned k = 0; k < i->ndst; k++)
            if (i->op != ISA_ADDR)
               escape(p, i->dst[k]);
         scan_inst(p, i);
      }
   }
}

static struct ir_value *
slot_reg(struct promote *p, struct var *v, int64_t offset, uint32_t bytes)
{
   for (size_t i = 0; i < v->slots.len; i++) {
      struct slot *s = &v->slots.data[i];
      if (s->offset != offset)
         continue;
      if (!s->reg) {
         static const uint8_t width[] = {
            [1] = IR_B8, [2] = IR_B16, [4] = IR_B32, [8] = IR_B64, [16] = IR_B128};
         s->reg =
            ir_value_create(p->f, IR_REG, width[bytes],
                            arena_printf(p->f->arena, "%%%s.%d",
                                         v->sym->name ? v->sym->name : "v", (int)offset));
      }
      return s->reg;
   }
   return NULL;
}

static enum isa_type
int_type(unsigned bits, bool is_signed)
{
   switch (bits) {
   case 8:
      return is_signed ? ISA_S8 : ISA_U8;
   case 16:
      return is_signed ? ISA_S16 : ISA_U16;
   case 32:
      return is_signed ? ISA_S32 : ISA_U32;
   default:
      return is_signed ? ISA_S64 : ISA_U64;
   }
}

/* One element: dst = src, extended or cut as a load or store of that type does. */
static void
insert_move(struct promote *p, struct ir_inst *at, struct ir_value *dst,
            struct ir_value *src, bool is_signed)
{
   unsigned db = ir_width_bits(dst->width), sb = ir_width_bits(src->width);
   struct ir_inst *m = ir_inst_create(p->f, db == sb ? ISA_COPY : ISA_CVT, 1, 1);
   if (db != sb) {
      m->mods.type[0] = (uint8_t)int_type(db, is_signed);
      m->mods.type[1] = (uint8_t)int_type(sb, is_signed);
   }
   m->dst[0] = dst;
   m->src[0] = src;
   m->guard = at->guard;
   m->guard_negated = at->guard_negated;
   m->loc = at->loc;
   m->line = at->line;
   ir_inst_insert_before(at, m);
}

static void
rewrite_access(struct promote *p, struct ir_inst *i, struct reg_info *r)
{
   uint32_t bytes = elem_bytes(i);
   bool is_signed = isa_type_is_signed(i->mods.type[0]);
   unsigned n = i->op == ISA_LD ? i->ndst : i->nsrc - 1u;
   for (unsigned k = 0; k < n; k++) {
      struct ir_value *reg =
         slot_reg(p, r->var, r->offset + i->offset + (int64_t)k * bytes, bytes);
      if (i->op == ISA_ST)
         insert_move(p, i, reg, i->src[1 + k], false);
      else if (i->dst[k]->kind != IR_SINK)
         insert_move(p, i, i->dst[k], reg, is_signed);
   }
   ir_inst_remove(i);
}

bool
opt_promote(struct ir_func *f, struct pass_ctx *c)
{
   struct promote p = {f, NULL, map_create(), arena_create()};
   uint32_t known = f->value_count;
   p.regs = arena_array(p.a, struct reg_info, known);
   scan(&p);
   bool changed = false;
   ir_foreach_block (b, f) {
      ir_foreach_inst_safe (i, b) {
         if (!is_plain_access(i) || i->src[0]->id >= known)
            continue;
         struct reg_info *r = &p.regs[i->src[0]->id];
         if (r->var && !r->var->escapes) {
            rewrite_access(&p, i, r);
            changed = true;
         }
      }
   }
   for (size_t i = 0; i < map_slots(p.vars); i++) {
      struct var *v = map_at(p.vars, i, NULL);
      vec_finish(&v->slots);
   }
   map_destroy(p.vars);
   arena_destroy(p.a);
   return changed;
}
