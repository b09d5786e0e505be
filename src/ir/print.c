/* SPDX-License-Identifier: Apache-2.0
 * The text form of the IR, made to be read in tests and diffs: names are kept, and where
 * several values have one name, numbered in the order in which they appear, so that
 * unrelated changes leave lines alone.
 *
 *    %r3 = add.s32 %r1, 5             32 bits are not mentioned
 *    %rd1:b64 = ld.param.u64 [%a+8]   other widths are, where a value is defined
 *    {%p1:pred, _:pred} = setp.lt.s32 %r3, 0xffffffff
 *    @!%p1 bra out, next */
#include <stdlib.h>
#include <string.h>

#include "text.h"

struct printer {
   struct str *out;
   const struct ir_func *f;
   struct map *taken;  /* names in use */
   struct map *counts; /* of values that want a name */
   struct map *things; /* by address: names of variables and prototypes */
   unsigned next_anonymous;
   const char **values; /* by id */
   const char **blocks;
   struct arena *arena;
};

/* -- Names */

static const char *
unique(struct printer *p, const char *want, const char *joint)
{
   const char *name = want;
   for (unsigned n = 1; map_find(p->taken, name); n++)
      name = arena_printf(p->arena, "%s%s%u", want, joint, n);
   map_set(p->taken, name, p);
   return name;
}

/* Anonymous values count up from where the last one stopped. */
static const char *
value_name(struct printer *p, const struct ir_value *v)
{
   if (v->id >= p->f->value_count)
      return "%bad-id";
   const char **slot = &p->values[v->id];
   if (*slot)
      return *slot;
   if (!v->name) {
      *slot = unique(p, arena_printf(p->arena, "%%.%u", p->next_anonymous++), ".");
      return *slot;
   }
   const char *want =
      v->name[0] == '%' ? v->name : arena_printf(p->arena, "%%%s", v->name);
   /* Names that repeat are counted, or finding a free one would be quadratic. */
   uintptr_t n = (uintptr_t)map_find(p->counts, want);
   map_set(p->counts, want, (void *)(n + 1));
   *slot =
      unique(p, n ? arena_printf(p->arena, "%s.%lu", want, (unsigned long)n) : want, ".");
   return *slot;
}

static const char *
block_name(struct printer *p, const struct ir_block *b)
{
   if (!b || b->id >= p->f->block_count)
      return "bad-block";
   const char **slot = &p->blocks[b->id];
   if (!*slot)
      *slot = unique(p, b->label ? b->label : arena_printf(p->arena, "b%u", b->id), ".");
   return *slot;
}

/* Call sequences repeat the names of their variables and prototypes. */
static const char *
thing_name(struct printer *p, const void *thing, const char *want)
{
   const char *name = map_find_n(p->things, &thing, sizeof thing);
   if (!name) {
      uintptr_t n = (uintptr_t)map_find(p->counts, want);
      map_set(p->counts, want, (void *)(n + 1));
      name = unique(
         p, n ? arena_printf(p->arena, "%s.%lu", want, (unsigned long)n) : want, ".");
      map_set_n(p->things, &thing, sizeof thing, (void *)name);
   }
   return name;
}

static bool
is_module_sym(const struct ir_sym *s)
{
   return s->func || s->space == ISA_GLOBAL || s->space == ISA_CONST;
}

static void
init(struct printer *p, struct str *out, const struct ir_func *f)
{
   *p = (struct printer){.out = out, .f = f};
   p->arena = arena_create();
   p->taken = map_create();
   p->counts = map_create();
   p->things = map_create();
   for (size_t k = 0; k < f->syms.len; k++) {
      if (!is_module_sym(f->syms.data[k]))
         thing_name(p, f->syms.data[k], f->syms.data[k]->name);
   }
   p->values = base_calloc(f->value_count, sizeof *p->values);
   p->blocks = base_calloc(f->block_count, sizeof *p->blocks);
}

static void
finish(struct printer *p)
{
   map_destroy(p->taken);
   map_destroy(p->counts);
   map_destroy(p->things);
   base_free(p->values);
   base_free(p->blocks);
   arena_destroy(p->arena);
}

/* -- Operands */

static void
print_suffix(struct printer *p, unsigned width)
{
   if (width != IR_B32)
      str_printf(p->out, ":%s", ir_width_names[width]);
}

static void
print_const(struct printer *p, const struct ir_value *v)
{
   uint64_t b = v->bits[0];
   if (v->width == IR_B128)
      str_printf(p->out, "0x%llx%016llx", (unsigned long long)v->bits[1],
                 (unsigned long long)b);
   else
      str_printf(p->out, b < 65536 ? "%llu" : "0x%llx", (unsigned long long)b);
   print_suffix(p, v->width);
}

static void
print_use(struct printer *p, const struct ir_value *v)
{
   if (!v) {
      str_append(p->out, "NULL");
      return;
   }
   switch ((enum ir_value_kind)v->kind) {
   case IR_REG:
   case IR_INST:
   case IR_ARG:
      str_append(p->out, value_name(p, v));
      break;
   case IR_CONST:
      print_const(p, v);
      break;
   case IR_UNDEF:
      str_append(p->out, "undef");
      print_suffix(p, v->width);
      break;
   case IR_SINK:
      str_append(p->out, "_");
      print_suffix(p, v->width);
      break;
   }
}

