/* SPDX-License-Identifier: Apache-2.0
 * Matching and printing opcodes: real programs' spellings, every variant of the table,
 * decoded fields stated by hand, and what is said of wrong ones. */
#include "check.h"
#include "isa/isa_priv.h"

#include <stdlib.h>

static enum isa_op
match(const char *text, struct isa_mods *m)
{
   const char *error = NULL;
   size_t at = 0;
   enum isa_op op = isa_match(text, strlen(text), m, &error, &at);
   if (!op)
      fprintf(stderr, "%s: %s\n", text, error);
   return op;
}

static bool
round_trips(const char *text)
{
   struct isa_mods m;
   char buf[256];
   enum isa_op op = match(text, &m);
   if (!op)
      return false;
   int n = isa_print(op, &m, buf, sizeof buf);
   if (n == (int)strlen(text) && !strcmp(buf, text))
      return true;
   fprintf(stderr, "%s printed as %s\n", text, buf);
   return false;
}

/* Tensor cores, textures, surfaces, and of the bulk copies all but those into shared
 * memory are known but not executed yet. */
static bool
executes(const char *text)
{
   static const char *const not_yet[] = {"mma.",
                                         "wmma.",
                                         "ldmatrix.",
                                         "movmatrix.",
                                         "tex.",
                                         "sust.",
                                         "cp.async.bulk.tensor."};
   if (!strncmp(text, "cp.async.bulk.shared::", 22))
      return true;
   for (size_t i = 0; i < ARRAY_LEN(not_yet); i++)
      if (!strncmp(text, not_yet[i], strlen(not_yet[i])))
         return false;
   return true;
}

/* The opcodes of 749 real programs, one a line, next to this file. */
static void
test_corpus(void)
{
   char path[4096], line[256];
   const char *slash = strrchr(__FILE__, '/');
   snprintf(path, sizeof path, "%.*s/../data/ptx_opcodes.txt", (int)(slash - __FILE__),
            __FILE__);
   FILE *f = fopen(path, "r");
   if (!CHECK(f))
      return;
   unsigned lines = 0;
   for (; fgets(line, sizeof line, f); lines++) {
      struct isa_mods m;
      line[strcspn(line, "\n")] = 0;
      if (!CHECK(round_trips(line)))
         continue;
      match(line, &m);
      if (!CHECK(isa_form(m.form)->executable == executes(line)))
         fprintf(stderr, "%s\n", line);
   }
   CHECK_EQ_U64(lines, 783);
   fclose(f);
}

