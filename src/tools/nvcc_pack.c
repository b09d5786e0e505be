/* SPDX-License-Identifier: Apache-2.0
 * Packs PTX into a fatbin, the container that host objects carry (the layout is in the
 * image room's notes). PTX is stored as it is: unpacking costs more than it saves here.
 */
#include "tools/nvcc_priv.h"

#include <string.h>

#define FATBIN_MAGIC 0xBA55ED50u
#define HEADER_SIZE 16
#define ENTRY_SIZE 64
#define KIND_PTX 1
#define FLAG_64_BIT_LINUX 0x11
#define FLAG_ARCH_SPECIFIC 0x100000

static void
put(uint8_t *at, uint64_t value, size_t bytes)
{
   for (size_t i = 0; i < bytes; i++)
      at[i] = (uint8_t)(value >> (8 * i));
}

static void
put_entry(uint8_t *at, const struct nvcc_image *im, size_t payload)
{
   put(at + 0, KIND_PTX, 2);
   put(at + 2, 0x101, 2);
   put(at + 4, ENTRY_SIZE, 4);
   put(at + 8, payload, 8);
   put(at + 26, 8, 2); /* PTX major; minor 0 */
   put(at + 28, im->arch.sm, 4);
   put(at + 40, FLAG_64_BIT_LINUX | (im->arch.suffix == 'a' ? FLAG_ARCH_SPECIFIC : 0), 8);
   memcpy(at + ENTRY_SIZE, im->ptx, im->size);
}

void *
nvcc_pack(const struct nvcc_image *images, size_t count, size_t *size)
{
   size_t total = HEADER_SIZE;
   for (size_t i = 0; i < count; i++)
      total += ENTRY_SIZE + ALIGN_UP(images[i].size + 1, 8);
   uint8_t *data = base_calloc(1, total);
   put(data, FATBIN_MAGIC, 4);
   put(data + 4, 1, 2);
   put(data + 6, HEADER_SIZE, 2);
   put(data + 8, total - HEADER_SIZE, 8);
   uint8_t *at = data + HEADER_SIZE;
   for (size_t i = 0; i < count; i++) {
      size_t payload = ALIGN_UP(images[i].size + 1, 8);
      put_entry(at, &images[i], payload);
      at += ENTRY_SIZE + payload;
   }
   *size = total;
   return data;
}
