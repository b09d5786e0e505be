/* SPDX-License-Identifier: Apache-2.0
 * Figures that change: memory in use, processes, utilisation, and what the sensors say of
 * the processor, which all devices are. */
#include "nvml_priv.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* -- Processes with a context on a device */
#define PROCESSES 1024
struct use {
   const struct device_props *device;
   size_t n;
   struct {
      uint32_t pid;
      uint64_t used;
   } list[PROCESSES];
};

static void
collect(const struct presence *p, void *arg)
{
   struct use *u = arg;
   for (uint32_t i = 0; i < p->count; i++) {
      const struct presence_device *d = &p->devices[i];
      if (d->contexts && u->n < PROCESSES &&
          !memcmp(d->uuid, u->device->uuid, sizeof d->uuid)) {
         u->list[u->n].pid = p->pid;
         u->list[u->n++].used = d->used;
      }
   }
}

static struct use *
users(const struct device_props *p)
{
   struct use *u = base_calloc(1, sizeof *u);
   u->device = p;
   presence_each(collect, u);
   return u;
}

static nvmlReturn_t
processes(nvmlDevice_t device, unsigned *count, void *to, size_t each)
{
   DEVICE(p, device);
   REQUIRE(count && (to || !*count));
   struct use *u = users(p);
   unsigned room = *count;
   *count = (unsigned)u->n;
   for (size_t i = 0; i < u->n && u->n <= room; i++) {
      nvmlProcessInfo_t info = {u->list[i].pid, u->list[i].used, UINT32_MAX, UINT32_MAX};
      memcpy((char *)to + i * each, &info, each);
   }
   nvmlReturn_t r = u->n <= room ? NVML_SUCCESS : NVML_ERROR_INSUFFICIENT_SIZE;
   base_free(u);
   return r;
}

nvmlReturn_t
nvmlDeviceGetComputeRunningProcesses_v3(nvmlDevice_t device, unsigned int *infoCount,
                                        nvmlProcessInfo_t *infos)
{
   return processes(device, infoCount, infos, sizeof *infos);
}

nvmlReturn_t
nvmlDeviceGetComputeRunningProcesses_v2(nvmlDevice_t device, unsigned int *infoCount,
                                        nvmlProcessInfo_v2_t *infos)
{
   return processes(device, infoCount, infos, sizeof *infos);
}

nvmlReturn_t
nvmlDeviceGetComputeRunningProcesses(nvmlDevice_t device, unsigned int *infoCount,
                                     nvmlProcessInfo_v1_t *infos)
{
   return processes(device, infoCount, infos, sizeof *infos);
}

#define NONE(function, type)                                                             \
   nvmlReturn_t nvml##function(nvmlDevice_t device, unsigned int *infoCount,             \
                               type *infos)                                              \
   {                                                                                     \
      DEVICE(p, device);                                                                 \
      REQUIRE(p &&infoCount);                                                            \
      *infoCount = 0;                                                                    \
      return NVML_SUCCESS;                                                               \
   }
NONE(DeviceGetGraphicsRunningProcesses_v3, nvmlProcessInfo_t)
NONE(DeviceGetGraphicsRunningProcesses_v2, nvmlProcessInfo_v2_t)
NONE(DeviceGetGraphicsRunningProcesses, nvmlProcessInfo_v1_t)
NONE(DeviceGetMPSComputeRunningProcesses_v3, nvmlProcessInfo_t)
NONE(DeviceGetMPSComputeRunningProcesses_v2, nvmlProcessInfo_v2_t)
NONE(DeviceGetMPSComputeRunningProcesses, nvmlProcessInfo_v1_t)

/* -- Memory */
struct memory {
   const struct device_props *device;
   uint64_t used, all; /* by processes on this device; on any */
};

static void
add_memory(const struct presence *p, void *arg)
{
   struct memory *m = arg;
   for (uint32_t i = 0; i < p->count; i++) {
      const struct presence_device *d = &p->devices[i];
      m->all += d->used;
      if (!memcmp(d->uuid, m->device->uuid, sizeof d->uuid))
         m->used += d->used;
   }
}

/* What is neither used nor free is what the host has not got: see device_mem_free_bytes.
 */
static nvmlMemory_v2_t
memory_of(const struct device_props *p)
{
   struct memory m = {.device = p};
   presence_each(add_memory, &m);
   uint64_t used = MIN2(m.used, p->memory), left = p->memory - used;
   uint64_t host = device_host_memory();
   if (!p->memory_chosen)
      left = MIN2(left, m.all < host ? host - m.all : 0);
   return (nvmlMemory_v2_t){nvmlMemory_v2, p->memory, p->memory - used - left, left,
                            used};
}

