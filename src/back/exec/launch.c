/* SPDX-License-Identifier: Apache-2.0
 * A worker and what it prepares for a launch: strands, stacks, shared and local memory.
 * Preparation is kept while launches look alike, so that a block costs only what differs
 * between blocks. */
#include "exec_priv.h"

#include <string.h>
#include <sys/mman.h>

/* What a program that can only hang is given before it fails. */
#define STUCK_SECONDS 300
#define WARP_STACK_BYTES (256u << 10)
#define THREAD_STACK_BYTES (64u << 10)
/* Blocks' shared memories start at this alignment: what bulk copies with the widest
 * swizzle ask for. */
#define SHARED_ALIGN 1024u
#define LOCAL_ALIGN 128u

struct exec_worker *
exec_worker_create(uint32_t index, uint32_t count)
{
   struct exec_worker *w = base_calloc(1, sizeof *w);
   w->index = index;
   w->count = count;
   w->patient = !base_getenv("KASURI_WATCHDOG");
   w->watchdog_ns = base_getenv_size("KASURI_WATCHDOG", STUCK_SECONDS) * 1000000000u;
   w->seed = base_getenv_size("KASURI_SEED", 0);
   w->past = exec_past_bytes();
   const char *fill = base_getenv("KASURI_FILL");
   w->fill = fill ? (int)(base_getenv_size("KASURI_FILL", 0) & 0xff) : -1;
   return w;
}

uint32_t
exec_worker_index(const struct exec_worker *w)
{
   return w->index;
}

/* It only grows, and keeps nothing when it does. */
static bool
region_need(struct region *r, size_t size)
{
   if (size <= r->size)
      return true;
   region_finish(r);
   if (region_reserve(r, ALIGN_UP(size, (size_t)64 << 10)) &&
       !mprotect(r->data, r->size, PROT_READ | PROT_WRITE))
      return true;
   region_finish(r);
   return false;
}

void
exec_worker_destroy(struct exec_worker *w)
{
   if (!w)
      return;
   for (size_t i = 0; i < w->strands.len; i++) {
      fiber_destroy(&w->strands.data[i]->fiber);
      base_free(w->strands.data[i]);
   }
   for (size_t i = 0; i < w->blocks.len; i++)
      base_free(w->blocks.data[i]);
   vec_finish(&w->strands);
   vec_finish(&w->blocks);
   vec_finish(&w->clusters);
   vec_finish(&w->lanes);
   vec_finish(&w->meets);
   windows_finish(&w->shared);
   region_finish(&w->local);
   region_finish(&w->frames);
   str_finish(&w->text);
   base_free(w);
}

