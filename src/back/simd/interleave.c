/* SPDX-License-Identifier: Apache-2.0
 * Lanes that follow each other in memory, of one to eight elements each, moved as one
 * run: loads taken apart into a vector of all lanes for each element, stores put
 * together. For four elements registers are shuffled in the fewest steps; LLVM alone
 * makes each result from four registers, one by one. What was taken apart and is put
 * together again, as where tiles are copied, is had from where it came. */
#include "back/simd/group.h"

/* The vector that element k of x comes from, through shuffles, and where it lies there.
 */
static val
source_of(val x, unsigned *k)
{
   while (LLVMIsAShuffleVectorInst(x)) {
      int from = LLVMGetMaskValue(x, *k);
      unsigned first = LLVMGetVectorSize(LLVMTypeOf(LLVMGetOperand(x, 0)));
      if (from < 0)
         break;
      x = LLVMGetOperand(x, (unsigned)from < first ? 0 : 1);
      *k = (unsigned)from < first ? (unsigned)from : (unsigned)from - first;
   }
   return x;
}

/* The n elements that follow each other in one vector of which x consists; else x. */
static val
undone(struct emit *e, val x)
{
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(x)), first = 0;
   val from = source_of(x, &first), at[EXEC_WARP * 8];
   for (unsigned k = 0; k < n; k++) {
      unsigned index = k;
      if (source_of(x, &index) != from || index != first + k)
         return x;
      at[k] = emit_const(e, 32, index);
   }
   return n == LLVMGetVectorSize(LLVMTypeOf(from))
             ? from
             : LLVMBuildShuffleVector(e->b, from, LLVMGetPoison(LLVMTypeOf(from)),
                                      LLVMConstVector(at, n), "");
}

static val
shuffle(struct emit *e, val x, val y, const unsigned *from, unsigned n)
{
   val at[EXEC_WARP * 8];
   for (unsigned k = 0; k < n; k++)
      at[k] = emit_const(e, 32, from[k]);
   return LLVMBuildShuffleVector(e->b, x, y ? y : LLVMGetPoison(LLVMTypeOf(x)),
                                 LLVMConstVector(at, n), "");
}

static unsigned
size_of(val x)
{
   return LLVMGetVectorSize(LLVMTypeOf(x));
}

/* n elements of x, or of x and y together, from one on. */
static val
run(struct emit *e, val x, val y, unsigned first, unsigned n)
{
   unsigned from[EXEC_WARP * 8];
   for (unsigned k = 0; k < n; k++)
      from[k] = first + k;
   return shuffle(e, x, y, from, n);
}

/* n vectors, a power of two, one behind the other. */
static val
concat(struct emit *e, const val *x, unsigned n)
{
   val all[EXEC_WARP * 8];
   for (unsigned k = 0; k < n; k++)
      all[k] = x[k];
   for (; n > 1; n /= 2)
      for (unsigned k = 0; k < n / 2; k++)
         all[k] = run(e, all[2 * k], all[2 * k + 1], 0, 2 * size_of(all[2 * k]));
   return all[0];
}

void
emit_split(struct emit *e, val x, unsigned per, val *part)
{
   for (unsigned first = 0; first < size_of(x); first += per)
      part[first / per] = run(e, x, NULL, first, per);
}

/* Elements of a register where four of them are worth shuffling by hand, else 0. */
static unsigned
register_size(struct emit *e, const struct emit_access *a)
{
   return target_has(e, "+avx512f") && a->bits >= 32 ? 512 / a->bits
          : target_has(e, "+avx2") && a->bits == 32  ? 256 / a->bits
                                                     : 0;
}

/* -- Apart. */
/* Of registers of whole lanes: x and y of half the lanes, then z and w; halves of two
 * such make a result. Only the first step needs indices in a register. */
