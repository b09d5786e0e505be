/* SPDX-License-Identifier: Apache-2.0
 * PTX that the driver's tests launch, and what they all begin with. */
#ifndef KASURI_DRIVER_KERNELS_H
#define KASURI_DRIVER_KERNELS_H

#include "../../include/cuda.h"

#include "check.h"

#define OK(call) CHECK_EQ_U64((call), CUDA_SUCCESS)
#define IS(call, code) CHECK_EQ_U64((call), (code))

#define PTX_HEAD ".version 7.8\n.target sm_90\n.address_size 64\n"

/* step(p, n, mul, add): p[i] = p[i] * mul + add for i < n: order of two launches shows.
 * spin(flag): waits until *flag is not 0. trap(): fails. wild(p): stores to p. */
static const char test_ptx[] = PTX_HEAD
   ".visible .entry step(.param .u64 p, .param .u32 n, .param .u32 mul, .param .u32 "
   "add)\n"
   "{\n"
   "   .reg .pred %p<2>; .reg .b32 %r<10>; .reg .b64 %rd<5>;\n"
   "   ld.param.u64 %rd1, [p]; ld.param.u32 %r1, [n];\n"
   "   ld.param.u32 %r2, [mul]; ld.param.u32 %r9, [add];\n"
   "   mov.u32 %r3, %ctaid.x; mov.u32 %r4, %ntid.x; mov.u32 %r5, %tid.x;\n"
   "   mad.lo.s32 %r6, %r3, %r4, %r5;\n"
   "   setp.ge.u32 %p1, %r6, %r1;\n"
   "   @%p1 bra done;\n"
   "   mul.wide.u32 %rd3, %r6, 4;\n"
   "   add.s64 %rd4, %rd1, %rd3;\n"
   "   ld.global.u32 %r7, [%rd4];\n"
   "   mad.lo.u32 %r7, %r7, %r2, %r9;\n"
   "   st.global.u32 [%rd4], %r7;\n"
   "done:\n   ret;\n}\n"
   ".visible .entry spin(.param .u64 p)\n"
   "{\n"
   "   .reg .pred %p<2>; .reg .b32 %r<2>; .reg .b64 %rd<2>;\n"
   "   ld.param.u64 %rd1, [p];\n"
   "again:\n"
   "   ld.volatile.global.u32 %r1, [%rd1];\n"
   "   setp.eq.u32 %p1, %r1, 0;\n"
   "   @%p1 bra again;\n"
   "   ret;\n}\n"
   ".visible .entry fail()\n{\n   trap;\n}\n"
   ".visible .entry wild(.param .u64 p)\n"
   "{\n"
   "   .reg .b64 %rd<2>;\n"
   "   ld.param.u64 %rd1, [p];\n"
   "   st.global.u32 [%rd1], 1;\n"
   "   ret;\n}\n"
   ".visible .entry bounded(.param .u32 x)\n.maxntid 64, 1, 1\n{\n   ret;\n}\n"
   ".visible .entry roomy()\n{\n   .shared .align 4 .b8 s[1024];\n"
   "   .reg .b32 %r<2>;\n   mov.u32 %r1, s;\n   st.shared.u32 [%r1], 1;\n   ret;\n}\n"
   ".visible .entry greedy()\n.maxnreg 134217728\n{\n   ret;\n}\n";

static CUcontext test_ctx;
static CUmodule test_mod;
static CUfunction test_step, test_spin;

static inline void
test_begin(void)
{
   OK(cuInit(0));
   OK(cuCtxCreate(&test_ctx, NULL, 0, 0));
   OK(cuModuleLoadData(&test_mod, test_ptx));
   OK(cuModuleGetFunction(&test_step, test_mod, "step"));
   OK(cuModuleGetFunction(&test_spin, test_mod, "spin"));
}

static inline CUresult
step(CUdeviceptr p, unsigned n, unsigned mul, unsigned add, CUstream s)
{
   void *args[] = {&p, &n, &mul, &add};
   return cuLaunchKernel(test_step, (n + 63) / 64, 1, 1, 64, 1, 1, 0, s, args, NULL);
}

/* Holds up a stream until *flag is set by the host. */
static inline CUresult
hold(volatile unsigned *flag, CUstream s)
{
   CUdeviceptr p = (CUdeviceptr)(uintptr_t)flag;
   void *args[] = {&p};
   return cuLaunchKernel(test_spin, 1, 1, 1, 1, 1, 1, 0, s, args, NULL);
}

#endif
