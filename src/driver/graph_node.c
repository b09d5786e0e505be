/* SPDX-License-Identifier: Apache-2.0
 * What graph nodes do: made from the API's structures, read back, and changed. */
#include "graph_priv.h"

#include <string.h>

void
node_clear(struct drv_node *n)
{
   if (n->op.type == CU_GRAPH_NODE_TYPE_MEM_ALLOC && n->op.alloc.dptr)
      graph_memory_unref(n->op.alloc.dptr);
   base_free(n->params);
   base_free(n->param_list);
   n->params = NULL;
   n->param_list = NULL;
   graph_free(n->child);
   n->child = NULL;
}

CUresult
node_set(struct drv_node *n, const struct op *op)
{
   struct drv_graph *child = NULL;
   if (op->type == CU_GRAPH_NODE_TYPE_GRAPH) {
      struct drv_graph *from = FIND(H_GRAPH, op->child);
      REQUIRE(from && from != n->graph);
      child = graph_copy(from);
      child->owner = n;
   }
   uint8_t *params = NULL;
   if (op->type == CU_GRAPH_NODE_TYPE_KERNEL && op->kernel.l.param_bytes) {
      params = base_alloc(op->kernel.l.param_bytes);
      memcpy(params, op->kernel.l.params, op->kernel.l.param_bytes);
   }
   if (op->type == CU_GRAPH_NODE_TYPE_MEM_ALLOC && op->alloc.dptr)
      graph_memory_ref(op->alloc.dptr);
   node_clear(n);
   n->op = *op;
   n->params = params;
   n->child = child;
   if (params)
      n->op.kernel.l.params = params;
   if (child)
      n->op.child = child->handle;
   return CUDA_SUCCESS;
}

/* -- Operations from structures */
CUresult
op_from_kernel(struct op *op, const CUDA_KERNEL_NODE_PARAMS *p, uint8_t **heap)
{
   *heap = NULL;
   REQUIRE(p);
   CUfunction f = p->func ? p->func : (CUfunction)p->kern;
   const unsigned grid[] = {p->gridDimX, p->gridDimY, p->gridDimZ};
   const unsigned block[] = {p->blockDimX, p->blockDimY, p->blockDimZ};
   for (int i = 0; i < 3; i++)
      REQUIRE(grid[i] && block[i]);
   struct drv_ctx *c = p->ctx ? FIND(H_CONTEXT, p->ctx) : NULL;
   return op_kernel(op, c, f, grid, block, p->sharedMemBytes, p->kernelParams, p->extra,
                    NULL, 0, heap);
}

CUresult
op_from_memset(struct op *op, const CUDA_MEMSET_NODE_PARAMS *p)
{
   REQUIRE(p);
   return op_fill(op, p->dst, p->pitch, p->value, p->elementSize, p->width, p->height);
}

static CUresult
add_locked(CUgraphNode *out, CUgraph h, const CUgraphNode *deps,
           const CUgraphEdgeData *data, size_t n, const struct op *op)
{
   struct drv_graph *g;
   TRY(graph_find(h, &g));
   REQUIRE(out && (!n || deps));
   for (size_t i = 0; i < n; i++) {
      struct drv_node *d;
      TRY(node_find(deps[i], &d));
      REQUIRE(d->graph == g);
      for (size_t k = 0; k < i; k++)
         REQUIRE(deps[k] != deps[i]);
   }
   struct drv_node *node = node_new(g, CU_GRAPH_NODE_TYPE_EMPTY);
   CUresult r = node_set(node, op);
   if (r) {
      g->nodes.len--;
      node_free(node);
      return r;
   }
   for (size_t i = 0; i < n; i++)
      node_depend(node, FIND(H_NODE, deps[i]), data ? &data[i] : NULL);
   *out = node->handle;
   return CUDA_SUCCESS;
}

CUresult
node_add(CUgraphNode *out, CUgraph h, const CUgraphNode *deps,
         const CUgraphEdgeData *data, size_t n, const struct op *op)
{
   pthread_mutex_lock(&graph_lock);
   CUresult r = add_locked(out, h, deps, data, n, op);
   pthread_mutex_unlock(&graph_lock);
   return r;
}

