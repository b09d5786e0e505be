/* SPDX-License-Identifier: Apache-2.0
 * The device's own structures. One lock, device.lock, guards streams, queues, events and
 * the choice of work; it is never held while anything of the user runs. */
#ifndef KASURI_DEVICE_PRIV_H
#define KASURI_DEVICE_PRIV_H

#include "device/device.h"

#include <pthread.h>
#include <stdatomic.h>

enum command_type {
   CMD_KERNEL,
   CMD_COPY,
   CMD_FILL,
   CMD_HOST,
   CMD_FREE,
   CMD_RECORD,
   CMD_WAIT,
   CMD_VALUE_WAIT,
   CMD_VALUE_WRITE,
};

/* Units that nobody has taken yet; a cache line each. */
struct share {
   _Atomic uint64_t next;
   uint64_t end;
   uint8_t apart[48];
};
struct spare_shares {
   struct spare_shares *next;
   uint8_t apart[56];
   struct share shares[]; /* device.count */
};

/* Work that several workers share. */
struct job {
   uint64_t units;
   uint64_t grain;        /* units that are best taken together, from a multiple on */
   bool ordered;          /* units may wait for the ones before them */
   bool one_by_one;       /* and for as long as they like */
   bool listed;           /* in device.jobs */
   bool told;             /* workers know of it */
   uint32_t max_users;    /* no more workers than this, at first */
   _Atomic uint64_t word; /* who is inside, and what is left: see share.c */
   uint32_t nshares;
   struct share *shares;       /* while it runs */
   struct spare_shares *spare; /* shares where there are several, … */
   struct share only;          /* … and where there is one */
   struct job *next_listed;
};

#define INLINE_PARAMS 256
struct kernel_work {
   struct exec_launch l;
   struct exec_fault fault;
   struct device_func *func;
   uint64_t blocks, unit_blocks; /* unit_blocks: of a cluster, else 1 */
   bool resident;                /* all blocks live at once, a share on each worker */
   bool timed;                   /* its pace is worth a look at the clock */
   uint64_t *workspace;          /* cooperative: the grid barrier's */
   void *params_heap;
   _Alignas(16) uint8_t params[INLINE_PARAMS];
};

struct command {
   struct command *next;
   struct device_stream *stream;
   uint64_t seq;
   enum command_type type;
   bool running;
   struct job job;
   union {
      struct kernel_work k;
      struct {
         struct device_copy c;
         void *staging; /* freed once done */
      } copy;
      struct device_fill fill;
      struct {
         void (*fn)(void *, int);
         void *arg;
         bool even_after_error;
      } host;
      struct {
         void *p;
         uint32_t kinds;
      } free;
      struct {
         struct device_event *event;
         uint64_t generation;
      } event;
      struct {
         void *at;
         uint64_t value;
         unsigned bytes;
         enum device_value_test test;
      } value;
   };
};

struct device_event {
   uint64_t recorded, done; /* generations; under device.lock */
   uint64_t time_ns;
   uint32_t refs;
   struct device_ctx *ctx;
};

struct device_stream {
   struct device_ctx *ctx;
   enum device_stream_kind kind;
   int priority;
   uint64_t id;
   struct command *head, *tail;
   uint64_t last_seq, done_seq; /* last queued; last completed */
   uint32_t queued;
   bool active; /* in device.active */
   bool destroyed;
   struct device_stream *next_active, *prev_active;
   struct device_stream *next_in_ctx, *prev_in_ctx;
};

struct device_ctx {
   _Atomic int error;
   uint8_t apart[60]; /* as workers ask for it at each turn */
   unsigned index;    /* the device's ordinal */
   const struct device_props *props;
   struct device_stream *streams; /* all, legacy among them */
   struct device_stream *legacy;
   uint64_t pending; /* commands not complete */
   pthread_mutex_t heap_lock;
   struct heap_block *heap;
   uint64_t heap_limit, heap_used;
};

struct device {
   pthread_mutex_t lock;
   uint64_t seq;
   struct device_stream *active, *active_tail; /* streams with work, oldest first */
   _Atomic uint32_t nactive;                   /* of them */
   struct job *jobs;                           /* running, with units left */
   struct command *free_commands;
   struct spare_shares *free_shares;
   uint32_t pollers;          /* CMD_VALUE_WAITs at the head of a stream */
   bool slot0_busy;           /* worker 0 is shared by its thread and those who wait */
   uint32_t resident_running; /* such grids need every worker: one at a time */
   uint32_t waiting;          /* threads in pool_wait */
   bool seeded;               /* commands run one at a time, in the order of queueing */
   bool turn_held;            /* and one does */
   uint64_t next_stream_id;
   _Atomic uint64_t gridid;

   /* Told to workers: there may be work, such as this job that they may join. What many
    * look at has a line of the cache for itself. */
   _Alignas(64) _Atomic uint32_t epoch;
   _Atomic uint32_t parked; /* workers asleep on epoch … */
   _Atomic bool called;     /* … or about to wake */
   struct job *_Atomic door;
   /* Told to the guardian, which looks by itself too unless it sleeps. */
   _Atomic uint32_t guard_epoch;
   _Atomic uint32_t guard_asleep;
   /* Told to those who wait: something completed. */
   _Alignas(64) _Atomic uint32_t done_epoch;
   _Atomic uint32_t waiters;

   _Alignas(64) _Atomic bool exiting;
   uint32_t count; /* workers */
   struct exec_worker **workers;
};
extern struct device device;

#define COMMAND_OF(j) ((struct command *)((char *)(j) - offsetof(struct command, job)))

void device_lock(void);
void device_unlock(void);

