/* SPDX-License-Identifier: Apache-2.0
 * Loads of a group that have no memory in common are better done apart, each where it
 * stands: results of all at once do not fit into registers, as the columns of an unrolled
 * loop show. */
#include <string.h>

#include "back/simd/group.h"

/* Which elements one step loads together: bits of pieces, or of quads. */
static uint64_t
loads_of(const struct emit_group *g, unsigned k)
{
   uint64_t all = 0;
   if (g->by_pieces) {
      for (unsigned r = 0; r < g->rows; r++)
         all |= 1ull << g->from[k][r].piece;
      return all;
   }
   for (unsigned q = 0; q < g->quads; q++)
      for (unsigned j = 0; j < 4; j++)
         all |= g->quad[q][j] == k ? 1ull << q : 0;
   return all;
}

static void
keep(struct emit_group *g, const bool *inst)
{
   uint8_t as[EMIT_GROUP_INSTS];
   unsigned insts = 0, n = 0;
   for (unsigned i = 0; i < g->ninsts; i++) {
      as[i] = (uint8_t)insts;
      if (inst[i])
         g->inst[insts++] = g->inst[i];
   }
   for (unsigned k = 0; k < g->n; k++) {
      if (!inst[g->owner[k]])
         continue;
      g->owner[n] = as[g->owner[k]];
      g->at[n++] = g->at[k];
   }
   g->ninsts = insts;
   g->n = n;
}

bool
emit_group_part(struct emit_group *g)
{
   bool in[EMIT_GROUP_INSTS] = {true};
   uint64_t loads = 0;
   unsigned n = 1;
   for (bool grew = true; grew;) {
      grew = false;
      for (unsigned k = 0; k < g->n; k++) {
         uint64_t mine = loads_of(g, k);
         bool *is_in = &in[g->owner[k]];
         if (*is_in && (mine & ~loads)) {
            loads |= mine;
            grew = true;
         } else if (!*is_in && (mine & loads)) {
            *is_in = grew = true;
            n++;
         }
      }
   }
   if (n == g->ninsts)
      return false;
   keep(g, in);
   return true;
}

bool
emit_group_is_fours(const struct emit_group *g, unsigned per)
{
   bool are = g->n == 4 && g->pieces == 4 && g->rows == per;
   for (unsigned k = 0; k < 4 && are; k++)
      for (unsigned r = 0; r < per; r++)
         are &= g->from[k][r].piece == r / (per / 4) &&
                g->from[k][r].index == r % (per / 4) * 4 + g->from[k][0].index;
   return are;
}