static void
print_def(struct printer *p, const struct ir_value *v)
{
   print_use(p, v);
   if (v && v->kind == IR_INST)
      print_suffix(p, v->width);
}

static void
print_dests(struct printer *p, const struct ir_inst *i)
{
   if (!i->ndst)
      return;
   if (i->ndst > 1)
      str_append(p->out, "{");
   for (unsigned k = 0; k < i->ndst; k++) {
      if (k)
         str_append(p->out, ", ");
      print_def(p, i->dst[k]);
   }
   str_append(p->out, i->ndst > 1 ? "} = " : " = ");
}

static bool
has_address(const struct ir_inst *i)
{
   return i->op == ISA_LD || i->op == ISA_LDU || i->op == ISA_ST || i->op == ISA_ATOM ||
          i->op == ISA_RED || i->offset;
}

static void
print_sources(struct printer *p, const struct ir_inst *i, bool first)
{
   for (unsigned k = 0; k < i->nsrc; k++) {
      str_append(p->out, first ? " " : ", ");
      first = false;
      if (i->op == ISA_PHI) {
         const struct ir_block *b = i->block;
         str_append(p->out, "[");
         print_use(p, i->src[k]);
         str_printf(p->out, ", %s]",
                    b && k < b->preds.len ? block_name(p, b->preds.data[k]) : "?");
      } else if (!k && has_address(i)) {
         str_append(p->out, "[");
         print_use(p, i->src[k]);
         if (i->offset)
            str_printf(p->out, "%+lld", (long long)i->offset);
         str_append(p->out, "]");
      } else {
         print_use(p, i->src[k]);
      }
   }
}

/* -- Instructions */

static void
print_opcode(struct printer *p, const struct ir_inst *i)
{
   for (size_t k = 0; k < ARRAY_LEN(ir_own_ops); k++) {
      if (ir_own_ops[k].op == i->op) {
         str_append(p->out, ir_own_ops[k].name);
         return;
      }
   }
   char text[256];
   if (isa_print(i->op, &i->mods, text, sizeof text) < 0) {
      const char *name = isa_op_info(i->op)->name;
      str_printf(p->out, "%s.?", name ? name : "?");
   } else {
      str_append(p->out, text);
   }
}

static void
print_inst(struct printer *p, const struct ir_inst *i)
{
   str_append(p->out, "   ");
   if (i->guard) {
      str_append(p->out, i->guard_negated ? "@!" : "@");
      print_use(p, i->guard);
      str_append(p->out, " ");
   }
   print_dests(p, i);
   print_opcode(p, i);
   bool first = true;
   if (i->op == ISA_SREG) {
      str_printf(p->out, " %s", isa_sreg_name(i->mods.extra));
   } else if (i->op == ISA_ADDR) {
      const char *own = i->sym ? map_find_n(p->things, &i->sym, sizeof i->sym) : "?";
      str_printf(p->out, " %s", own ? own : i->sym->name);
      if (i->offset)
         str_printf(p->out, "%+lld", (long long)i->offset);
   } else if (i->op == ISA_CALL) {
      str_printf(p->out, " %s",
                 i->callee  ? i->callee->name
                 : i->proto ? thing_name(p, i->proto, i->proto->name)
                            : "?");
      first = false;
   }
   print_sources(p, i, first);
   bool listed = i->op == ISA_BRX;
   for (uint32_t k = 0; k < i->ntargets; k++) {
      bool lead = !k && (listed || !i->nsrc);
      str_printf(p->out, "%s%s%s", lead ? (listed ? ", [" : " ") : ", ",
                 block_name(p, i->targets[k]), listed && k + 1 == i->ntargets ? "]" : "");
   }
   str_append(p->out, "\n");
}

/* -- Functions */

static void
print_params(struct printer *p, const char *open, const struct ir_param *list, uint32_t n)
{
   str_append(p->out, open);
   for (uint32_t k = 0; k < n; k++) {
      const struct ir_param *q = &list[k];
      str_printf(p->out, "%s%s %s align %u size %llu at %u", k ? ", " : "",
                 isa_type_name(q->type), q->name ? q->name : "_", q->align,
                 (unsigned long long)q->size, q->offset);
   }
   str_append(p->out, ")");
}

static void
print_sym(struct str *out, const char *indent, const struct ir_sym *s, const char *name)
{
   str_printf(out, "%svar %s %s %s align %u size %llu type %s at %llu%s%s", indent,
              ir_linkage_names[s->linkage], ir_space_names[s->space], name, s->align,
              (unsigned long long)s->size, isa_type_name(s->elem_type),
              (unsigned long long)(s->space == ISA_GLOBAL || s->space == ISA_CONST
                                      ? 0
                                      : s->address),
              s->managed ? " managed" : "", s->unified ? " unified" : "");
   if (s->opaque)
      str_printf(out, " opaque %u", s->opaque);
   if (s->init) {
      str_append(out, " = 0x");
      for (uint64_t k = 0; k < s->size; k++)
         str_printf(out, "%02x", s->init[k]);
   }
   for (uint32_t k = 0; k < s->nrelocs; k++) {
      const struct ir_reloc *r = &s->relocs[k];
      str_printf(out, " reloc %llu %s %lld bytes %u shift %u%s",
                 (unsigned long long)r->offset, r->sym->name, (long long)r->addend,
                 r->bytes, r->shift, r->generic ? " generic" : "");
   }
   str_append(out, "\n");
}

