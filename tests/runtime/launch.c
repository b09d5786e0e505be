/* SPDX-License-Identifier: Apache-2.0
 * What compilers emit: a fatbin registered by hand, kernels and variables by their host
 * addresses, the stack behind <<<>>>, launches right and wrong. */
#include "check.h"
#include "fatbin.h"

#include <cuda.h>
#include <cuda_runtime_api.h>
#include <pthread.h>

void **__cudaRegisterFatBinary(void *);
void __cudaRegisterFatBinaryEnd(void **);
void __cudaUnregisterFatBinary(void **);
void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *,
                            void *, void *, void *, int *);
void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int);
void __cudaRegisterManagedVar(void **, void **, char *, const char *, int, size_t, int,
                              int);
char __cudaInitModule(void **);
unsigned __cudaPushCallConfiguration(dim3, dim3, size_t, cudaStream_t);
cudaError_t __cudaPopCallConfiguration(dim3 *, dim3 *, size_t *, void *);
cudaError_t __cudaGetKernel(cudaKernel_t *, const void *);
cudaError_t __cudaLaunchKernel(cudaKernel_t, dim3, dim3, void **, size_t, cudaStream_t);

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static const char ptx[] =
   ".version 8.0\n.target sm_70\n.address_size 64\n"
   ".global .align 4 .u32 counter = 5;\n"
   ".const .align 4 .u32 scale = 3;\n"
   ".visible .global .align 4 .attribute(.managed) .u32 shared_word;\n"
   /* out[i] = in[i] * scale + counter, i < n */
   ".visible .entry scale_add(.param .u64 out, .param .u64 in, .param .u32 n)\n{\n"
   ".reg .pred %p<2>;\n.reg .b32 %r<10>;\n.reg .b64 %rd<8>;\n"
   "ld.param.u64 %rd1, [out];\nld.param.u64 %rd2, [in];\nld.param.u32 %r1, [n];\n"
   "mov.u32 %r2, %ctaid.x;\nmov.u32 %r3, %ntid.x;\nmov.u32 %r4, %tid.x;\n"
   "mad.lo.s32 %r5, %r2, %r3, %r4;\nsetp.ge.s32 %p1, %r5, %r1;\n@%p1 bra done;\n"
   "mul.wide.s32 %rd3, %r5, 4;\nadd.s64 %rd4, %rd2, %rd3;\nadd.s64 %rd5, %rd1, %rd3;\n"
   "ld.global.u32 %r6, [%rd4];\nld.const.u32 %r7, [scale];\n"
   "ld.global.u32 %r8, [counter];\nmad.lo.s32 %r9, %r6, %r7, %r8;\n"
   "st.global.u32 [%rd5], %r9;\ndone:\nret;\n}\n"
   ".visible .entry set_word(.param .u32 v)\n{\n.reg .b32 %r<2>;\n"
   "ld.param.u32 %r1, [v];\nst.global.u32 [shared_word], %r1;\nret;\n}\n";

/* Addresses that stand for host stubs and shadows. */
static char scale_add, set_word, missing, counter, scale, broken;
static void *shared_word;

static void **
register_all(struct fatbin_wrapper *w)
{
   void **h = __cudaRegisterFatBinary(w);
   __cudaRegisterFunction(h, &scale_add, &scale_add, "scale_add", -1, 0, 0, 0, 0, 0);
   __cudaRegisterFunction(h, &set_word, &set_word, "set_word", -1, 0, 0, 0, 0, 0);
   __cudaRegisterFunction(h, &missing, &missing, "missing", -1, 0, 0, 0, 0, 0);
   __cudaRegisterVar(h, &counter, &counter, "counter", 0, 4, 0, 0);
   __cudaRegisterVar(h, &scale, &scale, "scale", 0, 4, 1, 0);
   __cudaRegisterManagedVar(h, &shared_word, 0, "shared_word", 0, 4, 0, 0);
   __cudaRegisterFatBinaryEnd(h);
   return h;
}