struct fields {
   const char *text;
   enum isa_op op;
   struct isa_mods m; /* form, text and a vec of 1 left out */
};
static const struct fields spelled[] = {
   {"add.s32", ISA_ADD, {.type = {ISA_S32}}},
   {"add.sat.s32", ISA_ADD, {.type = {ISA_S32}, .flags = ISA_SAT}},
   {"add.cc.u64", ISA_ADD, {.type = {ISA_U64}, .flags = ISA_CC}},
   {"add.rz.ftz.sat.f32",
    ISA_ADD,
    {.type = {ISA_F32}, .rnd = ISA_RZ, .flags = ISA_FTZ | ISA_SAT}},
   {"add.rn.f32.bf16", ISA_ADD, {.type = {ISA_F32, ISA_BF16}, .rnd = ISA_RN}},
   {"mul.wide.u16", ISA_MUL, {.type = {ISA_U16}, .mode = ISA_WIDE}},
   {"mad.lo.cc.u32", ISA_MAD, {.type = {ISA_U32}, .mode = ISA_LO_HALF, .flags = ISA_CC}},
   {"madc.hi.u32", ISA_MADC, {.type = {ISA_U32}, .mode = ISA_HI_HALF}},
   {"max.s16x2.relu", ISA_MAX, {.type = {ISA_S16X2}, .flags = ISA_RELU}},
   {"min.NaN.xorsign.abs.bf16",
    ISA_MIN,
    {.type = {ISA_BF16}, .flags = ISA_NAN_PROP | ISA_XORSIGN_ABS}},
   {"bfind.shiftamt.u32", ISA_BFIND, {.type = {ISA_U32}, .flags = ISA_SHIFTAMT}},
   {"shf.l.wrap.b32",
    ISA_SHF,
    {.type = {ISA_B32}, .mode = ISA_MODE_L, .extra = ISA_MODE_WRAP}},
   {"bmsk.clamp.b32", ISA_BMSK, {.type = {ISA_B32}, .mode = ISA_MODE_CLAMP}},
   {"prmt.b32.rc8", ISA_PRMT, {.type = {ISA_B32}, .mode = ISA_MODE_RC8}},
   {"testp.subnormal.f64", ISA_TESTP, {.type = {ISA_F64}, .mode = ISA_MODE_SUBNORMAL}},
   {"dp2a.hi.s32.u32", ISA_DP2A, {.type = {ISA_S32, ISA_U32}, .mode = ISA_HI_HALF}},
   {"setp.lo.u32", ISA_SETP, {.type = {ISA_U32}, .cmp = ISA_LO}},
   {"setp.nan.and.ftz.f32",
    ISA_SETP,
    {.type = {ISA_F32}, .cmp = ISA_NAN, .boolop = ISA_BOOL_AND, .flags = ISA_FTZ}},
   {"set.gt.f16x2.f16x2", ISA_SET, {.type = {ISA_F16X2, ISA_F16X2}, .cmp = ISA_GT}},
   {"slct.ftz.u64.f32", ISA_SLCT, {.type = {ISA_U64, ISA_F32}, .flags = ISA_FTZ}},
   {"lop3.or.b32", ISA_LOP3, {.type = {ISA_B32}, .boolop = ISA_BOOL_OR}},
   {"cvt.rni.ftz.sat.s32.f32",
    ISA_CVT,
    {.type = {ISA_S32, ISA_F32}, .rnd = ISA_RNI, .flags = ISA_FTZ | ISA_SAT}},
   {"cvt.rn.relu.satfinite.e4m3x2.f32",
    ISA_CVT,
    {.type = {ISA_E4M3X2, ISA_F32}, .rnd = ISA_RN, .flags = ISA_RELU | ISA_SATFINITE}},
   {"ld.u8", ISA_LD, {.type = {ISA_U8}}},
   {"ld.weak.param::func.b64", ISA_LD, {.type = {ISA_B64}, .space = ISA_PARAM_FUNC}},
   {"ld.volatile.shared::cta.v2.f32",
    ISA_LD,
    {.type = {ISA_F32}, .space = ISA_SHARED, .sem = ISA_VOLATILE, .vec = 2}},
   {"ld.acquire.gpu.global.u32",
    ISA_LD,
    {.type = {ISA_U32}, .space = ISA_GLOBAL, .sem = ISA_ACQUIRE, .scope = ISA_SCOPE_GPU}},
   {"ld.mmio.relaxed.sys.global.u32",
    ISA_LD,
    {.type = {ISA_U32}, .space = ISA_GLOBAL, .sem = ISA_MMIO, .scope = ISA_SCOPE_SYS}},
   {"ld.global.nc.L1::no_allocate.L2::128B.v4.f32",
    ISA_LD,
    {.type = {ISA_F32}, .space = ISA_GLOBAL, .vec = 4, .flags = ISA_NC}},
   {"ld.global.cg.L2::cache_hint.v8.b32",
    ISA_LD,
    {.type = {ISA_B32}, .space = ISA_GLOBAL, .vec = 8, .cache = ISA_CACHE_CG}},
   {"st.release.sys.global.u8",
    ISA_ST,
    {.type = {ISA_U8}, .space = ISA_GLOBAL, .sem = ISA_RELEASE, .scope = ISA_SCOPE_SYS}},
   {"cp.async.cg.shared.global.L2::128B",
    ISA_CP_ASYNC,
    {.space = ISA_SHARED, .space2 = ISA_GLOBAL, .cache = ISA_CACHE_CG}},
   {"cvta.to.shared::cluster.u64",
    ISA_CVTA,
    {.type = {ISA_U64}, .space = ISA_SHARED_CLUSTER, .flags = ISA_TO}},
   {"isspacep.local", ISA_ISSPACEP, {.space = ISA_LOCAL}},
   {"prefetch.global.L2", ISA_PREFETCH, {.space = ISA_GLOBAL, .extra = 2}},
   {"mov.pred", ISA_MOV, {.type = {ISA_PRED}}},
   {"atom.global.sys.cas.b32",
    ISA_ATOM,
    {.type = {ISA_B32},
     .space = ISA_GLOBAL,
     .scope = ISA_SCOPE_SYS,
     .atom = ISA_ATOM_CAS}},
   {"atom.add.release.gpu.u32",
    ISA_ATOM,
    {.type = {ISA_U32},
     .sem = ISA_RELEASE,
     .scope = ISA_SCOPE_GPU,
     .atom = ISA_ATOM_ADD}},
   {"atom.acq_rel.gpu.global.add.u32",
    ISA_ATOM,
    {.type = {ISA_U32},
     .space = ISA_GLOBAL,
     .sem = ISA_ACQ_REL,
     .scope = ISA_SCOPE_GPU,
     .atom = ISA_ATOM_ADD}},
   {"atom.add.noftz.bf16x2",
    ISA_ATOM,
    {.type = {ISA_BF16X2}, .atom = ISA_ATOM_ADD, .flags = ISA_NOFTZ}},
   {"atom.global.v2.f32.add",
    ISA_ATOM,
    {.type = {ISA_F32}, .space = ISA_GLOBAL, .vec = 2, .atom = ISA_ATOM_ADD}},
   {"atom.global.add.v2.f32",
    ISA_ATOM,
    {.type = {ISA_F32}, .space = ISA_GLOBAL, .vec = 2, .atom = ISA_ATOM_ADD}},
   {"red.and.release.cta.b32",
    ISA_RED,
    {.type = {ISA_B32},
     .sem = ISA_RELEASE,
     .scope = ISA_SCOPE_CTA,
     .atom = ISA_ATOM_AND}},
   {"redux.sync.min.abs.NaN.f32",
    ISA_REDUX,
    {.type = {ISA_F32},
     .atom = ISA_ATOM_MIN,
     .flags = ISA_SYNC | ISA_ABS_FLAG | ISA_NAN_PROP}},
   {"shfl.sync.bfly.b32",
    ISA_SHFL,
    {.type = {ISA_B32}, .mode = ISA_MODE_BFLY, .flags = ISA_SYNC}},
   {"vote.ballot.sync.b32",
    ISA_VOTE,
    {.type = {ISA_B32}, .mode = ISA_MODE_BALLOT, .flags = ISA_SYNC}},
   {"vote.sync.uni.pred",
    ISA_VOTE,
    {.type = {ISA_PRED}, .mode = ISA_MODE_UNI, .flags = ISA_SYNC}},
   {"match.any.sync.b64",
    ISA_MATCH,
    {.type = {ISA_B64}, .mode = ISA_MODE_ANY, .flags = ISA_SYNC}},
   {"bar.sync", ISA_BAR, {.mode = ISA_MODE_SYNC, .flags = ISA_ALIGNED}},
   {"barrier.sync", ISA_BARRIER, {.mode = ISA_MODE_SYNC}},
   {"barrier.cta.red.popc.aligned.u32",
    ISA_BARRIER,
    {.type = {ISA_U32},
     .mode = ISA_MODE_RED,
     .atom = ISA_ATOM_POPC,
     .flags = ISA_ALIGNED}},
   {"bar.red.or.pred",
    ISA_BAR,
    {.type = {ISA_PRED},
     .mode = ISA_MODE_RED,
     .atom = ISA_ATOM_OR,
     .flags = ISA_ALIGNED}},
   {"bar.warp.sync", ISA_BAR_WARP, {.mode = ISA_MODE_SYNC}},
   {"barrier.cluster.arrive.relaxed.aligned",
    ISA_BARRIER_CLUSTER,
    {.mode = ISA_MODE_ARRIVE, .sem = ISA_RELAXED, .flags = ISA_ALIGNED}},
   {"membar.cta", ISA_MEMBAR, {.mode = ISA_MODE_CTA}},
   {"membar.gl", ISA_MEMBAR, {.mode = ISA_MODE_GL}},
   {"fence.sc.cluster", ISA_FENCE, {.sem = ISA_SC, .scope = ISA_SCOPE_CLUSTER}},
   {"fence.cta", ISA_FENCE, {.sem = ISA_ACQ_REL, .scope = ISA_SCOPE_CTA}},
   {"fence.proxy.alias", ISA_FENCE, {.sem = ISA_WEAK}},
   {"griddepcontrol.wait", ISA_GRIDDEPCONTROL, {.mode = ISA_MODE_WAIT}},
   {"griddepcontrol.launch_dependents", ISA_GRIDDEPCONTROL, {.mode = ISA_MODE_ARRIVE}},
   {"mbarrier.arrive.expect_tx.release.cta.shared::cta.b64",
    ISA_MBARRIER,
    {.type = {ISA_B64},
     .mode = ISA_MODE_ARRIVE,
     .extra = ISA_MODE_EXPECT_TX,
     .sem = ISA_RELEASE,
     .scope = ISA_SCOPE_CTA,
     .space = ISA_SHARED}},
   {"mbarrier.try_wait.parity.shared::cta.b64",
    ISA_MBARRIER,
    {.type = {ISA_B64},
     .mode = ISA_MODE_TRY_WAIT,
     .space = ISA_SHARED,
     .flags = ISA_PARITY}},
   {"cp.async.mbarrier.arrive.noinc.shared.b64",
    ISA_CP_ASYNC_MBARRIER_ARRIVE,
    {.type = {ISA_B64}, .space = ISA_SHARED, .flags = ISA_NOINC}},
   {"bra.uni", ISA_BRA, {.flags = ISA_UNIFORM}},
   {"vabsdiff4.u32.s32.u32.add",
    ISA_VABSDIFF4,
    {.type = {ISA_U32, ISA_S32, ISA_U32}, .atom = ISA_ATOM_ADD}},
   {"vmad.s32.u32.u32.po.sat.shr7",
    ISA_VMAD,
    {.type = {ISA_S32, ISA_U32, ISA_U32}, .extra = 128 + 7, .flags = ISA_SAT}},
   {"mma.sp::ordered_metadata.sync.aligned.m16n8k32.row.col.f32.f16.f16.f32",
    ISA_MMA,
    {.type = {ISA_F32, ISA_F16, ISA_F16, ISA_F32},
     .flags = ISA_SPARSE | ISA_SYNC | ISA_ALIGNED}},
   {"tcgen05.wait::ld.sync.aligned", ISA_TCGEN05_WAIT, {.flags = ISA_SYNC | ISA_ALIGNED}},
   {"brx.idx.uni", ISA_BRX, {.flags = ISA_UNIFORM}},
   /* Orders that the manual does not show. */
   {"ld.global.acquire.gpu.u32",
    ISA_LD,
    {.type = {ISA_U32}, .space = ISA_GLOBAL, .sem = ISA_ACQUIRE, .scope = ISA_SCOPE_GPU}},
   {"cvt.f16.f32.rn", ISA_CVT, {.type = {ISA_F16, ISA_F32}, .rnd = ISA_RN}},
   {"cp.async.shared.global.ca",
    ISA_CP_ASYNC,
    {.space = ISA_SHARED, .space2 = ISA_GLOBAL, .cache = ISA_CACHE_CA}},
};

