/* SPDX-License-Identifier: Apache-2.0
 * `fatbinary`: packs PTX, and machine code where there is some, into a fatbin, and writes
 * the C file by which a program carries one. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "image/image.h"
#include "tools/nvcc_priv.h"
#include "tools/options.h"

struct fatbinary {
   char *create, *embedded, *mode, *ident;
   struct strings images, images2, images3;
   bool device_c, compress_all;
};

#define AT(field) offsetof(struct fatbinary, field)
static const struct tool_option options[] = {
   {"create", NULL, OPTION_TEXT, false, AT(create), "name of the fatbin"},
   {"embedded-fatbin", "fatbin", OPTION_TEXT, false, AT(embedded),
    "C file that defines the fatbin and its wrapper"},
   {"image3", NULL, OPTION_LIST, false, AT(images3),
    "kind=ptx|elf,sm=80,file=NAME; may be repeated"},
   {"image2", NULL, OPTION_LIST, false, AT(images2), "kind=ptx|elf,file=NAME"},
   {"image", NULL, OPTION_LIST, false, AT(images), "profile=compute_80|sm_80,file=NAME"},
   {"device-c", "c", OPTION_FLAG, false, AT(device_c),
    "the embedded fatbin is one of several to be linked"},
   {"ident", NULL, OPTION_TEXT, false, AT(ident), "name noted with the code"},
   {"compress-mode", NULL, OPTION_TEXT, false, AT(mode),
    "none, or default, size, speed, balance: zstd"},
   {"compress-all", NULL, OPTION_FLAG, false, AT(compress_all), "the same as default"},
   {"64", NULL, OPTION_SILENT, false, 0, NULL},
   {"compress", NULL, OPTION_SILENT, true, 0, NULL},
   {"cmdline", NULL, OPTION_SILENT, true, 0, NULL},
   {"cicc-cmdline", NULL, OPTION_SILENT, true, 0, NULL},
   {"debug", "g", OPTION_SILENT, false, 0, NULL},
   {"host", NULL, OPTION_SILENT, true, 0, NULL},
   {"link", NULL, OPTION_SILENT, false, 0, NULL},
   {"no-asm", NULL, OPTION_SILENT, false, 0, NULL},
};
static const char about[] =
   "usage: fatbinary [OPTIONS] --create FILE --image3=kind=ptx,sm=80,file=FILE.ptx …\n\n"
   "Packs PTX, and machine code where there is some, into a fatbin.\n";
static const struct tool_usage usage = {"fatbinary", about, options, ARRAY_LEN(options)};

struct packing {
   const struct fatbinary *f;
   VEC(struct image_source) sources;
   struct arena *arena; /* owns their texts */
   bool failed;
};

/* What "key=" says in "kind=ptx,sm=80,file=x"; caller frees. A file's name may hold
 * commas, and so comes last. */
static char *
value_of(const char *spec, const char *key)
{
   size_t n = strlen(key);
   for (const char *p = spec; p; p = strchr(p, ','), p = p ? p + 1 : NULL)
      if (!strncmp(p, key, n))
         return base_strndup(p + n,
                             strcmp(key, "file=") ? strcspn(p + n, ",") : strlen(p + n));
   return NULL;
}

static void
add_source(struct packing *k, const void *data, size_t size, enum image_kind kind,
           struct nvcc_arch arch)
{
   for (size_t i = 0; i < k->sources.len; i++) {
      const struct image_source *s = &k->sources.data[i];
      if (s->kind == kind && s->sm == arch.sm && s->suffix == arch.suffix)
         return; /* an image of ours and the PTX it was made of */
   }
   char *copy = arena_alloc(k->arena, size + 1);
   memcpy(copy, data, size);
   vec_push(&k->sources, (struct image_source){.ptx = copy,
                                               .size = size,
                                               .kind = kind,
                                               .sm = arch.sm,
                                               .suffix = arch.suffix,
                                               .name = k->f->ident});
}

/* A cubin of ours holds PTX, and goes in as such; of others the bytes go in. */
static bool
add_elf(struct packing *k, const char *path, const char *data, size_t size,
        struct nvcc_arch arch)
{
   struct image im;
   struct str why = {0};
   enum image_status st = image_scan(&im, data, size, &why);
   bool ok = st == IMAGE_OK && im.units <= 1;
   if (st != IMAGE_OK)
      tool_error("fatbinary", "%s: %s", path, str_get(&why));
   else if (!ok)
      tool_error("fatbinary",
                 "%s holds %u files to be linked: nvlink -emit-ptx makes one "
                 "PTX of them",
                 path, im.units);
   else if (im.units)
      for (size_t i = 0; i < im.parts.len; i++) {
         const struct image_part *p = &im.parts.data[i];
         if (p->ptx)
            add_source(k, p->ptx, p->size, IMAGE_PTX, arch);
      }
   else
      add_source(k, data, size, IMAGE_SASS, arch);
   str_finish(&why);
   image_finish(&im);
   return ok;
}

