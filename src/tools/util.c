/* SPDX-License-Identifier: Apache-2.0
 * Small helpers of the command: string lists, complaints, nearest words, files. */
#include "tools/tools.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
strings_add(struct strings *s, const char *text)
{
   vec_push(&s->v, base_strdup(text));
}

char *
tool_printf(const char *fmt, ...)
{
   struct str out = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&out, fmt, ap);
   va_end(ap);
   return out.data ? str_take(&out) : base_strdup("");
}

void
strings_addf(struct strings *s, const char *fmt, ...)
{
   struct str out = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&out, fmt, ap);
   va_end(ap);
   vec_push(&s->v, out.data ? str_take(&out) : base_strdup(""));
}

void
strings_add_all(struct strings *s, const struct strings *other)
{
   for (size_t i = 0; i < other->v.len; i++)
      strings_add(s, other->v.data[i]);
}

void
strings_add_split(struct strings *s, const char *text, char at)
{
   while (*text) {
      const char *end = strchr(text, at);
      size_t n = end ? (size_t)(end - text) : strlen(text);
      if (n)
         vec_push(&s->v, base_strndup(text, n));
      text += n + (end ? 1 : 0);
   }
}

void
tool_split(struct strings *out, const char *text, bool commas)
{
   struct str word = {0};
   bool in_word = false;
   char quote = 0;
   for (const char *p = text;; p++) {
      bool gap = !quote && (isspace((unsigned char)*p) || (commas && *p == ','));
      if (*p == 0 || gap) {
         if (in_word)
            strings_add(out, str_get(&word));
         in_word = false;
         word.len = 0;
         if (word.data)
            word.data[0] = 0;
         if (!*p)
            break;
         continue;
      }
      in_word = true;
      if (quote && *p == quote)
         quote = 0;
      else if (!quote && (*p == '"' || *p == '\''))
         quote = *p;
      else {
         if (*p == '\\' && quote != '\'' && p[1])
            p++;
         str_append_n(&word, p, 1);
      }
   }
   str_finish(&word);
}

char **
strings_argv(struct strings *s)
{
   vec_push(&s->v, NULL);
   s->v.len--;
   return s->v.data;
}

void
strings_finish(struct strings *s)
{
   for (size_t i = 0; i < s->v.len; i++)
      base_free(s->v.data[i]);
   vec_finish(&s->v);
}

static void
complain(const char *who, const char *level, const char *fmt, va_list ap)
{
   struct str text = {0};
   str_vprintf(&text, fmt, ap);
   fprintf(stderr, "kasuri%s%s: %s: %s\n", *who ? " " : "", who, level, str_get(&text));
   str_finish(&text);
}

void
tool_error(const char *who, const char *fmt, ...)
{
   va_list ap;
   va_start(ap, fmt);
   complain(who, "error", fmt, ap);
   va_end(ap);
}

void
tool_warn(const char *who, const char *fmt, ...)
{
   va_list ap;
   va_start(ap, fmt);
   complain(who, "warning", fmt, ap);
   va_end(ap);
}

/* Edit distance in which two neighbours swapped count once; words are short. */
static size_t
distance(const char *a, const char *b)
{
   size_t rows[3][64], nb = strlen(b);
   if (nb >= ARRAY_LEN(rows[0]) || strlen(a) >= ARRAY_LEN(rows[0]))
      return SIZE_MAX;
   size_t *before = rows[0], *above = rows[1], *row = rows[2];
   for (size_t j = 0; j <= nb; j++)
      above[j] = j;
   for (size_t i = 1; a[i - 1]; i++) {
      row[0] = i;
      for (size_t j = 1; j <= nb; j++) {
         size_t d = MIN2(above[j], row[j - 1]) + 1;
         d = MIN2(d, above[j - 1] + (a[i - 1] != b[j - 1]));
         if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
            d = MIN2(d, before[j - 2] + 1);
         row[j] = d;
      }
      size_t *free_row = before;
      before = above;
      above = row;
      row = free_row;
   }
   return above[nb];
}

