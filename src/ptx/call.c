/* SPDX-License-Identifier: Apache-2.0
 * Calls, direct and indirect. Arguments are addresses of .param variables; those given as
 * registers or constants travel through variables made here. */
#include <string.h>

#include "ptx_priv.h"

struct call {
   struct ptx_guard guard;
   const struct ir_param *outs, *ins; /* what the callee declares */
   uint32_t nouts, nins;
};

/* reg = [addr] or [addr] = reg, one parameter of type t in the local frame. */
void
ptx_copy_param(struct ptx *p, bool load, struct ir_value *reg, struct ir_value *addr,
               enum isa_type t, struct ptx_guard g)
{
   static const char *const names[][2] = {{"st.param.b8", "ld.param.b8"},
                                          {"st.param.b16", "ld.param.b16"},
                                          {"st.param.b32", "ld.param.b32"},
                                          {"st.param.b64", "ld.param.b64"},
                                          {"st.param.b128", "ld.param.b128"}};
   unsigned k = (unsigned)ir_width_of_type(t) - IR_B8;
   struct isa_mods m = ptx_mods(names[k][load]);
   m.space = ISA_PARAM_FUNC;
   struct ir_inst *i = ptx_emit(p, load ? ISA_LD : ISA_ST, &m, load, load ? 1 : 2);
   i->src[0] = addr;
   if (load)
      i->dst[0] = reg;
   else
      i->src[1] = reg;
   i->guard = g.v;
   i->guard_negated = g.negated;
}

static struct ir_value *
make_variable(struct ptx *p, const struct ir_param *param, struct src_loc loc)
{
   struct ir_sym *s = arena_new(p->m->arena, struct ir_sym);
   s->name = arena_printf(p->m->arena, "kasuri_arg_%zu", p->f->syms.len);
   s->space = ISA_PARAM_FUNC;
   s->elem_type = param->type;
   s->size = param->size;
   s->align = MAX2(param->align, 1u);
   s->loc = loc;
   s->address = ptx_frame_alloc(p, s->size, s->align, false, loc);
   vec_push(&p->f->syms, s);
   return ptx_emit_addr(p, s, 0, IR_B32);
}

static bool
is_variable(const struct ptx_opnd *o)
{
   return (o->kind == O_SYM && o->sym && o->sym->space == ISA_PARAM_FUNC) ||
          o->kind == O_ARG;
}

static struct ir_value *
variable_address(struct ptx *p, const struct ptx_opnd *o)
{
   return o->kind == O_ARG ? o->v : ptx_emit_addr(p, o->sym, o->offset, IR_B32);
}

static bool
fits_scalar(struct ptx *p, const struct ptx_opnd *o, const struct ir_param *param)
{
   if (param->type != ISA_PRED && param->size == isa_type_bits(param->type) / 8)
      return true;
   ptx_error(p, o->loc, "ptx-operand-kind",
             "this parameter needs a .param variable of %llu bytes",
             (unsigned long long)param->size);
   return false;
}

static void
check_size(struct ptx *p, const struct ptx_opnd *o, const struct ir_param *param)
{
   if (o->kind == O_SYM && param->size && o->sym->size != param->size)
      ptx_error(p, o->loc, "ptx-operand-size",
                "'%s' has %llu bytes; the callee's parameter has %llu", o->atom->name,
                (unsigned long long)o->sym->size, (unsigned long long)param->size);
}

static unsigned
parse_list(struct ptx *p, struct ptx_opnd **first)
{
   unsigned n = 0;
   *first = NULL;
   if (!ptx_accept(p, '('))
      return 0;
   if (ptx_accept(p, ')'))
      return 0;
   do {
      struct ptx_opnd *o = ptx_parse_operand(p);
      *first = o;
      first = &o->next;
      n++;
   } while (!p->panic && ptx_accept(p, ','));
   ptx_expect(p, ')', "',' or ')' in the list");
   return n;
}

static void
add_inputs(struct ptx *p, const struct call *c, struct ptx_opnd *o)
{
   for (uint32_t k = 0; o && k < c->nins && !p->panic; o = o->next, k++) {
      if (is_variable(o)) {
         check_size(p, o, &c->ins[k]);
         vec_push(&p->src, variable_address(p, o));
      } else if (fits_scalar(p, o, &c->ins[k])) {
         struct ir_value *v = ptx_source(p, o, ISA_MOV, c->ins[k].type);
         struct ir_value *at = make_variable(p, &c->ins[k], o->loc);
         ptx_copy_param(p, false, v, at, c->ins[k].type, c->guard);
         vec_push(&p->src, at);
      }
   }
}

static void
add_outputs(struct ptx *p, const struct call *c, struct ptx_opnd *o)
{
   for (uint32_t k = 0; o && k < c->nouts && !p->panic; o = o->next, k++) {
      if (is_variable(o)) {
         check_size(p, o, &c->outs[k]);
         vec_push(&p->src, variable_address(p, o));
      } else if (o->kind == O_SINK || fits_scalar(p, o, &c->outs[k])) {
         vec_push(&p->src, make_variable(p, &c->outs[k], o->loc));
      }
   }
}

