/* SPDX-License-Identifier: Apache-2.0
 * A program as it is after linking with Kasuri's libcudart_static.a and strip: device
 * code and the runtime's note, and no names. */
#include <stdio.h>

__attribute__((section(".nv_fatbin"), used)) static const char code[16] = {1};
__attribute__((section(".note.kasuri"), used, aligned(4))) static const int note[] = {
   7, 4, 1, 0, 0, 13};

int
main(void)
{
   puts("fine");
   return 0;
}
