/* SPDX-License-Identifier: Apache-2.0
 * Memory: addresses of the state spaces, loads and stores, atomics, asynchronous copies
 * (done at once), mbarriers. Shared, local and parameter accesses are checked against
 * their windows; a wild global address is the signal handler's business.
 *
 * A generic address is a host address. Each element is one atomic access of its size, so
 * that data races stay as defined as PTX has them. */
#include "interp_priv.h"

static KASURI_NOINLINE void
fault(struct ithread *t, enum exec_trap_reason why)
{
   t->ctx->svc->trap(t->ctx, why, t->ctx->line);
}

#define RANK_SHIFT 24
#define OFFSET_MASK 0xffffffu

static uint8_t *
cluster_base(struct ithread *t, uint32_t a)
{
   uint32_t rank = a >> RANK_SHIFT;
   return rank ? t->ctx->svc->cluster_shared(t->ctx, rank - 1) : t->ctx->shared;
}

/* The base of the shared memory of this cluster in which host address p lies, or NULL. */
static uint8_t *
shared_around(struct ithread *t, const void *p, uint32_t *rank)
{
   for (uint32_t r = 0; r < t->ctx->cluster_nctarank; r++) {
      uint8_t *base = t->ctx->svc->cluster_shared(t->ctx, r);
      if ((const uint8_t *)p >= base && (const uint8_t *)p < base + t->ctx->total_smem) {
         *rank = r;
         return base;
      }
   }
   return NULL;
}

void *
interp_host_address(struct ithread *t, enum isa_space space, uint64_t a, uint64_t size)
{
   const struct exec_ctx *c = t->ctx;
   uint32_t low = (uint32_t)a;
   switch (space) {
   case ISA_SHARED:
      if (low + size > c->total_smem)
         fault(t, EXEC_TRAP_ADDRESS);
      return c->shared + low;
   case ISA_SHARED_CLUSTER: {
      uint8_t *base = cluster_base(t, low);
      if (!base || (low & OFFSET_MASK) + size > c->total_smem)
         fault(t, EXEC_TRAP_ADDRESS);
      return base + (low & OFFSET_MASK);
   }
   case ISA_LOCAL:
   case ISA_PARAM_FUNC:
      if (low + size > t->limit)
         fault(t, EXEC_TRAP_ADDRESS);
      return c->local + low;
   case ISA_PARAM:
      if (low + size > t->kernel->entry->ir->param_bytes)
         fault(t, EXEC_TRAP_ADDRESS);
      return (uint8_t *)(uintptr_t)c->params + low;
   default: /* generic, global, const */
      return (void *)(uintptr_t)a;
   }
}

/* Address operand i of the instruction, for n elements. */
static uint8_t *
element_address(struct ithread *t, const struct iop *o, unsigned i, enum isa_space space,
                unsigned n)
{
   uint64_t a = get_address(t, o, i) + o->word;
   uint64_t size = (uint64_t)o->size * n;
   uint8_t *p = interp_host_address(t, space, a, size);
   if ((uintptr_t)p & (size - 1))
      fault(t, EXEC_TRAP_MISALIGNED);
   return p;
}

/* -- One element. order is the load's or the store's own. */
#define LOAD_AS(type, p, order)                                                          \
   ((order) == __ATOMIC_ACQUIRE ? __atomic_load_n((type *)(p), __ATOMIC_ACQUIRE)         \
                                : __atomic_load_n((type *)(p), __ATOMIC_RELAXED))
#define STORE_AS(type, p, v, order)                                                      \
   ((order) == __ATOMIC_RELEASE                                                          \
       ? __atomic_store_n((type *)(p), (type)(v), __ATOMIC_RELEASE)                      \
       : __atomic_store_n((type *)(p), (type)(v), __ATOMIC_RELAXED))

static void
load_element(uint64_t d[2], const uint8_t *p, const struct iop *o)
{
   switch (o->size) {
   case 1:
      d[0] = LOAD_AS(uint8_t, p, o->order);
      if (o->sign)
         d[0] = (uint64_t)(int64_t)(int8_t)d[0];
      return;
   case 2:
      d[0] = LOAD_AS(uint16_t, p, o->order);
      if (o->sign)
         d[0] = (uint64_t)(int64_t)(int16_t)d[0];
      return;
   case 4:
      d[0] = LOAD_AS(uint32_t, p, o->order);
      if (o->sign)
         d[0] = (uint64_t)(int64_t)(int32_t)d[0];
      return;
   case 8:
      d[0] = LOAD_AS(uint64_t, p, o->order);
      return;
   default:
      d[0] = LOAD_AS(uint64_t, p, o->order);
      d[1] = LOAD_AS(uint64_t, p + 8, o->order);
   }
}

void
op_ld(struct ithread *t, const struct iop *o)
{
   const uint8_t *p = element_address(t, o, 0, o->space, o->ndst);
   if (o->inst->mods.sem != ISA_WEAK)
      t->polled = true;
   for (uint32_t i = 0; i < o->ndst; i++)
      load_element(ref(t, o->list[i]), p + (size_t)i * o->size, o);
}

