/* SPDX-License-Identifier: Apache-2.0
 * Characters to tokens: one pass, one token of lookahead, every name interned. The text
 * ends at its NUL, so that no character needs a bounds check. */
#include <stdlib.h>
#include <string.h>

#include "ptx_priv.h"

enum {
   C_SPACE = 1,
   C_START = 2, /* may begin a name */
   C_WORD = 4,  /* may go on a name */
   C_DIGIT = 8,
   C_HEX = 16,
};

#define L (C_START | C_WORD)
#define LH (C_START | C_WORD | C_HEX)
#define D (C_WORD | C_DIGIT | C_HEX)
static const uint8_t class[256] = {
   ['\t'] = C_SPACE, ['\v'] = C_SPACE, ['\f'] = C_SPACE, ['\r'] = C_SPACE,
   [' '] = C_SPACE,  ['$'] = L,        ['%'] = C_START,  ['_'] = L,
   ['0'] = D,        ['1'] = D,        ['2'] = D,        ['3'] = D,
   ['4'] = D,        ['5'] = D,        ['6'] = D,        ['7'] = D,
   ['8'] = D,        ['9'] = D,        ['A'] = LH,       ['B'] = LH,
   ['C'] = LH,       ['D'] = LH,       ['E'] = LH,       ['F'] = LH,
   ['G'] = L,        ['H'] = L,        ['I'] = L,        ['J'] = L,
   ['K'] = L,        ['L'] = L,        ['M'] = L,        ['N'] = L,
   ['O'] = L,        ['P'] = L,        ['Q'] = L,        ['R'] = L,
   ['S'] = L,        ['T'] = L,        ['U'] = L,        ['V'] = L,
   ['W'] = L,        ['X'] = L,        ['Y'] = L,        ['Z'] = L,
   ['a'] = LH,       ['b'] = LH,       ['c'] = LH,       ['d'] = LH,
   ['e'] = LH,       ['f'] = LH,       ['g'] = L,        ['h'] = L,
   ['i'] = L,        ['j'] = L,        ['k'] = L,        ['l'] = L,
   ['m'] = L,        ['n'] = L,        ['o'] = L,        ['p'] = L,
   ['q'] = L,        ['r'] = L,        ['s'] = L,        ['t'] = L,
   ['u'] = L,        ['v'] = L,        ['w'] = L,        ['x'] = L,
   ['y'] = L,        ['z'] = L,
};
#undef L
#undef LH
#undef D

static inline bool
is(char c, unsigned what)
{
   return class[(unsigned char)c] & what;
}

/* -- Errors */

struct src_loc
ptx_loc_at(const struct ptx *p, const char *at)
{
   return (struct src_loc){p->file, p->line, (uint32_t)(at - p->line_start) + 1};
}

struct src_loc
ptx_loc(const struct ptx *p)
{
   return (struct src_loc){p->file, p->t.line, p->t.col};
}

/* Messages may outlive the module, so they name the file by the caller's string. */
void
ptx_report(struct ptx *p, enum diag_level level, struct src_loc loc, const char *id,
           const char *text)
{
   loc.file = p->message_file;
   diag_report(p->d, level, loc, id, "%s", text);
}

void
ptx_error(struct ptx *p, struct src_loc loc, const char *id, const char *fmt, ...)
{
   if (p->panic)
      return;
   p->panic = true;
   struct str s = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&s, fmt, ap);
   va_end(ap);
   ptx_report(p, DIAG_ERROR, loc, id, str_get(&s));
   str_finish(&s);
}

/* -- Names */

static void
grow_atoms(struct ptx *p)
{
   uint32_t n = p->atom_slots ? p->atom_slots * 2 : 4096;
   struct atom **slots = base_calloc(n, sizeof *slots);
   for (uint32_t i = 0; i < p->atom_slots; i++) {
      if (!p->atoms[i])
         continue;
      uint32_t k = p->atoms[i]->hash & (n - 1);
      while (slots[k])
         k = (k + 1) & (n - 1);
      slots[k] = p->atoms[i];
   }
   base_free(p->atoms);
   p->atoms = slots;
   p->atom_slots = n;
}

