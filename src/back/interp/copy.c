/* SPDX-License-Identifier: Apache-2.0
 * Copies that PTX calls asynchronous: done at once, so that waiting for them is free. */
#include "interp_priv.h"

/* The operand after the size: bytes to read (the rest is filled with zeros), or a
 * predicate that says to read none. A cache policy (64 bits) is neither. */
static uint32_t
bytes_to_read(struct ithread *t, const struct iop *o, uint32_t size)
{
   if (o->nsrc < 4)
      return size;
   const struct ir_value *v = o->inst->src[3];
   if (v->width == IR_PRED)
      return get_pred(t, o->s[3]) ? 0 : size;
   if (v->width == IR_B64 && v->kind != IR_CONST)
      return size;
   return MIN2(get32(t, o->s[3]), size);
}

void
op_cp_async(struct ithread *t, const struct iop *o)
{
   uint32_t size = get32(t, o->s[2]);
   uint32_t n = bytes_to_read(t, o, size);
   uint8_t *to = interp_host_address(t, ISA_SHARED, get_address(t, o, 0) + o->word, size);
   const uint8_t *from = (const uint8_t *)(uintptr_t)get_address(t, o, 1);
   if (((uintptr_t)to | (uintptr_t)from) & (size - 1)) {
      t->ctx->svc->trap(t->ctx, EXEC_TRAP_MISALIGNED, t->ctx->line);
      return;
   }
   uint8_t bytes[16] = {0};
   memcpy(bytes, from, MIN2(n, sizeof bytes));
   memcpy(to, bytes, MIN2(size, sizeof bytes));
}

void
op_st_bulk(struct ithread *t, const struct iop *o)
{
   uint64_t size = get_address(t, o, 1);
   enum isa_space s = o->inst->mods.space;
   memset(interp_host_address(t, s, get_address(t, o, 0) + o->word, size), 0, size);
}

void
op_bulk_copy(struct ithread *t, const struct iop *o)
{
   const struct isa_mods *m = &o->inst->mods;
   uint32_t size = get32(t, o->s[2]);
   uint64_t to = get_address(t, o, 0) + o->word;
   struct exec_bulk_copy c = {
      .to = interp_host_address(t, m->space, to, size),
      .from = interp_host_address(t, m->space2, get_address(t, o, 1), size),
      .size = size,
      .blocks = o->bulk.blocks
                   ? (get_address(t, o, o->bulk.blocks) & 0xffff) | EXEC_MULTICAST
                   : 0,
      .bytes = o->bulk.bytes ? get_address(t, o, o->bulk.bytes) & 0xffff : 0xffff,
   };
   if (o->bulk.mbarrier)
      c.mbarrier =
         interp_host_address(t, m->space, get_address(t, o, o->bulk.mbarrier), 8);
   t->ctx->svc->bulk_copy(t->ctx, &c);
}
