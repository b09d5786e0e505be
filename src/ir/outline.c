/* SPDX-License-Identifier: Apache-2.0
 * Turns a part of a function that has one way in and one way out into a function of its
 * own and a call of that. */
#include <string.h>

#include "ir.h"

struct outline {
   struct ir_func *from, *to;
   struct map *args; /* value of from -> argument of to */
   VEC(struct ir_value *) reads, results;
};

static struct ir_func *
new_function(struct ir_func *f, const char *name)
{
   struct ir_func *n = base_calloc(1, sizeof *n);
   n->module = f->module;
   n->arena = arena_create();
   n->name = arena_strdup(n->arena, name);
   n->ssa = n->outlined = true;
   n->local_align = 1;
   n->loc = f->loc;
   n->consts = map_create();
   n->next_clone = atomic_load(&f->module->clones);
   while (!atomic_compare_exchange_weak(&f->module->clones, &n->next_clone, n))
      ;
   return n;
}

/* A new block before b (inside: behind) for the edges that come from marked blocks or,
 * where `inside` is false, from the others. */
static struct ir_block *
gather_edges(struct ir_func *f, struct ir_block *b, bool inside)
{
   bool *take = arena_array(f->arena, bool, b->preds.len);
   for (size_t k = 0; k < b->preds.len; k++)
      take[k] = (b->preds.data[k]->scratch != NULL) == inside;
   return ir_block_merge_preds(f, b, take);
}

static void
move_block(struct outline *o, struct ir_block *b)
{
   struct ir_func *f = o->from, *n = o->to;
   *(b->prev ? &b->prev->next : &f->first_block) = b->next;
   *(b->next ? &b->next->prev : &f->last_block) = b->prev;
   b->func = n;
   b->scratch = NULL;
   b->next = NULL;
   b->prev = n->last_block;
   *(b->prev ? &b->prev->next : &n->first_block) = b;
   n->last_block = b;
}

static struct ir_value *
argument(struct outline *o, struct ir_value *v)
{
   struct ir_value *a = map_find_n(o->args, &v, sizeof v);
   if (a)
      return a;
   a = ir_value_create(o->to, IR_ARG, v->width, v->name);
   map_set_n(o->args, &v, sizeof v, a);
   vec_push(&o->reads, v);
   return a;
}

/* What v is in the new function. */
static struct ir_value *
inner(struct outline *o, struct ir_value *v)
{
   switch ((enum ir_value_kind)v->kind) {
   case IR_CONST:
      return v->width == IR_B128 ? ir_const128(o->to, v->bits[0], v->bits[1])
                                 : ir_const(o->to, v->width, v->bits[0]);
   case IR_UNDEF:
      return ir_undef(o->to, v->width);
   case IR_SINK:
      return ir_sink(o->to, v->width);
   default:
      return v->kind == IR_INST && v->def->block->func == o->to ? v : argument(o, v);
   }
}

static void
adopt_operands(struct outline *o)
{
   ir_foreach_block (b, o->to) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->ndst; k++)
            i->dst[k] = inner(o, i->dst[k]);
         for (unsigned k = 0; k < i->nsrc; k++)
            i->src[k] = inner(o, i->src[k]);
      }
   }
}

/* What is read behind the call gets a new value there. */
static void
find_results(struct outline *o)
{
   ir_foreach_block (b, o->from) {
      ir_foreach_inst (i, b) {
         for (unsigned k = 0; k < i->nsrc; k++) {
            struct ir_value *v = i->src[k];
            if (v->kind != IR_INST || v->def->block->func != o->to || v->repl)
               continue;
            v->repl = ir_value_create(o->from, IR_INST, v->width, v->name);
            vec_push(&o->results, v);
         }
      }
   }
}

static void
end_with_results(struct outline *o, struct ir_block *last)
{
   struct ir_inst *r = ir_inst_create(o->to, ISA_RET, 0, (unsigned)o->results.len);
   for (size_t k = 0; k < o->results.len; k++)
      r->src[k] = o->results.data[k];
   ir_inst_remove(last->last);
   ir_inst_append(last, r);
}

static void
call(struct outline *o, struct ir_block *at)
{
   struct ir_inst *c =
      ir_inst_create(o->from, ISA_CALL, (unsigned)o->results.len, (unsigned)o->reads.len);
   c->callee = o->to;
   for (size_t k = 0; k < o->reads.len; k++)
      c->src[k] = o->reads.data[k];
   for (size_t k = 0; k < o->results.len; k++) {
      c->dst[k] = o->results.data[k]->repl;
      c->dst[k]->def = c;
   }
   ir_inst_insert_before(at->last, c);
   ir_func_apply_repl(o->from);
   for (size_t k = 0; k < o->results.len; k++)
      o->results.data[k]->repl = NULL;
}

static void
replace_pred(struct ir_block *b, const struct ir_block *old, struct ir_block *now)
{
   for (size_t k = 0; k < b->preds.len; k++)
      if (b->preds.data[k] == old)
         b->preds.data[k] = now;
}

struct ir_func *
ir_func_outline(struct ir_func *f, struct ir_block *entry, struct ir_block *exit,
                const char *name)
{
   struct outline o = {.from = f, .to = new_function(f, name), .args = map_create()};
   struct ir_block *before = gather_edges(f, entry, false);
   struct ir_block *last = gather_edges(f, exit, true);
   last->scratch = last;
   struct ir_block *start = ir_block_create(o.to, NULL), *next;
   ir_inst_append(start, ir_bra(o.to, NULL, entry, NULL));
   replace_pred(entry, before, start);
   for (struct ir_block *b = f->first_block; b; b = next) {
      next = b->next;
      if (b->scratch)
         move_block(&o, b);
   }
   before->last->targets[0] = exit;
   replace_pred(exit, last, before);
   adopt_operands(&o);
   find_results(&o);
   end_with_results(&o, last);
   call(&o, before);
   o.to->nargs = (uint32_t)o.reads.len;
   o.to->args = arena_array(o.to->arena, struct ir_value *, o.reads.len + 1);
   for (size_t k = 0; k < o.reads.len; k++)
      o.to->args[k] = map_find_n(o.args, &o.reads.data[k], sizeof o.reads.data[k]);
   map_destroy(o.args);
   vec_finish(&o.reads);
   vec_finish(&o.results);
   return o.to;
}
