/* SPDX-License-Identifier: Apache-2.0
 * Expressions that state test data: C's operators on 64-bit signed integers and doubles.
 */
#include "ptxrun.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct parser {
   const char *p;
   struct expr_env *env;
   unsigned depth;
};

static struct value parse_choice(struct parser *s);

static struct value
integer(int64_t i)
{
   return (struct value){.i = i};
}

static struct value
real(double d)
{
   return (struct value){.is_float = true, .d = d};
}

static double
as_real(struct value v)
{
   return v.is_float ? v.d : (double)v.i;
}

static struct value
wrong(struct parser *s, const char *what)
{
   if (!s->env->error)
      s->env->error = what;
   return integer(0);
}

static void
skip(struct parser *s)
{
   while (isspace((unsigned char)*s->p))
      s->p++;
}

static bool
accept(struct parser *s, const char *token)
{
   skip(s);
   size_t n = strlen(token);
   if (strncmp(s->p, token, n))
      return false;
   s->p += n;
   return true;
}

static struct value
number(struct parser *s)
{
   char *end, *end2;
   int64_t i = (int64_t)strtoull(s->p, &end, 0);
   double d = strtod(s->p, &end2);
   bool hex = s->p[0] == '0' && (s->p[1] == 'x' || s->p[1] == 'X');
   bool is_float = end2 > end && !(hex && !memchr(s->p, 'p', (size_t)(end2 - s->p)));
   s->p = is_float ? end2 : end;
   return is_float ? real(d) : integer(i);
}

static const struct item *
find_item(const struct test_case *c, const char *name)
{
   for (size_t i = 0; i < c->ins.len; i++)
      if (!strcmp(c->ins.data[i].name, name) && c->ins.data[i].list.type)
         return &c->ins.data[i];
   for (size_t i = 0; i < c->sets.len; i++)
      if (!strcmp(c->sets.data[i].name, name))
         return &c->sets.data[i];
   return NULL;
}

static struct value
element(const struct item *it, uint64_t at)
{
   const void *p = it->list.bytes + at * it->list.type->size;
   return it->list.type->kind == KIND_FLOAT ? real(elem_float(it->list.type, p))
                                            : integer(elem_int(it->list.type, p));
}

static struct value
name_value(struct parser *s, const char *name)
{
   if (!strcmp(name, "i"))
      return integer((int64_t)s->env->i);
   if (s->env->jname[0] && !strcmp(name, s->env->jname))
      return integer(s->env->j);
   if (!strcmp(name, "inf"))
      return real(INFINITY);
   if (!strcmp(name, "nan"))
      return real(NAN);
   const struct item *it = find_item(s->env->c, name);
   if (!it)
      return !strcmp(name, "n") || !strcmp(name, "N") ? integer((int64_t)s->env->n)
                                                      : wrong(s, "unknown name");
   if (!accept(s, "["))
      return it->list.n ? element(it, 0) : wrong(s, "an empty list");
   struct value at = parse_choice(s);
   if (!accept(s, "]"))
      return wrong(s, "']' expected");
   if (at.is_float || at.i < 0 || (uint64_t)at.i >= it->list.n)
      return s->depth ? integer(0) : wrong(s, "index out of range");
   return element(it, (uint64_t)at.i);
}

/* sum(j, A, B, EXPR): the text of EXPR is evaluated for each j. */
static struct value
sum(struct parser *s)
{
   struct expr_env *e = s->env;
   char outer[16], name[16];
   int64_t outer_j = e->j;
   memcpy(outer, e->jname, sizeof outer);
   skip(s);
   size_t n = strspn(s->p, "abcdefghijklmnopqrstuvwxyz");
   snprintf(name, sizeof name, "%.*s", (int)MIN2(n, 15u), s->p);
   s->p += n;
   accept(s, ",");
   struct value a = parse_choice(s);
   accept(s, ",");
   struct value b = parse_choice(s);
   accept(s, ",");
   const char *body = s->p;
   struct value total = integer(0);
   memcpy(e->jname, name, sizeof name);
   int64_t j = a.i;
   do { /* once at least, to get past the text; then it counts only below B */
      s->p = body;
      e->j = j;
      s->depth += j >= b.i;
      struct value v = parse_choice(s);
      s->depth -= j >= b.i;
      if (j >= b.i)
         break;
      if (v.is_float || total.is_float)
         total = real(as_real(total) + as_real(v));
      else
         total.i = (int64_t)((uint64_t)total.i + (uint64_t)v.i);
   } while (++j < b.i && !e->error);
   memcpy(e->jname, outer, sizeof outer);
   e->j = outer_j;
   return total;
}

