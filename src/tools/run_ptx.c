/* SPDX-License-Identifier: Apache-2.0
 * `kasuri run FILE.ptx`: one launch of one kernel, with arguments from the command line
 * and its arrays printed afterwards. It goes through the driver API as any program would.
 */
#include "tools/run_priv.h"

#include <ctype.h>
#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../include/cuda.h"

/* The driver functions used here, by name, from the libcuda.so.1 beside the headers. */
#define DRIVER_CALLS(X)                                                                  \
   X(cuInit, "cuInit")                                                                   \
   X(cuDeviceGet, "cuDeviceGet")                                                         \
   X(cuDevicePrimaryCtxRetain, "cuDevicePrimaryCtxRetain")                               \
   X(cuCtxSetCurrent, "cuCtxSetCurrent")                                                 \
   X(cuCtxSynchronize, "cuCtxSynchronize")                                               \
   X(cuModuleLoadData, "cuModuleLoadData")                                               \
   X(cuModuleGetFunction, "cuModuleGetFunction")                                         \
   X(cuMemAlloc, "cuMemAlloc_v2")                                                        \
   X(cuMemcpyHtoD, "cuMemcpyHtoD_v2")                                                    \
   X(cuMemcpyDtoH, "cuMemcpyDtoH_v2")                                                    \
   X(cuLaunchKernel, "cuLaunchKernel")                                                   \
   X(cuGetErrorName, "cuGetErrorName")                                                   \
   X(cuGetErrorString, "cuGetErrorString")

struct driver {
#define X(call, symbol) __typeof__(&call) call##_p;
   DRIVER_CALLS(X)
#undef X
};

static bool
load_driver(struct driver *d)
{
   const char *cuda = tool_cuda_folder();
   char *path = tool_printf("%s/lib64/libcuda.so.1", cuda ? cuda : ".");
   void *handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
   if (!handle)
      tool_error("run", "cannot load the driver: %s", dlerror());
   base_free(path);
   if (!handle)
      return false;
#define X(call, symbol)                                                                  \
   d->call##_p = (__typeof__(d->call##_p))dlsym(handle, symbol);                         \
   if (!d->call##_p) {                                                                   \
      tool_error("run", "libcuda.so.1 lacks %s", symbol);                                \
      return false;                                                                      \
   }
   DRIVER_CALLS(X)
#undef X
   return true;
}

static bool
failed(const struct driver *d, CUresult r, const char *what)
{
   const char *name = NULL, *text = NULL;
   if (r == CUDA_SUCCESS)
      return false;
   d->cuGetErrorName_p(r, &name);
   d->cuGetErrorString_p(r, &text);
   tool_error("run", "%s: %s (%s)", what, text ? text : "unknown error",
              name ? name : "?");
   return true;
}

/* One --arg: TYPE:VALUE or TYPE[COUNT][=VALUE]. */
enum element { U8, S8, U16, S16, U32, S32, U64, S64, F32, F64 };
static const struct {
   const char *name;
   size_t size;
} elements[] = {
   [U8] = {"u8", 1},   [S8] = {"s8", 1},   [U16] = {"u16", 2}, [S16] = {"s16", 2},
   [U32] = {"u32", 4}, [S32] = {"s32", 4}, [U64] = {"u64", 8}, [S64] = {"s64", 8},
   [F32] = {"f32", 4}, [F64] = {"f64", 8},
};
#define COUNT_MAX (1u << 28)

struct argument {
   enum element type;
   bool is_array, by_index;
   size_t count;
   uint8_t value[8]; /* what is passed, or fills the array */
   CUdeviceptr memory;
};

static bool
parse_number(enum element type, const char *text, uint8_t out[8])
{
   char *end;
   errno = 0;
   if (type == F32 || type == F64) {
      double d = strtod(text, &end);
      float f = (float)d;
      memcpy(out, type == F32 ? (void *)&f : (void *)&d, elements[type].size);
   } else {
      bool is_signed = type == S8 || type == S16 || type == S32 || type == S64;
      uint64_t v = is_signed || *text == '-' ? (uint64_t)strtoll(text, &end, 0)
                                             : strtoull(text, &end, 0);
      memcpy(out, &v, 8); /* little-endian: the low bytes are the narrow value */
   }
   return end != text && *end == 0 && errno != ERANGE;
}

static bool
parse_argument(const char *text, struct argument *a)
{
   size_t n = strcspn(text, ":[");
   memset(a, 0, sizeof *a);
   for (size_t i = 0; i < ARRAY_LEN(elements); i++) {
      if (strlen(elements[i].name) != n || memcmp(elements[i].name, text, n))
         continue;
      a->type = (enum element)i;
      if (text[n] == ':')
         return parse_number(a->type, text + n + 1, a->value);
      if (text[n] != '[')
         return false;
      char *end;
      a->is_array = true;
      a->count = strtoull(text + n + 1, &end, 0);
      if (*end != ']' || !a->count || a->count > COUNT_MAX)
         return false;
      if (!end[1])
         return true;
      a->by_index = !strcmp(end + 1, "=i");
      return a->by_index || (end[1] == '=' && parse_number(a->type, end + 2, a->value));
   }
   return false;
}

