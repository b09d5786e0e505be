/* SPDX-License-Identifier: Apache-2.0
 * The place of NVTX since release 3. */
#include "../nvToolsExt.h"
