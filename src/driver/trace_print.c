/* SPDX-License-Identifier: Apache-2.0
 * How a trace shows values. A program's pointers may lead anywhere: they are only ever
 * followed by the kernel, which says so, and never by a load. */
#include "trace_priv.h"

#include <math.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

/* What is shown of one list, one string, one structure. */
#define LIST_MAX 8
#define STRING_MAX 128
#define FIELDS_MAX 24
#define VALUE_MAX 4096 /* bytes of the largest structure */

struct printer {
   struct str *s;
   const struct trace_library *library;
   bool json;
};

static bool
read_memory(void *to, const void *from, size_t size)
{
   struct iovec local = {to, size}, remote = {(void *)(uintptr_t)from, size};
   return process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == (ssize_t)size;
}

/* As much of a string as can be read, up to size - 1 characters; false: nothing. */
static bool
read_string(char *to, size_t size, const char *from, bool *whole)
{
   size_t n = 0;
   while (n + 1 < size) {
      size_t page = 4096 - ((uintptr_t)(from + n) & 4095),
             part = MIN2(page, size - 1 - n);
      if (!read_memory(to + n, from + n, part))
         break;
      n += part;
   }
   to[n] = 0;
   *whole = strlen(to) < n;
   return n > 0;
}

/* JSON's escapes, which C understands as well. */
static void
print_quoted(struct printer *p, const char *text, bool whole)
{
   str_append(p->s, "\"");
   for (; *text; text++) {
      unsigned char ch = (unsigned char)*text;
      if (ch == '"' || ch == '\\')
         str_printf(p->s, "\\%c", ch);
      else if (ch == '\n')
         str_append(p->s, "\\n");
      else if (ch < 32 || ch >= 127)
         str_printf(p->s, "\\u%04x", ch);
      else
         str_append_n(p->s, text, 1);
   }
   if (p->json && !whole)
      str_append(p->s, "...");
   str_append(p->s, "\"");
   if (!p->json && !whole)
      str_append(p->s, "...");
}

static long long
number(const void *value, unsigned size, bool is_signed)
{
   union {
      int8_t i8;
      int16_t i16;
      int32_t i32;
      int64_t i64;
      uint8_t u8;
      uint16_t u16;
      uint32_t u32;
   } u = {.i64 = 0};
   memcpy(&u, value, MIN2(size, sizeof u));
   switch (size) {
   case 1:
      return is_signed ? u.i8 : u.u8;
   case 2:
      return is_signed ? u.i16 : u.u16;
   case 4:
      return is_signed ? u.i32 : u.u32;
   }
   return u.i64;
}

/* Words that are not numbers stand in quotes in JSON. */
static void
print_word(struct printer *p, const char *fmt, unsigned long long n)
{
   if (p->json)
      str_append(p->s, "\"");
   str_printf(p->s, fmt, n);
   if (p->json)
      str_append(p->s, "\"");
}

static void
print_address(struct printer *p, uintptr_t a)
{
   if (!a)
      str_append(p->s, p->json ? "null" : "NULL");
   else
      print_word(p, "0x%llx", a);
}

static void
print_enum(struct printer *p, const struct trace_type *t, const void *value)
{
   long long n = number(value, t->size, true);
   for (unsigned i = 0; i < t->count; i++)
      if (t->values[i].value == n) {
         str_printf(p->s, p->json ? "\"%s\"" : "%s", t->values[i].name);
         return;
      }
   str_printf(p->s, "%lld", n);
}

static void
print_function(struct printer *p, const void *f)
{
   const char *name = NULL;
   if (p->library->function_name)
      name = p->library->function_name(f);
   struct drv_func *d = name ? NULL : handle_find((uintptr_t)f, H_FUNCTION);
   if (d)
      name = d->library ? d->name : device_func_name(d->dev);
   if (name)
      str_printf(p->s, p->json ? "\"%s\"" : "%s", name);
   else
      print_address(p, (uintptr_t)f);
}

static void
print_stream(struct printer *p, uintptr_t s)
{
   static const char *const names[] = {"0", "legacy", "per-thread"};
   if (s < ARRAY_LEN(names))
      str_printf(p->s, p->json ? "\"%s\"" : "%s", names[s]);
   else
      print_word(p, "0x%llx", s);
}

/* JSON has no word for infinity. */
static void
print_float(struct printer *p, double v)
{
   str_printf(p->s, p->json && !isfinite(v) ? "\"%g\"" : "%g", v);
}

static void print(struct printer *p, const struct trace_type *t, const void *value);

static void
print_string(struct printer *p, const char *text)
{
   char buf[STRING_MAX + 1];
   bool whole;
   if (text && read_string(buf, sizeof buf, text, &whole))
      print_quoted(p, buf, whole);
   else
      print_address(p, (uintptr_t)text);
}

static void
print_struct(struct printer *p, const struct trace_type *t, const void *value)
{
   str_append(p->s, "{");
   for (unsigned i = 0; i < t->count && i < FIELDS_MAX; i++) {
      const struct trace_field *f = &t->fields[i];
      str_printf(p->s, p->json ? "%s\"%s\":" : "%s%s=",
                 !i        ? ""
                 : p->json ? ","
                           : ", ",
                 f->name);
      print(p, f->type, (const char *)value + f->offset);
   }
   if (t->count > FIELDS_MAX && !p->json)
      str_append(p->s, ", ...");
   str_append(p->s, "}");
}

