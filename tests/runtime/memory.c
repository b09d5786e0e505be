/* SPDX-License-Identifier: Apache-2.0
 * Memory through the runtime API: every kind of allocation and copy, fills, and what is
 * known of a pointer. */
#include "check.h"

#include <cuda_runtime_api.h>
#include <stdlib.h>

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)
#define N 1000

static void
linear(void)
{
   unsigned char in[N], out[N];
   void *d = NULL, *d2 = NULL;
   for (int i = 0; i < N; i++)
      in[i] = (unsigned char)(i * 7 + 3);
   OK(cudaMalloc(&d, N));
   OK(cudaMalloc(&d2, N));
   CHECK_EQ_U64((uintptr_t)d % 256, 0);
   OK(cudaMemcpy(d, in, N, cudaMemcpyHostToDevice));
   OK(cudaMemcpy(d2, d, N, cudaMemcpyDeviceToDevice));
   memset(out, 0, N);
   OK(cudaMemcpy(out, d2, N, cudaMemcpyDeviceToHost));
   CHECK(memcmp(in, out, N) == 0);
   memset(out, 0, N);
   OK(cudaMemcpy(out, d2, N, cudaMemcpyDefault));
   CHECK(memcmp(in, out, N) == 0);
   memset(out, 0, N);
   OK(cudaMemcpy(out, in, N, cudaMemcpyHostToHost));
   CHECK(memcmp(in, out, N) == 0);
   OK(cudaMemset((char *)d + 10, 0xAB, 20));
   OK(cudaMemcpyAsync(out, d, N, cudaMemcpyDeviceToHost, NULL));
   OK(cudaStreamSynchronize(NULL));
   CHECK(out[9] == in[9] && out[10] == 0xAB && out[29] == 0xAB && out[30] == in[30]);
   OK(cudaMemcpyPeer(d2, 0, d, 0, N));
   OK(cudaMemcpy(in, d2, N, cudaMemcpyDeviceToHost));
   CHECK(memcmp(in, out, N) == 0);
   OK(cudaFree(d));
   OK(cudaFree(d2));
   OK(cudaFree(NULL));
   d = &d;
   OK(cudaMalloc(&d, 0));
   CHECK(d == NULL);
   CHECK_EQ_U64(cudaMalloc(&d, (size_t)1 << 60), cudaErrorMemoryAllocation);
   CHECK_EQ_U64(cudaGetLastError(), cudaErrorMemoryAllocation);
}

static void
rows(void)
{
   enum { W = 37, H = 11 };
   unsigned char in[H][W], out[H][W + 3];
   void *d;
   size_t pitch;
   for (int y = 0; y < H; y++)
      for (int x = 0; x < W; x++)
         in[y][x] = (unsigned char)(y * 31 + x);
   OK(cudaMallocPitch(&d, &pitch, W, H));
   CHECK(pitch >= W && pitch % 32 == 0);
   OK(cudaMemcpy2D(d, pitch, in, W, W, H, cudaMemcpyHostToDevice));
   memset(out, 0xEE, sizeof out);
   OK(cudaMemcpy2DAsync(out, W + 3, d, pitch, W, H, cudaMemcpyDeviceToHost, NULL));
   OK(cudaDeviceSynchronize());
   bool same = true;
   for (int y = 0; y < H; y++)
      same = same && memcmp(in[y], out[y], W) == 0 && out[y][W] == 0xEE;
   CHECK(same);
   OK(cudaMemset2D(d, pitch, 0x5A, 5, 3));
   OK(cudaMemcpy2D(out, W + 3, d, pitch, W, H, cudaMemcpyDeviceToHost));
   CHECK(out[2][4] == 0x5A && out[2][5] == in[2][5] && out[3][4] == in[3][4]);
   OK(cudaFree(d));
}

