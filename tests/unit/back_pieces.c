/* SPDX-License-Identifier: Apache-2.0
 * Kernels so large that their machine code is made in pieces: stretches of arithmetic
 * with branches and loops, divergent and not, and exchanges at barriers, chosen at
 * random. Each stretch is evaluated here too, thread by thread. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "back/back.h"
#include "ptx/ptx.h"

#define THREADS 96
#define REGISTERS 8
#define STRETCHES 900

static uint64_t seed;

static uint32_t
rnd(uint32_t n)
{
   seed = seed * 6364136223846793005u + 1442695040888963407u;
   return (uint32_t)(seed >> 33) % n;
}

/* d = a OP b on registers. */
struct step {
   uint8_t op, d, a, b;
};
enum { ADD, SUB, XOR, MUL, MIN, POPC, OPS };
static const char *const op_text[OPS] = {"add.u32",    "sub.u32", "xor.b32",
                                         "mul.lo.u32", "min.u32", "popc.b32"};

enum kind { IF, LOOP, DIVERGENT_LOOP, EXCHANGE, KINDS };

#define STEPS 9
struct stretch {
   enum kind kind;
   uint32_t limit;
   uint8_t x; /* the register that decides */
   struct step first[STEPS], second[STEPS];
};

static struct stretch all[STRETCHES];
static uint32_t regs[THREADS][REGISTERS], out[THREADS];

static void
choose_steps(struct step *s)
{
   for (unsigned k = 0; k < STEPS; k++)
      s[k] = (struct step){(uint8_t)rnd(OPS), (uint8_t)rnd(REGISTERS),
                           (uint8_t)rnd(REGISTERS), (uint8_t)rnd(REGISTERS)};
}

static void
choose(bool barriers)
{
   for (unsigned k = 0; k < STRETCHES; k++) {
      struct stretch *s = &all[k];
      s->kind = barriers && k % 16 == 5 ? EXCHANGE : (enum kind)rnd(EXCHANGE);
      s->limit = rnd(2) ? 0x80000000u : rnd(64);
      s->x = (uint8_t)rnd(REGISTERS);
      choose_steps(s->first);
      choose_steps(s->second);
   }
}

/* -- As PTX. */
static void
print_steps(struct str *t, const struct step *s)
{
   for (unsigned k = 0; k < STEPS; k++)
      if (s[k].op == POPC)
         str_printf(t, "popc.b32 %%r%u, %%r%u;\n", s[k].d, s[k].a);
      else
         str_printf(t, "%s %%r%u, %%r%u, %%r%u;\n", op_text[s[k].op], s[k].d, s[k].a,
                    s[k].b);
}

static void
print_stretch(struct str *t, const struct stretch *s, unsigned k)
{
   switch (s->kind) {
   case IF:
      str_printf(t, "setp.lt.u32 %%p, %%r%u, %u;\n@%%p bra E%u;\n", s->x, s->limit, k);
      print_steps(t, s->first);
      str_printf(t, "bra J%u;\nE%u:\n", k, k);
      print_steps(t, s->second);
      str_printf(t, "J%u:\n", k);
      break;
   case LOOP:
   case DIVERGENT_LOOP:
      if (s->kind == LOOP)
         str_append(t, "mov.u32 %c, 2;\n");
      else
         str_printf(t, "and.b32 %%c, %%r%u, 3;\n", s->x);
      str_printf(t, "L%u:\n", k);
      print_steps(t, s->first);
      str_printf(t, "setp.eq.u32 %%p, %%c, 0;\nsub.u32 %%c, %%c, 1;\n@!%%p bra L%u;\n",
                 k);
      break;
   case EXCHANGE:
   case KINDS:
      str_printf(t,
                 "st.shared.u32 [%%m], %%r%u;\nbar.sync 0;\nld.shared.u32 %%r0, [%%o];\n"
                 "bar.sync 0;\n",
                 s->x);
      break;
   }
}

static struct ir_module *
module_of(void)
{
   struct str t = {0};
   struct diag d;
   diag_init(&d);
   str_append(&t, ".version 7.8\n.target sm_90\n.address_size 64\n"
                  ".visible .entry pieces(.param .u64 q)\n{\n.reg .pred %p;\n"
                  ".reg .b32 %r<8>, %c, %m, %o, %t;\n.reg .b64 %d<4>;\n"
                  ".shared .align 4 .b32 s[96];\n"
                  "ld.param.u64 %d0, [q];\nmov.u32 %t, %tid.x;\n"
                  "mul.wide.u32 %d1, %t, 4;\nadd.u64 %d2, %d0, %d1;\n"
                  "mov.u32 %m, s;\nshl.b32 %c, %t, 2;\nadd.u32 %o, %m, %c;\n"
                  "sub.u32 %c, 380, %c;\nadd.u32 %m, %m, %c;\n");
   for (unsigned k = 0; k < REGISTERS; k++)
      str_printf(&t, "mad.lo.u32 %%r%u, %%t, %u, %u;\n", k, 2 * k + 1, 77 * k);
   for (unsigned k = 0; k < STRETCHES; k++)
      print_stretch(&t, &all[k], k);
   for (unsigned k = 1; k < REGISTERS; k++)
      str_printf(&t, "add.u32 %%r0, %%r0, %%r%u;\n", k);
   str_append(&t, "st.global.u32 [%d2], %r0;\nret;\n}\n");
   struct ir_module *m = ptx_parse(t.data, t.len, "pieces.ptx", &d);
   CHECK_EQ_U64(d.errors, 0);
   diag_finish(&d);
   str_finish(&t);
   return m;
}

