/* SPDX-License-Identifier: Apache-2.0
 * The IR's text form, verifier, clones and shared-memory layout. */
#include "check.h"

#include <stdlib.h>

#include "ir/ir.h"

static const char register_form[] =
   "module ptx 8 0 sm 90 suffix a\n"
   "var static const coef align 4 size 4 type f32 at 0 = 0x0000803f\n"
   "var visible global table align 8 size 16 type u64 at 0 = "
   "0x00000000000000000000000000000000 reloc 0 coef -4 bytes 8 shift 0 generic reloc 8 "
   "twice "
   "0 bytes 8 shift 0\n"
   "func static twice (b32 r align 4 size 4 at 0) (b32 x align 4 size 4 at 0) {\n"
   "   reg b32 %v\n"
   "b0:\n"
   "   %v = ld.param::func.b32 [%x]\n"
   "   %v = shl.b32 %v, 1\n"
   "   st.param::func.b32 [%r], %v\n"
   "   ret\n"
   "}\n"
   "entry visible k (u64 out align 8 size 8 at 0, u32 n align 4 size 4 at 8) maxntid 256 "
   "1 "
   "1 {\n"
   "   frame 8 align 4\n"
   "   var static param::func p0 align 4 size 4 type b32 at 0\n"
   "   var static param::func p1 align 4 size 4 type b32 at 4\n"
   "   reg pred %p\n"
   "   reg b32 %a %n %t %q0 %q1 %b\n"
   "   reg b64 %d %c\n"
   "b0:\n"
   "   %a = addr out\n"
   "   %d = ld.param.u64 [%a]\n"
   "   %n = ld.param.u32 [%a+8]\n"
   "   %t = sreg %tid.x\n"
   "   {%p, _:pred} = setp.ge.u32 %t, %n\n"
   "   @%p bra done, b1\n"
   "b1: // from b0\n"
   "   %q0 = addr p0\n"
   "   %q1 = addr p1\n"
   "   st.param::func.b32 [%q1], %t\n"
   "   call twice, %q0, %q1\n"
   "   %b = ld.param::func.b32 [%q0]\n"
   "   @!%p st.global.u32 [%d-4], %b\n"
   "   %c = addr twice\n"
   "   bra done\n"
   "done: // from b0, b1\n"
   "   ret\n"
   "}\n";

static const char ssa_form[] =
   "module ptx 8 0 sm 80\n"
   "entry visible k (u32 n align 4 size 4 at 0) ssa {\n"
   "b0:\n"
   "   %a = addr n\n"
   "   %n = ld.param.u32 [%a]\n"
   "   bra loop\n"
   "loop: // from b0, loop\n"
   "   %i = phi [0, b0], [%j, loop]\n"
   "   %w:b64 = phi [0x8000000000000000:b64, b0], [%w, loop]\n"
   "   %j = add.s32 %i, 1\n"
   "   {%p:pred, _:pred} = setp.lt.s32 %j, %n\n"
   "   bra %p, loop, out\n"
   "out: // from loop\n"
   "   ret\n"
   "}\n";

static struct ir_module *
parse(const char *text, struct diag *d)
{
   diag_init(d);
   struct ir_module *m = ir_parse(text, strlen(text), "test", d);
   for (size_t k = 0; m && k < m->funcs.len; k++)
      ir_verify_func(m->funcs.data[k], d);
   struct str s = {0};
   diag_print(d, &s);
   if (s.len && getenv("CHECK_VERBOSE"))
      fprintf(stderr, "%s", s.data);
   str_finish(&s);
   return m;
}

static void
round_trip(const char *text)
{
   struct diag d;
   struct ir_module *m = parse(text, &d);
   CHECK(m && !d.errors);
   struct str s = {0};
   if (m)
      ir_print_module(&s, m);
   CHECK_STR(str_get(&s), text);
   str_finish(&s);
   ir_module_destroy(m);
   diag_finish(&d);
}

