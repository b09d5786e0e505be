/* SPDX-License-Identifier: Apache-2.0
 * Says which libraries it found: what it was linked with, and each name it is given, by
 * dlopen. A line each: the name asked for, and the file that cuInit or cudaGetDeviceCount
 * of it comes from. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#ifdef LINKED
int cudaRuntimeGetVersion(int *v);
#endif

static void
show(const char *name, void *function)
{
   Dl_info info;
   if (!function || !dladdr(function, &info))
      printf("%s: nothing\n", name);
   else
      printf("%s: %s\n", name, info.dli_fname);
}

int
main(int argc, char **argv)
{
#ifdef LINKED
   int v = 0;
   cudaRuntimeGetVersion(&v);
   show("linked", (void *)cudaRuntimeGetVersion);
#endif
   for (int i = 1; i < argc; i++) {
      void *lib = dlopen(argv[i], RTLD_NOW);
      void *f = lib ? dlsym(lib, "cudaGetDeviceCount") : NULL;
      show(argv[i], f || !lib ? f : dlsym(lib, "cuInit"));
   }
   return 0;
}
