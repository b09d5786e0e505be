// SPDX-License-Identifier: Apache-2.0
// Times what a program waits for at its first launch of a kernel: loading the PTX file
// named by the first argument, launching it once and waiting; then the second launch. With
// `memory` as second argument, instead: by how many bytes the process grew from its begin
// (the libraries loaded), at most and after a second without launches.
#include <cuda.h>
#include <string.h>
#include <unistd.h>

#include "../bench.h"

static void
must(CUresult r, const char *what)
{
   if (r != CUDA_SUCCESS) {
      fprintf(stderr, "%s: error %d\n", what, (int)r);
      exit(1);
   }
}

// A line of /proc/self/status, in bytes.
static double
memory(const char *name)
{
   char line[256];
   double kb = 0;
   FILE *f = fopen("/proc/self/status", "r");
   while (f && fgets(line, sizeof line, f))
      if (!strncmp(line, name, strlen(name)))
         kb = atof(line + strlen(name) + 1);
   if (f)
      fclose(f);
   return kb * 1024;
}

int
main(int argc, char **argv)
{
   CUdevice device;
   CUcontext context;
   CUmodule module;
   CUfunction chain;
   CUdeviceptr p;
   if (argc < 2)
      return 2;
   double own = memory("VmRSS");
   must(cuInit(0), "cuInit");
   must(cuDeviceGet(&device, 0), "cuDeviceGet");
   must(cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain");
   must(cuCtxSetCurrent(context), "cuCtxSetCurrent");
   must(cuMemAlloc(&p, 1024), "cuMemAlloc");
   void *args[] = {&p};
   double t0 = bench_now();
   must(cuModuleLoad(&module, argv[1]), "cuModuleLoad");
   must(cuModuleGetFunction(&chain, module, "chain"), "cuModuleGetFunction");
   double t1 = bench_now();
   must(cuLaunchKernel(chain, 1, 1, 1, 256, 1, 1, 0, 0, args, 0), "cuLaunchKernel");
   must(cuCtxSynchronize(), "cuCtxSynchronize");
   double t2 = bench_now();
   must(cuLaunchKernel(chain, 1, 1, 1, 256, 1, 1, 0, 0, args, 0), "cuLaunchKernel");
   must(cuCtxSynchronize(), "cuCtxSynchronize");
   if (argc > 2 && !strcmp(argv[2], "memory")) {
      double most = memory("VmHWM") - own;
      sleep(1);
      printf("micro memory_most %.4g\nmicro memory_settled %.4g\n", most, memory("VmRSS") - own);
      return 0;
   }
   printf("micro load %.4g\nmicro first_launch %.4g\nmicro second_launch %.4g\n", t1 - t0,
          t2 - t1, bench_now() - t2);
}
