/* SPDX-License-Identifier: Apache-2.0
 * Register form as PTX that parses again. Names are made unique within a function, as
 * scopes are not kept; the address of a variable that the parser took for an operand is
 * put back into it. */
#include <stdio.h>
#include <string.h>

#include "ptx_print.h"

/* -- Names */

static const char *
unique(struct ptx_printer *p, const char *want)
{
   const char *name = want;
   uintptr_t n = (uintptr_t)map_find(p->taken, want);
   while (map_find(p->taken, name))
      name = arena_printf(p->arena, "%s_%lu", want, (unsigned long)n++);
   map_set(p->taken, want, (void *)(n ? n : 1));
   if (name != want)
      map_set(p->taken, name, (void *)1);
   return name;
}

static const char *
thing_name(struct ptx_printer *p, const void *thing, const char *want)
{
   const char *name = map_find_n(p->things, &thing, sizeof thing);
   if (!name) {
      name = unique(p, want);
      map_set_n(p->things, &thing, sizeof thing, (void *)name);
   }
   return name;
}

static const char *
sym_name(struct ptx_printer *p, const struct ir_sym *s)
{
   const char *name = map_find_n(p->things, &s, sizeof s);
   return name ? name : s->name;
}

static const char *
value_name(struct ptx_printer *p, const struct ir_value *v)
{
   const char **slot = &p->names[v->id];
   if (!*slot && v->name && v->name[0])
      *slot = unique(p, v->name);
   else if (!*slot)
      *slot = unique(p, arena_printf(p->arena, "%%kt%u", p->next_temp++));
   return *slot;
}

static const char *
block_name(struct ptx_printer *p, const struct ir_block *b)
{
   const char *want = b->label ? b->label : "$L_block";
   return thing_name(p, b, want);
}

/* -- Values that stand for an address */

/* Values written once, without a guard, by an ISA_ADDR of the parser's own. */
static void
find_addresses(struct ptx_printer *p)
{
   bool *written = base_calloc(p->f->value_count, sizeof *written);
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++) {
            const struct ir_value *v = i->dst[k];
            bool first = !written[v->id] && !v->name && i->op == ISA_ADDR && !i->guard;
            written[v->id] = true;
            p->addresses[v->id] = first ? i : NULL;
         }
      }
   }
   base_free(written);
}

static const struct ir_inst *
address_of(const struct ptx_printer *p, const struct ir_value *v)
{
   return v->kind == IR_REG ? p->addresses[v->id] : NULL;
}

/* -- Operands */

static void
print_const(struct ptx_printer *p, const struct ir_value *v, enum isa_type t)
{
   unsigned long long b = v->bits[0];
   if (v->width == IR_PRED)
      str_printf(p->out, "%llu", b);
   else if (t == ISA_F32 && v->width == IR_B32)
      str_printf(p->out, "0f%08llX", b);
   else if (t == ISA_F64 && v->width == IR_B64)
      str_printf(p->out, "0d%016llX", b);
   else
      str_printf(p->out, b < 65536 ? "%llu" : "0x%llx", b);
}

static void
print_address(struct ptx_printer *p, const struct ir_value *v, int64_t offset)
{
   const struct ir_inst *a = address_of(p, v);
   if (a) {
      str_append(p->out, sym_name(p, a->sym));
      offset += a->offset;
   } else if (v->kind == IR_CONST) {
      str_printf(p->out, "%llu", (unsigned long long)(v->bits[0] + (uint64_t)offset));
      return;
   } else {
      str_append(p->out, value_name(p, v));
   }
   if (offset)
      str_printf(p->out, "%+lld", (long long)offset);
}

static void
print_value(struct ptx_printer *p, const struct ir_value *v, enum isa_type t)
{
   switch ((enum ir_value_kind)v->kind) {
   case IR_REG:
   case IR_INST:
   case IR_ARG:
      print_address(p, v, 0);
      break;
   case IR_CONST:
      print_const(p, v, t);
      break;
   case IR_UNDEF:
      str_append(p->out, "0");
      break;
   case IR_SINK:
      str_append(p->out, "_");
      break;
   }
}

/* Follows the shape that the parser left. */
static void
print_shaped(struct ptx_printer *p, const struct ir_inst *i)
{
   unsigned at = 0, operand = 0, depth = 0, group = 0;
   bool offset_done = false;
   for (const char *s = i->shape; *s; s++) {
      const struct ir_value *v = NULL;
      if (*s == '.' || *s == 'x') {
         v = at < i->ndst ? i->dst[at] : i->src[at - i->ndst];
         at++;
      }
      if (*s == '.' && s > i->shape && s[-1] == '[') {
         print_address(p, v, offset_done ? 0 : i->offset);
         offset_done = true;
      } else if (*s == '.') {
         if (group++ && s[-1] == '.')
            str_append(p->out, ", ");
         enum isa_type t = isa_operand_type(i->op, &i->mods, operand);
         print_value(p, v, i->op == ISA_MOV && depth ? ISA_NO_TYPE : t);
      } else if (*s == ',') {
         operand += !depth;
         str_append(p->out, ", ");
      } else if (*s != 'x') {
         depth += *s == '{' || *s == '[';
         depth -= *s == '}' || *s == ']';
         str_append_n(p->out, s, 1);
      }
   }
}

