/* SPDX-License-Identifier: Apache-2.0
 * Jumps from a program's functions to Kasuri's: a short jump at the function's start, to
 * a thunk in a page mapped near it, which goes on where its slot says. A slot first leads
 * to a resolver, as procedure linkage tables do. No page is ever writable and executable
 * at once. */
#include "redirect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Never moved, as threads read it while more is added. */
enum { CHUNK = 256, CHUNKS = 1024 };
struct target {
   const char *name;
   int abi;
   void **slot;
};
static struct target *targets[CHUNKS];
static uint32_t target_count;

void kasuri_redirect_resolver(void) __attribute__((visibility("hidden")));
void *kasuri_redirect_resolve(uint64_t index) __attribute__((visibility("hidden"), used));

void *
kasuri_redirect_resolve(uint64_t index)
{
   struct target *t = &targets[index / CHUNK][index % CHUNK];
   void *to = redirect_target(t->name, t->abi);
   __atomic_store_n(t->slot, to, __ATOMIC_RELEASE);
   return to;
}

#if defined(__x86_64__)
enum { THUNK_SIZE = 16, REACH_BITS = 31 };
/* All that may hold an argument is kept: six integers, the count of vectors, the static
 * chain, eight vectors. On the stack: the index, then the return address. */
__asm__(".text\n"
        ".globl kasuri_redirect_resolver\n"
        ".hidden kasuri_redirect_resolver\n"
        ".type kasuri_redirect_resolver, @function\n"
        "kasuri_redirect_resolver:\n"
        "   pushq %rbp\n"
        "   movq %rsp, %rbp\n"
        "   andq $-16, %rsp\n"
        "   subq $192, %rsp\n"
        "   movq %rax, (%rsp)\n"
        "   movq %rdi, 8(%rsp)\n"
        "   movq %rsi, 16(%rsp)\n"
        "   movq %rdx, 24(%rsp)\n"
        "   movq %rcx, 32(%rsp)\n"
        "   movq %r8, 40(%rsp)\n"
        "   movq %r9, 48(%rsp)\n"
        "   movq %r10, 56(%rsp)\n"
        "   movups %xmm0, 64(%rsp)\n"
        "   movups %xmm1, 80(%rsp)\n"
        "   movups %xmm2, 96(%rsp)\n"
        "   movups %xmm3, 112(%rsp)\n"
        "   movups %xmm4, 128(%rsp)\n"
        "   movups %xmm5, 144(%rsp)\n"
        "   movups %xmm6, 160(%rsp)\n"
        "   movups %xmm7, 176(%rsp)\n"
        "   movq 8(%rbp), %rdi\n"
        "   call kasuri_redirect_resolve\n"
        "   movq %rax, %r11\n"
        "   movq (%rsp), %rax\n"
        "   movq 8(%rsp), %rdi\n"
        "   movq 16(%rsp), %rsi\n"
        "   movq 24(%rsp), %rdx\n"
        "   movq 32(%rsp), %rcx\n"
        "   movq 40(%rsp), %r8\n"
        "   movq 48(%rsp), %r9\n"
        "   movq 56(%rsp), %r10\n"
        "   movups 64(%rsp), %xmm0\n"
        "   movups 80(%rsp), %xmm1\n"
        "   movups 96(%rsp), %xmm2\n"
        "   movups 112(%rsp), %xmm3\n"
        "   movups 128(%rsp), %xmm4\n"
        "   movups 144(%rsp), %xmm5\n"
        "   movups 160(%rsp), %xmm6\n"
        "   movups 176(%rsp), %xmm7\n"
        "   leave\n"
        "   addq $8, %rsp\n"
        "   jmp *%r11\n"
        ".size kasuri_redirect_resolver, . - kasuri_redirect_resolver\n");

static void
put32(uint8_t *p, int64_t v)
{
   uint32_t u = (uint32_t)v;
   memcpy(p, &u, 4);
}

/* jmp *slot(%rip); then, where the slot first leads: push $index; jmp to the tail. */
static void
write_thunk(uint8_t *p, const void *slot, uint32_t index, const uint8_t *tail)
{
   p[0] = 0xff, p[1] = 0x25;
   put32(p + 2, (const uint8_t *)slot - (p + 6));
   p[6] = 0x68;
   put32(p + 7, index);
   p[11] = 0xe9;
   put32(p + 12, tail - (p + 16));
}
enum { THUNK_LAZY = 6 };

static void
write_tail(uint8_t *p, const void *slot)
{
   p[0] = 0xff, p[1] = 0x25;
   put32(p + 2, (const uint8_t *)slot - (p + 6));
}

static void
write_jump(uint8_t *p, uintptr_t to)
{
   p[0] = 0xe9;
   put32(p + 1, (int64_t)(to - ((uintptr_t)p + 5)));
}
#else
enum { THUNK_SIZE = 24, REACH_BITS = 27 };
/* x17 holds the index; x0 to x8 and q0 to q7 may hold arguments. */
__asm__(".text\n"
        ".globl kasuri_redirect_resolver\n"
        ".hidden kasuri_redirect_resolver\n"
        ".type kasuri_redirect_resolver, %function\n"
        "kasuri_redirect_resolver:\n"
        "   stp x29, x30, [sp, #-224]!\n"
        "   mov x29, sp\n"
        "   stp x0, x1, [sp, #16]\n"
        "   stp x2, x3, [sp, #32]\n"
        "   stp x4, x5, [sp, #48]\n"
        "   stp x6, x7, [sp, #64]\n"
        "   str x8, [sp, #80]\n"
        "   stp q0, q1, [sp, #96]\n"
        "   stp q2, q3, [sp, #128]\n"
        "   stp q4, q5, [sp, #160]\n"
        "   stp q6, q7, [sp, #192]\n"
        "   mov x0, x17\n"
        "   bl kasuri_redirect_resolve\n"
        "   mov x16, x0\n"
        "   ldp x0, x1, [sp, #16]\n"
        "   ldp x2, x3, [sp, #32]\n"
        "   ldp x4, x5, [sp, #48]\n"
        "   ldp x6, x7, [sp, #64]\n"
        "   ldr x8, [sp, #80]\n"
        "   ldp q0, q1, [sp, #96]\n"
        "   ldp q2, q3, [sp, #128]\n"
        "   ldp q4, q5, [sp, #160]\n"
        "   ldp q6, q7, [sp, #192]\n"
        "   ldp x29, x30, [sp], #224\n"
        "   br x16\n"
        ".size kasuri_redirect_resolver, . - kasuri_redirect_resolver\n");

