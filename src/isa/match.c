/* SPDX-License-Identifier: Apache-2.0
 * Decides which form a written opcode has and what its modifiers say. The decoded result
 * of every distinct spelling is kept for the life of the process: a program has millions
 * of instructions and some hundred spellings. */
#include "isa/isa_priv.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

/* -- The registry of spellings: read without a lock, entries never change or go. */
struct spelling {
   uint32_t len;
   uint16_t op;
   struct isa_mods mods;
   struct isa_rest rest;
   char text[];
};
#define SLOTS (1u << 17)
#define MAX_SPELLINGS (SLOTS / 4 * 3)
static _Atomic(struct spelling *) slots[SLOTS];
static _Atomic(struct spelling *) by_id[UINT16_MAX + 1];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned nspellings, nids; /* behind the lock */

static struct spelling *
find_spelling(const char *text, size_t n, unsigned *slot)
{
   unsigned i = base_hash(text, n, BASE_HASH_SEED) % SLOTS;
   struct spelling *s;
   while ((s = atomic_load_explicit(&slots[i], memory_order_acquire))) {
      if (s->len == n && !memcmp(s->text, text, n))
         break;
      i = (i + 1) % SLOTS;
   }
   *slot = i;
   return s;
}

/* Remembers a decoded spelling; with `verbatim` it gets a number in mods->text, so that
 * isa_print can give it back. False when there is no room for one that needs a number. */
static bool
remember(const char *text, size_t n, enum isa_op op, struct isa_mods *mods,
         const struct isa_rest *rest, bool verbatim)
{
   unsigned slot;
   bool kept = false;
   pthread_mutex_lock(&lock);
   struct spelling *s = find_spelling(text, n, &slot);
   if (s) {
      *mods = s->mods;
      kept = true;
   } else if (nspellings < MAX_SPELLINGS && nids < UINT16_MAX) {
      s = base_alloc(sizeof *s + n);
      memcpy(s->text, text, n);
      s->len = n;
      s->op = op;
      s->rest = *rest;
      if (verbatim) {
         mods->text = ++nids;
         atomic_store_explicit(&by_id[nids], s, memory_order_relaxed);
      }
      s->mods = *mods;
      nspellings++;
      atomic_store_explicit(&slots[slot], s, memory_order_release);
      kept = true;
   }
   pthread_mutex_unlock(&lock);
   return kept || !verbatim;
}

const char *
isa__spelling(unsigned id, struct isa_mods *mods, struct isa_rest *rest, size_t *len)
{
   struct spelling *s = atomic_load_explicit(&by_id[id], memory_order_acquire);
   if (!s)
      return NULL;
   *mods = s->mods;
   *rest = s->rest;
   *len = s->len;
   return s->text;
}

/* -- The written opcode cut into words. */
struct written {
   enum isa_op op;
   unsigned n;
   uint16_t word[ISA_MAX_WORDS];
   uint16_t at[ISA_MAX_WORDS + 1]; /* offsets in the text; the last one is its end */
};

static bool
cut(const char *text, size_t n, size_t from, struct written *w)
{
   w->n = 0;
   for (size_t i = from; i < n;) {
      size_t start = text[i] == '.' ? i + 1 : i, end = start;
      while (end < n && text[end] != '.')
         end++;
      if (w->n == ISA_MAX_WORDS)
         return false;
      w->at[w->n] = i;
      w->word[w->n++] =
         start < n ? isa__word_find(text + start, end - start) : WORD_UNKNOWN;
      i = end;
   }
   w->at[w->n] = n;
   return true;
}

/* -- Running a form on the words. When `expected` is set, also collects what could have
 * followed at the farthest position reached. */
#define MAX_EXPECTED 24
struct expected {
   unsigned at, n;
   bool more, end;
   uint16_t word[MAX_EXPECTED];
};

static void
expect_reached(struct expected *e, unsigned at)
{
   if (at > e->at)
      *e = (struct expected){.at = at};
}

static void
expect_words(struct expected *e, unsigned at, const uint16_t *set, unsigned n)
{
   expect_reached(e, at);
   if (at < e->at)
      return;
   for (unsigned i = 0; i < n; i++) {
      unsigned j = 0;
      while (j < e->n && e->word[j] != set[i])
         j++;
      if (j < e->n)
         continue;
      if (e->n < MAX_EXPECTED)
         e->word[e->n++] = set[i];
      else
         e->more = true;
   }
}

static bool
has_word(const struct isa_tables *t, const struct step *s, unsigned word)
{
   for (unsigned i = 0; i < s->count; i++)
      if (t->sets[s->arg + i] == word)
         return true;
   return false;
}

