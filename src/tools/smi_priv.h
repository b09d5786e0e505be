/* SPDX-License-Identifier: Apache-2.0
 * `kasuri smi`: fields by name, which every form of output is made of. All figures come
 * from the NVML room. */
#ifndef KASURI_SMI_PRIV_H
#define KASURI_SMI_PRIV_H

#include "tools/tools.h"

#include "../../include/nvml.h"

#define SMI_VALUE 256

/* A process on a device. */
struct smi_process {
   nvmlDevice_t device;
   nvmlProcessInfo_t info;
};

struct smi_field {
   const char *name, *alias; /* alias: another name, or NULL */
   const char *unit;         /* "MiB", or NULL */
   bool number;              /* in JSON */
   /* Writes the value without its unit; false: there is none. NULL: there never is. */
   bool (*get)(nvmlDevice_t d, char *to);
   bool (*get_process)(const struct smi_process *p, char *to);
   const char *help;
};
extern const struct smi_field smi_gpu_fields[], smi_app_fields[]; /* NULL name: the end */
const struct smi_field *smi_find(const struct smi_field *fields, const char *name);
/* The value, with its unit where that is wanted; `none` where there is none. */
void smi_value(const struct smi_field *f, nvmlDevice_t d, const struct smi_process *p,
               bool unit, const char *none, char *to);

/* The devices chosen by -i, and the processes on them. */
struct smi {
   VEC(nvmlDevice_t) devices;
   VEC(struct smi_process) processes;
};

int smi_query_csv(const struct smi *s, const struct smi_field *fields, const char *list,
                  const char *format);
void smi_print_full(const struct smi *s, const char *sections, bool xml);
bool smi_sections_known(const char *sections);
void smi_print_json(const struct smi *s);

#endif
