/* SPDX-License-Identifier: Apache-2.0
 * Implicit initialisation: the first call that needs a context makes the thread's
 * device's primary context current; a context that the program pushed through the driver
 * API is used as it is. Also what a thread keeps, and errors that broke a context. */
#include "rt_priv.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEVICES 64

static struct {
   pthread_mutex_t lock;
   CUresult init_result;
   int device_count;
   CUcontext primary[MAX_DEVICES];      /* retained by us; NULL before */
   unsigned pending_flags[MAX_DEVICES]; /* cudaSetDeviceFlags before first use */
   bool flags_pending[MAX_DEVICES];
   unsigned generation;  /* counts cudaDeviceReset */
   cudaError_t sticky;   /* what broke a context … */
   CUcontext sticky_ctx; /* … and which */
   bool exiting;
   int valid[MAX_DEVICES], valid_len; /* cudaSetValidDevices */
} state = {.lock = PTHREAD_MUTEX_INITIALIZER};

static pthread_once_t init_once = PTHREAD_ONCE_INIT, key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
__thread struct rt_thread *rt_self;

static void
free_thread(void *p)
{
   struct rt_thread *t = p;
   rt_self = NULL;
   free(t->configs);
   free(t);
}

static void
make_key(void)
{
   if (pthread_key_create(&key, free_thread) != 0)
      abort();
}

/* Threads may outlive a library that is closed: their end must not call into it. */
__attribute__((destructor)) static void
drop_key(void)
{
   pthread_once(&key_once, make_key);
   pthread_key_delete(key);
}

struct rt_thread *
rt_thread_create(void)
{
   pthread_once(&key_once, make_key);
   struct rt_thread *t = calloc(1, sizeof *t);
   if (t == NULL)
      abort(); /* nothing to report an error with */
   pthread_setspecific(key, t);
   rt_self = t;
   return t;
}

/* A process that ends does not wait for its kernels, some of which may never end.
 * Handlers run in reverse order: this one before those that take back what constructors
 * registered. */
static void
note_exit(void)
{
   __atomic_store_n(&state.exiting, true, __ATOMIC_RELAXED);
}

bool
rt_exiting(void)
{
   return __atomic_load_n(&state.exiting, __ATOMIC_RELAXED);
}

static void
init_driver(void)
{
   atexit(note_exit);
   state.init_result = cuInit(0);
   if (state.init_result == CUDA_SUCCESS)
      state.init_result = cuDeviceGetCount(&state.device_count);
   if (state.init_result == CUDA_SUCCESS && state.device_count > MAX_DEVICES)
      state.device_count = MAX_DEVICES;
   if (state.init_result == CUDA_SUCCESS && state.device_count == 0)
      state.init_result = CUDA_ERROR_NO_DEVICE;
}

cudaError_t
rt_init(void)
{
   pthread_once(&init_once, init_driver);
   return rt_ret(state.init_result);
}

unsigned
rt_ctx_generation(void)
{
   return __atomic_load_n(&state.generation, __ATOMIC_ACQUIRE);
}

static int
chosen_device(struct rt_thread *t)
{
   if (t->device_chosen)
      return t->device;
   return state.valid_len > 0 ? state.valid[0] : 0;
}

/* Makes device's primary context current. */
static cudaError_t
bind_primary(struct rt_thread *t, int device)
{
   CUresult r = CUDA_SUCCESS;
   pthread_mutex_lock(&state.lock);
   if (state.primary[device] == NULL) {
      if (state.flags_pending[device])
         r = cuDevicePrimaryCtxSetFlags(device, state.pending_flags[device]);
      if (r == CUDA_SUCCESS)
         r = cuDevicePrimaryCtxRetain(&state.primary[device], device);
      if (r != CUDA_SUCCESS)
         state.primary[device] = NULL;
   }
   CUcontext ctx = state.primary[device];
   unsigned gen = state.generation;
   pthread_mutex_unlock(&state.lock);
   if (r == CUDA_SUCCESS)
      r = cuCtxSetCurrent(ctx);
   if (r != CUDA_SUCCESS)
      return rt_fail_driver(r);
   t->bound = t->current = ctx;
   t->ctx_gen = gen;
   return cudaSuccess;
}

/* The thread has no context, or one that a reset may have ended. */
static cudaError_t
bind(struct rt_thread *t)
{
   RT_INIT();
   return bind_primary(t, chosen_device(t));
}

cudaError_t
rt_enter(void)
{
   struct rt_thread *t = rt_thread();
   CUcontext ctx = NULL;
   CUresult r = cuCtxGetCurrent(&ctx);
   bool stale = ctx == t->bound && t->ctx_gen != rt_ctx_generation();
   t->current = ctx;
   if (__builtin_expect(r != CUDA_SUCCESS || ctx == NULL || stale, 0))
      RT_TRY_RT(bind(t));
   cudaError_t sticky = __atomic_load_n(&state.sticky, __ATOMIC_RELAXED);
   bool broken = __builtin_expect(sticky != cudaSuccess, 0) &&
                 __atomic_load_n(&state.sticky_ctx, __ATOMIC_RELAXED) == t->current;
   return broken ? rt_fail(sticky) : cudaSuccess;
}

void
rt_note_sticky(cudaError_t e)
{
   CUcontext ctx = NULL;
   if (cuCtxGetCurrent(&ctx) != CUDA_SUCCESS)
      ctx = NULL;
   __atomic_store_n(&state.sticky_ctx, ctx, __ATOMIC_RELAXED);
   __atomic_store_n(&state.sticky, e, __ATOMIC_RELAXED);
}

