/* SPDX-License-Identifier: Apache-2.0
 * Kernels in the constructor of a library, under the lock of the dynamic loader, while
 * another thread of Kasuri's wants to load its compiler: nobody waits for ever.
 *    constructor alone   the constructor's kernel with a loop must be compiled there
 *    constructor same    another thread has begun to compile the same kernel
 *    constructor fork    a child is made there, and ends
 *    constructor exit    the process ends there */
#include "check.h"

#include <cuda.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OK(call) CHECK_EQ_U64((call), CUDA_SUCCESS)

/* straight begins on the interpreter and is compiled in the background; loop waits for
 * its code. Both store 7 + n. */
static const char ptx[] =
   ".version 8.0\n.target sm_70\n.address_size 64\n"
   ".visible .entry straight(.param .u64 p, .param .u32 n)\n{\n.reg .b32 %r<3>;\n"
   ".reg .b64 %rd<2>;\nld.param.u64 %rd1, [p];\nld.param.u32 %r1, [n];\n"
   "add.u32 %r2, %r1, 7;\nst.global.u32 [%rd1], %r2;\nret;\n}\n"
   ".visible .entry loop(.param .u64 p, .param .u32 n)\n{\n.reg .pred %p<2>;\n"
   ".reg .b32 %r<3>;\n.reg .b64 %rd<2>;\nld.param.u64 %rd1, [p];\n"
   "ld.param.u32 %r1, [n];\nmov.u32 %r2, 7;\n"
   "again: add.u32 %r2, %r2, 1;\nsub.u32 %r1, %r1, 1;\nsetp.ne.u32 %p1, %r1, 0;\n"
   "@%p1 bra again;\nst.global.u32 [%rd1], %r2;\nret;\n}\n";

static const char *mode;
static CUcontext ctx;
static CUmodule module;
static CUdeviceptr out;
static pthread_t other;
static bool other_ok;

static void
nap(long ms)
{
   nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000},
             NULL);
}

/* Whether it gives what it must. Two threads do this at once, so nothing is counted. */
static bool
launch(CUmodule m, const char *name, CUdeviceptr at, uint32_t n)
{
   CUfunction f;
   uint32_t got = 0;
   void *args[] = {&at, &n};
   return !cuModuleGetFunction(&f, m, name) &&
          !cuLaunchKernel(f, 1, 1, 1, 32, 1, 1, 0, NULL, args, NULL) &&
          !cuCtxSynchronize() && !cuMemcpyDtoH(&got, at, 4) && got == 7 + n;
}

static void *
launch_loop(void *ok)
{
   *(bool *)ok = !cuCtxSetCurrent(ctx) && launch(module, "loop", out + 4, 30);
   return NULL;
}

static void
check_fork(void)
{
   int status = -1;
   pid_t child = fork();
   if (!child)
      exit(0);
   CHECK(waitpid(child, &status, 0) == child);
   CHECK_EQ_U64(status, 0);
}

/* What the library's constructor calls. */
__attribute__((visibility("default"))) void at_load(void);

void
at_load(void)
{
   CUmodule own;
   OK(cuModuleLoadData(&own, ptx));
   CHECK(launch(own, "straight", out, 5));
   nap(100); /* so that its compilation waits for the loader */
   if (!strcmp(mode, "same")) {
      pthread_create(&other, NULL, launch_loop, &other_ok);
      nap(100);
   }
   CHECK(launch(module, "loop", out, 20));
   if (!strcmp(mode, "fork"))
      check_fork();
   if (!strcmp(mode, "exit"))
      exit(check_done());
   OK(cuModuleUnload(own));
}

int
main(int argc, char **argv)
{
   CUdevice dev;
   if (argc < 3)
      return 2;
   mode = argv[1];
   setenv("KASURI_CACHE", "0", 1);
   alarm(60);
   OK(cuInit(0));
   OK(cuDeviceGet(&dev, 0));
   OK(cuDevicePrimaryCtxRetain(&ctx, dev));
   OK(cuCtxSetCurrent(ctx));
   OK(cuModuleLoadData(&module, ptx));
   OK(cuMemAlloc(&out, 8));
   CHECK(dlopen(argv[2], RTLD_NOW) != NULL);
   if (!strcmp(mode, "same")) {
      pthread_join(other, NULL);
      CHECK(other_ok);
   }
   CHECK(launch(module, "loop", out, 3));
   return check_done();
}
