/* SPDX-License-Identifier: Apache-2.0
 * Stores that go past the caches (back/simd/past.c): from what size of launches on, and
 * how the others come to know of them. */
#include <stdatomic.h>

#include "exec_priv.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <emmintrin.h>

/* Bytes of the largest cache that the processor names under this leaf. */
static uint64_t
largest_cache(unsigned leaf)
{
   uint64_t most = 0;
   unsigned a, b, c, d;
   if (__get_cpuid_max(leaf & 0x80000000, NULL) < leaf)
      return 0;
   for (unsigned k = 0; k < 8; k++) {
      __cpuid_count(leaf, k, a, b, c, d);
      if (!(a & 0x1f))
         break;
      uint64_t bytes = ((uint64_t)(b >> 22) + 1) * ((b >> 12 & 0x3ff) + 1) *
                       ((b & 0xfff) + 1) * ((uint64_t)c + 1);
      most = MAX2(most, bytes);
   }
   return most;
}

static uint64_t
last_cache(void)
{
   uint64_t intel = largest_cache(4), amd = largest_cache(0x8000001d);
   return MAX2(intel, amd);
}

void
past_wait(void)
{
   _mm_sfence();
}
#else
static uint64_t
last_cache(void)
{
   return 0;
}

void
past_wait(void)
{
}
#endif

/* Where the processor does not say. */
#define LAST_CACHE ((uint64_t)32 << 20)

/* Half of the last cache, as what is read beside it wants the other half. */
uint64_t
exec_past_bytes(void)
{
   static _Atomic uint64_t known;
   uint64_t n = atomic_load_explicit(&known, memory_order_relaxed);
   if (!n) {
      uint64_t cache = last_cache();
      n = base_getenv_size("KASURI_PAST_CACHES", (cache ? cache : LAST_CACHE) / 2) + 1;
      atomic_store_explicit(&known, n, memory_order_relaxed);
   }
   return n - 1;
}
