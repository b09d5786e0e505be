/* SPDX-License-Identifier: Apache-2.0
 * Options of loading and linking: their outputs and logs, what the linker takes and what
 * it refuses, and that what it made runs. */
#include "driver_kernels.h"

#include "check.h"
#include "image/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char caller[] = PTX_HEAD ".extern .func (.param .b32 r) seven();\n"
                                      ".visible .entry store(.param .u64 p)\n{\n"
                                      ".reg .b32 %r<2>;\n.reg .b64 %rd<2>;\n"
                                      ".param .b32 r;\n"
                                      "ld.param.u64 %rd1, [p];\n"
                                      "call (r), seven;\n"
                                      "ld.param.b32 %r1, [r];\n"
                                      "st.global.u32 [%rd1], %r1;\nret;\n}\n";
static const char callee[] = PTX_HEAD ".visible .func (.param .b32 r) seven()\n{\n"
                                      "st.param.b32 [r], 7;\nret;\n}\n";
static const char bad[] = PTX_HEAD ".visible .entry k()\n{\n   frobnicate.b32 %r1;\n}\n";

static void
outputs(void)
{
   CUmodule m;
   char info[400] = "untouched", error[400] = "untouched";
   float ms = -1;
   CUjit_option o[] = {CU_JIT_WALL_TIME,
                       CU_JIT_INFO_LOG_BUFFER,
                       CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
                       CU_JIT_ERROR_LOG_BUFFER,
                       CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
                       CU_JIT_LOG_VERBOSE,
                       CU_JIT_MAX_REGISTERS,
                       CU_JIT_OPTIMIZATION_LEVEL,
                       CU_JIT_TARGET_FROM_CUCONTEXT,
                       CU_JIT_FALLBACK_STRATEGY,
                       CU_JIT_GENERATE_DEBUG_INFO,
                       CU_JIT_GENERATE_LINE_INFO,
                       CU_JIT_CACHE_MODE,
                       CU_JIT_THREADS_PER_BLOCK};
   void *v[] = {NULL,
                info,
                (void *)sizeof info,
                error,
                (void *)sizeof error,
                (void *)1,
                (void *)32,
                (void *)4,
                NULL,
                (void *)CU_PREFER_BINARY,
                (void *)1,
                (void *)1,
                (void *)CU_JIT_CACHE_OPTION_CA,
                (void *)128};
   OK(cuModuleLoadDataEx(&m, callee, 14, o, v));
   memcpy(&ms, &v[0], sizeof ms);
   CHECK(ms >= 0 && ms < 60e3);
   CHECK_STR(info, "");
   CHECK_STR(error, "");
   CHECK_EQ_U64((uintptr_t)v[2], 0);
   CHECK_EQ_U64((uintptr_t)v[4], 0);
   CHECK_EQ_U64((uintptr_t)v[13], 128);
   OK(cuModuleUnload(m));
   static const char kernel[] = PTX_HEAD ".visible .entry k()\n{\n"
                                         ".shared .b8 s[48];\n.reg .b32 %r1;\n"
                                         "mov.u32 %r1, s;\nst.shared.u32 [%r1], 1;\n"
                                         "ret;\n}\n";
   v[2] = (void *)sizeof info;
   v[4] = (void *)sizeof error;
   OK(cuModuleLoadDataEx(&m, kernel, 14, o, v));
   CHECK(strstr(info, "kernel 'k': 48 bytes of shared"));
   CHECK_EQ_U64((uintptr_t)v[2], strlen(info));
   OK(cuModuleUnload(m));
}

