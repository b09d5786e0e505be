/* SPDX-License-Identifier: Apache-2.0
 * The PTX instruction set as data: one table (isa_table.inc) names every opcode, its
 * forms in the manual's own notation, and what is known of it; one C meaning per
 * instruction (sem_*.c) says what it computes. Everything else asks here. Source: PTX
 * ISA 9.0. */
#ifndef KASURI_ISA_H
#define KASURI_ISA_H

#include "base/base.h"

/* -- Types as written in an instruction (".s32"). Values in the IR only have a width. */
enum isa_type {
   ISA_NO_TYPE,
   ISA_PRED,
   ISA_B8,
   ISA_B16,
   ISA_B32,
   ISA_B64,
   ISA_B128,
   ISA_U8,
   ISA_U16,
   ISA_U32,
   ISA_U64,
   ISA_S8,
   ISA_S16,
   ISA_S32,
   ISA_S64,
   ISA_F16,
   ISA_F16X2,
   ISA_BF16,
   ISA_BF16X2,
   ISA_TF32,
   ISA_F32,
   ISA_F32X2,
   ISA_F64,
   ISA_U16X2,
   ISA_S16X2,
   ISA_U8X4,
   ISA_S8X4,
   ISA_E4M3,
   ISA_E5M2,
   ISA_E4M3X2,
   ISA_E5M2X2,
   ISA_E4M3X4,
   ISA_E5M2X4,
   ISA_E2M3X2,
   ISA_E3M2X2,
   ISA_E2M1X2,
   ISA_E2M3X4,
   ISA_E3M2X4,
   ISA_E2M1X4,
   ISA_UE8M0X2,
   ISA_E2M3,
   ISA_E3M2,
   ISA_E2M1,
   ISA_UE8M0,
   ISA_UE4M3,
   ISA_U4,
   ISA_S4,
   ISA_B1,
   ISA_TYPE_COUNT
};
unsigned isa_type_bits(enum isa_type t);    /* 1 for pred, 0 for none */
const char *isa_type_name(enum isa_type t); /* "s32" */
bool isa_type_is_float(enum isa_type t);
bool isa_type_is_signed(enum isa_type t); /* signed integers only */

/* State spaces. ISA_GENERIC where none is written. */
enum isa_space {
   ISA_GENERIC,
   ISA_REG,
   ISA_CONST,
   ISA_GLOBAL,
   ISA_LOCAL,
   ISA_PARAM,      /* kernel parameters; ld only */
   ISA_PARAM_FUNC, /* a .func's or a call sequence's .param variable: per-thread memory */
   ISA_SHARED,     /* .shared and .shared::cta */
   ISA_SHARED_CLUSTER,
   ISA_SPACE_TEX,
   ISA_SPACE_COUNT
};
const char *isa_space_name(enum isa_space s);

