/* SPDX-License-Identifier: Apache-2.0
 * What lanes that meet compute: PTX manual 9.7.9.6 (shfl) and 9.7.13 (vote, match, redux,
 * activemask, elect). */
#include "isa/isa_warp.h"
#include "isa/isa_eval.h"

#include <string.h>

/* One warp instruction at work. */
struct meeting {
   const struct isa_mods *mods;
   uint32_t exec;
   const struct exec_warp_arg *arg;
};

/* The lanes that take part where lane i does. */
static uint32_t
members(const struct meeting *m, unsigned i, bool has_mask)
{
   return has_mask ? m->exec & m->arg[i].membermask : m->exec;
}

/* The lane that i reads from, and whether it lies within i's segment. */
static unsigned
shfl_source(const struct meeting *m, unsigned i, bool *in_range)
{
   const struct exec_warp_arg *a = &m->arg[i];
   int b = (int)(a->b & 31u), lane = (int)i, clamp = (int)(a->c & 31u);
   int segment = (int)(a->c >> 8 & 31u), first = lane & segment;
   int bound = first | (clamp & ~segment), j;
   switch (m->mods->mode) {
   case ISA_MODE_UP:
      j = lane - b;
      *in_range = j >= bound;
      break;
   case ISA_MODE_DOWN:
      j = lane + b;
      *in_range = j <= bound;
      break;
   case ISA_MODE_BFLY:
      j = lane ^ b;
      *in_range = j <= bound;
      break;
   default: /* idx */
      j = first | (b & ~segment);
      *in_range = j <= bound;
      break;
   }
   return *in_range ? (unsigned)j : i;
}

static struct exec_warp_result
shfl(const struct meeting *m, unsigned i)
{
   bool in_range;
   unsigned j = shfl_source(m, i, &in_range);
   bool there = members(m, i, m->mods->flags & ISA_SYNC) >> j & 1;
   return (struct exec_warp_result){there ? m->arg[j].a : 0, in_range};
}

static struct exec_warp_result
vote(const struct meeting *m, unsigned i)
{
   uint32_t who = members(m, i, m->mods->flags & ISA_SYNC), yes = 0;
   for (unsigned j = 0; j < ISA_WARP; j++)
      if (who >> j & 1 && m->arg[j].pred)
         yes |= 1u << j;
   bool p;
   switch (m->mods->mode) {
   case ISA_MODE_ALL:
      p = yes == who;
      break;
   case ISA_MODE_ANY:
      p = yes != 0;
      break;
   case ISA_MODE_UNI:
      p = yes == who || !yes;
      break;
   default: /* ballot */
      return (struct exec_warp_result){yes, yes != 0};
   }
   return (struct exec_warp_result){p, p};
}

static struct exec_warp_result
match(const struct meeting *m, unsigned i)
{
   bool wide = isa_type_bits((enum isa_type)m->mods->type[0]) == 64;
   uint32_t who = members(m, i, true), same = 0;
   for (unsigned j = 0; j < ISA_WARP; j++)
      if (who >> j & 1 &&
          (wide ? m->arg[j].wide == m->arg[i].wide : m->arg[j].a == m->arg[i].a))
         same |= 1u << j;
   if (m->mods->mode == ISA_MODE_ANY)
      return (struct exec_warp_result){same, same != 0};
   return (struct exec_warp_result){same == who ? who : 0, same == who};
}

/* Two values of redux; .f32 as min and max themselves do it. */
static uint32_t
combine(const struct isa_mods *mods, uint32_t x, uint32_t y)
{
   bool is_max = mods->atom == ISA_ATOM_MAX, is_signed = mods->type[0] == ISA_S32;
   switch (mods->atom) {
   case ISA_ATOM_ADD:
      return x + y;
   case ISA_ATOM_AND:
      return x & y;
   case ISA_ATOM_OR:
      return x | y;
   case ISA_ATOM_XOR:
      return x ^ y;
   default:
      break;
   }
   if (mods->type[0] == ISA_F32) {
      struct isa_mods plain = {.type = {ISA_F32}, .flags = mods->flags & ISA_NAN_PROP};
      struct isa_eval e;
      uint32_t d = 0;
      if (isa_eval_get(is_max ? ISA_MAX : ISA_MIN, &plain, &e))
         e.fn(&d, NULL, &x, &y, NULL, NULL, e.mods_word);
      return d;
   }
   bool less = is_signed ? (int32_t)x < (int32_t)y : x < y;
   return less != is_max ? x : y;
}

static struct exec_warp_result
redux(const struct meeting *m, unsigned i)
{
   uint32_t who = members(m, i, true), r = 0;
   bool first = true, magnitude = m->mods->flags & ISA_ABS_FLAG;
   for (unsigned j = 0; j < ISA_WARP; j++) {
      if (!(who >> j & 1))
         continue;
      uint32_t x = magnitude ? m->arg[j].a & 0x7fffffffu : m->arg[j].a;
      r = first ? x : combine(m->mods, r, x);
      first = false;
   }
   /* A single NaN becomes canonical as it would among others. */
   if (m->mods->type[0] == ISA_F32)
      r = combine(m->mods, r, r);
   return (struct exec_warp_result){r, r != 0};
}

static struct exec_warp_result
elect(const struct meeting *m, unsigned i)
{
   uint32_t who = members(m, i, true);
   unsigned leader = who ? (unsigned)__builtin_ctz(who) : i;
   return (struct exec_warp_result){leader, leader == i};
}

static struct exec_warp_result
lane_result(enum isa_op op, const struct meeting *m, unsigned i)
{
   switch ((int)op) {
   case ISA_SHFL:
      return shfl(m, i);
   case ISA_VOTE:
      return vote(m, i);
   case ISA_MATCH:
      return match(m, i);
   case ISA_REDUX:
      return redux(m, i);
   case ISA_ELECT:
      return elect(m, i);
   default: /* activemask; bar.warp has no result */
      return (struct exec_warp_result){m->exec, m->exec != 0};
   }
}

void
isa_warp_eval(enum isa_op op, const struct isa_mods *mods, uint32_t exec,
              const struct exec_warp_arg arg[ISA_WARP],
              struct exec_warp_result result[ISA_WARP])
{
   struct meeting m = {mods, exec, arg};
   for (unsigned i = 0; i < ISA_WARP; i++)
      if (exec >> i & 1)
         result[i] = lane_result(op, &m, i);
}
