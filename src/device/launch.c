/* SPDX-License-Identifier: Apache-2.0
 * Launching: a request is checked against the device's limits, compiled if need be, and
 * queued; its blocks are dealt to workers; its failure becomes the context's. */
#include "device_priv.h"

#include <stdio.h>
#include <string.h>

/* Launches that a stream holds before the next one waits for some of them, as CUDA's do
 * at about a thousand: a program that never waits must not fill the memory. */
#define QUEUE_FULL 4096
#define MANY_THREADS 4096
#define WORKER_NS 400 /* of work that one more worker is worth, if earlier ones tell */
/* Of short kernels, whose pace is known, one launch of so many is timed. */
#define SHORT_NS 10000
#define SAMPLE 8
#define MAX_CLUSTER 16 /* blocks; 8 is portable, up to 16 the architecture's limit */

static uint64_t
product(const uint32_t v[3])
{
   return (uint64_t)v[0] * v[1] * v[2];
}

static enum device_status
check_shape(const struct device_launch *l, const uint32_t cluster[3])
{
   const struct device_props *p = device_func_props(l->func);
   const struct ir_func *ir = device_func_ir(l->func);
   for (int i = 0; i < 3; i++)
      if (!l->grid[i] || !l->block[i] || l->grid[i] > p->max_grid[i] ||
          l->block[i] > p->max_block[i])
         return DEVICE_INVALID_VALUE;
   if (product(l->block) > p->max_threads)
      return DEVICE_INVALID_VALUE;
   struct device_func_info info;
   device_func_info(l->func, &info);
   if (product(l->block) > info.max_threads)
      return DEVICE_LAUNCH_OUT_OF_RESOURCES;
   for (int i = 0; ir->reqntid[0] && i < 3; i++)
      if (l->block[i] != MAX2(ir->reqntid[i], 1))
         return DEVICE_INVALID_VALUE;
   uint64_t shared = (uint64_t)l->dynamic_shared + ir->shared_bytes;
   uint32_t most =
      MAX2(device_func_max_dynamic(l->func),
           p->shared_per_block - MIN2(p->shared_per_block, ir->shared_bytes));
   if (l->dynamic_shared > most || shared > p->shared_optin)
      return DEVICE_INVALID_VALUE;
   if (product(cluster) > 1 && !p->attr[DEVICE_ATTR_CLUSTER_LAUNCH])
      return DEVICE_NOT_SUPPORTED;
   if (product(cluster) > MAX_CLUSTER)
      return DEVICE_INVALID_CLUSTER;
   for (int i = 0; i < 3; i++)
      if (l->grid[i] % cluster[i])
         return DEVICE_INVALID_CLUSTER;
   return DEVICE_OK;
}

static void
choose_cluster(const struct device_launch *l, uint32_t cluster[3])
{
   const struct ir_func *ir = device_func_ir(l->func);
   const uint32_t *from = l->cluster[0] ? l->cluster : ir->cluster_dim;
   for (int i = 0; i < 3; i++)
      cluster[i] = MAX2(from[i], 1);
}

uint32_t
device_occupancy(struct device_func *f, uint32_t threads, size_t dynamic_shared)
{
   const struct device_props *p = device_func_props(f);
   struct device_func_info info;
   device_func_info(f, &info);
   if (!threads || threads > info.max_threads)
      return 0;
   /* Whole warps; registers are given out 256 at a time per warp. */
   uint32_t warps = (threads + EXEC_WARP - 1) / EXEC_WARP;
   uint32_t n = MIN2(p->blocks_per_sm, p->threads_per_sm / (warps * EXEC_WARP));
   if (dynamic_shared > p->shared_optin || info.regs > p->regs_per_sm)
      return 0; /* sums of these would wrap */
   uint64_t shared = info.shared_bytes + dynamic_shared + p->shared_reserved;
   if (shared > p->shared_reserved + p->shared_optin)
      return 0;
   if (shared) /* where nothing is reserved, a block may need none */
      n = (uint32_t)MIN2((uint64_t)n, p->shared_per_sm / ALIGN_UP(shared, 128));
   uint32_t regs = ALIGN_UP(info.regs * EXEC_WARP, 256) * warps;
   return MIN2(n, p->regs_per_sm / regs);
}

/* -- Running */
static void
share_of(const struct kernel_work *k, uint64_t units, uint64_t i, uint64_t *first,
         uint64_t *n)
{
   uint64_t clusters = k->blocks / k->unit_blocks;
   uint64_t at = clusters * i / units, end = clusters * (i + 1) / units;
   *first = at * k->unit_blocks;
   *n = (end - at) * k->unit_blocks;
}