/* Registers have no defining place: their widths are stated first, a line a width. */
static void
print_reg(struct printer *p, const struct ir_value *v, struct str *lines)
{
   if (!v || v->kind != IR_REG || v->id >= p->f->value_count || p->values[v->id])
      return;
   str_printf(&lines[v->width], " %s", value_name(p, v));
}

static void
print_regs(struct printer *p)
{
   struct str lines[IR_WIDTH_COUNT] = {0};
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            print_reg(p, i->dst[k], lines);
         for (unsigned k = 0; k < i->nsrc; k++)
            print_reg(p, i->src[k], lines);
         print_reg(p, i->guard, lines);
      }
   }
   for (unsigned w = 0; w < IR_WIDTH_COUNT; w++) {
      if (lines[w].len)
         str_printf(p->out, "   reg %s%s\n", ir_width_names[w], lines[w].data);
      str_finish(&lines[w]);
   }
}

static void
print_protos(struct printer *p)
{
   ir_foreach_block (b, p->f) {
      ir_foreach_inst (i, b) {
         if (!i->proto || map_find_n(p->things, &i->proto, sizeof i->proto))
            continue;
         str_printf(p->out, "   proto %s", thing_name(p, i->proto, i->proto->name));
         print_params(p, " (", i->proto->outs, i->proto->nouts);
         print_params(p, " (", i->proto->ins, i->proto->nins);
         str_append(p->out, "\n");
      }
   }
}

static void
print_numbers(struct printer *p, const char *word, const uint32_t *n, unsigned count)
{
   if (!n[0])
      return;
   str_printf(p->out, " %s", word);
   for (unsigned k = 0; k < count; k++)
      str_printf(p->out, " %u", n[k]);
}

static void
print_head(struct printer *p)
{
   const struct ir_func *f = p->f;
   str_printf(p->out, "%s %s %s", f->is_kernel ? "entry" : "func",
              ir_linkage_names[f->linkage], f->name);
   if (!f->is_kernel)
      print_params(p, " (", f->rets, f->nrets);
   print_params(p, " (", f->params, f->nparams);
   print_numbers(p, "maxntid", f->maxntid, 3);
   print_numbers(p, "reqntid", f->reqntid, 3);
   print_numbers(p, "cluster", f->cluster_dim, 3);
   print_numbers(p, "minnctapersm", &f->minnctapersm, 1);
   print_numbers(p, "maxnreg", &f->maxnreg, 1);
   print_numbers(p, "maxclusterrank", &f->maxclusterrank, 1);
   str_printf(p->out, "%s%s%s%s", f->ssa ? " ssa" : "", f->noreturn ? " noreturn" : "",
              f->explicit_cluster ? " explicitcluster" : "",
              f->blocks_are_clusters ? " blocksareclusters" : "");
}

void
ir_print_func(struct str *out, const struct ir_func *f)
{
   struct printer p;
   init(&p, out, f);
   print_head(&p);
   if (!f->first_block) {
      str_append(out, "\n");
      finish(&p);
      return;
   }
   for (uint32_t k = 0; k < f->nargs; k++)
      value_name(&p, f->args[k]); /* first choice of names */
   str_printf(out, " {\n");
   if (f->local_bytes)
      str_printf(out, "   frame %u align %u\n", f->local_bytes, f->local_align);
   for (size_t k = 0; k < f->syms.len; k++) {
      const struct ir_sym *s = f->syms.data[k];
      if (!is_module_sym(s))
         print_sym(out, "   ", s, thing_name(&p, s, s->name));
   }
   print_protos(&p);
   print_regs(&p);
   ir_foreach_block (b, f) {
      str_printf(out, "%s:", block_name(&p, b));
      for (size_t k = 0; k < b->preds.len; k++)
         str_printf(out, "%s%s", k ? ", " : " // from ",
                    block_name(&p, b->preds.data[k]));
      str_append(out, "\n");
      ir_foreach_inst (i, b)
         print_inst(&p, i);
   }
   str_append(out, "}\n");
   finish(&p);
}

void
ir_print_module(struct str *out, const struct ir_module *m)
{
   str_printf(out, "module ptx %u %u sm %u", m->ptx_major, m->ptx_minor, m->sm);
   if (m->sm_suffix)
      str_printf(out, " suffix %c", m->sm_suffix);
   str_append(out, "\n");
   for (size_t k = 0; k < m->syms.len; k++) {
      if (!m->syms.data[k]->func)
         print_sym(out, "", m->syms.data[k], m->syms.data[k]->name);
   }
   for (size_t k = 0; k < m->funcs.len; k++)
      ir_print_func(out, m->funcs.data[k]);
}
