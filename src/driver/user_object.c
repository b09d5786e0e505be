/* SPDX-License-Identifier: Apache-2.0
 * User objects: a program's own resources, counted, which graphs can hold on to. */
#include "graph_priv.h"

#include <stdatomic.h>

struct drv_user_object {
   CUuserObject handle;
   void *ptr;
   CUhostFn destroy;
   _Atomic unsigned refs;
};

void
user_object_retain(struct drv_user_object *o, unsigned n)
{
   atomic_fetch_add(&o->refs, n);
}

bool
user_object_release(struct drv_user_object *o, unsigned n)
{
   unsigned had = atomic_load(&o->refs);
   do
      if (had < n)
         return false;
   while (!atomic_compare_exchange_weak(&o->refs, &had, had - n));
   if (had == n) {
      FORGET(o->handle);
      o->destroy(o->ptr);
      base_free(o);
   }
   return true;
}

API
cuUserObjectCreate(CUuserObject *object_out, void *ptr, CUhostFn destroy,
                   unsigned int initialRefcount, unsigned int flags)
{
   TRY(driver_initialised());
   REQUIRE(object_out && destroy && initialRefcount && initialRefcount <= INT32_MAX);
   REQUIRE(flags == CU_USER_OBJECT_NO_DESTRUCTOR_SYNC);
   struct drv_user_object *o = base_calloc(1, sizeof *o);
   o->ptr = ptr;
   o->destroy = destroy;
   o->refs = initialRefcount;
   o->handle = HANDLE(H_USER_OBJECT, o);
   *object_out = o->handle;
   return CUDA_SUCCESS;
}

API
cuUserObjectRetain(CUuserObject object, unsigned int count)
{
   TRY(driver_initialised());
   struct drv_user_object *o = FIND(H_USER_OBJECT, object);
   REQUIRE(o && count && count <= INT32_MAX);
   user_object_retain(o, count);
   return CUDA_SUCCESS;
}

API
cuUserObjectRelease(CUuserObject object, unsigned int count)
{
   TRY(driver_initialised());
   struct drv_user_object *o = FIND(H_USER_OBJECT, object);
   REQUIRE(o && count && user_object_release(o, count));
   return CUDA_SUCCESS;
}

API
cuGraphRetainUserObject(CUgraph graph, CUuserObject object, unsigned int count,
                        unsigned int flags)
{
   struct drv_graph *g;
   TRY(graph_find(graph, &g));
   struct drv_user_object *o = FIND(H_USER_OBJECT, object);
   REQUIRE(o && count && !(flags & ~(unsigned)CU_GRAPH_USER_OBJECT_MOVE));
   if (!(flags & CU_GRAPH_USER_OBJECT_MOVE))
      user_object_retain(o, count);
   pthread_mutex_lock(&graph_lock);
   for (unsigned i = 0; i < count; i++)
      vec_push(&g->objects, o);
   pthread_mutex_unlock(&graph_lock);
   return CUDA_SUCCESS;
}

API
cuGraphReleaseUserObject(CUgraph graph, CUuserObject object, unsigned int count)
{
   struct drv_graph *g;
   TRY(graph_find(graph, &g));
   struct drv_user_object *o = FIND(H_USER_OBJECT, object);
   REQUIRE(o && count);
   pthread_mutex_lock(&graph_lock);
   unsigned taken = 0;
   for (size_t i = g->objects.len; i-- && taken < count;)
      if (g->objects.data[i] == o) {
         g->objects.data[i] = vec_last(&g->objects);
         g->objects.len--;
         taken++;
      }
   pthread_mutex_unlock(&graph_lock);
   if (taken)
      user_object_release(o, taken);
   return taken == count ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}
