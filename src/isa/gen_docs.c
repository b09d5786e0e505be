/* SPDX-License-Identifier: Apache-2.0
 * Writes docs/isa.md from the instruction table, or checks with --check FILE that the
 * file says what the table says. */
#include "isa/isa_priv.h"

#include <stdio.h>
#include <string.h>

static const char head[] =
   "# Instructions\n"
   "\n"
   "Made from src/isa/isa_table.inc by scripts/gen_isa_docs; do not edit.\n"
   "\n"
   "Every instruction of PTX ISA 9.0, with the section of NVIDIA's manual that defines "
   "it. A "
   "line that begins with `+`\n"
   "is a form that Kasuri executes. One with `-` is read and checked, and reported by "
   "its full "
   "name when a kernel that\n"
   "uses it is loaded. After the form come its operands, and the PTX version and the "
   "target "
   "that introduced it.\n"
   "\n"
   "Notation: `{…}` may be left out, `.(a|b)` is one of several modifiers, `.<c>` one of "
   "a "
   "class of them, `[…]` groups,\n"
   "`x|y` is one of two sequences. Modifiers may also come in another order, as long as "
   "types "
   "and state spaces keep\n"
   "theirs. Operands: `d` destination, `q` destination predicate, `a` `b` `c` sources, "
   "`p` "
   "source predicate, `m` address,\n"
   "`v` vector, `i` immediate, `l` label, `f` function, `t` list of targets or "
   "prototype, `s` "
   "anything.\n";

static void
write_classes(struct str *out)
{
   str_append(out, "\n## Classes\n\n");
   const char *name, *members;
   for (unsigned i = 0; isa__class(i, &name, &members); i++) {
      str_printf(out, "    <%s>", name);
      /* The warpgroup shapes are a page of numbers. */
      if (strlen(members) > 300)
         str_printf(out, " = %.*s|…\n", (int)(strchr(members, '|') - members), members);
      else
         str_printf(out, " = %s\n", members);
   }
}

static void
write_form(struct str *out, const struct isa_form *f)
{
   str_printf(out, "    %c %s", f->executable ? '+' : '-', f->pattern);
   str_printf(out, *f->operands ? "  %s;" : ";", f->operands);
   str_printf(out, "  (PTX %u.%u", f->ptx_major, f->ptx_minor);
   if (f->sm)
      str_printf(out, ", sm_%u", f->sm);
   str_append(out, ")\n");
}

static void
write_op(struct str *out, enum isa_op op)
{
   static const char *const reach[] = {[ISA_LANE] = "",
                                       [ISA_WARP] = " Executed by a warp.",
                                       [ISA_BLOCK] = " Executed by a block.",
                                       [ISA_CLUSTER] = " Executed by a cluster.",
                                       [ISA_GRID] = " Concerns the grid."};
   const struct isa_op_info *info = isa_op_info(op);
   const struct isa_tables *t = isa__tables();
   str_printf(out, "\n## %s\n\n%s%s PTX ISA %s.\n\n", info->name, info->doc,
              reach[info->reach], info->section);
   for (unsigned form = t->first_form[op]; form <= t->last_form[op]; form++)
      write_form(out, isa_form(form));
}

static void
write_page(struct str *out)
{
   unsigned forms = isa__tables()->nforms - 1, run = 0;
   for (unsigned i = 1; i <= forms; i++)
      run += isa_form(i)->executable;
   str_append(out, head);
   str_printf(out, "\n%u opcodes, %u forms, of which %u are executed.\n", ISA_PHI - 1,
              forms, run);
   for (unsigned op = 1; op < ISA_PHI; op++)
      write_op(out, op);
   write_classes(out);
}

static int
check(const struct str *want, const char *path)
{
   struct str have = {0};
   char buf[4096];
   FILE *f = fopen(path, "r");
   for (size_t n; f && (n = fread(buf, 1, sizeof buf, f)) > 0;)
      str_append_n(&have, buf, n);
   if (f)
      fclose(f);
   bool same = have.len == want->len && !memcmp(have.data, want->data, want->len);
   str_finish(&have);
   printf("%d passed, %d failed\n", same, !same);
   if (!same)
      fprintf(stderr, "%s does not say what the table says: run scripts/gen_isa_docs\n",
              path);
   return !same;
}

int
main(int argc, char **argv)
{
   struct str page = {0};
   int status = 0;
   write_page(&page);
   if (argc == 3 && !strcmp(argv[1], "--check"))
      status = check(&page, argv[2]);
   else
      fputs(str_get(&page), stdout);
   str_finish(&page);
   return status;
}