static void
store_index(enum element type, size_t i, uint8_t *at)
{
   float f = (float)i;
   double d = (double)i;
   uint64_t u = i;
   const void *from = type == F32 ? (void *)&f : type == F64 ? (void *)&d : (void *)&u;
   memcpy(at, from, elements[type].size);
}

static bool
make_array(const struct driver *d, struct argument *a)
{
   size_t size = elements[a->type].size, bytes = a->count * size;
   uint8_t *data = base_alloc(bytes);
   for (size_t i = 0; i < a->count; i++) {
      if (a->by_index)
         store_index(a->type, i, data + i * size);
      else
         memcpy(data + i * size, a->value, size);
   }
   bool ok = !failed(d, d->cuMemAlloc_p(&a->memory, bytes), "allocating an array") &&
             !failed(d, d->cuMemcpyHtoD_p(a->memory, data, bytes), "filling an array");
   base_free(data);
   memcpy(a->value, &a->memory, 8);
   return ok;
}

static void
print_element(enum element type, const uint8_t *at)
{
   int64_t s = 0;
   uint64_t u = 0;
   float f;
   double d;
   memcpy(&u, at, elements[type].size);
   switch (type) {
   case F32:
      memcpy(&f, at, 4);
      printf(" %.9g", (double)f);
      return;
   case F64:
      memcpy(&d, at, 8);
      printf(" %.17g", d);
      return;
   case S8:
   case S16:
   case S32:
   case S64:
      s =
         (int64_t)(u << (64 - 8 * elements[type].size)) >> (64 - 8 * elements[type].size);
      printf(" %" PRId64, s);
      return;
   case U8:
   case U16:
   case U32:
   case U64:
      printf(" %" PRIu64, u);
      return;
   }
}

static bool
print_array(const struct driver *d, const struct argument *a, size_t index)
{
   size_t size = elements[a->type].size;
   uint8_t *data = base_alloc(a->count * size);
   bool ok =
      !failed(d, d->cuMemcpyDtoH_p(data, a->memory, a->count * size), "reading an array");
   if (ok) {
      printf("arg %zu:", index);
      for (size_t i = 0; i < a->count; i++)
         print_element(a->type, data + i * size);
      putchar('\n');
   }
   base_free(data);
   return ok;
}

/* Names of the file's entries, found in its text: enough to name one where --entry is
 * left out; the parser proper has the last word. */
static void
find_entries(const char *text, struct strings *names)
{
   for (const char *p = text; (p = strstr(p, ".entry")); p += 6) {
      const char *name = p + 6 + strspn(p + 6, " \t\r\n");
      size_t n = strcspn(name, " \t\r\n({;,");
      const char *line = p;
      while (line > text && line[-1] != '\n')
         line--;
      bool commented = false;
      for (const char *q = line; q + 1 < p; q++)
         commented |= q[0] == '/' && q[1] == '/';
      if (!commented && isspace((unsigned char)p[6]) && n) {
         char *copy = base_strndup(name, n);
         strings_add(names, copy);
         base_free(copy);
      }
   }
}

static char *
choose_entry(const struct run_ptx *p, const char *file, const char *text)
{
   struct strings names = {0};
   char *entry = NULL;
   find_entries(text, &names);
   if (p->entry)
      entry = base_strdup(p->entry);
   else if (names.v.len == 1)
      entry = base_strdup(names.v.data[0]);
   else {
      struct str list = {0};
      for (size_t i = 0; i < names.v.len; i++)
         str_printf(&list, "%s %s", i ? "," : ":", names.v.data[i]);
      tool_error("run", "%s has %zu kernels, name one with --entry%s", file, names.v.len,
                 str_get(&list));
      str_finish(&list);
   }
   strings_finish(&names);
   return entry;
}

static bool
prepare(const struct driver *d, const char *text, const char *entry, CUfunction *f)
{
   CUdevice device;
   CUcontext context;
   CUmodule module;
   char *what = tool_printf("kernel %s", entry);
   bool ok = !failed(d, d->cuInit_p(0), "cuInit") &&
             !failed(d, d->cuDeviceGet_p(&device, 0), "cuDeviceGet") &&
             !failed(d, d->cuDevicePrimaryCtxRetain_p(&context, device), "context") &&
             !failed(d, d->cuCtxSetCurrent_p(context), "context") &&
             !failed(d, d->cuModuleLoadData_p(&module, text), "loading the module") &&
             !failed(d, d->cuModuleGetFunction_p(f, module, entry), what);
   base_free(what);
   return ok;
}

