/* SPDX-License-Identifier: Apache-2.0
 * In libcudart_static.a alone: where the driver is. A program that has the runtime linked
 * in names no libcuda.so.1, as the linkers of others do not ask for it; so each driver
 * function that the runtime calls (and what it traces with, which is there as well) is a
 * jump here, through a slot that is filled before main. static.sh lists the functions (X)
 * and the places of this build's own libcuda. */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HIDDEN __attribute__((visibility("hidden"), used))
#define INSUFFICIENT_DRIVER 35 /* cudaErrorInsufficientDriver; the driver has no code */

static int
missing(void)
{
   return INSUFFICIENT_DRIVER;
}

static int
no_trace(void)
{
   return 0;
}

#if defined(__x86_64__)
#define JUMP(name) "   jmp *kasuri_slot_" #name "(%rip)\n"
#elif defined(__aarch64__)
#define JUMP(name)                                                                       \
   "   adrp x16, kasuri_slot_" #name "\n"                                                \
   "   ldr x16, [x16, :lo12:kasuri_slot_" #name "]\n"                                    \
   "   br x16\n"
#else
#error "a jump through memory is missing for this processor"
#endif

#define X(name, otherwise)                                                               \
   void *kasuri_slot_##name HIDDEN = (void *)otherwise;                                  \
   __asm__(".text\n.p2align 4\n.globl " #name "\n.hidden " #name "\n.type " #name        \
           ", %function\n" #name ":\n" JUMP(name) ".size " #name ", .-" #name "\n");
#include "driver_names.inc"
#undef X

static const struct {
   const char *name;
   void **slot;
} slots[] = {
#define X(name, otherwise) {#name, &kasuri_slot_##name},
#include "driver_names.inc"
#undef X
};

static const char *const places[] = {KASURI_PLACES};

static void *
open_in(const char *folder, size_t n)
{
   char path[4096];
   if (!n || snprintf(path, sizeof path, "%.*s/libcuda.so.1", (int)n, folder) >=
                (int)sizeof path)
      return NULL;
   return dlopen(path, RTLD_NOW);
}

/* The one already there; the user's choice; this build's own; any. */
static void *
open_driver(void)
{
   void *handle = dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
   const char *p = getenv("LD_LIBRARY_PATH");
   while (handle == NULL && p != NULL && *p != 0) {
      size_t n = strcspn(p, ":");
      handle = open_in(p, n);
      p += n + (p[n] == ':');
   }
   for (size_t i = 0; handle == NULL && i < sizeof places / sizeof *places; i++)
      handle = open_in(places[i], strlen(places[i]));
   return handle != NULL ? handle : dlopen("libcuda.so.1", RTLD_NOW);
}

/* 101: the first of the priorities that programs may use; kernels are registered later.
 */
__attribute__((constructor(101))) static void
find_driver(void)
{
   void *handle = open_driver();
   if (handle == NULL) {
      fprintf(stderr,
              "kasuri: %s (`kasuri run` finds it, and `kasuri doctor` says more)\n",
              dlerror());
      return;
   }
   for (size_t i = 0; i < sizeof slots / sizeof *slots; i++) {
      void *f = dlsym(handle, slots[i].name);
      if (f != NULL)
         *slots[i].slot = f;
   }
}
