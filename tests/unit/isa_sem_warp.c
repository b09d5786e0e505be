/* SPDX-License-Identifier: Apache-2.0
 * Warp operations and atomics against values worked out by hand from the manual. */
#include "isa/isa_warp.h"
#include "check.h"

static struct exec_warp_arg arg[ISA_WARP];
static struct exec_warp_result res[ISA_WARP];

static struct isa_mods
mods_of(const char *text, enum isa_op *op)
{
   struct isa_mods m;
   const char *error = NULL;
   size_t at;
   *op = isa_match(text, strlen(text), &m, &error, &at);
   check_that(*op != ISA_OP_NONE, __FILE__, __LINE__, text);
   return m;
}

static void
run(const char *text, uint32_t exec)
{
   enum isa_op op;
   struct isa_mods m = mods_of(text, &op);
   memset(res, 0xee, sizeof res);
   isa_warp_eval(op, &m, exec, arg, res);
}

/* Lane i holds 100 + i; b and c are the same everywhere. */
static void
set_shfl(uint32_t b, uint32_t c)
{
   for (unsigned i = 0; i < ISA_WARP; i++)
      arg[i] = (struct exec_warp_arg){.a = 100 + i, .b = b, .c = c, .membermask = ~0u};
}

static void
test_shfl(void)
{
   /* __shfl_up_sync(x, 3): c = 0; lanes 0 to 2 keep their own. */
   set_shfl(3, 0);
   run("shfl.sync.up.b32", ~0u);
   CHECK_EQ_U64(res[2].d, 102);
   CHECK(!res[2].p);
   CHECK_EQ_U64(res[3].d, 100);
   CHECK(res[3].p);
   CHECK_EQ_U64(res[31].d, 128);
   /* __shfl_down_sync(x, 4, 8): c = (32 - 8) << 8 | 31. */
   set_shfl(4, 0x181f);
   run("shfl.sync.down.b32", ~0u);
   CHECK_EQ_U64(res[3].d, 107);
   CHECK(res[3].p);
   CHECK_EQ_U64(res[4].d, 104);
   CHECK(!res[4].p);
   CHECK_EQ_U64(res[27].d, 131);
   CHECK(!res[28].p);
   /* __shfl_up_sync(x, 1, 16): c = (32 - 16) << 8. */
   set_shfl(1, 0x1000);
   run("shfl.sync.up.b32", ~0u);
   CHECK_EQ_U64(res[16].d, 116);
   CHECK(!res[16].p);
   CHECK_EQ_U64(res[17].d, 116);
   /* __shfl_xor_sync(x, 16): c = 31. */
   set_shfl(16, 31);
   run("shfl.sync.bfly.b32", ~0u);
   CHECK_EQ_U64(res[0].d, 116);
   CHECK_EQ_U64(res[20].d, 104);
   /* __shfl_xor_sync(x, 4, 4): lanes of the next group of 4 are out of range unless they
    * lie before. */
   set_shfl(4, 0x1c1f);
   run("shfl.sync.bfly.b32", ~0u);
   CHECK_EQ_U64(res[0].d, 100);
   CHECK(!res[0].p);
   CHECK_EQ_U64(res[4].d, 100);
   CHECK(res[4].p);
   /* __shfl_sync(x, 5, 8): source 5 of each group. */
   set_shfl(5, 0x181f);
   run("shfl.sync.idx.b32", ~0u);
   CHECK_EQ_U64(res[0].d, 105);
   CHECK_EQ_U64(res[13].d, 113);
   CHECK_EQ_U64(res[31].d, 129);
   /* A lane outside the mask gives 0; lanes outside exec get nothing. */
   set_shfl(7, 31);
   run("shfl.sync.idx.b32", 0x7f);
   CHECK_EQ_U64(res[1].d, 0);
   CHECK_EQ_U64(res[7].d, 0xeeeeeeeeeeeeeeeeu);
}

static void
test_vote(void)
{
   for (unsigned i = 0; i < ISA_WARP; i++)
      arg[i] = (struct exec_warp_arg){.pred = i % 2,
                                      .membermask = i < 16 ? 0xffffu : ~0u << 16};
   run("vote.sync.ballot.b32", ~0u);
   CHECK_EQ_U64(res[3].d, 0xaaaa);
   CHECK_EQ_U64(res[20].d, 0xaaaa0000u);
   run("vote.sync.all.pred", 0xaaaaaaaau);
   CHECK(res[1].p);
   CHECK_EQ_U64(res[1].d, 1);
   run("vote.sync.all.pred", ~0u);
   CHECK(!res[1].p);
   run("vote.sync.any.pred", 0x00ff5555u);
   CHECK(!res[0].p);
   CHECK(res[16].p);
   run("vote.sync.uni.pred", 0x00ff5555u);
   CHECK(res[0].p);
   CHECK(!res[16].p);
   run("activemask.b32", 0x1234u);
   CHECK_EQ_U64(res[2].d, 0x1234u);
   run("elect.sync", 0x00f0fff0u);
   CHECK_EQ_U64(res[5].d, 4);
   CHECK(!res[5].p);
   CHECK(res[4].p);
   CHECK_EQ_U64(res[20].d, 20);
   CHECK(res[20].p);
}

static void
test_match(void)
{
   for (unsigned i = 0; i < ISA_WARP; i++)
      arg[i] = (struct exec_warp_arg){
         .a = i % 3, .wide = (uint64_t)(i / 16) << 32 | 7, .membermask = ~0u};
   run("match.any.sync.b32", ~0u);
   CHECK_EQ_U64(res[0].d, 0x49249249u);
   CHECK_EQ_U64(res[1].d, 0x92492492u);
   run("match.any.sync.b64", ~0u);
   CHECK_EQ_U64(res[0].d, 0xffff);
   CHECK_EQ_U64(res[31].d, 0xffff0000u);
   run("match.all.sync.b64", 0xff);
   CHECK_EQ_U64(res[0].d, 0xff);
   CHECK(res[0].p);
   run("match.all.sync.b64", ~0u);
   CHECK_EQ_U64(res[0].d, 0);
   CHECK(!res[0].p);
}

