/* SPDX-License-Identifier: Apache-2.0
 * Kernels whose warps run in turn from one barrier of the block to the next (struct
 * exec_round): in which order, and the loop around those that do not hold it themselves.
 * No barrier is ever waited at: when all warps have been called, all are at it or gone.
 */
#include "exec_priv.h"

static void
shuffle(struct exec_worker *w)
{
   for (uint32_t i = w->ngroups; i > 1; i--) {
      w->random = w->random * 6364136223846793005u + 1442695040888963407u;
      uint32_t k = (uint32_t)(w->random >> 33) % i;
      uint8_t t = w->round.order[k];
      w->round.order[k] = w->round.order[i - 1];
      w->round.order[i - 1] = t;
   }
}

void
rounds_start(struct exec_worker *w, uint64_t block)
{
   w->round = (struct exec_round){.shuffles = w->seed != 0};
   for (uint32_t i = 0; i < w->ngroups; i++)
      w->round.order[i] = (uint8_t)i;
   if (w->seed) {
      w->random = base_hash(&block, sizeof block, w->seed); /* whichever worker runs it */
      shuffle(w);
   }
}

void
rounds_next(struct exec_ctx *ctx)
{
   struct exec_worker *w = ctx->strand->worker;
   struct exec_round *r = &w->round;
   r->was_popc = r->popc;
   r->was_any = r->any;
   r->was_some_not = r->some_not;
   r->popc = r->any = r->some_not = 0;
   if (r->shuffles)
      shuffle(w);
}

static uint32_t *
place(const struct exec_strand *s)
{
   return (uint32_t *)(void *)s->ctx.frame;
}

void
rounds_run(struct exec_worker *w, struct exec_block *b)
{
   bool more = true;
   for (uint32_t i = 0; i < w->ngroups; i++)
      *place(b->strands[i]) = EXEC_FRAME_START;
   while (more) {
      more = false;
      for (uint32_t i = 0; i < w->ngroups; i++) {
         struct exec_strand *s = b->strands[w->round.order[i]];
         if (*place(s) == EXEC_FRAME_DONE)
            continue;
         w->running = s;
         w->launch.kernel->entry(&s->ctx);
         more |= *place(s) != EXEC_FRAME_DONE;
      }
      rounds_next(&b->strands[0]->ctx);
   }
}