static void
box(void)
{
   enum { W = 12, H = 5, D = 4 };
   unsigned char in[D][H][W], out[D][H][W];
   struct cudaPitchedPtr p;
   for (int i = 0; i < D * H * W; i++)
      (&in[0][0][0])[i] = (unsigned char)(i * 5 + 1);
   OK(cudaMalloc3D(&p, (struct cudaExtent){W, H, D}));
   CHECK(p.xsize == W && p.ysize == H && p.pitch >= W);
   struct cudaMemcpy3DParms c = {
      .srcPtr = {in, W, W, H},
      .dstPtr = p,
      .extent = {W, H, D},
      .kind = cudaMemcpyHostToDevice,
   };
   OK(cudaMemcpy3D(&c));
   memset(out, 0, sizeof out);
   /* A part: from (2, 1, 1) to (3, 2, 0) of the result. */
   struct cudaMemcpy3DParms part = {
      .srcPtr = p,
      .srcPos = {2, 1, 1},
      .dstPtr = {out, W, W, H},
      .dstPos = {3, 2, 0},
      .extent = {4, 2, 3},
      .kind = cudaMemcpyDeviceToHost,
   };
   OK(cudaMemcpy3D(&part));
   bool right = true;
   for (int z = 0; z < D; z++)
      for (int y = 0; y < H; y++)
         for (int x = 0; x < W; x++) {
            bool inside = x >= 3 && x < 7 && y >= 2 && y < 4 && z < 3;
            right = right && out[z][y][x] == (inside ? in[z + 1][y - 1][x - 1] : 0);
         }
   CHECK(right);
   OK(cudaMemset3D(p, 0x11, (struct cudaExtent){W, 2, D}));
   c = (struct cudaMemcpy3DParms){.srcPtr = p,
                                  .dstPtr = {out, W, W, H},
                                  .extent = {W, H, D},
                                  .kind = cudaMemcpyDeviceToHost};
   OK(cudaMemcpy3DAsync(&c, NULL));
   OK(cudaStreamSynchronize(NULL));
   CHECK(out[3][1][W - 1] == 0x11 && out[3][2][0] == in[3][2][0]);
   /* Nothing is filled at once, however often, and no product of sizes wraps to nothing. */
   OK(cudaMemset3D(p, 1, (struct cudaExtent){0, 1, SIZE_MAX}));
   OK(cudaMemset3D((struct cudaPitchedPtr){0}, 1, (struct cudaExtent){0}));
   p.ysize = (size_t)1 << 33;
   CHECK_EQ_U64(cudaMemset3D(p, 1, (struct cudaExtent){1, p.ysize, p.ysize}),
                cudaErrorInvalidValue);
   CHECK_EQ_U64(cudaGetLastError(), cudaErrorInvalidValue);
   OK(cudaFree(p.ptr));
}

static void
arrays(void)
{
   float in[6][8], out[6][8];
   for (int i = 0; i < 48; i++)
      in[i / 8][i % 8] = (float)i;
   struct cudaChannelFormatDesc d = cudaCreateChannelDesc(32, 0, 0, 0,
                                                          cudaChannelFormatKindFloat),
                                got;
   struct cudaExtent e;
   unsigned flags = 99;
   cudaArray_t a = NULL;
   OK(cudaMallocArray(&a, &d, 8, 6, 0));
   OK(cudaMemcpy2DToArray(a, 0, 0, in, 32, 32, 6, cudaMemcpyHostToDevice));
   memset(out, 0, sizeof out);
   OK(cudaMemcpy2DFromArray(out, 32, a, 0, 0, 32, 6, cudaMemcpyDeviceToHost));
   CHECK(memcmp(in, out, sizeof in) == 0);
   memset(out, 0, sizeof out);
   /* 20 bytes from byte 24 of row 1: two elements there, three of the next row. */
   OK(cudaMemcpyFromArray(out, a, 24, 1, 20, cudaMemcpyDeviceToHost));
   CHECK(out[0][0] == 14 && out[0][1] == 15 && out[0][2] == 16 && out[0][4] == 18 &&
         out[0][5] == 0);
   OK(cudaArrayGetInfo(&got, &e, &flags, a));
   CHECK(got.x == 32 && got.y == 0 && got.f == cudaChannelFormatKindFloat);
   CHECK(e.width == 8 && e.height == 6 && e.depth == 0 && flags == 0);
   struct cudaMemcpy3DParms c = {.srcArray = a,
                                 .srcPos = {2, 3, 0},
                                 .dstPtr = {out, 32, 8, 6},
                                 .extent = {3, 2, 1},
                                 .kind = cudaMemcpyDeviceToHost};
   OK(cudaMemcpy3D(&c));
   CHECK(out[0][0] == 26 && out[0][2] == 28 && out[1][0] == 34 && out[1][2] == 36);
   OK(cudaFreeArray(a));
   d = cudaCreateChannelDesc(8, 8, 8, 0, cudaChannelFormatKindUnsigned);
   CHECK_EQ_U64(cudaMallocArray(&a, &d, 8, 6, 0), cudaErrorInvalidChannelDescriptor);
   cudaGetLastError();
}

