/* SPDX-License-Identifier: Apache-2.0
 * Reads the text form back: lines of words, in the order in which print.c writes them. A
 * function or variable may be used before its line; errors are found line by line. */
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* A name whose meaning is settled when the function or the module is complete. */
struct later {
   enum { LATER_CALL, LATER_ADDR, LATER_RELOC } kind;
   const char *name;
   struct ir_inst *inst;
   struct ir_reloc *reloc;
   struct src_loc loc;
};
struct later_block {
   const char *name;
   struct ir_block **slot;
   struct src_loc loc;
};
struct phi {
   struct ir_inst *inst;
   struct ir_block **from; /* as written */
   struct src_loc loc;
};

struct reader {
   struct ir_module *m;
   struct diag *d;
   const char *file;         /* the module's copy, for the IR */
   const char *message_file; /* the caller's: messages may outlive the module */
   const char *at, *line_start;
   uint32_t line;
   bool failed; /* on this line */
   /* The current word: a name, a number, or one character of punctuation. */
   const char *word;
   size_t n;
   bool eol; /* no word: the line has ended */

   struct ir_func *f;
   struct ir_block *b;
   struct map *values, *blocks, *vars, *protos; /* of f, by name */
   VEC(struct later) later;
   VEC(struct later_block) blocks_later;
   VEC(struct phi) phis;
   VEC(struct ir_value *) dst, src;
};

static struct src_loc
here(const struct reader *r)
{
   return (struct src_loc){r->file, r->line, (uint32_t)(r->word - r->line_start) + 1};
}

static struct src_loc
for_message(const struct reader *r, struct src_loc loc)
{
   loc.file = r->message_file;
   return loc;
}

static void fail(struct reader *r, const char *fmt, ...) KASURI_PRINTF(2, 3);
static void
fail(struct reader *r, const char *fmt, ...)
{
   if (r->failed)
      return;
   r->failed = true;
   struct str s = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&s, fmt, ap);
   va_end(ap);
   diag_error(r->d, for_message(r, here(r)), "ir-syntax", "%s", str_get(&s));
   str_finish(&s);
}

/* -- Words */

static bool
is_word(char c)
{
   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
          c == '_' || c == '$' || c == '.' || c == '%' || c == '?';
}

static void
next(struct reader *r)
{
   const char *s = r->at;
   while (*s == ' ' || *s == '\t' || *s == '\r')
      s++;
   if (*s == '/' && s[1] == '/')
      s += strcspn(s, "\n");
   r->word = s;
   r->eol = !*s || *s == '\n';
   if (!r->eol && !is_word(*s)) {
      s++;
   } else {
      while (is_word(*s) || (*s == ':' && s[1] == ':'))
         s += *s == ':' ? 2 : 1;
   }
   r->n = (size_t)(s - r->word);
   r->at = s;
}

/* To the next line that has a word; false at the text's end. */
static bool
next_line(struct reader *r)
{
   r->failed = false;
   for (;;) {
      r->at += strcspn(r->at, "\n");
      if (!*r->at)
         return false;
      r->at++;
      r->line++;
      r->line_start = r->at;
      next(r);
      if (!r->eol)
         return true;
   }
}

static bool
at_word(const struct reader *r, const char *w)
{
   return !r->eol && strlen(w) == r->n && !memcmp(r->word, w, r->n);
}

static bool
accept(struct reader *r, const char *w)
{
   if (!at_word(r, w))
      return false;
   next(r);
   return true;
}

static void
expect(struct reader *r, const char *w)
{
   if (!accept(r, w))
      fail(r, "expected '%s', found '%.*s'", w, (int)r->n, r->word);
}

static const char *
take_name(struct reader *r)
{
   if (r->eol || !is_word(*r->word)) {
      fail(r, "expected a name");
      return "?";
   }
   const char *name = arena_strndup(r->m->arena, r->word, r->n);
   next(r);
   return name;
}

static uint64_t
take_number(struct reader *r)
{
   bool minus = accept(r, "-");
   if (!minus)
      accept(r, "+");
   char *end = NULL;
   uint64_t v = r->eol ? 0 : strtoull(r->word, &end, 0);
   if (end != r->word + r->n || r->eol)
      fail(r, "expected a number");
   next(r);
   return minus ? 0 - v : v;
}