/* The commonest accesses: one word of 32 bits, weak, in global or shared memory. */
static inline uint32_t *
word_address(struct ithread *t, const struct iop *o)
{
   uint64_t a = get_address(t, o, 0) + o->word;
   if (o->space == ISA_SHARED) {
      if ((uint32_t)a + (uint64_t)4 > t->ctx->total_smem)
         fault(t, EXEC_TRAP_ADDRESS);
      a = (uintptr_t)t->ctx->shared + (uint32_t)a;
   }
   if (a & 3)
      fault(t, EXEC_TRAP_MISALIGNED);
   return (uint32_t *)(uintptr_t)a;
}

void
op_ld_word(struct ithread *t, const struct iop *o)
{
   uint64_t v = __atomic_load_n(word_address(t, o), __ATOMIC_RELAXED);
   *(uint64_t *)ref(t, o->d[0]) = o->sign ? (uint64_t)(int64_t)(int32_t)v : v;
}

void
op_st_word(struct ithread *t, const struct iop *o)
{
   __atomic_store_n(word_address(t, o), get32(t, o->s[1]), __ATOMIC_RELAXED);
}

void
op_st(struct ithread *t, const struct iop *o)
{
   uint32_t n = MAX2(o->inst->mods.vec, 1u); /* a cache policy may follow the elements */
   uint8_t *p = element_address(t, o, 0, o->space, n);
   for (uint32_t i = 0; i < n; i++, p += o->size) {
      const uint64_t *v = ref(t, o->list[o->ndst + 1 + i]);
      switch (o->size) {
      case 1:
         STORE_AS(uint8_t, p, *v, o->order);
         break;
      case 2:
         STORE_AS(uint16_t, p, *v, o->order);
         break;
      case 4:
         STORE_AS(uint32_t, p, *v, o->order);
         break;
      case 8:
         STORE_AS(uint64_t, p, *v, o->order);
         break;
      default:
         STORE_AS(uint64_t, p, v[0], o->order);
         STORE_AS(uint64_t, p + 8, v[1], o->order);
      }
   }
}

/* Elements in a row, as the meaning of a vector atomic takes them. */
static void
gather(struct ithread *t, const struct iop *o, unsigned first, unsigned n, uint8_t *to)
{
   for (unsigned i = 0; i < n; i++)
      memcpy(to + (size_t)i * o->size, ref(t, o->list[o->ndst + first + i]), o->size);
}

void
op_atom(struct ithread *t, const struct iop *o)
{
   const struct isa_mods *m = &o->inst->mods;
   unsigned n = MAX2(m->vec, 1u);
   uint8_t *p = element_address(t, o, 0, o->space, n);
   uint8_t b[8 * SLOT], c[8 * SLOT], old[8 * SLOT] = {0};
   t->polled = true;
   gather(t, o, 1, n, b);
   if (m->atom == ISA_ATOM_CAS)
      gather(t, o, 1 + n, n, c);
   t->ctx->svc->atom(t->ctx, m, p, b, c, old);
   for (unsigned i = 0; i < n; i++)
      if (!is_sink(o, i))
         memcpy(ref(t, o->list[i]), old + (size_t)i * o->size, o->size);
}

/* -- Conversions between address spaces. */
static uint64_t
space_origin(const struct ithread *t, enum isa_space s)
{
   switch (s) {
   case ISA_SHARED:
   case ISA_SHARED_CLUSTER:
      return (uintptr_t)t->ctx->shared;
   case ISA_LOCAL:
   case ISA_PARAM_FUNC:
      return (uintptr_t)t->ctx->local;
   case ISA_PARAM:
      return (uintptr_t)t->ctx->params;
   default:
      return 0;
   }
}

void
op_cvta(struct ithread *t, const struct iop *o)
{
   const struct isa_mods *m = &o->inst->mods;
   uint64_t a = get_address(t, o, 0) + o->word;
   uint64_t origin = space_origin(t, m->space), d;
   if (m->flags & ISA_TO) {
      uint32_t rank;
      const uint8_t *base = NULL;
      if (m->space == ISA_SHARED_CLUSTER)
         base = shared_around(t, (const void *)(uintptr_t)a, &rank);
      if (base && base != t->ctx->shared)
         d = (uint64_t)(rank + 1) << RANK_SHIFT | (a - (uintptr_t)base);
      else
         d = a - origin;
   } else if (m->space == ISA_SHARED_CLUSTER && (uint32_t)a >> RANK_SHIFT) {
      d = (uintptr_t)interp_host_address(t, m->space, a, 0);
   } else {
      d = (origin ? (uint32_t)a : a) + origin;
   }
   put(t, o, 0, d);
}

