/* SPDX-License-Identifier: Apache-2.0
 * The intermediate representation: PTX instructions on typed-by-width values in blocks.
 *
 * Two forms share the data. As parsed ("register form"): values of kind IR_REG are
 * mutable PTX registers, any instruction may carry a guard, no phis. After pass/ssa ("SSA
 * form"): every value has one definition, no guards (the pass turned them into selects
 * and branches), phis at block heads. The interpreter runs register form and so shares no
 * pass with the JIT; func->ssa tells which form it is. */
#ifndef KASURI_IR_H
#define KASURI_IR_H

#include <stdatomic.h>

#include "base/base.h"
#include "isa/isa.h"

/* A value's width is all the type it has; instructions say how they read the bits. */
enum ir_width { IR_PRED, IR_B8, IR_B16, IR_B32, IR_B64, IR_B128, IR_WIDTH_COUNT };
unsigned ir_width_bits(enum ir_width w); /* 1, 8, 16, 32, 64, 128 */
enum ir_width ir_width_of_type(enum isa_type t);

enum ir_value_kind {
   IR_REG,   /* mutable register (register form only) */
   IR_INST,  /* result of value->def (SSA form only) */
   IR_CONST, /* value->bits; floats as their bit pattern of the value's width */
   IR_ARG,   /* .func parameter: its local-space address, B32 (see ir_param) */
   IR_UNDEF, /* register read before any write; reads as 0 */
   IR_SINK,  /* '_' as a destination */
};

struct ir_value {
   uint8_t kind;          /* enum ir_value_kind */
   uint8_t width;         /* enum ir_width */
   uint32_t id;           /* dense, 0 .. func->value_count-1; constants too */
   const char *name;      /* "%r1", or NULL */
   struct ir_inst *def;   /* IR_INST: defining instruction */
   uint64_t bits[2];      /* IR_CONST: value, low word first */
   struct ir_value *repl; /* pass scratch: forwarded to, see ir_func_apply_repl */
};

struct ir_inst {
   struct ir_inst *prev, *next;
   struct ir_block *block;
   uint16_t op; /* enum isa_op */
   uint8_t guard_negated;
   uint8_t ndst;
   uint16_t nsrc;
   uint8_t aligned; /* bit k: source k, an address, is as aligned as it must be */
   /* For setp: p then q (IR_SINK when absent). For ld.vN N destinations; st.vN: the
    * address, then N sources. atom: address, b, (c). shfl: d and p (SINK when absent);
    * sources a, b, c, membermask. Carry instructions have the carry register as an
    * explicit last source / destination (one IR_PRED register "%cc" a function). bar:
    * barrier id, thread count (constant 0 when absent), then the predicate of .red. mov
    * of a vector: {a,b} packs or unpacks: several sources or destinations. call: sources
    * are the addresses (IR_B32, .local space) of the caller's .param variables: outputs
    * first, then inputs; indirect calls have the target as first source. */
   struct ir_value **dst, **src;
   struct ir_value *guard; /* NULL: always executes (register form only) */
   struct isa_mods mods;
   /* Address operands: address = src value + offset bytes; a symbol base is materialised
    * as a preceding ISA_ADDR instruction by the parser. ISA_ADDR: added to the symbol. */
   int64_t offset;
   struct ir_sym *sym;        /* ISA_ADDR: the variable or function */
   struct ir_func *callee;    /* direct call, NULL when indirect */
   struct ir_proto *proto;    /* indirect call: prototype */
   struct ir_block **targets; /* bra: 1 (unguarded) or 2 {taken, fall through};
                                 brx.idx: the .branchtargets list */
   uint32_t ntargets;
   /* How operands were grouped in the PTX, "{..},[.,{..}]": a dot is the next one of dst,
    * then src, 'x' one that was not written. NULL: plainly listed. For ptx_print alone.
    */
   const char *shape;
   struct src_loc loc;       /* in the PTX */
   uint32_t line_file, line; /* .loc: source file number (1-based, 0 none) and line */
   uint32_t mark;            /* pass scratch */
};

