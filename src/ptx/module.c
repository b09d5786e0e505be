/* SPDX-License-Identifier: Apache-2.0
 * A module's text from end to end: module-scope directives, and where reading goes on
 * after an error. */
#include <stdlib.h>
#include <string.h>

#include "ptx_priv.h"

#define NEWEST_MAJOR 9
#define NEWEST_MINOR 0

/* -- Errors */

/* Goes on behind the statement's ';', or at a '}' that closes what is around it. */
void
ptx_recover(struct ptx *p)
{
   p->panic = true; /* what the lexer finds on the way is a consequence */
   unsigned depth = 0;
   for (; p->t.kind != T_END; ptx_next(p)) {
      if (p->t.kind == '{') {
         depth++;
      } else if (p->t.kind == '}') {
         if (!depth)
            break;
         depth--;
      } else if (p->t.kind == ';') {
         ptx_next(p);
         break;
      }
   }
   p->panic = false;
}

void
ptx_end_statement(struct ptx *p)
{
   if (p->panic || ptx_accept(p, ';'))
      return;
   unsigned line = p->t.line;
   ptx_expect(p, ';', "';'");
   /* A new line starts a new statement: only the ';' was forgotten. */
   if (line > p->inst_loc.line && p->t.kind != T_END)
      p->panic = false;
}

/* Skips to behind the '}' that ends `depth` open braces. */
void
ptx_skip_function(struct ptx *p, unsigned depth)
{
   p->panic = true;
   for (; depth && p->t.kind != T_END; ptx_next(p)) {
      if (p->t.kind == '{')
         depth++;
      else if (p->t.kind == '}' && !--depth)
         break; /* left for the caller, as at a body's regular end */
   }
   p->panic = false;
}

/* At module level: behind a ';' outside of braces, or behind a function's body. A
 * variable's braces do not count, as it ends with ';' in any case. */
static void
recover_module(struct ptx *p)
{
   p->panic = true;
   while (p->in_variable && p->t.kind != T_END && p->t.kind != ';')
      ptx_next(p);
   p->in_variable = false;
   unsigned depth = 0;
   for (; p->t.kind != T_END; ptx_next(p)) {
      if (p->t.kind == '{') {
         depth++;
      } else if (p->t.kind == '}') {
         if (depth <= 1) {
            ptx_next(p);
            break;
         }
         depth--;
      } else if (p->t.kind == ';' && !depth) {
         ptx_next(p);
         break;
      } else if (!depth && p->t.kind == T_DIR &&
                 (ptx_is_word(p, T_DIR, "entry") || ptx_is_word(p, T_DIR, "visible") ||
                  ptx_is_word(p, T_DIR, "func")) &&
                 p->t.col <= 2) {
         break; /* a ';' was forgotten */
      }
   }
   p->panic = false;
}

/* -- Directives allowed anywhere */

void
ptx_parse_loc(struct ptx *p)
{
   ptx_next(p);
   p->loc_file = (uint32_t)ptx_uint(p, UINT32_MAX, "a file's number");
   p->loc_line = (uint32_t)ptx_uint(p, UINT32_MAX, "a line");
   ptx_uint(p, UINT32_MAX, "a column");
   /* Where an inlined function was called from is not kept. */
   while (ptx_accept(p, ',') && !p->panic) {
      if (ptx_is_word(p, T_ID, "function_name")) {
         ptx_next(p);
         ptx_expect(p, T_ID, "a label");
         if (ptx_accept(p, '+'))
            ptx_expr(p);
      } else if (ptx_is_word(p, T_ID, "inlined_at")) {
         ptx_next(p);
         for (unsigned i = 0; i < 3; i++)
            ptx_uint(p, UINT32_MAX, "a file, line or column");
      } else {
         ptx_expect(p, -1, "function_name or inlined_at");
      }
   }
   ptx_accept(p, ';');
}