static void
host_and_managed(void)
{
   void *h, *d, *m, *r = malloc(4096);
   unsigned flags = 0;
   struct cudaPointerAttributes at;
   int local = 0;
   OK(cudaHostAlloc(&h, 100, cudaHostAllocMapped));
   OK(cudaHostGetDevicePointer(&d, h, 0));
   OK(cudaHostGetFlags(&flags, h));
   CHECK((flags & cudaHostAllocMapped) != 0);
   OK(cudaPointerGetAttributes(&at, h));
   CHECK(at.type == cudaMemoryTypeHost && at.hostPointer == h && at.devicePointer == d);
   OK(cudaFreeHost(h));
   OK(cudaMallocManaged(&m, 100, cudaMemAttachGlobal));
   *(int *)m = 42;
   OK(cudaMemset((char *)m + 4, 1, 4));
   OK(cudaDeviceSynchronize());
   CHECK(((int *)m)[0] == 42 && ((int *)m)[1] == 0x01010101);
   OK(cudaPointerGetAttributes(&at, m));
   CHECK(at.type == cudaMemoryTypeManaged && at.device == 0);
   OK(cudaFree(m));
   CHECK_EQ_U64(cudaMallocManaged(&m, 0, cudaMemAttachGlobal), cudaErrorInvalidValue);
   OK(cudaMalloc(&d, 64));
   OK(cudaPointerGetAttributes(&at, d));
   CHECK(at.type == cudaMemoryTypeDevice && at.devicePointer == d && at.device == 0);
   OK(cudaFree(d));
   OK(cudaPointerGetAttributes(&at, &local));
   CHECK(at.type == cudaMemoryTypeUnregistered && at.devicePointer == NULL);
   OK(cudaHostRegister(r, 4096, cudaHostRegisterDefault));
   CHECK_EQ_U64(cudaHostRegister(r, 4096, 0), cudaErrorHostMemoryAlreadyRegistered);
   OK(cudaPointerGetAttributes(&at, r));
   CHECK(at.type == cudaMemoryTypeHost);
   OK(cudaHostUnregister(r));
   free(r);
   cudaGetLastError();
}

static void
pools(void)
{
   void *p;
   int v[4] = {1, 2, 3, 4}, w[4] = {0};
   cudaMemPool_t pool;
   cudaStream_t s;
   OK(cudaStreamCreate(&s));
   OK(cudaMallocAsync(&p, sizeof v, s));
   OK(cudaMemcpyAsync(p, v, sizeof v, cudaMemcpyHostToDevice, s));
   OK(cudaMemcpyAsync(w, p, sizeof v, cudaMemcpyDeviceToHost, s));
   OK(cudaFreeAsync(p, s));
   OK(cudaStreamSynchronize(s));
   CHECK(memcmp(v, w, sizeof v) == 0);
   OK(cudaDeviceGetDefaultMemPool(&pool, 0));
   unsigned long long threshold = 1 << 20;
   OK(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
   threshold = 0;
   OK(cudaMemPoolGetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
   CHECK_EQ_U64(threshold, 1 << 20);
   OK(cudaStreamDestroy(s));
}

int
main(void)
{
   size_t before, after, total;
   OK(cudaFree(0));
   OK(cudaMemGetInfo(&before, &total));
   CHECK(before <= total && total > 0);
   linear();
   rows();
   box();
   arrays();
   host_and_managed();
   OK(cudaMemGetInfo(&after, &total));
   CHECK_EQ_U64(after, before); /* nothing is left */
   pools();
   return check_done();
}
