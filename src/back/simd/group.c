/* SPDX-License-Identifier: Apache-2.0
 * Loads and stores of one block at constant distances from the same address, done
 * together: lanes that stride over records, or read columns of a tile, move whole pieces
 * of memory that shuffles take apart, in place of a gather for each element. Only bytes
 * that lanes asked for are touched, and only where all lanes are active. */
#include <stdlib.h>

#include "back/simd/group.h"

/* -- Which accesses may move to where the group is done. */
static bool
is_plain(const struct ir_inst *i, enum isa_op op)
{
   return (i->op == (unsigned)op || (op == ISA_LD && i->op == ISA_LDU)) &&
          i->mods.sem == ISA_WEAK;
}

static bool
is_own_space(unsigned space)
{
   return space == ISA_GLOBAL || space == ISA_SHARED || space == ISA_CONST;
}

/* Memory that i accesses cannot be what an access to `space` touches. */
static bool
is_elsewhere(const struct ir_inst *i, unsigned space)
{
   return is_own_space(space) && is_own_space(i->mods.space) && i->mods.space != space;
}

static unsigned
elements(const struct ir_inst *i)
{
   return i->op == ISA_ST ? MAX2(i->mods.vec, 1u) : i->ndst;
}

static bool
is_member(const struct ir_inst *i, const struct ir_inst *first)
{
   if (!is_plain(i, (enum isa_op)first->op) || i->src[0] != first->src[0] ||
       i->mods.space != first->mods.space ||
       isa_type_bits(i->mods.type[0]) != isa_type_bits(first->mods.type[0]))
      return false;
   for (unsigned k = 0; k < i->ndst; k++)
      if (i->dst[k]->kind != IR_INST)
         return false;
   return true;
}

/* What the members may pass on their way together. */
static bool
may_pass(const struct ir_inst *i, const struct ir_inst *first)
{
   if (ir_inst_is_pure(i))
      return true;
   bool load = is_plain(i, ISA_LD), store = is_plain(i, ISA_ST);
   if (first->op != ISA_ST && load)
      return true;
   return (load || store) && is_elsewhere(i, first->mods.space);
}

static bool
add_member(struct emit_group *g, struct ir_inst *i, unsigned bytes)
{
   unsigned n = elements(i);
   if (g->ninsts == EMIT_GROUP_INSTS || g->n + n > EMIT_GROUP_ELEMENTS)
      return false;
   for (unsigned k = 0; k < n; k++) {
      g->owner[g->n + k] = (uint8_t)g->ninsts;
      g->at[g->n + k] = i->offset + (int64_t)(k * bytes);
   }
   g->n += n;
   g->inst[g->ninsts++] = i;
   return true;
}

static void
find_members(struct emit_group *g, struct ir_inst *first, unsigned bytes)
{
   add_member(g, first, bytes);
   unsigned far = 0;
   for (struct ir_inst *i = first->next; i && far++ < EMIT_GROUP_REACH; i = i->next)
      if (is_member(i, first)) {
         if (!add_member(g, i, bytes))
            return;
      } else if (!may_pass(i, first)) {
         return;
      }
}

/* -- Lanes with the same address are one row. */
static void
find_rows(const struct emit *e, struct emit_group *g, const struct shape *s)
{
   g->rows = 0;
   for (unsigned l = 0; l < e->width; l++) {
      int64_t o = s->offsets[l], t = s->unit ? s->times[l] : 0;
      unsigned r = 0;
      while (r < g->rows && (g->row[r].offset != o || g->row[r].times != t))
         r++;
      if (r == g->rows)
         g->row[g->rows++] = (struct emit_row){o, t};
      g->row[r].last_lane = (uint8_t)l;
      g->row_of[l] = (uint8_t)r;
   }
}

/* Vectors a result is made of, each of so many rows. */
static unsigned
lanes_per_vector(const struct emit *e, const struct emit_group *g)
{
   return MIN2(EMIT_PIECE_BYTES / g->bytes, e->width);
}

/* -- Pieces: at most a vector of consecutive bytes, beginning and ending with bytes that
 * were asked for. */
struct place {
   int64_t times, at;
   unsigned element, row;
};

static int
by_place(const void *a, const void *b)
{
   const struct place *x = a, *y = b;
   if (x->times != y->times)
      return x->times < y->times ? -1 : 1;
   return x->at != y->at ? x->at < y->at ? -1 : 1 : 0;
}

