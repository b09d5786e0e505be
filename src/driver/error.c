/* SPDX-License-Identifier: Apache-2.0
 * Errors by name, entry points by name, and the answer of functions that are not there.
 */
#include "driver_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
   CUresult code;
   const char *name, *text;
} errors[] = {
#define X(name, text) {name, #name, text},
#include "error_strings.inc"
#undef X
};

static CUresult
look_up(CUresult error, const char **out, bool name)
{
   REQUIRE(out);
   *out = NULL;
   for (size_t i = 0; i < ARRAY_LEN(errors); i++)
      if (errors[i].code == error)
         *out = name ? errors[i].name : errors[i].text;
   return *out ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

API
cuGetErrorString(CUresult error, const char **pStr)
{
   return look_up(error, pStr, false);
}

API
cuGetErrorName(CUresult error, const char **pStr)
{
   return look_up(error, pStr, true);
}

CUresult
driver_unsupported(const char *name)
{
   static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
   static struct map *told;
   pthread_mutex_lock(&lock);
   if (!told)
      told = map_create();
   bool first = !map_find(told, name);
   map_set(told, name, (void *)name);
   pthread_mutex_unlock(&lock);
   if (first)
      fprintf(stderr, "kasuri: %s is not supported yet\n", name);
   return CUDA_ERROR_NOT_SUPPORTED;
}

/* The newest meaning of a name up to the version that the caller was built for. */
API
cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags,
                 CUdriverProcAddressQueryResult *symbolStatus)
{
   REQUIRE(symbol && pfn);
   REQUIRE(!(flags & ~(cuuint64_t)3) && flags != 3);
   *pfn = NULL;
   bool mine = flags == CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM ||
               (!flags && driver_per_thread);
   const struct driver_entry *best = NULL;
   bool known = false;
   for (unsigned i = 0; i < driver_entry_count; i++) {
      const struct driver_entry *e = &driver_entries[i];
      if (strcmp(e->name, symbol) || (e->per_thread && !mine))
         continue;
      known = true;
      if (e->version <= cudaVersion &&
          (!best || e->version > best->version || e->per_thread >= best->per_thread))
         best = e;
   }
   CUdriverProcAddressQueryResult st = best ? CU_GET_PROC_ADDRESS_SUCCESS
                                       : known
                                          ? CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT
                                          : CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND;
   if (symbolStatus)
      *symbolStatus = st;
   if (best)
      memcpy(pfn, &best->fn, sizeof best->fn);
   return best || symbolStatus ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}
