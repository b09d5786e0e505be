/* SPDX-License-Identifier: Apache-2.0
 * Applies the reductions that a call's threads have left for its end (struct exec_held),
 * in their order. Sums of floats that follow each other at one address are one update of
 * it, with what they would have made of it one by one; code has put those of integers
 * together already. */
#include "exec_priv.h"
#include "isa/isa_eval.h"

#include <string.h>

/* NaNs have one pattern, as in isa/sem_atom.c. */
#define ADD_FLOATS(name, flt, uint, nan)                                                 \
   static void name(const struct exec_held *h, uint32_t n)                               \
   {                                                                                     \
      uint *p = h->at, old = __atomic_load_n(p, __ATOMIC_RELAXED), next;                 \
      do {                                                                               \
         flt sum, x;                                                                     \
         memcpy(&sum, &old, sizeof sum);                                                 \
         for (uint32_t k = 0; k < n; k++) {                                              \
            memcpy(&x, &h[k].x, sizeof x);                                               \
            sum += x;                                                                    \
         }                                                                               \
         memcpy(&next, &sum, sizeof next);                                               \
         next = sum == sum ? next : (nan);                                               \
      } while (!__atomic_compare_exchange_n(p, &old, next, true, __ATOMIC_SEQ_CST,       \
                                            __ATOMIC_RELAXED));                          \
   }

ADD_FLOATS(add_f32, float, uint32_t, ISA_NAN_F32)
ADD_FLOATS(add_f64, double, uint64_t, ISA_NAN_F64)

static void
apply(const struct exec_held *h, uint32_t n)
{
   switch (h->mods->type[0]) {
   case ISA_F32:
      add_f32(h, n);
      break;
   case ISA_F64:
      add_f64(h, n);
      break;
   default:
      for (uint32_t k = 0; k < n; k++)
         isa_atom_eval(h[k].mods, h[k].at, &h[k].x, NULL, NULL);
   }
}

/* Its accesses may fault, and name the block that they come from when they do: what is
 * left then is for the next call. */
void
held_apply(struct exec_ctx *ctx)
{
   struct exec_worker *w = ctx->strand->worker;
   volatile uint32_t *ctaid_x = &ctx->ctaid[0];
   uint32_t here = *ctaid_x;
   while (w->applied < ctx->nheld) {
      const struct exec_held *h = &w->held[w->applied];
      uint32_t n = 1;
      while (w->applied + n < ctx->nheld && h[n].at == h->at && h[n].mods == h->mods)
         n++;
      w->applied += n;
      *ctaid_x = h->ctaid_x;
      apply(h, n);
   }
   *ctaid_x = here;
   ctx->nheld = 0;
   w->applied = 0;
}