static void
bad_values(void)
{
   static const struct {
      CUjit_option option;
      uintptr_t value;
   } wrong[] = {
      {CU_JIT_OPTIMIZATION_LEVEL, 5},
      {CU_JIT_FALLBACK_STRATEGY, 2},
      {CU_JIT_CACHE_MODE, 3},
      {CU_JIT_TARGET, 12},
      {CU_JIT_TARGET, 0},
      {CU_JIT_NUM_OPTIONS, 0},
   };
   CUmodule m;
   CUlibrary lib;
   CUlinkState l;
   for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
      CUjit_option o = wrong[i].option;
      void *v = (void *)wrong[i].value;
      IS(cuModuleLoadDataEx(&m, callee, 1, &o, &v), CUDA_ERROR_INVALID_VALUE);
      IS(cuLibraryLoadData(&lib, callee, &o, &v, 1, NULL, NULL, 0),
         CUDA_ERROR_INVALID_VALUE);
      IS(cuLinkCreate(1, &o, &v, &l), CUDA_ERROR_INVALID_VALUE);
   }
   CUjit_option o[] = {CU_JIT_TARGET, CU_JIT_THREADS_PER_BLOCK};
   void *v[] = {(void *)80, (void *)64};
   IS(cuModuleLoadDataEx(&m, callee, 2, o, v), CUDA_ERROR_INVALID_VALUE);
   IS(cuModuleLoadDataEx(&m, callee, 1, NULL, v), CUDA_ERROR_INVALID_VALUE);
   IS(cuModuleLoadDataEx(&m, callee, 1, o, NULL), CUDA_ERROR_INVALID_VALUE);
   OK(cuModuleLoadDataEx(&m, callee, 1, o, v));
   OK(cuModuleUnload(m));
}

/* CU_JIT_TARGET picks the PTX of a fatbin that such a device would take. */
static void
target(void)
{
   static const char *const names[] = {"old", "new"};
   char ptx[2][200];
   struct image_source src[2];
   struct str out = {0};
   for (int i = 0; i < 2; i++) {
      snprintf(ptx[i], sizeof ptx[i], PTX_HEAD ".visible .entry %s() { ret; }\n",
               names[i]);
      src[i] =
         (struct image_source){.ptx = ptx[i], .size = strlen(ptx[i]), .sm = i ? 90 : 75};
   }
   CHECK(image_pack(&out, src, 2, IMAGE_STORE));
   CUmodule m;
   CUfunction f;
   CUjit_option o = CU_JIT_TARGET;
   void *v = (void *)80;
   OK(cuModuleLoadDataEx(&m, out.data, 1, &o, &v));
   OK(cuModuleGetFunction(&f, m, "old"));
   IS(cuModuleGetFunction(&f, m, "new"), CUDA_ERROR_NOT_FOUND);
   OK(cuModuleUnload(m));
   OK(cuModuleLoadData(&m, out.data));
   OK(cuModuleGetFunction(&f, m, "new"));
   OK(cuModuleUnload(m));
   str_finish(&out);
}

static void
run_linked(const void *cubin)
{
   CUmodule m;
   CUfunction f;
   CUdeviceptr p;
   unsigned value = 0;
   OK(cuModuleLoadData(&m, cubin));
   OK(cuModuleGetFunction(&f, m, "store"));
   OK(cuMemAlloc(&p, 4));
   OK(cuLaunchKernel(f, 1, 1, 1, 1, 1, 1, 0, NULL, (void *[]){&p}, NULL));
   OK(cuMemcpyDtoH(&value, p, 4));
   CHECK_EQ_U64(value, 7);
   OK(cuMemFree(p));
   OK(cuModuleUnload(m));
}

/* An ELF file that holds the PTX, as in an object or a cubin. */
static void
elf_of(const char *ptx, struct str *out)
{
   struct image_source s = {.ptx = ptx, .size = strlen(ptx), .sm = 70};
   CHECK(image_pack_linked(out, &s, 1));
}

static void
add_member(struct str *ar, const char *name, const void *data, size_t n)
{
   str_printf(ar, "%-16s%-12d%-6d%-6d%-8d%-10zu`\n", name, 0, 0, 0, 644, n);
   str_append_n(ar, data, n);
   if (n & 1)
      str_append(ar, "\n");
}

