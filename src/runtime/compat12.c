/* SPDX-License-Identifier: Apache-2.0
 * libcudart.so.12 only: the plain names with the signatures that they had before CUDA 13,
 * on top of the newer forms, which that library calls _v2 and _v3 (abi12.h). */
#include "rt_priv.h"

#if RT_ABI == 12
#include <string.h>

#pragma GCC visibility push(default)
#include "rt_exports12.h"
#pragma GCC visibility pop

cudaError_t
cudaGetDeviceProperties_v2(struct rt_device_prop12 *prop, int device)
{
   struct rt_device_prop12 p;
   RT_NOT_NULL(prop);
   RT_TRY_RT(rt_device_prop12(&p, device));
   *prop = p;
   return cudaSuccess;
}

/* The structure of CUDA 11 ends before what version 2 added. */
cudaError_t
cudaGetDeviceProperties(void *prop, int device)
{
   struct rt_device_prop12 p;
   RT_NOT_NULL(prop);
   RT_TRY_RT(rt_device_prop12(&p, device));
   memcpy(prop, &p, offsetof(struct rt_device_prop12, hostRegisterSupported));
   return cudaSuccess;
}

/* The structure is CUDA 12's, whatever the header that serves both calls it. */
cudaError_t
cudaChooseDevice(int *device, const struct cudaDeviceProp *wanted)
{
   const struct rt_device_prop12 *prop = (const void *)wanted;
   int count;
   RT_NOT_NULL(device);
   RT_NOT_NULL(prop);
   RT_TRY_RT(cudaGetDeviceCount(&count));
   *device = 0;
   for (int i = count - 1; i >= 0; i--) {
      int major = 0, minor = 0;
      RT_TRY_RT(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, i));
      RT_TRY_RT(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, i));
      if (major == prop->major && minor == prop->minor)
         *device = i;
   }
   return cudaSuccess;
}

/* Devices were plain numbers then, -1 the host. */
static struct cudaMemLocation
location(int device)
{
   return device == cudaCpuDeviceId
             ? (struct cudaMemLocation){cudaMemLocationTypeHost, 0}
             : (struct cudaMemLocation){cudaMemLocationTypeDevice, device};
}

cudaError_t
cudaMemAdvise(const void *devPtr, size_t count, enum cudaMemoryAdvise advice, int device)
{
   return cudaMemAdvise_v2(devPtr, count, advice, location(device));
}

cudaError_t
cudaMemPrefetchAsync(const void *devPtr, size_t count, int dstDevice, cudaStream_t stream)
{
   return cudaMemPrefetchAsync_v2(devPtr, count, location(dstDevice), 0, stream);
}

/* -- Graphs without data on their edges. */
cudaError_t
cudaGraphAddNode(cudaGraphNode_t *node, cudaGraph_t graph,
                 const cudaGraphNode_t *dependencies, size_t numDependencies,
                 struct cudaGraphNodeParams *params)
{
   return cudaGraphAddNode_v2(node, graph, dependencies, NULL, numDependencies, params);
}

cudaError_t
cudaGraphGetEdges(cudaGraph_t graph, cudaGraphNode_t *from, cudaGraphNode_t *to,
                  size_t *numEdges)
{
   return cudaGraphGetEdges_v2(graph, from, to, NULL, numEdges);
}

cudaError_t
cudaGraphNodeGetDependencies(cudaGraphNode_t node, cudaGraphNode_t *dependencies,
                             size_t *numDependencies)
{
   return cudaGraphNodeGetDependencies_v2(node, dependencies, NULL, numDependencies);
}

cudaError_t
cudaGraphNodeGetDependentNodes(cudaGraphNode_t node, cudaGraphNode_t *dependents,
                               size_t *numDependents)
{
   return cudaGraphNodeGetDependentNodes_v2(node, dependents, NULL, numDependents);
}

cudaError_t
cudaGraphAddDependencies(cudaGraph_t graph, const cudaGraphNode_t *from,
                         const cudaGraphNode_t *to, size_t numDependencies)
{
   return cudaGraphAddDependencies_v2(graph, from, to, NULL, numDependencies);
}

cudaError_t
cudaGraphRemoveDependencies(cudaGraph_t graph, const cudaGraphNode_t *from,
                            const cudaGraphNode_t *to, size_t numDependencies)
{
   return cudaGraphRemoveDependencies_v2(graph, from, to, NULL, numDependencies);
}

/* -- Capture. */
cudaError_t
cudaStreamGetCaptureInfo_v2(cudaStream_t stream, enum cudaStreamCaptureStatus *status,
                            unsigned long long *id, cudaGraph_t *graph,
                            const cudaGraphNode_t **dependencies, size_t *numDependencies)
{
   return cudaStreamGetCaptureInfo_v3(stream, status, id, graph, dependencies, NULL,
                                      numDependencies);
}

cudaError_t
cudaStreamGetCaptureInfo(cudaStream_t stream, enum cudaStreamCaptureStatus *status,
                         unsigned long long *id)
{
   return cudaStreamGetCaptureInfo_v3(stream, status, id, NULL, NULL, NULL, NULL);
}

cudaError_t
cudaStreamUpdateCaptureDependencies(cudaStream_t stream, cudaGraphNode_t *dependencies,
                                    size_t numDependencies, unsigned int flags)
{
   return cudaStreamUpdateCaptureDependencies_v2(stream, dependencies, NULL,
                                                 numDependencies, flags);
}

/* -- Names from before CUDA 4. */
cudaError_t
cudaThreadExit(void)
{
   return cudaDeviceReset();
}

cudaError_t
cudaThreadSynchronize(void)
{
   return cudaDeviceSynchronize();
}

cudaError_t
cudaThreadSetLimit(enum cudaLimit limit, size_t value)
{
   return cudaDeviceSetLimit(limit, value);
}

cudaError_t
cudaThreadGetLimit(size_t *value, enum cudaLimit limit)
{
   return cudaDeviceGetLimit(value, limit);
}

cudaError_t
cudaThreadGetCacheConfig(enum cudaFuncCache *config)
{
   return cudaDeviceGetCacheConfig(config);
}

cudaError_t
cudaThreadSetCacheConfig(enum cudaFuncCache config)
{
   return cudaDeviceSetCacheConfig(config);
}

/* Devices without double precision are gone: the value stays as it is. */
cudaError_t
cudaSetDoubleForDevice(double *d)
{
   RT_NOT_NULL(d);
   return cudaSuccess;
}

cudaError_t
cudaSetDoubleForHost(double *d)
{
   RT_NOT_NULL(d);
   return cudaSuccess;
}
#endif
