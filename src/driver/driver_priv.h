/* SPDX-License-Identifier: Apache-2.0
 * What the driver's files share: objects behind handles, the calling thread's context,
 * and operations, which are either done in a stream or kept as a graph's nodes. */
#ifndef KASURI_DRIVER_PRIV_H
#define KASURI_DRIVER_PRIV_H

#include "device/device.h"
#include "image/image.h"

#include "../../include/cuda.h"

#include <pthread.h>

#define API KASURI_EXPORT CUresult CUDAAPI

/* -- handle.c: a handle is no pointer but a slot's number, its generation and its type,
 * so that any value a program passes can be checked without being followed. */
enum handle_type {
   H_CONTEXT = 1,
   H_MODULE,
   H_FUNCTION, /* CUfunction and CUkernel */
   H_LIBRARY,
   H_STREAM,
   H_EVENT,
   H_GRAPH,
   H_NODE,
   H_EXEC,
   H_POOL,
   H_MEMORY,
   H_ARRAY,
   H_TEXTURE,
   H_SURFACE,
   H_LINK,
   H_USER_OBJECT,
};
uint64_t handle_add(enum handle_type t, void *object);
void *handle_find(uint64_t h, enum handle_type t); /* NULL: no such object */
void handle_remove(uint64_t h);
#define HANDLE(type, object) ((void *)(uintptr_t)handle_add((type), (object)))
#define FIND(type, h) handle_find((uintptr_t)(h), (type))
#define FORGET(h) handle_remove((uintptr_t)(h))

/* -- Objects */
struct drv_ctx {
   CUcontext handle;
   struct device_ctx *dev;
   struct drv_stream *legacy;
   struct drv_module *modules; /* all, for the end of the context */
   struct drv_stream *streams;
   bool primary, dead;
   unsigned flags, api_version;
   unsigned long long id;
   CUfunc_cache cache;
   CUsharedconfig shared_config;
   size_t limits[CU_LIMIT_MAX];
   struct {
      VEC(unsigned long long) ids; /* of contexts whose memory this one may reach */
   } peers;
   pthread_mutex_t lock;
};

struct drv_module {
   CUmodule handle;
   struct drv_library *library; /* whose code this is in one context; or NULL */
   struct drv_ctx *ctx;
   struct device_module *dev;
   struct map *funcs; /* by name: drv_func */
   struct drv_module *next, *prev;
};

/* A function; or, where library is set, a kernel: a name that is looked up in the context
 * of its use, with nothing else filled in. */
struct drv_func {
   CUfunction handle;
   struct drv_library *library;
   const char *name;
   struct drv_module *module;
   struct device_func *dev;
   int carveout, nonportable_cluster, cluster_policy;
   CUfunc_cache cache;
   /* The launch interface before CUDA 4 sets these one at a time. */
   unsigned old_block[3], old_shared, old_size;
   uint8_t *old_params;
};

struct capture;
struct drv_stream {
   CUstream handle;
   struct drv_ctx *ctx;
   struct device_stream *dev;
   unsigned flags;
   struct capture *capture;
   VEC(CUgraphNode) capture_deps; /* the nodes that the next one comes after */
   struct drv_stream *next, *prev;
   CUlaunchAttributeValue window; /* attributes that only are remembered */
   CUsynchronizationPolicy sync_policy;
};

struct drv_event {
   CUevent handle;
   CUcontext owner; /* by handle: it may end before the event is destroyed */
   struct device_event *dev;
   unsigned flags;
   struct ipc_event *shared; /* with other processes: NULL for most */
   int shared_fd;            /* the page's file; -1: it is another process's */
   struct capture *capture;  /* recorded in one: what it then stood for */
   CUgraphNode *captured;
   size_t ncaptured;
};

/* -- context.c */
extern _Thread_local bool driver_per_thread; /* in a _ptsz or _ptds variant */
/* The calling thread's context, alive and free of error, or the status that says why
 * not. */
CUresult driver_enter(struct drv_ctx **c);
CUresult driver_context(struct drv_ctx **c); /* the same, errors of kernels aside */
CUresult driver_initialised(void);
/* dev's primary context, made if need be; no count kept. */
CUresult driver_primary(CUdevice dev, struct drv_ctx **c);
CUdevice driver_device(const struct drv_ctx *c);
/* The stream that h means to the calling thread. */
CUresult driver_stream(CUstream h, struct drv_stream **s);
bool driver_capturing(void); /* this thread may not do what a capture forbids */

/* Refuses ordinals that no device has. */
#define DEVICE(dev)                                                                      \
   do {                                                                                  \
      TRY(driver_initialised());                                                         \
      if ((unsigned)(dev) >= device_count())                                             \
         return CUDA_ERROR_INVALID_DEVICE;                                               \
   } while (0)
#define ENTER(c)                                                                         \
   struct drv_ctx *c;                                                                    \
   do {                                                                                  \
      CUresult enter_ = driver_enter(&c);                                                \
      if (enter_)                                                                        \
         return enter_;                                                                  \
   } while (0)
#define STREAM(s, h)                                                                     \
   struct drv_stream *s;                                                                 \
   do {                                                                                  \
      CUresult stream_ = driver_stream((h), &s);                                         \
      if (stream_)                                                                       \
         return stream_;                                                                 \
   } while (0)
