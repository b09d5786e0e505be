/* SPDX-License-Identifier: Apache-2.0
 * Errors: their names and texts, what the driver's codes become, and the last error of
 * each thread. An error is sticky when it leaves the context unusable: it comes back from
 * every call, and cudaGetLastError does not clear it, until cudaDeviceReset. */
#include "rt_priv.h"

#include <stdio.h>
#include <string.h>

struct error_text {
   cudaError_t code;
   const char *name, *text;
};

static const struct error_text errors[] = {
#define X(code, text) {code, #code, text},
#include "error_strings.inc"
#undef X
};

static const struct error_text *
find(cudaError_t e)
{
   size_t lo = 0, hi = sizeof errors / sizeof *errors;
   while (lo < hi) {
      size_t mid = (lo + hi) / 2;
      if (errors[mid].code == e)
         return &errors[mid];
      if ((int)errors[mid].code < (int)e)
         lo = mid + 1;
      else
         hi = mid;
   }
   return NULL;
}

const char *
cudaGetErrorName(cudaError_t error)
{
   const struct error_text *t = find(error);
   return t != NULL ? t->name : "unrecognized error code";
}

const char *
cudaGetErrorString(cudaError_t error)
{
   const struct error_text *t = find(error);
   return t != NULL ? t->text : "unrecognized error code";
}

/* The two interfaces number their errors alike, but each has some of its own. */
cudaError_t
rt_from_driver(CUresult r)
{
   if (r == CUDA_ERROR_INVALID_HANDLE)
      return cudaErrorInvalidResourceHandle;
   cudaError_t e = (cudaError_t)r;
   return find(e) != NULL ? e : cudaErrorUnknown;
}

bool
rt_is_sticky(cudaError_t e)
{
   switch ((int)e) {
   case cudaErrorECCUncorrectable:
   case cudaErrorNvlinkUncorrectable:
   case cudaErrorContained:
   case cudaErrorIllegalAddress:
   case cudaErrorLaunchTimeout:
   case cudaErrorAssert:
   case cudaErrorHardwareStackError:
   case cudaErrorIllegalInstruction:
   case cudaErrorMisalignedAddress:
   case cudaErrorInvalidAddressSpace:
   case cudaErrorInvalidPc:
   case cudaErrorLaunchFailure:
   case cudaErrorTensorMemoryLeak:
      return true;
   default:
      return false;
   }
}

cudaError_t
rt_fail(cudaError_t e)
{
   rt_thread()->last_error = e;
   return e;
}

cudaError_t
rt_fail_driver(CUresult r)
{
   cudaError_t e = rt_from_driver(r);
   if (rt_is_sticky(e))
      rt_note_sticky(e);
   return rt_fail(e);
}

/* A program that gets "operation not supported" deserves to learn from which call; once a
 * call, as some are tried in loops. */
cudaError_t
rt_unsupported(const char *what)
{
   static const char *told[64];
   static size_t told_len;
   static char lock;
   bool tell = true;
   while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE))
      ;
   for (size_t i = 0; i < told_len; i++)
      tell = tell && strcmp(told[i], what) != 0;
   if (tell && told_len < sizeof told / sizeof *told)
      told[told_len++] = what;
   __atomic_clear(&lock, __ATOMIC_RELEASE);
   if (tell)
      fprintf(stderr, "kasuri: %s is not supported yet (docs/api-runtime.md)\n", what);
   return rt_fail(cudaErrorNotSupported);
}

cudaError_t
cudaGetLastError(void)
{
   struct rt_thread *t = rt_thread();
   cudaError_t e = t->last_error;
   if (!rt_is_sticky(e))
      t->last_error = cudaSuccess;
   return e;
}

cudaError_t
cudaPeekAtLastError(void)
{
   return rt_thread()->last_error;
}
