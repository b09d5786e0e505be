/* SPDX-License-Identifier: Apache-2.0
 * __managed__ variables of Kasuri's own front end: the host's variables, in a section of
 * their own, are what the device sees. */
#include "check.h"
#include "fatbin.h"

#include <cuda_runtime_api.h>

void __kasuriRegisterManagedRange(void *, void *);
void **__cudaRegisterFatBinary(void *);
void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *,
                            void *, void *, void *, int *);
void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int);
void __cudaRegisterFatBinaryEnd(void **);
void __cudaUnregisterFatBinary(void **);

#define OK(call) CHECK_EQ_U64((call), cudaSuccess)

static const char ptx[] =
   ".version 8.0\n.target sm_70\n.address_size 64\n"
   ".visible .global .align 4 .u32 count = 40;\n"
   ".visible .global .align 8 .u64 where = generic(count);\n"
   ".visible .entry add(.param .u32 n)\n{\n.reg .b32 %r<4>;\n.reg .b64 %rd<2>;\n"
   "ld.param.u32 %r1, [n];\nld.global.u32 %r2, [count];\nadd.u32 %r3, %r1, %r2;\n"
   "ld.global.u64 %rd1, [where];\nst.u32 [%rd1], %r3;\nret;\n}\n";

static struct {
   unsigned count, dropped;
} managed = {0, 1};
static char add, where;

int
main(void)
{
   unsigned n = 2, v = 0;
   void *args[] = {&n}, *p = NULL;
   dim3 one = {1, 1, 1};
   struct cudaPointerAttributes at;
   __kasuriRegisterManagedRange(&managed, &managed + 1);
   void **h = __cudaRegisterFatBinary(fatbin_of_ptx(ptx));
   __cudaRegisterFunction(h, &add, &add, "add", -1, 0, 0, 0, 0, 0);
   __cudaRegisterVar(h, (char *)&managed.count, 0, "count", 0, 4, 0, 0);
   __cudaRegisterVar(h, (char *)&managed.dropped, 0, "dropped", 0, 4, 0, 0);
   __cudaRegisterVar(h, &where, 0, "where", 0, 8, 0, 0);
   __cudaRegisterFatBinaryEnd(h);
   CHECK_EQ_U64(managed.count, 40); /* before anything else */
   CHECK_EQ_U64(managed.dropped, 1);
   OK(cudaGetLastError());
   OK(cudaLaunchKernel(&add, one, one, args, 0, NULL));
   OK(cudaDeviceSynchronize());
   CHECK_EQ_U64(managed.count, 42);
   managed.count = 100;
   OK(cudaLaunchKernel(&add, one, one, args, 0, NULL));
   OK(cudaDeviceSynchronize());
   CHECK_EQ_U64(managed.count, 102);
   OK(cudaGetSymbolAddress(&p, &managed.count));
   CHECK(p == &managed.count);
   OK(cudaPointerGetAttributes(&at, &managed.count));
   CHECK_EQ_U64(at.type, cudaMemoryTypeManaged);
   v = 7;
   OK(cudaMemcpyToSymbol(&managed.count, &v, 4, 0, cudaMemcpyHostToDevice));
   CHECK_EQ_U64(managed.count, 7);
   __cudaUnregisterFatBinary(h);
   CHECK_EQ_U64(managed.count, 7);
   return check_done();
}