static CUresult
set_locked(CUgraphNode h, const struct op *op)
{
   pthread_mutex_lock(&graph_lock);
   struct drv_node *n;
   CUresult r = node_find(h, &n);
   if (!r)
      r = n->op.type == op->type ? node_set(n, op) : CUDA_ERROR_INVALID_VALUE;
   pthread_mutex_unlock(&graph_lock);
   return r;
}

static CUresult
typed(CUgraphNode h, CUgraphNodeType type, struct drv_node **n)
{
   TRY(node_find(h, n));
   return (*n)->op.type == type ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

/* -- Kernels */
API
cuGraphAddKernelNode_v2(CUgraphNode *phGraphNode, CUgraph hGraph,
                        const CUgraphNode *dependencies, size_t numDependencies,
                        const CUDA_KERNEL_NODE_PARAMS *nodeParams)
{
   struct op op;
   uint8_t *heap;
   TRY(op_from_kernel(&op, nodeParams, &heap));
   CUresult r = node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
   base_free(heap);
   return r;
}

API
cuGraphKernelNodeGetParams_v2(CUgraphNode hNode, CUDA_KERNEL_NODE_PARAMS *nodeParams)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_KERNEL, &n));
   REQUIRE(nodeParams);
   if (!FIND(H_FUNCTION, n->op.kernel.func))
      return CUDA_ERROR_INVALID_HANDLE;
   const struct device_launch *l = &n->op.kernel.l;
   const struct ir_func *ir = device_func_ir(l->func);
   pthread_mutex_lock(&graph_lock);
   if (!n->param_list && ir->nparams) {
      n->param_list = base_calloc(ir->nparams, sizeof *n->param_list);
      for (uint32_t i = 0; i < ir->nparams; i++)
         n->param_list[i] = n->params + ir->params[i].offset;
   }
   pthread_mutex_unlock(&graph_lock);
   *nodeParams = (CUDA_KERNEL_NODE_PARAMS){
      .func = n->op.kernel.func,
      .gridDimX = l->grid[0],
      .gridDimY = l->grid[1],
      .gridDimZ = l->grid[2],
      .blockDimX = l->block[0],
      .blockDimY = l->block[1],
      .blockDimZ = l->block[2],
      .sharedMemBytes = l->dynamic_shared,
      .kernelParams = n->param_list,
   };
   return CUDA_SUCCESS;
}

API
cuGraphKernelNodeSetParams_v2(CUgraphNode hNode,
                              const CUDA_KERNEL_NODE_PARAMS *nodeParams)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_KERNEL, &n));
   struct op op;
   uint8_t *heap;
   TRY(op_from_kernel(&op, nodeParams, &heap));
   op.kernel.l.cooperative = n->op.kernel.l.cooperative;
   memcpy(op.kernel.l.cluster, n->op.kernel.l.cluster, sizeof op.kernel.l.cluster);
   CUresult r = set_locked(hNode, &op);
   base_free(heap);
   return r;
}

