/* SPDX-License-Identifier: Apache-2.0
 * Stackful fibers of one OS thread, and calls that can be abandoned from within. */
#ifndef KASURI_FIBER_H
#define KASURI_FIBER_H

#include "base/base.h"

struct fiber {
   void *sp;       /* where to go on, while it is not running */
   uint8_t *stack; /* lowest usable byte; NULL: the thread's own stack */
   size_t size;
   void *fake_stack, *tsan; /* the sanitizers' own */
};

/* False when the system gives no memory for the stack. A guard page lies below it. */
KASURI_MUST_USE bool fiber_create(struct fiber *f, size_t stack_bytes);
void fiber_destroy(struct fiber *f); /* a zeroed one is fine */
/* Takes up the current thread as a fiber, to be switched back to. */
void fiber_adopt_thread(struct fiber *f);
/* The next switch to f calls entry(arg), which never returns; whatever ran on f before is
 * forgotten. color: any small number; spreads stacks over the sets of the cache. */
void fiber_start(struct fiber *f, void (*entry)(void *), void *arg, unsigned color);
void fiber_switch(struct fiber *from, struct fiber *to);
/* As fiber_switch where from will not be resumed, only started anew. */
void fiber_leave(struct fiber *from, struct fiber *to);
/* First thing to do in a fiber's entry function. */
void fiber_entered(struct fiber *self);
bool fiber_guard_hit(const struct fiber *f, const void *addr);
/* Forgets frames that were abandoned on this stack (ASan's view of them). */
void fiber_forget_frames(const void *lo, size_t size);

/* To be called before frames of the current stack are abandoned. */
void fiber_before_escape(void);

/* Calls fn(arg); 0 when it returned, 1 when it was left by kasuri_guard_escape(*save). */
int kasuri_guard_call(void **save, void (*fn)(void *), void *arg);
KASURI_NORETURN void kasuri_guard_escape(void *saved);

#endif
