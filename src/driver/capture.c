/* SPDX-License-Identifier: Apache-2.0
 * Capture: streams that build a graph instead of doing. A stream joins a capture when it
 * waits for an event recorded in it; all of them must lead back to the first. */
#include "graph_priv.h"

#include <stdatomic.h>
#include <string.h>

struct capture {
   struct drv_graph *graph;
   CUstreamCaptureMode mode;
   cuuint64_t id;
   struct drv_stream *origin;
   pthread_t thread;
   bool invalid, own_graph;
   VEC(struct drv_stream *) streams;
   VEC(struct drv_event *) events;
};

static _Atomic uint64_t next_id;
static _Atomic int global_captures;
static _Thread_local int own_captures; /* of this thread, not relaxed */
static _Thread_local CUstreamCaptureMode thread_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

bool
driver_capturing(void)
{
   if (thread_mode == CU_STREAM_CAPTURE_MODE_RELAXED)
      return false;
   return own_captures > 0 || (thread_mode == CU_STREAM_CAPTURE_MODE_GLOBAL &&
                               atomic_load(&global_captures) > 0);
}

API
cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode *mode)
{
   TRY(driver_initialised());
   REQUIRE(mode && (unsigned)*mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
   CUstreamCaptureMode old = thread_mode;
   thread_mode = *mode;
   *mode = old;
   return CUDA_SUCCESS;
}

/* -- Adding */
static void
set_tail(struct drv_stream *s, CUgraphNode n)
{
   s->capture_deps.len = 0;
   vec_push(&s->capture_deps, n);
}

CUresult
capture_add(struct drv_stream *s, const struct op *op)
{
   struct capture *c = s->capture;
   if (c->invalid)
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
   CUgraphNode n;
   CUresult r =
      node_add(&n, c->graph->handle, s->capture_deps.data, NULL, s->capture_deps.len, op);
   if (r)
      c->invalid = true;
   else
      set_tail(s, n);
   return r;
}

CUresult
capture_record(struct drv_stream *s, struct drv_event *e)
{
   struct capture *c = s->capture;
   if (c->invalid)
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
   e->ncaptured = s->capture_deps.len;
   e->captured = base_realloc(e->captured, (e->ncaptured + 1) * sizeof *e->captured);
   if (e->ncaptured)
      memcpy(e->captured, s->capture_deps.data, e->ncaptured * sizeof *e->captured);
   if (e->capture != c)
      vec_push(&c->events, e);
   e->capture = c;
   return CUDA_SUCCESS;
}

CUresult
capture_wait(struct drv_stream *s, struct drv_event *e)
{
   struct capture *c = e->capture;
   if (c->invalid)
      return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
   if (s->capture && s->capture != c) {
      s->capture->invalid = c->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_MERGE;
   }
   if (s == s->ctx->legacy) {
      c->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
   }
   if (!s->capture) {
      s->capture = c;
      s->capture_deps.len = 0;
      vec_push(&c->streams, s);
   }
   for (size_t i = 0; i < e->ncaptured; i++) {
      bool have = false;
      for (size_t k = 0; k < s->capture_deps.len; k++)
         have |= s->capture_deps.data[k] == e->captured[i];
      if (!have)
         vec_push(&s->capture_deps, e->captured[i]);
   }
   return CUDA_SUCCESS;
}

void
capture_invalidate(struct drv_stream *s)
{
   if (s->capture)
      s->capture->invalid = true;
}

/* -- Begin and end */
static void
forget(struct capture *c)
{
   for (size_t i = 0; i < c->streams.len; i++) {
      c->streams.data[i]->capture = NULL;
      vec_finish(&c->streams.data[i]->capture_deps);
   }
   for (size_t i = 0; i < c->events.len; i++)
      if (c->events.data[i]->capture == c) {
         c->events.data[i]->capture = NULL;
         c->events.data[i]->ncaptured = 0;
      }
   if (c->mode == CU_STREAM_CAPTURE_MODE_GLOBAL)
      atomic_fetch_sub(&global_captures, 1);
   if (c->mode != CU_STREAM_CAPTURE_MODE_RELAXED)
      own_captures -= own_captures > 0;
   c->graph->capturing = NULL;
   vec_finish(&c->streams);
   vec_finish(&c->events);
   base_free(c);
}

void
capture_abandon(struct drv_stream *s)
{
   struct capture *c = s->capture;
   if (!c)
      return;
   c->invalid = true;
   if (s == c->origin) {
      struct drv_graph *g = c->own_graph ? c->graph : NULL;
      forget(c);
      pthread_mutex_lock(&graph_lock);
      graph_free(g);
      pthread_mutex_unlock(&graph_lock);
      return;
   }
   for (size_t i = 0; i < c->streams.len; i++)
      if (c->streams.data[i] == s) {
         c->streams.data[i] = vec_last(&c->streams);
         c->streams.len--;
         break;
      }
   vec_finish(&s->capture_deps);
   s->capture = NULL;
}

void
capture_forget_event(struct drv_event *e)
{
   struct capture *c = e->capture;
   for (size_t i = 0; c && i < c->events.len; i++)
      if (c->events.data[i] == e) {
         c->events.data[i] = vec_last(&c->events);
         c->events.len--;
         break;
      }
}

static CUresult
begin(struct drv_stream *s, struct drv_graph *into, CUstreamCaptureMode mode)
{
   REQUIRE((unsigned)mode <= CU_STREAM_CAPTURE_MODE_RELAXED);
   if (s == s->ctx->legacy)
      return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
   if (s->capture)
      return CUDA_ERROR_ILLEGAL_STATE;
   struct capture *c = base_calloc(1, sizeof *c);
   c->mode = mode;
   c->id = atomic_fetch_add(&next_id, 1) + 1;
   c->origin = s;
   c->thread = pthread_self();
   c->own_graph = !into;
   c->graph = into ? into : graph_new();
   c->graph->capturing = c;
   vec_push(&c->streams, s);
   s->capture_deps.len = 0;
   s->capture = c;
   if (mode == CU_STREAM_CAPTURE_MODE_GLOBAL)
      atomic_fetch_add(&global_captures, 1);
   if (mode != CU_STREAM_CAPTURE_MODE_RELAXED)
      own_captures++;
   return CUDA_SUCCESS;
}

API
cuStreamBeginCapture(CUstream hStream, CUstreamCaptureMode mode)
{
   STREAM(s, hStream);
   return begin(s, NULL, mode);
}

API
cuStreamBeginCaptureToGraph(CUstream hStream, CUgraph hGraph,
                            const CUgraphNode *dependencies,
                            const CUgraphEdgeData *dependencyData, size_t numDependencies,
                            CUstreamCaptureMode mode)
{
   STREAM(s, hStream);
   struct drv_graph *g;
   TRY(graph_find(hGraph, &g));
   REQUIRE(!g->capturing && (!numDependencies || dependencies));
   for (size_t i = 0; i < numDependencies; i++) {
      struct drv_node *n;
      TRY(node_find(dependencies[i], &n));
      REQUIRE(n->graph == g);
   }
   TRY(begin(s, g, mode));
   for (size_t i = 0; i < numDependencies; i++)
      vec_push(&s->capture_deps, dependencies[i]);
   return CUDA_SUCCESS;
}

/* Every stream's last node must come before the first stream's end. */
static bool
joined(const struct capture *c)
{
   bool ok = true;
   struct drv_node end = {0};
   for (size_t i = 0; i < c->origin->capture_deps.len; i++) {
      struct drv_node *n = FIND(H_NODE, c->origin->capture_deps.data[i]);
      if (n)
         node_depend(&end, n, NULL);
   }
   for (size_t i = 0; ok && i < c->streams.len; i++) {
      const struct drv_stream *s = c->streams.data[i];
      for (size_t k = 0; ok && s != c->origin && k < s->capture_deps.len; k++) {
         const struct drv_node *n = FIND(H_NODE, s->capture_deps.data[k]);
         ok = !n || graph_reaches(c->graph, &end, n);
      }
   }
   vec_finish(&end.deps);
   return ok;
}

API
cuStreamEndCapture(CUstream hStream, CUgraph *phGraph)
{
   STREAM(s, hStream);
   REQUIRE(phGraph);
   *phGraph = NULL;
   struct capture *c = s->capture;
   if (!c)
      return CUDA_ERROR_ILLEGAL_STATE;
   if (c->origin != s) {
      c->invalid = true;
      return CUDA_ERROR_STREAM_CAPTURE_UNMATCHED;
   }
   if (c->mode != CU_STREAM_CAPTURE_MODE_RELAXED &&
       !pthread_equal(c->thread, pthread_self()))
      return CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD;
   pthread_mutex_lock(&graph_lock);
   CUresult r = c->invalid   ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED
                : !joined(c) ? CUDA_ERROR_STREAM_CAPTURE_UNJOINED
                             : CUDA_SUCCESS;
   struct drv_graph *g = c->graph;
   bool mine = c->own_graph;
   forget(c);
   if (!r)
      *phGraph = g->handle;
   else if (mine)
      graph_free(g);
   pthread_mutex_unlock(&graph_lock);
   return r;
}

/* -- Questions */
static CUstreamCaptureStatus
status(const struct drv_stream *s)
{
   return !s->capture           ? CU_STREAM_CAPTURE_STATUS_NONE
          : s->capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                : CU_STREAM_CAPTURE_STATUS_ACTIVE;
}

/* The legacy stream cannot be asked while a capture might have to wait for it. */
static bool
implicit(const struct drv_stream *s)
{
   return s == s->ctx->legacy && driver_capturing();
}

API
cuStreamIsCapturing(CUstream hStream, CUstreamCaptureStatus *captureStatus)
{
   STREAM(s, hStream);
   REQUIRE(captureStatus);
   if (implicit(s))
      return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
   *captureStatus = status(s);
   return CUDA_SUCCESS;
}

API
cuStreamGetCaptureInfo(CUstream hStream, CUstreamCaptureStatus *captureStatus_out,
                       cuuint64_t *id_out, CUgraph *graph_out,
                       const CUgraphNode **dependencies_out,
                       const CUgraphEdgeData **edgeData_out, size_t *numDependencies_out)
{
   STREAM(s, hStream);
   REQUIRE(captureStatus_out);
   if (implicit(s))
      return CUDA_ERROR_STREAM_CAPTURE_IMPLICIT;
   *captureStatus_out = status(s);
   if (*captureStatus_out != CU_STREAM_CAPTURE_STATUS_ACTIVE)
      return CUDA_SUCCESS;
   if (id_out)
      *id_out = s->capture->id;
   if (graph_out)
      *graph_out = s->capture->graph->handle;
   if (dependencies_out)
      *dependencies_out = s->capture_deps.data;
   if (edgeData_out)
      *edgeData_out = NULL; /* every edge is a plain one */
   if (numDependencies_out)
      *numDependencies_out = s->capture_deps.len;
   return CUDA_SUCCESS;
}

API
cuStreamGetCaptureInfo_v2(CUstream hStream, CUstreamCaptureStatus *captureStatus_out,
                          cuuint64_t *id_out, CUgraph *graph_out,
                          const CUgraphNode **dependencies_out,
                          size_t *numDependencies_out)
{
   return cuStreamGetCaptureInfo(hStream, captureStatus_out, id_out, graph_out,
                                 dependencies_out, NULL, numDependencies_out);
}

API
cuStreamUpdateCaptureDependencies(CUstream hStream, CUgraphNode *dependencies,
                                  const CUgraphEdgeData *dependencyData,
                                  size_t numDependencies, unsigned int flags)
{
   STREAM(s, hStream);
   REQUIRE(flags <= CU_STREAM_SET_CAPTURE_DEPENDENCIES &&
           (!numDependencies || dependencies));
   if (!s->capture)
      return CUDA_ERROR_ILLEGAL_STATE;
   for (size_t i = 0; i < numDependencies; i++) {
      struct drv_node *n;
      TRY(node_find(dependencies[i], &n));
      REQUIRE(n->graph == s->capture->graph);
   }
   if (flags == CU_STREAM_SET_CAPTURE_DEPENDENCIES)
      s->capture_deps.len = 0;
   for (size_t i = 0; i < numDependencies; i++)
      vec_push(&s->capture_deps, dependencies[i]);
   return CUDA_SUCCESS;
}
