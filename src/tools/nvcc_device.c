/* SPDX-License-Identifier: Apache-2.0
 * The device link: which of the files given hold device code that was compiled apart,
 * which members of archives that code (or the host's) needs, whether their PTX fits
 * together; and the object by which the host program hands all of it over as one module
 * (include/kasuri/device_link.h). The PTX itself stays in the objects. */
#include "tools/nvcc_priv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "image/image.h"
#include "ptx/ptx.h"

#define WRAP "__fatbinwrap"
#define ENTRY "__cudaRegisterLinkedBinary"

struct object {
   char *name; /* "a.o", "libx.a(a.o)" */
   bool in_archive, linked;
   struct strings ids, defined, undefined; /* the host's symbols */
   struct strings code;                    /* PTX, one text a unit */
   VEC(struct ir_module *) ir;             /* the same */
};

struct device_link {
   struct nvcc_job *job;
   VEC(struct object *) objects;
   struct map *settled; /* ids that an earlier device link has served */
   struct map *host;    /* symbol: the member that defines it */
   struct map *device;
   VEC(struct object *) work;
   struct diag diag;
   const char *file; /* while its members are read */
   bool archive, failed;
};

static void
note_symbol(void *user, const char *name, enum image_symbol kind)
{
   struct object *o = user;
   if (kind == IMAGE_DEFINED) {
      strings_add(&o->defined, name);
      if (!strncmp(name, WRAP, strlen(WRAP)))
         strings_add(&o->ids, name + strlen(WRAP));
   } else if (kind == IMAGE_UNDEFINED)
      strings_add(&o->undefined, name);
}

static bool
read_code(struct device_link *k, struct object *o, const void *data, size_t size)
{
   struct image im;
   struct str why = {0};
   bool ok = image_open(&im, data, size, &why) == IMAGE_OK;
   if (!ok)
      tool_error("nvcc", "%s: %s", o->name, str_get(&why));
   for (uint32_t u = 0; ok && u < im.units; u++) {
      const struct image_part *p = image_choose(&im, u, k->job->archs.data[0].sm);
      if (!p)
         continue;
      strings_add(&o->code, p->ptx);
      vec_push(&o->ir, ptx_parse(p->ptx, p->size, o->name, &k->diag));
   }
   str_finish(&why);
   image_finish(&im);
   return ok;
}

static bool
add_member(void *user, const char *name, const void *data, size_t size)
{
   struct device_link *k = user;
   struct object *o = base_calloc(1, sizeof *o);
   enum nvcc_input kind = nvcc_input_kind(k->job, k->file);
   bool image = kind == NVCC_PTX_TEXT || kind == NVCC_IMAGE;
   o->in_archive = k->archive;
   o->linked = !k->archive;
   o->name = k->archive ? tool_printf("%s(%s)", k->file, name) : base_strdup(name);
   vec_push(&k->objects, o);
   if (!image)
      image_each_symbol(data, size, note_symbol, o);
   if ((image || o->ids.v.len) && !read_code(k, o, data, size))
      k->failed = true;
   return true;
}

static bool
add_file(struct device_link *k, const char *path)
{
   size_t size;
   char *data = tool_read_file(path, &size);
   struct str why = {0};
   if (!data) {
      tool_error("nvcc", "%s: %s", path, strerror(errno));
      return false;
   }
   k->file = path;
   k->archive = size >= 8 && !memcmp(data, "!<arch>\n", 8);
   bool ok = image_each_member(data, size, path, add_member, k, &why);
   if (!ok)
      tool_error("nvcc", "%s: %s", path, str_get(&why));
   str_finish(&why);
   base_free(data);
   return ok && !k->failed;
}

/* -- Which members of archives take part. */
static void
index_defined(struct device_link *k, struct object *o)
{
   for (size_t i = 0; i < o->defined.v.len; i++) {
      const char *name = o->defined.v.data[i];
      if (!strncmp(name, ENTRY, strlen(ENTRY)))
         map_set(k->settled, name + strlen(ENTRY), o);
      if (!map_find(k->host, name))
         map_set(k->host, name, o);
   }
   for (size_t u = 0; u < o->ir.len; u++) {
      const struct ir_module *m = o->ir.data[u];
      for (size_t i = 0; i < m->funcs.len; i++) {
         const struct ir_func *f = m->funcs.data[i];
         if (f->first_block && f->linkage != IR_LOCAL_LINKAGE &&
             !map_find(k->device, f->name))
            map_set(k->device, f->name, o);
      }
      for (size_t i = 0; i < m->syms.len; i++) {
         const struct ir_sym *s = m->syms.data[i];
         if (!s->func && s->linkage != IR_LOCAL_LINKAGE && s->linkage != IR_EXTERN &&
             !map_find(k->device, s->name))
            map_set(k->device, s->name, o);
      }
   }
}