#define REQUIRE(cond)                                                                    \
   do {                                                                                  \
      if (!(cond))                                                                       \
         return CUDA_ERROR_INVALID_VALUE;                                                \
   } while (0)
#define TRY(expr)                                                                        \
   do {                                                                                  \
      CUresult try_ = (CUresult)(expr);                                                  \
      if (try_)                                                                          \
         return try_;                                                                    \
   } while (0)

struct drv_stream *stream_new(struct drv_ctx *c, enum device_stream_kind kind,
                              unsigned flags, int priority);
void stream_end(struct drv_stream *s);
void module_end(struct drv_module *m);

/* -- device.c */
bool device_reaches(CUdevice a, CUdevice b); /* peers, that could be made such */

/* -- op.c: one operation of a stream or graph. */
struct op {
   CUgraphNodeType type;
   union {
      struct {
         CUfunction func; /* l.func lives as long as this handle */
         struct device_launch l;
         int priority;
      } kernel;
      struct {
         struct device_copy c;
         CUDA_MEMCPY3D as_given;
      } copy;
      struct {
         struct device_fill f;
         CUDA_MEMSET_NODE_PARAMS as_given;
      } fill;
      CUDA_HOST_NODE_PARAMS host;
      CUevent event;
      CUgraph child;
      CUDA_MEM_ALLOC_NODE_PARAMS alloc;
      CUdeviceptr free;
   };
};
/* Does it in s, or adds it to the graph that s captures into. */
CUresult op_submit(struct drv_stream *s, const struct op *op, bool block);
/* Does it, whatever s captures. */
CUresult op_run(struct drv_stream *s, const struct op *op, bool block);

/* -- capture.c: streams that build a graph instead of doing. */
CUresult capture_add(struct drv_stream *s, const struct op *op);
CUresult capture_record(struct drv_stream *s, struct drv_event *e);
CUresult capture_wait(struct drv_stream *s, struct drv_event *e); /* joins s if need be */
void capture_invalidate(struct drv_stream *s);
void capture_abandon(struct drv_stream *s); /* s is about to end */
void capture_forget_event(struct drv_event *e);

/* Checks a launch request and gathers its parameters in buf (`room` bytes; *heap where
 * they do not fit, which the caller frees). Kernels are looked up in c, or where it is
 * NULL in the caller's context. */
CUresult op_kernel(struct op *op, struct drv_ctx *c, CUfunction f, const unsigned grid[3],
                   const unsigned block[3], unsigned shared, void **params, void **extra,
                   uint8_t *buf, size_t room, uint8_t **heap);
CUresult op_copy(struct op *op, const CUDA_MEMCPY3D *p);
CUresult op_fill(struct op *op, CUdeviceptr dst, size_t pitch, unsigned value,
                 unsigned elem, size_t width, size_t height);
#define PARAM_ROOM 1024

/* -- event.c: in the order of a stream */
void event_record(struct drv_event *e, struct device_stream *s);
void event_wait(struct drv_event *e, struct device_stream *s);

/* -- jit.c: the options of loading and linking. Texts are gathered in the logs, and
 * written where the program wants them by jit_report, which may be called again. */
struct jit_log {
   char *buffer;
   size_t size;
   void **used;
   struct str text;
};
struct jit {
   struct jit_log info, error;
   bool verbose, has_threads;
   unsigned target;
   void **wall_time; /* holds a float */
   uint64_t start;
   const char **symbol_names;
   void **symbol_addresses;
   size_t symbol_count;
};
/* INVALID_VALUE for options or values that there are not; jit_finish in any case. */
CUresult jit_init(struct jit *j, unsigned n, CUjit_option *options, void **values);
/* The capability for which PTX is chosen in a context. */
uint32_t jit_target(const struct jit *j, const struct drv_ctx *c);
void jit_report(struct jit *j);
void jit_finish(struct jit *j);

/* -- module.c */
/* The function that h means in c; NULL: in the caller's context. */
CUresult func_find_in(CUfunction h, struct drv_ctx *c, struct drv_func **f);
CUresult func_find(CUfunction h, struct drv_func **f);
struct drv_func *module_func(struct drv_module *m, struct device_func *dev);
CUresult module_global(struct drv_module *m, const char *name, CUdeviceptr *dptr,
                       size_t *bytes, bool managed_only);
/* Messages go to the logs, which are left to report. */
CUresult module_from_image(struct drv_ctx *c, const void *image, size_t size,
                           struct jit *j, struct drv_module **out);
CUresult file_read(const char *name, char **data, size_t *size); /* base_free(*data) */
/* The two halves of module_from_image; im is to be finished in every case. */
CUresult module_open_image(struct image *im, const void *image, size_t size,
                           struct jit *j);
CUresult module_from_opened(struct drv_ctx *c, const struct image *im, struct jit *j,
                            struct drv_module **out);

/* -- library.c */
CUresult library_func(struct drv_func *kernel, struct drv_ctx *c, struct drv_func **f);
void library_forget(struct drv_library *l, struct drv_module *m);

/* -- pool.c */
struct drv_pool;
CUresult pool_alloc(CUmemoryPool h, struct drv_ctx *c, size_t size, CUdeviceptr *p);
CUresult pool_free(struct drv_stream *s, CUdeviceptr p);

/* -- array.c */
CUresult array_address(CUarray h, uint8_t **base, size_t *pitch, size_t *slice,
                       size_t *bytes);

#endif
