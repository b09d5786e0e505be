/* SPDX-License-Identifier: Apache-2.0
 * What the generated calls (scripts/gen_arguments.py) and the program that judges them
 * know of each other. */
#ifndef KASURI_TEST_ARGUMENTS_H
#define KASURI_TEST_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>

enum judge {
   ANY,         /* must return at all */
   SAME,        /* as with likely arguments, or success: CUDA takes this one */
   ERROR,       /* one of the library's errors for arguments */
   UNSUPPORTED, /* it must say so */
};
struct variant {
   const char *what;
   enum judge judge;
};
struct function {
   const char *name;
   int (*call)(int which);
   const struct variant *variants;
   unsigned count;
};
extern const struct function functions[];
extern const unsigned function_count;

/* Of the library under test, in arguments_driver.h or arguments_runtime.h. */
extern const int argument_errors[]; /* ends in 0 */
extern const int unsupported_error;
void make_objects(void);
/* Zeroed memory for the parameter, 8 KB each. */
void *scratch(unsigned parameter);

#endif
