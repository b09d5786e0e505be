/* SPDX-License-Identifier: Apache-2.0
 * The PTX parser: messages (tests/ptx-errors), everything that must be accepted
 * (tests/data), and what instructions become. */
#include "check.h"

#include <glob.h>
#include <stdlib.h>

#include "ptx/ptx.h"

static char *
read_file(const char *path, size_t *n)
{
   FILE *f = fopen(path, "rb");
   if (!f)
      return NULL;
   struct str s = {0};
   char buf[4096];
   for (size_t k; (k = fread(buf, 1, sizeof buf, f));)
      str_append_n(&s, buf, k);
   fclose(f);
   *n = s.len;
   return str_take(&s);
}

static void
for_each(const char *pattern, void (*fn)(const char *path, const char *text, size_t n))
{
   char full[1000];
   snprintf(full, sizeof full, "%s/%s", TEST_DIR, pattern);
   glob_t g;
   if (glob(full, 0, NULL, &g)) {
      CHECK(!"no file matches");
      fprintf(stderr, "   %s\n", full);
      return;
   }
   for (size_t k = 0; k < g.gl_pathc; k++) {
      size_t n;
      char *text = read_file(g.gl_pathv[k], &n);
      CHECK(text != NULL);
      if (text)
         fn(g.gl_pathv[k], text, n);
      base_free(text);
   }
   globfree(&g);
}

/* -- Messages: "// ERR line:col id" lines are all of them, in order. */

static void
wanted_messages(struct str *out, const char *text)
{
   for (const char *s = text; (s = strstr(s, "// ERR ")); s++) {
      size_t n = strcspn(s, "\r\n");
      str_append_n(out, s + 7, n - 7);
      str_append(out, "\n");
   }
}

static void
check_messages(const char *path, const char *text, size_t n)
{
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text, n, path, &d);
   struct str got = {0}, want = {0};
   for (size_t k = 0; k < d.msgs.len; k++) {
      const struct diag_msg *msg = &d.msgs.data[k];
      str_printf(&got, "%u:%u %s\n", msg->loc.line, msg->loc.col, msg->id);
      CHECK(msg->text[0] != 0);
   }
   wanted_messages(&want, text);
   if (strcmp(str_get(&got), str_get(&want)))
      fprintf(stderr, "%s:\n", path);
   CHECK_STR(str_get(&got), str_get(&want));
   str_finish(&got);
   str_finish(&want);
   ir_module_destroy(m);
   diag_finish(&d);
}

/* -- What must be accepted */

static void
show_messages(const char *path, const struct diag *d)
{
   struct str s = {0};
   diag_print(d, &s);
   fprintf(stderr, "%s:\n%s", path, str_get(&s));
   str_finish(&s);
}

static void
verify_module(const char *path, const struct ir_module *m)
{
   struct diag d;
   diag_init(&d);
   for (size_t k = 0; k < m->funcs.len; k++) {
      if (!m->funcs.data[k]->is_extern)
         ir_verify_func(m->funcs.data[k], &d);
   }
   if (!CHECK(!d.errors))
      show_messages(path, &d);
   diag_finish(&d);
}

static void
check_text_form(const char *path, const struct ir_module *m)
{
   struct diag d;
   diag_init(&d);
   struct str first = {0}, second = {0};
   ir_print_module(&first, m);
   struct ir_module *again = ir_parse(first.data, first.len, "text", &d);
   if (CHECK(again != NULL)) {
      ir_print_module(&second, again);
      CHECK_STR(second.data, first.data);
   } else {
      show_messages(path, &d);
   }
   ir_module_destroy(again);
   str_finish(&first);
   str_finish(&second);
   diag_finish(&d);
}

/* Printed, parsed and printed again: the same text, and as many instructions (addresses
 * of variables are made anew for every operand). */
static size_t
count_insts(const struct ir_module *m)
{
   size_t n = 0;
   for (size_t k = 0; k < m->funcs.len; k++)
      ir_foreach_block (b, m->funcs.data[k])
         ir_foreach_inst (i, b)
            n += i->op != ISA_BRA && i->op != ISA_ADDR;
   return n;
}

static void
check_ptx_form(const char *path, const struct ir_module *m)
{
   struct diag d;
   diag_init(&d);
   struct str first = {0}, second = {0};
   ptx_print(&first, m);
   struct ir_module *again = ptx_parse(first.data, first.len, "printed", &d);
   if (!CHECK(!d.errors))
      show_messages(path, &d);
   verify_module(path, again);
   ptx_print(&second, again);
   CHECK(!strcmp(second.data, first.data));
   CHECK_EQ_U64(count_insts(again), count_insts(m));
   ir_module_destroy(again);
   str_finish(&first);
   str_finish(&second);
   diag_finish(&d);
}

