/* SPDX-License-Identifier: Apache-2.0
 * The virtual GPUs, free of any API's names: memory, streams, events, modules and
 * launches. src/driver puts the cu* functions on top of it. All of them run on the same
 * workers; each has its limits, its capacity and its contexts.
 *
 * Everything here may be called from any thread. Device memory is host memory: a device
 * pointer is a host pointer. */
#ifndef KASURI_DEVICE_H
#define KASURI_DEVICE_H

#include "back/back.h"
#include "base/base.h"
#include "machine/profile.h"

/* Status values are CUDA's own numbers, so that the driver need not translate them. */
enum device_status {
   DEVICE_OK = 0,
   DEVICE_INVALID_VALUE = 1,
   DEVICE_OUT_OF_MEMORY = 2,
   DEVICE_INVALID_IMAGE = 200,
   DEVICE_NO_BINARY = 209,
   DEVICE_INVALID_PTX = 218,
   DEVICE_INVALID_HANDLE = 400,
   DEVICE_NOT_FOUND = 500,
   DEVICE_NOT_READY = 600,
   DEVICE_ILLEGAL_ADDRESS = 700,
   DEVICE_LAUNCH_OUT_OF_RESOURCES = 701,
   DEVICE_LAUNCH_TIMEOUT = 702,
   DEVICE_ALREADY_REGISTERED = 712,
   DEVICE_NOT_REGISTERED = 713,
   DEVICE_ASSERT = 710,
   DEVICE_STACK_ERROR = 714,
   DEVICE_ILLEGAL_INSTRUCTION = 715,
   DEVICE_MISALIGNED = 716,
   DEVICE_LAUNCH_FAILED = 719,
   DEVICE_COOPERATIVE_TOO_LARGE = 720,
   DEVICE_NOT_SUPPORTED = 801,
   DEVICE_INVALID_CLUSTER = 912,
};

/* The workers that all devices share; contexts start them by themselves. */
void device_start(void);

/* -- Memory. */
struct device_ctx;
enum device_mem_kind {
   DEVICE_MEM_LINEAR = 1 << 0,     /* cuMemAlloc */
   DEVICE_MEM_HOST = 1 << 1,       /* pinned host memory */
   DEVICE_MEM_REGISTERED = 1 << 2, /* the caller's own, registered */
   DEVICE_MEM_MANAGED = 1 << 3,
   DEVICE_MEM_GLOBAL = 1 << 4,  /* a module's variables */
   DEVICE_MEM_POOL = 1 << 5,    /* stream-ordered */
   DEVICE_MEM_VIRTUAL = 1 << 6, /* a mapped part of a reserved range */
   DEVICE_MEM_ARRAY = 1 << 7,
   DEVICE_MEM_IPC = 1 << 8,
};
#define DEVICE_MEM_ON_DEVICE                                                             \
   (DEVICE_MEM_LINEAR | DEVICE_MEM_MANAGED | DEVICE_MEM_GLOBAL | DEVICE_MEM_POOL |       \
    DEVICE_MEM_VIRTUAL | DEVICE_MEM_ARRAY | DEVICE_MEM_IPC)

struct device_alloc {
   uintptr_t base;
   size_t size; /* as asked for */
   uint32_t kind;
   uint32_t flags;           /* the API's own */
   uint64_t id;              /* never reused in a process */
   unsigned device;          /* whose memory it is, by ordinal */
   struct device_ctx *owner; /* the context it was made in */
   void *extra;              /* the pool, the virtual allocation … */
   size_t reserved;          /* bytes taken from the system */
   int shared; /* 1 + the file behind it that other processes may map, or 0 */
};
/* Memory of at least 256-byte alignment, contents unspecified; zero-sized requests are
 * the caller's to refuse. Counted against the device's memory unless HOST. */
enum device_status device_mem_alloc(size_t size, uint32_t kind, uint32_t flags,
                                    struct device_ctx *owner, void **p);
/* Adds memory that is someone else's (registered, mapped, module variables). */
enum device_status device_mem_add(const struct device_alloc *a);
/* Frees, or for memory of others forgets, the allocation that starts at p and is of one
 * of these kinds. INVALID_VALUE where there is none. */
enum device_status device_mem_free(void *p, uint32_t kinds);
/* The allocation that holds p; false where none does. */
bool device_mem_find(const void *p, struct device_alloc *a);
/* All of owner's allocations, freed. */
void device_mem_free_owner(struct device_ctx *owner);
/* Whether [p, p+n) lies in one allocation of these kinds (n 0: p alone). */
bool device_mem_covers(const void *p, size_t n, uint32_t kinds);
/* Whether the range lies in memory that the host may change under a copy's feet, which
 * therefore has to be staged: memory no allocation knows. */
bool device_mem_is_pageable(const void *p);
uint64_t device_mem_used(unsigned dev);
/* What may still be allocated: of the device's memory, and of the host's that backs all
 * devices (which KASURI_DEVICE_MEMORY overrules). */
uint64_t device_mem_free_bytes(unsigned dev);
/* Takes bytes from, or gives them back to, the device's memory; false when there are not
 * that many. */
bool device_mem_charge(unsigned dev, uint64_t bytes);
void device_mem_discharge(unsigned dev, uint64_t bytes);
void device_mem_set_extra(void *p, void *extra);
/* Puts a file behind the linear allocation that starts at p, which keeps its address and
 * contents: *fd, open as long as the allocation lives, and *size, its length.
 * NOT_SUPPORTED for small ones, whose pages hold other things too. */
enum device_status device_mem_share(void *p, int *fd, size_t *size);