static bool
launch(const struct driver *d, const struct run_ptx *p, CUfunction f,
       struct argument *args, size_t count)
{
   void **values = base_calloc(count + 1, sizeof *values);
   bool ok = true;
   for (size_t i = 0; ok && i < count; i++) {
      if (args[i].is_array)
         ok = make_array(d, &args[i]);
      values[i] = args[i].value;
   }
   uint64_t start = base_now_ns();
   ok = ok &&
        !failed(d,
                d->cuLaunchKernel_p(f, p->grid[0], p->grid[1], p->grid[2], p->block[0],
                                    p->block[1], p->block[2], p->shared, NULL, values,
                                    NULL),
                "launch") &&
        !failed(d, d->cuCtxSynchronize_p(), "kernel");
   if (ok && p->time)
      fprintf(stderr, "kasuri: compiled and ran the kernel in %.3f s\n",
              (double)(base_now_ns() - start) * 1e-9);
   base_free(values);
   return ok;
}

int
run_ptx(const struct run_ptx *p, const char *file, int argc, char **argv)
{
   size_t count = p->args.v.len;
   if (argc > 0) {
      tool_error("run",
                 "a .ptx file takes no arguments of its own; --arg before the file "
                 "gives the kernel's ('%s')",
                 argv[0]);
      return TOOL_USAGE;
   }
   struct argument *args = base_calloc(count + 1, sizeof *args);
   for (size_t i = 0; i < count; i++) {
      if (!parse_argument(p->args.v.data[i], &args[i])) {
         tool_error("run",
                    "--arg '%s' is not TYPE:VALUE or TYPE[COUNT][=VALUE] (try --help)",
                    p->args.v.data[i]);
         base_free(args);
         return TOOL_USAGE;
      }
   }
   struct driver d;
   CUfunction f;
   char *text = tool_read_file(file, NULL), *entry = NULL;
   if (!text)
      tool_error("run", "%s: %s", file, strerror(errno));
   else
      entry = choose_entry(p, file, text);
   struct run_ptx shape = *p;
   if (!p->shape_given)
      shape.block[0] = 32;
   for (size_t i = 0; i < 3; i++) {
      shape.grid[i] = MAX2(shape.grid[i], 1);
      shape.block[i] = MAX2(shape.block[i], 1);
   }
   bool ok = entry && load_driver(&d) && prepare(&d, text, entry, &f) &&
             launch(&d, &shape, f, args, count);
   for (size_t i = 0; ok && i < count; i++) {
      if (args[i].is_array)
         ok = print_array(&d, &args[i], i);
   }
   base_free(entry);
   base_free(text);
   base_free(args);
   return ok ? TOOL_OK : TOOL_FAILED;
}

static bool
parse_shape(const char *text, uint32_t shape[3])
{
   char *end = (char *)text;
   for (size_t i = 0; i < 3; i++) {
      unsigned long v = strtoul(text, &end, 0);
      if (end == text || *text == '-' || !v || v > UINT32_MAX)
         return false;
      shape[i] = (uint32_t)v;
      if (!*end)
         return true;
      if (*end != ',')
         return false;
      text = end + 1;
   }
   return false;
}

int
run_ptx_option(struct run_ptx *p, int argc, char **argv, int *i)
{
   static const char *const names[] = {"--entry", "--grid", "--block", "--shared",
                                       "--arg"};
   const char *arg = argv[*i];
   for (size_t k = 0; k < ARRAY_LEN(names); k++) {
      size_t n = strlen(names[k]);
      if (strncmp(arg, names[k], n) || (arg[n] && arg[n] != '='))
         continue;
      if (!arg[n] && *i + 1 >= argc) {
         tool_error("run", "option '%s' wants a value", arg);
         return -1;
      }
      const char *value = arg[n] ? arg + n + 1 : argv[++*i];
      bool ok = true;
      char *end;
      if (k == 0) {
         base_free(p->entry);
         p->entry = base_strdup(value);
      } else if (k == 1)
         ok = parse_shape(value, p->grid);
      else if (k == 2) {
         ok = parse_shape(value, p->block);
         p->shape_given = true;
      } else if (k == 3) {
         p->shared = (uint32_t)strtoul(value, &end, 0);
         ok = end != value && !*end;
      } else
         strings_add(&p->args, value);
      if (!ok)
         tool_error("run", "%s: '%s' is not %s", names[k], value,
                    k == 3 ? "a number of bytes" : "X[,Y[,Z]]");
      return ok ? 1 : -1;
   }
   return 0;
}

bool
run_ptx_used(const struct run_ptx *p)
{
   return p->entry || p->grid[0] || p->shape_given || p->shared || p->args.v.len;
}

void
run_ptx_finish(struct run_ptx *p)
{
   base_free(p->entry);
   strings_finish(&p->args);
}
