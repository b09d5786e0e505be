/* SPDX-License-Identifier: Apache-2.0
 * Rendezvous of a warp's lanes in thread mode, with kernels written in C. */
#include "check.h"

#include "back/exec/exec.h"

static struct exec_fault fault;
static uint32_t out[1024];

static bool
run(exec_entry_fn *entry, uint32_t block)
{
   struct exec_worker *w = exec_worker_create(0, 1);
   struct exec_kernel k = {.name = "test",
                           .mode = EXEC_THREAD_FIBER,
                           .entry = entry,
                           .shared_bytes = 256,
                           .stack_bytes = 64 << 10};
   struct exec_launch l = {.kernel = &k,
                           .grid = {1, 1, 1},
                           .block = {block, 1, 1},
                           .cluster = {1, 1, 1},
                           .fault = &fault};
   memset(&fault, 0, sizeof fault);
   memset(out, 0, sizeof out);
   bool ok = exec_run_blocks(w, &l, 0, 1, 1);
   exec_worker_destroy(w);
   return ok;
}

static const struct isa_mods add_mods = {
   .flags = ISA_SYNC, .atom = ISA_ATOM_ADD, .type = {ISA_U32}};
static const struct isa_mods sync_mods = {.flags = ISA_SYNC, .mode = ISA_MODE_SYNC};
static const struct isa_mods idx_mods = {
   .flags = ISA_SYNC, .mode = ISA_MODE_IDX, .type = {ISA_B32}};
static const struct isa_mods active_mods = {.type = {ISA_B32}};

static uint32_t
add_up(struct exec_ctx *c, uint32_t v, uint32_t mask)
{
   struct exec_warp_arg a = {.a = v, .membermask = mask};
   return (uint32_t)c->svc->warp_op(c, ISA_REDUX, &add_mods, &a).d;
}

/* Disjoint groups, each several times, some of whose lanes come late. */
static void
k_groups(struct exec_ctx *c)
{
   uint32_t mask = 0x11111111u << c->lane % 4;
   for (uint32_t i = 0; i < 3; i++) {
      for (uint32_t k = 0; k < c->lane % 5; k++)
         c->svc->yield(c, 0);
      out[c->tid[0][0]] += add_up(c, c->lane + i, mask);
   }
}

/* A lane that has exited is not waited for. */
static void
k_exited(struct exec_ctx *c)
{
   if (c->lane % 2)
      return;
   out[c->lane] = add_up(c, 1, ~0u);
   if (c->lane == 8)
      return;
   out[c->lane] += 100 * add_up(c, 1, ~0u);
}

/* Masks that overlap in time: a lane is first in one group, then in another. */
static void
k_chain(struct exec_ctx *c)
{
   for (uint32_t i = 0; i < 31; i++)
      if (c->lane == i || c->lane == i + 1)
         out[c->lane] += add_up(c, c->lane, 3u << i);
}

static void
k_shuffle(struct exec_ctx *c)
{
   struct exec_warp_arg a = {
      .a = c->lane * 3, .b = 31 - c->lane, .c = 31, .membermask = ~0u};
   struct exec_warp_result r = c->svc->warp_op(c, ISA_SHFL, &idx_mods, &a);
   out[c->lane] = (uint32_t)r.d * 10 + r.p;
   struct exec_warp_arg s = {.membermask = ~0u};
   c->svc->warp_op(c, ISA_BAR_WARP, &sync_mods, &s);
}

/* activemask: who comes to the same instruction before it waits. */
static void
k_active(struct exec_ctx *c)
{
   struct exec_warp_arg a = {.membermask = ~0u};
   uint32_t r;
   if (c->lane < 10) {
      r = (uint32_t)c->svc->warp_op(c, ISA_ACTIVEMASK, &active_mods, &a).d;
   } else {
      static const struct isa_mods other = {.type = {ISA_B32}};
      r = (uint32_t)c->svc->warp_op(c, ISA_ACTIVEMASK, &other, &a).d;
   }
   out[c->lane] = r;
}

/* A lane inside a lock that all lanes of the warp want: only fair strands get through. */
static void
k_lock(struct exec_ctx *c)
{
   uint32_t *lock = (uint32_t *)c->shared;
   uint32_t free = 0;
   while (!__atomic_compare_exchange_n(lock, &free, 1, false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED)) {
      free = 0;
      c->svc->yield(c, 0);
   }
   uint32_t v = out[0];
   c->svc->yield(c, 0);
   out[0] = v + 1;
   __atomic_store_n(lock, 0, __ATOMIC_RELEASE);
}

static void
k_not_named(struct exec_ctx *c)
{
   add_up(c, 1, 0xffff);
}

static void
k_never(struct exec_ctx *c)
{
   if (c->lane < 31)
      add_up(c, 1, ~0u);
   else
      add_up(c, 1, 1u << 31 | 1u);
}

int
main(void)
{
   uint32_t bad = 0;
   CHECK(run(k_groups, 64));
   for (uint32_t t = 0; t < 64; t++) /* lanes l, l+4, … l+28: 8 l + 112, and 8 i */
      bad += out[t] != 3 * (8 * (t % 4) + 112) + 8 * (0 + 1 + 2);
   CHECK_EQ_U64(bad, 0);
   CHECK(run(k_exited, 32));
   CHECK_EQ_U64(out[0], 16 + 1500);
   CHECK_EQ_U64(out[8], 16);
   CHECK(run(k_chain, 32));
   CHECK_EQ_U64(out[0], 1);
   CHECK_EQ_U64(out[5], 9 + 11);
   CHECK_EQ_U64(out[31], 61);
   CHECK(run(k_shuffle, 32));
   CHECK_EQ_U64(out[0], 931);
   CHECK_EQ_U64(out[30], 31);
   CHECK(run(k_active, 32));
   CHECK_EQ_U64(out[3], 0x3ff);
   CHECK_EQ_U64(out[20], 0xfffffc00);
   CHECK(run(k_lock, 96));
   CHECK_EQ_U64(out[0], 96);
   CHECK(!run(k_not_named, 32));
   CHECK_EQ_U64(fault.reason, EXEC_TRAP_INSTRUCTION);
   CHECK_STR(fault.text, "lane 16 executes a warp operation whose membermask 0x0000ffff "
                         "does not name it");
   CHECK(!run(k_never, 32));
   CHECK_EQ_U64(fault.reason, EXEC_TRAP_DEADLOCK);
   CHECK_STR(fault.text,
             "deadlock: warp 0 waits for lanes of its membermask that never arrive");
   return check_done();
}
