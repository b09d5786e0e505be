/* SPDX-License-Identifier: Apache-2.0
 * Writes an opcode with its modifiers: as it was spelled, while nobody changed its
 * fields, else in the order of the form that can say all of them. */
#include "isa/isa_priv.h"

#include <stdio.h>
#include <string.h>

/* What is still to be said. Passed by value: going back is returning. */
struct state {
   struct isa_mods left; /* fields become 0 (vec 1) as they are said */
   unsigned ntypes, nrest;
   size_t len;
};
struct printer {
   enum isa_op op;
   const struct isa_tables *t;
   const struct program *p;
   const struct isa_mods *mods;
   const struct isa_rest *rest;
   char *buf;
   size_t size, len;
};

static bool
say_field(uint8_t *field, unsigned value)
{
   if (!value || *field != value)
      return false;
   *field = 0;
   return true;
}

/* Whether the word is among what is left to say; takes it out. */
static bool
say(const struct printer *pr, struct state *s, unsigned word)
{
   struct word_meaning w = isa__word_meaning(pr->op, word);
   struct isa_mods *m = &s->left;
   switch ((enum word_kind)w.kind) {
   case WORD_TYPE:
      if (s->ntypes < ARRAY_LEN(m->type))
         return say_field(&m->type[s->ntypes], w.value) && ++s->ntypes;
      break;
   case WORD_RND:
      return say_field(&m->rnd, w.value);
   case WORD_CMP:
      return say_field(&m->cmp, w.value);
   case WORD_BOOL:
      return say_field(&m->boolop, w.value);
   case WORD_SPACE:
      return say_field(&m->space, w.value) ||
             (!m->space && say_field(&m->space2, w.value));
   case WORD_SEM:
      return say_field(&m->sem, w.value);
   case WORD_SCOPE:
      return say_field(&m->scope, w.value);
   case WORD_ATOM:
      return say_field(&m->atom, w.value);
   case WORD_MODE:
      return say_field(&m->mode, w.value) || (!m->mode && say_field(&m->extra, w.value));
   case WORD_VEC:
      if (m->vec != w.value)
         return false;
      m->vec = 1;
      return true;
   case WORD_CACHE:
      return say_field(&m->cache, w.value);
   case WORD_EXTRA:
      return say_field(&m->extra, w.value);
   case WORD_FLAG:
      if (w.value == ISA_ABS_FLAG && (pr->mods->flags & ISA_XORSIGN_ABS))
         return true; /* .xorsign.abs is one flag */
      if (!(m->flags & w.value))
         return false;
      m->flags &= ~w.value;
      return true;
   case WORD_PLAIN:
      break;
   }
   if (s->nrest == pr->rest->n || pr->rest->word[s->nrest] != word)
      return false;
   s->nrest++;
   return true;
}

static bool
all_said(const struct printer *pr, const struct state *s)
{
   const struct isa_mods nothing = {.vec = 1};
   return s->nrest == pr->rest->n && !memcmp(&s->left, &nothing, sizeof nothing);
}

static void
put(struct printer *pr, struct state *s, const char *text)
{
   for (; *text; text++, s->len++)
      if (s->len < pr->size)
         pr->buf[s->len] = *text;
}

static bool
run(struct printer *pr, unsigned pc, struct state s)
{
   for (;;) {
      const struct step *step = &pr->p->steps[pc];
      switch ((enum step_op)step->op) {
      case STEP_END:
         pr->len = s.len;
         return all_said(pr, &s);
      case STEP_JUMP:
         pc = step->arg;
         break;
      case STEP_SPLIT:
         if (run(pr, pc + 1, s))
            return true;
         pc = step->arg;
         break;
      case STEP_WORDS: {
         const uint16_t *set = pr->t->sets + step->arg;
         unsigned i = 0;
         while (i < step->count && !say(pr, &s, set[i]))
            i++;
         if (i == step->count)
            return false;
         const char *word = isa__word_text(set[i]);
         put(pr, &s, *word == ':' ? "" : ".");
         put(pr, &s, word);
         pc++;
         break;
      }
      }
   }
}

static bool
print_form(struct printer *pr, unsigned form)
{
   struct state s = {.left = *pr->mods};
   s.left.form = s.left.text = 0;
   if (!s.left.vec)
      s.left.vec = 1;
   if (pr->op == ISA_BAR)
      s.left.flags &= ~(uint32_t)ISA_ALIGNED;
   pr->p = &pr->t->programs[form];
   put(pr, &s, isa_op_info(pr->op)->name);
   return run(pr, 0, s);
}

static int
finish(char *buf, size_t n, size_t len)
{
   if (n)
      buf[MIN2(len, n - 1)] = 0;
   return len;
}

int
isa__print_fields(enum isa_op op, const struct isa_mods *mods,
                  const struct isa_rest *rest, char *buf, size_t n)
{
   struct printer pr = {op, isa__tables(), NULL, mods, rest, buf, n, 0};
   unsigned first = pr.t->first_form[op], last = pr.t->last_form[op];
   if (mods->form >= first && mods->form <= last && print_form(&pr, mods->form))
      return finish(buf, n, pr.len);
   for (unsigned form = first; form <= last; form++)
      if (form != mods->form && print_form(&pr, form))
         return finish(buf, n, pr.len);
   return -1;
}

static bool
same_fields(struct isa_mods a, struct isa_mods b)
{
   a.text = b.text = a.form = b.form = 0;
   return !memcmp(&a, &b, sizeof a);
}

int
isa_print(enum isa_op op, const struct isa_mods *mods, char *buf, size_t n)
{
   struct isa_mods spelled;
   struct isa_rest rest = {.n = 0};
   size_t len;
   const char *text =
      mods->text ? isa__spelling(mods->text, &spelled, &rest, &len) : NULL;
   if (text && same_fields(*mods, spelled))
      return snprintf(buf, n, "%.*s", (int)len, text);
   int printed = op < ISA_PHI ? isa__print_fields(op, mods, &rest, buf, n) : -1;
   if (printed < 0 && rest.n) {
      rest.n = 0;
      printed = isa__print_fields(op, mods, &rest, buf, n);
   }
   if (printed >= 0)
      return printed;
   /* Fields that no form has together: only a pass can make them. */
   const char *name = isa_op_info(op)->name, *type = isa_type_name(mods->type[0]);
   return snprintf(buf, n, "%s%s%s", name ? name : "?", *type ? "." : "", type);
}
