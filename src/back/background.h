/* SPDX-License-Identifier: Apache-2.0
 * Compilation while the program goes on. */
#ifndef KASURI_BACKGROUND_H
#define KASURI_BACKGROUND_H

#include <stdbool.h>

/* Zeroed and with `run` set by its owner, who keeps it until background_end. */
struct background_job {
   /* False: it has done nothing, as the module was not loaded. It runs again then. */
   bool (*run)(struct background_job *j);
   struct background_job *next;
   bool queued, running;
   bool stop; /* somebody waits: it should end soon, with or without a result */
};

/* It may never run: the process ends, or is a child of fork. */
void background_start(struct background_job *j);
/* Takes the job back: it has run, was stopped, or never will run. */
void background_end(struct background_job *j);
/* Something has been compiled: when that is a while ago, memory is given back. */
void background_note_use(void);
void background_release(void); /* now; see release.c */
/* Around what holds or wants the lock of the dynamic loader: see background.c. */
void background_begin_loading(void);
void background_end_loading(void);
/* Should the calling thread end the process, the job that runs is waited for first, and
 * stopped if that takes long. */
void background_wait_at_exit(void);
/* The process goes on: see background.c. */
void background_resume(void);

#endif