API
cuGraphKernelNodeGetAttribute(CUgraphNode hNode, CUkernelNodeAttrID attr,
                              CUkernelNodeAttrValue *value_out)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_KERNEL, &n));
   REQUIRE(value_out);
   const struct device_launch *l = &n->op.kernel.l;
   memset(value_out, 0, sizeof *value_out);
   switch ((int)attr) {
   case CU_LAUNCH_ATTRIBUTE_COOPERATIVE:
      value_out->cooperative = l->cooperative;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION:
      value_out->clusterDim.x = l->cluster[0];
      value_out->clusterDim.y = l->cluster[1];
      value_out->clusterDim.z = l->cluster[2];
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      value_out->priority = n->op.kernel.priority;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuGraphKernelNodeSetAttribute(CUgraphNode hNode, CUkernelNodeAttrID attr,
                              const CUkernelNodeAttrValue *value)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_KERNEL, &n));
   REQUIRE(value);
   switch ((int)attr) {
   case CU_LAUNCH_ATTRIBUTE_COOPERATIVE:
      n->op.kernel.l.cooperative = value->cooperative != 0;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION:
      n->op.kernel.l.cluster[0] = value->clusterDim.x;
      n->op.kernel.l.cluster[1] = value->clusterDim.y;
      n->op.kernel.l.cluster[2] = value->clusterDim.z;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_PRIORITY:
      n->op.kernel.priority = value->priority;
      return CUDA_SUCCESS;
   case CU_LAUNCH_ATTRIBUTE_ACCESS_POLICY_WINDOW:
      return CUDA_SUCCESS;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuGraphKernelNodeCopyAttributes(CUgraphNode dst, CUgraphNode src)
{
   struct drv_node *d, *s;
   TRY(typed(dst, CU_GRAPH_NODE_TYPE_KERNEL, &d));
   TRY(typed(src, CU_GRAPH_NODE_TYPE_KERNEL, &s));
   d->op.kernel.priority = s->op.kernel.priority;
   d->op.kernel.l.cooperative = s->op.kernel.l.cooperative;
   memcpy(d->op.kernel.l.cluster, s->op.kernel.l.cluster, sizeof d->op.kernel.l.cluster);
   return CUDA_SUCCESS;
}

/* -- Copies and fills */
API
cuGraphAddMemcpyNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                     const CUgraphNode *dependencies, size_t numDependencies,
                     const CUDA_MEMCPY3D *copyParams, CUcontext ctx)
{
   struct op op;
   if (ctx && !FIND(H_CONTEXT, ctx))
      return CUDA_ERROR_INVALID_CONTEXT;
   TRY(op_copy(&op, copyParams));
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphMemcpyNodeGetParams(CUgraphNode hNode, CUDA_MEMCPY3D *nodeParams)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_MEMCPY, &n));
   REQUIRE(nodeParams);
   *nodeParams = n->op.copy.as_given;
   return CUDA_SUCCESS;
}

API
cuGraphMemcpyNodeSetParams(CUgraphNode hNode, const CUDA_MEMCPY3D *nodeParams)
{
   struct op op;
   TRY(driver_initialised());
   TRY(op_copy(&op, nodeParams));
   return set_locked(hNode, &op);
}

API
cuGraphAddMemsetNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                     const CUgraphNode *dependencies, size_t numDependencies,
                     const CUDA_MEMSET_NODE_PARAMS *memsetParams, CUcontext ctx)
{
   struct op op;
   if (ctx && !FIND(H_CONTEXT, ctx))
      return CUDA_ERROR_INVALID_CONTEXT;
   TRY(op_from_memset(&op, memsetParams));
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphMemsetNodeGetParams(CUgraphNode hNode, CUDA_MEMSET_NODE_PARAMS *nodeParams)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_MEMSET, &n));
   REQUIRE(nodeParams);
   *nodeParams = n->op.fill.as_given;
   return CUDA_SUCCESS;
}

API
cuGraphMemsetNodeSetParams(CUgraphNode hNode, const CUDA_MEMSET_NODE_PARAMS *nodeParams)
{
   struct op op;
   TRY(driver_initialised());
   TRY(op_from_memset(&op, nodeParams));
   return set_locked(hNode, &op);
}

/* -- Host functions */
API
cuGraphAddHostNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                   const CUgraphNode *dependencies, size_t numDependencies,
                   const CUDA_HOST_NODE_PARAMS *nodeParams)
{
   REQUIRE(nodeParams && nodeParams->fn);
   struct op op = {.type = CU_GRAPH_NODE_TYPE_HOST, .host = *nodeParams};
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphHostNodeGetParams(CUgraphNode hNode, CUDA_HOST_NODE_PARAMS *nodeParams)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_HOST, &n));
   REQUIRE(nodeParams);
   *nodeParams = n->op.host;
   return CUDA_SUCCESS;
}

API
cuGraphHostNodeSetParams(CUgraphNode hNode, const CUDA_HOST_NODE_PARAMS *nodeParams)
{
   REQUIRE(nodeParams && nodeParams->fn);
   struct op op = {.type = CU_GRAPH_NODE_TYPE_HOST, .host = *nodeParams};
   return set_locked(hNode, &op);
}

