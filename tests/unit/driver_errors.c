/* SPDX-License-Identifier: Apache-2.0
 * What goes wrong, and how it is told: handles of nothing, zeros for every argument, bad
 * PTX with its log, launches that do not fit, kernels that fail. */
#include "driver/driver_api.h"

#include "driver_kernels.h"

#include <stdlib.h>
#include <unistd.h>

/* Every entry point with every argument zero: an answer, never a crash. Functions whose
 * zeros mean something are left out. */
static void
nulls(void)
{
   typedef CUresult any_fn(uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                           uintptr_t, uintptr_t, uintptr_t, uintptr_t, uintptr_t,
                           uintptr_t, uintptr_t);
   static const char *const left_out[] = {"cuDevicePrimaryCtxReset", "cuCtxDestroy",
                                          "cuCtxDetach", "cuCtxSetCurrent",
                                          "cuCtxPopCurrent"};
   unsigned called = 0, plausible = 0;
   for (unsigned i = 0; i < driver_entry_count; i++) {
      bool skip = false;
      for (size_t k = 0; k < ARRAY_LEN(left_out); k++)
         skip |= !strcmp(left_out[k], driver_entries[i].name);
      if (skip)
         continue;
      CUresult r = ((any_fn *)driver_entries[i].fn)(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      const char *name;
      plausible += cuGetErrorName(r, &name) == CUDA_SUCCESS;
      called++;
   }
   CHECK(called > 500);
   CHECK_EQ_U64(plausible, called);
}

static void
handles(void)
{
   static char memory[256];
   CUstream wild[] = {(CUstream)0x1234, (CUstream)memory, (CUstream)test_mod,
                      (CUstream)(intptr_t)-1, (CUstream)3};
   for (size_t i = 0; i < ARRAY_LEN(wild); i++) {
      IS(cuStreamSynchronize(wild[i]), CUDA_ERROR_INVALID_HANDLE);
      IS(cuEventQuery((CUevent)wild[i]), CUDA_ERROR_INVALID_HANDLE);
      IS(cuLaunchKernel((CUfunction)wild[i], 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL),
         CUDA_ERROR_INVALID_HANDLE);
   }
   IS(cuModuleUnload((CUmodule)memory), CUDA_ERROR_INVALID_HANDLE);
   IS(cuCtxSetCurrent((CUcontext)memory), CUDA_ERROR_INVALID_CONTEXT);
   IS(cuCtxDestroy((CUcontext)memory), CUDA_ERROR_INVALID_CONTEXT);
   CUdevice dev;
   int v;
   IS(cuDeviceGet(&dev, 1), CUDA_ERROR_INVALID_DEVICE);
   IS(cuDeviceGetAttribute(&v, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 7),
      CUDA_ERROR_INVALID_DEVICE);
   IS(cuDeviceGetAttribute(&v, (CUdevice_attribute)100000, 0), CUDA_ERROR_INVALID_VALUE);
   OK(cuDeviceGetAttribute(&v, CU_DEVICE_ATTRIBUTE_WARP_SIZE, 0));
   CHECK_EQ_U64(v, 32);
   const char *text;
   OK(cuGetErrorString(CUDA_ERROR_INVALID_VALUE, &text));
   CHECK_STR(text, "invalid argument");
   OK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
   CHECK_STR(text, "CUDA_ERROR_ILLEGAL_ADDRESS");
   IS(cuGetErrorString((CUresult)12345, &text), CUDA_ERROR_INVALID_VALUE);
}

static void
modules(void)
{
   CUmodule m;
   CUfunction f;
   char error[2000] = "untouched", info[100];
   CUjit_option o[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
                       CU_JIT_INFO_LOG_BUFFER, CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES};
   void *v[] = {error, (void *)sizeof error, info, (void *)sizeof info};
   static const char bad[] =
      PTX_HEAD ".visible .entry k()\n{\n   frobnicate.b32 %r1;\n}\n";
   IS(cuModuleLoadDataEx(&m, bad, 4, o, v), CUDA_ERROR_INVALID_PTX);
   CHECK(strstr(error, ":6:") && strstr(error, "error:") && strstr(error, "frobnicate"));
   CHECK_EQ_U64((uintptr_t)v[1], strlen(error));
   static const char undefined[] =
      PTX_HEAD ".extern .global .u32 nowhere;\n"
               ".visible .entry k()\n{\n   .reg .b64 %a;\n   mov.b64 %a, nowhere;\n"
               "   st.global.b64 [%a], %a;\n   ret;\n}\n";
   static const char unused[] = PTX_HEAD ".extern .global .u32 nowhere;\n"
                                         ".visible .entry k()\n{\n   ret;\n}\n";
   OK(cuModuleLoadDataEx(&m, unused, 4, o, v));
   CUdeviceptr p;
   size_t size;
   IS(cuModuleGetGlobal(&p, &size, m, "nowhere"), CUDA_ERROR_NOT_FOUND);
   OK(cuModuleUnload(m));
   v[1] = (void *)sizeof error;
   IS(cuModuleLoadDataEx(&m, undefined, 4, o, v), CUDA_ERROR_INVALID_PTX);
   CHECK(strstr(error, "nowhere"));
   char tiny[8];
   v[0] = tiny;
   v[1] = (void *)sizeof tiny;
   IS(cuModuleLoadDataEx(&m, bad, 4, o, v), CUDA_ERROR_INVALID_PTX);
   CHECK_EQ_U64(strlen(tiny), 7);
   v[0] = error;
   v[1] = (void *)sizeof error;
   OK(cuModuleLoadDataEx(&m, test_ptx, 4, o, v));
   CHECK_STR(error, "");
   IS(cuModuleGetFunction(&f, m, "absent"), CUDA_ERROR_NOT_FOUND);
   IS(cuModuleGetGlobal(NULL, NULL, m, "absent"), CUDA_ERROR_INVALID_VALUE);
   OK(cuModuleGetFunction(&f, m, "bounded"));
   OK(cuModuleUnload(m));
   IS(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL),
      CUDA_ERROR_INVALID_HANDLE);
   IS(cuModuleUnload(m), CUDA_ERROR_INVALID_HANDLE);
   IS(cuModuleLoadData(&m, "\x01\x02\x03"), CUDA_ERROR_INVALID_IMAGE);
   IS(cuModuleLoadData(&m, NULL), CUDA_ERROR_INVALID_VALUE);
   IS(cuModuleLoad(&m, "there/is/no/such.ptx"), CUDA_ERROR_FILE_NOT_FOUND);
   unsigned char sass[16 + 64] = {
      0x50, 0xED, 0x55, 0xBA, 1, 0, 16, 0, 64, [16] = 2, [16 + 4] = 64, [16 + 28] = 90};
   IS(cuModuleLoadData(&m, sass), CUDA_ERROR_NO_BINARY_FOR_GPU);
}