static void
load_outputs(struct ptx *p, const struct call *c, struct ptx_opnd *o, unsigned first)
{
   for (uint32_t k = 0; o && k < c->nouts && !p->panic; o = o->next, k++) {
      if (is_variable(o) || o->kind == O_SINK)
         continue;
      struct ir_value *d = ptx_dest(p, o, ISA_MOV, c->outs[k].type);
      ptx_copy_param(p, true, d, p->src.data[first + k], c->outs[k].type, c->guard);
   }
}

/* The prototype of an indirect call: a .callprototype, or that of a .calltargets list. */
static struct ir_proto *
parse_proto(struct ptx *p)
{
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (!ptx_expect(p, T_ID, "the call's prototype or targets"))
      return NULL;
   struct ptx_bind *b = ptx_lookup(p, a);
   if (b && b->kind == BIND_PROTO)
      return b->proto;
   if (b && b->kind == BIND_CALLEES)
      return b->targets->proto;
   if (b && b->kind == BIND_FUNC) {
      struct ir_func *f = b->func;
      struct ir_proto *proto = arena_new(p->m->arena, struct ir_proto);
      *proto = (struct ir_proto){f->name, f->rets, f->params, f->nrets, f->nparams};
      return proto;
   }
   ptx_error(p, loc, "ptx-undeclared-name",
             "'%s' is no prototype; declare it above: %s: .callprototype …", a->name,
             a->name);
   return NULL;
}

static void
check_counts(struct ptx *p, const struct call *c, const char *name, unsigned nouts,
             unsigned nins)
{
   if (nouts != c->nouts || nins != c->nins)
      ptx_error(p, p->inst_loc, "ptx-operand-count",
                "'%s' has %u results and %u parameters; this call gives %u and %u", name,
                c->nouts, c->nins, nouts, nins);
}

/* The function or register called. */
static struct ir_func *
parse_target(struct ptx *p, struct ptx_opnd **target)
{
   struct ptx_opnd *o = ptx_parse_operand(p);
   struct ptx_bind *b = o->atom ? ptx_lookup(p, o->atom) : NULL;
   *target = o;
   if (b && b->kind == BIND_FUNC)
      return b->func;
   if (o->kind == O_REG)
      return NULL;
   if (b || !o->atom)
      ptx_error(p, o->loc, "ptx-operand-kind",
                "a function or a register with its address is expected here");
   else
      ptx_error(p, o->loc, "ptx-undeclared-name",
                "function '%s' is not declared; put a declaration such as .extern .func "
                "%s above",
                o->atom->name, o->atom->name);
   return NULL;
}

void
ptx_parse_call(struct ptx *p, const struct isa_mods *m, struct ptx_guard g)
{
   struct ptx_opnd *outs, *ins = NULL, *target;
   unsigned nouts = parse_list(p, &outs), nins = 0;
   if (outs)
      ptx_expect(p, ',', "',' behind the results");
   else
      ptx_accept(p, ',');
   struct ir_func *callee = p->panic ? NULL : parse_target(p, &target);
   struct ir_proto *proto = NULL;
   if (!p->panic && ptx_accept(p, ',')) {
      if (p->t.kind == '(') {
         nins = parse_list(p, &ins);
         if (!p->panic && ptx_accept(p, ','))
            proto = parse_proto(p);
      } else {
         proto = parse_proto(p);
      }
   }
   if (!p->panic && !callee && !proto)
      ptx_error(p, p->inst_loc, "ptx-operand-count",
                "a call through a register needs a prototype as its last operand");
   if (p->panic)
      return;
   struct call c = {g};
   c.outs = callee ? callee->rets : proto->outs;
   c.nouts = callee ? callee->nrets : proto->nouts;
   c.ins = callee ? callee->params : proto->ins;
   c.nins = callee ? callee->nparams : proto->nins;
   check_counts(p, &c, callee ? callee->name : proto->name, nouts, nins);
   uint32_t frame = p->frame_top;
   vec_clear(&p->dst);
   vec_clear(&p->src);
   if (!callee)
      vec_push(&p->src, ptx_source(p, target, ISA_CALL, ISA_NO_TYPE));
   unsigned first = (unsigned)p->src.len;
   add_outputs(p, &c, outs);
   add_inputs(p, &c, ins);
   if (p->panic)
      return;
   struct ir_inst *i = ptx_emit(p, ISA_CALL, m, 0, (unsigned)p->src.len);
   for (size_t k = 0; k < p->src.len; k++)
      i->src[k] = p->src.data[k];
   i->callee = callee;
   i->proto = callee ? NULL : proto;
   i->guard = g.v;
   i->guard_negated = g.negated;
   load_outputs(p, &c, outs, first);
   p->frame_top = frame;
}
