/* SPDX-License-Identifier: Apache-2.0
 * Modules: images opened, the PTX for the context's device loaded, symbols found. */
#include "driver_priv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* -- Loading */
static CUresult
image_error(enum image_status st)
{
   return st == IMAGE_NO_PTX ? CUDA_ERROR_NO_BINARY_FOR_GPU : CUDA_ERROR_INVALID_IMAGE;
}

/* Of each unit the PTX that suits; units without PTX (such as nvcc's empty link stubs)
 * add nothing. False where all PTX of a unit is for later devices than this one. */
static bool
choose_texts(const struct image *im, uint32_t sm, bool strict, struct device_text *t,
             size_t *n, struct str *why)
{
   for (uint32_t u = 0; u < im->units; u++) {
      const struct image_part *best = image_choose(im, u, sm);
      if (best && strict && !image_fits(best, sm)) {
         str_printf(why,
                    "the image has no PTX for compute capability %u.%u: the nearest is "
                    "sm_%u%.1s; build for it with -arch=compute_%u, or choose a later "
                    "KASURI_DEVICE\n",
                    sm / 10, sm % 10, best->sm, &best->suffix, sm);
         return false;
      }
      if (best)
         t[(*n)++] =
            (struct device_text){best->ptx, best->size, best->name ? best->name : "ptx"};
   }
   return true;
}

/* Symbols whose storage the host provides; names that the module does not have are no
 * error, as in CUDA. */
static CUresult
bind_symbols(struct device_module *m, const struct jit *j)
{
   for (size_t i = 0; i < j->symbol_count; i++) {
      enum device_status st =
         device_module_bind(m, j->symbol_names[i], j->symbol_addresses[i]);
      if (st != DEVICE_OK && st != DEVICE_INVALID_VALUE)
         return (CUresult)st;
   }
   return CUDA_SUCCESS;
}

static void
describe(struct device_module *m, struct str *out)
{
   for (size_t i = 0; i < device_module_func_count(m); i++) {
      struct device_func *f = device_module_func_at(m, i);
      struct device_func_info info;
      device_func_info(f, &info);
      str_printf(out,
                 "info: kernel '%s': %u bytes of shared, %u of local, %u of constant "
                 "memory; PTX %u.%u for sm_%u\n",
                 device_func_name(f), info.shared_bytes, info.local_bytes,
                 info.const_bytes, info.ptx_version / 10, info.ptx_version % 10, info.sm);
   }
}

CUresult
module_open_image(struct image *im, const void *image, size_t size, struct jit *j)
{
   struct str why = {0};
   enum image_status st = image_open(im, image, size, &why);
   if (st != IMAGE_OK)
      str_printf(&j->error.text, "%s\n", str_get(&why));
   str_finish(&why);
   return st == IMAGE_OK ? CUDA_SUCCESS : image_error(st);
}

static CUresult
load_texts(struct drv_ctx *c, const struct image *im, struct jit *j,
           struct device_module **dev)
{
   const struct device_props *p = device_props(device_ctx_device(c->dev));
   struct device_text *t = base_calloc(im->units ? im->units : 1, sizeof *t);
   size_t n = 0;
   CUresult r = CUDA_ERROR_NO_BINARY_FOR_GPU;
   if (choose_texts(im, jit_target(j, c), p->strict, t, &n, &j->error.text)) {
      struct diag d;
      diag_init(&d);
      *dev = device_module_load(c->dev, t, n, &d);
      diag_print(&d, *dev ? &j->info.text : &j->error.text);
      diag_finish(&d);
      r = *dev ? bind_symbols(*dev, j) : CUDA_ERROR_INVALID_PTX;
      if (*dev && r)
         device_module_destroy(*dev);
   }
   base_free(t);
   if (!r && j->verbose)
      describe(*dev, &j->info.text);
   return r;
}

