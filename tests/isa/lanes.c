/* SPDX-License-Identifier: Apache-2.0
 * Every meaning of src/isa/sem_*.c at 32 lanes (by clang, as the JIT gets it) against the
 * same at one lane (as the interpreter runs it): equal bits for special and random
 * operands under random variants. */
#include "isa/isa_eval.h"
#include "isa/sem.h"
#include "check.h"

#include <stdlib.h>

#define LANES 32

#define SEM(family, op, variant, mode, t0, t1, name, operands)                           \
   isa_eval_fn isa_##name, isa32_##name;
#include "isa/sem_list.inc"
#undef SEM

static const struct pair {
   const char *name, *operands;
   isa_eval_fn *one, *many;
} pairs[] = {
#define SEM(family, op, variant, mode, t0, t1, name, operands)                           \
   {#name, operands, isa_##name, isa32_##name},
#include "isa/sem_list.inc"
#undef SEM
};

static uint64_t state = 0x9e3779b97f4a7c15u;
static uint64_t
rnd(void)
{
   state ^= state << 13;
   state ^= state >> 7;
   state ^= state << 17;
   return state * 0x2545f4914f6cdd1du;
}

static const uint16_t special16[] = {
   0,      1,      2,      0x3ff,  0x400,  0x401,  0x3c00, 0x3c01, 0x3bff, 0x7bff, 0x7c00,
   0x7c01, 0x7e00, 0x7fff, 0x7f7f, 0x7f80, 0x7f81, 0x0080, 0x007f, 0x3f80, 0xffff};
static const uint32_t special32[] = {
   0,          1,          2,          31,         32,         33,         0xff,
   0x100,      0x7fffff,   0x800000,   0x800001,   0x3f800000, 0x3f7fffff, 0x3f800001,
   0x40000000, 0x4b000000, 0x4b7fffff, 0x4f000000, 0x4effffff, 0x4f800000, 0x5f000000,
   0x7e800000, 0x7e800001, 0x7f7fffff, 0x7f800000, 0x7f800001, 0x7fc00000, 0x7fffffff,
   0x42fe0000, 0x43000000, 0x43160000, 0x3fc90fdb, 0x477fe000, 0x477ff000, 0x33000000};
static const uint64_t special64[] = {0,
                                     1,
                                     63,
                                     64,
                                     0xffffffffu,
                                     0x100000000u,
                                     0x000fffffffffffffu,
                                     0x0010000000000000u,
                                     0x3ff0000000000000u,
                                     0x3fefffffffffffffu,
                                     0x3ff0000000000001u,
                                     0x36a0000000000000u,
                                     0x380fffffe0000000u,
                                     0x47efffffe0000000u,
                                     0x47effffff0000000u,
                                     0x41dfffffffc00000u,
                                     0x41e0000000000000u,
                                     0x43e0000000000000u,
                                     0x43f0000000000000u,
                                     0x7fefffffffffffffu,
                                     0x7ff0000000000000u,
                                     0x7ff0000000000001u,
                                     0x7ff8000000000000u,
                                     0x7fffffffffffffffu};
#define PICK(table) (table)[rnd() % (sizeof(table) / sizeof *(table))]

/* Some kinds of operand for a slot: special, near a special, float of moderate size,
 * small integer, anything. Signs are random. */
static uint64_t
operand(unsigned slot)
{
   uint64_t kind = rnd() % 6, small = rnd() % 5 - 2, sign = rnd() & 1;
   switch (slot) {
   case ISA_SLOT_PRED:
      return rnd() & 1;
   case ISA_SLOT_8:
      return kind < 2 ? small : rnd();
   case ISA_SLOT_16:
      return kind < 3 ? (PICK(special16) + (kind == 1 ? small : 0)) ^ sign << 15 : rnd();
   case ISA_SLOT_32:
      if (kind < 2)
         return (PICK(special32) + (kind == 1 ? small : 0)) ^ sign << 31;
      if (kind == 2)
         return (uint64_t)(PICK(special16) ^ (rnd() & 0x8000u)) << 16 | PICK(special16);
      if (kind == 3)
         return (100 + rnd() % 54) << 23 | (rnd() & 0x7fffff) | sign << 31;
      return kind == 4 ? small : rnd();
   default:
      if (kind < 2)
         return (PICK(special64) + (kind == 1 ? small : 0)) ^ sign << 63;
      if (kind == 2)
         return (uint64_t)(PICK(special32) ^ (rnd() & 0x80000000u)) << 32 |
                PICK(special32);
      if (kind == 3)
         return (900 + rnd() % 246) << 52 | (rnd() & 0xfffffffffffff) | sign << 63;
      return kind == 4 ? small : rnd();
   }
}

static const uint8_t slot_bytes[] = {0, 1, 1, 2, 4, 8};

static unsigned
slot_of(char c)
{
   static const char letters[] = "-pbhwq"; /* in the order of enum isa_slot */
   return (unsigned)(strchr(letters, c) - letters);
}

static uint64_t
random_word(void)
{
   static const uint32_t flags[] = {
      0,           ISA_FTZ,      ISA_SAT,         ISA_RELU,
      ISA_CC,      ISA_NAN_PROP, ISA_XORSIGN_ABS, ISA_SATFINITE,
      ISA_SHIFTAMT};
   uint32_t f = ISA_CC | PICK(flags) | (rnd() & 1 ? PICK(flags) : 0);
   return W_MAKE(rnd() % 11, rnd() % 19, rnd() % 4, rnd() % ISA_MODE_COUNT, rnd() % 12,
                 f) |
          ISA_EVAL_CANON_NAN;
}

struct buffers {
   _Alignas(8) uint8_t src[4][LANES * 8];
   _Alignas(8) uint8_t many[2][LANES * 8], one[2][LANES * 8];
   unsigned src_bytes[4], dst_bytes[2];
};

static void
fill(struct buffers *b, const char *operands)
{
   const char *colon = strchr(operands, ':');
   memset(b, 0, sizeof *b);
   for (unsigned i = 0; operands + i < colon; i++)
      b->dst_bytes[i] = slot_bytes[slot_of(operands[i])];
   for (unsigned i = 0; colon[1 + i]; i++) {
      unsigned slot = slot_of(colon[1 + i]);
      b->src_bytes[i] = slot_bytes[slot];
      for (unsigned l = 0; l < LANES; l++) {
         uint64_t v = operand(slot);
         /* Equal and opposite operands are rare among random ones. */
         if (i && b->src_bytes[i] == b->src_bytes[0] && rnd() % 6 == 0) {
            memcpy(&v, b->src[0] + l * b->src_bytes[0], b->src_bytes[0]);
            v ^= (rnd() & 1) << (8 * b->src_bytes[0] - 1);
         }
         memcpy(b->src[i] + l * b->src_bytes[i], &v, b->src_bytes[i]);
      }
   }
   memset(b->many, 0xaa, sizeof b->many);
   memset(b->one, 0xaa, sizeof b->one);
}

static void
run_one(const struct pair *p, struct buffers *b, uint64_t word)
{
   for (unsigned l = 0; l < LANES; l++) {
      _Alignas(8) uint8_t s[4][8] = {{0}}, d[2][8];
      for (unsigned i = 0; i < 4; i++)
         memcpy(s[i], b->src[i] + l * b->src_bytes[i], b->src_bytes[i]);
      memset(d, 0xaa, sizeof d);
      p->one(d[0], d[1], s[0], s[1], s[2], s[3], word);
      for (unsigned i = 0; i < 2; i++)
         memcpy(b->one[i] + l * b->dst_bytes[i], d[i], b->dst_bytes[i]);
   }
}

static void
report(const struct pair *p, const struct buffers *b, uint64_t word)
{
   for (unsigned l = 0; l < LANES; l++)
      for (unsigned i = 0; i < 2; i++) {
         uint64_t x = 0, y = 0, s[4] = {0};
         unsigned n = b->dst_bytes[i];
         memcpy(&x, b->one[i] + l * n, n);
         memcpy(&y, b->many[i] + l * n, n);
         if (x == y)
            continue;
         for (unsigned k = 0; k < 4; k++)
            memcpy(&s[k], b->src[k] + l * b->src_bytes[k], b->src_bytes[k]);
         fprintf(stderr,
                 "%s word %" PRIx64
                 " (rnd %u cmp %u mode %u flags %x) lane %u result %u: "
                 "%" PRIx64 " %" PRIx64 " %" PRIx64 " %" PRIx64 ": one lane %" PRIx64
                 ", many %" PRIx64 "\n",
                 p->name, word, W_RND(word), W_CMP(word), W_MODE(word),
                 (unsigned)(word >> 21 & 0xffffff), l, i, s[0], s[1], s[2], s[3], x, y);
         return;
      }
}

static bool
same(const struct pair *p)
{
   struct buffers b;
   for (unsigned round = 0; round < 1000; round++) {
      uint64_t word = random_word();
      fill(&b, p->operands);
      if (!b.dst_bytes[0])
         return false;
      p->many(b.many[0], b.many[1], b.src[0], b.src[1], b.src[2], b.src[3], word);
      run_one(p, &b, word);
      for (unsigned i = 0; i < 2; i++)
         if (memcmp(b.one[i], b.many[i], (size_t)LANES * b.dst_bytes[i])) {
            report(p, &b, word);
            return false;
         }
   }
   return true;
}

int
main(void)
{
   for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
      check_that(same(&pairs[i]), __FILE__, __LINE__, pairs[i].name);
   return check_done();
}
