/* SPDX-License-Identifier: Apache-2.0
 * Reads the text form back: lines of words, in the order in which print.c writes them. A
 * function or variable may be used before its line; errors are found line by line. */
#include <stdlib.h>
#include <string.h>

#include "read.h"

/* -- Values */

static struct ir_value *
new_value(struct ir_reader *r, const char *name, enum ir_value_kind kind, enum ir_width w)
{
   struct ir_value *v = ir_value_create(r->f, kind, w, name);
   map_set(r->values, name, v);
   return v;
}

static struct ir_value *
read_const(struct ir_reader *r)
{
   uint64_t lo = 0, high = 0;
   if (r->n > 2 && r->word[1] == 'x') {
      for (size_t k = 2; k < r->n; k++) {
         high = high << 4 | lo >> 60;
         lo = lo << 4 | ir_read_hex(r->word[k]);
      }
      ir_read_next(r);
   } else {
      lo = ir_read_number(r);
   }
   enum ir_width w = ir_read_suffix(r);
   return w == IR_B128 ? ir_const128(r->f, lo, high) : ir_const(r->f, w, lo);
}

static struct ir_value *
read_value(struct ir_reader *r)
{
   if (ir_read_accept(r, "undef"))
      return ir_undef(r->f, ir_read_suffix(r));
   if (ir_read_accept(r, "_"))
      return ir_sink(r->f, ir_read_suffix(r));
   if (!r->eol && ((*r->word >= '0' && *r->word <= '9') || *r->word == '-'))
      return read_const(r);
   if (r->eol || *r->word != '%') {
      ir_read_fail(r, "expected a value");
      return ir_undef(r->f, IR_B32);
   }
   const char *name = ir_read_name(r);
   struct ir_value *v = map_find(r->values, name);
   /* In SSA form a use may come first; the definition will say its width. */
   return v ? v : new_value(r, name, IR_INST, IR_B32);
}

static struct ir_value *
read_dest(struct ir_reader *r)
{
   if (ir_read_at(r, "_") || *r->word != '%')
      return read_value(r);
   struct ir_value *v = read_value(r);
   if (v->kind == IR_INST) {
      if (v->def || v->bits[0])
         ir_read_fail(r, "'%s' is defined twice", v->name);
      v->bits[0] = 1; /* until the instruction exists */
      v->width = (uint8_t)ir_read_suffix(r);
   }
   return v;
}

/* -- Instructions */

static void
read_dests(struct ir_reader *r)
{
   vec_clear(&r->dst);
   if (ir_read_accept(r, "{")) {
      do
         vec_push(&r->dst, read_dest(r));
      while (!r->failed && ir_read_accept(r, ","));
      ir_read_expect(r, "}");
   } else if (*r->word == '%' || ir_read_at(r, "_")) {
      vec_push(&r->dst, read_dest(r));
   } else {
      return;
   }
   ir_read_expect(r, "=");
}

static enum isa_op
read_opcode(struct ir_reader *r, struct isa_mods *m)
{
   *m = (struct isa_mods){.vec = 1};
   for (size_t k = 0; k < ARRAY_LEN(ir_own_ops); k++) {
      if (ir_read_accept(r, ir_own_ops[k].name))
         return ir_own_ops[k].op;
   }
   const char *error = "no instruction";
   size_t at;
   enum isa_op op = isa_match(r->word, r->n, m, &error, &at);
   if (op == ISA_OP_NONE)
      ir_read_fail(r, "%s", error);
   ir_read_next(r);
   return op;
}

struct inst_text {
   enum isa_op op;
   struct isa_mods mods;
   int64_t offset;
   const char *name; /* variable, function, special register */
   VEC(struct ir_later_block) targets;
};

static void
read_target(struct ir_reader *r, struct inst_text *t)
{
   struct ir_later_block l = {.loc = ir_read_here(r)};
   l.name = ir_read_name(r);
   vec_push(&t->targets, l);
}

/* "[%v+8]", "[%v, block]" of a phi, "[b1, b2]" of brx.idx. */
static void
read_brackets(struct ir_reader *r, struct inst_text *t)
{
   if (t->op == ISA_BRX) {
      do
         read_target(r, t);
      while (!r->failed && ir_read_accept(r, ","));
   } else {
      vec_push(&r->src, read_value(r));
      if (t->op == ISA_PHI) {
         ir_read_expect(r, ",");
         read_target(r, t);
      } else if (ir_read_at(r, "+") || ir_read_at(r, "-")) {
         t->offset = (int64_t)ir_read_number(r);
      }
   }
   ir_read_expect(r, "]");
}