static bool
add_file(struct packing *k, const char *path, bool ptx, struct nvcc_arch arch)
{
   size_t size;
   char *data = tool_read_file(path, &size);
   if (!data) {
      tool_error("fatbinary", "%s: %s", path, strerror(errno));
      return false;
   }
   bool elf = size >= 4 && !memcmp(data, "\177ELF", 4), ok = true;
   if (elf)
      ok = add_elf(k, path, data, size, arch);
   else if (ptx)
      add_source(k, data, strlen(data), IMAGE_PTX, arch);
   else {
      tool_error("fatbinary", "%s is no ELF file", path);
      ok = false;
   }
   base_free(data);
   return ok;
}

static bool
add_image(struct packing *k, const char *spec)
{
   char *kind = value_of(spec, "kind="), *sm = value_of(spec, "sm=");
   char *profile = value_of(spec, "profile="), *file = value_of(spec, "file=");
   char *target =
      sm ? tool_printf("sm_%s", sm) : base_strdup(profile ? profile : "sm_75");
   struct nvcc_arch arch;
   bool ok = false,
        ptx = kind ? !strcmp(kind, "ptx") : profile && !strncmp(profile, "compute_", 8);
   if (!file)
      tool_error("fatbinary", "'%s' names no file", spec);
   else if (kind && !ptx && strcmp(kind, "elf"))
      tool_error("fatbinary", "images are of kind ptx or elf, not '%s'", kind);
   else if (!nvcc_parse_arch(target, &arch))
      tool_error("fatbinary", "unknown architecture '%s'", target);
   else
      ok = add_file(k, file, ptx, arch);
   char *owned[] = {kind, sm, profile, file, target};
   for (size_t i = 0; i < ARRAY_LEN(owned); i++)
      base_free(owned[i]);
   return ok;
}

/* The layout that compilers register: the fatbin in its section, the wrapper in its own.
 */
static bool
write_embedded(const struct fatbinary *f, const struct str *fatbin)
{
   struct str out = {0};
   str_printf(&out,
              "static const unsigned long long fatbinData[]\n"
              "   __attribute__((aligned(8), section(\"%s\"))) = {\n",
              f->device_c ? "__nv_relfatbin" : ".nv_fatbin");
   for (size_t at = 0; at < fatbin->len; at += 8) {
      uint64_t word = 0;
      for (unsigned i = 0; i < 8 && at + i < fatbin->len; i++)
         word |= (uint64_t)(uint8_t)fatbin->data[at + i] << (8 * i);
      str_printf(&out, "0x%016llxull,%s", (unsigned long long)word,
                 at / 8 % 4 == 3 ? "\n" : "");
   }
   str_append(&out, "};\n"
                    "static const struct {\n"
                    "   unsigned magic, version;\n"
                    "   const unsigned long long *data;\n"
                    "   const void *list;\n"
                    "} __fatDeviceText __attribute__((aligned(8), "
                    "section(\".nvFatBinSegment\"), used)) =\n"
                    "   {0x466243b1, 1, fatbinData, 0};\n");
   bool ok = tool_write_file(f->embedded, out.data, out.len);
   if (!ok)
      tool_error("fatbinary", "cannot write %s: %s", f->embedded, strerror(errno));
   str_finish(&out);
   return ok;
}

static int
pack(const struct fatbinary *f)
{
   struct packing k = {.f = f, .arena = arena_create()};
   const struct strings *lists[] = {&f->images, &f->images2, &f->images3};
   struct str out = {0};
   bool ok = true;
   for (size_t l = 0; l < ARRAY_LEN(lists); l++)
      for (size_t i = 0; ok && i < lists[l]->v.len; i++)
         ok = add_image(&k, lists[l]->v.data[i]);
   enum image_compression how =
      f->compress_all || (f->mode && strcmp(f->mode, "none")) ? IMAGE_ZSTD : IMAGE_STORE;
   if (ok && !image_pack(&out, k.sources.data, k.sources.len, how)) {
      tool_error("fatbinary", "the images cannot be packed");
      ok = false;
   }
   if (ok && f->create && !tool_write_file(f->create, out.data, out.len)) {
      tool_error("fatbinary", "cannot write %s: %s", f->create, strerror(errno));
      ok = false;
   }
   ok = ok && (!f->embedded || write_embedded(f, &out));
   str_finish(&out);
   vec_finish(&k.sources);
   arena_destroy(k.arena);
   return ok ? TOOL_OK : TOOL_FAILED;
}

static int
run(int argc, char **argv)
{
   struct fatbinary f = {0};
   struct strings inputs = {0};
   int status;
   if (tool_parse(&usage, argc, argv, &f, &inputs, &status)) {
      if (inputs.v.len)
         tool_error("fatbinary", "unknown argument '%s' (try --help)", inputs.v.data[0]);
      else if (!f.create && !f.embedded)
         tool_error("fatbinary", "--create or --embedded-fatbin says where to write");
      else
         status = pack(&f);
      if (inputs.v.len || (!f.create && !f.embedded))
         status = TOOL_USAGE;
   }
   struct strings *lists[] = {&inputs, &f.images, &f.images2, &f.images3};
   for (size_t i = 0; i < ARRAY_LEN(lists); i++)
      strings_finish(lists[i]);
   char *texts[] = {f.create, f.embedded, f.mode, f.ident};
   for (size_t i = 0; i < ARRAY_LEN(texts); i++)
      base_free(texts[i]);
   return status;
}

const struct tool_command tool_fatbinary = {
   .name = "fatbinary",
   .summary = "pack PTX into a fatbin",
   .run = run,
};
