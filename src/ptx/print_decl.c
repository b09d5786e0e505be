/* SPDX-License-Identifier: Apache-2.0
 * Printing what stands outside of bodies: the module's head, variables with their initial
 * values, functions' heads. */
#include <string.h>

#include "ptx_print.h"

static const char *const linkage_words[] = {[IR_LOCAL_LINKAGE] = "",
                                            [IR_VISIBLE] = ".visible ",
                                            [IR_EXTERN] = ".extern ",
                                            [IR_WEAK] = ".weak ",
                                            [IR_COMMON] = ".common "};
static const char *const opaque_words[] = {"", "texref", "samplerref", "surfref"};

static uint64_t
elem_size(unsigned type)
{
   unsigned bits = isa_type_bits(type);
   return bits >= 8 ? bits / 8 : 1;
}

/* ".align 8 .b32 name[4]" */
static void
print_typed(struct str *out, unsigned type, unsigned opaque, uint32_t align,
            uint64_t size, const char *name, bool open)
{
   uint64_t elem = elem_size(type);
   if (opaque) {
      str_printf(out, ".%s %s", opaque_words[opaque & 3], name);
      return;
   }
   str_printf(out, ".align %u .%s %s", align ? align : 1, isa_type_name(type), name);
   if (open || !size)
      str_append(out, "[]");
   else if (size != elem)
      str_printf(out, "[%llu]", (unsigned long long)(size / elem));
}

void
ptx_print_params(struct str *out, const struct ir_param *list, uint32_t n,
                 const char *name)
{
   str_append(out, "(");
   for (uint32_t k = 0; k < n; k++) {
      const struct ir_param *q = &list[k];
      str_append(out, k ? ", .param " : ".param ");
      print_typed(out, q->type, q->opaque, q->align, q->size, name ? name : q->name,
                  false);
   }
   str_append(out, ")");
}

static const struct ir_reloc *
reloc_at(const struct ir_sym *s, uint64_t offset, uint32_t *next)
{
   /* Relocations come in the order of their offsets. */
   while (*next < s->nrelocs && s->relocs[*next].offset < offset)
      ++*next;
   return *next < s->nrelocs && s->relocs[*next].offset == offset ? &s->relocs[*next]
                                                                  : NULL;
}

static void
print_reloc(struct str *out, const struct ir_reloc *r)
{
   if (r->bytes == 1)
      str_printf(out, "0x%llx(", 0xffull << r->shift);
   str_printf(out, r->generic ? "generic(%s)" : "%s", r->sym->name);
   if (r->addend)
      str_printf(out, "%+lld", (long long)r->addend);
   if (r->bytes == 1)
      str_append(out, ")");
}

static void
print_element(struct str *out, const struct ir_sym *s, uint64_t at, uint64_t elem)
{
   uint64_t bits = 0;
   memcpy(&bits, s->init + at, MIN2(elem, 8u));
   if (s->elem_type == ISA_F32)
      str_printf(out, "0f%08llX", (unsigned long long)bits);
   else if (s->elem_type == ISA_F64)
      str_printf(out, "0d%016llX", (unsigned long long)bits);
   else
      str_printf(out, bits < 65536 ? "%llu" : "0x%llx", (unsigned long long)bits);
}

static void
print_init(struct str *out, const struct ir_sym *s)
{
   uint64_t elem = elem_size(s->elem_type);
   bool braces = s->size != elem;
   uint32_t next = 0;
   str_append(out, braces ? " = {" : " = ");
   for (uint64_t at = 0; at + elem <= s->size; at += elem) {
      const struct ir_reloc *r = reloc_at(s, at, &next);
      if (at)
         str_append(out, ", ");
      if (r)
         print_reloc(out, r);
      else
         print_element(out, s, at, elem);
   }
   str_append(out, braces ? "}" : "");
}

void
ptx_print_var(struct str *out, const struct ir_sym *s, const char *name)
{
   static const char *const spaces[ISA_SPACE_COUNT] = {
      [ISA_GLOBAL] = "global", [ISA_CONST] = "const",      [ISA_SHARED] = "shared",
      [ISA_LOCAL] = "local",   [ISA_PARAM_FUNC] = "param", [ISA_SPACE_TEX] = "tex"};
   const char *space = s->space < ISA_SPACE_COUNT ? spaces[s->space] : NULL;
   str_printf(out, "%s.%s ", linkage_words[s->linkage], space ? space : "unprintable");
   if (s->managed)
      str_append(out, ".attribute(.managed) ");
   if (s->unified)
      str_append(out, ".attribute(.unified) ");
   bool open = !s->size && (s->linkage == IR_EXTERN || s->space == ISA_SHARED);
   print_typed(out, s->elem_type, s->opaque, s->align, s->size, name, open);
   if (s->init)
      print_init(out, s);
   str_append(out, ";\n");
}

