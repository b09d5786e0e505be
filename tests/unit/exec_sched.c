/* SPDX-License-Identifier: Apache-2.0
 * The scheduler with kernels written in C: modes, fibers, barriers of all kinds, faults.
 */
#include "check.h"

#include "back/exec/exec.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>

static struct exec_worker *worker;
static struct exec_fault fault;
static uint32_t out[4096];
static uint32_t next_out;

static bool
run(enum exec_mode mode, exec_entry_fn *entry, uint32_t grid, uint32_t block,
    uint32_t cluster, uint64_t resident)
{
   if (!worker)
      worker = exec_worker_create(0, 1);
   struct exec_kernel k = {.name = "test",
                           .mode = mode,
                           .entry = entry,
                           .shared_bytes = 256,
                           .local_bytes = 64};
   struct exec_launch l = {.kernel = &k,
                           .grid = {grid, 1, 1},
                           .block = {block, 1, 1},
                           .cluster = {cluster, 1, 1},
                           .fault = &fault};
   memset(&fault, 0, sizeof fault);
   memset(out, 0, sizeof out);
   next_out = 0;
   for (uint64_t i = 0; i < grid; i += resident)
      if (!exec_run_blocks(worker, &l, i, 1, resident))
         return false;
   return true;
}

static uint32_t
bar_sync(struct exec_ctx *c, uint32_t id, uint32_t count)
{
   return c->svc->bar(c, ISA_MODE_SYNC, ISA_ATOM_NONE, id, count, c->active, 0, 1);
}

/* -- Every warp and thread runs once, with its own numbers. */
static void
k_count_warps(struct exec_ctx *c)
{
   for (unsigned i = 0; i < 32; i++)
      if (c->active >> i & 1)
         out[c->ctaid[0] * c->ntid[0] + c->tid[0][i]] += 1 + c->ctaid[0];
}

static void
k_count_threads(struct exec_ctx *c)
{
   out[c->ctaid[0] * c->ntid[0] + c->tid[0][0]] += 1 + c->ctaid[0];
}

static void
test_modes(void)
{
   for (int mode = EXEC_PLAIN; mode <= EXEC_THREAD_FIBER; mode++) {
      CHECK(run(mode, mode == EXEC_THREAD_FIBER ? k_count_threads : k_count_warps, 3, 70,
                1, 1));
      uint32_t bad = 0;
      for (unsigned i = 0; i < 210; i++)
         bad += out[i] != 1 + i / 70;
      CHECK_EQ_U64(bad, 0);
      CHECK_EQ_U64(out[210], 0);
   }
}

/* -- A barrier in a loop: what was written before it is seen after it. */
static void
k_rotate_warps(struct exec_ctx *c)
{
   uint32_t *v = (uint32_t *)c->shared;
   for (unsigned round = 0; round < 10; round++) {
      v[c->warp] = round * 100 + c->warp;
      bar_sync(c, 0, 0);
      uint32_t other = (c->warp + 1) % c->nwarps;
      out[0] += v[other] != round * 100 + other;
      bar_sync(c, 0, 0);
   }
   out[1]++;
}

static void
k_rotate_threads(struct exec_ctx *c)
{
   uint8_t *v = c->shared;
   uint32_t t = c->tid[0][0];
   for (unsigned round = 0; round < 10; round++) {
      v[t] = (uint8_t)(round + t);
      c->svc->bar(c, ISA_MODE_SYNC, 0, 3, 0, 1u << c->lane, 0, 1);
      uint32_t other = (t + 33) % c->ntid[0];
      out[0] += v[other] != (uint8_t)(round + other);
      c->svc->bar(c, ISA_MODE_SYNC, 0, 3, 0, 1u << c->lane, 0, 1);
   }
   out[1]++;
}

static void
test_barrier_loop(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_rotate_warps, 2, 200, 1, 1));
   CHECK_EQ_U64(out[0], 0);
   CHECK_EQ_U64(out[1], 14);
   CHECK(run(EXEC_THREAD_FIBER, k_rotate_threads, 2, 200, 1, 1));
   CHECK_EQ_U64(out[0], 0);
   CHECK_EQ_U64(out[1], 400);
   CHECK(run(EXEC_WARP_FIBER, k_rotate_warps, 4, 200, 1, 4));
   CHECK_EQ_U64(out[0], 0);
   CHECK_EQ_U64(out[1], 28);
}