static bool
in_const(const struct ithread *t, uint64_t a)
{
   const struct ir_module *m = t->kernel->module;
   for (size_t i = 0; i < m->syms.len; i++) {
      const struct ir_sym *s = m->syms.data[i];
      if (s->space == ISA_CONST && a - s->address < s->size)
         return true;
   }
   return false;
}

static bool
in_space(struct ithread *t, enum isa_space s, uint64_t a)
{
   const struct exec_ctx *c = t->ctx;
   uint32_t rank;
   switch (s) {
   case ISA_SHARED:
      return a - (uintptr_t)c->shared < c->total_smem;
   case ISA_SHARED_CLUSTER:
      return shared_around(t, (const void *)(uintptr_t)a, &rank) != NULL;
   case ISA_LOCAL:
   case ISA_PARAM_FUNC:
      return a - (uintptr_t)c->local < t->limit;
   case ISA_PARAM:
      return a - (uintptr_t)c->params < t->kernel->entry->ir->param_bytes;
   case ISA_CONST:
      return in_const(t, a);
   default:
      return !in_space(t, ISA_SHARED_CLUSTER, a) && !in_space(t, ISA_LOCAL, a) &&
             !in_space(t, ISA_PARAM, a);
   }
}

void
op_isspacep(struct ithread *t, const struct iop *o)
{
   put(t, o, 0, in_space(t, o->inst->mods.space, get_address(t, o, 0)));
}

void
op_mapa(struct ithread *t, const struct iop *o)
{
   uint64_t a = get_address(t, o, 0) + o->word;
   uint32_t rank = get32(t, o->s[1]), from;
   if (o->inst->mods.space != ISA_GENERIC) {
      put(t, o, 0, (uint64_t)(rank + 1) << RANK_SHIFT | (a & OFFSET_MASK));
      return;
   }
   const uint8_t *base = shared_around(t, (const void *)(uintptr_t)a, &from);
   const uint8_t *to = t->ctx->svc->cluster_shared(t->ctx, rank);
   if (!base || !to)
      fault(t, EXEC_TRAP_ADDRESS);
   put(t, o, 0, (uintptr_t)to + (a - (uintptr_t)base));
}

void
op_getctarank(struct ithread *t, const struct iop *o)
{
   uint64_t a = get_address(t, o, 0) + o->word;
   uint32_t rank = t->ctx->cluster_ctarank;
   if (o->inst->mods.space != ISA_GENERIC)
      rank = (uint32_t)a >> RANK_SHIFT ? ((uint32_t)a >> RANK_SHIFT) - 1 : rank;
   else
      shared_around(t, (const void *)(uintptr_t)a, &rank);
   put(t, o, 0, rank);
}

/* -- Fences. */
void
op_fence(struct ithread *t, const struct iop *o)
{
   (void)t, (void)o;
   __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* -- mbarrier (the service keeps the state). */
static uint64_t *
mbarrier_at(struct ithread *t, const struct iop *o)
{
   enum isa_space s = o->inst->mods.space;
   uint64_t a = get_address(t, o, 0) + o->word;
   uint64_t *p = interp_host_address(t, s, a, 8);
   if ((uintptr_t)p & 7)
      fault(t, EXEC_TRAP_MISALIGNED);
   return p;
}

static uint64_t
source(const struct ithread *t, const struct iop *o, unsigned i)
{
   if (i >= o->nsrc)
      return 0;
   return get_address(t, o, i);
}

void
op_mbarrier(struct ithread *t, const struct iop *o)
{
   struct exec_ctx *c = t->ctx;
   const struct isa_mods *m = &o->inst->mods;
   uint64_t *object = NULL, arg = 0;
   uint32_t count = 0;
   if (m->mode != ISA_MODE_PENDING_COUNT)
      object = mbarrier_at(t, o);
   switch ((unsigned)m->mode) {
   case ISA_MODE_INIT:
      count = (uint32_t)source(t, o, 1);
      break;
   case ISA_MODE_ARRIVE:
   case ISA_MODE_ARRIVE_DROP:
      count = o->nsrc > 1 ? (uint32_t)source(t, o, 1) : 1;
      if (m->extra == ISA_MODE_EXPECT_TX) {
         arg = count;
         count = 1;
      }
      break;
   case ISA_MODE_PENDING_COUNT:
      arg = source(t, o, 0);
      break;
   default: /* a state, a parity or a number of bytes */
      arg = source(t, o, 1);
      t->polled = true;
   }
   uint64_t r = c->svc->mbarrier(c, m, object, arg, count);
   if (!is_sink(o, 0))
      put(t, o, 0, r);
}

void
op_cp_async_mbarrier_arrive(struct ithread *t, const struct iop *o)
{
   /* The copies are done: what counts itself in arrives at once, which cancels out. */
   if (!(o->inst->mods.flags & ISA_NOINC))
      return;
   const struct isa_mods arrive = {.mode = ISA_MODE_ARRIVE};
   t->ctx->svc->mbarrier(t->ctx, &arrive, mbarrier_at(t, o), 0, 1);
}