static void
print_listed(struct ptx_printer *p, const struct ir_inst *i)
{
   bool addressed = i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST ||
                    i->op == ISA_ATOM || i->op == ISA_RED;
   /* The carry is not written. */
   unsigned ndst = i->ndst - ((i->mods.flags & ISA_CC) != 0);
   unsigned nsrc =
      i->nsrc - (i->op == ISA_ADDC || i->op == ISA_SUBC || i->op == ISA_MADC);
   unsigned operand = 0;
   for (unsigned k = 0; k < ndst; k++, operand++) {
      str_append(p->out, operand ? ", " : "");
      print_value(p, i->dst[k], ISA_NO_TYPE);
   }
   for (unsigned k = 0; k < nsrc; k++, operand++) {
      str_append(p->out, operand ? ", " : "");
      if (addressed && !k) {
         str_append(p->out, "[");
         print_address(p, i->src[k], i->offset);
         str_append(p->out, "]");
      } else {
         print_value(p, i->src[k], isa_operand_type(i->op, &i->mods, operand));
      }
   }
}

/* -- Instructions */

static void
print_guard(struct ptx_printer *p, const struct ir_inst *i)
{
   if (!i->guard)
      return;
   str_append(p->out, i->guard_negated ? "@!" : "@");
   str_append(p->out, value_name(p, i->guard));
   str_append(p->out, " ");
}

static void
print_opcode(struct ptx_printer *p, const struct ir_inst *i)
{
   char text[256];
   if (isa_print(i->op, &i->mods, text, sizeof text) < 0)
      str_append(p->out, "unprintable");
   else
      str_append(p->out, text);
}

static void
print_branch(struct ptx_printer *p, const struct ir_inst *i)
{
   print_guard(p, i);
   print_opcode(p, i);
   str_printf(p->out, " %s;\n", block_name(p, i->targets[0]));
   if (i->ntargets == 2 && i->targets[1] != i->block->next)
      str_printf(p->out, "\tbra %s;\n", block_name(p, i->targets[1]));
}

static void
print_indexed_branch(struct ptx_printer *p, const struct ir_inst *i)
{
   const char *list = unique(p, "$L_targets");
   str_printf(p->out, "%s: .branchtargets", list);
   for (uint32_t k = 0; k < i->ntargets; k++)
      str_printf(p->out, "%s %s", k ? "," : "", block_name(p, i->targets[k]));
   str_append(p->out, ";\n\t");
   print_opcode(p, i);
   str_append(p->out, " ");
   print_value(p, i->src[0], ISA_U32);
   str_printf(p->out, ", %s;\n", list);
}

static void
print_arguments(struct ptx_printer *p, const struct ir_inst *i, unsigned from,
                unsigned to)
{
   str_append(p->out, "(");
   for (unsigned k = from; k < to; k++) {
      str_append(p->out, k > from ? ", " : "");
      print_address(p, i->src[k], 0);
   }
   str_append(p->out, ")");
}

static void
print_call(struct ptx_printer *p, const struct ir_inst *i)
{
   unsigned first = i->callee ? 0 : 1;
   unsigned nouts = i->callee ? i->callee->nrets : i->proto->nouts;
   print_guard(p, i);
   print_opcode(p, i);
   str_append(p->out, " ");
   if (nouts) {
      print_arguments(p, i, first, first + nouts);
      str_append(p->out, ", ");
   }
   if (i->callee)
      str_append(p->out, i->callee->name);
   else
      print_value(p, i->src[0], ISA_U64);
   if (i->nsrc > first + nouts) {
      str_append(p->out, ", ");
      print_arguments(p, i, first + nouts, i->nsrc);
   }
   if (i->proto)
      str_printf(p->out, ", %s", thing_name(p, i->proto, i->proto->name));
   str_append(p->out, ";\n");
}

/* mov of an address, a special register or a copy. */
static void
print_own(struct ptx_printer *p, const struct ir_inst *i)
{
   static const char *const types[] = {"pred", "b8", "b16", "b32", "b64", "b128"};
   const char *type = types[i->dst[0]->width];
   print_guard(p, i);
   if (i->dst[0]->width == IR_B8) /* mov has no 8-bit form */
      str_append(p->out, "cvt.u8.u8 ");
   else
      str_printf(p->out, "mov.%s ",
                 i->op == ISA_ADDR && !strcmp(type, "b64")   ? "u64"
                 : i->op == ISA_ADDR && !strcmp(type, "b32") ? "u32"
                                                             : type);
   str_append(p->out, value_name(p, i->dst[0]));
   str_append(p->out, ", ");
   if (i->op == ISA_SREG)
      str_append(p->out, isa_sreg_name(i->mods.extra));
   else if (i->op == ISA_COPY)
      print_value(p, i->src[0], ISA_NO_TYPE);
   else
      str_append(p->out, sym_name(p, i->sym));
   if (i->op == ISA_ADDR && i->offset)
      str_printf(p->out, "%+lld", (long long)i->offset);
   str_append(p->out, ";\n");
}