static inline uint32_t
hash_step(uint32_t h, char c)
{
   return (h ^ (unsigned char)c) * 0x01000193u;
}

static inline uint32_t
hash_end(uint32_t h)
{
   h ^= h >> 15;
   h *= 0x2c1b3c6du;
   return h ^ h >> 13;
}
#define HASH_SEED 0x811c9dc5u

static struct atom *
intern(struct ptx *p, const char *s, size_t n, uint32_t hash)
{
   if (p->atom_count * 2 >= p->atom_slots)
      grow_atoms(p);
   uint32_t k = hash & (p->atom_slots - 1);
   for (struct atom *a; (a = p->atoms[k]); k = (k + 1) & (p->atom_slots - 1)) {
      if (a->hash == hash && a->len == n && !memcmp(a->name, s, n))
         return a;
   }
   struct atom *a = arena_new(p->scratch, struct atom);
   a->name = arena_strndup(p->m->arena, s, n);
   a->len = (uint32_t)n;
   a->hash = hash;
   p->atoms[k] = a;
   p->atom_count++;
   return a;
}

struct atom *
ptx_atom(struct ptx *p, const char *s, size_t n)
{
   uint32_t h = HASH_SEED;
   for (size_t i = 0; i < n; i++)
      h = hash_step(h, s[i]);
   return intern(p, s, n, hash_end(h));
}

/* -- Blanks and comments */

static const char *
skip_comment(struct ptx *p, const char *s)
{
   struct src_loc loc = ptx_loc_at(p, s);
   for (s += 2; *s; s++) {
      if (*s == '*' && s[1] == '/')
         return s + 2;
      if (*s == '\n') {
         p->line++;
         p->line_start = s + 1;
      }
   }
   p->panic = false;
   ptx_error(p, loc, "ptx-unterminated-comment", "this comment is never closed: add */");
   return s;
}

static const char *
skip_blanks(struct ptx *p, const char *s)
{
   for (;;) {
      while (is(*s, C_SPACE))
         s++;
      if (*s == '\n') {
         s++;
         p->line++;
         p->line_start = s;
      } else if (*s == '/' && s[1] == '/') {
         s += strcspn(s, "\n");
      } else if (*s == '/' && s[1] == '*') {
         s = skip_comment(p, s);
      } else {
         return s;
      }
   }
}

/* -- Numbers */

