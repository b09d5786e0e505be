/* SPDX-License-Identifier: Apache-2.0
 * Calls of the driver API whose trace is known by heart. With -DOPENED nothing is linked:
 * libcuda.so.1 is opened, and everything comes from cuGetProcAddress. The argument says
 * how the program ends. */
#include <cuda.h>

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char ptx[] = ".version 7.0\n.target sm_70\n.address_size 64\n"
                          ".visible .entry fill(.param .u64 p, .param .u32 v) { ret; }\n";

#ifdef OPENED
static CUresult (*get)(const char *, void **, int, cuuint64_t,
                       CUdriverProcAddressQueryResult *);
static void *
find(const char *name, cuuint64_t flags)
{
   void *f = NULL;
   if (!get) {
      void *lib = dlopen("libcuda.so.1", RTLD_NOW);
      get = lib ? (void *)dlsym(lib, "cuGetProcAddress_v2") : NULL;
   }
   if (!get || get(name, &f, 13000, flags, NULL) || !f)
      exit(90);
   return f;
}
#define CALL(name, ...)                                                                  \
   ((__typeof__(&name))find(NAME_OF(name), CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM)) \
   (__VA_ARGS__)
#define NAME_OF(name) plain(#name)
static const char *
plain(const char *symbol)
{
   static char name[64];
   snprintf(name, sizeof name, "%s", symbol);
   char *version = strstr(name, "_v2");
   if (version)
      *version = 0;
   return name;
}
#else
#define CALL(name, ...) name(__VA_ARGS__)
#endif

static void
end_here(void *how)
{
   usleep(100000); /* the program waits by then */
   if (!strcmp(how, "abort"))
      abort();
   if (!strcmp(how, "kill"))
      kill(getpid(), SIGKILL);
   if (!strcmp(how, "exit"))
      _exit(3);
   if (!strcmp(how, "crash"))
      *(volatile int *)8 = 1;
}

static void *
synchronize(void *arg)
{
   CALL(cuCtxSetCurrent, arg);
   CALL(cuCtxSynchronize, );
   return NULL;
}

static void
wait_a_little(void *arg)
{
   usleep(200000);
}

int
main(int argc, char **argv)
{
   const char *how = argc > 1 ? argv[1] : "";
   CUdevice dev = 7;
   CUcontext ctx;
   CUmodule module;
   CUfunction f;
   CUdeviceptr p;
   unsigned v = 3;
   char name[64];
   void *args[] = {&p, &v};
   const char *text;
   CALL(cuInit, 0);
   CALL(cuDeviceGet, &dev, 0);
   CALL(cuDeviceGet, &dev, 99);
   CALL(cuDeviceGetName, name, 4, dev);
   CALL(cuDevicePrimaryCtxRetain, &ctx, dev);
   CALL(cuCtxSetCurrent, ctx);
   CALL(cuModuleLoadData, &module, ptx);
   CALL(cuModuleGetFunction, &f, module, "fill");
   CALL(cuModuleGetFunction, &f, module, "a\"b\n");
   CALL(cuMemAlloc_v2, &p, 256);
   CALL(cuLaunchKernel, f, 2, 1, 1, 32, 1, 1, 0, CU_STREAM_LEGACY, args, NULL);
   CALL(cuMemcpyHtoD_v2, p, name, sizeof name);
   CUDA_MEMCPY2D copy = {.srcMemoryType = CU_MEMORYTYPE_HOST, .srcHost = name,
                         .dstMemoryType = CU_MEMORYTYPE_DEVICE, .dstDevice = p,
                         .WidthInBytes = 8, .Height = 2, .srcPitch = 8, .dstPitch = 16};
   CALL(cuMemcpy2D_v2, &copy);
   CALL(cuGetErrorName, CUDA_ERROR_INVALID_IMAGE, &text);
   if (!strcmp(how, "threads")) {
      pthread_t t;
      CALL(cuLaunchHostFunc, NULL, wait_a_little, NULL);
      pthread_create(&t, NULL, synchronize, ctx);
      usleep(50000);
      CALL(cuCtxGetDevice, &dev);
      pthread_join(t, NULL);
   }
   if (*how) {
      CALL(cuLaunchHostFunc, NULL, end_here, (void *)how);
      CALL(cuCtxSynchronize, );
   }
   return 0;
}
