/* SPDX-License-Identifier: Apache-2.0
 * Branches and blocks. A guarded ret, exit, trap or brx.idx becomes a conditional branch
 * to a block that holds it, so that guards never hide an edge of the graph. */
#include "ptx_priv.h"

/* While parsing, block->scratch counts the branches that name its label. */
static void
count_use(struct ir_block *b)
{
   b->scratch = (void *)((uintptr_t)b->scratch + 1);
}

struct ir_block *
ptx_block_here(struct ptx *p)
{
   if (!p->b)
      p->b = ir_block_create(p->f, NULL);
   return p->b;
}

static struct ir_inst *
emit_bra(struct ptx *p, struct ptx_guard g, struct ir_block *taken,
         struct ir_block *other)
{
   struct ir_inst *i = ir_bra(p->f, g.v, taken, other);
   i->guard_negated = g.negated;
   i->mods = p->bra_mods;
   i->loc = p->inst_loc;
   i->line_file = p->loc_file;
   i->line = p->loc_line;
   ir_inst_append(ptx_block_here(p), i);
   p->b = NULL;
   return i;
}

/* A label: b follows what came before. */
void
ptx_begin_block(struct ptx *p, struct ir_block *b)
{
   if (p->b)
      emit_bra(p, (struct ptx_guard){0}, b, NULL);
   p->b = b;
}

/* `@g op`: only the lanes of g go to the block in which op then is put. */
static struct ir_block *
split_guarded(struct ptx *p, struct ptx_guard g)
{
   if (!g.v)
      return NULL;
   ptx_block_here(p);
   struct ir_block *taken = ir_block_create(p->f, NULL);
   struct ir_block *rest = ir_block_create(p->f, NULL);
   emit_bra(p, g, taken, rest);
   count_use(taken);
   count_use(rest);
   p->b = taken;
   return rest;
}

static void
parse_bra(struct ptx *p, const struct isa_mods *m, struct ptx_guard g)
{
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (!ptx_expect(p, T_ID, "the label to branch to"))
      return;
   struct ir_block *here = ptx_block_here(p);
   struct ir_block *rest = g.v ? ir_block_create(p->f, NULL) : NULL;
   p->b = here;
   struct ir_inst *i = emit_bra(p, g, NULL, rest);
   i->mods = *m;
   if (rest)
      count_use(rest);
   ptx_ref_label(p, a, &i->targets[0], loc);
   p->b = rest;
}

static void
parse_brx(struct ptx *p, const struct isa_mods *m, struct ptx_guard g)
{
   struct ptx_opnd *index = ptx_parse_operand(p);
   ptx_expect(p, ',', "',' and the list of targets");
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (p->panic || !ptx_expect(p, T_ID, "the name of a .branchtargets list"))
      return;
   struct ir_block *rest = split_guarded(p, g);
   struct ir_value *v = ptx_source(p, index, ISA_BRX, ISA_U32);
   struct ir_inst *i = ptx_emit(p, ISA_BRX, m, 0, 1);
   i->src[0] = v;
   ptx_ref_targets(p, a, i, loc);
   p->b = rest;
}

static void
parse_end(struct ptx *p, enum isa_op op, const struct isa_mods *m, struct ptx_guard g)
{
   struct ir_block *rest = split_guarded(p, g);
   if (op == ISA_RET)
      ptx_store_results(p);
   ptx_emit(p, op, m, 0, 0);
   p->b = rest;
}

bool
ptx_is_flow(enum isa_op op)
{
   return op == ISA_BRA || op == ISA_BRX || op == ISA_RET || op == ISA_EXIT ||
          op == ISA_TRAP || op == ISA_CALL;
}

void
ptx_parse_flow(struct ptx *p, enum isa_op op, const struct isa_mods *m,
               struct ptx_guard g)
{
   if (op == ISA_BRA)
      parse_bra(p, m, g);
   else if (op == ISA_BRX)
      parse_brx(p, m, g);
   else if (op == ISA_CALL)
      ptx_parse_call(p, m, g);
   else
      parse_end(p, op, m, g);
}

/* -- The whole body */

static void
count_uses(struct ir_func *f)
{
   ir_foreach_block (b, f)
      b->scratch = NULL;
   ir_foreach_block (b, f) {
      struct ir_block **succs;
      unsigned n = ir_block_succs(b, &succs);
      for (unsigned i = 0; i < n; i++)
         count_use(succs[i]);
   }
}

/* Debug information puts a label at every line; a block that is only fallen into is
 * joined to the one before it. */
static void
join_fallthrough(struct ir_func *f)
{
   count_uses(f);
   for (struct ir_block *b = f->first_block; b;) {
      struct ir_block *n = b->next;
      struct ir_inst *t = b->last;
      bool joins = n && t && t->op == ISA_BRA && t->ntargets == 1 && t->targets[0] == n &&
                   n->scratch == (void *)1 && n != f->first_block;
      if (!joins) {
         b = n;
         continue;
      }
      ir_inst_remove(t);
      ir_foreach_inst (i, n)
         i->block = b;
      if (b->last)
         b->last->next = n->first;
      else
         b->first = n->first;
      if (n->first)
         n->first->prev = b->last;
      b->last = n->last ? n->last : b->last;
      ir_block_remove(n);
   }
}

/* Code that no branch reaches (nvcc leaves some behind `trap`) would only be in the way
 * of analyses. */
static void
drop_unreachable(struct ir_func *f)
{
   VEC(struct ir_block *) work = {0};
   ir_foreach_block (b, f)
      b->scratch = NULL;
   if (f->first_block) {
      f->first_block->scratch = f;
      vec_push(&work, f->first_block);
   }
   while (work.len) {
      struct ir_block *b = vec_pop(&work), **succs;
      unsigned n = ir_block_succs(b, &succs);
      for (unsigned i = 0; i < n; i++) {
         if (!succs[i]->scratch) {
            succs[i]->scratch = f;
            vec_push(&work, succs[i]);
         }
      }
   }
   vec_finish(&work);
   for (struct ir_block *b = f->first_block, *next; b; b = next) {
      next = b->next;
      if (!b->scratch)
         ir_block_remove(b);
      else
         b->scratch = NULL;
   }
}

/* At the closing brace, before labels are resolved. */
void
ptx_end_body(struct ptx *p)
{
   struct isa_mods m = ptx_mods("ret");
   if (p->b || !p->f->first_block)
      parse_end(p, ISA_RET, &m, (struct ptx_guard){0});
}

/* After labels are resolved. A body with errors may have edges to nowhere and is left. */
void
ptx_finish_body(struct ptx *p)
{
   if (p->d->errors > p->errors_before)
      return;
   drop_unreachable(p->f);
   join_fallthrough(p->f);
   p->f->block_count = 0;
   ir_foreach_block (b, p->f) {
      b->scratch = NULL;
      b->id = p->f->block_count++;
   }
   ir_func_rebuild_preds(p->f);
}