static bool
find_pieces(struct emit *e, struct emit_group *g)
{
   unsigned n = g->n * g->rows;
   struct place *p = arena_array(e->a, struct place, n);
   for (unsigned k = 0; k < g->n; k++)
      for (unsigned r = 0; r < g->rows; r++)
         p[k * g->rows + r] =
            (struct place){g->row[r].times, g->row[r].offset + g->at[k], k, r};
   qsort(p, n, sizeof *p, by_place);
   g->pieces = 0;
   for (unsigned i = 0; i < n; i++) {
      struct emit_piece *last = g->pieces ? &g->piece[g->pieces - 1] : NULL;
      int64_t in = last && last->times == p[i].times ? p[i].at - last->at : INT64_MAX;
      if (in > (lanes_per_vector(e, g) - 1) * (int64_t)g->bytes) {
         if (g->pieces == EMIT_PIECES)
            return false;
         last = &g->piece[g->pieces++];
         *last = (struct emit_piece){p[i].times, p[i].at, 0};
         in = 0;
      }
      if (in % g->bytes)
         return false;
      last->n = MAX2(last->n, (unsigned)in / g->bytes + 1);
      g->from[p[i].element][p[i].row].piece = (uint8_t)(g->pieces - 1);
      g->from[p[i].element][p[i].row].index = (uint8_t)(in / g->bytes);
   }
   return true;
}

static unsigned
cost_of_pieces(const struct emit *e, const struct emit_group *g)
{
   unsigned cost = g->pieces, per = lanes_per_vector(e, g);
   for (unsigned k = 0; k < g->n; k++)
      for (unsigned first = 0; first < g->rows; first += per) {
         uint64_t used = 0;
         for (unsigned r = first; r < MIN2(first + per, g->rows); r++)
            used |= 1ull << g->from[k][r].piece;
         cost += MAX2((unsigned)__builtin_popcountll(used), 2u) - 1;
      }
   return cost;
}

/* Four consecutive elements: a group's quads come first, in order of address. */
static unsigned
find_quads(const struct emit *e, struct emit_group *g)
{
   bool taken[EMIT_GROUP_ELEMENTS] = {false};
   g->quads = 0;
   for (unsigned k = 0; k < g->n && g->bytes == 4 && e->width >= 16; k++) {
      uint8_t q[4] = {(uint8_t)k};
      unsigned have = !taken[k];
      for (unsigned j = 1; j < 4 && have == j; j++)
         for (unsigned m = 0; m < g->n && have == j; m++)
            if (!taken[m] && g->at[m] == g->at[k] + 4 * (int64_t)j)
               q[have++] = (uint8_t)m;
      if (have < 4)
         continue;
      for (unsigned j = 0; j < 4; j++) {
         taken[q[j]] = true;
         g->quad[g->quads][j] = q[j];
      }
      g->quads++;
   }
   for (unsigned k = 0; k < g->n; k++)
      g->single[k] = !taken[k];
   return g->quads;
}

static unsigned
cost_of_quads(const struct emit_group *g)
{
   unsigned blocks = (g->rows + 15) / 16;
   return g->quads * (g->rows + 8 * blocks) + (g->n - 4 * g->quads) * g->rows * 3 / 4;
}

/* Products that lead to where rows lie. */
static unsigned
cost_of_units(const struct emit_group *g)
{
   unsigned cost = 0;
   for (unsigned r = 0; r < g->rows; r++)
      cost += g->row[r].times && (!r || g->row[r].times != g->row[r - 1].times) ? 2 : 0;
   return cost;
}

/* Cycles of one gather or scatter of all lanes, roughly. */
#define GATHER_COST 32u

struct emit_group *
emit_group_known(struct emit *e, struct ir_inst *i)
{
   return map_find_n(e->grouped, &i, sizeof i);
}

/* The cheaper way to do it, and what that costs. */
static unsigned
weigh(struct emit *e, struct emit_group *g, bool load)
{
   unsigned quads = find_quads(e, g) || load ? cost_of_quads(g) : UINT32_MAX;
   unsigned pieces = find_pieces(e, g) ? cost_of_pieces(e, g) : UINT32_MAX;
   g->by_pieces = pieces <= quads;
   return MIN2(pieces, quads);
}

