/* SPDX-License-Identifier: Apache-2.0
 * Graphs made ready to run: their nodes, and those of graphs in them, as one list in an
 * order that their edges allow. A launch puts them into a stream one by one; a kernel's
 * blocks fill the device anyway. Also what graphs own: memory and user objects. */
#include "graph_priv.h"

#include <stdio.h>
#include <string.h>

struct exec_node {
   struct drv_node *node; /* a copy, in exec.graph */
   CUgraphNode from;      /* the node that the program knows */
   bool disabled;
};

struct drv_exec {
   CUgraphExec handle;
   struct drv_graph *graph; /* private copy: what runs */
   unsigned long long flags;
   VEC(struct exec_node) list;
};

/* -- Instantiation */
static bool
supported(const struct drv_node *n)
{
   switch (n->op.type) {
   case CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL:
   case CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT:
   case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP:
   case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      return false;
   default:
      return true;
   }
}

static CUresult
flatten(struct drv_exec *x, struct drv_graph *g)
{
   struct node_list order = {0};
   CUresult r = graph_order(g, &order) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
   for (size_t i = 0; !r && i < order.v.len; i++) {
      struct drv_node *n = order.v.data[i];
      if (n->child)
         r = flatten(x, n->child);
      else if (supported(n))
         vec_push(&x->list, ((struct exec_node){n, n->cloned_from, false}));
      else
         r = CUDA_ERROR_NOT_SUPPORTED;
   }
   vec_finish(&order.v);
   return r;
}

static void
exec_free(struct drv_exec *x)
{
   FORGET(x->handle);
   graph_free(x->graph);
   vec_finish(&x->list);
   base_free(x);
}

static CUresult
instantiate(CUgraphExec *out, CUgraph h, unsigned long long flags,
            CUgraphInstantiateResult *why)
{
   struct drv_graph *g;
   TRY(graph_find(h, &g));
   REQUIRE(out && !g->capturing);
   unsigned long long known = CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH |
                              CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD |
                              CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
   if (flags & CUDA_GRAPH_INSTANTIATE_FLAG_DEVICE_LAUNCH)
      return CUDA_ERROR_NOT_SUPPORTED;
   REQUIRE(!(flags & ~known));
   struct drv_exec *x = base_calloc(1, sizeof *x);
   x->flags = flags;
   x->graph = graph_copy(g);
   CUresult r = flatten(x, x->graph);
   if (why)
      *why = r == CUDA_ERROR_NOT_SUPPORTED
                ? CUDA_GRAPH_INSTANTIATE_NODE_OPERATION_NOT_SUPPORTED
             : r ? CUDA_GRAPH_INSTANTIATE_INVALID_STRUCTURE
                 : CUDA_GRAPH_INSTANTIATE_SUCCESS;
   if (r) {
      exec_free(x);
      return r;
   }
   x->handle = HANDLE(H_EXEC, x);
   *out = x->handle;
   return CUDA_SUCCESS;
}

API
cuGraphInstantiateWithFlags(CUgraphExec *phGraphExec, CUgraph hGraph,
                            unsigned long long flags)
{
   pthread_mutex_lock(&graph_lock);
   CUresult r = instantiate(phGraphExec, hGraph, flags, NULL);
   pthread_mutex_unlock(&graph_lock);
   return r;
}

API
cuGraphInstantiateWithParams(CUgraphExec *phGraphExec, CUgraph hGraph,
                             CUDA_GRAPH_INSTANTIATE_PARAMS *instantiateParams)
{
   REQUIRE(instantiateParams);
   pthread_mutex_lock(&graph_lock);
   instantiateParams->hErrNode_out = NULL;
   CUresult r = instantiate(phGraphExec, hGraph, instantiateParams->flags,
                            &instantiateParams->result_out);
   pthread_mutex_unlock(&graph_lock);
   return r;
}