static void
read_operands(struct ir_reader *r, struct inst_text *t)
{
   vec_clear(&r->src);
   if (t->op == ISA_ADDR || t->op == ISA_SREG || t->op == ISA_CALL) {
      t->name = ir_read_name(r);
      if (ir_read_at(r, "+") || ir_read_at(r, "-"))
         t->offset = (int64_t)ir_read_number(r);
      if (!ir_read_accept(r, ",") && !r->eol)
         ir_read_fail(r, "expected ','");
   }
   while (!r->eol && !r->failed) {
      bool number = *r->word >= '0' && *r->word <= '9';
      if (ir_read_accept(r, "["))
         read_brackets(r, t);
      else if (t->op == ISA_BRA && !number && *r->word != '%' && !ir_read_at(r, "undef"))
         read_target(r, t);
      else
         vec_push(&r->src, read_value(r));
      if (!r->eol)
         ir_read_expect(r, ",");
   }
}

static void
place_targets(struct ir_reader *r, struct ir_inst *i, struct inst_text *t)
{
   if (!t->targets.len)
      return;
   struct ir_block **slots = arena_array(r->f->arena, struct ir_block *, t->targets.len);
   for (size_t k = 0; k < t->targets.len; k++) {
      struct ir_later_block l = t->targets.data[k];
      l.slot = &slots[k];
      vec_push(&r->blocks_later, l);
   }
   if (t->op == ISA_PHI) {
      struct ir_later_phi p = {i, slots, i->loc};
      vec_push(&r->phis, p);
   } else {
      i->targets = slots;
      i->ntargets = (uint32_t)t->targets.len;
   }
}

static void
settle_name(struct ir_reader *r, struct ir_inst *i, const struct inst_text *t)
{
   struct ir_later l = {LATER_CALL, t->name, i, NULL, i->loc};
   if (i->op == ISA_SREG) {
      i->mods.extra = (uint8_t)isa_sreg_find(t->name);
      if (!i->mods.extra)
         ir_read_fail(r, "'%s' is no special register", t->name);
   } else if (i->op == ISA_CALL) {
      i->proto = map_find(r->protos, t->name);
      if (!i->proto)
         vec_push(&r->later, l);
   } else if (i->op == ISA_ADDR) {
      i->sym = map_find(r->vars, t->name);
      l.kind = LATER_ADDR;
      if (i->sym)
         i->mods.space = i->sym->space;
      else
         vec_push(&r->later, l);
   }
}

static void
read_inst(struct ir_reader *r)
{
   struct inst_text t = {0};
   struct src_loc loc = ir_read_here(r);
   struct ir_value *guard = NULL;
   bool negated = false;
   if (ir_read_accept(r, "@")) {
      negated = ir_read_accept(r, "!");
      guard = read_value(r);
   }
   read_dests(r);
   if (!r->failed)
      t.op = read_opcode(r, &t.mods);
   if (!r->failed)
      read_operands(r, &t);
   if (!r->failed) {
      struct ir_inst *i =
         ir_inst_create(r->f, t.op, (unsigned)r->dst.len, (unsigned)r->src.len);
      for (size_t k = 0; k < r->dst.len; k++) {
         i->dst[k] = r->dst.data[k];
         if (i->dst[k]->kind == IR_INST) {
            i->dst[k]->def = i;
            i->dst[k]->bits[0] = 0;
         }
      }
      for (size_t k = 0; k < r->src.len; k++)
         i->src[k] = r->src.data[k];
      i->mods = t.mods;
      i->offset = t.offset;
      i->guard = guard;
      i->guard_negated = negated;
      i->loc = loc;
      if ((t.op == ISA_SREG || t.op == ISA_ADDR) && r->dst.len)
         i->mods.type[0] = i->dst[0]->width == IR_B64    ? ISA_U64
                           : i->dst[0]->width == IR_PRED ? ISA_PRED
                                                         : ISA_U32;
      place_targets(r, i, &t);
      settle_name(r, i, &t);
      ir_inst_append(r->b ? r->b : (r->b = ir_block_create(r->f, NULL)), i);
   }
   vec_finish(&t.targets);
}