static unsigned
hex_digit(char c)
{
   return (unsigned)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

/* 0f and 0d literals: exactly 8 or 16 hex digits, most significant first. */
static const char *
lex_hex_float(struct ptx *p, const char *s)
{
   unsigned want = (s[1] | 32) == 'f' ? 8 : 16, n = 0;
   uint64_t bits = 0;
   const char *at = s;
   for (s += 2; is(*s, C_HEX); s++, n++)
      bits = bits << 4 | hex_digit(*s);
   if (n != want)
      ptx_error(p, ptx_loc_at(p, at), "ptx-bad-number",
                "a 0%c literal takes exactly %u hexadecimal digits, not %u", at[1], want,
                n);
   p->t.kind = T_FLOAT;
   p->t.bits = bits;
   p->t.float_bits = (uint8_t)(want * 4);
   if (want == 8) {
      uint32_t low = (uint32_t)bits;
      float f;
      memcpy(&f, &low, 4);
      p->t.f = f;
   } else {
      memcpy(&p->t.f, &bits, 8);
   }
   return s;
}

static const char *
lex_decimal_float(struct ptx *p, const char *s)
{
   char *end;
   p->t.kind = T_FLOAT;
   p->t.f = strtod_l(s, &end, p->c_locale);
   p->t.float_bits = 0;
   return end;
}

static const char *
lex_integer(struct ptx *p, const char *s)
{
   const char *at = s;
   unsigned base = 10, digits = 0;
   if (*s == '0') {
      base = 8;
      if ((s[1] | 32) == 'x' || (s[1] | 32) == 'b') {
         base = (s[1] | 32) == 'x' ? 16 : 2;
         s += 2;
      }
   }
   uint64_t v = 0;
   bool overflow = false, bad = false;
   for (; is(*s, C_HEX) && (base == 16 || is(*s, C_DIGIT)); s++, digits++) {
      unsigned d = hex_digit(*s);
      bad |= d >= base;
      overflow |= v > (UINT64_MAX - d) / base;
      v = v * base + d;
   }
   p->t.kind = T_INT;
   p->t.bits = v;
   p->t.is_unsigned = *s == 'U' || v > INT64_MAX;
   if (*s == 'U')
      s++;
   if (is(*s, C_WORD) || bad || !digits) {
      while (is(*s, C_WORD))
         s++;
      ptx_error(p, ptx_loc_at(p, at), "ptx-bad-number", "'%.*s' is not a number",
                (int)MIN2(s - at, 40), at);
   } else if (overflow) {
      ptx_error(p, ptx_loc_at(p, at), "ptx-number-range",
                "'%.*s' does not fit into 64 bits", (int)MIN2(s - at, 40), at);
   }
   return s;
}

static const char *
lex_number(struct ptx *p, const char *s)
{
   if (*s == '0' && ((s[1] | 32) == 'f' || (s[1] | 32) == 'd'))
      return lex_hex_float(p, s);
   const char *q = s;
   while (is(*q, C_DIGIT))
      q++;
   bool fraction = *q == '.' && !is(q[1], C_START);
   bool exponent = (*q | 32) == 'e' && (s[1] | 32) != 'x' &&
                   (is(q[1], C_DIGIT) || q[1] == '+' || q[1] == '-');
   return fraction || exponent ? lex_decimal_float(p, s) : lex_integer(p, s);
}

/* -- The rest */

static const char *
lex_string(struct ptx *p, const char *s)
{
   const char *at = s++;
   while (*s && *s != '"' && *s != '\n')
      s += *s == '\\' && s[1] && s[1] != '\n' ? 2 : 1;
   p->t.kind = T_STRING;
   if (*s == '"')
      return s + 1;
   p->panic = false;
   ptx_error(p, ptx_loc_at(p, at), "ptx-unterminated-string",
             "this string is not closed on its line: add \"");
   return s;
}

static const char *
lex_punctuation(struct ptx *p, const char *s)
{
   static const struct {
      char text[3];
      int kind;
   } pairs[] = {{"<<", T_SHL}, {">>", T_SHR}, {"<=", T_LE},     {">=", T_GE},
                {"==", T_EQ},  {"!=", T_NE},  {"&&", T_ANDAND}, {"||", T_OROR}};
   for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
      if (s[0] == pairs[i].text[0] && s[1] == pairs[i].text[1]) {
         p->t.kind = pairs[i].kind;
         return s + 2;
      }
   }
   p->t.kind = (unsigned char)*s;
   if (!strchr(";,(){}[]<>+-*/%&|^~!?:=@", *s)) {
      ptx_error(p, ptx_loc_at(p, s), "ptx-bad-character",
                "character 0x%02x does not belong into PTX text", (unsigned char)*s);
      return s + 1;
   }
   return s + 1;
}

static const char *
lex_word(struct ptx *p, const char *s)
{
   const char *at = s;
   uint32_t h = hash_step(HASH_SEED, *s++);
   while (is(*s, C_WORD))
      h = hash_step(h, *s++);
   p->t.atom = intern(p, at, (size_t)(s - at), hash_end(h));
   return s;
}

