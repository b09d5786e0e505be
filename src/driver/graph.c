/* SPDX-License-Identifier: Apache-2.0
 * The structure of graphs: nodes, edges, orders, copies. */
#include "graph_priv.h"

#include <string.h>

pthread_mutex_t graph_lock = PTHREAD_MUTEX_INITIALIZER;

struct drv_graph *
graph_new(void)
{
   struct drv_graph *g = base_calloc(1, sizeof *g);
   g->handle = HANDLE(H_GRAPH, g);
   return g;
}

struct drv_node *
node_new(struct drv_graph *g, CUgraphNodeType type)
{
   struct drv_node *n = base_calloc(1, sizeof *n);
   n->graph = g;
   n->op.type = type;
   n->handle = HANDLE(H_NODE, n);
   vec_push(&g->nodes, n);
   return n;
}

void
node_free(struct drv_node *n)
{
   FORGET(n->handle);
   node_clear(n);
   vec_finish(&n->deps);
   base_free(n);
}

void
graph_free(struct drv_graph *g)
{
   if (!g)
      return;
   FORGET(g->handle);
   for (size_t i = 0; i < g->nodes.len; i++)
      node_free(g->nodes.data[i]);
   vec_finish(&g->nodes);
   for (size_t i = 0; i < g->objects.len; i++)
      user_object_release(g->objects.data[i], 1);
   vec_finish(&g->objects);
   base_free(g);
}

void
node_depend(struct drv_node *n, struct drv_node *on, const CUgraphEdgeData *data)
{
   for (size_t i = 0; i < n->deps.len; i++)
      if (n->deps.data[i].from == on)
         return;
   struct edge e = {.from = on};
   if (data)
      e.data = *data;
   vec_push(&n->deps, e);
}