static void
four_by_halves(struct emit *e, const val s[4], unsigned size, val to[4])
{
   val half[2][2];
   unsigned from[16];
   for (unsigned h = 0; h < 2; h++)
      for (unsigned pair = 0; pair < 2; pair++) {
         for (unsigned k = 0; k < size; k++)
            from[k] = k % (size / 2) * 4 + k / (size / 2) + 2 * pair;
         half[pair][h] = shuffle(e, s[2 * h], s[2 * h + 1], from, size);
      }
   for (unsigned k = 0; k < 4; k++) {
      for (unsigned j = 0; j < size; j++)
         from[j] = j % (size / 2) + j / (size / 2) * size + k % 2 * (size / 2);
      to[k] = shuffle(e, half[k / 2][0], half[k / 2][1], from, size);
   }
}

/* Of registers of two halves, shuffles across which are slow: the halves into place, then
 * blocks of 4 by 4 transposed. */
static void
transpose_blocks(struct emit *e, val t[4])
{
   static const unsigned low[8] = {0, 8, 1, 9, 4, 12, 5, 13};
   static const unsigned high[8] = {2, 10, 3, 11, 6, 14, 7, 15};
   static const unsigned left[8] = {0, 1, 8, 9, 4, 5, 12, 13};
   static const unsigned right[8] = {2, 3, 10, 11, 6, 7, 14, 15};
   val a = shuffle(e, t[0], t[1], low, 8), b = shuffle(e, t[0], t[1], high, 8);
   val c = shuffle(e, t[2], t[3], low, 8), d = shuffle(e, t[2], t[3], high, 8);
   t[0] = shuffle(e, a, c, left, 8);
   t[1] = shuffle(e, a, c, right, 8);
   t[2] = shuffle(e, b, d, left, 8);
   t[3] = shuffle(e, b, d, right, 8);
}

static void
four_by_blocks(struct emit *e, const val s[4], val to[4])
{
   for (unsigned k = 0; k < 4; k++) {
      unsigned from[8];
      for (unsigned j = 0; j < 8; j++)
         from[j] = k % 2 * 4 + j % 4 + j / 4 * 8;
      to[k] = shuffle(e, s[k / 2], s[k / 2 + 2], from, 8);
   }
   transpose_blocks(e, to);
}

bool
emit_four_apart(struct emit *e, const struct emit_access *a, const val s[4],
                unsigned size, val to[4])
{
   if (register_size(e, a) != size)
      return false;
   if (size == 8 && a->bits == 32)
      four_by_blocks(e, s, to);
   else
      four_by_halves(e, s, size, to);
   return true;
}

/* Lane l's element k lies at l * n + k. */
static void
deinterleave(struct emit *e, val wide, unsigned n, val *out)
{
   unsigned lanes = size_of(wide) / n, from[EXEC_WARP];
   for (unsigned k = 0; k < n && n > 1; k++) {
      for (unsigned l = 0; l < lanes; l++)
         from[l] = l * n + k;
      out[k] = shuffle(e, wide, NULL, from, lanes);
   }
   if (n == 1)
      out[0] = wide;
}

static val
at_bytes(struct emit *e, val p, unsigned bytes)
{
   val k = emit_const(e, 64, bytes);
   return bytes ? LLVMBuildGEP2(e->b, e->i8, p, &k, 1, "") : p;
}

static void
fours_apart(struct emit *e, const struct emit_access *a, unsigned lanes, unsigned size,
            const val *s, val *out)
{
   val part[4][EXEC_WARP], to[4];
   for (unsigned r = 0; r < lanes / size; r++) {
      emit_four_apart(e, a, s + 4 * r, size, to);
      for (unsigned k = 0; k < 4; k++)
         part[k][r] = to[k];
   }
   for (unsigned k = 0; k < 4; k++)
      out[k] = concat(e, part[k], lanes / size);
}

/* Registers are loaded one by one: LLVM would merge shuffles of a single vector again. */
static void
load_fours(struct emit *e, const struct emit_access *a, unsigned lanes, unsigned size,
           val p, val *out)
{
   val s[EMIT_RUN_REGISTERS];
   for (unsigned k = 0; k < 4 * lanes / size; k++) {
      val at = at_bytes(e, p, k * size * (a->bits / 8));
      s[k] = LLVMBuildLoad2(e->b, LLVMVectorType(a->elem, size), at, "");
      LLVMSetAlignment(s[k], a->align);
   }
   fours_apart(e, a, lanes, size, s, out);
}