/* Two texts: a function and a variable of one used in the other. */
static void
linking(void)
{
   static const char a[] =
      PTX_HEAD ".extern .func (.param .b32 r) twice(.param .b32 x);\n"
               ".extern .global .u32 shared_value;\n"
               ".visible .entry go(.param .u64 p)\n{\n"
               "   .reg .b32 %r<4>; .reg .b64 %rd<2>;\n"
               "   ld.param.u64 %rd1, [p];\n   ld.global.u32 %r1, [shared_value];\n"
               "   {\n   .param .b32 in; .param .b32 out;\n   st.param.b32 [in], %r1;\n"
               "   call.uni (out), twice, (in);\n   ld.param.b32 %r2, [out];\n   }\n"
               "   st.global.u32 [%rd1], %r2;\n   ret;\n}\n";
   static const char b[] = PTX_HEAD
      ".visible .global .u32 shared_value = 21;\n"
      ".visible .func (.param .b32 r) twice(.param .b32 x)\n{\n"
      "   .reg .b32 %r<3>;\n   ld.param.b32 %r1, [x];\n   add.u32 %r2, %r1, %r1;\n"
      "   st.param.b32 [r], %r2;\n   ret;\n}\n";
   CUlinkState l;
   void *cubin;
   size_t size;
   CUmodule m;
   CUfunction f;
   CUdeviceptr d;
   unsigned v;
   OK(cuLinkCreate(0, NULL, NULL, &l));
   OK(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)a, sizeof a, "a.ptx", 0, NULL, NULL));
   OK(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)b, sizeof b, "b.ptx", 0, NULL, NULL));
   OK(cuLinkComplete(l, &cubin, &size));
   OK(cuModuleLoadData(&m, cubin));
   OK(cuLinkDestroy(l));
   IS(cuLinkDestroy(l), CUDA_ERROR_INVALID_HANDLE);
   OK(cuModuleGetFunction(&f, m, "go"));
   OK(cuMemAlloc(&d, 4));
   void *args[] = {&d};
   OK(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
   OK(cuMemcpyDtoH(&v, d, 4));
   CHECK_EQ_U64(v, 42);
   OK(cuMemFree(d));
   OK(cuModuleUnload(m));
   OK(cuLinkCreate(0, NULL, NULL, &l));
   OK(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)b, sizeof b, "b.ptx", 0, NULL, NULL));
   OK(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)b, sizeof b, "c.ptx", 0, NULL, NULL));
   IS(cuLinkComplete(l, &cubin, &size), CUDA_ERROR_INVALID_PTX); /* defined twice */
   OK(cuLinkDestroy(l));
}

