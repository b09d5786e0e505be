/* SPDX-License-Identifier: Apache-2.0
 * The tracer: what is asked for (KASURI_TRACE and its filter), and when a call's two
 * halves are written. The first half is written before the call and nothing is buffered,
 * so that a program that dies inside a call, or by a signal, has told which. */
#include "trace_priv.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
   pthread_once_t once;
   pthread_mutex_t lock; /* of all below, and of the order of lines */
   bool on, json, nested;
   int fd;
   const char *filter;
   uint64_t begin, calls;
   uint64_t open_call; /* whose first half ends what was written; 0: none */
} trace = {.once = PTHREAD_ONCE_INIT, .lock = PTHREAD_MUTEX_INITIALIZER, .fd = 2};

/* Without a filter: what compilers make programs call beside the launch itself. */
static const char not_of_interest[] =
   "!__cudaRegister*,!__kasuriRegister*,!__cudaUnregister*,!__cudaInitModule,"
   "!__cudaPushCallConfiguration,!__cudaPopCallConfiguration,!__cudaGetKernel";

static _Thread_local unsigned depth; /* calls into Kasuri that this thread is in */

static void
after_fork(void)
{
   pthread_mutex_init(&trace.lock, NULL);
}

/* [text|json][:FILE], or a file's name; see docs/settings.md. */
static void
read_settings(void)
{
   const char *s = base_getenv("KASURI_TRACE"), *file = s;
   if (!s)
      return;
   size_t word = strcspn(s, ":");
   trace.json = word == 4 && !strncmp(s, "json", 4);
   if (trace.json || (word == 4 && !strncmp(s, "text", 4)))
      file = s[word] ? s + word + 1 : NULL;
   if (file) {
      int fd = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
      if (fd < 0)
         fprintf(stderr, "kasuri: trace: %s: %s; it goes to stderr\n", file,
                 strerror(errno));
      else
         trace.fd = fd;
   }
   const char *filter = base_getenv("KASURI_TRACE_FILTER");
   trace.filter = base_strdup(filter ? filter : not_of_interest);
   trace.nested = base_getenv("KASURI_TRACE_NESTED") != NULL;
   trace.begin = base_now_ns();
   trace.on = true;
   pthread_atfork(NULL, NULL, after_fork);
}

bool
kasuri_trace_start(const struct trace_library *l)
{
   pthread_once(&trace.once, read_settings);
   return trace.on && l->version == TRACE_VERSION;
}

/* Patterns between commas: a call is shown if it matches one, or there is none, and not
 * if it matches one after '!'. */
static bool
filter_takes(const char *filter, const char *name)
{
   bool any = false, taken = false;
   for (const char *p = filter; *p;) {
      size_t n = strcspn(p, ",");
      bool not = *p == '!';
      char *pattern = base_strndup(p + not, n - not);
      bool match = fnmatch(pattern, name, 0) == 0;
      base_free(pattern);
      if (not&&match)
         return false;
      any |= n && !not;
      taken |= n && !not && match;
      p += n + (p[n] == ',');
   }
   return taken || !any;
}

static bool
is_shown(struct trace_func *f)
{
   int8_t s = __atomic_load_n(&f->shown, __ATOMIC_RELAXED);
   if (!s) {
      s = filter_takes(trace.filter, f->name) ? 1 : -1;
      __atomic_store_n(&f->shown, s, __ATOMIC_RELAXED);
   }
   return s > 0 && (depth == 1 || trace.nested);
}

static void
write_out(const struct str *s)
{
   for (size_t at = 0; at < s->len;) {
      ssize_t n = write(trace.fd, s->data + at, s->len - at);
      if (n < 0 && errno != EINTR)
         return;
      at += n > 0 ? (size_t)n : 0;
   }
}

static long
thread_id(void)
{
   return syscall(SYS_gettid);
}

static void
head(struct str *s)
{
   str_printf(s, "[%ld] %*s", thread_id(), 2 * (int)(depth - 1), "");
}

/* -- Text: NAME(PARAMETERS) = RESULT, OUTPUTS <TIME>; strace's form where two threads'
 * calls overlap. */
static void
enter_text(struct trace_call *c, struct str *s)
{
   if (trace.open_call)
      str_append(s, " <unfinished>\n");
   head(s);
   str_printf(s, "%s(", c->func->name);
   trace_print_params(s, c, false, TRACE_FORM_TEXT);
   str_append(s, ")");
   trace.open_call = c->id;
}

static void
leave_text(struct trace_call *c, const void *result, uint64_t ns, struct str *s)
{
   if (trace.open_call != c->id) {
      if (trace.open_call)
         str_append(s, " <unfinished>\n");
      head(s);
      str_printf(s, "<%s resumed>", c->func->name);
   }
   str_append(s, " = ");
   if (result)
      trace_print_value(s, c->func->result, result, c->library, TRACE_FORM_TEXT);
   else
      str_append(s, "void");
   if (trace_succeeded(c->func, result))
      trace_print_params(s, c, true, TRACE_FORM_TEXT);
   str_printf(s, " <%.1f us>\n", (double)ns / 1e3);
   trace.open_call = 0;
}

/* -- JSON: one object a line; a call that never returned has no second one. */
static void
enter_json(struct trace_call *c, struct str *s)
{
   str_printf(s,
              "{\"call\":%llu,\"thread\":%ld,\"depth\":%u,\"at\":%.1f,\"name\":\"%s\","
              "\"args\":{",
              (unsigned long long)c->id, thread_id(), depth - 1,
              (double)(c->start - trace.begin) / 1e3, c->func->name);
   trace_print_params(s, c, false, TRACE_FORM_JSON);
   str_append(s, "}}\n");
}

static void
leave_json(struct trace_call *c, const void *result, uint64_t ns, struct str *s)
{
   str_printf(s, "{\"return\":%llu,\"time\":%.1f,\"result\":", (unsigned long long)c->id,
              (double)ns / 1e3);
   if (result)
      trace_print_value(s, c->func->result, result, c->library, TRACE_FORM_JSON);
   else
      str_append(s, "null");
   str_append(s, ",\"out\":{");
   if (trace_succeeded(c->func, result))
      trace_print_params(s, c, true, TRACE_FORM_JSON);
   str_append(s, "}}\n");
}

void
kasuri_trace_enter(struct trace_call *c)
{
   int saved = errno;
   depth++;
   c->shown = is_shown(c->func);
   c->start = base_now_ns();
   if (c->shown) {
      struct str s = {0};
      pthread_mutex_lock(&trace.lock);
      c->id = ++trace.calls;
      (trace.json ? enter_json : enter_text)(c, &s);
      write_out(&s);
      pthread_mutex_unlock(&trace.lock);
      str_finish(&s);
      c->start = base_now_ns(); /* writing is not the call's time */
   }
   errno = saved;
}

void
kasuri_trace_leave(struct trace_call *c, const void *result)
{
   int saved = errno;
   if (c->shown) {
      uint64_t ns = base_now_ns() - c->start;
      struct str s = {0};
      pthread_mutex_lock(&trace.lock);
      (trace.json ? leave_json : leave_text)(c, result, ns, &s);
      write_out(&s);
      pthread_mutex_unlock(&trace.lock);
      str_finish(&s);
   }
   depth--;
   errno = saved;
}
