/* SPDX-License-Identifier: Apache-2.0
 * Atomic read-modify-writes, PTX manual 9.7.13.5 and 9.7.13.6: a compare-and-swap loop
 * around the value that the operation makes of the old one, but for the integer ones that
 * processors have. Floats never flush: docs/numerics.md. */
#include "isa/isa_warp.h"
#include "isa/isa_eval.h"

#include <string.h>

/* The lane-wise instruction that a float atomic applies. */
static enum isa_op
float_op(const struct isa_mods *m)
{
   switch (m->atom) {
   case ISA_ATOM_ADD:
      return ISA_ADD;
   case ISA_ATOM_MIN:
      return ISA_MIN;
   case ISA_ATOM_MAX:
      return ISA_MAX;
   default:
      return ISA_OP_NONE;
   }
}

static bool
is_float(const struct isa_mods *m)
{
   return isa_type_is_float((enum isa_type)m->type[0]);
}

static uint64_t
apply_float(const struct isa_mods *m, uint64_t old, uint64_t b)
{
   struct isa_mods plain = {
      .type = {m->type[0]}, .rnd = ISA_RN, .flags = m->flags & ISA_NAN_PROP};
   struct isa_eval e;
   uint64_t d = 0;
   if (isa_eval_get(float_op(m), &plain, &e))
      e.fn(&d, NULL, &old, &b, NULL, NULL, e.mods_word);
   return d;
}

static bool
is_less(const struct isa_mods *m, uint64_t x, uint64_t y)
{
   switch (m->type[0]) {
   case ISA_S32:
      return (int32_t)x < (int32_t)y;
   case ISA_S64:
      return (int64_t)x < (int64_t)y;
   default:
      return x < y;
   }
}

/* What goes to memory where old was; only the low bits of the type count. */
static uint64_t
apply(const struct isa_mods *m, uint64_t old, uint64_t b, uint64_t c)
{
   if (is_float(m) && float_op(m) != ISA_OP_NONE)
      return apply_float(m, old, b);
   switch (m->atom) {
   case ISA_ATOM_ADD:
      return old + b;
   case ISA_ATOM_MIN:
      return is_less(m, b, old) ? b : old;
   case ISA_ATOM_MAX:
      return is_less(m, old, b) ? b : old;
   case ISA_ATOM_INC:
      return old >= b ? 0 : old + 1;
   case ISA_ATOM_DEC:
      return old == 0 || old > b ? b : old - 1;
   case ISA_ATOM_AND:
      return old & b;
   case ISA_ATOM_OR:
      return old | b;
   case ISA_ATOM_XOR:
      return old ^ b;
   case ISA_ATOM_CAS:
      return old == b ? c : old;
   default: /* exch */
      return b;
   }
}

#define ATOMIC(bits)                                                                     \
   static uint##bits##_t atomic_##bits(const struct isa_mods *m, uint##bits##_t *p,      \
                                       uint##bits##_t b, uint##bits##_t c)               \
   {                                                                                     \
      uint##bits##_t old;                                                                \
      switch (is_float(m) ? ISA_ATOM_NONE : m->atom) {                                   \
      case ISA_ATOM_ADD:                                                                 \
         return __atomic_fetch_add(p, b, __ATOMIC_SEQ_CST);                              \
      case ISA_ATOM_AND:                                                                 \
         return __atomic_fetch_and(p, b, __ATOMIC_SEQ_CST);                              \
      case ISA_ATOM_OR:                                                                  \
         return __atomic_fetch_or(p, b, __ATOMIC_SEQ_CST);                               \
      case ISA_ATOM_XOR:                                                                 \
         return __atomic_fetch_xor(p, b, __ATOMIC_SEQ_CST);                              \
      case ISA_ATOM_EXCH:                                                                \
         return __atomic_exchange_n(p, b, __ATOMIC_SEQ_CST);                             \
      case ISA_ATOM_CAS:                                                                 \
         old = b;                                                                        \
         __atomic_compare_exchange_n(p, &old, c, false, __ATOMIC_SEQ_CST,                \
                                     __ATOMIC_SEQ_CST);                                  \
         return old;                                                                     \
      default:                                                                           \
         break;                                                                          \
      }                                                                                  \
      old = __atomic_load_n(p, __ATOMIC_RELAXED);                                        \
      while (!__atomic_compare_exchange_n(p, &old, (uint##bits##_t)apply(m, old, b, c),  \
                                          true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))     \
         ;                                                                               \
      return old;                                                                        \
   }
ATOMIC(16)
ATOMIC(32)
ATOMIC(64)

#define ONE_ELEMENT(bits)                                                                \
   {                                                                                     \
      uint##bits##_t vb, vc = 0, r;                                                      \
      memcpy(&vb, (const char *)b + at, sizeof vb);                                      \
      if (m->atom == ISA_ATOM_CAS)                                                       \
         memcpy(&vc, (const char *)c + at, sizeof vc);                                   \
      r = atomic_##bits(m, (void *)((uintptr_t)addr + at), vb, vc);                      \
      if (old)                                                                           \
         memcpy((char *)old + at, &r, sizeof r);                                         \
      break;                                                                             \
   }

void
isa_atom_eval(const struct isa_mods *m, void *addr, const void *b, const void *c,
              void *old)
{
   size_t size = isa_type_bits((enum isa_type)m->type[0]) / 8;
   size_t end = size * (m->vec ? m->vec : 1);
   for (size_t at = 0; at < end; at += size) {
      switch (size) {
      case 2:
         ONE_ELEMENT(16)
      case 4:
         ONE_ELEMENT(32)
      case 8:
         ONE_ELEMENT(64)
      }
   }
}

bool
isa_atom_known(const struct isa_mods *m)
{
   unsigned bits = isa_type_bits((enum isa_type)m->type[0]);
   if (bits != 16 && bits != 32 && bits != 64)
      return false;
   if (m->atom == ISA_ATOM_NONE || m->atom == ISA_ATOM_POPC)
      return false;
   if (is_float(m)) {
      struct isa_mods plain = {.type = {m->type[0]}, .rnd = ISA_RN};
      struct isa_eval e;
      if (m->atom == ISA_ATOM_EXCH || m->atom == ISA_ATOM_CAS)
         return true;
      return float_op(m) != ISA_OP_NONE && isa_eval_get(float_op(m), &plain, &e);
   }
   return true;
}
