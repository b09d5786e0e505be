/* SPDX-License-Identifier: Apache-2.0
 * Streams that build a graph instead of doing. */
#include "driver_priv.h"

CUresult
capture_add(struct drv_stream *s, const struct op *op)
{
   return CUDA_ERROR_NOT_SUPPORTED;
}
CUresult
capture_record(struct drv_stream *s, struct drv_event *e)
{
   return CUDA_ERROR_NOT_SUPPORTED;
}
CUresult
capture_wait(struct drv_stream *s, struct drv_event *e)
{
   return CUDA_ERROR_NOT_SUPPORTED;
}
void
capture_invalidate(struct drv_stream *s)
{
}
void
capture_abandon(struct drv_stream *s)
{
}
bool
driver_capturing(void)
{
   return false;
}
