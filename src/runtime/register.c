/* SPDX-License-Identifier: Apache-2.0
 * Code that programs register from their constructors, and how a host address becomes a
 * device function or variable. Registering only takes notes: a module is loaded into a
 * context when something of it is first used there, so an unused one costs nothing. */
#include "rt_priv.h"
#include "../driver/kernel_resolver.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct module;

/* A module as loaded into one context; result says why it could not be. */
struct loaded {
   CUcontext ctx;
   CUmodule mod;
   CUresult result;
   bool told; /* its failure, to the user */
   struct loaded *next;
};

enum entry_kind { FUNC, VAR };

/* What is known of an address: a kernel by its stub, a variable by its shadow. Names are
 * the program's own strings. */
struct entry {
   const void *key;
   enum entry_kind kind;
   struct module *module;
   const char *name;
   size_t size;
   bool host_storage;   /* a managed variable that lives at its host address */
   void **managed_slot; /* nvcc's: receives the address */
   struct entry *next_in_module, *next_in_bucket;
};

struct module {
   void *image; /* first: some programs read the fatbin through the handle */
   struct entry *entries;
   struct loaded *loaded;
   struct module *prev, *next;
   bool has_managed, has_host_storage;
};

static struct {
   pthread_mutex_t lock;
   struct module *modules;
   struct entry **buckets;
   size_t bucket_count, entry_count;
   unsigned generation; /* any change that a cached function might not survive */
   struct range {
      char *start, *stop;
   } *managed_ranges;
   size_t managed_len;
} reg = {.lock = PTHREAD_MUTEX_INITIALIZER};

unsigned
rt_registry_generation(void)
{
   return __atomic_load_n(&reg.generation, __ATOMIC_ACQUIRE);
}

static void
changed(void)
{
   __atomic_add_fetch(&reg.generation, 1, __ATOMIC_RELEASE);
}

/* -- Address table; callers hold the lock. */
static size_t
hash(const void *p)
{
   return (size_t)(((uintptr_t)p >> 3) * 0x9E3779B97F4A7C15ull >> 16);
}

static struct entry *
find(const void *addr)
{
   if (reg.bucket_count == 0)
      return NULL;
   struct entry *e = reg.buckets[hash(addr) & (reg.bucket_count - 1)];
   while (e != NULL && e->key != addr)
      e = e->next_in_bucket;
   return e;
}

static bool
grow(void)
{
   size_t count = reg.bucket_count == 0 ? 256 : reg.bucket_count * 2;
   struct entry **buckets = calloc(count, sizeof(struct entry *));
   if (buckets == NULL)
      return false;
   for (size_t i = 0; i < reg.bucket_count; i++) {
      struct entry *e = reg.buckets[i];
      while (e != NULL) {
         struct entry *next = e->next_in_bucket;
         struct entry **b = &buckets[hash(e->key) & (count - 1)];
         e->next_in_bucket = *b;
         *b = e;
         e = next;
      }
   }
   free(reg.buckets);
   reg.buckets = buckets;
   reg.bucket_count = count;
   return true;
}

/* The newest registration of an address wins, as when a library is loaded again. */
static struct entry *
add(struct module *m, const void *key, enum entry_kind kind, const char *name)
{
   if (reg.entry_count >= reg.bucket_count && !grow() && reg.bucket_count == 0)
      return NULL;
   struct entry *e = calloc(1, sizeof *e);
   if (e == NULL)
      return NULL;
   *e = (struct entry){.key = key, .kind = kind, .module = m, .name = name};
   struct entry **b = &reg.buckets[hash(key) & (reg.bucket_count - 1)];
   e->next_in_bucket = *b;
   *b = e;
   reg.entry_count++;
   e->next_in_module = m->entries;
   m->entries = e;
   return e;
}

static void
remove_entry(struct entry *e)
{
   struct entry **p = &reg.buckets[hash(e->key) & (reg.bucket_count - 1)];
   while (*p != e)
      p = &(*p)->next_in_bucket;
   *p = e->next_in_bucket;
   reg.entry_count--;
   free(e);
}

