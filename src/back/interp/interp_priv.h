/* SPDX-License-Identifier: Apache-2.0
 * The interpreter's own form of a kernel: register-form IR, each instruction decoded once
 * into an iop whose operands are offsets into the frame or the constant pool. */
#ifndef KASURI_INTERP_PRIV_H
#define KASURI_INTERP_PRIV_H

#include "back/back.h"
#include "isa/isa_eval.h"

#include <string.h>

/* Every value has a slot of this size, in the frame or in the pool of constants. */
#define SLOT 16

/* Operand: byte offset << 1 | pool, see ref(). */
typedef uint32_t iref;
#define NO_GUARD UINT32_MAX

struct ithread;
struct iop;
typedef void iop_fn(struct ithread *t, const struct iop *o);

struct iop {
   iop_fn *fn;
   isa_eval_fn *eval;
   uint64_t word;   /* eval: its last argument; memory: offset of the address */
   iref guard;      /* NO_GUARD: always executes */
   uint8_t negated; /* executes where the guard is not this */
   uint8_t size;    /* bytes of one element in memory, or of the result */
   uint8_t sign;    /* the element is extended by its sign */
   uint8_t order;   /* memory: __ATOMIC_… */
   uint8_t space;   /* enum isa_space */
   uint8_t wide;    /* bit i: source i has 64 bits (the first 8) */
   uint8_t preds;   /* bit i: result i is a predicate (the first 8) */
   uint8_t sinks;   /* bit i: result i is not wanted (the first 8) */
   iref d[2];       /* results; the frame's waste slot where there is none */
   iref s[4];       /* sources; a zero where there is none */
   uint32_t ndst, nsrc;
   const iref *list; /* all results, then all sources */
   uint32_t target;  /* branch: index of the iop */
   uint32_t line;
   const struct ir_inst *inst;
   const struct ifunc *callee;
   const uint32_t *targets; /* brx.idx */
   struct isa_bulk bulk;    /* cp.async.bulk */
};

struct ifunc {
   const struct ir_func *ir;
   struct ikernel *kernel;
   struct iop *code;
   uint32_t ncode;
   uint8_t *pool;      /* constants, SLOT bytes each */
   iref *args;         /* slots of the IR_ARGs */
   uint32_t reg_bytes; /* of the frame: registers, then variables */
   uint32_t vars_at;   /* where the variables begin */
   uint32_t frame_bytes;
   uint32_t depth_bytes; /* with the deepest chain of calls below it */
   uint8_t visit;        /* call graph walk: 0 new, 1 open, 2 done */
};

struct ikernel {
   struct exec_kernel k; /* first */
   struct arena *arena;
   const struct ir_module *module;
   struct ifunc *entry;
   VEC(struct ifunc *) funcs;
   struct map *by_ir; /* struct ir_func * (its bytes) -> ifunc */
   bool unbounded;    /* recursion, indirect calls or alloca: depth is not known */
};

/* Below each frame but the first: where to go on. */
struct ilink {
   const struct ifunc *func;
   const struct iop *pc;
   uint8_t *frame;
   uint32_t sp, vars;
};

struct ithread {
   uint8_t *base[2]; /* frame, pool of the running function */
   struct exec_ctx *ctx;
   const struct iop *pc; /* NULL: the thread has ended */
   const struct ifunc *func;
   const struct ikernel *kernel;
   uint32_t vars;       /* local address of the function's variables */
   uint32_t sp, limit;  /* local address of the first free byte; and of the end */
   uint32_t back_edges; /* since the last yield */
   bool polled;         /* has read memory that another thread may write since */
};

static inline void *
ref(const struct ithread *t, iref r)
{
   return t->base[r & 1] + (r >> 1);
}

static inline uint32_t
get32(const struct ithread *t, iref r)
{
   return *(const uint32_t *)ref(t, r);
}

static inline uint64_t
get64(const struct ithread *t, iref r)
{
   return *(const uint64_t *)ref(t, r);
}

static inline bool
get_pred(const struct ithread *t, iref r)
{
   return *(const uint8_t *)ref(t, r) != 0;
}

/* Writes result number i; a predicate is one byte, all else fills 8 bytes. */
static inline void
put(const struct ithread *t, const struct iop *o, unsigned i, uint64_t v)
{
   if (o->preds >> i & 1)
      *(uint8_t *)ref(t, o->list[i]) = v != 0;
   else
      *(uint64_t *)ref(t, o->list[i]) = v;
}

static inline bool
is_sink(const struct iop *o, unsigned i)
{
   return i >= o->ndst || (o->sinks >> i & 1);
}

/* An address source has 4 or 8 bytes. */
static inline uint64_t
get_address(const struct ithread *t, const struct iop *o, unsigned i)
{
   iref r = o->list[o->ndst + i];
   return o->wide >> i & 1 ? get64(t, r) : get32(t, r);
}

/* run.c */
extern exec_entry_fn *const interp_entry;
iop_fn op_bra, op_brx, op_call, op_call_indirect, op_call_builtin, op_ret, op_exit,
   op_trap, op_nop;
bool interp_is_builtin(const struct ir_func *f);

/* move.c */
iop_fn op_eval1, op_eval2, op_eval4, op_eval_extend, op_eval_two_results, op_mov, op_sreg,
   op_local_addr, op_zero, op_alloca, op_stacksave, op_stackrestore;

/* memory.c */
iop_fn op_ld, op_st, op_ld_word, op_st_word, op_atom, op_cvta, op_isspacep, op_mapa,
   op_getctarank, op_mbarrier, op_cp_async_mbarrier_arrive, op_fence;
/* Host address of `size` bytes at a space's address; a fault where it cannot be. */
void *interp_host_address(struct ithread *t, enum isa_space space, uint64_t a,
                          uint64_t size);

/* copy.c */
iop_fn op_cp_async, op_st_bulk, op_bulk_copy;

/* sync.c */
iop_fn op_bar, op_bar_cluster, op_shfl, op_vote, op_match, op_redux, op_elect,
   op_bar_warp, op_activemask, op_nanosleep;

/* decode.c */
bool interp_decode(struct ikernel *k, struct ifunc *f, struct diag *d);
struct ifunc *interp_func(struct ikernel *k, const struct ir_func *ir);
/* By what an indirect call found in a register: anything; NULL when it is no function. */
const struct ifunc *interp_find(const struct ikernel *k, const void *handle);

#endif