static void
test_fields(void)
{
   for (size_t i = 0; i < ARRAY_LEN(spelled); i++) {
      const struct fields *s = &spelled[i];
      struct isa_mods m, want = s->m;
      const char *error;
      size_t at;
      enum isa_op op = isa_match(s->text, strlen(s->text), &m, &error, &at);
      CHECK_EQ_U64(op, s->op);
      if (!op)
         continue;
      want.vec = want.vec ? want.vec : 1;
      m.form = m.text = 0;
      if (!CHECK(!memcmp(&m, &want, sizeof m)))
         fprintf(stderr, "   decoding %s\n", s->text);
      CHECK(round_trips(s->text));
   }
}

static void
check_error(const char *text, size_t at, const char *message)
{
   struct isa_mods m;
   const char *error = NULL;
   size_t error_at = 999;
   CHECK_EQ_U64(isa_match(text, strlen(text), &m, &error, &error_at), ISA_OP_NONE);
   CHECK_EQ_U64(error_at, at);
   CHECK_STR(error, message);
}

static void
test_errors(void)
{
   check_error("addd.s32", 0, "unknown instruction 'addd'; the nearest is 'add'");
   check_error("qqqqqqqqq", 0, "unknown instruction 'qqqqqqqqq'");
   check_error("", 0, "unknown instruction ''");
   check_error("add.s32.foo", 7,
               "'.foo' does not fit after 'add.s32': nothing more may follow");
   check_error("add.sat.u32", 7,
               "'.u32' does not fit after 'add.sat': one of .s32 .f32 .f16 .f16x2 may "
               "follow");
   check_error("dp4a.u32", 8, "'dp4a.u32' is incomplete: one of .u32 .s32 must follow");
   check_error("clz.", 3, "'.' does not fit after 'clz': one of .b32 .b64 may follow");
   check_error("clz..b32", 3,
               "'.' does not fit after 'clz': one of .b32 .b64 may follow");
   check_error(
      "cp.async.ca.global.shared", 11,
      "'.global' does not fit after 'cp.async.ca': one of .shared .shared::cta may "
      "follow");
   check_error("tcgen05.wait::xx", 12,
               "'::xx' does not fit after 'tcgen05.wait': one of ::ld ::st may follow");
   char text[ISA_MAX_TEXT + 2];
   memset(text, 'a', sizeof text);
   text[sizeof text - 1] = 0;
   check_error(text, 0, "no instruction is that long");
   strcpy(text, "add");
   for (unsigned i = 0; i <= ISA_MAX_WORDS; i++)
      strcat(text, ".u");
   check_error(text, 0, "too many modifiers");
}