/* -- What compilers call. */
static CUresult resolve_handle(const void *handle, CUfunction *f);

void **
__cudaRegisterFatBinary(void *fatbin)
{
   struct module *m = calloc(1, sizeof *m);
   if (m == NULL)
      abort(); /* runs before main: there is nobody to tell */
   m->image = fatbin;
   pthread_mutex_lock(&reg.lock);
   m->next = reg.modules;
   if (m->next != NULL)
      m->next->prev = m;
   if (reg.modules == NULL && kasuri_kernel_resolver)
      kasuri_kernel_resolver(resolve_handle, true);
   reg.modules = m;
   pthread_mutex_unlock(&reg.lock);
   return (void **)m;
}

/* NULL for a handle that is none; the newest, which is registering, is found at once. The
 * caller holds the lock. */
static struct module *
find_module(void **handle)
{
   struct module *m = reg.modules;
   while (m != NULL && m != (struct module *)handle)
      m = m->next;
   return m;
}

void
__cudaUnregisterFatBinary(void **handle)
{
   pthread_mutex_lock(&reg.lock);
   struct module *m = find_module(handle);
   if (m == NULL) {
      pthread_mutex_unlock(&reg.lock);
      return;
   }
   changed();
   for (struct entry *e = m->entries, *next; e != NULL; e = next) {
      next = e->next_in_module;
      remove_entry(e);
   }
   *(m->prev != NULL ? &m->prev->next : &reg.modules) = m->next;
   if (m->next != NULL)
      m->next->prev = m->prev;
   if (reg.modules == NULL && kasuri_kernel_resolver)
      kasuri_kernel_resolver(resolve_handle, false);
   pthread_mutex_unlock(&reg.lock);
   for (struct loaded *l = m->loaded, *next; l != NULL; l = next) {
      next = l->next;
      if (l->mod != NULL && !rt_exiting())
         cuModuleUnload(l->mod);
      free(l);
   }
   free(m);
}

/* NULL: no such handle, or no name. */
static struct entry *
add_locked(void **handle, const void *key, enum entry_kind kind, const char *name)
{
   pthread_mutex_lock(&reg.lock);
   struct module *m = find_module(handle);
   struct entry *e = m != NULL && name != NULL ? add(m, key, kind, name) : NULL;
   if (e == NULL && m != NULL && name != NULL)
      abort(); /* no memory, before main */
   changed();
   pthread_mutex_unlock(&reg.lock);
   return e;
}

void
__cudaRegisterFunction(void **handle, const char *host, char *device, const char *name,
                       int thread_limit, uint3 *tid, uint3 *bid, dim3 *block, dim3 *grid,
                       int *warp_size)
{
   (void)device, (void)thread_limit, (void)tid, (void)bid, (void)block, (void)grid;
   (void)warp_size;
   add_locked(handle, host, FUNC, name);
}

static bool
in_managed_range(const char *p)
{
   for (size_t i = 0; i < reg.managed_len; i++)
      if (p >= reg.managed_ranges[i].start && p < reg.managed_ranges[i].stop)
         return true;
   return false;
}

void
__cudaRegisterVar(void **handle, char *host, char *device, const char *name, int ext,
                  size_t size, int constant, int global)
{
   (void)device, (void)ext, (void)constant, (void)global;
   struct entry *e = add_locked(handle, host, VAR, name);
   if (e == NULL)
      return;
   e->size = size;
   e->host_storage = in_managed_range(host);
   e->module->has_managed |= e->host_storage;
   e->module->has_host_storage |= e->host_storage;
}

void
__cudaRegisterManagedVar(void **handle, void **host, char *device, const char *name,
                         int ext, size_t size, int constant, int global)
{
   (void)device, (void)ext, (void)constant, (void)global;
   struct entry *e = add_locked(handle, host, VAR, name);
   if (e == NULL)
      return;
   e->size = size;
   e->managed_slot = host;
   e->module->has_managed = true;
}