int
rt_current_device(void)
{
   CUcontext ctx = NULL;
   CUdevice d;
   if (cuCtxGetCurrent(&ctx) == CUDA_SUCCESS && ctx != NULL &&
       cuCtxGetDevice(&d) == CUDA_SUCCESS)
      return d;
   return chosen_device(rt_thread());
}

cudaError_t
rt_check_device(int device)
{
   RT_INIT();
   if (device < 0 || device >= state.device_count)
      return rt_fail(cudaErrorInvalidDevice);
   return cudaSuccess;
}

cudaError_t
cudaGetDeviceCount(int *count)
{
   RT_NOT_NULL(count);
   cudaError_t e = rt_init();
   if (e == cudaErrorNoDevice)
      *count = 0;
   if (e == cudaSuccess)
      *count = state.device_count;
   return e;
}

cudaError_t
cudaGetDevice(int *device)
{
   RT_NOT_NULL(device);
   RT_INIT();
   *device = rt_current_device();
   return cudaSuccess;
}

cudaError_t
cudaSetDevice(int device)
{
   RT_TRY_RT(rt_check_device(device));
   struct rt_thread *t = rt_thread();
   t->device = device;
   t->device_chosen = true;
   return bind_primary(t, device);
}

cudaError_t
cudaInitDevice(int device, unsigned int deviceFlags, unsigned int flags)
{
   RT_TRY_RT(rt_check_device(device));
   if ((flags & ~cudaInitDeviceFlagsAreValid) != 0)
      return rt_fail(cudaErrorInvalidValue);
   if ((flags & cudaInitDeviceFlagsAreValid) != 0)
      RT_TRY(cuDevicePrimaryCtxSetFlags(device, deviceFlags & ~cudaDeviceMapHost));
   pthread_mutex_lock(&state.lock);
   CUresult r = CUDA_SUCCESS;
   if (state.primary[device] == NULL)
      r = cuDevicePrimaryCtxRetain(&state.primary[device], device);
   pthread_mutex_unlock(&state.lock);
   return rt_ret(r);
}

cudaError_t
cudaSetValidDevices(int *device_arr, int len)
{
   RT_INIT();
   if (len < 0 || len > state.device_count || (len > 0 && device_arr == NULL))
      return rt_fail(cudaErrorInvalidValue);
   for (int i = 0; i < len; i++)
      RT_TRY_RT(rt_check_device(device_arr[i]));
   pthread_mutex_lock(&state.lock);
   if (len > 0)
      memcpy(state.valid, device_arr, (size_t)len * sizeof(int));
   state.valid_len = len;
   pthread_mutex_unlock(&state.lock);
   return cudaSuccess;
}

/* Mapped host memory is always on, as in CUDA since 11; the flag is only remembered. */
cudaError_t
cudaSetDeviceFlags(unsigned int flags)
{
   RT_INIT();
   unsigned schedule = flags & cudaDeviceScheduleMask;
   if ((flags & ~cudaDeviceMask) != 0 || (schedule & (schedule - 1)) != 0)
      return rt_fail(cudaErrorInvalidValue);
   int device = rt_current_device();
   pthread_mutex_lock(&state.lock);
   bool active = state.primary[device] != NULL;
   state.pending_flags[device] = flags & ~cudaDeviceMapHost;
   state.flags_pending[device] = true;
   pthread_mutex_unlock(&state.lock);
   return active ? rt_ret(cuDevicePrimaryCtxSetFlags(device, flags & ~cudaDeviceMapHost))
                 : cudaSuccess;
}

cudaError_t
cudaGetDeviceFlags(unsigned int *flags)
{
   RT_NOT_NULL(flags);
   RT_INIT();
   int device = rt_current_device(), active = 0;
   unsigned f = 0;
   RT_TRY(cuDevicePrimaryCtxGetState(device, &f, &active));
   pthread_mutex_lock(&state.lock);
   if (!active && state.flags_pending[device])
      f = state.pending_flags[device];
   pthread_mutex_unlock(&state.lock);
   *flags = f | cudaDeviceMapHost;
   return cudaSuccess;
}

/* Ends the primary context of the current device in the whole process; the next call in
 * any thread starts a new one. */
cudaError_t
cudaDeviceReset(void)
{
   RT_INIT();
   struct rt_thread *t = rt_thread();
   int device = rt_current_device();
   pthread_mutex_lock(&state.lock);
   CUcontext ctx = state.primary[device];
   state.primary[device] = NULL;
   __atomic_add_fetch(&state.generation, 1, __ATOMIC_RELEASE);
   __atomic_store_n(&state.sticky, cudaSuccess, __ATOMIC_RELAXED);
   pthread_mutex_unlock(&state.lock);
   if (ctx != NULL)
      rt_forget_context(ctx);
   CUcontext current = NULL;
   if (cuCtxGetCurrent(&current) == CUDA_SUCCESS && current == ctx)
      cuCtxSetCurrent(NULL);
   t->bound = NULL;
   if (rt_is_sticky(t->last_error))
      t->last_error = cudaSuccess;
   CUresult r = cuDevicePrimaryCtxReset(device);
   return rt_is_sticky(rt_from_driver(r)) ? cudaSuccess : rt_ret(r);
}