static void
take(struct device_link *k, struct object *o)
{
   if (!o || o->linked)
      return;
   o->linked = true;
   vec_push(&k->work, o);
}

static void
take_device(void *user, const char *name, struct src_loc loc, bool is_function)
{
   struct device_link *k = user;
   take(k, map_find(k->device, name));
}

static void
choose_members(struct device_link *k)
{
   for (size_t i = 0; i < k->objects.len; i++) {
      index_defined(k, k->objects.data[i]);
      if (k->objects.data[i]->linked)
         vec_push(&k->work, k->objects.data[i]);
   }
   while (k->work.len) {
      struct object *o = vec_pop(&k->work);
      for (size_t i = 0; i < o->undefined.v.len; i++)
         take(k, map_find(k->host, o->undefined.v.data[i]));
      for (size_t u = 0; u < o->ir.len; u++)
         ir_undefined(o->ir.data[u], take_device, k);
   }
}

/* -- Whether it fits together. */
static bool
is_settled(const struct device_link *k, const struct object *o)
{
   return o->ids.v.len && map_find(k->settled, o->ids.v.data[0]);
}

static void
report_undefined(void *user, const char *name, struct src_loc loc, bool is_function)
{
   struct device_link *k = user;
   tool_error("nvcc", "device link: undefined reference to %s '%s' in %s",
              is_function ? "function" : "variable", name, loc.file ? loc.file : "PTX");
   k->failed = true;
}

/* Links the modules, which only a printed link needs afterwards. */
static struct ir_module *
link_code(struct device_link *k)
{
   VEC(struct ir_module *) parts = {0};
   struct ir_module *first = NULL;
   for (size_t i = 0; i < k->objects.len; i++) {
      const struct object *o = k->objects.data[i];
      for (size_t u = 0; o->linked && !is_settled(k, o) && u < o->ir.len; u++)
         vec_push(&parts, o->ir.data[u]);
   }
   if (parts.len && !k->diag.errors && ir_link(parts.data, parts.len, &k->diag)) {
      first = parts.data[0];
      ir_undefined(first, report_undefined, k);
   }
   struct str text = {0};
   if (k->diag.errors)
      diag_print(&k->diag, &text);
   fputs(str_get(&text), stderr);
   k->failed |= k->diag.errors > 0;
   str_finish(&text);
   vec_finish(&parts);
   return first;
}

/* -- What comes of it. */
static void
collect_code(const struct device_link *k, bool images_only, struct strings *code)
{
   for (size_t i = 0; i < k->objects.len; i++) {
      const struct object *o = k->objects.data[i];
      if (o->linked && !is_settled(k, o) && !(images_only && o->ids.v.len))
         strings_add_all(code, &o->code);
   }
}

static bool
write_image(const struct device_link *k, const struct ir_module *linked,
            enum nvcc_mode form, const char *output)
{
   struct nvcc_arch arch = k->job->archs.data[0];
   struct strings code = {0};
   struct str out = {0}, text = {0};
   bool ok = true;
   collect_code(k, false, &code);
   if (form == NVCC_CUBIN) {
      struct image_source *src = base_calloc(code.v.len + 1, sizeof *src);
      for (size_t i = 0; i < code.v.len; i++)
         src[i] = (struct image_source){.ptx = code.v.data[i],
                                        .size = strlen(code.v.data[i]),
                                        .sm = arch.sm,
                                        .suffix = arch.suffix};
      ok = image_pack_linked(&out, src, code.v.len);
      base_free(src);
   } else {
      ptx_print(&text, linked);
      struct image_source src = {
         .ptx = str_get(&text), .size = text.len, .sm = arch.sm, .suffix = arch.suffix};
      if (form == NVCC_FATBIN)
         ok = image_pack(&out, &src, 1, IMAGE_STORE);
      else
         str_append_n(&out, str_get(&text), text.len);
   }
   if (ok && !tool_write_file(output, str_get(&out), out.len)) {
      tool_error("nvcc", "cannot write %s: %s", output, strerror(errno));
      ok = false;
   }
   strings_finish(&code);
   str_finish(&out);
   str_finish(&text);
   return ok;
}