struct emit_group *
emit_group_find(struct emit *e, const struct emit_access *a)
{
   struct ir_inst *i = a->i;
   if (e->width == 1 || a->shape.kind != SHAPE_OFFSETS || a->ordered ||
       (a->bits != 32 && a->bits != 64) || !is_member(i, i))
      return NULL;
   struct emit_group *g = arena_new(e->a, struct emit_group);
   g->bytes = a->bits / 8;
   find_members(g, i, g->bytes);
   find_rows(e, g, &a->shape);
   bool load = i->op != ISA_ST;
   unsigned cost = weigh(e, g, load);
   if (load && emit_group_part(g))
      cost = weigh(e, g, load);
   if (!load && (g->by_pieces ? !emit_group_can_store(e, g) : g->n != 4 * g->quads))
      return NULL;
   /* Under a mask both forms are emitted, and this one may never run. */
   if (cost > UINT16_MAX ||
       (cost + cost_of_units(g)) * (a->mask ? 3 : 1) >= g->n * GATHER_COST)
      return NULL;
   for (unsigned k = 0; k < g->ninsts; k++)
      map_set_n(e->grouped, &g->inst[k], sizeof g->inst[k], g);
   return g;
}

/* -- Shuffles. */
static val
shuffle(struct emit *e, val x, val y, const int *from, unsigned n)
{
   val at[EXEC_WARP];
   for (unsigned i = 0; i < n; i++)
      at[i] = from[i] < 0 ? LLVMGetPoison(e->i32) : emit_const(e, 32, (unsigned)from[i]);
   return LLVMBuildShuffleVector(e->b, x, y ? y : LLVMGetPoison(LLVMTypeOf(x)),
                                 LLVMConstVector(at, n), "");
}

/* x with undefined elements behind it, up to n. */
static val
widen(struct emit *e, val x, unsigned n)
{
   int from[EXEC_WARP];
   unsigned have = LLVMGetVectorSize(LLVMTypeOf(x));
   for (unsigned i = 0; i < n; i++)
      from[i] = i < have ? (int)i : -1;
   return have == n ? x : shuffle(e, x, NULL, from, n);
}

val
emit_collect(struct emit *e, val *x, const uint8_t *source, const uint8_t *index,
             unsigned n)
{
   val r = NULL;
   int from[EXEC_WARP];
   bool done[EXEC_WARP] = {false};
   for (unsigned i = 0; i < n; i++) {
      if (done[i])
         continue;
      for (unsigned k = 0; k < n; k++) {
         bool now = source[k] == source[i];
         from[k] = r     ? (done[k] ? (int)k
                            : now   ? (int)(n + index[k])
                                    : -1)
                   : now ? (int)index[k]
                         : -1;
         done[k] |= now;
      }
      /* The second source goes into the first shuffle. */
      unsigned j = i;
      while (!r && j < n && done[j])
         j++;
      for (unsigned k = 0; !r && j < n && k < n; k++)
         if (source[k] == source[j]) {
            from[k] = (int)(n + index[k]);
            done[k] = true;
         }
      r = r ? shuffle(e, r, x[source[i]], from, n)
            : shuffle(e, x[source[i]], j < n ? x[source[j]] : NULL, from, n);
   }
   return r;
}

val
emit_concat(struct emit *e, val x, val y)
{
   int from[EXEC_WARP];
   unsigned n = LLVMGetVectorSize(LLVMTypeOf(x));
   for (unsigned i = 0; i < 2 * n; i++)
      from[i] = (int)i;
   return shuffle(e, x, y, from, 2 * n);
}

/* All lanes' values from vectors of rows. */
static val
lanes_of_rows(struct emit *e, const struct emit_group *g, val *part)
{
   unsigned per = lanes_per_vector(e, g);
   uint8_t source[EXEC_WARP], index[EXEC_WARP];
   val out[EXEC_WARP];
   for (unsigned first = 0; first < e->width; first += per) {
      for (unsigned l = 0; l < per; l++) {
         source[l] = g->row_of[first + l] / (uint8_t)per;
         index[l] = g->row_of[first + l] % (uint8_t)per;
      }
      out[first / per] = emit_collect(e, part, source, index, per);
   }
   for (unsigned n = e->width / per; n > 1; n /= 2)
      for (unsigned k = 0; k < n / 2; k++)
         out[k] = emit_concat(e, out[2 * k], out[2 * k + 1]);
   return out[0];
}

/* -- Addresses. */
static val
pointer(struct emit *e, const struct emit_access *a, val base, int64_t times, int64_t at)
{
   if (times) {
      val k = emit_const(e, 64, (uint64_t)times);
      k = LLVMBuildMul(e->b, emit_unit(e, &a->shape, 64), k, "");
      base = LLVMBuildGEP2(e->b, e->i8, base, &k, 1, "");
   }
   val k = emit_const(e, 64, (uint64_t)at);
   return at ? LLVMBuildGEP2(e->b, e->i8, base, &k, 1, "") : base;
}

static val
load(struct emit *e, const struct emit_access *a, type t, val p)
{
   val x = LLVMBuildLoad2(e->b, t, p, "");
   LLVMSetAlignment(x, a->align);
   return x;
}

