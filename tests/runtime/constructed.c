/* SPDX-License-Identifier: Apache-2.0
 * The library of constructor.c. */
void at_load(void);

__attribute__((constructor)) static void
construct(void)
{
   at_load();
}
