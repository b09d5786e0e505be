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
   unsigned noptions;
   CUjit_option *options; /* the caller's, valid until destroy, as CUDA asks */
   void **values;
};

API
cuLinkCreate_v2(unsigned int numOptions, CUjit_option *options, void **optionValues,
                CUlinkState *stateOut)
{
   ENTER(c);
   REQUIRE(stateOut && (!numOptions || (options && optionValues)));
   struct drv_link *l = base_calloc(1, sizeof *l);
   l->ctx = c;
   l->noptions = numOptions;
   l->options = options;
   l->values = optionValues;
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
   return device_props(device_ctx_device(l->ctx->dev))->sm;
}

static CUresult
add_image(struct drv_link *l, const void *data, size_t size, const char *name)
{
   struct image im;
   struct str why = {0};
   enum image_status st = image_open(&im, data, size, &why);
   CUresult r = st == IMAGE_OK       ? CUDA_SUCCESS
                : st == IMAGE_NO_PTX ? CUDA_ERROR_NO_BINARY_FOR_GPU
                                     : CUDA_ERROR_INVALID_IMAGE;
   if (r)
      fprintf(stderr, "kasuri: %s: %s\n", name ? name : "link input", str_get(&why));
   for (uint32_t u = 0; !r && u < im.units; u++) {
      const struct image_part *p = image_choose(&im, u, target(l));
      if (!p)
         continue;
      vec_push(&l->starts, l->texts.len);
      vec_push(&l->names, base_strdup(name ? name : "link input"));
      str_append_n(&l->texts, p->ptx, p->size + 1);
   }
   str_finish(&why);
   image_finish(&im);
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
   if (type == CU_JIT_INPUT_NVVM)
      return CUDA_ERROR_NOT_SUPPORTED;
   return add_image(l, data, size, name);
}

API
cuLinkAddFile_v2(CUlinkState state, CUjitInputType type, const char *path,
                 unsigned int numOptions, CUjit_option *options, void **optionValues)
{
   struct drv_link *l;
   TRY(find(state, &l));
   REQUIRE(path && (unsigned)type < CU_JIT_NUM_INPUT_TYPES);
   if (type == CU_JIT_INPUT_NVVM)
      return CUDA_ERROR_NOT_SUPPORTED;
   char *data;
   size_t size;
   TRY(file_read(path, &data, &size));
   CUresult r = size ? add_image(l, data, size, path) : CUDA_ERROR_INVALID_IMAGE;
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
   TRY(module_from_image(l->ctx, l->out.data, l->out.len, l->noptions, l->options,
                         l->values, &m));
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
   vec_finish(&l->starts);
   for (size_t i = 0; i < l->names.len; i++)
      base_free(l->names.data[i]);
   vec_finish(&l->names);
   base_free(l);
   return CUDA_SUCCESS;
}
