/* SPDX-License-Identifier: Apache-2.0
 * Functions: head, parameters, performance directives, and the statements of a body. */
#include <string.h>

#include "ptx_priv.h"

#define MAX_PARAM_BYTES 32764 /* of a kernel, manual 5.1.6.4 */
#define MAX_PARAMS 65535

/* -- Parameters */

/* One ".param …" or ".reg …". Without a name in a prototype ("_"). */
static bool
parse_param(struct ptx *p, struct ir_param *param, struct atom **name, bool *is_reg)
{
   *is_reg = ptx_is_word(p, T_DIR, "reg");
   if (!*is_reg && !ptx_is_word(p, T_DIR, "param")) {
      ptx_expect(p, -1, "a parameter, such as .param .b32 x");
      return false;
   }
   param->loc = ptx_loc(p);
   ptx_next(p);
   struct ptx_decl d;
   ptx_parse_decl_type(p, &d);
   param->loc = ptx_loc(p);
   *name = p->t.atom;
   if (!ptx_expect(p, T_ID, "a parameter's name"))
      return false;
   uint64_t elem = (isa_type_bits(d.type) + 7) / 8 * d.vec, strides[17];
   unsigned ndims;
   bool unsized;
   if (d.type == ISA_PRED)
      ptx_error(p, param->loc, "ptx-bad-type",
                "predicates cannot be parameters; pass a .b32 of 0 or 1");
   param->name = (*name)->name;
   param->type = d.type;
   param->align = d.align;
   param->opaque = d.opaque;
   param->size = ptx_parse_dims(p, elem, strides, &ndims, &unsized);
   if (ndims || d.vec > 1)
      param->type = elem == 1 ? ISA_B8 : d.type;
   if (param->size > MAX_PARAM_BYTES)
      ptx_error(p, param->loc, "ptx-number-range", "a parameter of more than %u bytes",
                MAX_PARAM_BYTES);
   return !p->panic;
}

static struct ir_sym *
param_sym(struct ptx *p, const struct ir_param *param, enum isa_space space)
{
   struct ir_sym *s = arena_new(p->m->arena, struct ir_sym);
   s->name = param->name;
   s->space = (uint8_t)space;
   s->align = param->align;
   s->size = param->size;
   s->elem_type = param->type;
   s->opaque = param->opaque;
   s->loc = param->loc;
   return s;
}

struct params {
   VEC(struct ir_param) list;
   VEC(struct atom *) names;
   VEC(bool) regs;
};

static void
parse_params(struct ptx *p, struct params *ps)
{
   if (!ptx_accept(p, '(') || ptx_accept(p, ')'))
      return;
   do {
      struct ir_param param = {0};
      struct atom *name;
      bool is_reg;
      if (!parse_param(p, &param, &name, &is_reg))
         return;
      vec_push(&ps->list, param);
      vec_push(&ps->names, name);
      vec_push(&ps->regs, is_reg);
   } while (ps->list.len < MAX_PARAMS && ptx_accept(p, ','));
   ptx_expect(p, ')', "',' or ')' in the list of parameters");
}

static void
finish_params(struct params *ps)
{
   vec_finish(&ps->list);
   vec_finish(&ps->names);
   vec_finish(&ps->regs);
}

static struct ir_param *
keep_params(struct ptx *p, const struct params *ps)
{
   struct ir_param *to = arena_array(p->m->arena, struct ir_param, ps->list.len);
   if (ps->list.len)
      memcpy(to, ps->list.data, ps->list.len * sizeof *to);
   return to;
}