/* A text that must not pass, and a word of the complaint. */
static void
rejects(const char *body, const char *word)
{
   char text[2000];
   snprintf(text, sizeof text, "module ptx 8 0 sm 80\nentry visible k () %s}\n", body);
   struct diag d;
   struct ir_module *m = parse(text, &d);
   CHECK(d.errors > 0);
   if (d.msgs.len && !CHECK(strstr(d.msgs.data[0].text, word) != NULL))
      fprintf(stderr, "   got '%s', want '%s'\n", d.msgs.data[0].text, word);
   ir_module_destroy(m);
   diag_finish(&d);
}

static void
test_verifier(void)
{
   rejects("{\nb0:\n   bra nowhere\n", "no block 'nowhere'");
   rejects("{\n   reg b32 %a\nb0:\n   %a = mov.u32 1\n", "terminator");
   rejects("{\n   reg b32 %a\nb0:\n   ret\n   %a = mov.u32 1\n", "terminator");
   rejects("ssa {\nb0:\n   %a = add.s32 %b, 1\n   %b = add.s32 %a, 1\n   ret\n",
           "not defined yet");
   rejects("ssa {\nb0:\n   %a = add.s32 %b, 1\n   ret\n", "never defined");
   rejects("ssa {\nb0:\n   %a = add.s32 1, 2\n   %a = add.s32 1, 2\n   ret\n",
           "defined twice");
   rejects("{\n   reg b64 %a\nb0:\n   %a = add.s32 1, 2\n   ret\n", "64 bits");
   rejects("{\n   reg pred %p\nb0:\n   @%p ret\n", "guarded terminator");
   rejects("{\nb0:\n   %a = frob.s32 1\n   ret\n", "frob");
   rejects("ssa {\nb0:\n   bra 1:pred, b1, b2\nb1:\n   %a = add.s32 1, 2\n   bra b2\n"
           "b2:\n   %b = add.s32 %a, 1\n   ret\n",
           "not defined yet");
}

static unsigned
count_insts(const struct ir_func *f)
{
   unsigned n = 0;
   ir_foreach_block (b, f)
      ir_foreach_inst (i, b)
         n += i->block == b;
   return n;
}

static void
test_clone(void)
{
   struct diag d;
   struct ir_module *m = parse(register_form, &d);
   struct ir_func *k = ir_module_find_func(m, "k");
   struct ir_func *c = ir_func_clone(k, "k2");
   CHECK(ir_verify_func(c, &d));
   CHECK_EQ_U64(m->funcs.len, 2);
   CHECK(!ir_module_find_func(m, "k2"));
   CHECK_EQ_U64(count_insts(c), 15);
   CHECK_EQ_U64(c->local_bytes, 8);
   /* The copy stands alone: emptying it leaves the original as it was. */
   ir_inst_remove(c->first_block->first);
   CHECK_EQ_U64(count_insts(k), 15);
   ir_func_destroy(c);
   /* Inlining: the callee's body behind the caller's, its arguments replaced. */
   struct ir_func *twice = ir_module_find_func(m, "twice");
   struct ir_value *args[] = {ir_const(k, IR_B32, 16), ir_const(k, IR_B32, 20)};
   struct ir_block *b = ir_func_copy_body(k, twice, args);
   CHECK(b == k->last_block && b->first->src[0] == args[1]);
   CHECK(ir_verify_func(k, &d));
   struct ir_func *left = ir_func_clone(k, "freed with the module");
   CHECK(left != NULL);
   ir_module_destroy(m);
   diag_finish(&d);
}