/* -- Loads. */
static bool
load_fours(struct emit *e, const struct emit_access *a, val *piece, val *out)
{
   const struct emit_group *g = a->group;
   unsigned per = lanes_per_vector(e, g);
   val to[4];
   if (!emit_group_is_fours(g, per) || !emit_four_apart(e, a, piece, per, to))
      return false;
   for (unsigned k = 0; k < 4; k++)
      out[k] = lanes_of_rows(e, g, &to[g->from[k][0].index]);
   return true;
}

static void
load_pieces(struct emit *e, const struct emit_access *a, val base, val *out)
{
   const struct emit_group *g = a->group;
   unsigned per = lanes_per_vector(e, g);
   val piece[EMIT_PIECES], part[EXEC_WARP];
   for (unsigned w = 0; w < g->pieces; w++) {
      val p = pointer(e, a, base, g->piece[w].times, g->piece[w].at);
      piece[w] = widen(e, load(e, a, LLVMVectorType(a->elem, g->piece[w].n), p), per);
   }
   if (load_fours(e, a, piece, out))
      return;
   for (unsigned k = 0; k < g->n; k++) {
      for (unsigned first = 0; first < g->rows; first += per) {
         uint8_t source[EXEC_WARP], index[EXEC_WARP];
         for (unsigned r = 0; r < per; r++) {
            unsigned row = MIN2(first + r, g->rows - 1);
            source[r] = g->from[k][row].piece;
            index[r] = g->from[k][row].index;
         }
         part[first / per] = emit_collect(e, piece, source, index, per);
      }
      out[k] = lanes_of_rows(e, g, part);
   }
}

/* The 4 x 4 blocks of four vectors of 16, transposed. */
static void
transpose_quads(struct emit *e, val x[4])
{
   int lo[16], hi[16], left[16], right[16];
   for (int i = 0; i < 16; i++) {
      int block = i / 4 * 4, j = i % 4;
      lo[i] = block + j / 2 + j % 2 * 16;
      hi[i] = lo[i] + 2;
      left[i] = block + j % 2 + j / 2 * 16;
      right[i] = left[i] + 2;
   }
   val a = shuffle(e, x[0], x[1], lo, 16), b = shuffle(e, x[0], x[1], hi, 16);
   val c = shuffle(e, x[2], x[3], lo, 16), d = shuffle(e, x[2], x[3], hi, 16);
   x[0] = shuffle(e, a, c, left, 16);
   x[1] = shuffle(e, a, c, right, 16);
   x[2] = shuffle(e, b, d, left, 16);
   x[3] = shuffle(e, b, d, right, 16);
}

static void
load_quads(struct emit *e, const struct emit_access *a, val base, val *out)
{
   const struct emit_group *g = a->group;
   type four = LLVMVectorType(a->elem, 4);
   for (unsigned q = 0; q < g->quads; q++) {
      val part[4][2];
      for (unsigned first = 0; first < g->rows; first += 16) {
         val x[4];
         for (unsigned j = 0; j < 4; j++) {
            val row[4];
            for (unsigned k = 0; k < 4; k++) {
               const struct emit_row *r = &g->row[MIN2(first + 4 * k + j, g->rows - 1)];
               int64_t at = r->offset + g->at[g->quad[q][0]];
               row[k] = load(e, a, four, pointer(e, a, base, r->times, at));
            }
            x[j] = emit_concat(e, emit_concat(e, row[0], row[1]),
                               emit_concat(e, row[2], row[3]));
         }
         transpose_quads(e, x);
         for (unsigned j = 0; j < 4; j++)
            part[j][first / 16] = x[j];
      }
      for (unsigned j = 0; j < 4; j++)
         out[g->quad[q][j]] = lanes_of_rows(e, g, part[j]);
   }
}

static void
load_singles(struct emit *e, const struct emit_access *a, val base, val *out)
{
   const struct emit_group *g = a->group;
   unsigned per = lanes_per_vector(e, g);
   for (unsigned k = 0; k < g->n; k++) {
      val part[EXEC_WARP];
      if (!g->single[k])
         continue;
      for (unsigned r = 0; r < g->rows; r++) {
         if (r % per == 0)
            part[r / per] = LLVMGetPoison(LLVMVectorType(a->elem, per));
         int64_t at = g->row[r].offset + g->at[k];
         val x = load(e, a, a->elem, pointer(e, a, base, g->row[r].times, at));
         part[r / per] = LLVMBuildInsertElement(e->b, part[r / per], x,
                                                emit_const(e, 32, r % per), "");
      }
      out[k] = lanes_of_rows(e, g, part);
   }
}