static bool
run(const struct isa_tables *t, const struct program *p, unsigned pc,
    const struct written *w, unsigned at, struct expected *e)
{
   for (;;) {
      const struct step *s = &p->steps[pc];
      switch ((enum step_op)s->op) {
      case STEP_END:
         if (at == w->n)
            return true;
         if (e) {
            expect_reached(e, at);
            e->end |= at == e->at;
         }
         return false;
      case STEP_JUMP:
         pc = s->arg;
         break;
      case STEP_SPLIT:
         if (run(t, p, pc + 1, w, at, e))
            return true;
         pc = s->arg;
         break;
      case STEP_WORDS:
         if (at == w->n || !has_word(t, s, w->word[at])) {
            if (e)
               expect_words(e, at, t->sets + s->arg, s->count);
            return false;
         }
         at++;
         pc++;
         break;
      }
   }
}

/* Whether word i may be taken now: of words that say the same kind of thing and whose
 * order counts, the first one left; of equal words any, so the first. */
static bool
is_next(const struct written *w, uint32_t used, unsigned i)
{
   unsigned kind = isa__word_meaning(w->op, w->word[i]).kind;
   bool ordered = kind == WORD_TYPE || kind == WORD_SPACE;
   for (unsigned j = 0; j < i; j++)
      if (!(used >> j & 1) &&
          (w->word[j] == w->word[i] ||
           (ordered && isa__word_meaning(w->op, w->word[j]).kind == kind)))
         return false;
   return true;
}

/* As run, but takes the words in any order; `sorted` gets them in the form's. */
static bool
run_unordered(const struct isa_tables *t, const struct program *p, unsigned pc,
              const struct written *w, uint32_t used, struct written *sorted)
{
   for (;;) {
      const struct step *s = &p->steps[pc];
      switch ((enum step_op)s->op) {
      case STEP_END:
         return sorted->n == w->n;
      case STEP_JUMP:
         pc = s->arg;
         break;
      case STEP_SPLIT: {
         unsigned n = sorted->n;
         if (run_unordered(t, p, pc + 1, w, used, sorted))
            return true;
         sorted->n = n;
         pc = s->arg;
         break;
      }
      case STEP_WORDS:
         for (unsigned i = 0, n = sorted->n; i < w->n; i++) {
            if ((used >> i & 1) || !has_word(t, s, w->word[i]) || !is_next(w, used, i))
               continue;
            sorted->word[n] = w->word[i];
            sorted->n = n + 1;
            if (run_unordered(t, p, pc + 1, w, used | 1u << i, sorted))
               return true;
         }
         return false;
      }
   }
}

/* The form that the words have; in `w` they are put in its order. 0 when there is none.
 */
static unsigned
find_form(const struct isa_tables *t, struct written *w)
{
   unsigned first = t->first_form[w->op], last = t->last_form[w->op];
   for (unsigned form = first; form <= last; form++)
      if (run(t, &t->programs[form], 0, w, 0, NULL))
         return form;
   for (unsigned i = 0; i < w->n; i++)
      if (w->word[i] == WORD_UNKNOWN)
         return 0;
   for (unsigned form = first; form <= last; form++) {
      struct written sorted = {.op = w->op};
      if (run_unordered(t, &t->programs[form], 0, w, 0, &sorted)) {
         memcpy(w->word, sorted.word, sizeof w->word);
         return form;
      }
   }
   return 0;
}

/* -- Errors. */
static _Thread_local char message[700];

static enum isa_op
fail_words(const char *text, size_t n, const struct written *w, const struct expected *e,
           const char **error, size_t *error_at)
{
   size_t at = w->at[e->at], used;
   if (e->at == w->n)
      used =
         snprintf(message, sizeof message, "'%.*s' is incomplete: one of", (int)n, text);
   else
      used = snprintf(message, sizeof message, "'%.*s' does not fit after '%.*s': %s",
                      (int)(w->at[e->at + 1] - at), text + at, (int)at, text,
                      e->n ? "one of" : "nothing more");
   for (unsigned i = 0; i < e->n && used < sizeof message; i++) {
      const char *word = isa__word_text(e->word[i]);
      used += snprintf(message + used, sizeof message - used, " %s%s",
                       *word == ':' ? "" : ".", word);
   }
   if (used < sizeof message)
      snprintf(message + used, sizeof message - used, "%s%s%s", e->more ? " …" : "",
               e->n && e->end ? ", or nothing more," : "",
               e->at == w->n ? " must follow" : " may follow");
   *error = message;
   *error_at = at;
   return ISA_OP_NONE;
}

