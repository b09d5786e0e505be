/* SPDX-License-Identifier: Apache-2.0
 * The scheduler's own data. A strand is what runs on one fiber: a warp, or a thread in
 * EXEC_THREAD_FIBER. All strands of a block, and all blocks of a cluster, stay on one
 * worker, so nothing here needs a lock. */
#ifndef KASURI_EXEC_PRIV_H
#define KASURI_EXEC_PRIV_H

#include "exec.h"
#include "fiber.h"

struct exec_block;

enum strand_wait {
   WAIT_NOT,     /* runs, or is in the ready queue */
   WAIT_BARRIER, /* bar */
   WAIT_CLUSTER, /* barrier.cluster.wait */
   WAIT_WARP,    /* rendezvous of a warp's lanes */
   WAIT_DONE,    /* has exited */
};

struct exec_strand {
   struct exec_ctx ctx;
   struct fiber fiber;
   struct exec_worker *worker;
   struct exec_block *block;
   struct warp_state *lanes; /* thread mode: the warp it is a lane of, else NULL */
   struct exec_strand *next; /* in the ready queue or among a barrier's waiters */
   uint32_t shape[4];        /* block and mode that ctx is prepared for */
   uint32_t first_active;    /* lanes that exist when the block starts */
   uint8_t wait;             /* enum strand_wait */
   uint8_t wait_id;          /* WAIT_BARRIER: which */
   uint32_t bar_result[3];   /* popc, and, or of the barrier it waited at */
   uint32_t cluster_arrived; /* lanes that have arrived in phase cluster_phase */
   uint32_t cluster_phase;
   struct exec_warp_arg warp_arg;
   struct exec_warp_result warp_result;
};

/* Without a popcnt instruction in the baseline, whole warps and single lanes, which are
 * nearly all there are, are worth a shortcut. */
static inline uint32_t
count_lanes(uint32_t mask)
{
   if (mask == ~0u)
      return EXEC_WARP;
   if (!(mask & (mask - 1)))
      return mask != 0;
   return (uint32_t)__builtin_popcount(mask);
}

struct strand_list {
   struct exec_strand *head, *tail;
};

struct barrier {
   uint32_t arrived;                 /* by whole warps, in threads */
   uint32_t partial_count;           /* lanes in partial[] */
   uint32_t partial[EXEC_MAX_WARPS]; /* lanes of a warp that is not there as a whole */
   uint32_t warps;                   /* warps that are there as a whole */
   uint32_t expected;                /* threads; 0: the whole block */
   uint32_t popc, all, any;          /* of .red predicates */
   struct strand_list waiters;
   uint32_t waiting; /* strands in waiters */
};

/* Lanes of a warp that meet at the same instruction. */
struct rendezvous {
   uint32_t membermask;
   uint32_t arrived;
   uint32_t op;
   const struct isa_mods *mods;
   bool soft; /* whoever comes: activemask and forms without .sync */
};

struct warp_state {
   uint32_t active; /* lanes that exist */
   uint32_t exited;
   struct exec_strand **lanes; /* thread mode: strands of its lanes */
   struct rendezvous *meets;   /* thread mode: EXEC_WARP of them */
   uint32_t open;              /* which of meets are in use */
   uint32_t soft;              /* and have no membermask */
   uint32_t runnable;          /* thread mode: lanes that run or are ready */
   uint32_t patience;          /* yields until soft meetings stop waiting */
};

struct cluster_state {
   uint32_t phase;
   uint32_t live, arrived; /* threads */
   struct strand_list waiters;
   struct exec_block *first; /* its blocks follow each other */
};

struct exec_block {
   uint64_t linear;
   uint8_t *shared;
   struct exec_strand **strands;
   struct cluster_state *cluster;
   uint32_t rank;          /* in the cluster */
   uint32_t exited_warps;  /* bit set */
   uint32_t used_barriers; /* bit set: has state other than zero */
   struct warp_state warps[EXEC_MAX_WARPS];
   struct barrier barriers[EXEC_BARRIERS];
};

/* Memory from mmap. */
struct region {
   uint8_t *data;
   size_t size;
   size_t around; /* before and behind it nothing may be accessed */
};

/* n stretches of memory at the same distance: pages for so many bytes, and a guard. */
struct window_place {
   size_t bytes;
   uint64_t n;
   uint8_t *at;
};

/* Where a worker's blocks have their shared memory. */
struct windows {
   uint8_t *first; /* block 0's; NULL: they have no place */
   size_t stride;  /* from one block to the next */
   size_t bytes;   /* a block's own */
   uint64_t blocks;
   struct region room;
   size_t used;
   VEC(struct window_place) places;
};

#define MOST_HELD 256 /* what a first-level cache can spare */

struct exec_worker {
   uint32_t index, count;
   struct exec_launch launch; /* what strands are prepared for; copies */
   struct exec_kernel kernel;
   const struct exec_launch *cur;
   uint32_t nstrands;                  /* a block has */
   uint32_t nwarps, nthreads, ngroups; /* groups: of lanes that run together */
   uint32_t cluster_size;
   bool all_warps_whole;
   size_t local_stride; /* bytes a thread */
   uint64_t resident;   /* blocks that strands are prepared for */
   VEC(struct exec_strand *) strands;
   VEC(struct exec_block *) blocks;
   VEC(struct cluster_state) clusters;
   VEC(struct exec_strand *) lanes;
   VEC(struct rendezvous) meets;
   size_t stack_bytes;
   struct windows shared;
   struct region local, frames;
   struct exec_round round;
   struct exec_held held[MOST_HELD];
   uint32_t applied; /* of them, while they are being applied */