void
ptx_parse_file(struct ptx *p)
{
   ptx_next(p);
   struct src_loc loc = ptx_loc(p);
   uint64_t n = ptx_uint(p, 1u << 20, "a file's number");
   const char *at = p->t.at;
   if (p->panic || !ptx_expect(p, T_STRING, "a file's name in quotes"))
      return;
   const char *end = strchr(at + 1, '"');
   while (p->m->files.len <= n)
      vec_push(&p->m->files, NULL);
   if (p->m->files.data[n] && p->m->files.data[n][0] != at[1])
      ptx_report(p, DIAG_WARNING, loc, "ptx-duplicate-file",
                 "this file number already names another file");
   p->m->files.data[n] =
      arena_strndup(p->m->arena, at + 1, end ? (size_t)(end - at - 1) : 0);
   for (unsigned i = 0; i < 2 && ptx_accept(p, ','); i++)
      ptx_uint(p, INT64_MAX, "a time or size");
   ptx_accept(p, ';');
}

/* .section .debug_info { … }: DWARF data, of no use here. */
void
ptx_parse_section(struct ptx *p)
{
   ptx_next(p);
   if (p->t.kind == T_DIR || p->t.kind == T_ID)
      ptx_next(p);
   if (p->t.kind == '{')
      ptx_skip_braces(p);
   else
      ptx_expect(p, '{', "'{' of the section");
}

bool
ptx_parse_pragma(struct ptx *p)
{
   if (!ptx_is_word(p, T_DIR, "pragma"))
      return false;
   ptx_next(p);
   do
      ptx_expect(p, T_STRING, "a string");
   while (!p->panic && ptx_accept(p, ','));
   ptx_accept(p, ';');
   return true;
}

/* -- Module directives */

static void
parse_version(struct ptx *p)
{
   p->have_version = true;
   ptx_next(p);
   struct src_loc loc = ptx_loc(p);
   char *end = NULL;
   unsigned long major = 0, minor = 0;
   if (p->t.kind == T_FLOAT || p->t.kind == T_INT) {
      major = strtoul(p->t.at, &end, 10);
      minor = *end == '.' ? strtoul(end + 1, &end, 10) : 0;
   }
   if (!end || end > p->t.end || major < 1 || minor > 99) {
      ptx_expect(p, -1, "a version such as 8.0");
      return;
   }
   ptx_next(p);
   if (major > NEWEST_MAJOR)
      ptx_error(p, loc, "ptx-unsupported-version",
                "PTX ISA %lu.%lu is newer than the newest known here, %u.%u", major,
                minor, NEWEST_MAJOR, NEWEST_MINOR);
   else if (major == NEWEST_MAJOR && minor > NEWEST_MINOR)
      ptx_report(p, DIAG_WARNING, loc, "ptx-newer-version",
                 "this PTX ISA is newer than 9.0; what it added is not known here");
   p->m->ptx_major = (uint8_t)MIN2(major, 255u);
   p->m->ptx_minor = (uint8_t)minor;
}

static void
parse_one_target(struct ptx *p)
{
   static const char *const others[] = {"texmode_unified", "texmode_independent", "debug",
                                        "map_f64_to_f32"};
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (!ptx_expect(p, T_ID, "a target such as sm_80"))
      return;
   if (!strncmp(a->name, "sm_", 3) || !strncmp(a->name, "compute_", 8)) {
      char *end;
      const char *digits = strchr(a->name, '_') + 1;
      unsigned long sm = strtoul(digits, &end, 10);
      bool suffix = (*end == 'a' || *end == 'f') && !end[1];
      if (end > digits && sm >= 10 && sm < 1000 && (!*end || suffix)) {
         p->m->sm = (uint32_t)sm;
         p->m->sm_suffix = *end;
         return;
      }
   }
   for (size_t i = 0; i < ARRAY_LEN(others); i++) {
      if (!strcmp(a->name, others[i]))
         return;
   }
   ptx_error(p, loc, "ptx-unknown-target", "'%s' is no target; sm_80 would be one",
             a->name);
}

static void
parse_target(struct ptx *p)
{
   p->have_target = true;
   ptx_next(p);
   do
      parse_one_target(p);
   while (!p->panic && ptx_accept(p, ','));
}

static void
parse_address_size(struct ptx *p)
{
   ptx_next(p);
   struct src_loc loc = ptx_loc(p);
   uint64_t n = ptx_uint(p, 1000, "an address size");
   p->m->address_size = (uint8_t)n;
   if (n != 64 && !p->panic)
      ptx_error(p, loc, "ptx-unsupported-address-size",
                "only .address_size 64 is supported; compile for 64 bits");
   p->panic = false;
}

