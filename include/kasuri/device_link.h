/* SPDX-License-Identifier: Apache-2.0
 * What the device link of `kasuri nvcc` compiles, after a list of the files compiled apart
 * (KASURI_UNITS) and, where images are linked as well, the name of a file that holds them
 * (KASURI_IMAGES). Each file's constructor calls a function of its own name here and
 * hands over what registers its kernels and variables; the last one that comes makes them
 * all one module. A file that only a library holds is KASURI_WEAK: it takes part where
 * the host's linker takes it. */
#ifndef KASURI_DEVICE_LINK_H
#define KASURI_DEVICE_LINK_H

#include <stdlib.h>

#define KASURI_HIDDEN __attribute__((visibility("hidden")))
#define KASURI_WEAK __attribute__((weak))

struct kasuri_wrapper {
   unsigned magic, version;
   const void *data;
   const void *const *list;
};
typedef void kasuri_register(void **module);

void **__cudaRegisterFatBinary(const void *wrapper);
void __cudaRegisterFatBinaryEnd(void **module);
void __cudaUnregisterFatBinary(void **module);

#define KASURI_DECLARE(id, weak)                                                         \
   extern const struct kasuri_wrapper __fatbinwrap##id KASURI_HIDDEN weak;
#define KASURI_ADDRESS(id, weak) &__fatbinwrap##id,
KASURI_UNITS(KASURI_DECLARE)
static const struct kasuri_wrapper *const kasuri_units[] = {KASURI_UNITS(KASURI_ADDRESS) 0};
#define KASURI_COUNT (sizeof kasuri_units / sizeof *kasuri_units)

#ifdef KASURI_IMAGES
__asm__(".section __nv_relfatbin,\"a\"\n.balign 8\nkasuri_images: .incbin \"" KASURI_IMAGES
        "\"\n.text\n");
extern const char kasuri_images[] KASURI_HIDDEN;
#endif

/* The fatbins, and zero. */
static const void *kasuri_list[KASURI_COUNT + 2];
static const struct kasuri_wrapper kasuri_linked
   __attribute__((section(".nvFatBinSegment"))) = {0x466243B1, 2, 0, kasuri_list};
static kasuri_register *kasuri_callbacks[KASURI_COUNT];
static size_t kasuri_seen;
static void **kasuri_module;

static void
kasuri_unregister(void)
{
   __cudaUnregisterFatBinary(kasuri_module);
}

__attribute__((unused)) static void
kasuri_unit(kasuri_register *callback)
{
   size_t n = 0;
   kasuri_callbacks[kasuri_seen++] = callback;
   for (size_t i = 0; i + 1 < KASURI_COUNT; i++)
      if (kasuri_units[i])
         kasuri_list[n++] = kasuri_units[i]->data;
   if (kasuri_seen < n)
      return;
#ifdef KASURI_IMAGES
   kasuri_list[n++] = kasuri_images;
#endif
   kasuri_module = __cudaRegisterFatBinary(&kasuri_linked);
   for (size_t i = 0; i < kasuri_seen; i++)
      if (kasuri_callbacks[i])
         kasuri_callbacks[i](kasuri_module);
   __cudaRegisterFatBinaryEnd(kasuri_module);
   atexit(kasuri_unregister);
}

#define KASURI_ENTRY(id, weak)                                                           \
   KASURI_HIDDEN void __cudaRegisterLinkedBinary##id(                                    \
      kasuri_register *callback, const void *wrapper, const char *name,                  \
      void (*unused)(void *))                                                            \
   {                                                                                     \
      (void)wrapper, (void)name, (void)unused;                                           \
      kasuri_unit(callback);                                                             \
   }
KASURI_UNITS(KASURI_ENTRY)

#endif
