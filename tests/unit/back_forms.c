/* SPDX-License-Identifier: Apache-2.0
 * Every executable lane-wise variant of the instruction table, run by the interpreter and
 * by machine code on special and random operands: varying, uniform and masked. The bits
 * must agree. (That the interpreter's are right is isa_sem.c's business.) */
#include <stdlib.h>

#include "back/back.h"
#include "check.h"
#include "isa/isa_eval.h"
#include "isa/isa_priv.h"
#include "ptx/ptx.h"

#define BATCH 24
#define LANES 32
#define ROUNDS 12
#define WORDS 5

struct form_text {
   char *text; /* one or more PTX lines; results in %d0 %d1 */
};

static VEC(struct form_text) forms;

/* -- Instructions as text: sources %x0… by width, destinations stored to [%out]. */
static const char *const prefix[] = {"", "%p", "%w", "%h", "%w", "%q"};

static bool
is_carry(enum isa_op op, const struct isa_mods *m)
{
   return (m->flags & ISA_CC) || op == ISA_ADDC || op == ISA_SUBC || op == ISA_MADC;
}

static void
add_form(const char *spelled)
{
   struct isa_mods m;
   struct isa_eval e;
   const char *error;
   size_t at;
   enum isa_op op = isa_match(spelled, strlen(spelled), &m, &error, &at);
   if (!op || !isa_form(m.form)->executable || !isa_eval_get(op, &m, &e))
      return;
   bool carry = is_carry(op, &m);
   bool second = e.dst[1] != ISA_SLOT_NONE && strchr(isa_form(m.form)->operands, '|');
   struct str s = {0};
   if (carry)
      str_append(&s, "add.cc.u32 %wt, %w3, %w4; ");
   str_printf(&s, "%s %sd", spelled, prefix[e.dst[0]]);
   if (second)
      str_append(&s, "|%pe");
   for (unsigned k = 0; k < 4; k++) {
      if (e.src[k] == ISA_SLOT_NONE || (carry && e.src[k] == ISA_SLOT_PRED))
         continue;
      if (op == ISA_LOP3 && k == 3)
         str_append(&s, ", 0x9c");
      else
         str_printf(&s, ", %s%u", prefix[e.src[k]], k);
   }
   str_append(&s, "; ");
   if (carry)
      str_append(&s, "addc.u32 %wt, 0, 0; st.global.b32 [%out+8], %wt; ");
   switch (e.dst[0]) {
   case ISA_SLOT_PRED:
      str_append(&s, "selp.u32 %wt, 1, 0, %pd; st.global.b32 [%out], %wt;");
      break;
   case ISA_SLOT_16:
      str_append(&s, "st.global.b16 [%out], %hd;");
      break;
   case ISA_SLOT_64:
      str_append(&s, "st.global.b64 [%out], %qd;");
      break;
   default:
      str_append(&s, "st.global.b32 [%out], %wd;");
      break;
   }
   if (second)
      str_append(&s, " selp.u32 %wt, 1, 0, %pe; st.global.b32 [%out+8], %wt;");
   struct form_text f = {str_take(&s)};
   vec_push(&forms, f);
}

struct walk {
   const struct isa_tables *t;
   unsigned form;
   unsigned long seen;
   char buf[512];
};

static void
walk_form(struct walk *w, unsigned pc, size_t len)
{
   for (;;) {
      const struct step *s = &w->t->programs[w->form].steps[pc];
      if (s->op == STEP_END) {
         w->buf[len] = 0;
         if (w->seen++ % 3 == 0)
            add_form(w->buf);
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
            walk_form(w, pc + 1, len + (size_t)n);
         }
         return;
      }
   }
}

static void
collect(void)
{
   struct walk w = {.t = isa__tables()};
   for (w.form = 1; w.form < w.t->nforms; w.form++) {
      const struct isa_op_info *info = isa_op_info(isa_form(w.form)->op);
      if (info->effects || info->reach != ISA_LANE || !isa_form(w.form)->executable)
         continue;
      w.seen = 0;
      strcpy(w.buf, info->name);
      walk_form(&w, 0, strlen(info->name));
   }
}