static void
place_kernel_params(struct ptx *p, struct ir_func *f)
{
   uint64_t at = 0;
   for (uint32_t i = 0; i < f->nparams; i++) {
      struct ir_param *q = &f->params[i];
      at = ALIGN_UP(at, (uint64_t)q->align);
      q->offset = (uint32_t)at;
      q->sym = param_sym(p, q, ISA_PARAM);
      q->sym->address = at;
      at += q->size;
   }
   if (at > MAX_PARAM_BYTES)
      ptx_error(p, f->loc, "ptx-number-range",
                "the parameters of '%s' take %llu bytes; %u are allowed", f->name,
                (unsigned long long)at, MAX_PARAM_BYTES);
   f->param_bytes = (uint32_t)at;
}

static void
bind_params(struct ptx *p, struct ir_func *f, const struct params *ps,
            struct ir_param *list, struct ir_value **args)
{
   for (size_t i = 0; i < ps->list.len; i++) {
      struct ir_param *q = &list[i];
      struct atom *a = ps->names.data[i];
      if (f->is_kernel) {
         struct ptx_bind *b = ptx_bind(p, a, BIND_SYM, q->loc);
         b->sym = q->sym;
         b->type = q->type;
         continue;
      }
      q->sym = param_sym(p, q, ISA_PARAM_FUNC);
      if (ps->regs.data[i]) {
         struct ptx_bind *b = ptx_bind(p, a, BIND_REG, q->loc);
         ptx_make_reg(p, b, q->type, 1);
         q->reg = b->v;
      } else {
         struct ptx_bind *b = ptx_bind(p, a, BIND_ARG, q->loc);
         b->v = args[i];
         b->type = q->type;
      }
   }
}

static void
make_args(struct ir_func *f)
{
   f->nargs = f->is_kernel ? 0 : f->nrets + f->nparams;
   f->args = arena_array(f->arena, struct ir_value *, f->nargs);
   for (uint32_t i = 0; i < f->nargs; i++) {
      const struct ir_param *q = i < f->nrets ? &f->rets[i] : &f->params[i - f->nrets];
      f->args[i] = ir_value_create(f, IR_ARG, IR_B32, q->name);
   }
}

/* Registers as parameters (functions of the old ABI) are filled from the frame. */
static void
load_reg_params(struct ptx *p, struct ir_func *f)
{
   p->inst_loc = f->loc;
   for (uint32_t i = 0; i < f->nparams; i++) {
      struct ir_param *q = &f->params[i];
      if (q->reg)
         ptx_copy_param(p, true, q->reg, f->args[f->nrets + i], q->type,
                        (struct ptx_guard){0});
   }
}

void
ptx_store_results(struct ptx *p)
{
   for (uint32_t i = 0; i < p->f->nrets && !p->f->is_kernel; i++) {
      struct ir_param *q = &p->f->rets[i];
      if (q->reg)
         ptx_copy_param(p, false, q->reg, p->f->args[i], q->type, (struct ptx_guard){0});
   }
}

/* -- Performance directives */

static void
parse_numbers(struct ptx *p, uint32_t *to, unsigned n, uint32_t fill)
{
   for (unsigned i = 0; i < n; i++)
      to[i] = fill;
   unsigned i = 0;
   do {
      uint32_t v = (uint32_t)ptx_uint(p, UINT32_MAX, "this number");
      if (i < n)
         to[i] = v;
      else
         ptx_error(p, ptx_loc(p), "ptx-syntax", "at most %u numbers are expected here",
                   n);
      i++;
   } while (!p->panic && ptx_accept(p, ','));
}

static bool
parse_func_directive(struct ptx *p, struct ir_func *f)
{
   uint32_t ignored;
   const struct {
      const char *name;
      uint32_t *to;
      unsigned n;
   } numbers[] = {
      {"maxntid", f->maxntid, 3},
      {"reqntid", f->reqntid, 3},
      {"minnctapersm", &f->minnctapersm, 1},
      {"maxnctapersm", &ignored, 1},
      {"maxnreg", &f->maxnreg, 1},
      {"reqnctapercluster", f->cluster_dim, 3},
      {"maxclusterrank", &f->maxclusterrank, 1},
      {"abi_preserve", &ignored, 1},
      {"abi_preserve_control", &ignored, 1},
   };
   const char *word = p->t.atom->name;
   for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
      if (!strcmp(word, numbers[i].name)) {
         ptx_next(p);
         parse_numbers(p, numbers[i].to, numbers[i].n, 1);
         return true;
      }
   }
   if (!strcmp(word, "explicitcluster"))
      f->explicit_cluster = true;
   else if (!strcmp(word, "noreturn"))
      f->noreturn = true;
   else if (!strcmp(word, "blocksareclusters"))
      f->blocks_are_clusters = true;
   else
      return ptx_parse_pragma(p);
   ptx_next(p);
   return true;
}