static void
check_accepted(const char *path, const char *text, size_t n)
{
   if (strstr(text, "// ERR"))
      return;
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text, n, path, &d);
   if (CHECK(!d.errors)) {
      verify_module(path, m);
      check_text_form(path, m);
      check_ptx_form(path, m);
   } else {
      show_messages(path, &d);
   }
   ir_module_destroy(m);
   diag_finish(&d);
}

/* -- What a body becomes, as the text form shows it without the declarations */

static void
becomes(const char *body, const char *want)
{
   struct str text = {0};
   str_printf(&text,
              ".version 8.7\n.target sm_90\n.address_size 64\n"
              ".global .u32 g[4];\n.shared .b32 sh;\n.extern .shared .b8 dyn[];\n"
              ".extern .func (.param .b32 r) f (.param .b32 a);\n"
              ".visible .entry k(.param .u64 x, .param .align 8 .b8 y[16])\n{\n"
              ".reg .pred %%p<4>; .reg .b16 %%h<4>; .reg .b32 %%r<9>; .reg .b64 %%d<9>;\n"
              "%s\n}\n",
              body);
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text.data, text.len, "body", &d);
   if (!CHECK(!d.errors))
      show_messages(body, &d);
   struct str out = {0};
   ir_print_func(&out, ir_module_find_func(m, "k"));
   char *first = strstr(str_get(&out), "\nb0:\n");
   CHECK_STR(first ? first + 5 : str_get(&out), want);
   str_finish(&out);
   str_finish(&text);
   ir_module_destroy(m);
   diag_finish(&d);
}

static void
test_instructions(void)
{
   becomes("", "   ret\n}\n");
   becomes("add.s32 %r1, %r2, -1;", "   %r1 = add.s32 %r2, 0xffffffff\n   ret\n}\n");
   becomes("ld.param.u32 %r1, [y+12];",
           "   %.0 = addr y\n   %r1 = ld.param.u32 [%.0+12]\n   ret\n}\n");
   becomes("mov.u32 %r1, %tid.y; mov.b64 %d1, g+8;",
           "   %r1 = sreg %tid.y\n   %d1 = addr g+8\n   ret\n}\n");
   becomes("st.f32 [%d1-4], 1.5; st.global.f64 [%d1], 0f3FC00000;",
           "   st.f32 [%d1-4], 0x3fc00000\n"
           "   st.global.f64 [%d1], 0x3ff8000000000000:b64\n   ret\n}\n");
   becomes("setp.lt.u32 %p1|%p2, %r1, 2;",
           "   {%p1, %p2} = setp.lt.u32 %r1, 2\n   ret\n}\n");
   becomes("setp.lt.and.u32 %p1, %r1, 2, !%p2;",
           "   %.0 = not.pred %p2\n"
           "   {%p1, _:pred} = setp.lt.and.u32 %r1, 2, %.0\n   ret\n}\n");
   becomes("@!%p1 add.s32 %r1, %r1, 1;", "   @!%p1 %r1 = add.s32 %r1, 1\n   ret\n}\n");
   becomes("bar.sync 0; bar.red.popc.u32 %r1, 1, %p1;",
           "   bar.sync 0, 0\n   %r1 = bar.red.popc.u32 1, 0, %p1\n   ret\n}\n");
   becomes("mov.b64 %d1, {%r1, %r2}; mov.b32 {%h1, _}, %r1;",
           "   %d1 = mov.b64 %r1, %r2\n   {%h1, _:b16} = mov.b32 %r1\n   ret\n}\n");
   becomes("add.cc.u32 %r1, %r2, %r3; addc.u32 %r4, %r5, 0;",
           "   {%r1, %cc} = add.cc.u32 %r2, %r3\n   %r4 = addc.u32 %r5, 0, %cc\n"
           "   ret\n}\n");
   becomes("atom.shared.add.u32 %r1, [sh+4], %r2;",
           "   %.0 = addr sh\n   %r1 = atom.shared.add.u32 [%.0+4], %r2\n   ret\n}\n");
   becomes("shfl.sync.up.b32 %r1, %r2, 1, 0, -1;",
           "   {%r1, _:pred} = shfl.sync.up.b32 %r2, 1, 0, 0xffffffff\n   ret\n}\n");
}