   struct fiber main;
   struct exec_strand *running;
   struct strand_list ready;
   uint32_t nready;
   uint64_t live_strands;
   uint32_t idle_yields;   /* in this round, since anything else happened */
   uint32_t idle_rounds;   /* of nothing but yields */
   uint64_t idle_since_ns; /* watchdog; 0: not idle */
   uint64_t watchdog_ns;   /* 0: none */
   uint64_t past;          /* exec_ctx.past */
   bool patient;           /* the watchdog counts only while nothing can change */
   _Atomic bool polls;     /* idle_rounds is large */
   uint64_t seed, random;  /* KASURI_SEED: order of strands; 0: round-robin */
   int fill;               /* byte that shared memory is filled with; -1: left as it is */

   void *guard;      /* plain mode: where to escape to */
   bool plain;       /* strands run on the worker's own stack */
   uint32_t in_host; /* inside a callback of the device room, not in the kernel */
   int sig;          /* a signal that the kernel caused */
   const void *sig_addr;
   struct str text; /* printf */
};

/* sched.c */
void sched_push(struct exec_worker *w, struct exec_strand *s);
/* Stops the strand that calls until another one wakes it. */
void sched_wait(struct exec_strand *s, enum strand_wait why);
void sched_wake(struct exec_strand *s);
void sched_yield_strand(struct exec_strand *s);
/* The running strand's kernel has failed: does not return. */
KASURI_NORETURN void sched_abort(struct exec_worker *w);
/* Runs everything that is in the ready queue to its end. False: faulted. */
bool sched_run(struct exec_worker *w);
void sched_strand_main(void *strand);
void sched_lanes_exit(struct exec_strand *s, uint32_t mask);
void strand_list_push(struct strand_list *l, struct exec_strand *s);

/* barrier.c */
uint32_t barrier_call(struct exec_ctx *ctx, uint32_t mode, uint32_t atom, uint32_t id,
                      uint32_t count, uint32_t mask, uint32_t preds, uint32_t aligned);
void barrier_lanes_exited(struct exec_block *b, uint32_t warp);
void barrier_reset(struct exec_block *b);
void barrier_describe(const struct exec_block *b, unsigned id, char *text, size_t n);
void cluster_call(struct exec_ctx *ctx, uint32_t mode, uint32_t mask);
void cluster_lanes_exited(struct exec_strand *s, uint32_t mask);

/* past.c: this thread's stores past the caches are done before all that it does from here
 * on. */
void past_wait(void);

/* rounds.c */
void rounds_start(struct exec_worker *w, uint64_t block);
void rounds_next(struct exec_ctx *ctx);
/* Runs the block whose strands are the warps of a kernel that is not whole_block. */
void rounds_run(struct exec_worker *w, struct exec_block *b);

/* held.c */
void held_apply(struct exec_ctx *ctx);

/* mbarrier.c */
uint64_t mbarrier_call(struct exec_ctx *ctx, const struct isa_mods *mods,
                       uint64_t *object, uint64_t arg, uint32_t count);

/* warp.c */
struct exec_warp_result warp_call(struct exec_ctx *ctx, uint32_t op,
                                  const struct isa_mods *mods,
                                  const struct exec_warp_arg *arg);
void warp_lanes_exited(struct warp_state *ws);
/* A lane is about to wait, or has ended: meetings without a membermask may be complete.
 */
void warp_settle(struct warp_state *ws);
/* A lane yields while others wait in such a meeting. */
void warp_lane_yields(struct warp_state *ws);

/* window.c */
/* Of `size` bytes without access, amid more of these. */
bool region_reserve(struct region *r, size_t size);
void region_finish(struct region *r);
/* Whether p is in it or near it. */
bool region_holds(const struct region *r, const void *p);
/* Windows of `bytes` for so many blocks: v->first and v->stride. What they hold is
 * undefined. */
bool windows_place(struct windows *v, size_t bytes, uint64_t blocks);
void windows_finish(struct windows *v);

/* services.c */
extern const struct exec_services exec_services;

/* fault.c */
/* Records the launch's fault unless it has one. */
void fault_record(struct exec_strand *s, enum exec_trap_reason reason, uint32_t line,
                  const char *fmt, ...) KASURI_PRINTF(4, 5);
static inline bool
fault_pending(const struct exec_worker *w)
{
   return __atomic_load_n((const uint32_t *)&w->cur->fault->reason, __ATOMIC_RELAXED) !=
          EXEC_TRAP_NONE;
}
/* Installs the signal handlers (once a process) and the alternate stack (once a thread).
 */
void fault_prepare_thread(void);
/* Kernel code runs on this thread from now on; NULL: none does. Returns the former. */
struct exec_worker *fault_set_worker(struct exec_worker *w);

#endif
