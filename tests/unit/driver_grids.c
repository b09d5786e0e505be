/* SPDX-License-Identifier: Apache-2.0
 * Grids as a whole: blocks that wait for each other with and without a cooperative
 * launch, look-back in ascending order, clusters, printf's place, and malloc in kernels.
 */
#include "driver_kernels.h"

#include <stdlib.h>
#include <unistd.h>

/* barrier: every block adds 1 to p[0] and waits until all have; then each stores p[0] at
 * p[1 + block]. chain: block b waits for p[b] to become b, then sets p[b + 1] = b + 1.
 * ranks: each block stores its rank and its cluster's number. says: prints its block.
 * heap: stores what malloc(n) gives. */
static const char ptx[] = PTX_HEAD
   ".extern .func (.param .b32 r) vprintf(.param .b64 f, .param .b64 a);\n"
   ".extern .func (.param .b64 r) malloc(.param .b64 n);\n"
   ".global .align 1 .b8 text[12] = {98, 108, 111, 99, 107, 32, 37, 100, 10, 0};\n"
   ".visible .entry barrier(.param .u64 p)\n{\n"
   "   .reg .pred %p<3>; .reg .b32 %r<9>; .reg .b64 %rd<5>;\n"
   "   ld.param.u64 %rd1, [p]; mov.u32 %r1, %tid.x; setp.ne.u32 %p1, %r1, 0;\n"
   "   mov.u32 %r4, %nctaid.x;\n"
   "   @%p1 bra after;\n"
   "   atom.global.add.u32 %r2, [%rd1], 1;\n"
   "wait:\n"
   "   ld.volatile.global.u32 %r3, [%rd1];\n"
   "   setp.lt.u32 %p2, %r3, %r4;\n"
   "   @%p2 bra wait;\n"
   "after:\n"
   "   bar.sync 0;\n"
   "   mov.u32 %r5, %ctaid.x; mul.wide.u32 %rd2, %r5, 4; add.s64 %rd3, %rd1, %rd2;\n"
   "   ld.volatile.global.u32 %r6, [%rd1]; st.global.u32 [%rd3+4], %r6;\n"
   "   ret;\n}\n"
   ".visible .entry chain(.param .u64 p)\n{\n"
   "   .reg .pred %p<3>; .reg .b32 %r<9>; .reg .b64 %rd<5>;\n"
   "   ld.param.u64 %rd1, [p]; mov.u32 %r1, %ctaid.x;\n"
   "   mul.wide.u32 %rd2, %r1, 4; add.s64 %rd3, %rd1, %rd2;\n"
   "wait:\n"
   "   ld.volatile.global.u32 %r2, [%rd3];\n"
   "   setp.ne.u32 %p1, %r2, %r1;\n"
   "   @%p1 bra wait;\n"
   "   add.u32 %r3, %r1, 1;\n"
   "   st.volatile.global.u32 [%rd3+4], %r3;\n"
   "   ret;\n}\n"
   ".visible .entry ranks(.param .u64 p)\n{\n"
   "   .reg .b32 %r<9>; .reg .b64 %rd<5>;\n"
   "   ld.param.u64 %rd1, [p]; mov.u32 %r1, %ctaid.x; mov.u32 %r2, %cluster_ctarank;\n"
   "   mov.u32 %r3, %clusterid.x; mov.u32 %r4, %cluster_nctarank;\n"
   "   mul.wide.u32 %rd2, %r1, 16; add.s64 %rd3, %rd1, %rd2;\n"
   "   st.global.u32 [%rd3], %r2; st.global.u32 [%rd3+4], %r3;\n"
   "   st.global.u32 [%rd3+8], %r4;\n"
   "   ret;\n}\n"
   ".visible .entry says()\n{\n"
   "   .local .align 8 .b8 frame[8]; .reg .b32 %r<3>; .reg .b64 %rd<5>;\n"
   "   mov.u64 %rd1, frame; cvta.local.u64 %rd2, %rd1; mov.u32 %r1, %ctaid.x;\n"
   "   st.local.u32 [%rd1], %r1;\n"
   "   mov.u64 %rd3, text; cvta.global.u64 %rd4, %rd3;\n"
   "   {\n   .param .b64 f; .param .b64 a; .param .b32 r;\n"
   "   st.param.b64 [f], %rd4; st.param.b64 [a], %rd2;\n"
   "   call.uni (r), vprintf, (f, a);\n   }\n   ret;\n}\n"
   ".visible .entry heap(.param .u64 p, .param .u64 n)\n{\n"
   "   .reg .b64 %rd<5>;\n   ld.param.u64 %rd1, [p]; ld.param.u64 %rd2, [n];\n"
   "   {\n   .param .b64 in; .param .b64 out;\n   st.param.b64 [in], %rd2;\n"
   "   call.uni (out), malloc, (in);\n   ld.param.b64 %rd3, [out];\n   }\n"
   "   st.global.u64 [%rd1], %rd3;\n   ret;\n}\n";

static CUmodule mod;
static CUdeviceptr d;

