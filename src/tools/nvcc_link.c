/* SPDX-License-Identifier: Apache-2.0
 * The links at the end of `kasuri nvcc`: archives, the device link (nvcc_device.c) of
 * what was compiled apart, the host's link. */
#include "tools/nvcc_priv.h"

#include <string.h>

/* What programs must be linked with to use these very libraries (a sanitizer's runtime);
 * no such file is there as a rule. */
static void
add_library_flags(struct strings *a)
{
   char *path = tool_printf("%s/lib64/link-flags", tool_cuda_folder());
   char *words = tool_read_file(path, NULL);
   if (words) {
      words[strcspn(words, "\n")] = 0;
      strings_add_split(a, words, ' ');
   }
   base_free(words);
   base_free(path);
}

static bool
is_device_image(const struct nvcc_job *j, const char *path)
{
   enum nvcc_input kind = nvcc_input_kind(j, path);
   return kind == NVCC_PTX_TEXT || kind == NVCC_IMAGE;
}

/* The archive that -lNAME means: a shared library of a folder comes first, as the host's
 * linker has it. NULL where it is neither in a folder given by -L. */
static char *
find_archive(const struct nvcc_job *j, const char *name)
{
   for (size_t i = 0; i < j->link.v.len; i++) {
      const char *word = j->link.v.data[i];
      if (strncmp(word, "-L", 2))
         continue;
      char *shared = tool_printf("%s/lib%s.so", word + 2, name);
      char *archive = *name == ':' ? tool_printf("%s/%s", word + 2, name + 1)
                                   : tool_printf("%s/lib%s.a", word + 2, name);
      bool stop = tool_exists(shared), found = !stop && tool_exists(archive);
      base_free(shared);
      if (found)
         return archive;
      base_free(archive);
      if (stop)
         return NULL;
   }
   return NULL;
}

/* Files that may hold device code: objects, archives, images; no shared libraries. */
static void
list_device_files(const struct nvcc_job *j, const struct strings *objects,
                  struct strings *files)
{
   size_t input = 0;
   for (size_t i = 0; i < j->link.v.len; i++) {
      const char *word = j->link.v.data[i];
      if (!strcmp(word, NVCC_INPUT_MARK)) {
         const char *path = objects->v.data[input++];
         if (strcmp(tool_extension(path), ".so") && !strstr(tool_basename(path), ".so."))
            strings_add(files, path);
      } else if (!strncmp(word, "-l", 2)) {
         char *archive = find_archive(j, word + 2);
         if (archive)
            strings_add(files, archive);
         base_free(archive);
      } else if (!strncmp(word, "-Wl,", 4) && strchr(".oa", word[strlen(word) - 1]) &&
                 word[4] != '-' && tool_exists(word + 4))
         strings_add(files, word + 4);
   }
}

static void
add_runtime(const struct nvcc_job *j, struct strings *a)
{
   strings_addf(a, "-L%s/lib64", tool_cuda_folder());
   strings_addf(a, "-Wl,-rpath,%s/lib64", tool_cuda_folder());
   if (!j->cudart || !strcmp(j->cudart, "static"))
      strings_add(a, "-lcudart_static");
   else if (!strcmp(j->cudart, "shared"))
      strings_add(a, "-lcudart");
   static const char *const rest[] = {"-ldl", "-lrt", "-lpthread"};
   for (size_t i = 0; i < ARRAY_LEN(rest); i++)
      strings_add(a, rest[i]);
}

/* As nvcc has it, libraries are one group: their order is no matter. */
static int
link_host(struct nvcc_job *j, const struct strings *objects, const char *device,
          const char *output)
{
   struct strings a = {0};
   char *lld = tool_which("ld.lld-19");
   size_t input = 0;
   strings_add(&a, tool_clang());
   if (lld)
      strings_addf(&a, "--ld-path=%s", lld);
   base_free(lld);
   if (j->shared)
      strings_add(&a, "-shared");
   if (j->relocatable_link)
      strings_add(&a, "-r");
   else
      add_library_flags(&a);
   strings_add_all(&a, &j->host);
   strings_add(&a, "-o");
   strings_add(&a, output);
   if (!j->relocatable_link)
      strings_add(&a, "-Wl,--start-group");
   for (size_t i = 0; i < j->link.v.len; i++) {
      const char *word = j->link.v.data[i];
      if (!strcmp(word, NVCC_INPUT_MARK))
         word = objects->v.data[input++];
      if (!is_device_image(j, word))
         strings_add(&a, word);
   }
   if (device)
      strings_add(&a, device);
   if (!j->relocatable_link) {
      add_runtime(j, &a);
      strings_add(&a, "-Wl,--end-group");
   }
   int status = nvcc_run(j, &a);
   strings_finish(&a);
   return status;
}

static int
make_archive(struct nvcc_job *j, const struct strings *objects, const char *output)
{
   struct strings a = {0};
   strings_add(&a, j->archiver ? j->archiver : "ar");
   strings_add(&a, "rcs");
   strings_add_all(&a, &j->archive);
   strings_add(&a, output);
   strings_add_all(&a, objects);
   int status = nvcc_run(j, &a);
   strings_finish(&a);
   return status;
}

int
nvcc_link_objects(struct nvcc_job *j, const struct strings *objects, const char *output)
{
   if (j->mode == NVCC_LIBRARY && !j->device_link)
      return make_archive(j, objects, output);
   struct strings files = {0};
   list_device_files(j, objects, &files);
   int status = TOOL_OK;
   bool made = false;
   bool image = j->mode == NVCC_PTX || j->mode == NVCC_CUBIN || j->mode == NVCC_FATBIN;
   char *device = NULL;
   if (j->device_link)
      status = nvcc_device_link(j, &files, output, image ? j->mode : NVCC_LINK, &made);
   else {
      if (!j->no_device_link && !j->relocatable_link) {
         device = nvcc_temp_name(j, "device-link", ".o");
         status = j->temp_failed ? TOOL_FAILED
                                 : nvcc_device_link(j, &files, device, NVCC_LINK, &made);
      }
      if (!status)
         status = link_host(j, objects, made ? device : NULL, output);
   }
   strings_finish(&files);
   base_free(device);
   return status;
}
