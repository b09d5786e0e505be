/* SPDX-License-Identifier: Apache-2.0
 * Device printf: C's formats over the packed argument block that PTX passes to vprintf.
 * The argument sizes follow from the format alone: 8 bytes for l, ll, j, z, t integers,
 * doubles and pointers, 4 for the rest, each aligned to its size. */
#include "exec.h"

#include <stdio.h>
#include <string.h>

struct spec {
   char flags[8]; /* of "-+ #0", each once */
   int width, precision;
   bool has_width, has_precision;
   bool wide; /* an 8-byte integer */
   int half;  /* h: 1, hh: 2 */
   char conv;
};

struct args {
   const uint8_t *at;
   size_t offset;
   int count;
};

static uint64_t
next(struct args *a, size_t size)
{
   a->offset = ALIGN_UP(a->offset, size);
   uint64_t v = 0;
   memcpy(&v, a->at + a->offset, size);
   a->offset += size;
   a->count++;
   return v;
}

static const char *
parse_number(const char *p, struct args *a, int *out)
{
   if (*p == '*') {
      *out = (int)(uint32_t)next(a, 4);
      return p + 1;
   }
   unsigned v = 0;
   while (*p >= '0' && *p <= '9' && v < 100000)
      v = v * 10 + (unsigned)(*p++ - '0');
   *out = (int)v;
   return p;
}

static const char *
parse_length(const char *p, struct spec *s)
{
   for (;; p++) {
      if (*p == 'h')
         s->half++;
      else if (*p == 'l' || *p == 'j' || *p == 'z' || *p == 't')
         s->wide = true;
      else if (*p != 'L')
         return p;
   }
}

/* p is behind the '%'. Returns behind the conversion. */
static const char *
parse_spec(const char *p, struct args *a, struct spec *s)
{
   memset(s, 0, sizeof *s);
   for (; *p && strchr("-+ #0", *p); p++)
      if (!strchr(s->flags, *p))
         s->flags[strlen(s->flags)] = *p;
   if (*p == '*' || (*p >= '1' && *p <= '9')) {
      s->has_width = true;
      p = parse_number(p, a, &s->width);
      if (s->width < 0) { /* from '*': a '-' flag and a width */
         s->width = s->width == INT32_MIN ? 0 : -s->width;
         if (!strchr(s->flags, '-'))
            s->flags[strlen(s->flags)] = '-';
      }
   }
   if (*p == '.') {
      p = parse_number(p + 1, a, &s->precision);
      s->has_precision = s->precision >= 0;
   }
   p = parse_length(p, s);
   s->conv = *p;
   return *p ? p + 1 : p;
}

static void
host_format(char *buf, size_t n, const struct spec *s, const char *length)
{
   char num[2][16] = {"", ""};
   if (s->has_width)
      snprintf(num[0], sizeof num[0], "%d", MIN2(s->width, 65536));
   if (s->has_precision)
      snprintf(num[1], sizeof num[1], ".%d", MIN2(s->precision, 65536));
   snprintf(buf, n, "%%%s%s%s%s%c", s->flags, num[0], num[1], length, s->conv);
}

static uint64_t
narrow(const struct spec *s, uint64_t v, bool is_signed)
{
   if (s->wide)
      return v;
   if (s->half >= 2)
      return is_signed ? (uint64_t)(int64_t)(int8_t)v : (uint8_t)v;
   if (s->half == 1)
      return is_signed ? (uint64_t)(int64_t)(int16_t)v : (uint16_t)v;
   return is_signed ? (uint64_t)(int64_t)(int32_t)v : (uint32_t)v;
}

static void
format_string(struct str *out, const struct spec *s, const char *text)
{
   char f[48];
   host_format(f, sizeof f, s, "");
   if (!text)
      text = "(null)";
   size_t n = s->has_precision ? strnlen(text, (size_t)s->precision) : strlen(text);
   if (!s->has_width)
      str_append_n(out, text, n);
   else {
      size_t width = (size_t)MIN2(s->width, 65536), pad = width > n ? width - n : 0;
      bool left = strchr(s->flags, '-') != NULL;
      for (size_t i = 0; !left && i < pad; i++)
         str_append_n(out, " ", 1);
      str_append_n(out, text, n);
      for (size_t i = 0; left && i < pad; i++)
         str_append_n(out, " ", 1);
   }
}

/* snprintf with a format made here: the compiler cannot check it, host_format did. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#define APPEND(out, f, v)                                                                \
   do {                                                                                  \
      char small[128];                                                                   \
      int len = snprintf(small, sizeof small, f, v);                                     \
      if (len >= (int)sizeof small) {                                                    \
         char *big = base_alloc((size_t)len + 1);                                        \
         snprintf(big, (size_t)len + 1, f, v);                                           \
         str_append_n(out, big, (size_t)len);                                            \
         base_free(big);                                                                 \
      } else if (len > 0) {                                                              \
         str_append_n(out, small, (size_t)len);                                          \
      }                                                                                  \
   } while (0)

/* False: not a conversion, to be printed as it is written. */
static bool
convert(struct str *out, const struct spec *s, struct args *a)
{
   char f[48];
   switch (s->conv) {
   case 'd':
   case 'i':
      host_format(f, sizeof f, s, "ll");
      APPEND(out, f, (long long)narrow(s, next(a, s->wide ? 8 : 4), true));
      return true;
   case 'u':
   case 'x':
   case 'X':
   case 'o':
      host_format(f, sizeof f, s, "ll");
      APPEND(out, f, (unsigned long long)narrow(s, next(a, s->wide ? 8 : 4), false));
      return true;
   case 'c': {
      char c = (char)next(a, s->wide ? 8 : 4), text[2] = {c, 0};
      struct spec one = *s;
      one.has_precision = false;
      if (c)
         format_string(out, &one, text);
      else
         str_append_n(out, &c, 1);
      return true;
   }
   case 'e':
   case 'E':
   case 'f':
   case 'F':
   case 'g':
   case 'G':
   case 'a':
   case 'A': {
      uint64_t bits = next(a, 8);
      double v;
      memcpy(&v, &bits, 8);
      host_format(f, sizeof f, s, "");
      APPEND(out, f, v);
      return true;
   }
   case 'p': {
      void *v = (void *)(uintptr_t)next(a, 8);
      host_format(f, sizeof f, s, "");
      APPEND(out, f, v);
      return true;
   }
   case 's':
      format_string(out, s, (const char *)(uintptr_t)next(a, 8));
      return true;
   case 'n':
      next(a, 8);
      return true;
   default:
      return false;
   }
}
#pragma GCC diagnostic pop

int
exec_format(struct str *out, const char *fmt, const void *args)
{
   if (!fmt)
      return -1;
   struct args a = {args, 0, 0};
   const char *p = fmt;
   while (*p) {
      size_t plain = strcspn(p, "%");
      str_append_n(out, p, plain);
      p += plain;
      if (!*p)
         break;
      if (p[1] == '%') {
         str_append_n(out, "%", 1);
         p += 2;
         continue;
      }
      struct spec s;
      const char *end = parse_spec(p + 1, &a, &s);
      if (!convert(out, &s, &a))
         str_append_n(out, p, (size_t)(end - p));
      p = end;
   }
   return a.count;
}
