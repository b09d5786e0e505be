/* SPDX-License-Identifier: Apache-2.0
 * The linker interface: PTX is collected, and linked when the result is loaded. What it
 * calls a cubin is an ELF file that holds one fatbin for each input. */
#include "driver_priv.h"

#include <stdio.h>
#include <string.h>

struct drv_link {
   CUlinkState handle;
   struct drv_ctx *ctx;
   struct str texts; /* PTX texts, each with its NUL */
   VEC(size_t) starts;
   VEC(char *) names;
   struct str out;
   struct jit jit; /* its buffers are the caller's until destroy, as CUDA asks */
};

API
cuLinkCreate_v2(unsigned int numOptions, CUjit_option *options, void **optionValues,
                CUlinkState *stateOut)
{
   ENTER(c);
   REQUIRE(stateOut);
   struct jit j;
   CUresult r = jit_init(&j, numOptions, options, optionValues);
   if (r) {
      jit_finish(&j);
      return r;
   }
   struct drv_link *l = base_calloc(1, sizeof *l);
   l->ctx = c;
   l->jit = j;
   jit_report(&l->jit);
   l->handle = HANDLE(H_LINK, l);
   *stateOut = l->handle;
   return CUDA_SUCCESS;
}

static CUresult
find(CUlinkState h, struct drv_link **l)
{
   TRY(driver_initialised());
   *l = FIND(H_LINK, h);
   return *l ? CUDA_SUCCESS : CUDA_ERROR_INVALID_HANDLE;
}

static uint32_t
target(const struct drv_link *l)
{
   return jit_target(&l->jit, l->ctx);
}

static void
take_texts(struct drv_link *l, const struct image *im, const char *name)
{
   for (uint32_t u = 0; u < im->units; u++) {
      const struct image_part *p = image_choose(im, u, target(l));
      if (!p)
         continue;
      vec_push(&l->starts, l->texts.len);
      vec_push(&l->names, base_strdup(p->name ? p->name : name));
      str_append_n(&l->texts, p->ptx, p->size + 1);
   }
}

static CUresult
add_image(struct drv_link *l, CUjitInputType type, const void *data, size_t size,
          const char *name)
{
   struct image im;
   struct str why = {0};
   CUresult r = CUDA_SUCCESS;
   enum image_status st = image_open(&im, data, size, &why);
   bool text = im.parts.len == 1 && !im.parts.data[0].sm && im.parts.data[0].ptx;
   if (st == IMAGE_OK && (type == CU_JIT_INPUT_PTX) == text)
      take_texts(l, &im, name);
   else if (st == IMAGE_OK) {
      str_printf(&l->jit.error.text, "%s: %s\n", name,
                 text ? "PTX text, and was said to be something else" : "not PTX text");
      r = CUDA_ERROR_INVALID_IMAGE;
   } else if (st == IMAGE_NO_PTX && type == CU_JIT_INPUT_LIBRARY)
      str_printf(&l->jit.info.text, "%s: nothing of it is linked: %s\n", name,
                 str_get(&why));
   else {
      str_printf(&l->jit.error.text, "%s: %s\n", name, str_get(&why));
      r = st == IMAGE_NO_PTX ? CUDA_ERROR_NO_BINARY_FOR_GPU : CUDA_ERROR_INVALID_IMAGE;
   }
   str_finish(&why);
   image_finish(&im);
   return r;
}

struct library_input {
   struct drv_link *l;
   CUresult result;
};

/* Of a library the objects count. One without PTX, such as the toolkit's libcudadevrt.a,
 * adds nothing: what it was to define is missed when something needs it. */
static bool
add_member(void *user, const char *name, const void *data, size_t size)
{
   struct library_input *in = user;
   if (size >= 4 && !memcmp(data, "\177ELF", 4))
      in->result = add_image(in->l, CU_JIT_INPUT_LIBRARY, data, size, name);
   return !in->result;
}