enum isa_rnd {
   ISA_RND_NONE,
   ISA_RN,
   ISA_RZ,
   ISA_RM,
   ISA_RP,
   ISA_RNA,
   ISA_RS,
   ISA_RNI,
   ISA_RZI,
   ISA_RMI,
   ISA_RPI
};
/* eq..ge ordered; lo ls hi hs unsigned names; equ..geu unordered; num, nan. */
enum isa_cmp {
   ISA_CMP_NONE,
   ISA_EQ,
   ISA_NE,
   ISA_LT,
   ISA_LE,
   ISA_GT,
   ISA_GE,
   ISA_LO,
   ISA_LS,
   ISA_HI,
   ISA_HS,
   ISA_EQU,
   ISA_NEU,
   ISA_LTU,
   ISA_LEU,
   ISA_GTU,
   ISA_GEU,
   ISA_NUM,
   ISA_NAN
};
enum isa_bool { ISA_BOOL_NONE, ISA_BOOL_AND, ISA_BOOL_OR, ISA_BOOL_XOR };
/* Memory semantics; WEAK where nothing is written. MMIO counts as relaxed.sys. */
enum isa_sem {
   ISA_WEAK,
   ISA_VOLATILE,
   ISA_RELAXED,
   ISA_ACQUIRE,
   ISA_RELEASE,
   ISA_ACQ_REL,
   ISA_SC,
   ISA_MMIO
};
enum isa_scope {
   ISA_SCOPE_NONE,
   ISA_SCOPE_CTA,
   ISA_SCOPE_CLUSTER,
   ISA_SCOPE_GPU,
   ISA_SCOPE_SYS
};
/* The operation of atom, red, redux, multimem and of bar.red (and, or, popc). */
enum isa_atom {
   ISA_ATOM_NONE,
   ISA_ATOM_ADD,
   ISA_ATOM_MIN,
   ISA_ATOM_MAX,
   ISA_ATOM_INC,
   ISA_ATOM_DEC,
   ISA_ATOM_AND,
   ISA_ATOM_OR,
   ISA_ATOM_XOR,
   ISA_ATOM_EXCH,
   ISA_ATOM_CAS,
   ISA_ATOM_POPC
};
/* One mode per instruction that has one: what the word selects depends on the opcode. */
enum isa_mode {
   ISA_MODE_NONE,
   ISA_LO_HALF,
   ISA_HI_HALF,
   ISA_WIDE, /* mul mad */
   ISA_MODE_UP,
   ISA_MODE_DOWN,
   ISA_MODE_BFLY,
   ISA_MODE_IDX, /* shfl */
   ISA_MODE_ALL,
   ISA_MODE_ANY,
   ISA_MODE_UNI,
   ISA_MODE_BALLOT, /* vote match */
   ISA_MODE_L,
   ISA_MODE_R, /* shf direction */
   ISA_MODE_CLAMP,
   ISA_MODE_WRAP, /* shf bmsk szext */
   ISA_MODE_F4E,
   ISA_MODE_B4E,
   ISA_MODE_RC8,
   ISA_MODE_ECL,
   ISA_MODE_ECR,
   ISA_MODE_RC16, /* prmt */
   ISA_MODE_SYNC,
   ISA_MODE_ARRIVE,
   ISA_MODE_RED,
   ISA_MODE_WAIT, /* bar */
   ISA_MODE_FINITE,
   ISA_MODE_INFINITE,
   ISA_MODE_NUMBER,
   ISA_MODE_NOTANUMBER,
   ISA_MODE_NORMAL,
   ISA_MODE_SUBNORMAL, /* testp */
   ISA_MODE_CTA,
   ISA_MODE_GL,
   ISA_MODE_SYS, /* membar level */
   ISA_MODE_INIT,
   ISA_MODE_INVAL,
   ISA_MODE_EXPECT_TX,
   ISA_MODE_COMPLETE_TX,
   ISA_MODE_ARRIVE_DROP,
   ISA_MODE_TEST_WAIT,
   ISA_MODE_TRY_WAIT,
   ISA_MODE_PENDING_COUNT, /* mbarrier */
   ISA_MODE_COUNT
};
/* Flag bits: present or not, no value. */
enum isa_flag {
   ISA_FTZ = 1u << 0,
   ISA_SAT = 1u << 1, /* .sat and, on integers, .satfinite is separate */
   ISA_APPROX = 1u << 2,
   ISA_FULL = 1u << 3,    /* div.full */
   ISA_UNIFORM = 1u << 4, /* bra.uni, call.uni */
   ISA_NC = 1u << 5,      /* ld.global.nc */
   ISA_CC = 1u << 6,      /* add.cc: also writes the carry register */
   ISA_ALIGNED = 1u << 7,
   ISA_TO = 1u << 8, /* cvta.to */
   ISA_RELU = 1u << 9,
   ISA_NAN_PROP = 1u << 10, /* min.NaN max.NaN */
   ISA_XORSIGN_ABS = 1u << 11,
   ISA_SATFINITE = 1u << 12,
   ISA_NOFTZ = 1u << 13,    /* atom.add.noftz */
   ISA_SYNC = 1u << 14,     /* shfl.sync: a membermask operand is there */
   ISA_SHIFTAMT = 1u << 15, /* bfind.shiftamt */
   ISA_NOCOMPLETE = 1u << 16,
   ISA_UNIFIED = 1u << 17,
   ISA_OOB = 1u << 18,      /* fma.oob */
   ISA_NOINC = 1u << 19,    /* cp.async.mbarrier.arrive.noinc */
   ISA_PARITY = 1u << 20,   /* mbarrier.test_wait.parity */
   ISA_TRANS = 1u << 21,    /* ldmatrix.trans */
   ISA_ABS_FLAG = 1u << 22, /* redux.abs and tensor .abs; ISA_ABS is the instruction */
   ISA_SPARSE = 1u << 23,
   ISA_MULTICAST = 1u << 24, /* cp.async.bulk.….multicast::cluster */
   ISA_CP_MASK = 1u << 25,   /* cp.async.bulk.….cp_mask */
};

