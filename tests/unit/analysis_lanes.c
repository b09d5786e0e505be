/* SPDX-License-Identifier: Apache-2.0
 * What the analysis says of lane shapes, against what each lane of each warp holds:
 * random programs without branches, evaluated thread by thread from the definitions of
 * the special registers, for many block shapes. */
#include <stdlib.h>

#include "analysis/analysis.h"
#include "check.h"
#include "pass/pass.h"
#include "ptx/ptx.h"

#define INSTS 40
#define LOADED 7 /* registers that hold special registers and parameters */

static uint64_t seed = 1;

static uint32_t
rnd(uint32_t n)
{
   seed = seed * 6364136223846793005ull + 1442695040888963407ull;
   return (uint32_t)(seed >> 33) % n;
}

/* -- Programs. w32, w64, preds: how many registers of each kind are written. */
struct program {
   struct str text;
   unsigned w32, w64, preds;
   bool small; /* no sum of it ever wraps 32 bits */
};

static uint32_t
constant(const struct program *p)
{
   static const uint32_t odd[] = {0,   1,    2,    4,    31,         32,         33,
                                  63,  64,   96,   127,  0x7fffffff, 0x80000000, ~0u,
                                  ~1u, ~31u, ~32u, 1024, 0xffffff80, 0xfffffc00};
   return p->small ? 1 + rnd(6) : odd[rnd(ARRAY_LEN(odd))];
}

static void
operand(struct program *p, bool may_be_const)
{
   if (may_be_const && !rnd(2))
      str_printf(&p->text, ", %u", constant(p));
   else
      str_printf(&p->text, ", %%r%u", rnd(p->small ? LOADED : p->w32));
}

static void
add_32(struct program *p)
{
   static const char *const any[] = {"add.u32", "sub.u32", "mul.lo.u32", "and.b32",
                                     "or.b32",  "xor.b32", "min.s32",    "max.u32",
                                     "rem.u32", "div.u32", "rem.s32"};
   static const char *const tame[] = {"add.u32", "mul.lo.u32"};
   unsigned d = p->w32;
   switch (rnd(p->small ? 2 : 6)) {
   case 0:
      str_printf(&p->text, "%s %%r%u", p->small ? tame[rnd(2)] : any[rnd(ARRAY_LEN(any))],
                 d);
      operand(p, false);
      operand(p, true);
      break;
   case 1:
      str_printf(&p->text, "mad.lo.u32 %%r%u", d);
      operand(p, false);
      operand(p, true);
      operand(p, true);
      break;
   case 2:
      str_printf(&p->text, "%s %%r%u", rnd(2) ? "shl.b32" : "shr.u32", d);
      operand(p, false);
      str_printf(&p->text, ", %u", rnd(34));
      break;
   case 3:
      str_printf(&p->text, "shr.s32 %%r%u, %%r%u, %u", d, rnd(d), rnd(34));
      break;
   case 4:
      if (p->w64)
         str_printf(&p->text, "cvt.u32.u64 %%r%u, %%d%u", d, rnd(p->w64));
      else
         str_printf(&p->text, "neg.s32 %%r%u, %%r%u", d, rnd(d));
      break;
   default:
      if (p->preds)
         str_printf(&p->text, "selp.b32 %%r%u, %%r%u, %%r%u, %%p%u", d, rnd(d), rnd(d),
                    rnd(p->preds));
      else
         str_printf(&p->text, "not.b32 %%r%u, %%r%u", d, rnd(d));
      break;
   }
   p->w32++;
}

static void
add_64(struct program *p)
{
   static const char *const widen[] = {"cvt.u64.u32", "cvt.s64.s32", "mul.wide.u32",
                                       "mul.wide.s32"};
   unsigned d = p->w64, op = rnd(p->w64 ? 6 : 4);
   if (op < 4) {
      str_printf(&p->text, "%s %%d%u, %%r%u", widen[op], d, rnd(p->w32));
      if (op >= 2)
         str_printf(&p->text, ", %u", constant(p));
   } else if (op == 4) {
      str_printf(&p->text, "add.u64 %%d%u, %%d%u, %%d%u", d, rnd(d), rnd(d));
   } else {
      str_printf(&p->text, "shl.b64 %%d%u, %%d%u, %u", d, rnd(d), rnd(4));
   }
   p->w64++;
}