static void
put32(uint8_t *p, uint32_t v)
{
   memcpy(p, &v, 4);
}

static uint32_t
literal(const uint8_t *at, const void *data)
{
   return (uint32_t)((((const uint8_t *)data - at) / 4) & 0x7ffff) << 5;
}

/* ldr x16, slot; br x16; then, where the slot first leads: ldr w17, index; b tail. */
static void
write_thunk(uint8_t *p, const void *slot, uint32_t index, const uint8_t *tail)
{
   put32(p, 0x58000010u | literal(p, slot));
   put32(p + 4, 0xd61f0200u);
   put32(p + 8, 0x18000011u | literal(p + 8, p + 16));
   put32(p + 12, 0x14000000u | ((uint32_t)((tail - (p + 12)) / 4) & 0x3ffffff));
   put32(p + 16, index);
   put32(p + 20, 0);
}
enum { THUNK_LAZY = 8 };

static void
write_tail(uint8_t *p, const void *slot)
{
   put32(p, 0x58000010u | literal(p, slot));
   put32(p + 4, 0xd61f0200u);
}

static void
write_jump(uint8_t *p, uintptr_t to)
{
   put32(p, 0x14000000u | ((uint32_t)((int64_t)(to - (uintptr_t)p) / 4) & 0x3ffffff));
}
#endif

static size_t
page_up(size_t n)
{
   size_t page = (size_t)sysconf(_SC_PAGESIZE);
   return (n + page - 1) & ~(page - 1);
}

/* Memory that jumps from all of [low, high) reach, first tried above, then below. */
static uint8_t *
map_near(uintptr_t low, uintptr_t high, size_t size)
{
   const uintptr_t reach = ((uintptr_t)1 << REACH_BITS) - size, step = 1u << 20;
   for (int up = 1; up >= 0; up--) {
      uintptr_t at = up ? (high + step) & ~(step - 1) : (low - size - step) & ~(step - 1);
      while (up ? at - low < reach : at < low && high - at < reach && at > step) {
         void *p = mmap((void *)at, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
         if (p == (void *)at)
            return p;
         if (p != MAP_FAILED)
            munmap(p, size); /* a kernel that takes the address as a hint */
         at = up ? at + step : at - step;
      }
   }
   return NULL;
}

static bool
add_target(const char *name, int abi, void **slot, uint32_t *index)
{
   uint32_t i = target_count;
   if (i / CHUNK >= CHUNKS)
      return false;
   if (!targets[i / CHUNK]) {
      targets[i / CHUNK] = calloc(CHUNK, sizeof **targets);
      if (!targets[i / CHUNK])
         return false;
   }
   targets[i / CHUNK][i % CHUNK] = (struct target){name, abi, slot};
   *index = i;
   target_count++;
   return true;
}

static bool
protect(uintptr_t low, uintptr_t high, int how)
{
   size_t page = (size_t)sysconf(_SC_PAGESIZE);
   uintptr_t at = low & ~(uintptr_t)(page - 1);
   return mprotect((void *)at, page_up(high - at), how) == 0;
}

bool
redirect_write(const struct redirect *r, size_t n, const char **why)
{
   uintptr_t low = UINTPTR_MAX, high = 0;
   for (size_t i = 0; i < n; i++) {
      low = r[i].from < low ? r[i].from : low;
      high = r[i].from > high ? r[i].from : high;
   }
   high += REDIRECT_JUMP_SIZE;
   size_t code = page_up((n + 1) * THUNK_SIZE), data = page_up((n + 1) * sizeof(void *));
   uint8_t *block = map_near(low, high, code + data);
   *why = "no free memory near its code";
   if (!block)
      return false;
   void **slots = (void **)(block + code);
   slots[0] = (void *)kasuri_redirect_resolver;
   write_tail(block, &slots[0]);
   for (size_t i = 0; i < n; i++) {
      uint8_t *thunk = block + (i + 1) * THUNK_SIZE;
      uint32_t index;
      *why = "too many functions";
      if (!add_target(r[i].name, r[i].abi, &slots[i + 1], &index))
         return false;
      slots[i + 1] = thunk + THUNK_LAZY;
      write_thunk(thunk, &slots[i + 1], index, block);
   }
   *why = "its code cannot be written to (mprotect)";
   if (mprotect(block, code, PROT_READ | PROT_EXEC) ||
       !protect(low, high, PROT_READ | PROT_WRITE))
      return false;
   for (size_t i = 0; i < n; i++)
      write_jump((uint8_t *)r[i].from, (uintptr_t)block + (i + 1) * THUNK_SIZE);
   __builtin___clear_cache((char *)block, (char *)block + code);
   __builtin___clear_cache((char *)low, (char *)high);
   return protect(low, high, PROT_READ | PROT_EXEC);
}
