/* SPDX-License-Identifier: Apache-2.0
 * usage: exports LIBRARY LIST VERSION: every name of the list is there with that version
 * node, as a program linked against CUDA's own library would ask for it. */
#include "check.h"

#include <dlfcn.h>

int
main(int argc, char **argv)
{
   char name[256];
   if (argc != 4) {
      fprintf(stderr, "usage: exports LIBRARY LIST VERSION\n");
      return 2;
   }
   void *lib = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
   if (lib == NULL)
      fprintf(stderr, "%s\n", dlerror());
   FILE *f = fopen(argv[2], "r");
   if (!CHECK(lib != NULL) || !CHECK(f != NULL))
      return check_done();
   while (fscanf(f, "%255s", name) == 1)
      if (!CHECK(dlvsym(lib, name, argv[3]) != NULL))
         fprintf(stderr, "   no %s@%s\n", name, argv[3]);
   CHECK(check_passed > 400);
   fclose(f);
   return check_done();
}
