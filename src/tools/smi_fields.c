/* SPDX-License-Identifier: Apache-2.0
 * The fields of `kasuri smi`, by the names that scripts ask nvidia-smi for. */
#include "tools/smi_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

static bool
put(char *to, const char *text)
{
   snprintf(to, SMI_VALUE, "%s", text);
   return true;
}

static bool
put_number(char *to, unsigned long long v)
{
   snprintf(to, SMI_VALUE, "%llu", v);
   return true;
}

static bool
timestamp(nvmlDevice_t d, char *to)
{
   struct timeval t;
   struct tm tm;
   gettimeofday(&t, NULL);
   localtime_r(&t.tv_sec, &tm);
   size_t n = strftime(to, SMI_VALUE, "%Y/%m/%d %H:%M:%S", &tm);
   snprintf(to + n, SMI_VALUE - n, ".%03d", (int)(t.tv_usec / 1000));
   return true;
}

static bool
driver_version(nvmlDevice_t d, char *to)
{
   return nvmlSystemGetDriverVersion(to, SMI_VALUE) == NVML_SUCCESS;
}

static bool
count(nvmlDevice_t d, char *to)
{
   unsigned n;
   return nvmlDeviceGetCount(&n) == NVML_SUCCESS && put_number(to, n);
}

static bool
name(nvmlDevice_t d, char *to)
{
   return nvmlDeviceGetName(d, to, SMI_VALUE) == NVML_SUCCESS;
}

static bool
uuid(nvmlDevice_t d, char *to)
{
   return nvmlDeviceGetUUID(d, to, SMI_VALUE) == NVML_SUCCESS;
}

static bool
device_index(nvmlDevice_t d, char *to)
{
   unsigned i;
   return nvmlDeviceGetIndex(d, &i) == NVML_SUCCESS && put_number(to, i);
}

static bool
bus_id(nvmlDevice_t d, char *to)
{
   nvmlPciInfo_t p;
   return nvmlDeviceGetPciInfo(d, &p) == NVML_SUCCESS && put(to, p.busId);
}

#define PCI(function, format, field)                                                     \
   static bool function(nvmlDevice_t d, char *to)                                        \
   {                                                                                     \
      nvmlPciInfo_t p;                                                                   \
      if (nvmlDeviceGetPciInfo(d, &p) != NVML_SUCCESS)                                   \
         return false;                                                                   \
      snprintf(to, SMI_VALUE, format, p.field);                                          \
      return true;                                                                       \
   }
PCI(pci_domain, "0x%04X", domain)
PCI(pci_bus, "0x%02X", bus)
PCI(pci_device, "0x%02X", device)
PCI(pci_device_id, "0x%08X", pciDeviceId)
PCI(pci_sub_device_id, "0x%08X", pciSubSystemId)

#define STATE(function, call)                                                            \
   static bool function(nvmlDevice_t d, char *to)                                        \
   {                                                                                     \
      nvmlEnableState_t on;                                                              \
      return call(d, &on) == NVML_SUCCESS && put(to, on ? "Enabled" : "Disabled");       \
   }
STATE(display_mode, nvmlDeviceGetDisplayMode)
STATE(display_active, nvmlDeviceGetDisplayActive)
STATE(persistence_mode, nvmlDeviceGetPersistenceMode)
STATE(accounting_mode, nvmlDeviceGetAccountingMode)

static bool
power_management(nvmlDevice_t d, char *to)
{
   nvmlEnableState_t on;
   return nvmlDeviceGetPowerManagementMode(d, &on) == NVML_SUCCESS && on &&
          put(to, "Enabled");
}

static bool
ecc_mode(nvmlDevice_t d, char *to)
{
   nvmlEnableState_t on, pending;
   return nvmlDeviceGetEccMode(d, &on, &pending) == NVML_SUCCESS &&
          put(to, on ? "Enabled" : "Disabled");
}

static bool
compute_mode(nvmlDevice_t d, char *to)
{
   nvmlComputeMode_t m;
   return nvmlDeviceGetComputeMode(d, &m) == NVML_SUCCESS && put(to, "Default");
}

static bool
compute_cap(nvmlDevice_t d, char *to)
{
   int major, minor;
   if (nvmlDeviceGetCudaComputeCapability(d, &major, &minor) != NVML_SUCCESS)
      return false;
   snprintf(to, SMI_VALUE, "%d.%d", major, minor);
   return true;
}

#define MEMORY(function, field)                                                          \
   static bool function(nvmlDevice_t d, char *to)                                        \
   {                                                                                     \
      nvmlMemory_v2_t m = {.version = nvmlMemory_v2};                                    \
      return nvmlDeviceGetMemoryInfo_v2(d, &m) == NVML_SUCCESS &&                        \
             put_number(to, m.field >> 20);                                              \
   }
