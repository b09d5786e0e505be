/* SPDX-License-Identifier: Apache-2.0
 * Virtual memory: physical allocations are memory files, addresses are reserved ranges
 * without access, and mapping is what the words say. A memory file can be handed to
 * another process. */
#include "driver_priv.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define GRANULARITY ((size_t)2 << 20)

struct drv_memory {
   CUmemGenericAllocationHandle handle;
   int fd;
   size_t size;
   CUmemAllocationProp prop;
   unsigned handles, maps; /* gone when both are 0 */
   bool charged;           /* counted against the device's memory */
};

struct range {
   uintptr_t base;
   size_t size;
};

struct mapping {
   uintptr_t base;
   size_t size, offset;
   struct drv_memory *memory;
   CUmemAccess_flags access;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
   VEC(struct range) v;
} ranges;
static struct {
   VEC(struct mapping) v;
} mappings;

static CUresult
check_prop(const CUmemAllocationProp *p)
{
   REQUIRE(p && p->type == CU_MEM_ALLOCATION_TYPE_PINNED);
   REQUIRE(p->location.type == CU_MEM_LOCATION_TYPE_DEVICE ||
           p->location.type == CU_MEM_LOCATION_TYPE_HOST ||
           p->location.type == CU_MEM_LOCATION_TYPE_HOST_NUMA ||
           p->location.type == CU_MEM_LOCATION_TYPE_HOST_NUMA_CURRENT);
   if (p->location.type == CU_MEM_LOCATION_TYPE_DEVICE &&
       (unsigned)p->location.id >= device_count())
      return CUDA_ERROR_INVALID_DEVICE;
   if (p->requestedHandleTypes & ~(unsigned)CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR)
      return CUDA_ERROR_NOT_SUPPORTED;
   return CUDA_SUCCESS;
}

API
cuMemGetAllocationGranularity(size_t *granularity, const CUmemAllocationProp *prop,
                              CUmemAllocationGranularity_flags option)
{
   TRY(driver_initialised());
   REQUIRE(granularity && (unsigned)option <= CU_MEM_ALLOC_GRANULARITY_RECOMMENDED);
   TRY(check_prop(prop));
   *granularity = GRANULARITY;
   return CUDA_SUCCESS;
}