/* Fields changed after matching, or set by hand, print in the form that has them. */
static void
test_print_changed(void)
{
   struct isa_mods m;
   char buf[64];
   match("ld.weak.v2.f32", &m);
   m.space = ISA_SHARED;
   isa_print(ISA_LD, &m, buf, sizeof buf);
   CHECK_STR(buf, "ld.shared.v2.f32");
   match("atom.add.relaxed.cta.u32", &m);
   m.space = ISA_SHARED;
   isa_print(ISA_ATOM, &m, buf, sizeof buf);
   CHECK_STR(buf, "atom.relaxed.cta.shared.add.u32");
   match("ld.global.nc.L1::no_allocate.f32", &m);
   m.type[0] = ISA_B32;
   isa_print(ISA_LD, &m, buf, sizeof buf);
   CHECK_STR(buf, "ld.global.nc.L1::no_allocate.b32");
   m.flags = 0; /* no form of nc without it, but others take the hint */
   isa_print(ISA_LD, &m, buf, sizeof buf);
   CHECK_STR(buf, "ld.global.L1::no_allocate.b32");
   m = (struct isa_mods){.type = {ISA_PRED}};
   isa_print(ISA_XOR, &m, buf, sizeof buf);
   CHECK_STR(buf, "xor.pred");
   m = (struct isa_mods){.type = {ISA_F32}, .rnd = ISA_RN, .flags = ISA_FTZ};
   CHECK_EQ_U64(isa_print(ISA_FMA, &m, buf, 4), strlen("fma.rn.ftz.f32"));
   CHECK_STR(buf, "fma");
}