static const dim3 one = {1, 1, 1};

static void
run_kernel(void)
{
   int in[100], out[100], n = 100;
   void *din, *dout;
   for (int i = 0; i < n; i++)
      in[i] = i - 50;
   OK(cudaMalloc(&din, sizeof in));
   OK(cudaMalloc(&dout, sizeof out));
   OK(cudaMemcpy(din, in, sizeof in, cudaMemcpyHostToDevice));
   void *args[] = {&dout, &din, &n};
   OK(cudaLaunchKernel(&scale_add, (dim3){4, 1, 1}, (dim3){32, 1, 1}, args, 0, NULL));
   OK(cudaMemcpy(out, dout, sizeof out, cudaMemcpyDeviceToHost));
   bool right = true;
   for (int i = 0; i < n; i++)
      right = right && out[i] == in[i] * 3 + 5;
   CHECK(right);
   int v = 7;
   OK(cudaMemcpyToSymbol(&scale, &v, 4, 0, cudaMemcpyHostToDevice));
   v = -1;
   OK(cudaMemcpyToSymbolAsync(&counter, &v, 4, 0, cudaMemcpyHostToDevice, NULL));
   cudaKernel_t k;
   OK(__cudaGetKernel(&k, &scale_add));
   OK(__cudaLaunchKernel(k, (dim3){1, 1, 1}, (dim3){128, 1, 1}, args, 0, NULL));
   cudaLaunchConfig_t config = {{4, 1, 1}, {32, 1, 1}, 0, NULL, NULL, 0};
   OK(cudaLaunchKernelExC(&config, &scale_add, args));
   OK(cudaDeviceSynchronize());
   OK(cudaMemcpy(out, dout, sizeof out, cudaMemcpyDeviceToHost));
   right = true;
   for (int i = 0; i < n; i++)
      right = right && out[i] == in[i] * 7 - 1;
   CHECK(right);
   OK(cudaFree(din));
   OK(cudaFree(dout));
}

static void
symbols(void)
{
   void *p = NULL;
   size_t size = 0;
   int v = 0;
   OK(cudaGetSymbolAddress(&p, &counter));
   OK(cudaGetSymbolSize(&size, &counter));
   CHECK_EQ_U64(size, 4);
   OK(cudaMemcpyFromSymbol(&v, &counter, 4, 0, cudaMemcpyDeviceToHost));
   CHECK_EQ_U64((unsigned)v, 0xFFFFFFFF);
   v = 9;
   OK(cudaMemcpy(p, &v, 4, cudaMemcpyHostToDevice));
   v = 0;
   OK(cudaMemcpyFromSymbol(&v, &counter, 4, 0, cudaMemcpyDeviceToHost));
   CHECK_EQ_U64(v, 9);
   CHECK_EQ_U64(cudaMemcpyToSymbol(&counter, &v, 4, 1, cudaMemcpyHostToDevice),
                cudaErrorInvalidValue);
   CHECK_EQ_U64(cudaMemcpyToSymbol(&counter, &v, 4, 0, cudaMemcpyDeviceToHost),
                cudaErrorInvalidMemcpyDirection);
   CHECK_EQ_U64(cudaGetSymbolAddress(&p, &scale_add), cudaErrorInvalidSymbol);
   cudaGetLastError();
}

static void
managed(void **h)
{
   unsigned v = 77;
   void *args[] = {&v};
   CHECK(__cudaInitModule(h) != 0);
   CHECK(shared_word != NULL);
   OK(cudaLaunchKernel(&set_word, one, one, args, 0, NULL));
   OK(cudaDeviceSynchronize());
   CHECK(shared_word != NULL && *(unsigned *)shared_word == 77);
}

