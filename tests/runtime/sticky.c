/* SPDX-License-Identifier: Apache-2.0
 * An error that breaks the context comes back from every call, in every thread, and is
 * not cleared by reading it; cudaDeviceReset makes the device usable again. */
#include "check.h"
#include "fatbin.h"

#include <cuda_runtime_api.h>
#include <pthread.h>

void **__cudaRegisterFatBinary(void *);
void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *,
                            void *, void *, void *, int *);

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static const char ptx[] = ".version 8.0\n.target sm_70\n.address_size 64\n"
                          ".visible .entry fall()\n{\ntrap;\nret;\n}\n"
                          ".visible .entry fine()\n{\nret;\n}\n";
static char fall, fine;
static const dim3 one = {1, 1, 1};

static void *
other_thread(void *arg)
{
   void *p;
   *(int *)arg = (int)cudaMalloc(&p, 4);
   return NULL;
}

int
main(void)
{
   void *p = NULL, **h = __cudaRegisterFatBinary(fatbin_of_ptx(ptx));
   __cudaRegisterFunction(h, &fall, &fall, "fall", -1, 0, 0, 0, 0, 0);
   __cudaRegisterFunction(h, &fine, &fine, "fine", -1, 0, 0, 0, 0, 0);
   OK(cudaLaunchKernel(&fine, one, one, NULL, 0, NULL));
   OK(cudaDeviceSynchronize());
   cudaLaunchKernel(&fall, one, one, NULL, 0, NULL);
   /* Which of the two a trap is depends on the device. */
   cudaError_t broken = cudaDeviceSynchronize();
   CHECK(broken == cudaErrorLaunchFailure || broken == cudaErrorIllegalInstruction);
   CHECK_EQ_U64(cudaMalloc(&p, 4), broken);
   CHECK_EQ_U64(cudaLaunchKernel(&fine, one, one, NULL, 0, NULL), broken);
   CHECK_EQ_U64(cudaGetLastError(), broken);
   CHECK_EQ_U64(cudaGetLastError(), broken);
   int seen = 0, n = 0;
   pthread_t t;
   pthread_create(&t, NULL, other_thread, &seen);
   pthread_join(t, NULL);
   CHECK_EQ_U64(seen, broken);
   OK(cudaGetDeviceCount(&n));
   OK(cudaDeviceReset());
   OK(cudaGetLastError());
   OK(cudaMalloc(&p, 4));
   OK(cudaLaunchKernel(&fine, one, one, NULL, 0, NULL));
   OK(cudaDeviceSynchronize());
   OK(cudaFree(p));
   return check_done();
}
