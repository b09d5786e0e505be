/* SPDX-License-Identifier: Apache-2.0
 * What the files of the PTX parser share: tokens, names and their scopes, constants,
 * operands. */
#ifndef KASURI_PTX_PRIV_H
#define KASURI_PTX_PRIV_H

#include <locale.h>

#include "ptx.h"

/* -- Names. Every spelling is interned once a module; what it means at the moment hangs
 * on the atom, so that a lookup costs nothing beyond reading the token. */
enum ptx_bind_kind {
   BIND_REG,
   BIND_VEC, /* .reg .v2/.v4: values x, y, z, w */
   BIND_SYM, /* variable, kernel parameter */
   BIND_ARG, /* a .func's .param: v is its IR_ARG */
   BIND_LABEL,
   BIND_FUNC,
   BIND_PROTO,
   BIND_TARGETS, /* .branchtargets */
   BIND_CALLEES, /* .calltargets */
};

struct ptx_targets {
   struct ir_block **blocks;
   uint32_t n;
   struct ir_proto *proto; /* .calltargets: that of its functions */
};

struct atom;
struct ptx_bind {
   uint8_t kind;
   uint8_t type; /* enum isa_type: declared type of a register, parameter, variable */
   uint16_t depth;
   struct atom *atom;
   struct ptx_bind *shadowed; /* the binding of an outer scope */
   struct ptx_bind *next;     /* in the scope */
   struct src_loc loc;
   union {
      struct ir_value *v;
      struct ir_value **vec; /* four, NULL beyond the vector's size */
      struct ir_sym *sym;
      struct ir_block *block;
      struct ir_func *func;
      struct ir_proto *proto;
      struct ptx_targets *targets;
   };
   struct ir_sym *sym2; /* BIND_ARG: the parameter's symbol */
};

/* `.reg .b32 %r<100>`: registers come into being when first named. */
struct ptx_range {
   struct atom *prefix;
   struct ptx_range *shadowed, *next;
   uint32_t count;
   uint16_t depth;
   uint8_t type, vec;
   struct src_loc loc;
};

struct atom {
   const char *name;
   uint32_t len, hash;
   uint8_t type; /* enum isa_type, of a word such as "u32" */
   struct ptx_bind *bind;
   struct ptx_range *range;
};

/* -- Tokens. Punctuation is its own character. */
enum {
   T_END = 0,
   T_ID = 256,
   T_DIR, /* .word; atom without the dot */
   T_INT,
   T_FLOAT,
   T_STRING,
   T_SHL,
   T_SHR,
   T_LE,
   T_GE,
   T_EQ,
   T_NE,
   T_ANDAND,
   T_OROR,
};

struct ptx_tok {
   int kind;
   const char *at, *end;
   uint32_t line, col;
   struct atom *atom;
   uint64_t bits;      /* T_INT; T_FLOAT: pattern of a 0f or 0d literal */
   double f;           /* T_FLOAT */
   uint8_t float_bits; /* 32 for 0f, 64 for 0d, 0 for a decimal */
   bool is_unsigned;
};

/* A constant expression's value. */
struct ptx_const {
   enum { CST_S64, CST_U64, CST_F64 } kind;
   uint64_t u;
   double f;
   uint8_t float_bits; /* a bare 0f/0d literal: its pattern is in u */
};

/* -- Operands as written. */
enum ptx_opnd_kind {
   O_REG,
   O_CONST,
   O_SREG,
   O_SYM,  /* sym + offset; sym of a function too */
   O_ARG,  /* address of a .func parameter: v + offset */
   O_ADDR, /* [base + offset, extras…]; base is operand `first` */
   O_VEC,  /* {…}; elements `first`, n of them, linked by next */
   O_SINK,
   O_NAME, /* a label, a prototype, or nothing known */
   O_STRING,
};

struct ptx_opnd {
   uint8_t kind, type, sel;
   bool negated;
   struct src_loc loc;
   struct atom *atom;
   struct ir_value *v;
   struct ir_sym *sym;
   int64_t offset;
   struct ptx_const c;
   uint16_t sreg;
   uint32_t n;
   struct ptx_opnd *first; /* vector elements, address base and extras */
   struct ptx_opnd *next;
   struct ptx_opnd *second; /* after '|' */
};

/* Sub-word selectors of video instructions. */
enum ptx_sel { SEL_NONE, SEL_B0, SEL_B1, SEL_B2, SEL_B3, SEL_H0, SEL_H1, SEL_OTHER };