/* -- Contexts: what shares a default stream, an error state and limits. */
struct device_ctx *device_ctx_create(unsigned dev);
unsigned device_ctx_device(const struct device_ctx *c);
void device_ctx_destroy(struct device_ctx *c); /* waits for its work */
/* The error that ended the context, DEVICE_OK while it lives. */
enum device_status device_ctx_error(const struct device_ctx *c);
enum device_status device_ctx_sync(struct device_ctx *c);
/* Bytes that malloc in kernels may have in all. */
void device_ctx_set_heap(struct device_ctx *c, uint64_t bytes);
/* Writes out what kernels printed. Synchronising calls do this by themselves. */
void device_print_flush(void);

/* -- Streams. */
struct device_stream;
enum device_stream_kind {
   DEVICE_STREAM_LEGACY,
   DEVICE_STREAM_BLOCKING,
   DEVICE_STREAM_FREE
};
struct device_stream *device_stream_create(struct device_ctx *c,
                                           enum device_stream_kind k, int priority);
void device_stream_destroy(struct device_stream *s); /* its work goes on */
struct device_stream *device_ctx_legacy(struct device_ctx *c);
struct device_ctx *device_stream_ctx(const struct device_stream *s);
enum device_stream_kind device_stream_kind(const struct device_stream *s);
int device_stream_priority(const struct device_stream *s);
void device_stream_set_priority(struct device_stream *s, int priority);
uint64_t device_stream_id(const struct device_stream *s);
enum device_status device_stream_sync(struct device_stream *s);
enum device_status device_stream_query(struct device_stream *s); /* NOT_READY */

/* -- Events. */
struct device_event;
struct device_event *device_event_create(void);
void device_event_unref(struct device_event *e);
void device_event_ref(struct device_event *e);
void device_event_record(struct device_event *e, struct device_stream *s);
/* s goes on once what e now stands for is complete. */
void device_event_wait(struct device_event *e, struct device_stream *s);
enum device_status device_event_query(struct device_event *e); /* NOT_READY */
enum device_status device_event_sync(struct device_event *e);
bool device_event_recorded(const struct device_event *e);
uint64_t device_event_time_ns(const struct device_event *e); /* of its completion */

/* -- Stream work. */
struct device_copy { /* one box of bytes; pitches and slices in bytes */
   void *dst;
   const void *src;
   size_t dst_pitch, src_pitch, dst_slice, src_slice;
   size_t width, height, depth;
};
struct device_fill {
   void *dst;
   size_t pitch, width, height; /* width in elements */
   uint32_t value, elem;        /* 1, 2 or 4 bytes */
};
/* Orders a copy into the stream. `block`: return once it is done. Host memory that is not
 * pinned is read before, and written before, the call returns. */
void device_copy(struct device_stream *s, const struct device_copy *c, bool block);
void device_fill(struct device_stream *s, const struct device_fill *f, bool block);
void device_host_call(struct device_stream *s, void (*fn)(void *arg, int status),
                      void *arg, bool even_after_error);
/* Memory that goes back to the system when the stream gets there. */
void device_free_later(struct device_stream *s, void *p, uint32_t kinds);
enum device_value_test { DEVICE_GEQ, DEVICE_EQ, DEVICE_AND, DEVICE_NOR };
void device_value_wait(struct device_stream *s, void *at, uint64_t value, unsigned bytes,
                       enum device_value_test test);
void device_value_write(struct device_stream *s, void *at, uint64_t value,
                        unsigned bytes);

/* -- Modules and functions. */
struct device_text {
   const char *text;
   size_t size;
   const char *name; /* for messages */
};
struct device_module;
struct device_func;
struct device_module *device_module_load(struct device_ctx *c,
                                         const struct device_text *t, size_t n,
                                         struct diag *d);
void device_module_destroy(struct device_module *m);
struct device_func *device_module_func(struct device_module *m, const char *name);
size_t device_module_func_count(const struct device_module *m);
struct device_func *device_module_func_at(const struct device_module *m, size_t i);
bool device_module_global(struct device_module *m, const char *name, void **p,
                          size_t *size, bool *managed);
/* Lets storage of the host's stand for a variable of a module that has not been launched
 * yet, and gives it the initial value unless another module's variable is there already;
 * INVALID_VALUE: it has no such variable. */
enum device_status device_module_bind(struct device_module *m, const char *name,
                                      void *storage);
const char *device_func_name(const struct device_func *f);
const struct ir_func *device_func_ir(const struct device_func *f);
struct device_module *device_func_module(const struct device_func *f);
struct device_ctx *device_module_ctx(const struct device_module *m);
const struct device_props *device_func_props(const struct device_func *f);

/* What a launch of this function uses, as far as known without compiling. */
struct device_func_info {
   uint32_t shared_bytes, local_bytes, const_bytes, regs, max_threads;
   uint32_t ptx_version, sm;
};
void device_func_info(struct device_func *f, struct device_func_info *info);
/* Opt-in for dynamic shared memory above shared_per_block. */
enum device_status device_func_set_max_dynamic(struct device_func *f, uint32_t bytes);
uint32_t device_func_max_dynamic(const struct device_func *f);

/* -- Launches. */
struct device_launch {
   struct device_func *func;
   uint32_t grid[3], block[3],
      cluster[3]; /* cluster 0,0,0: the function's own, or none */
   uint32_t dynamic_shared;
   bool cooperative;
   const void *params; /* laid out as the function's parameters; copied */
   size_t param_bytes;
};
/* Checks, then queues. What is wrong with the request is returned (and, where the status
 * alone does not say, printed once); a fault in the kernel shows at synchronisation. */
enum device_status device_launch(struct device_stream *s, const struct device_launch *l);
/* How many blocks of this shape are resident on one multiprocessor, by the limits of
 * struct device_props: threads, blocks, shared memory, registers. */
uint32_t device_occupancy(struct device_func *f, uint32_t threads, size_t dynamic_shared);

#endif