/* -- queue.c; all with device.lock held. */
struct command *queue_command(enum command_type type);
void queue_push(struct device_stream *s, struct command *c);
/* Runs what needs no worker at the heads of streams; call after any change. */
void queue_settle(void);
/* Begins c, which was just queued, if there is nothing else, for whoever comes: its own
 * thread has at hand what it takes, and workers only join. */
void queue_open(struct command *c);
/* A running command that takes one more worker, without the lock. NULL: none. */
struct command *queue_join(void);
/* The first command that may start now; prefers `first`'s stream. NULL: none. */
struct command *queue_ready(struct device_stream *first, bool with_worker, bool waits);
bool queue_has_ready(void);
/* For a worker beside the others, see relief.c: the number of what it would be given, 0:
 * nothing; and that, which may be a grid that would need all workers to itself. */
uint64_t queue_seq_beside(void);
struct command *queue_ready_beside(void);
void queue_complete(struct command *c);
bool queue_idle(const struct device_ctx *c); /* NULL: the whole device */

/* -- share.c */
/* How fast a worker gets on with a job. */
struct pace {
   uint64_t units, ns; /* took so long; ns 0: nobody knows */
};
/* Before it runs, with so many workers inside; listed: others may join. Lock held. */
void job_open(struct job *j, uint32_t users);
void job_close(struct job *j); /* when it has run; lock held */
/* The rest without the lock; most of it from inside. */
struct stay { /* of a worker */
   uint32_t worker;
   uint32_t ended; /* shares of which it took the last */
   struct pace pace;
};
bool job_joinable(const struct job *j);
bool job_join(struct job *j); /* true: the caller is inside */
/* The next units for a worker; false: all are taken. */
bool job_take(struct job *j, struct stay *s, uint64_t *first, uint64_t *n);
bool job_has_units(const struct job *j);
/* It takes longer than was thought: as many workers as there are. False: it did. */
bool job_widen(struct job *j);
void job_cancel(struct job *j); /* what is not taken yet */
/* True: no units are left, nobody is inside and nobody can come: the caller completes
 * the job. Not where somebody watches it, who does that then. */
bool job_leave(struct job *j, const struct stay *s);
/* With the lock, while it runs. False: too late, or another one does. */
bool job_watch(struct job *j);
bool job_unwatch(struct job *j); /* true: it is over, and the caller completes it */
bool job_over(const struct job *j);
uint32_t job_users(const struct job *j);

/* -- pool.c */
/* Something is in the queue: see to it that someone will run it. ns: of one worker's time
 * that several of them might share. Takes no lock. */
void pool_notify(uint64_t ns, bool sync_follows);
bool pool_tells(uint64_t ns); /* whether workers are told of so much */
/* Helps until done(arg) holds; called without the lock, done with it. */
void pool_wait(bool (*done)(void *arg), void *arg, struct device_stream *prefer);
void pool_start_threads(uint32_t n);
/* Runs what queue_ready gave; lock held, but not while it runs. until: NULL, or stop when
 * this is no longer device.done_epoch. */
void pool_run(struct command *c, struct exec_worker *w, const uint32_t *until);
void pool_hurry(void);     /* someone asks for work that nobody has begun */
void pool_completed(void); /* wakes those who wait; lock held */
void pool_stop(void);      /* at exit: no more blocks are started */

/* -- place.c: on which processor */
void place_call(void);             /* who has work for others, before it tells them */
void place_worker(uint32_t index); /* a worker begins, from 1 on */
void place_woken(void);            /* a worker was told of work */
void place_helped(bool somebody);  /* in what workers were told of and had time for */

/* -- relief.c */
/* exec_launch.idle: a worker's grid only polls. */
enum exec_idle relief_wanted(void *owner);
/* Under a seed: what ran has ended; lock held. */
void relief_turn_ends(void);

/* -- launch.c: runs units of a kernel on a worker; copy.c: of a copy. */
void kernel_run_units(struct command *c, struct exec_worker *w, uint64_t first,
                      uint64_t n);
void kernel_finish(struct command *c); /* no lock held: reports, frees */
/* What so many threads take on one worker, in ns, as far as earlier launches tell. */
uint64_t kernel_time(const struct device_func *f, uint64_t threads);
void copy_run(const struct device_copy *c);
void copy_run_part(const struct device_copy *c, uint64_t first, uint64_t n);
uint64_t copy_units(const struct device_copy *c);
void fill_run(const struct device_fill *f);

/* -- print.c, heap.c: what running kernels ask for. owner is the context. */
void print_text(void *owner, const char *text, size_t n);
void print_error_text(void *owner, const char *text, size_t n);
void *heap_alloc(void *owner, uint64_t size, uint64_t align);
void heap_free(void *owner, void *p);
void heap_finish(struct device_ctx *c);

/* -- slab.c: pages from the system between guards, and parts of them; size as for alloc.
 */
void *slab_map(size_t size); /* a multiple of the page's size, aligned to 2 MiB */
void slab_unmap(void *p, size_t size);
void *slab_alloc(size_t size); /* up to 1 MiB, aligned to 512; NULL: none left */
void slab_free(void *p, size_t size);

/* -- module.c */
struct back_func *func_back(struct device_func *f);
bool func_refused_before(struct device_func *f); /* and will have been from now on */
bool func_polls(struct device_func *f); /* blocks may wait for each other; cached */
/* What a thread of it took lately, in ps; 0: nobody knows. */
uint64_t func_pace(const struct device_func *f);
void func_set_pace(struct device_func *f, uint64_t ps);
uint32_t func_launches(struct device_func *f); /* so far, and counts one; lock held */

/* -- poll.c */
bool kernel_polls(const struct ir_func *kernel);

#endif