/* -- Addresses */
API
cuMemAddressReserve(CUdeviceptr *ptr, size_t size, size_t alignment, CUdeviceptr addr,
                    unsigned long long flags)
{
   TRY(driver_initialised());
   REQUIRE(ptr && size && !(size % GRANULARITY) && !flags);
   REQUIRE(!(alignment & (alignment - 1)) && size < (size_t)1 << 46);
   alignment = MAX2(alignment, GRANULARITY);
   REQUIRE(alignment < (size_t)1 << 40);
   /* A little more than asked for, so that an aligned part can be kept. */
   uint8_t *p = mmap((void *)(uintptr_t)addr, size + alignment, PROT_NONE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
   if (p == MAP_FAILED)
      return CUDA_ERROR_OUT_OF_MEMORY;
   uint8_t *at = (uint8_t *)ALIGN_UP((uintptr_t)p, alignment);
   if (at > p)
      munmap(p, (size_t)(at - p));
   if (at < p + alignment)
      munmap(at + size, (size_t)(p + alignment - at));
   pthread_mutex_lock(&lock);
   vec_push(&ranges.v, ((struct range){(uintptr_t)at, size}));
   pthread_mutex_unlock(&lock);
   *ptr = (uintptr_t)at;
   return CUDA_SUCCESS;
}

static bool
in_range(uintptr_t p, size_t size)
{
   for (size_t i = 0; i < ranges.v.len; i++) {
      const struct range *r = &ranges.v.data[i];
      if (p >= r->base && p - r->base < r->size && size <= r->size - (p - r->base))
         return true;
   }
   return false;
}

static bool
overlaps_mapping(uintptr_t p, size_t size)
{
   for (size_t i = 0; i < mappings.v.len; i++) {
      const struct mapping *m = &mappings.v.data[i];
      if (p < m->base + m->size && m->base < p + size)
         return true;
   }
   return false;
}

static CUresult
free_range(CUdeviceptr ptr, size_t size)
{
   for (size_t i = 0; i < ranges.v.len; i++)
      if (ranges.v.data[i].base == ptr && ranges.v.data[i].size == size) {
         REQUIRE(!overlaps_mapping(ptr, size));
         munmap((void *)(uintptr_t)ptr, size);
         ranges.v.data[i] = vec_last(&ranges.v);
         ranges.v.len--;
         return CUDA_SUCCESS;
      }
   return CUDA_ERROR_INVALID_VALUE;
}

API
cuMemAddressFree(CUdeviceptr ptr, size_t size)
{
   TRY(driver_initialised());
   pthread_mutex_lock(&lock);
   CUresult r = free_range(ptr, size);
   pthread_mutex_unlock(&lock);
   return r;
}

/* -- Physical memory */
static struct drv_memory *
new_memory(int fd, size_t size, const CUmemAllocationProp *prop, bool charged)
{
   struct drv_memory *m = base_calloc(1, sizeof *m);
   m->fd = fd;
   m->size = size;
   m->prop = *prop;
   m->handles = 1;
   m->charged = charged;
   m->handle = handle_add(H_MEMORY, m);
   return m;
}

API
cuMemCreate(CUmemGenericAllocationHandle *handle, size_t size,
            const CUmemAllocationProp *prop, unsigned long long flags)
{
   ENTER(c);
   REQUIRE(handle && size && !(size % GRANULARITY) && !flags);
   TRY(check_prop(prop));
   bool charged = prop->location.type == CU_MEM_LOCATION_TYPE_DEVICE;
   unsigned dev = charged ? (unsigned)prop->location.id : 0;
   if (charged && !device_mem_charge(dev, size))
      return CUDA_ERROR_OUT_OF_MEMORY;
   int fd = memfd_create("kasuri", MFD_CLOEXEC);
   if (fd < 0 || ftruncate(fd, (off_t)size)) {
      if (fd >= 0)
         close(fd);
      if (charged)
         device_mem_discharge(dev, size);
      return CUDA_ERROR_OUT_OF_MEMORY;
   }
   *handle = new_memory(fd, size, prop, charged)->handle;
   return CUDA_SUCCESS;
}

static void
drop(struct drv_memory *m)
{
   if (m->handles || m->maps)
      return;
   handle_remove(m->handle);
   close(m->fd);
   if (m->charged)
      device_mem_discharge((unsigned)m->prop.location.id, m->size);
   base_free(m);
}

static struct drv_memory *
find_memory(CUmemGenericAllocationHandle h)
{
   struct drv_memory *m = handle_find(h, H_MEMORY);
   return m && m->handles ? m : NULL;
}

API
cuMemRelease(CUmemGenericAllocationHandle handle)
{
   TRY(driver_initialised());
   pthread_mutex_lock(&lock);
   struct drv_memory *m = find_memory(handle);
   if (m) {
      m->handles--;
      drop(m);
   }
   pthread_mutex_unlock(&lock);
   return m ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

API
cuMemGetAllocationPropertiesFromHandle(CUmemAllocationProp *prop,
                                       CUmemGenericAllocationHandle handle)
{
   TRY(driver_initialised());
   struct drv_memory *m = find_memory(handle);
   REQUIRE(prop && m);
   *prop = m->prop;
   return CUDA_SUCCESS;
}

/* -- Mapping */
static CUresult
map_locked(CUdeviceptr ptr, size_t size, size_t offset, CUmemGenericAllocationHandle h,
           void *owner)
{
   struct drv_memory *m = find_memory(h);
   REQUIRE(m && size && !(ptr % GRANULARITY) && !(size % GRANULARITY));
   REQUIRE(!(offset % GRANULARITY) && offset <= m->size && size <= m->size - offset);
   REQUIRE(in_range(ptr, size));
   if (overlaps_mapping(ptr, size))
      return CUDA_ERROR_ALREADY_MAPPED;
   void *at = (void *)(uintptr_t)ptr;
   if (mmap(at, size, PROT_NONE, MAP_SHARED | MAP_FIXED, m->fd, (off_t)offset) != at)
      return CUDA_ERROR_OUT_OF_MEMORY;
   m->maps++;
   vec_push(&mappings.v,
            ((struct mapping){.base = ptr, .size = size, .offset = offset, .memory = m}));
   bool on_device = m->prop.location.type == CU_MEM_LOCATION_TYPE_DEVICE;
   struct device_alloc a = {.base = ptr,
                            .size = size,
                            .kind = DEVICE_MEM_VIRTUAL,
                            .device = on_device ? (unsigned)m->prop.location.id : 0};
   return (CUresult)device_mem_add(&a);
}

API
cuMemMap(CUdeviceptr ptr, size_t size, size_t offset, CUmemGenericAllocationHandle handle,
         unsigned long long flags)
{
   ENTER(c);
   REQUIRE(!flags);
   pthread_mutex_lock(&lock);
   CUresult r = map_locked(ptr, size, offset, handle, c->dev);
   pthread_mutex_unlock(&lock);
   return r;
}

static void
unmap_one(size_t i)
{
   struct mapping m = mappings.v.data[i];
   mappings.v.data[i] = vec_last(&mappings.v);
   mappings.v.len--;
   (void)!device_mem_free((void *)m.base, DEVICE_MEM_VIRTUAL);
   mmap((void *)m.base, m.size, PROT_NONE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
   m.memory->maps--;
   drop(m.memory);
}

/* Whether whole mappings make up [ptr, ptr+size) without a gap. */
static bool
covered(CUdeviceptr ptr, size_t size)
{
   size_t sum = 0;
   for (size_t i = 0; i < mappings.v.len; i++) {
      const struct mapping *m = &mappings.v.data[i];
      if (m->base >= ptr && m->base + m->size <= ptr + size)
         sum += m->size;
      else if (ptr < m->base + m->size && m->base < ptr + size)
         return false;
   }
   return size && sum == size;
}

API
cuMemUnmap(CUdeviceptr ptr, size_t size)
{
   ENTER(c);
   TRY(device_ctx_sync(c->dev));
   pthread_mutex_lock(&lock);
   CUresult r = covered(ptr, size) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
   for (size_t i = mappings.v.len; !r && i--;)
      if (mappings.v.data[i].base >= ptr && mappings.v.data[i].base < ptr + size)
         unmap_one(i);
   pthread_mutex_unlock(&lock);
   return r;
}

static CUresult
set_access(CUdeviceptr ptr, size_t size, CUmemAccess_flags flags)
{
   int prot = flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE ? PROT_READ | PROT_WRITE
              : flags == CU_MEM_ACCESS_FLAGS_PROT_READ    ? PROT_READ
                                                          : PROT_NONE;
   REQUIRE(covered(ptr, size));
   if (mprotect((void *)(uintptr_t)ptr, size, prot))
      return CUDA_ERROR_INVALID_VALUE;
   for (size_t i = 0; i < mappings.v.len; i++)
      if (mappings.v.data[i].base >= ptr && mappings.v.data[i].base < ptr + size)
         mappings.v.data[i].access = flags;
   return CUDA_SUCCESS;
}

API
cuMemSetAccess(CUdeviceptr ptr, size_t size, const CUmemAccessDesc *desc, size_t count)
{
   TRY(driver_initialised());
   REQUIRE(desc && count);
   for (size_t i = 0; i < count; i++) {
      const CUmemAccessDesc *d = &desc[i];
      if (d->location.type == CU_MEM_LOCATION_TYPE_DEVICE &&
          (unsigned)d->location.id >= device_count())
         return CUDA_ERROR_INVALID_DEVICE;
      REQUIRE(d->flags == CU_MEM_ACCESS_FLAGS_PROT_NONE ||
              d->flags == CU_MEM_ACCESS_FLAGS_PROT_READ ||
              d->flags == CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
      pthread_mutex_lock(&lock);
      CUresult r = set_access(ptr, size, d->flags);
      pthread_mutex_unlock(&lock);
      TRY(r);
   }
   return CUDA_SUCCESS;
}

static const struct mapping *
mapping_at(uintptr_t p)
{
   for (size_t i = 0; i < mappings.v.len; i++)
      if (p >= mappings.v.data[i].base &&
          p - mappings.v.data[i].base < mappings.v.data[i].size)
         return &mappings.v.data[i];
   return NULL;
}

API
cuMemGetAccess(unsigned long long *flags, const CUmemLocation *location, CUdeviceptr ptr)
{
   TRY(driver_initialised());
   REQUIRE(flags && location);
   pthread_mutex_lock(&lock);
   const struct mapping *m = mapping_at(ptr);
   if (m)
      *flags = m->access;
   pthread_mutex_unlock(&lock);
   return m ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

API
cuMemRetainAllocationHandle(CUmemGenericAllocationHandle *handle, void *addr)
{
   TRY(driver_initialised());
   REQUIRE(handle);
   pthread_mutex_lock(&lock);
   const struct mapping *m = mapping_at((uintptr_t)addr);
   if (m) {
      m->memory->handles++;
      *handle = m->memory->handle;
   }
   pthread_mutex_unlock(&lock);
   return m ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

/* -- Other processes */
API
cuMemExportToShareableHandle(void *shareableHandle, CUmemGenericAllocationHandle handle,
                             CUmemAllocationHandleType handleType,
                             unsigned long long flags)
{
   TRY(driver_initialised());
   struct drv_memory *m = find_memory(handle);
   REQUIRE(shareableHandle && m && !flags);
   if (handleType != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR)
      return CUDA_ERROR_NOT_SUPPORTED;
   REQUIRE(m->prop.requestedHandleTypes & CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR);
   int fd = dup(m->fd);
   if (fd < 0)
      return CUDA_ERROR_OPERATING_SYSTEM;
   *(int *)shareableHandle = fd;
   return CUDA_SUCCESS;
}

API
cuMemImportFromShareableHandle(CUmemGenericAllocationHandle *handle, void *osHandle,
                               CUmemAllocationHandleType shHandleType)
{
   TRY(driver_initialised());
   REQUIRE(handle);
   if (shHandleType != CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR)
      return CUDA_ERROR_NOT_SUPPORTED;
   struct stat st;
   int fd = dup((int)(intptr_t)osHandle);
   if (fd < 0)
      return CUDA_ERROR_INVALID_VALUE;
   if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size ||
       (size_t)st.st_size % GRANULARITY) {
      close(fd);
      return CUDA_ERROR_INVALID_VALUE;
   }
   CUmemAllocationProp prop = {.type = CU_MEM_ALLOCATION_TYPE_PINNED,
                               .requestedHandleTypes =
                                  CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR,
                               .location = {CU_MEM_LOCATION_TYPE_DEVICE, 0}};
   *handle = new_memory(fd, (size_t)st.st_size, &prop, false)->handle;
   return CUDA_SUCCESS;
}
