/* SPDX-License-Identifier: Apache-2.0
 * Memory that LLVM leaves behind once nothing is compiled any more: free pages of the
 * heap, and those pages of its libraries that are only read, which the next compilation
 * finds in the page cache again. They are 50 of the 70 MB that a small program with its
 * first kernels has, and many hundred after a large one. */
#include "back/background.h"

#include <link.h>
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>

#include "base/base.h"

static bool
is_compilers(const char *path)
{
   const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
   return !strncmp(name, "libLLVM", 7) || !strcmp(name, "kasuri-simd.so");
}

static int
drop_pages(struct dl_phdr_info *lib, size_t size, void *unused)
{
   (void)size;
   (void)unused;
   for (unsigned i = 0; is_compilers(lib->dlpi_name) && i < lib->dlpi_phnum; i++) {
      const ElfW(Phdr) *p = &lib->dlpi_phdr[i];
      if (p->p_type != PT_LOAD || p->p_flags & PF_W)
         continue;
      uintptr_t from = ALIGN_UP(lib->dlpi_addr + p->p_vaddr, (uintptr_t)4096);
      uintptr_t to = (lib->dlpi_addr + p->p_vaddr + p->p_memsz) & ~(uintptr_t)4095;
      if (to > from)
         madvise((void *)from, to - from, MADV_DONTNEED);
   }
   return 0;
}

void
background_release(void)
{
   malloc_trim(0);
   dl_iterate_phdr(drop_pages, NULL);
}
