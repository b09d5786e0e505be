/* SPDX-License-Identifier: Apache-2.0
 * One access under a mask whose lanes lie close together, at offsets known when
 * compiling: strides, reversed and permuted rows. Memory is moved a vector at a time
 * under the mask of its elements, and shuffles take lanes to their elements and back. */
#include "back/simd/emit.h"

#define PIECE_BYTES 64
#define MOST_PIECES 8

struct window {
   unsigned pieces, per; /* per: elements of a piece */
   int64_t at[MOST_PIECES];
   uint32_t lanes;                             /* that may be active */
   bool known;                                 /* they are */
   bool distinct;                              /* no two of them have the same element */
   uint8_t piece[EXEC_WARP], index[EXEC_WARP]; /* by lane */
   uint8_t lane[MOST_PIECES][PIECE_BYTES / 4]; /* by element: whose it is, */
   bool asked[MOST_PIECES][PIECE_BYTES / 4];   /* where it is one's */
};

/* Lanes that are looked at, in order of their offsets. */
static unsigned
in_order(const struct emit *e, const struct emit_access *a, uint32_t lanes, uint8_t *to)
{
   const int64_t *o = a->shape.offsets;
   unsigned n = 0;
   for (unsigned l = 0; l < e->width; l++) {
      if (!(lanes >> l & 1))
         continue;
      unsigned k = n++;
      for (; k && o[to[k - 1]] > o[l]; k--)
         to[k] = to[k - 1];
      to[k] = (uint8_t)l;
   }
   return n;
}

static bool
find(const struct emit *e, const struct emit_access *a, struct window *w)
{
   const int64_t *o = a->shape.offsets;
   if (e->width == 1 || a->shape.kind != SHAPE_OFFSETS || a->shape.unit || a->ordered ||
       a->n != 1 || (a->bits != 32 && a->bits != 64))
      return false;
   unsigned bytes = a->bits / 8;
   *w = (struct window){.per = PIECE_BYTES / bytes, .distinct = true};
   w->known = emit_known_lanes(e, a->mask, &w->lanes);
   if (!w->known)
      emit_known_lanes(e, NULL, &w->lanes);
   uint8_t order[EXEC_WARP];
   unsigned n = in_order(e, a, w->lanes, order);
   for (unsigned k = 0; k < n; k++) {
      unsigned l = order[k];
      if (!w->pieces || o[l] - w->at[w->pieces - 1] > PIECE_BYTES - (int64_t)bytes) {
         if (w->pieces == MOST_PIECES)
            return false;
         w->at[w->pieces++] = o[l];
      }
      unsigned p = w->pieces - 1, at = (unsigned)(o[l] - w->at[p]);
      if (at % bytes)
         return false;
      w->piece[l] = (uint8_t)p;
      w->index[l] = (uint8_t)(at / bytes);
      w->distinct &= !w->asked[p][at / bytes];
      w->asked[p][at / bytes] = true;
      w->lane[p][at / bytes] = (uint8_t)l;
   }
   return n > 0;
}

/* Cycles: a piece is moved, shuffled and, where that is not known, masked; a gather or
 * scatter takes about one a lane. */
bool
emit_window_can(const struct emit *e, const struct emit_access *a)
{
   struct window w;
   if (!find(e, a, &w) || (a->i->op == ISA_ST || !w.known ? !w.distinct : false))
      return false;
   return w.pieces * (w.known ? 2u : 4u) < (unsigned)__builtin_popcount(w.lanes);
}

/* Which of a piece's elements are active lanes'. */
static val
mask_of(struct emit *e, const struct emit_access *a, const struct window *w, unsigned p)
{
   val at[PIECE_BYTES / 4];
   for (unsigned k = 0; k < w->per; k++)
      at[k] = w->known ? emit_const(e, 1, w->asked[p][k])
                       : emit_const(e, 32, w->asked[p][k] ? w->lane[p][k] : e->width);
   val v = LLVMConstVector(at, w->per);
   return w->known ? v
                   : LLVMBuildShuffleVector(e->b, a->mask,
                                            LLVMConstNull(LLVMTypeOf(a->mask)), v, "");
}

static val
piece_pointer(struct emit *e, const struct window *w, unsigned p, val base)
{
   val at = LLVMConstInt(e->i64, (uint64_t)w->at[p], true);
   return LLVMBuildGEP2(e->b, e->i8, base, &at, 1, "");
}

val
emit_window_load(struct emit *e, const struct emit_access *a, val base)
{
   struct window w;
   find(e, a, &w);
   type t = LLVMVectorType(a->elem, w.per), over[2] = {t, e->ptr};
   val piece[MOST_PIECES], part[EXEC_WARP];
   for (unsigned p = 0; p < w.pieces; p++) {
      val args[4] = {piece_pointer(e, &w, p, base), emit_const(e, 32, a->align),
                     mask_of(e, a, &w, p), LLVMConstNull(t)};
      piece[p] = emit_intrinsic(e, "llvm.masked.load", over, 2, args, 4);
   }
   unsigned n = 0;
   for (unsigned first = 0; first < e->width; first += w.per) {
      uint8_t source[EXEC_WARP], index[EXEC_WARP];
      /* Lanes that are not active read what the next one before them does. */
      unsigned any = (unsigned)__builtin_ctz(w.lanes);
      for (unsigned l = 0; l < w.per; l++) {
         any = w.lanes >> (first + l) & 1 ? first + l : any;
         source[l] = w.piece[any];
         index[l] = w.index[any];
      }
      part[n++] = emit_collect(e, piece, source, index, w.per);
   }
   for (; n > 1; n /= 2)
      for (unsigned k = 0; k < n / 2; k++)
         part[k] = emit_concat(e, part[2 * k], part[2 * k + 1]);
   return part[0];
}

void
emit_window_store(struct emit *e, const struct emit_access *a, val base, val x)
{
   struct window w;
   find(e, a, &w);
   val part[EXEC_WARP];
   emit_split(e, x, w.per, part);
   for (unsigned p = 0; p < w.pieces; p++) {
      uint8_t source[EXEC_WARP], index[EXEC_WARP];
      unsigned any = w.lane[p][0]; /* a piece begins with an element that is asked for */
      for (unsigned k = 0; k < w.per; k++) {
         any = w.asked[p][k] ? w.lane[p][k] : any;
         source[k] = (uint8_t)(any / w.per);
         index[k] = (uint8_t)(any % w.per);
      }
      val v = emit_collect(e, part, source, index, w.per);
      val args[4] = {v, piece_pointer(e, &w, p, base), emit_const(e, 32, a->align),
                     mask_of(e, a, &w, p)};
      type over[2] = {LLVMTypeOf(v), e->ptr};
      emit_intrinsic(e, "llvm.masked.store", over, 2, args, 4);
   }
}
