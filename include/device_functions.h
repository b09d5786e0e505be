/* SPDX-License-Identifier: Apache-2.0
 * A name under which code asks for what cuda_runtime.h and the compiler already bring. */
#include "cuda_runtime.h"
