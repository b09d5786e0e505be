/* SPDX-License-Identifier: Apache-2.0
 * Facts about a function in SSA form, computed on demand and owned by the caller's arena.
 * They are indexed by block id and value id: call ir_func_renumber first. */
#ifndef KASURI_ANALYSIS_H
#define KASURI_ANALYSIS_H

#include "back/exec/exec.h"
#include "ir/ir.h"

/* -- Bit sets over small dense ids. */
struct bitset {
   uint64_t *w;
   uint32_t n; /* bits */
};
struct bitset bitset_new(struct arena *a, uint32_t n);
static inline bool
bitset_has(const struct bitset *s, uint32_t i)
{
   return s->w[i / 64] >> (i % 64) & 1;
}

static inline bool
bitset_is_empty(const struct bitset *s)
{
   for (uint32_t w = 0; w <= s->n / 64; w++)
      if (s->w[w])
         return false;
   return true;
}
static inline void
bitset_add(struct bitset *s, uint32_t i)
{
   s->w[i / 64] |= 1ull << (i % 64);
}
static inline void
bitset_remove(struct bitset *s, uint32_t i)
{
   s->w[i / 64] &= ~(1ull << (i % 64));
}
bool bitset_union(struct bitset *d, const struct bitset *s); /* true when d grew */

/* -- Control flow: reverse post order, dominators, loops. */
struct loop {
   struct loop *parent;
   struct ir_block *header, *latch; /* latch: NULL when there are several */
   uint32_t depth;                  /* 1 for an outermost loop */
   struct bitset blocks;            /* ids, inner loops' included */
   bool divergent;                  /* lanes may leave in different iterations */
   bool polls;                      /* waits for another thread's store */
   uint32_t index;
};

struct cfg {
   struct ir_func *func;
   uint32_t n;            /* blocks */
   struct ir_block **rpo; /* reachable blocks, loops contiguous, latch last in its loop */
   uint32_t nrpo;
   uint32_t *order;        /* by block id: position in rpo, UINT32_MAX when unreachable */
   struct ir_block **idom; /* by block id; NULL for the entry */
   struct ir_block **ipdom;  /* by block id; NULL: the function's end */
   struct loop **loop;       /* by block id: innermost loop, NULL outside */
   VEC(struct loop *) loops; /* outer before inner */
   bool irreducible;
};
struct cfg *cfg_compute(struct ir_func *f, struct arena *a);
bool cfg_dominates(const struct cfg *g, const struct ir_block *a,
                   const struct ir_block *b);
/* Positions in rpo of the blocks of l, an inner loop's included. */
#define loop_foreach_block(o, g, l)                                                      \
   for (uint32_t o = (g)->order[(l)->header->id];                                        \
        o < (g)->nrpo && loop_has((l), (g)->rpo[o]); o++)
bool loop_is_innermost(const struct cfg *g, const struct loop *l);
/* b does nothing but leave the function. */
bool cfg_leads_out(const struct ir_block *b);
static inline bool
loop_has(const struct loop *l, const struct ir_block *b)
{
   return bitset_has(&l->blocks, b->id);
}

/* -- Liveness: which values (ids) are still read, by block id. */
struct liveness {
   struct bitset *in,
      *out;       /* at a block's begin (its phis' results not counted) and end */
   uint32_t most; /* values alive at once anywhere */
   bool seen;     /* every block was visited once */
};
struct liveness *liveness_compute(const struct ir_func *f, const struct cfg *g,
                                  struct arena *a);

/* -- Lane shapes: how a value differs between the lanes of a warp that execute together.
 */
enum shape_kind {
   SHAPE_UNIFORM, /* the same in all active lanes */
   /* lane l holds base + offsets[l] + times[l] * unit (modulo its width), base uniform */
   SHAPE_OFFSETS,
   SHAPE_VARYING,
};
struct shape {
   uint8_t kind;
   /* The value is OFFSETS only where a test of its instruction (lanes_test_of), or of one
    * that it is computed from, holds at run time; the lane-wise form is right always. */
   bool conditional;
   uint8_t align; /* low bits of the base (or of the uniform value) known to be zero */
   /* One entry a lane, interned: equal pointers, equal vectors. */
   const int64_t *offsets, *times;
   const struct ir_value *unit; /* uniform, taken as signed; NULL: there are no times */
};

/* What a conditional value's own instruction asks of the scalar forms of its sources. */
enum lanes_test {
   LANES_TEST_NONE,
   LANES_TEST_WIDE,    /* base + displacement stays within 32 bits as they are widened */
   LANES_TEST_AND,     /* the mask changes the base alone */
   LANES_TEST_CLEAR,   /* or, xor: the other side changes the base alone */
   LANES_TEST_REM,     /* all lanes fall behind the same multiple of the divisor */
   LANES_TEST_EXTREME, /* min, max: all lanes choose the side that has offsets */
};
enum lanes_test lanes_test_of(const struct ir_inst *i);
/* Whether what LANES_TEST_WIDE looks at is widened as signed numbers. */
bool lanes_widens_signed(const struct ir_inst *i);