void
tool_print_json(FILE *f, const char *text)
{
   putc('"', f);
   for (; *text; text++) {
      unsigned char c = (unsigned char)*text;
      if (c == '"' || c == '\\')
         fprintf(f, "\\%c", c);
      else if (c < 32)
         fprintf(f, "\\u%04x", c);
      else
         putc(c, f);
   }
   putc('"', f);
}

const char *
tool_nearest(const char *word, const char *const *candidates)
{
   const char *best = NULL;
   size_t best_distance = MAX2(strlen(word) / 3, 1) + 1;
   for (; *candidates; candidates++) {
      size_t d = distance(word, *candidates);
      if (d < best_distance) {
         best = *candidates;
         best_distance = d;
      }
   }
   return best;
}

bool
tool_exists(const char *path)
{
   return access(path, F_OK) == 0;
}

bool
tool_is_folder(const char *path)
{
   struct stat st;
   return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
tool_make_folders(const char *path)
{
   char *p = base_strdup(path);
   for (char *s = p + 1; *s; s++) {
      if (*s != '/')
         continue;
      *s = 0;
      (void)mkdir(p, 0777);
      *s = '/';
   }
   bool ok = mkdir(p, 0777) == 0 || (errno == EEXIST && tool_is_folder(p));
   base_free(p);
   return ok;
}

char *
tool_read_file(const char *path, size_t *size)
{
   int fd = open(path, O_RDONLY | O_CLOEXEC);
   if (fd < 0)
      return NULL;
   struct str out = {0};
   char buffer[65536];
   ssize_t n;
   while ((n = read(fd, buffer, sizeof buffer)) > 0)
      str_append_n(&out, buffer, (size_t)n);
   int saved = errno;
   close(fd);
   if (n < 0) {
      str_finish(&out);
      errno = saved;
      return NULL;
   }
   if (size)
      *size = out.len;
   return out.data ? str_take(&out) : base_strdup("");
}

bool
tool_write_file(const char *path, const void *data, size_t size)
{
   FILE *f = fopen(path, "wb");
   if (!f)
      return false;
   bool ok = fwrite(data, 1, size, f) == size;
   return (fclose(f) == 0) && ok;
}

bool
tool_remove_tree(const char *path)
{
   struct stat st;
   if (lstat(path, &st) != 0)
      return errno == ENOENT;
   if (!S_ISDIR(st.st_mode))
      return unlink(path) == 0;
   DIR *d = opendir(path);
   if (!d)
      return false;
   bool ok = true;
   for (struct dirent *e; (e = readdir(d));) {
      if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
         continue;
      char *child = tool_printf("%s/%s", path, e->d_name);
      ok &= tool_remove_tree(child);
      base_free(child);
   }
   closedir(d);
   return rmdir(path) == 0 && ok;
}

uint64_t
tool_tree_size(const char *path, uint64_t *files)
{
   struct stat st;
   if (lstat(path, &st) != 0)
      return 0;
   if (!S_ISDIR(st.st_mode)) {
      *files += 1;
      return (uint64_t)st.st_size;
   }
   DIR *d = opendir(path);
   uint64_t total = 0;
   if (!d)
      return 0;
   for (struct dirent *e; (e = readdir(d));) {
      if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
         continue;
      char *child = tool_printf("%s/%s", path, e->d_name);
      total += tool_tree_size(child, files);
      base_free(child);
   }
   closedir(d);
   return total;
}

const char *
tool_basename(const char *path)
{
   const char *slash = strrchr(path, '/');
   return slash ? slash + 1 : path;
}

const char *
tool_extension(const char *path)
{
   const char *base = tool_basename(path), *dot = strrchr(base, '.');
   return dot && dot != base ? dot : "";
}

char *
tool_temp_folder(void)
{
   const char *tmp = base_getenv("TMPDIR");
   char *path = tool_printf("%s/kasuri-XXXXXX", tmp ? tmp : "/tmp");
   if (mkdtemp(path))
      return path;
   tool_error("", "cannot make a temporary folder %s: %s", path, strerror(errno));
   base_free(path);
   return NULL;
}
