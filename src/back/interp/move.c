/* SPDX-License-Identifier: Apache-2.0
 * Instructions that stay within a thread's registers: those with a meaning in isa/, mov
 * in all its forms, special registers, addresses of variables, the stack pointer. */
#include "interp_priv.h"

/* A result narrower than its register is extended (PTX 9.4.1). */
static void
extend(const struct ithread *t, const struct iop *o)
{
   uint8_t *d = ref(t, o->d[0]);
   if (o->size == 1)
      *(uint64_t *)d = o->sign ? (uint64_t)(int64_t)*(int8_t *)d : *d;
   else if (o->size == 2)
      *(uint64_t *)d = o->sign ? (uint64_t)(int64_t)*(int16_t *)d : *(const uint16_t *)d;
   else
      *(uint64_t *)d = o->sign ? (uint64_t)(int64_t)*(int32_t *)d : *(const uint32_t *)d;
}

/* One result from one, two, or up to four sources; most instructions have two. */
void
op_eval1(struct ithread *t, const struct iop *o)
{
   void *z = ref(t, o->s[0]);
   o->eval(ref(t, o->d[0]), NULL, z, z, z, z, o->word);
}

void
op_eval2(struct ithread *t, const struct iop *o)
{
   void *z = ref(t, o->s[1]);
   o->eval(ref(t, o->d[0]), NULL, ref(t, o->s[0]), z, z, z, o->word);
}

void
op_eval4(struct ithread *t, const struct iop *o)
{
   o->eval(ref(t, o->d[0]), NULL, ref(t, o->s[0]), ref(t, o->s[1]), ref(t, o->s[2]),
           ref(t, o->s[3]), o->word);
}

void
op_eval_extend(struct ithread *t, const struct iop *o)
{
   op_eval4(t, o);
   extend(t, o);
}

void
op_eval_two_results(struct ithread *t, const struct iop *o)
{
   o->eval(ref(t, o->d[0]), ref(t, o->d[1]), ref(t, o->s[0]), ref(t, o->s[1]),
           ref(t, o->s[2]), ref(t, o->s[3]), o->word);
}

static size_t
bytes_of(const struct ir_value *v)
{
   return MAX2(1, ir_width_bits(v->width) / 8);
}

void
op_mov(struct ithread *t, const struct iop *o)
{
   if (o->ndst == 1 && o->nsrc == 1) {
      memcpy(ref(t, o->d[0]), ref(t, o->s[0]), SLOT);
      return;
   }
   /* Packs, unpacks, or copies element by element: all by way of the bytes. */
   uint8_t bytes[8 * SLOT];
   size_t at = 0;
   for (uint32_t i = 0; i < o->nsrc && at <= sizeof bytes - SLOT; i++) {
      size_t n = bytes_of(o->inst->src[i]);
      memcpy(bytes + at, ref(t, o->list[o->ndst + i]), n);
      at += n;
   }
   size_t each = at / o->ndst;
   for (uint32_t i = 0; i < o->ndst; i++)
      memcpy(ref(t, o->list[i]), bytes + i * each, MIN2(each, SLOT));
}

static uint32_t
component(const uint32_t v[3], unsigned i)
{
   return i < 3 ? v[i] : 0;
}

static uint64_t
lane_mask(enum isa_sreg r, uint32_t lane)
{
   uint32_t eq = 1u << lane, lt = eq - 1;
   switch ((unsigned)r) {
   case ISA_SREG_LANEMASK_EQ:
      return eq;
   case ISA_SREG_LANEMASK_LE:
      return lt | eq;
   case ISA_SREG_LANEMASK_LT:
      return lt;
   case ISA_SREG_LANEMASK_GE:
      return (uint32_t)~lt;
   default:
      return (uint32_t)~(lt | eq);
   }
}

static uint64_t
timer(struct exec_ctx *c, enum isa_sreg r)
{
   switch ((unsigned)r) {
   case ISA_SREG_CLOCK:
      return (uint32_t)c->svc->clock(c);
   case ISA_SREG_CLOCK_HI:
      return c->svc->clock(c) >> 32;
   case ISA_SREG_CLOCK64:
      return c->svc->clock(c);
   case ISA_SREG_GLOBALTIMER:
      return c->svc->globaltimer(c);
   case ISA_SREG_GLOBALTIMER_LO:
      return (uint32_t)c->svc->globaltimer(c);
   default:
      return c->svc->globaltimer(c) >> 32;
   }
}

