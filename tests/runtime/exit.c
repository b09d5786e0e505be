/* SPDX-License-Identifier: Apache-2.0
 * The end of a process. `exit late`: a handler that was registered before the first call
 * still copies and frees, as destructors of static objects do. `exit spin`: a kernel that
 * never ends does not keep the process. */
#include "check.h"
#include "fatbin.h"

#include <cuda_runtime_api.h>

void **__cudaRegisterFatBinary(void *);
void __cudaUnregisterFatBinary(void **);
void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *,
                            void *, void *, void *, int *);

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static const char ptx[] =
   ".version 8.0\n.target sm_70\n.address_size 64\n"
   ".visible .entry spin(.param .u64 p)\n{\n.reg .pred %p<2>;\n.reg .b32 %r<2>;\n"
   ".reg .b64 %rd<2>;\nld.param.u64 %rd1, [p];\n"
   "again:\nld.volatile.global.u32 %r1, [%rd1];\nsetp.eq.u32 %p1, %r1, 0;\n"
   "@%p1 bra again;\nret;\n}\n"
   ".visible .entry set(.param .u64 p)\n{\n.reg .b64 %rd<2>;\n"
   "ld.param.u64 %rd1, [p];\nst.global.u32 [%rd1], 6;\nret;\n}\n";

static char spin, set;
static void **handle, *memory;

static void
unregister(void)
{
   __cudaUnregisterFatBinary(handle);
}

static void
late(void)
{
   int v = 0;
   OK(cudaMemcpy(&v, memory, 4, cudaMemcpyDeviceToHost));
   CHECK_EQ_U64(v, 6);
   OK(cudaFree(memory));
   int failed = check_done();
   fflush(stdout);
   if (failed)
      abort();
}

int
main(int argc, char **argv)
{
   bool spins = argc > 1 && strcmp(argv[1], "spin") == 0;
   void *args[] = {&memory};
   dim3 one = {1, 1, 1};
   atexit(unregister);
   if (!spins)
      atexit(late);
   handle = __cudaRegisterFatBinary(fatbin_of_ptx(ptx));
   __cudaRegisterFunction(handle, &spin, &spin, "spin", -1, 0, 0, 0, 0, 0);
   __cudaRegisterFunction(handle, &set, &set, "set", -1, 0, 0, 0, 0, 0);
   OK(cudaMalloc(&memory, 4));
   OK(cudaMemset(memory, 0, 4));
   OK(cudaLaunchKernel(spins ? &spin : &set, one, one, args, 0, NULL));
   return spins ? check_done() : 0;
}