/* -- Statements */

static void
parse_label_list(struct ptx *p, struct atom *name, struct src_loc loc)
{
   VEC(struct atom *) names = {0};
   VEC(struct src_loc) locs = {0};
   do {
      vec_push(&names, p->t.atom);
      vec_push(&locs, ptx_loc(p));
   } while (ptx_expect(p, T_ID, "a label") && ptx_accept(p, ','));
   struct ptx_targets *t = arena_new(p->scratch, struct ptx_targets);
   t->n = (uint32_t)names.len;
   t->blocks = arena_array(p->m->arena, struct ir_block *, names.len);
   for (size_t i = 0; i < names.len && !p->panic; i++)
      ptx_ref_label(p, names.data[i], &t->blocks[i], locs.data[i]);
   struct ptx_bind *b = ptx_bind(p, name, BIND_TARGETS, loc);
   b->targets = t;
   vec_finish(&names);
   vec_finish(&locs);
}

static void
parse_callees(struct ptx *p, struct atom *name, struct src_loc loc)
{
   struct ptx_targets *t = arena_new(p->scratch, struct ptx_targets);
   do {
      struct ptx_bind *b = p->t.kind == T_ID ? ptx_lookup(p, p->t.atom) : NULL;
      if (!b || b->kind != BIND_FUNC) {
         ptx_error(p, ptx_loc(p), "ptx-undeclared-name",
                   "a .calltargets list takes functions declared above");
         break;
      }
      if (!t->proto) {
         t->proto = arena_new(p->m->arena, struct ir_proto);
         *t->proto = (struct ir_proto){name->name, b->func->rets, b->func->params,
                                       b->func->nrets, b->func->nparams};
      }
      ptx_next(p);
   } while (ptx_accept(p, ','));
   struct ptx_bind *b = ptx_bind(p, name, BIND_CALLEES, loc);
   b->targets = t;
}

static struct ir_proto *
parse_prototype(struct ptx *p, const char *name)
{
   struct ir_proto *proto = arena_new(p->m->arena, struct ir_proto);
   struct params outs = {0}, ins = {0};
   parse_params(p, &outs);
   if (p->t.kind == T_ID)
      ptx_next(p); /* "_" by convention */
   parse_params(p, &ins);
   proto->name = name;
   proto->outs = keep_params(p, &outs);
   proto->nouts = (uint32_t)outs.list.len;
   proto->ins = keep_params(p, &ins);
   proto->nins = (uint32_t)ins.list.len;
   finish_params(&outs);
   finish_params(&ins);
   struct ir_func sink = {0};
   while (p->t.kind == T_DIR && !p->panic) {
      if (!parse_func_directive(p, &sink))
         break;
   }
   return proto;
}