static void
wrong_launches(void)
{
   unsigned v = 1;
   void *args[] = {&v};
   CHECK_EQ_U64(cudaLaunchKernel(&set_word, (dim3){0, 1, 1}, one, args, 0, NULL),
                cudaErrorInvalidConfiguration);
   CHECK_EQ_U64(cudaLaunchKernel(&set_word, one, (dim3){1025, 1, 1}, args, 0, NULL),
                cudaErrorInvalidConfiguration);
   CHECK_EQ_U64(cudaLaunchKernel(&set_word, one, (dim3){1, 1, 65}, args, 0, NULL),
                cudaErrorInvalidConfiguration);
   CHECK_EQ_U64(cudaLaunchKernel(&set_word, (dim3){1, 65536, 1}, one, args, 0, NULL),
                cudaErrorInvalidConfiguration);
   CHECK_EQ_U64(cudaGetLastError(), cudaErrorInvalidConfiguration);
   CHECK_EQ_U64(cudaLaunchKernel(&set_word, one, one, args, 1 << 30, NULL),
                cudaErrorInvalidValue);
   CHECK_EQ_U64(cudaLaunchKernel(&missing, one, one, args, 0, NULL),
                cudaErrorInvalidDeviceFunction);
   CHECK_EQ_U64(cudaLaunchKernel(&counter, one, one, args, 0, NULL),
                cudaErrorInvalidDeviceFunction);
   CHECK_EQ_U64(cudaGetLastError(), cudaErrorInvalidDeviceFunction);
   CHECK_EQ_U64(cudaGetLastError(), cudaSuccess);
}

static void
attributes(void)
{
   struct cudaFuncAttributes a;
   const char *name = NULL;
   int blocks = 0;
   OK(cudaFuncGetAttributes(&a, &scale_add));
   CHECK_EQ_U64(a.maxThreadsPerBlock, 1024);
   CHECK_EQ_U64(a.sharedSizeBytes, 0);
   CHECK_EQ_U64(a.ptxVersion, 70);
   OK(cudaFuncGetName(&name, &scale_add));
   CHECK_STR(name, "scale_add");
   OK(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&blocks, &scale_add, 256, 0));
   CHECK(blocks >= 1 && blocks * 256 <= 2048);
   OK(cudaFuncSetAttribute(&scale_add, cudaFuncAttributeMaxDynamicSharedMemorySize,
                           1024));
   OK(cudaFuncSetCacheConfig(&scale_add, cudaFuncCachePreferL1));
   CHECK_EQ_U64(cudaFuncGetAttributes(&a, &missing), cudaErrorInvalidDeviceFunction);
   cudaGetLastError();
}

/* A module that nobody uses may be broken; one that somebody uses may not. */
static void
lazy(void)
{
   void **h =
      __cudaRegisterFatBinary(fatbin_of_ptx(".version 8.0\n.target sm_70\nthis is"));
   __cudaRegisterFunction(h, &broken, &broken, "broken", -1, 0, 0, 0, 0, 0);
   __cudaRegisterFatBinaryEnd(h);
   OK(cudaDeviceSynchronize());
   CHECK_EQ_U64(cudaLaunchKernel(&broken, one, one, NULL, 0, NULL), cudaErrorInvalidPtx);
   __cudaUnregisterFatBinary(h);
   CHECK_EQ_U64(cudaLaunchKernel(&broken, one, one, NULL, 0, NULL),
                cudaErrorInvalidDeviceFunction);
   cudaGetLastError();
}

static void *
empty_stack(void *arg)
{
   dim3 g, b;
   size_t s;
   cudaStream_t st;
   *(int *)arg = (int)__cudaPopCallConfiguration(&g, &b, &s, &st);
   return NULL;
}