MEMORY(memory_total, total)
MEMORY(memory_reserved, reserved)
MEMORY(memory_used, used)
MEMORY(memory_free, free)

static bool
utilization_gpu(nvmlDevice_t d, char *to)
{
   nvmlUtilization_t u;
   return nvmlDeviceGetUtilizationRates(d, &u) == NVML_SUCCESS && put_number(to, u.gpu);
}

static bool
temperature(nvmlDevice_t d, char *to)
{
   unsigned v;
   return nvmlDeviceGetTemperature(d, NVML_TEMPERATURE_GPU, &v) == NVML_SUCCESS &&
          put_number(to, v);
}

static bool
temperature_limit(nvmlDevice_t d, char *to)
{
   unsigned v;
   return nvmlDeviceGetTemperatureThreshold(d, NVML_TEMPERATURE_THRESHOLD_SHUTDOWN, &v) ==
             NVML_SUCCESS &&
          put_number(to, v);
}

static bool
watts(char *to, nvmlReturn_t status, unsigned milliwatt)
{
   snprintf(to, SMI_VALUE, "%.2f", milliwatt / 1000.0);
   return status == NVML_SUCCESS;
}

static bool
power_draw(nvmlDevice_t d, char *to)
{
   unsigned v = 0;
   nvmlReturn_t r = nvmlDeviceGetPowerUsage(d, &v);
   return watts(to, r, v);
}

static bool
power_limit(nvmlDevice_t d, char *to)
{
   unsigned v = 0;
   nvmlReturn_t r = nvmlDeviceGetEnforcedPowerLimit(d, &v);
   return watts(to, r, v);
}

static bool
clock_now(nvmlDevice_t d, char *to)
{
   unsigned v;
   return nvmlDeviceGetClockInfo(d, NVML_CLOCK_SM, &v) == NVML_SUCCESS &&
          put_number(to, v);
}

static bool
clock_max(nvmlDevice_t d, char *to)
{
   unsigned v;
   return nvmlDeviceGetMaxClockInfo(d, NVML_CLOCK_SM, &v) == NVML_SUCCESS &&
          put_number(to, v);
}

