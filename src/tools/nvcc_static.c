/* SPDX-License-Identifier: Apache-2.0
 * Mends what clang 19 writes of static variables when files are compiled apart. One that
 * the host uses as well is defined under a name that no other file has, NAME__static__ID;
 * but code that clang had written before it saw the host's use refers to NAME, which is
 * declared extern and defined nowhere. Such uses get the definition's name here. */
#include "tools/nvcc_priv.h"

#include <string.h>

#define MARK "__static__"

static bool
in_name(char c)
{
   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
          c == '_' || c == '$' || c == '%';
}

/* NAME to NAME__static__ID, of all definitions. */
static struct map *
find_definitions(const char *ptx, struct strings *names)
{
   struct map *m = map_create();
   for (const char *p = ptx; (p = strstr(p, MARK)); p += strlen(MARK)) {
      const char *start = p, *end = p;
      while (start > ptx && in_name(start[-1]))
         start--;
      while (in_name(*end))
         end++;
      if (!map_find_n(m, start, (size_t)(p - start))) {
         char *full = base_strndup(start, (size_t)(end - start));
         strings_add(names, full);
         map_set_n(m, start, (size_t)(p - start), vec_last(&names->v));
         base_free(full);
      }
   }
   return m;
}

static void
rewrite_line(const struct map *m, const char *line, size_t n, struct str *out)
{
   bool declaration = !strncmp(line, ".extern", MIN2(n, 7));
   size_t before = out->len;
   for (size_t i = 0; i < n;) {
      size_t len = 0;
      while (i + len < n && in_name(line[i + len]))
         len++;
      const char *full = len ? map_find_n(m, line + i, len) : NULL;
      if (full && declaration) {
         out->len = before; /* the definition follows */
         return;
      }
      if (full)
         str_append(out, full);
      else
         str_append_n(out, line + i, MAX2(len, 1));
      i += MAX2(len, 1);
   }
}

char *
nvcc_mend_statics(char *ptx, size_t *size)
{
   struct strings names = {0};
   struct map *m = find_definitions(ptx, &names);
   if (names.v.len) {
      struct str out = {0};
      for (const char *line = ptx; *line;) {
         size_t n = strcspn(line, "\n");
         n += line[n] == '\n';
         rewrite_line(m, line, n, &out);
         line += n;
      }
      *size = out.len;
      base_free(ptx);
      ptx = str_take(&out);
   }
   map_destroy(m);
   strings_finish(&names);
   return ptx;
}
