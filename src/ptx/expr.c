/* SPDX-License-Identifier: Apache-2.0
 * Constant expressions (manual 4.5): C's operators on 64-bit integers and doubles. */
#include <string.h>

#include "ptx_priv.h"

#define MAX_DEPTH 200 /* of parentheses; keeps hostile text off the stack's end */

static struct ptx_const
s64(int64_t v)
{
   return (struct ptx_const){CST_S64, (uint64_t)v, 0, 0};
}

static double
as_double(struct ptx_const c)
{
   if (c.kind == CST_F64)
      return c.f;
   return c.kind == CST_S64 ? (double)(int64_t)c.u : (double)c.u;
}

static bool
is_true(struct ptx_const c)
{
   return c.kind == CST_F64 ? c.f != 0 : c.u != 0;
}

static struct ptx_const
float_const(double f)
{
   return (struct ptx_const){CST_F64, 0, f, 0};
}

static int
precedence(int tok)
{
   switch (tok) {
   case T_OROR:
      return 1;
   case T_ANDAND:
      return 2;
   case '|':
      return 3;
   case '^':
      return 4;
   case '&':
      return 5;
   case T_EQ:
   case T_NE:
      return 6;
   case '<':
   case '>':
   case T_LE:
   case T_GE:
      return 7;
   case T_SHL:
   case T_SHR:
      return 8;
   case '+':
   case '-':
      return 9;
   case '*':
   case '/':
   case '%':
      return 10;
   default:
      return 0;
   }
}

static struct ptx_const
float_binary(struct ptx *p, struct src_loc loc, int op, double a, double b)
{
   switch (op) {
   case '+':
      return float_const(a + b);
   case '-':
      return float_const(a - b);
   case '*':
      return float_const(a * b);
   case '/':
      return float_const(a / b);
   case T_EQ:
      return s64(a == b);
   case T_NE:
      return s64(a != b);
   case '<':
      return s64(a < b);
   case '>':
      return s64(a > b);
   case T_LE:
      return s64(a <= b);
   case T_GE:
      return s64(a >= b);
   default:
      ptx_error(p, loc, "ptx-bad-expression",
                "this operator takes integers, not floating-point numbers");
      return s64(0);
   }
}

static struct ptx_const
divide(struct ptx *p, struct src_loc loc, int op, bool is_signed, uint64_t a, uint64_t b)
{
   if (!b) {
      ptx_error(p, loc, "ptx-division-by-zero", "division by zero");
      return s64(0);
   }
   uint64_t r;
   if (is_signed && b == UINT64_MAX)
      r = op == '/' ? 0 - a : 0; /* INT64_MIN / -1 would overflow */
   else if (is_signed)
      r = (uint64_t)(op == '/' ? (int64_t)a / (int64_t)b : (int64_t)a % (int64_t)b);
   else
      r = op == '/' ? a / b : a % b;
   return (struct ptx_const){is_signed ? CST_S64 : CST_U64, r, 0, 0};
}

static uint64_t
shift_right(uint64_t a, uint64_t n, bool is_signed)
{
   if (is_signed && (int64_t)a < 0)
      return n > 63 ? UINT64_MAX : ~(~a >> n);
   return n > 63 ? 0 : a >> n;
}

static struct ptx_const
binary(struct ptx *p, struct src_loc loc, int op, struct ptx_const x, struct ptx_const y)
{
   if (op == T_OROR)
      return s64(is_true(x) || is_true(y));
   if (op == T_ANDAND)
      return s64(is_true(x) && is_true(y));
   if (x.kind == CST_F64 || y.kind == CST_F64)
      return float_binary(p, loc, op, as_double(x), as_double(y));
   bool sg = x.kind == CST_S64 && y.kind == CST_S64;
   uint64_t a = x.u, b = y.u, r = 0;
   switch (op) {
   case '+':
      r = a + b;
      break;
   case '-':
      r = a - b;
      break;
   case '*':
      r = a * b;
      break;
   case '/':
   case '%':
      return divide(p, loc, op, sg, a, b);
   case '&':
      r = a & b;
      break;
   case '|':
      r = a | b;
      break;
   case '^':
      r = a ^ b;
      break;
   case T_SHL:
      sg = x.kind == CST_S64;
      r = b > 63 ? 0 : a << b;
      break;
   case T_SHR:
      sg = x.kind == CST_S64;
      r = shift_right(a, b, sg);
      break;
   case T_EQ:
      return s64(a == b);
   case T_NE:
      return s64(a != b);
   case '<':
      return s64(sg ? (int64_t)a < (int64_t)b : a < b);
   case '>':
      return s64(sg ? (int64_t)a > (int64_t)b : a > b);
   case T_LE:
      return s64(sg ? (int64_t)a <= (int64_t)b : a <= b);
   case T_GE:
      return s64(sg ? (int64_t)a >= (int64_t)b : a >= b);
   }
   return (struct ptx_const){sg ? CST_S64 : CST_U64, r, 0, 0};
}