/* Widenings that code supposes not to wrap: it tests the value there, or has done so. */
enum { LANES_TESTED_HERE = 1, LANES_TESTED_BEFORE };

/* What the launch tells the analysis. */
struct lanes_config {
   uint32_t width;    /* lanes that execute together, EXEC_WARP at most */
   uint32_t block[3]; /* block shape; 0,0,0 when unknown */
   bool small_grid;   /* blocks times threads fit 31 bits in each dimension */
   /* By block id, or NULL: branches that are taken to go the same way in all lanes
    * because the code tests it first (lanes_find_guards). */
   const bool *assume;
   /* By value id, or NULL: widenings that the code has tested (lanes_find_widenings). */
   const uint8_t *tested;
};
struct lanes {
   const struct lanes_config *config;
   struct shape *shape; /* by value id */
   uint64_t *max;       /* by value id: no lane's value is above it, read as unsigned */
   bool *divergent_branch; /* by block id: its terminator splits the warp */
   bool *masked;           /* by block id: only some of the warp's lanes may be here */
   bool *split;            /* masked, and lanes that are not here may still be running */
   /* By block id, or NULL: the lanes that can be here at all; and whether, of a warp that
    * is whole and passes what is assumed, these come or none. */
   uint32_t *here;
   bool *whole;
   /* By value id, or NULL: bits of a lane's number that make no difference, as the warp
    * has exchanged values. */
   uint8_t *alike;
   bool lost; /* a phi varies for a conditional source alone */
   struct map *interned;
   struct arena *arena;
};
/* Solves divergence and shapes together, and sets loop->divergent. */
struct lanes *lanes_compute(struct ir_func *f, struct cfg *g,
                            const struct lanes_config *c, struct arena *a);
/* No lane's v is above it, read as unsigned; UINT64_MAX: nothing is known. */
uint64_t lanes_bound(const struct lanes *l, const struct ir_value *v);
/* Marks branches by which lanes leave the kernel before it has done anything that can be
 * seen: `if (i >= n) return`. Code may suppose that no lane leaves, and start again with
 * masks where one does. Returns how many. */
unsigned lanes_find_guards(const struct cfg *g, const struct lanes *l, bool *guard);
/* Marks, there too, widenings from 32 to 64 bits that make a shape conditional: code may
 * test them once and start again where one wraps. Returns how many; those of the same
 * values further down are marked as tested before. */
unsigned lanes_find_widenings(const struct cfg *g, const struct lanes *l,
                              uint8_t *tested);
/* Whether every component of %tid is a base plus offsets for blocks of this shape, so
 * many lanes at a time. */
bool lanes_tid_is_regular(const uint32_t block[3], uint32_t width);
/* Of a shuffle whose lane and clamp are constants: the lane that each one's value comes
 * from, and which of them are in range. False: it is none. */
bool lanes_shfl_sources(const struct ir_inst *i, uint8_t from[EXEC_WARP],
                        uint32_t *in_range);
/* Each lane's result is made of its own operands, and nothing else happens. */
bool lanes_is_lane_wise(const struct ir_inst *i);
/* All lanes' results are the same, as the warp has exchanged values. */
bool lanes_all_alike(const struct lanes *l, const struct ir_value *v);
/* The shape of v as block b sees it: a value taken out of a divergent loop is varying,
 * one that the lanes which can be in b agree on is uniform. */
struct shape lanes_shape_at(const struct lanes *l, const struct cfg *g,
                            const struct ir_value *v, const struct ir_block *b);
struct shape lanes_base_shape(const struct lanes *l, const struct cfg *g,
                              const struct ir_value *v, const struct ir_block *b);
/* The stride where lane l holds base + l * stride for all lanes; false otherwise. */
bool shape_stride(const struct shape *s, unsigned width, int64_t *stride);

/* -- Alignment of addresses. */
struct alignment_need {
   uint32_t offset, zeros; /* low bits that are zero of the argument at this offset */
};
struct alignment_needs {
   struct alignment_need *of;
   uint32_t n;
};
/* Says of each access which of its addresses are known to be multiples of its size
 * (aligned). arguments: they are supposed to be as accesses need them, which is what it
 * returns. */
struct alignment_needs alignment_mark(struct ir_func *f, const struct cfg *g,
                                      bool arguments, struct arena *a);
#define ALIGNMENT_ADDRESSES 2 /* at most: i's first sources */
/* The low bits of source k that must be zero, where i takes it for an address; else 0. */
unsigned alignment_wanted(const struct ir_inst *i, unsigned k);
/* What is added to source k first. */
static inline uint64_t
alignment_offset(const struct ir_inst *i, unsigned k)
{
   return k ? 0 : (uint64_t)i->offset;
}

/* -- Waiting: which loops poll for another thread, and the mode a kernel needs. */
struct mode_choice {
   enum exec_mode mode;
   /* Warps wait for nothing but all others of the block, at one barrier: it is as if all
    * ran in turn from one barrier to the next. */
   bool rounds;
   const char *why; /* one phrase for --verbose and for forced-mode errors */
   struct src_loc loc;
};
struct mode_choice mode_choose(struct ir_func *f, struct cfg *g, struct lanes *l);

#endif
