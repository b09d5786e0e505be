/* SPDX-License-Identifier: Apache-2.0
 * Copies of functions and of their bodies. A clone has an arena of its own, so that
 * threads may specialise functions of one module at the same time. */
#include <string.h>

#include "ir.h"

struct copy {
   struct ir_func *to;
   const struct ir_func *from;
   struct ir_value **values; /* by from's value id */
   struct ir_block **blocks; /* by from's block id */
   struct map *syms;         /* from's frame variables -> to's */
};

static struct ir_value *
copy_value(struct copy *c, struct ir_value *v)
{
   if (!v)
      return NULL;
   struct ir_value **slot = &c->values[v->id];
   if (*slot)
      return *slot;
   switch ((enum ir_value_kind)v->kind) {
   case IR_CONST:
      *slot = v->width == IR_B128 ? ir_const128(c->to, v->bits[0], v->bits[1])
                                  : ir_const(c->to, v->width, v->bits[0]);
      break;
   case IR_UNDEF:
      *slot = ir_undef(c->to, v->width);
      break;
   case IR_SINK:
      *slot = ir_sink(c->to, v->width);
      break;
   case IR_REG:
   case IR_INST:
   case IR_ARG:
      *slot = ir_value_create(c->to, v->kind, v->width, v->name);
      break;
   }
   return *slot;
}

static struct ir_sym *
copy_sym(struct copy *c, struct ir_sym *s)
{
   struct ir_sym *to = s ? map_find_n(c->syms, &s, sizeof s) : NULL;
   return to ? to : s;
}

/* Frame variables get a place behind those that the target already has. */
static void
copy_frame(struct copy *c)
{
   const struct ir_func *from = c->from;
   struct ir_func *to = c->to;
   uint32_t base = ALIGN_UP(to->local_bytes, MAX2(from->local_align, 1u));
   for (size_t k = 0; k < from->syms.len; k++) {
      struct ir_sym *s = from->syms.data[k];
      if (s->space == ISA_LOCAL || s->space == ISA_PARAM_FUNC) {
         struct ir_sym *n = arena_new(to->arena, struct ir_sym);
         *n = *s;
         n->address += base;
         map_set_n(c->syms, &s, sizeof s, n);
         s = n;
      }
      vec_push(&to->syms, s);
   }
   to->local_bytes = base + from->local_bytes;
   to->local_align = MAX2(to->local_align, from->local_align);
}

static void
copy_inst(struct copy *c, struct ir_block *b, const struct ir_inst *i)
{
   struct ir_inst *n = ir_inst_copy(c->to, i);
   for (unsigned k = 0; k < i->ndst; k++) {
      n->dst[k] = copy_value(c, i->dst[k]);
      if (n->dst[k] && n->dst[k]->kind == IR_INST)
         n->dst[k]->def = n;
   }
   for (unsigned k = 0; k < i->nsrc; k++)
      n->src[k] = copy_value(c, i->src[k]);
   n->guard = copy_value(c, i->guard);
   n->sym = copy_sym(c, i->sym);
   for (uint32_t k = 0; k < i->ntargets; k++)
      n->targets[k] = c->blocks[i->targets[k]->id];
   ir_inst_append(b, n);
}

struct ir_block *
ir_func_copy_body(struct ir_func *to, const struct ir_func *from, struct ir_value **args)
{
   struct copy c = {to, from};
   c.values = base_calloc(from->value_count, sizeof *c.values);
   c.blocks = base_calloc(from->block_count, sizeof *c.blocks);
   c.syms = map_create();
   for (uint32_t k = 0; k < from->nargs; k++)
      c.values[from->args[k]->id] = args[k];
   copy_frame(&c);
   struct ir_block *first = NULL;
   for (const struct ir_block *b = from->first_block; b; b = b->next) {
      struct ir_block *n = c.blocks[b->id] = ir_block_create(to, NULL);
      n->label = b->label;
      if (!first)
         first = n;
   }
   for (const struct ir_block *b = from->first_block; b; b = b->next) {
      struct ir_block *n = c.blocks[b->id];
      for (const struct ir_inst *i = b->first; i; i = i->next)
         copy_inst(&c, n, i);
      for (size_t k = 0; k < b->preds.len; k++)
         vec_push(&n->preds, c.blocks[b->preds.data[k]->id]);
   }
   base_free(c.values);
   base_free(c.blocks);
   map_destroy(c.syms);
   return first;
}

struct ir_func *
ir_func_clone(struct ir_func *f, const char *name)
{
   struct ir_func *n = base_calloc(1, sizeof *n);
   *n = *f;
   n->arena = arena_create();
   n->name = arena_strdup(n->arena, name);
   n->consts = map_create();
   n->syms.data = NULL;
   n->syms.len = n->syms.cap = 0;
   n->first_block = n->last_block = NULL;
   n->block_count = n->value_count = n->local_bytes = 0;
   n->args = arena_array(n->arena, struct ir_value *, f->nargs);
   for (uint32_t k = 0; k < f->nargs; k++)
      n->args[k] = ir_value_create(n, IR_ARG, f->args[k]->width, f->args[k]->name);
   ir_func_copy_body(n, f, n->args);
   n->next_clone = atomic_load(&f->module->clones);
   while (!atomic_compare_exchange_weak(&f->module->clones, &n->next_clone, n))
      ;
   return n;
}
