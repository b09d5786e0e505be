/* SPDX-License-Identifier: Apache-2.0
 * cuProfilerStart and cuProfilerStop, which NVIDIA's toolkit declares in this header. */
#ifndef __cuda_profiler_H__
#define __cuda_profiler_H__

#include "cuda.h"

#endif
