/* SPDX-License-Identifier: Apache-2.0
 * Graphs: nodes that hold one operation each and know what they depend on. graph.c keeps
 * the structure, graph_node.c the operations, graph_exec.c runs them, capture.c records
 * them from streams. One lock guards them all, as graphs are built far from hot paths. */
#ifndef KASURI_GRAPH_PRIV_H
#define KASURI_GRAPH_PRIV_H

#include "driver_priv.h"

struct drv_graph;
struct edge {
   struct drv_node *from;
   CUgraphEdgeData data;
};

struct drv_node {
   CUgraphNode handle;
   struct drv_graph *graph;
   struct op op;
   uint8_t *params;         /* kernel: owned copy of the parameters */
   void **param_list;       /* what cuGraphKernelNodeGetParams hands out */
   struct drv_graph *child; /* owned */
   VEC(struct edge) deps;
   CUgraphNode cloned_from;
   struct drv_node *copy; /* scratch while cloning */
   unsigned mark;         /* scratch of searches */
};

struct drv_graph {
   CUgraph handle;
   VEC(struct drv_node *) nodes; /* in order of creation */
   VEC(struct drv_user_object *) objects;
   struct drv_node *owner;    /* of a child graph */
   struct capture *capturing; /* being built by a stream */
};

extern pthread_mutex_t graph_lock;

/* -- user_object.c */
struct drv_user_object;
void user_object_retain(struct drv_user_object *o, unsigned n);
bool user_object_release(struct drv_user_object *o, unsigned n); /* false: not so many */

/* -- graph.c; all with the lock held */
struct drv_graph *graph_new(void);
void graph_free(struct drv_graph *g);
struct drv_graph *graph_copy(const struct drv_graph *g);
struct drv_node *node_new(struct drv_graph *g, CUgraphNodeType type);
void node_free(struct drv_node *n);
void node_depend(struct drv_node *n, struct drv_node *on, const CUgraphEdgeData *data);
CUresult graph_find(CUgraph h, struct drv_graph **g);
CUresult node_find(CUgraphNode h, struct drv_node **n);
/* All nodes so that each comes after what it depends on. False: there is a cycle. */
struct node_list {
   VEC(struct drv_node *) v;
};
bool graph_order(struct drv_graph *g, struct node_list *out);
bool graph_reaches(struct drv_graph *g, struct drv_node *from, const struct drv_node *to);

/* -- graph_node.c */
/* Takes over what op says, with copies of all that it points at. */
CUresult node_set(struct drv_node *n, const struct op *op);
void node_clear(struct drv_node *n);
/* An operation made from the API's structures; *heap holds a kernel's parameters. */
CUresult op_from_kernel(struct op *op, const CUDA_KERNEL_NODE_PARAMS *p, uint8_t **heap);
CUresult op_from_any(struct op *op, const CUgraphNodeParams *p, uint8_t **heap);
CUresult op_from_memset(struct op *op, const CUDA_MEMSET_NODE_PARAMS *p);
CUresult node_add(CUgraphNode *out, CUgraph h, const CUgraphNode *deps,
                  const CUgraphEdgeData *data, size_t n, const struct op *op);

/* Memory of allocation nodes: there from the node's creation, until nobody needs it. */
CUresult graph_memory_new(struct drv_ctx *c, size_t size, CUdeviceptr *p);
void graph_memory_ref(CUdeviceptr p);
void graph_memory_unref(CUdeviceptr p);
/* True when p is such memory: a free then only says that its user is done. */
bool graph_memory_freed(CUdeviceptr p);

#endif