static unsigned
take_choice(struct reader *r, const char *const *names, unsigned n)
{
   for (unsigned i = 0; i < n; i++) {
      if (names[i] && at_word(r, names[i])) {
         next(r);
         return i;
      }
   }
   fail(r, "'%.*s' is not one of the words expected here", (int)r->n, r->word);
   return 0;
}

static enum isa_type
take_type(struct reader *r)
{
   for (unsigned t = ISA_NO_TYPE + 1; t < ISA_TYPE_COUNT; t++) {
      if (at_word(r, isa_type_name(t))) {
         next(r);
         return t;
      }
   }
   fail(r, "'%.*s' is not a type", (int)r->n, r->word);
   return ISA_B32;
}

/* ":b64", or 32 bits. */
static enum ir_width
take_suffix(struct reader *r)
{
   return accept(r, ":") ? take_choice(r, ir_width_names, IR_WIDTH_COUNT) : IR_B32;
}

/* -- Variables */

static struct ir_sym *
read_sym(struct reader *r)
{
   struct ir_sym *s = arena_new(r->m->arena, struct ir_sym);
   s->loc = here(r);
   s->linkage = (uint8_t)take_choice(r, ir_linkage_names, ARRAY_LEN(ir_linkage_names));
   s->space = (uint8_t)take_choice(r, ir_space_names, ARRAY_LEN(ir_space_names));
   s->name = take_name(r);
   expect(r, "align");
   s->align = (uint32_t)take_number(r);
   expect(r, "size");
   s->size = take_number(r);
   expect(r, "type");
   s->elem_type = (uint8_t)take_type(r);
   expect(r, "at");
   s->address = take_number(r);
   s->managed = accept(r, "managed");
   s->unified = accept(r, "unified");
   if (accept(r, "opaque"))
      s->opaque = (uint8_t)take_number(r);
   return s;
}

static unsigned
hex(char c)
{
   return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10) & 15;
}

static void
read_init(struct reader *r, struct ir_sym *s)
{
   if (r->n != 2 + s->size * 2 || r->failed) {
      fail(r, "the initial value must have %llu bytes", (unsigned long long)s->size);
      return;
   }
   s->init = arena_alloc(r->m->arena, s->size);
   for (size_t k = 0; k < s->size; k++)
      s->init[k] = (uint8_t)(hex(r->word[2 + 2 * k]) << 4 | hex(r->word[3 + 2 * k]));
   next(r);
}

static void
read_relocs(struct reader *r, struct ir_sym *s)
{
   VEC(struct ir_reloc) list = {0};
   size_t first = r->later.len;
   while (accept(r, "reloc") && !r->failed) {
      struct ir_reloc c = {.offset = take_number(r)};
      struct later l = {LATER_RELOC, take_name(r), NULL, NULL, here(r)};
      c.addend = (int64_t)take_number(r);
      expect(r, "bytes");
      c.bytes = (uint8_t)take_number(r);
      expect(r, "shift");
      c.shift = (uint8_t)take_number(r);
      c.generic = accept(r, "generic");
      vec_push(&list, c);
      vec_push(&r->later, l);
   }
   s->nrelocs = (uint32_t)list.len;
   s->relocs = arena_array(r->m->arena, struct ir_reloc, list.len);
   for (size_t k = 0; k < list.len; k++) {
      s->relocs[k] = list.data[k];
      r->later.data[first + k].reloc = &s->relocs[k];
   }
   vec_finish(&list);
}

static struct ir_sym *
read_var(struct reader *r)
{
   struct ir_sym *s = read_sym(r);
   if (accept(r, "="))
      read_init(r, s);
   read_relocs(r, s);
   return s;
}

/* -- Values */

static struct ir_value *
new_value(struct reader *r, const char *name, enum ir_value_kind kind, enum ir_width w)
{
   struct ir_value *v = ir_value_create(r->f, kind, w, name);
   map_set(r->values, name, v);
   return v;
}

static struct ir_value *
read_const(struct reader *r)
{
   uint64_t lo = 0, high = 0;
   if (r->n > 2 && r->word[1] == 'x') {
      for (size_t k = 2; k < r->n; k++) {
         high = high << 4 | lo >> 60;
         lo = lo << 4 | hex(r->word[k]);
      }
      next(r);
   } else {
      lo = take_number(r);
   }
   enum ir_width w = take_suffix(r);
   return w == IR_B128 ? ir_const128(r->f, lo, high) : ir_const(r->f, w, lo);
}