/* -- Kernels. */
enum shape { VARYING, UNIFORM, MASKED, SHAPES };

static char *
kernel_text(size_t first, size_t n, enum shape shape)
{
   struct str s = {0};
   str_append(&s,
              ".version 8.6\n.target sm_100a\n.address_size 64\n"
              ".visible .entry k(.param .u64 in, .param .u64 out)\n{\n"
              ".reg .pred %p<5>, %pd, %pe, %pm;\n.reg .b16 %h<5>, %hd;\n"
              ".reg .b32 %w<5>, %wd, %wt, %t;\n.reg .b64 %q<5>, %qd, %a, %out, %l;\n"
              "mov.u32 %t, %tid.x;\nld.param.u64 %a, [in];\nld.param.u64 %out, [out];\n"
              "mul.wide.u32 %l, %t, 16;\nadd.u64 %out, %out, %l;\n");
   if (shape != UNIFORM)
      str_append(&s, "mul.wide.u32 %l, %t, 64;\nadd.u64 %a, %a, %l;\n");
   for (unsigned k = 0; k < WORDS; k++)
      str_printf(&s,
                 "ld.global.b64 %%q%u, [%%a+%u];\ncvt.u32.u64 %%w%u, %%q%u;\n"
                 "cvt.u16.u64 %%h%u, %%q%u;\nand.b32 %%wt, %%w%u, 1;\n"
                 "setp.ne.u32 %%p%u, %%wt, 0;\n",
                 k, k * 8, k, k, k, k, k, k);
   if (shape == MASKED)
      str_append(&s, "and.b32 %wt, %t, 5;\nsetp.eq.u32 %pm, %wt, 4;\n@%pm bra done;\n");
   for (size_t i = 0; i < n; i++)
      str_printf(&s, "%s\nadd.u64 %%out, %%out, %u;\n", forms.data[first + i].text,
                 LANES * 16);
   str_append(&s, "done:\nret;\n}\n");
   return str_take(&s);
}

static uint64_t random_state = 0x1234567;

static uint64_t
random64(void)
{
   random_state ^= random_state << 13;
   random_state ^= random_state >> 7;
   random_state ^= random_state << 17;
   return random_state * 0x2545f4914f6cdd1dull;
}

static uint64_t
operand(unsigned round)
{
   static const uint64_t special[] = {
      0,
      1,
      ~0ull,
      0x8000000000000000ull,
      0x7fffffffffffffffull,
      0x80000000ull,
      0x7f800000ull,
      0xff800000ull,
      0x7fc00000ull,
      0x7f800001ull,
      0x00000001ull,
      0x007fffffull,
      0x00800000ull,
      0x3f800000ull,
      0xbf800000ull,
      0x7ff0000000000000ull,
      0x7ff8000000000000ull,
      0x0010000000000000ull,
      0x000fffffffffffffull,
      0x3ff0000000000000ull,
      0xc00000007f7fffffull,
      0x7c007c00ull,
      0x7e00fc00ull,
      0x03ff0400ull,
      0x7f807f80ull,
      31,
      32,
      33,
      63,
      64,
      65,
      0x4f000000ull,
      0xcf000000ull,
      0x43e0000000000000ull,
      0x41dfffffffc00000ull,
      0x3f0000003f000000ull,
   };
   uint64_t r = random64();
   if (round % 3 == 0)
      return special[r % ARRAY_LEN(special)];
   if (round % 3 == 1) /* floats of moderate size */
      return (r & 0xbf00ffff80ffffffull) | 0x3f00000000000000ull |
             (r >> 40 & 1 ? 0x3f000000u : 0x40000000u);
   return r >> (r & 63);
}

