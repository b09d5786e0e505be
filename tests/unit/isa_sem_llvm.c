/* SPDX-License-Identifier: Apache-2.0
 * Where isa_llvm_name names an LLVM operation, that operation, written here in C as
 * LLVM's language reference defines it, gives the same bits as the meaning (NaNs apart).
 */
#include "isa/isa_eval.h"
#include "check.h"

#include <math.h>

static uint64_t state = 1;
static uint64_t
rnd(void)
{
   state ^= state << 13;
   state ^= state >> 7;
   state ^= state << 17;
   return state * 0x2545f4914f6cdd1du;
}

static float
f32(uint64_t u)
{
   uint32_t v = (uint32_t)u;
   float f;
   memcpy(&f, &v, sizeof f);
   return f;
}

static double
f64(uint64_t u)
{
   double f;
   memcpy(&f, &u, sizeof f);
   return f;
}

static uint64_t
bits32(float f)
{
   uint32_t u;
   memcpy(&u, &f, sizeof u);
   return u;
}

static uint64_t
bits64(double f)
{
   uint64_t u;
   memcpy(&u, &f, sizeof u);
   return u;
}

static int64_t
sext(uint64_t x, unsigned bits)
{
   return (int64_t)(x << (64 - bits)) >> (64 - bits);
}

static bool
is(const char *a, const char *b)
{
   return !strcmp(a, b);
}

/* On w-bit integers; false when the name is none of these. */
static bool
int_op(const char *n, unsigned w, uint64_t x, uint64_t y, uint64_t *r)
{
   int64_t sx = sext(x, w), sy = sext(y, w);
   if (is(n, "add"))
      *r = x + y;
   else if (is(n, "sub"))
      *r = x - y;
   else if (is(n, "mul"))
      *r = x * y;
   else if (is(n, "and"))
      *r = x & y;
   else if (is(n, "or"))
      *r = x | y;
   else if (is(n, "xor"))
      *r = x ^ y;
   else if (is(n, "smin"))
      *r = (uint64_t)(sx < sy ? sx : sy);
   else if (is(n, "smax"))
      *r = (uint64_t)(sx > sy ? sx : sy);
   else if (is(n, "umin"))
      *r = x < y ? x : y;
   else if (is(n, "umax"))
      *r = x > y ? x : y;
   else if (is(n, "abs"))
      *r = sx < 0 ? 0 - x : x;
   else if (is(n, "neg"))
      *r = 0 - x;
   else if (is(n, "ctpop"))
      *r = (uint64_t)__builtin_popcountll(x);
   else if (is(n, "ctlz"))
      *r = x ? (uint64_t)__builtin_clzll(x) - (64 - w) : w;
   else if (is(n, "bitreverse")) {
      *r = 0;
      for (unsigned i = 0; i < w; i++)
         *r |= (x >> i & 1) << (w - 1 - i);
   } else
      return false;
   return true;
}

