/* SPDX-License-Identifier: Apache-2.0
 * Creating modules, functions, values and instructions, and linking them into blocks. */
#include <string.h>

#include "ir.h"

unsigned
ir_width_bits(enum ir_width w)
{
   static const uint8_t bits[] = {1, 8, 16, 32, 64, 128};
   return w < IR_WIDTH_COUNT ? bits[w] : 0;
}

enum ir_width
ir_width_of_type(enum isa_type t)
{
   if (t == ISA_PRED)
      return IR_PRED;
   unsigned bits = isa_type_bits(t);
   if (bits <= 8)
      return IR_B8;
   if (bits <= 16)
      return IR_B16;
   if (bits <= 32)
      return IR_B32;
   return bits <= 64 ? IR_B64 : IR_B128;
}

struct ir_module *
ir_module_create(const char *name)
{
   struct arena *a = arena_create();
   struct ir_module *m = arena_new(a, struct ir_module);
   m->arena = a;
   m->name = arena_strdup(a, name ? name : "");
   m->address_size = 64;
   m->sym_map = map_create();
   m->func_map = map_create();
   atomic_init(&m->clones, NULL);
   return m;
}

/* Frees what a function holds outside its arena. */
static void
finish_func(struct ir_func *f)
{
   ir_foreach_block (b, f)
      vec_finish(&b->preds);
   vec_finish(&f->syms);
   map_destroy(f->consts);
   f->consts = NULL;
   f->first_block = f->last_block = NULL;
}

void
ir_func_destroy(struct ir_func *f)
{
   if (!f || f->arena == f->module->arena || !f->consts)
      return;
   finish_func(f);
   arena_destroy(f->arena);
   f->arena = NULL;
}

void
ir_module_destroy(struct ir_module *m)
{
   if (!m)
      return;
   struct ir_func *next;
   for (struct ir_func *f = atomic_load(&m->clones); f; f = next) {
      next = f->next_clone;
      ir_func_destroy(f);
      base_free(f);
   }
   for (size_t i = 0; i < m->funcs.len; i++)
      finish_func(m->funcs.data[i]);
   vec_finish(&m->funcs);
   vec_finish(&m->syms);
   vec_finish(&m->files);
   map_destroy(m->sym_map);
   map_destroy(m->func_map);
   arena_destroy(m->arena);
}

struct ir_func *
ir_func_create(struct ir_module *m, const char *name, bool is_kernel)
{
   struct ir_func *f = arena_new(m->arena, struct ir_func);
   f->module = m;
   f->arena = m->arena;
   f->name = arena_strdup(m->arena, name);
   f->is_kernel = is_kernel;
   f->local_align = 1;
   f->consts = map_create();
   vec_push(&m->funcs, f);
   map_set(m->func_map, name, f);
   return f;
}

struct ir_func *
ir_module_find_func(struct ir_module *m, const char *name)
{
   return map_find(m->func_map, name);
}

struct ir_value *
ir_value_create(struct ir_func *f, enum ir_value_kind kind, enum ir_width width,
                const char *name)
{
   struct ir_value *v = arena_new(f->arena, struct ir_value);
   v->kind = (uint8_t)kind;
   v->width = (uint8_t)width;
   v->id = f->value_count++;
   v->name = name;
   return v;
}

static uint64_t
low_bits(uint64_t bits, unsigned n)
{
   return n >= 64 ? bits : bits & (((uint64_t)1 << n) - 1);
}

struct const_key {
   uint64_t lo, hi, kind_width;
};

static struct ir_value *
intern(struct ir_func *f, enum ir_value_kind kind, enum ir_width width, uint64_t lo,
       uint64_t hi)
{
   struct const_key key = {lo, hi, (uint64_t)kind << 8 | width};
   struct ir_value *v = map_find_n(f->consts, &key, sizeof key);
   if (v)
      return v;
   v = ir_value_create(f, kind, width, NULL);
   v->bits[0] = lo;
   v->bits[1] = hi;
   map_set_n(f->consts, &key, sizeof key, v);
   return v;
}

struct ir_value *
ir_const(struct ir_func *f, enum ir_width width, uint64_t bits)
{
   return intern(f, IR_CONST, width, low_bits(bits, ir_width_bits(width)), 0);
}

