/* SPDX-License-Identifier: Apache-2.0
 * Any bytes are an object of machine code, or are refused with a reason: a damaged file of
 * the cache must not harm the program. What is loaded is not run. */
#include <stdlib.h>

#include "back/object.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   struct diag d;
   diag_init(&d);
   struct loaded_code *c = code_load(data, n, &d);
   if ((c != NULL) == (d.errors != 0))
      abort();
   if (c)
      code_unload(c);
   diag_finish(&d);
   return 0;
}