/* All modifiers of one written instruction, decoded. type[] in the order written:
 * "cvt.rn.f32.s64" has type {F32, S64}; "mad.wide.u16" {U16}. A field that the written
 * form leaves out is zero (none, generic, weak), but for vec, which is 1.
 *
 * ld st ldu   type[0]; vec; space: PARAM for .param (the parser refines it to
 * PARAM_FUNC), .param::entry gives PARAM, .param::func PARAM_FUNC, .shared and
 *             .shared::cta SHARED, .shared::cluster SHARED_CLUSTER; sem (.weak is WEAK,
 *             .volatile VOLATILE, .mmio.relaxed MMIO); scope; ISA_NC; cache: the cache
 *             operator (enum isa_cache).
 * atom red    atom, type[0], vec, space, sem (WEAK where not written: the manual's
 * default is .relaxed), scope (NONE where not written: the default is .gpu), NOFTZ. cvta
 * space; ISA_TO for "cvta.to"; type[0] U32 or U64.   isspacep: space. cvt         type[0]
 * destination, type[1] source (element types: F16X2 from F32), rnd, FTZ, SAT, RELU,
 * SATFINITE. set setp    cmp, boolop, FTZ; set: type[0] destination, type[1] sources;
 * setp: type[0]. slct        type[0] values, type[1] the selector. mul mad mul24 mad24
 * madc   mode LO_HALF, HI_HALF, WIDE; CC. Integer mul and mad only. dp4a dp2a   type[0]
 * of a, type[1] of b; dp2a: mode LO_HALF, HI_HALF. shl shr     type[0].   shf: mode L or
 * R, extra CLAMP or WRAP (enum isa_mode). bmsk szext  mode CLAMP or WRAP.   prmt: mode,
 * NONE for the plain form. bfind       SHIFTAMT.   testp: mode.   lop3: boolop where
 * written. add sub addc subc   CC; rnd, FTZ, SAT on floats; mixed precision: type {F32,
 * F16}. min max     NAN_PROP, XORSIGN_ABS, RELU, ABS_FLAG ("min.abs", three sources),
 * FTZ. shfl        SYNC; mode UP, DOWN, BFLY, IDX; type[0] B32. vote        SYNC; mode
 * ALL, ANY, UNI, BALLOT; type[0] PRED or B32. match       SYNC; mode ANY or ALL; type[0].
 * redux: SYNC; atom, type[0], ABS_FLAG, NAN_PROP.   elect: SYNC.   activemask: type[0]
 * B32. bar barrier mode SYNC, ARRIVE, RED; red: atom POPC, AND, OR and type[0] U32 or
 * PRED; ALIGNED for every bar and for barrier.….aligned.   bar.warp: mode SYNC.
 * barrier.cluster   mode ARRIVE or WAIT, sem, ALIGNED.
 * membar      mode CTA, GL, SYS; membar.proxy: mode NONE.
 * fence       sem, scope ("fence.cta": sem ACQ_REL, the manual's default); a fence.proxy
 *             without either has sem WEAK.
 * mbarrier    mode; arrive and arrive_drop with .expect_tx: extra EXPECT_TX; NOCOMPLETE,
 *             PARITY, sem, scope, space, type[0] B64.
 * griddepcontrol   mode WAIT, or ARRIVE for launch_dependents.
 * cp.async    space SHARED, space2 GLOBAL; cache CA or CG.   prefetch: space, extra 1, 2.
 * bra call ret brx   UNIFORM.   mov: type[0], vec (mov.v4.u32 of a vector register).
 * v*          video: type[0] d, [1] a, [2] b; vset*: type[0] a, [1] b and cmp; SAT; atom:
 *             the second operation (NONE, ADD, MIN, MAX); vshl, vshr: mode; vmad: extra 7
 *             or 15 for its scale, 128 added for .po.
 * Others fill type[] (four at most) and what fits; the rest is kept for printing. */