static void
print_numbers(struct str *out, const char *word, const uint32_t *n, unsigned count)
{
   if (!n[0])
      return;
   str_printf(out, "\n.%s %u", word, n[0]);
   for (unsigned k = 1; k < count; k++)
      str_printf(out, ", %u", n[k]);
}

static void
print_head(struct str *out, const struct ir_func *f)
{
   str_printf(out, "%s%s ", linkage_words[f->linkage], f->is_kernel ? ".entry" : ".func");
   if (f->nrets) {
      ptx_print_params(out, f->rets, f->nrets, NULL);
      str_append(out, " ");
   }
   str_append(out, f->name);
   ptx_print_params(out, f->params, f->nparams, NULL);
   print_numbers(out, "maxntid", f->maxntid, 3);
   print_numbers(out, "reqntid", f->reqntid, 3);
   print_numbers(out, "reqnctapercluster", f->cluster_dim, 3);
   print_numbers(out, "minnctapersm", &f->minnctapersm, 1);
   print_numbers(out, "maxnreg", &f->maxnreg, 1);
   print_numbers(out, "maxclusterrank", &f->maxclusterrank, 1);
   str_append(out, f->explicit_cluster ? "\n.explicitcluster" : "");
   str_append(out, f->blocks_are_clusters ? "\n.blocksareclusters" : "");
   str_append(out, f->noreturn ? "\n.noreturn" : "");
}

static void
print_module_head(struct str *out, const struct ir_module *m)
{
   str_printf(out, ".version %u.%u\n.target sm_%u", m->ptx_major, m->ptx_minor, m->sm);
   if (m->sm_suffix)
      str_append_n(out, &m->sm_suffix, 1);
   str_printf(out, "\n.address_size %u\n", m->address_size);
   for (size_t k = 0; k < m->files.len; k++) {
      if (m->files.data[k])
         str_printf(out, ".file %zu \"%s\"\n", k, m->files.data[k]);
   }
}

/* Names of module scope, which a body must not take for its own. */
static struct map *
module_names(const struct ir_module *m, const struct ir_func *f)
{
   struct map *names = map_create();
   for (size_t k = 0; k < m->syms.len; k++)
      map_set(names, m->syms.data[k]->name, (void *)1);
   for (size_t k = 0; k < m->funcs.len; k++)
      map_set(names, m->funcs.data[k]->name, (void *)1);
   for (uint32_t k = 0; k < f->nparams + f->nrets; k++) {
      const struct ir_param *q = k < f->nrets ? &f->rets[k] : &f->params[k - f->nrets];
      map_set(names, q->name, (void *)1);
   }
   return names;
}

static void
print_bodies(struct str *out, const struct ir_module *m, bool kernels)
{
   for (size_t k = 0; k < m->funcs.len; k++) {
      const struct ir_func *f = m->funcs.data[k];
      if (f->is_extern || f->is_kernel != kernels)
         continue;
      struct map *names = module_names(m, f);
      print_head(out, f);
      str_append(out, "\n");
      ptx_print_body(out, f, names);
      map_destroy(names);
   }
}

void
ptx_print(struct str *out, const struct ir_module *m)
{
   print_module_head(out, m);
   for (size_t k = 0; k < m->funcs.len; k++) {
      const struct ir_func *f = m->funcs.data[k];
      if (f->is_kernel && !f->is_extern)
         continue; /* nothing refers to a kernel before its definition */
      print_head(out, f);
      str_append(out, ";\n");
   }
   for (size_t k = 0; k < m->syms.len; k++) {
      if (!m->syms.data[k]->func)
         ptx_print_var(out, m->syms.data[k], m->syms.data[k]->name);
   }
   for (size_t k = 0; k < m->funcs.len; k++) {
      const struct ir_func *f = m->funcs.data[k];
      if (f->alias)
         str_printf(out, ".alias %s, %s;\n", f->name, f->alias->name);
   }
   print_bodies(out, m, false);
   print_bodies(out, m, true);
}
