/* SPDX-License-Identifier: Apache-2.0
 * How the driver learns what a runtime's kernel handles stand for. libcudart calls this
 * in libcuda.so.1, which has no other way to know of registered code. */
#ifndef KASURI_KERNEL_RESOLVER_H
#define KASURI_KERNEL_RESOLVER_H

#include "../../include/cuda.h"

/* The function in the calling thread's context; CUDA_ERROR_NOT_FOUND: not one of mine.
 * Called with no lock held. */
typedef CUresult kasuri_resolve_fn(const void *handle, CUfunction *f);
/* Weak: a program that links Kasuri's runtime against another libcuda.so.1 still runs. */
__attribute__((visibility("default"), weak)) void
kasuri_kernel_resolver(kasuri_resolve_fn *resolve, int add);

#endif