static struct value
convert(const char *name, size_t n, struct value v, bool *known)
{
   const struct elem_type *t = elem_type_find(name, n);
   *known = t != NULL;
   if (!t)
      return v;
   uint64_t bits = 0;
   elem_store(t, &bits, v);
   return t->kind == KIND_FLOAT ? real(elem_float(t, &bits))
                                : integer(elem_int(t, &bits));
}

static struct value
float_call(const char *f, double a, double b, double c, bool *known)
{
   *known = true;
   if (!strcmp(f, "sqrt"))
      return real(sqrt(a));
   if (!strcmp(f, "floor"))
      return real(floor(a));
   if (!strcmp(f, "ceil"))
      return real(ceil(a));
   if (!strcmp(f, "trunc"))
      return real(trunc(a));
   if (!strcmp(f, "rint"))
      return real(rint(a));
   if (!strcmp(f, "exp2"))
      return real(exp2(a));
   if (!strcmp(f, "log2"))
      return real(log2(a));
   if (!strcmp(f, "sin"))
      return real(sin(a));
   if (!strcmp(f, "cos"))
      return real(cos(a));
   if (!strcmp(f, "tanh"))
      return real(tanh(a));
   if (!strcmp(f, "pow"))
      return real(pow(a, b));
   if (!strcmp(f, "fma"))
      return real(fma(a, b, c));
   *known = false;
   return integer(0);
}

static struct value
int_call(const char *f, int64_t a, int64_t b, bool *known)
{
   *known = true;
   uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
   if (!strcmp(f, "popc"))
      return integer(__builtin_popcountll(ua));
   if (!strcmp(f, "clz"))
      return integer(ua ? __builtin_clzll(ua) : 64);
   if (!strcmp(f, "udiv"))
      return integer(ub ? (int64_t)(ua / ub) : -1);
   if (!strcmp(f, "urem"))
      return integer(ub ? (int64_t)(ua % ub) : a);
   if (!strcmp(f, "ushr"))
      return integer(ub < 64 ? (int64_t)(ua >> ub) : 0);
   *known = false;
   return integer(0);
}

static struct value
bits_of(struct value v)
{
   int64_t i = 0;
   float f = (float)v.d;
   if (!v.is_float)
      return v;
   if ((double)f == v.d || isnan(v.d)) {
      uint32_t u;
      memcpy(&u, &f, 4);
      i = u;
   } else {
      memcpy(&i, &v.d, 8);
   }
   return integer(i);
}

static struct value
call(struct parser *s, const char *f)
{
   struct value a[3] = {{0}};
   unsigned n = 0;
   if (!strcmp(f, "sum")) {
      struct value v = sum(s);
      return accept(s, ")") ? v : wrong(s, "')' expected");
   }
   do
      a[n < 3 ? n : 2] = parse_choice(s);
   while (n++ < 3 && accept(s, ","));
   if (!accept(s, ")"))
      return wrong(s, "')' expected");
   bool is_float = a[0].is_float || (n > 1 && a[1].is_float), known;
   if (!strcmp(f, "min") || !strcmp(f, "max")) {
      bool first = is_float ? as_real(a[0]) < as_real(a[1]) : a[0].i < a[1].i;
      return a[first == !strcmp(f, "min") ? 0 : 1];
   }
   if (!strcmp(f, "abs"))
      return a[0].is_float ? real(fabs(a[0].d)) : integer(a[0].i < 0 ? -a[0].i : a[0].i);
   if (!strcmp(f, "bits"))
      return bits_of(a[0]);
   struct value v = convert(f, strlen(f), a[0], &known);
   if (!known)
      v = float_call(f, as_real(a[0]), as_real(a[1]), as_real(a[2]), &known);
   if (!known)
      v = int_call(f, a[0].i, a[1].i, &known);
   return known ? v : wrong(s, "unknown function");
}

static struct value
primary(struct parser *s)
{
   skip(s);
   if (accept(s, "(")) {
      struct value v = parse_choice(s);
      return accept(s, ")") ? v : wrong(s, "')' expected");
   }
   if (isdigit((unsigned char)*s->p) || (*s->p == '.' && isdigit((unsigned char)s->p[1])))
      return number(s);
   if (isalpha((unsigned char)*s->p) || *s->p == '_') {
      char name[64];
      size_t n = 0;
      while (isalnum((unsigned char)*s->p) || *s->p == '_') {
         if (n < sizeof name - 1)
            name[n++] = *s->p;
         s->p++;
      }
      name[n] = 0;
      return accept(s, "(") ? call(s, name) : name_value(s, name);
   }
   return wrong(s, "a value expected");
}