static struct ir_value *
read_value(struct reader *r)
{
   if (accept(r, "undef"))
      return ir_undef(r->f, take_suffix(r));
   if (accept(r, "_"))
      return ir_sink(r->f, take_suffix(r));
   if (!r->eol && ((*r->word >= '0' && *r->word <= '9') || *r->word == '-'))
      return read_const(r);
   if (r->eol || *r->word != '%') {
      fail(r, "expected a value");
      return ir_undef(r->f, IR_B32);
   }
   const char *name = take_name(r);
   struct ir_value *v = map_find(r->values, name);
   /* In SSA form a use may come first; the definition will say its width. */
   return v ? v : new_value(r, name, IR_INST, IR_B32);
}

static struct ir_value *
read_dest(struct reader *r)
{
   if (at_word(r, "_") || *r->word != '%')
      return read_value(r);
   struct ir_value *v = read_value(r);
   if (v->kind == IR_INST) {
      if (v->def || v->bits[0])
         fail(r, "'%s' is defined twice", v->name);
      v->bits[0] = 1; /* until the instruction exists */
      v->width = (uint8_t)take_suffix(r);
   }
   return v;
}

/* -- Instructions */

static void
read_dests(struct reader *r)
{
   vec_clear(&r->dst);
   if (accept(r, "{")) {
      do
         vec_push(&r->dst, read_dest(r));
      while (!r->failed && accept(r, ","));
      expect(r, "}");
   } else if (*r->word == '%' || at_word(r, "_")) {
      vec_push(&r->dst, read_dest(r));
   } else {
      return;
   }
   expect(r, "=");
}

static enum isa_op
read_opcode(struct reader *r, struct isa_mods *m)
{
   *m = (struct isa_mods){.vec = 1};
   for (size_t k = 0; k < ARRAY_LEN(ir_own_ops); k++) {
      if (accept(r, ir_own_ops[k].name))
         return ir_own_ops[k].op;
   }
   const char *error = "no instruction";
   size_t at;
   enum isa_op op = isa_match(r->word, r->n, m, &error, &at);
   if (op == ISA_OP_NONE)
      fail(r, "%s", error);
   next(r);
   return op;
}

struct inst_text {
   enum isa_op op;
   struct isa_mods mods;
   int64_t offset;
   const char *name; /* variable, function, special register */
   VEC(struct later_block) targets;
};

static void
read_target(struct reader *r, struct inst_text *t)
{
   struct later_block l = {.loc = here(r)};
   l.name = take_name(r);
   vec_push(&t->targets, l);
}

/* "[%v+8]", "[%v, block]" of a phi, "[b1, b2]" of brx.idx. */
static void
read_brackets(struct reader *r, struct inst_text *t)
{
   if (t->op == ISA_BRX) {
      do
         read_target(r, t);
      while (!r->failed && accept(r, ","));
   } else {
      vec_push(&r->src, read_value(r));
      if (t->op == ISA_PHI) {
         expect(r, ",");
         read_target(r, t);
      } else if (at_word(r, "+") || at_word(r, "-")) {
         t->offset = (int64_t)take_number(r);
      }
   }
   expect(r, "]");
}

static void
read_operands(struct reader *r, struct inst_text *t)
{
   vec_clear(&r->src);
   if (t->op == ISA_ADDR || t->op == ISA_SREG || t->op == ISA_CALL) {
      t->name = take_name(r);
      if (at_word(r, "+") || at_word(r, "-"))
         t->offset = (int64_t)take_number(r);
      if (!accept(r, ",") && !r->eol)
         fail(r, "expected ','");
   }
   while (!r->eol && !r->failed) {
      bool number = *r->word >= '0' && *r->word <= '9';
      if (accept(r, "["))
         read_brackets(r, t);
      else if (t->op == ISA_BRA && !number && *r->word != '%' && !at_word(r, "undef"))
         read_target(r, t);
      else
         vec_push(&r->src, read_value(r));
      if (!r->eol)
         expect(r, ",");
   }
}

static void
place_targets(struct reader *r, struct ir_inst *i, struct inst_text *t)
{
   if (!t->targets.len)
      return;
   struct ir_block **slots = arena_array(r->f->arena, struct ir_block *, t->targets.len);
   for (size_t k = 0; k < t->targets.len; k++) {
      struct later_block l = t->targets.data[k];
      l.slot = &slots[k];
      vec_push(&r->blocks_later, l);
   }
   if (t->op == ISA_PHI) {
      struct phi p = {i, slots, i->loc};
      vec_push(&r->phis, p);
   } else {
      i->targets = slots;
      i->ntargets = (uint32_t)t->targets.len;
   }
}