/* A mask of lanes for each of their n elements. */
static val
wide_mask(struct emit *e, val mask, unsigned n)
{
   unsigned from[EXEC_WARP * 8], lanes = size_of(mask);
   for (unsigned k = 0; k < lanes * n; k++)
      from[k] = k / n;
   return n == 1 ? mask : shuffle(e, mask, NULL, from, lanes * n);
}

static val
load_masked(struct emit *e, const struct emit_access *a, type t, val mask, val p)
{
   val args[4] = {p, emit_const(e, 32, a->align), mask, LLVMConstNull(t)};
   type over[2] = {t, e->ptr};
   return emit_intrinsic(e, "llvm.masked.load", over, 2, args, 4);
}

#define PAGE 4096

/* Where there is no masked load of such small elements, LLVM branches for each of them.
 * All may be loaded where some lane takes part and they lie on one page with what it
 * loads. */
static val
load_small_masked(struct emit *e, const struct emit_access *a, type t, val mask, val p)
{
   unsigned bytes = LLVMGetVectorSize(t) * (a->bits / 8);
   LLVMBasicBlockRef yes = emit_new_block(e, "whole"), no = emit_new_block(e, "apart");
   LLVMBasicBlockRef done = emit_new_block(e, "loaded");
   val at = LLVMBuildPtrToInt(e->b, p, e->i64, "");
   at = LLVMBuildAnd(e->b, at, emit_const(e, 64, PAGE - 1), "");
   val fits = LLVMBuildICmp(e->b, LLVMIntULE, at, emit_const(e, 64, PAGE - bytes), "");
   type bits = LLVMIntTypeInContext(e->cx, LLVMGetVectorSize(LLVMTypeOf(mask)));
   val any = LLVMBuildICmp(e->b, LLVMIntNE, LLVMBuildBitCast(e->b, mask, bits, ""),
                           LLVMConstNull(bits), "");
   LLVMBuildCondBr(e->b, LLVMBuildAnd(e->b, fits, any, ""), yes, no);
   emit_at(e, yes);
   val whole = LLVMBuildLoad2(e->b, t, p, "");
   LLVMSetAlignment(whole, a->align);
   whole = LLVMBuildSelect(e->b, mask, whole, LLVMConstNull(t), "");
   LLVMBuildBr(e->b, done);
   emit_at(e, no);
   val apart = load_masked(e, a, t, mask, p);
   LLVMBuildBr(e->b, done);
   emit_at(e, done);
   val x = LLVMBuildPhi(e->b, t, "");
   LLVMAddIncoming(x, &whole, &yes, 1);
   LLVMAddIncoming(x, &apart, &no, 1);
   return x;
}

void
emit_run_load(struct emit *e, const struct emit_access *a, unsigned lanes, val mask,
              val p, val *out)
{
   unsigned size = mask || a->n != 4 ? 0 : register_size(e, a);
   type t = LLVMVectorType(a->elem, lanes * a->n);
   if (size && lanes % size == 0) {
      load_fours(e, a, lanes, size, p, out);
   } else if (!mask) {
      val x = LLVMBuildLoad2(e->b, t, p, "");
      LLVMSetAlignment(x, a->align);
      deinterleave(e, x, a->n, out);
   } else {
      bool small = a->bits < 32 && a->bits * lanes * a->n <= 512 && e->opt->opt_level &&
                   !target_has(e, "+avx512bw") && !LLVMIsConstant(mask);
      mask = wide_mask(e, mask, a->n);
      deinterleave(e, (small ? load_small_masked : load_masked)(e, a, t, mask, p), a->n,
                   out);
   }
}