void
emit_group_load(struct emit *e, const struct emit_access *a, val base, val *out)
{
   if (a->group->by_pieces) {
      load_pieces(e, a, base, out);
      return;
   }
   load_quads(e, a, base, out);
   load_singles(e, a, base, out);
}

/* -- Stores. */
/* Every byte of every piece is written, and of rows that may turn out to be the same one
 * the higher lanes' comes later. */
bool
emit_group_can_store(const struct emit *e, const struct emit_group *g)
{
   for (unsigned l = 1; l < e->width; l++)
      if (g->row[g->row_of[l]].times < g->row[g->row_of[l - 1]].times)
         return false;
   for (unsigned w = 0; w < g->pieces; w++) {
      uint64_t filled = 0;
      for (unsigned k = 0; k < g->n; k++)
         for (unsigned r = 0; r < g->rows; r++)
            if (g->from[k][r].piece == w)
               filled |= 1ull << g->from[k][r].index;
      if (filled != (2ull << (g->piece[w].n - 1)) - 1)
         return false;
   }
   return true;
}

static void
store(struct emit *e, const struct emit_access *a, val x, val p)
{
   emit_store_row(e, a, &x, 1, p);
}

/* n elements of x, a power of two at a time. */
static void
store_piece(struct emit *e, const struct emit_access *a, val x, unsigned n, val p)
{
   int from[EXEC_WARP];
   for (unsigned at = 0, size; at < n; at += size) {
      size = 1u << (31 - __builtin_clz(n - at));
      for (unsigned i = 0; i < size; i++)
         from[i] = (int)(at + i);
      val k = emit_const(e, 64, at * (a->bits / 8));
      store(e, a, shuffle(e, x, NULL, from, size),
            at ? LLVMBuildGEP2(e->b, e->i8, p, &k, 1, "") : p);
   }
}

/* Of lanes that write one place the highest wins, of instructions the last. */
static void
store_pieces(struct emit *e, const struct emit_access *a, val base, val *x)
{
   const struct emit_group *g = a->group;
   unsigned per = lanes_per_vector(e, g), parts = e->width / per;
   val part[EMIT_GROUP_ELEMENTS * EXEC_WARP / 8];
   for (unsigned k = 0; k < g->n; k++)
      emit_split(e, x[k], per, part + k * parts);
   for (unsigned w = 0; w < g->pieces; w++) {
      uint8_t source[EXEC_WARP] = {0}, index[EXEC_WARP] = {0};
      unsigned first = UINT32_MAX;
      for (unsigned k = 0; k < g->n; k++)
         for (unsigned r = 0; r < g->rows; r++) {
            if (g->from[k][r].piece != w)
               continue;
            unsigned at = g->from[k][r].index, lane = g->row[r].last_lane;
            source[at] = (uint8_t)(k * parts + lane / per);
            index[at] = (uint8_t)(lane % per);
            first = MIN2(first, at);
         }
      for (unsigned i = g->piece[w].n; i < per; i++) {
         source[i] = source[first];
         index[i] = index[first];
      }
      val p = pointer(e, a, base, g->piece[w].times, g->piece[w].at);
      store_piece(e, a, emit_collect(e, part, source, index, per), g->piece[w].n, p);
   }
}

static void
store_quads(struct emit *e, const struct emit_access *a, val base, val *out)
{
   const struct emit_group *g = a->group;
   for (unsigned q = 0; q < g->quads; q++) {
      val x[4], part[4][2];
      for (unsigned j = 0; j < 4; j++)
         emit_split(e, out[g->quad[q][j]], 16, part[j]);
      for (unsigned first = 0; first < e->width; first += 16) {
         for (unsigned j = 0; j < 4; j++)
            x[j] = part[j][first / 16];
         transpose_quads(e, x);
         for (unsigned l = 0; l < 16; l++) {
            const struct emit_row *r = &g->row[g->row_of[first + l]];
            int from[4];
            for (unsigned j = 0; j < 4; j++)
               from[j] = (int)(l / 4 * 4 + j);
            int64_t at = r->offset + g->at[g->quad[q][0]];
            store(e, a, shuffle(e, x[l % 4], NULL, from, 4),
                  pointer(e, a, base, r->times, at));
         }
      }
   }
}

void
emit_group_store(struct emit *e, const struct emit_access *a, val base, val *x)
{
   if (a->group->by_pieces)
      store_pieces(e, a, base, x);
   else
      store_quads(e, a, base, x);
}