/* -- Functions */

static struct ir_param *
read_params(struct ir_reader *r, uint32_t *count)
{
   VEC(struct ir_param) list = {0};
   ir_read_expect(r, "(");
   while (!ir_read_at(r, ")") && !r->failed) {
      struct ir_param q = {.loc = ir_read_here(r)};
      q.type = (uint8_t)ir_read_type(r);
      q.name = ir_read_name(r);
      ir_read_expect(r, "align");
      q.align = (uint32_t)ir_read_number(r);
      ir_read_expect(r, "size");
      q.size = ir_read_number(r);
      ir_read_expect(r, "at");
      q.offset = (uint32_t)ir_read_number(r);
      vec_push(&list, q);
      if (!ir_read_accept(r, ","))
         break;
   }
   ir_read_expect(r, ")");
   struct ir_param *to = arena_array(r->m->arena, struct ir_param, list.len);
   for (size_t k = 0; k < list.len; k++)
      to[k] = list.data[k];
   *count = (uint32_t)list.len;
   vec_finish(&list);
   return to;
}

static void
make_params(struct ir_reader *r)
{
   struct ir_func *f = r->f;
   f->nargs = f->is_kernel ? 0 : f->nrets + f->nparams;
   f->args = arena_array(f->arena, struct ir_value *, f->nargs);
   for (uint32_t k = 0; k < f->nrets + f->nparams; k++) {
      struct ir_param *q = k < f->nrets ? &f->rets[k] : &f->params[k - f->nrets];
      struct ir_sym *s = q->sym = arena_new(r->m->arena, struct ir_sym);
      *s = (struct ir_sym){.name = q->name,
                           .space = f->is_kernel ? ISA_PARAM : ISA_PARAM_FUNC,
                           .align = q->align,
                           .size = q->size,
                           .elem_type = q->type,
                           .address = q->offset,
                           .loc = q->loc};
      if (f->is_kernel) {
         map_set(r->vars, q->name, s);
         f->param_bytes = (uint32_t)MAX2(f->param_bytes, q->offset + q->size);
      } else {
         const char *name = arena_printf(r->m->arena, "%%%s", q->name);
         f->args[k] = new_value(r, name, IR_ARG, IR_B32);
      }
   }
}

static void
read_numbers(struct ir_reader *r, uint32_t *to, unsigned n)
{
   for (unsigned k = 0; k < n; k++)
      to[k] = (uint32_t)ir_read_number(r);
}

static void
read_properties(struct ir_reader *r)
{
   struct ir_func *f = r->f;
   while (!r->eol && !ir_read_at(r, "{") && !r->failed) {
      if (ir_read_accept(r, "maxntid"))
         read_numbers(r, f->maxntid, 3);
      else if (ir_read_accept(r, "reqntid"))
         read_numbers(r, f->reqntid, 3);
      else if (ir_read_accept(r, "cluster"))
         read_numbers(r, f->cluster_dim, 3);
      else if (ir_read_accept(r, "minnctapersm"))
         read_numbers(r, &f->minnctapersm, 1);
      else if (ir_read_accept(r, "maxnreg"))
         read_numbers(r, &f->maxnreg, 1);
      else if (ir_read_accept(r, "maxclusterrank"))
         read_numbers(r, &f->maxclusterrank, 1);
      else if (ir_read_accept(r, "ssa"))
         f->ssa = true;
      else if (ir_read_accept(r, "noreturn"))
         f->noreturn = true;
      else if (ir_read_accept(r, "explicitcluster"))
         f->explicit_cluster = true;
      else if (ir_read_accept(r, "blocksareclusters"))
         f->blocks_are_clusters = true;
      else
         ir_read_fail(r, "unknown property '%.*s'", (int)r->n, r->word);
   }
}

static void
read_regs(struct ir_reader *r)
{
   enum ir_width w = ir_read_choice(r, ir_width_names, IR_WIDTH_COUNT);
   while (!r->eol && !r->failed) {
      const char *name = ir_read_name(r);
      if (map_find(r->values, name))
         ir_read_fail(r, "'%s' is declared twice", name);
      else
         new_value(r, name, IR_REG, w);
   }
}

