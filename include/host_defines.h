/* SPDX-License-Identifier: Apache-2.0
 * The name under which older code includes crt/host_defines.h. */
#include "crt/host_defines.h"