static enum isa_op
fail_opcode(const char *text, size_t n, const char **error, size_t *error_at)
{
   size_t len = 0;
   while (len < n && text[len] != '.')
      len++;
   const char *near = isa__op_nearest(text, len);
   snprintf(message, sizeof message, "unknown instruction '%.*s'%s%s%s",
            (int)MIN2(len, 80), text, near ? "; the nearest is '" : "", near ? near : "",
            near ? "'" : "");
   *error = message;
   *error_at = 0;
   return ISA_OP_NONE;
}

static enum isa_op
fail_fixed(const char *what, const char **error, size_t *error_at)
{
   *error = what;
   *error_at = 0;
   return ISA_OP_NONE;
}

/* -- Words to fields. */
static void
decode_word(enum isa_op op, unsigned word, unsigned *ntypes, struct isa_mods *m,
            struct isa_rest *rest)
{
   struct word_meaning w = isa__word_meaning(op, word);
   switch ((enum word_kind)w.kind) {
   case WORD_TYPE:
      if (*ntypes < ARRAY_LEN(m->type)) {
         m->type[(*ntypes)++] = w.value;
         return;
      }
      break;
   case WORD_RND:
      m->rnd = w.value;
      return;
   case WORD_CMP:
      m->cmp = w.value;
      return;
   case WORD_BOOL:
      m->boolop = w.value;
      return;
   case WORD_SPACE:
      if (!m->space)
         m->space = w.value;
      else
         m->space2 = w.value;
      return;
   case WORD_SEM: /* .mmio.relaxed is MMIO */
      if (!m->sem)
         m->sem = w.value;
      return;
   case WORD_SCOPE:
      m->scope = w.value;
      return;
   case WORD_ATOM:
      m->atom = w.value;
      return;
   case WORD_MODE:
      if (!m->mode)
         m->mode = w.value;
      else
         m->extra = w.value;
      return;
   case WORD_VEC:
      m->vec = w.value;
      return;
   case WORD_CACHE:
      m->cache = w.value;
      return;
   case WORD_EXTRA:
      m->extra |= w.value;
      return;
   case WORD_FLAG:
      m->flags |= w.value;
      return;
   case WORD_PLAIN:
      break;
   }
   rest->word[rest->n++] = word;
}

static void
decode(const struct written *w, unsigned form, struct isa_mods *m, struct isa_rest *rest)
{
   unsigned ntypes = 0;
   *m = (struct isa_mods){.vec = 1, .form = form};
   rest->n = 0;
   for (unsigned i = 0; i < w->n; i++)
      decode_word(w->op, w->word[i], &ntypes, m, rest);
   /* What the manual says is meant without being written. */
   if (w->op == ISA_BAR)
      m->flags |= ISA_ALIGNED;
   if (w->op == ISA_FENCE && m->scope && !m->sem)
      m->sem = ISA_ACQ_REL;
   if (m->flags & ISA_XORSIGN_ABS)
      m->flags &= ~(uint32_t)ISA_ABS_FLAG;
}

static enum isa_op
match_slow(const char *text, size_t n, struct isa_mods *mods, const char **error,
           size_t *error_at)
{
   const struct isa_tables *t = isa__tables();
   struct written w;
   size_t len = 0;
   if (n > ISA_MAX_TEXT)
      return fail_fixed("no instruction is that long", error, error_at);
   w.op = isa__op_find(text, n, &len);
   if (w.op == ISA_OP_NONE)
      return fail_opcode(text, n, error, error_at);
   if (!cut(text, n, len, &w))
      return fail_fixed("too many modifiers", error, error_at);
   unsigned form = find_form(t, &w);
   if (!form) {
      struct expected e = {0};
      for (form = t->first_form[w.op]; form <= t->last_form[w.op]; form++)
         run(t, &t->programs[form], 0, &w, 0, &e);
      return fail_words(text, n, &w, &e, error, error_at);
   }
   struct isa_rest rest;
   decode(&w, form, mods, &rest);
   char buf[ISA_MAX_TEXT + 1];
   struct isa_rest none = {.n = 0};
   int printed = isa__print_fields(w.op, mods, &none, buf, sizeof buf);
   bool verbatim = printed != (int)n || memcmp(buf, text, n);
   if (!remember(text, n, w.op, mods, &rest, verbatim))
      return fail_fixed("too many different instruction variants", error, error_at);
   return w.op;
}

enum isa_op
isa_match(const char *text, size_t n, struct isa_mods *mods, const char **error,
          size_t *error_at)
{
   unsigned slot;
   const struct spelling *s = find_spelling(text, n, &slot);
   if (s) {
      *mods = s->mods;
      return s->op;
   }
   return match_slow(text, n, mods, error, error_at);
}
