/* SPDX-License-Identifier: Apache-2.0
 * Every kernel of an accepted module goes through all passes and analyses and is compiled
 * for the interpreter, or is declined with a reason; the IR verifies after it. */
#include <stdlib.h>

#include "back/back.h"
#include "pass/pass.h"
#include "ptx/ptx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
compile(struct ir_func *f)
{
   struct diag d;
   diag_init(&d);
   struct back_options opt = {.block = {32, 1, 1}, .force_mode = -1};
   struct exec_kernel *k = back_interp.compile(f, &opt, &d);
   if ((k != NULL) == (d.errors != 0))
      abort();
   if (k)
      back_interp.destroy(k);
   diag_finish(&d);
   diag_init(&d);
   if (pass_run_all(f, &d) && !ir_verify_func(f, &d))
      abort();
   diag_finish(&d);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse((const char *)data, n, "fuzz", &d);
   if (!d.errors)
      for (size_t k = 0; k < m->funcs.len; k++)
         if (!m->funcs.data[k]->is_extern)
            compile(m->funcs.data[k]);
   ir_module_destroy(m);
   diag_finish(&d);
   return 0;
}
