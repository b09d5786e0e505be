/* SPDX-License-Identifier: Apache-2.0
 * From a decoded instruction to its meaning: which function of sem_*.c, and the word of
 * constant bits that selects the variant. The table is sem_list.inc. */
#include "isa/isa_eval.h"
#include "isa/sem.h"

#include <string.h>

#define SEM(family, op, variant, mode, t0, t1, name, operands) isa_eval_fn isa_##name;
#include "isa/sem_list.inc"
#undef SEM

enum variant { N, S, C, A, F, L, R };

struct key {
   uint16_t op;
   uint8_t variant, mode, t0, t1;
};
static const struct key keys[] = {
#define SEM(family, op, variant, mode, t0, t1, name, operands)                           \
   {ISA_##op, variant, ISA_##mode, ISA_##t0, ISA_##t1},
#include "isa/sem_list.inc"
#undef SEM
};

static const struct meaning {
   isa_eval_fn *fn;
   const char *name, *family, *operands;
} meanings[] = {
#define SEM(family, op, variant, mode, t0, t1, name, operands)                           \
   {isa_##name, "_" #name, #family, operands},
#include "isa/sem_list.inc"
#undef SEM
};

/* Flags that change what an integer or bit instruction computes must have a row or a
 * reader; a float's are all read by every meaning. */
static enum variant
variant_of(enum isa_op op, const struct isa_mods *m)
{
   bool is_int = !isa_type_is_float(m->type[0]);
   switch ((int)op) {
   case ISA_ADD:
   case ISA_SUB:
   case ISA_MAD:
   case ISA_MAD24:
      if (is_int && m->flags & ISA_SAT)
         return S;
      return m->flags & ISA_CC ? C : N;
   case ISA_DIV:
   case ISA_RCP:
   case ISA_SQRT:
      return m->flags & ISA_FULL ? F : m->flags & ISA_APPROX ? A : N;
   case ISA_SHF:
      return m->mode == ISA_MODE_R ? R : L;
   default:
      return N;
   }
}

/* Modes that pick the function; the others are read from the word. */
static enum isa_mode
mode_of(enum isa_op op, const struct isa_mods *m)
{
   bool is_int = !isa_type_is_float(m->type[0]);
   switch ((int)op) {
   case ISA_MUL:
   case ISA_MAD:
   case ISA_MADC:
   case ISA_MUL24:
   case ISA_MAD24:
      return is_int && m->mode == ISA_MODE_NONE ? ISA_LO_HALF : m->mode;
   default:
      return ISA_MODE_NONE;
   }
}

/* Modifiers that no meaning reads: what has them has no meaning. */
static bool
is_beyond(enum isa_op op, const struct isa_mods *m)
{
   if (m->flags & (ISA_OOB | ISA_ABS_FLAG) || m->rnd == ISA_RS)
      return true;
   switch ((int)op) {
   case ISA_LOP3:
      return m->boolop != ISA_BOOL_NONE;
   case ISA_VABSDIFF2:
   case ISA_VABSDIFF4:
      return m->type[1] != m->type[2] || (m->flags & ISA_SAT && m->type[0] == ISA_S32);
   case ISA_MIN:
   case ISA_MAX: /* three sources */
      return m->form && strstr(isa_form(m->form)->operands, "c");
   default:
      return false;
   }
}

/* .bN and .uN are one type here; a type that is not written counts as .b32. */
static enum isa_type
untyped_bits(enum isa_type t)
{
   switch ((int)t) {
   case ISA_B8:
      return ISA_U8;
   case ISA_B16:
      return ISA_U16;
   case ISA_B32:
   case ISA_NO_TYPE:
      return ISA_U32;
   case ISA_B64:
      return ISA_U64;
   default:
      return t;
   }
}

/* The unsigned type of the same size; floats only where the instruction just moves bits.
 */
static enum isa_type
unsigned_of(enum isa_op op, enum isa_type t)
{
   bool moves = op == ISA_SELP || op == ISA_SLCT;
   switch ((int)t) {
   case ISA_S8:
      return ISA_U8;
   case ISA_S16:
      return ISA_U16;
   case ISA_S32:
      return ISA_U32;
   case ISA_S64:
      return ISA_U64;
   case ISA_S16X2:
      return ISA_U16X2;
   case ISA_F16:
   case ISA_BF16:
      return moves ? ISA_U16 : t;
   case ISA_F32:
   case ISA_F16X2:
   case ISA_BF16X2:
      return moves ? ISA_U32 : t;
   case ISA_F64:
      return moves ? ISA_U64 : t;
   default:
      return t;
   }
}

static const struct meaning *
find(const struct key *k)
{
   for (size_t i = 0; i < ARRAY_LEN(keys); i++)
      if (keys[i].op == k->op && keys[i].t0 == k->t0 && keys[i].t1 == k->t1 &&
          keys[i].variant == k->variant && keys[i].mode == k->mode)
         return &meanings[i];
   return NULL;
}

static uint8_t
slot_of(char c)
{
   static const char letters[] = "-pbhwq";
   for (uint8_t i = 0; letters[i]; i++)
      if (letters[i] == c)
         return i;
   return ISA_SLOT_NONE;
}

static void
set_slots(struct isa_eval *out, const char *operands)
{
   const char *p = operands;
   for (unsigned i = 0; *p != ':'; p++)
      out->dst[i++] = slot_of(*p);
   p++;
   for (unsigned i = 0; *p; p++)
      out->src[i++] = slot_of(*p);
}

bool
isa_eval_get(enum isa_op op, const struct isa_mods *m, struct isa_eval *out)
{
   struct key k = {(uint16_t)op, (uint8_t)variant_of(op, m), (uint8_t)mode_of(op, m),
                   (uint8_t)untyped_bits(m->type[0]), ISA_NO_TYPE};
   if (is_beyond(op, m))
      return false;
   if (m->type[1] != ISA_NO_TYPE)
      k.t1 = (uint8_t)untyped_bits(m->type[1]);
   const struct meaning *found = find(&k);
   if (!found) {
      k.t0 = (uint8_t)unsigned_of(op, k.t0);
      found = find(&k);
   }
   if (!found)
      return false;
   *out =
      (struct isa_eval){.fn = found->fn, .name = found->name, .family = found->family};
   unsigned mode = op == ISA_SHF ? m->extra : m->mode;
   out->mods_word =
      W_MAKE(m->rnd, m->cmp, m->boolop, mode, m->atom, m->flags) | ISA_EVAL_CANON_NAN;
   set_slots(out, found->operands);
   if ((op == ISA_SETP || op == ISA_SET) && m->boolop == ISA_BOOL_NONE)
      out->src[2] = ISA_SLOT_NONE;
   if ((op == ISA_ADDC || op == ISA_SUBC || op == ISA_MADC) && !(m->flags & ISA_CC))
      out->dst[1] = ISA_SLOT_NONE;
   return true;
}

isa_eval_fn *
isa_eval_find(enum isa_op op, const struct isa_mods *mods, uint64_t *mods_word,
              const char **name)
{
   struct isa_eval e;
   if (!isa_eval_get(op, mods, &e))
      return NULL;
   if (mods_word)
      *mods_word = e.mods_word;
   if (name)
      *name = e.name;
   return e.fn;
}