static struct ptx_const unary(struct ptx *p);
static struct ptx_const ternary(struct ptx *p);

/* After '(': a cast's type, or an expression. */
static struct ptx_const
parenthesis(struct ptx *p)
{
   if (p->t.kind == T_DIR) {
      bool is_signed = ptx_is_word(p, T_DIR, "s64");
      if (!is_signed && !ptx_is_word(p, T_DIR, "u64"))
         ptx_error(p, ptx_loc(p), "ptx-bad-expression",
                   "a constant can be cast to .s64 or .u64 only");
      ptx_next(p);
      ptx_expect(p, ')', "')'");
      struct ptx_const c = unary(p);
      if (c.kind == CST_F64)
         ptx_error(p, ptx_loc(p), "ptx-bad-expression",
                   "a floating-point constant cannot be cast to an integer");
      c.kind = is_signed ? CST_S64 : CST_U64;
      return c;
   }
   struct ptx_const c = ternary(p);
   ptx_expect(p, ')', "')'");
   return c;
}

static struct ptx_const
primary(struct ptx *p)
{
   struct ptx_const c = s64(0);
   if (p->t.kind == T_INT) {
      c.kind = p->t.is_unsigned ? CST_U64 : CST_S64;
      c.u = p->t.bits;
      ptx_next(p);
   } else if (p->t.kind == T_FLOAT) {
      c = (struct ptx_const){CST_F64, p->t.bits, p->t.f, p->t.float_bits};
      ptx_next(p);
   } else if (ptx_accept(p, '(')) {
      c = parenthesis(p);
   } else if (ptx_is_word(p, T_ID, "WARP_SZ")) {
      c = s64(32);
      ptx_next(p);
   } else if (p->t.kind == T_ID) {
      ptx_error(p, ptx_loc(p), "ptx-not-constant",
                "'%s' is not a constant: numbers and WARP_SZ are allowed here",
                p->t.atom->name);
      ptx_next(p);
   } else {
      ptx_expect(p, T_INT, "a number");
   }
   return c;
}

static struct ptx_const
negate(struct ptx_const c)
{
   if (c.kind == CST_F64) {
      /* Flip the sign of a bit pattern rather than go through arithmetic: NaNs. */
      if (c.float_bits)
         c.u ^= (uint64_t)1 << (c.float_bits - 1);
      c.f = -c.f;
   } else {
      c.u = 0 - c.u;
   }
   return c;
}

static struct ptx_const
unary(struct ptx *p)
{
   int op = p->t.kind;
   if (op != '-' && op != '+' && op != '!' && op != '~')
      return primary(p);
   struct src_loc loc = ptx_loc(p);
   if (++p->expr_depth > MAX_DEPTH) {
      ptx_error(p, loc, "ptx-too-deep", "the expression is nested too deeply");
      p->expr_depth--;
      return s64(0);
   }
   ptx_next(p);
   struct ptx_const c = unary(p);
   p->expr_depth--;
   if (op == '-')
      return negate(c);
   if (op == '!')
      return s64(!is_true(c));
   if (op == '~' && c.kind == CST_F64)
      ptx_error(p, loc, "ptx-bad-expression", "'~' takes an integer");
   if (op == '~')
      c.u = ~c.u;
   return c;
}