/* Cache operators in mods.cache. */
enum isa_cache {
   ISA_CACHE_NONE,
   ISA_CACHE_CA,
   ISA_CACHE_CG,
   ISA_CACHE_CS,
   ISA_CACHE_LU,
   ISA_CACHE_CV,
   ISA_CACHE_WB,
   ISA_CACHE_WT
};
struct isa_mods {
   uint8_t type[4];
   uint8_t rnd, cmp, boolop, space;
   uint8_t sem, scope, atom, mode;
   uint8_t vec;    /* vector width 2, 4, 8; 1 where scalar */
   uint8_t space2; /* cp.async's source */
   uint8_t cache;  /* enum isa_cache */
   uint8_t extra;  /* opcode-specific small number (prefetch level, matrix num, …) */
   uint32_t flags; /* enum isa_flag */
   uint16_t form;  /* which row of the table matched: isa_form(form) */
   uint16_t text;  /* opaque to all but isa_print: modifiers that have no field */
};

enum isa_op {
   ISA_OP_NONE,
#define ISA_OP(id, ...) ISA_##id,
#include "isa_ops.inc"
#undef ISA_OP
   /* The IR's own instructions, never written in PTX. */
   ISA_PHI,  /* d = one source per predecessor, in the block's order of predecessors */
   ISA_SREG, /* d = special register mods.extra (enum isa_sreg); a written "mov" */
   ISA_ADDR, /* d = address of inst->sym + offset, in the symbol's own space */
   ISA_COPY, /* d = s */
   ISA_OP_COUNT
};

/* Special registers. isa_sreg_find("%tid.x"). Width by isa_sreg_bits. */
enum isa_sreg {
   ISA_SREG_NONE,
#define ISA_SREG_DEF(id, name, bits) ISA_SREG_##id,
#include "isa_sregs.inc"
#undef ISA_SREG_DEF
   ISA_SREG_COUNT
};
enum isa_sreg isa_sreg_find(const char *name); /* with the '%'; NONE when unknown */
const char *isa_sreg_name(enum isa_sreg r);
unsigned isa_sreg_bits(enum isa_sreg r);

/* Who takes part when it executes. */
enum isa_reach { ISA_LANE, ISA_WARP, ISA_BLOCK, ISA_CLUSTER, ISA_GRID };
/* What else it does besides computing its results. */
enum isa_effect {
   ISA_PURE = 0,
   ISA_READS = 1, /* memory */
   ISA_WRITES = 2,
   ISA_CONTROL = 4,         /* bra, ret, exit, call, brx, trap */
   ISA_SYNCS = 8,           /* barriers and fences */
   ISA_VOLATILE_VALUE = 16, /* result differs between two executions: clock, activemask */
};