static void
settle_name(struct reader *r, struct ir_inst *i, const struct inst_text *t)
{
   struct later l = {LATER_CALL, t->name, i, NULL, i->loc};
   if (i->op == ISA_SREG) {
      i->mods.extra = (uint8_t)isa_sreg_find(t->name);
      if (!i->mods.extra)
         fail(r, "'%s' is no special register", t->name);
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
read_inst(struct reader *r)
{
   struct inst_text t = {0};
   struct src_loc loc = here(r);
   struct ir_value *guard = NULL;
   bool negated = false;
   if (accept(r, "@")) {
      negated = accept(r, "!");
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
read_params(struct reader *r, uint32_t *count)
{
   VEC(struct ir_param) list = {0};
   expect(r, "(");
   while (!at_word(r, ")") && !r->failed) {
      struct ir_param q = {.loc = here(r)};
      q.type = (uint8_t)take_type(r);
      q.name = take_name(r);
      expect(r, "align");
      q.align = (uint32_t)take_number(r);
      expect(r, "size");
      q.size = take_number(r);
      expect(r, "at");
      q.offset = (uint32_t)take_number(r);
      vec_push(&list, q);
      if (!accept(r, ","))
         break;
   }
   expect(r, ")");
   struct ir_param *to = arena_array(r->m->arena, struct ir_param, list.len);
   for (size_t k = 0; k < list.len; k++)
      to[k] = list.data[k];
   *count = (uint32_t)list.len;
   vec_finish(&list);
   return to;
}

static void
make_params(struct reader *r)
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
read_numbers(struct reader *r, uint32_t *to, unsigned n)
{
   for (unsigned k = 0; k < n; k++)
      to[k] = (uint32_t)take_number(r);
}

static void
read_properties(struct reader *r)
{
   struct ir_func *f = r->f;
   while (!r->eol && !at_word(r, "{") && !r->failed) {
      if (accept(r, "maxntid"))
         read_numbers(r, f->maxntid, 3);
      else if (accept(r, "reqntid"))
         read_numbers(r, f->reqntid, 3);
      else if (accept(r, "cluster"))
         read_numbers(r, f->cluster_dim, 3);
      else if (accept(r, "minnctapersm"))
         read_numbers(r, &f->minnctapersm, 1);
      else if (accept(r, "maxnreg"))
         read_numbers(r, &f->maxnreg, 1);
      else if (accept(r, "maxclusterrank"))
         read_numbers(r, &f->maxclusterrank, 1);
      else if (accept(r, "ssa"))
         f->ssa = true;
      else if (accept(r, "noreturn"))
         f->noreturn = true;
      else if (accept(r, "explicitcluster"))
         f->explicit_cluster = true;
      else if (accept(r, "blocksareclusters"))
         f->blocks_are_clusters = true;
      else
         fail(r, "unknown property '%.*s'", (int)r->n, r->word);
   }
}

static void
read_regs(struct reader *r)
{
   enum ir_width w = take_choice(r, ir_width_names, IR_WIDTH_COUNT);
   while (!r->eol && !r->failed) {
      const char *name = take_name(r);
      if (map_find(r->values, name))
         fail(r, "'%s' is declared twice", name);
      else
         new_value(r, name, IR_REG, w);
   }
}

static void
read_body_line(struct reader *r)
{
   struct ir_func *f = r->f;
   const char *s = r->word + r->n;
   if (*s == ':' && is_word(*r->word) && *r->word != '%' && !at_word(r, "_")) {
      const char *name = take_name(r);
      expect(r, ":");
      r->b = ir_block_create(f, NULL);
      r->b->label = name;
      if (map_find(r->blocks, name))
         fail(r, "block '%s' is there twice", name);
      map_set(r->blocks, name, r->b);
   } else if (accept(r, "reg")) {
      read_regs(r);
   } else if (accept(r, "var")) {
      struct ir_sym *v = read_var(r);
      vec_push(&f->syms, v);
      map_set(r->vars, v->name, v);
   } else if (accept(r, "frame")) {
      f->local_bytes = (uint32_t)take_number(r);
      expect(r, "align");
      f->local_align = (uint32_t)take_number(r);
   } else if (accept(r, "proto")) {
      struct ir_proto *q = arena_new(r->m->arena, struct ir_proto);
      q->name = take_name(r);
      q->outs = read_params(r, &q->nouts);
      q->ins = read_params(r, &q->nins);
      map_set(r->protos, q->name, q);
   } else {
      read_inst(r);
   }
}

/* -- When a function is complete */

static void
order_phi(struct reader *r, const struct phi *p)
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
         diag_error(r->d, for_message(r, p->loc), "ir-syntax",
                    "the phi lacks a source for a predecessor");
         src[k] = ir_undef(r->f, p->inst->dst[0]->width);
      }
   }
   if (p->inst->nsrc != b->preds.len)
      diag_error(r->d, for_message(r, p->loc), "ir-syntax",
                 "%u sources for %zu predecessors", p->inst->nsrc, b->preds.len);
   p->inst->src = src;
   p->inst->nsrc = (uint16_t)b->preds.len;
}

static void
finish_func(struct reader *r)
{
   size_t before = r->d->errors;
   for (size_t k = 0; k < r->blocks_later.len; k++) {
      struct later_block *l = &r->blocks_later.data[k];
      *l->slot = map_find(r->blocks, l->name);
      if (!*l->slot)
         diag_error(r->d, for_message(r, l->loc), "ir-syntax", "there is no block '%s'",
                    l->name);
   }
   for (size_t k = 0; k < map_slots(r->values); k++) {
      struct ir_value *v = map_at(r->values, k, NULL);
      if (v->kind == IR_INST && !v->def)
         diag_error(r->d, for_message(r, r->f->loc), "ir-syntax", "'%s' is never defined",
                    v->name);
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
read_func(struct reader *r, bool is_kernel)
{
   struct src_loc loc = here(r);
   unsigned linkage = take_choice(r, ir_linkage_names, ARRAY_LEN(ir_linkage_names));
   const char *name = take_name(r);
   if (ir_module_find_func(r->m, name))
      fail(r, "function '%s' is there twice", name);
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
   f->is_extern = !accept(r, "{");
   bool closed = f->is_extern;
   while (!closed && next_line(r)) {
      closed = accept(r, "}");
      if (!closed)
         read_body_line(r);
      if (!r->eol && !r->failed)
         fail(r, "the line goes on with '%.*s'", (int)r->n, r->word);
   }
   if (!closed)
      fail(r, "the '}' of function '%s' is missing", name);
   finish_func(r);
   map_destroy(r->values);
   map_destroy(r->blocks);
   map_destroy(r->vars);
   map_destroy(r->protos);
   r->f = NULL;
}

/* -- The module */

static void
read_module_line(struct reader *r)
{
   if (accept(r, "module")) {
      expect(r, "ptx");
      r->m->ptx_major = (uint8_t)take_number(r);
      r->m->ptx_minor = (uint8_t)take_number(r);
      expect(r, "sm");
      r->m->sm = (uint32_t)take_number(r);
      if (accept(r, "suffix"))
         r->m->sm_suffix = *take_name(r);
   } else if (accept(r, "var")) {
      struct ir_sym *s = read_var(r);
      vec_push(&r->m->syms, s);
      map_set(r->m->sym_map, s->name, s);
   } else if (accept(r, "entry")) {
      read_func(r, true);
   } else if (accept(r, "func")) {
      read_func(r, false);
   } else {
      fail(r, "expected module, var, entry or func, found '%.*s'", (int)r->n, r->word);
   }
}

static struct ir_sym *
func_sym(struct reader *r, struct ir_func *f)
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
settle_later(struct reader *r)
{
   for (size_t k = 0; k < r->later.len; k++) {
      struct later *l = &r->later.data[k];
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
         diag_error(r->d, for_message(r, l->loc), "ir-syntax", "nothing is named '%s'",
                    l->name);
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
   struct reader r = {
      .m = ir_module_create(file), .d = d, .at = copy, .message_file = file};
   r.file = file ? arena_strdup(r.m->arena, file) : NULL;
   r.word = r.line_start = copy;
   while (next_line(&r)) {
      read_module_line(&r);
      if (!r.eol && !r.failed)
         fail(&r, "the line goes on with '%.*s'", (int)r.n, r.word);
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