static void
configurations(void)
{
   dim3 g, b;
   size_t s;
   cudaStream_t st;
   int other = 0;
   for (unsigned i = 1; i <= 20; i++)
      CHECK_EQ_U64(__cudaPushCallConfiguration((dim3){i, 2, 3}, (dim3){4, 5, i}, i * 100,
                                               (cudaStream_t)(uintptr_t)i),
                   0);
   pthread_t t;
   pthread_create(&t, NULL, empty_stack, &other);
   pthread_join(t, NULL);
   CHECK_EQ_U64(other, cudaErrorMissingConfiguration);
   for (unsigned i = 20; i >= 1; i--) {
      OK(__cudaPopCallConfiguration(&g, &b, &s, &st));
      CHECK(g.x == i && g.y == 2 && g.z == 3 && b.x == 4 && b.y == 5 && b.z == i);
      CHECK(s == i * 100 && st == (cudaStream_t)(uintptr_t)i);
   }
   CHECK_EQ_U64(__cudaPopCallConfiguration(&g, &b, &s, &st),
                cudaErrorMissingConfiguration);
   cudaGetLastError();
}

/* Every thread finds the kernel, with and without a context of its own. */
static void *
launch_here(void *arg)
{
   unsigned v = 5;
   void *args[] = {&v};
   for (int i = 0; i < 100 && *(int *)arg == 0; i++)
      *(int *)arg |= (int)cudaLaunchKernel(&set_word, one, one, args, 0, NULL);
   return NULL;
}

static void
threads(void)
{
   pthread_t t[4];
   int e[4] = {0};
   for (int i = 0; i < 4; i++)
      pthread_create(&t[i], NULL, launch_here, &e[i]);
   for (int i = 0; i < 4; i++) {
      pthread_join(t[i], NULL);
      CHECK_EQ_U64(e[i], cudaSuccess);
   }
   OK(cudaDeviceSynchronize());
}

static void
reset(void)
{
   int v = 0;
   OK(cudaDeviceReset());
   OK(cudaMemcpyFromSymbol(&v, &counter, 4, 0, cudaMemcpyDeviceToHost));
   CHECK_EQ_U64(v, 5); /* a new context: the initial value */
}

/* The driver takes the runtime's kernel handles, in every call, before any launch. */
static void
kernel_handles(void)
{
   cudaKernel_t k;
   OK(cudaGetKernel(&k, &set_word));
   CUkernel kernel = (CUkernel)k;
   const char *name;
   CUfunction f;
   CUlibrary lib;
   CUmodule mod;
   int value = 0;
   size_t offset, size = 0;
   OK(cuKernelGetName(&name, kernel));
   CHECK_STR(name, "set_word");
   OK(cuKernelGetFunction(&f, kernel));
   OK(cuFuncGetName(&name, f));
   CHECK_STR(name, "set_word");
   OK(cuFuncGetName(&name, (CUfunction)kernel));
   OK(cuFuncGetModule(&mod, f));
   OK(cuKernelGetParamInfo(kernel, 0, &offset, &size));
   CHECK_EQ_U64(size, 4);
   OK(cuKernelGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, kernel, 0));
   CHECK_EQ_U64(value, 1024);
   CHECK_EQ_U64(cuKernelGetLibrary(&lib, kernel), CUDA_ERROR_NOT_SUPPORTED);
   unsigned word = 99;
   OK(cuLaunchKernel((CUfunction)kernel, 1, 1, 1, 1, 1, 1, 0, NULL, (void *[]){&word}, NULL));
   OK(cuCtxSynchronize());
   CHECK_EQ_U64(*(unsigned *)shared_word, 99);
   CHECK_EQ_U64(cuKernelGetName(&name, (CUkernel)&counter), CUDA_ERROR_INVALID_HANDLE);
   CHECK_EQ_U64(cuKernelGetName(&name, (CUkernel)&missing), CUDA_ERROR_INVALID_HANDLE);
   CHECK_EQ_U64(cuKernelGetName(&name, (CUkernel)&value), CUDA_ERROR_INVALID_HANDLE);
   OK(cudaPeekAtLastError());
}

int
main(void)
{
   configurations();
   void **h = register_all(fatbin_of_ptx(ptx));
   kernel_handles();
   run_kernel();
   symbols();
   managed(h);
   wrong_launches();
   attributes();
   lazy();
   threads();
   reset();
   __cudaUnregisterFatBinary(h);
   return check_done();
}