struct ir_block {
   struct ir_block *prev, *next;
   struct ir_func *func;
   uint32_t id;                  /* dense after ir_func_renumber */
   const char *label;            /* or NULL */
   struct ir_inst *first, *last; /* last is the terminator: bra, brx, ret, exit, trap */
   VEC(struct ir_block *) preds; /* kept by ir_func_rebuild_preds; phi source order */
   void *scratch;
};

/* A variable in a state space, or a function whose address is taken. */
struct ir_sym {
   const char *name;
   uint8_t space;   /* enum isa_space: GLOBAL, CONST, SHARED, LOCAL, PARAM_FUNC, PARAM */
   uint8_t linkage; /* enum ir_linkage */
   uint8_t managed; /* .attribute(.managed) */
   uint8_t unified;
   uint8_t opaque;          /* 1 .texref, 2 .samplerref, 3 .surfref; 0 all else */
   uint32_t align;          /* bytes */
   uint64_t size;           /* bytes; 0 for an extern array of unknown size */
   uint8_t elem_type;       /* enum isa_type */
   uint8_t *init;           /* size bytes, or NULL for zeros */
   struct ir_reloc *relocs; /* addresses inside init */
   uint32_t nrelocs;
   struct ir_func *func; /* function symbols */
   uint64_t address;     /* GLOBAL, CONST: host address once loaded. SHARED: offset in the
                            block's shared memory (extern arrays: after all static ones).
                            LOCAL, PARAM_FUNC: offset in the function's local frame.
                            PARAM: offset in the kernel's parameter block. */
   struct src_loc loc;
};
enum ir_linkage { IR_LOCAL_LINKAGE, IR_VISIBLE, IR_EXTERN, IR_WEAK, IR_COMMON };

struct ir_reloc {
   uint64_t offset;    /* in init */
   struct ir_sym *sym; /* variable or function */
   int64_t addend;
   uint8_t bytes;   /* 8 or 4; mask() initialisers give 1 with a shift */
   uint8_t shift;   /* bits: byte i of the address for mask(0xff << 8*i) */
   uint8_t generic; /* generic(sym): address converted to generic */
};

struct ir_param {
   const char *name;
   uint32_t align, offset; /* in the kernel's parameter block; unused for .func */
   uint64_t size;
   uint8_t type; /* enum isa_type; B8 for arrays of bytes */
   uint8_t opaque;
   struct ir_sym *sym;
   struct ir_value *reg; /* a .func's .reg parameter: its register */
   struct src_loc loc;
};

struct ir_proto {
   const char *name;
   struct ir_param *outs, *ins;
   uint32_t nouts, nins;
};

struct ir_func {
   struct ir_module *module;
   struct arena *arena; /* of values, blocks, instructions: the module's; a clone's own */
   const char *name;
   bool is_kernel, is_extern, ssa, noreturn;
   bool outlined; /* by ir_func_outline: calls of it have results, its ret has sources */
   uint8_t linkage;
   struct ir_param *params; /* kernel parameters, or a .func's inputs */
   uint32_t nparams;
   struct ir_param *rets; /* .func outputs */
   uint32_t nrets;
   struct ir_value **args; /* .func: one IR_ARG a ret, then one a param */
   uint32_t nargs;
   uint32_t param_bytes;              /* kernel: size of the parameter block */
   uint32_t local_bytes, local_align; /* own frame: .local and .param variables */
   VEC(struct ir_sym *) syms; /* function-scope variables (local, shared, param) */
   struct ir_block *first_block, *last_block;
   uint32_t block_count, value_count;
   struct map *consts; /* interned constants */
   /* Performance directives; 0 when absent. */
   uint32_t maxntid[3], reqntid[3], minnctapersm, maxnreg, cluster_dim[3], maxclusterrank;
   bool explicit_cluster, blocks_are_clusters;
   uint32_t shared_bytes; /* kernel: static shared memory that it and its callees use */
   struct ir_sym *sym;    /* stands for its address; NULL until that is taken */
   struct ir_func *alias; /* .alias: another name of this function, which has the body */
   struct src_loc loc;
   struct ir_func *next_clone;
};

