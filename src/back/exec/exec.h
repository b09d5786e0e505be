/* SPDX-License-Identifier: Apache-2.0
 * Execution of compiled kernels: what machine code (JIT or interpreter) sees of the
 * machine, and the scheduler that runs a block's warps or threads to completion on one
 * worker.
 *
 * A back end produces a struct exec_kernel; the device room splits a grid over workers;
 * each worker calls exec_run_blocks for the blocks it takes, in ascending order. */
#ifndef KASURI_EXEC_H
#define KASURI_EXEC_H

#include "base/base.h"
#include "isa/isa.h"
#include "isa/isa_warp.h"

#define EXEC_WARP 32
#define EXEC_BARRIERS 16   /* of a block, by number */
#define EXEC_MAX_WARPS 32  /* of a block: 1,024 threads */
#define EXEC_MAX_GROUPS 64 /* of exec_kernel.width lanes */
#define EXEC_HEAP_ALIGN 16 /* of what malloc returns */

enum exec_mode {
   EXEC_PLAIN,        /* entry runs one warp, or up to a barrier: see exec_round; never
                         waits: called on the worker's stack */
   EXEC_WARP_FIBER,   /* entry runs one warp on a fiber of its own */
   EXEC_THREAD_FIBER, /* entry runs one thread on a fiber of its own */
};

struct exec_ctx;
struct exec_held;
struct exec_launch;
typedef void exec_entry_fn(struct exec_ctx *ctx);
typedef uint32_t exec_takes_fn(const uint8_t *params);

/* Where a better variant of a kernel appears once it has been compiled. */
struct exec_upgrade {
   const struct exec_kernel *to; /* NULL until then; set once, read by exec_newest */
};

/* One compiled kernel variant. Made by a back end; immutable while launched. */
struct exec_kernel {
   const char *name; /* as in the PTX; borrowed */
   enum exec_mode mode;
   bool whole_block; /* EXEC_PLAIN: one call of entry runs all warps of exec_ctx.blocks
                        blocks */
   uint8_t width;    /* EXEC_PLAIN and whole_block: lanes that run together, and that
                        share a frame; 16 or EXEC_WARP */
   uint8_t
      together; /* whole_block: so many blocks run best in one call; 0: as they come */
   exec_entry_fn *entry;
   exec_takes_fn *takes;   /* whether it was made for such arguments; NULL: for all */
   void *impl;             /* the back end's own */
   const uint64_t *symtab; /* addresses of the symbols the code refers to */
   uint32_t shared_bytes;  /* static shared memory of a block */
   uint32_t local_bytes;   /* local memory a thread needs, call frames included */
   uint32_t stack_bytes;   /* native stack that one entry call needs; 0 for the default */
   /* EXEC_PLAIN: what a warp keeps in its frame from one barrier to the next, a multiple
    * of EXEC_FRAME_ALIGN; 0: the kernel has no barrier at which it stops. */
   uint32_t frame_bytes;
   uint32_t num_regs;                  /* an estimate, for cudaFuncGetAttributes */
   const char *back_name;              /* "simd" or "interp" */
   const struct exec_upgrade *upgrade; /* or NULL: there will be no better one */
};

/* A plain kernel with barriers runs in rounds: each warp in turn up to its next barrier,
 * where it returns to whoever called it, until all have ended. A warp's frame begins with
 * 32 bits that say where it goes on; the rest is the code's own. */
#define EXEC_FRAME_ALIGN 64
#define EXEC_PARAMS_ALIGN 16
#define EXEC_FRAME_START 0u
#define EXEC_FRAME_DONE UINT32_MAX

/* What the warps of a block share in a round. */
struct exec_round {
   uint32_t popc, any, some_not; /* of the predicates of bar.red in this round, … */
   uint32_t was_popc, was_any, was_some_not; /* … and in the one before */
   uint32_t shuffles;                        /* order changes from round to round */
   uint8_t order[EXEC_MAX_GROUPS];           /* in which warps, or groups, run */
};

