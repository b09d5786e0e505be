/* SPDX-License-Identifier: Apache-2.0
 * What the generated entry points (scripts/gen_trace.py) and the tracer know of each
 * other: each exported function is a wrapper that calls the implementation, and describes
 * the call to the tracer while a trace is asked for. libcudart's wrappers use the tracer
 * in libcuda.so.1, so that both write one trace. */
#ifndef KASURI_TRACE_H
#define KASURI_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum trace_kind {
   TRACE_SIGNED,
   TRACE_UNSIGNED,
   TRACE_HEX, /* flags, device addresses, handles that are numbers */
   TRACE_FLOAT,
   TRACE_ENUM,
   TRACE_STRUCT,
   TRACE_DIM3,     /* also uint3 */
   TRACE_BYTES,    /* printed in hex: UUIDs */
   TRACE_STRING,   /* char *, NUL-terminated */
   TRACE_POINTER,  /* with a target: to what that type says */
   TRACE_STREAM,   /* a handle with two names */
   TRACE_FUNCTION, /* a kernel's handle or host stub */
};
struct trace_value {
   long long value;
   const char *name;
};
struct trace_type {
   enum trace_kind kind;
   unsigned size, count; /* of values or fields */
   const struct trace_type *target;
   const struct trace_value *values;
   const struct trace_field *fields;
};
struct trace_field {
   const char *name;
   unsigned offset;
   const struct trace_type *type;
};
struct trace_param {
   const char *name;
   const struct trace_type *type;
   bool out;  /* what it points to is printed after the call, not before */
   int count; /* the parameter that says how many it points to; -1: one */
};
struct trace_func {
   const char *name;
   const struct trace_type *result; /* NULL: void */
   const struct trace_param *params;
   int nparams;
   int8_t shown; /* the filter's verdict: 0 not yet asked, 1 yes, -1 no */
};
struct trace_library {
   int version; /* of this interface */
   /* The kernel behind a TRACE_FUNCTION, NULL if unknown; NULL: the driver's handles. */
   const char *(*function_name)(const void *f);
};
#define TRACE_VERSION 1

struct trace_call {
   struct trace_func *func;
   const void *const *args;
   const struct trace_library *library;
   uint64_t start, id;
   bool shown;
};

#define TRACE_EXPORT __attribute__((visibility("default")))
/* Weak: a program that links Kasuri's runtime against another libcuda.so.1 still runs. */
TRACE_EXPORT __attribute__((weak)) bool kasuri_trace_start(const struct trace_library *l);
TRACE_EXPORT __attribute__((weak)) void kasuri_trace_enter(struct trace_call *c);
TRACE_EXPORT __attribute__((weak)) void kasuri_trace_leave(struct trace_call *c,
                                                           const void *result);

/* In a wrapper, after its fast way out. */
#define TRACED(func_, call, result_type, ...)                                            \
   const void *const args_[] = {__VA_ARGS__};                                            \
   struct trace_call c_ = {.func = &func_, .args = args_, .library = &library_};         \
   kasuri_trace_enter(&c_);                                                              \
   result_type r_ = call;                                                                \
   kasuri_trace_leave(&c_, &r_);                                                         \
   return r_
#define TRACED_VOID(func_, call, ...)                                                    \
   const void *const args_[] = {__VA_ARGS__};                                            \
   struct trace_call c_ = {.func = &func_, .args = args_, .library = &library_};         \
   kasuri_trace_enter(&c_);                                                              \
   call;                                                                                 \
   kasuri_trace_leave(&c_, NULL)

#endif