/* -- A use of a name that may be defined later in its scope. */
struct ptx_ref {
   enum { REF_LABEL, REF_TARGETS } kind;
   struct atom *atom;
   struct ir_block **slot; /* REF_LABEL: where the block goes */
   struct ir_inst *inst;   /* REF_TARGETS: brx.idx */
   struct src_loc loc;
};

struct ptx_scope {
   struct ptx_bind *binds;
   struct ptx_range *ranges;
   size_t first_ref;
   uint32_t frame_top; /* the frame's size when the scope was opened */
   bool keeps_frame;   /* a .local was declared inside: its address may live on */
};

/* A form's operand string, taken apart. */
struct ptx_shape {
   unsigned n, required;
   struct {
      char letter;
      bool optional, second;
   } op[24];
};

struct ptx_alias {
   struct ir_func *name;
   struct atom *target;
   struct src_loc loc;
};

struct ptx {
   struct ir_module *m;
   struct diag *d;
   size_t errors_before;
   struct arena *scratch;
   const char *file;         /* the module's copy */
   const char *message_file; /* the caller's */
   char *text;               /* own copy, NUL at its end */

   /* Lexer */
   const char *at, *line_start;
   uint32_t line;
   struct ptx_tok t;
   locale_t c_locale;
   bool panic; /* after an error, until the statement's end: no more messages */

   /* Names */
   struct atom **atoms;
   uint32_t atom_slots, atom_count;
   struct ptx_bind *free_binds;
   VEC(struct ptx_scope) scopes; /* [0] module, [1] function, … */
   bool nested_ranges;           /* some scope inside a body has declared a range */
   VEC(struct ptx_ref) refs;

   /* Function being parsed */
   struct ir_func *f;
   struct ir_block *b;  /* NULL after a terminator */
   struct ir_value *cc; /* %cc */
   uint32_t loc_file, loc_line;
   struct src_loc inst_loc;
   uint32_t frame_top;        /* bytes of the frame in use here */
   struct ptx_opnd *operands; /* of the statement, reused for the next one */
   unsigned operands_used;
   VEC(struct ir_value *) dst, src; /* of the instruction being put together */
   struct str shape;                /* see struct ir_inst */
   bool shaped;                     /* it says more than a plain list */
   VEC(struct ptx_shape *) shapes;  /* by form */
   struct isa_mods bra_mods;
   VEC(struct ptx_alias) aliases;
   bool have_version, have_target;
   bool in_variable; /* the error is in a variable's declaration */
   unsigned expr_depth, operand_depth;
};

/* lex.c */
void ptx_next(struct ptx *p);
bool ptx_accept(struct ptx *p, int kind);
bool ptx_expect(struct ptx *p, int kind, const char *what);
bool ptx_is_word(const struct ptx *p, int kind, const char *word);
bool ptx_at_label(struct ptx *p);
const char *ptx_opcode_text(struct ptx *p, size_t *n); /* then ptx_next */
const char *ptx_tok_text(const struct ptx *p, int *n);
void ptx_skip_braces(struct ptx *p);
struct atom *ptx_atom(struct ptx *p, const char *s, size_t n);
struct src_loc ptx_loc_at(const struct ptx *p, const char *at);
struct src_loc ptx_loc(const struct ptx *p); /* of the current token */
void ptx_report(struct ptx *p, enum diag_level level, struct src_loc loc, const char *id,
                const char *text);
/* Reports, unless this statement already has an error. */
void ptx_error(struct ptx *p, struct src_loc loc, const char *id, const char *fmt, ...)
   KASURI_PRINTF(4, 5);

/* names.c */
unsigned ptx_depth(const struct ptx *p); /* 0 module, 1 function body */
bool ptx_scope_open(struct ptx *p);
void ptx_scope_close(struct ptx *p);
struct ptx_bind *ptx_bind(struct ptx *p, struct atom *a, unsigned kind,
                          struct src_loc loc);
void ptx_bind_range(struct ptx *p, struct atom *prefix, enum isa_type type, unsigned vec,
                    uint32_t count, struct src_loc loc);
void ptx_make_reg(struct ptx *p, struct ptx_bind *b, enum isa_type type, unsigned vec);
struct ptx_bind *ptx_lookup(struct ptx *p, struct atom *a);
const char *ptx_bind_kind_name(const struct ptx_bind *b);
void ptx_ref_label(struct ptx *p, struct atom *a, struct ir_block **slot,
                   struct src_loc loc);