static void
test_flow(void)
{
   becomes("@%p1 bra out; mov.u32 %r1, 1; out: ret;",
           "   @%p1 bra out, b1\nb1: // from b0\n   %r1 = mov.u32 1\n   bra out\n"
           "out: // from b0, b1\n   ret\n}\n");
   /* A guarded exit gets a block of its own. */
   becomes("@%p1 exit; dead: mov.u32 %r1, 1;",
           "   @%p1 bra b1, dead\nb1: // from b0\n   exit\ndead: // from b0\n"
           "   %r1 = mov.u32 1\n   ret\n}\n");
   /* A label that nobody branches to starts no block. */
   becomes("mov.u32 %r1, 1; unused: mov.u32 %r2, 2;",
           "   %r1 = mov.u32 1\n   %r2 = mov.u32 2\n   ret\n}\n");
   becomes("t: .branchtargets a, b; brx.idx %r1, t; mov.u32 %r1, 9; a: trap; b:",
           "   brx.idx %r1, [a, b]\na: // from b0\n   trap\nb: // from b0\n   ret\n}\n");
   /* Labels and registers of an inner scope are its own. */
   becomes("{ .reg .b32 %r<2>; mov.u32 %r1, 1; l: @%p1 bra l; }"
           "{ mov.u32 %r1, 2; l: @%p2 bra l; }",
           "   %r1 = mov.u32 1\n   bra l\nl: // from b0, l\n   @%p1 bra l, b2\n"
           "b2: // from l\n   %r1.1 = mov.u32 2\n   bra l.1\nl.1: // from b2, l.1\n"
           "   @%p2 bra l.1, b4\nb4: // from l.1\n   ret\n}\n");
   becomes("{ .param .b32 p0, q0; st.param.b32 [p0], 3; call (q0), f, (p0);"
           " ld.param.b32 %r1, [q0]; }",
           "   %.0 = addr p0\n   st.param::func.b32 [%.0], 3\n   %.1 = addr q0\n"
           "   %.2 = addr p0\n   call f, %.1, %.2\n   %.3 = addr q0\n"
           "   %r1 = ld.param::func.b32 [%.3]\n   ret\n}\n");
}

static const struct ir_sym *
sym(struct ir_module *m, const char *name)
{
   const struct ir_sym *s = map_find(m->sym_map, name);
   static const struct ir_sym none;
   CHECK(s != NULL);
   return s ? s : &none;
}

static void
test_declarations(void)
{
   size_t n;
   char *text = read_file(TEST_DIR "/data/grammar/declarations.ptx", &n);
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text, n, "declarations.ptx", &d);
   CHECK_EQ_U64(m->ptx_major * 100 + m->ptx_minor, 807);
   CHECK_EQ_U64(m->sm, 90);
   CHECK(m->sm_suffix == 'a' && m->files.len == 3);
   CHECK_STR(m->files.data[1], "a file.cu");
   CHECK(sym(m, "later")->linkage == IR_VISIBLE && sym(m, "later")->init[0] == 7);
   CHECK(sym(m, "m")->managed && sym(m, "u")->unified && sym(m, "v")->managed);
   CHECK_EQ_U64(sym(m, "open")->size, 8 * 4);
   static const int32_t loc[6] = {1, 2, 3, 4, -5, 0};
   CHECK(!memcmp(sym(m, "loc")->init, loc, sizeof loc));
   static const float quad[4] = {1.0f, 2.5f, -3.0f, 1000.0f};
   CHECK(!memcmp(sym(m, "quad")->init, quad, sizeof quad));
   static const int64_t exprs[12] = {7, 9, 3, 3, -1, 0, 2, 1, -1, -1, 64, 4};
   CHECK(!memcmp(sym(m, "exprs")->init, exprs, sizeof exprs));
   CHECK(!memcmp(sym(m, "text")->init, "hi\n\"x\0", 6));
   const struct ir_sym *p = sym(m, "ptrs");
   CHECK_EQ_U64(p->nrelocs, 6);
   CHECK(p->relocs[3].generic && p->relocs[3].addend == 8 && p->relocs[3].offset == 24);
   CHECK(p->relocs[4].addend == -4 && p->relocs[5].sym->func);
   CHECK_EQ_U64(sym(m, "bytes")->relocs[3].shift, 32);
   const struct ir_func *k = ir_module_find_func(m, "k");
   /* 8, 8, align 16: 40 bytes, 1 byte, align 16: 16 bytes, 4 bytes */
   static const uint32_t offsets[6] = {0, 8, 16, 56, 64, 80};
   CHECK_EQ_U64(k->nparams, 6);
   for (uint32_t i = 0; i < k->nparams && i < 6; i++)
      CHECK_EQ_U64(k->params[i].offset, offsets[i]);
   CHECK_EQ_U64(k->param_bytes, 84);
   CHECK_EQ_U64(k->maxntid[0], 128);
   CHECK(k->maxntid[1] == 2 && k->maxntid[2] == 1 && k->explicit_cluster);
   CHECK(k->cluster_dim[0] == 2 && k->cluster_dim[1] == 1 && k->maxnreg == 64);
   CHECK(ir_module_find_func(m, "stop")->noreturn);
   CHECK(ir_module_find_func(m, "also")->alias == ir_module_find_func(m, "fn"));
   CHECK(ir_module_find_func(m, "vprintf")->is_extern);
   ir_module_destroy(m);
   diag_finish(&d);
   base_free(text);
}

int
main(void)
{
   for_each("ptx-errors/*.ptx", check_messages);
   for_each("data/grammar/*.ptx", check_accepted);
   for_each("data/nvcc/*.ptx", check_accepted);
   for_each("ptx/*.ptx", check_accepted);
   test_instructions();
   test_flow();
   test_declarations();
   return check_done();
}
