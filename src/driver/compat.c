/* SPDX-License-Identifier: Apache-2.0
 * Older forms of functions in terms of today's. */
#include "old_api.h"

CUresult CUDAAPI cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion,
                                     cuuint64_t flags,
                                     CUdriverProcAddressQueryResult *symbolStatus);

API
cuGetProcAddress(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags)
{
   return cuGetProcAddress_v2(symbol, pfn, cudaVersion, flags, NULL);
}

static CUmemLocation
location_of(CUdevice d)
{
   return d == CU_DEVICE_CPU ? (CUmemLocation){CU_MEM_LOCATION_TYPE_HOST, 0}
                             : (CUmemLocation){CU_MEM_LOCATION_TYPE_DEVICE, d};
}

API
cuMemAdvise(CUdeviceptr devPtr, size_t count, CUmem_advise advice, CUdevice device)
{
   return cuMemAdvise_v2(devPtr, count, advice, location_of(device));
}

CUresult CUDAAPI cuMemPrefetchAsync_v2(CUdeviceptr devPtr, size_t count,
                                       CUmemLocation location, unsigned int flags,
                                       CUstream hStream);

API
cuMemPrefetchAsync(CUdeviceptr devPtr, size_t count, CUdevice dstDevice, CUstream hStream)
{
   return cuMemPrefetchAsync_v2(devPtr, count, location_of(dstDevice), 0, hStream);
}

/* -- Graphs before edges had data, captures before they had modes */
CUresult CUDAAPI cuStreamBeginCapture_v2(CUstream hStream, CUstreamCaptureMode mode);
CUresult CUDAAPI cuStreamUpdateCaptureDependencies_v2(
   CUstream hStream, CUgraphNode *dependencies, const CUgraphEdgeData *dependencyData,
   size_t numDependencies, unsigned int flags);

API
cuStreamBeginCapture(CUstream hStream)
{
   return cuStreamBeginCapture_v2(hStream, CU_STREAM_CAPTURE_MODE_GLOBAL);
}

API
cuStreamGetCaptureInfo(CUstream hStream, CUstreamCaptureStatus *captureStatus,
                       cuuint64_t *id)
{
   return cuStreamGetCaptureInfo_v2(hStream, captureStatus, id, NULL, NULL, NULL);
}

API
cuStreamUpdateCaptureDependencies(CUstream hStream, CUgraphNode *dependencies,
                                  size_t numDependencies, unsigned int flags)
{
   return cuStreamUpdateCaptureDependencies_v2(hStream, dependencies, NULL,
                                               numDependencies, flags);
}

API
cuGraphGetEdges(CUgraph hGraph, CUgraphNode *from, CUgraphNode *to, size_t *numEdges)
{
   return cuGraphGetEdges_v2(hGraph, from, to, NULL, numEdges);
}

API
cuGraphNodeGetDependencies(CUgraphNode hNode, CUgraphNode *dependencies,
                           size_t *numDependencies)
{
   return cuGraphNodeGetDependencies_v2(hNode, dependencies, NULL, numDependencies);
}

API
cuGraphNodeGetDependentNodes(CUgraphNode hNode, CUgraphNode *dependentNodes,
                             size_t *numDependentNodes)
{
   return cuGraphNodeGetDependentNodes_v2(hNode, dependentNodes, NULL, numDependentNodes);
}

API
cuGraphAddDependencies(CUgraph hGraph, const CUgraphNode *from, const CUgraphNode *to,
                       size_t numDependencies)
{
   return cuGraphAddDependencies_v2(hGraph, from, to, NULL, numDependencies);
}

API
cuGraphRemoveDependencies(CUgraph hGraph, const CUgraphNode *from, const CUgraphNode *to,
                          size_t numDependencies)
{
   return cuGraphRemoveDependencies_v2(hGraph, from, to, NULL, numDependencies);
}

API
cuGraphAddNode(CUgraphNode *phGraphNode, CUgraph hGraph, const CUgraphNode *dependencies,
               size_t numDependencies, CUgraphNodeParams *nodeParams)
{
   return cuGraphAddNode_v2(phGraphNode, hGraph, dependencies, NULL, numDependencies,
                            nodeParams);
}

API
cuGraphInstantiate_v2(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode,
                      char *logBuffer, size_t bufferSize)
{
   if (phErrorNode)
      *phErrorNode = NULL;
   if (logBuffer && bufferSize)
      *logBuffer = 0;
   return cuGraphInstantiateWithFlags(phGraphExec, hGraph, 0);
}

API
cuGraphInstantiate(CUgraphExec *phGraphExec, CUgraph hGraph, CUgraphNode *phErrorNode,
                   char *logBuffer, size_t bufferSize)
{
   return cuGraphInstantiate_v2(phGraphExec, hGraph, phErrorNode, logBuffer, bufferSize);
}