CUresult
graph_find(CUgraph h, struct drv_graph **g)
{
   TRY(driver_initialised());
   *g = FIND(H_GRAPH, h);
   return *g ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

CUresult
node_find(CUgraphNode h, struct drv_node **n)
{
   TRY(driver_initialised());
   *n = FIND(H_NODE, h);
   return *n ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

/* -- Orders. Marks: 0 not seen, 1 being visited, 2 done. */
static void
clear_marks(struct drv_graph *g)
{
   for (size_t i = 0; i < g->nodes.len; i++)
      g->nodes.data[i]->mark = 0;
}

/* Depth first without recursion, as captured graphs are long chains: mark - 2 is the
 * number of dependencies looked at while a node is on the stack. */
bool
graph_order(struct drv_graph *g, struct node_list *out)
{
   enum { DONE = 1, ON_STACK = 2 };
   struct node_list stack = {0};
   bool ok = true;
   clear_marks(g);
   for (size_t i = 0; ok && i < g->nodes.len; i++) {
      if (g->nodes.data[i]->mark == DONE)
         continue;
      g->nodes.data[i]->mark = ON_STACK;
      vec_push(&stack.v, g->nodes.data[i]);
      while (ok && stack.v.len) {
         struct drv_node *n = vec_last(&stack.v);
         size_t next = n->mark - ON_STACK;
         if (next == n->deps.len) {
            n->mark = DONE;
            vec_push(&out->v, n);
            stack.v.len--;
            continue;
         }
         n->mark++;
         struct drv_node *on = n->deps.data[next].from;
         if (!on->mark) {
            on->mark = ON_STACK;
            vec_push(&stack.v, on);
         } else if (on->mark != DONE) {
            ok = false;
         }
      }
   }
   vec_finish(&stack.v);
   return ok;
}

/* Whether `to` is, or comes before, `from`. */
bool
graph_reaches(struct drv_graph *g, struct drv_node *from, const struct drv_node *to)
{
   struct node_list work = {0};
   bool found = false;
   clear_marks(g);
   from->mark = 1;
   vec_push(&work.v, from);
   while (!found && work.v.len) {
      struct drv_node *n = vec_pop(&work.v);
      found = n == to;
      for (size_t i = 0; i < n->deps.len; i++)
         if (!n->deps.data[i].from->mark) {
            n->deps.data[i].from->mark = 1;
            vec_push(&work.v, n->deps.data[i].from);
         }
   }
   vec_finish(&work.v);
   return found;
}

struct drv_graph *
graph_copy(const struct drv_graph *g)
{
   struct drv_graph *c = graph_new();
   for (size_t i = 0; i < g->nodes.len; i++) {
      struct drv_node *n = g->nodes.data[i], *k = node_new(c, n->op.type);
      k->cloned_from = n->handle;
      n->copy = k;
      (void)!node_set(k, &n->op);
      if (n->child) {
         graph_free(k->child);
         k->child = graph_copy(n->child);
         k->child->owner = k;
         k->op.child = k->child->handle;
      }
   }
   for (size_t i = 0; i < g->nodes.len; i++) {
      const struct drv_node *n = g->nodes.data[i];
      for (size_t d = 0; d < n->deps.len; d++)
         node_depend(n->copy, n->deps.data[d].from->copy, &n->deps.data[d].data);
   }
   for (size_t i = 0; i < g->objects.len; i++) {
      user_object_retain(g->objects.data[i], 1);
      vec_push(&c->objects, g->objects.data[i]);
   }
   return c;
}

/* -- Entry points: whole graphs */
#define LOCKED(expr)                                                                     \
   do {                                                                                  \
      pthread_mutex_lock(&graph_lock);                                                   \
      CUresult locked_ = (expr);                                                         \
      pthread_mutex_unlock(&graph_lock);                                                 \
      return locked_;                                                                    \
   } while (0)

API
cuGraphCreate(CUgraph *phGraph, unsigned int flags)
{
   TRY(driver_initialised());
   REQUIRE(phGraph && !flags);
   *phGraph = graph_new()->handle;
   return CUDA_SUCCESS;
}

static CUresult
destroy_graph(CUgraph h)
{
   struct drv_graph *g;
   TRY(graph_find(h, &g));
   REQUIRE(!g->owner && !g->capturing);
   graph_free(g);
   return CUDA_SUCCESS;
}

API
cuGraphDestroy(CUgraph hGraph)
{
   LOCKED(destroy_graph(hGraph));
}

static CUresult
clone_graph(CUgraph *out, CUgraph h)
{
   struct drv_graph *g;
   REQUIRE(out);
   TRY(graph_find(h, &g));
   *out = graph_copy(g)->handle;
   return CUDA_SUCCESS;
}

API
cuGraphClone(CUgraph *phGraphClone, CUgraph originalGraph)
{
   LOCKED(clone_graph(phGraphClone, originalGraph));
}

static CUresult
find_in_clone(CUgraphNode *out, CUgraphNode original, CUgraph clone)
{
   struct drv_graph *g;
   REQUIRE(out);
   TRY(graph_find(clone, &g));
   for (size_t i = 0; i < g->nodes.len; i++)
      if (g->nodes.data[i]->cloned_from == original && original) {
         *out = g->nodes.data[i]->handle;
         return CUDA_SUCCESS;
      }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuGraphNodeFindInClone(CUgraphNode *phNode, CUgraphNode hOriginalNode,
                       CUgraph hClonedGraph)
{
   LOCKED(find_in_clone(phNode, hOriginalNode, hClonedGraph));
}

/* Lists follow one rule: without room only the number is told, with more room than there
 * is to tell the rest is cleared. */
static CUresult
give_nodes(CUgraphNode *out, size_t *n, const struct node_list *have)
{
   size_t room = out ? *n : 0;
   for (size_t i = 0; i < room; i++)
      out[i] = i < have->v.len ? have->v.data[i]->handle : NULL;
   *n = out && room < have->v.len ? room : have->v.len;
   return CUDA_SUCCESS;
}

static CUresult
get_nodes(CUgraph h, CUgraphNode *nodes, size_t *n, bool roots)
{
   struct drv_graph *g;
   REQUIRE(n);
   TRY(graph_find(h, &g));
   struct node_list l = {0};
   for (size_t i = 0; i < g->nodes.len; i++)
      if (!roots || !g->nodes.data[i]->deps.len)
         vec_push(&l.v, g->nodes.data[i]);
   CUresult r = give_nodes(nodes, n, &l);
   vec_finish(&l.v);
   return r;
}

API
cuGraphGetNodes(CUgraph hGraph, CUgraphNode *nodes, size_t *numNodes)
{
   LOCKED(get_nodes(hGraph, nodes, numNodes, false));
}

API
cuGraphGetRootNodes(CUgraph hGraph, CUgraphNode *rootNodes, size_t *numRootNodes)
{
   LOCKED(get_nodes(hGraph, rootNodes, numRootNodes, true));
}

/* -- Edges */
static CUresult
give_edges(struct drv_graph *g, const struct drv_node *only_to,
           const struct drv_node *only_from, CUgraphNode *from, CUgraphNode *to,
           CUgraphEdgeData *data, size_t *n)
{
   size_t room = from || to ? *n : 0, at = 0;
   for (size_t i = 0; i < g->nodes.len; i++) {
      const struct drv_node *node = g->nodes.data[i];
      if (only_to && node != only_to)
         continue;
      for (size_t d = 0; d < node->deps.len; d++) {
         const struct edge *e = &node->deps.data[d];
         if (only_from && e->from != only_from)
            continue;
         if (at < room) {
            static const CUgraphEdgeData plain;
            if (!data && memcmp(&e->data, &plain, sizeof plain))
               return CUDA_ERROR_LOSSY_QUERY;
            if (from)
               from[at] = e->from->handle;
            if (to)
               to[at] = node->handle;
            if (data)
               data[at] = e->data;
         }
         at++;
      }
   }
   for (size_t i = at; i < room; i++) {
      if (from)
         from[i] = NULL;
      if (to)
         to[i] = NULL;
   }
   *n = room && room < at ? room : at;
   return CUDA_SUCCESS;
}

static CUresult
get_edges(CUgraph h, CUgraphNode *from, CUgraphNode *to, CUgraphEdgeData *data, size_t *n)
{
   struct drv_graph *g;
   REQUIRE(n && !from == !to);
   TRY(graph_find(h, &g));
   return give_edges(g, NULL, NULL, from, to, data, n);
}

API
cuGraphGetEdges(CUgraph hGraph, CUgraphNode *from, CUgraphNode *to,
                CUgraphEdgeData *edgeData, size_t *numEdges)
{
   LOCKED(get_edges(hGraph, from, to, edgeData, numEdges));
}

static CUresult
neighbours(CUgraphNode h, CUgraphNode *out, CUgraphEdgeData *data, size_t *n, bool before)
{
   struct drv_node *node;
   REQUIRE(n);
   TRY(node_find(h, &node));
   if (before)
      return give_edges(node->graph, node, NULL, out, NULL, data, n);
   return give_edges(node->graph, NULL, node, NULL, out, data, n);
}

API
cuGraphNodeGetDependencies(CUgraphNode hNode, CUgraphNode *dependencies,
                           CUgraphEdgeData *edgeData, size_t *numDependencies)
{
   LOCKED(neighbours(hNode, dependencies, edgeData, numDependencies, true));
}

API
cuGraphNodeGetDependentNodes(CUgraphNode hNode, CUgraphNode *dependentNodes,
                             CUgraphEdgeData *edgeData, size_t *numDependentNodes)
{
   LOCKED(neighbours(hNode, dependentNodes, edgeData, numDependentNodes, false));
}

static CUresult
change_edges(CUgraph h, const CUgraphNode *from, const CUgraphNode *to,
             const CUgraphEdgeData *data, size_t n, bool add)
{
   struct drv_graph *g;
   TRY(graph_find(h, &g));
   REQUIRE(!n || (from && to));
   for (size_t i = 0; i < n; i++) {
      struct drv_node *a, *b;
      TRY(node_find(from[i], &a));
      TRY(node_find(to[i], &b));
      REQUIRE(a != b && a->graph == g && b->graph == g);
      size_t at = 0;
      while (at < b->deps.len && b->deps.data[at].from != a)
         at++;
      if (add) {
         REQUIRE(at == b->deps.len);
         node_depend(b, a, data ? &data[i] : NULL);
      } else {
         REQUIRE(at < b->deps.len);
         b->deps.data[at] = vec_last(&b->deps);
         b->deps.len--;
      }
   }
   return CUDA_SUCCESS;
}

API
cuGraphAddDependencies(CUgraph hGraph, const CUgraphNode *from, const CUgraphNode *to,
                       const CUgraphEdgeData *edgeData, size_t numDependencies)
{
   LOCKED(change_edges(hGraph, from, to, edgeData, numDependencies, true));
}

API
cuGraphRemoveDependencies(CUgraph hGraph, const CUgraphNode *from, const CUgraphNode *to,
                          const CUgraphEdgeData *edgeData, size_t numDependencies)
{
   LOCKED(change_edges(hGraph, from, to, edgeData, numDependencies, false));
}

static CUresult
destroy_node(CUgraphNode h)
{
   struct drv_node *n;
   TRY(node_find(h, &n));
   if (n->op.type == CU_GRAPH_NODE_TYPE_MEM_ALLOC ||
       n->op.type == CU_GRAPH_NODE_TYPE_MEM_FREE)
      return CUDA_ERROR_NOT_SUPPORTED;
   struct drv_graph *g = n->graph;
   size_t kept = 0;
   for (size_t i = 0; i < g->nodes.len; i++) {
      struct drv_node *k = g->nodes.data[i];
      if (k == n)
         continue;
      size_t left = 0;
      for (size_t d = 0; d < k->deps.len; d++)
         if (k->deps.data[d].from != n)
            k->deps.data[left++] = k->deps.data[d];
      k->deps.len = left;
      g->nodes.data[kept++] = k;
   }
   g->nodes.len = kept;
   node_free(n);
   return CUDA_SUCCESS;
}

API
cuGraphDestroyNode(CUgraphNode hNode)
{
   LOCKED(destroy_node(hNode));
}

API
cuGraphNodeGetType(CUgraphNode hNode, CUgraphNodeType *type)
{
   struct drv_node *n;
   TRY(node_find(hNode, &n));
   REQUIRE(type);
   *type = n->op.type;
   return CUDA_SUCCESS;
}