static inline bool
exec_takes(const struct exec_kernel *k, const uint8_t *params)
{
   return !k->takes || k->takes(params);
}

/* What blocks that start now should run: k, or what has come to replace it. */
static inline const struct exec_kernel *
exec_newest(const struct exec_kernel *k, const uint8_t *params)
{
   const struct exec_kernel *to =
      k->upgrade ? __atomic_load_n(&k->upgrade->to, __ATOMIC_ACQUIRE) : NULL;
   return to && exec_takes(to, params) ? to : k;
}

/* What one running warp (thread in EXEC_THREAD_FIBER) knows. The JIT reads fields by
 * offsetof, so fields are plain; everything a lane may ask of the machine comes from
 * here. */
struct exec_ctx {
   const uint8_t *params; /* the kernel's parameter block */
   uint8_t *shared;       /* the block's shared memory; shared address 0 is shared[0] */
   uint8_t *local;        /* local memory of lane 0 (of this thread) */
   uint64_t local_stride; /* bytes between two lanes' local memories */
   const uint64_t *symtab;
   const struct exec_services *svc;
   const struct exec_launch *launch;
   uint32_t ctaid[3], nctaid[3], ntid[3];
   uint32_t blocks; /* whole_block: so many, in x from ctaid on */
   uint32_t warp;   /* index in the block: %warpid */
   uint32_t nwarps; /* %nwarpid */
   uint32_t active; /* lanes that exist: all ones but in a ragged last warp */
   uint32_t lane;   /* thread mode: this thread's lane */
   uint32_t tid[3]
               [EXEC_WARP]; /* %tid of every lane; thread mode: [i][0] is this thread's */
   uint32_t clusterid[3], nclusterid[3], cluster_ctaid[3], cluster_nctaid[3];
   uint32_t cluster_ctarank, cluster_nctarank;
   uint32_t is_explicit_cluster;
   uint32_t smid, nsmid; /* smid: the worker that runs the block, below nsmid */
   uint32_t dynamic_smem, total_smem;
   uint64_t gridid;
   uint64_t envreg[3];         /* [1], [2]: grid workspace, see services->grid_sync */
   void *impl;                 /* exec_kernel.impl */
   struct exec_strand *strand; /* the scheduler's own */
   uint32_t line; /* of the PTX, kept by back ends that can: a fault reports it */
   uint64_t shared_stride; /* bytes between the shared memories of a cluster's blocks */
   uint32_t fresh;         /* a loop that polls was entered since the last yield */
   uint8_t *frame; /* of this warp; of warp 0, others behind it, where whole_block */
   struct exec_round *round;
   struct exec_held
      *held;           /* whole_block: reductions that wait for the end of the call, */
   uint32_t nheld;     /* so many; */
   uint32_t most_held; /* with so many the code calls services->apply_held */
   uint64_t past;      /* exec_past_bytes */
};

/* A reduction behind which its thread accesses no memory: value x goes to address `at`,
 * as mods says, on behalf of a thread of block ctaid_x. It is applied when the call of
 * entry is over, or before. */
struct exec_held {
   void *at;
   uint64_t x; /* in the low bits */
   const struct isa_mods *mods;
   uint32_t ctaid_x;
};

/* Launches that write more than this may store past the caches. */
uint64_t exec_past_bytes(void);

#define EXEC_MULTICAST (1u << 31)

/* One cp.async.bulk: host addresses, a size that is a multiple of 16. */
struct exec_bulk_copy {
   uint8_t *to;
   const uint8_t *from;
   uint64_t *mbarrier; /* told how many bytes have come; NULL: nobody is */
   uint32_t size;
   uint32_t blocks; /* EXEC_MULTICAST and the ranks whose memory gets them, or 0 */
   uint32_t bytes;  /* which of each 16 bytes are written */
};

/* Calls that running code makes; reached through ctx->svc so that code needs no
 * relocation. Where a `mask` is taken, it is the set of lanes on whose behalf the call is
 * made (one bit in thread mode, none of them waits for another one then). Functions may
 * switch fibers. */
