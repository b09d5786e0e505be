/* SPDX-License-Identifier: Apache-2.0
 * Any text is a module of the IR's own form, or is refused with a reason; what is read
 * prints as text that reads back to the same text. */
#include <stdlib.h>
#include <string.h>

#include "ir/ir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
expect(bool ok)
{
   if (!ok)
      abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ir_parse((const char *)data, n, "fuzz", &d);
   if (!d.errors) {
      struct str once = {0}, twice = {0};
      ir_print_module(&once, m);
      struct ir_module *again = ir_parse(once.data, once.len, "printed", &d);
      expect(!d.errors);
      ir_print_module(&twice, again);
      expect(once.len == twice.len && !memcmp(once.data, twice.data, once.len));
      ir_module_destroy(again);
      str_finish(&once);
      str_finish(&twice);
   }
   ir_module_destroy(m);
   diag_finish(&d);
   return 0;
}
