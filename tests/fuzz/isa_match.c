/* SPDX-License-Identifier: Apache-2.0
 * Fuzzes the opcode matcher: whatever the bytes, it must answer without harm; what it
 * accepts must print as it was written. */
#include "isa/isa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
require(bool ok, const char *what, const char *text, size_t n)
{
   if (ok)
      return;
   fprintf(stderr, "%s: %.*s\n", what, (int)n, text);
   abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   const char *text = (const char *)data;
   struct isa_mods mods;
   const char *error = NULL;
   size_t at = 0;
   char buf[512];
   enum isa_op op = isa_match(text, n, &mods, &error, &at);
   if (op == ISA_OP_NONE) {
      require(error && *error && at <= n, "no error for", text, n);
      return 0;
   }
   int len = isa_print(op, &mods, buf, sizeof buf);
   require(len == (int)n && !memcmp(buf, text, n), "not printed as written", text, n);
   for (unsigned i = 0; i < 12; i++)
      isa_operand_type(op, &mods, i);
   uint64_t word;
   const char *name;
   isa_eval_find(op, &mods, &word, &name);
   return 0;
}