struct exec_services {
   /* bar/barrier.{sync,arrive,red}: id 0..15, count in threads or 0 for the whole block.
    * preds: the .red predicate of each lane of mask. Result of .red: popc's count, or 0/1
    * for and/or (atom: ISA_ATOM_POPC/AND/OR, ISA_ATOM_NONE for sync). A warp that calls
    * with some of its lanes counts as a whole warp where `aligned`, by its lanes
    * otherwise. */
   uint32_t (*bar)(struct exec_ctx *ctx, uint32_t mode, uint32_t atom, uint32_t id,
                   uint32_t count, uint32_t mask, uint32_t preds, uint32_t aligned);
   /* barrier.cluster: mode ISA_MODE_ARRIVE or ISA_MODE_WAIT. */
   void (*bar_cluster)(struct exec_ctx *ctx, uint32_t mode, uint32_t mask);
   /* Lets others run: back edge of a polling loop, nanosleep (ns > 0). */
   void (*yield)(struct exec_ctx *ctx, uint32_t ns);
   /* Thread mode: shfl, vote, match, redux, elect, bar.warp.sync, activemask. Waits for
    * all lanes named in the membermask that have not exited, then computes. */
   struct exec_warp_result (*warp_op)(struct exec_ctx *ctx, uint32_t op,
                                      const struct isa_mods *mods,
                                      const struct exec_warp_arg *arg);
   /* The lanes in mask stop for good (exit); matters to barriers that others wait at. */
   void (*exit_lanes)(struct exec_ctx *ctx, uint32_t mask);
   /* End the grid with an error; does not return. line: PTX line. */
   void (*trap)(struct exec_ctx *ctx, uint32_t reason, uint32_t line);
   /* Externs that PTX calls, one lane at a time; lane is its number in the warp. */
   int32_t (*vprintf)(struct exec_ctx *ctx, uint32_t lane, const char *fmt,
                      const void *args);
   void *(*malloc)(struct exec_ctx *ctx, uint64_t size, uint64_t align);
   void (*free)(struct exec_ctx *ctx, void *p);
   void (*assertfail)(struct exec_ctx *ctx, uint32_t lane, const char *message,
                      const char *file, uint32_t line, const char *function);
   uint64_t (*clock)(struct exec_ctx *ctx);       /* %clock64: ticks at the SM clock */
   uint64_t (*globaltimer)(struct exec_ctx *ctx); /* ns */
   /* Atomic read-modify-write that the back end does not emit itself; returns the old
    * value through old (16 bytes). mods.atom and mods.type[0] say what. addr is a host
    * pointer. */
   void (*atom)(struct exec_ctx *ctx, const struct isa_mods *mods, void *addr,
                const void *b, const void *c, void *old);
   /* mbarrier.*: state is the object's address; see sched.c for its 64 bits. */
   uint64_t (*mbarrier)(struct exec_ctx *ctx, const struct isa_mods *mods,
                        uint64_t *object, uint64_t arg, uint32_t count);
   /* The shared memory of block `rank` of this cluster; NULL: no such block. A
    * shared::cluster address of 32 bits is (rank + 1) << 24 | offset, and below 1 << 24
    * it is an address in the block's own shared memory. */
   uint8_t *(*cluster_shared)(struct exec_ctx *ctx, uint32_t rank);
   /* isa_warp_eval for code that holds all lanes of a warp: exec are the active ones. */
   void (*warp_eval)(struct exec_ctx *ctx, uint32_t op, const struct isa_mods *mods,
                     uint32_t exec, const struct exec_warp_arg *arg,
                     struct exec_warp_result *result);
   /* A round is over, and some warps have not ended. */
   void (*next_round)(struct exec_ctx *ctx);
   /* cp.async.bulk, done at once. */
   void (*bulk_copy)(struct exec_ctx *ctx, const struct exec_bulk_copy *copy);
   /* Applies what ctx->held holds. */
   void (*apply_held)(struct exec_ctx *ctx);
};