/* -- Exited lanes count as arrived at a barrier of the whole block. */
static void
k_half_exits(struct exec_ctx *c)
{
   if (c->tid[0][0] % 3 == 0)
      return;
   bar_sync(c, 0, 0);
   out[0]++;
   bar_sync(c, 0, 0);
   out[1] += out[0];
}

static void
k_lane_exits(struct exec_ctx *c)
{
   uint32_t lane = 1u << c->lane;
   if (c->tid[0][0] % 3 == 0)
      return;
   c->svc->bar(c, ISA_MODE_SYNC, 0, 0, 0, lane, 0, 0);
   out[0]++;
   c->svc->bar(c, ISA_MODE_SYNC, 0, 0, 0, lane, 0, 0);
   out[1] += out[0] == 64;
}

static void
test_exited(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_half_exits, 1, 96, 1, 1)); /* warp 0 exits; 1, 2 stay */
   CHECK_EQ_U64(out[0], 2);
   CHECK_EQ_U64(out[1], 4);
   CHECK(run(EXEC_THREAD_FIBER, k_lane_exits, 1, 96, 1, 1));
   CHECK_EQ_U64(out[0], 64);
   CHECK_EQ_U64(out[1], 64);
}

/* -- bar.red. */
static void
k_red(struct exec_ctx *c)
{
   uint32_t odd = 0xaaaaaaaau & c->active;
   uint32_t n = c->svc->bar(c, ISA_MODE_RED, ISA_ATOM_POPC, 1, 0, c->active, odd, 1);
   uint32_t all = c->svc->bar(c, ISA_MODE_RED, ISA_ATOM_AND, 1, 0, c->active, odd, 1);
   uint32_t any = c->svc->bar(c, ISA_MODE_RED, ISA_ATOM_OR, 1, 0, c->active, odd, 1);
   uint32_t every =
      c->svc->bar(c, ISA_MODE_RED, ISA_ATOM_AND, 1, 0, c->active, c->active, 1);
   uint32_t none = c->svc->bar(c, ISA_MODE_RED, ISA_ATOM_OR, 1, 0, c->active, 0, 1);
   out[c->warp] = n * 10000 + all * 1000 + any * 100 + every * 10 + none;
}

static void
k_red_thread(struct exec_ctx *c)
{
   uint32_t m = 1u << c->lane;
   uint32_t n =
      c->svc->bar(c, ISA_MODE_RED, ISA_ATOM_POPC, 1, 0, m, c->tid[0][0] < 40 ? m : 0, 0);
   out[c->tid[0][0]] = n;
}

static void
test_red(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_red, 1, 80, 1, 1));
   for (unsigned i = 0; i < 3; i++)
      CHECK_EQ_U64(out[i], 40 * 10000 + 0 + 100 + 10 + 0);
   CHECK(run(EXEC_THREAD_FIBER, k_red_thread, 1, 80, 1, 1));
   CHECK_EQ_U64(out[0], 40);
   CHECK_EQ_U64(out[79], 40);
}

/* -- Producer and consumer: two named barriers, arrive on one side, sync on the other. */
static void
k_producer(struct exec_ctx *c)
{
   volatile uint32_t *slot = (volatile uint32_t *)c->shared;
   enum { FULL = 1, EMPTY = 2 };
   for (uint32_t i = 0; i < 20; i++) {
      if (c->warp == 0) {
         c->svc->bar(c, ISA_MODE_SYNC, 0, EMPTY, 64, c->active, 0, 1);
         *slot = i * i;
         c->svc->bar(c, ISA_MODE_ARRIVE, 0, FULL, 64, c->active, 0, 1);
      } else {
         c->svc->bar(c, ISA_MODE_ARRIVE, 0, EMPTY, 64, c->active, 0, 1);
         c->svc->bar(c, ISA_MODE_SYNC, 0, FULL, 64, c->active, 0, 1);
         out[next_out++] = *slot;
      }
   }
}

