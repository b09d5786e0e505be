/* SPDX-License-Identifier: Apache-2.0
 * The first tier and what takes over: which kernels begin on the interpreter or with
 * quick code, that a grid whose blocks run on two tiers gives what it must, and that a
 * compilation in the background outlives neither its module nor a fork. */
#include "check.h"

#include "back/back.h"
#include "back/background.h"
#include "ptx/ptx.h"

#include <semaphore.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* plain, meets: out[i] = (i ^ 5) * 3 + 1 for odd i, i - 7 for even i, for a global index
 * i; meets goes through shared memory, backwards, and a barrier. */
#define HEAD                                                                             \
   "(.param .u64 p)\n{\n.reg .pred %q<3>; .reg .b32 %r<20>; .reg .b64 %d<6>;\n"          \
   ".shared .align 4 .b32 s[64];\n"                                                      \
   "ld.param.u64 %d1, [p]; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %ntid.x;\n"               \
   "mov.u32 %r3, %tid.x; mad.lo.u32 %r4, %r1, %r2, %r3;\n"                               \
   "mul.wide.u32 %d2, %r4, 4; add.u64 %d3, %d1, %d2;\n"
#define VALUE                                                                            \
   "and.b32 %r5, %r4, 1; setp.eq.u32 %q1, %r5, 0; @%q1 bra even;\n"                      \
   "xor.b32 %r6, %r4, 5; mad.lo.u32 %r7, %r6, 3, 1; bra.uni done;\n"                     \
   "even: sub.u32 %r7, %r4, 7;\ndone:\n"
static const char text[] =
   ".version 7.8\n.target sm_90\n.address_size 64\n"
   ".visible .entry plain" HEAD VALUE "st.global.u32 [%d3], %r7; ret;\n}\n"
   ".visible .entry meets" HEAD "sub.u32 %r8, 63, %r3; shl.b32 %r9, %r8, 2; mov.u32 "
   "%r10, s; add.u32 %r11, %r10, %r9;\n"
   "shl.b32 %r12, %r3, 2; add.u32 %r13, %r10, %r12; mad.lo.u32 %r4, %r1, %r2, "
   "%r8;\n" VALUE "st.shared.u32 [%r11], %r7; bar.sync 0; ld.shared.u32 %r14, [%r13];\n"
   "st.global.u32 [%d3], %r14; ret;\n}\n"
   ".visible .entry loops" HEAD "again: sub.u32 %r3, %r3, 1; setp.gt.s32 %q2, %r3, 0;\n"
   "@%q2 bra again; st.global.u32 [%d3], %r3; ret;\n}\n"
   ".visible .entry takes" HEAD "atom.global.add.u32 %r5, [%d1], 1; ret;\n}\n"
   ".visible .entry adds" HEAD "red.global.add.f32 [%d1], 0f3F800000; ret;\n}\n";

#define BLOCKS 512
#define THREADS 64
static uint32_t out[BLOCKS * THREADS];

/* Arguments that are multiples of everything. */
static const uint8_t aligned[16];

static struct ir_module *module;

static struct back_func *
func(const char *name)
{
   return back_func_create(ir_module_find_func(module, name));
}

static const struct exec_kernel *
get_for(struct back_func *bf, bool large)
{
   struct back_options o = {.block = {THREADS, 1, 1},
                            .force_mode = -1,
                            .small_grid = true,
                            .large = large,
                            .opt_level = 1};
   struct diag d;
   diag_init(&d);
   const struct exec_kernel *k = back_func_get(bf, &o, aligned, &d);
   CHECK(k != NULL);
   CHECK_EQ_U64(d.errors, 0);
   diag_finish(&d);
   return k;
}

static const struct exec_kernel *
get(struct back_func *bf)
{
   return get_for(bf, false);
}

static void
run(struct exec_worker *w, const struct exec_kernel *k, uint64_t from, uint64_t to)
{
   struct exec_fault fault = {0};
   _Alignas(16) uint64_t params[2] = {(uintptr_t)out, 0};
   struct exec_launch l = {.kernel = k,
                           .grid = {BLOCKS, 1, 1},
                           .block = {THREADS, 1, 1},
                           .cluster = {1, 1, 1},
                           .params = params,
                           .fault = &fault};
   for (uint64_t b = from; b < to; b++)
      CHECK(exec_run_blocks(w, &l, b, 1, 1));
}

static void
check_results(void)
{
   unsigned wrong = 0;
   for (uint32_t i = 0; i < BLOCKS * THREADS; i++)
      wrong += out[i] != (i % 2 ? (i ^ 5) * 3 + 1 : i - 7);
   CHECK_EQ_U64(wrong, 0);
}

/* A job that lets no compilation begin before `go`, however slow this thread is. */
static sem_t go;

static bool
hold(struct background_job *unused)
{
   (void)unused;
   sem_wait(&go);
   return true;
}

static const struct exec_kernel *
wait_for_better(const struct exec_kernel *k)
{
   for (int ms = 0; exec_newest(k, aligned) == k && ms < 60000; ms++)
      nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
   return exec_newest(k, aligned);
}

/* The first blocks on the interpreter, the others on whatever has come by then, which in
 * the end is the vector tier. */
static void
test_takes_over(const char *name)
{
   struct exec_worker *w = exec_worker_create(0, 1);
   struct background_job holds = {.run = hold};
   background_start(&holds);
   struct back_func *bf = func(name);
   const struct exec_kernel *k = get(bf);
   CHECK_STR(k->back_name, "interp");
   memset(out, 0xff, sizeof out);
   run(w, k, 0, BLOCKS / 2);
   sem_post(&go);
   CHECK_STR(wait_for_better(k)->back_name, "simd");
   run(w, k, BLOCKS / 2, BLOCKS);
   check_results();
   CHECK(get(bf) == exec_newest(k, aligned));
   background_end(&holds);
   back_func_destroy(bf);
   exec_worker_destroy(w);
}

