/* SPDX-License-Identifier: Apache-2.0
 * What the files of libnvidia-ml share. A device handle points at the figures of one of
 * the virtual GPUs, all of which are listed, whatever CUDA_VISIBLE_DEVICES says. */
#ifndef KASURI_NVML_PRIV_H
#define KASURI_NVML_PRIV_H

#include "machine/presence.h"
#include "machine/profile.h"

#pragma GCC visibility push(default)
#define NVML_NO_UNVERSIONED_FUNC_DEFS
#include "../../../include/nvml.h"
#pragma GCC visibility pop

bool nvml_started(void);
const struct device_props *nvml_device(nvmlDevice_t d); /* NULL: no device of ours */

/* Return from the calling function unless all is well. */
#define STARTED()                                                                        \
   do {                                                                                  \
      if (!nvml_started())                                                               \
         return NVML_ERROR_UNINITIALIZED;                                                \
   } while (0)
#define REQUIRE(cond)                                                                    \
   do {                                                                                  \
      if (!(cond))                                                                       \
         return NVML_ERROR_INVALID_ARGUMENT;                                             \
   } while (0)
#define DEVICE(p, d)                                                                     \
   STARTED();                                                                            \
   const struct device_props *p = nvml_device(d);                                        \
   REQUIRE(p)

/* Copies a text to a caller's buffer. */
nvmlReturn_t nvml_text(char *to, unsigned length, const char *text);

/* -- sensor.c: the processor; false where the system does not tell. */
bool sensor_temperature(int *celsius);
bool sensor_critical(int *celsius);
bool sensor_energy(uint64_t *microjoule); /* a counter */
bool sensor_power(uint64_t *milliwatt);   /* measured for 50 ms where need be */
bool sensor_power_limit(uint64_t *milliwatt);
bool sensor_clock(bool highest, unsigned *mhz);

#endif
