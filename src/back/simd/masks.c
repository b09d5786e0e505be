/* SPDX-License-Identifier: Apache-2.0
 * Masks on processors that have no registers for them. There, code generation keeps a
 * vector of bits that it cannot see made and used in one place as bytes: packed where
 * lanes are compared, unpacked at each use. So after LLVM's passes, masks that are made
 * of each other become vectors of integers, all ones or zero, as wide as suits most of
 * the compares and uses of the web that they form. */
#include <string.h>

#include "back/simd/emit.h"

#define WIDTHS 4u /* 8, 16, 32 and 64 bits */
#define FEWEST 4u /* lanes */
#define MOST (2 * EXEC_WARP)
#define REGISTER 256u

struct mask {
   val bits; /* the instruction that it was */
   val wide; /* what it becomes; NULL: nothing so far */
   unsigned
      web;    /* another one of the same web, or itself: then what follows is the web's */
   bool made; /* one of them is made of masks */
   unsigned width;
   unsigned cost[WIDTHS]; /* in registers that are written, if it were 8 << k bits wide */
};

struct masks {
   struct emit *e;
   struct map *index; /* instruction -> its position in all, and 1 */
   VEC(struct mask) all;
   VEC(val) users; /* of the mask at hand */
};

/* The number of lanes, or 0: v is no mask. */
static unsigned
lanes_of(struct emit *e, val v)
{
   type t = LLVMTypeOf(v);
   unsigned n =
      emit_is_vec(v) && LLVMGetElementType(t) == e->i1 ? LLVMGetVectorSize(t) : 0;
   return n >= FEWEST && n <= MOST ? n : 0;
}

/* Of an element of a vector, in bits; 0: no mask is like that. */
static unsigned
width_of(struct emit *e, val v)
{
   if (!emit_is_vec(v))
      return 0;
   type t = LLVMGetElementType(LLVMTypeOf(v));
   LLVMTypeKind kind = LLVMGetTypeKind(t);
   return kind == LLVMHalfTypeKind || kind == LLVMBFloatTypeKind || t == e->i16 ? 16
          : t == e->f32 || t == e->i32                                          ? 32
          : t == e->f64 || t == e->i64 || kind == LLVMPointerTypeKind           ? 64
          : t == e->i8                                                          ? 8
                                                                                : 0;
}

static struct mask *
find(struct masks *m, val v)
{
   uintptr_t at = (uintptr_t)map_find_n(m->index, &v, sizeof v);
   return at ? &m->all.data[at - 1] : NULL;
}

static struct mask *
web_of(struct masks *m, struct mask *x)
{
   while (x != &m->all.data[x->web]) {
      x->web = m->all.data[x->web].web;
      x = &m->all.data[x->web];
   }
   return x;
}

/* -- What masks are made of. */
/* How many of v's operands, from *first on, are masks that it is made of lane by lane. */
static unsigned
parts_of(struct emit *e, val v, unsigned *first)
{
   *first = 0;
   switch (LLVMGetInstructionOpcode(v)) {
   case LLVMAnd:
   case LLVMOr:
   case LLVMXor:
      return 2;
   case LLVMShuffleVector:
      return lanes_of(e, LLVMGetOperand(v, 0)) ? 2 : 0;
   case LLVMSelect:
      *first = !lanes_of(e, LLVMGetOperand(v, 0));
      return 3 - *first;
   case LLVMInsertElement:
   case LLVMFreeze:
      return 1;
   case LLVMPHI:
      return LLVMCountIncoming(v);
   default:
      return 0;
   }
}

static val
part_at(val v, unsigned k)
{
   return LLVMIsAPHINode(v) ? LLVMGetIncomingValue(v, k) : LLVMGetOperand(v, k);
}

static bool
is_part(struct emit *e, val user, val x)
{
   unsigned first, n = lanes_of(e, user) ? parts_of(e, user, &first) : 0;
   for (unsigned k = 0; k < n; k++)
      if (part_at(user, first + k) == x)
         return true;
   return false;
}

