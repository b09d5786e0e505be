/* SPDX-License-Identifier: Apache-2.0
 * Threads of ours in a program that knows nothing of them. */
#ifndef KASURI_BASE_THREAD_H
#define KASURI_BASE_THREAD_H

#include <stdbool.h>
#include <stddef.h>

/* Starts a detached thread that gets no signal meant for the program, only its own
 * faults. stack_bytes: 0 for the usual size. */
bool base_thread_start(void *(*run)(void *arg), void *arg, size_t stack_bytes);

/* How many processors this process may use; at least 1. */
unsigned base_processors(void);

#endif