struct ir_value *
ir_const128(struct ir_func *f, uint64_t lo, uint64_t hi)
{
   return intern(f, IR_CONST, IR_B128, lo, hi);
}

struct ir_value *
ir_undef(struct ir_func *f, enum ir_width width)
{
   return intern(f, IR_UNDEF, width, 0, 0);
}

struct ir_value *
ir_sink(struct ir_func *f, enum ir_width width)
{
   return intern(f, IR_SINK, width, 0, 0);
}

struct ir_block *
ir_block_create(struct ir_func *f, struct ir_block *after)
{
   struct ir_block *b = arena_new(f->arena, struct ir_block);
   b->func = f;
   b->id = f->block_count++;
   if (!after)
      after = f->last_block;
   b->prev = after;
   b->next = after ? after->next : f->first_block;
   if (b->next)
      b->next->prev = b;
   else
      f->last_block = b;
   if (after)
      after->next = b;
   else
      f->first_block = b;
   return b;
}

struct ir_inst *
ir_inst_create(struct ir_func *f, enum isa_op op, unsigned ndst, unsigned nsrc)
{
   /* One allocation: instruction, then its operand array. */
   struct ir_inst *i =
      arena_alloc(f->arena, sizeof *i + (ndst + nsrc) * sizeof(struct ir_value *));
   i->op = (uint16_t)op;
   i->ndst = (uint8_t)ndst;
   i->nsrc = (uint16_t)nsrc;
   i->dst = (struct ir_value **)(i + 1);
   i->src = i->dst + ndst;
   i->mods.vec = 1;
   return i;
}

void
ir_inst_append(struct ir_block *b, struct ir_inst *i)
{
   i->block = b;
   i->prev = b->last;
   i->next = NULL;
   if (b->last)
      b->last->next = i;
   else
      b->first = i;
   b->last = i;
}

void
ir_inst_insert_before(struct ir_inst *at, struct ir_inst *i)
{
   i->block = at->block;
   i->prev = at->prev;
   i->next = at;
   if (at->prev)
      at->prev->next = i;
   else
      at->block->first = i;
   at->prev = i;
}

void
ir_inst_remove(struct ir_inst *i)
{
   struct ir_block *b = i->block;
   if (i->prev)
      i->prev->next = i->next;
   else
      b->first = i->next;
   if (i->next)
      i->next->prev = i->prev;
   else
      b->last = i->prev;
   i->prev = i->next = NULL;
   i->block = NULL;
}

struct ir_inst *
ir_inst_copy(struct ir_func *f, const struct ir_inst *i)
{
   struct ir_inst *n = ir_inst_create(f, i->op, i->ndst, i->nsrc);
   struct ir_value **dst = n->dst, **src = n->src;
   *n = *i;
   n->prev = n->next = NULL;
   n->dst = dst;
   n->src = src;
   for (unsigned k = 0; k < i->ndst; k++)
      dst[k] = i->dst[k];
   for (unsigned k = 0; k < i->nsrc; k++)
      src[k] = i->src[k];
   if (i->ntargets)
      n->targets = arena_array(f->arena, struct ir_block *, i->ntargets);
   for (uint32_t k = 0; k < i->ntargets; k++)
      n->targets[k] = i->targets[k];
   return n;
}

struct ir_inst *
ir_bra(struct ir_func *f, struct ir_value *cond, struct ir_block *taken,
       struct ir_block *other)
{
   struct ir_inst *i = ir_inst_create(f, ISA_BRA, 0, cond && f->ssa ? 1 : 0);
   if (cond && f->ssa)
      i->src[0] = cond;
   else
      i->guard = cond;
   i->ntargets = cond ? 2 : 1;
   i->targets = arena_array(f->arena, struct ir_block *, i->ntargets);
   i->targets[0] = taken;
   if (cond)
      i->targets[1] = other;
   return i;
}

void
ir_block_branch(struct ir_func *f, struct ir_block *b, struct ir_value *cond,
                struct ir_block *taken, struct ir_block *other)
{
   ir_inst_append(b, ir_bra(f, cond, taken, other));
   vec_push(&taken->preds, b);
   if (cond)
      vec_push(&other->preds, b);
}
