/* SPDX-License-Identifier: Apache-2.0
 * Any file that the loader maps is read for its symbols without harm: every name that is
 * told lies in the file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The audit library stands alone, so its reader is taken in whole. */
#include "libs/redirect/elf.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
read_symbols(const struct elf *e, unsigned kind)
{
   struct elf_symbols t = elf_symbols(e, kind);
   size_t letters = 0;
   for (size_t i = 0; i < t.count; i++) {
      letters += strlen(elf_name(&t, i));
      letters += elf_is_code(e, t.syms[i].st_value, REDIRECT_JUMP_SIZE);
   }
   if (letters > (size_t)1 << 40)
      abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
   char path[64];
   int fd = memfd_create("fuzz", MFD_CLOEXEC);
   if (fd < 0 || write(fd, data, n) != (ssize_t)n)
      abort();
   snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
   struct elf e;
   if (elf_open(&e, path)) {
      elf_section(&e, ".note.kasuri");
      read_symbols(&e, SHT_SYMTAB);
      read_symbols(&e, SHT_DYNSYM);
      elf_close(&e);
   }
   close(fd);
   return 0;
}
