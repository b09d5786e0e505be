/* SPDX-License-Identifier: Apache-2.0
 * Names and sizes of types, state spaces, special registers and opcodes, both ways. */
#include "isa/isa_priv.h"

#include <pthread.h>
#include <string.h>

static const struct {
   const char *name;
   uint8_t bits;
   char kind; /* f float, s signed integer, else 0 */
} types[ISA_TYPE_COUNT] = {
   [ISA_NO_TYPE] = {"", 0, 0},
   [ISA_PRED] = {"pred", 1, 0},
   [ISA_B8] = {"b8", 8, 0},
   [ISA_B16] = {"b16", 16, 0},
   [ISA_B32] = {"b32", 32, 0},
   [ISA_B64] = {"b64", 64, 0},
   [ISA_B128] = {"b128", 128, 0},
   [ISA_U8] = {"u8", 8, 0},
   [ISA_U16] = {"u16", 16, 0},
   [ISA_U32] = {"u32", 32, 0},
   [ISA_U64] = {"u64", 64, 0},
   [ISA_S8] = {"s8", 8, 's'},
   [ISA_S16] = {"s16", 16, 's'},
   [ISA_S32] = {"s32", 32, 's'},
   [ISA_S64] = {"s64", 64, 's'},
   [ISA_F16] = {"f16", 16, 'f'},
   [ISA_F16X2] = {"f16x2", 32, 'f'},
   [ISA_BF16] = {"bf16", 16, 'f'},
   [ISA_BF16X2] = {"bf16x2", 32, 'f'},
   [ISA_TF32] = {"tf32", 32, 'f'},
   [ISA_F32] = {"f32", 32, 'f'},
   [ISA_F32X2] = {"f32x2", 64, 'f'},
   [ISA_F64] = {"f64", 64, 'f'},
   [ISA_U16X2] = {"u16x2", 32, 0},
   [ISA_S16X2] = {"s16x2", 32, 's'},
   [ISA_U8X4] = {"u8x4", 32, 0},
   [ISA_S8X4] = {"s8x4", 32, 's'},
   [ISA_E4M3] = {"e4m3", 8, 'f'},
   [ISA_E5M2] = {"e5m2", 8, 'f'},
   [ISA_E4M3X2] = {"e4m3x2", 16, 'f'},
   [ISA_E5M2X2] = {"e5m2x2", 16, 'f'},
   [ISA_E4M3X4] = {"e4m3x4", 32, 'f'},
   [ISA_E5M2X4] = {"e5m2x4", 32, 'f'},
   [ISA_E2M3X2] = {"e2m3x2", 16, 'f'},
   [ISA_E3M2X2] = {"e3m2x2", 16, 'f'},
   [ISA_E2M1X2] = {"e2m1x2", 8, 'f'},
   [ISA_E2M3X4] = {"e2m3x4", 32, 'f'},
   [ISA_E3M2X4] = {"e3m2x4", 32, 'f'},
   [ISA_E2M1X4] = {"e2m1x4", 16, 'f'},
   [ISA_UE8M0X2] = {"ue8m0x2", 16, 'f'},
   [ISA_E2M3] = {"e2m3", 6, 'f'},
   [ISA_E3M2] = {"e3m2", 6, 'f'},
   [ISA_E2M1] = {"e2m1", 4, 'f'},
   [ISA_UE8M0] = {"ue8m0", 8, 'f'},
   [ISA_UE4M3] = {"ue4m3", 8, 'f'},
   [ISA_U4] = {"u4", 4, 0},
   [ISA_S4] = {"s4", 4, 's'},
   [ISA_B1] = {"b1", 1, 0},
};

unsigned
isa_type_bits(enum isa_type t)
{
   return t < ISA_TYPE_COUNT ? types[t].bits : 0;
}

const char *
isa_type_name(enum isa_type t)
{
   return t < ISA_TYPE_COUNT ? types[t].name : "";
}

bool
isa_type_is_float(enum isa_type t)
{
   return t < ISA_TYPE_COUNT && types[t].kind == 'f';
}

bool
isa_type_is_signed(enum isa_type t)
{
   return t < ISA_TYPE_COUNT && types[t].kind == 's';
}

const char *
isa_space_name(enum isa_space s)
{
   static const char *const names[ISA_SPACE_COUNT] = {
      [ISA_GENERIC] = "generic",
      [ISA_REG] = "reg",
      [ISA_CONST] = "const",
      [ISA_GLOBAL] = "global",
      [ISA_LOCAL] = "local",
      [ISA_PARAM] = "param",
      [ISA_PARAM_FUNC] = "param::func",
      [ISA_SHARED] = "shared",
      [ISA_SHARED_CLUSTER] = "shared::cluster",
      [ISA_SPACE_TEX] = "tex",
   };
   return s < ISA_SPACE_COUNT ? names[s] : "";
}

static const struct {
   const char *name;
   unsigned bits;
} sregs[ISA_SREG_COUNT] = {
   {"", 0},
#define ISA_SREG_DEF(id, name, bits) {name, bits},
#include "isa_sregs.inc"
#undef ISA_SREG_DEF
};

