/* SPDX-License-Identifier: Apache-2.0
 * Streams and their capture into graphs. Handles and modes are the driver's. */
#include "rt_priv.h"

#include <stdlib.h>

cudaError_t
cudaStreamCreate(cudaStream_t *pStream)
{
   return cudaStreamCreateWithFlags(pStream, cudaStreamDefault);
}

cudaError_t
cudaStreamCreateWithFlags(cudaStream_t *pStream, unsigned int flags)
{
   RT_NOT_NULL(pStream);
   RT_ENTER();
   if ((flags & ~cudaStreamNonBlocking) != 0)
      return rt_fail(cudaErrorInvalidValue);
   return rt_ret(cuStreamCreate((CUstream *)pStream, flags));
}

cudaError_t
cudaStreamCreateWithPriority(cudaStream_t *pStream, unsigned int flags, int priority)
{
   RT_NOT_NULL(pStream);
   RT_ENTER();
   if ((flags & ~cudaStreamNonBlocking) != 0)
      return rt_fail(cudaErrorInvalidValue);
   return rt_ret(cuStreamCreateWithPriority((CUstream *)pStream, flags, priority));
}

cudaError_t
cudaStreamDestroy(cudaStream_t stream)
{
   RT_ENTER();
   if (stream == NULL || stream == cudaStreamLegacy || stream == cudaStreamPerThread)
      return rt_fail(cudaErrorInvalidResourceHandle);
   return rt_ret(cuStreamDestroy(rt_stream(stream)));
}

cudaError_t
cudaStreamGetPriority(cudaStream_t hStream, int *priority)
{
   RT_NOT_NULL(priority);
   RT_ENTER();
   return rt_ret(cuStreamGetPriority(rt_stream(hStream), priority));
}

cudaError_t
cudaStreamGetFlags(cudaStream_t hStream, unsigned int *flags)
{
   RT_NOT_NULL(flags);
   RT_ENTER();
   return rt_ret(cuStreamGetFlags(rt_stream(hStream), flags));
}

cudaError_t
cudaStreamGetId(cudaStream_t hStream, unsigned long long *streamId)
{
   RT_NOT_NULL(streamId);
   RT_ENTER();
   return rt_ret(cuStreamGetId(rt_stream(hStream), streamId));
}

#if RT_ABI == 13
cudaError_t
cudaStreamGetDevice(cudaStream_t hStream, int *device)
{
   RT_NOT_NULL(device);
   RT_ENTER();
   return rt_ret(cuStreamGetDevice(rt_stream(hStream), device));
}
#endif

cudaError_t
cudaStreamCopyAttributes(cudaStream_t dst, cudaStream_t src)
{
   RT_ENTER();
   return rt_ret(cuStreamCopyAttributes(rt_stream(dst), rt_stream(src)));
}

cudaError_t
cudaStreamGetAttribute(cudaStream_t hStream, cudaLaunchAttributeID attr,
                       cudaLaunchAttributeValue *value_out)
{
   RT_NOT_NULL(value_out);
   RT_ENTER();
   return rt_ret(cuStreamGetAttribute(rt_stream(hStream), (CUstreamAttrID)attr,
                                      (CUstreamAttrValue *)value_out));
}

cudaError_t
cudaStreamSetAttribute(cudaStream_t hStream, cudaLaunchAttributeID attr,
                       const cudaLaunchAttributeValue *value)
{
   RT_NOT_NULL(value);
   RT_ENTER();
   return rt_ret(cuStreamSetAttribute(rt_stream(hStream), (CUstreamAttrID)attr,
                                      (const CUstreamAttrValue *)value));
}

cudaError_t
cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags)
{
   RT_ENTER();
   return rt_ret(cuStreamWaitEvent(rt_stream(stream), (CUevent)event, flags));
}

cudaError_t
cudaStreamSynchronize(cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuStreamSynchronize(rt_stream(stream)));
}

cudaError_t
cudaStreamQuery(cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuStreamQuery(rt_stream(stream)));
}

cudaError_t
cudaStreamAttachMemAsync(cudaStream_t stream, void *devPtr, size_t length,
                         unsigned int flags)
{
   RT_ENTER();
   return rt_ret(
      cuStreamAttachMemAsync(rt_stream(stream), rt_ptr(devPtr), length, flags));
}

/* The program's callback takes the runtime's error codes. */
struct callback {
   cudaStreamCallback_t call;
   void *data;
};