void ptx_ref_targets(struct ptx *p, struct atom *a, struct ir_inst *brx,
                     struct src_loc loc);

/* decl.c */
struct ptx_decl {
   uint8_t type, vec, opaque;
   bool managed, unified;
   uint32_t align;
};
void ptx_parse_attributes(struct ptx *p, struct ptx_decl *d);
enum isa_space ptx_space_word(const struct ptx *p);
void ptx_parse_decl_type(struct ptx *p, struct ptx_decl *d);
void ptx_parse_reg(struct ptx *p);
void ptx_parse_var(struct ptx *p, enum isa_space space, enum ir_linkage linkage);
uint64_t ptx_parse_dims(struct ptx *p, uint64_t elem, uint64_t *strides, unsigned *ndims,
                        bool *unsized);
uint32_t ptx_frame_alloc(struct ptx *p, uint64_t size, uint32_t align, bool keep,
                         struct src_loc loc);
struct ir_sym *ptx_func_sym(struct ptx *p, struct ir_func *f);

/* init.c */
void ptx_parse_init(struct ptx *p, struct ir_sym *s, uint64_t elem,
                    const uint64_t *strides, unsigned ndims, bool unsized);

/* module.c */
void ptx_recover(struct ptx *p); /* behind the next ';', or before a '}' */
void ptx_end_statement(struct ptx *p);
void ptx_skip_function(struct ptx *p, unsigned depth); /* behind its last '}' */
enum ir_linkage ptx_accept_linkage(struct ptx *p);
void ptx_parse_loc(struct ptx *p);
void ptx_parse_file(struct ptx *p);
void ptx_parse_section(struct ptx *p);
bool ptx_parse_pragma(struct ptx *p);

/* func.c */
void ptx_parse_func(struct ptx *p, bool is_kernel, enum ir_linkage linkage);
void ptx_store_results(struct ptx *p); /* .reg results, before a ret */

/* operand.c: syntax */
#define PTX_MAX_OPERANDS 1024
struct ptx_opnd *ptx_opnd_new(struct ptx *p, unsigned kind);
struct ptx_opnd *ptx_parse_operand(struct ptx *p);

/* value.c: operands to values */
struct ir_value *ptx_temp(struct ptx *p, enum ir_width w);
struct ir_inst *ptx_emit(struct ptx *p, enum isa_op op, const struct isa_mods *mods,
                         unsigned ndst, unsigned nsrc);
struct ir_value *ptx_add_offset(struct ptx *p, struct ir_value *a, int64_t by);
struct isa_mods ptx_mods(const char *opcode); /* of an opcode that is known to exist */
struct ir_value *ptx_emit_addr(struct ptx *p, struct ir_sym *s, int64_t offset,
                               enum ir_width w);
struct ir_value *ptx_source(struct ptx *p, struct ptx_opnd *o, enum isa_op op,
                            enum isa_type t);
struct ir_value *ptx_dest(struct ptx *p, struct ptx_opnd *o, enum isa_op op,
                          enum isa_type t);
/* Base value of an address operand; its offset goes to *offset. */
struct ir_value *ptx_address(struct ptx *p, struct ptx_opnd *o, int64_t *offset,
                             uint8_t *space);

/* inst.c */
struct ptx_guard {
   struct ir_value *v;
   bool negated;
};
void ptx_parse_inst(struct ptx *p);

/* flow.c */
struct ir_block *ptx_block_here(struct ptx *p);
void ptx_begin_block(struct ptx *p, struct ir_block *b);
void ptx_parse_flow(struct ptx *p, enum isa_op op, const struct isa_mods *mods,
                    struct ptx_guard g);
bool ptx_is_flow(enum isa_op op);
void ptx_end_body(struct ptx *p);
void ptx_finish_body(struct ptx *p);

/* call.c */
void ptx_parse_call(struct ptx *p, const struct isa_mods *mods, struct ptx_guard g);
void ptx_copy_param(struct ptx *p, bool load, struct ir_value *reg, struct ir_value *addr,
                    enum isa_type t, struct ptx_guard g);

/* expr.c */
struct ptx_const ptx_expr(struct ptx *p);
struct ptx_const ptx_expr_term(struct ptx *p);
uint64_t ptx_uint(struct ptx *p, uint64_t max, const char *what);
bool ptx_const_bits(struct ptx_const c, enum isa_type t, uint64_t *bits);

#endif
