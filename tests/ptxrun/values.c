/* SPDX-License-Identifier: Apache-2.0
 * Element types of test data, and lists of values as they are written in a test. Rounding
 * is done here from the definitions, not by the code under test. */
#include "ptxrun.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct elem_type types[] = {
   {"u8", 1, KIND_UNSIGNED},  {"b8", 1, KIND_UNSIGNED},   {"s8", 1, KIND_SIGNED},
   {"u16", 2, KIND_UNSIGNED}, {"b16", 2, KIND_UNSIGNED},  {"s16", 2, KIND_SIGNED},
   {"u32", 4, KIND_UNSIGNED}, {"b32", 4, KIND_UNSIGNED},  {"s32", 4, KIND_SIGNED},
   {"u64", 8, KIND_UNSIGNED}, {"b64", 8, KIND_UNSIGNED},  {"s64", 8, KIND_SIGNED},
   {"f16", 2, KIND_FLOAT},    {"bf16", 2, KIND_FLOAT},    {"f32", 4, KIND_FLOAT},
   {"f64", 8, KIND_FLOAT},    {"pred", 1, KIND_UNSIGNED},
};

const struct elem_type *
elem_type_find(const char *name, size_t n)
{
   for (size_t i = 0; i < ARRAY_LEN(types); i++)
      if (strlen(types[i].name) == n && !memcmp(types[i].name, name, n))
         return &types[i];
   return NULL;
}

static bool
is_bf16(const struct elem_type *t)
{
   return t->name[0] == 'b';
}

/* A 16-bit float has a sign, `expo` bits of exponent and `frac` of fraction. */
static double
half_to_double(uint16_t h, int expo, int frac)
{
   int e = h >> frac & ((1 << expo) - 1), bias = (1 << (expo - 1)) - 1;
   int f = h & ((1 << frac) - 1);
   double v;
   if (e == (1 << expo) - 1)
      v = f ? NAN : INFINITY;
   else if (!e)
      v = ldexp(f, 1 - bias - frac);
   else
      v = ldexp(f + (1 << frac), e - bias - frac);
   return h >> 15 ? -v : v;
}

static uint16_t
double_to_half(double d, int expo, int frac)
{
   int bias = (1 << (expo - 1)) - 1;
   uint16_t sign = signbit(d) ? 0x8000 : 0, inf = (uint16_t)(((1 << expo) - 1) << frac);
   if (isnan(d))
      return frac == 10 ? 0x7fff : 0x7fff;
   d = fabs(d);
   if (isinf(d))
      return sign | inf;
   if (d == 0)
      return sign;
   int e;
   frexp(d, &e);
   e = MAX2(e - 1, 1 - bias);
   double scaled = nearbyint(ldexp(d, frac - e)); /* ties to even */
   if (scaled >= ldexp(1, frac + 1)) {
      scaled /= 2;
      e++;
   }
   if (e > bias)
      return sign | inf;
   if (scaled < ldexp(1, frac)) /* subnormal */
      return sign | (uint16_t)scaled;
   return sign | (uint16_t)((e + bias) << frac) | (uint16_t)(scaled - ldexp(1, frac));
}

int64_t
elem_int(const struct elem_type *t, const void *p)
{
   uint64_t u = 0;
   memcpy(&u, p, t->size);
   unsigned shift = 64 - 8 * t->size;
   return t->kind == KIND_SIGNED ? (int64_t)(u << shift) >> shift : (int64_t)u;
}

double
elem_float(const struct elem_type *t, const void *p)
{
   if (t->kind != KIND_FLOAT)
      return t->kind == KIND_SIGNED ? (double)elem_int(t, p)
                                    : (double)(uint64_t)elem_int(t, p);
   if (t->size == 2) {
      uint16_t h;
      memcpy(&h, p, 2);
      return is_bf16(t) ? half_to_double(h, 8, 7) : half_to_double(h, 5, 10);
   }
   float f;
   double d;
   if (t->size == 4) {
      memcpy(&f, p, 4);
      return f;
   }
   memcpy(&d, p, 8);
   return d;
}

static void
store_float(const struct elem_type *t, void *p, double d)
{
   if (t->size == 2) {
      uint16_t h = is_bf16(t) ? double_to_half(d, 8, 7) : double_to_half(d, 5, 10);
      memcpy(p, &h, 2);
   } else if (t->size == 4) {
      float f = (float)d;
      memcpy(p, &f, 4);
   } else {
      memcpy(p, &d, 8);
   }
}

void
elem_store(const struct elem_type *t, void *p, struct value v)
{
   if (t->kind == KIND_FLOAT) {
      store_float(t, p, v.is_float ? v.d : (double)v.i);
      return;
   }
   int64_t i = v.i;
   if (v.is_float)
      i = v.d >= 0x1p63 ? (int64_t)(uint64_t)v.d : (int64_t)v.d;
   memcpy(p, &i, t->size);
}