static struct ptx_const
binary_chain(struct ptx *p, int least)
{
   struct ptx_const x = unary(p);
   for (int prec; (prec = precedence(p->t.kind)) >= least && prec;) {
      int op = p->t.kind;
      struct src_loc loc = ptx_loc(p);
      ptx_next(p);
      struct ptx_const y = binary_chain(p, prec + 1);
      x = binary(p, loc, op, x, y);
   }
   return x;
}

static struct ptx_const
ternary(struct ptx *p)
{
   if (++p->expr_depth > MAX_DEPTH) {
      ptx_error(p, ptx_loc(p), "ptx-too-deep", "the expression is nested too deeply");
      p->expr_depth--;
      return s64(0);
   }
   struct ptx_const c = binary_chain(p, 1);
   if (ptx_accept(p, '?')) {
      struct ptx_const a = ternary(p);
      ptx_expect(p, ':', "':' of the '?'");
      struct ptx_const b = ternary(p);
      c = is_true(c) ? a : b;
   }
   p->expr_depth--;
   return c;
}

struct ptx_const
ptx_expr(struct ptx *p)
{
   return ternary(p);
}

/* What may follow `symbol +`: sums, but no lower operators. */
struct ptx_const
ptx_expr_term(struct ptx *p)
{
   return binary_chain(p, 10);
}

uint64_t
ptx_uint(struct ptx *p, uint64_t max, const char *what)
{
   struct src_loc loc = ptx_loc(p);
   struct ptx_const c = ptx_expr(p);
   if (c.kind == CST_F64 || c.u > max || (c.kind == CST_S64 && (int64_t)c.u < 0)) {
      ptx_error(p, loc, "ptx-number-range", "%s must be an integer from 0 to %llu", what,
                (unsigned long long)max);
      return 0;
   }
   return c.u;
}

/* -- Constants to bit patterns */

static uint64_t
half_bits(double f, unsigned mantissa, unsigned exponent)
{
   /* Round to nearest even from the double's own bits. */
   uint64_t d;
   memcpy(&d, &f, 8);
   uint64_t sign = d >> 63 << (mantissa + exponent);
   int bias = (1 << (exponent - 1)) - 1;
   int e = (int)(d >> 52 & 0x7ff) - 1023 + bias;
   uint64_t m = d & ((1ull << 52) - 1);
   uint64_t inf = ((1ull << exponent) - 1) << mantissa;
   if ((d >> 52 & 0x7ff) == 0x7ff)
      return sign | inf | (m ? 1ull << (mantissa - 1) : 0);
   if (!(d >> 52 & 0x7ff))
      return sign; /* a double's denormals are far below these formats */
   m |= 1ull << 52;
   int shift = 52 - (int)mantissa;
   if (e <= 0) {
      shift += 1 - e;
      e = 0;
   }
   if (shift > 54)
      return sign;
   uint64_t r = m >> shift, rest = m & ((1ull << shift) - 1), half = 1ull << (shift - 1);
   r += rest > half || (rest == half && (r & 1));
   if (e > 0)
      r += (uint64_t)(e - 1) << mantissa; /* the hidden bit adds the other one */
   return sign | (r >= inf ? inf : r);
}

/* The pattern of constant c as a value of type t. False when t cannot hold it. */
bool
ptx_const_bits(struct ptx_const c, enum isa_type t, uint64_t *bits)
{
   if (c.kind != CST_F64) {
      *bits = c.u;
      return t != ISA_F32 && t != ISA_F64 && t != ISA_TF32;
   }
   switch (isa_type_bits(t)) {
   case 64:
      if (t != ISA_F64 && c.float_bits == 32)
         return false;
      if (c.float_bits == 64)
         *bits = c.u;
      else
         memcpy(bits, &c.f, 8);
      return t == ISA_F64 || t == ISA_B64 || c.float_bits == 64;
   case 32:
      if (c.float_bits == 32) {
         *bits = c.u;
      } else {
         float f = (float)c.f;
         uint32_t u;
         memcpy(&u, &f, 4);
         *bits = u;
      }
      return t == ISA_F32 || t == ISA_TF32 || t == ISA_B32 || c.float_bits == 32;
   case 16:
      *bits = t == ISA_BF16 ? half_bits(c.f, 7, 8) : half_bits(c.f, 10, 5);
      return t == ISA_F16 || t == ISA_BF16;
   default:
      return false;
   }
}
