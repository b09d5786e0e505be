/* SPDX-License-Identifier: Apache-2.0
 * How much native stack the code of a kernel takes: what LLVM says of its functions'
 * frames. Quick code keeps every vector on the stack, so no estimate will do. */
#include <elf.h>
#include <string.h>

#include "back/simd/emit.h"

/* For what compiled code calls (services, printf, warp operations), and return addresses.
 */
#define OTHERS_BYTES (64u << 10)
/* Room for calls whose depth is not known; pages that are never touched cost nothing. */
#define CALL_STACK_BYTES (2u << 20)

/* The sum over the entries of a .stack_sizes section: an address and a ULEB128 each. */
static uint64_t
sum_of_entries(const uint8_t *p, const uint8_t *end)
{
   uint64_t sum = 0;
   while (end - p > 8) {
      uint64_t size = 0;
      unsigned shift = 0;
      for (p += 8; p < end; shift += 7) {
         size |= (uint64_t)(*p & 127) << shift;
         if (!(*p++ & 128))
            break;
      }
      sum += size;
   }
   return sum;
}

uint64_t
stack_frames(const uint8_t *elf)
{
   const Elf64_Ehdr *eh = (const void *)elf;
   const Elf64_Shdr *sh = (const void *)(elf + eh->e_shoff);
   const char *names = (const char *)elf + sh[eh->e_shstrndx].sh_offset;
   uint64_t sum = 0;
   for (unsigned i = 0; i < eh->e_shnum; i++)
      if (!strcmp(names + sh[i].sh_name, ".stack_sizes"))
         sum +=
            sum_of_entries(elf + sh[i].sh_offset, elf + sh[i].sh_offset + sh[i].sh_size);
   return sum;
}

uint32_t
stack_bytes(const struct emit *e)
{
   /* Functions that do not recurse are on the stack once each at most. */
   uint64_t n = OTHERS_BYTES + e->frames + (e->called.len ? CALL_STACK_BYTES : 0);
   return (uint32_t)ALIGN_UP(MIN2(n, (uint64_t)1 << 30), (uint64_t)4096);
}