static void
join(struct masks *m, struct mask *x, struct mask *y)
{
   x = web_of(m, x);
   y = web_of(m, y);
   if (x == y)
      return;
   for (unsigned k = 0; k < WIDTHS; k++)
      x->cost[k] += y->cost[k];
   x->made |= y->made;
   y->web = x->web;
}

/* -- How wide. */
/* The width of what user does with the mask x, or of what it makes a mask of; 0: any. */
static unsigned
width_of_user(struct emit *e, val user, val x)
{
   if (LLVMIsASelectInst(user))
      return LLVMGetOperand(user, 0) == x ? width_of(e, user) : 0;
   if (LLVMIsASExtInst(user) || LLVMIsAZExtInst(user) || LLVMIsAUIToFPInst(user) ||
       LLVMIsASIToFPInst(user))
      return width_of(e, user);
   if (!LLVMIsACallInst(user))
      return 0;
   val fn = LLVMGetCalledValue(user);
   size_t n;
   const char *name = LLVMIsAFunction(fn) ? LLVMGetValueName2(fn, &n) : "";
   bool stores = !strncmp(name, "llvm.masked.store.", 18);
   return width_of(e, stores ? LLVMGetOperand(user, 0) : user);
}

static unsigned
width_of_source(struct emit *e, val v)
{
   bool tells = LLVMIsAICmpInst(v) || LLVMIsAFCmpInst(v) || LLVMIsATruncInst(v);
   return tells ? width_of(e, LLVMGetOperand(v, 0)) : 0;
}

static unsigned
registers(unsigned lanes, unsigned width)
{
   return MAX2(lanes * width / REGISTER, 1);
}

/* Steps from lanes of one width to those of another: a register that is packed takes two,
 * and one that is unpacked nearly as many. */
static unsigned
steps(unsigned lanes, unsigned from, unsigned to)
{
   unsigned n = 0;
   for (unsigned w = from / 2; w >= to; w /= 2)
      n += 2 * registers(lanes, w);
   return from < to ? 2 * registers(lanes, to) : n;
}

/* Something in x's web reads or makes masks of so many bits; 0: of any. */
static void
count(struct mask *web, unsigned lanes, unsigned width)
{
   for (unsigned k = 0; k < WIDTHS; k++)
      web->cost[k] += width ? steps(lanes, width, 8u << k) : registers(lanes, 8u << k);
}

static void
weigh(struct masks *m, struct mask *x)
{
   struct emit *e = m->e;
   struct mask *web = web_of(m, x);
   unsigned first, n = lanes_of(e, x->bits), w = width_of_source(e, x->bits);
   if (w || parts_of(e, x->bits, &first))
      count(web, n, w);
   for (LLVMUseRef u = LLVMGetFirstUse(x->bits); u; u = LLVMGetNextUse(u)) {
      w = width_of_user(e, LLVMGetUser(u), x->bits);
      if (w)
         count(web, n, w);
      web->made |=
         LLVMGetInstructionParent(LLVMGetUser(u)) != LLVMGetInstructionParent(x->bits);
   }
}

static void
find_webs(struct masks *m)
{
   for (size_t k = 0; k < m->all.len; k++) {
      struct mask *x = &m->all.data[k], *y;
      unsigned first, n = parts_of(m->e, x->bits, &first);
      web_of(m, x)->made |= n > 0;
      for (unsigned p = 0; p < n; p++)
         if ((y = find(m, part_at(x->bits, first + p))))
            join(m, x, y);
   }
   for (size_t k = 0; k < m->all.len; k++)
      weigh(m, &m->all.data[k]);
   for (size_t k = 0; k < m->all.len; k++) {
      struct mask *web = &m->all.data[k];
      unsigned best = 2;
      for (unsigned w = 0; w < WIDTHS; w++)
         if (web->cost[w] < web->cost[best])
            best = w;
      web->width = web->made ? 8u << best : 0;
   }
}