static void
test_edit(void)
{
   struct ir_module *m = ir_module_create("edit");
   struct ir_func *f = ir_func_create(m, "f", true);
   struct ir_block *b = ir_block_create(f, NULL);
   f->ssa = true;
   struct ir_value *v[3];
   struct ir_inst *inst[3];
   for (unsigned k = 0; k < 3; k++) {
      inst[k] = ir_inst_create(f, ISA_COPY, 1, 1);
      v[k] = inst[k]->dst[0] = ir_value_create(f, IR_INST, IR_B32, NULL);
      v[k]->def = inst[k];
      inst[k]->src[0] = k ? v[k - 1] : ir_const(f, IR_B32, UINT64_MAX);
      ir_inst_append(b, inst[k]);
   }
   ir_inst_append(b, ir_inst_create(f, ISA_RET, 0, 0));
   CHECK_EQ_U64(inst[0]->src[0]->bits[0], 0xffffffff);
   CHECK(ir_const(f, IR_B32, 0xffffffff) == inst[0]->src[0]);
   CHECK(ir_const(f, IR_B64, 0xffffffff) != inst[0]->src[0]);
   struct diag d;
   diag_init(&d);
   CHECK(ir_verify_func(f, &d));
   /* v1 -> v0 -> the constant */
   v[1]->repl = v[0];
   v[0]->repl = inst[0]->src[0];
   ir_func_apply_repl(f);
   CHECK(inst[2]->src[0] == inst[0]->src[0] && !v[0]->repl && !v[1]->repl);
   struct ir_block *rest = ir_block_split(b, inst[2]);
   ir_inst_append(b, ir_bra(f, NULL, rest, NULL));
   ir_func_rebuild_preds(f);
   CHECK(rest->first == inst[2] && b->last->prev == inst[1] && inst[2]->block == rest);
   CHECK(ir_verify_func(f, &d));
   ir_inst_remove(inst[1]);
   ir_func_renumber(f);
   CHECK_EQ_U64(f->value_count, 4); /* two results, two constants */
   CHECK_EQ_U64(f->block_count, 2);
   diag_finish(&d);
   ir_module_destroy(m);
}

static void
test_layout(void)
{
   static const char text[] =
      "module ptx 8 0 sm 80\n"
      "var static shared both align 4 size 12 type b32 at 0\n"
      "var static shared one align 16 size 100 type b8 at 0\n"
      "var static shared two align 8 size 8 type b64 at 0\n"
      "var extern shared dyn align 16 size 0 type b8 at 0\n"
      "var static shared unused align 4 size 4000 type b8 at 0\n"
      "func static f () () {\n   reg b32 %a\nb0:\n   %a = addr both\n   ret\n}\n"
      "entry visible k1 () {\n   reg b32 %a\nb0:\n   call f\n   %a = addr one\n   "
      "ret\n}\n"
      "entry visible k2 () {\n   reg b32 %a\nb0:\n   call f\n   %a = addr two\n"
      "   %a = addr dyn\n   ret\n}\n"
      "entry visible k3 () {\nb0:\n   ret\n}\n";
   struct diag d;
   struct ir_module *m = parse(text, &d);
   CHECK(m != NULL);
   if (!m)
      return;
   /* both: 0..12; one: 16..116; two overlaps it: 16..24; dyn behind k2's: 32 */
   static const struct {
      const char *name;
      uint64_t at;
   } want[] = {{"both", 0}, {"one", 16}, {"two", 16}, {"dyn", 32}};
   for (size_t k = 0; k < ARRAY_LEN(want); k++)
      CHECK_EQ_U64(((struct ir_sym *)map_find(m->sym_map, want[k].name))->address,
                   want[k].at);
   CHECK_EQ_U64(ir_module_find_func(m, "k1")->shared_bytes, 116);
   CHECK_EQ_U64(ir_module_find_func(m, "k2")->shared_bytes, 32);
   CHECK_EQ_U64(ir_module_find_func(m, "k3")->shared_bytes, 0);
   CHECK_EQ_U64(m->shared_bytes, 116);
   ir_module_destroy(m);
   diag_finish(&d);
}

int
main(void)
{
   round_trip(register_form);
   round_trip(ssa_form);
   test_verifier();
   test_clone();
   test_edit();
   test_layout();
   return check_done();
}