static uint64_t
scalar_sreg(struct exec_ctx *c, enum isa_sreg r)
{
   switch ((unsigned)r) {
   case ISA_SREG_LANEID:
      return c->lane;
   case ISA_SREG_WARPID:
      return c->warp;
   case ISA_SREG_NWARPID:
      return c->nwarps;
   case ISA_SREG_SMID:
      return c->smid;
   case ISA_SREG_NSMID:
      return c->nsmid;
   case ISA_SREG_GRIDID:
      return c->gridid;
   case ISA_SREG_IS_EXPLICIT_CLUSTER:
      return c->is_explicit_cluster;
   case ISA_SREG_CLUSTER_CTARANK:
      return c->cluster_ctarank;
   case ISA_SREG_CLUSTER_NCTARANK:
      return c->cluster_nctarank;
   case ISA_SREG_TOTAL_SMEM_SIZE:
   case ISA_SREG_AGGR_SMEM_SIZE:
      return c->total_smem;
   case ISA_SREG_DYNAMIC_SMEM_SIZE:
      return c->dynamic_smem;
   case ISA_SREG_LANEMASK_EQ:
   case ISA_SREG_LANEMASK_LE:
   case ISA_SREG_LANEMASK_LT:
   case ISA_SREG_LANEMASK_GE:
   case ISA_SREG_LANEMASK_GT:
      return lane_mask(r, c->lane);
   case ISA_SREG_CLOCK:
   case ISA_SREG_CLOCK_HI:
   case ISA_SREG_CLOCK64:
   case ISA_SREG_GLOBALTIMER:
   case ISA_SREG_GLOBALTIMER_LO:
   case ISA_SREG_GLOBALTIMER_HI:
      return timer(c, r);
   default: /* counters and reserved ranges that this machine has none of */
      return 0;
   }
}

static uint64_t
sreg(struct exec_ctx *c, enum isa_sreg r)
{
   const uint32_t tid[3] = {c->tid[0][0], c->tid[1][0], c->tid[2][0]};
   const struct {
      enum isa_sreg x;
      const uint32_t *v;
   } vectors[] = {{ISA_SREG_TID_X, tid},
                  {ISA_SREG_NTID_X, c->ntid},
                  {ISA_SREG_CTAID_X, c->ctaid},
                  {ISA_SREG_NCTAID_X, c->nctaid},
                  {ISA_SREG_CLUSTERID_X, c->clusterid},
                  {ISA_SREG_NCLUSTERID_X, c->nclusterid},
                  {ISA_SREG_CLUSTER_CTAID_X, c->cluster_ctaid},
                  {ISA_SREG_CLUSTER_NCTAID_X, c->cluster_nctaid}};
   for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
      if (r >= vectors[i].x && r < vectors[i].x + 4)
         return component(vectors[i].v, (unsigned)(r - vectors[i].x));
   if (r >= ISA_SREG_ENVREG0 && r <= ISA_SREG_ENVREG31)
      return r - ISA_SREG_ENVREG0 < 3 ? c->envreg[r - ISA_SREG_ENVREG0] : 0;
   return scalar_sreg(c, r);
}

void
op_sreg(struct ithread *t, const struct iop *o)
{
   put(t, o, 0, sreg(t->ctx, (enum isa_sreg)o->inst->mods.extra));
}

void
op_local_addr(struct ithread *t, const struct iop *o)
{
   put(t, o, 0, t->vars + o->word);
}

void
op_zero(struct ithread *t, const struct iop *o)
{
   put(t, o, 0, 0);
}

/* -- alloca (PTX 9.7.17): memory on the stack until the function returns. */
#define ALLOCA_ALIGN 16u

void
op_alloca(struct ithread *t, const struct iop *o)
{
   uint64_t size =
      o->inst->src[0]->width == IR_B64 ? get64(t, o->s[0]) : get32(t, o->s[0]);
   uint64_t align = o->nsrc > 1 ? MAX2(get32(t, o->s[1]), 1u) : ALLOCA_ALIGN;
   uint64_t at = ALIGN_UP((uint64_t)t->sp, align);
   if (size > t->limit || at > t->limit - size) {
      t->ctx->svc->trap(t->ctx, EXEC_TRAP_STACK, t->ctx->line);
      return;
   }
   t->sp = (uint32_t)(at + size);
   put(t, o, 0, at);
}

void
op_stacksave(struct ithread *t, const struct iop *o)
{
   put(t, o, 0, t->sp);
}

void
op_stackrestore(struct ithread *t, const struct iop *o)
{
   uint64_t sp = get_address(t, o, 0);
   if (sp > t->limit || sp < t->vars) {
      t->ctx->svc->trap(t->ctx, EXEC_TRAP_STACK, t->ctx->line);
      return;
   }
   t->sp = (uint32_t)sp;
}
