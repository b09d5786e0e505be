/* SPDX-License-Identifier: Apache-2.0
 * Decides what each modifier word means in which instruction, the one place where "lo" is
 * told from "lo". */
#include "isa/isa_priv.h"

#include <string.h>

/* Families of opcodes in which a word has a meaning of its own. */
enum family {
   IN_ANY = 0,
   IN_COMPARE = 1 << 0,
   IN_MULTIPLY = 1 << 1,
   IN_ATOMIC = 1 << 2,
   IN_BAR = 1 << 3,
   IN_SHFL = 1 << 4,
   IN_VOTE = 1 << 5, /* and match */
   IN_SHF = 1 << 6,
   IN_CLAMP = 1 << 7, /* bmsk szext shf vshl vshr */
   IN_PRMT = 1 << 8,
   IN_TESTP = 1 << 9,
   IN_MEMBAR = 1 << 10,
   IN_MBARRIER = 1 << 11,
   IN_DEPCONTROL = 1 << 12,
   IN_PREFETCH = 1 << 13,
   IN_VIDEO = 1 << 14,
   IN_BOOL = 1 << 15,
   IN_CLUSTER = 1 << 16,
   IN_BAR_WARP = 1 << 17,
   IN_BRANCH = 1 << 18,
};

static uint32_t
family_of(enum isa_op op)
{
   /* Opcodes without a family of their own are the common case, hence the default. */
   switch ((unsigned)op) {
   case ISA_SET:
   case ISA_SETP:
      return IN_COMPARE | IN_BOOL;
   case ISA_VSET:
   case ISA_VSET2:
   case ISA_VSET4:
      return IN_COMPARE | IN_VIDEO;
   case ISA_LOP3:
      return IN_BOOL;
   case ISA_MUL:
   case ISA_MAD:
   case ISA_MUL24:
   case ISA_MAD24:
   case ISA_MADC:
   case ISA_DP2A:
      return IN_MULTIPLY;
   case ISA_ATOM:
   case ISA_RED:
   case ISA_RED_ASYNC:
   case ISA_REDUX:
   case ISA_MULTIMEM_LD_REDUCE:
   case ISA_MULTIMEM_RED:
   case ISA_CP_REDUCE_ASYNC_BULK:
   case ISA_CP_REDUCE_ASYNC_BULK_TENSOR:
   case ISA_SURED:
      return IN_ATOMIC;
   case ISA_BAR:
   case ISA_BARRIER:
      return IN_BAR;
   case ISA_BAR_WARP:
      return IN_BAR_WARP;
   case ISA_BARRIER_CLUSTER:
      return IN_CLUSTER;
   case ISA_SHFL:
      return IN_SHFL;
   case ISA_VOTE:
   case ISA_MATCH:
      return IN_VOTE;
   case ISA_SHF:
      return IN_SHF | IN_CLAMP;
   case ISA_BMSK:
   case ISA_SZEXT:
      return IN_CLAMP;
   case ISA_VSHL:
   case ISA_VSHR:
      return IN_CLAMP | IN_VIDEO;
   case ISA_PRMT:
      return IN_PRMT;
   case ISA_TESTP:
      return IN_TESTP;
   case ISA_MEMBAR:
      return IN_MEMBAR;
   case ISA_MBARRIER:
      return IN_MBARRIER;
   case ISA_GRIDDEPCONTROL:
      return IN_DEPCONTROL;
   case ISA_PREFETCH:
   case ISA_PREFETCHU:
      return IN_PREFETCH;
   case ISA_BRA:
   case ISA_BRX:
   case ISA_CALL:
   case ISA_RET:
      return IN_BRANCH;
   default:
      return op >= ISA_VADD && op <= ISA_VSET4 ? IN_VIDEO : 0;
   }
}

