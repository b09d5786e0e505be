/* SPDX-License-Identifier: Apache-2.0
 * The thin road through the driver API: a PTX kernel loaded, launched and checked. */
#include "../../include/cuda.h"

#include "check.h"
#include <stdlib.h>

static const char ptx[] =
   ".version 7.8\n.target sm_90\n.address_size 64\n"
   ".visible .global .align 4 .u32 bias = 5;\n"
   ".visible .entry add(.param .u64 p, .param .u32 n, .param .u32 k)\n"
   "{\n"
   "   .reg .pred %p<2>; .reg .b32 %r<10>; .reg .b64 %rd<5>;\n"
   "   ld.param.u64 %rd1, [p]; ld.param.u32 %r1, [n]; ld.param.u32 %r2, [k];\n"
   "   mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ntid.x; mov.u32 %r5, %tid.x;\n"
   "   mad.lo.s32 %r6, %r3, %r4, %r5;\n"
   "   setp.ge.s32 %p1, %r6, %r1;\n"
   "   @%p1 bra done;\n"
   "   cvta.to.global.u64 %rd2, %rd1;\n"
   "   mul.wide.s32 %rd3, %r6, 4;\n"
   "   add.s64 %rd4, %rd2, %rd3;\n"
   "   ld.global.u32 %r7, [%rd4];\n"
   "   ld.global.u32 %r8, [bias];\n"
   "   add.s32 %r7, %r7, %r2;\n"
   "   add.s32 %r7, %r7, %r8;\n"
   "   st.global.u32 [%rd4], %r7;\n"
   "done:\n   ret;\n}\n";

#define OK(call) CHECK_EQ_U64((call), CUDA_SUCCESS)

int
main(void)
{
   CUdevice dev;
   CUcontext ctx;
   CUmodule mod;
   CUfunction f;
   CUdeviceptr d, g;
   size_t bytes;
   CHECK_EQ_U64(cuDeviceGet(&dev, 0), CUDA_ERROR_NOT_INITIALIZED);
   OK(cuInit(0));
   OK(cuDeviceGet(&dev, 0));
   CHECK_EQ_U64(cuMemAlloc(&d, 4), CUDA_ERROR_INVALID_CONTEXT);
   OK(cuDevicePrimaryCtxRetain(&ctx, dev));
   OK(cuCtxSetCurrent(ctx));
   OK(cuModuleLoadData(&mod, ptx));
   OK(cuModuleGetFunction(&f, mod, "add"));
   CHECK_EQ_U64(cuModuleGetFunction(&f, mod, "nothing"), CUDA_ERROR_NOT_FOUND);
   OK(cuModuleGetGlobal(&g, &bytes, mod, "bias"));
   CHECK_EQ_U64(bytes, 4);
   enum { N = 100000 };
   int *h = malloc(N * sizeof *h);
   for (int i = 0; i < N; i++)
      h[i] = i;
   OK(cuMemAlloc(&d, N * sizeof *h));
   CHECK_EQ_U64(d % 256, 0);
   OK(cuMemcpyHtoD(d, h, N * sizeof *h));
   int n = N, k = 1000;
   void *args[] = {&d, &n, &k};
   OK(cuLaunchKernel(f, (N + 255) / 256, 1, 1, 256, 1, 1, 0, NULL, args, NULL));
   OK(cuMemsetD32(g, 7, 1));
   OK(cuLaunchKernel(f, (N + 255) / 256, 1, 1, 256, 1, 1, 0, NULL, args, NULL));
   OK(cuCtxSynchronize());
   OK(cuMemcpyDtoH(h, d, N * sizeof *h));
   unsigned wrong = 0;
   for (int i = 0; i < N; i++)
      wrong += h[i] != i + 1005 + 1007;
   CHECK_EQ_U64(wrong, 0);
   OK(cuMemFree(d));
   OK(cuModuleUnload(mod));
   OK(cuDevicePrimaryCtxRelease(dev));
   free(h);
   return check_done();
}