/* The fault of a launch that could not even start. */
static bool
refuse(const struct exec_launch *l, enum exec_trap_reason reason, const char *text)
{
   uint32_t none = EXEC_TRAP_NONE;
   if (__atomic_compare_exchange_n((uint32_t *)&l->fault->reason, &none, reason, false,
                                   __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
      strncpy(l->fault->text, text, sizeof l->fault->text - 1);
      l->fault->text[sizeof l->fault->text - 1] = 0;
   }
   return false;
}

static bool
prepare_strand_stack(struct exec_worker *w, struct exec_strand *s)
{
   if (w->plain || (s->fiber.stack && s->fiber.size >= w->stack_bytes))
      return true;
   fiber_destroy(&s->fiber);
   return fiber_create(&s->fiber, w->stack_bytes);
}

/* What depends on the block's shape alone; most launches look like the one before. */
static void
prepare_shape(struct exec_worker *w, const struct exec_launch *l, struct exec_strand *s,
              uint32_t number)
{
   const uint32_t shape[4] = {l->block[0], l->block[1], l->block[2],
                              (uint32_t)l->kernel->mode | number << 2};
   if (!memcmp(s->shape, shape, sizeof shape))
      return;
   memcpy(s->shape, shape, sizeof shape);
   struct exec_ctx *c = &s->ctx;
   bool threads = l->kernel->mode == EXEC_THREAD_FIBER;
   uint32_t first = threads ? number : number * EXEC_WARP;
   memset(c, 0, sizeof *c);
   memcpy(c->ntid, l->block, sizeof c->ntid);
   c->warp = first / EXEC_WARP;
   c->nwarps = w->nwarps;
   uint32_t rest = w->nthreads - c->warp * EXEC_WARP;
   c->active = rest >= EXEC_WARP ? ~0u : (1u << rest) - 1;
   c->lane = threads ? first % EXEC_WARP : 0;
   s->first_active = threads ? 1u << c->lane : c->active;
   for (uint32_t i = 0; i < (threads ? 1 : EXEC_WARP); i++) {
      uint32_t t = first + i;
      c->tid[0][i] = t % l->block[0];
      c->tid[1][i] = t / l->block[0] % l->block[1];
      c->tid[2][i] = t / l->block[0] / l->block[1];
   }
   c->svc = &exec_services;
   c->strand = s;
   s->worker = w;
}

/* What does not change from block to block. */
static void
prepare_ctx(struct exec_worker *w, const struct exec_launch *l, struct exec_strand *s,
            uint64_t slot, uint32_t number)
{
   struct exec_ctx *c = &s->ctx;
   const struct exec_kernel *k = l->kernel;
   bool threads = k->mode == EXEC_THREAD_FIBER;
   prepare_shape(w, l, s, number);
   uint64_t before = slot * (threads ? w->nstrands : w->nwarps * EXEC_WARP) +
                     (threads ? number : number * EXEC_WARP);
   c->params = l->params;
   c->shared = w->shared.first + slot * w->shared.stride;
   c->local_stride = w->local_stride;
   c->shared_stride = w->shared.stride;
   c->local = w->local.data + before * w->local_stride;
   c->symtab = k->symtab;
   c->launch = l;
   c->nsmid = l->multiprocessors ? l->multiprocessors : w->count;
   c->smid = w->index % c->nsmid;
   memcpy(c->nctaid, l->grid, sizeof c->nctaid);
   memcpy(c->cluster_nctaid, l->cluster, sizeof c->cluster_nctaid);
   for (int i = 0; i < 3; i++)
      c->nclusterid[i] = w->cluster_size == 1 ? l->grid[i] : l->grid[i] / l->cluster[i];
   c->cluster_nctarank = w->cluster_size;
   c->is_explicit_cluster = w->cluster_size > 1;
   c->dynamic_smem = l->dynamic_shared;
   c->total_smem = k->shared_bytes + l->dynamic_shared;
   c->gridid = l->gridid;
   memcpy(c->envreg, l->envreg, sizeof c->envreg);
   c->impl = k->impl;
   c->line = 0;
   c->frame = k->frame_bytes ? w->frames.data + (size_t)number * k->frame_bytes : NULL;
   c->round = &w->round;
   c->held = w->held;
   c->most_held = w->seed ? 1 : MOST_HELD; /* in the order of the schedule */
   c->past = w->past;
}

static void
prepare_block(struct exec_worker *w, uint64_t slot)
{
   struct exec_block *b = w->blocks.data[slot];
   bool threads = w->launch.kernel->mode == EXEC_THREAD_FIBER;
   b->shared = w->shared.first + slot * w->shared.stride;
   b->strands = &w->strands.data[slot * w->nstrands];
   b->rank = (uint32_t)(slot % w->cluster_size);
   b->cluster = &w->clusters.data[slot / w->cluster_size];
   for (uint32_t i = 0; i < w->nwarps; i++) {
      struct warp_state *ws = &b->warps[i];
      uint64_t warp = slot * w->nwarps + i;
      uint32_t rest = w->nthreads - i * EXEC_WARP;
      ws->active = rest >= EXEC_WARP ? ~0u : (1u << rest) - 1;
      ws->lanes = threads ? &b->strands[i * EXEC_WARP] : NULL;
      for (uint32_t k = 0; threads && k < EXEC_WARP && i * EXEC_WARP + k < w->nthreads;
           k++)
         ws->lanes[k]->lanes = ws;
      ws->meets = threads ? &w->meets.data[warp * EXEC_WARP] : NULL;
   }
}

static void
grow_arrays(struct exec_worker *w, uint64_t n)
{
   while (w->strands.len < n * w->nstrands) {
      struct exec_strand *s = base_calloc(1, sizeof *s);
      vec_push(&w->strands, s);
   }
   while (w->blocks.len < n) {
      struct exec_block *b = base_calloc(1, sizeof *b);
      vec_push(&w->blocks, b);
   }
   while (w->clusters.len < n)
      vec_push(&w->clusters, (struct cluster_state){0});
   if (w->launch.kernel->mode == EXEC_THREAD_FIBER)
      while (w->meets.len < n * w->nwarps * EXEC_WARP)
         vec_push(&w->meets, (struct rendezvous){0});
}

static bool
prepare(struct exec_worker *w, const struct exec_launch *l, uint64_t resident)
{
   const struct exec_kernel *k = l->kernel;
   w->resident = 0; /* nothing is prepared should this fail */
   memcpy(&w->launch, l, sizeof *l);
   memcpy(&w->kernel, k, sizeof *k);
   uint64_t threads = (uint64_t)l->block[0] * l->block[1] * l->block[2];
   if (!threads || threads > EXEC_MAX_WARPS * EXEC_WARP)
      return refuse(l, EXEC_TRAP_UNSUPPORTED, "a block has 1 to 1024 threads");
   w->nthreads = (uint32_t)threads;
   w->nwarps = (w->nthreads + EXEC_WARP - 1) / EXEC_WARP;
   w->ngroups = k->whole_block ? (w->nthreads + k->width - 1) / k->width : w->nwarps;
   w->nstrands = k->mode == EXEC_THREAD_FIBER              ? w->nthreads
                 : k->mode == EXEC_PLAIN && k->whole_block ? 1
                                                           : w->nwarps;
   w->cluster_size = l->cluster[0] * l->cluster[1] * l->cluster[2];
   if (!w->cluster_size || resident % w->cluster_size)
      return refuse(l, EXEC_TRAP_UNSUPPORTED, "blocks of a cluster must run together");
   w->plain = k->mode == EXEC_PLAIN;
   w->stack_bytes = k->stack_bytes                 ? k->stack_bytes
                    : k->mode == EXEC_THREAD_FIBER ? THREAD_STACK_BYTES
                                                   : WARP_STACK_BYTES;
   size_t shared = (size_t)k->shared_bytes + l->dynamic_shared;
   w->local_stride = ALIGN_UP((size_t)k->local_bytes, (size_t)LOCAL_ALIGN);
   if (!windows_place(&w->shared, ALIGN_UP(shared, (size_t)SHARED_ALIGN), resident) ||
       !region_need(&w->local,
                    w->local_stride * w->nwarps * EXEC_WARP * resident + LOCAL_ALIGN) ||
       !region_need(&w->frames, (size_t)k->frame_bytes * w->ngroups))
      return refuse(l, EXEC_TRAP_STACK, "no host memory for shared or local memory");
   grow_arrays(w, resident);
   for (uint64_t b = 0; b < resident; b++) {
      for (uint32_t i = 0; i < w->nstrands; i++) {
         struct exec_strand *s = w->strands.data[b * w->nstrands + i];
         if (!prepare_strand_stack(w, s))
            return refuse(l, EXEC_TRAP_STACK, "no host memory for a thread's stack");
         prepare_ctx(w, l, s, b, i);
         s->block = w->blocks.data[b];
         s->lanes = NULL;
      }
      prepare_block(w, b);
   }
   w->resident = resident;
   return true;
}

/* Linear block index to coordinates; with clusters see exec_run_blocks. */
static void
locate(const struct exec_worker *w, uint64_t index, uint32_t ctaid[3],
       uint32_t clusterid[3], uint32_t in_cluster[3])
{
   const struct exec_launch *l = &w->launch;
   if (w->cluster_size == 1) {
      ctaid[0] = (uint32_t)(index % l->grid[0]);
      ctaid[1] = (uint32_t)(index / l->grid[0] % l->grid[1]);
      ctaid[2] = (uint32_t)(index / l->grid[0] / l->grid[1]);
      memcpy(clusterid, ctaid, 3 * sizeof *ctaid);
      memset(in_cluster, 0, 3 * sizeof *in_cluster);
      return;
   }
   uint64_t c = index / w->cluster_size;
   uint32_t rank = (uint32_t)(index % w->cluster_size);
   uint32_t nx = l->grid[0] / l->cluster[0], ny = l->grid[1] / l->cluster[1];
   clusterid[0] = (uint32_t)(c % nx);
   clusterid[1] = (uint32_t)(c / nx % ny);
   clusterid[2] = (uint32_t)(c / nx / ny);
   in_cluster[0] = rank % l->cluster[0];
   in_cluster[1] = rank / l->cluster[0] % l->cluster[1];
   in_cluster[2] = rank / l->cluster[0] / l->cluster[1];
   for (int i = 0; i < 3; i++)
      ctaid[i] = clusterid[i] * l->cluster[i] + in_cluster[i];
}

static void
start_block(struct exec_worker *w, uint64_t slot, uint64_t index)
{
   struct exec_block *b = w->blocks.data[slot];
   uint32_t at[3][3];
   locate(w, index, at[0], at[1], at[2]);
   b->linear = index;
   b->exited_warps = 0;
   barrier_reset(b);
   for (uint32_t i = 0; i < w->nwarps; i++) {
      struct warp_state *ws = &b->warps[i];
      ws->exited = ws->open = ws->soft = 0;
      ws->runnable = count_lanes(ws->active);
   }
   if (!b->rank)
      *b->cluster = (struct cluster_state){.live = w->nthreads * w->cluster_size};
   if (w->fill >= 0)
      memset(b->shared, w->fill, w->shared.bytes);
   for (uint32_t i = 0; i < w->nstrands; i++) {
      struct exec_strand *s = b->strands[i];
      memcpy(s->ctx.ctaid, at[0], sizeof at[0]);
      memcpy(s->ctx.clusterid, at[1], sizeof at[1]);
      memcpy(s->ctx.cluster_ctaid, at[2], sizeof at[2]);
      s->ctx.cluster_ctarank = b->rank;
   }
}

struct plain_run {
   struct exec_worker *w;
   uint64_t first, step, n;
};

/* n blocks further in a grid without clusters, none beyond the end of a row, as far as a
 * plain kernel can tell blocks apart: launches of many small blocks spend their time
 * here.
 */
static void
step_blocks(struct exec_worker *w, struct exec_block *b, uint32_t ctaid[3], uint32_t n)
{
   const uint32_t *grid = w->launch.grid;
   b->linear += n;
   ctaid[0] += n;
   if (ctaid[0] == grid[0]) {
      ctaid[0] = 0;
      if (++ctaid[1] == grid[1]) {
         ctaid[1] = 0;
         ctaid[2]++;
      }
   }
   for (uint32_t i = 0; i < w->nstrands; i++) {
      struct exec_ctx *c = &b->strands[i]->ctx;
      memcpy(c->ctaid, ctaid, sizeof c->ctaid);
      memcpy(c->clusterid, ctaid, sizeof c->clusterid);
   }
}

/* Blocks that do not wait, one after another in one slot. */
static void
run_plain(void *arg)
{
   const struct plain_run *r = arg;
   struct exec_worker *w = r->w;
   exec_entry_fn *entry = w->launch.kernel->entry;
   struct exec_block *b = w->blocks.data[0];
   bool steps = r->step == 1 && w->cluster_size == 1 && w->fill < 0;
   bool many = steps && w->kernel.whole_block && !(w->kernel.frame_bytes && w->seed);
   uint32_t ctaid[3], run = 1;
   for (uint64_t k = 0; k < r->n; k += run) {
      if (fault_pending(w))
         return;
      if (k && steps) {
         step_blocks(w, b, ctaid, run);
      } else {
         b->rank = (uint32_t)((r->first + k * r->step) % w->cluster_size);
         start_block(w, 0, r->first + k * r->step);
         memcpy(ctaid, b->strands[0]->ctx.ctaid, sizeof ctaid);
      }
      run = many ? (uint32_t)MIN2(r->n - k, (uint64_t)w->launch.grid[0] - ctaid[0]) : 1;
      b->strands[0]->ctx.blocks = run;
      if (w->launch.kernel->frame_bytes) {
         rounds_start(w, b->linear);
         if (!w->launch.kernel->whole_block) {
            rounds_run(w, b);
            continue;
         }
      }
      for (uint32_t i = 0; i < w->nstrands; i++) {
         w->running = b->strands[i];
         entry(&b->strands[i]->ctx);
         if (b->strands[i]->ctx.nheld)
            held_apply(&b->strands[i]->ctx);
      }
   }
}

/* What blocks have done before one fails stays done. */
static void
apply_after_fault(void *arg)
{
   struct exec_worker *w = arg;
   w->running = w->strands.data[0];
   held_apply(&w->running->ctx);
}

static bool
run_fibers(struct exec_worker *w, uint64_t first, uint64_t step, uint64_t n)
{
   w->live_strands = 0;
   w->random = base_hash(&first, sizeof first, w->seed); /* whichever worker runs it */
   for (uint64_t k = 0; k < n; k++) {
      start_block(w, k, first + k * step);
      struct exec_block *b = w->blocks.data[k];
      for (uint32_t i = 0; i < w->nstrands; i++) {
         struct exec_strand *s = b->strands[i];
         s->wait = WAIT_NOT;
         s->cluster_arrived = s->cluster_phase = 0;
         fiber_start(&s->fiber, sched_strand_main, s, i);
         sched_push(w, s);
         w->live_strands++;
      }
   }
   return sched_run(w);
}

/* Launch and kernel may be new ones at the same address, so contents are compared. */
static bool
is_prepared(const struct exec_worker *w, const struct exec_launch *l, uint64_t resident)
{
   return resident <= w->resident && w->cur == l && !memcmp(&w->launch, l, sizeof *l) &&
          !memcmp(&w->kernel, l->kernel, sizeof w->kernel);
}

static bool
run_blocks(struct exec_worker *w, const struct exec_launch *l, uint64_t first,
           uint64_t step, uint64_t n)
{
   fault_prepare_thread();
   if (__atomic_load_n((const uint32_t *)&l->fault->reason, __ATOMIC_RELAXED))
      return false;
   bool plain = l->kernel->mode == EXEC_PLAIN;
   uint64_t resident =
      plain ? (uint64_t)l->cluster[0] * l->cluster[1] * l->cluster[2] : n;
   if (!is_prepared(w, l, resident)) {
      w->cur = l;
      if (!prepare(w, l, resident))
         return false;
   }
   struct exec_worker *outer = fault_set_worker(w);
   bool ok;
   if (plain) {
      struct plain_run r = {w, first, step, n};
      ok = !kasuri_guard_call(&w->guard, run_plain, &r) && !fault_pending(w);
      while (w->strands.data[0]->ctx.nheld)
         kasuri_guard_call(&w->guard, apply_after_fault, w);
      past_wait();
      w->running = NULL;
   } else {
      fiber_adopt_thread(&w->main);
      ok = run_fibers(w, first, step, n);
   }
   fault_set_worker(outer);
   return ok;
}

bool
exec_run_blocks(struct exec_worker *w, const struct exec_launch *l, uint64_t first,
                uint64_t step, uint64_t n)
{
   const struct exec_kernel *k = exec_newest(l->kernel, l->params);
   if (KASURI_LIKELY(k == l->kernel))
      return run_blocks(w, l, first, step, n);
   struct exec_launch now;
   memcpy(&now, l, sizeof now); /* padding too, as it is compared */
   now.kernel = k;
   return run_blocks(w, &now, first, step, n);
}