static CUresult
exec_find(CUgraphExec h, struct drv_exec **x)
{
   TRY(driver_initialised());
   *x = FIND(H_EXEC, h);
   return *x ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

API
cuGraphExecDestroy(CUgraphExec hGraphExec)
{
   struct drv_exec *x;
   TRY(exec_find(hGraphExec, &x));
   pthread_mutex_lock(&graph_lock);
   exec_free(x);
   pthread_mutex_unlock(&graph_lock);
   return CUDA_SUCCESS;
}

API
cuGraphExecGetFlags(CUgraphExec hGraphExec, cuuint64_t *flags)
{
   struct drv_exec *x;
   TRY(exec_find(hGraphExec, &x));
   REQUIRE(flags);
   *flags = x->flags;
   return CUDA_SUCCESS;
}

/* -- Launch */
API
cuGraphUpload(CUgraphExec hGraphExec, CUstream hStream)
{
   struct drv_exec *x;
   TRY(exec_find(hGraphExec, &x));
   STREAM(s, hStream);
   return CUDA_SUCCESS;
}

/* Nodes are put in without the lock: an operation may wait for the device. A program that
 * destroys or updates the graph while it is launched has a race of its own. */
API
cuGraphLaunch(CUgraphExec hGraphExec, CUstream hStream)
{
   struct drv_exec *x;
   TRY(exec_find(hGraphExec, &x));
   STREAM(s, hStream);
   if (s->capture) {
      struct op op = {.type = CU_GRAPH_NODE_TYPE_GRAPH, .child = x->graph->handle};
      return capture_add(s, &op);
   }
   for (size_t i = 0; i < x->list.len; i++)
      if (!x->list.data[i].disabled)
         TRY(op_run(s, &x->list.data[i].node->op, false));
   return CUDA_SUCCESS;
}

/* -- Changing what is instantiated */
static CUresult
exec_node(CUgraphExec hx, CUgraphNode h, struct exec_node **n)
{
   struct drv_exec *x;
   TRY(exec_find(hx, &x));
   for (size_t i = 0; i < x->list.len; i++)
      if (x->list.data[i].from == h && h) {
         *n = &x->list.data[i];
         return CUDA_SUCCESS;
      }
   return CUDA_ERROR_INVALID_VALUE;
}

static CUresult
exec_set(CUgraphExec hx, CUgraphNode h, const struct op *op)
{
   pthread_mutex_lock(&graph_lock);
   struct exec_node *n;
   CUresult r = exec_node(hx, h, &n);
   if (!r)
      r = n->node->op.type == op->type ? node_set(n->node, op) : CUDA_ERROR_INVALID_VALUE;
   pthread_mutex_unlock(&graph_lock);
   return r;
}

API
cuGraphExecKernelNodeSetParams_v2(CUgraphExec hGraphExec, CUgraphNode hNode,
                                  const CUDA_KERNEL_NODE_PARAMS *nodeParams)
{
   struct exec_node *n;
   TRY(exec_node(hGraphExec, hNode, &n));
   REQUIRE(n->node->op.type == CU_GRAPH_NODE_TYPE_KERNEL);
   struct op op;
   uint8_t *heap;
   TRY(op_from_kernel(&op, nodeParams, &heap));
   op.kernel.l.cooperative = n->node->op.kernel.l.cooperative;
   memcpy(op.kernel.l.cluster, n->node->op.kernel.l.cluster, sizeof op.kernel.l.cluster);
   CUresult r = exec_set(hGraphExec, hNode, &op);
   base_free(heap);
   return r;
}

API
cuGraphExecMemcpyNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode,
                               const CUDA_MEMCPY3D *copyParams, CUcontext ctx)
{
   struct op op;
   TRY(driver_initialised());
   TRY(op_copy(&op, copyParams));
   return exec_set(hGraphExec, hNode, &op);
}

API
cuGraphExecMemsetNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode,
                               const CUDA_MEMSET_NODE_PARAMS *memsetParams, CUcontext ctx)
{
   struct op op;
   TRY(driver_initialised());
   TRY(op_from_memset(&op, memsetParams));
   return exec_set(hGraphExec, hNode, &op);
}

API
cuGraphExecHostNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode,
                             const CUDA_HOST_NODE_PARAMS *nodeParams)
{
   TRY(driver_initialised());
   REQUIRE(nodeParams && nodeParams->fn);
   struct op op = {.type = CU_GRAPH_NODE_TYPE_HOST, .host = *nodeParams};
   return exec_set(hGraphExec, hNode, &op);
}

static CUresult
exec_set_event(CUgraphExec hx, CUgraphNode h, CUgraphNodeType type, CUevent event)
{
   TRY(driver_initialised());
   if (!FIND(H_EVENT, event))
      return CUDA_ERROR_INVALID_HANDLE;
   struct op op = {.type = type, .event = event};
   return exec_set(hx, h, &op);
}

API
cuGraphExecEventRecordNodeSetEvent(CUgraphExec hGraphExec, CUgraphNode hNode,
                                   CUevent event)
{
   return exec_set_event(hGraphExec, hNode, CU_GRAPH_NODE_TYPE_EVENT_RECORD, event);
}

API
cuGraphExecEventWaitNodeSetEvent(CUgraphExec hGraphExec, CUgraphNode hNode, CUevent event)
{
   return exec_set_event(hGraphExec, hNode, CU_GRAPH_NODE_TYPE_WAIT_EVENT, event);
}

