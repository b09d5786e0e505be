/* SPDX-License-Identifier: Apache-2.0
 * Fiber stacks and their switch; the sanitizers are told of each switch, as they keep
 * state per stack. */
#include "fiber.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN 1
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define HAVE_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HAVE_TSAN 1
#endif
#endif

#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <pthread.h>
#endif
#ifdef HAVE_TSAN
#include <sanitizer/tsan_interface.h>
#endif

void kasuri_fiber_switch(void **save, void *to);
void kasuri_fiber_boot(void);

/* Stack tops differ by this many bytes between neighbours, over COLORS steps: without it
 * all fibers' hot frames would share the same few sets of the first-level cache. */
#define COLOR_BYTES 256
#define COLORS 12
/* Sanitized code has several times larger frames. */
#if defined(HAVE_ASAN) || defined(HAVE_TSAN)
#define STACK_FACTOR 4
#else
#define STACK_FACTOR 1
#endif

static size_t
page_bytes(void)
{
   return (size_t)sysconf(_SC_PAGESIZE);
}

bool
fiber_create(struct fiber *f, size_t stack_bytes)
{
   size_t page = page_bytes();
   size_t size = ALIGN_UP(stack_bytes * STACK_FACTOR, page);
   memset(f, 0, sizeof *f);
   uint8_t *p = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
   if (p == MAP_FAILED)
      return false;
   if (mprotect(p, page, PROT_NONE)) {
      munmap(p, size + page);
      return false;
   }
   f->stack = p + page;
   f->size = size;
#ifdef HAVE_TSAN
   f->tsan = __tsan_create_fiber(0);
#endif
   return true;
}

void
fiber_destroy(struct fiber *f)
{
   if (!f->stack)
      return;
   fiber_forget_frames(f->stack, f->size);
#ifdef HAVE_TSAN
   __tsan_destroy_fiber(f->tsan);
#endif
   size_t page = page_bytes();
   munmap(f->stack - page, f->size + page);
   memset(f, 0, sizeof *f);
}

void
fiber_adopt_thread(struct fiber *f)
{
   memset(f, 0, sizeof *f);
#ifdef HAVE_ASAN
   static _Thread_local void *lo;
   static _Thread_local size_t size;
   pthread_attr_t attr;
   if (!lo && !pthread_getattr_np(pthread_self(), &attr)) {
      pthread_attr_getstack(&attr, &lo, &size);
      pthread_attr_destroy(&attr);
   }
   f->stack = lo;
   f->size = size;
#endif
#ifdef HAVE_TSAN
   f->tsan = __tsan_get_current_fiber();
#endif
}

void
fiber_forget_frames(const void *lo, size_t size)
{
#ifdef HAVE_ASAN
   __asan_unpoison_memory_region(lo, size);
#else
   (void)lo, (void)size;
#endif
}

void
fiber_before_escape(void)
{
#ifdef HAVE_ASAN
   __asan_handle_no_return();
#endif
}

void
fiber_start(struct fiber *f, void (*entry)(void *), void *arg, unsigned color)
{
   fiber_forget_frames(f->stack, f->size);
   f->fake_stack = NULL;
   uintptr_t top = (uintptr_t)(f->stack + f->size) - color % COLORS * COLOR_BYTES;
   uint64_t *sp = (uint64_t *)(top & ~(uintptr_t)15);
#if defined(__x86_64__)
   sp -= 2; /* keeps rsp 16-aligned in boot, and a zero return address for debuggers */
   sp[0] = sp[1] = 0;
   *--sp = (uint64_t)(uintptr_t)kasuri_fiber_boot;
   *--sp = 0;                          /* rbp */
   *--sp = (uint64_t)(uintptr_t)entry; /* rbx */
   *--sp = (uint64_t)(uintptr_t)arg;   /* r12 */
   sp -= 3;                            /* r13 r14 r15 */
#else
   sp -= 20;
   memset(sp, 0, 160);
   sp[0] = (uint64_t)(uintptr_t)entry;              /* x19 */
   sp[1] = (uint64_t)(uintptr_t)arg;                /* x20 */
   sp[11] = (uint64_t)(uintptr_t)kasuri_fiber_boot; /* x30 */
#endif
   f->sp = sp;
}

void
fiber_switch(struct fiber *from, struct fiber *to)
{
#ifdef HAVE_ASAN
   __sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->size);
#endif
#ifdef HAVE_TSAN
   __tsan_switch_to_fiber(to->tsan, 0);
#endif
   kasuri_fiber_switch(&from->sp, to->sp);
#ifdef HAVE_ASAN
   __sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}

void
fiber_leave(struct fiber *from, struct fiber *to)
{
#ifdef HAVE_ASAN
   __sanitizer_start_switch_fiber(NULL, to->stack, to->size);
#endif
#ifdef HAVE_TSAN
   __tsan_switch_to_fiber(to->tsan, 0);
#endif
   kasuri_fiber_switch(&from->sp, to->sp);
}

void
fiber_entered(struct fiber *self)
{
#ifdef HAVE_ASAN
   __sanitizer_finish_switch_fiber(self->fake_stack, NULL, NULL);
#else
   (void)self;
#endif
}

bool
fiber_guard_hit(const struct fiber *f, const void *addr)
{
   const uint8_t *a = addr;
   return f->stack && a < f->stack && a >= f->stack - page_bytes();
}