static void
inputs(void)
{
   struct str fatbin = {0}, object = {0}, library = {0};
   struct image_source s = {.ptx = callee, .size = sizeof callee - 1, .sm = 70};
   CHECK(image_pack(&fatbin, &s, 1, IMAGE_ZSTD));
   elf_of(callee, &object);
   str_append(&library, "!<arch>\n");
   add_member(&library, "/", "index", 5);
   add_member(&library, "note.txt/", "not an object", 13);
   add_member(&library, "seven.o/", object.data, object.len);
   const struct {
      CUjitInputType type;
      const void *data;
      size_t size;
   } in[] = {
      {CU_JIT_INPUT_PTX, callee, sizeof callee},
      {CU_JIT_INPUT_PTX, callee, sizeof callee - 1},
      {CU_JIT_INPUT_FATBINARY, fatbin.data, fatbin.len},
      {CU_JIT_INPUT_CUBIN, object.data, object.len},
      {CU_JIT_INPUT_OBJECT, object.data, object.len},
      {CU_JIT_INPUT_LIBRARY, library.data, library.len},
   };
   char file[] = "/tmp/kasuri-jit-XXXXXX";
   int fd = mkstemp(file);
   CHECK(fd >= 0);
   for (size_t i = 0; i < sizeof in / sizeof *in; i++)
      for (int by_file = 0; by_file < 2; by_file++) {
         CUlinkState l;
         void *cubin;
         size_t size;
         OK(cuLinkCreate(0, NULL, NULL, &l));
         OK(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)caller, sizeof caller, "caller", 0,
                          NULL, NULL));
         if (by_file) {
            CHECK(ftruncate(fd, 0) == 0 &&
                  pwrite(fd, in[i].data, in[i].size, 0) == (ssize_t)in[i].size);
            OK(cuLinkAddFile(l, in[i].type, file, 0, NULL, NULL));
         } else
            OK(cuLinkAddData(l, in[i].type, (void *)in[i].data, in[i].size, "callee", 0,
                             NULL, NULL));
         OK(cuLinkComplete(l, &cubin, &size));
         run_linked(cubin);
         OK(cuLinkDestroy(l));
      }
   close(fd);
   unlink(file);
   str_finish(&fatbin);
   str_finish(&object);
   str_finish(&library);
}

static void
refusals(void)
{
   char error[1000];
   CUjit_option o[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
                       CU_JIT_WALL_TIME};
   void *v[] = {error, (void *)sizeof error, NULL};
   CUlinkState l;
   void *cubin;
   size_t size;
   OK(cuLinkCreate(3, o, v, &l));
   CHECK_STR(error, "");
   /* nvcc's cubin: machine code of a GPU in an ELF file of machine 190 */
   unsigned char sass[64] = {0x7f, 'E',      'L',        'F',      2,         1,
                             1,    [16] = 2, [18] = 190, [20] = 1, [52] = 64, [58] = 64};
   IS(cuLinkAddData(l, CU_JIT_INPUT_CUBIN, sass, sizeof sass, "k.cubin", 0, NULL, NULL),
      CUDA_ERROR_NO_BINARY_FOR_GPU);
   CHECK(strstr(error, "k.cubin: no PTX in the image, only code for NVIDIA's GPUs"));
   CHECK(strstr(error, "code=compute_"));
   IS(cuLinkAddData(l, CU_JIT_INPUT_NVVM, sass, sizeof sass, "k.bc", 0, NULL, NULL),
      CUDA_ERROR_NOT_SUPPORTED);
   CHECK(strstr(error, "k.cubin") && strstr(error, "k.bc: NVVM IR is not supported"));
   CHECK_EQ_U64((uintptr_t)v[1], strlen(error));
   IS(cuLinkAddData(l, CU_JIT_INPUT_PTX, sass, sizeof sass, "x", 0, NULL, NULL),
      CUDA_ERROR_NO_BINARY_FOR_GPU);
   IS(cuLinkAddData(l, CU_JIT_INPUT_CUBIN, (void *)callee, sizeof callee, "t", 0, NULL,
                    NULL),
      CUDA_ERROR_INVALID_IMAGE);
   CHECK(strstr(error, "t: PTX text, and was said to be something else"));
   IS(cuLinkAddData(l, CU_JIT_INPUT_LIBRARY, "!<arch>\nrubbish", 15, "a", 0, NULL, NULL),
      CUDA_ERROR_INVALID_IMAGE);
   IS(cuLinkAddFile(l, CU_JIT_INPUT_PTX, "there/is/no/such.ptx", 0, NULL, NULL),
      CUDA_ERROR_FILE_NOT_FOUND);
   IS(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)callee, sizeof callee, "c", 1, NULL,
                    NULL),
      CUDA_ERROR_INVALID_VALUE);
   OK(cuLinkAddData(l, CU_JIT_INPUT_PTX, (void *)bad, sizeof bad, "bad.ptx", 0, NULL,
                    NULL));
   IS(cuLinkComplete(l, &cubin, &size), CUDA_ERROR_INVALID_PTX);
   CHECK(strstr(error, "bad.ptx:6:") && strstr(error, "frobnicate"));
   OK(cuLinkDestroy(l));
}

int
main(void)
{
   test_begin();
   outputs();
   bad_values();
   target();
   inputs();
   refusals();
   return check_done();
}
