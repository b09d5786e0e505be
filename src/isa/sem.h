/* SPDX-License-Identifier: Apache-2.0
 * The last argument of every meaning (sem_*.c): one word of constant bits that says which
 * variant of the instruction it is. sem.c packs it, the meanings read it. */
#ifndef KASURI_ISA_SEM_H
#define KASURI_ISA_SEM_H

#include <stdint.h>

/* Fields: 0 rnd:4 · 4 cmp:5 · 9 boolop:2 · 11 mode:6 · 17 atom:4 · 21 flags:24 · 63 NaN
 */
#define W_RND(w) ((unsigned)(w) & 15u)
#define W_CMP(w) ((unsigned)((w) >> 4) & 31u)
#define W_BOOL(w) ((unsigned)((w) >> 9) & 3u)
#define W_MODE(w) ((unsigned)((w) >> 11) & 63u)
#define W_ATOM(w) ((unsigned)((w) >> 17) & 15u)
#define W_FLAG(w, f) (((w) >> 21 & (f)) != 0)
#define W_CANON(w) ((w) >> 63 != 0)
#define W_MAKE(rnd, cmp, boolop, mode, atom, flags)                                      \
   ((uint64_t)(rnd) | (uint64_t)(cmp) << 4 | (uint64_t)(boolop) << 9 |                   \
    (uint64_t)(mode) << 11 | (uint64_t)(atom) << 17 | (uint64_t)(flags) << 21)

#endif
