/* SPDX-License-Identifier: Apache-2.0
 * Emitted control flow as a graph of nodes, and variables in SSA form over it, so that
 * LLVM is handed phis and has no memory to promote: promotion was half the time that a
 * large kernel took. As Braun et al. 2013 (phis made where a read finds that they are
 * needed), with two things known that they do not know: nodes come in an order in which
 * all edges but those back to loop headers go forward, and for each variable the loops
 * through whose back edges nothing of it is read. */
#include "back/simd/emit.h"

struct edge {
   struct emit_node *from;
   LLVMBasicBlockRef bb;
};

/* A phi whose sources are not all known yet. */
struct pending {
   struct emit_var *x;
   val phi;
};

struct emit_node {
   LLVMBasicBlockRef bb;        /* its first one; others may follow inside */
   const struct ir_block *head; /* the IR block that begins here, or NULL */
   const struct loop *loop;     /* the innermost one it is in */
   struct emit_node *idom;      /* NULL: the first one, or not known */
   struct emit_node *jump;      /* an ancestor further up */
   uint32_t depth, seq;         /* seq: the order of emission, from 1 */
   bool loops, open;            /* has edges back to it; some are still to come */
   bool entered;                /* by flow_return: nothing is known here */
   VEC(struct edge) preds;
   VEC(struct pending) pending;
};

struct memo {
   uint64_t key; /* 0: a free slot */
   val x;        /* NULL: nothing has been written */
};

struct flow {
   VEC(struct emit_node *) nodes;
   struct memo *memos; /* by variable and node: what it holds at the node's end */
   uint32_t slots, used, seq, vars;
   VEC(uint32_t) returns; /* seq of nodes behind flow_return, ascending */
};

struct emit_var {
   type t;
   uint32_t id;
   bool pushed;                 /* written by home's predecessors, read at home */
   const struct ir_block *home; /* where it is read (pushed), else where it is set */
   const struct loop
      *carried;          /* its value is kept through back edges up to this loop's */
   VEC(uint32_t) writes; /* seq of nodes, ascending */
};

void
flow_finish(struct emit *e)
{
   struct flow *w = e->flow;
   if (!w)
      return;
   for (size_t i = 0; i < w->nodes.len; i++) {
      vec_finish(&w->nodes.data[i]->preds);
      vec_finish(&w->nodes.data[i]->pending);
   }
   vec_finish(&w->nodes);
   vec_finish(&w->returns);
   base_free(w->memos);
   base_free(w);
   e->flow = NULL;
}

/* -- Nodes. */
struct emit_node *
flow_node(struct emit *e, const struct ir_block *head, const char *name)
{
   struct emit_node *n = arena_new(e->a, struct emit_node);
   n->bb = emit_new_block(e, name);
   n->head = head;
   for (size_t k = 0; head && k < head->preds.len; k++)
      n->loops |= e->g->order[head->preds.data[k]->id] != UINT32_MAX &&
                  e->g->order[head->preds.data[k]->id] >= e->g->order[head->id];
   n->open = n->loops;
   vec_push(&e->flow->nodes, n);
   return n;
}

/* The lowest node that dominates both; NULL when that is not known. */
static struct emit_node *
common(struct emit_node *a, struct emit_node *b)
{
   while (a != b) {
      if (a->depth < b->depth) {
         struct emit_node *t = a;
         a = b;
         b = t;
      }
      if (a->depth > b->depth)
         a = a->jump && a->jump->depth >= b->depth ? a->jump : a->idom;
      else if (a->jump != b->jump)
         a = a->jump, b = b->jump;
      else
         a = a->idom, b = b->idom;
      if (!a || !b)
         return NULL;
   }
   return a;
}

static struct emit_node *
dominator(const struct emit *e, const struct emit_node *n)
{
   if (n->loops && e->g->irreducible)
      return NULL;
   struct emit_node *d = n->preds.len ? n->preds.data[0].from : NULL;
   for (size_t k = 1; d && k < n->preds.len; k++)
      d = common(d, n->preds.data[k].from);
   return d;
}

void
flow_begin(struct emit *e, struct emit_node *n)
{
   struct emit_node *d = n->idom = dominator(e, n);
   n->seq = ++e->flow->seq;
   n->loop = e->block ? e->g->loop[e->block->id] : NULL;
   if (d) {
      n->depth = d->depth + 1;
      bool skip = d->jump && d->jump->jump &&
                  d->depth - d->jump->depth == d->jump->depth - d->jump->jump->depth;
      n->jump = skip ? d->jump->jump : d;
   }
   e->node = n;
   emit_at(e, n->bb);
}

void
flow_start(struct emit *e)
{
   e->flow = base_calloc(1, sizeof *e->flow);
   e->block = NULL;
   struct emit_node *setup = flow_node(e, NULL, "setup");
   LLVMPositionBuilderAtEnd(e->b, e->entry);
   e->entry_end = LLVMBuildBr(e->b, setup->bb);
   flow_begin(e, setup);
}