/* -- The same masks as integers. */
static type
wide_type(struct masks *m, unsigned lanes, unsigned width)
{
   return LLVMVectorType(emit_int(m->e, width), lanes);
}

static void
go_behind(struct masks *m, val v)
{
   val at = LLVMGetNextInstruction(v);
   while (LLVMIsAPHINode(at))
      at = LLVMGetNextInstruction(at);
   LLVMPositionBuilderBefore(m->e->b, at);
}

static void
go_first(struct masks *m, LLVMBasicBlockRef b)
{
   LLVMPositionBuilderBefore(m->e->b, LLVMGetFirstInstruction(b));
}

/* A wide one of another width, or itself. */
static val
resized(struct masks *m, val x, unsigned width)
{
   type to = wide_type(m, LLVMGetVectorSize(LLVMTypeOf(x)), width);
   unsigned now = width_of(m->e, x);
   return now < width   ? LLVMBuildSExt(m->e->b, x, to, "")
          : now > width ? LLVMBuildTrunc(m->e->b, x, to, "")
                        : x;
}

/* The bits again, where all that follows is seen to come from signs. */
static val
signs(struct masks *m, val x)
{
   return LLVMBuildICmp(m->e->b, LLVMIntSLT, x, LLVMConstNull(LLVMTypeOf(x)), "");
}

/* The same number in all lanes of a vector like x. */
static val
in_all(struct masks *m, val x, uint64_t number)
{
   val lane[MOST];
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(x));
   for (unsigned k = 0; k < n; k++)
      lane[k] = emit_const(m->e, width_of(m->e, x), number);
   return LLVMConstVector(lane, n);
}

static val
widened_source(struct masks *m, val v, unsigned width)
{
   LLVMBuilderRef b = m->e->b;
   unsigned w = LLVMIsATruncInst(v) ? width_of_source(m->e, v) : 0;
   go_behind(m, v);
   if (!w)
      return LLVMBuildSExt(b, v, wide_type(m, lanes_of(m->e, v), width), "");
   val x = LLVMBuildAnd(b, LLVMGetOperand(v, 0), in_all(m, LLVMGetOperand(v, 0), 1), "");
   return resized(m, LLVMBuildNeg(b, x, ""), width);
}

static val widened(struct masks *m, val v, unsigned width);

static val
widened_logic(struct masks *m, val v, unsigned width)
{
   LLVMBuilderRef b = m->e->b;
   unsigned first, n = parts_of(m->e, v, &first);
   val x[3] = {NULL};
   for (unsigned k = first; k < first + n; k++)
      x[k] = widened(m, LLVMGetOperand(v, k), width);
   LLVMPositionBuilderBefore(b, v);
   switch (LLVMGetInstructionOpcode(v)) {
   case LLVMShuffleVector: {
      unsigned lanes = LLVMGetNumMaskElements(v);
      val from[MOST];
      for (unsigned k = 0; k < lanes; k++) {
         int at = LLVMGetMaskValue(v, k);
         from[k] = at < 0 ? LLVMGetPoison(m->e->i32) : emit_const(m->e, 32, (unsigned)at);
      }
      return LLVMBuildShuffleVector(b, x[0], x[1], LLVMConstVector(from, lanes), "");
   }
   case LLVMSelect:
      return LLVMBuildSelect(b, x[0] ? signs(m, x[0]) : LLVMGetOperand(v, 0), x[1], x[2],
                             "");
   case LLVMInsertElement:
      x[1] = LLVMBuildSExt(b, LLVMGetOperand(v, 1), emit_int(m->e, width), "");
      return LLVMBuildInsertElement(b, x[0], x[1], LLVMGetOperand(v, 2), "");
   case LLVMFreeze:
      return LLVMBuildFreeze(b, x[0], "");
   default:
      return LLVMBuildBinOp(b, LLVMGetInstructionOpcode(v), x[0], x[1], "");
   }
}