static void
add_pred(struct program *p)
{
   static const char *const cmp[] = {"lt", "le", "gt", "ge", "eq", "ne"};
   str_printf(&p->text, "setp.%s.%s %%p%u", cmp[rnd(6)], rnd(2) ? "u32" : "s32",
              p->preds);
   operand(p, false);
   operand(p, true);
   p->preds++;
}

static char *
make_program(bool small)
{
   struct program p = {.w32 = LOADED, .small = small};
   str_append(&p.text, ".version 7.8\n.target sm_80\n.address_size 64\n"
                       ".visible .entry k(.param .u32 n)\n{\n"
                       ".reg .u32 %r<99>; .reg .u64 %d<99>; .reg .pred %p<99>;\n"
                       "mov.u32 %r0, %tid.x; mov.u32 %r1, %tid.y; mov.u32 %r2, %tid.z;\n"
                       "mov.u32 %r3, %laneid; mov.u32 %r4, %ctaid.x;\n"
                       "mov.u32 %r5, %ntid.x; ld.param.u32 %r6, [n];\n");
   for (unsigned k = 0; k < INSTS; k++) {
      unsigned what = rnd(8);
      if (what < 5)
         add_32(&p);
      else if (what < 7)
         add_64(&p);
      else
         add_pred(&p);
      str_append(&p.text, ";\n");
   }
   str_append(&p.text, "ret;\n}\n");
   return str_take(&p.text);
}

/* -- One thread. */
struct thread {
   uint32_t tid[3], lane, ctaid, ntid, n;
};

static uint64_t
special(const struct thread *t, unsigned reg)
{
   switch (reg) {
   case ISA_SREG_TID_X:
   case ISA_SREG_TID_Y:
   case ISA_SREG_TID_Z:
      return t->tid[reg - ISA_SREG_TID_X];
   case ISA_SREG_LANEID:
      return t->lane;
   case ISA_SREG_CTAID_X:
      return t->ctaid;
   case ISA_SREG_NTID_X:
      return t->ntid;
   default:
      CHECK(!"a special register of this test");
      return 0;
   }
}

static void
evaluate(const struct ir_func *f, const struct thread *t, uint64_t (*v)[2])
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         if (!i->ndst)
            continue;
         uint64_t *d = v[i->dst[0]->id], junk[2], word;
         d[0] = d[1] = 0;
         if (i->op == ISA_SREG) {
            d[0] = special(t, i->mods.extra);
         } else if (i->op == ISA_LD) {
            d[0] = t->n;
         } else if (i->op == ISA_MOV || i->op == ISA_COPY) {
            d[0] = i->src[0]->kind == IR_CONST ? i->src[0]->bits[0] : v[i->src[0]->id][0];
         } else if (i->op != ISA_ADDR) {
            const char *name;
            const void *s[4] = {NULL};
            isa_eval_fn *fn = isa_eval_find((enum isa_op)i->op, &i->mods, &word, &name);
            if (!CHECK(fn != NULL))
               return;
            for (unsigned k = 0; k < i->nsrc; k++)
               s[k] = i->src[k]->kind == IR_CONST ? i->src[k]->bits : v[i->src[k]->id];
            fn(d, junk, s[0], s[1], s[2], s[3], word);
         }
      }
   }
}

/* -- Claims. */
/* Nothing but widenings makes v's shape conditional. */
static bool
only_widens(const struct lanes *ls, const struct ir_value *v)
{
   if (v->kind != IR_INST || !ls->shape[v->id].conditional)
      return true;
   enum lanes_test t = lanes_test_of(v->def);
   bool all = t == LANES_TEST_NONE || t == LANES_TEST_WIDE;
   for (unsigned k = 0; k < v->def->nsrc; k++)
      all = all && only_widens(ls, v->def->src[k]);
   return all;
}

static uint64_t
displacement(const struct shape *s, unsigned l, uint64_t (*lane)[2])
{
   if (s->kind != SHAPE_OFFSETS)
      return 0;
   uint64_t d = (uint64_t)s->offsets[l];
   if (s->unit) {
      uint64_t unit = lane[s->unit->id][0];
      if (s->unit->width == IR_B32)
         unit = (uint64_t)(int64_t)(int32_t)unit;
      d += (uint64_t)s->times[l] * unit;
   }
   return d;
}