static CUresult
add_library(struct drv_link *l, const void *data, size_t size, const char *name)
{
   struct library_input in = {l, CUDA_SUCCESS};
   struct str why = {0};
   if (!image_each_member(data, size, name, add_member, &in, &why) && !in.result) {
      str_printf(&l->jit.error.text, "%s: %s\n", name, str_get(&why));
      in.result = CUDA_ERROR_INVALID_IMAGE;
   }
   str_finish(&why);
   return in.result;
}

static CUresult
add(struct drv_link *l, CUjitInputType type, const void *data, size_t size,
    const char *name)
{
   CUresult r;
   if (type == CU_JIT_INPUT_LIBRARY)
      r = add_library(l, data, size, name);
   else if (type != CU_JIT_INPUT_NVVM)
      r = add_image(l, type, data, size, name);
   else {
      str_printf(&l->jit.error.text, "%s: NVVM IR is not supported; hand over PTX\n",
                 name);
      r = CUDA_ERROR_NOT_SUPPORTED;
   }
   jit_report(&l->jit);
   return r;
}

/* Options of one input hold for it alone, and none of them changes anything: their logs
 * are those of the whole. */
static CUresult
check_options(unsigned n, CUjit_option *options, void **values)
{
   struct jit j;
   CUresult r = jit_init(&j, n, options, values);
   jit_finish(&j);
   return r;
}

API
cuLinkAddData_v2(CUlinkState state, CUjitInputType type, void *data, size_t size,
                 const char *name, unsigned int numOptions, CUjit_option *options,
                 void **optionValues)
{
   struct drv_link *l;
   TRY(find(state, &l));
   REQUIRE(data && size && (unsigned)type < CU_JIT_NUM_INPUT_TYPES);
   TRY(check_options(numOptions, options, optionValues));
   return add(l, type, data, size, name ? name : "link input");
}

API
cuLinkAddFile_v2(CUlinkState state, CUjitInputType type, const char *path,
                 unsigned int numOptions, CUjit_option *options, void **optionValues)
{
   struct drv_link *l;
   TRY(find(state, &l));
   REQUIRE(path && (unsigned)type < CU_JIT_NUM_INPUT_TYPES);
   TRY(check_options(numOptions, options, optionValues));
   char *data;
   size_t size;
   TRY(file_read(path, &data, &size));
   CUresult r = size ? add(l, type, data, size, path) : CUDA_ERROR_INVALID_IMAGE;
   base_free(data);
   return r;
}

API
cuLinkComplete(CUlinkState state, void **cubinOut, size_t *sizeOut)
{
   struct drv_link *l;
   TRY(find(state, &l));
   REQUIRE(cubinOut);
   size_t n = l->starts.len;
   if (!n)
      return CUDA_ERROR_INVALID_VALUE;
   struct image_source *src = base_calloc(n, sizeof *src);
   for (size_t i = 0; i < n; i++) {
      src[i].ptx = l->texts.data + l->starts.data[i];
      src[i].size = strlen(src[i].ptx);
      src[i].sm = target(l);
      src[i].name = l->names.data[i];
   }
   l->out.len = 0;
   bool ok = image_pack_linked(&l->out, src, n);
   base_free(src);
   if (!ok)
      return CUDA_ERROR_INVALID_IMAGE;
   /* Loaded once for its errors: a program that links wants to hear of them now. */
   struct drv_module *m;
   CUresult r = module_from_image(l->ctx, l->out.data, l->out.len, &l->jit, &m);
   jit_report(&l->jit);
   if (r)
      return r;
   module_end(m);
   *cubinOut = l->out.data;
   if (sizeOut)
      *sizeOut = l->out.len;
   return CUDA_SUCCESS;
}

API
cuLinkDestroy(CUlinkState state)
{
   struct drv_link *l;
   TRY(find(state, &l));
   FORGET(state);
   str_finish(&l->texts);
   str_finish(&l->out);
   jit_finish(&l->jit);
   vec_finish(&l->starts);
   for (size_t i = 0; i < l->names.len; i++)
      base_free(l->names.data[i]);
   vec_finish(&l->names);
   base_free(l);
   return CUDA_SUCCESS;
}