static void
run_callback(CUstream stream, CUresult status, void *data)
{
   struct callback c = *(struct callback *)data;
   free(data);
   c.call((cudaStream_t)stream, rt_from_driver(status), c.data);
}

cudaError_t
cudaStreamAddCallback(cudaStream_t stream, cudaStreamCallback_t callback, void *userData,
                      unsigned int flags)
{
   RT_NOT_NULL(callback);
   RT_ENTER();
   if (flags != 0)
      return rt_fail(cudaErrorInvalidValue);
   struct callback *c = malloc(sizeof *c);
   if (c == NULL)
      return rt_fail(cudaErrorMemoryAllocation);
   *c = (struct callback){callback, userData};
   CUresult r = cuStreamAddCallback(rt_stream(stream), run_callback, c, 0);
   if (r != CUDA_SUCCESS)
      free(c);
   return rt_ret(r);
}

/* -- Capture. */
cudaError_t
cudaStreamBeginCapture(cudaStream_t stream, enum cudaStreamCaptureMode mode)
{
   RT_ENTER();
   return rt_ret(cuStreamBeginCapture(rt_stream(stream), (CUstreamCaptureMode)mode));
}

cudaError_t
cudaStreamBeginCaptureToGraph(cudaStream_t stream, cudaGraph_t graph,
                              const cudaGraphNode_t *dependencies,
                              const cudaGraphEdgeData *dependencyData,
                              size_t numDependencies, enum cudaStreamCaptureMode mode)
{
   RT_ENTER();
   return rt_ret(cuStreamBeginCaptureToGraph(rt_stream(stream), (CUgraph)graph,
                                             (const CUgraphNode *)dependencies,
                                             (const CUgraphEdgeData *)dependencyData,
                                             numDependencies, (CUstreamCaptureMode)mode));
}

cudaError_t
cudaThreadExchangeStreamCaptureMode(enum cudaStreamCaptureMode *mode)
{
   RT_NOT_NULL(mode);
   RT_ENTER();
   CUstreamCaptureMode m = (CUstreamCaptureMode)*mode;
   RT_TRY(cuThreadExchangeStreamCaptureMode(&m));
   *mode = (enum cudaStreamCaptureMode)m;
   return cudaSuccess;
}

cudaError_t
cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *pGraph)
{
   RT_NOT_NULL(pGraph);
   RT_ENTER();
   return rt_ret(cuStreamEndCapture(rt_stream(stream), (CUgraph *)pGraph));
}

cudaError_t
cudaStreamIsCapturing(cudaStream_t stream, enum cudaStreamCaptureStatus *pCaptureStatus)
{
   CUstreamCaptureStatus s;
   RT_NOT_NULL(pCaptureStatus);
   RT_ENTER();
   RT_TRY(cuStreamIsCapturing(rt_stream(stream), &s));
   *pCaptureStatus = (enum cudaStreamCaptureStatus)s;
   return cudaSuccess;
}

cudaError_t
cudaStreamGetCaptureInfo(cudaStream_t stream,
                         enum cudaStreamCaptureStatus *captureStatus_out,
                         unsigned long long *id_out, cudaGraph_t *graph_out,
                         const cudaGraphNode_t **dependencies_out,
                         const cudaGraphEdgeData **edgeData_out,
                         size_t *numDependencies_out)
{
   CUstreamCaptureStatus s;
   cuuint64_t id = 0;
   RT_NOT_NULL(captureStatus_out);
   RT_ENTER();
   RT_TRY(cuStreamGetCaptureInfo(rt_stream(stream), &s, &id, (CUgraph *)graph_out,
                                 (const CUgraphNode **)dependencies_out,
                                 (const CUgraphEdgeData **)edgeData_out,
                                 numDependencies_out));
   *captureStatus_out = (enum cudaStreamCaptureStatus)s;
   if (id_out != NULL)
      *id_out = id;
   return cudaSuccess;
}

cudaError_t
cudaStreamUpdateCaptureDependencies(cudaStream_t stream, cudaGraphNode_t *dependencies,
                                    const cudaGraphEdgeData *dependencyData,
                                    size_t numDependencies, unsigned int flags)
{
   RT_ENTER();
   return rt_ret(cuStreamUpdateCaptureDependencies(
      rt_stream(stream), (CUgraphNode *)dependencies,
      (const CUgraphEdgeData *)dependencyData, numDependencies, flags));
}
