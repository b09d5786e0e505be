/* SPDX-License-Identifier: Apache-2.0
 * Strings, diagnostics, settings and the clock. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base.h"

void
str_append_n(struct str *s, const char *text, size_t n)
{
   if (s->len + n + 1 > s->cap) {
      s->cap = MAX2(s->len + n + 1, s->cap * 2);
      s->data = base_realloc(s->data, s->cap);
   }
   memcpy(s->data + s->len, text, n);
   s->len += n;
   s->data[s->len] = 0;
}

void
str_append(struct str *s, const char *text)
{
   str_append_n(s, text, strlen(text));
}

void
str_vprintf(struct str *s, const char *fmt, va_list ap)
{
   va_list again;
   va_copy(again, ap);
   int n = vsnprintf(NULL, 0, fmt, ap);
   if (n > 0) {
      char *buf = base_alloc((size_t)n + 1);
      vsnprintf(buf, (size_t)n + 1, fmt, again);
      str_append_n(s, buf, (size_t)n);
      base_free(buf);
   }
   va_end(again);
}

void
str_printf(struct str *s, const char *fmt, ...)
{
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(s, fmt, ap);
   va_end(ap);
}

const char *
str_get(const struct str *s)
{
   return s->data ? s->data : "";
}

char *
str_take(struct str *s)
{
   char *p = s->data ? s->data : base_strdup("");
   *s = (struct str){0};
   return p;
}

void
str_finish(struct str *s)
{
   base_free(s->data);
   *s = (struct str){0};
}

void
diag_init(struct diag *d)
{
   *d = (struct diag){0};
}

void
diag_finish(struct diag *d)
{
   for (size_t i = 0; i < d->msgs.len; i++) {
      base_free(d->msgs.data[i].text);
      base_free((char *)d->msgs.data[i].loc.file);
   }
   vec_finish(&d->msgs);
}

#define DIAG_LIMIT 200

void
diag_report(struct diag *d, enum diag_level level, struct src_loc loc, const char *id,
            const char *fmt, ...)
{
   if (level == DIAG_ERROR)
      d->errors++;
   else if (level == DIAG_WARNING)
      d->warnings++;
   if (d->msgs.len >= (d->limit ? d->limit : DIAG_LIMIT))
      return;
   struct str s = {0};
   va_list ap;
   va_start(ap, fmt);
   str_vprintf(&s, fmt, ap);
   va_end(ap);
   /* Messages outlive the module whose file they name. */
   loc.file = loc.file ? base_strdup(loc.file) : NULL;
   struct diag_msg msg = {level, loc, id, str_take(&s)};
   vec_push(&d->msgs, msg);
}

void
diag_print(const struct diag *d, struct str *out)
{
   static const char *const names[] = {"note", "warning", "error"};
   for (size_t i = 0; i < d->msgs.len; i++) {
      const struct diag_msg *m = &d->msgs.data[i];
      if (m->loc.file || m->loc.line)
         str_printf(out, "%s:%u:%u: ", m->loc.file ? m->loc.file : "<ptx>", m->loc.line,
                    m->loc.col);
      str_printf(out, "%s: %s [%s]\n", names[m->level], m->text, m->id);
   }
   size_t kept = d->limit ? d->limit : DIAG_LIMIT;
   if (d->errors > kept)
      str_printf(out, "note: %zu more errors not shown [too-many-errors]\n",
                 d->errors - kept);
}

const char *
base_getenv(const char *name)
{
   const char *v = getenv(name);
   return v && *v ? v : NULL;
}

bool
base_parse_size(const char *text, uint64_t *v)
{
   static const char units[] = "kKmMgGtT";
   char *end;
   errno = 0;
   unsigned long long n = strtoull(text, &end, 0);
   const char *unit = *end ? strchr(units, *end) : NULL;
   unsigned shift = unit ? ((unsigned)(unit - units) / 2 + 1) * 10 : 0;
   if (end == text || end[shift != 0] || errno || strchr(text, '-') ||
       (shift && n >> (64 - shift)))
      return false;
   *v = (uint64_t)n << shift;
   return true;
}

uint64_t
base_getenv_size(const char *name, uint64_t dflt)
{
   const char *v = base_getenv(name);
   if (!v)
      return dflt;
   if (!base_parse_size(v, &dflt))
      fprintf(stderr,
              "kasuri: warning: %s=%s is not a number such as 512M; using the default\n",
              name, v);
   return dflt;
}

uint64_t
base_hash(const void *data, size_t n, uint64_t seed)
{
   const unsigned char *p = data;
   for (size_t i = 0; i < n; i++)
      seed = (seed ^ p[i]) * 0x100000001b3ull;
   return seed;
}

uint64_t
base_now_ns(void)
{
   struct timespec t;
   clock_gettime(CLOCK_MONOTONIC, &t);
   return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
