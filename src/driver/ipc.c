/* SPDX-License-Identifier: Apache-2.0
 * Memory and events of one process in another of the same machine. A handle names a file
 * that its process holds open, which the other opens through /proc and maps; an event is
 * a page of two counters: how often it was recorded, and which record was reached. */
#include "driver_api.h"
#include "ipc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMORY_MAGIC 0x4d43504952555341ull
#define EVENT_MAGIC 0x4543504952555341ull

/* What the 64 bytes of a handle hold. */
struct handle {
   uint64_t magic;
   int32_t pid, fd;
   uint64_t size, inode;
};
_Static_assert(sizeof(struct handle) <= CU_IPC_HANDLE_SIZE, "handles have 64 bytes");

static CUresult
write_handle(void *to, uint64_t magic, int fd, size_t size)
{
   struct stat st;
   if (fstat(fd, &st) != 0)
      return CUDA_ERROR_OPERATING_SYSTEM;
   struct handle h = {magic, getpid(), fd, size, st.st_ino};
   memset(to, 0, CU_IPC_HANDLE_SIZE);
   memcpy(to, &h, sizeof h);
   return CUDA_SUCCESS;
}

/* Maps what a handle names. The file may be gone, and its number another file's by now:
 * that is no handle any more. */
static CUresult
map_handle(const void *from, uint64_t magic, struct handle *h, void **p)
{
   memcpy(h, from, sizeof *h);
   REQUIRE(h->magic == magic && h->size && h->size < (uint64_t)1 << 46);
   if (h->pid == getpid())
      return CUDA_ERROR_INVALID_CONTEXT; /* as CUDA: only in other processes */
   char path[64];
   snprintf(path, sizeof path, "/proc/%d/fd/%d", h->pid, h->fd);
   int fd = open(path, O_RDWR | O_CLOEXEC);
   struct stat st;
   if (fd < 0)
      return errno == EACCES ? CUDA_ERROR_NOT_PERMITTED : CUDA_ERROR_INVALID_HANDLE;
   if (fstat(fd, &st) != 0 || st.st_ino != h->inode || (uint64_t)st.st_size < h->size) {
      close(fd);
      return CUDA_ERROR_INVALID_HANDLE;
   }
   *p = mmap(NULL, h->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
   close(fd);
   return *p == MAP_FAILED ? CUDA_ERROR_MAP_FAILED : CUDA_SUCCESS;
}

/* -- Memory */
API
cuIpcGetMemHandle(CUipcMemHandle *pHandle, CUdeviceptr dptr)
{
   ENTER(c);
   struct device_alloc a;
   REQUIRE(pHandle && device_mem_find((void *)(uintptr_t)dptr, &a));
   TRY(device_ctx_sync(c->dev)); /* nothing writes while the pages change */
   int fd;
   size_t size;
   enum device_status st = device_mem_share((void *)a.base, &fd, &size);
   if (st == DEVICE_NOT_SUPPORTED)
      return driver_unsupported("cuIpcGetMemHandle of an allocation below 1 MiB");
   TRY(st);
   return write_handle(pHandle, MEMORY_MAGIC, fd, size);
}

API
cuIpcOpenMemHandle_v2(CUdeviceptr *pdptr, CUipcMemHandle handle, unsigned int flags)
{
   ENTER(c);
   REQUIRE(pdptr && flags == CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS);
   struct handle h;
   void *p;
   TRY(map_handle(&handle, MEMORY_MAGIC, &h, &p));
   struct device_alloc a = {.base = (uintptr_t)p,
                            .size = h.size,
                            .kind = DEVICE_MEM_IPC,
                            .device = device_ctx_device(c->dev),
                            .owner = c->dev};
   CUresult r = (CUresult)device_mem_add(&a);
   if (r)
      munmap(p, h.size);
   else
      *pdptr = a.base;
   return r;
}

API
cuIpcCloseMemHandle(CUdeviceptr dptr)
{
   ENTER(c);
   struct device_alloc a;
   void *p = (void *)(uintptr_t)dptr;
   REQUIRE(device_mem_find(p, &a) && a.base == dptr && a.kind == DEVICE_MEM_IPC);
   TRY(device_ctx_sync(c->dev));
   TRY(device_mem_free(p, DEVICE_MEM_IPC));
   return munmap(p, a.size) ? CUDA_ERROR_UNMAP_FAILED : CUDA_SUCCESS;
}

/* -- Events */
struct ipc_event {
   _Atomic uint32_t recorded, reached;
};
#define EVENT_SIZE 4096

struct ipc_event *
ipc_event_create(int *fd)
{
   void *p = MAP_FAILED;
   *fd = memfd_create("kasuri-event", MFD_CLOEXEC);
   if (*fd >= 0 && ftruncate(*fd, EVENT_SIZE) == 0)
      p = mmap(NULL, EVENT_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
   if (p != MAP_FAILED)
      return p;
   if (*fd >= 0)
      close(*fd);
   return NULL;
}

/* Counters wrap: what is later is so by their difference. */
static bool
is_reached(struct ipc_event *e, uint32_t want)
{
   return (int32_t)(atomic_load(&e->reached) - want) >= 0;
}

CUresult
ipc_event_query(struct ipc_event *e)
{
   return is_reached(e, atomic_load(&e->recorded)) ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

/* The other process cannot wake this one cheaply: it is asked again and again. */
void
ipc_event_sync(struct ipc_event *e)
{
   uint32_t want = atomic_load(&e->recorded);
   for (unsigned us = 1; !is_reached(e, want); us = MIN2(us * 2, 500u))
      usleep(us);
}

struct step {
   struct ipc_event *e;
   uint32_t number;
};

/* Streams may get here in another order than they were told to. */
static void
reach(void *arg, int status)
{
   struct step *s = arg;
   uint32_t now = atomic_load(&s->e->reached);
   while ((int32_t)(now - s->number) < 0 &&
          !atomic_compare_exchange_weak(&s->e->reached, &now, s->number))
      ;
   base_free(s);
}

void
ipc_event_record(struct ipc_event *e, struct device_stream *s)
{
   struct step *step = base_calloc(1, sizeof *step);
   *step = (struct step){e, atomic_fetch_add(&e->recorded, 1) + 1};
   device_host_call(s, reach, step, true);
}

void
ipc_event_wait(struct ipc_event *e, struct device_stream *s)
{
   uint32_t want = atomic_load(&e->recorded);
   if (!is_reached(e, want))
      device_value_wait(s, &e->reached, want, sizeof e->reached, DEVICE_GEQ);
}

API
cuIpcGetEventHandle(CUipcEventHandle *pHandle, CUevent event)
{
   ENTER(c);
   const struct drv_event *e = FIND(H_EVENT, event);
   if (!e)
      return CUDA_ERROR_INVALID_HANDLE;
   REQUIRE(pHandle && e->shared && e->shared_fd >= 0);
   return write_handle(pHandle, EVENT_MAGIC, e->shared_fd, EVENT_SIZE);
}

API
cuIpcOpenEventHandle(CUevent *phEvent, CUipcEventHandle handle)
{
   ENTER(c);
   REQUIRE(phEvent);
   struct handle h;
   void *p;
   TRY(map_handle(&handle, EVENT_MAGIC, &h, &p));
   return event_of_other(c, p, phEvent);
}