/* Code from Kasuri's own front end gathers its managed variables in one section, where
 * the device is to find them; called before that program's variables are registered. */
void
__kasuriRegisterManagedRange(void *start, void *stop)
{
   pthread_mutex_lock(&reg.lock);
   struct range *r = realloc(reg.managed_ranges, (reg.managed_len + 1) * sizeof *r);
   if (r == NULL)
      abort();
   reg.managed_ranges = r;
   r[reg.managed_len++] = (struct range){start, stop};
   pthread_mutex_unlock(&reg.lock);
}

/* -- Loading; callers hold the lock. */

/* Where a managed variable has to be: at its host address, or, as it is one variable for
 * all devices, where the first context that loaded it put it. NULL: anywhere. */
static void *
fixed_storage(const struct module *m, const struct entry *e)
{
   if (e->host_storage)
      return (void *)(uintptr_t)e->key;
   bool loaded = false;
   for (const struct loaded *l = m->loaded; l != NULL; l = l->next)
      loaded |= l->result == CUDA_SUCCESS;
   return e->managed_slot != NULL && loaded ? *e->managed_slot : NULL;
}

/* The driver's option for symbols whose storage the host provides. */
static CUresult
load_with_storage(struct module *m, CUmodule *mod)
{
   size_t n = 0, i = 0;
   for (struct entry *e = m->entries; e != NULL; e = e->next_in_module)
      n += fixed_storage(m, e) != NULL;
   const char **names = malloc(n * sizeof *names);
   const void **addresses = malloc(n * sizeof *addresses);
   CUresult r = CUDA_ERROR_OUT_OF_MEMORY;
   if (names != NULL && addresses != NULL) {
      for (struct entry *e = m->entries; e != NULL; e = e->next_in_module)
         if (fixed_storage(m, e) != NULL) {
            names[i] = e->name;
            addresses[i++] = fixed_storage(m, e);
         }
      CUjit_option options[] = {CU_JIT_GLOBAL_SYMBOL_NAMES,
                                CU_JIT_GLOBAL_SYMBOL_ADDRESSES,
                                CU_JIT_GLOBAL_SYMBOL_COUNT};
      void *values[] = {names, addresses, (void *)(uintptr_t)n};
      r = cuModuleLoadDataEx(mod, m->image, 3, options, values);
   }
   free(names);
   free(addresses);
   return r;
}

/* Where managed variables are: nvcc's code asks for it, ours must have been obeyed. */
static CUresult
settle_managed(struct module *m, CUmodule mod)
{
   for (struct entry *e = m->entries; e != NULL; e = e->next_in_module) {
      CUdeviceptr addr;
      size_t size;
      if (e->kind != VAR || (e->managed_slot == NULL && !e->host_storage))
         continue;
      CUresult r = cuModuleGetGlobal(&addr, &size, mod, e->name);
      if (r == CUDA_ERROR_NOT_FOUND && e->host_storage)
         continue; /* no kernel uses it, so the compiler dropped it */
      if (r != CUDA_SUCCESS)
         return r;
      if (e->managed_slot != NULL)
         *e->managed_slot = (void *)(uintptr_t)addr;
      if (e->host_storage && addr != rt_ptr(e->key)) {
         rt_unsupported("a __managed__ variable with this libcuda");
         return CUDA_ERROR_NOT_SUPPORTED;
      }
   }
   return CUDA_SUCCESS;
}

static struct loaded *
load(struct module *m, CUcontext ctx)
{
   for (struct loaded *l = m->loaded; l != NULL; l = l->next)
      if (l->ctx == ctx)
         return l;
   struct loaded *l = calloc(1, sizeof *l);
   if (l == NULL)
      return NULL;
   l->ctx = ctx;
   bool fixed = m->has_host_storage || (m->has_managed && m->loaded != NULL);
   l->result =
      fixed ? load_with_storage(m, &l->mod) : cuModuleLoadData(&l->mod, m->image);
   if (l->result == CUDA_SUCCESS && m->has_managed)
      l->result = settle_managed(m, l->mod);
   l->next = m->loaded;
   m->loaded = l;
   return l;
}

