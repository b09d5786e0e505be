/* SPDX-License-Identifier: Apache-2.0
 * Libraries and kernels: code without a context. A library keeps its opened image, and
 * has a module in each context that asked for something of it; a kernel is a name of the
 * library's, and stands for the function of that name in the context that uses it. */
#include "driver_api.h"

#include <string.h>

struct drv_library {
   CUlibrary handle;
   struct image image;
   VEC(struct drv_module *) modules; /* one a context */
   struct map *kernels;              /* by name: drv_func */
   pthread_mutex_t lock;
};

/* -- Modules of a library */
static struct drv_module *
find_in(const struct drv_library *l, const struct drv_ctx *c)
{
   for (size_t i = 0; i < l->modules.len; i++)
      if (l->modules.data[i]->ctx == c)
         return l->modules.data[i];
   return NULL;
}

static CUresult
load_into(struct drv_library *l, struct drv_ctx *c, struct jit *j, struct drv_module **m)
{
   TRY(module_from_opened(c, &l->image, j, m));
   (*m)->library = l;
   (*m)->handle = HANDLE(H_MODULE, *m);
   vec_push(&l->modules, *m);
   return CUDA_SUCCESS;
}

static CUresult
module_in(struct drv_library *l, struct drv_ctx *c, struct drv_module **m)
{
   struct jit j;
   TRY(jit_init(&j, 0, NULL, NULL));
   pthread_mutex_lock(&l->lock);
   *m = find_in(l, c);
   CUresult r = *m ? CUDA_SUCCESS : load_into(l, c, &j, m);
   pthread_mutex_unlock(&l->lock);
   jit_report(&j);
   jit_finish(&j);
   return r;
}

/* The context that a call without one means: the caller's, else the first device's. */
static CUresult
any_context(struct drv_ctx **c)
{
   TRY(driver_initialised());
   return driver_context(c) ? driver_primary(0, c) : CUDA_SUCCESS;
}

/* The context ends. */
void
library_forget(struct drv_library *l, struct drv_module *m)
{
   pthread_mutex_lock(&l->lock);
   for (size_t i = 0; i < l->modules.len; i++)
      if (l->modules.data[i] == m) {
         l->modules.data[i] = vec_last(&l->modules);
         l->modules.len--;
      }
   pthread_mutex_unlock(&l->lock);
}

/* -- Loading */
static CUresult
check_library_options(unsigned n, CUlibraryOption *options, void **values)
{
   REQUIRE(!n || (options && values));
   for (unsigned i = 0; i < n; i++) {
      REQUIRE((unsigned)options[i] < CU_LIBRARY_NUM_OPTIONS);
      if (options[i] == CU_LIBRARY_HOST_UNIVERSAL_FUNCTION_AND_DATA_TABLE && values[i])
         return CUDA_ERROR_NOT_SUPPORTED;
   }
   return CUDA_SUCCESS;
}

static void
end(struct drv_library *l)
{
   for (size_t i = 0; i < map_slots(l->kernels); i++) {
      const char *key;
      struct drv_func *f = map_at(l->kernels, i, &key);
      if (f) {
         FORGET(f->handle);
         base_free(f);
      }
   }
   map_destroy(l->kernels);
   vec_finish(&l->modules);
   image_finish(&l->image);
   pthread_mutex_destroy(&l->lock);
   base_free(l);
}

/* Loaded into one context at once, so that errors show now. */
static CUresult
load_with(CUlibrary *library, const void *code, size_t size, struct jit *j)
{
   struct drv_ctx *c;
   struct drv_module *m;
   TRY(any_context(&c));
   struct drv_library *l = base_calloc(1, sizeof *l);
   pthread_mutex_init(&l->lock, NULL);
   l->kernels = map_create();
   CUresult r = module_open_image(&l->image, code, size, j);
   if (!r)
      r = load_into(l, c, j, &m);
   if (r) {
      end(l);
      return r;
   }
   *library = l->handle = HANDLE(H_LIBRARY, l);
   return CUDA_SUCCESS;
}

static CUresult
load(CUlibrary *library, const void *code, size_t size, unsigned n, CUjit_option *options,
     void **values)
{
   struct jit j;
   CUresult r = jit_init(&j, n, options, values);
   if (!r) {
      r = load_with(library, code, size, &j);
      jit_report(&j);
   }
   jit_finish(&j);
   return r;
}

API
cuLibraryLoadData(CUlibrary *library, const void *code, CUjit_option *jitOptions,
                  void **jitOptionsValues, unsigned int numJitOptions,
                  CUlibraryOption *libraryOptions, void **libraryOptionValues,
                  unsigned int numLibraryOptions)
{
   TRY(driver_initialised());
   TRY(check_library_options(numLibraryOptions, libraryOptions, libraryOptionValues));
   REQUIRE(library && code);
   return load(library, code, IMAGE_UNSIZED, numJitOptions, jitOptions, jitOptionsValues);
}