static void
test_producer(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_producer, 1, 48, 1, 1)); /* a ragged warp counts as 32 */
   CHECK_EQ_U64(next_out, 20);
   CHECK_EQ_U64(out[19], 361);
   CHECK_EQ_U64(out[7], 49);
}

/* -- Two groups of warps with barriers of their own. */
static void
k_groups(struct exec_ctx *c)
{
   uint32_t group = c->warp / 2;
   for (unsigned i = 0; i < 5; i++) {
      out[c->warp]++;
      bar_sync(c, 4 + group, 64);
      out[16] += out[c->warp ^ 1] != i + 1;
      bar_sync(c, 4 + group, 64);
   }
}

/* -- Deadlocks. */
static void
k_dead_barrier(struct exec_ctx *c)
{
   bar_sync(c, c->warp, 0); /* each warp at another barrier */
}

static void
k_dead_count(struct exec_ctx *c)
{
   bar_sync(c, 5, 128); /* there are only 64 */
}

static void
test_deadlock(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_groups, 1, 128, 1, 1));
   CHECK_EQ_U64(out[16], 0);
   CHECK(!run(EXEC_WARP_FIBER, k_dead_barrier, 1, 64, 1, 1));
   CHECK_EQ_U64(fault.reason, EXEC_TRAP_DEADLOCK);
   CHECK_STR(fault.text, "deadlock: barrier 0 of block 0 waits for 64 threads, 32 have "
                         "arrived and no other can");
   CHECK(!run(EXEC_WARP_FIBER, k_dead_count, 1, 64, 1, 1));
   CHECK_EQ_U64(fault.reason, EXEC_TRAP_DEADLOCK);
   CHECK_STR(fault.text, "deadlock: barrier 5 of block 0 waits for 128 threads, 64 have "
                         "arrived and no other can");
   /* The worker is as good as before. */
   CHECK(run(EXEC_WARP_FIBER, k_rotate_warps, 1, 96, 1, 1));
   CHECK_EQ_U64(out[0], 0);
}

/* -- Polling: strands that yield let the others go on. */
static void
k_poll(struct exec_ctx *c)
{
   volatile uint32_t *turn = (volatile uint32_t *)c->shared;
   uint32_t me = c->nwarps - 1 - c->warp;
   if (c->warp == 0)
      *turn = 0;
   bar_sync(c, 0, 0);
   while (*turn != me)
      c->svc->yield(c, 0);
   out[me] = c->warp;
   *turn = me + 1;
}

static void
k_grid_poll(struct exec_ctx *c)
{
   __atomic_fetch_add(&out[0], 1, __ATOMIC_SEQ_CST);
   while (*(volatile uint32_t *)&out[0] != c->nctaid[0] * c->nwarps)
      c->svc->yield(c, 0);
   out[1]++;
}

static void
test_poll(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_poll, 1, 256, 1, 1));
   CHECK_EQ_U64(out[0], 7);
   CHECK_EQ_U64(out[7], 0);
   CHECK(run(EXEC_WARP_FIBER, k_grid_poll, 6, 64, 1, 6)); /* cooperative */
   CHECK_EQ_U64(out[1], 12);
}

/* -- Faults in each mode. */
static void
k_trap(struct exec_ctx *c)
{
   out[0]++;
   if (c->ctaid[0] == 1 && c->warp == 0)
      c->svc->trap(c, EXEC_TRAP_INSTRUCTION, 77);
}

static void
k_trap_thread(struct exec_ctx *c)
{
   if (c->ctaid[0] == 1 && c->tid[0][0] == 37)
      c->svc->trap(c, EXEC_TRAP_INSTRUCTION, 77);
   c->svc->bar(c, ISA_MODE_SYNC, 0, 0, 0, 1u << c->lane, 0, 1);
   out[0]++;
}

static uint8_t *forbidden;

static void
k_wild(struct exec_ctx *c)
{
   if (c->ctaid[0] == 2)
      *(volatile uint8_t *)(forbidden + 16) = 1;
}