void
rt_forget_context(CUcontext ctx)
{
   pthread_mutex_lock(&reg.lock);
   changed();
   for (struct module *m = reg.modules; m != NULL; m = m->next) {
      struct loaded **p = &m->loaded;
      while (*p != NULL) {
         struct loaded *l = *p;
         if (l->ctx == ctx) {
            *p = l->next;
            free(l);
         } else {
            p = &l->next;
         }
      }
   }
   pthread_mutex_unlock(&reg.lock);
}

/* Only a module with variables in the host's storage cannot wait: main may look at their
 * initial values, which are in the device's code. */
void
__cudaRegisterFatBinaryEnd(void **handle)
{
   struct module *m = (struct module *)handle;
   if (m == NULL || !m->has_host_storage)
      return;
   struct rt_thread *t = rt_thread();
   if (rt_enter() == cudaSuccess) {
      pthread_mutex_lock(&reg.lock);
      load(m, t->current); /* what goes wrong is told to those who use it */
      pthread_mutex_unlock(&reg.lock);
   }
   t->last_error = cudaSuccess;
}

char
__cudaInitModule(void **handle)
{
   struct module *m = (struct module *)handle;
   if (m == NULL || rt_enter() != cudaSuccess)
      return 0;
   CUcontext ctx = rt_thread()->current;
   pthread_mutex_lock(&reg.lock);
   struct loaded *l = load(m, ctx);
   CUresult r = l != NULL ? l->result : CUDA_ERROR_OUT_OF_MEMORY;
   pthread_mutex_unlock(&reg.lock);
   if (r != CUDA_SUCCESS)
      rt_fail_driver(r);
   return r == CUDA_SUCCESS;
}

/* -- Look-ups. */
static CUresult
resolve(const void *func, CUcontext ctx, CUfunction *out)
{
   struct entry *e = find(func);
   if (e == NULL || e->kind == VAR)
      return CUDA_ERROR_NOT_FOUND;
   struct loaded *l = load(e->module, ctx);
   if (l == NULL)
      return CUDA_ERROR_OUT_OF_MEMORY;
   /* The driver has said what the image holds and how to build it; it was not told what
    * the program wants of it. */
   if (l->result == CUDA_ERROR_NO_BINARY_FOR_GPU && !l->told) {
      l->told = true;
      fprintf(stderr, "kasuri: kernel %s cannot be launched: there is no PTX of it\n",
              e->name);
   }
   return l->result != CUDA_SUCCESS ? l->result
                                    : cuModuleGetFunction(out, l->mod, e->name);
}

/* For the driver, which is given a cudaKernel_t where it wants a CUkernel. The thread's
 * last error is the runtime's alone. */
static CUresult
resolve_handle(const void *handle, CUfunction *f)
{
   pthread_mutex_lock(&reg.lock);
   struct entry *e = find(handle);
   pthread_mutex_unlock(&reg.lock);
   if (e == NULL || e->kind == VAR)
      return CUDA_ERROR_NOT_FOUND;
   struct rt_thread *t = rt_thread();
   cudaError_t last = t->last_error;
   cudaError_t entered = rt_enter();
   t->last_error = last;
   if (entered != cudaSuccess)
      return CUDA_ERROR_INVALID_CONTEXT;
   pthread_mutex_lock(&reg.lock);
   CUresult r = resolve(handle, t->current, f);
   pthread_mutex_unlock(&reg.lock);
   return r;
}