/* A pure instruction that is said to execute has a meaning; a few are not lane-wise
 * functions of values, so the back ends do them. */
static void
check_meaning(const char *text)
{
   struct isa_mods m;
   uint64_t word;
   const char *name;
   enum isa_op op = match(text, &m);
   const struct isa_op_info *info = isa_op_info(op);
   static const uint16_t in_back_ends[] = {
      ISA_MOV,  ISA_PREFETCH,   ISA_PREFETCHU,    ISA_ISSPACEP,     ISA_CVTA,
      ISA_MAPA, ISA_GETCTARANK, ISA_CREATEPOLICY, ISA_APPLYPRIORITY};
   bool by_back_end = false;
   for (size_t i = 0; i < ARRAY_LEN(in_back_ends); i++)
      by_back_end |= op == in_back_ends[i];
   if (!isa_form(m.form)->executable || info->effects || info->reach || by_back_end)
      return;
   if (!CHECK(isa_eval_find(op, &m, &word, &name)))
      fprintf(stderr, "   no meaning: %s\n", text);
}

/* -- Every variant of the table, or a sample where there are very many. */
struct walk {
   const struct isa_tables *t;
   unsigned form;
   unsigned long seen, tested, skip;
   char buf[512];
};

static void
walk_form(struct walk *w, unsigned pc, size_t len)
{
   const struct program *p = &w->t->programs[w->form];
   for (;;) {
      const struct step *s = &p->steps[pc];
      if (s->op == STEP_END) {
         w->buf[len] = 0;
         if (w->seen++ % w->skip)
            return;
         w->tested++;
         if (CHECK(round_trips(w->buf)))
            check_meaning(w->buf);
         return;
      }
      if (s->op == STEP_JUMP) {
         pc = s->arg;
      } else if (s->op == STEP_SPLIT) {
         walk_form(w, pc + 1, len);
         pc = s->arg;
      } else {
         for (unsigned i = 0; i < s->count; i++) {
            const char *word = isa__word_text(w->t->sets[s->arg + i]);
            int n = snprintf(w->buf + len, sizeof w->buf - len, "%s%s",
                             *word == ':' ? "" : ".", word);
            walk_form(w, pc + 1, len + n);
         }
         return;
      }
   }
}