static bool
run(const struct back *back, struct ir_func *f, const void *in, void *out,
    const char *text)
{
   struct diag d;
   diag_init(&d);
   struct back_options o = {.block = {LANES, 1, 1}, .force_mode = -1, .opt_level = 1};
   struct exec_kernel *k = back->compile(f, &o, &d);
   if (!CHECK(k != NULL)) {
      struct str s = {0};
      diag_print(&d, &s);
      fprintf(stderr, "%s\n%s", str_get(&s), text);
      str_finish(&s);
   }
   diag_finish(&d);
   if (!k)
      return false;
   struct exec_worker *w = exec_worker_create(0, 1);
   for (unsigned r = 0; r < ROUNDS; r++) {
      _Alignas(16) uint64_t params[2] = {
         (uintptr_t)in + r * LANES * 64,
         (uintptr_t)out + r * (size_t)BATCH * LANES * 16,
      };
      struct exec_fault fault = {0};
      struct exec_launch l = {.kernel = k,
                              .grid = {1, 1, 1},
                              .block = {LANES, 1, 1},
                              .cluster = {1, 1, 1},
                              .params = params,
                              .fault = &fault};
      CHECK(exec_run_blocks(w, &l, 0, 1, 1));
   }
   exec_worker_destroy(w);
   back->destroy(k);
   return true;
}

static void
compare(size_t first, size_t n, const uint64_t *a, const uint64_t *b, const uint64_t *in,
        enum shape shape)
{
   static const char *const names[] = {"varying", "uniform", "masked"};
   for (size_t i = 0; i < n; i++) {
      bool same = true;
      for (unsigned r = 0; r < ROUNDS && same; r++)
         for (unsigned l = 0; l < LANES && same; l++) {
            size_t at = ((r * (size_t)BATCH + i) * LANES + l) * 2;
            same = a[at] == b[at] && a[at + 1] == b[at + 1];
            if (same)
               continue;
            const uint64_t *x = in + (r * LANES + (shape == UNIFORM ? 0 : l)) * 8;
            fprintf(stderr,
                    "%s, %s, lane %u: interp %016" PRIx64 " %" PRIx64 ", simd %016" PRIx64
                    " %" PRIx64 "\n   operands %016" PRIx64 " %016" PRIx64 " %016" PRIx64
                    " %016" PRIx64 "\n",
                    forms.data[first + i].text, names[shape], l, a[at], a[at + 1], b[at],
                    b[at + 1], x[0], x[1], x[2], x[3]);
         }
      CHECK(same);
   }
}

static void
test_batch(size_t first, size_t n, enum shape shape)
{
   char *text = kernel_text(first, n, shape);
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text, strlen(text), "forms", &d);
   if (!CHECK(d.errors == 0)) {
      struct str s = {0};
      diag_print(&d, &s);
      fputs(str_get(&s), stderr);
      str_finish(&s);
   } else {
      size_t in_bytes = ROUNDS * LANES * 64,
             out_bytes = (size_t)ROUNDS * BATCH * LANES * 16;
      uint64_t *in = base_calloc(1, in_bytes);
      uint64_t *a = base_calloc(1, out_bytes), *b = base_calloc(1, out_bytes);
      for (size_t i = 0; i < in_bytes / 8; i++)
         in[i] = operand((unsigned)(i / (LANES * 8)));
      struct ir_func *f = ir_module_find_func(m, "k");
      if (run(&back_interp, f, in, a, text) && run(back_simd(), f, in, b, text))
         compare(first, n, a, b, in, shape);
      base_free(in);
      base_free(a);
      base_free(b);
   }
   diag_finish(&d);
   ir_module_destroy(m);
   base_free(text);
}

int
main(void)
{
   setenv("KASURI_CACHE", "0", 0);
   if (!back_simd()) {
      printf("skipped: the simd module is not built\n");
      return 77;
   }
   collect();
   CHECK(forms.len > 500);
   for (size_t i = 0; i < forms.len; i += BATCH)
      test_batch(i, MIN2((size_t)BATCH, forms.len - i), (enum shape)(i / BATCH % SHAPES));
   for (size_t i = 0; i < forms.len; i++)
      base_free(forms.data[i].text);
   vec_finish(&forms);
   return check_done();
}