void
kernel_run_units(struct command *c, struct exec_worker *w, uint64_t first, uint64_t n)
{
   struct kernel_work *k = &c->k;
   const struct device_ctx *x = k->l.owner;
   bool ok = !atomic_load_explicit(&x->error, memory_order_relaxed);
   if (ok && k->resident) {
      /* Every block lives at once: a contiguous share for each worker. */
      for (uint64_t i = first; ok && i < first + n; i++) {
         uint64_t at, count;
         share_of(k, c->job.units, i, &at, &count);
         ok = exec_run_blocks(w, &k->l, at, 1, count);
      }
   } else if (ok && exec_newest(k->l.kernel, k->l.params)->mode == EXEC_PLAIN) {
      ok = exec_run_blocks(w, &k->l, first * k->unit_blocks, 1, n * k->unit_blocks);
   } else {
      for (uint64_t i = first; ok && i < first + n; i++)
         ok = exec_run_blocks(w, &k->l, i * k->unit_blocks, 1, k->unit_blocks);
   }
   if (!ok && !k->resident)
      job_cancel(&c->job);
}

static enum device_status
status_of(enum exec_trap_reason r)
{
   switch (r) {
   case EXEC_TRAP_NONE:
      return DEVICE_OK;
   case EXEC_TRAP_INSTRUCTION:
      return DEVICE_ILLEGAL_INSTRUCTION;
   case EXEC_TRAP_ASSERT:
      return DEVICE_ASSERT;
   case EXEC_TRAP_ADDRESS:
      return DEVICE_ILLEGAL_ADDRESS;
   case EXEC_TRAP_MISALIGNED:
      return DEVICE_MISALIGNED;
   case EXEC_TRAP_STACK:
      return DEVICE_STACK_ERROR;
   case EXEC_TRAP_DEADLOCK:
   case EXEC_TRAP_UNSUPPORTED:
      return DEVICE_LAUNCH_FAILED;
   case EXEC_TRAP_HANG:
      return DEVICE_LAUNCH_TIMEOUT;
   }
   return DEVICE_LAUNCH_FAILED;
}

/* The PTX line, and the source line that .loc gives for it. */
static void
describe_line(struct str *s, const struct ir_func *f, uint32_t line)
{
   if (!line)
      return;
   str_printf(s, ", PTX line %u", line);
   ir_foreach_block (b, f)
      ir_foreach_inst (i, b) {
         if (i->loc.line != line || !i->line || i->line_file >= f->module->files.len)
            continue;
         const char *file = f->module->files.data[i->line_file];
         if (file)
            str_printf(s, " (%s:%u)", file, i->line);
         return;
      }
}

static void
report_fault(struct command *c)
{
   const struct kernel_work *k = &c->k;
   const struct exec_fault *f = &k->fault;
   uint32_t reason = atomic_load(&f->reason);
   int none = 0;
   bool first = atomic_compare_exchange_strong(
      &c->stream->ctx->error, &none, (int)status_of((enum exec_trap_reason)reason));
   device_print_flush();
   fflush(stdout);
   if (!first || reason == EXEC_TRAP_ASSERT)
      return; /* an assertion has told its own story */
   struct str s = {0};
   str_printf(&s, "kasuri: ");
   if (!strstr(f->text, k->l.kernel->name))
      str_printf(&s, "kernel %s: ", k->l.kernel->name);
   /* Code of whole warps knows its failing warp, named by that warp's first thread. */
   bool exact = exec_newest(k->l.kernel, k->l.params)->mode == EXEC_THREAD_FIBER;
   str_printf(&s, "%s, block (%u,%u,%u), %s (%u,%u,%u)", *f->text ? f->text : "it failed",
              f->ctaid[0], f->ctaid[1], f->ctaid[2], exact ? "thread" : "warp of thread",
              f->tid[0], f->tid[1], f->tid[2]);
   describe_line(&s, device_func_ir(k->func), f->line);
   str_append(&s, "\n");
   fputs(s.data, stderr);
   str_finish(&s);
}

void
kernel_finish(struct command *c)
{
   struct kernel_work *k = &c->k;
   if (atomic_load(&k->fault.reason))
      report_fault(c);
   base_free(k->params_heap);
   base_free(k->workspace);
   k->params_heap = NULL;
   k->workspace = NULL;
}

/* -- Queueing */
static const struct exec_kernel *
compile(const struct device_launch *l)
{
   struct back_options opt = {
      .force_mode = -1, .cooperative = l->cooperative, .opt_level = 1};
   memcpy(opt.block, l->block, sizeof opt.block);
   opt.small_grid = true;
   for (int i = 0; i < 3; i++)
      opt.small_grid &= (uint64_t)l->grid[i] * l->block[i] <= (uint64_t)1 << 31;
   struct back_func *f = func_back(l->func);
   uint64_t all, each = product(l->block) * back_func_writes(f);
   opt.large = __builtin_mul_overflow(product(l->grid), each, &all) ||
               (all && all > exec_past_bytes());
   struct diag d;
   diag_init(&d);
   const struct exec_kernel *k = back_func_get(f, &opt, l->params, &d);
   if (!k && !func_refused_before(l->func)) {
      struct str s = {0};
      diag_print(&d, &s);
      fprintf(stderr, "kasuri: kernel %s cannot run:\n%s", device_func_name(l->func),
              str_get(&s));
      str_finish(&s);
   }
   diag_finish(&d);
   return k;
}

/* Rows of the grid, or parts of rows, where a kernel's blocks run best together; but not
 * so much at once that workers are without. */
#define GRAINS_EACH 4

