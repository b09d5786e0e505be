/* SPDX-License-Identifier: Apache-2.0
 * Addresses that are a base plus offsets known when compiling, seen as a few groups of
 * lanes that each read one run of memory, or one element: what blocks of 16 or 8 threads
 * a row give. Two loads and a shuffle instead of a gather. */
#include <string.h>

#include "back/simd/emit.h"

static bool
fits(const struct emit *e, const struct emit_access *a, uint32_t lanes, unsigned size,
     struct emit_chunks *c)
{
   int64_t bytes = a->bits / 8, step = bytes * a->n;
   *c = (struct emit_chunks){.n = e->width / size, .size = size};
   for (unsigned g = 0; g < c->n; g++) {
      uint32_t mine = lanes >> (g * size) & (UINT32_MAX >> (EXEC_WARP - size));
      c->none[g] = !mine;
      if (!mine)
         continue;
      if (mine != UINT32_MAX >> (EXEC_WARP - size))
         return false;
      const struct shape *s = &a->shape;
      const int64_t *o = s->offsets + g * size, *t = s->unit ? s->times + g * size : NULL;
      bool run = true, splat = true;
      for (unsigned l = 1; l < size; l++) {
         run &= o[l] == o[0] + (int64_t)l * step;
         splat &= o[l] == o[0];
         if (t && t[l] != t[0])
            return false;
      }
      if (!run && !splat)
         return false;
      c->offset[g] = o[0];
      c->times[g] = t ? t[0] : 0;
      c->splat[g] = !run;
   }
   return true;
}

bool
emit_chunks_find(const struct emit *e, const struct emit_access *a, struct emit_chunks *c)
{
   if (e->width == 1 || a->shape.kind != SHAPE_OFFSETS || a->bits > 64)
      return false;
   uint32_t lanes;
   bool known = a->mask && emit_known_lanes(e, a->mask, &lanes);
   for (unsigned size = e->width; size >= e->width / EMIT_MAX_CHUNKS && size > 1;
        size /= 2)
      if (fits(e, a, known ? lanes : UINT32_MAX, size, c)) {
         c->known = known;
         return true;
      }
   return false;
}

static val
at_offset(struct emit *e, val base, int64_t offset)
{
   val k = LLVMConstInt(e->i64, (uint64_t)offset, true);
   return offset ? LLVMBuildGEP2(e->b, e->i8, base, &k, 1, "") : base;
}

/* Where a group's memory begins. */
static val
group_base(struct emit *e, const struct emit_access *a, const struct emit_chunks *c,
           unsigned g, val base)
{
   if (c->times[g]) {
      val k = emit_const(e, 64, (uint64_t)c->times[g]);
      k = LLVMBuildMul(e->b, emit_unit(e, &a->shape, 64), k, "");
      base = LLVMBuildGEP2(e->b, e->i8, base, &k, 1, "");
   }
   return at_offset(e, base, c->offset[g]);
}

/* Lanes from[i] of x. */
static val
pick(struct emit *e, val x, val y, const unsigned *from, unsigned n)
{
   val at[EXEC_WARP];
   for (unsigned i = 0; i < n; i++)
      at[i] = emit_const(e, 32, from[i]);
   return LLVMBuildShuffleVector(e->b, x, y ? y : LLVMGetUndef(LLVMTypeOf(x)),
                                 LLVMConstVector(at, n), "");
}

static val
group_lanes(struct emit *e, val x, const struct emit_chunks *c, unsigned g)
{
   unsigned from[EXEC_WARP];
   for (unsigned l = 0; l < c->size; l++)
      from[l] = g * c->size + l;
   return pick(e, x, NULL, from, c->size);
}

/* All elements of one group's lanes. */
static void
load_group(struct emit *e, const struct emit_access *a, const struct emit_chunks *c,
           unsigned g, val base, val *out)
{
   unsigned bytes = a->bits / 8, from[EXEC_WARP] = {0};
   val p = group_base(e, a, c, g, base);
   for (unsigned k = 0; k < a->n && c->none[g]; k++)
      out[k] = LLVMConstNull(LLVMVectorType(a->elem, c->size));
   if (c->none[g])
      return;
   for (unsigned k = 0; k < a->n && c->splat[g]; k++) {
      val s = LLVMBuildLoad2(e->b, a->elem, at_offset(e, p, (int64_t)k * bytes), "");
      LLVMSetAlignment(s, a->align);
      val one = LLVMGetUndef(LLVMVectorType(a->elem, 1));
      one = LLVMBuildInsertElement(e->b, one, s, emit_const(e, 32, 0), "");
      out[k] = pick(e, one, NULL, from, c->size);
   }
   bool masked = a->mask && !c->known;
   if (!c->splat[g])
      emit_run_load(e, a, c->size, masked ? group_lanes(e, a->mask, c, g) : NULL, p, out);
}

void
emit_chunks_load(struct emit *e, const struct emit_access *a, const struct emit_chunks *c,
                 val base, val *out)
{
   unsigned all[EXEC_WARP];
   val part[EMIT_MAX_CHUNKS][8];
   for (unsigned l = 0; l < e->width; l++)
      all[l] = l;
   for (unsigned g = 0; g < c->n; g++)
      load_group(e, a, c, g, base, part[g]);
   for (unsigned k = 0; k < a->n; k++) {
      for (unsigned n = c->n, size = c->size; n > 1; n /= 2, size *= 2)
         for (unsigned g = 0; g < n / 2; g++)
            part[g][k] = pick(e, part[2 * g][k], part[2 * g + 1][k], all, 2 * size);
      out[k] = part[0][k];
   }
}

/* One vector a group, of which a mask may leave out lanes. */
bool
emit_chunks_can_mask(const struct emit_access *a, const struct emit_chunks *c)
{
   bool runs = a->n == 1;
   for (unsigned g = 0; g < c->n; g++)
      runs &= !c->splat[g];
   return runs;
}

void
emit_chunks_store(struct emit *e, const struct emit_access *a,
                  const struct emit_chunks *c, val base, val x)
{
   for (unsigned g = 0; g < c->n; g++) {
      if (c->none[g])
         continue;
      val part = group_lanes(e, x, c, g);
      val mask = a->mask && !c->known ? group_lanes(e, a->mask, c, g) : NULL;
      emit_run_store(e, a, mask, group_base(e, a, c, g, base), &part);
   }
}
