/* SPDX-License-Identifier: Apache-2.0
 * mbarrier objects (PTX 9.7.13.15). The 64 bits of one, in shared memory:
 *   0..19 arrivals still pending   20..39 arrivals a phase needs   40..61 bytes of
 *   asynchronous copies still expected, signed   63 parity of the current phase
 * The state that an arrival returns is the object as it was before. A block and its
 * cluster stay on one worker, so plain accesses are atomic enough. */
#include "exec_priv.h"

#define COUNT_MASK 0xfffffu
#define TX_MASK 0x3fffffu

struct fields {
   uint32_t pending, expected;
   int32_t tx;
   uint32_t phase;
};

static struct fields
unpack(uint64_t v)
{
   return (struct fields){(uint32_t)v & COUNT_MASK, (uint32_t)(v >> 20) & COUNT_MASK,
                          (int32_t)((uint32_t)(v >> 40) << 10) >> 10,
                          (uint32_t)(v >> 63)};
}

static uint64_t
pack(struct fields f)
{
   return (uint64_t)(f.pending & COUNT_MASK) | (uint64_t)(f.expected & COUNT_MASK) << 20 |
          (uint64_t)((uint32_t)f.tx & TX_MASK) << 40 | (uint64_t)f.phase << 63;
}

static void
store(uint64_t *object, struct fields f)
{
   if (!f.pending && !f.tx) {
      f.phase ^= 1;
      f.pending = f.expected;
   }
   *object = pack(f);
}

static uint64_t
arrive(struct exec_strand *s, uint64_t *object, uint32_t count, bool drop)
{
   uint64_t before = *object;
   struct fields f = unpack(before);
   if (count > f.pending || !count) {
      fault_record(s, EXEC_TRAP_INSTRUCTION, 0,
                   "mbarrier: %u arrivals where %u are pending", count, f.pending);
      sched_abort(s->worker);
   }
   f.pending -= count;
   if (drop)
      f.expected -= count;
   store(object, f);
   return before;
}

static bool
phase_done(const uint64_t *object, const struct isa_mods *mods, uint64_t arg)
{
   uint32_t now = (uint32_t)(*(const volatile uint64_t *)object >> 63);
   uint32_t waited = mods->flags & ISA_PARITY ? (uint32_t)arg & 1 : (uint32_t)(arg >> 63);
   return now != waited;
}

static void
add_tx(uint64_t *object, int64_t bytes)
{
   struct fields f = unpack(*object);
   f.tx += (int32_t)bytes;
   *object = pack(f);
}

uint64_t
mbarrier_call(struct exec_ctx *ctx, const struct isa_mods *mods, uint64_t *object,
              uint64_t arg, uint32_t count)
{
   struct exec_strand *s = ctx->strand;
   switch ((enum isa_mode)mods->mode) {
   case ISA_MODE_INIT:
      *object = pack((struct fields){count, count, 0, 0});
      return 0;
   case ISA_MODE_INVAL:
      *object = 0;
      return 0;
   case ISA_MODE_ARRIVE:
   case ISA_MODE_ARRIVE_DROP:
      if (mods->extra == ISA_MODE_EXPECT_TX)
         add_tx(object, (int64_t)arg);
      return arrive(s, object, count, mods->mode == ISA_MODE_ARRIVE_DROP);
   case ISA_MODE_EXPECT_TX:
      add_tx(object, (int64_t)arg);
      return 0;
   case ISA_MODE_COMPLETE_TX:
      add_tx(object, -(int64_t)arg);
      store(object, unpack(*object));
      return 0;
   case ISA_MODE_TRY_WAIT:
      /* May wait for a while: one turn of the other strands. */
      if (!phase_done(object, mods, arg))
         sched_yield_strand(s);
      return phase_done(object, mods, arg);
   case ISA_MODE_TEST_WAIT:
      return phase_done(object, mods, arg);
   case ISA_MODE_PENDING_COUNT:
      return unpack(arg).pending;
   default: /* no other mode is one of mbarrier */
      fault_record(s, EXEC_TRAP_UNSUPPORTED, 0, "mbarrier: unknown operation");
      sched_abort(s->worker);
   }
}