bool
elem_parse(const struct elem_type *t, const char *text, void *p)
{
   char *end;
   bool negative = *text == '-';
   const char *digits = text + (*text == '-' || *text == '+');
   if (t->kind == KIND_FLOAT && digits[0] == '0' && strchr("xXfFdD", digits[1]) &&
       digits[1]) { /* a bit pattern */
      uint64_t bits = strtoull(digits + 2, &end, 16);
      if (tolower(digits[1]) == 'f' || tolower(digits[1]) == 'd') {
         const struct elem_type *from =
            elem_type_find(tolower(digits[1]) == 'f' ? "f32" : "f64", 3);
         double d = elem_float(from, &bits);
         if (t->size == from->size)
            memcpy(p, &bits, t->size);
         else
            store_float(t, p, d);
      } else {
         memcpy(p, &bits, t->size);
      }
      return !*end && !negative && digits[2];
   }
   if (t->kind == KIND_FLOAT) {
      double d = t->size == 4 ? strtof(text, &end) : strtod(text, &end);
      store_float(t, p, d);
      return !*end && *digits;
   }
   errno = 0;
   uint64_t u = strtoull(digits, &end, 0);
   if (negative)
      u = 0 - u;
   memcpy(p, &u, t->size);
   return !*end && *digits && !errno;
}

void
elem_print(const struct elem_type *t, const void *p, char *text, size_t n)
{
   uint64_t bits = 0;
   memcpy(&bits, p, t->size);
   if (t->kind == KIND_FLOAT)
      snprintf(text, n, "%.17g (0x%0*" PRIx64 ")", elem_float(t, p), t->size * 2, bits);
   else if (t->kind == KIND_SIGNED)
      snprintf(text, n, "%" PRId64 " (0x%" PRIx64 ")", elem_int(t, p), bits);
   else
      snprintf(text, n, "%" PRIu64 " (0x%" PRIx64 ")", bits, bits);
}

/* -- Lists */
struct filler {
   struct test_file *f;
   struct test_case *c;
   unsigned line;
   struct list *l;
   uint64_t at;
   bool expectation;
};

static bool
add(struct filler *s, const void *bytes, enum elem_match match)
{
   if (s->at >= s->l->n) {
      test_problem(s->f, s->line, "more than %" PRIu64 " values", s->l->n);
      return false;
   }
   memcpy(s->l->bytes + s->at * s->l->type->size, bytes, s->l->type->size);
   s->l->match[s->at++] = (uint8_t)match;
   return true;
}

static bool
add_expr(struct filler *s, char *text)
{
   const struct elem_type *t = s->l->type;
   for (uint64_t i = s->at; i < s->l->n; i++) {
      struct expr_env env = {.c = s->c, .i = i, .n = s->l->n};
      struct value v = expr_eval(text, &env);
      if (env.error) {
         test_problem(s->f, s->line, "in {%s}: %s", text, env.error);
         return false;
      }
      elem_store(t, s->l->bytes + i * t->size, v);
      if (s->expectation && v.is_float && isnan(v.d) && t->kind == KIND_FLOAT)
         s->l->match[i] = MATCH_NAN;
   }
   s->at = s->l->n;
   return true;
}

static bool
add_range(struct filler *s, const char *word, const char *dots)
{
   char first[64];
   snprintf(first, sizeof first, "%.*s", (int)(dots - word), word);
   char *end1, *end2;
   int64_t a = strtoll(first, &end1, 0), b = strtoll(dots + 2, &end2, 0);
   if (*end1 || *end2 || b < a)
      return false;
   for (; a <= b; a++) {
      uint64_t bytes = 0;
      elem_store(s->l->type, &bytes, (struct value){.i = a});
      if (!add(s, &bytes, MATCH_EXACT))
         break;
   }
   return true;
}

static bool
add_word(struct filler *s, char *word)
{
   uint64_t count = 1, bytes = 0;
   enum elem_match match = MATCH_EXACT;
   const char *dots = strstr(word, "..");
   if (dots && dots != word)
      return add_range(s, word, dots);
   char *star = strchr(word, '*'), *end = NULL;
   if (star) {
      count = strtoull(star + 1, &end, 0);
      *star = 0;
      if (*end)
         return false;
   }
   if (s->expectation && !strcmp(word, "_"))
      match = MATCH_ANY;
   else if (!elem_parse(s->l->type, word, &bytes))
      return false;
   else if (s->expectation && !strcmp(word, "nan"))
      match = MATCH_NAN;
   while (count--)
      if (!add(s, &bytes, match))
         break;
   return true;
}

static bool
repeat(struct filler *s)
{
   uint64_t period = s->at, size = s->l->type->size;
   if (!period)
      return false;
   for (; s->at < s->l->n; s->at++) {
      memcpy(s->l->bytes + s->at * size, s->l->bytes + (s->at - period) * size, size);
      s->l->match[s->at] = s->l->match[s->at - period];
   }
   return true;
}

bool
parse_values(struct test_file *f, struct test_case *c, unsigned line, char *text,
             struct list *l, bool expectation)
{
   struct filler s = {f, c, line, l, 0, expectation};
   char *p = text;
   bool any = false;
   for (;;) {
      p += strspn(p, " \t,\r");
      if (!*p)
         break;
      any = true;
      if (*p == '{') {
         char *close = strrchr(p, '}');
         if (!close)
            return test_problem(f, line, "no '}'"), false;
         *close = 0;
         return add_expr(&s, p + 1);
      }
      char *word = p;
      p += strcspn(p, " \t,\r");
      if (*p)
         *p++ = 0;
      if (!strcmp(word, "..."))
         return repeat(&s) || (test_problem(f, line, "nothing before '...'"), false);
      size_t before = f->problems.len;
      if (!add_word(&s, word)) {
         if (f->problems.len == before)
            test_problem(f, line, "'%s' is not a value of type %s", word, l->type->name);
         return false;
      }
   }
   if (s.at != l->n && (any || expectation)) {
      test_problem(f, line, "%" PRIu64 " values for %" PRIu64 " elements", s.at, l->n);
      return false;
   }
   return true;
}