/* At "name:". */
static void
parse_label(struct ptx *p)
{
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   ptx_next(p);
   ptx_next(p);
   if (ptx_is_word(p, T_DIR, "callprototype")) {
      ptx_next(p);
      struct ir_proto *proto = parse_prototype(p, a->name);
      struct ptx_bind *b = ptx_bind(p, a, BIND_PROTO, loc);
      b->proto = proto;
   } else if (ptx_is_word(p, T_DIR, "branchtargets")) {
      ptx_next(p);
      parse_label_list(p, a, loc);
   } else if (ptx_is_word(p, T_DIR, "calltargets")) {
      ptx_next(p);
      parse_callees(p, a, loc);
   } else {
      struct ptx_bind *b = ptx_bind(p, a, BIND_LABEL, loc);
      struct ir_block *block = p->b;
      if (!block || block->first || block->label) {
         block = ir_block_create(p->f, NULL);
         ptx_begin_block(p, block);
      }
      block->label = a->name;
      b->block = block;
      p->panic = false; /* of a duplicate: the statement behind it is a new one */
      return;
   }
   ptx_end_statement(p);
}

static void
parse_body_directive(struct ptx *p)
{
   if (ptx_is_word(p, T_DIR, "loc")) {
      ptx_parse_loc(p);
      return;
   }
   if (ptx_is_word(p, T_DIR, "reg")) {
      ptx_next(p);
      ptx_parse_reg(p);
      return;
   }
   if (ptx_is_word(p, T_DIR, "section")) {
      ptx_parse_section(p);
      return;
   }
   if (ptx_parse_pragma(p)) {
      ptx_accept(p, ';');
      return;
   }
   enum ir_linkage linkage = ptx_accept_linkage(p);
   enum isa_space space = ptx_space_word(p);
   if (space == ISA_PARAM)
      space = ISA_PARAM_FUNC;
   if (space == ISA_GENERIC) {
      ptx_error(p, ptx_loc(p), "ptx-unknown-directive",
                p->t.kind == T_DIR ? "unknown directive '.%s' in a function's body"
                                   : "a directive is expected here",
                p->t.kind == T_DIR ? p->t.atom->name : "");
      return;
   }
   ptx_next(p);
   ptx_parse_var(p, space, linkage);
}

static void
parse_statement(struct ptx *p)
{
   switch (p->t.kind) {
   case T_DIR:
      parse_body_directive(p);
      break;
   case T_ID:
      if (ptx_at_label(p)) {
         parse_label(p);
         break;
      }
      KASURI_FALLTHROUGH;
   case '@':
      ptx_parse_inst(p);
      ptx_end_statement(p);
      break;
   case ';':
      ptx_next(p);
      break;
   default:
      ptx_expect(p, -1, "an instruction, a label or a directive");
      ptx_next(p);
      break;
   }
   if (p->panic)
      ptx_recover(p);
}

/* Behind '{', to its '}'. Nested scopes are kept on p->scopes, not on the stack. */
static void
parse_body(struct ptx *p)
{
   size_t outer = p->scopes.len;
   for (;;) {
      if (p->t.kind == T_END) {
         p->panic = false;
         ptx_error(p, ptx_loc(p), "ptx-missing-brace",
                   "the '}' of function '%s' is "
                   "missing",
                   p->f->name);
         while (p->scopes.len > outer)
            ptx_scope_close(p);
         return;
      }
      if (p->t.kind == '{') {
         if (!ptx_scope_open(p)) {
            ptx_next(p);
            ptx_skip_function(p, (unsigned)(p->scopes.len - outer) + 2);
            while (p->scopes.len > outer)
               ptx_scope_close(p);
            return;
         }
         ptx_next(p);
      } else if (p->t.kind == '}') {
         if (p->scopes.len == outer)
            return;
         ptx_scope_close(p);
         ptx_next(p);
      } else {
         parse_statement(p);
      }
   }
}

/* -- Heads */

static bool
same_params(const struct ir_param *a, uint32_t na, const struct ir_param *b, uint32_t nb)
{
   if (na != nb)
      return false;
   for (uint32_t i = 0; i < na; i++) {
      if (a[i].size != b[i].size)
         return false;
   }
   return true;
}

