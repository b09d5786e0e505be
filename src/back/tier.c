/* SPDX-License-Identifier: Apache-2.0
 * Which kernels the interpreter may begin while the vector tier compiles. It is ready at
 * once and a hundred times slower, so only those whose blocks are over sooner than the
 * compilation would be: no loops, for then both grow with the kernel's length, at some
 * 5 us an instruction of a block against 150 us. And only those that give the same
 * results in whatever order threads run, or results would depend on when the vector tier
 * was ready. */
#include "back/tier.h"

#define MAX_DEPTH 4 /* of calls */

/* Instructions beyond which code is generated twice, first without optimisation: that is
 * ready in a third of the time (6,000 instructions: 0.4 s and 1.2 s) and several times
 * slower. */
#define LARGE 3000u
#define ROUNDS                                                                           \
   1024 /* that a thread makes in a loop, when what it writes is estimated               \
         */
#define COUNTED 100000u /* as functions may call many that call many */

static bool
depends_on_order(const struct ir_inst *i)
{
   switch (i->op) {
   case ISA_ATOM:
      return true;
   case ISA_RED:
      return isa_type_is_float(i->mods.type[0]);
   case ISA_NANOSLEEP: /* waits for someone */
      return true;
   default:
      return false;
   }
}

static bool straight(const struct ir_func *f, unsigned depth);

static bool
suits(const struct ir_inst *i, unsigned depth)
{
   if (i->op == ISA_CALL)
      return i->callee && i->callee->first_block && straight(i->callee, depth + 1);
   return !depends_on_order(i);
}

/* No way leads back, as blocks are listed. */
static bool
straight(const struct ir_func *f, unsigned depth)
{
   if (depth > MAX_DEPTH)
      return false;
   bool *seen = base_calloc(f->block_count, sizeof *seen), ok = true;
   for (const struct ir_block *b = f->first_block; ok && b; b = b->next) {
      seen[b->id] = true;
      for (const struct ir_inst *i = b->first; ok && i; i = i->next) {
         ok = suits(i, depth);
         for (uint32_t k = 0; k < i->ntargets; k++)
            ok &= !seen[i->targets[k]->id];
      }
   }
   base_free(seen);
   return ok;
}

/* With what will be inlined. */
static void
add_size(const struct ir_func *f, uint32_t *n, unsigned depth)
{
   ir_foreach_block (b, f)
      ir_foreach_inst (i, b) {
         if (++*n >= COUNTED)
            return;
         if (i->callee && depth < MAX_DEPTH)
            add_size(i->callee, n, depth + 1);
      }
}

uint32_t
tier_size(const struct ir_func *f)
{
   uint32_t n = 0;
   add_size(f, &n, 0);
   return n;
}

/* Blocks round which ways lead back, as they are listed; by id. */
static bool *
find_loops(const struct ir_func *f)
{
   uint32_t *at = base_calloc(f->block_count, sizeof *at), n = 0;
   int32_t *opens = base_calloc(f->block_count + 1, sizeof *opens);
   bool *in = base_calloc(f->block_count, sizeof *in);
   ir_foreach_block (b, f)
      at[b->id] = n++;
   ir_foreach_block (b, f)
      ir_foreach_inst (i, b)
         for (uint32_t k = 0; k < i->ntargets; k++)
            if (at[i->targets[k]->id] <= at[b->id]) {
               opens[at[i->targets[k]->id]]++;
               opens[at[b->id] + 1]--;
            }
   int32_t open = 0;
   ir_foreach_block (b, f)
      in[b->id] = (open += opens[at[b->id]]) > 0;
   base_free(at);
   base_free(opens);
   return in;
}

uint64_t
tier_writes(const struct ir_func *f)
{
   uint64_t n = 0;
   bool *loops = find_loops(f);
   ir_foreach_block (b, f)
      ir_foreach_inst (i, b)
         if (i->op == ISA_ST &&
             (i->mods.space == ISA_GLOBAL || i->mods.space == ISA_GENERIC))
            n += (uint64_t)MAX2(i->mods.vec, 1u) * isa_type_bits(i->mods.type[0]) / 8 *
                 (loops[b->id] ? ROUNDS : 1);
   base_free(loops);
   return n;
}

bool
tier_is_large(uint32_t size)
{
   return size > LARGE;
}

bool
tier_may_begin_quick(const struct ir_func *f)
{
   return straight(f, 0);
}