struct ir_module {
   struct arena *arena; /* owns everything below */
   const char *name;
   uint8_t ptx_major, ptx_minor;
   uint32_t sm;          /* target, 90 for sm_90a */
   char sm_suffix;       /* 'a', 'f' or 0 */
   uint8_t address_size; /* 32 or 64 */
   VEC(struct ir_func *) funcs;
   VEC(struct ir_sym *) syms;
   VEC(const char *) files;          /* .file table, index = number */
   struct map *sym_map, *func_map;   /* by name */
   uint32_t shared_bytes;            /* static shared memory of module-scope variables */
   _Atomic(struct ir_func *) clones; /* made by ir_func_clone; not in funcs, func_map */
};

struct ir_module *ir_module_create(const char *name);
void ir_module_destroy(struct ir_module *m); /* NULL is fine */
struct ir_func *ir_func_create(struct ir_module *m, const char *name, bool is_kernel);
struct ir_func *ir_module_find_func(struct ir_module *m, const char *name);

/* Builder. Everything lives in the module's arena. */
struct ir_value *ir_value_create(struct ir_func *f, enum ir_value_kind kind,
                                 enum ir_width width, const char *name);
struct ir_value *ir_const(struct ir_func *f, enum ir_width width, uint64_t bits);
struct ir_value *ir_const128(struct ir_func *f, uint64_t lo, uint64_t hi);
struct ir_value *ir_undef(struct ir_func *f, enum ir_width width);
struct ir_value *ir_sink(struct ir_func *f, enum ir_width width);
struct ir_block *ir_block_create(struct ir_func *f,
                                 struct ir_block *after); /* NULL: at end */
struct ir_inst *ir_inst_create(struct ir_func *f, enum isa_op op, unsigned ndst,
                               unsigned nsrc); /* not yet in a block */
/* A copy for f, not yet in a block: the same operands and targets, in arrays of its own,
 * in which the caller puts others. */
struct ir_inst *ir_inst_copy(struct ir_func *f, const struct ir_inst *i);
void ir_inst_append(struct ir_block *b, struct ir_inst *i);
void ir_inst_insert_before(struct ir_inst *at, struct ir_inst *i);
void ir_inst_remove(struct ir_inst *i);
void ir_block_remove(struct ir_block *b); /* with its instructions; preds not updated */
/* Moves `at` and all after it into a new block placed after; the caller adds a
 * terminator. */
struct ir_block *ir_block_split(struct ir_block *b, struct ir_inst *at);
/* Puts a new block between b and those of its predecessors that `take` names; b's phis
 * get their merged value from it. Predecessor order of b: kept ones, new one. */
struct ir_block *ir_block_merge_preds(struct ir_func *f, struct ir_block *b,
                                      const bool *take);
struct ir_inst *ir_bra(struct ir_func *f, struct ir_value *cond, struct ir_block *taken,
                       struct ir_block *other); /* cond NULL: other ignored */
/* Ends b so, and makes it a predecessor of where it goes. */
void ir_block_branch(struct ir_func *f, struct ir_block *b, struct ir_value *cond,
                     struct ir_block *taken, struct ir_block *other);

/* CFG. Successors of a block are its terminator's targets (none for ret, exit, trap).
 * A conditional bra has its condition as guard in register form and as src[0] in SSA
 * form. */