void
ptx_next(struct ptx *p)
{
   const char *s = skip_blanks(p, p->at);
   struct ptx_tok *t = &p->t;
   t->at = s;
   t->line = p->line;
   t->col = (uint32_t)(s - p->line_start) + 1;
   if (is(*s, C_START) && (*s != '%' || is(s[1], C_WORD))) {
      t->kind = T_ID;
      s = lex_word(p, s);
   } else if (is(*s, C_DIGIT)) {
      s = lex_number(p, s);
   } else if (*s == '.' && is(s[1], C_START) && s[1] != '%') {
      t->kind = T_DIR;
      s = lex_word(p, s + 1);
   } else if (*s == '"') {
      s = lex_string(p, s);
   } else if (!*s) {
      t->kind = T_END;
   } else {
      s = lex_punctuation(p, s);
   }
   t->end = s;
   p->at = s;
}

static const char *
skip_modifiers(const char *s)
{
   while (is(*s, C_WORD) || *s == '.' || (*s == ':' && s[1] == ':'))
      s += *s == ':' ? 2 : 1;
   return s;
}

/* The current name with the modifiers behind it: "ld.shared::cta.v2.f32". Blanks may
 * stand between modifiers; then the text is put together in the scratch arena. */
const char *
ptx_opcode_text(struct ptx *p, size_t *n)
{
   const char *at = p->t.at, *s = p->t.end, *more = p->at;
   if (more == s) {
      s = skip_modifiers(s);
      more = skip_blanks(p, s);
   }
   p->at = more;
   *n = (size_t)(s - at);
   if (*more != '.' || !is(more[1], C_START))
      return at;
   struct str joined = {0};
   str_append_n(&joined, at, *n);
   while (*more == '.' && is(more[1], C_START)) {
      s = skip_modifiers(more);
      str_append_n(&joined, more, (size_t)(s - more));
      more = skip_blanks(p, s);
   }
   p->at = more;
   *n = joined.len;
   at = arena_strndup(p->scratch, joined.data, joined.len);
   str_finish(&joined);
   return at;
}

/* Is the current name followed by a single ':'? */
bool
ptx_at_label(struct ptx *p)
{
   if (is(*p->at, C_SPACE) || *p->at == '\n' || *p->at == '/')
      p->at = skip_blanks(p, p->at);
   return *p->at == ':' && p->at[1] != ':';
}

bool
ptx_is_word(const struct ptx *p, int kind, const char *word)
{
   return p->t.kind == kind && !strcmp(p->t.atom->name, word);
}

bool
ptx_accept(struct ptx *p, int kind)
{
   if (p->t.kind != kind)
      return false;
   ptx_next(p);
   return true;
}

const char *
ptx_tok_text(const struct ptx *p, int *n)
{
   if (p->t.kind == T_END) {
      *n = 15;
      return "the file's end";
   }
   *n = (int)MIN2(p->t.end - p->t.at, 40);
   return p->t.at;
}

bool
ptx_expect(struct ptx *p, int kind, const char *what)
{
   if (ptx_accept(p, kind))
      return true;
   int n;
   const char *got = ptx_tok_text(p, &n);
   ptx_error(p, ptx_loc(p), "ptx-syntax", "expected %s, found %s%.*s%s", what,
             p->t.kind == T_END ? "" : "'", n, got, p->t.kind == T_END ? "" : "'");
   return false;
}

/* Skips DWARF text: everything up to the '}' that matches the '{' just read. */
void
ptx_skip_braces(struct ptx *p)
{
   unsigned depth = 1;
   const char *s = p->at;
   for (; *s && depth; s++) {
      if (*s == '\n') {
         p->line++;
         p->line_start = s + 1;
      } else if (*s == '{') {
         depth++;
      } else if (*s == '}') {
         depth--;
      }
   }
   p->at = s;
   if (depth)
      ptx_error(p, ptx_loc(p), "ptx-missing-brace", "the '}' of this section is missing");
   ptx_next(p);
}
