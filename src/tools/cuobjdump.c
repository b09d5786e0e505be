/* SPDX-License-Identifier: Apache-2.0
 * `cuobjdump`: lists, prints and extracts the device code in executables, objects,
 * archives, libraries, fatbins and cubins, with the loader's own readers. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "image/image.h"
#include "tools/options.h"

struct cuobjdump {
   char *extract_ptx, *extract_elf, *arch;
   bool list_ptx, list_elf, dump_ptx, all, sass, elf;
};

#define AT(field) offsetof(struct cuobjdump, field)
static const struct tool_option options[] = {
   {"list-ptx", "lptx", OPTION_FLAG, false, AT(list_ptx), "list the PTX files within"},
   {"list-elf", "lelf", OPTION_FLAG, false, AT(list_elf),
    "list the ELF files of machine code within"},
   {"dump-ptx", "ptx", OPTION_FLAG, false, AT(dump_ptx), "print the PTX"},
   {"extract-ptx", "xptx", OPTION_TEXT, false, AT(extract_ptx),
    "write PTX files of which the name has VALUE, or all"},
   {"extract-elf", "xelf", OPTION_TEXT, false, AT(extract_elf), "the same for ELF files"},
   {"gpu-architecture", "arch", OPTION_TEXT, false, AT(arch), "only this target: sm_80"},
   {"all-fatbin", "all", OPTION_FLAG, false, AT(all),
    "print everything (as without -ptx)"},
   {"dump-sass", "sass", OPTION_FLAG, false, AT(sass), NULL},
   {"dump-elf", "elf", OPTION_FLAG, false, AT(elf), NULL},
};
static const char about[] =
   "usage: cuobjdump [OPTIONS] FILE…\n\n"
   "Shows the device code in executables, objects, archives, shared libraries, fatbins "
   "and\n"
   "cubins. Machine code is listed and extracted, not disassembled.\n";
static const struct tool_usage usage = {"cuobjdump", about, options, ARRAY_LEN(options)};

struct dump {
   const struct cuobjdump *what;
   const char *file; /* outermost */
   size_t ptx, elf;  /* parts seen so far: they number the names */
   bool failed;
};

static bool
wanted(const struct dump *d, const struct image_part *p)
{
   char name[32];
   snprintf(name, sizeof name, "sm_%u%.1s", p->sm, &p->suffix);
   return !d->what->arch || !p->sm || !strcmp(d->what->arch, name);
}

/* "a.1.sm_80.ptx": the file, the part's number, its target. */
static char *
part_name(struct dump *d, const struct image_part *p, const char *file)
{
   const char *base = tool_basename(file);
   bool ptx = p->kind == IMAGE_PTX;
   size_t number = ptx ? ++d->ptx : ++d->elf;
   char *stem = base_strndup(base, strlen(base) - strlen(tool_extension(base)));
   char *target = p->sm ? tool_printf(".sm_%u%.1s", p->sm, &p->suffix) : base_strdup("");
   char *name = tool_printf("%s.%zu%s.%s", stem, number, target,
                            ptx                     ? "ptx"
                            : p->kind == IMAGE_SASS ? "cubin"
                                                    : "ltoir");
   base_free(target);
   base_free(stem);
   return name;
}

static void
print_ptx(const struct image_part *p)
{
   printf("\nFatbin ptx code:\n================\n");
   if (p->sm)
      printf("arch = sm_%u%.1s\n", p->sm, &p->suffix);
   if (p->name)
      printf("identifier = %s\n", p->name);
   printf("%s\n%s\n", p->compressed ? "compressed" : "", p->ptx);
}

static void
print_elf(const struct image_part *p)
{
   printf("\nFatbin %s code:\n================\n",
          p->kind == IMAGE_SASS ? "elf" : "lto ir");
   if (p->sm)
      printf("arch = sm_%u%.1s\n", p->sm, &p->suffix);
   printf("size = %zu bytes%s\n", p->size, p->compressed ? ", compressed" : "");
}