/* -- Graphs in graphs, and nodes that only order */
API
cuGraphAddChildGraphNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                         const CUgraphNode *dependencies, size_t numDependencies,
                         CUgraph childGraph)
{
   struct op op = {.type = CU_GRAPH_NODE_TYPE_GRAPH, .child = childGraph};
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphChildGraphNodeGetGraph(CUgraphNode hNode, CUgraph *phGraph)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_GRAPH, &n));
   REQUIRE(phGraph);
   *phGraph = n->child->handle;
   return CUDA_SUCCESS;
}

API
cuGraphAddEmptyNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                    const CUgraphNode *dependencies, size_t numDependencies)
{
   struct op op = {.type = CU_GRAPH_NODE_TYPE_EMPTY};
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

/* -- Events */
static CUresult
event_op(struct op *op, CUgraphNodeType type, CUevent e)
{
   TRY(driver_initialised());
   if (!FIND(H_EVENT, e))
      return CUDA_ERROR_INVALID_HANDLE;
   *op = (struct op){.type = type, .event = e};
   return CUDA_SUCCESS;
}

static CUresult
get_event(CUgraphNode h, CUgraphNodeType type, CUevent *out)
{
   struct drv_node *n;
   TRY(typed(h, type, &n));
   REQUIRE(out);
   *out = n->op.event;
   return CUDA_SUCCESS;
}

static CUresult
set_event(CUgraphNode h, CUgraphNodeType type, CUevent e)
{
   struct op op;
   TRY(event_op(&op, type, e));
   return set_locked(h, &op);
}

API
cuGraphAddEventRecordNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                          const CUgraphNode *dependencies, size_t numDependencies,
                          CUevent event)
{
   struct op op;
   TRY(event_op(&op, CU_GRAPH_NODE_TYPE_EVENT_RECORD, event));
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphEventRecordNodeGetEvent(CUgraphNode hNode, CUevent *event_out)
{
   return get_event(hNode, CU_GRAPH_NODE_TYPE_EVENT_RECORD, event_out);
}

API
cuGraphEventRecordNodeSetEvent(CUgraphNode hNode, CUevent event)
{
   return set_event(hNode, CU_GRAPH_NODE_TYPE_EVENT_RECORD, event);
}

API
cuGraphAddEventWaitNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                        const CUgraphNode *dependencies, size_t numDependencies,
                        CUevent event)
{
   struct op op;
   TRY(event_op(&op, CU_GRAPH_NODE_TYPE_WAIT_EVENT, event));
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphEventWaitNodeGetEvent(CUgraphNode hNode, CUevent *event_out)
{
   return get_event(hNode, CU_GRAPH_NODE_TYPE_WAIT_EVENT, event_out);
}

API
cuGraphEventWaitNodeSetEvent(CUgraphNode hNode, CUevent event)
{
   return set_event(hNode, CU_GRAPH_NODE_TYPE_WAIT_EVENT, event);
}

/* -- Memory */
API
cuGraphAddMemAllocNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                       const CUgraphNode *dependencies, size_t numDependencies,
                       CUDA_MEM_ALLOC_NODE_PARAMS *nodeParams)
{
   ENTER(c);
   REQUIRE(nodeParams && nodeParams->bytesize);
   REQUIRE(nodeParams->poolProps.allocType == CU_MEM_ALLOCATION_TYPE_PINNED &&
           nodeParams->poolProps.location.type == CU_MEM_LOCATION_TYPE_DEVICE);
   CUdevice dev = nodeParams->poolProps.location.id;
   if (dev != driver_device(c))
      TRY(driver_primary(dev, &c));
   struct op op = {.type = CU_GRAPH_NODE_TYPE_MEM_ALLOC, .alloc = *nodeParams};
   op.alloc.accessDescs = NULL;
   op.alloc.accessDescCount = 0;
   TRY(graph_memory_new(c, nodeParams->bytesize, &op.alloc.dptr));
   CUresult r = node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
   graph_memory_unref(op.alloc.dptr);
   if (!r)
      nodeParams->dptr = op.alloc.dptr;
   return r;
}

API
cuGraphMemAllocNodeGetParams(CUgraphNode hNode, CUDA_MEM_ALLOC_NODE_PARAMS *params_out)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_MEM_ALLOC, &n));
   REQUIRE(params_out);
   *params_out = n->op.alloc;
   return CUDA_SUCCESS;
}

