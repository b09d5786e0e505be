/* SPDX-License-Identifier: Apache-2.0
 * Keys of the disk cache: all that generated code depends on. */
#include <string.h>

#include "back/object.h"

struct key {
   uint64_t hi, lo;
   struct map *funcs; /* hashed already */
};

static void
mix(struct key *k, const void *data, size_t n)
{
   k->hi = base_hash(data, n, k->hi);
   k->lo = base_hash(data, n, k->lo ^ 0x9e3779b97f4a7c15ull);
}

static void
mix_text(struct key *k, const char *s)
{
   mix(k, s ? s : "", s ? strlen(s) + 1 : 1);
}

static void
mix_value(struct key *k, const struct ir_value *v)
{
   uint64_t w[4] = {v->kind, v->width, v->kind == IR_CONST ? v->bits[0] : v->id,
                    v->kind == IR_CONST ? v->bits[1] : 0};
   mix(k, w, sizeof w);
}

static void
mix_sym(struct key *k, const struct ir_sym *s)
{
   bool placed = s->space != ISA_GLOBAL && s->space != ISA_CONST && !s->func;
   uint64_t w[2] = {s->space, placed ? s->address : 0};
   mix_text(k, s->name);
   mix(k, w, sizeof w);
}

static void
mix_func(struct key *k, const struct ir_func *f)
{
   if (map_find_n(k->funcs, &f, sizeof f))
      return;
   map_set_n(k->funcs, &f, sizeof f, (void *)(uintptr_t)f);
   mix_text(k, f->name);
   uint32_t head[3] = {f->local_bytes, f->nargs, f->param_bytes};
   mix(k, head, sizeof head);
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         uint64_t w[4] = {(uint64_t)i->op << 32 | (uint64_t)i->ndst << 16 | i->nsrc,
                          (uint64_t)i->offset, i->guard_negated,
                          i->op == ISA_TRAP ? i->loc.line : 0};
         mix(k, w, sizeof w);
         /* form and text number what this process has seen so far. */
         struct isa_mods mods = i->mods;
         mods.form = mods.text = 0;
         mix(k, &mods, sizeof mods);
         for (unsigned q = 0; q < i->ndst; q++)
            mix_value(k, i->dst[q]);
         for (unsigned q = 0; q < i->nsrc; q++)
            mix_value(k, i->src[q]);
         if (i->guard)
            mix_value(k, i->guard);
         if (i->sym)
            mix_sym(k, i->sym);
         for (uint32_t q = 0; q < i->ntargets; q++)
            mix(k, &i->targets[q]->id, sizeof i->targets[q]->id);
         if (i->callee)
            mix_func(k, i->callee);
      }
   }
}

struct cache_key
cache_key_of(const struct ir_func *f, const struct back_options *opt,
             const char *compiler_tag)
{
   struct key k = {BASE_HASH_SEED, ~BASE_HASH_SEED, map_create()};
   mix_text(&k, cache_host_tag());
   mix_text(&k, compiler_tag);
   mix(&k, opt->block, sizeof opt->block);
   mix(&k, &opt->force_mode, sizeof opt->force_mode);
   mix(&k, &opt->lanes, sizeof opt->lanes);
   mix(&k, &opt->warps, sizeof opt->warps);
   mix(&k, &opt->small_grid, sizeof opt->small_grid);
   mix(&k, &opt->large, sizeof opt->large);
   mix(&k, &opt->any_arguments, sizeof opt->any_arguments);
   mix(&k, &opt->opt_level, sizeof opt->opt_level);
   mix_func(&k, f);
   map_destroy(k.funcs);
   return (struct cache_key){k.hi, k.lo};
}
