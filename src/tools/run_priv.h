/* SPDX-License-Identifier: Apache-2.0
 * `kasuri run` by kinds of file: a cached compilation of a .cu file, one launch of a .ptx
 * file. */
#ifndef KASURI_RUN_PRIV_H
#define KASURI_RUN_PRIV_H

#include "tools/tools.h"

struct run_compile {
   struct strings flags; /* for nvcc */
   bool time, verbose;
};
/* The program made from the file, out of the cache or new; caller frees. NULL when it
 * does not compile, which has been said. */
char *run_compile(const struct run_compile *c, const char *file);

struct run_ptx {
   char *entry;
   uint32_t grid[3], block[3], shared;
   struct strings args;
   bool time, shape_given;
};
/* Takes one of .ptx's options: 1 taken, 0 not one, -1 wrong (said). */
int run_ptx_option(struct run_ptx *p, int argc, char **argv, int *i);
bool run_ptx_used(const struct run_ptx *p);
int run_ptx(const struct run_ptx *p, const char *file, int argc, char **argv);
void run_ptx_finish(struct run_ptx *p);

#endif