/* Not a leaf, and used: the compiler must not make a loop of it. */
static KASURI_NOINLINE uint32_t
dig(volatile uint8_t *p, uint32_t depth)
{
   volatile uint8_t here[512];
   here[0] = (uint8_t)depth;
   uint32_t r = depth ? dig(here, depth - 1) : 0;
   return r + here[0] + p[0];
}

static void
k_deep(struct exec_ctx *c)
{
   out[0] = dig(c->shared, 1u << 24);
}

static void
k_divide(struct exec_ctx *c)
{
   raise(SIGFPE); /* sent, not caused: must reach the former handler */
   (void)c;
}

static volatile int seen_signal;

static void
on_fpe(int sig)
{
   seen_signal = sig;
}

static void
test_faults(void)
{
   forbidden = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   for (int mode = EXEC_PLAIN; mode <= EXEC_THREAD_FIBER; mode++) {
      CHECK(!run(mode, mode == EXEC_THREAD_FIBER ? k_trap_thread : k_trap, 3, 64, 1, 1));
      CHECK_EQ_U64(fault.reason, EXEC_TRAP_INSTRUCTION);
      CHECK_EQ_U64(fault.line, 77);
      CHECK_EQ_U64(fault.ctaid[0], 1);
      CHECK_EQ_U64(fault.tid[0], mode == EXEC_THREAD_FIBER ? 37 : 0);
      CHECK(out[0] >= 3 || mode == EXEC_THREAD_FIBER);
      CHECK(!run(mode, k_wild, 4, 64, 1, 1));
      CHECK_EQ_U64(fault.reason, EXEC_TRAP_ADDRESS);
      CHECK_EQ_U64(fault.ctaid[0], 2);
      char want[96];
      snprintf(want, sizeof want, "kernel test accessed address %p",
               (void *)(forbidden + 16));
      CHECK_STR(fault.text, want);
   }
   CHECK(!run(EXEC_WARP_FIBER, k_deep, 1, 64, 1, 1));
   CHECK_EQ_U64(fault.reason, EXEC_TRAP_STACK);
   CHECK(!run(EXEC_THREAD_FIBER, k_deep, 1, 64, 1, 1));
   CHECK_EQ_U64(fault.reason, EXEC_TRAP_STACK);
   CHECK(run(EXEC_WARP_FIBER, k_divide, 1, 32, 1, 1));
   CHECK_EQ_U64(seen_signal, SIGFPE);
   CHECK(run(EXEC_THREAD_FIBER, k_rotate_threads, 2, 200, 1, 1));
   CHECK_EQ_U64(out[1], 400);
}

/* -- Clusters: ranks, barrier.cluster, the other block's shared memory. */
static void
k_cluster(struct exec_ctx *c)
{
   uint32_t *mine = (uint32_t *)c->shared;
   mine[0] = c->ctaid[0] * 7;
   c->svc->bar_cluster(c, ISA_MODE_ARRIVE, c->active);
   c->svc->bar_cluster(c, ISA_MODE_WAIT, c->active);
   uint32_t other = (c->cluster_ctarank + 1) % c->cluster_nctarank;
   out[c->ctaid[0]] =
      *(uint32_t *)c->svc->cluster_shared(c, other) * 10 + c->clusterid[0];
   CHECK(!c->svc->cluster_shared(c, 4));
   c->svc->bar_cluster(c, ISA_MODE_ARRIVE, c->active);
   c->svc->bar_cluster(c, ISA_MODE_WAIT, c->active);
}

static void
test_cluster(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_cluster, 8, 40, 4, 4));
   CHECK_EQ_U64(out[0], 70);
   CHECK_EQ_U64(out[3], 0);
   CHECK_EQ_U64(out[4], 351);
   CHECK_EQ_U64(out[7], 281);
}