/* The first large launch begins with the code that there is for others, and the other way
 * round; what takes over is a third one. */
static void
test_large(bool first)
{
   struct exec_worker *w = exec_worker_create(0, 1);
   struct back_func *bf = func("plain");
   CHECK_EQ_U64(back_func_writes(bf), 4);
   const struct exec_kernel *one = get_for(bf, first);
   if (one->upgrade)
      one = wait_for_better(one);
   struct background_job holds = {.run = hold};
   background_start(&holds);
   const struct exec_kernel *k = get_for(bf, !first);
   CHECK_STR(k->back_name, "simd");
   CHECK(k != one && k->entry == one->entry);
   sem_post(&go);
   const struct exec_kernel *other = wait_for_better(k);
   CHECK(other != k && other != one && other->entry != one->entry);
   CHECK(get_for(bf, !first) == other && get_for(bf, first) == one);
   memset(out, 0xff, sizeof out);
   run(w, one, 0, BLOCKS / 4);
   run(w, k, BLOCKS / 4, BLOCKS);
   check_results();
   background_end(&holds);
   back_func_destroy(bf);
   exec_worker_destroy(w);
}

/* A long kernel with a loop begins with quick code, and good code is made when it is
 * launched again. Each thread does n = (n ^ k) + k + 1 for k < STEPS to its index. */
#define STEPS 1600
static struct ir_module *
long_module(void)
{
   struct str s = {0};
   struct diag d;
   diag_init(&d);
   str_append(&s,
              ".version 7.8\n.target sm_90\n.address_size 64\n.visible .entry long" HEAD
              "mov.u32 %r5, 0;\nagain:\n");
   for (unsigned k = 0; k < STEPS; k++)
      str_printf(&s, "xor.b32 %%r6, %%r4, %u; add.u32 %%r4, %%r6, %u;\n", k, k + 1);
   str_append(&s, "add.u32 %r5, %r5, 1; setp.lt.u32 %q1, %r5, 1; @%q1 bra again;\n"
                  "st.global.u32 [%d3], %r4; ret;\n}\n");
   struct ir_module *m = ptx_parse(s.data, s.len, "long.ptx", &d);
   CHECK_EQ_U64(d.errors, 0);
   diag_finish(&d);
   str_finish(&s);
   return m;
}

static void
check_long(void)
{
   unsigned wrong = 0;
   for (uint32_t i = 0; i < BLOCKS * THREADS; i++) {
      uint32_t n = i;
      for (uint32_t k = 0; k < STEPS; k++)
         n = (n ^ k) + k + 1;
      wrong += out[i] != n;
   }
   CHECK_EQ_U64(wrong, 0);
}

static void
test_quick_code(void)
{
   struct ir_module *m = long_module();
   struct exec_worker *w = exec_worker_create(0, 1);
   struct back_func *bf = back_func_create(ir_module_find_func(m, "long"));
   const struct exec_kernel *k = get(bf);
   CHECK_STR(k->back_name, "simd");
   memset(out, 0, sizeof out);
   run(w, k, 0, BLOCKS / 2);
   CHECK(exec_newest(k, aligned) == k);
   struct background_job holds = {.run = hold};
   background_start(&holds);
   CHECK(get(bf) == k);
   sem_post(&go);
   for (int ms = 0; exec_newest(k, aligned) == k && ms < 100000; ms++)
      nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
   CHECK(exec_newest(k, aligned) != k);
   run(w, k, BLOCKS / 2, BLOCKS);
   check_long();
   background_end(&holds);
   back_func_destroy(bf);
   exec_worker_destroy(w);
   ir_module_destroy(m);
}

static void
test_waits(const char *name)
{
   struct back_func *bf = func(name);
   CHECK_STR(get(bf)->back_name, "simd");
   back_func_destroy(bf);
}

static void
test_destroyed_at_once(void)
{
   struct back_func *a = func("plain"), *b = func("meets");
   get(a);
   get(b);
   back_func_destroy(b); /* waits for its turn in the queue, most likely */
   back_func_destroy(a);
}

/* The child has no thread that compiles, and must not wait for one. */
static void
test_fork(void)
{
   struct back_func *bf = func("plain");
   get(bf);
   pid_t child = fork();
   if (!child) {
      back_func_destroy(bf);
      struct back_func *again = func("meets");
      bool ok = get(again) != NULL;
      back_func_destroy(again);
      exit(ok ? 0 : 1);
   }
   int status = -1;
   CHECK(waitpid(child, &status, 0) == child);
   CHECK_EQ_U64(status, 0);
   back_func_destroy(bf);
}

int
main(void)
{
   setenv("KASURI_CACHE", "0", 1);
   sem_init(&go, 0, 0);
   struct diag d;
   diag_init(&d);
   module = ptx_parse(text, sizeof text - 1, "tiers.ptx", &d);
   CHECK_EQ_U64(d.errors, 0);
   diag_finish(&d);
   if (back_simd()) {
      test_fork();
      test_takes_over("plain");
      test_takes_over("meets");
      test_large(false);
      test_large(true);
      test_waits("loops");
      test_waits("takes");
      test_waits("adds");
      test_destroyed_at_once();
      test_quick_code();
   } else {
      printf("no LLVM module: one tier\n");
   }
   ir_module_destroy(module);
   return check_done();
}