static const struct isa_op_info infos[ISA_OP_COUNT] = {
   {NULL, "", "", ISA_LANE, ISA_PURE},
#define ISA_OP(id, name, section, doc, reach, effects)                                   \
   {name, section, doc, reach, effects},
#include "isa_ops.inc"
#undef ISA_OP
   [ISA_PHI] = {"phi", "", "One value for each predecessor.", ISA_LANE, ISA_PURE},
   [ISA_SREG] = {"sreg", "", "Reads a special register.", ISA_LANE, ISA_PURE},
   [ISA_ADDR] = {"addr", "", "Address of a symbol.", ISA_LANE, ISA_PURE},
   [ISA_COPY] = {"copy", "", "Copies a value.", ISA_LANE, ISA_PURE},
};

const struct isa_op_info *
isa_op_info(enum isa_op op)
{
   return &infos[op < ISA_OP_COUNT ? op : ISA_OP_NONE];
}

const char *
isa_sreg_name(enum isa_sreg r)
{
   return r < ISA_SREG_COUNT ? sregs[r].name : "";
}

unsigned
isa_sreg_bits(enum isa_sreg r)
{
   return r < ISA_SREG_COUNT ? sregs[r].bits : 0;
}

/* Names to numbers: open addressing, filled once. */
static uint16_t op_hash[1024], sreg_hash[512];
static size_t longest_op;

static void
fill(void)
{
   for (unsigned op = 1; op < ISA_PHI; op++) {
      size_t n = strlen(infos[op].name);
      longest_op = MAX2(longest_op, n);
      unsigned i = base_hash(infos[op].name, n, BASE_HASH_SEED) % ARRAY_LEN(op_hash);
      while (op_hash[i])
         i = (i + 1) % ARRAY_LEN(op_hash);
      op_hash[i] = op;
   }
   for (unsigned r = 1; r < ISA_SREG_COUNT; r++) {
      const char *name = sregs[r].name;
      unsigned i = base_hash(name, strlen(name), BASE_HASH_SEED) % ARRAY_LEN(sreg_hash);
      while (sreg_hash[i])
         i = (i + 1) % ARRAY_LEN(sreg_hash);
      sreg_hash[i] = r;
   }
}

static void
fill_once(void)
{
   static pthread_once_t once = PTHREAD_ONCE_INIT;
   pthread_once(&once, fill);
}

enum isa_sreg
isa_sreg_find(const char *name)
{
   fill_once();
   unsigned i = base_hash(name, strlen(name), BASE_HASH_SEED) % ARRAY_LEN(sreg_hash);
   for (; sreg_hash[i]; i = (i + 1) % ARRAY_LEN(sreg_hash))
      if (!strcmp(sregs[sreg_hash[i]].name, name))
         return sreg_hash[i];
   return ISA_SREG_NONE;
}

static enum isa_op
find_exact(const char *text, size_t n)
{
   unsigned i = base_hash(text, n, BASE_HASH_SEED) % ARRAY_LEN(op_hash);
   for (; op_hash[i]; i = (i + 1) % ARRAY_LEN(op_hash)) {
      const char *name = infos[op_hash[i]].name;
      if (strlen(name) == n && !memcmp(name, text, n))
         return op_hash[i];
   }
   return ISA_OP_NONE;
}

enum isa_op
isa__op_find(const char *text, size_t n, size_t *len)
{
   fill_once();
   for (size_t end = MIN2(n, longest_op); end > 0; end--) {
      if (end < n && text[end] != '.' && text[end] != ':')
         continue;
      enum isa_op op = find_exact(text, end);
      if (op != ISA_OP_NONE) {
         *len = end;
         return op;
      }
   }
   return ISA_OP_NONE;
}

/* Edit distance of two short names. */
static unsigned
distance(const char *a, size_t na, const char *b, size_t nb)
{
   unsigned row[40];
   if (na > 32 || nb > 32)
      return 99;
   for (size_t j = 0; j <= nb; j++)
      row[j] = j;
   for (size_t i = 1; i <= na; i++) {
      unsigned corner = row[0];
      row[0] = i;
      for (size_t j = 1; j <= nb; j++) {
         unsigned change = corner + (a[i - 1] != b[j - 1]);
         corner = row[j];
         row[j] = MIN2(MIN2(row[j], row[j - 1]) + 1, change);
      }
   }
   return row[nb];
}

const char *
isa__op_nearest(const char *text, size_t n)
{
   unsigned best = n <= 2 ? 2 : n <= 5 ? 3 : 4; /* farther ones are no help */
   const char *name = NULL;
   for (unsigned op = 1; op < ISA_PHI; op++) {
      const char *dot = strchr(infos[op].name, '.');
      size_t whole = strlen(infos[op].name);
      size_t first = dot ? (size_t)(dot - infos[op].name) : whole;
      unsigned d = distance(text, n, infos[op].name, first);
      if (d < best) {
         best = d;
         name = infos[op].name;
      }
   }
   return name;
}