/* What one operand of a form may be, from the letters in the form's operand string, which
 * has commas between operands, `{…}` around what may be left out, and `|` before a second
 * destination:
 *  d     destination register (with mods.vec > 1 a vector {…})
 *  q     destination predicate
 *  a b c register or constant, of the type isa_operand_type gives; vectors as for d
 *  p     predicate source (may be negated with '!')
 *  m     address operand [reg+imm] / [var+imm]
 *  v     vector, register or anything made of them: its size depends on the variant
 *  i     immediate    l label    f function    t prototype/targets   s anything,
 * unchecked */
struct isa_form {
   enum isa_op op;
   const char *pattern;  /* "add{.sat}.s32", manual's notation; see isa_table.inc */
   const char *operands; /* "d, a, b" */
   uint8_t ptx_major, ptx_minor; /* version that introduced it */
   uint8_t sm;                   /* target that introduced it */
   uint8_t executable;           /* 1 when interp and simd run it */
};
const struct isa_form *isa_form(unsigned form);

struct isa_op_info {
   const char *name;    /* "add"; NULL for none */
   const char *section; /* of the PTX manual, "9.7.1.1" */
   const char *doc;     /* one line */
   uint8_t reach;       /* enum isa_reach */
   uint8_t effects;     /* enum isa_effect bits */
};
const struct isa_op_info *isa_op_info(enum isa_op op);

/* Decodes a written opcode with its modifiers, "ld.global.nc.v4.f32" (length n, not
 * NUL-terminated). Returns the op, or ISA_OP_NONE with *error set to a static or
 * thread-local message that names the modifier which does not fit and what would.
 * *error_at is the offset into text of the offending part. */
enum isa_op isa_match(const char *text, size_t n, struct isa_mods *mods,
                      const char **error, size_t *error_at);
/* The inverse: "ld.global.nc.v4.f32". Returns characters written, as snprintf. */
int isa_print(enum isa_op op, const struct isa_mods *mods, char *buf, size_t n);

/* Where cp.async.bulk's operands stand among its sources, after destination, source and
 * size; 0: it has none. blocks: the mask of .multicast::cluster; bytes: that of .cp_mask.
 */
struct isa_bulk {
   uint8_t mbarrier, blocks, bytes;
};
struct isa_bulk isa_bulk_operands(const struct isa_mods *m, unsigned nsrc);

/* The type that operand number i (0 = first destination, counted as written, vectors as
 * one; a second destination after '|' is not counted, it is always a predicate) must have
 * under these mods; ISA_NO_TYPE where any is accepted. Examples:
 * mul.wide.u16 d:U32 a:U16; setp.lt.f32 d:PRED a:F32; shl.b64 b:U32; ld.s8 d:S8 (a
 * register at least as wide may hold it: the manual's 9.4.1 operand size rules). */
enum isa_type isa_operand_type(enum isa_op op, const struct isa_mods *mods, unsigned i);

/* -- Meaning of lane-wise, pure instructions. Operands are pointers to 8-byte-aligned
 * values in memory order; integers narrower than their slot use its low bytes (other
 * bytes of *d are left alone). n is the number of lanes: the scalar build has 1 lane, the
 * vector bitcode 32 contiguous elements of the operand's own type. A predicate is one
 * byte a lane, 0 or 1. d1 is the second destination (setp's q), else NULL. */
typedef void isa_eval_fn(void *d, void *d1, const void *a, const void *b, const void *c,
                         const void *e, uint64_t mods_word);
/* The meaning of (op, mods) as a native scalar function, NULL when the instruction is not
 * lane-wise pure or not executable. *mods_word: what to pass as the last argument. *name:
 * the C name ("isa_add_s32"), under which the vector bitcode holds the 32-lane version.
 */
isa_eval_fn *isa_eval_find(enum isa_op op, const struct isa_mods *mods,
                           uint64_t *mods_word, const char **name);

#endif