static uint64_t
grain_of(const struct exec_kernel *kernel, const uint32_t grid[3], uint64_t units)
{
   uint64_t most = MAX2(kernel->together, 1), n = grid[0] <= 2 * most ? grid[0] : most;
   return most > 1 && units / n >= (uint64_t)GRAINS_EACH * device.count ? n : 1;
}

static void
fill_work(struct command *c, const struct device_launch *l,
          const struct exec_kernel *kernel, const uint32_t cluster[3], bool resident,
          struct device_ctx *ctx)
{
   struct kernel_work *k = &c->k;
   k->func = l->func;
   k->blocks = product(l->grid);
   k->unit_blocks = product(cluster);
   k->params_heap = NULL;
   k->workspace = NULL;
   atomic_store_explicit(&k->fault.reason, 0, memory_order_relaxed);
   k->fault.text[0] = 0;
   void *params = k->params;
   if (l->param_bytes > INLINE_PARAMS)
      params = k->params_heap = base_alloc(ALIGN_UP(l->param_bytes, 64));
   if (l->param_bytes)
      memcpy(params, l->params, l->param_bytes);
   k->l = (struct exec_launch){
      .kernel = kernel,
      .grid = {l->grid[0], l->grid[1], l->grid[2]},
      .block = {l->block[0], l->block[1], l->block[2]},
      .cluster = {cluster[0], cluster[1], cluster[2]},
      .dynamic_shared = l->dynamic_shared,
      .params = params,
      .cooperative = l->cooperative,
      .multiprocessors = device_func_props(l->func)->multiprocessors,
      .clock_khz = device_func_props(l->func)->clock_khz,
      .gridid = atomic_fetch_add_explicit(&device.gridid, 1, memory_order_relaxed) + 1,
      .fault = &k->fault,
      .idle = relief_wanted,
      .print = print_text,
      .print_error = print_error_text,
      .heap_alloc = heap_alloc,
      .heap_free = heap_free,
      .owner = ctx,
   };
   c->job.units = k->blocks / k->unit_blocks;
   c->job.max_users = device.count;
   c->job.grain = resident ? 1 : grain_of(kernel, l->grid, c->job.units);
   k->resident = resident;
   if (resident)
      c->job.units = MIN2(c->job.units, device.count);
   else
      c->job.ordered = func_polls(l->func);
   c->job.one_by_one = c->job.ordered && kernel->mode != EXEC_PLAIN;
   if (l->cooperative) {
      /* The grid barrier's words, which PTX finds through %envreg1 and %envreg2. */
      k->workspace = base_calloc(1, 64);
      k->l.envreg[1] = (uintptr_t)k->workspace >> 32;
      k->l.envreg[2] = (uintptr_t)k->workspace & 0xffffffff;
   }
}

static bool
has_room(void *stream)
{
   return ((struct device_stream *)stream)->queued < QUEUE_FULL / 2;
}

uint64_t
kernel_time(const struct device_func *f, uint64_t threads)
{
   uint64_t ps = func_pace(f);
   if (!ps) /* at first, many are taken to be worth it */
      return threads >= MANY_THREADS ? UINT64_MAX : 0;
   return threads / 1000 * ps + threads % 1000 * ps / 1000;
}

enum device_status
device_launch(struct device_stream *s, const struct device_launch *l)
{
   struct device_ctx *x = s->ctx;
   enum device_status st = device_ctx_error(x);
   if (st)
      return st;
   uint32_t cluster[3];
   choose_cluster(l, cluster);
   if ((st = check_shape(l, cluster)))
      return st;
   uint64_t threads = product(l->block), blocks = product(l->grid);
   uint64_t most = 0; /* blocks that a GPU would have resident together */
   if (l->cooperative || (blocks > 1 && func_polls(l->func)))
      most = (uint64_t)device_occupancy(l->func, (uint32_t)threads, l->dynamic_shared) *
             device_func_props(l->func)->multiprocessors;
   if (l->cooperative && blocks > most)
      return DEVICE_COOPERATIVE_TOO_LARGE;
   const struct exec_kernel *kernel = compile(l);
   if (!kernel)
      return DEVICE_NOT_SUPPORTED;
   bool resident = blocks <= most && kernel->mode != EXEC_PLAIN;
   device_lock();
   struct command *c = queue_command(CMD_KERNEL);
   fill_work(c, l, kernel, cluster, resident, x);
   /* All of a resident grid's workers are needed at once. */
   bool all = resident && c->job.units > 1;
   uint64_t ns = all          ? UINT64_MAX
                 : blocks > 1 ? kernel_time(l->func, blocks * threads)
                              : 0;
   c->k.timed =
      c->job.units > 1 && (ns > SHORT_NS || func_launches(l->func) % SAMPLE == 0);
   if (ns)
      c->job.max_users = (uint32_t)MIN2(MAX2(ns / WORKER_NS, 2), (uint64_t)device.count);
   queue_push(s, c);
   if (pool_tells(ns))
      queue_open(c);
   bool full = s->queued > QUEUE_FULL;
   device_unlock();
   pool_notify(ns, false);
   if (full)
      pool_wait(has_room, s, s);
   return DEVICE_OK;
}