static void
print_inst(struct ptx_printer *p, const struct ir_inst *i)
{
   if (i->op == ISA_ADDR && address_of(p, i->dst[0]))
      return;
   /* A jump to what follows says nothing. */
   if (i->op == ISA_BRA && i->ntargets == 1 && i->targets[0] == i->block->next)
      return;
   if (i->line_file && (i->line_file != p->line_file || i->line != p->line)) {
      p->line_file = i->line_file;
      p->line = i->line;
      str_printf(p->out, "\t.loc %u %u 0\n", i->line_file, i->line);
   }
   str_append(p->out, "\t");
   if (i->op == ISA_BRA) {
      print_branch(p, i);
   } else if (i->op == ISA_BRX) {
      print_indexed_branch(p, i);
   } else if (i->op == ISA_CALL) {
      print_call(p, i);
   } else if (i->op == ISA_ADDR || i->op == ISA_SREG || i->op == ISA_COPY) {
      print_own(p, i);
   } else {
      print_guard(p, i);
      print_opcode(p, i);
      if (i->ndst + i->nsrc)
         str_append(p->out, " ");
      if (i->shape)
         print_shaped(p, i);
      else
         print_listed(p, i);
      str_append(p->out, ";\n");
   }
}

/* -- Bodies */

static void
declare_reg(struct ptx_printer *p, const struct ir_value *v, bool *seen)
{
   static const char *const types[] = {"pred", "b8", "b16", "b32", "b64", "b128"};
   if (!v || v->kind != IR_REG || seen[v->id] || address_of(p, v))
      return;
   seen[v->id] = true;
   if (v->name && !strcmp(v->name, "%cc"))
      return; /* the carry */
   str_printf(p->out, "\t.reg .%s %s;\n", types[v->width], value_name(p, v));
}

static void
declare_regs(struct ptx_printer *p)
{
   bool *seen = base_calloc(p->f->value_count, sizeof *seen);
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            declare_reg(p, i->dst[k], seen);
         for (unsigned k = 0; k < i->nsrc; k++)
            declare_reg(p, i->src[k], seen);
         declare_reg(p, i->guard, seen);
      }
   }
   base_free(seen);
}

static void
declare_protos(struct ptx_printer *p)
{
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         const struct ir_proto *q = i->proto;
         if (!q || map_find_n(p->things, &q, sizeof q))
            continue;
         str_printf(p->out, "%s: .callprototype ", thing_name(p, q, q->name));
         ptx_print_params(p->out, q->outs, q->nouts, "_");
         str_append(p->out, " _ ");
         ptx_print_params(p->out, q->ins, q->nins, "_");
         str_append(p->out, ";\n");
      }
   }
}

/* Is this block named by any branch that is printed? */
static void
find_labels(struct ptx_printer *p)
{
   ir_foreach_block (b, p->f) {
      const struct ir_inst *t = b->last;
      for (uint32_t k = 0; t && k < t->ntargets; k++) {
         bool falls =
            t->op == ISA_BRA && t->targets[k] == b->next && k + 1 == t->ntargets;
         if (!falls)
            p->labelled[t->targets[k]->id] = true;
      }
   }
}

void
ptx_print_body(struct str *out, const struct ir_func *f, struct map *taken)
{
   struct ptx_printer p = {.out = out, .f = f, .taken = taken};
   p.arena = arena_create();
   p.things = map_create();
   p.names = base_calloc(f->value_count, sizeof *p.names);
   p.addresses = base_calloc(f->value_count, sizeof *p.addresses);
   p.labelled = base_calloc(f->block_count, sizeof *p.labelled);
   for (uint32_t k = 0; k < f->nargs; k++)
      p.names[f->args[k]->id] = f->args[k]->name;
   find_addresses(&p);
   find_labels(&p);
   str_append(out, "{\n");
   for (size_t k = 0; k < f->syms.len; k++) {
      const struct ir_sym *s = f->syms.data[k];
      if (s->space == ISA_GLOBAL || s->space == ISA_CONST)
         continue;
      str_append(out, "\t");
      ptx_print_var(out, s, thing_name(&p, s, s->name));
   }
   declare_regs(&p);
   declare_protos(&p);
   ir_foreach_block (b, f) {
      if (p.labelled[b->id])
         str_printf(out, "%s:\n", block_name(&p, b));
      ir_foreach_inst (i, b)
         print_inst(&p, i);
   }
   str_append(out, "}\n");
   base_free(p.names);
   base_free(p.addresses);
   base_free(p.labelled);
   map_destroy(p.things);
   arena_destroy(p.arena);
}
