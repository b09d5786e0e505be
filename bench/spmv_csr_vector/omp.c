/* SPDX-License-Identifier: Apache-2.0
 * On a processor the expert's loop is the same whichever way the kernel was cut. */
#include "../spmv_csr_scalar/omp.c"
