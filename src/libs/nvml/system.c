/* SPDX-License-Identifier: Apache-2.0
 * Beginning, end, versions, error texts. There is no NVIDIA driver: the version named is
 * the driver branch whose interface Kasuri speaks, since programs compare it. */
#include "nvml_priv.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CUDA_SPOKEN 13000
#define BRANCH "580.0.0"

static atomic_int uses;

bool
nvml_started(void)
{
   return atomic_load(&uses) > 0;
}

nvmlReturn_t
nvmlInitWithFlags(unsigned int flags)
{
   const struct device_props *list;
   if (!device_all(&list) && !(flags & NVML_INIT_FLAG_NO_GPUS))
      return NVML_ERROR_DRIVER_NOT_LOADED;
   atomic_fetch_add(&uses, 1);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlInit_v2(void)
{
   return nvmlInitWithFlags(0);
}

nvmlReturn_t
nvmlInit(void)
{
   return nvmlInitWithFlags(0);
}

nvmlReturn_t
nvmlShutdown(void)
{
   STARTED();
   atomic_fetch_sub(&uses, 1);
   return NVML_SUCCESS;
}

const char *
nvmlErrorString(nvmlReturn_t result)
{
   switch (result) {
   case NVML_SUCCESS:
      return "Success";
   case NVML_ERROR_UNINITIALIZED:
      return "Uninitialized";
   case NVML_ERROR_INVALID_ARGUMENT:
      return "Invalid Argument";
   case NVML_ERROR_NOT_SUPPORTED:
      return "Not Supported";
   case NVML_ERROR_NO_PERMISSION:
      return "Insufficient Permissions";
   case NVML_ERROR_ALREADY_INITIALIZED:
      return "Already Initialized";
   case NVML_ERROR_NOT_FOUND:
      return "Not Found";
   case NVML_ERROR_INSUFFICIENT_SIZE:
      return "Insufficient Size";
   case NVML_ERROR_INSUFFICIENT_POWER:
      return "Insufficient External Power";
   case NVML_ERROR_DRIVER_NOT_LOADED:
      return "Driver Not Loaded";
   case NVML_ERROR_TIMEOUT:
      return "Timeout";
   case NVML_ERROR_IRQ_ISSUE:
      return "Interrupt Request Issue";
   case NVML_ERROR_LIBRARY_NOT_FOUND:
      return "NVML Shared Library Not Found";
   case NVML_ERROR_FUNCTION_NOT_FOUND:
      return "Function Not Found";
   case NVML_ERROR_CORRUPTED_INFOROM:
      return "Corrupted infoROM";
   case NVML_ERROR_GPU_IS_LOST:
      return "GPU is lost";
   case NVML_ERROR_RESET_REQUIRED:
      return "GPU requires reset";
   case NVML_ERROR_OPERATING_SYSTEM:
      return "GPU access blocked by the operating system";
   case NVML_ERROR_LIB_RM_VERSION_MISMATCH:
      return "Driver/library version mismatch";
   case NVML_ERROR_IN_USE:
      return "In use by another client";
   case NVML_ERROR_MEMORY:
      return "Insufficient Memory";
   case NVML_ERROR_NO_DATA:
      return "No data";
   case NVML_ERROR_VGPU_ECC_NOT_SUPPORTED:
      return "ECC is not supported";
   case NVML_ERROR_INSUFFICIENT_RESOURCES:
      return "Insufficient resources";
   case NVML_ERROR_FREQ_NOT_SUPPORTED:
      return "Frequency not supported";
   case NVML_ERROR_ARGUMENT_VERSION_MISMATCH:
      return "Argument version mismatch";
   case NVML_ERROR_DEPRECATED:
      return "Deprecated";
   case NVML_ERROR_NOT_READY:
      return "Not ready";
   case NVML_ERROR_GPU_NOT_FOUND:
      return "GPU not found";
   case NVML_ERROR_INVALID_STATE:
      return "Invalid state";
   case NVML_ERROR_RESET_TYPE_NOT_SUPPORTED:
      return "Reset type not supported";
   case NVML_ERROR_UNKNOWN:
      break;
   }
   return "Unknown Error";
}

nvmlReturn_t
nvml_text(char *to, unsigned length, const char *text)
{
   REQUIRE(to);
   if (length <= strlen(text))
      return NVML_ERROR_INSUFFICIENT_SIZE;
   strcpy(to, text);
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlSystemGetDriverVersion(char *version, unsigned int length)
{
   STARTED();
   return nvml_text(version, length, BRANCH);
}

nvmlReturn_t
nvmlSystemGetNVMLVersion(char *version, unsigned int length)
{
   return nvml_text(version, length, "13." BRANCH);
}

nvmlReturn_t
nvmlSystemGetCudaDriverVersion_v2(int *cudaDriverVersion)
{
   REQUIRE(cudaDriverVersion);
   *cudaDriverVersion = CUDA_SPOKEN;
   return NVML_SUCCESS;
}

nvmlReturn_t
nvmlSystemGetCudaDriverVersion(int *cudaDriverVersion)
{
   return nvmlSystemGetCudaDriverVersion_v2(cudaDriverVersion);
}

nvmlReturn_t
nvmlSystemGetProcessName(unsigned int pid, char *name, unsigned int length)
{
   STARTED();
   REQUIRE(name && length);
   char link[64], path[4096];
   snprintf(link, sizeof link, "/proc/%u/exe", pid);
   ssize_t n = readlink(link, path, sizeof path - 1);
   if (n < 0) {
      /* Another user's: the first word of its command line. */
      snprintf(link, sizeof link, "/proc/%u/cmdline", pid);
      FILE *f = fopen(link, "re");
      n = f ? (ssize_t)fread(path, 1, sizeof path - 1, f) : 0;
      if (f)
         fclose(f);
      if (!n)
         return NVML_ERROR_NOT_FOUND;
   }
   path[n] = 0;
   snprintf(name, length, "%s", path); /* cut to fit, as the interface says */
   return NVML_SUCCESS;
}