/* -- Together: the same steps backwards. */
static void
join_halves(struct emit *e, const val x[4], unsigned size, val to[4])
{
   val half[2][2];
   unsigned from[16];
   for (unsigned pair = 0; pair < 2; pair++)
      for (unsigned h = 0; h < 2; h++) {
         for (unsigned k = 0; k < size; k++)
            from[k] = k % (size / 2) + k / (size / 2) * size + h * (size / 2);
         half[pair][h] = shuffle(e, x[2 * pair], x[2 * pair + 1], from, size);
      }
   for (unsigned k = 0; k < 4; k++) {
      for (unsigned j = 0; j < size; j++) {
         unsigned lane = k % 2 * (size / 4) + j / 4;
         from[j] = lane + j % 2 * (size / 2) + j % 4 / 2 * size;
      }
      to[k] = shuffle(e, half[0][k / 2], half[1][k / 2], from, size);
   }
}

static void
join_blocks(struct emit *e, const val x[4], val to[4])
{
   val t[4] = {x[0], x[1], x[2], x[3]};
   transpose_blocks(e, t);
   for (unsigned k = 0; k < 4; k++) {
      unsigned from[8];
      for (unsigned j = 0; j < 8; j++)
         from[j] = j % 4 + j / 4 * 8 + k / 2 * 4;
      to[k] = shuffle(e, t[k % 2 * 2], t[k % 2 * 2 + 1], from, 8);
   }
}

static val
interleave(struct emit *e, const val *x, unsigned n)
{
   unsigned lanes = size_of(x[0]), from[EXEC_WARP * 8];
   for (unsigned q = 0; q < lanes * n; q++)
      from[q] = q % n * lanes + q / n;
   return n == 1 ? x[0] : undone(e, shuffle(e, concat(e, x, n), NULL, from, lanes * n));
}

static void
fours_together(struct emit *e, const struct emit_access *a, unsigned size, const val *x,
               val *to)
{
   val s[4];
   for (unsigned r = 0; r < size_of(x[0]) / size; r++, to += 4) {
      for (unsigned k = 0; k < 4; k++)
         s[k] = run(e, x[k], NULL, r * size, size);
      if (size == 8 && a->bits == 32)
         join_blocks(e, s, to);
      else
         join_halves(e, s, size, to);
      for (unsigned k = 0; k < 4; k++)
         to[k] = undone(e, to[k]);
   }
}

static void
store_fours(struct emit *e, const struct emit_access *a, unsigned size, val p,
            const val *x)
{
   val to[EMIT_RUN_REGISTERS];
   fours_together(e, a, size, x, to);
   emit_store_row(e, a, to, 4 * size_of(x[0]) / size, p);
}

/* -- Between the two: as it lies in memory. */
unsigned
emit_run_pack(struct emit *e, const struct emit_access *a, const val *x, val *to)
{
   unsigned size = a->n == 4 ? register_size(e, a) : 0, lanes = size_of(x[0]);
   if (!size || lanes % size) {
      to[0] = interleave(e, x, a->n);
      return 1;
   }
   fours_together(e, a, size, x, to);
   return 4 * lanes / size;
}

void
emit_run_unpack(struct emit *e, const struct emit_access *a, const val *from, val *x)
{
   unsigned size = size_of(from[0]);
   if (a->n == 4 && size == register_size(e, a))
      fours_apart(e, a, e->width, size, from, x);
   else
      deinterleave(e, from[0], a->n, x);
}

void
emit_run_store(struct emit *e, const struct emit_access *a, val mask, val p, const val *x)
{
   unsigned size = mask || a->n != 4 ? 0 : register_size(e, a);
   if (size && size_of(x[0]) % size == 0) {
      store_fours(e, a, size, p, x);
   } else if (!mask) {
      val wide = interleave(e, x, a->n);
      emit_store_row(e, a, &wide, 1, p);
   } else {
      val wide = interleave(e, x, a->n);
      val args[4] = {wide, p, emit_const(e, 32, a->align), wide_mask(e, mask, a->n)};
      type over[2] = {LLVMTypeOf(wide), e->ptr};
      emit_intrinsic(e, "llvm.masked.store", over, 2, args, 4);
   }
}