static val
widened(struct masks *m, val v, unsigned width)
{
   struct mask *x = find(m, v);
   unsigned first;
   if (!x) {
      if (!LLVMIsConstant(v)) /* an argument */
         go_first(m, LLVMGetEntryBasicBlock(LLVMGetParamParent(v)));
      return LLVMBuildSExt(m->e->b, v, wide_type(m, lanes_of(m->e, v), width), "");
   }
   if (!x->wide)
      x->wide = parts_of(m->e, v, &first) ? widened_logic(m, v, width)
                                          : widened_source(m, v, width);
   return x->wide;
}

static void
widen_all(struct masks *m)
{
   for (size_t k = 0; k < m->all.len; k++) {
      struct mask *x = &m->all.data[k];
      unsigned width = web_of(m, x)->width;
      if (!width || !LLVMIsAPHINode(x->bits))
         continue;
      LLVMPositionBuilderBefore(m->e->b, x->bits);
      x->wide = LLVMBuildPhi(m->e->b, wide_type(m, lanes_of(m->e, x->bits), width), "");
   }
   for (size_t k = 0; k < m->all.len; k++) {
      struct mask *x = &m->all.data[k];
      unsigned width = web_of(m, x)->width, n;
      if (width)
         widened(m, x->bits, width);
      n = width && LLVMIsAPHINode(x->bits) ? LLVMCountIncoming(x->bits) : 0;
      for (unsigned p = 0; p < n; p++) {
         val in = widened(m, LLVMGetIncomingValue(x->bits, p), width);
         LLVMBasicBlockRef from = LLVMGetIncomingBlock(x->bits, p);
         LLVMAddIncoming(x->wide, &in, &from, 1);
      }
   }
}

/* -- Uses. */
/* Compared with `with`, and nothing else, for equality. */
static bool
is_compared_only(val x, val with)
{
   for (LLVMUseRef u = LLVMGetFirstUse(x); u; u = LLVMGetNextUse(u)) {
      val user = LLVMGetUser(u);
      if (!LLVMIsAICmpInst(user) || LLVMGetOperand(user, 1) != with ||
          (LLVMGetICmpPredicate(user) != LLVMIntEQ &&
           LLVMGetICmpPredicate(user) != LLVMIntNE))
         return false;
   }
   return true;
}

static val
half_of(struct masks *m, val x, unsigned first)
{
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(x)) / 2;
   return emit_part(m->e, x, first * n, n);
}

/* The bitcast i of a mask to an integer. Where it is only asked whether any lane, or each
 * one, is there, registers are joined first. */
static void
rewrite_bits(struct masks *m, val i, val wide)
{
   struct emit *e = m->e;
   LLVMPositionBuilderBefore(e->b, i);
   bool any = is_compared_only(i, LLVMConstNull(LLVMTypeOf(i)));
   bool all = is_compared_only(i, LLVMConstAllOnes(LLVMTypeOf(i)));
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(wide)), w = width_of(e, wide);
   if (!any && !all) {
      LLVMSetOperand(i, 0, signs(m, wide));
      return;
   }
   for (; n * w > REGISTER && n % 2 == 0; n /= 2) {
      val low = half_of(m, wide, 0), high = half_of(m, wide, 1);
      wide = any ? LLVMBuildOr(e->b, low, high, "") : LLVMBuildAnd(e->b, low, high, "");
   }
   if (w == 16) /* bytes have an instruction */
      wide = LLVMBuildBitCast(e->b, wide, LLVMVectorType(e->i8, n *= 2), "");
   val bits = LLVMBuildBitCast(e->b, signs(m, wide), LLVMIntTypeInContext(e->cx, n), "");
   val with = any ? LLVMConstNull(LLVMTypeOf(bits)) : LLVMConstAllOnes(LLVMTypeOf(bits));
   for (LLVMUseRef u; (u = LLVMGetFirstUse(i));) {
      val user = LLVMGetUser(u);
      LLVMSetOperand(user, 0, bits);
      LLVMSetOperand(user, 1, with);
   }
   LLVMInstructionEraseFromParent(i);
}