/* Images without a host object travel in the link's own; NULL where there are none. */
static char *
write_images(struct device_link *k)
{
   struct strings code = {0};
   struct str out = {0};
   char *path = NULL;
   bool ok = true;
   collect_code(k, true, &code);
   for (size_t i = 0; ok && i < code.v.len; i++) {
      struct image_source src = {.ptx = code.v.data[i],
                                 .size = strlen(code.v.data[i]),
                                 .sm = k->job->archs.data[0].sm};
      ok = image_pack(&out, &src, 1, IMAGE_STORE);
   }
   if (code.v.len) {
      path = nvcc_temp_name(k->job, "device-link", ".images");
      k->failed |= !ok || !tool_write_file(path, str_get(&out), out.len);
   }
   strings_finish(&code);
   str_finish(&out);
   return path;
}

static int
write_object(struct device_link *k, const char *object)
{
   struct nvcc_job *j = k->job;
   struct str text = {0};
   char *images = write_images(k), *source = nvcc_temp_name(j, "device-link", ".c");
   str_append(&text, "#define KASURI_UNITS(X)");
   for (size_t i = 0; i < k->objects.len; i++) {
      const struct object *o = k->objects.data[i];
      for (size_t n = 0; !is_settled(k, o) && n < o->ids.v.len; n++)
         str_printf(&text, " X(%s, %s)", o->ids.v.data[n],
                    o->linked ? "" : "KASURI_WEAK");
   }
   str_append(&text, "\n");
   if (images)
      str_printf(&text, "#define KASURI_IMAGES \"%s\"\n", images);
   str_append(&text, "#include \"kasuri/device_link.h\"\n");
   int status = TOOL_FAILED;
   if (j->dry_run || (!k->failed && tool_write_file(source, text.data, text.len))) {
      struct strings a = {0};
      strings_add(&a, tool_clang());
      static const char *const words[] = {"-xc", "-std=gnu11", "-O1", "-fPIC", "-c"};
      for (size_t i = 0; i < ARRAY_LEN(words); i++)
         strings_add(&a, words[i]);
      strings_addf(&a, "-isystem%s/include", tool_cuda_folder());
      strings_add(&a, source);
      strings_add(&a, "-o");
      strings_add(&a, object);
      status = nvcc_run(j, &a);
      strings_finish(&a);
   } else
      tool_error("nvcc", "cannot write %s: %s", source, strerror(errno));
   str_finish(&text);
   base_free(images);
   base_free(source);
   return status;
}

static void
finish(struct device_link *k)
{
   for (size_t i = 0; i < k->objects.len; i++) {
      struct object *o = k->objects.data[i];
      struct strings *lists[] = {&o->ids, &o->defined, &o->undefined, &o->code};
      for (size_t n = 0; n < ARRAY_LEN(lists); n++)
         strings_finish(lists[n]);
      for (size_t u = 0; u < o->ir.len; u++)
         ir_module_destroy(o->ir.data[u]);
      vec_finish(&o->ir);
      base_free(o->name);
      base_free(o);
   }
   vec_finish(&k->objects);
   vec_finish(&k->work);
   map_destroy(k->settled);
   map_destroy(k->host);
   map_destroy(k->device);
   diag_finish(&k->diag);
}

static bool
has_code(const struct device_link *k)
{
   for (size_t i = 0; i < k->objects.len; i++) {
      const struct object *o = k->objects.data[i];
      if (o->code.v.len && !is_settled(k, o))
         return true;
   }
   return false;
}

int
nvcc_device_link(struct nvcc_job *j, const struct strings *files, const char *output,
                 enum nvcc_mode form, bool *made)
{
   struct device_link k = {.job = j};
   k.settled = map_create();
   k.host = map_create();
   k.device = map_create();
   diag_init(&k.diag);
   bool ok = true;
   for (size_t i = 0; ok && !j->dry_run && i < files->v.len; i++)
      ok = add_file(&k, files->v.data[i]);
   int status = ok ? TOOL_OK : TOOL_FAILED;
   *made = ok && (j->device_link || (j->dry_run && j->rdc == 1) || has_code(&k));
   if (*made) {
      choose_members(&k);
      struct ir_module *linked = link_code(&k);
      if (k.failed)
         status = TOOL_FAILED;
      else if (form == NVCC_LINK)
         status = write_object(&k, output);
      else if (!linked) {
         tool_error("nvcc", "device link: there is no device code to link");
         status = TOOL_FAILED;
      } else
         status = write_image(&k, linked, form, output) ? TOOL_OK : TOOL_FAILED;
   }
   finish(&k);
   return status;
}