static void
read_body_line(struct ir_reader *r)
{
   struct ir_func *f = r->f;
   const char *s = r->word + r->n;
   if (*s == ':' && ir_read_is_word(*r->word) && *r->word != '%' && !ir_read_at(r, "_")) {
      const char *name = ir_read_name(r);
      ir_read_expect(r, ":");
      r->b = ir_block_create(f, NULL);
      r->b->label = name;
      if (map_find(r->blocks, name))
         ir_read_fail(r, "block '%s' is there twice", name);
      map_set(r->blocks, name, r->b);
   } else if (ir_read_accept(r, "reg")) {
      read_regs(r);
   } else if (ir_read_accept(r, "var")) {
      struct ir_sym *v = ir_read_var(r);
      vec_push(&f->syms, v);
      map_set(r->vars, v->name, v);
   } else if (ir_read_accept(r, "frame")) {
      f->local_bytes = (uint32_t)ir_read_number(r);
      ir_read_expect(r, "align");
      f->local_align = (uint32_t)ir_read_number(r);
   } else if (ir_read_accept(r, "proto")) {
      struct ir_proto *q = arena_new(r->m->arena, struct ir_proto);
      q->name = ir_read_name(r);
      q->outs = read_params(r, &q->nouts);
      q->ins = read_params(r, &q->nins);
      map_set(r->protos, q->name, q);
   } else {
      read_inst(r);
   }
}

/* -- When a function is complete */

static void
order_phi(struct ir_reader *r, const struct ir_later_phi *p)
{
   struct ir_block *b = p->inst->block;
   struct ir_value **src = arena_array(r->f->arena, struct ir_value *, b->preds.len);
   for (size_t k = 0; k < b->preds.len; k++) {
      for (unsigned j = 0; j < p->inst->nsrc && !src[k]; j++) {
         if (p->from[j] == b->preds.data[k]) {
            src[k] = p->inst->src[j];
            p->from[j] = NULL;
         }
      }
      if (!src[k]) {
         diag_error(r->d, ir_read_message_loc(r, p->loc), "ir-syntax",
                    "the phi lacks a source for a predecessor");
         src[k] = ir_undef(r->f, p->inst->dst[0]->width);
      }
   }
   if (p->inst->nsrc != b->preds.len)
      diag_error(r->d, ir_read_message_loc(r, p->loc), "ir-syntax",
                 "%u sources for %zu predecessors", p->inst->nsrc, b->preds.len);
   p->inst->src = src;
   p->inst->nsrc = (uint16_t)b->preds.len;
}

static void
finish_func(struct ir_reader *r)
{
   size_t before = r->d->errors;
   for (size_t k = 0; k < r->blocks_later.len; k++) {
      struct ir_later_block *l = &r->blocks_later.data[k];
      *l->slot = map_find(r->blocks, l->name);
      if (!*l->slot)
         diag_error(r->d, ir_read_message_loc(r, l->loc), "ir-syntax",
                    "there is no block '%s'", l->name);
   }
   for (size_t k = 0; k < map_slots(r->values); k++) {
      struct ir_value *v = map_at(r->values, k, NULL);
      if (v->kind == IR_INST && !v->def)
         diag_error(r->d, ir_read_message_loc(r, r->f->loc), "ir-syntax",
                    "'%s' is never defined", v->name);
   }
   if (r->d->errors == before) {
      ir_func_rebuild_preds(r->f);
      for (size_t k = 0; k < r->phis.len; k++)
         order_phi(r, &r->phis.data[k]);
   }
   vec_clear(&r->blocks_later);
   vec_clear(&r->phis);
}

