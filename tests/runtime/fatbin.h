/* SPDX-License-Identifier: Apache-2.0
 * A fatbin made by hand, holding PTX as plain text, laid out as compilers do. */
#ifndef KASURI_TEST_FATBIN_H
#define KASURI_TEST_FATBIN_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct fatbin_wrapper {
   uint32_t magic, version;
   void *data, *more;
};

/* 16 bytes of header, then one entry of kind 1 (PTX) with a header of 64 bytes. */
static struct fatbin_wrapper *
fatbin_of_ptx(const char *ptx)
{
   size_t text = (strlen(ptx) + 1 + 7) & ~(size_t)7;
   uint8_t *f = calloc(1, 16 + 64 + text);
   struct fatbin_wrapper *w = calloc(1, sizeof *w);
   uint32_t u32;
   uint16_t u16;
   uint64_t u64;
#define PUT32(at, v) (u32 = (v), memcpy(f + (at), &u32, 4))
#define PUT16(at, v) (u16 = (v), memcpy(f + (at), &u16, 2))
#define PUT64(at, v) (u64 = (v), memcpy(f + (at), &u64, 8))
   PUT32(0, 0xBA55ED50);
   PUT16(4, 1);
   PUT16(6, 16);
   PUT64(8, 64 + text);
   PUT16(16, 1);
   PUT16(18, 0x101);
   PUT32(20, 64);
   PUT64(24, text);
   PUT16(40, 0);
   PUT16(42, 8);
   PUT32(44, 70);
   PUT64(56, 0x11);
   memcpy(f + 80, ptx, strlen(ptx));
   *w = (struct fatbin_wrapper){0x466243B1, 1, f, NULL};
   return w;
}

#endif
