/* SPDX-License-Identifier: Apache-2.0
 * A program whose device code is in a library that it is linked with. */
int plugin(void);

int
main(void)
{
   return plugin();
}
