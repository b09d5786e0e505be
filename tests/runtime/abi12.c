/* SPDX-License-Identifier: Apache-2.0
 * usage: abi12 libcudart.so.12: the calls whose form changed between CUDA 12 and 13, by
 * the signatures and layouts of CUDA 12, written out here. */
#include "check.h"

#include <dlfcn.h>
#include <stdlib.h>

/* cudaDeviceProp of CUDA 12 by offsets: 1032 bytes, of which version 1 ends at 728. */
enum {
   PROP_V1 = 728,
   PROP_V2 = 1032,
   AT_TOTAL_MEM = 288,
   AT_WARP_SIZE = 308,
   AT_MAX_THREADS = 320,
   AT_MAJOR = 360,
   AT_SM_COUNT = 388,
   AT_CLUSTER_LAUNCH = 772,
};

static void *lib;

static void *
sym(const char *name)
{
   void *f = dlvsym(lib, name, "libcudart.so.12");
   if (!CHECK(f != NULL)) {
      fprintf(stderr, "   no %s\n", name);
      exit(1);
   }
   return f;
}

static int
int_at(const unsigned char *p, size_t at)
{
   int v;
   memcpy(&v, p + at, sizeof v);
   return v;
}

static bool
untouched(const unsigned char *p, size_t from, size_t to)
{
   while (from < to)
      if (p[from++] != 0xA5)
         return false;
   return true;
}

static void
properties(void)
{
   unsigned char p[2048], q[2048];
   int (*v1)(void *, int) = sym("cudaGetDeviceProperties");
   int (*v2)(void *, int) = sym("cudaGetDeviceProperties_v2");
   memset(p, 0xA5, sizeof p);
   memset(q, 0xA5, sizeof q);
   CHECK_EQ_U64(v1(p, 0), 0);
   CHECK_EQ_U64(v2(q, 0), 0);
   CHECK(untouched(p, PROP_V1, sizeof p));
   CHECK(untouched(q, PROP_V2, sizeof q));
   CHECK(memcmp(p, q, PROP_V1) == 0);
   CHECK_EQ_U64(int_at(q, AT_WARP_SIZE), 32);
   CHECK_EQ_U64(int_at(q, AT_MAX_THREADS), 1024);
   CHECK(int_at(q, AT_MAJOR) >= 5);
   CHECK(int_at(q, AT_SM_COUNT) >= 1);
   CHECK(int_at(q, AT_CLUSTER_LAUNCH) == 0 || int_at(q, AT_CLUSTER_LAUNCH) == 1);
   size_t total;
   memcpy(&total, q + AT_TOTAL_MEM, sizeof total);
   CHECK(total > 1 << 20);
   CHECK_EQ_U64(v2(NULL, 0), 1);
   CHECK_EQ_U64(v2(q, 50), 101);
}

static void
memory(void)
{
   unsigned char at[128];
   void *m = NULL;
   int (*managed)(void **, size_t, unsigned) = sym("cudaMallocManaged");
   int (*advise)(const void *, size_t, int, int) = sym("cudaMemAdvise");
   int (*prefetch)(const void *, size_t, int, void *) = sym("cudaMemPrefetchAsync");
   struct location {
      int type, id;
   } host = {2, 0};
   int (*prefetch2)(const void *, size_t, struct location, unsigned, void *) =
      sym("cudaMemPrefetchAsync_v2");
   int (*pointer)(void *, const void *) = sym("cudaPointerGetAttributes");
   int (*release)(void *) = sym("cudaFree");
   CHECK_EQ_U64(managed(&m, 4096, 1), 0);
   CHECK_EQ_U64(advise(m, 4096, 3, 0), 0);
   CHECK_EQ_U64(advise(m, 4096, 3, -1), 0);
   CHECK_EQ_U64(prefetch(m, 4096, 0, NULL), 0);
   CHECK_EQ_U64(prefetch(m, 4096, -1, NULL), 0);
   CHECK_EQ_U64(prefetch2(m, 4096, host, 0, NULL), 0);
   /* cudaPointerAttributes had no reserved words. */
   memset(at, 0xA5, sizeof at);
   CHECK_EQ_U64(pointer(at, m), 0);
   CHECK_EQ_U64(int_at(at, 0), 3);
   CHECK(untouched(at, 24, sizeof at));
   CHECK_EQ_U64(release(m), 0);
}

static void
graphs(void)
{
   void *g = NULL, *a = NULL, *b = NULL, *from[4], *to[4];
   size_t n = 4;
   int (*create)(void **, unsigned) = sym("cudaGraphCreate");
   int (*empty)(void **, void *, void *const *, size_t) = sym("cudaGraphAddEmptyNode");
   int (*add)(void *, void *const *, void *const *, size_t) =
      sym("cudaGraphAddDependencies");
   int (*edges)(void *, void **, void **, size_t *) = sym("cudaGraphGetEdges");
   int (*edges2)(void *, void **, void **, void *, size_t *) =
      sym("cudaGraphGetEdges_v2");
   int (*destroy)(void *) = sym("cudaGraphDestroy");
   CHECK_EQ_U64(create(&g, 0), 0);
   CHECK_EQ_U64(empty(&a, g, NULL, 0), 0);
   CHECK_EQ_U64(empty(&b, g, NULL, 0), 0);
   CHECK_EQ_U64(add(g, &a, &b, 1), 0);
   CHECK_EQ_U64(edges(g, from, to, &n), 0);
   CHECK(n == 1 && from[0] == a && to[0] == b);
   n = 4;
   CHECK_EQ_U64(edges2(g, from, to, NULL, &n), 0);
   CHECK_EQ_U64(n, 1);
   CHECK_EQ_U64(destroy(g), 0);
}

static void
capture(void)
{
   void *s = NULL;
   int status = -1;
   unsigned long long id = 0;
   int (*create)(void **) = sym("cudaStreamCreate");
   int (*info)(void *, int *, unsigned long long *) = sym("cudaStreamGetCaptureInfo");
   int (*destroy)(void *) = sym("cudaStreamDestroy");
   CHECK_EQ_U64(create(&s), 0);
   CHECK_EQ_U64(info(s, &status, &id), 0);
   CHECK_EQ_U64(status, 0);
   CHECK_EQ_U64(destroy(s), 0);
}

int
main(int argc, char **argv)
{
   int version = 0;
   lib = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
   if (lib == NULL) {
      fprintf(stderr, "abi12: %s\n", argc == 2 ? dlerror() : "usage: abi12 LIBRARY");
      return 2;
   }
   int (*get_version)(int *) = sym("cudaRuntimeGetVersion");
   int (*synchronize)(void) = sym("cudaThreadSynchronize");
   CHECK_EQ_U64(get_version(&version), 0);
   CHECK(version >= 12000 && version < 13000);
   CHECK_EQ_U64(synchronize(), 0);
   properties();
   memory();
   graphs();
   capture();
   return check_done();
}