#define NEVER(name) {name, NULL, NULL, false, NULL, NULL, "not known here"}
const struct smi_field smi_gpu_fields[] = {
   {"timestamp", NULL, NULL, false, timestamp, NULL, "when the query was made"},
   {"driver_version", NULL, NULL, false, driver_version, NULL,
    "driver branch whose interface Kasuri speaks"},
   {"count", NULL, NULL, true, count, NULL, "number of devices"},
   {"name", "gpu_name", NULL, false, name, NULL, "name of the device"},
   {"index", NULL, NULL, true, device_index, NULL, "number on the bus, from 0"},
   {"uuid", "gpu_uuid", NULL, false, uuid, NULL, "identifier of the device"},
   {"pci.bus_id", "gpu_bus_id", NULL, false, bus_id, NULL, "bus address"},
   {"pci.domain", NULL, NULL, false, pci_domain, NULL, "its domain"},
   {"pci.bus", NULL, NULL, false, pci_bus, NULL, "its bus"},
   {"pci.device", NULL, NULL, false, pci_device, NULL, "its device"},
   {"pci.device_id", NULL, NULL, false, pci_device_id, NULL, "the profile's PCI id"},
   {"pci.sub_device_id", NULL, NULL, false, pci_sub_device_id, NULL, "its second part"},
   {"compute_cap", NULL, NULL, false, compute_cap, NULL, "compute capability"},
   {"compute_mode", NULL, NULL, false, compute_mode, NULL, "always Default"},
   {"display_mode", NULL, NULL, false, display_mode, NULL, "always Disabled"},
   {"display_active", NULL, NULL, false, display_active, NULL, "always Disabled"},
   {"persistence_mode", NULL, NULL, false, persistence_mode, NULL, "always Disabled"},
   {"accounting.mode", NULL, NULL, false, accounting_mode, NULL, "always Disabled"},
   {"memory.total", NULL, "MiB", true, memory_total, NULL, "memory of the device"},
   {"memory.reserved", NULL, "MiB", true, memory_reserved, NULL,
    "of it, what the host has not got"},
   {"memory.used", NULL, "MiB", true, memory_used, NULL, "in use by all processes"},
   {"memory.free", NULL, "MiB", true, memory_free, NULL, "left"},
   {"utilization.gpu", NULL, "%", true, utilization_gpu, NULL,
    "processor time of the processes on the device, of all there is"},
   {"temperature.gpu", NULL, NULL, true, temperature, NULL, "the processor's, in C"},
   {"temperature.gpu.tlimit", NULL, NULL, true, temperature_limit, NULL,
    "at which it stops"},
   {"power.management", NULL, NULL, false, power_management, NULL,
    "whether a limit is known"},
   {"power.draw", NULL, "W", true, power_draw, NULL, "the processor's"},
   {"power.draw.instant", NULL, "W", true, power_draw, NULL, "the same"},
   {"power.draw.average", NULL, "W", true, power_draw, NULL, "the same"},
   {"power.limit", NULL, "W", true, power_limit, NULL, "the processor's"},
   {"enforced.power.limit", NULL, "W", true, power_limit, NULL, "the same"},
   {"clocks.current.graphics", "clocks.gr", "MHz", true, clock_now, NULL,
    "the processor's clock"},
   {"clocks.current.sm", "clocks.sm", "MHz", true, clock_now, NULL, "the same"},
   {"clocks.max.graphics", "clocks.max.gr", "MHz", true, clock_max, NULL,
    "its highest clock"},
   {"clocks.max.sm", NULL, "MHz", true, clock_max, NULL, "the same"},
   {"ecc.mode.current", NULL, NULL, false, ecc_mode, NULL, "what the profile says"},
   {"ecc.mode.pending", NULL, NULL, false, ecc_mode, NULL, "the same"},
   NEVER("serial"),
   NEVER("vbios_version"),
   NEVER("pstate"),
   NEVER("fan.speed"),
   NEVER("utilization.memory"),
   NEVER("utilization.encoder"),
   NEVER("utilization.decoder"),
   NEVER("temperature.memory"),
   NEVER("power.default_limit"),
   NEVER("power.min_limit"),
   NEVER("power.max_limit"),
   NEVER("clocks.current.memory"),
   NEVER("clocks.mem"),
   NEVER("clocks.current.video"),
   NEVER("clocks.video"),
   NEVER("clocks.max.memory"),
   NEVER("clocks.max.mem"),
   NEVER("clocks.applications.graphics"),
   NEVER("clocks.applications.gr"),
   NEVER("clocks.applications.memory"),
   NEVER("clocks.applications.mem"),
   NEVER("clocks_throttle_reasons.active"),
   NEVER("clocks_event_reasons.active"),
   NEVER("mig.mode.current"),
   NEVER("mig.mode.pending"),
   NEVER("ecc.errors.corrected.volatile.total"),
   NEVER("ecc.errors.uncorrected.volatile.total"),
   NEVER("ecc.errors.corrected.aggregate.total"),
   NEVER("ecc.errors.uncorrected.aggregate.total"),
   NEVER("retired_pages.single_bit_ecc.count"),
   NEVER("retired_pages.double_bit.count"),
   NEVER("retired_pages.pending"),
   NEVER("pcie.link.gen.current"),
   NEVER("pcie.link.gen.max"),
   NEVER("pcie.link.width.current"),
   NEVER("pcie.link.width.max"),
   NEVER("driver_model.current"),
   NEVER("driver_model.pending"),
   NEVER("gom.current"),
   NEVER("gom.pending"),
   NEVER("inforom.img"),
   NEVER("inforom.ecc"),
   NEVER("encoder.stats.sessionCount"),
   {0},
};

/* -- Processes */
static bool
app_pid(const struct smi_process *p, char *to)
{
   return put_number(to, p->info.pid);
}

static bool
app_name(const struct smi_process *p, char *to)
{
   return nvmlSystemGetProcessName(p->info.pid, to, SMI_VALUE) == NVML_SUCCESS;
}

static bool
app_memory(const struct smi_process *p, char *to)
{
   return put_number(to, p->info.usedGpuMemory >> 20);
}

const struct smi_field smi_app_fields[] = {
   {"timestamp", NULL, NULL, false, timestamp, NULL, "when the query was made"},
   {"gpu_name", NULL, NULL, false, name, NULL, "name of the device"},
   {"gpu_bus_id", NULL, NULL, false, bus_id, NULL, "its bus address"},
   {"gpu_uuid", NULL, NULL, false, uuid, NULL, "its identifier"},
   {"pid", NULL, NULL, true, NULL, app_pid, "number of the process"},
   {"process_name", "name", NULL, false, NULL, app_name, "its program"},
   {"used_gpu_memory", "used_memory", "MiB", true, NULL, app_memory,
    "memory of the device that it has"},
   NEVER("gpu_serial"),
   {0},
};

const struct smi_field *
smi_find(const struct smi_field *fields, const char *wanted)
{
   for (; fields->name; fields++)
      if (!strcmp(fields->name, wanted) ||
          (fields->alias && !strcmp(fields->alias, wanted)))
         return fields;
   return NULL;
}

void
smi_value(const struct smi_field *f, nvmlDevice_t d, const struct smi_process *p,
          bool unit, const char *none, char *to)
{
   bool known = f->get_process && p ? f->get_process(p, to) : f->get && f->get(d, to);
   if (!known)
      put(to, none);
   else if (unit && f->unit) {
      size_t n = strlen(to);
      snprintf(to + n, SMI_VALUE - n, " %s", f->unit);
   }
}