/* The first row whose families include the opcode's holds; IN_ANY includes all. */
struct row {
   const char *word;
   uint32_t families;
   uint8_t kind;
   uint32_t value;
};
static const struct row rows[] = {
   {"rn", IN_ANY, WORD_RND, ISA_RN},
   {"rz", IN_ANY, WORD_RND, ISA_RZ},
   {"rm", IN_ANY, WORD_RND, ISA_RM},
   {"rp", IN_ANY, WORD_RND, ISA_RP},
   {"rna", IN_ANY, WORD_RND, ISA_RNA},
   {"rs", IN_ANY, WORD_RND, ISA_RS},
   {"rni", IN_ANY, WORD_RND, ISA_RNI},
   {"rzi", IN_ANY, WORD_RND, ISA_RZI},
   {"rmi", IN_ANY, WORD_RND, ISA_RMI},
   {"rpi", IN_ANY, WORD_RND, ISA_RPI},

   {"eq", IN_COMPARE, WORD_CMP, ISA_EQ},
   {"ne", IN_COMPARE, WORD_CMP, ISA_NE},
   {"lt", IN_COMPARE, WORD_CMP, ISA_LT},
   {"le", IN_COMPARE, WORD_CMP, ISA_LE},
   {"gt", IN_COMPARE, WORD_CMP, ISA_GT},
   {"ge", IN_COMPARE, WORD_CMP, ISA_GE},
   {"lo", IN_COMPARE, WORD_CMP, ISA_LO},
   {"ls", IN_COMPARE, WORD_CMP, ISA_LS},
   {"hi", IN_COMPARE, WORD_CMP, ISA_HI},
   {"hs", IN_COMPARE, WORD_CMP, ISA_HS},
   {"equ", IN_COMPARE, WORD_CMP, ISA_EQU},
   {"neu", IN_COMPARE, WORD_CMP, ISA_NEU},
   {"ltu", IN_COMPARE, WORD_CMP, ISA_LTU},
   {"leu", IN_COMPARE, WORD_CMP, ISA_LEU},
   {"gtu", IN_COMPARE, WORD_CMP, ISA_GTU},
   {"geu", IN_COMPARE, WORD_CMP, ISA_GEU},
   {"num", IN_COMPARE, WORD_CMP, ISA_NUM},
   {"nan", IN_COMPARE, WORD_CMP, ISA_NAN},
   {"and", IN_BOOL, WORD_BOOL, ISA_BOOL_AND},
   {"or", IN_BOOL, WORD_BOOL, ISA_BOOL_OR},
   {"xor", IN_BOOL, WORD_BOOL, ISA_BOOL_XOR},

   {"const", IN_ANY, WORD_SPACE, ISA_CONST},
   {"global", IN_ANY, WORD_SPACE, ISA_GLOBAL},
   {"local", IN_ANY, WORD_SPACE, ISA_LOCAL},
   {"param", IN_ANY, WORD_SPACE, ISA_PARAM},
   {"param::entry", IN_ANY, WORD_SPACE, ISA_PARAM},
   {"param::func", IN_ANY, WORD_SPACE, ISA_PARAM_FUNC},
   {"shared", IN_ANY, WORD_SPACE, ISA_SHARED},
   {"shared::cta", IN_ANY, WORD_SPACE, ISA_SHARED},
   {"shared::cluster", IN_ANY, WORD_SPACE, ISA_SHARED_CLUSTER},

   {"weak", IN_ANY, WORD_SEM, ISA_WEAK},
   {"volatile", IN_ANY, WORD_SEM, ISA_VOLATILE},
   {"relaxed", IN_ANY, WORD_SEM, ISA_RELAXED},
   {"acquire", IN_ANY, WORD_SEM, ISA_ACQUIRE},
   {"release", IN_ANY, WORD_SEM, ISA_RELEASE},
   {"acq_rel", IN_ANY, WORD_SEM, ISA_ACQ_REL},
   {"sc", IN_ANY, WORD_SEM, ISA_SC},
   {"mmio", IN_ANY, WORD_SEM, ISA_MMIO},
   {"cta", IN_MEMBAR, WORD_MODE, ISA_MODE_CTA},
   {"gl", IN_MEMBAR, WORD_MODE, ISA_MODE_GL},
   {"sys", IN_MEMBAR, WORD_MODE, ISA_MODE_SYS},
   {"cta", IN_BAR, WORD_PLAIN, 0},
   {"cta", IN_ANY, WORD_SCOPE, ISA_SCOPE_CTA},
   {"cluster", IN_ANY, WORD_SCOPE, ISA_SCOPE_CLUSTER},
   {"gpu", IN_ANY, WORD_SCOPE, ISA_SCOPE_GPU},
   {"sys", IN_ANY, WORD_SCOPE, ISA_SCOPE_SYS},

   {"add", IN_ATOMIC | IN_VIDEO, WORD_ATOM, ISA_ATOM_ADD},
   {"min", IN_ATOMIC | IN_VIDEO, WORD_ATOM, ISA_ATOM_MIN},
   {"max", IN_ATOMIC | IN_VIDEO, WORD_ATOM, ISA_ATOM_MAX},
   {"inc", IN_ATOMIC, WORD_ATOM, ISA_ATOM_INC},
   {"dec", IN_ATOMIC, WORD_ATOM, ISA_ATOM_DEC},
   {"and", IN_ATOMIC | IN_BAR, WORD_ATOM, ISA_ATOM_AND},
   {"or", IN_ATOMIC | IN_BAR, WORD_ATOM, ISA_ATOM_OR},
   {"xor", IN_ATOMIC, WORD_ATOM, ISA_ATOM_XOR},
   {"exch", IN_ATOMIC, WORD_ATOM, ISA_ATOM_EXCH},
   {"cas", IN_ATOMIC, WORD_ATOM, ISA_ATOM_CAS},
   {"popc", IN_BAR, WORD_ATOM, ISA_ATOM_POPC},

   {"lo", IN_MULTIPLY, WORD_MODE, ISA_LO_HALF},
   {"hi", IN_MULTIPLY, WORD_MODE, ISA_HI_HALF},
   {"wide", IN_MULTIPLY, WORD_MODE, ISA_WIDE},
   {"up", IN_SHFL, WORD_MODE, ISA_MODE_UP},
   {"down", IN_SHFL, WORD_MODE, ISA_MODE_DOWN},
   {"bfly", IN_SHFL, WORD_MODE, ISA_MODE_BFLY},
   {"idx", IN_SHFL, WORD_MODE, ISA_MODE_IDX},
   {"all", IN_VOTE, WORD_MODE, ISA_MODE_ALL},
   {"any", IN_VOTE, WORD_MODE, ISA_MODE_ANY},
   {"uni", IN_VOTE, WORD_MODE, ISA_MODE_UNI},
   {"ballot", IN_VOTE, WORD_MODE, ISA_MODE_BALLOT},
   {"l", IN_SHF, WORD_MODE, ISA_MODE_L},
   {"r", IN_SHF, WORD_MODE, ISA_MODE_R},
   {"clamp", IN_CLAMP, WORD_MODE, ISA_MODE_CLAMP},
   {"wrap", IN_CLAMP, WORD_MODE, ISA_MODE_WRAP},
   {"f4e", IN_PRMT, WORD_MODE, ISA_MODE_F4E},
   {"b4e", IN_PRMT, WORD_MODE, ISA_MODE_B4E},
   {"rc8", IN_PRMT, WORD_MODE, ISA_MODE_RC8},
   {"ecl", IN_PRMT, WORD_MODE, ISA_MODE_ECL},
   {"ecr", IN_PRMT, WORD_MODE, ISA_MODE_ECR},
   {"rc16", IN_PRMT, WORD_MODE, ISA_MODE_RC16},
   {"sync", IN_BAR | IN_BAR_WARP, WORD_MODE, ISA_MODE_SYNC},
   {"arrive", IN_BAR | IN_CLUSTER | IN_MBARRIER, WORD_MODE, ISA_MODE_ARRIVE},
   {"red", IN_BAR, WORD_MODE, ISA_MODE_RED},
   {"wait", IN_CLUSTER | IN_DEPCONTROL, WORD_MODE, ISA_MODE_WAIT},
   {"launch_dependents", IN_DEPCONTROL, WORD_MODE, ISA_MODE_ARRIVE},
   {"finite", IN_TESTP, WORD_MODE, ISA_MODE_FINITE},
   {"infinite", IN_TESTP, WORD_MODE, ISA_MODE_INFINITE},
   {"number", IN_TESTP, WORD_MODE, ISA_MODE_NUMBER},
   {"notanumber", IN_TESTP, WORD_MODE, ISA_MODE_NOTANUMBER},
   {"normal", IN_TESTP, WORD_MODE, ISA_MODE_NORMAL},
   {"subnormal", IN_TESTP, WORD_MODE, ISA_MODE_SUBNORMAL},
   {"init", IN_MBARRIER, WORD_MODE, ISA_MODE_INIT},
   {"inval", IN_MBARRIER, WORD_MODE, ISA_MODE_INVAL},
   {"expect_tx", IN_MBARRIER, WORD_MODE, ISA_MODE_EXPECT_TX},
   {"complete_tx", IN_MBARRIER, WORD_MODE, ISA_MODE_COMPLETE_TX},
   {"arrive_drop", IN_MBARRIER, WORD_MODE, ISA_MODE_ARRIVE_DROP},
   {"test_wait", IN_MBARRIER, WORD_MODE, ISA_MODE_TEST_WAIT},
   {"try_wait", IN_MBARRIER, WORD_MODE, ISA_MODE_TRY_WAIT},
   {"pending_count", IN_MBARRIER, WORD_MODE, ISA_MODE_PENDING_COUNT},

   {"v2", IN_ANY, WORD_VEC, 2},
   {"v4", IN_ANY, WORD_VEC, 4},
   {"v8", IN_ANY, WORD_VEC, 8},
   {"ca", IN_ANY, WORD_CACHE, ISA_CACHE_CA},
   {"cg", IN_ANY, WORD_CACHE, ISA_CACHE_CG},
   {"cs", IN_ANY, WORD_CACHE, ISA_CACHE_CS},
   {"lu", IN_ANY, WORD_CACHE, ISA_CACHE_LU},
   {"cv", IN_ANY, WORD_CACHE, ISA_CACHE_CV},
   {"wb", IN_ANY, WORD_CACHE, ISA_CACHE_WB},
   {"wt", IN_ANY, WORD_CACHE, ISA_CACHE_WT},
   {"L1", IN_PREFETCH, WORD_EXTRA, 1},
   {"L2", IN_PREFETCH, WORD_EXTRA, 2},
   {"shr7", IN_VIDEO, WORD_EXTRA, 7},
   {"shr15", IN_VIDEO, WORD_EXTRA, 15},
   {"po", IN_VIDEO, WORD_EXTRA, 128},

   {"ftz", IN_ANY, WORD_FLAG, ISA_FTZ},
   {"sat", IN_ANY, WORD_FLAG, ISA_SAT},
   {"approx", IN_ANY, WORD_FLAG, ISA_APPROX},
   {"full", IN_ANY, WORD_FLAG, ISA_FULL},
   {"uni", IN_BRANCH, WORD_FLAG, ISA_UNIFORM},
   {"nc", IN_ANY, WORD_FLAG, ISA_NC},
   {"cc", IN_ANY, WORD_FLAG, ISA_CC},
   {"aligned", IN_ANY, WORD_FLAG, ISA_ALIGNED},
   {"to", IN_ANY, WORD_FLAG, ISA_TO},
   {"relu", IN_ANY, WORD_FLAG, ISA_RELU},
   {"NaN", IN_ANY, WORD_FLAG, ISA_NAN_PROP},
   {"xorsign", IN_ANY, WORD_FLAG, ISA_XORSIGN_ABS},
   {"satfinite", IN_ANY, WORD_FLAG, ISA_SATFINITE},
   {"noftz", IN_ANY, WORD_FLAG, ISA_NOFTZ},
   {"sync", IN_ANY, WORD_FLAG, ISA_SYNC},
   {"shiftamt", IN_ANY, WORD_FLAG, ISA_SHIFTAMT},
   {"noComplete", IN_ANY, WORD_FLAG, ISA_NOCOMPLETE},
   {"oob", IN_ANY, WORD_FLAG, ISA_OOB},
   {"noinc", IN_ANY, WORD_FLAG, ISA_NOINC},
   {"multicast::cluster", IN_ANY, WORD_FLAG, ISA_MULTICAST},
   {"cp_mask", IN_ANY, WORD_FLAG, ISA_CP_MASK},
   {"parity", IN_ANY, WORD_FLAG, ISA_PARITY},
   {"trans", IN_ANY, WORD_FLAG, ISA_TRANS},
   {"abs", IN_ANY, WORD_FLAG, ISA_ABS_FLAG},
   {"sp", IN_ANY, WORD_FLAG, ISA_SPARSE},
   {"sp::ordered_metadata", IN_ANY, WORD_FLAG, ISA_SPARSE},
};