static void
add_edge(struct emit *e, struct emit_node *to)
{
   struct edge in = {e->node, LLVMGetInsertBlock(e->b)};
   vec_push(&to->preds, in);
}

void
flow_go(struct emit *e, struct emit_node *to)
{
   add_edge(e, to);
   LLVMBuildBr(e->b, to->bb);
}

void
flow_fork(struct emit *e, val c, struct emit_node *yes, struct emit_node *no)
{
   add_edge(e, yes);
   add_edge(e, no);
   LLVMBuildCondBr(e->b, c, yes->bb, no->bb);
}

void
flow_return(struct emit *e, val place, struct emit_node *on)
{
   add_edge(e, on); /* where control comes from, as far as dominance goes */
   LLVMBuildRet(e->b, place);
   flow_begin(e, on);
   on->entered = true;
   vec_push(&e->flow->returns, on->seq);
}

bool
flow_comes_from(const struct emit *e, const struct emit_node *n)
{
   const struct emit_node *at = e->node;
   while (at != n && at->preds.len == 1 && !at->loops && !at->entered)
      at = at->preds.data[0].from;
   return at == n;
}

/* -- What variables hold, by node. */
static struct memo *
memo_slot(struct flow *w, uint64_t key)
{
   uint32_t at = (uint32_t)((key * 0x9e3779b97f4a7c15ull) >> 32) & (w->slots - 1);
   while (w->memos[at].key && w->memos[at].key != key)
      at = (at + 1) & (w->slots - 1);
   return &w->memos[at];
}

static uint64_t
key_of(const struct emit_var *x, const struct emit_node *n)
{
   return (uint64_t)x->id << 32 | n->seq;
}

static void
memo_set(struct flow *w, uint64_t key, val v)
{
   if (w->used * 2 >= w->slots) {
      struct memo *old = w->memos;
      uint32_t n = w->slots;
      w->slots = n ? n * 2 : 1024;
      w->memos = base_calloc(w->slots, sizeof *w->memos);
      for (uint32_t i = 0; i < n; i++)
         if (old[i].key)
            *memo_slot(w, old[i].key) = old[i];
      base_free(old);
   }
   struct memo *m = memo_slot(w, key);
   w->used += !m->key;
   *m = (struct memo){key, v};
}

static const struct memo *
memo_find(const struct emit *e, const struct emit_var *x, const struct emit_node *n)
{
   if (!e->flow->slots)
      return NULL;
   const struct memo *m = memo_slot(e->flow, key_of(x, n));
   return m->key ? m : NULL;
}

static struct emit_var *
new_var(struct emit *e, type t, const struct ir_block *home)
{
   struct emit_var *x = arena_new(e->a, struct emit_var);
   x->t = t;
   x->id = ++e->flow->vars;
   x->home = home;
   return x;
}

struct emit_var *
flow_var_of_value(struct emit *e, type t, const struct ir_block *home,
                  const struct loop *carried)
{
   struct emit_var *x = new_var(e, t, home);
   x->carried = carried;
   return x;
}

struct emit_var *
flow_var_pushed(struct emit *e, type t, const struct ir_block *home)
{
   struct emit_var *x = new_var(e, t, home);
   x->pushed = true;
   return x;
}

void
flow_set(struct emit *e, struct emit_var *x, val v)
{
   struct emit_node *n = e->node;
   memo_set(e->flow, key_of(x, n), v);
   if (x->writes.len && vec_last(&x->writes) == n->seq)
      return;
   if (x->writes.len == x->writes.cap) {
      uint32_t *old = x->writes.data;
      x->writes.cap = x->writes.cap ? x->writes.cap * 2 : 2;
      x->writes.data = arena_array(e->a, uint32_t, x->writes.cap);
      for (size_t k = 0; k < x->writes.len; k++)
         x->writes.data[k] = old[k];
   }
   x->writes.data[x->writes.len++] = n->seq;
}

/* The last of ascending numbers that is at most n; 0: none is. */
static uint32_t
last_up_to(const uint32_t *a, size_t len, uint32_t n)
{
   size_t lo = 0, hi = len;
   while (lo < hi) {
      size_t mid = (lo + hi) / 2;
      if (a[mid] <= n)
         lo = mid + 1;
      else
         hi = mid;
   }
   return lo ? a[lo - 1] : 0;
}

/* The last node up to n that sets x, if to nothing; 0: none does. */
static uint32_t
last_set(const struct emit *e, const struct emit_var *x, const struct emit_node *n)
{
   const struct flow *w = e->flow;
   uint32_t own = last_up_to(x->writes.data, x->writes.len, n->seq);
   return MAX2(own, last_up_to(w->returns.data, w->returns.len, n->seq));
}

/* What x holds at a loop's header n: */
enum at_header {
   HOLDS_NOTHING, /* what an earlier iteration left is not read */
   HOLDS_OUTER,   /* the loop does not set it */
   HOLDS_EITHER,
};

