/* SPDX-License-Identifier: Apache-2.0
 * `kasuri doctor`: what it finds, from several files. */
#ifndef KASURI_DOCTOR_PRIV_H
#define KASURI_DOCTOR_PRIV_H

#include "tools/tools.h"

enum finding_state {
   FINDING_OK,
   FINDING_NOTE,   /* works, but slower or not as one may expect */
   FINDING_MISSING /* something everyday fails */
};
struct finding {
   enum finding_state state;
   char *what, *detail, *mend; /* mend: NULL where all is well */
};
struct doctor {
   VEC(struct finding) findings;
};

/* detail and mend, how to make it well, are taken over. */
void doctor_good(struct doctor *d, const char *what, char *detail);
void doctor_bad(struct doctor *d, enum finding_state s, const char *what, char *detail,
                char *mend);

/* -- doctor_machine.c: devices, memory, caches, other CUDA libraries around. */
void doctor_devices(struct doctor *d);
void doctor_memory(struct doctor *d);
void doctor_cache(struct doctor *d);
void doctor_libraries(struct doctor *d);
/* Whether path lies in Kasuri's lib64. */
bool doctor_is_ours(const char *path);

/* -- doctor_program.c: what a program would load, and the code in it. */
void doctor_program(struct doctor *d, const char *file);

#endif