CUresult
module_from_opened(struct drv_ctx *c, const struct image *im, struct jit *j,
                   struct drv_module **out)
{
   struct device_module *dev = NULL;
   TRY(load_texts(c, im, j, &dev));
   struct drv_module *m = base_calloc(1, sizeof *m);
   m->ctx = c;
   m->dev = dev;
   m->funcs = map_create();
   pthread_mutex_lock(&c->lock);
   m->next = c->modules;
   if (c->modules)
      c->modules->prev = m;
   c->modules = m;
   pthread_mutex_unlock(&c->lock);
   *out = m;
   return CUDA_SUCCESS;
}

CUresult
module_from_image(struct drv_ctx *c, const void *image, size_t size, struct jit *j,
                  struct drv_module **out)
{
   struct image im;
   CUresult r = module_open_image(&im, image, size, j);
   if (!r)
      r = module_from_opened(c, &im, j, out);
   image_finish(&im);
   return r;
}

/* One image with options as the caller gave them. */
static CUresult
load(struct drv_ctx *c, const void *image, size_t size, unsigned n, CUjit_option *options,
     void **values, struct drv_module **m)
{
   struct jit j;
   CUresult r = jit_init(&j, n, options, values);
   if (!r) {
      r = module_from_image(c, image, size, &j, m);
      jit_report(&j);
   }
   jit_finish(&j);
   return r;
}

void
module_end(struct drv_module *m)
{
   struct drv_ctx *c = m->ctx;
   FORGET(m->handle);
   if (m->library)
      library_forget(m->library, m);
   pthread_mutex_lock(&c->lock);
   *(m->prev ? &m->prev->next : &c->modules) = m->next;
   if (m->next)
      m->next->prev = m->prev;
   pthread_mutex_unlock(&c->lock);
   for (size_t i = 0; i < map_slots(m->funcs); i++) {
      const char *key;
      struct drv_func *f = map_at(m->funcs, i, &key);
      if (!f)
         continue;
      FORGET(f->handle);
      base_free(f->old_params);
      base_free(f);
   }
   map_destroy(m->funcs);
   device_module_destroy(m->dev);
   base_free(m);
}

/* -- Modules */
API
cuModuleLoadDataEx(CUmodule *module, const void *image, unsigned int numOptions,
                   CUjit_option *options, void **optionValues)
{
   ENTER(c);
   REQUIRE(module && image);
   struct drv_module *m;
   TRY(load(c, image, IMAGE_UNSIZED, numOptions, options, optionValues, &m));
   *module = m->handle = HANDLE(H_MODULE, m);
   return CUDA_SUCCESS;
}

API
cuModuleLoadData(CUmodule *module, const void *image)
{
   return cuModuleLoadDataEx(module, image, 0, NULL, NULL);
}

API
cuModuleLoadFatBinary(CUmodule *module, const void *fatCubin)
{
   return cuModuleLoadDataEx(module, fatCubin, 0, NULL, NULL);
}

CUresult
file_read(const char *name, char **data, size_t *size)
{
   FILE *f = fopen(name, "rbe");
   if (!f)
      return CUDA_ERROR_FILE_NOT_FOUND;
   struct str s = {0};
   char buf[1 << 14];
   size_t n;
   while ((n = fread(buf, 1, sizeof buf, f)))
      str_append_n(&s, buf, n);
   bool ok = !ferror(f);
   fclose(f);
   *size = s.len;
   *data = str_take(&s);
   if (!ok)
      base_free(*data);
   return ok ? CUDA_SUCCESS : CUDA_ERROR_OPERATING_SYSTEM;
}

static CUresult
load_file(struct drv_ctx *c, const char *name, unsigned n, CUjit_option *options,
          void **values, struct drv_module **m)
{
   REQUIRE(name);
   char *data;
   size_t size;
   TRY(file_read(name, &data, &size));
   CUresult r = load(c, data, size, n, options, values, m);
   base_free(data);
   return r;
}

