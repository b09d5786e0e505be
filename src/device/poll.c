/* SPDX-License-Identifier: Apache-2.0
 * Whether blocks of a kernel may wait for each other. On a GPU, as many blocks as fit are
 * resident together, and programs rely on it without a cooperative launch; here a worker
 * runs one block after another, unless this says that it must not. Found by what waiting
 * takes: a loop, and in it a read of memory that others may change meanwhile. */
#include "device_priv.h"

static bool
reads_others(const struct ir_inst *i)
{
   bool memory = i->mods.space == ISA_GLOBAL || i->mods.space == ISA_GENERIC;
   if (!memory)
      return false;
   if (i->op == ISA_LD)
      return i->mods.sem != ISA_WEAK;
   if (i->op != ISA_ATOM || !i->ndst || i->dst[0]->kind == IR_SINK)
      return false;
   if (i->mods.atom == ISA_ATOM_CAS || i->mods.atom == ISA_ATOM_EXCH)
      return true;
   /* An addition of zero is a read; what sets the same bits each time may be one. */
   const struct ir_value *b = i->nsrc > 1 ? i->src[1] : NULL;
   bool again = i->mods.atom == ISA_ATOM_AND || i->mods.atom == ISA_ATOM_OR ||
                i->mods.atom == ISA_ATOM_MIN || i->mods.atom == ISA_ATOM_MAX;
   return b && b->kind == IR_CONST && (again || !b->bits[0]);
}

static bool
body_polls(const struct ir_func *f, bool *calls)
{
   bool reads = false, loops = false;
   struct map *seen = map_create(); /* blocks before, in the order of the text */
   ir_foreach_block (b, f) {
      map_set_n(seen, &b, sizeof b, b);
      ir_foreach_inst (i, b) {
         reads |= reads_others(i);
         *calls |= i->op == ISA_CALL;
         for (uint32_t t = 0; t < i->ntargets; t++)
            loops |= map_find_n(seen, &i->targets[t], sizeof i->targets[t]) != NULL;
      }
   }
   map_destroy(seen);
   return reads && loops;
}

bool
kernel_polls(const struct ir_func *kernel)
{
   bool calls = false;
   if (body_polls(kernel, &calls))
      return true;
   const struct ir_module *m = kernel->module;
   for (size_t i = 0; calls && i < m->funcs.len; i++) {
      bool more = false;
      if (!m->funcs.data[i]->is_kernel && body_polls(m->funcs.data[i], &more))
         return true;
   }
   return false;
}
