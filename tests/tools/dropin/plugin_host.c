/* SPDX-License-Identifier: Apache-2.0
 * Opens a library whose constructor registers device code, and calls into it. */
#include <dlfcn.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
   void *lib = dlopen(argc > 1 ? argv[1] : "", RTLD_NOW | RTLD_LOCAL);
   if (!lib) {
      fprintf(stderr, "%s\n", dlerror());
      return 98;
   }
   int (*plugin)(void) = (int (*)(void))dlsym(lib, "plugin");
   int r = plugin ? plugin() : 97;
   dlclose(lib);
   return r;
}