static void
read_func(struct ir_reader *r, bool is_kernel)
{
   struct src_loc loc = ir_read_here(r);
   unsigned linkage = ir_read_choice(r, ir_linkage_names, ARRAY_LEN(ir_linkage_names));
   const char *name = ir_read_name(r);
   if (ir_module_find_func(r->m, name))
      ir_read_fail(r, "function '%s' is there twice", name);
   struct ir_func *f = r->f = ir_func_create(r->m, name, is_kernel);
   r->b = NULL;
   r->values = map_create();
   r->blocks = map_create();
   r->vars = map_create();
   r->protos = map_create();
   f->linkage = (uint8_t)linkage;
   f->loc = loc;
   if (!is_kernel)
      f->rets = read_params(r, &f->nrets);
   f->params = read_params(r, &f->nparams);
   make_params(r);
   read_properties(r);
   f->is_extern = !ir_read_accept(r, "{");
   bool closed = f->is_extern;
   while (!closed && ir_read_line(r)) {
      closed = ir_read_accept(r, "}");
      if (!closed)
         read_body_line(r);
      if (!r->eol && !r->failed)
         ir_read_fail(r, "the line goes on with '%.*s'", (int)r->n, r->word);
   }
   if (!closed)
      ir_read_fail(r, "the '}' of function '%s' is missing", name);
   finish_func(r);
   map_destroy(r->values);
   map_destroy(r->blocks);
   map_destroy(r->vars);
   map_destroy(r->protos);
   r->f = NULL;
}

/* -- The module */

static void
read_module_line(struct ir_reader *r)
{
   if (ir_read_accept(r, "module")) {
      ir_read_expect(r, "ptx");
      r->m->ptx_major = (uint8_t)ir_read_number(r);
      r->m->ptx_minor = (uint8_t)ir_read_number(r);
      ir_read_expect(r, "sm");
      r->m->sm = (uint32_t)ir_read_number(r);
      if (ir_read_accept(r, "suffix"))
         r->m->sm_suffix = *ir_read_name(r);
   } else if (ir_read_accept(r, "var")) {
      struct ir_sym *s = ir_read_var(r);
      vec_push(&r->m->syms, s);
      map_set(r->m->sym_map, s->name, s);
   } else if (ir_read_accept(r, "entry")) {
      read_func(r, true);
   } else if (ir_read_accept(r, "func")) {
      read_func(r, false);
   } else {
      ir_read_fail(r, "expected module, var, entry or func, found '%.*s'", (int)r->n,
                   r->word);
   }
}

static struct ir_sym *
func_sym(struct ir_reader *r, struct ir_func *f)
{
   if (!f || f->sym)
      return f ? f->sym : NULL;
   struct ir_sym *s = f->sym = arena_new(r->m->arena, struct ir_sym);
   s->name = f->name;
   s->func = f;
   s->linkage = f->linkage;
   s->loc = f->loc;
   vec_push(&r->m->syms, s);
   return s;
}

static void
settle_later(struct ir_reader *r)
{
   for (size_t k = 0; k < r->later.len; k++) {
      struct ir_later *l = &r->later.data[k];
      struct ir_func *f = ir_module_find_func(r->m, l->name);
      struct ir_sym *s = map_find(r->m->sym_map, l->name);
      if (l->kind == LATER_CALL) {
         l->inst->callee = f;
      } else {
         if (!s)
            s = func_sym(r, f);
         if (l->reloc)
            l->reloc->sym = s;
         if (l->inst && s) {
            l->inst->sym = s;
            l->inst->mods.space = s->space;
         }
      }
      if (l->kind == LATER_CALL ? !f : !s)
         diag_error(r->d, ir_read_message_loc(r, l->loc), "ir-syntax",
                    "nothing is named '%s'", l->name);
   }
}

struct ir_module *
ir_parse(const char *text, size_t n, const char *file, struct diag *d)
{
   char *copy = base_alloc(n + 2);
   copy[0] = '\n'; /* next_line goes behind it */
   memcpy(copy + 1, text, n);
   copy[n + 1] = 0;
   size_t before = d->errors;
   struct ir_reader r = {
      .m = ir_module_create(file), .d = d, .at = copy, .message_file = file};
   r.file = file ? arena_strdup(r.m->arena, file) : NULL;
   r.word = r.line_start = copy;
   while (ir_read_line(&r)) {
      read_module_line(&r);
      if (!r.eol && !r.failed)
         ir_read_fail(&r, "the line goes on with '%.*s'", (int)r.n, r.word);
   }
   settle_later(&r);
   vec_finish(&r.later);
   vec_finish(&r.blocks_later);
   vec_finish(&r.phis);
   vec_finish(&r.dst);
   vec_finish(&r.src);
   base_free(copy);
   if (d->errors == before) {
      ir_layout_shared(r.m);
      return r.m;
   }
   ir_module_destroy(r.m);
   return NULL;
}