API
cuGraphAddMemFreeNode(CUgraphNode *phGraphNode, CUgraph hGraph,
                      const CUgraphNode *dependencies, size_t numDependencies,
                      CUdeviceptr dptr)
{
   TRY(driver_initialised());
   struct device_alloc a;
   REQUIRE(device_mem_find((void *)(uintptr_t)dptr, &a) && a.base == dptr);
   struct op op = {.type = CU_GRAPH_NODE_TYPE_MEM_FREE, .free = dptr};
   return node_add(phGraphNode, hGraph, dependencies, NULL, numDependencies, &op);
}

API
cuGraphMemFreeNodeGetParams(CUgraphNode hNode, CUdeviceptr *dptr_out)
{
   struct drv_node *n;
   TRY(typed(hNode, CU_GRAPH_NODE_TYPE_MEM_FREE, &n));
   REQUIRE(dptr_out);
   *dptr_out = n->op.free;
   return CUDA_SUCCESS;
}

/* -- Any kind */
CUresult
op_from_any(struct op *op, const CUgraphNodeParams *p, uint8_t **heap)
{
   *heap = NULL;
   switch (p->type) {
   case CU_GRAPH_NODE_TYPE_KERNEL: {
      CUDA_KERNEL_NODE_PARAMS k;
      memcpy(&k, &p->kernel, sizeof k);
      return op_from_kernel(op, &k, heap);
   }
   case CU_GRAPH_NODE_TYPE_MEMCPY:
      return op_copy(op, &p->memcpy.copyParams);
   case CU_GRAPH_NODE_TYPE_MEMSET:
      return op_fill(op, p->memset.dst, p->memset.pitch, p->memset.value,
                     p->memset.elementSize, p->memset.width, p->memset.height);
   case CU_GRAPH_NODE_TYPE_HOST:
      REQUIRE(p->host.fn);
      *op = (struct op){.type = p->type, .host = {p->host.fn, p->host.userData}};
      return CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_GRAPH:
      *op = (struct op){.type = p->type, .child = p->graph.graph};
      return CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_EMPTY:
      *op = (struct op){.type = p->type};
      return CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_WAIT_EVENT:
      return event_op(op, p->type, p->eventWait.event);
   case CU_GRAPH_NODE_TYPE_EVENT_RECORD:
      return event_op(op, p->type, p->eventRecord.event);
   case CU_GRAPH_NODE_TYPE_MEM_FREE:
      *op = (struct op){.type = p->type, .free = p->free.dptr};
      return CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_MEM_ALLOC: /* has its own way in, as it answers an address */
   case CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL:
   case CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT:
   case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP:
   case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return CUDA_ERROR_NOT_SUPPORTED;
   }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuGraphAddNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
               const CUgraphEdgeData *dependencyData, size_t numDependencies,
               CUgraphNodeParams *nodeParams)
{
   TRY(driver_initialised());
   REQUIRE(nodeParams);
   if (nodeParams->type == CU_GRAPH_NODE_TYPE_MEM_ALLOC) {
      CUDA_MEM_ALLOC_NODE_PARAMS p;
      memcpy(&p, &nodeParams->alloc, sizeof p);
      TRY(cuGraphAddMemAllocNode(phGraphNode, hGraph, dependencies, numDependencies, &p));
      nodeParams->alloc.dptr = p.dptr;
      return CUDA_SUCCESS;
   }
   struct op op;
   uint8_t *heap;
   TRY(op_from_any(&op, nodeParams, &heap));
   CUresult r =
      node_add(phGraphNode, hGraph, dependencies, dependencyData, numDependencies, &op);
   base_free(heap);
   return r;
}

API
cuGraphNodeSetParams(CUgraphNode hNode, CUgraphNodeParams *nodeParams)
{
   TRY(driver_initialised());
   REQUIRE(nodeParams);
   struct op op;
   uint8_t *heap;
   TRY(op_from_any(&op, nodeParams, &heap));
   CUresult r = set_locked(hNode, &op);
   base_free(heap);
   return r;
}
