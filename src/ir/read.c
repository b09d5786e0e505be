/* SPDX-License-Identifier: Apache-2.0
 * Words of the text form, and the lines that declare variables. */
#include <stdlib.h>
#include <string.h>

#include "read.h"

struct src_loc
ir_read_here(const struct ir_reader *r)
{
   return (struct src_loc){r->file, r->line, (uint32_t)(r->word - r->line_start) + 1};
}

struct src_loc
ir_read_message_loc(const struct ir_reader *r, struct src_loc loc)
{
   loc.file = r->message_file;
   return loc;
}

void
ir_read_fail(struct ir_reader *r, const char *fmt, ...)
{
   if (r->failed)
      return;
   r->failed = true;
   struct str s = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&s, fmt, ap);
   va_end(ap);
   diag_error(r->d, ir_read_message_loc(r, ir_read_here(r)), "ir-syntax", "%s",
              str_get(&s));
   str_finish(&s);
}

/* -- Words */

bool
ir_read_is_word(char c)
{
   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
          c == '_' || c == '$' || c == '.' || c == '%' || c == '?';
}

void
ir_read_next(struct ir_reader *r)
{
   const char *s = r->at;
   while (*s == ' ' || *s == '\t' || *s == '\r')
      s++;
   if (*s == '/' && s[1] == '/')
      s += strcspn(s, "\n");
   r->word = s;
   r->eol = !*s || *s == '\n';
   if (!r->eol && !ir_read_is_word(*s)) {
      s++;
   } else {
      while (ir_read_is_word(*s) || (*s == ':' && s[1] == ':'))
         s += *s == ':' ? 2 : 1;
   }
   r->n = (size_t)(s - r->word);
   r->at = s;
}

/* To the next line that has a word; false at the text's end. */
bool
ir_read_line(struct ir_reader *r)
{
   r->failed = false;
   for (;;) {
      r->at += strcspn(r->at, "\n");
      if (!*r->at)
         return false;
      r->at++;
      r->line++;
      r->line_start = r->at;
      ir_read_next(r);
      if (!r->eol)
         return true;
   }
}

bool
ir_read_at(const struct ir_reader *r, const char *w)
{
   return !r->eol && strlen(w) == r->n && !memcmp(r->word, w, r->n);
}

bool
ir_read_accept(struct ir_reader *r, const char *w)
{
   if (!ir_read_at(r, w))
      return false;
   ir_read_next(r);
   return true;
}

void
ir_read_expect(struct ir_reader *r, const char *w)
{
   if (!ir_read_accept(r, w))
      ir_read_fail(r, "expected '%s', found '%.*s'", w, (int)r->n, r->word);
}

const char *
ir_read_name(struct ir_reader *r)
{
   if (r->eol || !ir_read_is_word(*r->word)) {
      ir_read_fail(r, "expected a name");
      return "?";
   }
   const char *name = arena_strndup(r->m->arena, r->word, r->n);
   ir_read_next(r);
   return name;
}

uint64_t
ir_read_number(struct ir_reader *r)
{
   bool minus = ir_read_accept(r, "-");
   if (!minus)
      ir_read_accept(r, "+");
   char *end = NULL;
   uint64_t v = r->eol ? 0 : strtoull(r->word, &end, 0);
   if (end != r->word + r->n || r->eol)
      ir_read_fail(r, "expected a number");
   ir_read_next(r);
   return minus ? 0 - v : v;
}

unsigned
ir_read_choice(struct ir_reader *r, const char *const *names, unsigned n)
{
   for (unsigned i = 0; i < n; i++) {
      if (names[i] && ir_read_at(r, names[i])) {
         ir_read_next(r);
         return i;
      }
   }
   ir_read_fail(r, "'%.*s' is not one of the words expected here", (int)r->n, r->word);
   return 0;
}

enum isa_type
ir_read_type(struct ir_reader *r)
{
   for (unsigned t = ISA_NO_TYPE + 1; t < ISA_TYPE_COUNT; t++) {
      if (ir_read_at(r, isa_type_name(t))) {
         ir_read_next(r);
         return t;
      }
   }
   ir_read_fail(r, "'%.*s' is not a type", (int)r->n, r->word);
   return ISA_B32;
}

/* ":b64", or 32 bits. */
enum ir_width
ir_read_suffix(struct ir_reader *r)
{
   return ir_read_accept(r, ":") ? ir_read_choice(r, ir_width_names, IR_WIDTH_COUNT)
                                 : IR_B32;
}

/* -- Variables */

static struct ir_sym *
read_sym(struct ir_reader *r)
{
   struct ir_sym *s = arena_new(r->m->arena, struct ir_sym);
   s->loc = ir_read_here(r);
   s->linkage = (uint8_t)ir_read_choice(r, ir_linkage_names, ARRAY_LEN(ir_linkage_names));
   s->space = (uint8_t)ir_read_choice(r, ir_space_names, ARRAY_LEN(ir_space_names));
   s->name = ir_read_name(r);
   ir_read_expect(r, "align");
   s->align = (uint32_t)ir_read_number(r);
   ir_read_expect(r, "size");
   s->size = ir_read_number(r);
   ir_read_expect(r, "type");
   s->elem_type = (uint8_t)ir_read_type(r);
   ir_read_expect(r, "at");
   s->address = ir_read_number(r);
   s->managed = ir_read_accept(r, "managed");
   s->unified = ir_read_accept(r, "unified");
   if (ir_read_accept(r, "opaque"))
      s->opaque = (uint8_t)ir_read_number(r);
   return s;
}

unsigned
ir_read_hex(char c)
{
   return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10) & 15;
}

static void
read_init(struct ir_reader *r, struct ir_sym *s)
{
   if (r->n != 2 + s->size * 2 || r->failed) {
      ir_read_fail(r, "the initial value must have %llu bytes",
                   (unsigned long long)s->size);
      return;
   }
   s->init = arena_alloc(r->m->arena, s->size);
   for (size_t k = 0; k < s->size; k++)
      s->init[k] = (uint8_t)(ir_read_hex(r->word[2 + 2 * k]) << 4 |
                             ir_read_hex(r->word[3 + 2 * k]));
   ir_read_next(r);
}

static void
read_relocs(struct ir_reader *r, struct ir_sym *s)
{
   VEC(struct ir_reloc) list = {0};
   size_t first = r->later.len;
   while (ir_read_accept(r, "reloc") && !r->failed) {
      struct ir_reloc c = {.offset = ir_read_number(r)};
      struct ir_later l = {LATER_RELOC, ir_read_name(r), NULL, NULL, ir_read_here(r)};
      c.addend = (int64_t)ir_read_number(r);
      ir_read_expect(r, "bytes");
      c.bytes = (uint8_t)ir_read_number(r);
      ir_read_expect(r, "shift");
      c.shift = (uint8_t)ir_read_number(r);
      c.generic = ir_read_accept(r, "generic");
      vec_push(&list, c);
      vec_push(&r->later, l);
   }
   s->nrelocs = (uint32_t)list.len;
   s->relocs = arena_array(r->m->arena, struct ir_reloc, list.len);
   for (size_t k = 0; k < list.len; k++) {
      s->relocs[k] = list.data[k];
      r->later.data[first + k].reloc = &s->relocs[k];
   }
   vec_finish(&list);
}

struct ir_sym *
ir_read_var(struct ir_reader *r)
{
   struct ir_sym *s = read_sym(r);
   if (ir_read_accept(r, "="))
      read_init(r, s);
   read_relocs(r, s);
   return s;
}
