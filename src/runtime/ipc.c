/* SPDX-License-Identifier: Apache-2.0
 * Memory and events of other processes on this machine. */
#include "rt_priv.h"

#include <string.h>

cudaError_t
cudaIpcGetMemHandle(cudaIpcMemHandle_t *handle, void *devPtr)
{
   RT_ENTER();
   RT_NOT_NULL(handle);
   return rt_ret(cuIpcGetMemHandle((CUipcMemHandle *)handle, rt_ptr(devPtr)));
}

cudaError_t
cudaIpcOpenMemHandle(void **devPtr, cudaIpcMemHandle_t handle, unsigned int flags)
{
   CUipcMemHandle h;
   CUdeviceptr p;
   RT_ENTER();
   RT_NOT_NULL(devPtr);
   memcpy(&h, &handle, sizeof h);
   RT_TRY(cuIpcOpenMemHandle(&p, h, flags));
   *devPtr = (void *)(uintptr_t)p;
   return cudaSuccess;
}

cudaError_t
cudaIpcCloseMemHandle(void *devPtr)
{
   RT_ENTER();
   return rt_ret(cuIpcCloseMemHandle(rt_ptr(devPtr)));
}

cudaError_t
cudaIpcGetEventHandle(cudaIpcEventHandle_t *handle, cudaEvent_t event)
{
   RT_ENTER();
   RT_NOT_NULL(handle);
   return rt_ret(cuIpcGetEventHandle((CUipcEventHandle *)handle, (CUevent)event));
}

cudaError_t
cudaIpcOpenEventHandle(cudaEvent_t *event, cudaIpcEventHandle_t handle)
{
   CUipcEventHandle h;
   RT_ENTER();
   RT_NOT_NULL(event);
   memcpy(&h, &handle, sizeof h);
   return rt_ret(cuIpcOpenEventHandle((CUevent *)event, h));
}
