/* SPDX-License-Identifier: Apache-2.0
 * Any text must be parsed without a crash; what is accepted must verify, print as PTX
 * that is accepted too, and print as IR text that is read back. */
#include <stdlib.h>

#include "ptx/ptx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
expect(bool ok)
{
   if (!ok)
      abort();
}

static void
check_printed(const struct ir_module *m)
{
   struct diag d;
   diag_init(&d);
   struct str s = {0};
   ptx_print(&s, m);
   ir_module_destroy(ptx_parse(s.data, s.len, "printed", &d));
   expect(!d.errors);
   s.len = 0;
   ir_print_module(&s, m);
   ir_module_destroy(ir_parse(s.data, s.len, "text", &d));
   expect(!d.errors);
   str_finish(&s);
   diag_finish(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse((const char *)data, n, "fuzz", &d);
   if (!d.errors) {
      for (size_t k = 0; k < m->funcs.len; k++) {
         if (!m->funcs.data[k]->is_extern)
            expect(ir_verify_func(m->funcs.data[k], &d));
      }
      check_printed(m);
   }
   ir_module_destroy(m);
   diag_finish(&d);
   return 0;
}
