/* SPDX-License-Identifier: Apache-2.0
 * Passes: each changes one function and says whether it did. pass.c's table names and
 * orders them; the contract of each stands at its declaration. */
#ifndef KASURI_PASS_H
#define KASURI_PASS_H

#include "ir/ir.h"

struct pass_ctx {
   struct diag *d;
   struct arena *scratch; /* emptied by nobody: lives as long as the compilation */
};
typedef bool pass_fn(struct ir_func *f, struct pass_ctx *c);

/* Inlines every direct call of a defined, non-recursive function.
 * requires: register form; preserves it; leaves only recursive and indirect calls. */
bool opt_inline(struct ir_func *f, struct pass_ctx *c);
/* Turns .param and .local variables whose every access is a load or store at a constant
 * offset into registers. requires: register form. */
bool opt_promote(struct ir_func *f, struct pass_ctx *c);
/* Guards become selects (pure instructions) or branches. A conditional bra keeps its
 * guard. requires: register form; establishes: no guards but on bra. */
bool lower_guard(struct ir_func *f, struct pass_ctx *c);
/* brx.idx becomes a chain of compares and branches. requires: register form. */
bool lower_brx(struct ir_func *f, struct pass_ctx *c);
/* Registers become values with one definition; branch guards become src[0].
 * requires: lower_guard; establishes: SSA form. */
bool lower_ssa(struct ir_func *f, struct pass_ctx *c);
/* Values become registers again, phis copies. requires: SSA form; establishes: register
 * form without guards but on bra. Runs by name alone. */
bool raise_registers(struct ir_func *f, struct pass_ctx *c);
/* One exit block; one latch and a preheader a loop; no unreachable blocks; no branch with
 * two equal targets; nothing but a branch behind a barrier. requires: SSA form. */
bool opt_canon(struct ir_func *f, struct pass_ctx *c);
/* Copy propagation, folding of constants that shapes depend on, phis of one value, and
 * dead code. requires: SSA form. */
bool opt_simplify(struct ir_func *f, struct pass_ctx *c);

struct cfg;
struct lanes;
/* These ask analyses, of whole warps, which do not hold any longer where they return
 * true. requires: canon; preserves it. */
typedef bool analysed_pass_fn(struct ir_func *f, const struct cfg *g,
                              const struct lanes *l);
/* Makes versions of code whose lanes' addresses depend on a number that is a small power
 * of two, or a multiple of a warp, or neither. */
analysed_pass_fn opt_versions;
/* Stores to shared memory under a condition become stores of all lanes. */
analysed_pass_fn opt_exchange;
/* Lanes' addresses are computed behind the barriers that come before their use. */
analysed_pass_fn opt_addresses;
/* Iterations of loops side by side, so many at most, as registers allow. Where lanes run
 * as vectors, mode_choose having told which loops poll. */
analysed_pass_fn opt_abreast_two, opt_abreast_four;
/* Runs one of them, and folds what can be folded then. False when d has errors. */
bool pass_run_analysed(struct ir_func *f, const char *name, analysed_pass_fn *run,
                       const struct cfg *g, const struct lanes *l, bool *changed,
                       struct diag *d);

/* Runs the table in order on f; with KASURI_PRINT_IR=1 prints the function after each
 * pass to stderr, with KASURI_VERIFY_IR=1 verifies it there. False when d has errors. */
bool pass_run_all(struct ir_func *f, struct diag *d);
/* Runs the pass of that name ("inline", "guard" …) and tells in *changed, where not NULL,
 * what it returned. False when d has errors or no pass has the name; for tests. */
bool pass_run_named(struct ir_func *f, const char *name, bool *changed, struct diag *d);

#endif