static void
test_redux(void)
{
   for (unsigned i = 0; i < ISA_WARP; i++)
      arg[i] = (struct exec_warp_arg){.a = i - 4, .membermask = ~0u};
   run("redux.sync.add.s32", ~0u);
   CHECK_EQ_U64(res[9].d, 31 * 16 - 4 * 32);
   run("redux.sync.min.s32", ~0u);
   CHECK_EQ_U64(res[0].d, 0xfffffffcu);
   run("redux.sync.min.u32", ~0u);
   CHECK_EQ_U64(res[0].d, 0);
   run("redux.sync.max.u32", ~0u);
   CHECK_EQ_U64(res[0].d, 0xffffffffu);
   run("redux.sync.max.s32", 0xf);
   CHECK_EQ_U64(res[0].d, 0xffffffffu);
   run("redux.sync.and.b32", 0xf);
   CHECK_EQ_U64(res[0].d, 0xfffffffcu);
   run("redux.sync.xor.b32", 0x30);
   CHECK_EQ_U64(res[4].d, 1);
   static const uint32_t f[4] = {0x3f800000, 0xc0400000, 0x7fc00000, 0x40000000};
   for (unsigned i = 0; i < 4; i++)
      arg[i].a = f[i];
   run("redux.sync.min.f32", 0xf);
   CHECK_EQ_U64(res[0].d, 0xc0400000u);
   run("redux.sync.max.abs.f32", 0xf);
   CHECK_EQ_U64(res[0].d, 0x40400000u);
   run("redux.sync.max.NaN.f32", 0xf);
   CHECK_EQ_U64(res[0].d, 0x7fffffffu);
}

/* old, b, c -> new value in memory; the old one comes back. */
static void
atom(const char *text, uint64_t old, uint64_t b, uint64_t c, uint64_t want)
{
   enum isa_op op;
   struct isa_mods m = mods_of(text, &op);
   uint64_t memory = old, got = 0;
   if (!check_that(isa_atom_known(&m), __FILE__, __LINE__, text))
      return;
   isa_atom_eval(&m, &memory, &b, &c, &got);
   check_u64(memory, want, __FILE__, __LINE__, text);
   check_u64(got, old, __FILE__, __LINE__, text);
   isa_atom_eval(&m, &memory, &b, &c, NULL);
}

static void
test_atom(void)
{
   atom("atom.global.add.u32", 0xffffffffu, 2, 0, 1);
   atom("atom.global.add.u64", ~0ull, 2, 0, 1);
   atom("atom.shared.min.s32", 5, 0xffffffffu, 0, 0xffffffffu);
   atom("atom.shared.min.u32", 5, 0xffffffffu, 0, 5);
   atom("atom.max.s64", ~0ull, 3, 0, 3);
   atom("atom.max.u64", ~0ull, 3, 0, ~0ull);
   atom("atom.inc.u32", 6, 7, 0, 7);
   atom("atom.inc.u32", 7, 7, 0, 0);
   atom("atom.inc.u32", 9, 7, 0, 0);
   atom("atom.dec.u32", 0, 7, 0, 7);
   atom("atom.dec.u32", 9, 7, 0, 7);
   atom("atom.dec.u32", 5, 7, 0, 4);
   atom("atom.and.b32", 0xff, 0x3c, 0, 0x3c);
   atom("atom.or.b64", 1ull << 40, 2, 0, 1ull << 40 | 2);
   atom("atom.xor.b32", 0xff, 0x0f, 0, 0xf0);
   atom("atom.exch.b32", 4, 5, 0, 5);
   atom("atom.exch.b64", 4, ~0ull, 0, ~0ull);
   atom("atom.cas.b32", 4, 4, 9, 9);
   atom("atom.cas.b32", 4, 5, 9, 4);
   atom("atom.cas.b16", 4, 4, 9, 9);
   atom("atom.cas.b64", 1ull << 63, 1ull << 63, 9, 9);
   atom("atom.add.f32", 0x3f800000, 0x40000000, 0, 0x40400000);
   atom("atom.add.f32", 1, 1, 0, 2); /* subnormals stay */
   atom("atom.add.f32", 0x7f800000, 0xff800000u, 0, 0x7fffffff);
   atom("atom.add.f64", 0x3ff0000000000000, 0x3ff0000000000000, 0, 0x4000000000000000);
   atom("atom.add.noftz.f16", 0x3c00, 0x3c00, 0, 0x4000);
   atom("atom.add.noftz.f16x2", 0x3c004000, 0x40003c00, 0, 0x42004200);
   atom("atom.add.noftz.bf16", 0x3f80, 0x3f80, 0, 0x4000);
   atom("atom.add.noftz.bf16x2", 0x3f803f80, 0x3f800000, 0, 0x40003f80);
   enum isa_op op;
   struct isa_mods m = mods_of("atom.global.add.v4.f32", &op);
   float memory[4] = {1, 2, 3, 4}, b[4] = {10, 20, 30, 40}, old[4];
   isa_atom_eval(&m, memory, b, NULL, old);
   CHECK(memory[0] == 11 && memory[1] == 22 && memory[2] == 33 && memory[3] == 44);
   CHECK(old[0] == 1 && old[3] == 4);
}

int
main(void)
{
   test_shfl();
   test_vote();
   test_match();
   test_redux();
   test_atom();
   return check_done();
}