static CUfunction
find(const char *name)
{
   CUfunction f = NULL;
   OK(cuModuleGetFunction(&f, mod, name));
   return f;
}

static void
barriers(void)
{
   unsigned v[64];
   void *args[] = {&d};
   int sms;
   OK(cuDeviceGetAttribute(&sms, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 0));
   for (unsigned blocks = 1; blocks <= 24; blocks += 23)
      for (int cooperative = 0; cooperative < 2; cooperative++) {
         OK(cuMemsetD32(d, 0, 64));
         if (cooperative)
            OK(cuLaunchCooperativeKernel(find("barrier"), blocks, 1, 1, 32, 1, 1, 0, NULL,
                                         args));
         else
            OK(cuLaunchKernel(find("barrier"), blocks, 1, 1, 32, 1, 1, 0, NULL, args,
                              NULL));
         OK(cuMemcpyDtoH(v, d, sizeof v));
         unsigned wrong = 0;
         for (unsigned i = 0; i <= blocks; i++)
            wrong += v[i] != blocks;
         CHECK_EQ_U64(wrong, 0);
      }
}

static void
look_back(void)
{
   enum { BLOCKS = 3000 };
   static unsigned v[BLOCKS + 1];
   CUdeviceptr p;
   OK(cuMemAlloc(&p, sizeof v));
   OK(cuMemsetD32(p, 0xffffffff, BLOCKS + 1));
   OK(cuMemsetD32(p, 0, 1));
   void *args[] = {&p};
   OK(cuLaunchKernel(find("chain"), BLOCKS, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
   OK(cuMemcpyDtoH(v, p, sizeof v));
   unsigned wrong = 0;
   for (unsigned i = 0; i <= BLOCKS; i++)
      wrong += v[i] != i;
   CHECK_EQ_U64(wrong, 0);
   OK(cuMemFree(p));
}

static void
clusters(void)
{
   unsigned v[12][4];
   void *args[] = {&d};
   CUlaunchAttribute a = {.id = CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION};
   a.value.clusterDim.x = 4;
   a.value.clusterDim.y = a.value.clusterDim.z = 1;
   CUlaunchConfig c = {.gridDimX = 12,
                       .gridDimY = 1,
                       .gridDimZ = 1,
                       .blockDimX = 1,
                       .blockDimY = 1,
                       .blockDimZ = 1,
                       .attrs = &a,
                       .numAttrs = 1};
   OK(cuLaunchKernelEx(&c, find("ranks"), args, NULL));
   OK(cuMemcpyDtoH(v, d, sizeof v));
   for (unsigned i = 0; i < 12; i++)
      CHECK(v[i][0] == i % 4 && v[i][1] == i / 4 && v[i][2] == 4);
}

/* What kernels print appears when the host synchronises: after what the host printed
 * between launch and synchronisation, before what it prints next. */
static void
printing(void)
{
   char line[3][64] = {{0}};
   char path[] = "/tmp/kasuri_driver_grids_XXXXXX";
   int fd = mkstemp(path);
   fflush(stdout);
   int out = dup(1);
   dup2(fd, 1);
   OK(cuLaunchKernel(find("says"), 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL));
   printf("launched\n");
   OK(cuCtxSynchronize());
   printf("done\n");
   fflush(stdout);
   dup2(out, 1);
   FILE *f = fdopen(fd, "r");
   rewind(f);
   for (int i = 0; i < 3; i++)
      CHECK(fgets(line[i], sizeof line[i], f) != NULL);
   fclose(f);
   unlink(path);
   CHECK_STR(line[0], "launched\n");
   CHECK_STR(line[1], "block 0\n");
   CHECK_STR(line[2], "done\n");
}

static void
heap(void)
{
   unsigned long long p, n = 1 << 20;
   void *args[] = {&d, &n};
   CUfunction f = find("heap");
   OK(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
   OK(cuMemcpyDtoH(&p, d, 8));
   CHECK(p && p % 16 == 0);
   n = 8 << 20; /* with what is taken, more than the limit of 8 MiB */
   OK(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
   OK(cuMemcpyDtoH(&p, d, 8));
   CHECK_EQ_U64(p, 0);
   OK(cuCtxSetLimit(CU_LIMIT_MALLOC_HEAP_SIZE, 32 << 20));
   OK(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, args, NULL));
   OK(cuMemcpyDtoH(&p, d, 8));
   CHECK(p != 0);
   size_t limit;
   OK(cuCtxGetLimit(&limit, CU_LIMIT_MALLOC_HEAP_SIZE));
   CHECK_EQ_U64(limit, 32 << 20);
}

int
main(void)
{
   setenv("KASURI_THREADS", "3", 0);
   OK(cuInit(0));
   OK(cuCtxCreate(&test_ctx, NULL, 0, 0));
   OK(cuModuleLoadData(&mod, ptx));
   OK(cuMemAlloc(&d, 4096));
   barriers();
   look_back();
   clusters();
   printing();
   heap();
   OK(cuCtxDestroy(test_ctx));
   return check_done();
}