static cudaError_t
find_function(struct rt_thread *t, const void *func, CUfunction *out)
{
   CUcontext ctx = t->current;
   unsigned gen = rt_registry_generation();
   pthread_mutex_lock(&reg.lock);
   CUresult r = func != NULL ? resolve(func, ctx, out) : CUDA_ERROR_NOT_FOUND;
   pthread_mutex_unlock(&reg.lock);
   /* A cudaKernel_t of a library, or of another runtime: the driver knows. */
   if (r == CUDA_ERROR_NOT_FOUND && func != NULL)
      r = cuKernelGetFunction(out, (CUkernel)(uintptr_t)func);
   if (r == CUDA_ERROR_NOT_FOUND || r == CUDA_ERROR_INVALID_HANDLE)
      return rt_fail(cudaErrorInvalidDeviceFunction);
   if (r != CUDA_SUCCESS)
      return rt_fail_driver(r);
   if (t->cache_gen != gen)
      memset(t->cache, 0, sizeof t->cache);
   t->cache_gen = gen;
   t->cache[((uintptr_t)func >> 4) & (RT_CACHE_SIZE - 1)] =
      (struct rt_cache_entry){func, ctx, *out};
   return cudaSuccess;
}

cudaError_t
rt_function(const void *func, CUfunction *out)
{
   struct rt_thread *t = rt_thread();
   struct rt_cache_entry *c = &t->cache[((uintptr_t)func >> 4) & (RT_CACHE_SIZE - 1)];
   if (__builtin_expect(c->key == func && c->ctx == t->current && func != NULL &&
                           t->cache_gen == rt_registry_generation(),
                        1)) {
      *out = c->func;
      return cudaSuccess;
   }
   return find_function(t, func, out);
}

/* Graphs hand functions back: programs expect the address they gave. */
const void *
rt_function_origin(CUfunction f)
{
   CUcontext ctx = rt_thread()->current;
   const void *found = f;
   pthread_mutex_lock(&reg.lock);
   for (struct module *m = reg.modules; m != NULL; m = m->next)
      for (struct loaded *l = m->loaded; l != NULL; l = l->next)
         for (struct entry *e = m->entries; e != NULL && l->ctx == ctx && l->mod != NULL;
              e = e->next_in_module) {
            CUfunction g;
            if (e->kind == FUNC &&
                cuModuleGetFunction(&g, l->mod, e->name) == CUDA_SUCCESS && g == f)
               found = e->key;
         }
   pthread_mutex_unlock(&reg.lock);
   return found;
}

const char *
rt_function_name(const void *func)
{
   pthread_mutex_lock(&reg.lock);
   struct entry *e = find(func);
   const char *name = e != NULL && e->kind == FUNC ? e->name : NULL;
   pthread_mutex_unlock(&reg.lock);
   return name;
}

/* A cudaKernel_t of a registered kernel is its stub's address: it serves every context,
 * and needs no loading before the first launch. The driver asks resolve_handle. */
cudaError_t
rt_kernel_handle(const void *func, cudaKernel_t *out)
{
   RT_NOT_NULL(out);
   pthread_mutex_lock(&reg.lock);
   struct entry *e = find(func);
   pthread_mutex_unlock(&reg.lock);
   if (e == NULL || e->kind == VAR)
      return rt_fail(cudaErrorInvalidDeviceFunction);
   *out = (cudaKernel_t)(uintptr_t)func;
   return cudaSuccess;
}

cudaError_t
rt_symbol(const void *symbol, CUdeviceptr *addr, size_t *size)
{
   CUcontext ctx = rt_thread()->current;
   pthread_mutex_lock(&reg.lock);
   struct entry *e = find(symbol);
   CUresult r = CUDA_ERROR_NOT_FOUND;
   if (e != NULL && e->kind == VAR) {
      struct loaded *l = load(e->module, ctx);
      r = l == NULL ? CUDA_ERROR_OUT_OF_MEMORY : l->result;
      if (r == CUDA_SUCCESS)
         r = cuModuleGetGlobal(addr, size, l->mod, e->name);
   }
   pthread_mutex_unlock(&reg.lock);
   return r == CUDA_ERROR_NOT_FOUND ? rt_fail(cudaErrorInvalidSymbol) : rt_ret(r);
}