/* A kernel keeps what its parameters do not say. A graph in a node is part of what was
 * instantiated, and stays. */
API
cuGraphExecNodeSetParams(CUgraphExec hGraphExec, CUgraphNode hNode,
                         CUgraphNodeParams *nodeParams)
{
   TRY(driver_initialised());
   REQUIRE(nodeParams);
   if (nodeParams->type == CU_GRAPH_NODE_TYPE_GRAPH)
      return CUDA_ERROR_NOT_SUPPORTED;
   if (nodeParams->type == CU_GRAPH_NODE_TYPE_KERNEL) {
      CUDA_KERNEL_NODE_PARAMS k;
      memcpy(&k, &nodeParams->kernel, sizeof k);
      return cuGraphExecKernelNodeSetParams(hGraphExec, hNode, &k);
   }
   struct op op;
   uint8_t *heap;
   TRY(op_from_any(&op, nodeParams, &heap));
   CUresult r = exec_set(hGraphExec, hNode, &op);
   base_free(heap);
   return r;
}

API
cuGraphNodeSetEnabled(CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int isEnabled)
{
   struct exec_node *n;
   TRY(exec_node(hGraphExec, hNode, &n));
   n->disabled = !isEnabled;
   return CUDA_SUCCESS;
}

API
cuGraphNodeGetEnabled(CUgraphExec hGraphExec, CUgraphNode hNode, unsigned int *isEnabled)
{
   struct exec_node *n;
   TRY(exec_node(hGraphExec, hNode, &n));
   REQUIRE(isEnabled);
   *isEnabled = !n->disabled;
   return CUDA_SUCCESS;
}

/* The graphs must be of one shape; what the nodes do is taken from the new one. */
static CUgraphExecUpdateResult
differs(const struct drv_exec *old, const struct drv_exec *new, CUgraphNode *at)
{
   if (old->list.len != new->list.len)
      return CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
   for (size_t i = 0; i < old->list.len; i++) {
      const struct drv_node *a = old->list.data[i].node, *b = new->list.data[i].node;
      *at = new->list.data[i].from;
      if (a->op.type != b->op.type)
         return CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
      if (a->deps.len != b->deps.len)
         return CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
   }
   *at = NULL;
   return CU_GRAPH_EXEC_UPDATE_SUCCESS;
}

static CUresult
update(CUgraphExec hx, CUgraph h, CUgraphExecUpdateResultInfo *info)
{
   struct drv_exec *x, *fresh;
   TRY(exec_find(hx, &x));
   REQUIRE(info);
   *info = (CUgraphExecUpdateResultInfo){.result = CU_GRAPH_EXEC_UPDATE_ERROR};
   CUgraphExec made;
   TRY(instantiate(&made, h, x->flags, NULL));
   fresh = FIND(H_EXEC, made);
   info->result = differs(x, fresh, &info->errorNode);
   if (info->result == CU_GRAPH_EXEC_UPDATE_SUCCESS) {
      struct drv_exec old = *x;
      x->graph = fresh->graph;
      x->list.data = fresh->list.data;
      x->list.cap = fresh->list.cap;
      fresh->graph = old.graph;
      fresh->list.data = old.list.data;
      fresh->list.cap = old.list.cap;
      for (size_t i = 0; i < x->list.len; i++) {
         x->list.data[i].from = old.list.data[i].from; /* known by their first names */
         x->list.data[i].disabled = old.list.data[i].disabled;
      }
   }
   exec_free(fresh);
   return info->result == CU_GRAPH_EXEC_UPDATE_SUCCESS
             ? CUDA_SUCCESS
             : CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE;
}

API
cuGraphExecUpdate_v2(CUgraphExec hGraphExec, CUgraph hGraph,
                     CUgraphExecUpdateResultInfo *resultInfo)
{
   pthread_mutex_lock(&graph_lock);
   CUresult r = update(hGraphExec, hGraph, resultInfo);
   pthread_mutex_unlock(&graph_lock);
   return r;
}

/* -- A picture of a graph */
static const char *const type_names[] = {
   "kernel",    "memcpy",     "memset",       "host",       "graph",
   "empty",     "event wait", "event record", "semaphore",  "semaphore",
   "mem alloc", "mem free",   "mem op",       "conditional"};

