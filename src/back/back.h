/* SPDX-License-Identifier: Apache-2.0
 * The seam between the waist (IR) and what runs it. Nothing above knows a back end. */
#ifndef KASURI_BACK_H
#define KASURI_BACK_H

#include "back/exec/exec.h"
#include "ir/ir.h"

struct back_options {
   uint32_t block[3]; /* the launch's block shape, for specialisation */
   int force_mode;    /* enum exec_mode, or -1: analysis decides */
   bool cooperative;
   uint32_t lanes;  /* that run together where nobody can tell: 16, 32; 0: as is best */
   uint32_t warps;  /* whose code alternates where it can: 1, 2, 4; 0: where it pays */
   bool small_grid; /* grid times block is at most 2^31 in each dimension */
   bool large;      /* the launch may write more than exec_past_bytes: code may have other
                       stores for that */
   bool any_arguments; /* nothing is supposed of them: exec_kernel.takes is NULL */
   uint32_t opt_level; /* 0 quick tier, 1 vector tier */
   const bool
      *stop; /* once it is set, compile may return NULL, with no reason; or NULL */
};

struct back {
   const char *name;
   /* Compiles one kernel (register form, in a module whose symbols have addresses). The
    * IR is not changed. NULL when it declines, with the reason in d. */
   struct exec_kernel *(*compile)(struct ir_func *kernel, const struct back_options *opt,
                                  struct diag *d);
   void (*destroy)(struct exec_kernel *k);
};

extern const struct back back_interp;
/* The LLVM back end, loaded on first use; NULL when its module is not there. */
const struct back *back_simd(void);

/* What the device room holds for a kernel: its compiled variants. Thread-safe. */
struct back_func;
struct back_func *back_func_create(struct ir_func *kernel);
void back_func_destroy(struct back_func *bf);
/* Bytes that a thread of it writes, or more; 0: it is not compiled for large launches. */
uint64_t back_func_writes(const struct back_func *bf);
/* The variant to run for this launch, compiled now if need be. Settings: KASURI_BACKEND =
 * auto | simd | interp; KASURI_MODE = auto | plain | warp | thread; KASURI_LANES = auto |
 * 16 | 32; KASURI_WARPS = auto | 1 | 2 | 4; KASURI_TIER = auto | quick | vector. With
 * tier auto the interpreter may begin what the vector tier goes on with, see tier.c.
 * params: the launch's, for which it must be right; NULL: any. NULL with the reason in d:
 * no back end can run it. */
const struct exec_kernel *back_func_get(struct back_func *bf,
                                        const struct back_options *opt,
                                        const uint8_t *params, struct diag *d);
/* What no back end can run, as diagnostics that name each variant, at module load. */
bool back_check_func(const struct ir_func *f, struct diag *d);

#endif
