/* SPDX-License-Identifier: Apache-2.0
 * Events: points in a stream that others wait for or measure. */
#include "rt_priv.h"

cudaError_t
cudaEventCreate(cudaEvent_t *event)
{
   return cudaEventCreateWithFlags(event, cudaEventDefault);
}

cudaError_t
cudaEventCreateWithFlags(cudaEvent_t *event, unsigned int flags)
{
   unsigned known =
      cudaEventBlockingSync | cudaEventDisableTiming | cudaEventInterprocess;
   RT_NOT_NULL(event);
   RT_ENTER();
   if ((flags & ~known) != 0)
      return rt_fail(cudaErrorInvalidValue);
   return rt_ret(cuEventCreate((CUevent *)event, flags));
}

cudaError_t
cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
   RT_ENTER();
   return rt_ret(cuEventRecord((CUevent)event, rt_stream(stream)));
}

cudaError_t
cudaEventRecordWithFlags(cudaEvent_t event, cudaStream_t stream, unsigned int flags)
{
   RT_ENTER();
   return rt_ret(cuEventRecordWithFlags((CUevent)event, rt_stream(stream), flags));
}

cudaError_t
cudaEventQuery(cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(cuEventQuery((CUevent)event));
}

cudaError_t
cudaEventSynchronize(cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(cuEventSynchronize((CUevent)event));
}

cudaError_t
cudaEventDestroy(cudaEvent_t event)
{
   RT_ENTER();
   return rt_ret(cuEventDestroy((CUevent)event));
}

cudaError_t
cudaEventElapsedTime(float *ms, cudaEvent_t start, cudaEvent_t end)
{
   RT_NOT_NULL(ms);
   RT_ENTER();
   return rt_ret(cuEventElapsedTime(ms, (CUevent)start, (CUevent)end));
}
