/* SPDX-License-Identifier: Apache-2.0
 * Operations: done in a stream at once, or kept in the graph that the stream captures. */
#include "graph_priv.h"

#include <string.h>

/* -- Kernels */
/* The parameters as the caller holds them, laid out as the PTX states. */
static CUresult
gather(const struct ir_func *ir, void **params, void **extra, uint8_t *to)
{
   if (params) {
      for (uint32_t i = 0; i < ir->nparams; i++) {
         REQUIRE(params[i]);
         memcpy(to + ir->params[i].offset, params[i], ir->params[i].size);
      }
      return CUDA_SUCCESS;
   }
   const void *buffer = NULL;
   size_t size = 0;
   for (size_t i = 0; extra && extra[i] != CU_LAUNCH_PARAM_END; i += 2) {
      if (extra[i] == CU_LAUNCH_PARAM_BUFFER_POINTER)
         buffer = extra[i + 1];
      else if (extra[i] == CU_LAUNCH_PARAM_BUFFER_SIZE && extra[i + 1])
         size = *(const size_t *)extra[i + 1];
      else
         return CUDA_ERROR_INVALID_VALUE;
   }
   /* Callers may leave out what only pads the last parameter. */
   const struct ir_param *last = &ir->params[ir->nparams - 1];
   REQUIRE(buffer && size >= last->offset + last->size && size <= ir->param_bytes + 15);
   memcpy(to, buffer, MIN2(size, ir->param_bytes));
   return CUDA_SUCCESS;
}

CUresult
op_kernel(struct op *op, struct drv_ctx *c, CUfunction h, const unsigned grid[3],
          const unsigned block[3], unsigned shared, void **params, void **extra,
          uint8_t *buf, size_t room, uint8_t **heap)
{
   struct drv_func *f;
   *heap = NULL;
   TRY(func_find_in(h, c, &f));
   if (c && device_ctx_device(f->module->ctx->dev) != device_ctx_device(c->dev))
      return CUDA_ERROR_INVALID_HANDLE; /* another device's function */
   REQUIRE(!params || !extra);
   const struct ir_func *ir = device_func_ir(f->dev);
   op->type = CU_GRAPH_NODE_TYPE_KERNEL;
   op->kernel.func = f->handle;
   op->kernel.priority = 0;
   op->kernel.l = (struct device_launch){
      .func = f->dev,
      .grid = {grid[0], grid[1], grid[2]},
      .block = {block[0], block[1], block[2]},
      .dynamic_shared = shared,
      .param_bytes = ir->param_bytes,
   };
   if (!ir->nparams)
      return CUDA_SUCCESS;
   REQUIRE(params || extra);
   uint8_t *to = buf;
   if (ir->param_bytes > room)
      to = *heap = base_alloc(ir->param_bytes);
   CUresult r = gather(ir, params, extra, to);
   if (r) {
      base_free(*heap);
      *heap = NULL;
   }
   op->kernel.l.params = to;
   return r;
}

/* -- Everything */
static void
run_host(void *arg, int status)
{
   CUDA_HOST_NODE_PARAMS *h = arg;
   if (!status)
      h->fn(h->userData);
   base_free(h);
}

static CUresult
run_event(struct drv_stream *s, CUevent h, bool record)
{
   struct drv_event *e = FIND(H_EVENT, h);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   if (record)
      event_record(e, s->dev);
   else
      event_wait(e, s->dev);
   return CUDA_SUCCESS;
}

CUresult
op_run(struct drv_stream *s, const struct op *op, bool block)
{
   switch (op->type) {
   case CU_GRAPH_NODE_TYPE_KERNEL:
      if (!FIND(H_FUNCTION, op->kernel.func))
         return CUDA_ERROR_INVALID_HANDLE; /* of a module that is gone, in a graph */
      return (CUresult)device_launch(s->dev, &op->kernel.l);
   case CU_GRAPH_NODE_TYPE_MEMCPY:
      device_copy(s->dev, &op->copy.c, block);
      return block ? (CUresult)device_ctx_error(s->ctx->dev) : CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_MEMSET:
      device_fill(s->dev, &op->fill.f, block);
      return CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_HOST: {
      CUDA_HOST_NODE_PARAMS *h = base_alloc(sizeof *h);
      *h = op->host;
      device_host_call(s->dev, run_host, h, true);
      return CUDA_SUCCESS;
   }
   case CU_GRAPH_NODE_TYPE_WAIT_EVENT:
   case CU_GRAPH_NODE_TYPE_EVENT_RECORD:
      return run_event(s, op->event, op->type == CU_GRAPH_NODE_TYPE_EVENT_RECORD);
   case CU_GRAPH_NODE_TYPE_MEM_FREE:
      return graph_memory_freed(op->free) ? CUDA_SUCCESS : pool_free(s, op->free);
   case CU_GRAPH_NODE_TYPE_EMPTY:
   case CU_GRAPH_NODE_TYPE_MEM_ALLOC: /* memory of a graph is there from the start */
      return CUDA_SUCCESS;
   case CU_GRAPH_NODE_TYPE_GRAPH: /* its nodes are launched one by one */
   case CU_GRAPH_NODE_TYPE_EXT_SEMAS_SIGNAL:
   case CU_GRAPH_NODE_TYPE_EXT_SEMAS_WAIT:
   case CU_GRAPH_NODE_TYPE_BATCH_MEM_OP:
   case CU_GRAPH_NODE_TYPE_CONDITIONAL:
      break;
   }
   return CUDA_ERROR_NOT_SUPPORTED;
}

CUresult
op_submit(struct drv_stream *s, const struct op *op, bool block)
{
   if (KASURI_LIKELY(!s->capture)) {
      if (s == s->ctx->legacy && driver_capturing())
         return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
      return op_run(s, op, block);
   }
   if (block) {
      capture_invalidate(s);
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   }
   return capture_add(s, op);
}