/* By word number: its type, and its first row in `next` order. */
#define MAX_WORDS 2048
static struct {
   uint16_t hash[2 * MAX_WORDS]; /* word number + 1 */
   const char *text[MAX_WORDS];
   uint16_t first_row[MAX_WORDS]; /* row + 1 */
   uint8_t type[MAX_WORDS];
   unsigned n;
   uint16_t next_row[ARRAY_LEN(rows)];
} words;

static unsigned
find_slot(const char *text, size_t n)
{
   unsigned i = base_hash(text, n, BASE_HASH_SEED) % ARRAY_LEN(words.hash);
   while (words.hash[i]) {
      const char *w = words.text[words.hash[i] - 1];
      if (strlen(w) == n && !memcmp(w, text, n))
         break;
      i = (i + 1) % ARRAY_LEN(words.hash);
   }
   return i;
}

unsigned
isa__word_find(const char *text, size_t n)
{
   unsigned w = words.hash[find_slot(text, n)];
   return w ? w - 1 : WORD_UNKNOWN;
}

unsigned
isa__word_intern(const char *text, size_t n)
{
   unsigned slot = find_slot(text, n);
   if (words.hash[slot])
      return words.hash[slot] - 1;
   if (words.n == MAX_WORDS)
      isa__table_error("too many modifier words", text);
   words.text[words.n] = base_strndup(text, n);
   words.hash[slot] = ++words.n;
   return words.n - 1;
}

const char *
isa__word_text(unsigned word)
{
   return words.text[word];
}

void
isa__init_words(void)
{
   for (unsigned t = 1; t < ISA_TYPE_COUNT; t++) {
      const char *name = isa_type_name(t);
      words.type[isa__word_intern(name, strlen(name))] = t;
   }
   for (unsigned i = ARRAY_LEN(rows); i-- > 0;) {
      unsigned w = isa__word_intern(rows[i].word, strlen(rows[i].word));
      words.next_row[i] = words.first_row[w];
      words.first_row[w] = i + 1;
   }
}

struct word_meaning
isa__word_meaning(enum isa_op op, unsigned word)
{
   if (words.type[word])
      return (struct word_meaning){WORD_TYPE, words.type[word]};
   uint32_t family = words.first_row[word] ? family_of(op) : 0;
   for (unsigned i = words.first_row[word]; i; i = words.next_row[i - 1]) {
      const struct row *r = &rows[i - 1];
      if (!r->families || (r->families & family))
         return (struct word_meaning){r->kind, r->value};
   }
   return (struct word_meaning){WORD_PLAIN, 0};
}