/* -- mbarrier. */
static void
k_mbarrier(struct exec_ctx *c)
{
   uint64_t *bar = (uint64_t *)c->shared;
   struct isa_mods m = {.mode = ISA_MODE_INIT};
   if (c->warp == 0)
      c->svc->mbarrier(c, &m, bar, 0, c->nwarps);
   bar_sync(c, 0, 0);
   for (uint32_t phase = 0; phase < 4; phase++) {
      m = (struct isa_mods){.mode = ISA_MODE_ARRIVE};
      out[c->warp]++;
      if (c->warp == 1 && phase == 2) { /* and 64 bytes to come */
         m.extra = ISA_MODE_EXPECT_TX;
         c->svc->mbarrier(c, &m, bar, 64, 1);
         m = (struct isa_mods){.mode = ISA_MODE_COMPLETE_TX};
         c->svc->yield(c, 0);
         out[20] = (uint32_t)(*bar >> 63);
         c->svc->mbarrier(c, &m, bar, 64, 0);
      } else {
         c->svc->mbarrier(c, &m, bar, 0, 1);
      }
      m = (struct isa_mods){.mode = ISA_MODE_TRY_WAIT, .flags = ISA_PARITY};
      while (!c->svc->mbarrier(c, &m, bar, phase & 1, 0))
         ;
      for (uint32_t i = 0; i < c->nwarps; i++)
         out[16] += out[i] < phase + 1;
   }
}

static void
k_mbarrier_state(struct exec_ctx *c)
{
   uint64_t *bar = (uint64_t *)c->shared;
   struct isa_mods m = {.mode = ISA_MODE_INIT}, test = {.mode = ISA_MODE_TEST_WAIT},
                   count = {.mode = ISA_MODE_PENDING_COUNT},
                   arrive = {.mode = ISA_MODE_ARRIVE},
                   drop = {.mode = ISA_MODE_ARRIVE_DROP};
   c->svc->mbarrier(c, &m, bar, 0, 3);
   uint64_t s = c->svc->mbarrier(c, &arrive, bar, 0, 2);
   out[0] = (uint32_t)c->svc->mbarrier(c, &count, bar, s, 0);
   out[1] = (uint32_t)c->svc->mbarrier(c, &test, bar, s, 0);
   uint64_t s2 = c->svc->mbarrier(c, &drop, bar, 0, 1);
   out[2] = (uint32_t)c->svc->mbarrier(c, &count, bar, s2, 0);
   out[3] = (uint32_t)c->svc->mbarrier(c, &test, bar, s, 0);
   s = c->svc->mbarrier(c, &arrive, bar, 0, 1); /* the next phase needs only 2 */
   out[4] = (uint32_t)c->svc->mbarrier(c, &count, bar, s, 0);
   test.flags = ISA_PARITY;
   out[5] = (uint32_t)c->svc->mbarrier(c, &test, bar, 0, 0);
   out[6] = (uint32_t)c->svc->mbarrier(c, &test, bar, 1, 0);
}

static void
test_mbarrier(void)
{
   CHECK(run(EXEC_WARP_FIBER, k_mbarrier, 1, 128, 1, 1));
   CHECK_EQ_U64(out[16], 0);
   CHECK_EQ_U64(out[20], 0); /* phase 2 has parity 0 and is not over yet */
   CHECK_EQ_U64(out[0], 4);
   CHECK(run(EXEC_WARP_FIBER, k_mbarrier_state, 1, 32, 1, 1));
   const uint32_t want[] = {3, 0, 1, 1, 2, 1, 0};
   for (unsigned i = 0; i < 7; i++)
      CHECK_EQ_U64(out[i], want[i]);
}

/* Everything again in other orders of strands. */
static void
test_seeds(void)
{
   for (unsigned i = 1; i <= 5; i++) {
      char text[8];
      snprintf(text, sizeof text, "%u", i * 7);
      setenv("KASURI_SEED", text, 1);
      exec_worker_destroy(worker);
      worker = NULL;
      test_barrier_loop();
      test_exited();
      test_producer();
      test_poll();
      test_faults();
      test_cluster();
      test_mbarrier();
   }
   unsetenv("KASURI_SEED");
}

int
main(void)
{
   struct sigaction sa = {.sa_handler = on_fpe};
   sigaction(SIGFPE, &sa, NULL);
   test_modes();
   test_barrier_loop();
   test_exited();
   test_red();
   test_producer();
   test_deadlock();
   test_poll();
   test_faults();
   test_cluster();
   test_mbarrier();
   test_seeds();
   exec_worker_destroy(worker);
   return check_done();
}