static void
launches(void)
{
   CUfunction bounded, roomy, greedy;
   OK(cuModuleGetFunction(&bounded, test_mod, "bounded"));
   OK(cuModuleGetFunction(&roomy, test_mod, "roomy"));
   OK(cuModuleGetFunction(&greedy, test_mod, "greedy"));
   unsigned x = 0;
   void *args[] = {&x};
#define SHAPE(gx, gy, gz, bx, by, bz, shared)                                            \
   cuLaunchKernel(bounded, gx, gy, gz, bx, by, bz, shared, NULL, args, NULL)
   OK(SHAPE(1, 1, 1, 64, 1, 1, 0));
   IS(SHAPE(0, 1, 1, 1, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
   IS(SHAPE(1, 1, 1, 0, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
   IS(SHAPE(1, 65536, 1, 1, 1, 1, 0), CUDA_ERROR_INVALID_VALUE);
   IS(SHAPE(1, 1, 1, 1, 1, 65, 0), CUDA_ERROR_INVALID_VALUE);
   IS(SHAPE(1, 1, 1, 1024, 2, 1, 0), CUDA_ERROR_INVALID_VALUE);
   IS(SHAPE(1, 1, 1, 65, 1, 1, 0), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
   OK(SHAPE(1, 1, 1, 32, 1, 1, 48 << 10));
   IS(SHAPE(1, 1, 1, 32, 1, 1, (48 << 10) + 1), CUDA_ERROR_INVALID_VALUE);
   OK(cuFuncSetAttribute(bounded, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                         227 << 10));
   OK(SHAPE(1, 1, 1, 32, 1, 1, 227 << 10));
   IS(cuFuncSetAttribute(bounded, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES,
                         228 << 10),
      CUDA_ERROR_INVALID_VALUE);
   int v;
   OK(cuFuncGetAttribute(&v, CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, roomy));
   CHECK_EQ_U64(v, 1024);
   OK(cuFuncGetAttribute(&v, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, bounded));
   CHECK_EQ_U64(v, 64);
   /* 2048 threads a multiprocessor, at most 32 blocks, 228 KiB of shared memory. */
   OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&v, roomy, 256, 0));
   CHECK_EQ_U64(v, 8);
   OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&v, roomy, 32, 0));
   CHECK_EQ_U64(v, 32);
   OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&v, roomy, 32, 100 << 10));
   CHECK_EQ_U64(v, 2);
   OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&v, roomy, 32, SIZE_MAX));
   CHECK_EQ_U64(v, 0); /* no sum that wraps */
   OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&v, greedy, 32, 0));
   CHECK_EQ_U64(v, 0); /* more registers than there are, wrapping to none */
   IS(cuLaunchKernel(bounded, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL),
      CUDA_ERROR_INVALID_VALUE); /* a parameter is missing */
   size_t size = 4, offset, psize;
   void *extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &x, CU_LAUNCH_PARAM_BUFFER_SIZE,
                    &size, CU_LAUNCH_PARAM_END};
   OK(cuLaunchKernel(bounded, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, extra));
   size = 3;
   IS(cuLaunchKernel(bounded, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, extra),
      CUDA_ERROR_INVALID_VALUE);
   IS(cuLaunchKernel(bounded, 1, 1, 1, 1, 1, 1, 0, NULL, args, extra),
      CUDA_ERROR_INVALID_VALUE);
   OK(cuFuncGetParamInfo(test_step, 1, &offset, &psize));
   CHECK_EQ_U64(offset, 8);
   CHECK_EQ_U64(psize, 4);
   IS(cuFuncGetParamInfo(test_step, 4, &offset, &psize), CUDA_ERROR_INVALID_VALUE);
   CUlaunchAttribute a = {.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION};
   a.value.clusterDim.x = 4;
   a.value.clusterDim.y = a.value.clusterDim.z = 1;
   CUlaunchConfig c = {.gridDimX = 6,
                       .gridDimY = 1,
                       .gridDimZ = 1,
                       .blockDimX = 1,
                       .blockDimY = 1,
                       .blockDimZ = 1,
                       .attrs = &a,
                       .numAttrs = 1};
   IS(cuLaunchKernelEx(&c, bounded, args, NULL), CUDA_ERROR_INVALID_CLUSTER_SIZE);
   c.gridDimX = 8;
   OK(cuLaunchKernelEx(&c, bounded, args, NULL));
   IS(cuLaunchCooperativeKernel(bounded, 1 << 20, 1, 1, 32, 1, 1, 0, NULL, args),
      CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE);
   OK(cuLaunchCooperativeKernel(bounded, 2, 1, 1, 32, 1, 1, 0, NULL, args));
   OK(cuCtxSynchronize());
}

