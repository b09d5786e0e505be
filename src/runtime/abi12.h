/* SPDX-License-Identifier: Apache-2.0
 * What CUDA 12 calls the functions whose CUDA 13 signature is declared under the plain
 * name: the same implementation is built as the _v2 or _v3 of libcudart.so.12, and
 * compat12.c adds the plain names with their older signatures. */
#ifndef KASURI_RT_ABI12_H
#define KASURI_RT_ABI12_H

#define cudaGetDeviceProperties rt_device_properties_13
#define cudaGraphAddDependencies cudaGraphAddDependencies_v2
#define cudaGraphAddNode cudaGraphAddNode_v2
#define cudaGraphGetEdges cudaGraphGetEdges_v2
#define cudaGraphNodeGetDependencies cudaGraphNodeGetDependencies_v2
#define cudaGraphNodeGetDependentNodes cudaGraphNodeGetDependentNodes_v2
#define cudaGraphRemoveDependencies cudaGraphRemoveDependencies_v2
#define cudaMemAdvise cudaMemAdvise_v2
#define cudaMemPrefetchAsync cudaMemPrefetchAsync_v2
#define cudaSignalExternalSemaphoresAsync cudaSignalExternalSemaphoresAsync_v2
#define cudaWaitExternalSemaphoresAsync cudaWaitExternalSemaphoresAsync_v2
#define cudaStreamGetCaptureInfo cudaStreamGetCaptureInfo_v3
#define cudaStreamUpdateCaptureDependencies cudaStreamUpdateCaptureDependencies_v2

#endif