static void
parse_alias(struct ptx *p)
{
   ptx_next(p);
   struct atom *a = p->t.atom;
   struct src_loc loc = ptx_loc(p);
   if (!ptx_expect(p, T_ID, "the alias") || !ptx_expect(p, ',', "','"))
      return;
   struct ptx_bind *b = a->bind;
   if (!b || b->kind != BIND_FUNC) {
      ptx_error(p, loc, "ptx-undeclared-name",
                "'%s' must be declared as a .func before it becomes an alias", a->name);
      return;
   }
   struct ptx_alias alias = {b->func, p->t.atom, ptx_loc(p)};
   if (ptx_expect(p, T_ID, "the function that it stands for"))
      vec_push(&p->aliases, alias);
   ptx_end_statement(p);
}

static enum ir_linkage
linkage_word(struct ptx *p)
{
   static const char *const words[] = {[IR_VISIBLE] = "visible",
                                       [IR_EXTERN] = "extern",
                                       [IR_WEAK] = "weak",
                                       [IR_COMMON] = "common"};
   for (unsigned i = IR_VISIBLE; i < ARRAY_LEN(words); i++) {
      if (ptx_is_word(p, T_DIR, words[i]))
         return i;
   }
   return IR_LOCAL_LINKAGE;
}

enum ir_linkage
ptx_accept_linkage(struct ptx *p)
{
   enum ir_linkage l = linkage_word(p);
   if (l != IR_LOCAL_LINKAGE)
      ptx_next(p);
   return l;
}

/* A missing .version or .target is reported once, where the first code stands. */
static void
check_head(struct ptx *p)
{
   struct src_loc loc = ptx_loc(p);
   if (!p->have_version)
      ptx_report(p, DIAG_ERROR, loc, "ptx-missing-version",
                 "the module does not begin with .version; add a line such as "
                 "'.version 8.0'");
   if (!p->have_target)
      ptx_report(p, DIAG_ERROR, loc, "ptx-missing-target",
                 "the module has no .target; add a line such as '.target sm_80'");
   p->have_version = p->have_target = true;
}

static void
parse_code(struct ptx *p)
{
   check_head(p);
   enum ir_linkage linkage = ptx_accept_linkage(p);
   if (ptx_is_word(p, T_DIR, "entry")) {
      ptx_next(p);
      ptx_parse_func(p, true, linkage);
   } else if (ptx_is_word(p, T_DIR, "func")) {
      ptx_next(p);
      ptx_parse_func(p, false, linkage);
   } else {
      enum isa_space space = ptx_space_word(p);
      if (space == ISA_GENERIC || space == ISA_PARAM || space == ISA_LOCAL) {
         if (p->t.kind == T_DIR)
            ptx_error(p, ptx_loc(p), "ptx-unknown-directive",
                      "'.%s' does not belong at module scope", p->t.atom->name);
         else
            ptx_expect(p, -1, "a directive, such as .entry");
         return;
      }
      ptx_next(p);
      ptx_parse_var(p, space, linkage);
      p->in_variable = p->panic;
   }
}

/* The head's directives have no ';': the next directive goes on. */
static void
recover_head(struct ptx *p)
{
   p->panic = true;
   while (p->t.kind != T_DIR && p->t.kind != T_END)
      ptx_next(p);
   p->panic = false;
}

static void
parse_directive(struct ptx *p)
{
   static const struct {
      const char *word;
      void (*parse)(struct ptx *p);
      bool is_head;
   } table[] = {{"version", parse_version, true},
                {"target", parse_target, true},
                {"address_size", parse_address_size, true},
                {"file", ptx_parse_file, true},
                {"loc", ptx_parse_loc, true},
                {"section", ptx_parse_section, false},
                {"alias", parse_alias, false}};
   if (ptx_parse_pragma(p))
      return;
   for (size_t i = 0; i < ARRAY_LEN(table); i++) {
      if (ptx_is_word(p, T_DIR, table[i].word)) {
         table[i].parse(p);
         if (p->panic && table[i].is_head)
            recover_head(p);
         return;
      }
   }
   parse_code(p);
}