/* A failed kernel ends its context, and only that one. */
static void
faults(void)
{
   CUcontext c;
   CUmodule m;
   CUfunction f;
   CUdeviceptr d;
   CUevent e;
   OK(cuCtxCreate(&c, NULL, 0, 0));
   OK(cuModuleLoadData(&m, test_ptx));
   OK(cuModuleGetFunction(&f, m, "fail"));
   OK(cuEventCreate(&e, 0));
   OK(cuLaunchKernel(f, 3, 1, 1, 32, 1, 1, 0, NULL, NULL, NULL));
   (void)cuEventRecord(e, NULL); /* may or may not see the failure yet */
   IS(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_INSTRUCTION);
   IS(cuMemAlloc(&d, 4), CUDA_ERROR_ILLEGAL_INSTRUCTION);
   IS(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL),
      CUDA_ERROR_ILLEGAL_INSTRUCTION);
   OK(cuCtxDestroy(c));
   /* Near null, and behind the range of 2 MiB that a small allocation is part of. */
   for (int beyond = 0; beyond < 2; beyond++) {
      OK(cuCtxCreate(&c, NULL, 0, 0));
      OK(cuModuleLoadData(&m, test_ptx));
      OK(cuModuleGetFunction(&f, m, "wild"));
      OK(cuMemAlloc(&d, 400000));
      d = beyond ? (d | 0x1fffff) + 1 : 16;
      void *args[] = {&d};
      OK(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
      IS(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
      IS(cuStreamQuery(NULL), CUDA_ERROR_ILLEGAL_ADDRESS);
      OK(cuCtxDestroy(c));
   }
   OK(cuCtxSetCurrent(test_ctx));
   OK(cuMemAlloc(&d, 4));
   OK(step(d, 1, 0, 4, NULL));
   OK(cuCtxSynchronize());
   OK(cuMemFree(d));
}

static void
entry_points(void)
{
   void *p, *q;
   CUdriverProcAddressQueryResult st;
   OK(cuGetProcAddress("cuCtxGetDevice", &p, 12000, 0, &st));
   OK(cuGetProcAddress("cuCtxGetDevice", &q, 13000, 0, &st));
   CHECK(p && q && p != q);
   OK(cuGetProcAddress("cuMemcpyAsync", &p, 13000, CU_GET_PROC_ADDRESS_LEGACY_STREAM,
                       &st));
   OK(cuGetProcAddress("cuMemcpyAsync", &q, 13000,
                       CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM, &st));
   CHECK(p && q && p != q);
   OK(cuGetProcAddress("cuLibraryLoadData", &p, 11000, 0, &st));
   CHECK(!p);
   CHECK_EQ_U64(st, CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT);
   OK(cuGetProcAddress("cuNothing", &p, 13000, 0, &st));
   CHECK_EQ_U64(st, CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
   IS(cuGetProcAddress("cuNothing", &p, 13000, 0, NULL), CUDA_ERROR_NOT_FOUND);
   IS(cuGetProcAddress(NULL, &p, 13000, 0, NULL), CUDA_ERROR_INVALID_VALUE);
}

int
main(void)
{
   test_begin();
   handles();
   modules();
   linking();
   launches();
   entry_points();
   fflush(stderr);
   int err = dup(2);
   CHECK(freopen("/dev/null", "w", stderr) != NULL); /* what failures and stubs say */
   faults();
   nulls();
   fflush(stderr);
   dup2(err, 2);
   OK(cuCtxDestroy(test_ctx));
   return check_done();
}