static struct ir_func *
declare_func(struct ptx *p, struct atom *a, bool is_kernel, enum ir_linkage linkage,
             struct src_loc loc)
{
   struct ptx_bind *b = a->bind;
   if (b && b->kind == BIND_FUNC) {
      struct ir_func *f = b->func;
      if (f->is_kernel != is_kernel)
         ptx_error(p, loc, "ptx-duplicate-name",
                   "'%s' is declared as both .entry and .func, first on line %u", a->name,
                   b->loc.line);
      if (linkage != IR_EXTERN)
         f->linkage = (uint8_t)linkage;
      return f;
   }
   b = ptx_bind(p, a, BIND_FUNC, loc);
   struct ir_func *f = ir_func_create(p->m, a->name, is_kernel);
   f->linkage = (uint8_t)linkage;
   f->is_extern = true;
   f->loc = loc;
   b->func = f;
   return f;
}

static void
set_params(struct ptx *p, struct ir_func *f, const struct params *rets,
           const struct params *ps, bool declared, struct src_loc loc)
{
   struct ir_param *r = keep_params(p, rets), *q = keep_params(p, ps);
   if (declared && (!same_params(f->params, f->nparams, q, (uint32_t)ps->list.len) ||
                    !same_params(f->rets, f->nrets, r, (uint32_t)rets->list.len)))
      ptx_error(p, loc, "ptx-duplicate-name",
                "'%s' is declared with other parameters on line %u", f->name,
                f->loc.line);
   f->rets = r;
   f->params = q;
   f->nrets = (uint32_t)rets->list.len;
   f->nparams = (uint32_t)ps->list.len;
   if (f->is_kernel)
      place_kernel_params(p, f);
}

static void
parse_definition(struct ptx *p, struct ir_func *f, const struct params *rets,
                 const struct params *ps, struct src_loc loc)
{
   if (!f->is_extern)
      ptx_error(p, loc, "ptx-duplicate-name", "'%s' is already defined, on line %u",
                f->name, f->loc.line);
   else if (f->linkage == IR_EXTERN)
      f->linkage = IR_VISIBLE;
   p->panic = false;
   f->loc = loc;
   f->is_extern = false;
   p->f = f;
   p->b = NULL;
   p->cc = NULL;
   p->frame_top = 0;
   p->loc_file = p->loc_line = 0;
   p->nested_ranges = false;
   make_args(f);
   ptx_scope_open(p);
   bind_params(p, f, rets, f->rets, f->args);
   bind_params(p, f, ps, f->params, f->args + f->nrets);
   load_reg_params(p, f);
   ptx_next(p);
   parse_body(p);
   ptx_end_body(p);
   ptx_scope_close(p);
   ptx_finish_body(p);
   p->f = NULL;
   ptx_accept(p, '}');
}

/* Behind ".entry" or ".func". */
void
ptx_parse_func(struct ptx *p, bool is_kernel, enum ir_linkage linkage)
{
   struct params rets = {0}, ps = {0};
   struct ptx_decl ignored;
   if (ptx_is_word(p, T_DIR, "attribute")) {
      ptx_next(p);
      ptx_parse_attributes(p, &ignored);
   };
   if (!is_kernel)
      parse_params(p, &rets);
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (p->panic || !ptx_expect(p, T_ID, "a function's name"))
      goto out;
   bool declared = a->bind && a->bind->kind == BIND_FUNC;
   parse_params(p, &ps);
   struct ir_func *f = declare_func(p, a, is_kernel, linkage, loc);
   if (p->panic)
      goto out;
   set_params(p, f, &rets, &ps, declared, loc);
   while (p->t.kind == T_DIR && !p->panic) {
      if (!parse_func_directive(p, f))
         ptx_error(p, ptx_loc(p), "ptx-unknown-directive",
                   "unknown directive '.%s' at a function's head", p->t.atom->name);
   }
   if (p->t.kind == '{')
      parse_definition(p, f, &rets, &ps, loc);
   else if (!p->panic)
      ptx_expect(p, ';', "'{' or ';' behind the function's head");
out:
   finish_params(&rets);
   finish_params(&ps);
}