static void
parse_module(struct ptx *p)
{
   ptx_next(p);
   while (p->t.kind != T_END) {
      if (p->t.kind == T_DIR) {
         parse_directive(p);
      } else if (p->t.kind == '@' && !strncmp(p->t.at, "@@DWARF", 7)) {
         p->at += strcspn(p->at, "\n"); /* debug data of PTX 1 */
         ptx_next(p);
      } else if (!ptx_accept(p, ';')) {
         ptx_expect(p, -1, "a directive, such as .entry");
      }
      if (p->panic)
         recover_module(p);
   }
   if (!p->have_version || !p->have_target)
      check_head(p);
}

/* -- After the text */

static void
settle_aliases(struct ptx *p)
{
   for (size_t i = 0; i < p->aliases.len; i++) {
      struct ptx_alias *a = &p->aliases.data[i];
      struct ir_func *target = ir_module_find_func(p->m, a->target->name);
      if (!target || target->is_extern || target == a->name) {
         p->panic = false;
         ptx_error(p, a->loc, "ptx-undeclared-name",
                   "'%s' is not defined in this module, so '%s' cannot be its alias",
                   a->target->name, a->name->name);
         continue;
      }
      a->name->alias = target;
   }
   if (!p->aliases.len)
      return;
   for (size_t k = 0; k < p->m->funcs.len; k++) {
      ir_foreach_block (b, p->m->funcs.data[k]) {
         ir_foreach_inst (i, b) {
            if (i->callee && i->callee->alias)
               i->callee = i->callee->alias;
         }
      }
   }
}

/* Labels are resolved at a scope's end; their messages go back to their lines' order. */
static void
sort_messages(struct diag *d, size_t from)
{
   for (size_t i = from + 1; i < d->msgs.len; i++) {
      struct diag_msg m = d->msgs.data[i];
      size_t k = i;
      for (; k > from; k--) {
         const struct src_loc *l = &d->msgs.data[k - 1].loc;
         if (l->line < m.loc.line || (l->line == m.loc.line && l->col <= m.loc.col))
            break;
         d->msgs.data[k] = d->msgs.data[k - 1];
      }
      d->msgs.data[k] = m;
   }
}

static void
intern_types(struct ptx *p)
{
   for (unsigned t = ISA_NO_TYPE + 1; t < ISA_TYPE_COUNT; t++) {
      const char *name = isa_type_name(t);
      ptx_atom(p, name, strlen(name))->type = (uint8_t)t;
   }
}

static void
init(struct ptx *p, const char *text, size_t n, const char *file, struct diag *d)
{
   p->m = ir_module_create(file);
   p->d = d;
   p->errors_before = d->errors;
   p->scratch = arena_create();
   p->message_file = file;
   p->file = file ? arena_strdup(p->m->arena, file) : NULL;
   p->text = base_strndup(text, n);
   p->at = p->line_start = p->text;
   p->line = 1;
   p->c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
   p->operands = base_calloc(PTX_MAX_OPERANDS, sizeof *p->operands);
   p->bra_mods = ptx_mods("bra");
   intern_types(p);
   ptx_scope_open(p);
}

static void
finish(struct ptx *p)
{
   while (p->scopes.len)
      ptx_scope_close(p);
   vec_finish(&p->scopes);
   vec_finish(&p->refs);
   vec_finish(&p->dst);
   vec_finish(&p->src);
   vec_finish(&p->shapes);
   str_finish(&p->shape);
   vec_finish(&p->aliases);
   freelocale(p->c_locale);
   base_free(p->operands);
   base_free(p->atoms);
   base_free(p->text);
   arena_destroy(p->scratch);
}

struct ir_module *
ptx_parse(const char *text, size_t n, const char *file, struct diag *d)
{
   struct ptx p = {0};
   size_t first = d->msgs.len;
   init(&p, text, n, file, d);
   parse_module(&p);
   settle_aliases(&p);
   sort_messages(d, first);
   if (d->errors == p.errors_before)
      ir_layout_shared(p.m);
   finish(&p);
   return p.m;
}