static bool
holds(const struct lanes *ls, const struct ir_value *v, uint64_t (*lanes[])[2],
      unsigned count, bool small)
{
   const struct shape *s = &ls->shape[v->id];
   unsigned bits = ir_width_bits(v->width);
   uint64_t mask = bits == 64 ? ~0ull : (1ull << bits) - 1;
   if (s->kind == SHAPE_VARYING || (s->conditional && !(small && only_widens(ls, v))))
      return true;
   uint64_t base = 0;
   for (unsigned l = 0; l < count; l++) {
      uint64_t off = displacement(s, l, lanes[l]);
      uint64_t mine = (lanes[l][v->id][0] - off) & mask;
      if (l && mine != base)
         return false;
      base = mine;
   }
   uint64_t low = s->align >= 63 ? ~0ull >> 1 : (1ull << s->align) - 1;
   return s->conditional || !(base & low & mask);
}

static void
check_warp(const struct ir_func *f, const struct lanes *l, uint64_t (*lanes[])[2],
           unsigned count, bool small, const char *text, const uint32_t *block)
{
   ir_foreach_block (b, f) {
      ir_foreach_inst (i, b) {
         struct ir_value *v = i->ndst ? i->dst[0] : NULL;
         if (!v || v->kind != IR_INST || i->op == ISA_ADDR)
            continue;
         if (!CHECK(holds(l, v, lanes, count, small)))
            fprintf(stderr, "   block %u %u %u: %s, kind %u align %u, in\n%s\n", block[0],
                    block[1], block[2], v->name ? v->name : "?", l->shape[v->id].kind,
                    l->shape[v->id].align, text);
      }
   }
}

static void
check_block(struct ir_func *f, struct cfg *g, const uint32_t *block, bool small,
            const char *text)
{
   struct arena *a = arena_create();
   struct lanes_config c = {.width = EXEC_WARP};
   memcpy(c.block, block, sizeof c.block);
   struct lanes *l = lanes_compute(f, g, &c, a);
   uint64_t(*lanes[EXEC_WARP])[2];
   for (unsigned k = 0; k < EXEC_WARP; k++)
      lanes[k] = (uint64_t(*)[2])arena_alloc(a, f->value_count * sizeof **lanes);
   uint32_t threads = block[0] * block[1] * block[2];
   struct thread t = {.ctaid = small ? 3 : rnd(~0u), .ntid = block[0]};
   t.n = small ? 5 : rnd(~0u) * 2;
   for (uint32_t first = 0; first < threads; first += EXEC_WARP) {
      unsigned count = MIN2(threads - first, (uint32_t)EXEC_WARP);
      for (unsigned k = 0; k < count; k++) {
         uint32_t at = first + k;
         t.lane = k;
         t.tid[0] = at % block[0];
         t.tid[1] = at / block[0] % block[1];
         t.tid[2] = at / block[0] / block[1];
         evaluate(f, &t, lanes[k]);
      }
      check_warp(f, l, lanes, count, small, text, block);
   }
   arena_destroy(a);
}

static void
check_program(bool small)
{
   static const uint32_t blocks[][3] = {{32, 1, 1}, {256, 1, 1}, {48, 1, 1}, {1, 1, 1},
                                        {33, 1, 1}, {16, 16, 1}, {8, 8, 4},  {8, 2, 8},
                                        {64, 2, 2}, {48, 2, 1},  {1, 64, 1}, {1, 1, 64},
                                        {2, 3, 7},  {4, 8, 2},   {16, 3, 2}, {5, 5, 5}};
   char *text = make_program(small);
   struct diag d;
   diag_init(&d);
   struct ir_module *m = ptx_parse(text, strlen(text), "test", &d);
   struct ir_func *f = m && !d.errors ? m->funcs.data[0] : NULL;
   if (CHECK(f && pass_run_named(f, "ssa", NULL, &d))) {
      struct arena *a = arena_create();
      struct cfg *g = cfg_compute(f, a);
      for (size_t k = 0; k < ARRAY_LEN(blocks); k++)
         check_block(f, g, blocks[k], small, text);
      vec_finish(&g->loops);
      arena_destroy(a);
   } else {
      struct str s = {0};
      diag_print(&d, &s);
      fprintf(stderr, "%s%s", str_get(&s), text);
      str_finish(&s);
   }
   ir_module_destroy(m);
   diag_finish(&d);
   base_free(text);
}

int
main(int argc, char **argv)
{
   unsigned rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 60;
   if (argc > 2)
      seed = strtoull(argv[2], NULL, 0);
   for (unsigned k = 0; k < rounds && !check_failed; k++)
      check_program(k % 4 == 0);
   return check_done();
}