static void
rewrite_extension(struct masks *m, val i, val wide)
{
   struct emit *e = m->e;
   LLVMPositionBuilderBefore(e->b, i);
   val x = resized(m, wide, width_of(e, i));
   if (LLVMIsAZExtInst(i))
      x = LLVMBuildLShr(e->b, x, in_all(m, x, width_of(e, x) - 1), "");
   LLVMReplaceAllUsesWith(i, x);
   LLVMInstructionEraseFromParent(i);
}

static void
rewrite_user(struct masks *m, val user, val bits, val wide)
{
   struct emit *e = m->e;
   unsigned w = width_of_user(e, user, bits);
   if ((LLVMIsASExtInst(user) || LLVMIsAZExtInst(user)) && w) {
      rewrite_extension(m, user, wide);
      return;
   }
   if (LLVMIsABitCastInst(user) && !emit_is_vec(user)) {
      rewrite_bits(m, user, wide);
      return;
   }
   LLVMPositionBuilderBefore(e->b, user);
   if (LLVMIsAExtractElementInst(user)) {
      val x = LLVMBuildExtractElement(e->b, wide, LLVMGetOperand(user, 1), "");
      LLVMReplaceAllUsesWith(user, signs(m, x));
      LLVMInstructionEraseFromParent(user);
      return;
   }
   val x = signs(m, w ? resized(m, wide, w) : wide);
   for (unsigned k = 0; k < (unsigned)LLVMGetNumOperands(user); k++)
      if (LLVMGetOperand(user, k) == bits)
         LLVMSetOperand(user, k, x);
}

static void
rewrite_users(struct masks *m, struct mask *x)
{
   vec_clear(&m->users);
   for (LLVMUseRef u = LLVMGetFirstUse(x->bits); u; u = LLVMGetNextUse(u)) {
      val user = LLVMGetUser(u);
      if (user != x->wide && !is_part(m->e, user, x->bits))
         vec_push(&m->users, user);
   }
   for (size_t k = 0; k < m->users.len; k++)
      rewrite_user(m, m->users.data[k], x->bits, x->wide);
}

/* What is made of masks is not needed any more; compares are, of their wide forms. */
static void
remove_old(struct masks *m)
{
   unsigned first;
   for (size_t k = 0; k < m->all.len; k++) {
      struct mask *x = &m->all.data[k];
      if (web_of(m, x)->width && parts_of(m->e, x->bits, &first))
         LLVMReplaceAllUsesWith(x->bits, LLVMGetPoison(LLVMTypeOf(x->bits)));
   }
   for (size_t k = 0; k < m->all.len; k++) {
      struct mask *x = &m->all.data[k];
      if (web_of(m, x)->width && parts_of(m->e, x->bits, &first))
         LLVMInstructionEraseFromParent(x->bits);
   }
}

static void
collect(struct masks *m, val f)
{
   for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(f); b; b = LLVMGetNextBasicBlock(b))
      for (val i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
         if (!lanes_of(m->e, i))
            continue;
         unsigned at = (unsigned)m->all.len;
         vec_push(&m->all, (struct mask){.bits = i, .web = at});
         map_set_n(m->index, &i, sizeof i, (void *)(uintptr_t)m->all.len);
      }
}

void
emit_widen_masks(struct emit *e, val f)
{
   struct masks m = {.e = e, .index = map_create()};
   collect(&m, f);
   find_webs(&m);
   widen_all(&m);
   for (size_t k = 0; k < m.all.len; k++)
      if (web_of(&m, &m.all.data[k])->width)
         rewrite_users(&m, &m.all.data[k]);
   remove_old(&m);
   map_destroy(m.index);
   vec_finish(&m.all);
   vec_finish(&m.users);
}