static void
extract(struct dump *d, const struct image_part *p, const char *name, const char *pattern)
{
   struct str out = {0}, why = {0};
   if (strcmp(pattern, "all") && !strstr(name, pattern))
      return;
   bool ok = true;
   if (p->ptx)
      str_append_n(&out, p->ptx, p->size);
   else
      ok = image_extract(p, &out, &why);
   if (!ok)
      tool_error("cuobjdump", "%s: %s", name, str_get(&why));
   else if (!tool_write_file(name, str_get(&out), out.len)) {
      tool_error("cuobjdump", "cannot write %s: %s", name, strerror(errno));
      ok = false;
   } else
      printf("Extracting %s file and writing to %s\n", p->ptx ? "PTX" : "ELF", name);
   d->failed |= !ok;
   str_finish(&out);
   str_finish(&why);
}

static void
show_part(struct dump *d, const struct image_part *p, const char *file)
{
   const struct cuobjdump *w = d->what;
   bool ptx = p->kind == IMAGE_PTX;
   bool plain =
      !w->list_ptx && !w->list_elf && !w->dump_ptx && !w->extract_ptx && !w->extract_elf;
   if (!wanted(d, p))
      return;
   char *name = part_name(d, p, file);
   if (ptx ? w->list_ptx : w->list_elf)
      printf("%s file %4zu: %s\n", ptx ? "PTX" : "ELF", ptx ? d->ptx : d->elf, name);
   if (ptx && (w->dump_ptx || w->all || plain))
      print_ptx(p);
   if (!ptx && (w->all || plain))
      print_elf(p);
   const char *pattern = ptx ? w->extract_ptx : w->extract_elf;
   if (pattern)
      extract(d, p, name, pattern);
   base_free(name);
}

static bool
show_member(void *user, const char *name, const void *data, size_t size)
{
   struct dump *d = user;
   struct image im;
   struct str why = {0};
   if (strcmp(name, d->file))
      printf("\nmember %s:%s:\n", d->file, name);
   enum image_status st = image_scan(&im, data, size, &why);
   const struct image_part *first = im.parts.len ? &im.parts.data[0] : NULL;
   if (st == IMAGE_OK && first && first->ptx && !first->stored &&
       !strstr(first->ptx, ".version")) {
      str_append(&why, "neither PTX text, nor a fatbin, nor an ELF file");
      st = IMAGE_INVALID;
   }
   if (st == IMAGE_OK) {
      for (size_t i = 0; i < im.parts.len; i++)
         if (im.parts.data[i].stored || im.parts.data[i].ptx)
            show_part(d, &im.parts.data[i], name);
   } else {
      tool_error("cuobjdump", "%s: %s", name, str_get(&why));
      d->failed = true;
   }
   str_finish(&why);
   image_finish(&im);
   return true;
}

static bool
show_file(const struct cuobjdump *what, const char *path)
{
   struct dump d = {.what = what, .file = path};
   struct str why = {0};
   size_t size;
   char *data = tool_read_file(path, &size);
   if (!data)
      tool_error("cuobjdump", "%s: %s", path, strerror(errno));
   bool ok = data && image_each_member(data, size, path, show_member, &d, &why);
   if (data && !ok)
      tool_error("cuobjdump", "%s: %s", path, str_get(&why));
   if (ok && !d.failed && !d.ptx && !d.elf)
      printf("cuobjdump info    : File '%s' does not contain device code\n", path);
   str_finish(&why);
   base_free(data);
   return ok && !d.failed;
}

static int
run(int argc, char **argv)
{
   struct cuobjdump w = {0};
   struct strings inputs = {0};
   int status;
   if (tool_parse(&usage, argc, argv, &w, &inputs, &status)) {
      if (w.sass || w.elf) {
         tool_error("cuobjdump",
                    "-%s: there is no disassembler of NVIDIA's machine code; "
                    "-ptx prints PTX, -xelf all writes the machine code",
                    w.sass ? "sass" : "elf");
         status = TOOL_USAGE;
      } else if (!inputs.v.len) {
         tool_error("cuobjdump", "no input files (try --help)");
         status = TOOL_USAGE;
      }
      for (size_t i = 0; status != TOOL_USAGE && i < inputs.v.len; i++)
         if (!show_file(&w, inputs.v.data[i]))
            status = TOOL_FAILED;
   }
   strings_finish(&inputs);
   base_free(w.extract_ptx);
   base_free(w.extract_elf);
   base_free(w.arch);
   return status;
}

const struct tool_command tool_cuobjdump = {
   .name = "cuobjdump",
   .summary = "show the device code in a file",
   .run = run,
};
