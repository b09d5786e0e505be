/* SPDX-License-Identifier: Apache-2.0
 * How a kernel's failure is recorded, and how a wild access becomes one. A signal that
 * kernel code causes makes the handler resume at land(), on the stack of the strand that
 * failed, which ends the launch as a trap does; any other signal goes to the handler that
 * was there before, or kills the process as it would have. */
#include "exec_priv.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <fenv.h>

/* Room for the largest signal frame (AVX-512 and AMX state) and the handler. */
#define ALT_STACK_BYTES (64 << 10)

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
/* Process registry: written once, under the once control. */
static struct sigaction previous[ARRAY_LEN(signals)];
static pthread_once_t install_once = PTHREAD_ONCE_INIT;
static pthread_key_t alt_stack_key;

static _Thread_local struct exec_worker *current;
static _Thread_local bool prepared;

void
fault_record(struct exec_strand *s, enum exec_trap_reason reason, uint32_t line,
             const char *fmt, ...)
{
   struct exec_fault *f = s->worker->cur->fault;
   uint32_t none = EXEC_TRAP_NONE;
   if (!__atomic_compare_exchange_n((uint32_t *)&f->reason, &none, reason, false,
                                    __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      return;
   /* Readers look after all workers have stopped. */
   unsigned lane = s->first_active ? (unsigned)__builtin_ctz(s->first_active) : 0;
   if (s->worker->launch.kernel->mode == EXEC_THREAD_FIBER)
      lane = 0;
   f->line = line ? line : s->ctx.line;
   for (int i = 0; i < 3; i++) {
      f->ctaid[i] = s->ctx.ctaid[i];
      f->tid[i] = s->ctx.tid[i][lane];
   }
   va_list ap;
   va_start(ap, fmt);
   vsnprintf(f->text, sizeof f->text, fmt, ap);
   va_end(ap);
}

static void
record_address(const struct exec_worker *w, struct exec_strand *s)
{
   const char *name = w->launch.kernel->name;
   ptrdiff_t at = (const uint8_t *)w->sig_addr - s->ctx.shared;
   if (region_holds(&w->shared.room, w->sig_addr))
      fault_record(
         s, EXEC_TRAP_ADDRESS, 0,
         "kernel %s accessed byte %td of shared memory, of which a block has %u", name,
         at, s->ctx.total_smem);
   else if (region_holds(&w->local, w->sig_addr))
      fault_record(s, EXEC_TRAP_ADDRESS, 0, "kernel %s left its local memory", name);
   else
      fault_record(s, EXEC_TRAP_ADDRESS, 0, "kernel %s accessed address 0x%" PRIxPTR,
                   name, (uintptr_t)w->sig_addr);
}

/* Where a failed strand goes on. */
static void
land(struct exec_worker *w)
{
   struct exec_strand *s = w->running;
   fesetenv(FE_DFL_ENV);
   if (w->sig == SIGFPE || w->sig == SIGILL)
      fault_record(s, EXEC_TRAP_INSTRUCTION, 0, "%s in kernel %s",
                   w->sig == SIGFPE ? "arithmetic exception" : "illegal instruction",
                   w->launch.kernel->name);
   else if (fiber_guard_hit(&s->fiber, w->sig_addr))
      fault_record(s, EXEC_TRAP_STACK, 0, "kernel %s needs more stack than %zu bytes",
                   w->launch.kernel->name, w->stack_bytes);
   else
      record_address(w, s);
   sched_abort(w);
}

static void
resume_at_land(ucontext_t *uc, struct exec_worker *w)
{
   struct exec_strand *s = w->running;
   /* The strand's frames are dead: start from the top of its stack, as it may be full. */
   uintptr_t sp =
      w->plain ? (uintptr_t)w->guard - 256 : (uintptr_t)(s->fiber.stack + s->fiber.size);
   sp &= ~(uintptr_t)15;
#if defined(__x86_64__)
   uc->uc_mcontext.gregs[REG_RSP] = (greg_t)(sp - 8);
   uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)land;
   uc->uc_mcontext.gregs[REG_RDI] = (greg_t)(uintptr_t)w;
   uc->uc_mcontext.gregs[REG_EFL] &= ~0x400; /* direction flag */
#else
   uc->uc_mcontext.sp = sp;
   uc->uc_mcontext.pc = (uintptr_t)land;
   uc->uc_mcontext.regs[0] = (uintptr_t)w;
#endif
   fiber_forget_frames((void *)(sp - 4096), 4096);
}

static void
forward(int sig, siginfo_t *info, void *uc)
{
   for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
      if (signals[i] != sig)
         continue;
      const struct sigaction *p = &previous[i];
      if (p->sa_flags & SA_SIGINFO && p->sa_sigaction) {
         p->sa_sigaction(sig, info, uc);
      } else if (p->sa_handler != SIG_DFL && p->sa_handler != SIG_IGN) {
         p->sa_handler(sig);
      } else {
         /* The faulting instruction runs again and has its default effect. */
         struct sigaction dfl = {.sa_handler = SIG_DFL};
         sigaction(sig, &dfl, NULL);
         if (info->si_code <= 0) /* was sent, would not come again */
            raise(sig);
      }
   }
}

static void
on_signal(int sig, siginfo_t *info, void *uc)
{
   struct exec_worker *w = current;
   if (!w || !w->running || w->in_host || info->si_code <= 0) {
      forward(sig, info, uc);
      return;
   }
   w->sig = sig;
   w->sig_addr = info->si_addr;
   resume_at_land(uc, w);
}

static void
release_alt_stack(void *stack)
{
   stack_t off = {.ss_flags = SS_DISABLE};
   sigaltstack(&off, NULL);
   free(stack);
}

static void
install(void)
{
   pthread_key_create(&alt_stack_key, release_alt_stack);
   for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
      struct sigaction sa = {.sa_sigaction = on_signal,
                             .sa_flags = SA_SIGINFO | SA_ONSTACK};
      sigemptyset(&sa.sa_mask);
      sigaction(signals[i], &sa, &previous[i]);
   }
}

void
fault_prepare_thread(void)
{
   if (prepared)
      return;
   prepared = true;
   pthread_once(&install_once, install);
   stack_t have;
   if (!sigaltstack(NULL, &have) && !(have.ss_flags & SS_DISABLE))
      return;
   stack_t mine = {.ss_sp = malloc(ALT_STACK_BYTES), .ss_size = ALT_STACK_BYTES};
   if (!mine.ss_sp)
      return;
   sigaltstack(&mine, NULL);
   pthread_setspecific(alt_stack_key, mine.ss_sp);
}

struct exec_worker *
fault_set_worker(struct exec_worker *w)
{
   struct exec_worker *before = current;
   current = w;
   return before;
}
