/* SPDX-License-Identifier: Apache-2.0
 * Groups that are runs: one lane's elements follow each other, and the next lane's follow
 * them, as where compilers took the copy of a structure apart. They are moved as what
 * they were. */
#include "back/simd/group.h"

bool
emit_group_as_run(const struct emit *e, const struct emit_access *a, struct emit_run *r)
{
   const struct emit_group *g = a->group;
   int64_t stride;
   unsigned seen = 0;
   if (g->n < 2 || g->n > EMIT_RUN_ELEMENTS || (g->n & (g->n - 1)) || a->shape.unit ||
       !shape_stride(&a->shape, e->width, &stride) || stride != (int64_t)g->n * g->bytes)
      return false;
   r->a = *a;
   r->a.group = NULL;
   r->a.n = g->n;
   r->first = g->at[0];
   for (unsigned k = 1; k < g->n; k++)
      r->first = MIN2(r->first, g->at[k]);
   for (unsigned k = 0; k < g->n; k++) {
      int64_t at = g->at[k] - r->first;
      if (at % g->bytes || at >= stride)
         return false;
      r->place[k] = (uint8_t)(at / g->bytes);
      seen |= 1u << r->place[k];
   }
   return seen + 1 == 1u << g->n;
}

static val
address(struct emit *e, const struct emit_run *r, val base)
{
   val at = emit_const(e, 64, (uint64_t)r->first);
   return LLVMBuildGEP2(e->b, e->i8, base, &at, 1, "");
}

static void
in_place(const struct emit_run *r, const val *x, val *to)
{
   for (unsigned k = 0; k < r->a.n; k++)
      to[r->place[k]] = x[k];
}

static void
out_of_place(const struct emit_run *r, const val *from, val *x)
{
   for (unsigned k = 0; k < r->a.n; k++)
      x[k] = from[r->place[k]];
}

void
emit_group_run_load(struct emit *e, const struct emit_run *r, val base, val *out)
{
   val x[EMIT_RUN_ELEMENTS];
   emit_run_load(e, &r->a, e->width, NULL, address(e, r, base), x);
   out_of_place(r, x, out);
}

void
emit_group_run_store(struct emit *e, const struct emit_run *r, val base, const val *x)
{
   val in[EMIT_RUN_ELEMENTS];
   in_place(r, x, in);
   emit_run_store(e, &r->a, NULL, address(e, r, base), in);
}

unsigned
emit_group_run_pack(struct emit *e, const struct emit_run *r, const val *x, val *to)
{
   val in[EMIT_RUN_ELEMENTS];
   in_place(r, x, in);
   return emit_run_pack(e, &r->a, in, to);
}

void
emit_group_run_unpack(struct emit *e, const struct emit_run *r, const val *from, val *x)
{
   val out[EMIT_RUN_ELEMENTS];
   emit_run_unpack(e, &r->a, from, out);
   out_of_place(r, out, x);
}