/* -- As C. */
static void
do_steps(uint32_t *r, const struct step *s)
{
   for (unsigned k = 0; k < STEPS; k++) {
      uint32_t a = r[s[k].a], b = r[s[k].b], x = 0;
      switch (s[k].op) {
      case ADD:
         x = a + b;
         break;
      case SUB:
         x = a - b;
         break;
      case XOR:
         x = a ^ b;
         break;
      case MUL:
         x = a * b;
         break;
      case MIN:
         x = a < b ? a : b;
         break;
      case POPC:
         x = (uint32_t)__builtin_popcount(a);
         break;
      }
      r[s[k].d] = x;
   }
}

static void
do_stretch(const struct stretch *s)
{
   if (s->kind == EXCHANGE) {
      uint32_t memory[THREADS];
      for (unsigned t = 0; t < THREADS; t++)
         memory[THREADS - 1 - t] = regs[t][s->x];
      for (unsigned t = 0; t < THREADS; t++)
         regs[t][0] = memory[t];
      return;
   }
   for (unsigned t = 0; t < THREADS; t++) {
      uint32_t *r = regs[t];
      if (s->kind == IF) {
         do_steps(r, r[s->x] < s->limit ? s->second : s->first);
         continue;
      }
      for (unsigned n = s->kind == LOOP ? 3 : (r[s->x] & 3) + 1; n; n--)
         do_steps(r, s->first);
   }
}

static void
evaluate(void)
{
   for (uint32_t t = 0; t < THREADS; t++)
      for (uint32_t k = 0; k < REGISTERS; k++)
         regs[t][k] = t * (2 * k + 1) + 77 * k;
   for (unsigned k = 0; k < STRETCHES; k++)
      do_stretch(&all[k]);
}

static void
run(struct ir_module *m, uint32_t level)
{
   struct diag d;
   struct exec_fault fault = {0};
   _Alignas(16) uint64_t params[2] = {(uintptr_t)out, 0};
   struct back_options o = {
      .block = {THREADS, 1, 1}, .force_mode = -1, .small_grid = true, .opt_level = level};
   diag_init(&d);
   struct exec_kernel *k = back_simd()->compile(ir_module_find_func(m, "pieces"), &o, &d);
   CHECK_EQ_U64(d.errors, 0);
   diag_finish(&d);
   if (!k)
      return;
   struct exec_launch l = {.kernel = k,
                           .grid = {1, 1, 1},
                           .block = {THREADS, 1, 1},
                           .cluster = {1, 1, 1},
                           .params = params,
                           .fault = &fault};
   struct exec_worker *w = exec_worker_create(0, 1);
   memset(out, 0, sizeof out);
   CHECK(exec_run_blocks(w, &l, 0, 1, 1));
   unsigned wrong = 0;
   for (unsigned t = 0; t < THREADS; t++) {
      uint32_t sum = 0;
      for (unsigned r = 0; r < REGISTERS; r++)
         sum += regs[t][r];
      wrong += out[t] != sum;
   }
   CHECK_EQ_U64(wrong, 0);
   exec_worker_destroy(w);
   back_simd()->destroy(k);
}

/* Whoever goes away while good code is made neither waits for all of it nor harms it. */
static void
test_goes_away(struct ir_module *m)
{
   struct back_options o = {
      .block = {THREADS, 1, 1}, .force_mode = -1, .small_grid = true, .opt_level = 1};
   struct diag d;
   diag_init(&d);
   for (unsigned round = 0; round < 2; round++) {
      struct back_func *bf = back_func_create(ir_module_find_func(m, "pieces"));
      CHECK(back_func_get(bf, &o, NULL, &d) != NULL); /* quick code */
      CHECK(back_func_get(bf, &o, NULL, &d) != NULL); /* a second launch wants better */
      back_func_destroy(bf);
   }
   CHECK_EQ_U64(d.errors, 0);
   diag_finish(&d);
}

int
main(void)
{
   if (!back_simd()) {
      printf("no LLVM module\n");
      return check_done();
   }
   setenv("KASURI_CACHE", "0", 1);
   for (unsigned barriers = 0; barriers < 2; barriers++) {
      seed = 12 + barriers;
      choose(barriers);
      evaluate();
      struct ir_module *m = module_of();
      run(m, 0);
      run(m, 1);
      if (!barriers)
         test_goes_away(m);
      ir_module_destroy(m);
   }
   return check_done();
}