#define FLOAT_OP(F, GET, BITS, SUFFIX)                                                   \
   static bool float_op_##F(const char *n, uint64_t x, uint64_t y, uint64_t z,           \
                            uint64_t *r)                                                 \
   {                                                                                     \
      if (is(n, "fadd"))                                                                 \
         *r = BITS(GET(x) + GET(y));                                                     \
      else if (is(n, "fsub"))                                                            \
         *r = BITS(GET(x) - GET(y));                                                     \
      else if (is(n, "fmul"))                                                            \
         *r = BITS(GET(x) * GET(y));                                                     \
      else if (is(n, "fdiv"))                                                            \
         *r = BITS(GET(x) / GET(y));                                                     \
      else if (is(n, "fma"))                                                             \
         *r = BITS(fma##SUFFIX(GET(x), GET(y), GET(z)));                                 \
      else if (is(n, "sqrt"))                                                            \
         *r = BITS(sqrt##SUFFIX(GET(x)));                                                \
      else if (is(n, "fneg"))                                                            \
         *r = x ^ 1ull << (8 * sizeof GET(x) - 1);                                       \
      else if (is(n, "fabs"))                                                            \
         *r = x & ~(1ull << (8 * sizeof GET(x) - 1));                                    \
      else if (is(n, "rint"))                                                            \
         *r = BITS(rint##SUFFIX(GET(x)));                                                \
      else if (is(n, "floor"))                                                           \
         *r = BITS(floor##SUFFIX(GET(x)));                                               \
      else if (is(n, "ceil"))                                                            \
         *r = BITS(ceil##SUFFIX(GET(x)));                                                \
      else if (is(n, "trunc"))                                                           \
         *r = BITS(trunc##SUFFIX(GET(x)));                                               \
      else                                                                               \
         return false;                                                                   \
      return true;                                                                       \
   }
FLOAT_OP(f32, f32, bits32, f)
FLOAT_OP(f64, f64, bits64, )

/* From one type to another; x is s bits wide. */
static bool
conversion(const char *n, unsigned d, unsigned s, uint64_t x, uint64_t *r)
{
   if (is(n, "bitcast") || is(n, "trunc") || is(n, "zext"))
      *r = x;
   else if (is(n, "sext"))
      *r = (uint64_t)sext(x, s);
   else if (is(n, "sitofp"))
      *r = d == 32 ? bits32((float)sext(x, s)) : bits64((double)sext(x, s));
   else if (is(n, "uitofp"))
      *r = d == 32 ? bits32((float)x) : bits64((double)x);
   else if (is(n, "fpext"))
      *r = bits64(f32(x));
   else if (is(n, "fptrunc"))
      *r = bits32((float)f64(x));
   else
      return false;
   return true;
}

static const uint64_t specials[] = {0,
                                    1,
                                    0x7f,
                                    0x80,
                                    0x8000,
                                    0x80000000u,
                                    0x7fffffff,
                                    0x3f800000,
                                    0x7f800000,
                                    0x3f000000,
                                    0x4b000001,
                                    0x3ff0000000000000,
                                    0x7ff0000000000000,
                                    0x8000000000000000u,
                                    0x3fe0000000000000,
                                    ~0ull};

static uint64_t
value(unsigned bits)
{
   uint64_t k = rnd() % 3, x = k ? rnd() : specials[rnd() % 16];
   if (k == 2)
      x = (x & 0x80ffffff80ffffff) | 0x3f0000003f000000;
   return bits == 64 ? x : x & ((1ull << bits) - 1);
}

static bool
same(uint64_t a, uint64_t b, enum isa_type t)
{
   unsigned bits = isa_type_bits(t);
   uint64_t mask = bits == 64 ? ~0ull : (1ull << bits) - 1;
   if (t == ISA_F32 && isnan(f32(a)))
      return isnan(f32(b));
   if (t == ISA_F64 && isnan(f64(a)))
      return isnan(f64(b));
   return (a & mask) == (b & mask);
}

static bool
agrees(enum isa_op op, const struct isa_mods *m, const char *n)
{
   struct isa_eval e;
   enum isa_type d = (enum isa_type)m->type[0],
                 s = op == ISA_CVT ? (enum isa_type)m->type[1] : d;
   bool narrow = op == ISA_POPC || op == ISA_CLZ, is_cvt = op == ISA_CVT && d != s;
   if (!isa_eval_get(op, m, &e))
      return false;
   for (unsigned i = 0; i < 3000; i++) {
      uint64_t v[3], got = 0, want = 0;
      for (unsigned k = 0; k < 3; k++)
         v[k] = value(isa_type_bits(s));
      e.fn(&got, NULL, &v[0], &v[1], &v[2], NULL, e.mods_word);
      bool known = is_cvt ? conversion(n, isa_type_bits(d), isa_type_bits(s), v[0], &want)
                   : d == ISA_F32 ? float_op_f32(n, v[0], v[1], v[2], &want)
                   : d == ISA_F64 ? float_op_f64(n, v[0], v[1], v[2], &want)
                   : op == ISA_CVT
                      ? conversion(n, isa_type_bits(d), isa_type_bits(s), v[0], &want)
                      : int_op(n, isa_type_bits(d), v[0], v[1], &want);
      if (!known || !same(got, want, narrow ? ISA_U32 : d))
         return false;
   }
   return true;
}

static void
test(const char *text)
{
   struct isa_mods m;
   const char *error = NULL;
   size_t at;
   enum isa_op op = isa_match(text, strlen(text), &m, &error, &at);
   if (op == ISA_OP_NONE)
      return;
   const char *n = isa_llvm_name(op, &m);
   if (n && m.type[0] != ISA_PRED)
      check_that(agrees(op, &m, n), __FILE__, __LINE__, text);
}

int
main(void)
{
   static const char *const types[] = {"b16", "b32", "b64", "u8",  "u16", "u32", "u64",
                                       "s8",  "s16", "s32", "s64", "f32", "f64"};
   static const char *const ops[] = {
      "add",    "sub", "mul.lo", "mul",    "and",  "or",     "xor",    "min",   "max",
      "abs",    "neg", "popc",   "clz",    "brev", "fma.rn", "div.rn", "div",   "sqrt.rn",
      "add.rn", "rem", "shl",    "add.rz", "not",  "mul.hi", "rcp.rn", "mad.lo"};
   static const char *const rounds[] = {"", ".rn", ".rz", ".rni", ".rzi", ".rmi", ".rpi"};
   char text[64];
   for (size_t o = 0; o < sizeof ops / sizeof *ops; o++)
      for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
         snprintf(text, sizeof text, "%s.%s", ops[o], types[t]);
         test(text);
      }
   for (size_t r = 0; r < sizeof rounds / sizeof *rounds; r++)
      for (size_t d = 3; d < sizeof types / sizeof *types; d++)
         for (size_t s = 3; s < sizeof types / sizeof *types; s++) {
            snprintf(text, sizeof text, "cvt%s.%s.%s", rounds[r], types[d], types[s]);
            test(text);
         }
   CHECK(check_passed > 100);
   return check_done();
}