static struct value
unary(struct parser *s)
{
   skip(s);
   if (accept(s, "-")) {
      struct value v = unary(s);
      return v.is_float ? real(-v.d) : integer((int64_t)(0 - (uint64_t)v.i));
   }
   if (accept(s, "~"))
      return integer(~unary(s).i);
   if (*s->p == '!' && s->p[1] != '=') {
      s->p++;
      struct value v = unary(s);
      return integer(v.is_float ? v.d == 0 : v.i == 0);
   }
   return primary(s);
}

static struct value
float_op(struct parser *s, const char *op, double a, double b)
{
   switch (op[0]) {
   case '+':
      return real(a + b);
   case '-':
      return real(a - b);
   case '*':
      return real(a * b);
   case '/':
      return real(a / b);
   case '<':
      return integer(op[1] ? a <= b : a < b);
   case '>':
      return integer(op[1] ? a >= b : a > b);
   case '=':
      return integer(a == b);
   case '!':
      return integer(a != b);
   default:
      return wrong(s, "not an operator for floats");
   }
}

static struct value
int_op(struct parser *s, const char *op, int64_t a, int64_t b)
{
   uint64_t ua = (uint64_t)a, ub = (uint64_t)b;
   switch (op[0]) {
   case '+':
      return integer((int64_t)(ua + ub));
   case '-':
      return integer((int64_t)(ua - ub));
   case '*':
      return integer((int64_t)(ua * ub));
   case '/':
   case '%':
      if (!b || (b == -1 && a == INT64_MIN))
         return s->depth ? integer(0) : wrong(s, "division by zero");
      return integer(op[0] == '/' ? a / b : a % b);
   case '&':
      return integer(op[1] ? a && b : (a & b));
   case '|':
      return integer(op[1] ? a || b : (a | b));
   case '^':
      return integer(a ^ b);
   case '<':
      if (op[1] == '<')
         return integer(ub < 64 ? (int64_t)(ua << ub) : 0);
      return integer(op[1] ? a <= b : a < b);
   case '>':
      if (op[1] == '>')
         return integer(a >> (ub < 64 ? ub : 63));
      return integer(op[1] ? a >= b : a > b);
   case '=':
      return integer(a == b);
   default:
      return integer(a != b);
   }
}

/* Binary operators, loosest first; a longer one stands before its prefix. */
static const struct {
   const char *op;
   int level;
} binary[] = {{"||", 0}, {"&&", 1}, {"==", 5}, {"!=", 5}, {"<<", 7}, {">>", 7},
              {"<=", 6}, {">=", 6}, {"<", 6},  {">", 6},  {"|", 2},  {"^", 3},
              {"&", 4},  {"+", 8},  {"-", 8},  {"*", 9},  {"/", 9},  {"%", 9}};

static const char *
peek_operator(struct parser *s, int *level)
{
   skip(s);
   if (!*s->p || !strchr("|&=!<>^+-*/%", *s->p))
      return NULL;
   for (size_t i = 0; i < ARRAY_LEN(binary); i++)
      if (!strncmp(s->p, binary[i].op, strlen(binary[i].op))) {
         *level = binary[i].level;
         return binary[i].op;
      }
   return NULL;
}

static bool
is_true(struct value v)
{
   return v.is_float ? v.d != 0 : v.i != 0;
}

static struct value
parse_binary(struct parser *s, int level)
{
   struct value a = unary(s);
   for (;;) {
      int at;
      const char *op = peek_operator(s, &at);
      if (!op || at < level || s->env->error)
         return a;
      s->p += strlen(op);
      bool dead = at < 2 && is_true(a) == (at == 0); /* decided by the left side */
      s->depth += dead;
      struct value b = parse_binary(s, at + 1);
      s->depth -= dead;
      if (at < 2)
         a = integer(dead ? is_true(a) : is_true(b));
      else if (a.is_float || b.is_float)
         a = float_op(s, op, as_real(a), as_real(b));
      else
         a = int_op(s, op, a.i, b.i);
   }
}

/* depth counts the branches not taken we are in: no range errors there. */
static struct value
parse_choice(struct parser *s)
{
   struct value c = parse_binary(s, 0);
   if (!accept(s, "?"))
      return c;
   bool yes = is_true(c);
   s->depth += !yes;
   struct value a = parse_choice(s);
   s->depth -= !yes;
   if (!accept(s, ":"))
      return wrong(s, "':' expected");
   s->depth += yes;
   struct value b = parse_choice(s);
   s->depth -= yes;
   return yes ? a : b;
}

struct value
expr_eval(const char *text, struct expr_env *env)
{
   struct parser s = {text, env, 0};
   struct value v = parse_choice(&s);
   skip(&s);
   if (*s.p && !env->error)
      env->error = "something follows the expression";
   return v;
}