static void
test_all_variants(void)
{
   struct walk w = {.t = isa__tables()};
   CHECK(w.t->nforms > 300);
   for (w.form = 1; w.form < w.t->nforms; w.form++) {
      const char *name = isa_op_info(isa_form(w.form)->op)->name;
      /* Loads and stores have hint combinations by the ten thousand. */
      w.skip = !strcmp(name, "ld") || !strcmp(name, "st") ? 97 : 7;
      strcpy(w.buf, name);
      walk_form(&w, 0, strlen(name));
   }
   CHECK(w.tested > 5000);
   for (unsigned op = 1; op < ISA_PHI; op++) {
      if (!CHECK(w.t->first_form[op] <= w.t->last_form[op]))
         fprintf(stderr, "   no form of %s\n", isa_op_info(op)->name);
      CHECK(*isa_op_info(op)->section && *isa_op_info(op)->doc);
   }
}

static void
check_types(const char *text, const char *want)
{
   struct isa_mods m;
   struct str got = {0};
   enum isa_op op = match(text, &m);
   for (unsigned i = 0; i < 5; i++)
      str_printf(&got, "%s%s", i ? " " : "", isa_type_name(isa_operand_type(op, &m, i)));
   while (got.len && got.data[got.len - 1] == ' ')
      got.data[--got.len] = 0;
   CHECK_STR(str_get(&got), want);
   str_finish(&got);
}

static void
test_operand_types(void)
{
   check_types("mad.wide.u16", "u32 u16 u16 u32");
   check_types("setp.lt.f32", "pred f32 f32 pred");
   check_types("shl.b64", "b64 b64 u32");
   check_types("ld.global.s8", "s8  b64");
   check_types("st.shared.v4.f32", " f32 b64");
   check_types("cvt.rn.f16x2.f32", "f16x2 f32 f32");
   check_types("atom.cas.b64", "b64  b64 b64 b64");
   check_types("selp.u16", "u16 u16 u16 pred");
   check_types("popc.b64", "u32 b64");
   check_types("dp4a.s32.u32", "s32 s32 u32 s32");
   check_types("fma.rn.f32.f16", "f32 f16 f16 f32");
   check_types("vote.sync.ballot.b32", "b32 pred b32");
   check_types("mbarrier.try_wait.shared.b64", "pred  b64 u32");
}

static void
test_names(void)
{
   CHECK_EQ_U64(isa_sreg_find("%tid.x"), ISA_SREG_TID_X);
   CHECK_EQ_U64(isa_sreg_find("%tid.q"), ISA_SREG_NONE);
   CHECK_EQ_U64(isa_sreg_bits(ISA_SREG_CLOCK64), 64);
   CHECK_STR(isa_sreg_name(ISA_SREG_LANEMASK_LT), "%lanemask_lt");
   CHECK_STR(isa_type_name(ISA_BF16X2), "bf16x2");
   CHECK_EQ_U64(isa_type_bits(ISA_E2M1X4), 16);
   CHECK(isa_type_is_float(ISA_TF32) && !isa_type_is_float(ISA_B32));
   CHECK(isa_type_is_signed(ISA_S16X2) && !isa_type_is_signed(ISA_F32));
   CHECK_STR(isa_space_name(ISA_SHARED_CLUSTER), "shared::cluster");
   CHECK_STR(isa_op_info(ISA_BRX)->name, "brx.idx");
}

int
main(void)
{
   test_corpus();
   test_fields();
   test_errors();
   test_print_changed();
   test_all_variants();
   test_operand_types();
   test_names();
   return check_done();
}
