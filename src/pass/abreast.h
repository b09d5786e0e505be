/* SPDX-License-Identifier: Apache-2.0
 * Inside pass: a loop of which some iterations will be side by side, as abreast.c finds
 * it and abreast_make.c makes it. */
#ifndef KASURI_PASS_ABREAST_H
#define KASURI_PASS_ABREAST_H

#include "analysis/analysis.h"

#define ABREAST_MOST_CONDITIONS 8
#define ABREAST_MOST_ROOTS 8

struct abreast {
   struct ir_func *f;
   const struct cfg *g;
   const struct lanes *l;
   struct arena *a;
   uint32_t nvalues; /* that the analyses know */
};

/* What is known of a value that the loop computes. */
enum {
   IN_LOOP = 1,
   COUNTER = 2, /* a phi of the header that the loop's memory and lanes do not decide */
   EARLY = 4,   /* made of counters and memory: waits for no other iteration */
};

/* `if (c) then; else other;`: no instruction of these can be seen. */
struct condition {
   const struct ir_block *from;
   struct ir_block *then, *other, *join; /* other: NULL where there is none */
   bool when;                            /* what c is for `then` */
};

/* One iteration: blocks that follow each other, and conditions between them. */
struct body {
   const struct loop *loop;
   struct ir_block **block; /* of the way that all iterations take, header first */
   unsigned nblocks;
   struct condition cond[ABREAST_MOST_CONDITIONS];
   unsigned nconds;
   struct ir_block *exiting, *exit;
   bool exits_when; /* what the exiting branch's condition is then */
   unsigned insts;
   uint8_t *is;     /* by value id: what is known */
   uint32_t *chain; /* by value id, EARLY ones: operations that wait for each other */
   struct ir_value *root[ABREAST_MOST_ROOTS]; /* where long chains end */
   unsigned nroots;
   unsigned n;  /* iterations side by side */
   bool evenly; /* there are always so many, or a multiple */
};

/* v is a value that the loop computes, as the analyses know it. */
static inline bool
abreast_is_of(const struct abreast *x, const struct body *y, const struct ir_value *v)
{
   return v->kind == IR_INST && v->id < x->nvalues && (y->is[v->id] & IN_LOOP);
}

static inline bool
abreast_is_header_phi(const struct body *y, const struct ir_inst *i)
{
   return i->op == ISA_PHI && i->block == y->loop->header;
}

/* What a phi of the header becomes by an iteration. */
static inline struct ir_value *
abreast_next_of(const struct body *y, const struct ir_inst *phi)
{
   return phi->src[phi->block->preds.data[0] == y->loop->latch ? 0 : 1];
}

/* What a phi behind a condition is where that does not hold, and where it does. */
struct abreast_joined {
   const struct condition *c;
   struct ir_value *passed, *done;
};
static inline struct abreast_joined
abreast_joined_by(const struct body *y, const struct ir_inst *phi)
{
   const struct condition *c = y->cond;
   while (c->join != phi->block)
      c++;
   unsigned k = phi->block->preds.data[0] == c->then;
   return (struct abreast_joined){c, phi->src[k], phi->src[1 - k]};
}

/* The exiting branch is the last that an iteration does. */
bool abreast_exits_last(const struct body *y);
void abreast_make(const struct abreast *x, struct body *y);

#define abreast_each_inst(i, y, k)                                                       \
   for (unsigned k = 0; k < (y)->nblocks; k++)                                           \
      ir_foreach_inst (i, (y)->block[k])

#endif