/* All lanes that there are come to block b. */
static bool
is_nothing_deferred(const struct emit *e, const struct ir_block *b)
{
   return !emit_is_masked(e, b) && bitset_is_empty(&e->deferred[e->g->order[b->id]]);
}

static enum at_header
at_header(const struct emit *e, const struct emit_var *x, const struct emit_node *n)
{
   const struct loop *l = e->g->loop[n->head->id];
   if (e->g->irreducible || !l || l->header != n->head)
      return HOLDS_EITHER;
   if (loop_has(l, x->home)) {
      bool read =
         x->pushed ? x->home == n->head : x->carried && loop_has(x->carried, n->head);
      return read ? HOLDS_EITHER : HOLDS_NOTHING;
   }
   for (size_t k = 0; x->pushed && k < x->home->preds.len; k++)
      if (loop_has(l, x->home->preds.data[k]))
         return HOLDS_EITHER;
   if (!rounds_stop_in(e, l))
      return HOLDS_OUTER;
   return x->pushed && is_nothing_deferred(e, n->head) ? HOLDS_NOTHING : HOLDS_EITHER;
}

static val
zero_unless(const struct emit_var *x, val v)
{
   return v ? v : LLVMConstNull(x->t);
}

static val
new_phi(struct emit *e, const struct emit_var *x, const struct emit_node *n)
{
   LLVMBasicBlockRef at = LLVMGetInsertBlock(e->b);
   val first = LLVMGetFirstInstruction(n->bb);
   if (first)
      LLVMPositionBuilderBefore(e->b, first);
   else
      LLVMPositionBuilderAtEnd(e->b, n->bb);
   val phi = LLVMBuildPhi(e->b, x->t, "");
   LLVMPositionBuilderAtEnd(e->b, at);
   return phi;
}

static val read_at(struct emit *e, struct emit_var *x, struct emit_node *n);

static void
complete(struct emit *e, struct emit_var *x, struct emit_node *n, val phi)
{
   for (size_t k = 0; k < n->preds.len; k++) {
      val in = zero_unless(x, read_at(e, x, n->preds.data[k].from));
      LLVMAddIncoming(phi, &in, &n->preds.data[k].bb, 1);
   }
}

/* The ways into n may differ in what x holds. */
static val
merge(struct emit *e, struct emit_var *x, struct emit_node *n)
{
   if (n->loops) {
      struct pending p = {x, new_phi(e, x, n)};
      memo_set(e->flow, key_of(x, n), p.phi);
      if (n->open)
         vec_push(&n->pending, p);
      else
         complete(e, x, n, p.phi);
      return p.phi;
   }
   bool same = true;
   val first = n->preds.len ? read_at(e, x, n->preds.data[0].from) : NULL;
   for (size_t k = 1; k < n->preds.len; k++)
      same &= read_at(e, x, n->preds.data[k].from) == first;
   if (same)
      return first;
   val phi = new_phi(e, x, n);
   complete(e, x, n, phi);
   return phi;
}

/* x holds the same at n as at all ancestors down to the node of this number. */
static uint32_t
last_change(const struct emit *e, const struct emit_var *x, const struct emit_node *n)
{
   uint32_t seq = last_set(e, x, n);
   if (!x->pushed && !x->carried && !e->rounds)
      return seq;
   for (const struct loop *l = n->loop; l && !e->g->irreducible; l = l->parent) {
      const struct emit_node *h = e->nodes[l->header->id];
      if (h->seq <= seq)
         break;
      if (at_header(e, x, h) != HOLDS_OUTER)
         return h->seq;
   }
   return seq;
}

static struct emit_node *
climb(struct emit_node *n, uint32_t to)
{
   while (n->seq > to && n->idom && n->idom->seq >= to)
      n = n->jump && n->jump->seq >= to ? n->jump : n->idom;
   return n;
}

static val
read_at(struct emit *e, struct emit_var *x, struct emit_node *start)
{
   const struct memo *m = memo_find(e, x, start);
   if (m)
      return m->x;
   uint32_t seq = last_change(e, x, start);
   if (!seq && !e->g->irreducible)
      return NULL;
   struct emit_node *n = climb(start, seq);
   val v = NULL;
   if ((m = memo_find(e, x, n)))
      v = m->x;
   else if (n->entered)
      v = NULL;
   else if (n->seq != seq || !n->loops || at_header(e, x, n) == HOLDS_EITHER)
      v = merge(e, x, n);
   memo_set(e->flow, key_of(x, start), v);
   memo_set(e->flow, key_of(x, n), v);
   return v;
}

val
flow_get(struct emit *e, struct emit_var *x)
{
   return read_at(e, x, e->node);
}

val
flow_get_or_zero(struct emit *e, struct emit_var *x)
{
   return zero_unless(x, flow_get(e, x));
}

void
flow_close(struct emit *e, struct emit_node *n)
{
   n->open = false;
   for (size_t i = 0; i < n->pending.len; i++) {
      struct pending p = n->pending.data[i];
      complete(e, p.x, n, p.phi);
   }
   vec_clear(&n->pending);
}
