/* SPDX-License-Identifier: Apache-2.0
 * The name under which CUDA keeps the pipeline primitives. */
#include "cuda_pipeline.h"