static void
print_bytes(struct printer *p, const unsigned char *b, size_t n)
{
   str_append(p->s, p->json ? "\"" : "");
   for (size_t i = 0; i < n; i++)
      str_printf(p->s, "%02x", b[i]);
   str_append(p->s, p->json ? "\"" : "");
}

/* Elements at an address of the program's. */
static void
print_list(struct printer *p, const struct trace_type *t, const char *at, size_t n)
{
   _Alignas(16) char value[VALUE_MAX];
   str_append(p->s, "[");
   for (size_t i = 0; i < n && i < LIST_MAX; i++) {
      str_append(p->s, !i ? "" : p->json ? "," : ", ");
      if (t->size > sizeof value || !read_memory(value, at + i * t->size, t->size)) {
         str_append(p->s, p->json ? "null" : "?");
         break;
      }
      print(p, t, value);
   }
   if (n > LIST_MAX)
      str_append(p->s, p->json ? ",\"...\"" : ", ...");
   str_append(p->s, "]");
}

static void
print_target(struct printer *p, const struct trace_type *t, const void *at)
{
   _Alignas(16) char value[VALUE_MAX];
   if (t->size <= sizeof value && read_memory(value, at, t->size))
      print(p, t, value);
   else
      print_address(p, (uintptr_t)at);
}

static void
print(struct printer *p, const struct trace_type *t, const void *value)
{
   const uint32_t *u = value;
   long long n = number(value, t->size, t->kind == TRACE_SIGNED);
   switch (t->kind) {
   case TRACE_SIGNED:
      str_printf(p->s, "%lld", n);
      return;
   case TRACE_UNSIGNED:
      str_printf(p->s, "%llu", (unsigned long long)n);
      return;
   case TRACE_HEX:
      print_word(p, "0x%llx", (unsigned long long)n);
      return;
   case TRACE_FLOAT:
      print_float(p,
                  t->size == 4 ? (double)*(const float *)value : *(const double *)value);
      return;
   case TRACE_ENUM:
      print_enum(p, t, value);
      return;
   case TRACE_STRUCT:
      print_struct(p, t, value);
      return;
   case TRACE_DIM3:
      str_printf(p->s, p->json ? "[%u,%u,%u]" : "(%u, %u, %u)", u[0], u[1], u[2]);
      return;
   case TRACE_BYTES:
      print_bytes(p, value, t->size);
      return;
   case TRACE_STRING: /* a structure holds the characters themselves */
      if (t->size == sizeof(char *))
         print_string(p, *(char *const *)value);
      else
         print_quoted(p, value, true);
      return;
   case TRACE_POINTER:
      print_address(p, (uintptr_t)n);
      return;
   case TRACE_STREAM:
      print_stream(p, (uintptr_t)n);
      return;
   case TRACE_FUNCTION:
      print_function(p, (const void *)(uintptr_t)n);
      return;
   }
}

void
trace_print_value(struct str *s, const struct trace_type *t, const void *value,
                  const struct trace_library *l, enum trace_form form)
{
   struct printer p = {s, l, form == TRACE_FORM_JSON};
   print(&p, t, value);
}

/* A parameter's pointer is followed before the call where it points to constants, and
 * after it where the call may write there. */
static void
print_pointed(struct printer *p, const struct trace_call *c, const struct trace_param *a,
              const void *at)
{
   long long n = 1;
   if (a->count >= 0) {
      const struct trace_type *t = c->func->params[a->count].type;
      n = number(c->args[a->count], t->size, t->kind == TRACE_SIGNED);
      print_list(p, a->type->target, at, n > 0 ? (size_t)n : 0);
   } else
      print_target(p, a->type->target, at);
}

void
trace_print_params(struct str *s, const struct trace_call *c, bool out,
                   enum trace_form form)
{
   struct printer p = {s, c->library, form == TRACE_FORM_JSON};
   for (int i = 0, shown = 0; i < c->func->nparams; i++) {
      const struct trace_param *a = &c->func->params[i];
      const void *at = NULL;
      if (a->type->kind == TRACE_POINTER || a->type->kind == TRACE_STRING)
         memcpy(&at, c->args[i], sizeof at);
      bool follow = a->type->target && at;
      bool text = a->type->kind == TRACE_STRING;
      if (out && !(a->out && (follow || (text && at))))
         continue;
      str_append(s, p.json ? (shown++ ? "," : "") : shown++ || out ? ", " : "");
      str_printf(s, p.json ? "\"%s\":" : out && !text ? "*%s=" : "%s=", a->name);
      if (text && a->out && !out)
         print_address(&p, (uintptr_t)at);
      else if (text)
         print_string(&p, at);
      else if (follow && a->out == out)
         print_pointed(&p, c, a, at);
      else
         print(&p, a->type, c->args[i]);
   }
}

bool
trace_succeeded(const struct trace_func *f, const void *result)
{
   return !result || f->result->kind != TRACE_ENUM || *(const int *)result == 0;
}