API
cuModuleLoad(CUmodule *module, const char *fname)
{
   ENTER(c);
   REQUIRE(module);
   struct drv_module *m;
   TRY(load_file(c, fname, 0, NULL, NULL, &m));
   *module = m->handle = HANDLE(H_MODULE, m);
   return CUDA_SUCCESS;
}

static struct drv_module *
find_module(CUmodule h)
{
   return FIND(H_MODULE, h);
}

API
cuModuleUnload(CUmodule module)
{
   struct drv_ctx *c;
   TRY(driver_context(&c));
   struct drv_module *m = find_module(module);
   if (!m || m->library)
      return CUDA_ERROR_INVALID_HANDLE;
   (void)!device_ctx_sync(m->ctx->dev);
   module_end(m);
   return CUDA_SUCCESS;
}

API
cuModuleGetLoadingMode(CUmoduleLoadingMode *mode)
{
   TRY(driver_initialised());
   REQUIRE(mode);
   *mode = CU_MODULE_LAZY_LOADING;
   return CUDA_SUCCESS;
}

struct drv_func *
module_func(struct drv_module *m, struct device_func *dev)
{
   if (!dev)
      return NULL;
   pthread_mutex_lock(&m->ctx->lock);
   struct drv_func *f = map_find(m->funcs, device_func_name(dev));
   if (!f) {
      f = base_calloc(1, sizeof *f);
      f->module = m;
      f->dev = dev;
      f->carveout = -1;
      f->handle = HANDLE(H_FUNCTION, f);
      map_set(m->funcs, device_func_name(dev), f);
   }
   pthread_mutex_unlock(&m->ctx->lock);
   return f;
}

static CUresult
function(struct drv_module *m, const char *name, CUfunction *out)
{
   REQUIRE(out && name);
   if (!m)
      return CUDA_ERROR_INVALID_HANDLE;
   struct drv_func *f = module_func(m, device_module_func(m->dev, name));
   if (!f)
      return CUDA_ERROR_NOT_FOUND;
   *out = f->handle;
   return CUDA_SUCCESS;
}

API
cuModuleGetFunction(CUfunction *func, CUmodule module, const char *name)
{
   ENTER(c);
   return function(find_module(module), name, func);
}

static CUresult
list(struct drv_module *m, CUfunction *functions, unsigned n)
{
   if (!m)
      return CUDA_ERROR_INVALID_HANDLE;
   REQUIRE(functions || !n);
   size_t have = device_module_func_count(m->dev);
   for (size_t i = 0; i < n && i < have; i++)
      functions[i] = module_func(m, device_module_func_at(m->dev, i))->handle;
   return CUDA_SUCCESS;
}

API
cuModuleGetFunctionCount(unsigned int *count, CUmodule mod)
{
   ENTER(c);
   REQUIRE(count);
   struct drv_module *m = find_module(mod);
   if (!m)
      return CUDA_ERROR_INVALID_HANDLE;
   *count = (unsigned)device_module_func_count(m->dev);
   return CUDA_SUCCESS;
}

API
cuModuleEnumerateFunctions(CUfunction *functions, unsigned int numFunctions, CUmodule mod)
{
   ENTER(c);
   return list(find_module(mod), functions, numFunctions);
}

CUresult
module_global(struct drv_module *m, const char *name, CUdeviceptr *dptr, size_t *bytes,
              bool managed_only)
{
   if (!m)
      return CUDA_ERROR_INVALID_HANDLE;
   REQUIRE(name && (dptr || bytes));
   void *p;
   size_t size;
   bool managed;
   if (!device_module_global(m->dev, name, &p, &size, &managed) ||
       (managed_only && !managed))
      return CUDA_ERROR_NOT_FOUND;
   if (dptr)
      *dptr = (uintptr_t)p;
   if (bytes)
      *bytes = size;
   return CUDA_SUCCESS;
}

API
cuModuleGetGlobal_v2(CUdeviceptr *dptr, size_t *bytes, CUmodule module, const char *name)
{
   ENTER(c);
   return module_global(find_module(module), name, dptr, bytes, false);
}
