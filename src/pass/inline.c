/* SPDX-License-Identifier: Apache-2.0
 * Inlining of every direct call that cannot recurse. PTX parameters travel through .param
 * variables, so a body is copied with the callee's parameters bound to the caller's
 * addresses; opt_promote then removes the memory. */
#include <string.h>

#include "pass/pass.h"

/* Beyond this many instructions calls stay calls (thread mode runs them). */
#define INLINE_LIMIT 200000

static bool
reaches(struct ir_func *from, struct ir_func *target, struct map *seen)
{
   if (map_find_n(seen, &from, sizeof from))
      return false;
   map_set_n(seen, &from, sizeof from, from);
   ir_foreach_block (b, from) {
      ir_foreach_inst (i, b) {
         if (i->op != ISA_CALL || !i->callee)
            continue;
         if (i->callee == target || reaches(i->callee, target, seen))
            return true;
      }
   }
   return false;
}

/* What it takes from the stack must be given back when it returns. */
static bool
has_alloca(const struct ir_func *f)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (i->op == ISA_ALLOCA)
            return true;
      }
   }
   return false;
}

static bool
can_inline(const struct ir_inst *call)
{
   struct ir_func *f = call->callee;
   if (call->op != ISA_CALL || !f || f->is_extern || !f->first_block)
      return false;
   if (f->nargs != call->nsrc)
      return false;
   struct map *seen = map_create();
   bool recursive = reaches(f, f, seen);
   map_destroy(seen);
   return !recursive && !has_alloca(f);
}

/* A copied `ret` continues after the call; a guarded one falls through otherwise. */
static void
redirect_ret(struct ir_func *f, struct ir_inst *ret, struct ir_block *rest)
{
   struct ir_block *b = ret->block;
   struct ir_block *next =
      ret->next ? ir_block_split(b, ret->next) : (ret->guard ? b->next : NULL);
   struct ir_inst *bra = ir_bra(f, ret->guard, rest, next);
   bra->guard_negated = ret->guard_negated;
   bra->loc = ret->loc;
   ir_inst_remove(ret);
   ir_inst_append(b, bra);
}

static void
inline_call(struct ir_func *f, struct ir_inst *call)
{
   struct ir_block *b = call->block;
   struct ir_func *callee = call->callee;
   struct ir_block *rest = ir_block_split(b, call);
   struct ir_value *guard = call->guard;
   uint8_t negated = call->guard_negated;
   ir_inst_remove(call);
   struct ir_block *last = f->last_block;
   struct ir_block *entry = ir_func_copy_body(f, callee, call->src);
   struct ir_inst *bra = ir_bra(f, guard, entry, rest);
   bra->guard_negated = negated;
   bra->loc = call->loc;
   ir_inst_append(b, bra);
   for (struct ir_block *c = last->next; c; c = c->next) {
      ir_foreach_inst_safe (i, c) {
         if (i->op == ISA_RET) {
            redirect_ret(f, i, rest);
            break;
         }
      }
   }
}

static size_t
count_insts(const struct ir_func *f)
{
   size_t n = 0;
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b)
         n++;
   }
   return n;
}

bool
opt_inline(struct ir_func *f, struct pass_ctx *c)
{
   bool changed = false;
   size_t size = count_insts(f);
   for (struct ir_block *b = f->first_block; b; b = b->next) {
      ir_foreach_inst_safe (i, b) {
         if (!can_inline(i))
            continue;
         size += count_insts(i->callee);
         if (size > INLINE_LIMIT)
            goto done;
         inline_call(f, i);
         changed = true;
         break; /* the rest of the block moved to a new one, which comes later */
      }
   }
done:
   if (changed)
      ir_func_renumber(f);
   ir_func_rebuild_preds(f);
   return changed;
}
