/* SPDX-License-Identifier: Apache-2.0
 * Functions by the names of a runtime linked into a program, each of which ends it: what
 * must never be entered. FORM 12 or 13 gives the names that tell the versions apart. */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define LOCAL __attribute__((visibility("hidden"), noinline))

static int
entered(const char *name)
{
   fprintf(stderr, "entered %s\n", name);
   exit(99);
}

LOCAL void **
__cudaRegisterFatBinary(void *p)
{
   entered(__func__);
   return p;
}

LOCAL void
__cudaUnregisterFatBinary(void **p)
{
   (void)p;
   entered(__func__);
}

LOCAL int
cudaRuntimeGetVersion(int *v)
{
   return entered(__func__) + *v;
}

LOCAL int
cudaMalloc(void **p, size_t size)
{
   return entered(__func__) + (p != NULL) + (int)size;
}

LOCAL int
cudaMemset(void *p, int value, size_t size)
{
   return entered(__func__) + value + (p != NULL) + (int)size;
}

LOCAL int
cudaFree(void *p)
{
   return entered(__func__) + (p != NULL);
}

#ifdef __x86_64__
/* A function shorter than a jump, with padding after it; it answers 77. */
int cudaProfilerStop(void);
__asm__(".text\n.p2align 4\n.globl cudaProfilerStop\n.hidden cudaProfilerStop\n"
        ".type cudaProfilerStop, @function\ncudaProfilerStop:\n"
        "   pushq $77\n   popq %rax\n   ret\n"
        ".size cudaProfilerStop, . - cudaProfilerStop\n.p2align 4\n");
#else
LOCAL int
cudaProfilerStop(void)
{
   return entered(__func__);
}
#endif

#if FORM == 12
LOCAL int
cudaGetDeviceProperties_v2(void *p, int device)
{
   return entered(__func__) + device + (p != NULL);
}
#elif FORM == 13
LOCAL int
cudaDeviceGetHostAtomicCapabilities(unsigned *c, const void *ops, unsigned n, int device)
{
   return entered(__func__) + device + (c && ops) + (int)n;
}
#endif

/* As the compiler does: registered before main, from a constructor. */
__attribute__((section(".nv_fatbin"), used)) static const char code[16] = {1};
static struct {
   int magic, version;
   const void *data;
   void *p;
} wrapper
   __attribute__((section(".nvFatBinSegment"), used)) = {0x466243b1, 1, code, NULL};
static void **handle;

__attribute__((constructor)) static void
start(void)
{
   handle = __cudaRegisterFatBinary(&wrapper);
}

__attribute__((destructor)) static void
end(void)
{
   __cudaUnregisterFatBinary(handle);
}

__attribute__((visibility("default"))) int
#ifdef PLUGIN
plugin(void)
#else
main(void)
#endif
{
   int v = 0;
   unsigned char *p = NULL;
   int e = cudaRuntimeGetVersion(&v);
   e = e ? e : cudaMalloc((void **)&p, 1000);
   e = e ? e : cudaMemset(p, 7, 1000);
   int sum = 0;
   for (int i = 0; !e && i < 1000; i++)
      sum += p[i];
   e = e ? e : cudaFree(p);
   e = e ? e : cudaProfilerStop();
   printf("status %d, version %d, sum %d\n", e, v, sum);
   fflush(stdout);
#if FORM == 12
   if (v < 0)
      cudaGetDeviceProperties_v2(NULL, 0);
#elif FORM == 13
   if (v < 0)
      cudaDeviceGetHostAtomicCapabilities(NULL, NULL, 0, 0);
#endif
   return e;
}