API
cuLibraryLoadFromFile(CUlibrary *library, const char *fileName, CUjit_option *jitOptions,
                      void **jitOptionsValues, unsigned int numJitOptions,
                      CUlibraryOption *libraryOptions, void **libraryOptionValues,
                      unsigned int numLibraryOptions)
{
   TRY(driver_initialised());
   TRY(check_library_options(numLibraryOptions, libraryOptions, libraryOptionValues));
   REQUIRE(library && fileName);
   char *data;
   size_t size;
   TRY(file_read(fileName, &data, &size));
   CUresult r = load(library, data, size, numJitOptions, jitOptions, jitOptionsValues);
   base_free(data);
   return r;
}

static CUresult
find_library(CUlibrary h, struct drv_library **l)
{
   TRY(driver_initialised());
   *l = FIND(H_LIBRARY, h);
   return *l ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

API
cuLibraryUnload(CUlibrary library)
{
   struct drv_library *l;
   TRY(find_library(library, &l));
   FORGET(library);
   while (l->modules.len) {
      struct drv_module *m = l->modules.data[0];
      (void)!device_ctx_sync(m->ctx->dev);
      module_end(m);
   }
   end(l);
   return CUDA_SUCCESS;
}

/* -- Kernels */
static CUkernel
kernel_named(struct drv_library *l, const char *name)
{
   struct drv_func *f = map_find(l->kernels, name);
   if (!f) {
      size_t n = strlen(name) + 1;
      f = base_calloc(1, sizeof *f + n);
      f->library = l;
      f->name = memcpy((char *)(f + 1), name, n);
      f->handle = HANDLE(H_FUNCTION, f);
      map_set(l->kernels, f->name, f);
   }
   return (CUkernel)f->handle;
}

CUresult
library_func(struct drv_func *kernel, struct drv_ctx *c, struct drv_func **f)
{
   struct drv_module *m;
   if (!c)
      TRY(any_context(&c));
   TRY(module_in(kernel->library, c, &m));
   *f = module_func(m, device_module_func(m->dev, kernel->name));
   return *f ? CUDA_SUCCESS : CUDA_ERROR_NOT_FOUND;
}

API
cuLibraryGetKernel(CUkernel *pKernel, CUlibrary library, const char *name)
{
   struct drv_library *l;
   struct drv_module *m;
   struct drv_ctx *c;
   TRY(find_library(library, &l));
   REQUIRE(pKernel && name);
   TRY(any_context(&c));
   TRY(module_in(l, c, &m));
   if (!device_module_func(m->dev, name))
      return CUDA_ERROR_NOT_FOUND;
   pthread_mutex_lock(&l->lock);
   *pKernel = kernel_named(l, name);
   pthread_mutex_unlock(&l->lock);
   return CUDA_SUCCESS;
}

API
cuLibraryGetKernelCount(unsigned int *count, CUlibrary lib)
{
   struct drv_library *l;
   struct drv_module *m;
   struct drv_ctx *c;
   TRY(find_library(lib, &l));
   REQUIRE(count);
   TRY(any_context(&c));
   TRY(module_in(l, c, &m));
   *count = (unsigned)device_module_func_count(m->dev);
   return CUDA_SUCCESS;
}

API
cuLibraryEnumerateKernels(CUkernel *kernels, unsigned int numKernels, CUlibrary lib)
{
   struct drv_library *l;
   struct drv_module *m;
   struct drv_ctx *c;
   TRY(find_library(lib, &l));
   REQUIRE(kernels || !numKernels);
   TRY(any_context(&c));
   TRY(module_in(l, c, &m));
   pthread_mutex_lock(&l->lock);
   for (unsigned i = 0; i < numKernels && i < device_module_func_count(m->dev); i++)
      kernels[i] = kernel_named(l, device_func_name(device_module_func_at(m->dev, i)));
   pthread_mutex_unlock(&l->lock);
   return CUDA_SUCCESS;
}

API
cuKernelGetLibrary(CUlibrary *pLib, CUkernel kernel)
{
   TRY(driver_initialised());
   REQUIRE(pLib);
   struct drv_func *f = FIND(H_FUNCTION, kernel), *registered;
   /* What the runtime registered is modules, for want of a use of libraries. */
   if (!f && func_find((CUfunction)kernel, &registered) == CUDA_SUCCESS)
      return driver_unsupported(
         "cuKernelGetLibrary of a kernel that the runtime registered");
   if (!f || !f->library)
      return CUDA_ERROR_INVALID_HANDLE;
   *pLib = f->library->handle;
   return CUDA_SUCCESS;
}

/* -- What else a library holds */
API
cuLibraryGetModule(CUmodule *pMod, CUlibrary library)
{
   ENTER(c);
   struct drv_library *l;
   struct drv_module *m;
   TRY(find_library(library, &l));
   REQUIRE(pMod);
   TRY(module_in(l, c, &m));
   *pMod = m->handle;
   return CUDA_SUCCESS;
}

static CUresult
variable(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name,
         bool managed_only)
{
   struct drv_library *l;
   struct drv_module *m;
   struct drv_ctx *c;
   TRY(find_library(library, &l));
   TRY(any_context(&c));
   TRY(module_in(l, c, &m));
   return module_global(m, name, dptr, bytes, managed_only);
}

API
cuLibraryGetGlobal(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name)
{
   return variable(dptr, bytes, library, name, false);
}

API
cuLibraryGetManaged(CUdeviceptr *dptr, size_t *bytes, CUlibrary library, const char *name)
{
   return variable(dptr, bytes, library, name, true);
}