unsigned ir_block_succs(const struct ir_block *b, struct ir_block ***succs);
void ir_func_rebuild_preds(struct ir_func *f);
void ir_func_renumber(struct ir_func *f); /* block ids in list order, value ids dense */
bool ir_inst_is_terminator(const struct ir_inst *i);
bool ir_inst_is_barrier(const struct ir_inst *i); /* bar, barrier: threads of the block */
bool ir_inst_is_access(const struct ir_inst *i);  /* of memory: ld, ldu, st, atom, red */
/* Nothing but its results tells that it was executed; phis and copies are, too. */
bool ir_inst_is_pure(const struct ir_inst *i);
/* Arithmetic on whole numbers, one a lane, that wraps and takes or gives no carry. */
bool ir_inst_is_int(const struct ir_inst *i);
/* Rewrites every operand v with v->repl (followed to its end) and clears repl. */
void ir_func_apply_repl(struct ir_func *f);

/* Gives every .shared variable its address and every kernel its shared_bytes. The parser
 * does this; again after modules were linked. Dynamic (extern) arrays get the end of the
 * static ones as address, and a kernel that uses one has that end as shared_bytes. */
void ir_layout_shared(struct ir_module *m);

/* Moves everything of parts[1..n-1] into parts[0], as a linker would: what one declares
 * and another defines becomes one. The others stay alive, empty, as they own the memory.
 * False with diagnostics on duplicates. */
bool ir_link(struct ir_module *const *parts, size_t n, struct diag *d);
/* Tells of each variable and function that m uses and does not define, once; functions
 * that the machine provides are left out. */
typedef void ir_undefined_fn(void *user, const char *name, struct src_loc loc,
                             bool is_function);
void ir_undefined(const struct ir_module *m, ir_undefined_fn *report, void *user);

/* A copy of function f (same module) under another name, for specialisation. It lives in
 * an arena of its own, is not found by name, and is freed by ir_func_destroy or else with
 * the module. Cloning from several threads at once is fine; f only has to stay unchanged
 * meanwhile. */
struct ir_func *ir_func_clone(struct ir_func *f, const char *name);
void ir_func_destroy(struct ir_func *f); /* clones only; NULL and others are left alone */
/* Copies the blocks of `from` to the end of `to` (for inlining): its IR_ARG number i
 * becomes args[i], its frame variables get a place in to's frame. Returns the copy of the
 * entry block; `ret` instructions are copied as they are. */
struct ir_block *ir_func_copy_body(struct ir_func *to, const struct ir_func *from,
                                   struct ir_value **args);

/* Makes a function of blocks of f, a clone in SSA form: those whose `scratch` is not
 * NULL, which are entered at `entry` and left for `exit` alone. A call takes their place;
 * its sources are what they read (the function's args), its results what is read of them
 * behind, in the order of the sources of the function's ret. Number both anew. */
struct ir_func *ir_func_outline(struct ir_func *f, struct ir_block *entry,
                                struct ir_block *exit, const char *name);

/* Text form: "%d = add.s32 %a, 5", one instruction a line, phis as "%d = phi [%v, block],
 * …"; src/ir/print.c shows more of it. */
void ir_print_func(struct str *out, const struct ir_func *f);
void ir_print_module(struct str *out, const struct ir_module *m);
/* Reports what is malformed (operand widths, dominance in SSA form, missing terminators).
 */
bool ir_verify_func(const struct ir_func *f, struct diag *d);
/* Reads the text form back (register or SSA form); for tests. NULL with diagnostics. */
struct ir_module *ir_parse(const char *text, size_t n, const char *file, struct diag *d);

#define ir_foreach_block(b, f) for (struct ir_block *b = (f)->first_block; b; b = b->next)
#define ir_foreach_inst(i, b) for (struct ir_inst *i = (b)->first; i; i = i->next)
#define ir_foreach_inst_safe(i, b)                                                       \
   for (struct ir_inst *i = (b)->first, *i##_next; i && (i##_next = i->next, 1);         \
        i = i##_next)

#endif