nvmlReturn_t
nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory)
{
   DEVICE(p, device);
   REQUIRE(memory);
   nvmlMemory_v2_t m = memory_of(p);
   *memory = (nvmlMemory_t){m.total, m.free, m.used};
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetMemoryInfo_v2(nvmlDevice_t device, nvmlMemory_v2_t *memory)
{
   DEVICE(p, device);
   REQUIRE(memory);
   if (memory->version != nvmlMemory_v2)
      return NVML_ERROR_ARGUMENT_VERSION_MISMATCH;
   *memory = memory_of(p);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetBAR1MemoryInfo(nvmlDevice_t device, nvmlBAR1Memory_t *bar1Memory)
{
   DEVICE(p, device);
   REQUIRE(bar1Memory);
   nvmlMemory_v2_t m = memory_of(p);
   *bar1Memory = (nvmlBAR1Memory_t){m.total, m.free, m.used};
   return NVML_SUCCESS;
}

/* -- Utilisation: processor time of the processes, out of what all processors had. */
#define INTERVAL_NS 100000000u
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct sample {
   uint64_t when;
   size_t n;
   struct {
      uint32_t pid;
      uint64_t ticks;
   } list[PROCESSES];
} last[DEVICE_MAX];

/* Of the processor, in user and in system mode. */
static uint64_t
ticks_of(uint32_t pid)
{
   uint64_t ticks[2];
   return process_stat(pid, 14, 2, ticks) ? ticks[0] + ticks[1] : 0;
}

static void
take_sample(const struct device_props *p, struct sample *s)
{
   struct use *u = users(p);
   s->when = base_now_ns();
   s->n = u->n;
   for (size_t i = 0; i < u->n; i++) {
      s->list[i].pid = u->list[i].pid;
      s->list[i].ticks = ticks_of(u->list[i].pid);
   }
   base_free(u);
}

/* Percent of all processors that process i of `now` had since `before`. */
static double
share(const struct sample *before, const struct sample *now, size_t i)
{
   double seconds = (double)(now->when - before->when) / 1e9;
   double all = seconds * (double)sysconf(_SC_NPROCESSORS_ONLN);
   for (size_t k = 0; k < before->n; k++)
      if (before->list[k].pid == now->list[i].pid &&
          now->list[i].ticks >= before->list[k].ticks)
         return (double)(now->list[i].ticks - before->list[k].ticks) /
                (double)sysconf(_SC_CLK_TCK) / all * 100;
   return 0;
}

/* Two samples, at least the interval apart; the later one is kept for the next call. */
static void
measure(const struct device_props *p, struct sample *before, struct sample *now)
{
   pthread_mutex_lock(&lock);
   *before = last[p->index];
   if (!before->when || base_now_ns() - before->when > 10ull * INTERVAL_NS)
      take_sample(p, before);
   uint64_t passed = base_now_ns() - before->when;
   if (passed < INTERVAL_NS)
      nanosleep(&(struct timespec){.tv_nsec = (long)(INTERVAL_NS - passed)}, NULL);
   take_sample(p, now);
   last[p->index] = *now;
   pthread_mutex_unlock(&lock);
}

static unsigned
busy(const struct device_props *p)
{
   struct sample *s = base_calloc(2, sizeof *s);
   double sum = 0;
   measure(p, &s[0], &s[1]);
   for (size_t i = 0; i < s[1].n; i++)
      sum += share(&s[0], &s[1], i);
   base_free(s);
   return sum > 100 ? 100 : (unsigned)(sum + 0.5);
}

/* How busy the memory is, nobody measures: 0. */
nvmlReturn_t
nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *utilization)
{
   DEVICE(p, device);
   REQUIRE(utilization);
   *utilization = (nvmlUtilization_t){busy(p), 0};
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetProcessUtilization(nvmlDevice_t device,
                                nvmlProcessUtilizationSample_t *utilization,
                                unsigned int *processSamplesCount,
                                unsigned long long lastSeenTimeStamp)
{
   DEVICE(p, device);
   REQUIRE(processSamplesCount);
   struct sample *s = base_calloc(2, sizeof *s);
   measure(p, &s[0], &s[1]);
   unsigned room = *processSamplesCount;
   *processSamplesCount = (unsigned)s[1].n;
   nvmlReturn_t r = !s[1].n ? NVML_ERROR_NOT_FOUND : NVML_SUCCESS;
   if (s[1].n && (!utilization || room < s[1].n))
      r = NVML_ERROR_INSUFFICIENT_SIZE;
   struct timespec t;
   clock_gettime(CLOCK_REALTIME, &t);
   for (size_t i = 0; r == NVML_SUCCESS && i < s[1].n; i++)
      utilization[i] = (nvmlProcessUtilizationSample_t){
         .pid = s[1].list[i].pid,
         .timeStamp =
            (unsigned long long)t.tv_sec * 1000000u + (unsigned)t.tv_nsec / 1000,
         .smUtil = (unsigned)(share(&s[0], &s[1], i) + 0.5)};
   (void)lastSeenTimeStamp;
   base_free(s);
   return r;
}

/* -- The processor */
nvmlReturn_t
nvmlDeviceGetTemperature(nvmlDevice_t device, nvmlTemperatureSensors_t sensorType,
                         unsigned int *temp)
{
   int celsius;
   DEVICE(p, device);
   REQUIRE(p && temp && sensorType == NVML_TEMPERATURE_GPU);
   if (!sensor_temperature(&celsius))
      return NVML_ERROR_NOT_SUPPORTED;
   *temp = (unsigned)celsius;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetTemperatureThreshold(nvmlDevice_t device,
                                  nvmlTemperatureThresholds_t thresholdType,
                                  unsigned int *temp)
{
   int celsius;
   DEVICE(p, device);
   REQUIRE(p && temp);
   if (thresholdType != NVML_TEMPERATURE_THRESHOLD_SHUTDOWN || !sensor_critical(&celsius))
      return NVML_ERROR_NOT_SUPPORTED;
   *temp = (unsigned)celsius;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *power)
{
   uint64_t milliwatt;
   DEVICE(p, device);
   REQUIRE(p && power);
   if (!sensor_power(&milliwatt))
      return NVML_ERROR_NOT_SUPPORTED;
   *power = (unsigned)milliwatt;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long *energy)
{
   uint64_t microjoule;
   DEVICE(p, device);
   REQUIRE(p && energy);
   if (!sensor_energy(&microjoule))
      return NVML_ERROR_NOT_SUPPORTED;
   *energy = microjoule / 1000;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetPowerManagementLimit(nvmlDevice_t device, unsigned int *limit)
{
   uint64_t milliwatt;
   DEVICE(p, device);
   REQUIRE(p && limit);
   if (!sensor_power_limit(&milliwatt))
      return NVML_ERROR_NOT_SUPPORTED;
   *limit = (unsigned)milliwatt;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetEnforcedPowerLimit(nvmlDevice_t device, unsigned int *limit)
{
   return nvmlDeviceGetPowerManagementLimit(device, limit);
}

nvmlReturn_t
nvmlDeviceGetPowerManagementMode(nvmlDevice_t device, nvmlEnableState_t *mode)
{
   uint64_t milliwatt;
   DEVICE(p, device);
   REQUIRE(p && mode);
   *mode = sensor_power_limit(&milliwatt) ? NVML_FEATURE_ENABLED : NVML_FEATURE_DISABLED;
   return NVML_SUCCESS;
}

static nvmlReturn_t
clock_of(nvmlDevice_t device, nvmlClockType_t type, bool highest, unsigned *mhz)
{
   DEVICE(p, device);
   REQUIRE(p && mhz && (unsigned)type < NVML_CLOCK_COUNT);
   if (type == NVML_CLOCK_MEM || type == NVML_CLOCK_VIDEO || !sensor_clock(highest, mhz))
      return NVML_ERROR_NOT_SUPPORTED;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlDeviceGetClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned int *clock)
{
   return clock_of(device, type, false, clock);
}

nvmlReturn_t
nvmlDeviceGetClock(nvmlDevice_t device, nvmlClockType_t clockType, nvmlClockId_t clockId,
                   unsigned int *clockMHz)
{
   STARTED();
   REQUIRE((unsigned)clockId < NVML_CLOCK_ID_COUNT);
   return clockId == NVML_CLOCK_ID_CURRENT ? clock_of(device, clockType, false, clockMHz)
                                           : NVML_ERROR_NOT_SUPPORTED;
}

nvmlReturn_t
nvmlDeviceGetMaxClockInfo(nvmlDevice_t device, nvmlClockType_t type, unsigned int *clock)
{
   return clock_of(device, type, true, clock);
}