enum exec_trap_reason {
   EXEC_TRAP_NONE,
   EXEC_TRAP_INSTRUCTION, /* trap: cudaErrorLaunchFailure… "an illegal instruction" (715)
                           */
   EXEC_TRAP_ASSERT,      /* cudaErrorAssert 710 */
   EXEC_TRAP_ADDRESS,     /* cudaErrorIllegalAddress 700 */
   EXEC_TRAP_MISALIGNED,  /* 716 */
   EXEC_TRAP_STACK,       /* local memory or call depth exhausted */
   EXEC_TRAP_DEADLOCK,    /* all strands wait: a barrier that not all threads reach */
   EXEC_TRAP_UNSUPPORTED, /* an instruction the back end cannot run after all */
   EXEC_TRAP_HANG,        /* watchdog */
};

/* Set once, by the first strand that fails; the grid stops as soon as the others notice.
 */
struct exec_fault {
   _Atomic uint32_t reason; /* enum exec_trap_reason */
   uint32_t line;           /* of the PTX, 0 unknown */
   uint32_t ctaid[3], tid[3];
   char text[256];
};

/* What a launch's owner says to a worker whose strands all only poll. */
enum exec_idle {
   EXEC_IDLE_OTHERS, /* others work, or may come to */
   EXEC_IDLE_STUCK,  /* nothing will change: the watchdog counts */
};

/* One grid. Shared by all workers, borrowed for its duration. */
struct exec_launch {
   const struct exec_kernel *kernel;
   uint32_t grid[3], block[3], cluster[3]; /* cluster: 1,1,1 when none */
   uint32_t dynamic_shared;
   const void *params;       /* kernel parameter block, EXEC_PARAMS_ALIGN-aligned */
   bool cooperative;         /* every block makes progress while any other waits */
   uint32_t multiprocessors; /* %nsmid; 0: one a worker */
   uint32_t clock_khz;       /* of %clock64; 0: 1 GHz */
   uint64_t gridid;
   uint64_t envreg[3];
   struct exec_fault *fault;
   /* Asked now and then while all strands of a worker only poll; may wait. NULL: the
    * launch is all there is. */
   enum exec_idle (*idle)(void *owner);
   /* printf output and the device heap, by the device room. align is a power of two. */
   void (*print)(void *owner, const char *text, size_t n);
   void (*print_error)(void *owner, const char *text, size_t n); /* NULL: to stderr */
   void *(*heap_alloc)(void *owner, uint64_t size, uint64_t align);
   void (*heap_free)(void *owner, void *p);
   void *owner;
};

/* A worker's own state: stacks, shared-memory buffer, local memory; grows on demand and
 * is kept between launches. One per OS thread. */
struct exec_worker;
struct exec_worker *exec_worker_create(uint32_t index, uint32_t count);
void exec_worker_destroy(struct exec_worker *w);
uint32_t exec_worker_index(const struct exec_worker *w);
/* All that it runs only polls; for any thread, and as good as a hint. */
bool exec_worker_polls(const struct exec_worker *w);
/* Runs blocks of the newest variant: first, first+step, … (n of them, linear indices, x
 * fastest) resident together: n is 1 but for cooperative launches (all of the worker's
 * share) and clusters. With clusters, indices count cluster by cluster: number =
 * cluster's linear index * blocks of a cluster + rank in it, step is 1, and first and n
 * are multiples of that size. A grid that is not a multiple of the cluster shape is the
 * caller's error. Plain kernels may be given any n: their blocks never wait. Returns
 * false once the launch has faulted.
 */
bool exec_run_blocks(struct exec_worker *w, const struct exec_launch *l, uint64_t first,
                     uint64_t step, uint64_t n);

/* Formats one device printf as CUDA does: args is the packed va_list block (each argument
 * aligned to its size, 4 or 8 bytes; %s is a pointer). Returns the count of arguments
 * consumed, -1 for a NULL format. */
int exec_format(struct str *out, const char *fmt, const void *args);

#endif