API
cuGraphDebugDotPrint(CUgraph hGraph, const char *path, unsigned int flags)
{
   struct drv_graph *g;
   TRY(graph_find(hGraph, &g));
   /* The bits are 1 to 1 << 16, each a part of the nodes to print. */
   REQUIRE(path && flags < 1u << 17);
   FILE *f = fopen(path, "we");
   if (!f)
      return CUDA_ERROR_OPERATING_SYSTEM;
   pthread_mutex_lock(&graph_lock);
   fputs("digraph graph_0 {\n", f);
   for (size_t i = 0; i < g->nodes.len; i++) {
      const struct drv_node *n = g->nodes.data[i];
      fprintf(f, "   n%p [label=\"%s", (void *)n->handle, type_names[n->op.type]);
      if (n->op.type == CU_GRAPH_NODE_TYPE_KERNEL && FIND(H_FUNCTION, n->op.kernel.func))
         fprintf(f, "\\n%s", device_func_name(n->op.kernel.l.func));
      fputs("\"];\n", f);
      for (size_t d = 0; d < n->deps.len; d++)
         fprintf(f, "   n%p -> n%p;\n", (void *)n->deps.data[d].from->handle,
                 (void *)n->handle);
   }
   fputs("}\n", f);
   pthread_mutex_unlock(&graph_lock);
   return fclose(f) ? CUDA_ERROR_OPERATING_SYSTEM : CUDA_SUCCESS;
}

/* -- Memory of allocation nodes. Its address is part of the graph, so it stays; a free,
 * in the graph or outside, says that its contents are no longer needed. */
struct graph_memory {
   CUdeviceptr p;
   unsigned refs;
   size_t size;
   CUdevice dev;
};
static struct {
   VEC(struct graph_memory) v;
} memories;
static pthread_mutex_t memory_lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
   uint64_t used, high;
} memory_of[DEVICE_MAX];

CUresult
graph_memory_new(struct drv_ctx *c, size_t size, CUdeviceptr *p)
{
   void *at;
   TRY(device_mem_alloc(size, DEVICE_MEM_POOL, 0, c->dev, &at));
   *p = (uintptr_t)at;
   pthread_mutex_lock(&memory_lock);
   CUdevice dev = driver_device(c);
   vec_push(&memories.v, ((struct graph_memory){*p, 1, size, dev}));
   memory_of[dev].used += size;
   memory_of[dev].high = MAX2(memory_of[dev].high, memory_of[dev].used);
   pthread_mutex_unlock(&memory_lock);
   return CUDA_SUCCESS;
}

static struct graph_memory *
memory_find(CUdeviceptr p)
{
   for (size_t i = 0; i < memories.v.len; i++)
      if (memories.v.data[i].p == p)
         return &memories.v.data[i];
   return NULL;
}

void
graph_memory_ref(CUdeviceptr p)
{
   pthread_mutex_lock(&memory_lock);
   struct graph_memory *m = memory_find(p);
   if (m)
      m->refs++;
   pthread_mutex_unlock(&memory_lock);
}

void
graph_memory_unref(CUdeviceptr p)
{
   pthread_mutex_lock(&memory_lock);
   struct graph_memory *m = memory_find(p);
   bool last = m && !--m->refs;
   if (last) {
      memory_of[m->dev].used -= m->size;
      *m = vec_last(&memories.v);
      memories.v.len--;
   }
   pthread_mutex_unlock(&memory_lock);
   if (last)
      (void)!device_mem_free((void *)(uintptr_t)p, DEVICE_MEM_POOL);
}

bool
graph_memory_freed(CUdeviceptr p)
{
   pthread_mutex_lock(&memory_lock);
   bool ours = memory_find(p) != NULL;
   pthread_mutex_unlock(&memory_lock);
   return ours;
}

API
cuDeviceGraphMemTrim(CUdevice device)
{
   DEVICE(device);
   return CUDA_SUCCESS;
}

API
cuDeviceGetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attr, void *value)
{
   DEVICE(device);
   REQUIRE(value && (unsigned)attr <= CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH);
   bool high = attr == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH ||
               attr == CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH;
   pthread_mutex_lock(&memory_lock);
   *(cuuint64_t *)value = high ? memory_of[device].high : memory_of[device].used;
   pthread_mutex_unlock(&memory_lock);
   return CUDA_SUCCESS;
}

API
cuDeviceSetGraphMemAttribute(CUdevice device, CUgraphMem_attribute attr, void *value)
{
   DEVICE(device);
   REQUIRE(value && !*(cuuint64_t *)value &&
           (attr == CU_GRAPH_MEM_ATTR_USED_MEM_HIGH ||
            attr == CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH));
   pthread_mutex_lock(&memory_lock);
   memory_of[device].high = memory_of[device].used;
   pthread_mutex_unlock(&memory_lock);
   return CUDA_SUCCESS;
}
